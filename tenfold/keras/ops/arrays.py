"""Shapes of tensors, and what joins, splits and arranges them."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras.ops.operation import operation
from tenfold.keras.promotion import TensorLike, floating, promoted


def rank_of(x: Tensor) -> int:
    return len(x.shape)


def along(x: TensorLike, axis: int | None) -> tuple[Tensor, int]:
    """The tensor and a non-negative axis; without one, the flattened tensor and 0."""
    x = convert(x)
    return (tf.reshape(x, [-1]), 0) if axis is None else (x, axis % rank_of(x))


@operation
def reshape(x: TensorLike, newshape: Any) -> Tensor:
    """The elements in another shape.

    Args:
      x: tensor of any shape.
      newshape: ints or tensors of shape (); one may be -1, which is what is left.
    Raises:
      tf.errors.InvalidArgumentError: the numbers of elements differ.
    Example:
      >>> print(tf.keras.ops.reshape([1, 2, 3, 4], (2, -1)).numpy())
      [[1 2]
       [3 4]]
    """
    return tf.reshape(convert(x), newshape)


@operation
def ravel(x: TensorLike) -> Tensor:
    """The elements as a vector."""
    return tf.reshape(convert(x), [-1])


@operation
def expand_dims(x: TensorLike, axis: int | Sequence[int]) -> Tensor:
    """Adds axes of size 1, which stand where `axis` says in the result.

    Example:
      >>> tf.keras.ops.expand_dims(tf.zeros((2, 3)), (0, -1)).shape
      TensorShape([1, 2, 3, 1])
    """
    x = convert(x)
    axes = [axis] if isinstance(axis, int) else axis
    rank = rank_of(x) + len(axes)
    for a in sorted(a % rank if -rank <= a < rank else a for a in axes):
        x = tf.expand_dims(x, a)
    return x


@operation
def squeeze(x: TensorLike, axis: int | Sequence[int] | None = None) -> Tensor:
    """Takes out axes of size 1: all of them, or those given.

    Raises:
      ValueError: a given axis has another size.
    """
    x = convert(x)
    if axis is not None:
        for a in [axis] if isinstance(axis, int) else axis:
            if x.shape[a] not in (1, None):
                raise ValueError(f"squeeze: axis {a} of shape {tuple(x.shape)} has size {x.shape[a]}; it must be 1.")
    return tf.squeeze(x, axis)


@operation
def transpose(x: TensorLike, axes: Sequence[int] | None = None) -> Tensor:
    """The axes in another order, in the opposite one by default.

    Example:
      >>> tf.keras.ops.transpose(tf.zeros((2, 3, 4)), (0, 2, 1)).shape
      TensorShape([2, 4, 3])
    """
    return tf.transpose(convert(x), axes)


@operation
def swapaxes(x: TensorLike, axis1: int, axis2: int) -> Tensor:
    """Two axes in each other's place."""
    x = convert(x)
    order = list(range(rank_of(x)))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return tf.transpose(x, order)


@operation
def moveaxis(x: TensorLike, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """Axes at other places; the rest keep their order.

    Example:
      >>> tf.keras.ops.moveaxis(tf.zeros((2, 3, 4)), 0, -1).shape
      TensorShape([3, 4, 2])
    """
    x = convert(x)
    rank = rank_of(x)
    sources = [a % rank for a in ([source] if isinstance(source, int) else source)]
    places = [a % rank for a in ([destination] if isinstance(destination, int) else destination)]
    order = [a for a in range(rank) if a not in sources]
    for place, a in sorted(zip(places, sources, strict=True)):
        order.insert(place, a)
    return tf.transpose(x, order)


@operation
def broadcast_to(x: TensorLike, shape: Any) -> Tensor:
    """The tensor repeated along axes of size 1, up to a shape."""
    return tf.broadcast_to(convert(x), shape)


@operation
def concatenate(xs: Sequence[TensorLike], axis: int | None = 0) -> Tensor:
    """Tensors one after the other along an axis, in their common dtype; flattened if axis is None.

    Example:
      >>> print(tf.keras.ops.concatenate([[1, 2], [3.5]]).numpy())
      [1.  2.  3.5]
    """
    parts = promoted(*xs)
    return tf.concat([tf.reshape(p, [-1]) for p in parts] if axis is None else parts, 0 if axis is None else axis)


@operation
def append(x1: TensorLike, x2: TensorLike, axis: int | None = None) -> Tensor:
    """x2 after x1 along an axis; both flattened if axis is None."""
    return concatenate([x1, x2], axis)


@operation
def stack(x: Sequence[TensorLike], axis: int = 0) -> Tensor:
    """Tensors of one shape along a new axis, in their common dtype.

    Example:
      >>> print(tf.keras.ops.stack([[1, 2], [3, 4]], axis=1).numpy())
      [[1 3]
       [2 4]]
    """
    return tf.stack(promoted(*x), axis)


@operation
def hstack(xs: Sequence[TensorLike]) -> Tensor:
    """Tensors side by side: along axis 1, or 0 if they are vectors."""
    parts = promoted(*xs)
    return tf.concat(parts, 0 if rank_of(parts[0]) == 1 else 1)


@operation
def vstack(xs: Sequence[TensorLike]) -> Tensor:
    """Tensors below each other, along axis 0; vectors are rows."""
    return tf.concat([x[None] if rank_of(x) == 1 else x for x in promoted(*xs)], 0)


@operation
def dstack(xs: Sequence[TensorLike]) -> Tensor:
    """Tensors behind each other, along axis 2; vectors are rows."""
    parts = [x[None] if rank_of(x) == 1 else x for x in promoted(*xs)]
    return tf.concat([x[..., None] if rank_of(x) == 2 else x for x in parts], 2)


@operation
def split(x: TensorLike, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Tensor]:
    """Parts of a tensor along an axis.

    Args:
      x: tensor of any shape.
      indices_or_sections: number of equal parts, or where parts begin, but the first.
      axis: int.
    Raises:
      ValueError: the axis does not divide into equal parts.
    Example:
      >>> [part.numpy().tolist() for part in tf.keras.ops.split([1, 2, 3, 4], [1, 3])]
      [[1], [2, 3], [4]]
    """
    x = convert(x)
    if isinstance(indices_or_sections, int):
        return tf.split(x, indices_or_sections, axis)
    bounds = [0, *map(int, indices_or_sections), x.shape[axis]]
    places = [builtins.slice(None)] * (axis % rank_of(x))
    return [x[(*places, builtins.slice(a, b))] for a, b in zip(bounds, bounds[1:], strict=False)]


@operation
def array_split(x: TensorLike, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Tensor]:
    """As `split`, but parts may differ in size by one: the first ones are larger."""
    x = convert(x)
    if isinstance(indices_or_sections, int):
        least, larger = divmod(x.shape[axis], indices_or_sections)
        return tf.split(x, [least + (i < larger) for i in range(indices_or_sections)], axis)
    return split(x, indices_or_sections, axis)


@operation
def hsplit(x: TensorLike, indices_or_sections: int | Sequence[int]) -> list[Tensor]:
    """Parts along axis 1, or 0 of a vector."""
    x = convert(x)
    return split(x, indices_or_sections, 0 if rank_of(x) == 1 else 1)


@operation
def vsplit(x: TensorLike, indices_or_sections: int | Sequence[int]) -> list[Tensor]:
    """Parts along axis 0."""
    return split(x, indices_or_sections, 0)


@operation
def dsplit(x: TensorLike, indices_or_sections: int | Sequence[int]) -> list[Tensor]:
    """Parts along axis 2."""
    return split(x, indices_or_sections, 2)


@operation
def flip(x: TensorLike, axis: int | Sequence[int] | None = None) -> Tensor:
    """The elements in the opposite order along axes, along all by default."""
    x = convert(x)
    axes = list(range(rank_of(x))) if axis is None else [axis] if isinstance(axis, int) else list(axis)
    return tf.reverse(x, axes)


@operation
def fliplr(x: TensorLike) -> Tensor:
    """Columns in the opposite order."""
    return flip(x, 1)


@operation
def flipud(x: TensorLike) -> Tensor:
    """Rows in the opposite order."""
    return flip(x, 0)


@operation
def rot90(array: TensorLike, k: int = 1, axes: Sequence[int] = (0, 1)) -> Tensor:
    """A plane turned by `k` quarters, from the first axis towards the second."""
    array = convert(array)
    first, second = axes
    if k % 4 == 2:
        return flip(array, [first, second])
    if k % 4 == 0:
        return array
    return flip(swapaxes(array, first, second), first if k % 4 == 1 else second)


@operation
def roll(x: TensorLike, shift: int | Sequence[int], axis: int | Sequence[int] | None = None) -> Tensor:
    """The elements moved along axes; what leaves at the end comes in at the front.

    Example:
      >>> print(tf.keras.ops.roll([1, 2, 3], 1).numpy())
      [3 1 2]
    """
    x = convert(x)
    if axis is None:
        return tf.reshape(tf.roll(tf.reshape(x, [-1]), shift, 0), tf.shape(x))
    return tf.roll(x, shift, axis)


@operation
def repeat(x: TensorLike, repeats: Any, axis: int | None = None) -> Tensor:
    """Each element, or slice along an axis, several times in a row; of the flattened tensor if axis is None.

    Args:
      x: tensor of any shape.
      repeats: int, or one per element or slice.
      axis: int or None.
    Example:
      >>> print(tf.keras.ops.repeat([1, 2], 2).numpy())
      [1 1 2 2]
    """
    x, place = along(x, axis)
    return tf.repeat(x, repeats, place)


@operation
def tile(x: TensorLike, repeats: Any) -> Tensor:
    """The whole tensor several times along each axis; missing axes are put before the others.

    Example:
      >>> print(tf.keras.ops.tile([1, 2], (2, 1)).numpy())
      [[1 2]
       [1 2]]
    """
    x = convert(x)
    counts = [repeats] if isinstance(repeats, int) else list(repeats)
    x = tf.reshape(x, tf.concat([tf.ones([max(len(counts) - rank_of(x), 0)], "int32"), tf.shape(x)], 0))
    return tf.tile(x, [1] * (rank_of(x) - len(counts)) + counts)


@operation
def pad(x: TensorLike, pad_width: Any, mode: str = "constant", constant_values: TensorLike | None = None) -> Tensor:
    """Adds elements around a tensor.

    Args:
      x: tensor of any shape.
      pad_width: int, pair of ints before and after, or such a pair per axis.
      mode: `"constant"`, `"reflect"` or `"symmetric"`.
      constant_values: what is added in mode `"constant"`, 0 by default.
    Raises:
      ValueError: constant_values with another mode.
    Example:
      >>> print(tf.keras.ops.pad([1, 2], (1, 2)).numpy())
      [0 1 2 0 0]
    """
    x = convert(x)
    if constant_values is not None and mode != "constant":
        raise ValueError(f"pad: constant_values is given with mode={mode!r}; it needs mode='constant'.")
    if isinstance(pad_width, int):
        pad_width = [(pad_width, pad_width)]
    elif len(pad_width) == 1 and isinstance(pad_width[0], int):
        pad_width = [(pad_width[0], pad_width[0])]
    elif isinstance(pad_width[0], int):
        pad_width = [tuple(pad_width)]
    if len(pad_width) == 1:
        pad_width = [*pad_width] * rank_of(x)
    return tf.pad(x, pad_width, mode.upper(), constant_values or 0)


@operation
def size(x: TensorLike) -> Tensor:
    """The number of elements, int32 of shape ()."""
    return tf.size(convert(x))


def ndim(x: TensorLike) -> int:
    """The number of axes."""
    return len(x.shape) if hasattr(x, "shape") else rank_of(convert(x))


@operation
def view(x: TensorLike, dtype: Any = None) -> Tensor:
    """The same bits as another dtype."""
    x = convert(x)
    return tf.bitcast(x, dtype or x.dtype)


@operation
def slogdet(x: TensorLike) -> tuple[Tensor, Tensor]:
    """The signs of determinants, and the logarithms of their absolute values."""
    signs, logarithms = tf.linalg.slogdet(floating(x))
    return signs, logarithms
