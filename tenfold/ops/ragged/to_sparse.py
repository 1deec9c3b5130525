"""Ragged rows as the values of a sparse tensor and where they stand in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.op import Op, register
from tenfold.core.symbol import Spec
from tenfold.ops import array as array_ops
from tenfold.ops.ragged.rows import checked_splits, from_splits, number_of


def _kernel(*splits_and_values):
    *splits, values = splits_and_values
    for outer, inner in zip(splits, [*splits[1:], None], strict=True):
        checked_splits(outer, number_of(values) if inner is None else number_of(inner) - 1)
    indices = np.arange(len(splits[0]) - 1)[:, None]
    sizes = [len(indices)]
    for level in map(from_splits, splits):
        indices = np.concatenate([indices[level.parents], level.places[:, None]], 1)
        sizes.append(level.longest)
    inner_shape = values.shape[1:]
    if inner_shape:
        within = np.indices(inner_shape).reshape(len(inner_shape), -1).T
        indices = np.concatenate([np.repeat(indices, len(within), 0), np.tile(within, (len(indices), 1))], 1)
    return indices.astype(np.int64), values.reshape(-1), np.array([*sizes, *inner_shape], np.int64)


def _specs(*splits_and_values):
    *splits, values = splits_and_values
    axes = len(splits) + len(values.shape)
    count = values.size
    int64 = np.dtype(np.int64)
    return [Spec(int64, (count, axes)), Spec(values.dtype, (count,)), Spec(int64, (axes,))]


def _vjp(dys, splits_and_values_shape):
    return [*[None] * (len(splits_and_values_shape) - 1), array_ops.reshape(dys[1], splits_and_values_shape[-1])]


def _raw(rt_nested_splits: Sequence[Any], rt_dense_values: Any, name: str | None = None, **types: Any) -> Any:
    return RAGGED_TO_SPARSE(*[convert(x) for x in rt_nested_splits], convert(rt_dense_values))


RAGGED_TO_SPARSE = register(
    Op(
        "RaggedTensorToSparse",
        _kernel,
        vjp=_vjp,
        outputs=("sparse_indices", "sparse_values", "sparse_dense_shape"),
        infer=_specs,
        raw=_raw,
    )
)
