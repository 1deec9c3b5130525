"""Operators made of other operators: adjoint, inverse, product."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from tenfold.core.shapes import TensorShape
from tenfold.core.tensor import Tensor
from tenfold.linear_operators.base import (
    LinearOperator,
    broadcast_batch,
)
from tenfold.linear_operators.hints import shared_hint
from tenfold.ops import elementwise, matrices


class _OfOne(LinearOperator):
    """An operator that shares the hints of another."""

    def _set_operator(
        self, operator: LinearOperator, hints: dict[str, bool | None], name: str | None, suffix: str, relation: str
    ) -> None:
        self._operator = operator
        for hint, given in hints.items():
            kind = hint.removeprefix("is_").replace("_", "-")
            message = f"An operator is {kind} if and only if its {relation} is {kind}."
            hints[hint] = shared_hint(operator, hint, given, message)
        LinearOperator.__init__(self, operator.dtype, name=name or operator.name + suffix, **hints)  # type: ignore[arg-type]

    @property
    def operator(self) -> LinearOperator:
        return self._operator

    def _assert_non_singular(self) -> None:
        self._operator.assert_non_singular()

    def _assert_positive_definite(self) -> None:
        self._operator.assert_positive_definite()

    def _assert_self_adjoint(self) -> None:
        self._operator.assert_self_adjoint()

    def _cond(self) -> Tensor:
        return self._operator.cond()

    @property
    def _experimental_parameter_ndims_to_matrix_ndims(self) -> dict[str, Any]:
        return {"operator": 0}


class LinearOperatorAdjoint(_OfOne):
    """The adjoint of an operator.

    Args:
      operator: LinearOperator.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints, the operator's by default.
      name: the operator's name.
    Raises:
      ValueError: a hint contradicts the operator's.
    Example:
      >>> operator = tf.linalg.LinearOperatorAdjoint(tf.linalg.LinearOperatorFullMatrix([[1.0, 2.0], [3.0, 4.0]]))
      >>> print(operator.to_dense().numpy())
      [[1. 3.]
       [2. 4.]]
    """

    def __init__(
        self,
        operator: LinearOperator,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str | None = None,
    ) -> None:
        hints = {
            "is_square": is_square,
            "is_non_singular": is_non_singular,
            "is_self_adjoint": is_self_adjoint,
            "is_positive_definite": is_positive_definite,
        }
        self._set_operator(operator, hints, name, "_adjoint", "adjoint")

    def _shape(self) -> TensorShape:
        shape = self._operator.shape
        return TensorShape([*shape[:-2], shape[-1], shape[-2]])

    def _matmul(self, x: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        return self._operator.matmul(x, adjoint=not adjoint, adjoint_arg=adjoint_arg)

    def _matvec(self, x: Tensor, adjoint: bool = False) -> Tensor:
        return self._operator.matvec(x, adjoint=not adjoint)

    def _solve(self, rhs: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        return self._operator.solve(rhs, adjoint=not adjoint, adjoint_arg=adjoint_arg)

    def _solvevec(self, rhs: Tensor, adjoint: bool = False) -> Tensor:
        return self._operator.solvevec(rhs, adjoint=not adjoint)

    def _determinant(self) -> Tensor:
        return elementwise.conj(self._operator.determinant())

    def _log_abs_determinant(self) -> Tensor:
        return self._operator.log_abs_determinant()

    def _trace(self) -> Tensor:
        return elementwise.conj(self._operator.trace())

    def _to_dense(self) -> Tensor:
        return matrices.adjoint(self._operator.to_dense())

    def _diag_part(self) -> Tensor:
        return elementwise.conj(self._operator.diag_part())

    def _add_to_tensor(self, x: Tensor) -> Tensor:
        return self.to_dense() + x

    def _eigvals(self) -> Tensor:
        return elementwise.conj(self._operator.eigvals())

    def _linop_adjoint(self) -> LinearOperator:
        return self._operator


class LinearOperatorInversion(_OfOne):
    """The inverse of an operator.

    Args:
      operator: LinearOperator.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints, the operator's by default.
      name: the operator's name.
    Raises:
      ValueError: the operator is hinted to be singular or not square, or a hint contradicts the operator's.
    Example:
      >>> operator = tf.linalg.LinearOperatorInversion(tf.linalg.LinearOperatorFullMatrix([[2.0, 0.0], [0.0, 4.0]]))
      >>> print(operator.matvec([2.0, 4.0]).numpy())
      [1. 1.]
    """

    def __init__(
        self,
        operator: LinearOperator,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str | None = None,
    ) -> None:
        hints = {
            "is_square": is_square,
            "is_non_singular": is_non_singular,
            "is_self_adjoint": is_self_adjoint,
            "is_positive_definite": is_positive_definite,
        }
        for hint in ("is_non_singular", "is_square"):
            if getattr(operator, hint) is False or hints[hint] is False:
                raise ValueError(
                    f"LinearOperatorInversion: `{hint}` of the operator is {getattr(operator, hint)}, the argument is "
                    f"{hints[hint]}; both must be True or None."
                )
        self._set_operator(operator, hints, name, "_inv", "inverse")

    def _shape(self) -> TensorShape:
        return self._operator.shape

    def _matmul(self, x: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        return self._operator.solve(x, adjoint=adjoint, adjoint_arg=adjoint_arg)

    def _solve(self, rhs: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        return self._operator.matmul(rhs, adjoint=adjoint, adjoint_arg=adjoint_arg)

    def _determinant(self) -> Tensor:
        return 1.0 / self._operator.determinant()

    def _log_abs_determinant(self) -> Tensor:
        return -self._operator.log_abs_determinant()

    def _eigvals(self) -> Tensor:
        return 1.0 / self._operator.eigvals()

    def _linop_inverse(self) -> LinearOperator:
        return self._operator

    def _linop_solve(self, left_operator: LinearOperator, right_operator: LinearOperator) -> LinearOperator:
        return left_operator.operator.matmul(right_operator)  # type: ignore[attr-defined]


class OfSeveral(LinearOperator):
    """An operator made of a list of others."""

    def _set_operators(self, operators: Sequence[LinearOperator]) -> list[LinearOperator]:
        operators = list(operators)
        if not operators:
            raise ValueError(f"{type(self).__name__}: expected a non-empty list of operators. Found: {operators}")
        if any(operator.dtype is not operators[0].dtype for operator in operators):
            found = ", ".join(f"{operator.name} {operator.dtype.name}" for operator in operators)
            raise TypeError(f"{type(self).__name__}: expected all operators to have the same dtype.  Found {found}")
        self._operators = operators
        return operators

    def _inherited(self, name: str, given: bool | None) -> bool | None:
        """A hint that holds if it holds for all operators."""
        if not all(getattr(operator, name) for operator in self._operators):
            return given
        if given is False:
            kind = name.removeprefix("is_").replace("_", "-")
            raise ValueError(
                f"{type(self).__name__}: of {kind} operators it is always {kind}; {name} must not be False."
            )
        return True

    @property
    def operators(self) -> list[LinearOperator]:
        return self._operators

    def _batch(self) -> tuple:
        return broadcast_batch(*[operator.batch_shape for operator in self._operators])

    @property
    def _experimental_parameter_ndims_to_matrix_ndims(self) -> dict[str, Any]:
        return {"operators": [0] * len(self._operators)}


class LinearOperatorComposition(OfSeveral):
    """The product of operators, applied from the last to the first.

    Args:
      operators: list of LinearOperators whose sizes fit.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints, see `tf.linalg.LinearOperator`.
      name: the operator's name.
    Raises:
      ValueError: there is no operator, sizes do not fit, or a hint is impossible.
      TypeError: the dtypes differ.
    Example:
      >>> a = tf.linalg.LinearOperatorFullMatrix([[1.0, 2.0], [3.0, 4.0]])
      >>> print(tf.linalg.LinearOperatorComposition([a, a]).matvec([1.0, 1.0]).numpy())
      [17. 37.]
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
        for left, right in zip(operators, operators[1:], strict=False):
            if left.domain_dimension != right.range_dimension:
                raise ValueError(
                    f"LinearOperatorComposition: shapes {left.shape} and {right.shape} do not fit each other."
                )
        is_non_singular = self._inherited("is_non_singular", is_non_singular)
        is_gramian = len(operators) == 2 and _are_adjoint(*operators)
        if is_gramian or (len(operators) == 1 and operators[0].is_self_adjoint):
            if is_self_adjoint is False:
                raise ValueError(
                    "The composition was determined to be self-adjoint but user provided incorrect `False` hint."
                )
            is_self_adjoint = True
        if is_gramian:
            if is_square is False:
                raise ValueError("The composition was determined have the form A @ A.H, hence it must be square.")
            is_square = True
            if is_non_singular:
                if is_positive_definite is False:
                    raise ValueError(
                        "The composition was determined to be non-singular and have the form A @ A.H, hence it must be "
                        "positive-definite."
                    )
                is_positive_definite = True
        name = name or "_o_".join(operator.name for operator in operators)
        super().__init__(
            operators[0].dtype, None, is_non_singular, is_self_adjoint, is_positive_definite, is_square, name
        )

    def _shape(self) -> TensorShape:
        return TensorShape([*self._batch(), self._operators[0].shape[-2], self._operators[-1].shape[-1]])

    def _matmul(self, x: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        for operator in self._operators if adjoint else reversed(self._operators):
            x, adjoint_arg = operator.matmul(x, adjoint=adjoint, adjoint_arg=adjoint_arg), False
        return x

    def _solve(self, rhs: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        for operator in reversed(self._operators) if adjoint else self._operators:
            rhs, adjoint_arg = operator.solve(rhs, adjoint=adjoint, adjoint_arg=adjoint_arg), False
        return rhs

    def _determinant(self) -> Tensor:
        return reduce(elementwise.multiply, [operator.determinant() for operator in self._operators])

    def _log_abs_determinant(self) -> Tensor:
        return reduce(elementwise.add, [operator.log_abs_determinant() for operator in self._operators])

    def _assert_non_singular(self) -> None:
        if not all(operator.is_square for operator in self._operators):
            return super()._assert_non_singular()
        for operator in self._operators:
            operator.assert_non_singular()


def _are_adjoint(left: LinearOperator, right: LinearOperator) -> bool:
    """Whether one of two operators is made as the adjoint of the other."""
    return any(isinstance(a, LinearOperatorAdjoint) and a.operator is b for a, b in ((left, right), (right, left)))
