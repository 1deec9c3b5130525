"""Sparse tensors joined along an axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import elementwise, join
from tenfold.ops.sparse.convert import sparse_input
from tenfold.ops.sparse.indices import check_parts
from tenfold.ops.sparse.tensor import SparseTensor


def _kernel(*tensors, concat_dim):
    n = len(tensors) // 3
    indices, values, shapes = tensors[:n], tensors[n : 2 * n], tensors[2 * n :]
    SPARSE_CONCAT.require(*values)
    for parts in zip(indices, values, shapes, strict=True):
        check_parts(*parts)
    rank = len(shapes[0])
    if not -rank <= concat_dim < rank:
        raise ValueError(f"Concat dimension must be in range [{-rank}, {rank}), got {concat_dim}")
    axis = concat_dim % rank
    for shape in shapes[1:]:
        if len(shape) != rank or (np.delete(shape, axis) != np.delete(shapes[0], axis)).any():
            raise ValueError(
                f"Input shapes must match but for axis {axis}: got {[tuple(shape.tolist()) for shape in shapes]}"
            )
    begins = np.cumsum([0, *[shape[axis] for shape in shapes]])
    moved = np.concatenate(indices)
    moved[:, axis] += np.repeat(begins[:-1], [len(part) for part in indices])
    order = np.lexsort(moved.T[::-1])
    whole = shapes[0].copy()
    whole[axis] = begins[-1]
    return moved[order], np.concatenate(values)[order], whole


def _specs(*tensors, concat_dim):
    n, int64 = len(tensors) // 3, np.dtype(np.int64)
    count, rank = sum(part.shape[0] for part in tensors[:n]), tensors[0].shape[1]
    return [Spec(int64, (count, rank)), Spec(tensors[n].dtype, (count,)), Spec(int64, (rank,))]


class SparseConcat(NamedTuple):
    output_indices: Tensor
    output_values: Tensor
    output_shape: Tensor


def _raw(
    indices: Sequence[Any], values: Sequence[Any], shapes: Sequence[Any], concat_dim: int, name: str | None = None
) -> SparseConcat:
    return SparseConcat(*SPARSE_CONCAT(*map(convert, (*indices, *values, *shapes)), concat_dim=concat_dim))


SPARSE_CONCAT = register(
    Op(
        "SparseConcat",
        _kernel,
        vjp=NotDifferentiable("TensorFlow defines none for tf.sparse.concat"),
        infer=_specs,
        raw=_raw,
    )
)


def concat(
    axis: int, sp_inputs: Sequence[SparseTensor], expand_nonconcat_dims: bool = False, name: str | None = None
) -> SparseTensor:
    """Joins sparse tensors along an axis. As in TensorFlow, it has no gradient.

    Args:
      axis: along which; negative counts from the end.
      sp_inputs: SparseTensors of the same number of axes, one or several.
      expand_nonconcat_dims: whether along other axes sizes may differ; the largest one is taken.
    Raises:
      TypeError: `sp_inputs` is no list of SparseTensors.
      tf.errors.InvalidArgumentError: shapes do not fit, or there is no such axis.
    Example:
      >>> x = tf.SparseTensor([[0, 1]], [5], [1, 2])
      >>> tf.sparse.concat(0, [x, x]).indices.numpy().tolist()
      [[0, 1], [1, 1]]
    """
    if not isinstance(sp_inputs, (list, tuple)):
        raise TypeError(
            f"tf.sparse.concat: sp_inputs is a {type(sp_inputs).__name__}; it must be a list of SparseTensors."
        )
    if not sp_inputs:
        raise InvalidArgumentError("tf.sparse.concat: sp_inputs is empty; it must have at least one SparseTensor.")
    sparse = [sparse_input(x, "sp_inputs") for x in sp_inputs]
    if len(sparse) == 1:
        return sparse[0]
    shapes = [x.dense_shape for x in sparse]
    if expand_nonconcat_dims:
        largest = shapes[0]
        for shape in shapes[1:]:
            largest = elementwise.maximum(largest, shape)
        axis %= sparse[0].indices.shape[1]
        shapes = [join.concat([largest[:axis], shape[axis : axis + 1], largest[axis + 1 :]], 0) for shape in shapes]
    return SparseTensor(*_raw([x.indices for x in sparse], [x.values for x in sparse], shapes, axis))
