"""Ragged features whose rows other features describe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tenfold.ops import array as array_ops
from tenfold.ops import creation, rearrange, scan, segment
from tenfold.ops.cast import cast
from tenfold.ops.elementwise import maximum
from tenfold.ops.examples import features as kinds
from tenfold.ops.ragged.tensor import RaggedTensor


def partitioned(key: str, feature: Any, parsed: Mapping[str, Any]) -> Any:
    """The values of a feature, divided into rows."""
    found = parsed[feature.value_key or key]
    divide = _divided_batch if isinstance(found, RaggedTensor) else _divided
    for partition in reversed(feature.partitions):
        found = divide(found, partition, parsed, feature)
    return found


_OF_ONE: dict[type, Any] = {
    kinds.RowSplits: RaggedTensor.from_row_splits,
    kinds.RowLengths: RaggedTensor.from_row_lengths,
    kinds.RowStarts: RaggedTensor.from_row_starts,
    kinds.RowLimits: RaggedTensor.from_row_limits,
    kinds.ValueRowIds: RaggedTensor.from_value_rowids,
}


def _divided(values: Any, partition: Any, parsed: Mapping[str, Any], feature: Any) -> Any:
    """The values of one example."""
    if isinstance(partition, kinds.UniformRowLength):
        return _uniform(values, partition.length, feature)
    numbers = cast(parsed[partition.key], feature.row_splits_dtype)
    return _OF_ONE[type(partition)](values, numbers, validate=feature.validate)


def _uniform(values: Any, length: int, feature: Any) -> Any:
    if isinstance(values, RaggedTensor):
        size = creation.constant(length, feature.row_splits_dtype)
        return RaggedTensor.from_uniform_row_length(values, size, validate=feature.validate)
    return array_ops.reshape(values, (-1, length, *values._array.shape[1:]))


def _divided_batch(rows: RaggedTensor, partition: Any, parsed: Mapping[str, Any], feature: Any) -> RaggedTensor:
    """The values of each example of a batch, whose rows become rows of rows."""
    validate = feature.validate
    if isinstance(partition, kinds.UniformRowLength):
        inner = _uniform(rows.values, partition.length, feature)
        return RaggedTensor.from_row_splits(inner, rows.row_splits // partition.length, validate=validate)
    numbers = parsed[partition.key]
    starts = rearrange.repeat(rows.row_starts(), numbers.row_lengths())  # of the example, for each number
    match partition:
        case kinds.RowLengths():
            inner = RaggedTensor.from_row_lengths(rows.values, _as_splits(numbers.values, rows), validate=validate)
        case kinds.RowStarts():
            inner = RaggedTensor.from_row_starts(
                rows.values, _as_splits(numbers.values, rows) + starts, validate=validate
            )
        case kinds.ValueRowIds():
            return _by_row_ids(rows, numbers, validate)
        case _:
            if isinstance(partition, kinds.RowSplits):
                numbers = numbers[:, 1:]
                starts = rearrange.repeat(rows.row_starts(), numbers.row_lengths())
            inner = RaggedTensor.from_row_limits(
                rows.values, _as_splits(numbers.values, rows) + starts, validate=validate
            )
    return numbers.with_values(inner)


def _as_splits(numbers: Any, rows: RaggedTensor) -> Any:
    return cast(numbers, rows.row_splits.dtype)


def _by_row_ids(rows: RaggedTensor, numbers: RaggedTensor, validate: bool) -> RaggedTensor:
    ids = _as_splits(numbers.values, rows)
    highest = segment.unsorted_segment_max(ids, numbers.value_rowids(), numbers.nrows())
    counts = maximum(highest + 1, 0)
    first = scan.cumsum(counts, exclusive=True)
    own = ids + rearrange.repeat(first, numbers.row_lengths())
    inner = RaggedTensor.from_value_rowids(rows.values, own, validate=validate)
    return RaggedTensor.from_row_lengths(inner, counts, validate=validate)
