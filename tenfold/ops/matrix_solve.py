"""Determinants, inverses and solutions of linear systems."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.dtypes import COMPLEX, FLOATING
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import Op, register
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import elementwise, exponential, matmul, matrices, matrix_diag
from tenfold.ops import matrix_decompose as decompose_ops
from tenfold.ops import reduce as reduce_ops
from tenfold.ops.lapack import TYPES, for_lapack, require_matrix, require_square
from tenfold.ops.matmul import adjoint_array, product

# Determinants


def _det_kernel(input):
    DETERMINANT.require(input)
    require_square(input, "tf.linalg.det")
    with np.errstate(all="ignore"):  # np.linalg warns of overflow in its own name
        return np.linalg.det(for_lapack(input)).astype(input.dtype)


def _of_matrices(x: Tensor) -> Tensor:
    """One number for each matrix, so that it multiplies the matrix."""
    return array_ops.reshape(x, (*x._array.shape, 1, 1))


DETERMINANT: Op = register(
    Op(
        "MatrixDeterminant",
        _det_kernel,
        types=TYPES,
        vjp=lambda dy, input, out: _of_matrices(dy * elementwise.conj(out)) * INVERSE(input, adjoint=True),
    )
)


def det(input: Any, name: str | None = None) -> Tensor:
    """The determinants of square matrices.

    Raises:
      tf.errors.InvalidArgumentError: `input` is not square; or it is singular and a gradient is asked for.
    Example:
      >>> print(tf.linalg.det([[2.0, 1.0], [1.0, 3.0]]).numpy())
      5.0
    """
    return DETERMINANT(convert(input))


def _slogdet_kernel(input):
    LOG_DETERMINANT.require(input)
    require_square(input, "tf.linalg.slogdet")
    with np.errstate(all="ignore"):
        sign, logarithm = np.linalg.slogdet(for_lapack(input))
    sign = np.where(np.isnan(logarithm), np.nan, sign)
    return sign.astype(input.dtype), np.asarray(logarithm).astype(input.dtype)


LOG_DETERMINANT: Op = register(
    Op(
        "LogMatrixDeterminant",
        _slogdet_kernel,
        types=TYPES,
        outputs=("sign", "log_abs_determinant"),
        vjp=lambda dys, input: _of_matrices(dys[1]) * INVERSE(input, adjoint=True),
    )
)


def slogdet(input: Any, name: str | None = None) -> Any:
    """The signs of determinants and the logarithms of their absolute values.

    Returns:
      A namedtuple `(sign, log_abs_determinant)`; the sign is a complex number of size 1 for complex matrices, and 0 for
      singular ones.
    Raises:
      tf.errors.InvalidArgumentError: `input` is not square.
    Example:
      >>> sign, logarithm = tf.linalg.slogdet([[0.0, 1.0], [1.0, 0.0]])
      >>> print(sign.numpy(), logarithm.numpy())
      -1.0 0.0
    """
    return LOG_DETERMINANT(convert(input))


def logdet(matrix: Any, name: str | None = None) -> Tensor:
    """The logarithms of the determinants of positive definite Hermitian matrices.

    Raises:
      tf.errors.InvalidArgumentError: `matrix` is not square.
    Example:
      >>> print(tf.linalg.logdet([[1.0, 0.0], [0.0, 1.0]]).numpy())
      0.0
    """
    diagonal = cast_ops.real(matrix_diag.diag_part(decompose_ops.cholesky(matrix)))
    return 2.0 * reduce_ops.reduce_sum(exponential.log(diagonal), -1)


# Inverses and solutions


def _inverse_kernel(input, *, adjoint=False):
    INVERSE.require(input)
    require_square(input, "tf.linalg.inv")
    matrix = adjoint_array(input) if adjoint else input
    try:
        result = np.linalg.inv(for_lapack(matrix))
    except np.linalg.LinAlgError:
        result = None
    if result is None or np.isnan(result).any():
        raise InvalidArgumentError("tf.linalg.inv: Input is not invertible.")
    return result.astype(input.dtype, copy=False)


def _inverse_vjp(dy, out, adjoint):
    middle = matmul.matmul(dy, out, adjoint_a=adjoint, adjoint_b=not adjoint)
    return -matmul.matmul(out, middle, adjoint_a=not adjoint)


INVERSE: Op = register(Op("MatrixInverse", _inverse_kernel, types=TYPES, vjp=_inverse_vjp))


def inv(input: Any, adjoint: bool = False, name: str | None = None) -> Any:
    """The inverses of square matrices, or of their adjoints; a LinearOperator's is one too.

    Raises:
      tf.errors.InvalidArgumentError: a matrix is not square or not invertible.
    Example:
      >>> print(tf.linalg.inv([[2.0, 0.0], [0.0, 4.0]]).numpy())
      [[0.5  0.  ]
       [0.   0.25]]
    """
    if matrices.is_operator(input):
        return input.inverse().adjoint() if adjoint else input.inverse()
    return INVERSE(convert(input), adjoint=bool(adjoint))


def _solve_kernel(matrix, rhs, *, adjoint=False):
    SOLVE.require(matrix, rhs)
    what = "tf.linalg.solve"
    require_matrix(matrix, what)
    if matrix.ndim != rhs.ndim:
        raise InvalidArgumentError(
            f"{what}: All input tensors must have the same rank, got shapes {matrix.shape} and {rhs.shape}."
        )
    require_square(matrix, what)
    if matrix.shape[:-2] != rhs.shape[:-2] or matrix.shape[-1] != rhs.shape[-2]:
        raise InvalidArgumentError(f"{what}: Input matrix {matrix.shape} and rhs {rhs.shape} are incompatible.")
    matrix, wide = for_lapack(matrix), for_lapack(rhs)
    try:
        result = np.linalg.solve(adjoint_array(matrix) if adjoint else matrix, wide)
    except np.linalg.LinAlgError:
        result = None
    if result is None or (np.isnan(result).any() and np.isnan(matrix).any()):
        raise InvalidArgumentError(f"{what}: Input matrix is not invertible.")
    return result.astype(rhs.dtype, copy=False)


def _solve_matrix_vjp(dy, matrix, out, adjoint):
    return _outer_of(SOLVE(matrix, dy, adjoint=not adjoint), out, adjoint)


def _outer_of(d_rhs: Tensor, x: Tensor, adjoint: bool) -> Tensor:
    """The gradient of `a` in `a x = rhs`, from that of `rhs`."""
    return -(matmul.matmul(x, d_rhs, adjoint_b=True) if adjoint else matmul.matmul(d_rhs, x, adjoint_b=True))


SOLVE: Op = register(
    Op(
        "MatrixSolve",
        _solve_kernel,
        types=TYPES,
        vjp=(_solve_matrix_vjp, lambda dy, matrix, adjoint: SOLVE(matrix, dy, adjoint=not adjoint)),
    )
)


def solve(matrix: Any, rhs: Any, adjoint: bool = False, name: str | None = None) -> Any:
    """Solves `matrix @ x = rhs`.

    Args:
      matrix: Tensor, shape `(..., n, n)`, or LinearOperator.
      rhs: Tensor of the same dtype, shape `(..., n, k)`.
      adjoint: whether the adjoint of `matrix` stands in its place.
    Raises:
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit, or a matrix is not invertible.
    Example:
      >>> print(tf.linalg.solve([[2.0, 0.0], [0.0, 4.0]], [[1.0], [2.0]]).numpy())
      [[0.5]
       [0.5]]
    """
    if matrices.is_operator(matrix):
        return matrix.solve(rhs, adjoint=adjoint)
    matrix = convert(matrix)
    return SOLVE(matrix, convert(rhs, None, matrix.dtype), adjoint=bool(adjoint))


# Triangular systems


def solve_triangular(a: np.ndarray, b: np.ndarray, lower: bool) -> np.ndarray:
    """`x` with `a @ x = b`, from one triangle of `a`; batches of the same shape. Zeros on the diagonal give infinities."""
    if not lower:  # the order of rows and columns turned around makes it a lower triangle
        return solve_triangular(a[..., ::-1, ::-1], b[..., ::-1, :], True)[..., ::-1, :]
    x = b.copy()
    n = a.shape[-1]
    is_regular = n >= 2 * _BLOCK and np.einsum("...ii->...i", a).all()
    done = n - n % _BLOCK if is_regular else 0
    if done:  # block by block, with the inverses of the blocks on the diagonal
        inverses = _inverses_of_triangles(_diagonal_blocks(a[..., :done, :done], _BLOCK).copy())
        for i in range(0, done, _BLOCK):
            rows = x[..., i : i + _BLOCK, :] - a[..., i : i + _BLOCK, :i] @ x[..., :i, :]
            x[..., i : i + _BLOCK, :] = inverses[..., i // _BLOCK, :, :] @ rows
    for i in range(done, n):
        x[..., i, :] -= (a[..., i : i + 1, :i] @ x[..., :i, :])[..., 0, :]
        x[..., i, :] /= a[..., i, i, None]
    return x


_BLOCK = 16  # a power of two


def _diagonal_blocks(x: np.ndarray, size: int) -> np.ndarray:
    """The square blocks on the diagonal of matrices, on an axis of their own: a view if the matrices are contiguous."""
    count = x.shape[-1] // size
    return np.einsum("...ipiq->...ipq", x.reshape(*x.shape[:-2], count, size, count, size))


def _inverses_of_triangles(a: np.ndarray) -> np.ndarray:
    """The inverses of lower triangular matrices: of blocks on the diagonal, of ever larger ones."""
    inverse = np.zeros_like(a)
    np.einsum("...ii->...i", inverse)[...] = 1.0 / np.einsum("...ii->...i", a)
    size = 1
    while size < a.shape[-1]:
        of, out = _diagonal_blocks(a, 2 * size), _diagonal_blocks(inverse, 2 * size)
        right = of[..., size:, :size] @ out[..., :size, :size]
        out[..., size:, :size] = -(out[..., size:, size:] @ right)
        size *= 2
    return inverse


def _triangular_kernel(matrix, rhs, *, lower=True, adjoint=False):
    TRIANGULAR_SOLVE.require(matrix, rhs)
    what = "tf.linalg.triangular_solve"
    for i, x in enumerate((matrix, rhs)):
        if x.ndim < 2:
            raise InvalidArgumentError(f"{what}: In[{i}] ndims must be >= 2, its shape is {x.shape}.")
    require_square(matrix, what)
    if matrix.shape[-1] != rhs.shape[-2]:
        raise InvalidArgumentError(f"{what}: matrix {matrix.shape} and rhs {rhs.shape} have different numbers of rows.")
    batch = np.broadcast_shapes(matrix.shape[:-2], rhs.shape[:-2])
    a = for_lapack(matrix)
    if adjoint:
        a, lower = adjoint_array(a), not lower
    b = np.broadcast_to(for_lapack(rhs), (*batch, *rhs.shape[-2:]))
    with np.errstate(all="ignore"):
        return solve_triangular(a, b, lower).astype(rhs.dtype, copy=False)


def _triangular_matrix_vjp(dy, matrix, out, lower, adjoint):
    da = _outer_of(TRIANGULAR_SOLVE(matrix, dy, lower=lower, adjoint=not adjoint), out, adjoint)
    da = matrix_diag.band_part(da, -1, 0) if lower else matrix_diag.band_part(da, 0, -1)
    return elementwise.unbroadcast(da, matrix._array.shape)


def _triangular_rhs_vjp(dy, matrix, rhs_shape, lower, adjoint):
    return elementwise.unbroadcast(TRIANGULAR_SOLVE(matrix, dy, lower=lower, adjoint=not adjoint), rhs_shape)


TRIANGULAR_SOLVE = register(
    Op(
        "MatrixTriangularSolve",
        _triangular_kernel,
        types=FLOATING | COMPLEX,
        vjp=(_triangular_matrix_vjp, _triangular_rhs_vjp),
    )
)


def triangular_solve(
    matrix: Any, rhs: Any, lower: bool = True, adjoint: bool = False, name: str | None = None
) -> Tensor:
    """Solves `matrix @ x = rhs` for a triangular matrix; batches broadcast.

    Args:
      matrix: Tensor, shape `(..., n, n)`; only one triangle is read.
      rhs: Tensor of the same dtype, shape `(..., n, k)`.
      lower: whether that is the lower triangle.
      adjoint: whether the adjoint of `matrix` stands in its place.
    Raises:
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit.
    Example:
      >>> print(tf.linalg.triangular_solve([[2.0, 0.0], [1.0, 1.0]], [[2.0], [3.0]]).numpy())
      [[1.]
       [2.]]
    """
    matrix = convert(matrix)
    return TRIANGULAR_SOLVE(matrix, convert(rhs, None, matrix.dtype), lower=bool(lower), adjoint=bool(adjoint))


def cholesky_solve(chol: Any, rhs: Any, name: str | None = None) -> Tensor:
    """Solves `a @ x = rhs`, given the Cholesky factor of `a`.

    Args:
      chol: Tensor, shape `(..., n, n)`: what `tf.linalg.cholesky(a)` returns.
      rhs: Tensor of the same dtype, shape `(..., n, k)`.
    Raises:
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit.
    Example:
      >>> print(tf.linalg.cholesky_solve([[2.0, 0.0], [0.0, 1.0]], [[4.0], [3.0]]).numpy())
      [[1.]
       [3.]]
    """
    chol = convert(chol)
    return triangular_solve(chol, triangular_solve(chol, rhs), adjoint=True)


# Least squares


def _least_squares_kernel(matrix, rhs, l2_regularizer, *, fast=True):
    LEAST_SQUARES.require(matrix, rhs)
    what = "tf.linalg.lstsq"
    require_matrix(matrix, what)
    if matrix.ndim != rhs.ndim or matrix.shape[:-1] != rhs.shape[:-1]:
        raise InvalidArgumentError(f"{what}: Input matrix {matrix.shape} and rhs {rhs.shape} are incompatible.")
    a, b = for_lapack(matrix), for_lapack(rhs)
    weight = float(l2_regularizer.real) if fast else 0.0
    if weight:  # rows that ask for x = 0
        n = a.shape[-1]
        ridge = np.broadcast_to(np.sqrt(weight) * np.eye(n), (*a.shape[:-2], n, n))
        a = np.concatenate([a, ridge.astype(a.dtype)], axis=-2)
        b = np.concatenate([b, np.zeros((*b.shape[:-2], n, b.shape[-1]), b.dtype)], axis=-2)
    inverse = np.linalg.pinv(a, rcond=np.finfo(a.dtype).eps * max(a.shape[-2:]))
    return product(inverse, b).astype(rhs.dtype, copy=False)


def _least_squares_vjp(dy, matrix, rhs, l2_regularizer, fast):
    raise ValueError("tf.linalg.lstsq: Gradient not defined for fast=False. Use fast=True.")


def _raw_least_squares(
    matrix: Any, rhs: Any, l2_regularizer: Any, fast: bool = True, name: str | None = None
) -> Tensor:
    return lstsq(matrix, rhs, float(convert(l2_regularizer)._array), fast)


LEAST_SQUARES = register(
    Op("MatrixSolveLs", _least_squares_kernel, types=TYPES, vjp=_least_squares_vjp, raw=_raw_least_squares)
)


def lstsq(matrix: Any, rhs: Any, l2_regularizer: float = 0.0, fast: bool = True, name: str | None = None) -> Tensor:
    """Solves linear least squares problems: the least `|matrix @ x - rhs|**2 + l2_regularizer * |x|**2`.

    Args:
      matrix: Tensor, shape `(..., m, n)`.
      rhs: Tensor of the same dtype, shape `(..., m, k)`.
      l2_regularizer: weight of the size of `x`; not used if `fast` is False.
      fast: whether to solve the normal equations by Cholesky, which needs a matrix of full rank and loses half of the
        digits; else a complete decomposition is used, which has no gradient.
    Returns:
      Tensor, shape `(..., n, k)`; of several solutions the shortest.
    Raises:
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit.
    Example:
      >>> print(tf.linalg.lstsq([[1.0], [1.0]], [[1.0], [3.0]]).numpy())
      [[2.]]
    """
    matrix = convert(matrix)
    rhs = convert(rhs, None, matrix.dtype)
    if not fast:
        return LEAST_SQUARES(matrix, rhs, convert(l2_regularizer, matrix.dtype), fast=False)
    rows, columns = matrix._array.shape[-2:] if matrix._array.ndim > 1 else (0, 0)
    is_tall = rows >= columns
    gramian = matmul.matmul(matrix, matrix, adjoint_a=is_tall, adjoint_b=not is_tall)
    if l2_regularizer != 0:
        gramian = matrix_diag.set_diag(gramian, matrix_diag.diag_part(gramian) + l2_regularizer)
    factor = decompose_ops.cholesky(gramian)
    if is_tall:
        return cholesky_solve(factor, matmul.matmul(matrix, rhs, adjoint_a=True))
    return matmul.matmul(matrix, cholesky_solve(factor, rhs), adjoint_a=True)
