"""Functions of square matrices: exponential, logarithm, square root."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.dtypes import COMPLEX
from tenfold.core.op import NotDifferentiable, Op, register, undefined_gradient
from tenfold.core.symbol import Symbol
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import creation, einsum, extremes, matmul, matrices
from tenfold.ops import gather as gather_ops
from tenfold.ops import matrix_solve as solve_ops
from tenfold.ops.lapack import TYPES, for_lapack, require_square

# Exponential: Higham, "The scaling and squaring method for the matrix exponential revisited", 2005. The largest 1-norm for
# which the Padé approximant of this degree has an error below the dtype's precision, and its coefficients.
_PADE = {
    4: (3.925724783138660, (17297280.0, 8648640.0, 1995840.0, 277200.0, 25200.0, 1512.0, 56.0, 1.0)),
    8: (
        5.371920351148152,
        (
            64764752532480000.0,
            32382376266240000.0,
            7771770303897600.0,
            1187353796428800.0,
            129060195264000.0,
            10559470521600.0,
            670442572800.0,
            33522128640.0,
            1323241920.0,
            40840800.0,
            960960.0,
            16380.0,
            182.0,
            1.0,
        ),
    ),
}


def _halvings_kernel(x, *, limit):
    """Whether each matrix is finite, how often to halve it so that its norm is below a limit, and by what factor."""
    size = np.abs(x).sum(axis=-2).max(axis=-1)[..., None, None]
    is_finite = np.isfinite(size)
    halvings = np.ceil(np.log2(np.maximum(np.where(is_finite, size, 0.0) / limit, 1.0)))
    return is_finite, halvings.astype(np.int32), np.exp2(-halvings).astype(x.dtype)


_HALVINGS = Op("MatrixHalvings", _halvings_kernel, vjp=NotDifferentiable("numbers of steps"))


def expm(input: Any, name: str | None = None) -> Tensor:
    """The exponentials of square matrices.

    Args:
      input: Tensor of a floating or complex dtype, shape `(..., n, n)`.
    Raises:
      ValueError: the dtype is neither.
      tf.errors.InvalidArgumentError: `input` is not square.
    Example:
      >>> print(tf.linalg.expm([[0.0, 1.0], [0.0, 0.0]]).numpy())
      [[1. 1.]
       [0. 1.]]
    """
    x = convert(input)
    if x.dtype not in TYPES:
        raise ValueError(f"tf.linalg.expm does not support matrices of type {x.dtype!s}")
    require_square(x._array, "tf.linalg.expm")
    if x.dtype.size == 2:
        return cast_ops.cast(expm(cast_ops.cast(x, "float32")), x.dtype)
    if not x._array.size:
        return x
    precision = x.dtype.real_dtype.size
    limit, coefficients = _PADE[precision]
    is_finite, halvings, scale = _HALVINGS(x, limit=limit)
    x = gather_ops.where(is_finite, x, 0.0) * scale
    square = matmul.matmul(x, x)
    power = creation.eye(x._array.shape[-1], batch_shape=x.shape[:-2], dtype=x.dtype)
    even, odd = coefficients[0] * power, coefficients[1] * power
    for c_even, c_odd in zip(coefficients[2::2], coefficients[3::2], strict=True):
        power = matmul.matmul(power, square)
        even, odd = even + c_even * power, odd + c_odd * power
    odd = matmul.matmul(x, odd)
    result = solve_ops.solve(even - odd, even + odd)
    result = _squared(result, halvings)
    return gather_ops.where(is_finite, result, np.nan)


def _squared(x: Tensor, times: Tensor) -> Tensor:
    """Matrices multiplied with themselves as often as the numbers of a tensor say."""
    if type(times._array) is not Symbol:
        for i in range(int(times._array.max())):
            x = gather_ops.where(times > i, matmul.matmul(x, x), x)
        return x
    from tenfold.graph.loops import while_loop

    most = extremes.reduce_max(times)
    _, result = while_loop(
        lambda i, x: i < most,
        lambda i, x: (i + 1, gather_ops.where(times > i, matmul.matmul(x, x), x)),
        (convert(0, times.dtype), x),
    )
    return result


# Square root and logarithm


def _of_eigenvalues(x: np.ndarray, function: np.ufunc) -> np.ndarray | None:
    """`function` of one complex128 matrix by its eigenvalues; None if they determine it badly."""
    if np.array_equal(x, x.conj().T):
        e, v = np.linalg.eigh(x)
        return (v * function(e.astype(x.dtype))) @ v.conj().T
    e, v = np.linalg.eig(x)
    if np.linalg.cond(v) > 1e6:
        return None
    return np.linalg.solve(v.T, (v * function(e)).T).T


def _newton_sqrt(x: np.ndarray) -> np.ndarray:
    """The square root by the iteration of Denman and Beavers, scaled by determinants."""
    n, y, z = len(x), x, np.eye(len(x), dtype=x.dtype)
    for _ in range(100):
        log_det = np.linalg.slogdet(y)[1] + np.linalg.slogdet(z)[1]
        scale = np.exp(-log_det / (2 * n)) if np.isfinite(log_det) else 1.0
        previous = y
        y, z = (scale * y + np.linalg.inv(scale * z)) / 2, (scale * z + np.linalg.inv(scale * y)) / 2
        if np.linalg.norm(y - previous) <= 1e-15 * n * np.linalg.norm(y):
            break
    return y


def _sqrt_of(x: np.ndarray) -> np.ndarray:
    root = _of_eigenvalues(x, np.sqrt)
    return _newton_sqrt(x) if root is None else root


def _log_of(x: np.ndarray) -> np.ndarray:
    logarithm = _of_eigenvalues(x, np.log)
    if logarithm is not None:
        return logarithm
    identity, doublings = np.eye(len(x)), 0
    while np.linalg.norm(x - identity, 1) > 0.25 and doublings < 100:
        x, doublings = _newton_sqrt(x), doublings + 1
    # log(1 + d) is the integral of d / (1 + t d) over t from 0 to 1.
    nodes, weights = np.polynomial.legendre.leggauss(12)
    d = x - identity
    parts = [w / 2 * np.linalg.solve(identity + (t + 1) / 2 * d, d) for t, w in zip(nodes, weights, strict=True)]
    return 2.0**doublings * np.sum(parts, axis=0)


def _each(function, x: np.ndarray) -> np.ndarray:
    """`function` of each matrix of a batch, in complex128; NaN where there is no result, or none of the dtype."""
    out = np.full(x.shape, np.nan, x.dtype)
    with np.errstate(all="ignore"):
        for index in np.ndindex(x.shape[:-2]):
            try:
                result = function(x[index].astype(np.complex128))
            except np.linalg.LinAlgError:
                continue
            if x.dtype.kind == "c" or np.abs(result.imag).max(initial=0) <= 1e-7 * np.abs(result).max(initial=1e-300):
                out[index] = result if x.dtype.kind == "c" else result.real
    return out


def _sqrtm_kernel(input):
    SQUARE_ROOT.require(input)
    require_square(input, "tf.linalg.sqrtm")
    return _each(_sqrt_of, for_lapack(input)).astype(input.dtype, copy=False)


def _sqrtm_vjp(dy, out):
    """Solves `r^H x + x r^H = dy` for x, as one system for all its elements."""
    n = out._array.shape[-1]
    batch = out._array.shape[:-2]
    identity = creation.eye(n, dtype=out.dtype)
    adjoint = matrices.adjoint(out)
    system = einsum.einsum("...ik,jl->...ijkl", adjoint, identity) + einsum.einsum(
        "ik,...lj->...ijkl", identity, adjoint
    )
    system = array_ops.reshape(system, [*batch, n * n, n * n])
    return array_ops.reshape(solve_ops.solve(system, array_ops.reshape(dy, [*batch, n * n, 1])), [*batch, n, n])


SQUARE_ROOT = register(Op("MatrixSquareRoot", _sqrtm_kernel, types=TYPES, vjp=_sqrtm_vjp))


def sqrtm(input: Any, name: str | None = None) -> Tensor:
    """The principal square roots of square matrices: `sqrtm(a) @ sqrtm(a) = a`.

    Args:
      input: Tensor of a floating or complex dtype, shape `(..., n, n)`.
    Returns:
      Tensor of the same shape; NaN where a real matrix has no real root.
    Raises:
      tf.errors.InvalidArgumentError: `input` is not square.
    Example:
      >>> print(tf.linalg.sqrtm([[4.0, 0.0], [0.0, 9.0]]).numpy())
      [[2. 0.]
       [0. 3.]]
    """
    return SQUARE_ROOT(convert(input))


def _logm_kernel(input):
    LOGARITHM.require(input)
    require_square(input, "tf.linalg.logm")
    return _each(_log_of, input)


LOGARITHM = register(
    Op(
        "MatrixLogarithm",
        _logm_kernel,
        types=COMPLEX,
        vjp=undefined_gradient("MatrixLogarithm"),
    )
)


def logm(input: Any, name: str | None = None) -> Tensor:
    """The principal logarithms of complex square matrices: `expm(logm(a)) = a`.

    Args:
      input: Tensor of a complex dtype, shape `(..., n, n)`.
    Raises:
      tf.errors.InvalidArgumentError: `input` is not square or not complex.
    Example:
      >>> print(tf.linalg.logm(tf.constant([[1.0, 0.0], [0.0, 1.0]], tf.complex64)).numpy())
      [[0.+0.j 0.+0.j]
       [0.+0.j 0.+0.j]]
    """
    return LOGARITHM(convert(input))
