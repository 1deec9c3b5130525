"""Kronecker products of operators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

from tenfold.core.shapes import TensorShape
from tenfold.core.tensor import Tensor
from tenfold.linear_operators.base import LinearOperator, broadcast_batch, check
from tenfold.linear_operators.composed import OfSeveral
from tenfold.ops import array as array_ops
from tenfold.ops import elementwise, matrices


class LinearOperatorKronecker(OfSeveral):
    """The Kronecker product of operators: each acts on an axis of its own of a tensor that is written as a vector.

    Args:
      operators: list of LinearOperators.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints, see `tf.linalg.LinearOperator`.
      name: the operator's name.
    Raises:
      ValueError: there is no operator, or a hint is impossible.
      TypeError: the dtypes differ.
    Example:
      >>> a = tf.linalg.LinearOperatorFullMatrix([[1.0, 2.0]])
      >>> b = tf.linalg.LinearOperatorFullMatrix([[1.0, 10.0]])
      >>> print(tf.linalg.LinearOperatorKronecker([a, b]).to_dense().numpy())
      [[ 1. 10.  2. 20.]]
    """

    def __init__(
        self,
        operators: Sequence[LinearOperator],
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str | None = None,
    ) -> None:
        operators = self._set_operators(operators)
        super().__init__(
            operators[0].dtype,
            None,
            self._inherited("is_non_singular", is_non_singular),
            self._inherited("is_self_adjoint", is_self_adjoint),
            self._inherited("is_positive_definite", is_positive_definite),
            self._inherited("is_square", is_square),
            name or "_x_".join(operator.name for operator in operators),
        )

    def _shape(self) -> TensorShape:
        rows = reduce(lambda size, operator: size * operator.shape[-2], self._operators, 1)
        columns = reduce(lambda size, operator: size * operator.shape[-1], self._operators, 1)
        return TensorShape([*self._batch(), rows, columns])

    def _along_axes(self, x: Tensor, sizes: list[int], apply: Callable[[LinearOperator, Tensor], Tensor]) -> Tensor:
        """Applies each operator along its axis of `x`, shape `(..., sizes[0] * sizes[1] * ..., k)`."""
        batch, count = broadcast_batch(self._batch(), x._array.shape[:-2]), x._array.shape[-1]
        x = array_ops.broadcast_to(x, (*batch, *x._array.shape[-2:]))
        # The axis that is next stands first; having been transformed it goes to the end. `k` is the last to come.
        x = array_ops.reshape(x, (*batch, *sizes, count))
        for operator in self._operators:
            rest = x._array.shape[len(batch) + 1 :]
            flat = array_ops.reshape(x, (*batch, x._array.shape[len(batch)], -1))
            out = matrices.matrix_transpose(apply(operator, flat))
            x = array_ops.reshape(out, (*batch, *rest, out._array.shape[-1]))
        flat = array_ops.reshape(x, (*batch, count, -1))
        return matrices.matrix_transpose(flat)

    def _matmul(self, x: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        x = matrices.adjoint(x) if adjoint_arg else x
        sizes = [operator.shape[-2 if adjoint else -1] for operator in self._operators]
        return self._along_axes(x, sizes, lambda operator, part: operator.matmul(part, adjoint=adjoint))

    def _solve(self, rhs: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        rhs = matrices.adjoint(rhs) if adjoint_arg else rhs
        sizes = [operator.shape[-1 if adjoint else -2] for operator in self._operators]
        return self._along_axes(rhs, sizes, lambda operator, part: operator.solve(part, adjoint=adjoint))

    def _powers(self) -> list[float]:
        """How often each operator's determinant is in that of the product."""
        return [self.shape[-1] / operator.shape[-1] for operator in self._operators]

    def _determinant(self) -> Tensor:
        parts = [
            operator.determinant() ** power for operator, power in zip(self._operators, self._powers(), strict=True)
        ]
        return reduce(elementwise.multiply, parts)

    def _log_abs_determinant(self) -> Tensor:
        parts = [
            operator.log_abs_determinant() * power
            for operator, power in zip(self._operators, self._powers(), strict=True)
        ]
        return reduce(elementwise.add, parts)

    def _trace(self) -> Tensor:
        return reduce(elementwise.multiply, [operator.trace() for operator in self._operators])

    def _outer(self, vectors: list[Tensor]) -> Tensor:
        batch = self._batch()
        out = array_ops.broadcast_to(vectors[0], (*batch, vectors[0]._array.shape[-1]))
        for vector in vectors[1:]:
            out = array_ops.expand_dims(out, -1) * array_ops.expand_dims(vector, -2)
            out = array_ops.reshape(out, (*batch, -1))
        return out

    def _diag_part(self) -> Tensor:
        if not all(operator.is_square for operator in self._operators):
            return super()._diag_part()
        return self._outer([operator.diag_part() for operator in self._operators])

    def _eigvals(self) -> Tensor:
        return self._outer([operator.eigvals() for operator in self._operators])

    def _of(self, operators: list[LinearOperator]) -> LinearOperator:
        return LinearOperatorKronecker(operators, **self._hints())

    def _linop_adjoint(self) -> LinearOperator:
        return self._of([operator.adjoint() for operator in self._operators])

    def _linop_inverse(self) -> LinearOperator:
        return self._of([operator.inverse() for operator in self._operators])

    def _linop_cholesky(self) -> LinearOperator:
        if not all(operator._can_use_cholesky() for operator in self._operators):
            return super()._linop_cholesky()
        return LinearOperatorKronecker(
            [operator.cholesky() for operator in self._operators], is_non_singular=True, is_square=True
        )

    def _assert_non_singular(self) -> None:
        check(
            all(operator.is_square for operator in self._operators),
            "All Kronecker factors must be square for the product to be invertible.",
        )
        for operator in self._operators:
            operator.assert_non_singular()

    def _assert_self_adjoint(self) -> None:
        check(
            all(operator.is_square for operator in self._operators),
            "All Kronecker factors must be square for the product to be self adjoint.",
        )
        for operator in self._operators:
            operator.assert_self_adjoint()
