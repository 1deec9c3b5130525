"""Sparse tensors in other shapes."""

from __future__ import annotations

from math import prod

import numpy as np

from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.symbol import Spec


def _whole_shape(before: list[int], wanted: list[int]) -> list[int]:
    """The shape that is asked for, with a size in place of -1."""
    count, known = prod(before), prod([size for size in wanted if size != -1])
    if wanted.count(-1) > 1:
        raise ValueError(f"only one output dimension may be -1, and new_shape is {wanted}")
    if any(size < -1 for size in wanted):
        raise ValueError(f"new_shape is {wanted}; sizes must not be negative")
    if -1 in wanted and not known:
        raise ValueError(f"the size in place of -1 in {wanted} does not follow from the others, which are zero")
    if count % known if -1 in wanted else count != known:
        raise ValueError(f"a tensor of the shape {before} has {count} elements, which do not fit {wanted}")
    return [count // known if size == -1 else size for size in wanted]


def _kernel(input_indices, input_shape, new_shape):
    if input_indices.ndim != 2 or input_shape.ndim != 1 or new_shape.ndim != 1:
        raise ValueError("indices must be a matrix, shapes vectors")
    if input_indices.shape[1] != len(input_shape):
        raise ValueError(f"indices have {input_indices.shape[1]} columns, and input_shape has {len(input_shape)} sizes")
    before = input_shape.tolist()
    after = _whole_shape(before, new_shape.tolist())
    places = input_indices @ np.array([prod(before[i + 1 :]) for i in range(len(before))], np.int64)
    columns = []
    for size in reversed(after[1:]):
        columns.append(places % size)
        places = places // size
    indices = np.stack([places, *reversed(columns)], 1) if after else np.empty((len(places), 0), np.int64)
    return indices, np.array(after, np.int64)


def _specs(input_indices, input_shape, new_shape):
    rank, int64 = new_shape.shape[0], np.dtype(np.int64)
    return [Spec(int64, (input_indices.shape[0], rank)), Spec(int64, (rank,))]


SPARSE_RESHAPE = register(
    Op(
        "SparseReshape",
        _kernel,
        vjp=NotDifferentiable("the results are integers"),
        outputs=("output_indices", "output_shape"),
        infer=_specs,
    )
)
