"""Operators that are zero outside the diagonal."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.dtypes import as_dtype, float32
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.shapes import TensorShape
from tenfold.core.tensor import Tensor, wrap
from tenfold.linear_operators.base import (
    LinearOperator,
    as_parameter,
    broadcast_batch,
    check,
    log_of_abs,
)
from tenfold.linear_operators.hints import both_non_singular, commuting_hints
from tenfold.ops import array as array_ops
from tenfold.ops import creation, elementwise, exponential, extremes, matrices, matrix_diag
from tenfold.ops import reduce as reduce_ops


def _conj(x: Any, adjoint: bool) -> Tensor:
    return elementwise.conj(x) if adjoint else convert(x)


class LinearOperatorDiag(LinearOperator):
    """The operator of a diagonal matrix.

    Args:
      diag: Tensor or Variable, shape `(..., n)`.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints, see `tf.linalg.LinearOperator`; a real
        diagonal matrix is always self-adjoint.
      name: the operator's name.
    Raises:
      ValueError: `diag` is a scalar, or a hint is impossible.
    Example:
      >>> operator = tf.linalg.LinearOperatorDiag([1.0, 2.0])
      >>> print(operator.inverse().to_dense().numpy())
      [[1.  0. ]
       [0.  0.5]]
    """

    def __init__(
        self,
        diag: Any,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str = "LinearOperatorDiag",
    ) -> None:
        self._diag = as_parameter(diag)
        if not len(self._diag.shape):
            raise ValueError(f"Argument diag must have at least 1 dimension.  Found: {self._diag}")
        is_self_adjoint = real_is_self_adjoint(self._diag, is_self_adjoint)
        if is_square is False:
            raise ValueError("Only square diagonal operators currently supported.")
        super().__init__(self._diag.dtype, None, is_non_singular, is_self_adjoint, is_positive_definite, True, name)

    @property
    def diag(self) -> Any:
        return self._diag

    def _shape(self) -> TensorShape:
        return self._diag.shape.concatenate(self._diag.shape[-1:])

    def _matmul(self, x: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        return array_ops.expand_dims(_conj(self._diag, adjoint), -1) * (matrices.adjoint(x) if adjoint_arg else x)

    def _matvec(self, x: Tensor, adjoint: bool = False) -> Tensor:
        return _conj(self._diag, adjoint) * x

    def _solve(self, rhs: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        rhs = matrices.adjoint(rhs) if adjoint_arg else rhs
        return rhs / array_ops.expand_dims(_conj(self._diag, adjoint), -1)

    def _solvevec(self, rhs: Tensor, adjoint: bool = False) -> Tensor:
        return rhs / _conj(self._diag, adjoint)

    def _determinant(self) -> Tensor:
        return reduce_ops.reduce_prod(self._diag, -1)

    def _log_abs_determinant(self) -> Tensor:
        return reduce_ops.reduce_sum(log_of_abs(convert(self._diag)), -1)

    def _to_dense(self) -> Tensor:
        return matrix_diag.diag(self._diag)

    def _diag_part(self) -> Tensor:
        return convert(self._diag)

    def _add_to_tensor(self, x: Tensor) -> Tensor:
        return _with_diagonal_added(x, convert(self._diag))

    def _eigvals(self) -> Tensor:
        return convert(self._diag)

    def _cond(self) -> Tensor:
        size = elementwise.abs(self._diag)
        return extremes.reduce_max(size, -1) / extremes.reduce_min(size, -1)

    def _linop_adjoint(self) -> LinearOperator:
        return LinearOperatorDiag(elementwise.conj(self._diag), **self._hints())

    def _linop_inverse(self) -> LinearOperator:
        return LinearOperatorDiag(1.0 / self._diag, **self._hints())

    def _linop_cholesky(self) -> LinearOperator:
        return LinearOperatorDiag(exponential.sqrt(self._diag), True, True, True, True)

    def _linop_matmul(self, left_operator: LinearOperator, right_operator: LinearOperator) -> LinearOperator:
        from tenfold.linear_operators.dense import LinearOperatorLowerTriangular

        left = left_operator.diag_part()
        if isinstance(right_operator, LinearOperatorDiag):
            return LinearOperatorDiag(left * right_operator.diag, **commuting_hints(left_operator, right_operator))
        if isinstance(right_operator, LinearOperatorScaledIdentity):
            scale = array_ops.expand_dims(convert(right_operator.multiplier), -1)
            return LinearOperatorDiag(left * scale, **commuting_hints(left_operator, right_operator))
        if isinstance(right_operator, LinearOperatorLowerTriangular):
            return LinearOperatorLowerTriangular(
                array_ops.expand_dims(left, -1) * right_operator.to_dense(),
                is_non_singular=both_non_singular(left_operator, right_operator),
                is_square=True,
            )
        return super()._linop_matmul(left_operator, right_operator)

    def _linop_solve(self, left_operator: LinearOperator, right_operator: LinearOperator) -> LinearOperator:
        return left_operator.inverse().matmul(right_operator)

    def _assert_non_singular(self) -> None:
        check((convert(self._diag)._array != 0).all(), "Singular operator:  Diagonal contained zero values.")

    def _assert_positive_definite(self) -> None:
        message = "Diagonal operator had diagonal entries with non-positive real part, thus was not positive definite."
        check((convert(self._diag)._array.real > 0).all(), message)

    def _assert_self_adjoint(self) -> None:
        message = "This diagonal operator contained non-zero imaginary values.  Thus it was not self-adjoint."
        check((convert(self._diag)._array.imag == 0).all(), message)

    @property
    def _experimental_parameter_ndims_to_matrix_ndims(self) -> dict[str, Any]:
        return {"diag": 1}


def _with_diagonal_added(x: Tensor, diagonal: Tensor) -> Tensor:
    batch = broadcast_batch(diagonal._array.shape[:-1], x._array.shape[:-2])
    x = array_ops.broadcast_to(x, (*batch, *x._array.shape[-2:]))
    return matrix_diag.set_diag(x, diagonal + matrix_diag.diag_part(x))


def real_is_self_adjoint(diagonal: Any, is_self_adjoint: bool | None) -> bool | None:
    """The hint for a diagonal matrix with these elements."""
    if diagonal.dtype.is_complex:
        return is_self_adjoint
    if is_self_adjoint is False:
        raise ValueError("A real diagonal operator is always self adjoint.")
    return True


def _count(value: Any, name: str) -> int:
    """A number of rows or columns."""
    array = convert(value)._array
    if array.dtype.kind not in "iu":
        raise TypeError(f"Argument {name} must be integer type.  Found: {value!r}")
    if array.ndim:
        raise ValueError(f"Argument {name} must be a 0-D Tensor.  Found: {value!r}")
    if array < 0:
        raise ValueError(f"Argument {name} must be non-negative.  Found: {value!r}")
    return int(array)


def _batch(value: Any) -> tuple[int, ...]:
    """A batch shape; None means that there is no batch."""
    if value is None:
        return ()
    array = convert(value)._array
    if array.size and array.dtype.kind not in "iu":
        raise TypeError(f"Argument batch_shape must be integer type.  Found: {value!r}")
    if array.ndim != 1:
        raise ValueError(f"Argument batch_shape must be a 1-D Tensor.  Found: {value!r}")
    if (array < 0).any():
        raise ValueError(f"Argument batch_shape must be non-negative.  Found: {value!r}")
    return tuple(int(size) for size in array)


class _OfKnownShape(LinearOperator):
    """An operator without elements of its own: it is given its shape."""

    def _set_shape(self, num_rows: Any, num_columns: Any, batch_shape: Any) -> None:
        self._sizes = (*_batch(batch_shape), _count(num_rows, "num_rows"), _count(num_columns, "num_columns"))

    def _shape(self) -> TensorShape:
        return TensorShape(self._sizes)

    def _filled(self, value: float, *tail: int) -> Tensor:
        return wrap(np.full((*self._sizes[:-2], *tail), value, self.dtype._np))

    def _broadcast(self, x: Tensor) -> Tensor:
        batch = broadcast_batch(self._sizes[:-2], x._array.shape[:-2])
        return x if batch == x._array.shape[:-2] else array_ops.broadcast_to(x, (*batch, *x._array.shape[-2:]))

    def __getitem__(self, slices: Any) -> LinearOperator:
        batch = np.broadcast_to(np.empty((), bool), self._sizes[:-2])[slices].shape
        return type(self)(**{**self.parameters, "batch_shape": batch})


def _require_hints(kind: str, hints: dict[str, bool | None]) -> None:
    """Checks hints that can only be true for an identity."""
    for name, hint in hints.items():
        if not hint:
            raise ValueError(f"{kind} operator is always {name}.")


class LinearOperatorIdentity(_OfKnownShape):
    """The identity.

    Args:
      num_rows: its size.
      batch_shape: ints, the shape of the batch.
      dtype: float32 by default.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: True.
      assert_proper_shapes: accepted; shapes are always checked.
      name: the operator's name.
    Raises:
      ValueError: a hint is not True, or a size is negative.
      TypeError: a size is not an integer.
    Example:
      >>> print(tf.linalg.LinearOperatorIdentity(2).matvec([3.0, 4.0]).numpy())
      [3. 4.]
    """

    def __init__(
        self,
        num_rows: Any,
        batch_shape: Any = None,
        dtype: Any = None,
        is_non_singular: bool = True,
        is_self_adjoint: bool = True,
        is_positive_definite: bool = True,
        is_square: bool = True,
        assert_proper_shapes: bool = False,
        name: str = "LinearOperatorIdentity",
    ) -> None:
        _require_hints(
            "An identity",
            {
                "self adjoint": is_self_adjoint,
                "non-singular": is_non_singular,
                "positive-definite": is_positive_definite,
                "square": is_square,
            },
        )
        self._set_shape(num_rows, num_rows, batch_shape)
        super().__init__(dtype or float32, None, True, True, True, True, name)

    def _matmul(self, x: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        return self._broadcast(matrices.adjoint(x) if adjoint_arg else x)

    def _solve(self, rhs: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        return self._matmul(rhs, adjoint_arg=adjoint_arg)

    def _determinant(self) -> Tensor:
        return self._filled(1.0)

    def _log_abs_determinant(self) -> Tensor:
        return self._filled(0.0)

    def _trace(self) -> Tensor:
        return self._filled(self._sizes[-1])

    def _diag_part(self) -> Tensor:
        return self._filled(1.0, self._sizes[-1])

    def _eigvals(self) -> Tensor:
        return self._diag_part()

    def _cond(self) -> Tensor:
        return self._filled(1.0)

    def _add_to_tensor(self, x: Tensor) -> Tensor:
        x = self._broadcast(x)
        return matrix_diag.set_diag(x, 1.0 + matrix_diag.diag_part(x))

    def _linop_inverse(self) -> LinearOperator:
        return self

    def _linop_cholesky(self) -> LinearOperator:
        return self

    def _linop_matmul(self, left_operator: LinearOperator, right_operator: LinearOperator) -> LinearOperator:
        return right_operator

    def _linop_solve(self, left_operator: LinearOperator, right_operator: LinearOperator) -> LinearOperator:
        return right_operator

    def _assert_non_singular(self) -> None: ...

    def _assert_positive_definite(self) -> None: ...

    def _assert_self_adjoint(self) -> None: ...


class LinearOperatorScaledIdentity(LinearOperator):
    """The identity times a number.

    Args:
      num_rows: its size.
      multiplier: Tensor or Variable: the number; its shape is that of the batch.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints, see `tf.linalg.LinearOperator`; a real
        multiple is always self-adjoint.
      assert_proper_shapes: accepted; shapes are always checked.
      name: the operator's name.
    Raises:
      ValueError: a hint is impossible, or the size is negative.
      TypeError: the size is not an integer.
    Example:
      >>> print(tf.linalg.LinearOperatorScaledIdentity(2, 3.0).to_dense().numpy())
      [[3. 0.]
       [0. 3.]]
    """

    def __init__(
        self,
        num_rows: Any,
        multiplier: Any,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool = True,
        assert_proper_shapes: bool = False,
        name: str = "LinearOperatorScaledIdentity",
    ) -> None:
        self._multiplier = as_parameter(multiplier)
        is_self_adjoint = real_is_self_adjoint(self._multiplier, is_self_adjoint)
        _require_hints("A ScaledIdentity", {"square": is_square})
        self._rows = _count(num_rows, "num_rows")
        super().__init__(
            self._multiplier.dtype, None, is_non_singular, is_self_adjoint, is_positive_definite, True, name
        )

    @property
    def multiplier(self) -> Any:
        return self._multiplier

    def _shape(self) -> TensorShape:
        return self._multiplier.shape.concatenate([self._rows, self._rows])

    def _scale(self, adjoint: bool, axes: int) -> Tensor:
        """The multiplier with as many more axes."""
        scale = _conj(self._multiplier, adjoint)
        return array_ops.reshape(scale, (*scale._array.shape, *(1,) * axes))

    def _matmul(self, x: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        return self._scale(adjoint, 2) * (matrices.adjoint(x) if adjoint_arg else x)

    def _solve(self, rhs: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        return (matrices.adjoint(rhs) if adjoint_arg else rhs) / self._scale(adjoint, 2)

    def _determinant(self) -> Tensor:
        return exponential.pow(self._multiplier, self._rows)

    def _log_abs_determinant(self) -> Tensor:
        return log_of_abs(convert(self._multiplier)) * float(self._rows)

    def _trace(self) -> Tensor:
        return self._multiplier * float(self._rows)

    def _diag_part(self) -> Tensor:
        return self._scale(False, 1) * creation.ones([self._rows], self.dtype)

    def _eigvals(self) -> Tensor:
        return self._diag_part()

    def _cond(self) -> Tensor:
        return creation.ones_like(convert(self._multiplier))

    def _add_to_tensor(self, x: Tensor) -> Tensor:
        return _with_diagonal_added(x, self._scale(False, 1))

    def _linop_adjoint(self) -> LinearOperator:
        return LinearOperatorScaledIdentity(self._rows, elementwise.conj(self._multiplier), **self._hints())

    def _linop_inverse(self) -> LinearOperator:
        return LinearOperatorScaledIdentity(self._rows, 1.0 / self._multiplier, **self._hints())

    def _linop_cholesky(self) -> LinearOperator:
        return LinearOperatorScaledIdentity(self._rows, exponential.sqrt(self._multiplier), True, True, True, True)

    def _linop_matmul(self, left_operator: LinearOperator, right_operator: LinearOperator) -> LinearOperator:
        hints = commuting_hints(left_operator, right_operator)
        if isinstance(right_operator, LinearOperatorScaledIdentity):
            return LinearOperatorScaledIdentity(
                self._rows,
                left_operator.multiplier * right_operator.multiplier,  # type: ignore[attr-defined]
                **hints,
            )
        if isinstance(right_operator, LinearOperatorDiag):
            scale = left_operator._scale(False, 1)  # type: ignore[attr-defined]
            return LinearOperatorDiag(right_operator.diag * scale, **hints)
        return super()._linop_matmul(left_operator, right_operator)

    def _linop_solve(self, left_operator: LinearOperator, right_operator: LinearOperator) -> LinearOperator:
        return left_operator.inverse().matmul(right_operator)

    def _assert_non_singular(self) -> None:
        check((convert(self._multiplier)._array != 0).all(), "LinearOperator was singular")

    def _assert_positive_definite(self) -> None:
        check((convert(self._multiplier)._array.real > 0).all(), "LinearOperator was not positive definite.")

    def _assert_self_adjoint(self) -> None:
        check((convert(self._multiplier)._array.imag == 0).all(), "LinearOperator was not self-adjoint")

    @property
    def _experimental_parameter_ndims_to_matrix_ndims(self) -> dict[str, Any]:
        return {"multiplier": 0}


class LinearOperatorZeros(_OfKnownShape):
    """The operator that returns zeros.

    Args:
      num_rows: size of what it returns.
      num_columns: size of what it takes; `num_rows` by default.
      batch_shape: ints, the shape of the batch.
      dtype: float32 by default.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints: False, True, False, and whether it is square.
      assert_proper_shapes: accepted; shapes are always checked.
      name: the operator's name.
    Raises:
      ValueError: a hint is impossible, or a size is negative.
      TypeError: a size is not an integer.
    Example:
      >>> print(tf.linalg.LinearOperatorZeros(2, 3, is_square=False, is_self_adjoint=False).matvec([1.0, 2.0, 3.0]).numpy())
      [0. 0.]
    """

    def __init__(
        self,
        num_rows: Any,
        num_columns: Any = None,
        batch_shape: Any = None,
        dtype: Any = None,
        is_non_singular: bool = False,
        is_self_adjoint: bool = True,
        is_positive_definite: bool = False,
        is_square: bool = True,
        assert_proper_shapes: bool = False,
        name: str = "LinearOperatorZeros",
    ) -> None:
        if not is_self_adjoint and is_square:
            raise ValueError("A zero operator is always self adjoint.")
        if is_non_singular:
            raise ValueError("A zero operator is always singular.")
        if is_positive_definite:
            raise ValueError("A zero operator is always not positive-definite.")
        self._set_shape(num_rows, num_rows if num_columns is None else num_columns, batch_shape)
        rows, columns = self._sizes[-2:]
        if is_square and rows != columns:
            raise ValueError(
                f"LinearOperatorZeros initialized as is_square=True, but got num_rows({rows}) != num_columns({columns})"
            )
        super().__init__(
            as_dtype(dtype or float32), None, is_non_singular, is_self_adjoint, is_positive_definite, is_square, name
        )

    def _matmul(self, x: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        x = matrices.adjoint(x) if adjoint_arg else x
        batch = broadcast_batch(self._sizes[:-2], x._array.shape[:-2])
        rows = self._sizes[-1] if adjoint else self._sizes[-2]
        return wrap(np.zeros((*batch, rows, x._array.shape[-1]), self.dtype._np))

    def _determinant(self) -> Tensor:
        return self._filled(0.0)

    def _log_abs_determinant(self) -> Tensor:
        return self._filled(-np.inf)

    def _trace(self) -> Tensor:
        return self._filled(0.0)

    def _diag_part(self) -> Tensor:
        return self._filled(0.0, min(self._sizes[-2:]))

    def _eigvals(self) -> Tensor:
        return self._diag_part()

    def _add_to_tensor(self, x: Tensor) -> Tensor:
        return self._broadcast(x)

    def _linop_matmul(self, left_operator: LinearOperator, right_operator: LinearOperator) -> LinearOperator:
        if not (left_operator.is_square and right_operator.is_square):
            raise ValueError(
                "Matmul with non-square `LinearOperator`s or non-square `LinearOperatorZeros` not supported at this time."
            )
        return left_operator

    def _assert_non_singular(self) -> None:
        raise InvalidArgumentError("Zero operators are always non-invertible.")

    def _assert_positive_definite(self) -> None:
        raise InvalidArgumentError("Zero operators are always non-positive definite.")

    def _assert_self_adjoint(self) -> None: ...
