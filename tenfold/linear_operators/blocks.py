"""Operators made of blocks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from tenfold.core.convert import convert
from tenfold.core.shapes import TensorShape
from tenfold.core.tensor import Tensor
from tenfold.linear_operators.base import LinearOperator, broadcast_batch
from tenfold.linear_operators.composed import OfSeveral
from tenfold.linear_operators.hints import both_non_singular, commuting_hints
from tenfold.ops import array as array_ops
from tenfold.ops import creation, elementwise, join, matrices


class _OfBlocks(LinearOperator):
    """An operator with square blocks on the diagonal, that takes vectors whole or as lists of their parts."""

    _diagonal: list[LinearOperator]

    def _block_sizes(self, adjoint: bool, is_solving: bool) -> list[int]:
        """The sizes of the parts of what goes in."""
        return [operator.shape[-2 if adjoint != is_solving else -1] for operator in self._diagonal]

    def _is_in_parts(self, x: Any, sizes: list[int], axis: int) -> bool:
        if not isinstance(x, (list, tuple)) or len(x) != len(sizes):
            return False
        shapes = [convert(part).shape for part in x]
        return all(len(shape) >= -axis and shape[axis] == size for shape, size in zip(shapes, sizes, strict=True))

    def _apply(self, x: Any, adjoint: bool, adjoint_arg: bool, is_solving: bool, axis: int) -> Any:
        """Products or solutions, of parts or of a whole; None if `x` is something else for the base class to judge."""
        sizes = self._block_sizes(adjoint, is_solving)
        if self._is_in_parts(x, sizes, axis):
            parts = [convert(part, None, self.dtype) for part in x]
            if axis == -1 and not adjoint_arg:
                columns = [array_ops.expand_dims(part, -1) for part in parts]
                return [array_ops.squeeze(y, -1) for y in self._on_parts(columns, adjoint, False, is_solving)]
            return self._on_parts(parts, adjoint, adjoint_arg, is_solving)
        return None

    def _on_whole(self, x: Tensor, adjoint: bool, adjoint_arg: bool, is_solving: bool) -> Tensor:
        parts = join.split(x, self._block_sizes(adjoint, is_solving), axis=-1 if adjoint_arg else -2)
        return _joined_rows(self._on_parts(parts, adjoint, adjoint_arg, is_solving))

    def _on_parts(self, parts: list[Tensor], adjoint: bool, adjoint_arg: bool, is_solving: bool) -> list[Tensor]:
        raise NotImplementedError

    def matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False, name: str = "matmul") -> Any:
        found = self._apply(x, adjoint, adjoint_arg, False, -1 if adjoint_arg else -2)
        return super().matmul(x, adjoint, adjoint_arg, name) if found is None else found

    def _matmul(self, x: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        return self._on_whole(x, adjoint, adjoint_arg, False)

    def matvec(self, x: Any, adjoint: bool = False, name: str = "matvec") -> Any:
        found = self._apply(x, adjoint, False, False, -1)
        return super().matvec(x, adjoint, name) if found is None else found

    def solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False, name: str = "solve") -> Any:
        self._require_solvable()
        found = self._apply(rhs, adjoint, adjoint_arg, True, -1 if adjoint_arg else -2)
        return super().solve(rhs, adjoint, adjoint_arg, name) if found is None else found

    def _solve(self, rhs: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        return self._on_whole(rhs, adjoint, adjoint_arg, True)

    def solvevec(self, rhs: Any, adjoint: bool = False, name: str = "solve") -> Any:
        self._require_solvable()
        found = self._apply(rhs, adjoint, False, True, -1)
        return super().solvevec(rhs, adjoint, name) if found is None else found

    def _require_square_blocks(self, what: str) -> None:
        if not all(operator.is_square for operator in self._diagonal):
            raise NotImplementedError(f"`{what}` not implemented for an operator whose blocks are not square.")

    def _determinant(self) -> Tensor:
        return reduce(elementwise.multiply, [operator.determinant() for operator in self._diagonal])

    def _log_abs_determinant(self) -> Tensor:
        return reduce(elementwise.add, [operator.log_abs_determinant() for operator in self._diagonal])

    def _trace(self) -> Tensor:
        self._require_square_blocks("trace")
        return reduce(elementwise.add, [operator.trace() for operator in self._diagonal])

    def _diag_part(self) -> Tensor:
        self._require_square_blocks("diag_part")
        return _joined_vectors([operator.diag_part() for operator in self._diagonal])

    def _eigvals(self) -> Tensor:
        self._require_square_blocks("eigvals")
        return _joined_vectors([operator.eigvals() for operator in self._diagonal])

    def _assert_non_singular(self) -> None:
        for operator in self._diagonal:
            operator.assert_non_singular()


def _joined_vectors(parts: list[Tensor]) -> Tensor:
    batch = broadcast_batch(*[part._array.shape[:-1] for part in parts])
    return join.concat([array_ops.broadcast_to(part, (*batch, part._array.shape[-1])) for part in parts], -1)


def _joined_rows(parts: list[Tensor]) -> Tensor:
    batch = broadcast_batch(*[part._array.shape[:-2] for part in parts])
    return join.concat([array_ops.broadcast_to(part, (*batch, *part._array.shape[-2:])) for part in parts], -2)


class LinearOperatorBlockDiag(_OfBlocks, OfSeveral):
    """Operators along the diagonal, zeros elsewhere.

    `matmul`, `matvec`, `solve` and `solvevec` also take a list of the parts that belong to the blocks, and return one then.

    Args:
      operators: list of LinearOperators.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints, see `tf.linalg.LinearOperator`.
      name: the operator's name.
    Raises:
      ValueError: there is no operator, or a hint is impossible.
      TypeError: the dtypes differ.
    Example:
      >>> a = tf.linalg.LinearOperatorFullMatrix([[1.0, 2.0], [3.0, 4.0]])
      >>> b = tf.linalg.LinearOperatorDiag([5.0])
      >>> print(tf.linalg.LinearOperatorBlockDiag([a, b]).to_dense().numpy())
      [[1. 2. 0.]
       [3. 4. 0.]
       [0. 0. 5.]]
    """

    def __init__(
        self,
        operators: Sequence[LinearOperator],
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = True,
        name: str | None = None,
    ) -> None:
        self._diagonal = operators = self._set_operators(operators)
        super().__init__(
            operators[0].dtype,
            None,
            self._inherited("is_non_singular", is_non_singular),
            self._inherited("is_self_adjoint", is_self_adjoint),
            self._inherited("is_positive_definite", is_positive_definite),
            is_square,
            name or "_ds_".join(operator.name for operator in operators),
        )

    def _shape(self) -> TensorShape:
        rows, columns = (sum(operator.shape[axis] for operator in self._operators) for axis in (-2, -1))
        return TensorShape([*self._batch(), rows, columns])

    def _on_parts(self, parts: list[Tensor], adjoint: bool, adjoint_arg: bool, is_solving: bool) -> list[Tensor]:
        return [
            (operator.solve if is_solving else operator.matmul)(part, adjoint=adjoint, adjoint_arg=adjoint_arg)
            for operator, part in zip(self._operators, parts, strict=True)
        ]

    def _to_dense(self) -> Tensor:
        columns, before, rows = self.shape[-1], 0, []
        for operator in self._operators:
            dense = operator.to_dense()
            batch, (height, width) = dense._array.shape[:-2], dense._array.shape[-2:]
            left = creation.zeros([*batch, height, before], self.dtype)
            right = creation.zeros([*batch, height, columns - before - width], self.dtype)
            rows.append(join.concat([left, dense, right], -1))
            before += width
        return _joined_rows(rows)

    def _linop_adjoint(self) -> LinearOperator:
        return LinearOperatorBlockDiag([operator.adjoint() for operator in self._operators], **self._hints())

    def _linop_inverse(self) -> LinearOperator:
        return LinearOperatorBlockDiag([operator.inverse() for operator in self._operators], **self._hints())

    def _linop_cholesky(self) -> LinearOperator:
        return LinearOperatorBlockDiag(
            [operator.cholesky() for operator in self._operators], is_non_singular=True, is_square=True
        )

    def _linop_matmul(self, left_operator: LinearOperator, right_operator: LinearOperator) -> LinearOperator:
        if isinstance(right_operator, LinearOperatorBlockDiag):
            pairs = list(zip(left_operator.operators, right_operator.operators, strict=False))  # type: ignore[attr-defined]
            if len(pairs) == len(self._operators) == len(right_operator.operators):
                products = [left.matmul(right) for left, right in pairs]
                is_non_singular = both_non_singular(left_operator, right_operator)
                return LinearOperatorBlockDiag(products, is_non_singular=is_non_singular, is_square=None)
        return super()._linop_matmul(left_operator, right_operator)

    def _linop_solve(self, left_operator: LinearOperator, right_operator: LinearOperator) -> LinearOperator:
        if isinstance(right_operator, LinearOperatorBlockDiag):
            pairs = list(zip(left_operator.operators, right_operator.operators, strict=False))  # type: ignore[attr-defined]
            if len(pairs) == len(self._operators) == len(right_operator.operators):
                hints = commuting_hints(left_operator, right_operator)
                solutions = [left.solve(right) for left, right in pairs]
                return LinearOperatorBlockDiag(solutions, is_non_singular=hints["is_non_singular"], is_square=None)
        return super()._linop_solve(left_operator, right_operator)

    def _assert_positive_definite(self) -> None:
        for operator in self._operators:
            operator.assert_positive_definite()

    def _assert_self_adjoint(self) -> None:
        for operator in self._operators:
            operator.assert_self_adjoint()


class LinearOperatorBlockLowerTriangular(_OfBlocks):
    """Operators on and below the diagonal of blocks.

    `matmul`, `matvec`, `solve` and `solvevec` also take a list of the parts that belong to the blocks, and return one then.

    Args:
      operators: list of rows, the i-th with i + 1 LinearOperators, the last of which is square.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints, see `tf.linalg.LinearOperator`.
      name: the operator's name.
    Raises:
      ValueError: the numbers or sizes of blocks do not fit, or a hint is impossible.
      TypeError: the dtypes differ.
    Example:
      >>> one = tf.linalg.LinearOperatorIdentity(1)
      >>> two = tf.linalg.LinearOperatorFullMatrix([[2.0]])
      >>> print(tf.linalg.LinearOperatorBlockLowerTriangular([[one], [two, one]]).to_dense().numpy())
      [[1. 0.]
       [2. 1.]]
    """

    def __init__(
        self,
        operators: Sequence[Sequence[LinearOperator]],
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str = "LinearOperatorBlockLowerTriangular",
    ) -> None:
        rows = [list(row) for row in operators]
        if not rows:
            raise ValueError(f"Argument `operators` must be a list of >=1 operators. Received: {operators}.")
        for i, row in enumerate(rows):
            if len(row) != i + 1:
                raise ValueError(
                    f"Argument `operators[{i}]` must contain `{i + 1}` blocks. Received: {len(row)} blocks."
                )
        self._operators, self._diagonal = rows, [row[-1] for row in rows]
        self._require_sizes()
        dtype = rows[0][0].dtype
        for i, row in enumerate(rows):
            if any(operator.dtype is not dtype for operator in row):
                found = [operator.dtype.name for operator in row]
                raise TypeError(
                    f"Expected all operators to have the same dtype.  Found {found} in row {i} and {dtype} in row 0."
                )
        hints = [operator.is_non_singular for operator in self._diagonal]
        known = True if all(hints) else False if False in hints else None
        if known is not None:
            if is_non_singular is (not known):
                kind = "non-singular" if known else "singular"
                raise ValueError(
                    f"A blockwise lower-triangular operator is {kind} if that holds on its main diagonal. Expected argument "
                    f"`is_non_singular` to be {known}. Received: {is_non_singular}."
                )
            is_non_singular = known
        if is_square is False or any(operator.is_square is False for operator in self._diagonal):
            raise ValueError(
                "`LinearOperatorBlockLowerTriangular` must be square, as must the blocks on its diagonal. Expected argument "
                f"`is_square` to be True. Received: {is_square}."
            )
        super().__init__(dtype, None, is_non_singular, is_self_adjoint, is_positive_definite, True, name)

    def _require_sizes(self) -> None:
        for i, row in enumerate(self._operators):
            for j, operator in enumerate(row):
                expected = self._diagonal[i].shape[-2], self._diagonal[j].shape[-1]
                if tuple(operator.shape[-2:]) != expected:
                    raise ValueError(
                        f"Argument `operators[{i}][{j}]` has shape {operator.shape}; to fit the blocks on the diagonal, its "
                        f"matrices must be {expected}."
                    )

    @property
    def operators(self) -> list[list[LinearOperator]]:
        return self._operators

    def _shape(self) -> TensorShape:
        batch = broadcast_batch(*[operator.batch_shape for row in self._operators for operator in row])
        size = sum(operator.shape[-1] for operator in self._diagonal)
        return TensorShape([*batch, size, size])

    def _on_parts(self, parts: list[Tensor], adjoint: bool, adjoint_arg: bool, is_solving: bool) -> list[Tensor]:
        if adjoint_arg:
            parts = [matrices.adjoint(part) for part in parts]
        count = len(parts)
        out: list[Any] = [None] * count
        for i in reversed(range(count)) if adjoint else range(count):
            others = range(i + 1, count) if adjoint else range(i)
            off = [
                self._operators[max(i, j)][min(i, j)].matmul(out[j] if is_solving else parts[j], adjoint=adjoint)
                for j in others
            ]
            if is_solving:
                out[i] = self._diagonal[i].solve(reduce(elementwise.subtract, off, parts[i]), adjoint=adjoint)
            else:
                out[i] = reduce(elementwise.add, off, self._diagonal[i].matmul(parts[i], adjoint=adjoint))
        return out

    def _to_dense(self) -> Tensor:
        batch, size, rows = tuple(self.batch_shape), self.shape[-1], []
        for row in self._operators:
            dense = [operator.to_dense() for operator in row]
            dense = [array_ops.broadcast_to(block, (*batch, *block._array.shape[-2:])) for block in dense]
            width = sum(block._array.shape[-1] for block in dense)
            dense.append(creation.zeros([*batch, dense[0]._array.shape[-2], size - width], self.dtype))
            rows.append(join.concat(dense, -1))
        return join.concat(rows, -2)

    @property
    def _experimental_parameter_ndims_to_matrix_ndims(self) -> dict[str, Any]:
        return {"operators": [[0] * len(row) for row in self._operators]}
