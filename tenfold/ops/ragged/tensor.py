"""`tf.RaggedTensor`: rows of different lengths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NoReturn

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert, is_tensor_like, register_converter
from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.ragged_array import RaggedArray
from tenfold.core.shapes import TensorShape, as_shape
from tenfold.core.spec import TensorSpec, TypeSpec
from tenfold.core.symbol import Symbol
from tenfold.core.tensor import Tensor
from tenfold.ops import assertions, cast, creation, logic, sizes
from tenfold.ops.operators import OPERATORS
from tenfold.ops.ragged import constructors, extents
from tenfold.ops.ragged.row_splits import (
    INDEX_TYPES,
    row_partition,
    row_splits_to_segment_ids,
    segment_ids_to_row_splits,
    splits_of_lengths,
)
from tenfold.ops.ragged.to_dense import RAGGED_TO_TENSOR
from tenfold.ops.ragged.to_sparse import RAGGED_TO_SPARSE
from tenfold.ops.sparse.tensor import SparseTensor


class RaggedTensor:
    """A tensor whose rows have different lengths: the values of all rows one behind the other, and where each row ends.

    It is made by `tf.ragged.constant` or by one of the functions `from_...`. Its values may be a RaggedTensor again, for
    rows of rows. Ops that work element by element take it, and many others; `tf.ragged.map_flat_values` runs the rest on
    its values, and `to_tensor` fills the rows up.

    Attributes:
      values: Tensor or RaggedTensor: all rows, one behind the other.
      row_splits: int32 or int64 Tensor, shape `(rows + 1,)`: row `i` is `values[row_splits[i]:row_splits[i + 1]]`.
      uniform_row_length: scalar Tensor, how long all rows are; None where they may have different lengths.

    Example:
      >>> x = tf.RaggedTensor.from_row_splits([3, 1, 4, 1], [0, 2, 2, 4])
      >>> print(x, x.shape, x.to_tensor().numpy().tolist())
      <tf.RaggedTensor [[3, 1], [], [4, 1]]> (3, None) [[3, 1], [0, 0], [4, 1]]
    """

    __slots__ = ("_values", "_row_splits", "_uniform_row_length", "__weakref__")
    __array_priority__ = 100  # NumPy's operators leave mixed expressions to ours

    def __init__(
        self, values: Any, row_splits: Any, uniform_row_length: Tensor | None = None, internal: bool = False
    ) -> None:
        if not internal:
            raise ValueError(
                "RaggedTensor constructor is private; please use one of the factory methods instead (e.g., "
                "RaggedTensor.from_row_lengths())"
            )
        self._values, self._row_splits, self._uniform_row_length = values, row_splits, uniform_row_length

    # Making one.

    @classmethod
    def from_row_splits(
        cls, values: Any, row_splits: Any, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Rows that end where numbers say.

        Args:
          values: Tensor or RaggedTensor.
          row_splits: int32 or int64, shape `(rows + 1,)`; begins with 0, never falls, ends with the number of values.
          validate: whether that is checked.
        Raises:
          ValueError: `row_splits` is empty, no vector, or not of integers.
          tf.errors.InvalidArgumentError: it is not such as it must be.
        Example:
          >>> tf.RaggedTensor.from_row_splits([3, 1, 4], [0, 2, 3]).to_list()
          [[3, 1], [4]]
        """
        _check_flag(validate)
        values, splits = _values(values), row_partition(row_splits, "row_splits")
        if splits.shape.rank is not None and splits.shape[0] == 0:
            raise ValueError("row_splits tensor may not be empty.")
        if validate:
            what = "Arguments to from_row_splits do not form a valid RaggedTensor"
            assertions.assert_equal(splits[:1], creation.zeros([1], splits.dtype), message=f"{what}: zero")
            assertions.assert_non_negative(splits[1:] - splits[:-1], message=f"{what}: monotonic")
            assertions.assert_equal(splits[-1:], _count(values, splits.dtype)[None], message=what)
        return cls(values, splits, internal=True)

    @classmethod
    def from_row_lengths(
        cls, values: Any, row_lengths: Any, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Rows of these lengths.

        Raises:
          ValueError: `row_lengths` is no vector of integers.
          tf.errors.InvalidArgumentError: one is negative, or they are not as many as the values in all.
        Example:
          >>> tf.RaggedTensor.from_row_lengths([3, 1, 4], [0, 2, 1]).to_list()
          [[], [3, 1], [4]]
        """
        _check_flag(validate)
        values, lengths = _values(values), row_partition(row_lengths, "row_lengths")
        if validate:
            assertions.assert_non_negative(
                lengths, message="Arguments to from_row_lengths do not form a valid RowPartition"
            )
        splits = splits_of_lengths(lengths)
        return cls.from_row_splits(values, splits, validate=validate)

    @classmethod
    def from_value_rowids(
        cls, values: Any, value_rowids: Any, nrows: Any = None, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Rows that say of each value which row it is in.

        Args:
          values: Tensor or RaggedTensor.
          value_rowids: int32 or int64, shape `(n,)`; never falls.
          nrows: how many rows there are; up to the last one that has a value by default.
          validate: whether that is checked.
        Raises:
          ValueError: `value_rowids` is no vector of integers, or there are fewer rows.
          tf.errors.InvalidArgumentError: it is not such as it must be.
        Example:
          >>> tf.RaggedTensor.from_value_rowids([3, 1, 4], [0, 0, 2], nrows=4).to_list()
          [[3, 1], [], [4], []]
        """
        _check_flag(validate)
        values, rows = _values(values), row_partition(value_rowids, "value_rowids")
        values.shape[:1].assert_is_compatible_with(rows.shape)
        if validate:
            what = "Arguments to from_value_rowids do not form a valid RowPartition"
            assertions.assert_non_negative(rows[:1], message=what)
            assertions.assert_non_negative(rows[1:] - rows[:-1], message=what)
            assertions.assert_equal(sizes.shape(rows, rows.dtype), _count(values, rows.dtype)[None], message=what)
            if nrows is not None:
                assertions.assert_less(rows[-1:], cast.cast(nrows, rows.dtype), message=f"{what}: nrows is too small")
        return cls(values, segment_ids_to_row_splits(rows, nrows, rows.dtype), internal=True)

    @classmethod
    def from_nested_row_splits(
        cls, flat_values: Any, nested_row_splits: Sequence[Any], name: str | None = None, validate: bool = True
    ) -> Any:
        """Rows of rows, from the row splits of each level, the outermost first.

        Raises:
          TypeError: `nested_row_splits` is a Tensor; it must be a list of them.
        Example:
          >>> tf.RaggedTensor.from_nested_row_splits([3, 1, 4], ([0, 1, 2], [0, 2, 3])).to_list()
          [[[3, 1]], [[4]]]
        """
        if is_tensor_like(type(nested_row_splits)):
            raise TypeError(f"Argument `nested_row_splits` must be a list of Tensors. Received {nested_row_splits}")
        result = flat_values
        for splits in reversed(nested_row_splits):
            result = cls.from_row_splits(result, splits, validate=validate)
        return result

    from_row_starts = classmethod(constructors.from_row_starts)
    from_row_limits = classmethod(constructors.from_row_limits)
    from_uniform_row_length = classmethod(constructors.from_uniform_row_length)
    from_nested_row_lengths = classmethod(constructors.from_nested_row_lengths)
    from_nested_value_rowids = classmethod(constructors.from_nested_value_rowids)
    from_tensor = classmethod(constructors.from_tensor)
    from_sparse = classmethod(constructors.from_sparse)

    # What it is made of.

    @property
    def values(self) -> Any:
        return self._values

    @property
    def row_splits(self) -> Tensor:
        return self._row_splits

    @property
    def uniform_row_length(self) -> Tensor | None:
        return self._uniform_row_length

    @property
    def flat_values(self) -> Tensor:
        """The values of the innermost rows."""
        return self._values.flat_values if isinstance(self._values, RaggedTensor) else self._values

    @property
    def nested_row_splits(self) -> tuple[Tensor, ...]:
        """The row splits of all levels, the outermost first."""
        inner = self._values.nested_row_splits if isinstance(self._values, RaggedTensor) else ()
        return self._row_splits, *inner

    @property
    def ragged_rank(self) -> int:
        """How many axes are ragged."""
        return len(self.nested_row_splits)

    @property
    def dtype(self) -> DType:
        return self._values.dtype

    @property
    def shape(self) -> TensorShape:
        """The shape as far as it is known: the lengths of rows are not."""
        rows, length = self._row_splits.shape[0], self._uniform_row_length
        known = None if length is None or type(length._array) is Symbol else int(length._array)
        return TensorShape([None if rows is None else rows - 1, known]) + self._values.shape[1:]

    def get_shape(self) -> TensorShape:
        return self.shape

    def nrows(self, out_type: Any = None, name: str | None = None) -> Tensor:
        """The number of rows."""
        count = sizes.shape(self._row_splits, self._row_splits.dtype)[0] - 1
        return count if out_type is None else cast.cast(count, out_type)

    def row_starts(self, name: str | None = None) -> Tensor:
        """Where each row begins in `values`."""
        return self._row_splits[:-1]

    def row_limits(self, name: str | None = None) -> Tensor:
        """Where each row ends in `values`."""
        return self._row_splits[1:]

    def row_lengths(self, axis: int = 1, name: str | None = None) -> Any:
        """How long each row is.

        Args:
          axis: of the rows; those of an inner ragged axis come as a RaggedTensor.
        Raises:
          ValueError: the axis is not ragged.
        Example:
          >>> print(tf.ragged.constant([[3, 1], [], [4]]).row_lengths().numpy())
          [2 0 1]
        """
        if not 1 <= axis <= self.ragged_rank:
            raise ValueError(f"row_lengths: axis is {axis}; ragged are the axes 1 to {self.ragged_rank}.")
        if axis > 1:
            return self.with_values(self._values.row_lengths(axis - 1))
        return self.row_limits() - self.row_starts()

    def nested_row_lengths(self, name: str | None = None) -> tuple[Tensor, ...]:
        """The lengths of the rows of all levels, the outermost first."""
        return tuple([splits[1:] - splits[:-1] for splits in self.nested_row_splits])

    def value_rowids(self, name: str | None = None) -> Tensor:
        """The row of each of `values`."""
        return row_splits_to_segment_ids(self._row_splits)

    def nested_value_rowids(self, name: str | None = None) -> tuple[Tensor, ...]:
        """The rows of the values of all levels, the outermost first."""
        return tuple([row_splits_to_segment_ids(splits) for splits in self.nested_row_splits])

    def consumers(self) -> list:
        """The operations that read it: none, as values are computed at once."""
        return []

    bounding_shape = extents.bounding_shape
    merge_dims = extents.merge_dims

    # Others like it.

    def with_values(self, new_values: Any) -> RaggedTensor:
        """Rows of the same lengths with other values.

        Raises:
          ValueError: there are more values or fewer.
        """
        values = _values(new_values)
        self._values.shape[:1].assert_is_compatible_with(values.shape[:1])
        return RaggedTensor(values, self._row_splits, self._uniform_row_length, internal=True)

    def with_flat_values(self, new_values: Any) -> RaggedTensor:
        """Rows of the same lengths with other innermost values.

        Raises:
          ValueError: there are more values or fewer.
        """
        inner = self._values
        return self.with_values(inner.with_flat_values(new_values) if isinstance(inner, RaggedTensor) else new_values)

    def with_row_splits_dtype(self, dtype: Any) -> RaggedTensor:
        """The same rows with int32 or int64 row splits.

        Raises:
          ValueError: it is another dtype.
        """
        wanted, inner = as_dtype(dtype), self._values
        if wanted not in INDEX_TYPES:
            raise ValueError(f"Argument `row_splits` dtype must be int32 or int64. Received {wanted.name}.")
        values = inner.with_row_splits_dtype(wanted) if isinstance(inner, RaggedTensor) else inner
        length = self._uniform_row_length
        return RaggedTensor(
            values,
            cast.cast(self._row_splits, wanted),
            None if length is None else cast.cast(length, wanted),
            internal=True,
        )

    def to_tensor(self, default_value: Any = None, name: str | None = None, shape: Any = None) -> Tensor:
        """A dense tensor, whose rows are filled up.

        Args:
          default_value: what they are filled up with; zero, or the empty text, by default.
          shape: of the result, with None for sizes that follow from the rows; what is outside of it is left out.
        Raises:
          ValueError, TypeError: `default_value` is of another dtype.
          tf.errors.InvalidArgumentError: `shape` has another number of axes.
        Example:
          >>> print(tf.ragged.constant([[3, 1], [], [4]]).to_tensor(default_value=-1).numpy().tolist())
          [[3, 1], [-1, -1], [4, -1]]
        """
        values, splits = self.flat_values, self.nested_row_splits
        default = creation.zeros((), values.dtype) if default_value is None else convert(default_value, values.dtype)
        if shape is not None and not is_tensor_like(type(shape)):
            shape = [-1 if size is None else size for size in as_shape(shape)]
        wanted = creation.constant(-1) if shape is None else convert(shape)
        kinds = ("ROW_SPLITS",) * len(splits)
        return RAGGED_TO_TENSOR(wanted, values, default, *splits, row_partition_types=kinds)

    def to_sparse(self, name: str | None = None) -> SparseTensor:
        """A sparse tensor, with a value for each of this one.

        Example:
          >>> print(tf.ragged.constant([[3, 1], [], [4]]).to_sparse().indices.numpy().tolist())
          [[0, 0], [0, 1], [2, 0]]
        """
        return SparseTensor(*RAGGED_TO_SPARSE(*self.nested_row_splits, self.flat_values))

    # As a value of Python.

    def numpy(self) -> np.ndarray:
        """An array of arrays, one for each row; an array of numbers where all rows have one length."""
        values = self._values.numpy()
        rows = [values[start:end] for start, end in pairwise(self._row_splits.numpy().tolist())]
        if not rows:
            return np.array([], self.dtype.as_numpy_dtype)
        if len({len(row) for row in rows}) == 1:
            return np.array(rows)
        found = np.empty(len(rows), object)
        found[:] = rows
        return found

    def to_list(self) -> list:
        """Nested lists of Python's numbers, or of texts as bytes."""
        values = self._values.to_list() if isinstance(self._values, RaggedTensor) else self._values.numpy().tolist()
        return [values[start:end] for start, end in pairwise(self._row_splits.numpy().tolist())]

    def __getitem__(self, index: Any) -> Any:
        from tenfold.ops.ragged.index import picked

        return picked(self, index)

    def __iter__(self) -> Iterator[Any]:
        rows = self._row_splits.shape[0]
        if rows is None:
            raise TypeError("a RaggedTensor of an unknown number of rows cannot be iterated over; use tf.map_fn.")
        return iter([self[i] for i in range(rows - 1)])

    def __hash__(self) -> NoReturn:  # type: ignore[override]
        raise TypeError("RaggedTensor is unhashable.")

    def __bool__(self) -> NoReturn:
        raise TypeError("RaggedTensor may not be used as a boolean.")

    def __repr__(self) -> str:
        if type(self._row_splits._array) is Symbol:
            return f"tf.RaggedTensor(values={self._values}, row_splits={self._row_splits})"
        with np.printoptions(formatter={"all": _printed}):  # type: ignore[typeddict-item]
            return f"<tf.RaggedTensor {_printed(self.numpy())}>"

    @property
    def _type_spec(self) -> RaggedTensorSpec:
        return RaggedTensorSpec(self.shape, self.dtype, self.ragged_rank, self._row_splits.dtype)

    # As an operand of an op.

    @property
    def _array(self) -> RaggedArray:
        return RaggedArray(self)

    def _run(self, op: Any, operands: tuple[Any, ...], attrs: dict[str, Any]) -> Any:
        from tenfold.ops.ragged import dispatch

        return dispatch.run(op, operands, attrs)

    def __eq__(self, other: Any) -> Any:
        return _are_equal(self, other, False)

    def __ne__(self, other: Any) -> Any:
        return _are_equal(self, other, True)


def _are_equal(x: RaggedTensor, y: Any, otherwise: bool) -> Any:
    """`==` or `!=` element by element; a Python bool if the rows do not have the same lengths."""
    if y is None:
        return otherwise
    try:
        return logic.not_equal(x, y) if otherwise else logic.equal(x, y)
    except InvalidArgumentError:
        return otherwise


for _name, _run in OPERATORS.items():
    if _name not in ("__eq__", "__ne__", "__matmul__", "__rmatmul__", "__div__", "__rdiv__"):
        setattr(RaggedTensor, _name, _run)


def _printed(value: Any) -> str:
    if not isinstance(value, np.ndarray):
        return str(value)
    return np.array2string(value, separator=", ") if value.size else repr(value.tolist())


def _check_flag(validate: Any) -> None:
    if not isinstance(validate, bool):
        raise TypeError(f"Argument `validate` must have type bool. Received {validate}.")


def _values(value: Any) -> Any:
    return value if isinstance(value, RaggedTensor) else convert(value)


def _count(values: Any, dtype: DType) -> Tensor:
    return values.nrows(dtype) if isinstance(values, RaggedTensor) else sizes.shape(values, dtype)[0]


class RaggedTensorSpec(TypeSpec):
    """Description of a RaggedTensor.

    Args:
      shape: of the whole, with None for ragged axes; None where nothing is known.
      dtype: of the values.
      ragged_rank: how many axes are ragged; all but the first by default.
      row_splits_dtype: int32 or int64.
    Raises:
      ValueError: `ragged_rank` does not fit the shape, or neither is known.
    Example:
      >>> spec = tf.RaggedTensorSpec([None, None], tf.int32)
      >>> spec.is_compatible_with(tf.ragged.constant([[1, 2], [3]]))
      True
    """

    __slots__ = ("_shape", "_dtype", "_ragged_rank", "_row_splits_dtype")

    def __init__(
        self, shape: Any = None, dtype: Any = dtypes.float32, ragged_rank: int | None = None,
        row_splits_dtype: Any = dtypes.int64,
    ) -> None:  # fmt: skip
        self._shape, self._dtype = as_shape(shape), as_dtype(dtype)
        self._row_splits_dtype = as_dtype(row_splits_dtype)
        rank = self._shape.rank
        if ragged_rank is None:
            if rank is None:
                raise ValueError("Must specify ragged_rank or a shape with a known rank.")
            ragged_rank = rank - 1
        elif rank is not None and ragged_rank >= rank:
            raise ValueError(f"Argument `ragged_rank` ({ragged_rank}) must be less than rank ({rank}).")
        self._ragged_rank = ragged_rank

    @classmethod
    def from_value(cls, value: RaggedTensor) -> RaggedTensorSpec:
        """The spec that describes a RaggedTensor."""
        return value._type_spec

    @property
    def value_type(self) -> Any:
        return RaggedTensor if self._ragged_rank else Tensor

    @property
    def shape(self) -> TensorShape:
        return self._shape

    @property
    def dtype(self) -> DType:
        return self._dtype

    @property
    def ragged_rank(self) -> int:
        return self._ragged_rank

    @property
    def row_splits_dtype(self) -> DType:
        return self._row_splits_dtype

    def _serialize(self) -> tuple:
        return self._shape, self._dtype, self._ragged_rank, self._row_splits_dtype

    @property
    def _component_specs(self) -> list[TensorSpec]:
        if not self._ragged_rank:
            return [TensorSpec(self._shape, self._dtype)]
        rank = self._shape.rank
        inner = None if rank is None else [None, *self._shape.as_list()[self._ragged_rank + 1 :]]
        rows = None if rank is None else self._shape[0]
        outer = [None if rows is None else rows + 1, *[None] * (self._ragged_rank - 1)]
        return [TensorSpec(inner, self._dtype), *[TensorSpec([size], self._row_splits_dtype) for size in outer]]

    def _to_components(self, value: Any) -> list[Tensor]:
        return [value.flat_values, *value.nested_row_splits] if isinstance(value, RaggedTensor) else [value]

    def _from_components(self, components: Any) -> Any:
        result, *splits = components
        lengths = [None] * len(splits) if self._shape.rank is None else self._shape.as_list()[1 : len(splits) + 1]
        for row_splits, length in zip(reversed(splits), reversed(lengths), strict=True):
            uniform = None if length is None else convert(length, row_splits.dtype)
            result = RaggedTensor(result, row_splits, uniform, internal=True)
        return result


def _as_operand(value: RaggedTensor, dtype: DType | None, hint: DType | None) -> Any:
    """A ragged tensor stands for itself: the op that it is an operand of fails on its `_array`, and runs by its rule."""
    if dtype is not None and dtype is not value.dtype:
        raise ValueError(
            f"Tensor conversion requested dtype {dtype.name} for RaggedTensor with dtype {value.dtype.name}."
        )
    return value


register_converter(RaggedTensor, _as_operand, is_tensor_like=True)
