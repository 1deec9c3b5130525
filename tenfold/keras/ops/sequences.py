"""Losses and decoders of label sequences (connectionist temporal classification)."""

from __future__ import annotations

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras.ops.operation import operation_of_class
from tenfold.keras.promotion import TensorLike, floating, result_type


def _logits(x: TensorLike) -> Tensor:
    scores = floating(x)
    return tf.cast(scores, result_type(scores.dtype, "float32"))


@operation_of_class("CTCLoss")
def ctc_loss(
    target: TensorLike, output: TensorLike, target_length: TensorLike, output_length: TensorLike, mask_index: int = 0
) -> Tensor:
    """`-log` of the probability that scores `(batch, time, classes)` spell labels `(batch, labels)`.

    Args:
      target: labels, integers.
      output: logits.
      target_length: how many labels each row has.
      output_length: how many steps each row has.
      mask_index: the class of the blank.
    Raises:
      ValueError: the ranks are others.
    Example:
      >>> print(tf.keras.ops.ctc_loss([[1]], tf.zeros((1, 2, 2)), [1], [2]).numpy().round(4))  # 3 of 4 paths: 11, 01, 10
      [0.2877]
    """
    labels = tf.cast(convert(target), tf.int32)
    return tf.nn.ctc_loss(
        labels, _logits(output), target_length, output_length, logits_time_major=False, blank_index=mask_index
    )


@operation_of_class("CTCDecode")
def ctc_decode(
    inputs: TensorLike,
    sequence_lengths: TensorLike,
    strategy: str = "greedy",
    beam_width: int = 100,
    top_paths: int = 1,
    merge_repeated: bool = True,
    mask_index: int = 0,
) -> tuple[Tensor, Tensor]:
    """The labels that scores `(batch, time, classes)` spell.

    Args:
      inputs: logits.
      sequence_lengths: how many steps each row has.
      strategy: `"greedy"`, the best class of each step, or `"beam_search"`.
      beam_width: how many beginnings the search keeps.
      top_paths: how many sequences the search returns.
      merge_repeated: whether `"greedy"` takes equal classes of neighbouring steps as one label.
      mask_index: the class of the blank.
    Returns:
      Labels, int32, shape `(paths, batch, time)`, with -1 behind them; and scores, `(batch, paths)`: logarithms of
      probabilities of `"beam_search"`, else the negative sum of the best logits.
    Raises:
      ValueError: there is no such strategy.
    Example:
      >>> labels, _ = tf.keras.ops.ctc_decode([[[0.0, 2.0], [0.0, 2.0], [2.0, 0.0]]], [3])
      >>> print(labels.numpy().tolist())
      [[[1, -1, -1]]]
    """
    x = tf.transpose(_logits(inputs), (1, 0, 2))
    lengths = tf.cast(convert(sequence_lengths), tf.int32)
    if strategy == "greedy":
        decoded, scores = tf.nn.ctc_greedy_decoder(x, lengths, merge_repeated, mask_index)
    elif strategy == "beam_search":
        blank = mask_index + x.shape[-1] if mask_index < 0 else mask_index
        x = tf.concat([x[..., :blank], x[..., blank + 1 :], x[..., blank : blank + 1]], -1)
        decoded, scores = tf.nn.ctc_beam_search_decoder(x, lengths, beam_width, top_paths)
    else:
        raise ValueError(f"ctc_decode: strategy is {strategy!r}; it must be 'greedy' or 'beam_search'.")
    shape = tf.cast(tf.shape(x)[1::-1], tf.int64)
    found = tf.stack([tf.sparse.to_dense(tf.SparseTensor(s.indices, s.values, shape), -1) for s in decoded])
    found = tf.cast(found, tf.int32)
    return tf.where(found >= blank, found + 1, found) if strategy == "beam_search" else found, scores
