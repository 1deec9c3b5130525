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


def _position(find: Any, x: TensorLike, axis: int | None, keepdims: bool) -> Tensor:
    x = countable(x)
    rank = len(x.shape)
    found = find(tf.reshape(x, [-1]) if axis is None else x, 0 if axis is None else axis, output_type="int32")
    if not keepdims:
        return found
    return tf.reshape(found, [1] * rank) if axis is None else tf.expand_dims(found, axis)


@operation
def argmax(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Where the greatest element along an axis is, the first of several: int32.

    Args:
      x: tensor of any shape.
      axis: int, or None for the position in the flattened tensor.
      keepdims: whether reduced axes stay, with size 1.
    Example:
      >>> print(tf.keras.ops.argmax([[1, 5], [7, 2]], axis=-1).numpy())
      [1 0]
    """
    return _position(tf.argmax, x, axis, keepdims)


@operation
def argmin(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Where the least element along an axis is, the first of several: int32; in the flattened tensor if axis is None."""
    return _position(tf.argmin, x, axis, keepdims)


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
def sort(x: TensorLike, axis: int | None = -1) -> Tensor:
    """The elements in ascending order along an axis, of the flattened tensor if axis is None."""
    x = convert(x)
    as_number = countable(x)
    found = tf.sort(tf.reshape(as_number, [-1]), 0) if axis is None else tf.sort(as_number, axis)
    return tf.cast(found, x.dtype)


@operation
def argsort(x: TensorLike, axis: int | None = -1) -> Tensor:
    """The positions of the elements in ascending order along an axis, int32; equal ones keep their order.

    Example:
      >>> print(tf.keras.ops.argsort([3.0, 1.0, 2.0]).numpy())
      [1 2 0]
    """
    x = countable(x)
    return tf.argsort(tf.reshape(x, [-1]), 0, stable=True) if axis is None else tf.argsort(x, axis, stable=True)


@operation
def searchsorted(sorted_sequence: TensorLike, values: TensorLike, side: str = "left") -> Tensor:
    """Where values would be inserted into an ascending sequence of shape `(n,)`: int32 of the values' shape.

    Raises:
      ValueError: the sequence has another rank than 1.
    Example:
      >>> print(tf.keras.ops.searchsorted([1, 3, 5], [0, 3, 9]).numpy())
      [0 1 3]
    """
    sequence, wanted = promoted(sorted_sequence, values)
    if len(sequence.shape) != 1:
        raise ValueError(f"searchsorted: sorted_sequence has shape {tuple(sequence.shape)}; it must have one axis.")
    return tf.reshape(tf.searchsorted(sequence, tf.reshape(wanted, [-1]), side), tf.shape(wanted))


@operation
def bincount(x: TensorLike, weights: Any = None, minlength: int = 0, sparse: bool = False) -> Tensor:
    """How often each of 0, 1, 2, ... occurs, or the sums of the weights of its occurrences.

    Args:
      x: integers, of shape `(n,)` or `(batch, n)`.
      weights: None, or numbers of x's shape.
      minlength: least number of counts.
      sparse: must be False.
    Raises:
      ValueError: sparse=True.
    Example:
      >>> print(tf.keras.ops.bincount([1, 2, 2], minlength=4).numpy())
      [0 1 2 0]
    """
    if sparse:
        raise ValueError("bincount: sparse=True is not supported; Tenfold has no sparse tensors. Leave it out.")
    x = tf.cast(convert(x), "int32")
    dtype = "int32" if weights is None else result_type(convert(weights).dtype, "int32")
    if weights is not None:
        weights = tf.cast(convert(weights), dtype)
    return tf.math.bincount(x, weights=weights, minlength=minlength, axis=-1, dtype=dtype)


def _moved_last(x: Tensor, axis: Axis) -> tuple[Tensor, int]:
    """The tensor with the axes as one at its end, and how many they were."""
    rank = len(x.shape)
    axes = list(range(rank)) if axis is None else [a % rank for a in ([axis] if isinstance(axis, int) else axis)]
    kept = [a for a in range(rank) if a not in axes]
    moved = tf.transpose(x, [*kept, *axes])
    return tf.reshape(moved, tf.concat([tf.shape(moved)[: len(kept)], [-1]], 0)), rank


@operation
def quantile(x: TensorLike, q: TensorLike, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Tensor:
    """The numbers below which shares `q` of the elements along axes lie.

    Args:
      x: tensor of any shape; integers become `floatx`.
      q: shares from 0 to 1, of shape () or `(k,)`.
      axis: int, ints, or None for all axes.
      method: `"linear"`, `"lower"`, `"higher"`, `"midpoint"` or `"nearest"`: what is between two elements.
      keepdims: whether reduced axes stay, with size 1.
    Returns:
      Tensor of the reduced shape, with an axis of size k before it if q has one.
    Raises:
      ValueError: the method is unknown.
    Example:
      >>> print(tf.keras.ops.quantile([1.0, 2.0, 4.0], 0.25).numpy())
      1.5
    """
    x = floating(x)
    shares = tf.cast(convert(q), x.dtype)
    rows, rank = _moved_last(x, axis)
    rows = tf.sort(rows, -1)
    place = shares * tf.cast(tf.shape(rows)[-1] - 1, x.dtype)
    below, above = (tf.gather(rows, tf.cast(f(place), "int32"), axis=-1) for f in (tf.floor, tf.math.ceil))
    if method == "linear":
        found = below + (above - below) * (place - tf.floor(place))
    elif method == "midpoint":
        found = (below + above) / 2
    elif method == "nearest":
        found = tf.gather(rows, tf.cast(tf.round(place), "int32"), axis=-1)
    elif method in ("lower", "higher"):
        found = below if method == "lower" else above
    else:
        raise ValueError(
            f"quantile: method is {method!r}; it must be 'linear', 'lower', 'higher', 'midpoint' or 'nearest'."
        )
    if len(shares.shape):
        found = tf.transpose(found, [len(found.shape) - 1, *range(len(found.shape) - 1)])
    if keepdims:
        reduced = range(rank) if axis is None else [a % rank for a in ([axis] if isinstance(axis, int) else axis)]
        for a in sorted(reduced):
            found = tf.expand_dims(found, a + len(shares.shape))
    return found


@operation
def percentile(
    x: TensorLike, q: TensorLike, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """`quantile` for shares in percent."""
    return quantile(x, floating(q) / 100, axis, method, keepdims)


@operation
def median(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The number in the middle along axes, the mean of two if there are two.

    Example:
      >>> print(tf.keras.ops.median([1, 2, 10, 4]).numpy())
      3.0
    """
    return quantile(x, 0.5, axis, "linear", keepdims)


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


@operation
def argpartition(x: TensorLike, kth: int, axis: int = -1) -> Tensor:
    """Positions along an axis, int32: no element before the kth is greater than it, none after it is less.

    The order is that of `argsort`, which divides at any kth.
    """
    return argsort(x, axis)


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


@operation
def unique(
    x: TensorLike, sorted: bool = True, return_index: bool = False, return_inverse: bool = False,
    return_counts: bool = False, axis: int | None = None, size: int | None = None, fill_value: Any = None,
) -> Any:  # fmt: skip
    """The different elements, each once.

    Args:
      x: tensor of any shape.
      sorted: whether they are in ascending order, else in that of their first places.
      return_index: whether their first places in the flattened tensor are wanted, int32.
      return_inverse: whether the number among them of each element is wanted, int32 of x's shape.
      return_counts: whether it is wanted how often each occurs, int32.
      axis, size, fill_value: must be None.
    Returns:
      Tensor of shape `(different,)`, or a tuple of it and what else is wanted, in the order of the arguments.
    Raises:
      ValueError: axis, size or fill_value is given.
    Example:
      >>> print(tf.keras.ops.unique([3, 1, 3]).numpy())
      [1 3]
    """
    if axis is not None or size is not None or fill_value is not None:
        raise ValueError("unique: axis, size and fill_value are not supported. Leave them out.")
    x = convert(x)
    values, inverse = tf.unique(tf.reshape(x, [-1]))
    if sorted:
        order = tf.argsort(values)
        values, inverse = tf.gather(values, order), tf.gather(tf.math.invert_permutation(order), inverse)
    count = tf.size(values)
    found = [values]
    if return_index:
        found.append(tf.math.unsorted_segment_min(tf.range(tf.size(x)), inverse, count))
    if return_inverse:
        found.append(tf.reshape(inverse, tf.shape(x)))
    if return_counts:
        found.append(tf.math.unsorted_segment_sum(tf.ones_like(inverse), inverse, count))
    return found[0] if len(found) == 1 else tuple(found)
