"""Labels of sequences, and functions of one element after the other."""

from __future__ import annotations

from typing import Any

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras.config import epsilon as epsilon
from tenfold.keras.config import floatx as floatx
from tenfold.keras.config import image_data_format as image_data_format
from tenfold.keras.config import set_epsilon as set_epsilon
from tenfold.keras.config import set_floatx as set_floatx
from tenfold.keras.config import set_image_data_format as set_image_data_format
from tenfold.keras.naming import get_uid as get_uid
from tenfold.keras.naming import reset_uids as reset_uids
from tenfold.keras.promotion import result_type as result_type
from tenfold.keras.session import clear_session as clear_session
from tenfold.keras.session import is_keras_tensor as is_keras_tensor
from tenfold.keras.utils.numerical import standardize_dtype as standardize_dtype


def ctc_batch_cost(y_true: Any, y_pred: Any, input_length: Any, label_length: Any) -> Tensor:
    """`-log` of the probability that shares of classes, the blank last, spell labels, for each row.

    Args:
      y_true: labels, shape `(batch, labels)`.
      y_pred: shares of the classes, as softmax gives them, shape `(batch, time, classes)`.
      input_length: how many steps each row has, shape `(batch, 1)`.
      label_length: how many labels each row has, at least one, shape `(batch, 1)`.
    Returns:
      Tensor of shape `(batch, 1)`.
    Raises:
      tf.errors.InvalidArgumentError: a row has no label, or more labels than steps.
    Example:
      >>> print(tf.keras.backend.ctc_batch_cost([[0]], [[[0.5, 0.5], [0.5, 0.5]]], [[2]], [[1]]).numpy().round(4))
      [[0.2877]]
    """
    frames = tf.cast(tf.squeeze(convert(input_length), -1), tf.int32)
    labels = ctc_label_dense_to_sparse(y_true, tf.cast(tf.squeeze(convert(label_length), -1), tf.int32))
    logits = tf.math.log(tf.transpose(y_pred, (1, 0, 2)) + epsilon())
    values = tf.cast(labels.values, tf.int32)
    return tf.raw_ops.CTCLoss(
        inputs=logits, labels_indices=labels.indices, labels_values=values, sequence_length=frames
    ).loss[:, None]


def ctc_label_dense_to_sparse(labels: Any, label_lengths: Any) -> tf.SparseTensor:
    """The labels `(batch, labels)` of rows of such lengths, as a SparseTensor.

    Example:
      >>> print(tf.keras.backend.ctc_label_dense_to_sparse([[5, 6], [7, 0]], [2, 1]).values.numpy())
      [5 6 7]
    """
    labels = convert(labels)
    indices = tf.where(tf.sequence_mask(label_lengths, tf.shape(labels)[1]))
    return tf.SparseTensor(indices, tf.gather_nd(labels, indices), tf.shape(labels, tf.int64))


def ctc_decode(
    y_pred: Any, input_length: Any, greedy: bool = True, beam_width: int = 100, top_paths: int = 1
) -> tuple[list[Tensor], Tensor]:
    """The labels that shares of classes `(batch, time, classes)`, the blank last, spell.

    Args:
      y_pred: shares of the classes, as softmax gives them.
      input_length: how many steps each row has, shape `(batch,)`.
      greedy: whether the best class of each step is taken; else the likeliest sequences are searched for, of which equal
        neighbours become one, as in Keras.
      beam_width: how many beginnings the search keeps.
      top_paths: how many sequences the search returns.
    Returns:
      List of labels, shape `(batch, time)`, with -1 behind them; and scores as of `tf.nn.ctc_greedy_decoder` and
      `tf.nn.ctc_beam_search_decoder`.
    Example:
      >>> labels, _ = tf.keras.backend.ctc_decode([[[0.9, 0.1], [0.8, 0.2], [0.1, 0.9]]], [3])
      >>> print(labels[0].numpy().tolist())
      [[0, -1, -1]]
    """
    logits = tf.math.log(tf.transpose(y_pred, (1, 0, 2)) + epsilon())
    lengths = tf.cast(convert(input_length), tf.int32)
    if greedy:
        decoded, scores = tf.nn.ctc_greedy_decoder(logits, lengths)
    else:
        found = tf.raw_ops.CTCBeamSearchDecoder(
            inputs=logits, sequence_length=lengths, beam_width=beam_width, top_paths=top_paths
        )
        decoded = [tf.SparseTensor(*parts) for parts in zip(*found[:3], strict=True)]
        scores = found.log_probability
    shape = tf.cast(tf.shape(logits)[1::-1], tf.int64)
    return [tf.sparse.to_dense(tf.SparseTensor(s.indices, s.values, shape), -1) for s in decoded], scores


def map_fn(fn: Any, elems: Any, name: str | None = None, dtype: Any = None) -> Any:
    """A function of each element along the first axis, stacked; `dtype` is that of its results, if another one.

    Example:
      >>> print(tf.keras.backend.map_fn(lambda x: x * x, tf.constant([1, 2, 3])).numpy())
      [1 4 9]
    """
    return tf.map_fn(fn, elems, fn_output_signature=dtype, name=name)


def foldl(fn: Any, elems: Any, initializer: Any = None, name: str | None = None) -> Any:
    """`fn(so far, element)` along the first axis, from its start; the first element is what it begins with by default.

    Example:
      >>> print(tf.keras.backend.foldl(lambda a, x: 10 * a + x, tf.constant([1, 2, 3])).numpy())
      123
    """
    return tf.foldl(fn, elems, initializer, name=name)


def foldr(fn: Any, elems: Any, initializer: Any = None, name: str | None = None) -> Any:
    """`foldl` from the end.

    Example:
      >>> print(tf.keras.backend.foldr(lambda a, x: 10 * a + x, tf.constant([1, 2, 3])).numpy())
      321
    """
    return tf.foldr(fn, elems, initializer, name=name)
