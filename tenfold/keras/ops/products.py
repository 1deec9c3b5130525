"""Products of tensors."""

from __future__ import annotations

from typing import Any

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras.ops.arrays import moveaxis, rank_of
from tenfold.keras.ops.operation import operation
from tenfold.keras.promotion import TensorLike, promoted


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
    if rank_of(a) == 1 and rank_of(b) == 1:
        return tf.tensordot(a, b, 1)
    if rank_of(a) == 1:
        return tf.squeeze(tf.matmul(a[None], b), -2)
    return tf.linalg.matvec(a, b) if rank_of(b) == 1 else tf.matmul(a, b)


@operation
def dot(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The sum of products over x1's last axis and x2's last but one, or only; the product with a number.

    Example:
      >>> print(tf.keras.ops.dot([1, 2], [3, 4]).numpy())
      11
    """
    return _of_small_integers(_dot, *promoted(convert(x1), convert(x2)))


def _dot(a: Tensor, b: Tensor) -> Tensor:
    if not rank_of(a) or not rank_of(b):
        return a * b
    return tf.tensordot(a, b, [[-1], [-1 if rank_of(b) == 1 else -2]])


@operation
def tensordot(x1: TensorLike, x2: TensorLike, axes: Any = 2) -> Tensor:
    """The sum of products over axes of both: the last and first `axes` of them, or those listed for each."""
    a, b = promoted(x1, x2)
    return tf.tensordot(a, b, axes)


@operation
def inner(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The sum of products over the last axes; the product with a number."""
    a, b = promoted(x1, x2)
    return a * b if not rank_of(a) or not rank_of(b) else tf.tensordot(a, b, [[-1], [-1]])


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
    rank = max(rank_of(a), rank_of(b))
    a, b = (tf.reshape(x, tf.concat([tf.ones([rank - rank_of(x)], "int32"), tf.shape(x)], 0)) for x in (a, b))
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
def correlate(x1: TensorLike, x2: TensorLike, mode: str = "valid") -> Tensor:
    """The sums of products of a sequence and another one that moves along it.

    Args:
      x1, x2: tensors of shapes `(n,)` and `(m,)`; integers become floating.
      mode: `"valid"` for the places where the second lies within the first, `"full"` where they touch, `"same"` for
        `max(n, m)` of these in the middle.
    Raises:
      ValueError: the mode is unknown.
    Example:
      >>> print(tf.keras.ops.correlate([1.0, 2.0, 3.0], [0.0, 1.0, 0.5], "same").numpy())
      [2.  3.5 3. ]
    """
    if mode not in ("valid", "same", "full"):
        raise ValueError(f"correlate: mode is {mode!r}; it must be 'valid', 'same' or 'full'.")
    x1, x2 = promoted(x1, x2)
    dtype = x1.dtype.name
    if dtype not in ("bfloat16", "float16", "float64"):
        dtype = "float64" if dtype == "int64" else "float32"
    a, b = tf.cast(x1, dtype), tf.cast(x2, dtype)
    n, m = a._array.shape[0], b._array.shape[0]
    if mode != "valid":
        a = tf.pad(a, [[m - 1, m - 1]])
    found = tf.nn.conv1d(a[None, :, None], b[:, None, None], 1, "VALID")[0, :, 0]
    if mode != "same":
        return found
    start = (n + m - 1 - max(n, m)) // 2
    return found[start : start + max(n, m)]
