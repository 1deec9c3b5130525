"""Ragged tensors whose elements take other places: tiled, reversed, split, with axes added and removed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenfold.core.convert import convert
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.ragged_array import refuse
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import assertions, join, ranges, rearrange
from tenfold.ops import gather as gather_ops
from tenfold.ops import scan as scan_ops
from tenfold.ops import sizes as sizes_ops
from tenfold.ops.ragged.gather import gathered
from tenfold.ops.ragged.ranges import RAGGED_RANGE
from tenfold.ops.ragged.tensor import RaggedTensor


def checked_axis(axis: int, rank: int, what: str = "axis") -> int:
    """An axis, counted from the first.

    Raises:
      ValueError: there is no such axis.
    """
    if not -rank <= axis < rank:
        raise ValueError(f"{what}={axis} out of bounds: expected -{rank}<={what}<{rank}")
    return axis % rank


def picked_values(x: RaggedTensor, starts: Tensor, limits: Tensor, step: int = 1) -> RaggedTensor:
    """Rows of the values from one place to another."""
    splits, numbers = RAGGED_RANGE(starts, limits, convert(step, starts.dtype), Tsplits=starts.dtype)
    return RaggedTensor(gathered(x.values, numbers), splits, internal=True)


def expanded(x: Any, axis: int) -> Any:
    """Puts an axis of size 1 in."""
    if not isinstance(x, RaggedTensor):
        return array_ops.expand_dims(x, axis)
    axis = checked_axis(axis, x._array.ndim + 1)
    if axis == 0:
        return RaggedTensor.from_uniform_row_length(x, x.nrows(), nrows=1, validate=False)
    if axis == 1:
        return RaggedTensor.from_uniform_row_length(x, convert(1, x.row_splits.dtype), nrows=x.nrows(), validate=False)
    return x.with_values(expanded(x.values, axis - 1))


def squeezed(x: Any, axis: tuple[int, ...]) -> Any:
    """Takes axes of size 1 away.

    Raises:
      ValueError: no axes are named.
      tf.errors.InvalidArgumentError: one has another size.
    """
    if not isinstance(x, RaggedTensor):
        return array_ops.squeeze(x, axis)
    if not axis:
        raise ValueError("tf.squeeze: of a RaggedTensor, the axes must be named by `axis`.")
    for at in sorted({checked_axis(a, x._array.ndim) for a in axis}, reverse=True):
        x = _without_axis(x, at)
    return x


def _without_axis(x: Any, axis: int) -> Any:
    if not isinstance(x, RaggedTensor):
        return array_ops.squeeze(x, [axis])
    if axis > 1:
        return x.with_values(_without_axis(x.values, axis - 1))
    count = x.nrows() if axis == 0 else x.row_lengths()
    assertions.assert_equal(count, convert(1, count.dtype), message=f"tf.squeeze: axis {axis} has not the size 1")
    return x.values


def _reversed(tensor: Any, *, axis: tuple[int, ...]) -> Any:
    if not isinstance(tensor, RaggedTensor):
        return rearrange.reverse(tensor, list(axis))
    axes = [checked_axis(a, tensor._array.ndim, "axis") for a in axis]
    inner = tuple([a - 1 for a in axes if a > 1])
    if inner:
        tensor = tensor.with_values(_reversed(tensor.values, axis=inner))
    if 1 in axes:
        lengths = tensor.row_lengths()
        backwards = picked_values(tensor, tensor.row_limits() - 1, tensor.row_limits() - 1 - lengths, -1)
        tensor = tensor.with_values(backwards.values)
    return gathered(tensor, ranges.range(tensor.nrows())[::-1]) if 0 in axes else tensor


def _tiled(input: Any, *, multiples: tuple[int, ...]) -> Any:
    if not isinstance(input, RaggedTensor):
        return rearrange.tile(input, multiples)
    rank = input._array.ndim
    if len(multiples) != rank:
        raise InvalidArgumentError(f"tf.tile: multiples has {len(multiples)} elements; input has {rank} axes.")
    rows, values, *inner = multiples
    x = input
    if any(n != 1 for n in inner):
        x = x.with_values(_tiled(x.values, multiples=(1, *inner)))
    if values != 1:
        starts, limits = (rearrange.repeat(ends, values) for ends in (x.row_starts(), x.row_limits()))
        x = RaggedTensor(picked_values(x, starts, limits).values, x.row_splits * values, internal=True)
    return x if rows == 1 else gathered(x, rearrange.tile(ranges.range(x.nrows()), [rows]))


def _split(value: RaggedTensor, *, axis: int, num_split: int) -> list[Any]:
    return _parts(value, axis, num_split)


def _split_sizes(value: RaggedTensor, *, size_splits: tuple[int, ...], axis: int, num_split: int) -> list[Any]:
    if min(size_splits, default=0) < 0:
        raise InvalidArgumentError(
            f"tf.split: num_or_size_splits is {size_splits}; sizes of ragged parts must not be negative."
        )
    return _parts(value, axis, size_splits)


def _parts(x: RaggedTensor, axis: int, sizes: Any) -> list[Any]:
    """Parts of the rows, or of the innermost values along axes that are not ragged."""
    axis = checked_axis(axis, x._array.ndim)
    if axis == 0:
        return [gathered(x, part) for part in join.split(ranges.range(x.nrows()), sizes)]
    if axis <= x.ragged_rank:
        raise ValueError(f"tf.split: axis {axis} is ragged, which cannot be split.")
    return [x.with_flat_values(part) for part in join.split(x.flat_values, sizes, axis - x.ragged_rank)]


def _summed_up(x: RaggedTensor, *, axis: int, **attrs: Any) -> Any:
    """Sums along an axis of the dense tensor, whose rows end in zeros."""
    dense = scan_ops.cumsum(x.to_tensor(), checked_axis(axis, x._array.ndim), **attrs)
    return x.with_flat_values(gather_ops.gather_nd(dense, _indices(x)))


def places(x: RaggedTensor) -> Tensor:
    """Where in its row each of the values stands."""
    return ranges.range(x.row_splits[-1]) - gather_ops.gather(x.row_starts(), x.value_rowids())


def _indices(x: RaggedTensor) -> Tensor:
    """Where each innermost value stands in the dense tensor: a row of indices for each."""
    found: list[Tensor] = [ranges.range(x.nrows())]
    level: Any = x
    while isinstance(level, RaggedTensor):
        rows = level.value_rowids()
        found = [*[gather_ops.gather(outer, rows) for outer in found], places(level)]
        level = level.values
    return join.stack(found, axis=1)


def _reshaped(tensor: RaggedTensor, *, shape: tuple[int, ...]) -> Any:
    """Of ragged tensors, all elements as a vector."""
    if tuple(shape) == (-1,):
        return array_ops.reshape(tensor.flat_values, shape)
    refuse(tensor, f"tf.reshape to {tuple(shape)}: ")


RULES: dict[str, Callable[..., Any]] = {
    "Tile": _tiled,
    "ExpandDims": lambda input, *, axis: expanded(input, axis),
    "Squeeze": lambda input, *, axis=(): squeezed(input, axis),
    "ReverseV2": _reversed,
    "Split": _split,
    "SplitV": _split_sizes,
    "Cumsum": _summed_up,
    "Reshape": _reshaped,
    "Size": lambda input, *, out_type: sizes_ops.size(input.flat_values, out_type),
}
