"""Sums, means, extremes, positions and running totals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras.ops.operation import operation
from tenfold.keras.promotion import TensorLike, countable, floating, promoted, result_type

Axis = int | Sequence[int] | None
_WIDER = {"bool": "int32", "int8": "int32", "int16": "int32", "uint8": "uint32", "uint16": "uint32"}


def _wide(x: TensorLike) -> Tensor:
    """The operand as a tensor; small integers become ones of 32 bits, as sums of them do."""
    x = convert(x)
    return tf.cast(x, _WIDER[x.dtype.name]) if x.dtype.name in _WIDER else x


def _with_bools(function: Callable[..., Tensor], for_bools: Callable[..., Tensor], x: Tensor, *args: Any) -> Tensor:
    return (for_bools if x.dtype.is_bool else function)(x, *args)


@operation
def sum(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The sum over axes.

    Args:
      x: tensor of any shape; bools and small integers are summed in int32 or uint32.
      axis: int, ints, or None for all axes.
      keepdims: whether reduced axes stay, with size 1.
    Example:
      >>> print(tf.keras.ops.sum([[1, 2], [3, 4]], axis=0).numpy())
      [4 6]
    """
    return tf.reduce_sum(_wide(x), axis, keepdims)


@operation
def prod(x: TensorLike, axis: Axis = None, keepdims: bool = False, dtype: Any = None) -> Tensor:
    """The product over axes, of bools and small integers in int32 or uint32, or in `dtype`."""
    x = _wide(x)
    x = tf.cast(x, dtype or result_type(x.dtype))
    return tf.reduce_prod(x, axis, keepdims)


@operation
def mean(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The mean over axes; of integers in `floatx`.

    Args:
      x: tensor of any shape.
      axis: int, ints, or None for all axes.
      keepdims: whether reduced axes stay, with size 1.
    Example:
      >>> print(tf.keras.ops.mean([1, 2]).numpy())
      1.5
    """
    return tf.reduce_mean(floating(x), axis, keepdims)


@operation
def max(x: TensorLike, axis: Axis = None, keepdims: bool = False, initial: float | None = None) -> Tensor:
    """The greatest element along axes, at least `initial`.

    Example:
      >>> print(tf.keras.ops.max([[1, 5], [3, 2]], axis=1).numpy())
      [5 3]
    """
    x = convert(x)
    found = _with_bools(tf.reduce_max, tf.reduce_any, x, axis, keepdims)
    return found if initial is None else _with_bools(tf.maximum, tf.logical_or, found, tf.cast(initial, x.dtype))


@operation
def min(x: TensorLike, axis: Axis = None, keepdims: bool = False, initial: float | None = None) -> Tensor:
    """The least element along axes, at most `initial`.

    Example:
      >>> print(tf.keras.ops.min([[1, 5], [3, 2]], axis=1).numpy())
      [1 2]
    """
    x = convert(x)
    found = _with_bools(tf.reduce_min, tf.reduce_all, x, axis, keepdims)
    return found if initial is None else _with_bools(tf.minimum, tf.logical_and, found, tf.cast(initial, x.dtype))


@operation
def amax(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The greatest element along axes, as `max`."""
    return max(x, axis, keepdims)


@operation
def amin(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The least element along axes, as `min`."""
    return min(x, axis, keepdims)


@operation
def ptp(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The greatest element along axes, less the least."""
    x = convert(x)
    return tf.reduce_max(x, axis, keepdims) - tf.reduce_min(x, axis, keepdims)


@operation
def all(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Whether all elements along axes are true; numbers are if they are not 0."""
    return tf.reduce_all(tf.cast(convert(x), "bool"), axis, keepdims)


@operation
def any(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Whether an element along axes is true; numbers are if they are not 0."""
    return tf.reduce_any(tf.cast(convert(x), "bool"), axis, keepdims)


@operation
def var(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The mean squared distance from the mean over axes; of integers in `floatx`.

    Example:
      >>> print(tf.keras.ops.var([1, 3]).numpy())
      1.0
    """
    return tf.math.reduce_variance(floating(x), axis, keepdims)


@operation
def std(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The square root of `var`."""
    return tf.math.reduce_std(floating(x), axis, keepdims)


@operation
def count_nonzero(x: TensorLike, axis: Axis = None) -> Tensor:
    """How many elements along axes are not 0, int32."""
    return tf.math.count_nonzero(convert(x), axis, dtype="int32")


@operation
def average(x: TensorLike, axis: Axis = None, weights: TensorLike | None = None) -> Tensor:
    """The mean over axes, weighted if there are weights.

    Args:
      x: tensor of any shape.
      axis: int, ints, or None for all axes.
      weights: None, or a tensor of x's shape, or of shape `(x.shape[axis],)`.
    Example:
      >>> print(tf.keras.ops.average([1.0, 2.0, 6.0], weights=[1.0, 1.0, 2.0]).numpy())
      3.75
    """
    if weights is None:
        return mean(x, axis)
    x, weights = promoted(x, weights, weak=float)
    if len(weights.shape) == 1 < len(x.shape) and isinstance(axis, int):
        shape = [1] * len(x.shape)
        shape[axis] = -1
        weights = tf.reshape(weights, shape)
    return tf.reduce_sum(x * weights, axis) / tf.reduce_sum(tf.ones_like(x) * weights, axis)


def _running(function: Any, x: TensorLike, axis: int | None, dtype: Any) -> Tensor:
    x = convert(x)
    x = tf.cast(x, dtype) if dtype is not None else countable(x)
    return function(tf.reshape(x, [-1]), 0) if axis is None else function(x, axis)


@operation
def cumsum(x: TensorLike, axis: int | None = None, dtype: Any = None) -> Tensor:
    """The sums of the elements so far along an axis, of the flattened tensor if axis is None.

    Example:
      >>> print(tf.keras.ops.cumsum([[1, 2], [3, 4]], axis=1).numpy())
      [[1 3]
       [3 7]]
    """
    return _running(tf.cumsum, x, axis, dtype)


@operation
def cumprod(x: TensorLike, axis: int | None = None, dtype: Any = None) -> Tensor:
    """The products of the elements so far along an axis, of the flattened tensor if axis is None."""
    return _running(tf.math.cumprod, x, axis, dtype)


@operation
def corrcoef(x: TensorLike) -> Tensor:
    """The correlations of the rows of a matrix."""
    x = floating(x)
    centered = x - tf.reduce_mean(x, -1, keepdims=True)
    scaled = centered / tf.sqrt(tf.reduce_sum(tf.square(centered), -1, keepdims=True))
    return tf.matmul(scaled, scaled, transpose_b=True)


@operation
def trapezoid(y: TensorLike, x: TensorLike | None = None, dx: float = 1.0, axis: int = -1) -> Tensor:
    """The integral along an axis by the trapezoidal rule.

    Args:
      y: tensor of any shape.
      x: where the values stand, of shape `(n,)` or y's; or None.
      dx: their distance, without x.
      axis: int.
    Example:
      >>> print(tf.keras.ops.trapezoid([1.0, 2.0, 4.0]).numpy())
      4.5
    """
    values = floating(y)
    axis %= len(values.shape)
    places = [slice(None)] * axis
    middle = (values[(*places, slice(1, None))] + values[(*places, slice(None, -1))]) / 2
    if x is None:
        return tf.reduce_sum(middle * dx, axis)
    at = tf.cast(convert(x), values.dtype)
    if len(at.shape) == 1:
        at = tf.reshape(at, [-1] + [1] * (len(values.shape) - axis - 1))
        return tf.reduce_sum(middle * (at[1:] - at[:-1]), axis)
    return tf.reduce_sum(middle * (at[(*places, slice(1, None))] - at[(*places, slice(None, -1))]), axis)
