"""Orders of elements: places of the largest, sorting, quantiles, counts."""

from __future__ import annotations

from typing import Any

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras.ops.operation import operation, operation_of_class
from tenfold.keras.ops.reductions import Axis
from tenfold.keras.promotion import TensorLike, countable, floating, promoted, result_type


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


@operation_of_class("SearchSorted")
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


@operation
def argpartition(x: TensorLike, kth: int, axis: int = -1) -> Tensor:
    """Positions along an axis, int32: no element before the kth is greater than it, none after it is less.

    The order is that of `argsort`, which divides at any kth.
    """
    return argsort(x, axis)


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
