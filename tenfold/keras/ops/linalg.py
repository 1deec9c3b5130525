"""Matrices: decompositions, inverses, equations, norms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras.ops.operation import operation, operation_of_class
from tenfold.keras.promotion import TensorLike, floating, promoted


@operation
def cholesky(x: TensorLike, upper: bool = False) -> Tensor:
    """The triangular factor L of positive definite matrices x = L L^T; its transpose if `upper`.

    Raises:
      tf.errors.InvalidArgumentError: a matrix is not positive definite.
    """
    lower = tf.linalg.cholesky(floating(x))
    return tf.linalg.adjoint(lower) if upper else lower


@operation
def cholesky_inverse(x: TensorLike, upper: bool = False) -> Tensor:
    """The inverse of the matrix whose factor `cholesky` gave."""
    factor = floating(x)
    factor = tf.linalg.adjoint(factor) if upper else factor
    return tf.linalg.cholesky_solve(factor, tf.eye(factor.shape[-1], dtype=factor.dtype))


@operation
def det(x: TensorLike) -> Tensor:
    """The determinants of matrices of shape `(..., n, n)`.

    Example:
      >>> print(tf.keras.ops.det([[2.0, 0.0], [0.0, 3.0]]).numpy())
      6.0
    """
    return tf.linalg.det(floating(x))


@operation
def eig(x: TensorLike) -> tuple[Tensor, Tensor]:
    """The eigenvalues of matrices and, as columns, the eigenvectors; both complex."""
    values, vectors = tf.linalg.eig(floating(x))
    return values, vectors


@operation
def eigh(x: TensorLike) -> tuple[Tensor, Tensor]:
    """The eigenvalues of symmetric matrices in ascending order and, as columns, the eigenvectors."""
    values, vectors = tf.linalg.eigh(floating(x))
    return values, vectors


@operation
def inv(x: TensorLike) -> Tensor:
    """The inverses of matrices of shape `(..., n, n)`.

    Raises:
      tf.errors.InvalidArgumentError: a matrix has none.
    """
    return tf.linalg.inv(floating(x))


@operation
def pinv(x: TensorLike, rcond: float | None = None) -> Tensor:
    """The pseudo-inverses of matrices; singular values below `rcond` times the greatest count as 0."""
    return tf.linalg.pinv(floating(x), rcond)


@operation
def lu_factor(x: TensorLike) -> tuple[Tensor, Tensor]:
    """Both triangular factors of matrices in one, and the order of the rows, int32."""
    return tuple(tf.linalg.lu(floating(x)))


@operation
def qr(x: TensorLike, mode: str = "reduced") -> tuple[Tensor, Tensor]:
    """The orthogonal and the upper triangular factor of matrices.

    Raises:
      ValueError: mode is neither "reduced" nor "complete".
    """
    if mode not in ("reduced", "complete"):
        raise ValueError(f"qr: mode is {mode!r}; it must be 'reduced' or 'complete'.")
    return tuple(tf.linalg.qr(floating(x), full_matrices=mode == "complete"))


@operation_of_class("SVD")
def svd(x: TensorLike, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """The singular values s of matrices x = u diag(s) vh, in descending order.

    Args:
      x: tensor of shape `(..., m, n)`.
      full_matrices: whether u and vh are square.
      compute_uv: whether u and vh are wanted.
    Returns:
      `(u, s, vh)`, or s alone.
    """
    if not compute_uv:
        return tf.linalg.svd(floating(x), compute_uv=False)
    s, u, v = tf.linalg.svd(floating(x), full_matrices=full_matrices)
    return u, s, tf.linalg.adjoint(v)


@operation
def matrix_rank(x: TensorLike, tol: float | None = None) -> Tensor:
    """How many singular values of matrices are above a tolerance, int32."""
    return tf.linalg.matrix_rank(floating(x), tol)


@operation
def solve(a: TensorLike, b: TensorLike) -> Tensor:
    """The solution x of a x = b, for b of shape `(..., n)` or `(..., n, k)`.

    Example:
      >>> print(tf.keras.ops.solve([[2.0, 0.0], [0.0, 4.0]], [2.0, 4.0]).numpy())
      [1. 1.]
    """
    matrix, wanted = promoted(a, b, weak=float)
    if len(wanted.shape) == len(matrix.shape) - 1:
        return tf.squeeze(tf.linalg.solve(matrix, wanted[..., None]), -1)
    return tf.linalg.solve(matrix, wanted)


@operation
def solve_triangular(a: TensorLike, b: TensorLike, lower: bool = False) -> Tensor:
    """The solution x of a x = b, for triangular a."""
    matrix, wanted = promoted(a, b, weak=float)
    if len(wanted.shape) == len(matrix.shape) - 1:
        return tf.squeeze(tf.linalg.triangular_solve(matrix, wanted[..., None], lower=lower), -1)
    return tf.linalg.triangular_solve(matrix, wanted, lower=lower)


@operation
def norm(
    x: TensorLike, ord: float | str | None = None, axis: int | Sequence[int] | None = None, keepdims: bool = False
) -> Tensor:
    """The norms of vectors along one axis, or of matrices along two.

    Args:
      x: tensor of any shape; integers become `floatx`.
      ord: number, or `"fro"` or `"nuc"` for matrices; None is the Euclidean norm of all elements.
      axis: int, pair of ints, or None for all axes.
      keepdims: whether reduced axes stay, with size 1.
    Raises:
      ValueError: the norm is unknown.
    Example:
      >>> print(tf.keras.ops.norm([[3.0, 4.0]], axis=-1).numpy())
      [5.]
    """
    x = floating(x)
    axes = list(range(len(x.shape))) if axis is None else [axis] if isinstance(axis, int) else list(axis)
    if ord is None or (ord == "fro" and len(axes) == 2):
        return tf.sqrt(tf.reduce_sum(tf.square(tf.abs(x)), axes, keepdims))
    size = tf.abs(x)
    if len(axes) == 1:
        return _vector_norm(size, ord, axes[0], keepdims)
    if len(axes) == 2 and ord in (1, -1, float("inf"), float("-inf"), 2, -2, "nuc"):
        return _matrix_norm(x, ord, axes, keepdims)
    raise ValueError(f"norm: ord is {ord!r} over {len(axes)} axes; there is no such norm.")


def _vector_norm(size: Tensor, ord: Any, axis: int, keepdims: bool) -> Tensor:
    if ord in (float("inf"), float("-inf")):
        return (tf.reduce_max if ord > 0 else tf.reduce_min)(size, axis, keepdims)
    if isinstance(ord, str):
        raise ValueError(f"norm: ord is {ord!r}, a norm of matrices, with one axis. Give two axes, or a number.")
    if ord == 0:
        return tf.reduce_sum(tf.cast(tf.not_equal(size, 0), size.dtype), axis, keepdims)
    if ord == 2:
        return tf.sqrt(tf.reduce_sum(tf.square(size), axis, keepdims))
    return tf.reduce_sum(size**ord, axis, keepdims) ** (1.0 / ord)


def _matrix_norm(x: Tensor, ord: Any, axes: list[int], keepdims: bool) -> Tensor:
    rank = len(x.shape)
    rows, columns = (a % rank for a in axes)
    if ord in (2, -2, "nuc"):
        order = [a for a in range(rank) if a not in (rows, columns)]
        values = tf.linalg.svd(tf.transpose(x, [*order, rows, columns]), compute_uv=False)
        found = {2: tf.reduce_max, -2: tf.reduce_min, "nuc": tf.reduce_sum}[ord](values, -1)
        for a in sorted((rows, columns)) if keepdims else ():
            found = tf.expand_dims(found, a)
        return found
    summed, other = (rows, columns) if ord in (1, -1) else (columns, rows)
    sums = tf.reduce_sum(tf.abs(x), summed, keepdims=True)
    found = (tf.reduce_max if ord > 0 else tf.reduce_min)(sums, other, keepdims=True)
    return found if keepdims else tf.squeeze(found, [rows, columns])


def jvp(fun: Callable[..., Any], primals: Any, tangents: Any, has_aux: bool = False) -> tuple:
    """The result of a function, and how it changes along tangents.

    Args:
      fun: function of the primals; with `has_aux`, to a pair of the result and more.
      primals, tangents: tuples of tensors, of the same shapes and dtypes.
      has_aux: whether `fun` returns more than its result.
    Returns:
      `(result, change)`, and what more there was.
    Example:
      >>> result, change = tf.keras.ops.jvp(lambda x: x * x, (tf.constant(3.0),), (tf.constant(1.0),))
      >>> print(result.numpy(), change.numpy())
      9.0 6.0
    """
    given = [convert(x) for x in primals]
    with tf.autodiff.ForwardAccumulator(given, [convert(t) for t in tangents]) as accumulator:
        found = fun(*given)
    result, more = found if has_aux else (found, None)
    change = accumulator.jvp(result, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return (result, change, more) if has_aux else (result, change)


@operation
def lstsq(a: TensorLike, b: TensorLike, rcond: float | None = None) -> Tensor:
    """The x for which a x is nearest to b, the shortest of several; b is of shape `(m,)` or `(m, k)`."""
    matrix, wanted = promoted(a, b, weak=float)
    inverse = tf.linalg.pinv(matrix, rcond)
    return tf.linalg.matvec(inverse, wanted) if len(wanted.shape) == 1 else tf.matmul(inverse, wanted)
