"""The softmax of the rows of sparse tensors."""

from __future__ import annotations

import numpy as np

from tenfold.core import dtypes
from tenfold.core.dtypes import FLOATING
from tenfold.core.op import Op, register, wrong_type
from tenfold.core.symbol import Spec
from tenfold.ops import gather as gather_ops
from tenfold.ops import static
from tenfold.ops.sparse.convert import sparse_input
from tenfold.ops.sparse.indices import check_bounds, check_parts, row_numbers
from tenfold.ops.sparse.reduce import SPARSE_REDUCE_SUM
from tenfold.ops.sparse.tensor import SparseTensor


def _softmax_kernel(sp_indices, sp_values, *, sp_shape):
    if dtypes.from_numpy(sp_values.dtype) not in FLOATING:
        raise wrong_type(
            f"Value for attr 'T' of {sp_values.dtype} is not in the list of allowed values: floating dtypes"
        )
    if len(sp_shape) < 2:
        raise ValueError(f"Input should have rank >= 2, but got shape {tuple(sp_shape)}")
    check_parts(sp_indices, sp_values, np.array(sp_shape))
    check_bounds(sp_indices, np.array(sp_shape))
    (rows,) = row_numbers(sp_indices[:, :-1])
    values = sp_values.astype(np.float32) if sp_values.dtype.char in "eE" else sp_values
    count = int(rows.max(initial=-1)) + 1
    peaks = np.full(count, -np.inf, values.dtype)
    np.maximum.at(peaks, rows, values)
    powers = np.exp(values - peaks[rows])
    sums = np.zeros(count, values.dtype)
    np.add.at(sums, rows, powers)
    return (powers / sums[rows]).astype(sp_values.dtype, copy=False)


def _softmax_vjp(dy, sp_indices, out, sp_shape):
    """dx = (dy - sum of dy * y over the row) * y."""
    attrs = {"input_shape": sp_shape, "reduction_axes": (-1,)}
    sums = SPARSE_REDUCE_SUM(sp_indices, dy * out, **attrs)
    return None, (dy - gather_ops.gather_nd(sums, sp_indices[:, :-1])) * out


SPARSE_SOFTMAX = register(
    Op(
        "SparseSoftmax",
        _softmax_kernel,
        types={*FLOATING, dtypes.int64},  # the first input has the indices
        host=("sp_shape",),
        vjp=_softmax_vjp,
        infer=lambda sp_indices, sp_values, *, sp_shape: Spec(sp_values.dtype, sp_values.shape),
    )
)


def softmax(sp_input: SparseTensor, name: str | None = None) -> SparseTensor:
    """The softmax of the values of each row, along the last axis; elements without a value do not take part.

    Args:
      sp_input: SparseTensor of floating numbers with at least two axes.
    Raises:
      TypeError: `sp_input` is no SparseTensor.
      tf.errors.InvalidArgumentError: it has fewer axes.
    Example:
      >>> print(tf.sparse.softmax(tf.SparseTensor([[0, 0], [0, 2], [1, 1]], [1.0, 1.0, 7.0], [2, 3])).values.numpy())
      [0.5 0.5 1. ]
    """
    sp = sparse_input(sp_input, "sp_input")
    shape = static.ints(sp.dense_shape, "tf.sparse.softmax")
    return sp.with_values(SPARSE_SOFTMAX(sp.indices, sp.values, sp_shape=shape))
