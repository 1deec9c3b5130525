"""Row splits, and the rows of values."""

from __future__ import annotations

from typing import Any

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.tensor import Tensor
from tenfold.ops import cast, creation, extremes, join, ranges, rearrange, scan, sizes
from tenfold.ops.sort import searchsorted

INDEX_TYPES = (dtypes.int32, dtypes.int64)


def row_partition(value: Any, name: str) -> Tensor:
    """What says how values are divided into rows, as a vector of integers: int64 unless it has a dtype.

    Raises:
      ValueError: it is none.
    """
    tensor = convert(value, None, None if hasattr(value, "dtype") else dtypes.int64)
    if tensor.dtype not in INDEX_TYPES:
        raise ValueError(f"{name} must have dtype int32 or int64")
    tensor.shape.assert_has_rank(1)
    return tensor


def splits_of_lengths(lengths: Tensor) -> Tensor:
    """Where rows of these lengths begin, and where the last one ends."""
    return join.concat([creation.zeros([1], lengths.dtype), scan.cumsum(lengths)], 0)


def _type_of(out_type: Any, tensor: Tensor) -> DType:
    return tensor.dtype if out_type is None else as_dtype(out_type)


def row_splits_to_segment_ids(splits: Any, name: str | None = None, out_type: Any = None) -> Tensor:
    """The row of each value, from where rows end.

    Args:
      splits: int32 or int64 Tensor, shape `(rows + 1,)`.
      out_type: int32 or int64; that of `splits` by default.
    Raises:
      ValueError: `splits` is no vector, or not of integers.
    Example:
      >>> print(tf.ragged.row_splits_to_segment_ids([0, 2, 2, 3]).numpy())
      [0 0 2]
    """
    splits = row_partition(splits, "splits")
    rows = ranges.range(sizes.shape(splits, splits.dtype)[0] - 1)
    return cast.cast(rearrange.repeat(rows, splits[1:] - splits[:-1]), _type_of(out_type, splits))


def segment_ids_to_row_splits(
    segment_ids: Any, num_segments: Any = None, out_type: Any = None, name: str | None = None
) -> Tensor:
    """Where rows end, from the row of each value.

    Args:
      segment_ids: int32 or int64 Tensor, shape `(n,)`, which never falls.
      num_segments: how many rows there are; up to the last one that has a value by default.
      out_type: int32 or int64; that of `segment_ids` by default.
    Raises:
      ValueError: `segment_ids` is no vector, or not of integers.
    Example:
      >>> print(tf.ragged.segment_ids_to_row_splits([0, 0, 2]).numpy())
      [0 2 2 3]
    """
    ids = row_partition(segment_ids, "segment_ids")
    if num_segments is None:
        num_segments = (
            extremes.reduce_max(join.concat([creation.fill([1], creation.constant(-1, ids.dtype)), ids], 0)) + 1
        )
    count = cast.cast(convert(num_segments), ids.dtype)
    return searchsorted(ids, ranges.range(count + 1), out_type=_type_of(out_type, ids))
