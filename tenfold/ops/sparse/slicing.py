"""Parts of sparse tensors."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import NUMERIC
from tenfold.core.op import Op, register, undefined_gradient
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import static
from tenfold.ops.sparse.convert import sparse_input
from tenfold.ops.sparse.indices import check_parts, looked_up
from tenfold.ops.sparse.tensor import SparseTensor


def _within(indices: np.ndarray, values: np.ndarray, begin: Any, end: Any) -> tuple[np.ndarray, np.ndarray]:
    """Indices, counted from `begin`, and values of the elements from there up to `end`."""
    is_within = ((indices >= begin) & (indices < end)).all(1)
    return indices[is_within] - begin, values[is_within]


def _split_kernel(indices, values, shape, *, split_dim, num_split):
    check_parts(indices, values, shape)
    if not -len(shape) <= split_dim < len(shape):
        raise ValueError(f"Input split_dim should be between {-len(shape)} and {len(shape)}, got {split_dim}")
    size = int(shape[split_dim])
    if not 1 <= num_split <= size:
        raise ValueError(
            f"Input num_split should be between 1 and the splitting dimension size ({size}), got {num_split}"
        )
    begin, end = np.zeros_like(shape), shape.copy()
    found = []
    for i in range(num_split):  # the first ones have one more where the size is no multiple
        begin[split_dim] = 0 if not i else end[split_dim]
        end[split_dim] = begin[split_dim] + size // num_split + (i < size % num_split)
        found.append((*_within(indices, values, begin, end), end - begin))
    return tuple([part[k] for k in range(3) for part in found])


class SparseSplit(NamedTuple):
    output_indices: list[Tensor]
    output_values: list[Tensor]
    output_shape: list[Tensor]


def _raw_split(
    split_dim: Any, indices: Any, values: Any, shape: Any, num_split: int, name: str | None = None
) -> SparseSplit:
    axis = static.integer(split_dim, "split_dim")
    found = SPARSE_SPLIT(convert(indices), convert(values), convert(shape), split_dim=axis, num_split=num_split)
    n = num_split
    return SparseSplit(list(found[:n]), list(found[n : 2 * n]), list(found[2 * n :]))


def _split_specs(indices, values, shape, *, split_dim, num_split):
    int64 = np.dtype(np.int64)
    parts = Spec.rows(int64, indices.shape[1:]), Spec.rows(values.dtype), Spec(int64, shape.shape)
    return [part for part in parts for _ in range(num_split)]


SPARSE_SPLIT = register(
    Op(
        "SparseSplit",
        _split_kernel,
        host=("split_dim",),
        vjp=undefined_gradient("SparseSplit", has_outputs=True),
        infer=_split_specs,
        raw=_raw_split,
    )
)


def split(
    sp_input: SparseTensor | None = None, num_split: int | None = None, axis: Any = None, name: str | None = None
) -> list[SparseTensor]:
    """Cuts a sparse tensor into parts along an axis.

    Args:
      sp_input: SparseTensor.
      num_split: how many parts; the first ones are longer by one where the size is no multiple.
      axis: along which; negative counts from the end.
    Raises:
      ValueError: an argument is missing.
      TypeError: `sp_input` is no SparseTensor.
      tf.errors.InvalidArgumentError: there is no such axis, or it is shorter than `num_split`.
    Example:
      >>> [x.shape for x in tf.sparse.split(tf.SparseTensor([[0, 1]], [5], [1, 3]), 2, axis=1)]
      [TensorShape([1, 2]), TensorShape([1, 1])]
    """
    if sp_input is None or num_split is None or axis is None:
        raise ValueError("tf.sparse.split: sp_input, num_split and axis are required.")
    sp = sparse_input(sp_input, "sp_input")
    found = _raw_split(axis, sp.indices, sp.values, sp.dense_shape, num_split)
    return [SparseTensor(*parts) for parts in zip(*found, strict=True)]


def _slice_kernel(indices, values, shape, start, size):
    check_parts(indices, values, shape)
    if start.shape != shape.shape or size.shape != shape.shape:
        raise ValueError(f"start and size must have {len(shape)} elements each, got {start.shape} and {size.shape}")
    if (size < 0).any():
        raise ValueError(f"sizes must not be negative, and are {size.tolist()}")
    found = _within(indices, values, start, start + size)
    return *found, np.clip(shape - start, 0, size)


def _slice_vjp(dys, indices, start, outs):
    return None, SPARSE_SLICE_GRAD(dys[1], indices, start, outs[0]), None, None, None


SPARSE_SLICE = register(
    Op(
        "SparseSlice",
        _slice_kernel,
        vjp=_slice_vjp,
        outputs=("output_indices", "output_values", "output_shape"),
        infer=lambda indices, values, shape, start, size: [
            Spec.rows(indices.dtype, indices.shape[1:]),
            Spec.rows(values.dtype),
            Spec(shape.dtype, shape.shape),
        ],
    )
)


def _slice_grad_vjp(dy, input_indices, input_start, output_indices):
    return SPARSE_SLICE_GRAD(dy, output_indices, -input_start, input_indices), None, None, None


SPARSE_SLICE_GRAD = register(
    Op(
        "SparseSliceGrad",
        lambda backprop_val_grad, input_indices, input_start, output_indices: looked_up(
            backprop_val_grad, output_indices + input_start, input_indices
        ),
        types=NUMERIC,
        vjp=_slice_grad_vjp,
        infer=lambda backprop_val_grad, input_indices, input_start, output_indices: Spec(
            backprop_val_grad.dtype, input_indices.shape[:1]
        ),
    )
)


def slice(sp_input: SparseTensor, start: Any, size: Any, name: str | None = None) -> SparseTensor:
    """A rectangular part of a sparse tensor.

    Args:
      sp_input: SparseTensor.
      start: int64 Tensor, where the part begins, for each axis.
      size: int64 Tensor, how long it is; what lies outside of the tensor is left out.
    Raises:
      TypeError: `sp_input` is no SparseTensor.
      tf.errors.InvalidArgumentError: there are more starts or sizes than axes, or fewer, or a size is negative.
    Example:
      >>> tf.sparse.slice(tf.SparseTensor([[0, 1], [1, 2]], [5, 6], [2, 3]), [0, 1], [1, 2]).indices.numpy().tolist()
      [[0, 0]]
    """
    sp = sparse_input(sp_input, "sp_input")
    start, size = convert(start, dtypes.int64), convert(size, dtypes.int64)
    return SparseTensor(*SPARSE_SLICE(sp.indices, sp.values, sp.dense_shape, start, size))
