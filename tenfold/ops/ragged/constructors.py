"""More ways to make a ragged tensor; each becomes a class method of `tf.RaggedTensor`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenfold.core import dtypes
from tenfold.core.convert import convert, is_tensor_like
from tenfold.core.dtypes import as_dtype
from tenfold.ops import array as array_ops
from tenfold.ops import assertions, cast, creation, elementwise, extremes, gather, join, logic, ranges, sizes, static
from tenfold.ops.ragged.row_splits import row_partition
from tenfold.ops.reduce import reduce_all


def _count(values: Any, dtype: Any) -> Any:
    """How many values there are."""
    return values.nrows(dtype) if hasattr(values, "row_splits") else sizes.shape(values, dtype)[0]


def _rows_of(values: Any) -> Any:
    return values if hasattr(values, "row_splits") else convert(values)


def from_row_starts(cls: Any, values: Any, row_starts: Any, name: str | None = None, validate: bool = True) -> Any:
    """Rows that begin where numbers say; the first one begins at 0.

    Raises:
      ValueError: `row_starts` is no vector of integers.
      tf.errors.InvalidArgumentError: the numbers fall, or do not begin with 0.
    Example:
      >>> tf.RaggedTensor.from_row_starts([3, 1, 4], [0, 2, 2]).to_list()
      [[3, 1], [], [4]]
    """
    values, starts = _rows_of(values), row_partition(row_starts, "row_starts")
    splits = join.concat([starts, _count(values, starts.dtype)[None]], 0)
    return cls.from_row_splits(values, splits, validate=validate)


def from_row_limits(cls: Any, values: Any, row_limits: Any, name: str | None = None, validate: bool = True) -> Any:
    """Rows that end where numbers say; the last one ends with the values.

    Raises:
      ValueError: `row_limits` is no vector of integers.
      tf.errors.InvalidArgumentError: the numbers fall, or the last is not that of values.
    Example:
      >>> tf.RaggedTensor.from_row_limits([3, 1, 4], [2, 2, 3]).to_list()
      [[3, 1], [], [4]]
    """
    limits = row_partition(row_limits, "row_limits")
    splits = join.concat([creation.zeros([1], limits.dtype), limits], 0)
    return cls.from_row_splits(values, splits, validate=validate)


def from_uniform_row_length(
    cls: Any, values: Any, uniform_row_length: Any, nrows: Any = None, validate: bool = True, name: str | None = None
) -> Any:
    """Rows of one length.

    Args:
      values: Tensor or RaggedTensor.
      uniform_row_length: int or scalar Tensor, not negative.
      nrows: how many rows there are; needed only if the length is 0.
      validate: whether the length is checked.
    Raises:
      ValueError: rows of this length do not hold all values.
      tf.errors.InvalidArgumentError: likewise, when a function runs.
    Example:
      >>> tf.RaggedTensor.from_uniform_row_length([3, 1, 4, 1], 2).to_list()
      [[3, 1], [4, 1]]
    """
    values = _rows_of(values)
    length = convert(uniform_row_length, None, None if hasattr(uniform_row_length, "dtype") else dtypes.int64)
    count = _count(values, length.dtype)
    if nrows is None:
        rows = count // elementwise.maximum(length, 1)
    else:
        rows = cast.cast(convert(nrows), length.dtype)
    if validate:
        if not any(map(static.is_traced, (rows, length, count))) and rows * length != count:
            raise ValueError(f"uniform_row_length={length} times nrows={rows} must equal nvals={count}")
        assertions.assert_equal(rows * length, count, message="uniform_row_length does not fit the number of values")
    return cls(values, ranges.range(rows + 1) * length, length, internal=True)


def from_nested_row_lengths(
    cls: Any, flat_values: Any, nested_row_lengths: Sequence[Any], name: str | None = None, validate: bool = True
) -> Any:
    """Rows of rows, from the row lengths of each level, the outermost first.

    Raises:
      TypeError: `nested_row_lengths` is a Tensor; it must be a list of them.
    Example:
      >>> tf.RaggedTensor.from_nested_row_lengths([3, 1, 4], ([1, 1], [2, 1])).to_list()
      [[[3, 1]], [[4]]]
    """
    if is_tensor_like(type(nested_row_lengths)):
        raise TypeError(f"Argument `nested_row_lengths` must be a list of Tensors. Received {nested_row_lengths}")
    result = flat_values
    for lengths in reversed(nested_row_lengths):
        result = cls.from_row_lengths(result, lengths, validate=validate)
    return result


def from_nested_value_rowids(
    cls: Any,
    flat_values: Any,
    nested_value_rowids: Sequence[Any],
    nested_nrows: Sequence[Any] | None = None,
    name: str | None = None,
    validate: bool = True,
) -> Any:
    """Rows of rows, from the rows of the values of each level, the outermost first.

    Raises:
      TypeError: `nested_value_rowids` is a Tensor; it must be a list of them.
      ValueError: `nested_nrows` is of another length.
    Example:
      >>> tf.RaggedTensor.from_nested_value_rowids([3, 1, 4], ([0, 1], [0, 0, 1])).to_list()
      [[[3, 1]], [[4]]]
    """
    if is_tensor_like(type(nested_value_rowids)):
        raise TypeError(f"Argument `nested_value_rowids` must be a list of Tensors. Received {nested_value_rowids}")
    counts = [None] * len(nested_value_rowids) if nested_nrows is None else list(nested_nrows)
    if len(counts) != len(nested_value_rowids):
        raise ValueError("Argument `nested_nrows` must have the same length as argument `nested_value_rowids`.")
    result = flat_values
    for rows, count in zip(reversed(nested_value_rowids), reversed(counts), strict=True):
        result = cls.from_value_rowids(result, rows, count, validate=validate)
    return result


def from_tensor(
    cls: Any,
    tensor: Any,
    lengths: Any = None,
    padding: Any = None,
    ragged_rank: int = 1,
    name: str | None = None,
    row_splits_dtype: Any = dtypes.int64,
) -> Any:
    """The rows of a dense tensor, shortened to their lengths, or without what they are filled up with.

    Args:
      tensor: Tensor of rank 2 or more.
      lengths: how many elements of each row are kept; a list of such vectors for several ragged axes, one for each.
      padding: a value, of which those at the end of rows are left out.
      ragged_rank: how many axes are ragged; with `lengths` or `padding`, 1.
      row_splits_dtype: int32 or int64.
    Raises:
      ValueError: both `lengths` and `padding` are given, or `ragged_rank` does not fit.
    Example:
      >>> tf.RaggedTensor.from_tensor([[3, 1, 0], [4, 0, 0]], padding=0).to_list()
      [[3, 1], [4]]
    """
    if lengths is not None and padding is not None:
        raise ValueError("Specify argument `lengths` or `padding`, but not both.")
    x, dtype = convert(tensor), as_dtype(row_splits_dtype)
    if isinstance(lengths, (list, tuple)) and lengths and not isinstance(lengths[0], (int, float)):
        of_rows, *inner = lengths
        outer = from_tensor(cls, x, convert(of_rows), None, 1, None, dtype)
        return outer.with_values(from_tensor(cls, outer.values, inner, None, 1, None, dtype)) if inner else outer
    rank = x._array.ndim
    if ragged_rank < 1 or ragged_rank > rank - 1:
        raise ValueError(f"ragged_rank is {ragged_rank}; it must be from 1 to {rank - 1} for a tensor of rank {rank}.")
    shape = x._array.shape
    if ragged_rank > 1:
        if lengths is not None or padding is not None:
            raise ValueError("tf.RaggedTensor.from_tensor: lengths and padding need ragged_rank=1.")
        inner = cls.from_tensor(array_ops.reshape(x, (-1, *shape[2:])), None, None, ragged_rank - 1, None, dtype)
        count = convert(shape[0], dtype)
        return cls.from_uniform_row_length(inner, convert(shape[1], dtype), nrows=count, validate=False)
    width = convert(shape[1], dtype)
    if padding is not None:
        is_padding = logic.equal(x, convert(padding, x.dtype))
        if rank > 2:
            is_padding = reduce_all(is_padding, list(range(2, rank)))
        places = ranges.range(width) + 1
        lengths = extremes.reduce_max(cast.cast(~is_padding, dtype) * places, axis=1)
    if lengths is not None:
        kept = elementwise.clip_by_value(cast.cast(lengths, dtype), creation.zeros([], dtype), width)
        mask = ranges.range(width) < kept[:, None]
        return cls.from_row_lengths(gather.boolean_mask(x, mask), kept, validate=False)
    values = array_ops.reshape(x, (-1, *shape[2:]))
    return cls.from_uniform_row_length(values, width, nrows=convert(shape[0], dtype), validate=False)


def from_sparse(cls: Any, st_input: Any, name: str | None = None, row_splits_dtype: Any = dtypes.int64) -> Any:
    """The rows of a sparse tensor of two axes, whose elements stand at the beginning of their rows.

    Raises:
      TypeError: `st_input` is no `tf.SparseTensor`.
      ValueError: it has another number of axes.
      tf.errors.InvalidArgumentError: elements of a row are missing, or not in order.
    Example:
      >>> x = tf.SparseTensor([[0, 0], [0, 1], [2, 0]], [3, 1, 4], [3, 4])
      >>> tf.RaggedTensor.from_sparse(x).to_list()
      [[3, 1], [], [4]]
    """
    if not hasattr(st_input, "indices") or not hasattr(st_input, "dense_shape"):
        raise TypeError(f"Argument `st_input` must be of type SparseTensor, but is of type {type(st_input).__name__}.")
    if st_input.shape.rank not in (2, None):
        raise ValueError(f"rank(st_input) must be 2, it is {st_input.shape.rank}.")
    rows, places = st_input.indices[:, 0], st_input.indices[:, 1]
    follows = logic.equal(rows[1:], rows[:-1])
    expected = gather.where(follows, places[:-1] + 1, creation.zeros_like(places[:-1]))
    assertions.assert_equal(places[:1], creation.zeros_like(places[:1]), message="SparseTensor is not right-ragged")
    assertions.assert_equal(places[1:], expected, message="SparseTensor is not right-ragged")
    dtype = as_dtype(row_splits_dtype)
    count = cast.cast(st_input.dense_shape[0], dtype)
    return cls.from_value_rowids(st_input.values, cast.cast(rows, dtype), count, validate=False)
