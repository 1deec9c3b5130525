"""Operators whose matrices have structure: reflections, permutations, Toeplitz and tridiagonal matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.dtypes import as_dtype, float32
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.shapes import TensorShape
from tenfold.core.tensor import Tensor, wrap
from tenfold.linear_operators.base import LinearOperator, as_parameter, broadcast_batch, check
from tenfold.linear_operators.circulant import LinearOperatorCirculant, as_complex
from tenfold.linear_operators.hints import require_hint
from tenfold.ops import array as array_ops
from tenfold.ops import creation, elementwise, fft, join, matrices, matrix_banded, matrix_diag, rearrange
from tenfold.ops import gather as gather_ops
from tenfold.ops import reduce as reduce_ops
from tenfold.ops import sort as sort_ops
from tenfold.ops.normalization import l2_normalize


class LinearOperatorHouseholder(LinearOperator):
    """The reflection at the hyperplane through the origin that is orthogonal to a vector.

    Args:
      reflection_axis: Tensor or Variable, shape `(..., n)`: the vector, of any length.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints: True, True, False, True.
      name: the operator's name.
    Raises:
      ValueError: the vector is a scalar, or a hint is wrong.
    Example:
      >>> print(tf.linalg.LinearOperatorHouseholder([2.0, 0.0]).matvec([3.0, 4.0]).numpy())
      [-3.  4.]
    """

    def __init__(
        self,
        reflection_axis: Any,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str = "LinearOperatorHouseholder",
    ) -> None:
        require_hint("is_self_adjoint", is_self_adjoint, True, "A Householder operator is always self adjoint.")
        require_hint(
            "is_positive_definite", is_positive_definite, False, "A Householder operator is never positive definite."
        )
        require_hint("is_square", is_square, True, "A Householder operator is always square.")
        self._reflection_axis = as_parameter(reflection_axis)
        if not len(self._reflection_axis.shape):
            raise ValueError(
                f"Argument reflection_axis must have at least 1 dimension.  Found: {self._reflection_axis}"
            )
        super().__init__(self._reflection_axis.dtype, None, is_non_singular, True, False, True, name)

    @property
    def reflection_axis(self) -> Any:
        return self._reflection_axis

    def _shape(self) -> TensorShape:
        return self._reflection_axis.shape.concatenate(self._reflection_axis.shape[-1:])

    def _unit(self) -> Tensor:
        return array_ops.expand_dims(l2_normalize(self._reflection_axis, axis=-1), -1)

    def _matmul(self, x: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        x = matrices.adjoint(x) if adjoint_arg else x
        unit = self._unit()
        along = reduce_ops.reduce_sum(elementwise.conj(unit) * x, -2, True)
        return x - 2.0 * unit * along

    def _solve(self, rhs: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        return self._matmul(rhs, adjoint, adjoint_arg)

    def _determinant(self) -> Tensor:
        return creation.fill(self.batch_shape, convert(-1.0, self.dtype))

    def _log_abs_determinant(self) -> Tensor:
        return creation.zeros(self.batch_shape, self.dtype)

    def _trace(self) -> Tensor:
        return creation.fill(self.batch_shape, convert(float(self.shape[-1] - 2), self.dtype))

    def _diag_part(self) -> Tensor:
        unit = array_ops.squeeze(self._unit(), -1)
        return 1.0 - 2.0 * unit * elementwise.conj(unit)

    def _eigvals(self) -> Tensor:
        ones = creation.ones([*self.batch_shape, self.shape[-1] - 1], self.dtype)
        return join.concat([creation.fill([*self.batch_shape, 1], convert(-1.0, self.dtype)), ones], -1)

    def _cond(self) -> Tensor:
        return creation.ones(self.batch_shape, self.dtype)

    def _linop_inverse(self) -> LinearOperator:
        return self

    def _assert_non_singular(self) -> None: ...

    def _assert_positive_definite(self) -> None:
        raise InvalidArgumentError("Householder operators are always non-positive definite.")

    def _assert_self_adjoint(self) -> None: ...

    @property
    def _experimental_parameter_ndims_to_matrix_ndims(self) -> dict[str, Any]:
        return {"reflection_axis": 1}


class LinearOperatorPermutation(LinearOperator):
    """The operator that exchanges elements: `y[i] = x[perm[i]]`.

    Args:
      perm: Tensor of integers, shape `(..., n)`, each of which occurs once.
      dtype: DType of the vectors.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints, see `tf.linalg.LinearOperator`.
      name: the operator's name.
    Raises:
      ValueError: `perm` is not a permutation, or a hint is wrong.
      TypeError: `perm` is not of an integer dtype.
    Example:
      >>> print(tf.linalg.LinearOperatorPermutation([2, 0, 1]).matvec([10.0, 20.0, 30.0]).numpy())
      [30. 10. 20.]
    """

    def __init__(
        self,
        perm: Any,
        dtype: Any = float32,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str = "LinearOperatorPermutation",
    ) -> None:
        require_hint("is_non_singular", is_non_singular, True, "A Permutation operator is always non-singular.")
        require_hint("is_square", is_square, True, "A Permutation operator is always square.")
        self._perm = convert(perm)
        array = self._perm._array
        if not array.ndim:
            raise ValueError(f"Argument `perm` must have at least 1 dimension. Received: {perm}.")
        if not self._perm.dtype.is_integer:
            raise TypeError(f"Argument `perm` must be integer dtype. Received: {perm}.")
        if (np.sort(array, axis=-1) != np.arange(array.shape[-1])).any():
            raise ValueError(f"Argument `perm` must be a vector of unique integers from 0 to {array.shape[-1] - 1}.")
        super().__init__(as_dtype(dtype), None, is_non_singular, is_self_adjoint, is_positive_definite, is_square, name)

    @property
    def perm(self) -> Tensor:
        return self._perm

    def _shape(self) -> TensorShape:
        return self._perm.shape.concatenate(self._perm.shape[-1:])

    def _matmul(self, x: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        perm = sort_ops.argsort(self._perm) if adjoint else self._perm
        x = matrices.adjoint(x) if adjoint_arg else x
        batch = broadcast_batch(perm._array.shape[:-1], x._array.shape[:-2])
        x = array_ops.broadcast_to(x, (*batch, *x._array.shape[-2:]))
        perm = array_ops.broadcast_to(perm, (*batch, perm._array.shape[-1]))
        return gather_ops.gather(x, perm, axis=-2, batch_dims=len(batch))

    def _solve(self, rhs: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        return self._matmul(rhs, not adjoint, adjoint_arg)

    def _determinant(self) -> Tensor:
        identity = np.eye(self.shape[-1])
        signs = np.linalg.det(identity[self._perm._array])
        return wrap(np.asarray(np.rint(signs), self.dtype._np))

    def _log_abs_determinant(self) -> Tensor:
        return creation.zeros(self.batch_shape, self.dtype)

    def _to_dense(self) -> Tensor:
        return wrap((self._perm._array[..., None] == np.arange(self.shape[-1])).astype(self.dtype._np))

    def _diag_part(self) -> Tensor:
        return wrap((self._perm._array == np.arange(self.shape[-1])).astype(self.dtype._np))

    def _cond(self) -> Tensor:
        return creation.ones(self.batch_shape, self.dtype)

    def _inverted(self) -> LinearOperator:
        return LinearOperatorPermutation(
            sort_ops.argsort(self._perm),
            self.dtype,
            is_self_adjoint=self.is_self_adjoint,
            is_positive_definite=self.is_positive_definite,
        )

    def _linop_adjoint(self) -> LinearOperator:
        return self._inverted()

    def _linop_inverse(self) -> LinearOperator:
        return self._inverted()

    def _assert_non_singular(self) -> None: ...

    @property
    def _experimental_parameter_ndims_to_matrix_ndims(self) -> dict[str, Any]:
        return {"perm": 1}


class LinearOperatorToeplitz(LinearOperator):
    """The operator of a matrix with equal elements along each diagonal.

    Args:
      col: Tensor or Variable, shape `(..., n)`: the first column.
      row: Tensor or Variable, shape `(..., n)`: the first row, whose first element is not used.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints, see `tf.linalg.LinearOperator`.
      name: the operator's name.
    Raises:
      ValueError: sizes differ, or `is_square` is False.
    Example:
      >>> print(tf.linalg.LinearOperatorToeplitz([1.0, 2.0], [1.0, 3.0]).to_dense().numpy())
      [[1. 3.]
       [2. 1.]]
    """

    def __init__(
        self,
        col: Any,
        row: Any,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str = "LinearOperatorToeplitz",
    ) -> None:
        require_hint("is_square", is_square, True, "Only square Toeplitz operators currently supported.")
        self._col, self._row = as_parameter(col), as_parameter(row)
        for which, part in (("row", self._row), ("col", self._col)):
            if not len(part.shape):
                raise ValueError(f"Argument {which} must have at least 1 dimension.  Found: {part}")
        if self._col.shape[-1] != self._row.shape[-1]:
            raise ValueError("Expected square matrix, got row and col with mismatched dimensions.")
        super().__init__(self._row.dtype, None, is_non_singular, is_self_adjoint, is_positive_definite, True, name)

    @property
    def col(self) -> Any:
        return self._col

    @property
    def row(self) -> Any:
        return self._row

    def _shape(self) -> TensorShape:
        n = self._col.shape[-1]
        return TensorShape([*broadcast_batch(self._col.shape[:-1], self._row.shape[:-1]), n, n])

    def _matmul(self, x: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        """The matrix is a corner of a circulant one, of twice the size."""
        x = matrices.adjoint(x) if adjoint_arg else x
        n, batch = self.shape[-1], tuple(self.batch_shape)
        col, row = (array_ops.broadcast_to(convert(part), (*batch, n)) for part in (self._col, self._row))
        around = join.concat([col, creation.zeros([*batch, 1], self.dtype), row[..., :0:-1]], -1)
        circulant = LinearOperatorCirculant(fft.fft_over(as_complex(around), 1), input_output_dtype=self.dtype)
        padded = rearrange.pad(x, [(0, 0)] * (x._array.ndim - 2) + [(0, n), (0, 0)])
        return circulant.matmul(padded, adjoint=adjoint)[..., :n, :]

    def _to_dense(self) -> Tensor:
        n = self.shape[-1]
        distance = np.arange(n)[:, None] - np.arange(n)
        row = array_ops.broadcast_to(self._row[..., :0:-1], (*self.batch_shape, n - 1))
        col = array_ops.broadcast_to(convert(self._col), (*self.batch_shape, n))
        both = join.concat([row, col], -1)
        return gather_ops.gather(both, distance + n - 1, axis=-1)

    def _diag_part(self) -> Tensor:
        return array_ops.broadcast_to(self._col[..., :1], self.shape[:-1])

    def _trace(self) -> Tensor:
        return array_ops.broadcast_to(self._col[..., 0], self.batch_shape) * float(self.shape[-1])

    def _assert_self_adjoint(self) -> None:
        row, col = convert(self._row)._array, convert(self._col)._array
        check((row == col.conj()).all(), "row and col are not the same, and so this operator is not self-adjoint.")

    @property
    def _experimental_parameter_ndims_to_matrix_ndims(self) -> dict[str, Any]:
        return {"col": 1, "row": 1}


class LinearOperatorTridiag(LinearOperator):
    """The operator of a tridiagonal matrix.

    Args:
      diagonals: the matrix, as in `tf.linalg.tridiagonal_solve`.
      diagonals_format: `"compact"`, `"sequence"` or `"matrix"`.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints, see `tf.linalg.LinearOperator`.
      name: the operator's name.
    Raises:
      ValueError: `diagonals_format` is unknown.
    Example:
      >>> operator = tf.linalg.LinearOperatorTridiag([[1.0, 0.0], [2.0, 3.0], [0.0, 4.0]])
      >>> print(operator.to_dense().numpy())
      [[2. 1.]
       [4. 3.]]
    """

    def __init__(
        self,
        diagonals: Any,
        diagonals_format: str = "compact",
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str = "LinearOperatorTridiag",
    ) -> None:
        if diagonals_format not in ("compact", "sequence", "matrix"):
            raise ValueError(
                f"Argument `diagonals_format` must be one of compact, matrix, or sequence. Received : {diagonals_format}."
            )
        self._diagonals_format = diagonals_format
        is_list = diagonals_format == "sequence"
        parts = [as_parameter(d) for d in (diagonals if is_list else [diagonals])]
        self._diagonals: Any = parts if is_list else parts[0]
        super().__init__(parts[0].dtype, None, is_non_singular, is_self_adjoint, is_positive_definite, is_square, name)

    @property
    def diagonals(self) -> Any:
        return self._diagonals

    @property
    def diagonals_format(self) -> str:
        return self._diagonals_format

    def _compact(self) -> Tensor:
        return matrix_banded.compact_diagonals(self._diagonals, self._diagonals_format, self.name)

    def _shape(self) -> TensorShape:
        compact = self._compact()
        return TensorShape([*compact.shape[:-2], compact.shape[-1], compact.shape[-1]])

    def _side(self, adjoint: bool) -> Tensor:
        return matrix_banded.adjoint_diagonals(self._compact()) if adjoint else self._compact()

    def _broadcast(self, diagonals: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        batch = broadcast_batch(diagonals._array.shape[:-2], x._array.shape[:-2])
        return tuple(array_ops.broadcast_to(part, (*batch, *part._array.shape[-2:])) for part in (diagonals, x))  # type: ignore[return-value]

    def _matmul(self, x: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        x = matrices.adjoint(x) if adjoint_arg else x
        return matrix_banded.tridiagonal_matmul(*self._broadcast(self._side(adjoint), x))

    def _solve(self, rhs: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        rhs = matrices.adjoint(rhs) if adjoint_arg else rhs
        return matrix_banded.tridiagonal_solve(*self._broadcast(self._side(adjoint), rhs))

    def _to_dense(self) -> Tensor:
        return matrix_diag.diag(self._compact(), k=(-1, 1), align="LEFT_RIGHT")

    def _diag_part(self) -> Tensor:
        return self._compact()[..., 1, :]

    @property
    def _experimental_parameter_ndims_to_matrix_ndims(self) -> dict[str, Any]:
        return {"diagonals": [1, 1, 1] if self._diagonals_format == "sequence" else 2}
