"""Linear algebra of matrices with few diagonals."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.dtypes import COMPLEX, FLOATING, bfloat16, float16, int32
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import Op, register
from tenfold.core.symbol import may_equal
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import elementwise, join, logic, matmul, matrices, matrix_diag, rearrange, static
from tenfold.ops import gather as gather_ops
from tenfold.ops import matrix_decompose as decompose_ops
from tenfold.ops import matrix_solve as solve_ops
from tenfold.ops import reduce as reduce_ops
from tenfold.ops.lapack import TYPES, for_lapack
from tenfold.ops.matmul import adjoint_array

_TYPES = (FLOATING - {bfloat16, float16}) | COMPLEX


# Three diagonals, "compact": rows of superdiagonal, diagonal and subdiagonal; the last element of the first and the first of
# the last are outside the matrix.


def compact_diagonals(diagonals: Any, diagonals_format: str, what: str) -> Tensor:
    """Tridiagonal matrices in the compact form."""
    if diagonals_format == "compact":
        return convert(diagonals)
    if diagonals_format == "matrix":
        matrix = convert(diagonals)
        if not may_equal(matrix._array.shape[-2:-1], matrix._array.shape[-1:]):
            raise ValueError(f"{what}: Expected last two dimensions of diagonals to be same, got shape {matrix.shape}.")
        return matrix_diag.diag_part(matrix, k=(-1, 1), padding_value=0.0, align="LEFT_RIGHT")
    if diagonals_format == "sequence":
        if not isinstance(diagonals, (tuple, list)) or len(diagonals) != 3:
            raise ValueError(f"{what}: Expected diagonals to be a sequence of length 3.")
        above, middle, below = (convert(x) for x in diagonals)
        n = middle._array.shape[-1]
        above, below = _padded(above, n, (0, 1), what), _padded(below, n, (1, 0), what)
        return join.stack([above, middle, below], -2)
    raise ValueError(f"Unrecognized diagonals_format: {diagonals_format}")


def _padded(diagonal: Tensor, n: int, side: tuple[int, int], what: str) -> Tensor:
    """A diagonal beside the main one with as many elements as that has."""
    length = diagonal._array.shape[-1]
    if length == n:
        return diagonal
    if length != n - 1:
        raise ValueError(f"{what}: Expected {n - 1} or {n} elements beside a main diagonal of {n}, got {length}.")
    return rearrange.pad(diagonal, [(0, 0)] * (diagonal._array.ndim - 1) + [side])


def _tridiagonal_solve_kernel(diagonals, rhs, *, partial_pivoting=True, perturb_singular=False):
    TRIDIAGONAL_SOLVE.require(diagonals, rhs)
    b = rhs.copy()
    n = b.shape[-2]
    above, middle, below = (diagonals[..., i, :].copy() for i in range(3))
    above[..., -1:] = 0
    second = np.zeros_like(above)  # the diagonal that pivoting fills, above the superdiagonal
    with np.errstate(all="ignore"):
        for i in range(n - 1):
            if partial_pivoting:
                swap = np.abs(below[..., i + 1]) > np.abs(middle[..., i])
                mine = (middle[..., i], above[..., i], second[..., i])
                next_ = (below[..., i + 1], middle[..., i + 1], above[..., i + 1])
                mine, next_ = zip(
                    *[(np.where(swap, y, x), np.where(swap, x, y)) for x, y in zip(mine, next_, strict=True)],
                    strict=True,
                )
                middle[..., i], above[..., i], second[..., i] = mine
                below[..., i + 1], middle[..., i + 1], above[..., i + 1] = next_
                swap = swap[..., None]
                b[..., i, :], b[..., i + 1, :] = (
                    np.where(swap, b[..., i + 1, :], b[..., i, :]),
                    np.where(swap, b[..., i, :], b[..., i + 1, :]),
                )
            if perturb_singular:
                _perturb(middle[..., i], above[..., i])
            factor = below[..., i + 1] / middle[..., i]
            middle[..., i + 1] -= factor * above[..., i]
            above[..., i + 1] -= factor * second[..., i]
            b[..., i + 1, :] -= factor[..., None] * b[..., i, :]
        if perturb_singular and n:
            _perturb(middle[..., n - 1], above[..., n - 2] if n > 1 else middle[..., 0])
        for i in range(n - 1, -1, -1):
            if i + 1 < n:
                b[..., i, :] -= above[..., i, None] * b[..., i + 1, :]
            if i + 2 < n:
                b[..., i, :] -= second[..., i, None] * b[..., i + 2, :]
            b[..., i, :] /= middle[..., i, None]
        is_singular = (middle == 0).any(axis=-1) | np.isnan(middle).any(axis=-1)
    b[is_singular] = np.nan
    return b


def _perturb(pivot: np.ndarray, scale: np.ndarray) -> None:
    """Replaces pivots that are zero to working precision by the smallest ones that are not."""
    info = np.finfo(pivot.dtype)
    least = np.maximum(info.eps * np.abs(scale), info.tiny).astype(pivot.dtype)
    pivot[...] = np.where(np.abs(pivot) < np.abs(least), least, pivot)


def _tridiagonal_solve_vjp(dy, diagonals, out, partial_pivoting, perturb_singular):
    d_rhs = TRIDIAGONAL_SOLVE(
        adjoint_diagonals(diagonals), dy, partial_pivoting=partial_pivoting, perturb_singular=perturb_singular
    )
    x = elementwise.conj(out)
    parts = [_shifted(x, -1), x, _shifted(x, 1)]
    return -join.stack([reduce_ops.reduce_sum(d_rhs * part, -1) for part in parts], -2), d_rhs


def adjoint_diagonals(diagonals: Tensor) -> Tensor:
    above, middle, below = (array_ops.expand_dims(diagonals[..., i, :], -1) for i in range(3))
    rows = [_shifted(below, -1), middle, _shifted(above, 1)]
    return elementwise.conj(join.stack([array_ops.squeeze(row, -1) for row in rows], -2))


def _shifted(x: Tensor, by: int) -> Tensor:
    """Moves rows down by one, or up by -1, with zeros for the one that is missing."""
    sides, kept = ((1, 0), x[..., :-1, :]) if by > 0 else ((0, 1), x[..., 1:, :])
    return rearrange.pad(kept, [(0, 0)] * (x._array.ndim - 2) + [sides, (0, 0)])


TRIDIAGONAL_SOLVE = register(
    Op("TridiagonalSolve", _tridiagonal_solve_kernel, types=_TYPES, vjp=_tridiagonal_solve_vjp)
)


def tridiagonal_solve(
    diagonals: Any,
    rhs: Any,
    diagonals_format: str = "compact",
    transpose_rhs: bool = False,
    conjugate_rhs: bool = False,
    name: str | None = None,
    partial_pivoting: bool = True,
    perturb_singular: bool = False,
) -> Tensor:
    """Solves linear systems of tridiagonal matrices in linear time.

    Args:
      diagonals: the matrices: for `"compact"` a Tensor, shape `(..., 3, n)`, of superdiagonal, diagonal and subdiagonal, the
        last element of the first and the first of the last not being used; for `"sequence"` these three Tensors; for
        `"matrix"` the whole, shape `(..., n, n)`.
      rhs: Tensor of the same dtype, shape `(..., n)` or `(..., n, k)`.
      diagonals_format: `"compact"`, `"sequence"` or `"matrix"`.
      transpose_rhs: whether `rhs` is to be transposed first.
      conjugate_rhs: whether `rhs` is to be conjugated first.
      partial_pivoting: whether rows are exchanged, for stability.
      perturb_singular: whether pivots that are zero are replaced by tiny numbers.
    Returns:
      Tensor of `rhs`'s shape; NaN where a matrix is singular.
    Raises:
      ValueError: shapes do not fit, or an argument is unknown.
      tf.errors.InvalidArgumentError: the dtypes differ.
    Example:
      >>> print(tf.linalg.tridiagonal_solve([[0.0, 0.0], [2.0, 4.0], [0.0, 0.0]], [2.0, 4.0]).numpy())
      [1. 1.]
    """
    what = "tf.linalg.tridiagonal_solve"
    if perturb_singular and not partial_pivoting:
        raise ValueError("partial_pivoting must be True if perturb_singular is.")
    diagonals = compact_diagonals(diagonals, diagonals_format, what)
    rhs = convert(rhs, None, diagonals.dtype)
    shape = diagonals._array.shape
    if len(shape) < 2:
        raise ValueError(f"Expected diagonals to have rank at least 2, got {len(shape)}")
    if shape[-2] != 3:
        raise ValueError(f"Expected 3 diagonals got {shape[-2]}")
    is_vector = rhs._array.ndim == len(shape) - 1
    if not is_vector and rhs._array.ndim != len(shape):
        raise ValueError(f"Expected the rank of rhs to be {len(shape) - 1} or {len(shape)}, got {rhs._array.ndim}")
    if is_vector:
        rhs = elementwise.conj(rhs) if conjugate_rhs else rhs
        rhs = array_ops.expand_dims(rhs, -1)
    elif transpose_rhs:
        rhs = matrices.matrix_transpose(rhs, conjugate=conjugate_rhs)
    elif conjugate_rhs:
        rhs = elementwise.conj(rhs)
    if not may_equal(rhs._array.shape[:-2], shape[:-2]):
        raise ValueError(f"Batch shapes {shape[:-2]} and {rhs._array.shape[:-2]} are incompatible")
    if rhs._array.shape[-2] != shape[-1]:
        raise ValueError(
            f"Expected number of left-hand sided and right-hand sides to be equal, got {shape[-1]} and "
            f"{rhs._array.shape[-2]}"
        )
    out = TRIDIAGONAL_SOLVE(diagonals, rhs, partial_pivoting=partial_pivoting, perturb_singular=perturb_singular)
    return array_ops.squeeze(out, -1) if is_vector else out


def _tridiagonal_matmul_kernel(superdiag, maindiag, subdiag, rhs):
    TRIDIAGONAL_MATMUL.require(superdiag, maindiag, subdiag, rhs)
    what = "tf.linalg.tridiagonal_matmul"
    if not superdiag.ndim == maindiag.ndim == subdiag.ndim == rhs.ndim:
        raise InvalidArgumentError(f"{what}: All input tensors must have the same rank.")
    expected = (*rhs.shape[:-2], 1, rhs.shape[-2])
    for which, x in (("superdiagonal", superdiag), ("main diagonal", maindiag), ("subdiagonal", subdiag)):
        if x.shape != expected:
            raise InvalidArgumentError(f"{what}: Invalid {which} shape {x.shape}; rhs {rhs.shape} needs {expected}.")
    above, middle, below = (x.swapaxes(-1, -2) for x in (superdiag, maindiag, subdiag))
    out = middle * rhs
    out[..., :-1, :] += above[..., :-1, :] * rhs[..., 1:, :]
    out[..., 1:, :] += below[..., 1:, :] * rhs[..., :-1, :]
    return out


def _tridiagonal_matmul_vjp(dy, superdiag, maindiag, subdiag, rhs):
    x = elementwise.conj(rhs)
    above, middle, below = (matrices.adjoint(d) for d in (superdiag, maindiag, subdiag))
    of_diagonals = [
        array_ops.expand_dims(reduce_ops.reduce_sum(part * dy, -1), -2) for part in (_shifted(x, -1), x, _shifted(x, 1))
    ]
    return *of_diagonals, _shifted(above * dy, 1) + middle * dy + _shifted(below * dy, -1)


TRIDIAGONAL_MATMUL = register(
    Op("TridiagonalMatMul", _tridiagonal_matmul_kernel, types=_TYPES, vjp=_tridiagonal_matmul_vjp)
)


def tridiagonal_matmul(diagonals: Any, rhs: Any, diagonals_format: str = "compact", name: str | None = None) -> Tensor:
    """Multiplies tridiagonal matrices with matrices in linear time.

    Args:
      diagonals: the tridiagonal matrices, as in `tf.linalg.tridiagonal_solve`.
      rhs: Tensor of the same dtype, shape `(..., n, k)`.
      diagonals_format: `"compact"`, `"sequence"` or `"matrix"`.
    Raises:
      ValueError: `diagonals_format` is unknown.
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit.
    Example:
      >>> print(tf.linalg.tridiagonal_matmul([[1.0, 0.0], [2.0, 2.0], [0.0, 1.0]], [[1.0], [2.0]]).numpy())
      [[4.]
       [5.]]
    """
    diagonals = compact_diagonals(diagonals, diagonals_format, "tf.linalg.tridiagonal_matmul")
    rows = [diagonals[..., i : i + 1, :] for i in range(3)]
    return TRIDIAGONAL_MATMUL(*rows, convert(rhs, None, diagonals.dtype))


def eigh_tridiagonal(
    alpha: Any,
    beta: Any,
    eigvals_only: bool = True,
    select: str = "a",
    select_range: Any = None,
    tol: Any = None,
    name: str | None = None,
) -> Any:
    """Eigenvalues of Hermitian tridiagonal matrices, in ascending order.

    Args:
      alpha: Tensor, shape `(..., n)`: the diagonals.
      beta: Tensor of the same dtype, shape `(..., n - 1)`: the superdiagonals, conjugated below.
      eigvals_only: whether eigenvectors are left out.
      select: `"a"` for all, `"i"` for those with indices in `select_range`, `"v"` for those with values in it.
      select_range: pair of ends, both included for `"i"`; the lower one excluded for `"v"`.
      tol: accepted; all values are computed to the dtype's precision.
    Returns:
      Tensor of values, shape `(..., m)`; or a pair of these and of vectors, shape `(..., n, m)`.
    Raises:
      ValueError: `select` is unknown, or the dtypes differ.
      tf.errors.InvalidArgumentError: shapes do not fit, or the range is empty.
    Example:
      >>> print(tf.linalg.eigh_tridiagonal([1.0, 2.0], [0.0]).numpy())
      [1. 2.]
    """
    what = "tf.linalg.eigh_tridiagonal"
    alpha = convert(alpha)
    beta = convert(beta, None, alpha.dtype)
    if select not in ("a", "i", "v"):
        raise ValueError(f"{what}: select is {select!r}; it must be 'a', 'i' or 'v'.")
    if alpha.dtype is not beta.dtype:
        raise ValueError("'alpha' and 'beta' must have the same type.")
    if not alpha._array.ndim or not beta._array.ndim:
        raise InvalidArgumentError(
            f"{what}: alpha is {alpha._array.shape}, beta {beta._array.shape}; both need an axis."
        )
    n = alpha._array.shape[-1]
    if beta._array.shape[-1] != max(n - 1, 0):
        raise InvalidArgumentError(
            f"{what}: alpha has {n} elements, beta {beta._array.shape[-1]}; it must have one less."
        )
    if select != "a":
        values_type = alpha.dtype.real_dtype
        first, last = (convert(x, None, int32 if select == "i" else values_type) for x in select_range)
        if not any(map(static.is_traced, (first, last))) and first > last:
            raise InvalidArgumentError(f"{what}: Got empty index range in select_range: {first} > {last}.")
    matrix = matrix_diag.diag(alpha)
    if n > 1:
        matrix = matrix_diag.set_diag(matrix, elementwise.conj(beta), k=-1)
    values, vectors = decompose_ops.eigh(matrix) if n else (alpha, matrix)
    if alpha.dtype.is_complex:
        from tenfold.ops import cast as cast_ops

        values = cast_ops.real(values)
    if select == "i":
        chosen = slice(*[static.integer(x, what) for x in (first, last + 1)])
    elif select == "v":
        if values._array.ndim > 1:
            raise InvalidArgumentError(
                f"{what}: select='v' takes one matrix, got a batch of shape {values.shape[:-1]}."
            )
        inside = logic.logical_and(values > first, values <= last)
        values = gather_ops.boolean_mask(values, inside)
        return values if eigvals_only else (values, gather_ops.boolean_mask(vectors, inside, 1))
    else:
        chosen = slice(None)
    values = values[..., chosen]
    return values if eigvals_only else (values, vectors[..., chosen])


# Triangles with few diagonals


def _band_range(bands: int, n: int, lower: bool) -> tuple[slice, tuple[int, int]]:
    """Which of the bands are inside a matrix, and which of its diagonals they are."""
    inside = min(bands, n)
    return (slice(0, inside), (1 - inside, 0)) if lower else (slice(bands - inside, None), (0, inside - 1))


def _banded_kernel(matrix, rhs, *, lower=True, adjoint=False):
    BANDED_SOLVE.require(matrix, rhs)
    what = "tf.linalg.banded_triangular_solve"
    for i, x in enumerate((matrix, rhs)):
        if x.ndim < 2:
            raise InvalidArgumentError(f"{what}: In[{i}] ndims must be >= 2, its shape is {x.shape}.")
    bands, n = matrix.shape[-2:]
    if not bands:
        raise InvalidArgumentError(f"{what}: bands must not be empty, its shape is {matrix.shape}.")
    if n != rhs.shape[-2]:
        raise InvalidArgumentError(
            f"{what}: bands {matrix.shape} and rhs {rhs.shape} do not fit: {n} vs. {rhs.shape[-2]}."
        )
    if not matrix[..., 0 if lower else -1, :].all():
        raise InvalidArgumentError(f"{what}: Input matrix is not invertible.")
    rows, k = _band_range(bands, n, lower)
    where = matrix_diag.positions(n, n, k, "LEFT_RIGHT")
    a = np.zeros((*matrix.shape[:-2], n, n), matrix.dtype)
    packed = matrix[..., rows, :]
    a[..., where.rows, where.columns] = packed[(..., 0, *where.packed) if k[0] == k[1] else (..., *where.packed)]
    if adjoint:
        a, lower = adjoint_array(a), not lower
    batch = np.broadcast_shapes(a.shape[:-2], rhs.shape[:-2])
    b = np.broadcast_to(for_lapack(rhs), (*batch, *rhs.shape[-2:]))
    return solve_ops.solve_triangular(for_lapack(a), b, lower).astype(rhs.dtype, copy=False)


def _banded_matrix_vjp(dy, matrix, out, lower, adjoint):
    d_rhs = BANDED_SOLVE(matrix, dy, lower=lower, adjoint=not adjoint)
    da = -(matmul.matmul(out, d_rhs, adjoint_b=True) if adjoint else matmul.matmul(d_rhs, out, adjoint_b=True))
    bands, n = matrix._array.shape[-2:]
    _, k = _band_range(bands, n, lower)
    d_bands = matrix_diag.diag_part(da, k=k, align="LEFT_RIGHT")
    if k[0] == k[1]:
        d_bands = array_ops.expand_dims(d_bands, -2)
    missing = bands - (k[1] - k[0] + 1)
    if missing:
        sides = (0, missing) if lower else (missing, 0)
        d_bands = rearrange.pad(d_bands, [(0, 0)] * (d_bands._array.ndim - 2) + [sides, (0, 0)])
    return elementwise.unbroadcast(d_bands, matrix._array.shape)


def _banded_rhs_vjp(dy, matrix, rhs_shape, lower, adjoint):
    return elementwise.unbroadcast(BANDED_SOLVE(matrix, dy, lower=lower, adjoint=not adjoint), rhs_shape)


BANDED_SOLVE = register(
    Op("BandedTriangularSolve", _banded_kernel, types=TYPES, vjp=(_banded_matrix_vjp, _banded_rhs_vjp))
)


def banded_triangular_solve(
    bands: Any, rhs: Any, lower: bool = True, adjoint: bool = False, name: str | None = None
) -> Tensor:
    """Solves `matrix @ x = rhs` for triangular matrices given by their diagonals; batches broadcast.

    Args:
      bands: Tensor, shape `(..., k, n)`: for lower triangles the main diagonal, then those below it with as many unused
        elements in front; for upper ones the highest diagonal first, with unused elements at the end, the main one last.
      rhs: Tensor of the same dtype, shape `(..., n, m)`.
      lower: whether the matrices are lower triangular.
      adjoint: whether their adjoints stand in their place.
    Raises:
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit, or a matrix is singular.
    Example:
      >>> print(tf.linalg.banded_triangular_solve([[2.0, 1.0], [0.0, 1.0]], [[2.0], [3.0]]).numpy())
      [[1.]
       [2.]]
    """
    bands = convert(bands)
    return BANDED_SOLVE(bands, convert(rhs, None, bands.dtype), lower=bool(lower), adjoint=bool(adjoint))
