"""Parts of tensors: rows, diagonals, elements by place or condition."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras.ops.arrays import along, moveaxis, rank_of, ravel
from tenfold.keras.ops.operation import operation, operation_of_class
from tenfold.keras.ops.reductions import sum as _sum
from tenfold.keras.promotion import TensorLike, countable, promoted


@operation
def take(x: TensorLike, indices: TensorLike, axis: int | None = None) -> Tensor:
    """Elements or slices at indices along an axis, of the flattened tensor if axis is None.

    Args:
      x: tensor of any shape.
      indices: integers of any shape; negative ones count from the end.
      axis: int or None.
    Raises:
      tf.errors.InvalidArgumentError: an index is out of range.
    Example:
      >>> print(tf.keras.ops.take([10, 20, 30], [-1, 0]).numpy())
      [30 10]
    """
    x, axis = along(x, axis)
    places = convert(indices)
    if not places.dtype.is_integer:
        places = tf.cast(places, "int32")
    size = tf.cast(tf.shape(x)[axis], places.dtype)
    return tf.gather(x, tf.where(places < 0, places + size, places), axis=axis)


@operation
def take_along_axis(x: TensorLike, indices: TensorLike, axis: int | None = None) -> Tensor:
    """Elements at indices along an axis, one index for each: of the flattened tensor if axis is None.

    Args:
      x: tensor of any shape.
      indices: integers of x's rank, whose other axes broadcast with x's; negative ones count from the end.
      axis: int or None.
    Example:
      >>> print(tf.keras.ops.take_along_axis([[1, 2], [3, 4]], [[1], [0]], axis=1).numpy())
      [[2]
       [3]]
    """
    x, place = along(x, axis)
    places = along(indices, axis)[0]
    rows, chosen = moveaxis(x, place, -1), moveaxis(places, place, -1)
    batch = tf.broadcast_dynamic_shape(tf.shape(rows)[:-1], tf.shape(chosen)[:-1])
    rows = tf.broadcast_to(rows, tf.concat([batch, tf.shape(rows)[-1:]], 0))
    chosen = tf.broadcast_to(chosen, tf.concat([batch, tf.shape(chosen)[-1:]], 0))
    chosen = tf.where(chosen < 0, chosen + tf.cast(tf.shape(rows)[-1], chosen.dtype), chosen)
    return moveaxis(tf.gather(rows, chosen, batch_dims=rank_of(rows) - 1), -1, place)


def get_item(x: TensorLike, key: Any) -> Any:
    """x[key]."""
    return x[key]


@operation
def where(condition: TensorLike, x1: TensorLike | None = None, x2: TensorLike | None = None) -> Any:
    """x1 where the condition holds, else x2, in their common dtype; without them, as `nonzero`.

    Args:
      condition: bools or numbers; all three shapes broadcast.
    Raises:
      ValueError: just one of x1 and x2 is given.
    Example:
      >>> print(tf.keras.ops.where([True, False], 1, 2.5).numpy())
      [1.  2.5]
    """
    if (x1 is None) != (x2 is None):
        raise ValueError("where: one of x1 and x2 is missing; give both, or none.")
    if x1 is None:
        return nonzero(condition)
    a, b = promoted(x1, x2)
    return tf.where(tf.cast(convert(condition), "bool"), a, b)


@operation
def nonzero(x: TensorLike) -> list[Tensor]:
    """The indices of elements that are not 0: one int32 vector per axis."""
    found = tf.where(tf.cast(convert(x), "bool"))
    return tf.unstack(tf.cast(found, "int32"), found.shape[1], axis=1)


@operation
def select(condlist: Sequence[TensorLike], choicelist: Sequence[TensorLike], default: TensorLike = 0) -> Tensor:
    """At each place, the first choice whose condition holds, else the default."""
    *choices, found = promoted(*choicelist, default)
    for condition, choice in zip(reversed(condlist), reversed(choices), strict=True):
        found = tf.where(condition, choice, found)
    return found


@operation
def diag(x: TensorLike, k: int = 0) -> Tensor:
    """A matrix with a vector on its k-th diagonal; of a matrix, that diagonal.

    Raises:
      ValueError: x has another rank than 1 or 2.
    """
    x = convert(x)
    if rank_of(x) == 2:
        return diagonal(x, k)
    if rank_of(x) != 1:
        raise ValueError(f"diag: x has shape {tuple(x.shape)}; it must have one or two axes.")
    return tf.linalg.diag(x, k=k)


@operation
def diagflat(x: TensorLike, k: int = 0) -> Tensor:
    """A matrix with the elements on its k-th diagonal."""
    return tf.linalg.diag(ravel(x), k=k)


@operation
def diagonal(x: TensorLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """A diagonal of the matrices that two axes make: it is the last axis of the result."""
    return tf.linalg.diag_part(moveaxis(x, (axis1, axis2), (-2, -1)), k=offset)


@operation
def trace(x: TensorLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The sum of a diagonal, as `sum` does it."""
    return _sum(diagonal(countable(x), offset, axis1, axis2), -1)


def _within(x: TensorLike, k: int, is_lower: bool) -> Tensor:
    x = convert(x)
    shape = tf.shape(x)
    rows, columns = tf.range(shape[-2])[:, None], tf.range(shape[-1])[None]
    is_kept = columns - rows <= k if is_lower else columns - rows >= k
    return tf.where(is_kept, x, tf.zeros_like(x))


@operation
def tril(x: TensorLike, k: int = 0) -> Tensor:
    """The matrices with 0 above the k-th diagonal."""
    return _within(x, k, True)


@operation
def triu(x: TensorLike, k: int = 0) -> Tensor:
    """The matrices with 0 below the k-th diagonal."""
    return _within(x, k, False)


@operation
def diff(a: TensorLike, n: int = 1, axis: int = -1) -> Tensor:
    """The differences of neighbours along an axis, taken n times."""
    a, axis = along(a, axis)
    places = [builtins.slice(None)] * axis
    minus = tf.math.logical_xor if a.dtype.is_bool else tf.subtract
    for _ in range(n):
        a = minus(a[(*places, builtins.slice(1, None))], a[(*places, builtins.slice(None, -1))])
    return a


@operation_of_class("IsIn")
def isin(x1: TensorLike, x2: TensorLike, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Whether each element of x1 is among those of x2; or is not, if `invert`. `assume_unique` changes nothing."""
    a, b = promoted(x1, x2)
    found = tf.reduce_any(tf.equal(a[..., None], tf.reshape(b, [-1])), -1)
    return tf.logical_not(found) if invert else found


@operation
def digitize(x: TensorLike, bins: TensorLike) -> Tensor:
    """The number of the bin that each element is in, int32: how many of the ascending limits are not above it."""
    a, limits = promoted(x, bins)
    return tf.reshape(tf.searchsorted(limits, tf.reshape(a, [-1]), side="right"), tf.shape(a))


@operation
def unravel_index(indices: TensorLike, shape: Sequence[int]) -> tuple[Tensor, ...]:
    """The indices along each axis of a shape that indices of the flattened tensor mean."""
    places = convert(indices)
    found: list[Tensor] = []
    for size in reversed(shape):
        found.append(tf.math.floormod(places, size))
        places = tf.math.floordiv(places, size)
    return tuple(reversed(found))
