"""How often each number is in each row, of sparse rows or as sparse rows."""

from __future__ import annotations

import numpy as np

from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.symbol import STAND_IN, Spec
from tenfold.ops.count import binned
from tenfold.ops.ragged.rows import checked_splits, from_splits, number_of
from tenfold.ops.sparse.indices import check_bounds, check_parts

_DISCRETE = NotDifferentiable("the result depends on its input by steps")


def _bincount_kernel(indices, values, weights, *, dense_shape, size, binary_output=False):
    check_parts(indices, values, np.array(dense_shape))
    check_bounds(indices, np.array(dense_shape))
    if weights.size and weights.shape != values.shape:
        raise ValueError(f"weights have the shape {weights.shape}, and values {values.shape}")
    if size < 0:
        raise ValueError(f"size ({size}) must be non-negative")
    is_matrix = len(dense_shape) > 1
    numbers = indices[:, 0] if is_matrix else np.zeros(len(values), np.int64)
    is_kept = values >= 0
    kept_weights = weights[is_kept] if weights.size else weights
    shape = dense_shape[0] if is_matrix else 1, size
    bins = binned(values[is_kept], numbers[is_kept], shape, kept_weights, binary_output)
    return bins if is_matrix else bins[0]


SPARSE_BINCOUNT = register(
    Op(
        "SparseBincount",
        _bincount_kernel,
        host=("dense_shape", "size"),
        vjp=_DISCRETE,
        infer=lambda indices, values, weights, *, dense_shape, size, binary_output=False: Spec(
            weights.dtype, (dense_shape[0], size) if len(dense_shape) > 1 else (size,)
        ),
    )
)


def _counted(values, numbers, rows, weights, minlength, maxlength, binary_output):
    """The counts of values in the rows of these numbers, as a sparse matrix; as a sparse vector if `rows` is None."""
    if weights.size and weights.shape != values.shape:
        raise ValueError(
            f"Weights and data must have the same shape. Weight shape: {weights.shape}; data shape: {values.shape}"
        )
    values, weights = values.reshape(-1), weights.reshape(-1)
    if (values < 0).any():
        raise ValueError("Input values must all be non-negative")
    columns = maxlength if maxlength >= 0 else max(int(values.max(initial=0)) + 1, minlength)
    is_kept = values < columns
    pairs = np.stack([numbers[is_kept], values[is_kept].astype(np.int64)], 1)
    found, which = np.unique(pairs, axis=0, return_inverse=True)
    if binary_output:
        counts = np.ones(len(found), weights.dtype)
    elif weights.size:
        counts = np.zeros(len(found), weights.dtype)
        np.add.at(counts, which.reshape(-1), weights[is_kept])
    else:
        counts = np.bincount(which.reshape(-1), minlength=len(found)).astype(weights.dtype)
    if rows is None:
        return found[:, 1:], counts, np.array([columns], np.int64)
    return found, counts, np.array([rows, columns], np.int64)


def _dense_kernel(values, weights, *, minlength=-1, maxlength=-1, binary_output):
    if values.ndim not in (1, 2):
        raise ValueError(f"Input must be a 1 or 2-dimensional tensor. Got: {list(values.shape)}")
    rows = len(values) if values.ndim == 2 else None
    numbers = np.repeat(np.arange(1 if rows is None else rows), values.shape[-1])
    return _counted(values, numbers, rows, weights, minlength, maxlength, binary_output)


def _ragged_kernel(splits, values, weights, *, minlength=-1, maxlength=-1, binary_output):
    numbers = from_splits(checked_splits(splits, number_of(values))).parents
    return _counted(values, numbers, len(splits) - 1, weights, minlength, maxlength, binary_output)


def _sparse_kernel(indices, values, weights, *, dense_shape, minlength=-1, maxlength=-1, binary_output):
    check_parts(indices, values, np.array(dense_shape))
    check_bounds(indices, np.array(dense_shape))
    rows = dense_shape[0] if len(dense_shape) > 1 else None
    numbers = np.zeros(len(values), np.int64) if rows is None else indices[:, 0]
    return _counted(values, numbers, rows, weights, minlength, maxlength, binary_output)


def _specs_of_rank(rank: int, weights) -> list[Spec]:
    int64 = np.dtype(np.int64)
    return [Spec(int64, (None, rank), (STAND_IN,)), Spec.rows(weights.dtype), Spec(int64, (rank,))]


_OUTPUTS = ("output_indices", "output_values", "output_dense_shape")
DENSE_COUNT = register(
    Op(
        "DenseCountSparseOutput",
        _dense_kernel,
        vjp=_DISCRETE,
        outputs=_OUTPUTS,
        infer=lambda values, weights, **attrs: _specs_of_rank(len(values.shape), weights),
    )
)
RAGGED_COUNT = register(
    Op(
        "RaggedCountSparseOutput",
        _ragged_kernel,
        vjp=_DISCRETE,
        outputs=_OUTPUTS,
        infer=lambda splits, values, weights, **attrs: _specs_of_rank(2, weights),
    )
)
SPARSE_COUNT = register(
    Op(
        "SparseCountSparseOutput",
        _sparse_kernel,
        host=("dense_shape",),
        vjp=_DISCRETE,
        outputs=_OUTPUTS,
        infer=lambda indices, values, weights, *, dense_shape, **attrs: _specs_of_rank(
            min(len(dense_shape), 2), weights
        ),
    )
)
