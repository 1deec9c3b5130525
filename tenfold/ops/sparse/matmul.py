"""Products of sparse and dense matrices."""

from __future__ import annotations

import numpy as np

from tenfold.core.op import Op, register
from tenfold.core.symbol import Spec
from tenfold.ops import elementwise, reduce
from tenfold.ops import gather as gather_ops
from tenfold.ops.matrices import adjoint
from tenfold.ops.segment import combine


def _kernel(a_indices, a_values, b, *, a_shape, adjoint_a=False, adjoint_b=False):
    SPARSE_DENSE_MATMUL.require(a_values, b)
    if b.dtype.kind in "bO":
        raise ValueError(f"a and b are {b.dtype}; they must be numbers")
    if a_indices.ndim != 2 or a_indices.shape[1] != 2 or len(a_shape) != 2 or b.ndim != 2:
        raise ValueError(f"a and b must be matrices; a_indices is {a_indices.shape}, a_shape {a_shape}, b {b.shape}")
    if a_values.shape != a_indices.shape[:1]:
        raise ValueError("Number of rows of a_indices does not match number of entries in a_values")
    into, along = (1, 0) if adjoint_a else (0, 1)
    count, inner = a_shape[into], a_shape[along]
    values = np.conj(a_values) if adjoint_a else a_values
    rows = np.conj(b).T if adjoint_b else b
    if len(rows) != inner:
        raise ValueError(
            f"Cannot multiply A and B because inner dimension does not match: {inner} vs. {len(rows)}.  Did you forget "
            f"a transpose?  Dimensions of A: {a_shape}, of B: {b.shape}"
        )
    for column, size in ((into, count), (along, inner)):
        found = a_indices[:, column]
        if len(wrong := np.flatnonzero((found < 0) | (found >= size))):
            raise ValueError(f"a_indices[{wrong[0]},{column}] = {found[wrong[0]]} is out of bounds (>={size})")
    products = rows[a_indices[:, along]] * values[:, None]
    return combine(np.add, products, a_indices[:, into].astype(np.intp), count, 0)


def _spec(a_indices, a_values, b, *, a_shape, adjoint_a=False, adjoint_b=False):
    return Spec(b.dtype, (a_shape[1 if adjoint_a else 0], b.shape[0 if adjoint_b else 1]))


def _values_vjp(dy, a_indices, b, adjoint_a, adjoint_b):
    """Each value's gradient is the inner product of the row of `dy` that it went into and the row of `b` that it took."""
    into, along = (1, 0) if adjoint_a else (0, 1)
    rows = gather_ops.gather(adjoint(b) if adjoint_b else b, a_indices[:, along])
    found = reduce.reduce_sum(gather_ops.gather(dy, a_indices[:, into]) * elementwise.conj(rows), 1)
    return elementwise.conj(found) if adjoint_a else found


def _b_vjp(dy, a_indices, a_values, a_shape, adjoint_a, adjoint_b):
    found = SPARSE_DENSE_MATMUL(a_indices, a_values, dy, a_shape=a_shape, adjoint_a=not adjoint_a)
    return adjoint(found) if adjoint_b else found


SPARSE_DENSE_MATMUL = register(
    Op(
        "SparseTensorDenseMatMul",
        _kernel,
        host=("a_shape",),
        vjp=(None, _values_vjp, _b_vjp),
        infer=_spec,
    )
)
