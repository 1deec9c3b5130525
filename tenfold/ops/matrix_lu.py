"""LU decomposition, and what is computed from it."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import as_dtype
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import Op, register
from tenfold.core.symbol import may_equal
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import creation, matmul, matrices, matrix_diag
from tenfold.ops import gather as gather_ops
from tenfold.ops import matrix_solve as solve_ops
from tenfold.ops import sort as sort_ops
from tenfold.ops.lapack import TYPES, for_lapack, require_square


def _lu_kernel(input, *, output_idx_type=dtypes.int32):
    what = "tf.linalg.lu"
    LU.require(input)
    require_square(input, what)
    if output_idx_type not in (dtypes.int32, dtypes.int64):
        raise InvalidArgumentError(f"{what}: output_idx_type is {output_idx_type.name}; it must be int32 or int64.")
    n = input.shape[-1]
    lu = for_lapack(input).reshape(prod(input.shape[:-2]), n, n).copy()
    each = np.arange(len(lu))
    perm = np.tile(np.arange(n, dtype=output_idx_type._np), (len(lu), 1))
    with np.errstate(all="ignore"):
        for i in range(n):
            pivot = i + np.abs(lu[:, i:, i]).argmax(axis=1)
            lu[each, i], lu[each, pivot] = lu[each, pivot], lu[each, i]
            perm[each, i], perm[each, pivot] = perm[each, pivot], perm[each, i]
            lu[:, i + 1 :, i] /= lu[:, i, i, None]
            lu[:, i + 1 :, i + 1 :] -= lu[:, i + 1 :, i, None] * lu[:, i, None, i + 1 :]
    if not (np.abs(np.einsum("bii->bi", lu)) > 0).all():  # zero or not a number
        raise InvalidArgumentError(f"{what}: Input is not invertible.")
    return lu.reshape(input.shape).astype(input.dtype, copy=False), perm.reshape(input.shape[:-1])


def _triangles(lu: Tensor) -> tuple[Tensor, Tensor]:
    """The unit lower and the upper triangular factor that are packed in one matrix."""
    lower = matrix_diag.band_part(lu, -1, 0)
    ones = creation.ones_like(matrix_diag.diag_part(lu))
    return matrix_diag.set_diag(lower, ones), matrix_diag.band_part(lu, 0, -1)


def _lu_vjp(dys, outs):
    """Below the diagonal `middle` is that of `l^H dl`, elsewhere that of `du u^H`."""
    d_lu, (lu, perm) = dys[0], outs
    lower, upper = _triangles(lu)
    d_upper = matrix_diag.band_part(d_lu, 0, -1)
    below = matmul.matmul(lower, d_lu - d_upper, adjoint_a=True)
    below -= matrix_diag.band_part(below, 0, -1)
    middle = below + matrix_diag.band_part(matmul.matmul(d_upper, upper, adjoint_b=True), 0, -1)
    left = solve_ops.triangular_solve(lower, middle, adjoint=True)
    permuted = matrices.adjoint(solve_ops.triangular_solve(upper, matrices.adjoint(left), lower=False))
    return _unpermuted(permuted, perm)


LU = register(Op("Lu", _lu_kernel, types=TYPES, outputs=("lu", "p"), vjp=_lu_vjp))


def lu(input: Any, output_idx_type: Any = dtypes.int32, name: str | None = None) -> Any:
    """Triangular factors of square matrices whose rows are permuted: `gather(input, p) = l @ u`.

    Args:
      input: Tensor, shape `(..., n, n)`.
      output_idx_type: dtype of `p`, int32 or int64.
    Returns:
      A namedtuple `(lu, p)`: `l` without its diagonal of ones, and `u`, in one matrix; and the permutations.
    Raises:
      tf.errors.InvalidArgumentError: a matrix is not square or not invertible.
    Example:
      >>> factors, p = tf.linalg.lu([[1.0, 2.0], [2.0, 2.0]])
      >>> print(factors.numpy(), p.numpy())
      [[2.  2. ]
       [0.5 1. ]] [1 0]
    """
    return LU(convert(input), output_idx_type=as_dtype(output_idx_type))


def _unpermuted(x: Tensor, perm: Tensor) -> Tensor:
    """Puts rows back where `perm` took them from."""
    return gather_ops.gather(x, sort_ops.argsort(perm), batch_dims=perm._array.ndim - 1, axis=-2)


def _require(lower_upper: Any, perm: Any, validate_args: bool) -> tuple[Tensor, Tensor]:
    lower_upper, perm = convert(lower_upper), convert(perm, None, dtypes.int32)
    shape = lower_upper._array.shape
    if len(shape) < 2:
        raise ValueError("Input `lower_upper` must have at least 2 dimensions.")
    if perm._array.ndim != len(shape) - 1:
        raise ValueError("`rank(lower_upper)` must equal `rank(perm) + 1`")
    if validate_args:
        if shape[-1] != shape[-2]:
            raise ValueError("Input `lower_upper` must be square.")
        if not may_equal(perm._array.shape, shape[:-1]):
            raise InvalidArgumentError(f"Input `perm` must have shape {shape[:-1]}, it has {perm._array.shape}.")
    return lower_upper, perm


def lu_reconstruct(lower_upper: Any, perm: Any, validate_args: bool = False, name: str | None = None) -> Tensor:
    """The matrices of which these are the LU decompositions.

    Args:
      lower_upper: the first output of `tf.linalg.lu`.
      perm: the second one.
      validate_args: whether shapes are checked first.
    Raises:
      ValueError: `lower_upper` is not square.
      tf.errors.InvalidArgumentError: `perm` does not fit.
    Example:
      >>> print(tf.linalg.lu_reconstruct([[2.0, 2.0], [0.5, 1.0]], [1, 0]).numpy())
      [[1. 2.]
       [2. 2.]]
    """
    lower_upper, perm = _require(lower_upper, perm, validate_args)
    return _unpermuted(matmul.matmul(*_triangles(lower_upper)), perm)


def lu_solve(lower_upper: Any, perm: Any, rhs: Any, validate_args: bool = False, name: str | None = None) -> Tensor:
    """Solves `a @ x = rhs`, given the LU decomposition of `a`.

    Args:
      lower_upper: the first output of `tf.linalg.lu`, shape `(..., n, n)`.
      perm: the second one.
      rhs: Tensor of the same dtype, shape `(..., n, k)`; batches broadcast.
      validate_args: whether shapes are checked first.
    Raises:
      ValueError: `rhs` has fewer than two axes or another number of rows.
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit.
    Example:
      >>> print(tf.linalg.lu_solve([[2.0, 2.0], [0.5, 1.0]], [1, 0], [[3.0], [4.0]]).numpy())
      [[1.]
       [1.]]
    """
    lower_upper, perm = _require(lower_upper, perm, validate_args)
    rhs = convert(rhs, None, lower_upper.dtype)
    if rhs._array.ndim < 2:
        raise ValueError("Input `rhs` must have at least 2 dimensions.")
    if rhs._array.shape[-2] != lower_upper._array.shape[-1]:
        raise ValueError("`lower_upper.shape[-1]` must equal `rhs.shape[-2]`.")
    batch = np.broadcast_shapes(lower_upper._array.shape[:-2], rhs._array.shape[:-2])
    rhs = array_ops.broadcast_to(rhs, (*batch, *rhs._array.shape[-2:]))
    rows = array_ops.broadcast_to(perm, (*batch, perm._array.shape[-1]))
    permuted = gather_ops.gather(rhs, rows, batch_dims=len(batch), axis=-2)
    lower, upper = _triangles(lower_upper)
    return solve_ops.triangular_solve(upper, solve_ops.triangular_solve(lower, permuted), lower=False)


def lu_matrix_inverse(lower_upper: Any, perm: Any, validate_args: bool = False, name: str | None = None) -> Tensor:
    """The inverses of the matrices of which these are the LU decompositions.

    Args:
      lower_upper: the first output of `tf.linalg.lu`.
      perm: the second one.
      validate_args: whether shapes are checked first.
    Raises:
      ValueError: `lower_upper` is not square.
      tf.errors.InvalidArgumentError: `perm` does not fit.
    Example:
      >>> print(tf.linalg.lu_matrix_inverse([[2.0, 2.0], [0.5, 1.0]], [1, 0]).numpy())
      [[-1.   1. ]
       [ 1.  -0.5]]
    """
    lower_upper, perm = _require(lower_upper, perm, validate_args)
    identity = creation.eye(lower_upper._array.shape[-1], batch_shape=lower_upper.shape[:-2], dtype=lower_upper.dtype)
    return lu_solve(lower_upper, perm, identity)
