"""Reductions and segments of ragged tensors."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from tenfold.core import dtypes
from tenfold.core.op import REGISTRY
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import assertions, cast, creation, elementwise, extremes, join, logic, segment
from tenfold.ops import gather as gather_ops
from tenfold.ops import reduce as reduce_ops
from tenfold.ops.ragged import rearrange
from tenfold.ops.ragged.row_splits import splits_of_lengths
from tenfold.ops.ragged.tensor import RaggedTensor
from tenfold.ops.strings import join as text_ops

Segments = Callable[[Any, Any, Any], Any]


def over_segments(run: Segments, data: Any, segment_ids: Any, num_segments: Any) -> Any:
    """Reduces what has the same id; rows that have it meet element by element.

    Raises:
      ValueError: ids are ragged, but the data are not.
      tf.errors.InvalidArgumentError: ids and data have rows of different lengths.
    """
    if isinstance(segment_ids, RaggedTensor):
        if not isinstance(data, RaggedTensor):
            raise ValueError("segment_ids is ragged, and data is not; both must have rows of the same lengths.")
        assertions.assert_equal(data.row_splits, segment_ids.row_splits, message="rows of data and segment_ids differ")
        return over_segments(run, data.values, segment_ids.values, num_segments)
    if not isinstance(data, RaggedTensor):
        return run(data, segment_ids, num_segments)
    ids = cast.cast(segment_ids, data.row_splits.dtype)
    lengths = elementwise.maximum(segment.unsorted_segment_max(data.row_lengths(), ids, num_segments), 0)
    splits = splits_of_lengths(lengths)
    starts = gather_ops.gather(splits, gather_ops.gather(ids, data.value_rowids()))
    return RaggedTensor(
        over_segments(run, data.values, starts + rearrange.places(data), splits[-1]), splits, internal=True
    )


def _over_axis(run: Segments, on_flat: Callable[[Tensor, int], Tensor], x: Any, axis: int) -> Any:
    """Reduces one axis of many, which `on_flat` does where it is none of rows."""
    if not isinstance(x, RaggedTensor):
        return on_flat(x, axis)
    if axis == 0:
        longest = extremes.reduce_max(join.concat([creation.zeros([1], x.row_splits.dtype), x.row_lengths()], 0))
        return over_segments(run, x.values, rearrange.places(x), longest)
    if axis == 1:
        return over_segments(run, x.values, x.value_rowids(), x.nrows())
    return x.with_values(_over_axis(run, on_flat, x.values, axis - 1))


def _reduced(
    name: str, run: Segments, x: RaggedTensor, *, axis: tuple[int, ...], keep_dims: bool = False, **attrs: Any
) -> Any:
    op, attribute, rank = REGISTRY[name], REGISTRY[name].host[0], x._array.ndim
    if len(axis) == rank:
        flat = x.flat_values
        result = op(flat, **{attribute: tuple(range(flat._array.ndim)), **attrs})
        return array_ops.reshape(result, [1] * rank) if keep_dims else result

    def on_flat(flat: Tensor, at: int) -> Tensor:
        return op(flat, **{attribute: (at,), **attrs})

    found: Any = x
    for at in sorted(axis, reverse=True):
        found = _over_axis(partial(run, **attrs), on_flat, found, at)
        if keep_dims:
            found = array_ops.expand_dims(found, at)
    return found


def _reduction(name: str, run: Segments) -> Callable[..., Any]:
    return partial(_reduced, name, run)


def _mean(input: RaggedTensor, *, axis: tuple[int, ...], keep_dims: bool = False) -> Any:
    """The sum over the number of elements: NaN of rows without any; of integers as float64."""
    total, count = (reduce_ops.reduce_sum(x, axis, keep_dims) for x in (input, creation.ones_like(input)))
    return total / count


def _truths(run: Segments, name: str) -> Callable[..., Any]:
    """A reduction of truth values, by one of them as integers."""

    def on_truths(data: Tensor, segment_ids: Any, num_segments: Any) -> Tensor:
        found = run(cast.cast(data, dtypes.int32), segment_ids, num_segments)
        return logic.not_equal(found, creation.zeros((), found.dtype))

    return _reduction(name, on_truths)


def _joined(
    inputs: RaggedTensor, *, reduction_indices: tuple[int, ...], keep_dims: bool = False, separator: str = ""
) -> Any:
    """Texts joined along one axis after the other, the last one first."""
    rank = inputs._array.ndim
    axes = [axis % rank if -rank <= axis < rank else axis for axis in reduction_indices]
    if axes == [*range(rank)][::-1]:
        joined = text_ops.reduce_join(inputs.flat_values, separator=separator)
        return array_ops.reshape(joined, [1] * rank) if keep_dims else joined
    found: Any = inputs
    for axis in sorted(axes, reverse=True):
        found = _reduced(
            "ReduceJoin", text_ops.unsorted_segment_join, found, axis=(axis,), keep_dims=True, separator=separator
        )
    return found if keep_dims else rearrange.squeezed(found, tuple(axes))


def _segments(run: Segments) -> Callable[..., Any]:
    return lambda data, segment_ids, *, num_segments: over_segments(run, data, segment_ids, num_segments)


RULES: dict[str, Callable[..., Any]] = {
    "Sum": _reduction("Sum", segment.unsorted_segment_sum),
    "Prod": _reduction("Prod", segment.unsorted_segment_prod),
    "Max": _reduction("Max", segment.unsorted_segment_max),
    "Min": _reduction("Min", segment.unsorted_segment_min),
    "Mean": _mean,
    "Any": _truths(segment.unsorted_segment_sum, "Any"),
    "All": _truths(segment.unsorted_segment_prod, "All"),
    "ReduceJoin": _joined,
    "UnsortedSegmentSum": _segments(segment.unsorted_segment_sum),
    "UnsortedSegmentProd": _segments(segment.unsorted_segment_prod),
    "UnsortedSegmentMax": _segments(segment.unsorted_segment_max),
    "UnsortedSegmentMin": _segments(segment.unsorted_segment_min),
}
