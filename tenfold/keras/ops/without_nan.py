"""Reductions that leave out what is not a number."""

from __future__ import annotations

from typing import Any

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras.ops.operation import operation
from tenfold.keras.ops.ordering import argmax, argmin
from tenfold.keras.ops.reductions import Axis, cumprod, cumsum, max, min, prod, sum
from tenfold.keras.promotion import TensorLike, floating


def _present(x: TensorLike, other: float) -> tuple[Tensor, Tensor]:
    """The tensor with another number in place of NaNs, and which elements are numbers."""
    x = convert(x)
    if not x.dtype.is_floating:
        return x, tf.ones_like(x, dtype="bool")
    is_number = tf.logical_not(tf.math.is_nan(x))
    return tf.where(is_number, x, tf.cast(other, x.dtype)), is_number


@operation
def nansum(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """`sum` of the elements that are not NaN."""
    return sum(_present(x, 0)[0], axis, keepdims)


@operation
def nanprod(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """`prod` of the elements that are not NaN."""
    return prod(_present(x, 1)[0], axis, keepdims)


@operation
def nanmean(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """`mean` of the elements that are not NaN; NaN where there is none.

    Example:
      >>> print(tf.keras.ops.nanmean([1.0, float("nan"), 3.0]).numpy())
      2.0
    """
    x, is_number = _present(floating(x), 0)
    return tf.reduce_sum(x, axis, keepdims) / tf.reduce_sum(tf.cast(is_number, x.dtype), axis, keepdims)


@operation
def nanvar(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """`var` of the elements that are not NaN."""
    x = floating(x)
    return nanmean(tf.square(x - nanmean(x, axis, True)), axis, keepdims)


@operation
def nanstd(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """`std` of the elements that are not NaN."""
    return tf.sqrt(nanvar(x, axis, keepdims))


@operation
def nancumsum(x: TensorLike, axis: int | None = None, dtype: Any = None) -> Tensor:
    """`cumsum` with 0 for each NaN."""
    return cumsum(_present(x, 0)[0], axis, dtype)


@operation
def nancumprod(x: TensorLike, axis: int | None = None, dtype: Any = None) -> Tensor:
    """`cumprod` with 1 for each NaN."""
    return cumprod(_present(x, 1)[0], axis, dtype)


def _nan_extreme(find: Any, worst: float, x: TensorLike, axis: Axis, keepdims: bool) -> Tensor:
    x, is_number = _present(x, worst)
    found = find(x, axis, keepdims)
    if not x.dtype.is_floating:
        return found
    return tf.where(tf.reduce_any(is_number, axis, keepdims), found, tf.cast(float("nan"), x.dtype))


@operation
def nanmax(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The greatest element that is not NaN; NaN where there is none."""
    return _nan_extreme(max, float("-inf"), x, axis, keepdims)


@operation
def nanmin(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The least element that is not NaN; NaN where there is none."""
    return _nan_extreme(min, float("inf"), x, axis, keepdims)


def _nan_position(find: Any, worst: float, x: TensorLike, axis: int | None, keepdims: bool) -> Tensor:
    x, is_number = _present(floating(x), worst)
    found = find(x, axis, keepdims)
    return tf.where(tf.reduce_any(is_number, axis, keepdims), found, -1)


@operation
def nanargmax(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Where the greatest element that is not NaN is, int32; -1 where there is none."""
    return _nan_position(argmax, float("-inf"), x, axis, keepdims)


@operation
def nanargmin(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Where the least element that is not NaN is, int32; -1 where there is none."""
    return _nan_position(argmin, float("inf"), x, axis, keepdims)
