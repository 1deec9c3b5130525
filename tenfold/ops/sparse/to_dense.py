"""Sparse tensors as dense ones."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from tenfold.core.op import Op, register
from tenfold.core.symbol import Spec
from tenfold.ops import creation, elementwise, reduce, scatter
from tenfold.ops import gather as gather_ops
from tenfold.ops.sparse.indices import check_bounds


def _kernel(sparse_indices, sparse_values, default_value, *, output_shape, validate_indices=True):
    indices = sparse_indices
    if indices.ndim < 2:  # of one element, or of elements of a vector
        indices = indices.reshape(-1, 1)
    if indices.ndim != 2 or indices.shape[1] != len(output_shape):
        raise ValueError(f"indices have the shape {sparse_indices.shape}, which does not fit the shape {output_shape}")
    if sparse_values.ndim > 1 or (sparse_values.ndim and len(sparse_values) != len(indices)):
        raise ValueError(f"values have the shape {sparse_values.shape}, but there are {len(indices)} indices")
    if default_value.ndim:
        raise ValueError("default_value should be a scalar.")
    check_bounds(indices, np.array(output_shape, np.int64))
    places = np.ravel_multi_index(tuple(indices.T), output_shape) if len(indices) else np.empty(0, np.intp)
    if validate_indices:
        _check_order(np.atleast_1d(places), indices)
    dense = np.empty(prod(output_shape), sparse_values.dtype)
    dense[:] = default_value[()]
    dense[places] = sparse_values
    return dense.reshape(output_shape)


def _check_order(places: np.ndarray, indices: np.ndarray) -> None:
    if len(wrong := np.flatnonzero(places[1:] <= places[:-1])):
        i = int(wrong[0]) + 1
        what = "is repeated" if places[i] == places[i - 1] else "is out of order; tf.sparse.reorder sorts them"
        raise ValueError(f"indices[{i}] = {tuple(indices[i].tolist())} {what}")


def _vjp(dy: Any, sparse_indices: Any, sparse_values_shape: Any) -> Any:
    from tenfold.ops import array

    axes = dy._array.ndim
    indices = array.reshape(sparse_indices, [-1, axes])
    found = gather_ops.gather_nd(dy, indices)
    of_values = found if sparse_values_shape else reduce.reduce_sum(found)
    hidden = scatter.tensor_scatter_nd_update(dy, indices, creation.zeros_like(found))
    return None, of_values, elementwise.unbroadcast(reduce.reduce_sum(hidden), ())


SPARSE_TO_DENSE = register(
    Op(
        "SparseToDense",
        _kernel,
        host=("output_shape",),
        vjp=_vjp,
        infer=lambda sparse_indices, sparse_values, default_value, *, output_shape, validate_indices=True: Spec(
            sparse_values.dtype, tuple(output_shape)
        ),
    )
)
