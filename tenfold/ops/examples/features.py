"""What is expected of an example: features of fixed and of any length."""

from __future__ import annotations

from typing import Any, NamedTuple

from tenfold.core import dtypes
from tenfold.core.dtypes import as_dtype


class FixedLenFeature(NamedTuple):
    """A feature of one shape, which becomes a dense tensor.

    Args:
      shape: ints; `[]` for one value.
      dtype: float32, int64 or string.
      default_value: for examples that do not have it; None if all must.
    Example:
      >>> tf.io.FixedLenFeature([2], tf.float32).shape
      [2]
    """

    shape: Any
    dtype: Any
    default_value: Any = None


class FixedLenSequenceFeature(NamedTuple):
    """A feature of any number of elements of one shape, which becomes a dense tensor, filled up to the longest example.

    Args:
      shape: of an element.
      dtype: float32, int64 or string.
      allow_missing: must be true to parse examples: those that do not have it have no elements.
      default_value: a scalar to fill up with; 0 or "" by default.
    """

    shape: Any
    dtype: Any
    allow_missing: bool = False
    default_value: Any = None


class VarLenFeature(NamedTuple):
    """A feature of any length, which becomes a `tf.SparseTensor`.

    Args:
      dtype: float32, int64 or string.
    """

    dtype: Any


class SparseFeature(NamedTuple):
    """A `tf.SparseTensor` from two or more features: its values, and where they are.

    Args:
      index_key: name of the feature of indices along the only axis, or names of one for each axis.
      value_key: name of the feature of values.
      dtype: of the values.
      size: of the axis, or of each.
      already_sorted: whether indices of an example are in order.
    """

    index_key: Any
    value_key: str
    dtype: Any
    size: Any
    already_sorted: bool = False


class RowSplits(NamedTuple):
    """Where rows begin and the last ends is the feature of this name."""

    key: str


class RowLengths(NamedTuple):
    """How long rows are is the feature of this name."""

    key: str


class RowStarts(NamedTuple):
    """Where rows begin is the feature of this name."""

    key: str


class RowLimits(NamedTuple):
    """Where rows end is the feature of this name."""

    key: str


class ValueRowIds(NamedTuple):
    """The row of each value is the feature of this name."""

    key: str


class UniformRowLength(NamedTuple):
    """All rows have this length."""

    length: int


PARTITIONS = (RowSplits, RowLengths, RowStarts, RowLimits, ValueRowIds, UniformRowLength)


class _RaggedFields(NamedTuple):
    dtype: Any
    value_key: str | None
    partitions: tuple
    row_splits_dtype: Any
    validate: bool


class RaggedFeature(_RaggedFields):
    """A feature of any length, which becomes a `tf.RaggedTensor`.

    Args:
      dtype: float32, int64 or string.
      value_key: name of the feature; by default its key among the features.
      partitions: how values are divided into rows, and these into rows of rows, the outermost first:
        `tf.io.RaggedFeature.RowSplits(key)`, `RowLengths`, `RowStarts`, `RowLimits`, `ValueRowIds`, `UniformRowLength(length)`.
      row_splits_dtype: int32 or int64.
      validate: whether partitions are checked.
    Raises:
      ValueError: a dtype is another one, or `value_key` is no text.
      TypeError: a partition is none of these.
    """

    __slots__ = ()
    RowSplits = RowSplits
    RowLengths = RowLengths
    RowStarts = RowStarts
    RowLimits = RowLimits
    ValueRowIds = ValueRowIds
    UniformRowLength = UniformRowLength

    def __new__(
        cls,
        dtype: Any,
        value_key: str | None = None,
        partitions: Any = (),
        row_splits_dtype: Any = dtypes.int32,
        validate: bool = False,
    ) -> RaggedFeature:
        if value_key is not None and (not isinstance(value_key, str) or not value_key):
            raise ValueError(f"Argument `value_key` must be a string that is not empty; got {value_key!r}")
        if as_dtype(dtype) not in (dtypes.int64, dtypes.float32, dtypes.string):
            raise ValueError(f"Argument `dtype` must be int64, float32, or string; got {dtype!r}")
        if as_dtype(row_splits_dtype) not in (dtypes.int32, dtypes.int64):
            raise ValueError(f"Argument `row_splits_dtype` must be int32 or int64; got {row_splits_dtype!r}")
        if not isinstance(partitions, (list, tuple)) or not all(isinstance(p, PARTITIONS) for p in partitions):
            raise TypeError(
                f"Argument `partitions` must be a list of partitions of tf.io.RaggedFeature; got {partitions!r}"
            )
        if not isinstance(validate, bool):
            raise TypeError(f"Argument `validate` must be a bool; got {validate!r}")
        return super().__new__(cls, as_dtype(dtype), value_key, tuple(partitions), as_dtype(row_splits_dtype), validate)
