"""Quantiles of the elements along axes, of all and of those that are numbers."""

from __future__ import annotations

from collections.abc import Callable

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras import config
from tenfold.keras.ops.operation import operation
from tenfold.keras.ops.reductions import Axis
from tenfold.keras.promotion import TensorLike, floating


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
    found = _between(lambda index: tf.gather(rows, index, axis=-1), place, method)
    return _arranged(found, rank, len(shares.shape), axis, keepdims)


def _between(element: Callable[[Tensor], Tensor], place: Tensor, method: str) -> Tensor:
    """What stands at places between sorted elements."""
    below, above = (element(tf.cast(f(place), "int32")) for f in (tf.floor, tf.math.ceil))
    if method == "linear":
        return below + (above - below) * (place - tf.floor(place))
    if method == "midpoint":
        return (below + above) / 2
    if method == "nearest":
        return element(tf.cast(tf.round(place), "int32"))
    if method in ("lower", "higher"):
        return below if method == "lower" else above
    raise ValueError(
        f"quantile: method is {method!r}; it must be 'linear', 'lower', 'higher', 'midpoint' or 'nearest'."
    )


def _arranged(found: Tensor, rank: int, leading: int, axis: Axis, keepdims: bool) -> Tensor:
    """The axis of the shares, if they have one, comes first, and reduced axes come back with size 1."""
    if leading:
        found = tf.transpose(found, [len(found.shape) - 1, *range(len(found.shape) - 1)])
    if keepdims:
        reduced = range(rank) if axis is None else [a % rank for a in ([axis] if isinstance(axis, int) else axis)]
        for a in sorted(reduced):
            found = tf.expand_dims(found, a + leading)
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


@operation
def nanquantile(
    x: TensorLike, q: TensorLike, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """`quantile` of the elements that are not NaN; NaN where there is none.

    Example:
      >>> print(tf.keras.ops.nanquantile([1.0, float("nan"), 3.0], 0.25).numpy())
      1.5
    """
    x = floating(x)
    shares = tf.cast(tf.cast(convert(q), config.floatx()), x.dtype)
    rows, rank = _moved_last(x, axis)
    is_number = tf.logical_not(tf.math.is_nan(rows))
    rows = tf.sort(tf.where(is_number, rows, tf.cast(float("inf"), x.dtype)), -1)
    last = tf.reduce_sum(tf.cast(is_number, x.dtype), -1, keepdims=True) - 1
    place = tf.maximum(last, tf.zeros_like(last)) * tf.reshape(shares, [-1])
    found = _between(lambda index: tf.gather(rows, index, batch_dims=len(rows.shape) - 1), place, method)
    found = tf.where(last >= 0, found, tf.cast(float("nan"), x.dtype))
    has_one = not len(shares.shape)
    return _arranged(found[..., 0] if has_one else found, rank, len(shares.shape), axis, keepdims)


@operation
def nanpercentile(
    x: TensorLike, q: TensorLike, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """`nanquantile` for shares in percent."""
    return nanquantile(x, tf.cast(convert(q), config.floatx()) / 100, axis, method, keepdims)


@operation
def nanmedian(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """`median` of the elements that are not NaN; NaN where there is none."""
    return nanquantile(x, 0.5, axis, "linear", keepdims)
