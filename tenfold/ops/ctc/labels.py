"""Label sequences of connectionist temporal classification."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import NotDifferentiable, Op
from tenfold.core.symbol import STAND_IN, Spec
from tenfold.core.tensor import Tensor


def collapse_repeated(labels: Any, seq_length: Any, name: str | None = None) -> tuple[Tensor, Tensor]:
    """Replaces runs of one label by one, as in decoding before blanks are removed.

    Args:
      labels: Tensor of integers, shape `(batch, length)`.
      seq_length: Tensor of integers, shape `(batch,)`; labels from there on are left out.
    Returns:
      Labels, shape `(batch, longest)`, with zeros at the end of shorter sequences; and their lengths.
    Raises:
      tf.errors.InvalidArgumentError: `labels` is not a matrix.
    Example:
      >>> labels, lengths = tf.nn.collapse_repeated([[1, 1, 2, 2, 1], [3, 3, 3, 0, 0]], [5, 3])
      >>> print(labels.numpy().tolist(), lengths.numpy())
      [[1, 2, 1], [3, 0, 0]] [3 1]
    """
    return tuple(_COLLAPSE_REPEATED(convert(labels), convert(seq_length)))


def _collapse_repeated_kernel(rows, ends):
    if rows.ndim != 2:
        raise InvalidArgumentError(f"tf.nn.collapse_repeated: labels is {rows.shape}; it must be (batch, length).")
    if ends.shape != rows.shape[:1] or ends.dtype.kind not in "iu":
        raise InvalidArgumentError(
            f"tf.nn.collapse_repeated: seq_length is {ends.dtype} {ends.shape}; there must be {len(rows)} integers, one "
            "for each row of labels."
        )
    is_kept = np.ones(rows.shape, bool)
    is_kept[:, 1:] = rows[:, 1:] != rows[:, :-1]
    is_kept &= np.arange(rows.shape[1]) < ends[:, None]
    lengths = np.add.reduce(is_kept, 1, dtype=ends.dtype)
    collapsed = np.zeros((rows.shape[0], lengths.max(initial=0)), rows.dtype)
    collapsed[np.arange(collapsed.shape[1]) < lengths[:, None]] = rows[is_kept]
    return collapsed, lengths


_COLLAPSE_REPEATED = Op(
    "CollapseRepeated",
    _collapse_repeated_kernel,
    vjp=NotDifferentiable("the inputs are integers"),
    infer=lambda rows, ends: [Spec(rows.dtype, (rows.shape[0], None), (STAND_IN,)), Spec(ends.dtype, ends.shape)],
)


def ctc_unique_labels(labels: Any, name: str | None = None) -> list[Tensor]:
    """The distinct labels of each row, which `tf.nn.ctc_loss` takes as `unique`.

    Args:
      labels: Tensor of integers, shape `(batch, labels)`.
    Returns:
      List of the distinct labels, int64 of the shape of `labels`, with zeros behind them; and the place among these of each
      label, int32.
    Raises:
      tf.errors.InvalidArgumentError: `labels` is not a matrix.
    Example:
      >>> labels, places = tf.nn.ctc_unique_labels([[3, 4, 4, 3]])
      >>> print(labels.numpy(), places.numpy())
      [[3 4 0 0]] [[0 1 1 0]]
    """
    return list(_UNIQUE_LABELS(convert(labels)))


def _unique_labels_kernel(rows):
    if rows.ndim != 2:
        raise InvalidArgumentError(f"tf.nn.ctc_unique_labels: labels is {rows.shape}; it must be (batch, labels).")
    labels, places = np.zeros(rows.shape, np.int64), np.empty(rows.shape, np.int32)
    for row, distinct, place in zip(rows, labels, places, strict=True):
        found, first, inverse = np.unique(row, return_index=True, return_inverse=True)
        order = np.argsort(first)
        distinct[: len(found)] = found[order]
        place[:] = np.argsort(order)[inverse]
    return labels, places


_UNIQUE_LABELS = Op(
    "CTCUniqueLabels",
    _unique_labels_kernel,
    vjp=NotDifferentiable("the input is integers"),
    infer=lambda rows: [Spec(np.dtype(np.int64), rows.shape), Spec(np.dtype(np.int32), rows.shape)],
)
