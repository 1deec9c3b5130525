"""Operators plus matrices of low rank."""

from __future__ import annotations

from typing import Any

from tenfold.core.convert import convert
from tenfold.core.shapes import TensorShape
from tenfold.core.tensor import Tensor
from tenfold.linear_operators.base import LinearOperator, as_parameter, broadcast_batch, solve_with_broadcast
from tenfold.linear_operators.diagonal import LinearOperatorDiag, LinearOperatorIdentity
from tenfold.ops import array as array_ops
from tenfold.ops import elementwise, exponential, matmul, matrix_diag
from tenfold.ops import matrix_decompose as decompose_ops
from tenfold.ops import matrix_solve as solve_ops
from tenfold.ops import reduce as reduce_ops


class LinearOperatorLowRankUpdate(LinearOperator):
    """An operator plus a matrix of low rank: `L + U D V^H`, with `D` diagonal.

    Args:
      base_operator: LinearOperator `L`, shape `(..., m, n)`.
      u: Tensor or Variable, shape `(..., m, k)`.
      diag_update: Tensor or Variable, the diagonal of `D`, shape `(..., k)`; ones by default.
      v: Tensor or Variable, shape `(..., n, k)`; `u` by default.
      is_diag_update_positive: whether all elements of `diag_update` are positive.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints, see `tf.linalg.LinearOperator`.
      name: the operator's name.
    Raises:
      ValueError: sizes do not fit, or a hint is impossible.
      TypeError: the dtypes differ.
    Example:
      >>> base = tf.linalg.LinearOperatorDiag([1.0, 2.0], is_positive_definite=True)
      >>> operator = tf.linalg.LinearOperatorLowRankUpdate(base, [[1.0], [1.0]])
      >>> print(operator.to_dense().numpy(), operator.determinant().numpy())
      [[2. 1.]
       [1. 3.]] 5.0
    """

    def __init__(
        self,
        base_operator: LinearOperator,
        u: Any,
        diag_update: Any = None,
        v: Any = None,
        is_diag_update_positive: bool | None = None,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str = "LinearOperatorLowRankUpdate",
    ) -> None:
        dtype = base_operator.dtype
        if diag_update is None:
            if is_diag_update_positive is False:
                raise ValueError(
                    "Default diagonal is the identity, which is positive.  However, user set "
                    "'is_diag_update_positive' to False."
                )
            is_diag_update_positive = True
        self._base_operator, self._is_diag_update_positive = base_operator, is_diag_update_positive
        self._u = as_parameter(u)
        self._v = self._u if v is None else as_parameter(v)
        self._diag_update = None if diag_update is None else as_parameter(diag_update)
        if self._diag_update is not None and self._diag_update.dtype.is_complex:
            is_real = False
        else:
            is_real = True
        if v is None and is_real and base_operator.is_self_adjoint:
            if is_self_adjoint is False:
                raise ValueError(
                    "A = L + UDU^H, with L self-adjoint and D real diagonal.  Since UDU^H is self-adjoint, this must be "
                    "a self-adjoint operator."
                )
            is_self_adjoint = True
            if base_operator.is_positive_definite and is_diag_update_positive:
                if is_positive_definite is False:
                    raise ValueError("Arguments imply this is self-adjoint positive-definite operator.")
                is_positive_definite = True
        for part in (self._u, self._v, self._diag_update):
            if part is not None and part.dtype is not dtype:
                raise TypeError(f"{name}: base_operator is {dtype.name} but a part of the update is {part.dtype.name}.")
        rank = self._u.shape[-1]
        rows, columns = base_operator.shape[-2:]
        if (self._u.shape[-2], self._v.shape[-2:]) != (rows, TensorShape([columns, rank])):
            raise ValueError(
                f"{name}: base_operator has shape {base_operator.shape}, u {self._u.shape}, v {self._v.shape}; u must have "
                "as many rows and v as many rows as the operator has rows and columns."
            )
        if self._diag_update is None:
            self._diag_operator: LinearOperator = LinearOperatorIdentity(rank, dtype=dtype)
        else:
            self._diag_operator = LinearOperatorDiag(self._diag_update, is_positive_definite=is_diag_update_positive)
            if self._diag_update.shape[-1] != rank:
                raise ValueError(
                    f"{name}: diag_update has {self._diag_update.shape[-1]} elements, u has {rank} columns."
                )
        super().__init__(dtype, None, is_non_singular, is_self_adjoint, is_positive_definite, is_square, name)

    @property
    def u(self) -> Any:
        return self._u

    @property
    def v(self) -> Any:
        return self._v

    @property
    def is_diag_update_positive(self) -> bool | None:
        return self._is_diag_update_positive

    @property
    def diag_update(self) -> Any:
        return self._diag_update

    @property
    def diag_operator(self) -> LinearOperator:
        return self._diag_operator

    @property
    def base_operator(self) -> LinearOperator:
        return self._base_operator

    def _shape(self) -> TensorShape:
        base = self._base_operator
        batch = broadcast_batch(
            base.batch_shape, self._diag_operator.batch_shape, self._u.shape[:-2], self._v.shape[:-2]
        )
        return TensorShape([*batch, *base.shape[-2:]])

    def _matmul(self, x: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        into, out_of = (self._u, self._v) if adjoint else (self._v, self._u)
        inner = self._diag_operator.matmul(
            matmul.matmul(into, x, adjoint_a=True, adjoint_b=adjoint_arg), adjoint=adjoint
        )
        return self._base_operator.matmul(x, adjoint=adjoint, adjoint_arg=adjoint_arg) + matmul.matmul(out_of, inner)

    def _capacitance(self) -> Tensor:
        """`D^-1 + V^H L^-1 U`, of which determinant and solution are made (Woodbury)."""
        inner = matmul.matmul(self._v, self._base_operator.solve(convert(self._u)), adjoint_a=True)
        return self._diag_operator.inverse().add_to_tensor(inner)

    def _has_positive_capacitance(self) -> bool:
        return bool(self._base_operator._can_use_cholesky() and self._is_diag_update_positive and self._v is self._u)

    def _determinant(self) -> Tensor:
        if self.is_positive_definite:
            return exponential.exp(self.log_abs_determinant())
        inner = solve_ops.det(self._capacitance())
        return inner * self._diag_operator.determinant() * self._base_operator.determinant()

    def _log_abs_determinant(self) -> Tensor:
        if self._has_positive_capacitance():
            diagonal = matrix_diag.diag_part(decompose_ops.cholesky(self._capacitance()))
            inner = 2.0 * reduce_ops.reduce_sum(exponential.log(diagonal), -1)
        else:
            inner = solve_ops.slogdet(self._capacitance())[1]
        return inner + self._diag_operator.log_abs_determinant() + self._base_operator.log_abs_determinant()

    def _solve(self, rhs: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        if self._base_operator.is_non_singular is False:
            raise ValueError("Solve not implemented unless this is a perturbation of a non-singular LinearOperator.")
        base = self._base_operator
        into, out_of = (self._u, self._v) if adjoint else (self._v, self._u)
        first = base.solve(rhs, adjoint=adjoint, adjoint_arg=adjoint_arg)
        inner = matmul.matmul(into, first, adjoint_a=True)
        if self._has_positive_capacitance():
            solved = solve_ops.cholesky_solve(decompose_ops.cholesky(self._capacitance()), inner)
        else:
            solved = solve_with_broadcast(self._capacitance(), inner, adjoint=adjoint)
        return first - base.solve(matmul.matmul(out_of, solved), adjoint=adjoint)

    def _diag_part(self) -> Tensor:
        product = self._u * elementwise.conj(self._v)
        if self._diag_update is not None:
            product *= array_ops.expand_dims(convert(self._diag_update), -2)
        return reduce_ops.reduce_sum(product, -1) + self._base_operator.diag_part()

    @property
    def _experimental_parameter_ndims_to_matrix_ndims(self) -> dict[str, Any]:
        return {"base_operator": 0, "u": 2, "diag_update": 1, "v": 2}
