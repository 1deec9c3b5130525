"""Transposes, cross products and norms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.dtypes import REAL
from tenfold.core.errors import FailedPreconditionError, InvalidArgumentError
from tenfold.core.indexed_slices import IndexedSlices
from tenfold.core.op import Op, register
from tenfold.core.tensor import Tensor, wrap
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import elementwise, exponential, extremes, join, reduction
from tenfold.ops import reduce as reduce_ops


def matrix_transpose(a: Any, name: str = "matrix_transpose", conjugate: bool = False) -> Tensor:
    """Exchanges the last two axes.

    Args:
      a: Tensor, shape `(..., m, n)`.
      conjugate: whether complex elements are conjugated too.
    Raises:
      ValueError: `a` has fewer than two axes.
    Example:
      >>> print(tf.linalg.matrix_transpose([[1, 2], [3, 4]]).numpy())
      [[1 3]
       [2 4]]
    """
    a = convert(a)
    rank = a._array.ndim
    if rank < 2:
        raise ValueError(f"tf.linalg.matrix_transpose: a has shape {a.shape}; it must have at least two axes.")
    return array_ops.transpose(a, (*range(rank - 2), rank - 1, rank - 2), conjugate=conjugate)


def adjoint(matrix: Any, name: str | None = None) -> Any:
    """Exchanges the last two axes and conjugates.

    Args:
      matrix: Tensor, shape `(..., m, n)`, or LinearOperator, whose adjoint is one too.
    Raises:
      ValueError: `matrix` has fewer than two axes.
    Example:
      >>> print(tf.linalg.adjoint([[1 + 2j, 3j]]).numpy())
      [[1.-2.j]
       [0.-3.j]]
    """
    if is_operator(matrix):
        return matrix.adjoint()
    return matrix_transpose(matrix, conjugate=True)


def is_operator(x: Any) -> bool:
    """Whether `x` is a `tf.linalg.LinearOperator`, which has its own ways and answers with operators."""
    return type(x) is not Tensor and hasattr(type(x), "add_to_tensor")


def _cross_kernel(a, b):
    CROSS.require(a, b)
    if a.shape != b.shape:
        raise InvalidArgumentError(f"tf.linalg.cross: Both inputs must be of same shape: {a.shape} vs. {b.shape}.")
    if not a.ndim:
        raise InvalidArgumentError("tf.linalg.cross: inputs must have at least one axis, of three elements.")
    if a.shape[-1] != 3:
        raise FailedPreconditionError(
            f"tf.linalg.cross: Cross-products are only defined for 3-element vectors, the last size is {a.shape[-1]}."
        )
    left, right = np.array([1, 2, 0]), np.array([2, 0, 1])
    return a[..., left] * b[..., right] - a[..., right] * b[..., left]


def _lower_cross(b, x, y):
    def rotated(v: Any, by: int) -> Any:
        parts = [b.slice(v, [*[0] * (v.ndim - 1), i % 3], [*v.shape[:-1], 1]) for i in range(by, by + 3)]
        return b.concat(parts, v.ndim - 1)

    return rotated(x, 1) * rotated(y, 2) - rotated(x, 2) * rotated(y, 1)


CROSS: Op = register(
    Op(
        "Cross",
        _cross_kernel,
        types=REAL,
        vjp=(lambda dy, b: CROSS(b, dy), lambda dy, a: CROSS(dy, a)),
        lower=_lower_cross,
    )
)


def cross(a: Any, b: Any, name: str | None = None) -> Tensor:
    """The cross products of vectors of three elements.

    Args:
      a: Tensor, shape `(..., 3)`.
      b: Tensor of `a`'s shape and dtype.
    Raises:
      tf.errors.InvalidArgumentError: shapes or dtypes differ.
      tf.errors.FailedPreconditionError: the last size is not 3.
    Example:
      >>> print(tf.linalg.cross([1, 0, 0], [0, 1, 0]).numpy())
      [0 0 1]
    """
    a = convert(a)
    return CROSS(a, convert(b, None, a.dtype))


# Norms


def norm(
    tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: bool | None = None, name: str | None = None
) -> Tensor:
    """Norms of vectors or matrices.

    Args:
      tensor: Tensor of a floating or complex dtype.
      ord: which norm. For vectors `"euclidean"`, a positive number or `np.inf`; for matrices `"euclidean"` or `"fro"`
        (the same), 1, 2 or `np.inf`.
      axis: int: the axis of the vectors; a pair: the axes of the matrices; None: all elements are one vector.
      keepdims: whether these axes stay, with size 1.
    Raises:
      ValueError: `ord` or `axis` is none of these.
      tf.errors.InvalidArgumentError: an axis is out of range.
    Example:
      >>> print(tf.norm([[3.0, 4.0], [6.0, 8.0]], axis=1).numpy())
      [ 5. 10.]
    """
    is_matrix = isinstance(axis, (tuple, list)) and len(axis) == 2
    is_valid = axis is None or isinstance(axis, int)
    if is_matrix:
        is_valid = all(isinstance(a, int) for a in axis) and axis[0] != axis[1]
    if not is_valid:
        raise ValueError(f"'axis' must be None, an integer, or a tuple of 2 unique integers, got {axis}")
    if is_matrix and ord not in ("euclidean", "fro", 1, 2, np.inf):
        raise ValueError(f"'ord' must be a supported matrix norm in ['euclidean', 'fro', 1, 2, inf], got {ord}")
    if not is_matrix and ord != "euclidean" and (isinstance(ord, str) or not np.isreal(ord) or ord <= 0):
        raise ValueError(f"'ord' must be a supported vector norm, got {ord}")
    x = convert(tensor)
    axes = tuple(axis) if is_matrix else axis
    keep = bool(keepdims)
    if is_matrix and ord == 2:
        return _spectral_norm(x, axes, keep)
    if ord in ("euclidean", "fro", 2):
        return exponential.sqrt(reduce_ops.reduce_sum(x * elementwise.conj(x), axes, keep))
    size = elementwise.abs(x)
    if not is_matrix:
        if ord == 1:
            return reduce_ops.reduce_sum(size, axes, keep)
        if ord == np.inf:
            return extremes.reduce_max(size, axes, keep)
        return exponential.pow(reduce_ops.reduce_sum(exponential.pow(size, ord), axes, keep), 1.0 / ord)
    summed, other = axes if ord == 1 else axes[::-1]
    largest = extremes.reduce_max(reduce_ops.reduce_sum(size, summed, True), other, True)
    return largest if keep else array_ops.squeeze(largest, axes)


def _spectral_norm(x: Tensor, axes: tuple[int, int], keep: bool) -> Tensor:
    from tenfold.ops.matrix_decompose import svd

    rank = x._array.ndim
    first, second = reduction.reduction_axes(axes, rank, "tf.norm")
    batch = [a for a in range(rank) if a not in (first, second)]
    largest = extremes.reduce_max(svd(array_ops.transpose(x, (*batch, first, second)), compute_uv=False), -1)
    if not keep:
        return largest
    return array_ops.reshape(largest, [1 if a in (first, second) else size for a, size in enumerate(x._array.shape)])


def normalize(tensor: Any, ord: Any = "euclidean", axis: Any = None, name: str | None = None) -> tuple[Tensor, Tensor]:
    """Divides vectors or matrices by their norms.

    Args:
      tensor: Tensor of a floating or complex dtype.
      ord: which norm, as in `tf.norm`.
      axis: of what, as in `tf.norm`.
    Returns:
      A pair: the normalised tensor, and the norms, with the axes of size 1.
    Raises:
      ValueError: `ord` or `axis` is not what `tf.norm` takes.
    Example:
      >>> normalized, size = tf.linalg.normalize([3.0, 4.0])
      >>> print(normalized.numpy(), size.numpy())
      [0.6 0.8] [5.]
    """
    x = convert(tensor)
    size = norm(x, ord, axis, keepdims=True)
    return x / cast_ops.cast(size, x.dtype), size


def global_norm(t_list: Sequence[Any], name: str | None = None) -> Tensor:
    """The Euclidean norm of all elements of several tensors together.

    Args:
      t_list: list or tuple of Tensors, `tf.IndexedSlices` and None, which is left out.
    Raises:
      TypeError: `t_list` is neither list nor tuple.
      tf.errors.InvalidArgumentError: the tensors have different dtypes.
    Example:
      >>> print(tf.linalg.global_norm([[3.0], None, [4.0]]).numpy())
      5.0
    """
    if not isinstance(t_list, Sequence) or isinstance(t_list, str):
        raise TypeError(f"`t_list` should be a sequence of tensors. Received {type(t_list)}.")
    tensors = [x.values if isinstance(x, IndexedSlices) else convert(x) for x in t_list if x is not None]
    if not tensors:
        return wrap(np.zeros((), np.float32))
    squares = [reduce_ops.reduce_sum(x * x) for x in tensors]
    return exponential.sqrt(reduce_ops.reduce_sum(join.stack(squares)))
