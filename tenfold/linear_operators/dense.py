"""Operators whose matrix is in memory."""

from __future__ import annotations

from typing import Any

from tenfold.core.convert import convert
from tenfold.core.dtypes import COMPLEX, FLOATING, bfloat16
from tenfold.core.shapes import TensorShape
from tenfold.core.tensor import Tensor
from tenfold.linear_operators.base import LinearOperator, as_parameter, check, log_of_abs
from tenfold.linear_operators.hints import both_non_singular
from tenfold.ops import matmul, matrices, matrix_diag
from tenfold.ops import matrix_solve as solve_ops
from tenfold.ops import reduce as reduce_ops


class LinearOperatorFullMatrix(LinearOperator):
    """The operator of a matrix.

    Args:
      matrix: Tensor or Variable of a floating or complex dtype, shape `(..., m, n)`.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints, see `tf.linalg.LinearOperator`.
      name: the operator's name.
    Raises:
      TypeError: `matrix` has another dtype.
      ValueError: it has fewer than two axes.
    Example:
      >>> operator = tf.linalg.LinearOperatorFullMatrix([[1.0, 2.0], [3.0, 4.0]])
      >>> print(operator.matvec([1.0, 1.0]).numpy())
      [3. 7.]
    """

    def __init__(
        self,
        matrix: Any,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str = "LinearOperatorFullMatrix",
    ) -> None:
        self._matrix = as_parameter(matrix)
        if self._matrix.dtype not in (FLOATING - {bfloat16}) | COMPLEX:
            raise TypeError(
                f"Argument `matrix` must have a floating or complex dtype. Received: {self._matrix.dtype!r}."
            )
        if len(self._matrix.shape) < 2:
            raise ValueError(f"Argument `matrix` must have at least 2 dimensions. Received: {self._matrix}.")
        super().__init__(
            self._matrix.dtype, None, is_non_singular, is_self_adjoint, is_positive_definite, is_square, name
        )

    @property
    def matrix(self) -> Any:
        return self._matrix

    def _shape(self) -> TensorShape:
        return self._matrix.shape

    def _matmul(self, x: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        return matmul.matmul(self._matrix, x, adjoint_a=adjoint, adjoint_b=adjoint_arg)

    def _to_dense(self) -> Tensor:
        return convert(self._matrix)

    @property
    def _experimental_parameter_ndims_to_matrix_ndims(self) -> dict[str, Any]:
        return {"matrix": 2}


class LinearOperatorLowerTriangular(LinearOperator):
    """The operator of a lower triangular matrix.

    Args:
      tril: Tensor or Variable, shape `(..., n, n)`, whose upper triangle is not used.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints, see `tf.linalg.LinearOperator`.
      name: the operator's name.
    Raises:
      ValueError: `tril` has fewer than two axes, or `is_square` is False.
    Example:
      >>> operator = tf.linalg.LinearOperatorLowerTriangular([[1.0, 9.0], [1.0, 2.0]])
      >>> print(operator.solvevec([1.0, 3.0]).numpy())
      [1. 1.]
    """

    def __init__(
        self,
        tril: Any,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str = "LinearOperatorLowerTriangular",
    ) -> None:
        if is_square is False:
            raise ValueError("Only square lower triangular operators supported at this time.")
        self._tril = as_parameter(tril)
        if len(self._tril.shape) < 2:
            raise ValueError(f"Argument tril must have at least 2 dimensions.  Found: {self._tril}")
        super().__init__(self._tril.dtype, None, is_non_singular, is_self_adjoint, is_positive_definite, True, name)

    @property
    def tril(self) -> Any:
        return self._tril

    def _shape(self) -> TensorShape:
        return self._tril.shape

    def _diag_part(self) -> Tensor:
        return matrix_diag.diag_part(self._tril)

    def _to_dense(self) -> Tensor:
        return matrix_diag.band_part(self._tril, -1, 0)

    def _matmul(self, x: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        return matmul.matmul(self._to_dense(), x, adjoint_a=adjoint, adjoint_b=adjoint_arg)

    def _solve(self, rhs: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        rhs = matrices.adjoint(rhs) if adjoint_arg else rhs
        return solve_ops.triangular_solve(self._tril, rhs, adjoint=adjoint)

    def _determinant(self) -> Tensor:
        return reduce_ops.reduce_prod(self._diag_part(), -1)

    def _log_abs_determinant(self) -> Tensor:
        return reduce_ops.reduce_sum(log_of_abs(self._diag_part()), -1)

    def _eigvals(self) -> Tensor:
        return self._diag_part()

    def _linop_matmul(self, left_operator: LinearOperator, right_operator: LinearOperator) -> LinearOperator:
        if isinstance(right_operator, LinearOperatorLowerTriangular):
            return LinearOperatorLowerTriangular(
                left_operator.matmul(right_operator.to_dense()),
                is_non_singular=both_non_singular(left_operator, right_operator),
                is_self_adjoint=None,
                is_square=True,
            )
        return super()._linop_matmul(left_operator, right_operator)

    def _assert_non_singular(self) -> None:
        check((self._diag_part()._array != 0).all(), "Singular operator:  Diagonal contained zero values.")

    @property
    def _experimental_parameter_ndims_to_matrix_ndims(self) -> dict[str, Any]:
        return {"tril": 2}
