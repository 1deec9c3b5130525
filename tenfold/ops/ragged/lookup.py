"""Elements and rows of ragged tensors by their numbers, or by conditions; and ops that work within innermost rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import assertions, cast, exponential, extremes, join, logic, partition, ranges
from tenfold.ops import gather as gather_ops
from tenfold.ops import reduce as reduce_ops
from tenfold.ops.ragged.gather import RAGGED_GATHER, gathered
from tenfold.ops.ragged.rearrange import checked_axis
from tenfold.ops.ragged.tensor import RaggedTensor


def _gather(params: Any, indices: Any, *, axis: int, batch_dims: int = 0) -> Any:
    if batch_dims:
        return _gather_in_batches(params, indices, axis, batch_dims)
    axis = checked_axis(axis, params._array.ndim)
    if isinstance(indices, RaggedTensor):
        if axis:
            raise ValueError(
                f"tf.gather: indices are ragged, and axis is {axis}; along another axis than the first they must be dense or have "
                "batch_dims."
            )
        return indices.with_flat_values(gather_ops.gather(params, indices.flat_values))
    if axis > 1:
        return params.with_values(gather_ops.gather(params.values, indices, axis=axis - 1))
    if axis == 0:
        return _rows(params, indices)
    shape = [-1] + [1] * indices._array.ndim
    starts, lengths = (array_ops.reshape(x, shape) for x in (params.row_starts(), params.row_lengths()))
    return gather_ops.gather(params.values, _places(indices, starts, lengths))


def _places(indices: Any, starts: Any, lengths: Any) -> Any:
    """Where in the values of rows elements of these rows stand.

    Raises:
      tf.errors.InvalidArgumentError: a row is too short.
    """
    numbers = cast.cast(indices, starts.dtype)
    assertions.assert_non_negative(numbers, message="tf.gather: indices must not be negative")
    assertions.assert_less(numbers, lengths, message="tf.gather: a row is shorter than an index of it")
    return numbers + starts


def _rows(params: RaggedTensor, indices: Tensor) -> Any:
    """Rows of a ragged tensor in the shape of their numbers."""
    *splits, found = RAGGED_GATHER(*params.nested_row_splits, params.flat_values, indices)
    lengths = (*indices._array.shape, *params.shape.as_list()[1:])[1 : len(splits) + 1]
    for ends, length in zip(reversed(splits), reversed(lengths), strict=True):
        uniform = convert(length, ends.dtype) if type(length) is int else None
        found = RaggedTensor(found, ends, uniform, internal=True)
    return found


def _gather_in_batches(params: Any, indices: Any, axis: int, batch_dims: int) -> Any:
    if batch_dims < 0:
        batch_dims += indices._array.ndim
    axis = checked_axis(axis, params._array.ndim)
    dtype = next(x for x in (params, indices) if isinstance(x, RaggedTensor)).row_splits.dtype
    params, indices = (
        x if isinstance(x, RaggedTensor) else RaggedTensor.from_tensor(x, row_splits_dtype=dtype)
        for x in (params, indices)
    )
    assertions.assert_equal(params.nrows(), indices.nrows(), message="tf.gather: batches have different sizes")
    if batch_dims > 1 or axis > batch_dims:
        assertions.assert_equal(
            params.row_splits, indices.row_splits, message="tf.gather: batches have different sizes"
        )
        inner = gather_ops.gather(params.values, indices.values, axis=axis - 1, batch_dims=batch_dims - 1)
        return indices.with_values(inner)
    rows = indices.value_rowids()
    shape = [-1] + [1] * (indices.values._array.ndim - 1)
    starts, lengths = (
        array_ops.reshape(gather_ops.gather(x, rows), shape) for x in (params.row_starts(), params.row_lengths())
    )
    return indices.with_values(gather_ops.gather(params.values, _places(indices.values, starts, lengths)))


def _gather_nd(params: Any, indices: Any, *, bad_indices_policy: str = "") -> Any:
    if isinstance(indices, RaggedTensor):
        if indices.flat_values._array.ndim < 2:
            raise ValueError("tf.gather_nd: the innermost axis of indices must not be ragged.")
        return indices.with_flat_values(gather_ops.gather_nd(params, indices.flat_values))
    places, rest = indices[..., 0], indices[..., 1:]
    level: Any = params
    while isinstance(level, RaggedTensor) and rest._array.shape[-1]:
        starts, lengths = (gather_ops.gather(x, places) for x in (level.row_starts(), level.row_lengths()))
        places, rest, level = _places(rest[..., 0], starts, lengths), rest[..., 1:], level.values
    if isinstance(level, RaggedTensor):
        return gather_ops.gather(level, places)
    return gather_ops.gather_nd(level, join.concat([places[..., None], cast.cast(rest, places.dtype)], -1))


def _where(condition: RaggedTensor) -> Tensor:
    """The indices of elements that are not False or zero."""
    flat = condition.flat_values
    is_true = flat if flat.dtype is dtypes.bool else logic.not_equal(flat, convert(0, flat.dtype))
    sparse = condition.with_flat_values(is_true).to_sparse()
    return cast.cast(gather_ops.boolean_mask(sparse.indices, sparse.values), dtypes.int64)


def _one_hot(indices: RaggedTensor, on_value: Tensor, off_value: Tensor, *, depth: int, axis: int = -1) -> Any:
    if 0 <= axis <= indices.ragged_rank:
        raise ValueError(f"tf.one_hot: axis {axis} must be greater than indices.ragged_rank ({indices.ragged_rank}).")
    inner = axis if axis < 0 else axis - indices.ragged_rank
    flat = ranges.one_hot(indices.flat_values, depth, on_value, off_value, inner)
    return indices.with_flat_values(flat)


def _softmax(logits: RaggedTensor) -> Any:
    """Along the last axis."""
    last = logits._array.ndim - 1
    shifted = exponential.exp(logits - extremes.reduce_max(logits, last, True))
    return shifted / reduce_ops.reduce_sum(shifted, last, True)


def _dealt(data: Any, partitions: Any, *, num_partitions: int) -> list[Any]:
    """The rows of each partition; elements, where partitions are ragged."""
    if isinstance(partitions, RaggedTensor):
        if not isinstance(data, RaggedTensor):
            raise ValueError("tf.dynamic_partition: partitions are ragged, and data is not.")
        assertions.assert_equal(data.row_splits, partitions.row_splits, message="rows of data and partitions differ")
        return partition.dynamic_partition(data.values, partitions.values, num_partitions)
    numbers = partition.dynamic_partition(ranges.range(data.nrows()), partitions, num_partitions)
    return [gathered(data, part) for part in numbers]


RULES: dict[str, Callable[..., Any]] = {
    "Bitcast": lambda input, *, type: input.with_flat_values(cast.bitcast(input.flat_values, type)),
    "GatherV2": _gather,
    "GatherNd": _gather_nd,
    "Where": _where,
    "OneHot": _one_hot,
    "Softmax": _softmax,
    "DynamicPartition": _dealt,
}
