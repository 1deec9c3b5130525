"""Ragged rows as dense tensors, whose rows are filled up."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.op import Op, register
from tenfold.core.symbol import STAND_IN, Spec
from tenfold.ops import array as array_ops
from tenfold.ops import creation, elementwise, logic, ranges, reduce
from tenfold.ops import gather as gather_ops
from tenfold.ops import sizes as sizes_ops
from tenfold.ops.ragged.rows import Rows, flat_places, from_row_numbers, from_splits, number_of
from tenfold.ops.segment import unsorted_segment_sum


def _levels(partitions: Sequence[np.ndarray], kinds: Sequence[str]) -> tuple[int, list[Rows]]:
    """The number of rows, and the rows of each ragged axis."""
    if len(partitions) != len(kinds) or not kinds:
        raise ValueError(f"there are {len(partitions)} row partitions of {len(kinds)} types")
    if kinds[0] == "FIRST_DIM_SIZE":
        count, partitions, kinds = int(partitions[0]), partitions[1:], kinds[1:]
    elif kinds[0] == "ROW_SPLITS":
        count = number_of(partitions[0]) - 1
    else:
        raise ValueError(f"the first row partition is {kinds[0]}; it must be FIRST_DIM_SIZE or ROW_SPLITS")
    read = {"ROW_SPLITS": from_splits, "VALUE_ROWIDS": from_row_numbers}
    if unknown := set(kinds) - set(read):
        raise ValueError(f"row partitions of the types {sorted(unknown)} are not supported")
    levels = [read[kind](partition) for kind, partition in zip(kinds, partitions, strict=True)]
    return count, [levels[0]._replace(rows=count), *levels[1:]] if levels else []


def _sizes(shape: np.ndarray, count: int, levels: Sequence[Rows], inner: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of the dense tensor: what is asked for, else what the rows need."""
    needed = (count, *[level.longest for level in levels], *inner)
    if not shape.ndim:
        if shape != -1:
            raise ValueError(f"shape is {shape}; a scalar must be -1, for a shape of which nothing is known")
        return needed
    wanted = shape.tolist()
    known = [*[-1] * (len(levels) + 1), *inner]
    if len(wanted) != len(needed) or any(-1 != n != w != -1 for n, w in zip(known, wanted, strict=True)):
        raise ValueError(
            f"values of the shape {inner} in {len(levels)} ragged axes do not fit the shape {tuple(wanted)}"
        )
    return tuple([n if w == -1 else w for n, w in zip(needed, wanted, strict=True)])


def _kernel(shape, values, default_value, *row_partition_tensors, row_partition_types):
    kinds = [k if isinstance(k, str) else k.decode() for k in row_partition_types]
    count, levels = _levels(row_partition_tensors, kinds)
    sizes, axes = _sizes(shape, count, levels, values.shape[1:]), len(levels) + 1
    places = flat_places(levels, sizes[:axes])
    if len(places) != number_of(values):
        raise ValueError(f"the row partitions are of {len(places)} values, and there are {len(values)}")
    dense = np.empty((prod(sizes[:axes]), *sizes[axes:]), values.dtype)
    dense[:] = default_value
    dense[places[places >= 0]] = values[places >= 0]
    return dense.reshape(sizes)


def _vjp(dy, shape, values, default_value_shape, row_partition_tensors, row_partition_types):
    """A value's gradient is that of the element that it became; that of the default value is the sum of all others'."""
    inner = values._array.shape[1:]
    axes = len(dy._array.shape) - len(inner)
    count = sizes_ops.shape(values)[0]
    of_rows = shape[:axes] if len(shape._array.shape) else shape
    missing = creation.constant(-1, dtypes.int32)
    numbers = RAGGED_TO_TENSOR(
        of_rows, ranges.range(count), missing, *row_partition_tensors, row_partition_types=row_partition_types
    )
    numbers = array_ops.reshape(numbers, [-1])
    rows = array_ops.reshape(dy, (-1, *inner))
    is_missing = array_ops.reshape(logic.equal(numbers, missing), [-1, *[1] * len(inner)])
    hidden = reduce.reduce_sum(gather_ops.where(is_missing, rows, creation.zeros((), dy.dtype)), 0)
    of_default = elementwise.unbroadcast(hidden, default_value_shape)
    return [None, unsorted_segment_sum(rows, numbers, count), of_default, *[None] * len(row_partition_tensors)]


def _spec(shape, values, default_value, *row_partition_tensors, row_partition_types):
    kinds = [k if isinstance(k, str) else k.decode() for k in row_partition_types]
    if values.shape is None or len(kinds) != len(row_partition_tensors):
        return None
    is_sized = kinds[0] == "FIRST_DIM_SIZE"
    needed: list[Any] = [None if is_sized else row_partition_tensors[0].shape[0] - 1]
    needed += [None] * (len(kinds) - is_sized)
    wanted = _elements(shape, len(needed))
    rows = [n if w == -1 else w if type(w) is int else None for n, w in zip(needed, wanted, strict=True)]
    sizes = [*rows, *values.shape[1:]]
    return Spec(values.dtype, tuple(sizes), (STAND_IN,) * sizes.count(None))


def _elements(shape: Any, count: int) -> list[Any]:
    """The first sizes that are asked for; None for those that are not known."""
    value = shape if isinstance(shape, np.ndarray) else shape.value
    if value is None:
        return [None] * count
    return value.tolist()[:count] if value.ndim and len(value) >= count else [-1] * count


RAGGED_TO_TENSOR = register(Op("RaggedTensorToTensor", _kernel, vjp=_vjp, infer=_spec))
