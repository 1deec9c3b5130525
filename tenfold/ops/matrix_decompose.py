"""Decompositions of matrices: Cholesky, QR, singular values, eigenvalues."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import Op, register
from tenfold.core.symbol import sizes_in
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import creation, elementwise, extremes, join, matmul, matrices, matrix_diag
from tenfold.ops import gather as gather_ops
from tenfold.ops import matrix_solve as solve_ops
from tenfold.ops import reduce as reduce_ops
from tenfold.ops.lapack import TYPES, for_lapack, require_matrix, require_square
from tenfold.ops.matmul import adjoint_array


def _each(function: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> np.ndarray:
    """`function` of each matrix of a batch; NaN where it does not converge."""
    out = np.full(x.shape, np.nan, x.dtype)
    for index in np.ndindex(x.shape[:-2]):
        try:
            out[index] = function(x[index])
        except np.linalg.LinAlgError:
            pass
    return out


# Cholesky


def _cholesky_kernel(input):
    CHOLESKY.require(input)
    require_square(input, "tf.linalg.cholesky")
    x = for_lapack(input)
    try:
        factor = np.linalg.cholesky(x)
    except np.linalg.LinAlgError:
        factor = np.tril(_each(np.linalg.cholesky, x))
    return factor.astype(input.dtype, copy=False)


def _cholesky_vjp(dy, out):
    middle = matrix_diag.band_part(matmul.matmul(out, dy, adjoint_a=True), -1, 0)
    middle = matrix_diag.set_diag(middle, 0.5 * matrix_diag.diag_part(middle))
    left = solve_ops.triangular_solve(out, middle, adjoint=True)
    dx = solve_ops.triangular_solve(out, matrices.adjoint(left), adjoint=True)
    return 0.5 * (dx + matrices.adjoint(dx))


CHOLESKY = register(Op("Cholesky", _cholesky_kernel, types=TYPES, vjp=_cholesky_vjp))


def cholesky(input: Any, name: str | None = None) -> Any:
    """The lower triangular `l` with `l @ adjoint(l) = input`, for positive definite Hermitian matrices.

    Args:
      input: Tensor, shape `(..., n, n)`, of which only the lower triangle is read; or LinearOperator.
    Returns:
      Tensor of the same shape, or LinearOperator; NaN where a matrix is not positive definite.
    Raises:
      tf.errors.InvalidArgumentError: `input` is not square.
    Example:
      >>> print(tf.linalg.cholesky([[4.0, 2.0], [2.0, 2.0]]).numpy())
      [[2. 0.]
       [1. 1.]]
    """
    if matrices.is_operator(input):
        return input.cholesky()
    return CHOLESKY(convert(input))


# QR


def _qr_kernel(input, *, full_matrices=False):
    QR.require(input)
    require_matrix(input, "tf.linalg.qr")
    q, r = np.linalg.qr(for_lapack(input), "complete" if full_matrices else "reduced")
    return q.astype(input.dtype, copy=False), r.astype(input.dtype, copy=False)


def _qr_vjp(dys, outs, input, full_matrices):
    """Roberts and Roberts, "QR and LQ decomposition matrix backpropagation algorithms", arXiv:2009.10071."""
    (dq, dr), (q, r) = dys, outs
    rows, columns = input._array.shape[-2:]
    is_known = not sizes_in((rows, columns))
    if full_matrices and not (is_known and rows <= columns):
        raise NotImplementedError(
            f"tf.linalg.qr: there is no gradient for full_matrices=True of a {rows}x{columns} matrix. Use the reduced form."
        )
    if is_known and rows >= columns:
        return _square_qr_vjp(dq, dr, q, r)
    # input = [x, y] and r = [u, v] with x = q u and y = q v; y and v may be empty.
    y, u = input[..., rows:], r[..., :rows]
    du, dv = dr[..., :rows], dr[..., rows:]
    dx = _square_qr_vjp(dq + matmul.matmul(y, dv, adjoint_b=True), du, q, u)
    return join.concat([dx, matmul.matmul(q, dv)], -1)


def _square_qr_vjp(dq: Tensor, dr: Tensor, q: Tensor, r: Tensor) -> Tensor:
    middle = matmul.matmul(dr, r, adjoint_b=True) - matmul.matmul(q, dq, adjoint_a=True)
    above = matrix_diag.band_part(middle, 0, -1)
    whole = above + matrices.adjoint(above)  # its diagonal is counted twice
    whole = matrix_diag.set_diag(whole, 0.5 * matrix_diag.diag_part(whole))
    left = dq + matmul.matmul(q, whole)
    return matrices.adjoint(solve_ops.triangular_solve(r, matrices.adjoint(left), lower=False))


QR = register(Op("Qr", _qr_kernel, types=TYPES, outputs=("q", "r"), vjp=_qr_vjp))


def qr(input: Any, full_matrices: bool = False, name: str | None = None) -> Any:
    """Orthonormal columns `q` and an upper triangular `r` with `q @ r = input`.

    Args:
      input: Tensor, shape `(..., m, n)`.
      full_matrices: whether `q` has m columns, else min(m, n).
    Returns:
      A namedtuple `(q, r)`.
    Raises:
      tf.errors.InvalidArgumentError: `input` has fewer than two axes.
    Example:
      >>> q, r = tf.linalg.qr([[3.0, 1.0], [4.0, 2.0]])
      >>> print(tf.abs(r).numpy())
      [[5.  2.2]
       [0.  0.4]]
    """
    return QR(convert(input), full_matrices=bool(full_matrices))


# Singular values


def _safe_reciprocal(x: Tensor) -> Tensor:
    """`1 / x`, and 0 at 0: gradients of equal singular values or eigenvalues stay finite."""
    return x / (x * x + 1e-20)


def _gaps(x: Tensor) -> Tensor:
    """`1 / (x_j - x_i)` off the diagonal."""
    gaps = array_ops.expand_dims(x, -2) - array_ops.expand_dims(x, -1)
    return matrix_diag.set_diag(_safe_reciprocal(gaps), creation.zeros_like(x))


def _svd_kernel(input, *, compute_uv=True, full_matrices=False):
    SVD.require(input)
    require_matrix(input, "tf.linalg.svd")
    x, dtype = for_lapack(input), input.dtype
    batch, (rows, columns) = x.shape[:-2], x.shape[-2:]
    count = min(rows, columns)
    of_s = dtypes.from_numpy(dtype).real_dtype._np  # type: ignore[union-attr]
    try:
        if compute_uv:
            u, s, vh = np.linalg.svd(x, full_matrices)
            return s.astype(of_s, copy=False), u.astype(dtype, copy=False), adjoint_array(vh).astype(dtype, copy=False)
        s = np.linalg.svd(x, compute_uv=False)
    except np.linalg.LinAlgError:  # not a number
        s = np.full((*batch, count), np.nan)
        if compute_uv:
            sizes = (rows, columns) if full_matrices else (count, count)
            u, v = (np.full((*batch, m, n), np.nan, dtype) for m, n in zip((rows, columns), sizes, strict=True))
            return s.astype(of_s), u, v
    return s.astype(of_s, copy=False), np.empty(0, dtype), np.empty(0, dtype)


def _svd_vjp(dys, outs, input, compute_uv, full_matrices):
    """Townsend, "Differentiating the singular value decomposition", 2016; Wan and Zhang, arXiv:1909.02659."""
    if not compute_uv:
        _, u, v = SVD(input)
        return matmul.matmul(u * array_ops.expand_dims(cast_ops.cast(dys[0], u.dtype), -2), v, adjoint_b=True)
    rows, columns = input._array.shape[-2:]
    if full_matrices and abs(rows - columns) > 1:
        raise NotImplementedError(
            f"tf.linalg.svd: there is no gradient for full_matrices=True of a {rows}x{columns} matrix; its sizes may "
            "differ by 1. Use full_matrices=False."
        )
    (ds, du, dv), (s, u, v) = dys, outs
    ds, s = cast_ops.cast(ds, input.dtype), cast_ops.cast(s, input.dtype)
    if rows > columns:
        return matrices.adjoint(_wide_svd_vjp(ds, dv, du, s, v, u))
    return _wide_svd_vjp(ds, du, dv, s, u, v)


def _wide_svd_vjp(ds: Tensor, du: Tensor, dv: Tensor, s: Tensor, u: Tensor, v: Tensor) -> Tensor:
    count, columns = s._array.shape[-1], v._array.shape[-2]
    v1, dv1 = v[..., :count], dv[..., :count]
    gaps = _gaps(s * s)
    of_u = gaps * matmul.matmul(u, du, adjoint_a=True)
    v_dv = matmul.matmul(v1, dv1, adjoint_a=True)
    of_v = gaps * v_dv
    as_row, as_column = array_ops.expand_dims(s, -2), array_ops.expand_dims(s, -1)
    middle = matrix_diag.diag(ds)
    middle += (of_u + matrices.adjoint(of_u)) * as_row + as_column * (of_v + matrices.adjoint(of_v))
    inverse = array_ops.expand_dims(_safe_reciprocal(s), -1)
    if s.dtype.is_complex:
        phase = matrix_diag.diag_part(v_dv)
        middle += matrix_diag.diag(0.5 * (elementwise.conj(phase) - phase)) * inverse
    right = matmul.matmul(middle, v1, adjoint_b=True)
    if count < columns:
        dv1h = matrices.adjoint(dv1)
        outside = dv1h - matmul.matmul(matmul.matmul(dv1h, v1), v1, adjoint_b=True)
        if v._array.shape[-1] > count:
            v2, dv2 = v[..., count:], dv[..., count:]
            outside -= matmul.matmul(matmul.matmul(v1, dv2, adjoint_a=True), v2, adjoint_b=True)
        right += inverse * outside
    return matmul.matmul(u, right)


SVD = register(Op("Svd", _svd_kernel, types=TYPES, outputs=("s", "u", "v"), vjp=_svd_vjp))


def svd(tensor: Any, full_matrices: bool = False, compute_uv: bool = True, name: str | None = None) -> Any:
    """Singular values and vectors: `tensor = u @ diag(s) @ adjoint(v)`.

    Args:
      tensor: Tensor, shape `(..., m, n)`.
      full_matrices: whether `u` and `v` are square, else they have min(m, n) columns.
      compute_uv: whether the vectors are computed too.
    Returns:
      A tuple `(s, u, v)`, with `s` in descending order, or `s` alone.
    Raises:
      tf.errors.InvalidArgumentError: `tensor` has fewer than two axes.
    Example:
      >>> print(tf.linalg.svd([[3.0, 0.0], [0.0, 4.0]], compute_uv=False).numpy())
      [4. 3.]
    """
    outputs = SVD(convert(tensor), compute_uv=bool(compute_uv), full_matrices=bool(full_matrices))
    return tuple(outputs) if compute_uv else outputs[0]


# Eigenvalues


def _self_adjoint_eig_kernel(input, *, compute_v=True):
    SELF_ADJOINT_EIG.require(input)
    what = "tf.linalg.eigh"
    require_square(input, what)
    x, dtype = for_lapack(input), input.dtype
    try:
        e, v = np.linalg.eigh(x) if compute_v else (np.linalg.eigvalsh(x), np.empty(0))
        is_valid = np.isfinite(np.tril(x)).all()
    except np.linalg.LinAlgError:
        is_valid = False
    if not is_valid:
        raise InvalidArgumentError(
            f"{what}: Self-adjoint eigen decomposition was not successful. The input might not be valid."
        )
    return e.astype(dtype, copy=False), v.astype(dtype, copy=False)


def _self_adjoint_eig_vjp(dys, outs, input, compute_v):
    (de, dv), (e, v) = dys, outs
    middle = matrix_diag.diag(de)
    if compute_v:
        middle += _gaps(e) * matmul.matmul(v, dv, adjoint_a=True)
    else:
        _, v = SELF_ADJOINT_EIG(input)
    dx = matmul.matmul(v, matmul.matmul(middle, v, adjoint_b=True))
    # Only the lower triangle is read: it takes what the upper one would have got.
    dx = matrix_diag.band_part(dx + matrices.adjoint(dx), -1, 0)
    return matrix_diag.set_diag(dx, 0.5 * matrix_diag.diag_part(dx))


SELF_ADJOINT_EIG = register(
    Op("SelfAdjointEigV2", _self_adjoint_eig_kernel, types=TYPES, outputs=("e", "v"), vjp=_self_adjoint_eig_vjp)
)


def eigh(tensor: Any, name: str | None = None) -> tuple[Tensor, Tensor]:
    """Eigenvalues, in ascending order, and eigenvectors of Hermitian matrices.

    Args:
      tensor: Tensor, shape `(..., n, n)`; only its lower triangle is read.
    Returns:
      A pair: the values, shape `(..., n)`, and the vectors, the columns of a tensor of shape `(..., n, n)`.
    Raises:
      tf.errors.InvalidArgumentError: `tensor` is not square, or has elements that are not numbers.
    Example:
      >>> values, vectors = tf.linalg.eigh([[2.0, 0.0], [0.0, 1.0]])
      >>> print(values.numpy())
      [1. 2.]
    """
    return tuple(SELF_ADJOINT_EIG(convert(tensor)))


def eigvalsh(tensor: Any, name: str | None = None) -> Tensor:
    """Eigenvalues of Hermitian matrices, in ascending order; see `tf.linalg.eigh`.

    Example:
      >>> print(tf.linalg.eigvalsh([[2.0, 0.0], [0.0, 1.0]]).numpy())
      [1. 2.]
    """
    return SELF_ADJOINT_EIG(convert(tensor), compute_v=False)[0]


def _eig_kernel(input, *, compute_v=True, Tout=None):
    EIG.require(input)
    what = "tf.linalg.eig"
    require_square(input, what)
    dtype = Tout._np if Tout is not None else np.result_type(for_lapack(input), np.complex64)
    try:
        e, v = np.linalg.eig(for_lapack(input))
    except np.linalg.LinAlgError:
        raise InvalidArgumentError(
            f"{what}: Eigen decomposition was not successful. The input might not be valid."
        ) from None
    return e.astype(dtype), v.astype(dtype) if compute_v else np.empty(0, dtype)


def _eig_vjp(dys, outs, input, compute_v):
    """Boeddeker et al., "On the computation of complex-valued gradients", arXiv:1701.00392, equation 4.77."""
    (de, dv), (e, v) = dys, outs
    middle = matrix_diag.diag(de)
    if compute_v:
        v_dv = matmul.matmul(v, dv, adjoint_a=True)
        lengths = cast_ops.cast(cast_ops.real(matrix_diag.diag_part(v_dv)), e.dtype)
        along = matmul.matmul(v, v, adjoint_a=True) * array_ops.expand_dims(lengths, -2)
        middle += elementwise.conj(_gaps(e)) * (v_dv - along)
    else:
        _, v = EIG(input)
    vh = matrices.adjoint(v)
    dx = solve_ops.solve(vh, matmul.matmul(middle, vh))
    return dx if input.dtype.is_complex else cast_ops.cast(cast_ops.real(dx), input.dtype)


EIG = register(Op("Eig", _eig_kernel, types=TYPES, outputs=("e", "v"), vjp=_eig_vjp))


def eig(tensor: Any, name: str | None = None) -> tuple[Tensor, Tensor]:
    """Eigenvalues, in no particular order, and eigenvectors of square matrices.

    Args:
      tensor: Tensor, shape `(..., n, n)`.
    Returns:
      A pair of complex tensors: the values, shape `(..., n)`, and the vectors, the columns of a tensor of shape
      `(..., n, n)`.
    Raises:
      tf.errors.InvalidArgumentError: `tensor` is not square, or has elements that are not numbers.
    Example:
      >>> values, vectors = tf.linalg.eig([[0.0, -1.0], [1.0, 0.0]])
      >>> print(sorted(values.numpy().imag.tolist()))
      [-1.0, 1.0]
    """
    return tuple(EIG(convert(tensor)))


def eigvals(tensor: Any, name: str | None = None) -> Tensor:
    """Eigenvalues of square matrices; see `tf.linalg.eig`.

    Example:
      >>> print(tf.linalg.eigvals([[3.0]]).numpy())
      [3.+0.j]
    """
    return EIG(convert(tensor), compute_v=False)[0]


# What singular values tell


def _require_float_matrix(a: Any) -> Tensor:
    a = convert(a)
    if not a.dtype.is_floating:
        raise TypeError(f"Input `a` must have `float`-like `dtype` (saw {a.dtype.name}).")
    if a._array.ndim < 2:
        raise ValueError(f"Input `a` must have at least 2 dimensions (saw: {a._array.ndim}).")
    return a


def pinv(a: Any, rcond: Any = None, validate_args: bool = False, name: str | None = None) -> Tensor:
    """The Moore-Penrose pseudo-inverses of matrices.

    Args:
      a: Tensor of a floating dtype, shape `(..., m, n)`.
      rcond: singular values below `rcond` times the largest count as zero; `10 * max(m, n) * epsilon` by default.
        A tensor of the shape of the batch gives one for each matrix.
      validate_args: accepted; the arguments are always checked.
    Returns:
      Tensor, shape `(..., n, m)`.
    Raises:
      TypeError: `a` is not floating.
      ValueError: `a` has fewer than two axes.
    Example:
      >>> print(tf.linalg.pinv([[2.0, 0.0], [0.0, 0.0]]).numpy())
      [[0.5 0. ]
       [0.  0. ]]
    """
    a = _require_float_matrix(a)
    dtype = for_lapack(a._array).dtype
    if rcond is None:
        rcond = _larger_side(a) * (10.0 * float(np.finfo(dtype).eps))
    s, u, v = svd(a)
    if not s._array.shape[-1]:
        return matrices.matrix_transpose(a)
    cutoff = array_ops.expand_dims(convert(rcond, a.dtype), -1) * extremes.reduce_max(s, -1, True)
    is_large = s > cutoff
    inverse = gather_ops.where(is_large, 1.0 / gather_ops.where(is_large, s, 1.0), 0.0)
    return matmul.matmul(v * array_ops.expand_dims(inverse, -2), u, adjoint_b=True)


def _larger_side(a: Tensor) -> Any:
    """The larger of a matrix' two sizes: a number, or a tensor where they are known only when the function runs."""
    sides = a._array.shape[-2:]
    return extremes.reduce_max(cast_ops.cast(list(sides), a.dtype)) if sizes_in(sides) else max(sides)


def matrix_rank(a: Any, tol: Any = None, validate_args: bool = False, name: str | None = None) -> Tensor:
    """The number of singular values that are not zero, for each matrix.

    Args:
      a: Tensor of a floating dtype, shape `(..., m, n)`.
      tol: what is not larger counts as zero; `max(m, n) * epsilon` times the largest singular value by default.
      validate_args: accepted; the arguments are always checked.
    Returns:
      Tensor of int32.
    Raises:
      TypeError: `a` is not floating.
      ValueError: `a` has fewer than two axes.
    Example:
      >>> print(tf.linalg.matrix_rank([[1.0, 2.0], [2.0, 4.0]]).numpy())
      1
    """
    a = _require_float_matrix(a)
    s = svd(a, compute_uv=False)
    if tol is None:
        epsilon = float(np.finfo(for_lapack(a._array).dtype).eps)
        tol = extremes.reduce_max(s, -1, True) * (_larger_side(a) * epsilon)
    else:
        tol = array_ops.expand_dims(convert(tol, a.dtype), -1)
    return reduce_ops.reduce_sum(cast_ops.cast(s > tol, dtypes.int32), -1)
