"""Picked rows of ragged tensors."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from operator import mul
from typing import Any, NamedTuple

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.indexed_slices import IndexedSlices
from tenfold.core.op import Op, register
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import gather as gather_ops
from tenfold.ops import ranges, sizes
from tenfold.ops.ragged.rows import checked_splits, number_of, values_of_rows
from tenfold.ops.segment import positions


def _kernel(*splits_values_indices):
    *splits, values, indices = splits_values_indices
    rows = number_of(splits[0]) - 1
    places = positions(indices, "indices").reshape(-1)
    if len(wrong := np.flatnonzero((places < 0) | (places >= rows))):
        raise ValueError(f"indices[{wrong[0]}] = {places[wrong[0]]} is not in [0, {rows})")
    found = [np.arange(size + 1) * length for size, length in _uniform_axes(indices.shape)]
    for level, inner in zip(splits, [*splits[1:], None], strict=True):
        checked_splits(level, number_of(values) if inner is None else number_of(inner) - 1)
        picked, places = values_of_rows(level, places)
        found.append(picked)
    if not indices.ndim:
        del found[0]  # of a single row
    return *[level.astype(splits[0].dtype, copy=False) for level in found], values[places]


def _uniform_axes(shape: Sequence[Any]) -> list[tuple[Any, Any]]:
    """How many rows each axis of indices but the first has, and how long these are."""
    return list(zip(accumulate(shape, mul), shape[1:], strict=False))


def _specs(*splits_values_indices):
    *splits, values, indices = splits_values_indices
    dtype = splits[0].dtype
    uniform = [Spec(dtype, (size + 1,)) for size, _ in _uniform_axes(indices.shape)]
    first = [Spec(dtype, (indices.size + 1,))] if indices.ndim else []
    inner = [Spec.rows(dtype)] * (len(splits) - 1)
    return [*uniform, *first, *inner, Spec.rows(values.dtype, values.shape[1:])]


def _vjp(dys, splits_values_indices, splits_values_indices_shape):
    *splits, values, indices = splits_values_indices
    places = RAGGED_GATHER(*splits, ranges.range(sizes.shape(values)[0]), indices)[-1]
    of_values = IndexedSlices(dys[-1], places, splits_values_indices_shape[-2])
    return [*[None] * len(splits), of_values, None]


class RaggedGather(NamedTuple):
    output_nested_splits: list[Tensor]
    output_dense_values: Tensor


def _raw(
    params_nested_splits: Sequence[Any], params_dense_values: Any, indices: Any, name: str | None = None, **attrs: Any
) -> RaggedGather:
    *splits, values = RAGGED_GATHER(*map(convert, [*params_nested_splits, params_dense_values, indices]))
    return RaggedGather(splits, values)


RAGGED_GATHER = register(Op("RaggedGather", _kernel, vjp=_vjp, infer=_specs, raw=_raw))


def gathered(x: Any, numbers: Tensor) -> Any:
    """Rows of a ragged or dense tensor, by a vector of their numbers."""
    if isinstance(x, Tensor):
        return gather_ops.gather(x, numbers)
    *splits, values = RAGGED_GATHER(*x.nested_row_splits, x.flat_values, numbers)
    return x._type_spec._from_components([values, *splits])
