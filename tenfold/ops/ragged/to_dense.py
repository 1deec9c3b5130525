"""Ragged rows as dense tensors, whose rows are filled up."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.symbol import STAND_IN, Spec
from tenfold.ops import gather as gather_ops
from tenfold.ops.ragged.rows import Rows, flat_places, from_row_numbers, from_splits


def _levels(partitions: Sequence[np.ndarray], kinds: Sequence[str]) -> tuple[int, list[Rows]]:
    """The number of rows, and the rows of each ragged axis."""
    if len(partitions) != len(kinds) or not kinds:
        raise ValueError(f"there are {len(partitions)} row partitions of {len(kinds)} types")
    if kinds[0] == "FIRST_DIM_SIZE":
        count, partitions, kinds = int(partitions[0]), partitions[1:], kinds[1:]
    elif kinds[0] == "ROW_SPLITS":
        count = len(partitions[0]) - 1
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


def _placed(shape, values, partitions, kinds) -> tuple[tuple[int, ...], int, np.ndarray]:
    """The dense shape, how many of its axes are those of rows, and the place of each value in them."""
    count, levels = _levels(partitions, [k if isinstance(k, str) else k.decode() for k in kinds])
    sizes = _sizes(shape, count, levels, values.shape[1:])
    axes = len(levels) + 1
    places = flat_places(levels, sizes[:axes])
    if len(places) != len(values):
        raise ValueError(f"the row partitions are of {len(places)} values, and there are {len(values)}")
    return sizes, axes, places


def _kernel(shape, values, default_value, *row_partition_tensors, row_partition_types):
    sizes, axes, places = _placed(shape, values, row_partition_tensors, row_partition_types)
    dense = np.empty((prod(sizes[:axes]), *sizes[axes:]), values.dtype)
    dense[:] = default_value
    dense[places[places >= 0]] = values[places >= 0]
    return dense.reshape(sizes)


def _places_kernel(shape, values, *row_partition_tensors, row_partition_types):
    return _placed(shape, values, row_partition_tensors, row_partition_types)[2]


_PLACES = Op(
    "RaggedPlaces",
    _places_kernel,
    vjp=NotDifferentiable("the result is an integer"),
    infer=lambda shape, values, *rest, row_partition_types: Spec(np.dtype(np.int64), values.shape[:1]),
)


def _vjp(dy, shape, values, default_value_shape, row_partition_tensors, row_partition_types):
    """The gradient of a value is that of the element that it became; that of the default value, the sum of all others'."""
    from tenfold.ops import array, creation, elementwise, logic, reduce, scatter

    places = _PLACES(shape, values, *row_partition_tensors, row_partition_types=row_partition_types)
    inner = values._array.ndim - 1
    rows = array.reshape(dy, (-1, *dy._array.shape[dy._array.ndim - inner :]))
    is_kept = logic.greater_equal(places, creation.constant(0, places.dtype))
    kept = array.reshape(is_kept, [-1, *[1] * inner])
    found = gather_ops.gather(rows, elementwise.maximum(places, 0))
    zero = creation.zeros((), dy.dtype)
    taken = gather_ops.boolean_mask(places, is_kept)
    hidden = scatter.tensor_scatter_nd_update(rows, taken[:, None], creation.zeros_like(gather_ops.gather(rows, taken)))
    to_default = elementwise.unbroadcast(reduce.reduce_sum(hidden, 0), default_value_shape)
    return [None, gather_ops.where(kept, found, zero), to_default, *[None] * len(row_partition_tensors)]


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
