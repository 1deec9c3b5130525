"""Shapes, parts, orders and products of tensors."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras.ops.operation import operation
from tenfold.keras.ops.reductions import sum as _sum
from tenfold.keras.promotion import TensorLike, countable, floating, promoted


def _rank(x: Tensor) -> int:
    return len(x.shape)


def _along(x: TensorLike, axis: int | None) -> tuple[Tensor, int]:
    """The tensor and a non-negative axis; without one, the flattened tensor and 0."""
    x = convert(x)
    return (tf.reshape(x, [-1]), 0) if axis is None else (x, axis % _rank(x))


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
    rank = _rank(x) + len(axes)
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
    order = list(range(_rank(x)))
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
    rank = _rank(x)
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
    return tf.concat(parts, 0 if _rank(parts[0]) == 1 else 1)


@operation
def vstack(xs: Sequence[TensorLike]) -> Tensor:
    """Tensors below each other, along axis 0; vectors are rows."""
    return tf.concat([x[None] if _rank(x) == 1 else x for x in promoted(*xs)], 0)


@operation
def dstack(xs: Sequence[TensorLike]) -> Tensor:
    """Tensors behind each other, along axis 2; vectors are rows."""
    parts = [x[None] if _rank(x) == 1 else x for x in promoted(*xs)]
    return tf.concat([x[..., None] if _rank(x) == 2 else x for x in parts], 2)


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
    places = [builtins.slice(None)] * (axis % _rank(x))
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
    return split(x, indices_or_sections, 0 if _rank(x) == 1 else 1)


@operation
def vsplit(x: TensorLike, indices_or_sections: int | Sequence[int]) -> list[Tensor]:
    """Parts along axis 0."""
    return split(x, indices_or_sections, 0)


@operation
def dsplit(x: TensorLike, indices_or_sections: int | Sequence[int]) -> list[Tensor]:
    """Parts along axis 2."""
    return split(x, indices_or_sections, 2)


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
    x, axis = _along(x, axis)
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
    x, place = _along(x, axis)
    places = _along(indices, axis)[0]
    rows, chosen = moveaxis(x, place, -1), moveaxis(places, place, -1)
    batch = tf.broadcast_dynamic_shape(tf.shape(rows)[:-1], tf.shape(chosen)[:-1])
    rows = tf.broadcast_to(rows, tf.concat([batch, tf.shape(rows)[-1:]], 0))
    chosen = tf.broadcast_to(chosen, tf.concat([batch, tf.shape(chosen)[-1:]], 0))
    chosen = tf.where(chosen < 0, chosen + tf.cast(tf.shape(rows)[-1], chosen.dtype), chosen)
    return moveaxis(tf.gather(rows, chosen, batch_dims=_rank(rows) - 1), -1, place)


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
def flip(x: TensorLike, axis: int | Sequence[int] | None = None) -> Tensor:
    """The elements in the opposite order along axes, along all by default."""
    x = convert(x)
    axes = list(range(_rank(x))) if axis is None else [axis] if isinstance(axis, int) else list(axis)
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
    x, place = _along(x, axis)
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
    x = tf.reshape(x, tf.concat([tf.ones([max(len(counts) - _rank(x), 0)], "int32"), tf.shape(x)], 0))
    return tf.tile(x, [1] * (_rank(x) - len(counts)) + counts)


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
        pad_width = [*pad_width] * _rank(x)
    return tf.pad(x, pad_width, mode.upper(), constant_values or 0)


@operation
def diag(x: TensorLike, k: int = 0) -> Tensor:
    """A matrix with a vector on its k-th diagonal; of a matrix, that diagonal.

    Raises:
      ValueError: x has another rank than 1 or 2.
    """
    x = convert(x)
    if _rank(x) == 2:
        return diagonal(x, k)
    if _rank(x) != 1:
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
    a, axis = _along(a, axis)
    places = [builtins.slice(None)] * axis
    minus = tf.math.logical_xor if a.dtype.is_bool else tf.subtract
    for _ in range(n):
        a = minus(a[(*places, builtins.slice(1, None))], a[(*places, builtins.slice(None, -1))])
    return a


@operation
def matmul(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The matrix product; vectors are rows on the left and columns on the right.

    Args:
      x1: tensor of shape `(..., m, k)` or `(k,)`.
      x2: tensor of shape `(..., k, n)` or `(k,)`.
    Returns:
      Tensor of shape `(..., m, n)` in the common dtype; int32 if both are int8.
    Example:
      >>> print(tf.keras.ops.matmul([[1, 2]], [[3.0], [4.0]]).numpy())
      [[11.]]
    """
    return _summed_products(_product, x1, x2)


def _summed_products(function: Any, *operands: TensorLike) -> Tensor:
    """The function on operands of one dtype; int32 if all are int8."""
    found = promoted(*operands)
    if found[0].dtype == tf.int8 and all(_is_int8(x) for x in operands):
        return function(*(tf.cast(x, "int32") for x in found))
    return _of_small_integers(function, *found)


def _of_small_integers(function: Any, *operands: Tensor) -> Tensor:
    """The function, which has no kernel for bools and small integers, with int64 for these."""
    dtype = operands[0].dtype
    if dtype.name not in ("bool", "int8", "int16", "uint8", "uint16", "uint32"):
        return function(*operands)
    return tf.cast(function(*(tf.cast(x, "int64") for x in operands)), dtype)


def _is_int8(x: TensorLike) -> bool:
    return hasattr(x, "dtype") and convert(x).dtype.name == "int8"


def _product(a: Tensor, b: Tensor) -> Tensor:
    if _rank(a) == 1 and _rank(b) == 1:
        return tf.tensordot(a, b, 1)
    if _rank(a) == 1:
        return tf.squeeze(tf.matmul(a[None], b), -2)
    return tf.linalg.matvec(a, b) if _rank(b) == 1 else tf.matmul(a, b)


@operation
def dot(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The sum of products over x1's last axis and x2's last but one, or only; the product with a number.

    Example:
      >>> print(tf.keras.ops.dot([1, 2], [3, 4]).numpy())
      11
    """
    return _of_small_integers(_dot, *promoted(convert(x1), convert(x2)))


def _dot(a: Tensor, b: Tensor) -> Tensor:
    if not _rank(a) or not _rank(b):
        return a * b
    return tf.tensordot(a, b, [[-1], [-1 if _rank(b) == 1 else -2]])


@operation
def tensordot(x1: TensorLike, x2: TensorLike, axes: Any = 2) -> Tensor:
    """The sum of products over axes of both: the last and first `axes` of them, or those listed for each."""
    a, b = promoted(x1, x2)
    return tf.tensordot(a, b, axes)


@operation
def inner(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The sum of products over the last axes; the product with a number."""
    a, b = promoted(x1, x2)
    return a * b if not _rank(a) or not _rank(b) else tf.tensordot(a, b, [[-1], [-1]])


@operation
def outer(x1: TensorLike, x2: TensorLike) -> Tensor:
    """All products of the elements, a matrix of shape `(size of x1, size of x2)`."""
    a, b = promoted(convert(x1), convert(x2))
    return tf.reshape(a, [-1, 1]) * tf.reshape(b, [1, -1])


@operation
def vdot(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The sum of products of all elements, the first ones conjugated."""
    a, b = promoted(x1, x2)
    return tf.tensordot(tf.math.conj(tf.reshape(a, [-1])), tf.reshape(b, [-1]), 1)


@operation
def einsum(subscripts: str, *operands: TensorLike) -> Tensor:
    """The sum of products that an equation such as `"bij,bjk->bik"` says, in the common dtype.

    Example:
      >>> print(tf.keras.ops.einsum("i,i->", [1, 2], [3, 4]).numpy())
      11
    """
    return _summed_products(lambda *found: tf.einsum(subscripts, *found), *operands)


@operation
def kron(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Kronecker's product: x2 times each element of x1, as blocks."""
    a, b = promoted(x1, x2)
    rank = max(_rank(a), _rank(b))
    a, b = (tf.reshape(x, tf.concat([tf.ones([rank - _rank(x)], "int32"), tf.shape(x)], 0)) for x in (a, b))
    shape = tf.shape(a) * tf.shape(b)
    for axis in range(rank):
        a, b = tf.expand_dims(a, 2 * axis + 1), tf.expand_dims(b, 2 * axis)
    return tf.reshape(a * b, shape)


@operation
def cross(
    x1: TensorLike, x2: TensorLike, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Tensor:
    """The cross product of vectors of three components along axes of both.

    Raises:
      ValueError: an axis has another size than 3.
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = promoted(x1, x2)
    a, b = moveaxis(a, axisa, -1), moveaxis(b, axisb, -1)
    if a.shape[-1] != 3 or b.shape[-1] != 3:
        raise ValueError(f"cross: the vectors have {a.shape[-1]} and {b.shape[-1]} components; both must have 3.")
    shape = tf.broadcast_dynamic_shape(tf.shape(a), tf.shape(b))
    return moveaxis(tf.linalg.cross(tf.broadcast_to(a, shape), tf.broadcast_to(b, shape)), -1, axisc)


@operation
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


@operation
def size(x: TensorLike) -> Tensor:
    """The number of elements, int32 of shape ()."""
    return tf.size(convert(x))


def ndim(x: TensorLike) -> int:
    """The number of axes."""
    return len(x.shape) if hasattr(x, "shape") else _rank(convert(x))


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
