"""Indexing of ragged tensors: rows, pieces of rows, and new axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenfold.core.convert import convert
from tenfold.core.symbol import Symbol
from tenfold.core.tensor import Tensor
from tenfold.ops import cast, creation, elementwise, ranges
from tenfold.ops import gather as gather_ops
from tenfold.ops.ragged.gather import gathered
from tenfold.ops.ragged.ranges import RAGGED_RANGE
from tenfold.ops.ragged.rearrange import expanded
from tenfold.ops.ragged.tensor import RaggedTensor


def picked(x: RaggedTensor, index: Any) -> Any:
    """`x[index]`.

    Raises:
      IndexError: there is no such row.
      ValueError: an inner ragged axis is indexed by a number; it has no common element.
      TypeError: an index is neither a number, a slice, an ellipsis nor None.
    """
    return _picked(x, _without_ellipsis(index if isinstance(index, tuple) else (index,), x._array.ndim))


def _without_ellipsis(index: Sequence[Any], rank: int) -> list[Any]:
    """The index with a slice of all for each axis that the ellipsis stands for."""
    where = [i for i, item in enumerate(index) if item is Ellipsis]
    if len(where) > 1:
        raise ValueError("Only one ellipsis is allowed in the index of a RaggedTensor.")
    named = sum(item is not None and item is not Ellipsis for item in index)
    if not where:
        return list(index)
    return [*index[: where[0]], *[slice(None)] * (rank - named), *index[where[0] + 1 :]]


def _picked(x: Any, index: list[Any]) -> Any:
    if not index:
        return x
    if not isinstance(x, RaggedTensor):
        return x[tuple(index)]
    first, *rest = index
    if first is None:
        return expanded(_picked(x, rest), 0)
    if isinstance(first, slice):
        return _inner(_rows(x, first), rest)
    return _picked(_row(x, first), rest)


def _row(x: RaggedTensor, number: Any) -> Any:
    place = _checked(number, x)
    count = x.shape[0]
    if count is not None and type(place._array) is not Symbol and not -count <= int(place._array) < count:
        raise IndexError(f"Row key {int(place._array)} out of bounds")
    starts, limits = x.row_starts(), x.row_limits()
    return x.values[starts[place] : limits[place]]


def _checked(number: Any, x: RaggedTensor) -> Tensor:
    """The number of a row, or of a place in rows."""
    if not isinstance(number, (str, bytes, bool)):
        place = convert(number, None, x.row_splits.dtype)
        if place.dtype.is_integer and not place._array.ndim:
            return place
    raise TypeError(
        f"a RaggedTensor is indexed by {number!r}; it must be an integer, a slice, an ellipsis, None, or a scalar Tensor of integers."
    )


def _rows(x: RaggedTensor, rows: slice) -> RaggedTensor:
    """Some of the rows."""
    if rows == slice(None):
        return x
    numbers = ranges.range(x.nrows())[rows]
    return gathered(x, numbers)


def _inner(x: RaggedTensor, index: list[Any]) -> Any:
    """The same pieces of each row."""
    if not index:
        return x
    first, *rest = index
    if first is None:
        return expanded(_inner(x, rest), 1)
    if not isinstance(first, slice):
        return _inner_number(x, first, rest)
    if first != slice(None):
        x = _cut(x, first)
    return x.with_values(_picked(x.values, [slice(None), *rest])) if rest else x


def _inner_number(x: RaggedTensor, number: Any, rest: list[Any]) -> Any:
    """One element of each row, where all rows have one length."""
    length = x.uniform_row_length
    if length is None:
        raise ValueError(
            f"Cannot index into an inner ragged dimension. The index is {number!r}; use a slice, or to_tensor()."
        )
    place = cast.cast(_checked(number, x), length.dtype)
    ends = gather_ops.where(place < 0, x.row_limits(), x.row_starts())
    return _picked(gathered(x.values, ends + place), [slice(None), *rest])


def _cut(x: RaggedTensor, piece: slice) -> RaggedTensor:
    step = 1 if piece.step is None else piece.step
    if not isinstance(step, int) or not step:
        raise TypeError(f"the rows of a RaggedTensor are cut with step {step!r}; it must be an integer other than 0.")
    lengths = x.row_lengths()
    least, most = (0, lengths) if step > 0 else (-1, lengths - 1)

    def place(bound: Any, default: Tensor) -> Tensor:
        if bound is None:
            return default
        at = convert(bound, lengths.dtype)
        from_end = gather_ops.where(at < 0, lengths + at, at + creation.zeros_like(lengths))
        return elementwise.minimum(elementwise.maximum(from_end, least), most)

    first, last = creation.zeros_like(lengths) + least, creation.zeros_like(lengths) + most
    default_start, default_stop = (first, last) if step > 0 else (last, first)
    starts = x.row_starts() + place(piece.start, default_start)
    limits = x.row_starts() + place(piece.stop, default_stop)
    splits, numbers = RAGGED_RANGE(starts, limits, creation.constant(step, lengths.dtype), Tsplits=lengths.dtype)
    return RaggedTensor(gathered(x.values, numbers), splits, _length_of(x, piece), internal=True)


def _length_of(x: RaggedTensor, piece: slice) -> Tensor | None:
    """How long the pieces of all rows are, if these have one length."""
    length = x.shape[1]
    if length is None or any(isinstance(bound, Tensor) for bound in (piece.start, piece.stop)):
        return None
    return convert(len(range(*piece.indices(length))), x.row_splits.dtype)
