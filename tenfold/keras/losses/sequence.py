"""Connectionist temporal classification: the loss of a sequence of labels without their places in time."""

from __future__ import annotations

from typing import Any

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras.promotion import result_type
from tenfold.ops import cast as cast_ops
from tenfold.ops import creation, logic, reduce, sizes
from tenfold.ops.ctc.loss import ctc_loss


def ctc(y_true: Any, y_pred: Any) -> Tensor:
    """`-log` of the probability that the scores spell the labels (Graves et al., 2006, doi:10.1145/1143844.1143891).

    Args:
      y_true: labels, shape `(batch, labels)`; 0 is the blank and fills up rows that are shorter.
      y_pred: logits of the classes, blank first, shape `(batch, time, classes)`.
    Returns:
      Tensor of shape `(batch,)`.
    Raises:
      ValueError: the ranks are others.
    Example:
      >>> print(tf.keras.losses.ctc([[1]], tf.zeros((1, 2, 2))).numpy().round(4))  # 3 of 4 paths: 11, 01, 10
      [0.2877]
    """
    y_pred, labels = convert(y_pred), convert(y_true)
    if labels.ndim != 2 or y_pred.ndim != 3:
        raise ValueError(
            f"ctc: y_true is {labels._array.shape}, y_pred is {y_pred._array.shape}; they must be (batch, labels) and "
            "(batch, time, classes)."
        )
    labels = cast_ops.cast(labels, dtypes.int32)
    logits = cast_ops.cast(y_pred, result_type(y_pred.dtype, "float32"))
    lengths = reduce.reduce_sum(cast_ops.cast(logic.not_equal(labels, 0), dtypes.int32), 1)
    frames = creation.fill(sizes.shape(y_pred)[:1], sizes.shape(y_pred)[1])
    return ctc_loss(labels, logits, lengths, frames, logits_time_major=False)
