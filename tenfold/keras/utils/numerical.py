"""Labels and vectors: to_categorical, normalize, pad_sequences."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.tensor import Tensor
from tenfold.keras import config


def to_categorical(x: Any, num_classes: int | None = None) -> Any:
    """Numbers of classes as rows with a one at the class.

    Args:
      x: integers, of any shape; a last axis of size 1 is dropped.
      num_classes: number of classes; one more than the highest by default.
    Raises:
      ValueError: a number is out of range.
    Example:
      >>> print(tf.keras.utils.to_categorical([0, 2], num_classes=3))
      [[1. 0. 0.]
       [0. 0. 1.]]
    """
    if isinstance(x, Tensor):
        from tenfold.ops import ranges

        return ranges.one_hot(x, num_classes if num_classes is not None else int(x._array.max()) + 1)
    labels = np.array(x, dtype="int64")
    shape = labels.shape[:-1] if labels.ndim > 1 and labels.shape[-1] == 1 else labels.shape
    labels = labels.reshape(-1)
    if num_classes is None:
        num_classes = int(labels.max()) + 1
    if labels.size and (labels.min() < 0 or labels.max() >= num_classes):
        raise ValueError(
            f"to_categorical: the labels are from {labels.min()} to {labels.max()}; they must be in [0, {num_classes})."
        )
    rows = np.zeros((len(labels), num_classes))
    rows[np.arange(len(labels)), labels] = 1
    return rows.reshape(*shape, num_classes)


def normalize(x: Any, axis: int = -1, order: int = 2) -> Any:
    """Divides by the norm along an axis; what is zero stays zero.

    Example:
      >>> print(tf.keras.utils.normalize(np.array([[3.0, 4.0]])))
      [[0.6 0.8]]
    """
    if isinstance(x, Tensor):
        from tenfold.ops import normalization

        if order == 2:
            return normalization.l2_normalize(x, axis)
        x = x.numpy()
    norm = np.atleast_1d(np.linalg.norm(x, order, axis))
    norm[norm == 0] = 1
    return x / np.expand_dims(norm, axis)


def pad_sequences(
    sequences: Any, maxlen: int | None = None, dtype: Any = "int32", padding: str = "pre", truncating: str = "pre",
    value: Any = 0.0,
) -> np.ndarray:  # fmt: skip
    """Makes one array of sequences of different lengths.

    Args:
      sequences: list of sequences.
      maxlen: length of the rows; the longest sequence's by default.
      dtype: dtype of the array.
      padding, truncating: `"pre"` or `"post"`: where values are added and taken away.
      value: what is added.
    Raises:
      ValueError: an argument is none of these, or the elements have different shapes.
    Example:
      >>> print(tf.keras.utils.pad_sequences([[1], [2, 3]]))
      [[0 1]
       [2 3]]
    """
    if not hasattr(sequences, "__len__"):
        raise ValueError("`sequences` must be iterable.")
    for name, place in (("padding", padding), ("truncating", truncating)):
        if place not in ("pre", "post"):
            raise ValueError(f'{name.capitalize()} type "{place}" not understood; it must be "pre" or "post".')
    try:
        lengths = [len(s) for s in sequences]
    except TypeError as error:
        raise ValueError(f"`sequences` must be a list of iterables. Found non-iterable: {error}") from error
    maxlen = max(lengths, default=0) if maxlen is None else maxlen
    shape = next((np.asarray(s).shape[1:] for s in sequences if len(s)), ())
    is_text = np.issubdtype(np.dtype(dtype), np.str_) if dtype is not object else False
    if isinstance(value, str) and dtype is not object and not is_text:
        raise ValueError(
            f"`dtype` {dtype} is not compatible with `value`'s type: {type(value)}\nYou should set `dtype=object` for variable length strings."
        )
    padded = np.full((len(lengths), maxlen, *shape), value, dtype=dtype)
    for row, sequence in zip(padded, sequences, strict=True):
        if not len(sequence) or not maxlen:
            continue
        kept = np.asarray(sequence[-maxlen:] if truncating == "pre" else sequence[:maxlen], dtype=dtype)
        if kept.shape[1:] != shape:
            raise ValueError(f"Shape of sample {kept.shape[1:]} of sequence is different from expected shape {shape}")
        if padding == "post":
            row[: len(kept)] = kept
        else:
            row[-len(kept) :] = kept
    return padded


def standardize_dtype(dtype: Any) -> str:
    """The name of a dtype; the default float type for None."""
    from tenfold.core.dtypes import as_dtype

    return config.floatx() if dtype is None else as_dtype(dtype).name
