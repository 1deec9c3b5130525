"""Ragged tensors joined along an axis, and `tf.ragged.stack`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import assertions, cast, creation, join, ranges, sizes
from tenfold.ops import gather as gather_ops
from tenfold.ops.ragged.broadcast import same_row_splits_dtype
from tenfold.ops.ragged.gather import gathered
from tenfold.ops.ragged.rearrange import checked_axis, expanded
from tenfold.ops.ragged.tensor import RaggedTensor


def joined(*values: Any, axis: int) -> Any:
    """Tensors of one number of axes, some of them ragged, one behind the other along an axis.

    Raises:
      ValueError: they have different numbers of axes, or there is no such axis.
      tf.errors.InvalidArgumentError: sizes of other axes differ.
    """
    rank = values[0]._array.ndim
    for x in values:
        if x._array.ndim != rank:
            raise ValueError(f"tf.concat: shapes are {[x.shape for x in values]}; all must have the rank {rank}.")
    axis = checked_axis(axis, rank)
    ragged = [x for x in values if isinstance(x, RaggedTensor)]
    same_row_splits_dtype(ragged)
    dtype = ragged[0].row_splits.dtype
    rows = [x if isinstance(x, RaggedTensor) else _as_rows(x, dtype) for x in values]
    if axis == 0:
        return _one_below_the_other(rows)
    first, *others = rows
    for x in others:
        assertions.assert_equal(x.nrows(), first.nrows(), message="tf.concat: numbers of rows differ")
    if axis == 1:
        return _side_by_side(rows)
    for x in others:
        assertions.assert_equal(x.row_splits, first.row_splits, message="tf.concat: lengths of rows differ")
    return first.with_values(join.concat([x.values for x in rows], axis - 1))


def _as_rows(x: Tensor, dtype: Any) -> RaggedTensor:
    return RaggedTensor.from_tensor(x, row_splits_dtype=dtype)


def _one_below_the_other(rows: Sequence[RaggedTensor]) -> RaggedTensor:
    lengths = join.concat([x.row_lengths() for x in rows], 0)
    values = join.concat([x.values for x in rows], 0)
    return RaggedTensor.from_row_lengths(values, lengths, validate=False)


def _side_by_side(rows: Sequence[RaggedTensor]) -> RaggedTensor:
    """Row `i` of each, one behind the other."""
    below, times = _one_below_the_other(rows), len(rows)
    count = rows[0].nrows()
    order = array_ops.transpose(array_ops.reshape(ranges.range(count * times), [times, -1]))
    found = gathered(below, array_ops.reshape(order, [-1]))
    ends = gather_ops.gather(found.row_splits, ranges.range(count + 1) * times)
    return RaggedTensor(found.values, ends, internal=True)


def _packed(*values: Any, axis: int = 0) -> Any:
    return join.concat([expanded(x, checked_axis(axis, x._array.ndim + 1)) for x in values], axis)


def stack(values: Sequence[Any], axis: int = 0, name: str | None = None) -> Any:
    """Joins tensors of one number of axes, whose rows may have different lengths, along a new axis.

    Args:
      values: list of Tensors and RaggedTensors of one dtype and rank.
      axis: where the new axis stands in the result; negative counts from the end.
    Returns:
      RaggedTensor; a Tensor if `values` are scalars.
    Raises:
      ValueError: there are no values, they have different numbers of axes, or there is no such axis.
      tf.errors.InvalidArgumentError: sizes of axes before the new one differ.
    Example:
      >>> tf.ragged.stack([[1, 2], [3]]).to_list()
      [[1, 2], [3]]
    """
    if isinstance(values, RaggedTensor):
        values = [values]
    if not isinstance(values, (list, tuple)):
        values = list(convert(values))
    if not values:
        raise ValueError("tf.ragged.stack: values may not be empty.")
    tensors: list[Any] = join.matched(values)
    rank = tensors[0]._array.ndim
    if not rank:
        return join.stack(tensors, axis)
    axis = checked_axis(axis, rank + 1)
    if rank == 1 and all(isinstance(x, Tensor) for x in tensors):
        if axis == 1:
            return join.stack(tensors, axis)
        return RaggedTensor.from_row_lengths(join.concat(tensors, 0), join.stack([sizes.size(x) for x in tensors]))
    dtype = next((x.row_splits.dtype for x in tensors if isinstance(x, RaggedTensor)), dtypes.int64)
    return joined(*[expanded(_wholly_ragged(x, dtype) if rank > 1 else x, axis) for x in tensors], axis=axis)


def _wholly_ragged(x: Any, dtype: Any) -> RaggedTensor:
    """A dense tensor as rows of rows, down to the last axis."""
    if isinstance(x, RaggedTensor):
        return x
    return RaggedTensor.from_tensor(x, ragged_rank=x._array.ndim - 1, row_splits_dtype=dtype)


def stack_dynamic_partitions(data: Any, partitions: Any, num_partitions: Any, name: str | None = None) -> RaggedTensor:
    """Deals the rows of a tensor out to partitions, which are the rows of a ragged tensor.

    Args:
      data: Tensor or RaggedTensor, whose shape begins with that of `partitions`.
      partitions: int32 or int64 Tensor or RaggedTensor: for each row the number of its partition.
      num_partitions: how many partitions there are.
    Raises:
      tf.errors.InvalidArgumentError: a number is not in `[0, num_partitions)`, or the shapes do not fit.
    Example:
      >>> tf.ragged.stack_dynamic_partitions(["a", "b", "c"], [2, 0, 2], 3).to_list()
      [[b'b'], [], [b'a', b'c']]
    """
    from tenfold.ops.sort import argsort

    data, numbers = convert(data), convert(partitions)
    if isinstance(numbers, RaggedTensor):
        if not isinstance(data, RaggedTensor):
            data = RaggedTensor.from_tensor(
                data, ragged_rank=numbers.ragged_rank, row_splits_dtype=numbers.row_splits.dtype
            )
        assertions.assert_equal(data.row_splits, numbers.row_splits, message="rows of data and partitions differ")
        found = stack_dynamic_partitions(data.values, numbers.values, num_partitions)
        return found.with_row_splits_dtype(numbers.row_splits.dtype)
    rank = numbers._array.ndim
    if rank > 1:
        data = data.merge_dims(0, rank - 1) if isinstance(data, RaggedTensor) else _merged(data, rank)
        numbers = array_ops.reshape(numbers, [-1])
    elif not rank:
        data, numbers = expanded(data, 0), array_ops.reshape(numbers, [-1])
    count = cast.cast(convert(num_partitions), numbers.dtype)
    message = "tf.ragged.stack_dynamic_partitions: partitions must be in [0, num_partitions)"
    assertions.assert_non_negative(numbers, message=message)
    assertions.assert_less(numbers, count, message=message)
    order = argsort(numbers, stable=True)
    rows = gather_ops.gather(numbers, order)
    dtype = data.row_splits.dtype if isinstance(data, RaggedTensor) else None
    ids = rows if dtype is None and rows.dtype.size >= 4 else cast.cast(rows, dtype or creation.constant(0).dtype)
    return RaggedTensor.from_value_rowids(gathered(data, order), ids, cast.cast(count, ids.dtype), validate=False)


def _merged(x: Tensor, rank: int) -> Tensor:
    return array_ops.reshape(x, (-1, *x._array.shape[rank:]))


RULES: dict[str, Callable[..., Any]] = {"ConcatV2": joined, "Pack": _packed}
