"""Solving linear systems by nothing but products."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor, wrap
from tenfold.linear_operators.base import LinearOperator, broadcast_batch
from tenfold.ops import array as array_ops
from tenfold.ops import creation, elementwise
from tenfold.ops import reduce as reduce_ops


class CGState(NamedTuple):
    """Where the iteration of `conjugate_gradient` ended."""

    i: Tensor
    x: Tensor
    r: Tensor
    p: Tensor
    gamma: Tensor


def _dot(x: Tensor, y: Tensor) -> Tensor:
    return reduce_ops.reduce_sum(elementwise.conj(x) * y, -1)


def _length(x: Tensor) -> np.ndarray:
    return np.sqrt(_dot(x, x)._array.real)


def conjugate_gradient(
    operator: LinearOperator,
    rhs: Any,
    preconditioner: LinearOperator | None = None,
    x: Any = None,
    tol: float = 1e-5,
    max_iter: int = 20,
    name: str = "conjugate_gradient",
) -> CGState:
    """Solves `A @ x = rhs` for a self-adjoint positive definite operator, by conjugate gradients.

    Args:
      operator: LinearOperator, shape `(..., n, n)`.
      rhs: Tensor, shape `(..., n)`.
      preconditioner: LinearOperator that comes near the inverse of `operator`.
      x: Tensor, shape `(..., n)`: where to start; zeros by default.
      tol: the iteration ends when the residual is not longer than this times `rhs`.
      max_iter: the largest number of iterations.
    Returns:
      A namedtuple: number of iterations `i`, solution `x`, residual `r`, last direction `p`, and `gamma = r^H M r`.
    Raises:
      ValueError: the operator is not hinted to be self-adjoint and positive definite.
    Example:
      >>> operator = tf.linalg.LinearOperatorDiag([1.0, 2.0], is_positive_definite=True)
      >>> print(tf.linalg.experimental.conjugate_gradient(operator, [1.0, 4.0]).x.numpy())
      [1. 2.]
    """
    if not operator._can_use_cholesky():
        raise ValueError("Expected a self-adjoint, positive definite operator.")
    rhs = convert(rhs, None, operator.dtype)
    shapes = [rhs.shape[:-1], operator.batch_shape]
    if preconditioner is not None:
        shapes.append(preconditioner.batch_shape)
    r = array_ops.broadcast_to(rhs, (*broadcast_batch(*shapes), rhs._array.shape[-1]))
    limit = tol * _length(r)
    if x is None:
        x = creation.zeros_like(r)
    else:
        x = convert(x, None, operator.dtype)
        r = rhs - operator.matvec(x)
    p = r if preconditioner is None else preconditioner.matvec(r)
    gamma = _dot(r, p)
    i = 0
    while i < max_iter and (_length(r) > limit).any():
        z = operator.matvec(p)
        alpha = array_ops.expand_dims(gamma / _dot(p, z), -1)
        x, r = x + alpha * p, r - alpha * z
        q = r if preconditioner is None else preconditioner.matvec(r)
        previous, gamma = gamma, _dot(r, q)
        p = q + array_ops.expand_dims(gamma / previous, -1) * p
        i += 1
    return CGState(wrap(np.array(i, np.int32)), x, r, p, gamma)
