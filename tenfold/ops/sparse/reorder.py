"""Elements of sparse tensors in the order of the dense tensor's."""

from __future__ import annotations

import numpy as np

from tenfold.core.op import Op, register
from tenfold.core.symbol import Spec
from tenfold.ops import gather as gather_ops
from tenfold.ops import ranges, sizes, sort
from tenfold.ops.sparse.indices import check_bounds, check_parts


def _kernel(input_indices, input_values, *, input_shape):
    check_parts(input_indices, input_values, np.array(input_shape))
    check_bounds(input_indices, np.array(input_shape))
    order = np.lexsort(input_indices.T[::-1])
    return input_indices[order], input_values[order]


def _vjp(dys, input_indices, input_values, input_shape):
    numbers = ranges.range(sizes.shape(input_values)[0])
    order = SPARSE_REORDER(input_indices, numbers, input_shape=input_shape)[1]
    return None, gather_ops.gather(dys[1], sort.argsort(order))


SPARSE_REORDER = register(
    Op(
        "SparseReorder",
        _kernel,
        host=("input_shape",),
        vjp=_vjp,
        outputs=("output_indices", "output_values"),
        infer=lambda input_indices, input_values, *, input_shape: [
            Spec(input_indices.dtype, input_indices.shape),
            Spec(input_values.dtype, input_values.shape),
        ],
    )
)
