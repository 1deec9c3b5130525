"""LinearOperator: the interface, and what can be computed of any operator from products with it."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from tenfold.core import nest
from tenfold.core.convert import convert, register_converter
from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.module import Module
from tenfold.core.shapes import Dimension, TensorShape, broadcast_shapes
from tenfold.core.tensor import Tensor, wrap
from tenfold.core.variable import Variable
from tenfold.linear_operators.hints import product_hints
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import creation, elementwise, exponential, extremes, matrices, matrix_diag
from tenfold.ops import matrix_decompose as decompose_ops
from tenfold.ops import matrix_solve as solve_ops
from tenfold.ops import reduce as reduce_ops

_HINTS = ("is_non_singular", "is_self_adjoint", "is_positive_definite", "is_square")


class LinearOperator(Module):
    """A batch of matrices, known by what it does: the base of all `tf.linalg.LinearOperator*`.

    A subclass defines `_shape()` and `_matmul(x, adjoint, adjoint_arg)`, and whatever else it can do faster than by writing
    the matrix out: `_solve`, `_determinant`, `_to_dense`, `_diag_part`, ...

    Hints say what callers may rely on, without a check: True, False, or None for not known.

    Args:
      dtype: DType of the matrix and of what it is multiplied with.
      graph_parents: not used.
      is_non_singular: whether the matrix is invertible.
      is_self_adjoint: whether it is equal to its adjoint.
      is_positive_definite: whether the real part of `x^H A x` is positive for all x but 0.
      is_square: whether it is square.
      name: the operator's name; the class name by default.
      parameters: the arguments of the subclass; found by themselves.
    Raises:
      ValueError: the hints contradict each other.
    Example:
      >>> operator = tf.linalg.LinearOperatorDiag([1.0, 2.0])
      >>> print(operator.matvec([3.0, 4.0]).numpy(), operator.determinant().numpy())
      [3. 8.] 2.0
    """

    _arguments: tuple[tuple, dict[str, Any]]

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        operator = super().__new__(cls)
        operator._arguments = (args, kwargs)
        return operator

    def __init__(
        self,
        dtype: Any,
        graph_parents: Any = None,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str | None = None,
        parameters: dict[str, Any] | None = None,
    ) -> None:
        if is_positive_definite:
            if is_non_singular is False:
                raise ValueError("A positive definite matrix is always non-singular.")
            is_non_singular = True
        for hint, kind in ((is_non_singular, "non-singular"), (is_self_adjoint, "self-adjoint")):
            if hint:
                if is_square is False:
                    raise ValueError(f"A {kind} matrix is always square.")
                is_square = True
        self._dtype = None if dtype is None else as_dtype(dtype)
        self._is_non_singular = is_non_singular
        self._is_self_adjoint = is_self_adjoint
        self._is_positive_definite = is_positive_definite
        self._is_square = is_square
        self._operator_name = name or type(self).__name__
        self._parameters = parameters

    @property
    def parameters(self) -> dict[str, Any]:
        """The arguments that the operator was made with, by name."""
        if self._parameters is None:
            args, kwargs = self._arguments
            bound = inspect.signature(type(self)).bind(*args, **kwargs)
            bound.apply_defaults()
            self._parameters = dict(bound.arguments)
        return dict(self._parameters)

    @property
    def name(self) -> str:
        return self._operator_name

    @property
    def dtype(self) -> DType:
        return self._dtype  # type: ignore[return-value]

    @property
    def graph_parents(self) -> list:
        return []

    @property
    def is_non_singular(self) -> bool | None:
        return self._is_non_singular

    @property
    def is_self_adjoint(self) -> bool | None:
        return self._is_self_adjoint

    @property
    def is_positive_definite(self) -> bool | None:
        return self._is_positive_definite

    @property
    def is_square(self) -> bool | None:
        is_square = self.domain_dimension == self.range_dimension
        if self._is_square is None:
            return is_square
        if is_square and not self._is_square:
            raise ValueError("User set is_square hint to False, but the operator was square.")
        return self._is_square

    # Shapes

    def _shape(self) -> TensorShape:
        raise NotImplementedError(f"{type(self).__name__}: _shape is not implemented.")

    @property
    def shape(self) -> TensorShape:
        return self._shape()

    @property
    def batch_shape(self) -> TensorShape:
        return self.shape[:-2]

    @property
    def tensor_rank(self) -> int | None:
        return self.shape.rank

    @property
    def domain_dimension(self) -> Dimension:
        """The size of the vectors that the operator takes."""
        return self.shape.dims[-1]  # type: ignore[index]

    @property
    def range_dimension(self) -> Dimension:
        """The size of the vectors that it returns."""
        return self.shape.dims[-2]  # type: ignore[index]

    def shape_tensor(self, name: str = "shape_tensor") -> Tensor:
        return _int32(self.shape.as_list())

    def batch_shape_tensor(self, name: str = "batch_shape_tensor") -> Tensor:
        return _int32(self.batch_shape.as_list())

    def tensor_rank_tensor(self, name: str = "tensor_rank_tensor") -> Tensor:
        return _int32(self.tensor_rank)

    def domain_dimension_tensor(self, name: str = "domain_dimension_tensor") -> Tensor:
        return _int32(self.domain_dimension.value)

    def range_dimension_tensor(self, name: str = "range_dimension_tensor") -> Tensor:
        return _int32(self.range_dimension.value)

    # Products

    def _matmul(self, x: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        raise NotImplementedError(f"{type(self).__name__}: _matmul is not implemented.")

    def _argument(self, x: Any, size: Dimension, axis: int) -> Tensor:
        """What is multiplied or solved for, as a tensor of the operator's dtype with `size` elements along `axis`."""
        x = convert(x, None, self.dtype)
        if x.dtype is not self.dtype:
            raise TypeError(f"Expected argument to have dtype {self.dtype}.  Found: {x.dtype} in tensor {x}")
        if not x._array.ndim or -axis > x._array.ndim or x._array.shape[axis] != size.value:
            raise ValueError(
                f"{self.name}: the argument has shape {x.shape}; axis {axis} must have {size.value} elements."
            )
        return x

    def _sides(self, adjoint: bool) -> tuple[Dimension, Dimension]:
        """The sizes of what goes in and what comes out."""
        sizes = self.domain_dimension, self.range_dimension
        return sizes[::-1] if adjoint else sizes

    def matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False, name: str = "matmul") -> Any:
        """`A @ x`.

        Args:
          x: Tensor, shape `(..., n, k)`, or another LinearOperator.
          adjoint: whether the operator's adjoint stands in its place.
          adjoint_arg: whether that of `x` does.
        Returns:
          Tensor, or an operator if `x` is one.
        Raises:
          ValueError: sizes do not fit.
          TypeError: dtypes do not fit.
        """
        if isinstance(x, LinearOperator):
            left, right = self.adjoint() if adjoint else self, x.adjoint() if adjoint_arg else x
            _require_fit(left, right, "x")
            return left._linop_matmul(left, right)
        x = self._argument(x, self._sides(adjoint)[0], -1 if adjoint_arg else -2)
        return self._matmul(x, adjoint=adjoint, adjoint_arg=adjoint_arg)

    def __matmul__(self, other: Any) -> Any:
        return self.matmul(other)

    def _matvec(self, x: Tensor, adjoint: bool = False) -> Tensor:
        return array_ops.squeeze(self._matmul(array_ops.expand_dims(x, -1), adjoint=adjoint), -1)

    def matvec(self, x: Any, adjoint: bool = False, name: str = "matvec") -> Tensor:
        """`A @ x` for vectors: Tensors of shape `(..., n)`."""
        return self._matvec(self._argument(x, self._sides(adjoint)[0], -1), adjoint=adjoint)

    # Systems

    def _solve(self, rhs: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        rhs = matrices.adjoint(rhs) if adjoint_arg else rhs
        if self._can_use_cholesky():
            return solve_ops.cholesky_solve(decompose_ops.cholesky(self.to_dense()), rhs)
        return solve_with_broadcast(self.to_dense(), rhs, adjoint)

    def _require_solvable(self) -> None:
        for hint, kind in ((self.is_non_singular, "be singular"), (self.is_square, "not be square")):
            if hint is False:
                raise NotImplementedError(f"Exact solve not implemented for an operator that is expected to {kind}.")

    def solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False, name: str = "solve") -> Any:
        """The `x` with `A @ x = rhs`.

        Args:
          rhs: Tensor, shape `(..., n, k)`, or another LinearOperator.
          adjoint: whether the operator's adjoint stands in its place.
          adjoint_arg: whether that of `rhs` does.
        Returns:
          Tensor, or an operator if `rhs` is one.
        Raises:
          NotImplementedError: the operator is singular or not square.
          ValueError: sizes do not fit.
          TypeError: dtypes do not fit.
        """
        self._require_solvable()
        if isinstance(rhs, LinearOperator):
            left, right = self.adjoint() if adjoint else self, rhs.adjoint() if adjoint_arg else rhs
            _require_fit(left, right, "rhs")
            return left._linop_solve(left, right)
        rhs = self._argument(rhs, self._sides(adjoint)[1], -1 if adjoint_arg else -2)
        return self._solve(rhs, adjoint=adjoint, adjoint_arg=adjoint_arg)

    def _solvevec(self, rhs: Tensor, adjoint: bool = False) -> Tensor:
        return array_ops.squeeze(self._solve(array_ops.expand_dims(rhs, -1), adjoint=adjoint), -1)

    def solvevec(self, rhs: Any, adjoint: bool = False, name: str = "solve") -> Tensor:
        """The `x` with `A @ x = rhs` for vectors: Tensors of shape `(..., n)`."""
        self._require_solvable()
        return self._solvevec(self._argument(rhs, self._sides(adjoint)[1], -1), adjoint=adjoint)

    # Numbers

    def _require_square(self, what: str) -> None:
        if self.is_square is False:
            raise NotImplementedError(f"{what} not implemented for an operator that is expected to not be square.")

    def _determinant(self) -> Tensor:
        if self._can_use_cholesky():
            return exponential.exp(self.log_abs_determinant())
        return solve_ops.det(self.to_dense())

    def determinant(self, name: str = "det") -> Tensor:
        self._require_square("Determinant")
        return self._determinant()

    def _log_abs_determinant(self) -> Tensor:
        if self._can_use_cholesky():
            diagonal = matrix_diag.diag_part(decompose_ops.cholesky(self.to_dense()))
            return 2.0 * reduce_ops.reduce_sum(exponential.log(diagonal), -1)
        return solve_ops.slogdet(self.to_dense())[1]

    def log_abs_determinant(self, name: str = "log_abs_det") -> Tensor:
        self._require_square("Determinant")
        return self._log_abs_determinant()

    def _trace(self) -> Tensor:
        return reduce_ops.reduce_sum(self.diag_part(), -1)

    def trace(self, name: str = "trace") -> Tensor:
        return self._trace()

    def _eigvals(self) -> Tensor:
        return decompose_ops.eigvalsh(self.to_dense())

    def eigvals(self, name: str = "eigvals") -> Tensor:
        """The eigenvalues of an operator that is hinted to be self-adjoint.

        Raises:
          NotImplementedError: it is not.
        """
        if not self.is_self_adjoint:
            raise NotImplementedError("Only self-adjoint matrices are supported.")
        return self._eigvals()

    def _cond(self) -> Tensor:
        if self.is_self_adjoint:
            values = elementwise.abs(self._eigvals())
        else:
            values = decompose_ops.svd(self.to_dense(), compute_uv=False)
        return extremes.reduce_max(values, -1) / extremes.reduce_min(values, -1)

    def cond(self, name: str = "cond") -> Tensor:
        """The condition number: the largest singular value through the smallest."""
        return self._cond()

    # Tensors

    def _to_dense(self) -> Tensor:
        return self.matmul(creation.eye(self.domain_dimension.value, batch_shape=self.batch_shape, dtype=self.dtype))

    def to_dense(self, name: str = "to_dense") -> Tensor:
        """The matrix written out."""
        return self._to_dense()

    def _diag_part(self) -> Tensor:
        return matrix_diag.diag_part(self.to_dense())

    def diag_part(self, name: str = "diag_part") -> Tensor:
        return self._diag_part()

    def _add_to_tensor(self, x: Tensor) -> Tensor:
        return self.to_dense() + x

    def add_to_tensor(self, x: Any, name: str = "add_to_tensor") -> Tensor:
        """`A + x`, for a Tensor that broadcasts against the operator's shape."""
        x = convert(x, None, self.dtype)
        if x.dtype is not self.dtype:
            raise TypeError(f"Expected argument to have dtype {self.dtype}.  Found: {x.dtype} in tensor {x}")
        return self._add_to_tensor(x)

    # Operators

    def _can_use_cholesky(self) -> bool:
        return bool(self.is_self_adjoint and self.is_positive_definite)

    def _hints(self, *names: str) -> dict[str, Any]:
        """The hints that a related operator shares; all by default."""
        return {name: getattr(self, name) for name in names or _HINTS}

    def _linop_adjoint(self) -> LinearOperator:
        from tenfold.linear_operators.composed import LinearOperatorAdjoint

        return LinearOperatorAdjoint(self, **self._hints())

    def adjoint(self, name: str = "adjoint") -> LinearOperator:
        """The operator of the adjoint matrix."""
        return self if self.is_self_adjoint else self._linop_adjoint()

    H = property(adjoint)

    def _linop_inverse(self) -> LinearOperator:
        from tenfold.linear_operators.composed import LinearOperatorInversion

        return LinearOperatorInversion(self, **self._hints())

    def inverse(self, name: str = "inverse") -> LinearOperator:
        """The operator of the inverse matrix.

        Raises:
          ValueError: the operator is hinted to be singular or not square.
        """
        for hint, kind in ((self.is_square, "non square"), (self.is_non_singular, "singular")):
            if hint is False:
                raise ValueError(f"Cannot take the Inverse: This operator represents a {kind} matrix.")
        return self._linop_inverse()

    def _linop_cholesky(self) -> LinearOperator:
        from tenfold.linear_operators.dense import LinearOperatorLowerTriangular

        return LinearOperatorLowerTriangular(
            decompose_ops.cholesky(self.to_dense()), is_non_singular=True, is_self_adjoint=False, is_square=True
        )

    def cholesky(self, name: str = "cholesky") -> LinearOperator:
        """The operator of the Cholesky factor.

        Raises:
          ValueError: the operator is not hinted to be self-adjoint and positive definite.
        """
        if not self._can_use_cholesky():
            raise ValueError("Cannot take the Cholesky decomposition: Not a positive definite self adjoint matrix.")
        return self._linop_cholesky()

    def _linop_matmul(self, left_operator: LinearOperator, right_operator: LinearOperator) -> LinearOperator:
        from tenfold.linear_operators.composed import LinearOperatorComposition
        from tenfold.linear_operators.diagonal import LinearOperatorIdentity, LinearOperatorZeros

        if isinstance(right_operator, LinearOperatorIdentity):
            return left_operator
        if isinstance(right_operator, LinearOperatorZeros):
            if not (right_operator.is_square and left_operator.is_square):
                raise ValueError(
                    "Matmul with non-square `LinearOperator`s or non-square `LinearOperatorZeros` not supported at "
                    "this time."
                )
            return right_operator
        return LinearOperatorComposition(
            [left_operator, right_operator], **product_hints(left_operator, right_operator)
        )

    def _linop_solve(self, left_operator: LinearOperator, right_operator: LinearOperator) -> LinearOperator:
        from tenfold.linear_operators.composed import LinearOperatorComposition
        from tenfold.linear_operators.diagonal import LinearOperatorIdentity

        inverse = left_operator.inverse()
        if isinstance(right_operator, LinearOperatorIdentity):
            return inverse
        return LinearOperatorComposition([inverse, right_operator], **product_hints(left_operator, right_operator))

    # Checks

    def _assert_non_singular(self) -> None:
        if self._can_use_cholesky():
            return self.assert_positive_definite()
        values = decompose_ops.svd(self.to_dense(), compute_uv=False)._array
        limit = np.finfo(values.dtype).eps
        check((values.min(axis=-1) > limit * values.max(axis=-1)).all(), "Singular matrix up to precision epsilon.")

    def assert_non_singular(self, name: str = "assert_non_singular") -> None:
        """Raises InvalidArgumentError if the matrix is singular."""
        self._assert_non_singular()

    def _assert_positive_definite(self) -> None:
        if not self.is_self_adjoint:
            raise NotImplementedError("assert_positive_definite is not implemented.")
        diagonal = matrix_diag.diag_part(decompose_ops.cholesky(self.to_dense()))._array
        check((diagonal.real > 0).all(), "Matrix was not positive definite.")

    def assert_positive_definite(self, name: str = "assert_positive_definite") -> None:
        """Raises InvalidArgumentError if the matrix is not positive definite."""
        self._assert_positive_definite()

    def _assert_self_adjoint(self) -> None:
        dense = self.to_dense()
        check((dense._array == matrices.adjoint(dense)._array).all(), "Matrix was not equal to its adjoint.")

    def assert_self_adjoint(self, name: str = "assert_self_adjoint") -> None:
        """Raises InvalidArgumentError if the matrix is not exactly equal to its adjoint."""
        self._assert_self_adjoint()

    # Batches

    @property
    def _experimental_parameter_ndims_to_matrix_ndims(self) -> dict[str, Any]:
        """For each parameter of tensors or operators the number of its last axes that are not batch axes."""
        raise NotImplementedError(f"{self.name}: operators of this class cannot be indexed.")

    def __getitem__(self, slices: Any) -> LinearOperator:
        """The operator of a part of the batch, by what indexes a Tensor of the batch's shape."""
        slices = slices if isinstance(slices, tuple) else (slices,)
        arguments = self.parameters
        batch = tuple(self.batch_shape)
        for name, ndims in self._experimental_parameter_ndims_to_matrix_ndims.items():
            value = arguments[name]
            if value is None:
                continue
            if isinstance(ndims, int):
                arguments[name] = _sliced(value, ndims, slices, batch)
            else:
                arguments[name] = nest.map_structure(lambda x, n: _sliced(x, n, slices, batch), value, ndims)
        return type(self)(**arguments)


def _sliced(value: Any, ndims: int, slices: tuple, batch: tuple) -> Any:
    """The part of a parameter that belongs to a part of the batch; axes that it broadcasts along are left out."""
    if isinstance(value, LinearOperator):
        return value[slices] if value.batch_shape.rank else value
    value = convert(value)
    rank = value._array.ndim - ndims
    if not rank:
        return value
    full = array_ops.broadcast_to(value, (*batch, *value._array.shape[rank:]))
    return full[(*slices, *[slice(None)] * ndims)] if Ellipsis in slices else full[(*slices, Ellipsis)]


# What operators share


def as_parameter(value: Any) -> Any:
    """A parameter of an operator: variables stay, so that the operator follows them and gradients reach them."""
    return value if isinstance(value, Variable) else convert(value)


def _int32(value: Any) -> Tensor:
    return wrap(np.array(value, np.int32))


def check(condition: Any, message: str) -> None:
    """Raises InvalidArgumentError with `message` unless `condition` holds."""
    if not condition:
        raise InvalidArgumentError(message)


def _require_fit(left: LinearOperator, right: LinearOperator, name: str) -> None:
    if left.domain_dimension != right.range_dimension:
        raise ValueError(
            f"Operators are incompatible. Expected `{name}` to have dimension {left.domain_dimension} but got "
            f"{right.range_dimension}."
        )


def broadcast_batch(*shapes: Any) -> tuple:
    """The batch shape that several broadcast to."""
    batch: tuple = ()
    for shape in shapes:
        batch = broadcast_shapes(batch, tuple(shape))
    return batch


def solve_with_broadcast(matrix: Tensor, rhs: Tensor, adjoint: bool = False) -> Tensor:
    """`tf.linalg.solve` of matrices and right-hand sides whose batches broadcast."""
    (a, b) = matrix._array.shape, rhs._array.shape
    batch = broadcast_batch(a[:-2], b[:-2])
    if a[:-2] != batch:
        matrix = array_ops.broadcast_to(matrix, (*batch, *a[-2:]))
    if b[:-2] != batch:
        rhs = array_ops.broadcast_to(rhs, (*batch, *b[-2:]))
    return solve_ops.solve(matrix, rhs, adjoint=adjoint)


def log_of_abs(x: Tensor) -> Tensor:
    """`log |x|` in the dtype of `x`."""
    return cast_ops.cast(exponential.log(elementwise.abs(x)), x.dtype)


def _to_tensor(value: LinearOperator, dtype: DType | None, hint: DType | None) -> Tensor:
    return convert(value.to_dense(), dtype)


register_converter(LinearOperator, _to_tensor)
