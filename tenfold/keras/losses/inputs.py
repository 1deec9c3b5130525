"""What loss functions do to their arguments before they compute."""

from __future__ import annotations

from typing import Any

from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras import config
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops


def same_rank(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Makes ranks that differ by a last axis of size 1 equal: a vector becomes a column, other axes are taken away."""
    m, n = a._array.shape, b._array.shape
    if len(m) == len(n) + 1 and m[-1] == 1:
        return (a, array_ops.expand_dims(b, -1)) if len(n) == 1 else (array_ops.squeeze(a, -1), b)
    if len(n) == len(m) + 1 and n[-1] == 1:
        return (array_ops.expand_dims(a, -1), b) if len(m) == 1 else (a, array_ops.squeeze(b, -1))
    return a, b


def like(y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
    """Targets and predictions as tensors of the predictions' dtype; integers become the default float type."""
    if type(y_pred) is not Tensor:
        y_pred = convert(y_pred)
    if y_pred._array.dtype.kind in "biu":
        y_pred = cast_ops.cast(y_pred, config.floatx())
    if type(y_true) is not Tensor:
        y_true = convert(y_true, None, y_pred.dtype)
    if y_true._array.dtype is not y_pred._array.dtype:
        y_true = cast_ops.cast(y_true, y_pred.dtype)
    return y_true, y_pred


def pair(y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
    """`like`, and of the same rank."""
    return same_rank(*like(y_true, y_pred))
