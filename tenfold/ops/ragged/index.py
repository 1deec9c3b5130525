"""Indexing of ragged tensors: rows, and pieces of rows."""

from __future__ import annotations

from typing import Any

from tenfold.core.convert import convert
from tenfold.core.symbol import Symbol
from tenfold.core.tensor import Tensor
from tenfold.ops import creation, elementwise, ranges
from tenfold.ops import gather as gather_ops
from tenfold.ops.ragged.gather import gathered
from tenfold.ops.ragged.ranges import RAGGED_RANGE
from tenfold.ops.ragged.tensor import RaggedTensor


def picked(x: RaggedTensor, index: Any) -> Any:
    """`x[index]`.

    Raises:
      IndexError: there is no such row.
      ValueError: an inner ragged axis is indexed by a number; it has no common element.
      NotImplementedError: an index is neither a number nor a slice.
    """
    first, *rest = index if isinstance(index, tuple) else (index,)
    if isinstance(first, slice):
        return _inner(_rows(x, first), rest)
    row = _row(x, first)
    return row[tuple(rest)] if rest else row


def _row(x: RaggedTensor, number: Any) -> Any:
    place = convert(number, None, x.row_splits.dtype)
    if place.dtype.is_integer is False or place.shape.rank != 0:
        raise NotImplementedError(f"a RaggedTensor is indexed by {number!r}; it must be an integer or a slice.")
    count = x.shape[0]
    if count is not None and type(place._array) is not Symbol and not -count <= int(place._array) < count:
        raise IndexError(f"Row key {int(place._array)} out of bounds")
    starts, limits = x.row_starts(), x.row_limits()
    return x.values[starts[place] : limits[place]]


def _rows(x: RaggedTensor, rows: slice) -> RaggedTensor:
    """Some of the rows."""
    if rows == slice(None):
        return x
    numbers = ranges.range(x.nrows())[rows]
    return gathered(x, numbers)


def _inner(x: RaggedTensor, index: list[Any]) -> RaggedTensor:
    """The same piece of each row."""
    if not index:
        return x
    first, *rest = index
    if not isinstance(first, slice):
        raise ValueError(
            f"Cannot index into an inner ragged dimension. The index is {first!r}; use a slice, or to_tensor()."
        )
    if first != slice(None):
        x = _cut(x, first)
    if not rest:
        return x
    return RaggedTensor(x.values[(slice(None), *rest)], x.row_splits, internal=True)


def _cut(x: RaggedTensor, piece: slice) -> RaggedTensor:
    step = 1 if piece.step is None else piece.step
    if not isinstance(step, int) or step < 1:
        raise NotImplementedError(
            f"the rows of a RaggedTensor are cut with step {step!r}; it must be a positive integer."
        )
    lengths = x.row_lengths()

    def place(bound: Any, default: Tensor) -> Tensor:
        if bound is None:
            return default
        at = convert(bound, lengths.dtype)
        from_end = gather_ops.where(at < 0, lengths + at, at + creation.zeros_like(lengths))
        return elementwise.minimum(elementwise.maximum(from_end, 0), lengths)

    starts = x.row_starts() + place(piece.start, creation.zeros_like(lengths))
    limits = x.row_starts() + place(piece.stop, lengths)
    splits, numbers = RAGGED_RANGE(starts, limits, creation.constant(step, lengths.dtype), Tsplits=lengths.dtype)
    values = x.values
    return RaggedTensor(gathered(values, numbers), splits, internal=True)
