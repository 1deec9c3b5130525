"""A value for each row of a sparse tensor that has none."""

from __future__ import annotations

import numpy as np

from tenfold.core.op import Op, register
from tenfold.core.symbol import Spec
from tenfold.ops import array, scatter
from tenfold.ops.sparse.indices import check_parts


def _kernel(indices, values, dense_shape, default_value):
    check_parts(indices, values, dense_shape)
    if default_value.ndim:
        raise ValueError("default_value should be a scalar.")
    count, rows = int(dense_shape[0]), indices[:, 0]
    if len(wrong := np.flatnonzero((rows < 0) | (rows >= count))):
        raise ValueError(f"indices({wrong[0]}, 0) is invalid: {rows[wrong[0]]} is not in [0, {count})")
    is_empty = np.bincount(rows, minlength=count) == 0
    empty = np.flatnonzero(is_empty)
    added = np.zeros((len(empty), indices.shape[1]), np.int64)
    added[:, 0] = empty
    every = np.concatenate([indices, added])
    order = np.argsort(every[:, 0], kind="stable")
    places = np.empty(len(every), np.int64)
    places[order] = np.arange(len(every))
    filled = np.concatenate([values, np.full(len(empty), default_value[()], values.dtype)])
    return every[order], filled[order], is_empty, places[: len(values)]


def _specs(indices, values, dense_shape, default_value):
    int64 = np.dtype(np.int64)
    return [
        Spec.rows(int64, indices.shape[1:]),
        Spec.rows(values.dtype),
        Spec.rows(np.dtype(bool)),
        Spec(int64, values.shape),
    ]


def _vjp(dys, outs):
    of_values, of_default = SPARSE_FILL_EMPTY_ROWS_GRAD(outs[3], dys[1])
    return None, of_values, None, of_default


SPARSE_FILL_EMPTY_ROWS = register(
    Op(
        "SparseFillEmptyRows",
        _kernel,
        vjp=_vjp,
        outputs=("output_indices", "output_values", "empty_row_indicator", "reverse_index_map"),
        infer=_specs,
    )
)


def _grad_kernel(reverse_index_map, grad_values):
    if reverse_index_map.ndim != 1 or grad_values.ndim != 1:
        raise ValueError("reverse_index_map and grad_values must be vectors")
    count = len(grad_values)
    if len(wrong := reverse_index_map[(reverse_index_map < 0) | (reverse_index_map >= count)]):
        raise ValueError(f"Elements in reverse index must be in [0, {count}) but got {wrong[0]}")
    is_added = np.ones(count, bool)
    is_added[reverse_index_map] = False
    of_default = np.asarray(grad_values[is_added].sum(), grad_values.dtype)
    return grad_values[reverse_index_map], of_default


def _grad_vjp(dys, reverse_index_map, grad_values_shape):
    of_default = array.broadcast_to(dys[1], grad_values_shape)
    return None, scatter.tensor_scatter_nd_update(of_default, reverse_index_map[:, None], dys[0])


SPARSE_FILL_EMPTY_ROWS_GRAD = register(
    Op(
        "SparseFillEmptyRowsGrad",
        _grad_kernel,
        vjp=_grad_vjp,
        outputs=("d_values", "d_default_value"),
        infer=lambda reverse_index_map, grad_values: [
            Spec(grad_values.dtype, reverse_index_map.shape),
            Spec(grad_values.dtype, ()),
        ],
    )
)
