"""Operands that meet element by element: rows of the same lengths, and axes of size 1 that are repeated.

Axes are matched from the last one on. A ragged axis broadcasts against an axis of size 1 of a dense tensor, or of rows of
which it is known that each has one element; never against rows that just happen to have one each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import assertions, creation
from tenfold.ops import gather as gather_ops
from tenfold.ops.ragged.ranges import RAGGED_RANGE
from tenfold.ops.ragged.row_splits import row_splits_to_segment_ids, splits_of_lengths
from tenfold.ops.ragged.tensor import RaggedTensor

_MISMATCH = "rows have different lengths, and do not broadcast"


def meet(operands: Sequence[Any]) -> tuple[list[Tensor], RaggedTensor]:
    """The innermost values of operands, ready for an op that works element by element, and a tensor with the rows of its result.

    Raises:
      ValueError: row splits have different dtypes.
      tf.errors.InvalidArgumentError: the operands do not broadcast.
    """
    ragged = [x for x in operands if isinstance(x, RaggedTensor)]
    first = ragged[0]
    same_row_splits_dtype(ragged)
    inner_rank = min(x.flat_values._array.ndim for x in ragged)
    is_flat = all(isinstance(x, RaggedTensor) or x._array.ndim < inner_rank for x in operands)
    if is_flat and all(_have_same_rows(first, x) for x in ragged):
        return [x.flat_values if isinstance(x, RaggedTensor) else x for x in operands], first
    return _broadcast([_aligned(x, operands, first.row_splits.dtype) for x in operands])


def same_row_splits_dtype(ragged: Sequence[RaggedTensor]) -> None:
    """Checks that all row splits have one dtype."""
    if len({x.row_splits.dtype for x in ragged}) > 1:
        raise ValueError(
            "Ragged tensors have row splits of different dtypes; make them equal with RaggedTensor.with_row_splits_dtype()."
        )


def _have_same_rows(x: RaggedTensor, y: RaggedTensor) -> bool:
    a, b = x.nested_row_splits, y.nested_row_splits
    same_rank = x.flat_values._array.ndim == y.flat_values._array.ndim
    return same_rank and len(a) == len(b) and all(m is n for m, n in zip(a, b, strict=True))


def _aligned(x: Any, operands: Sequence[Any], dtype: Any) -> RaggedTensor:
    """An operand with as many axes as the one with most, of which as many are rows."""
    rank = max(y._array.ndim for y in operands)
    depth = max(rank - y._array.ndim + y.ragged_rank for y in operands if isinstance(y, RaggedTensor))
    missing = rank - x._array.ndim
    if not isinstance(x, RaggedTensor):
        x = array_ops.reshape(x, (1,) * missing + tuple(x._array.shape))
        return RaggedTensor.from_tensor(x, ragged_rank=depth, row_splits_dtype=dtype)
    for _ in range(missing):
        x = RaggedTensor.from_uniform_row_length(x, x.nrows(), nrows=1, validate=False)
    if x.ragged_rank < depth:
        inner = RaggedTensor.from_tensor(x.flat_values, ragged_rank=depth - x.ragged_rank, row_splits_dtype=dtype)
        x = x.with_flat_values(inner)
    return x


def _broadcast(operands: list[RaggedTensor]) -> tuple[list[Tensor], RaggedTensor]:
    """`meet` of operands with the same number of axes and of ragged ones."""
    counts = [x.shape[0] for x in operands]
    leader = next((i for i, n in enumerate(counts) if n != 1), 0)
    rows = operands[leader].nrows()
    picked: list[Tensor | None] = []  # which row of each operand is meant; None for all in their order
    for x, count in zip(operands, counts, strict=True):
        is_repeated = count == 1 != counts[leader]
        picked.append(creation.fill(rows[None], creation.zeros((), rows.dtype)) if is_repeated else None)
        if not is_repeated and x is not operands[leader]:
            assertions.assert_equal(x.nrows(), rows, message=_MISMATCH)
    found: list[tuple[Tensor, Any]] = []
    levels: list[Any] = list(operands)
    for _ in range(operands[0].ragged_rank):
        splits, picked, length = _next_axis(levels, picked)
        found.append((splits, length))
        levels = [x.values for x in levels]
    flat = [x if rows is None else gather_ops.gather(x, rows) for x, rows in zip(levels, picked, strict=True)]
    result: Any = flat[leader]
    for splits, length in reversed(found):
        result = RaggedTensor(result, splits, length, internal=True)
    return flat, result


def _next_axis(
    levels: list[RaggedTensor], picked: list[Tensor | None]
) -> tuple[Tensor, list[Tensor | None], Tensor | None]:
    """The row splits of the first ragged axis of the result, which value of each operand is meant, and the length of rows if it is one."""
    repeated = [x.shape[1] == 1 for x in levels]
    leader = repeated.index(False) if False in repeated else 0
    splits, length = levels[leader].row_splits, levels[leader].uniform_row_length
    if picked[leader] is not None:
        lengths = gather_ops.gather(levels[leader].row_lengths(), picked[leader])
        splits = splits_of_lengths(lengths)
    parents = None
    found: list[Tensor | None] = []
    for x, rows, is_repeated in zip(levels, picked, repeated, strict=True):
        if is_repeated and not repeated[leader]:
            parents = row_splits_to_segment_ids(splits) if parents is None else parents
            found.append(parents if rows is None else gather_ops.gather(rows, parents))
            continue
        if rows is None:
            if x.row_splits is not splits:
                assertions.assert_equal(x.row_splits, splits, message=_MISMATCH)
            found.append(None)
            continue
        starts, limits = (gather_ops.gather(ends, rows) for ends in (x.row_starts(), x.row_limits()))
        own, numbers = RAGGED_RANGE(starts, limits, convert(1, starts.dtype), Tsplits=starts.dtype)
        assertions.assert_equal(own, splits, message=_MISMATCH)
        found.append(numbers)
    return splits, found, length
