"""Sums of sparse tensors, and of a sparse and a dense one."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import NUMERIC
from tenfold.core.op import Op, register
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import gather as gather_ops
from tenfold.ops.sparse.indices import check_bounds, check_parts, looked_up, row_numbers
from tenfold.ops.sparse.tensor import SparseTensor


def _kernel(a_indices, a_values, a_shape, b_indices, b_values, b_shape, thresh):
    SPARSE_ADD.require(a_values, b_values)
    check_parts(a_indices, a_values, a_shape)
    check_parts(b_indices, b_values, b_shape)
    if a_shape.tolist() != b_shape.tolist():
        raise ValueError(f"Operands' shapes do not match: {a_shape.tolist()} and {b_shape.tolist()}")
    if thresh.ndim:
        raise ValueError(f"The magnitude threshold must be a scalar: got shape {thresh.shape}")
    numbers = np.concatenate(row_numbers(a_indices, b_indices))
    indices, values = np.concatenate([a_indices, b_indices]), np.concatenate([a_values, b_values])
    count = int(numbers.max(initial=-1)) + 1
    sums = np.zeros(count, values.dtype)
    np.add.at(sums, numbers, values)
    places = np.empty((count, indices.shape[1]), np.int64)
    places[numbers] = indices
    is_kept = (np.abs(sums) >= thresh) | (np.bincount(numbers, minlength=count) == 1)
    return places[is_kept], sums[is_kept], a_shape


def _sum_specs(a_indices, a_values, a_shape, b_indices, b_values, b_shape, thresh):
    int64 = np.dtype(np.int64)
    return [Spec.rows(int64, a_indices.shape[1:]), Spec.rows(a_values.dtype), Spec(int64, a_shape.shape)]


def _vjp(dys, a_indices, b_indices, outs):
    of_a, of_b = SPARSE_ADD_GRAD(dys[1], a_indices, b_indices, outs[0])
    return None, of_a, None, None, of_b, None, None


SPARSE_ADD = register(
    Op(
        "SparseAdd",
        _kernel,
        types=NUMERIC,
        vjp=_vjp,
        outputs=("sum_indices", "sum_values", "sum_shape"),
        infer=_sum_specs,
    )
)


def _grad_kernel(backprop_val_grad, a_indices, b_indices, sum_indices):
    return (
        looked_up(backprop_val_grad, sum_indices, a_indices),
        looked_up(backprop_val_grad, sum_indices, b_indices),
    )


def _grad_vjp(dys, a_indices, b_indices, sum_indices):
    def back(dy: Tensor, indices: Tensor) -> Tensor:
        return SPARSE_ADD_GRAD(dy, sum_indices, sum_indices, indices)[0]

    return back(dys[0], a_indices) + back(dys[1], b_indices), None, None, None


SPARSE_ADD_GRAD = register(
    Op(
        "SparseAddGrad",
        _grad_kernel,
        types=NUMERIC,
        vjp=_grad_vjp,
        outputs=("a_val_grad", "b_val_grad"),
        infer=lambda backprop_val_grad, a_indices, b_indices, sum_indices: [
            Spec(backprop_val_grad.dtype, a_indices.shape[:1]),
            Spec(backprop_val_grad.dtype, b_indices.shape[:1]),
        ],
    )
)


def _dense_kernel(a_indices, a_values, a_shape, b):
    SPARSE_TENSOR_DENSE_ADD.require(a_values, b)
    check_parts(a_indices, a_values, a_shape)
    if tuple(a_shape.tolist()) != b.shape:
        raise ValueError(f"the sparse operand has the shape {tuple(a_shape.tolist())}, the dense one {b.shape}")
    check_bounds(a_indices, a_shape)
    total = b.copy()
    np.add.at(total, tuple(a_indices.T), a_values)
    return total


SPARSE_TENSOR_DENSE_ADD = register(
    Op(
        "SparseTensorDenseAdd",
        _dense_kernel,
        types=NUMERIC,
        vjp=(None, lambda dy, a_indices: gather_ops.gather_nd(dy, a_indices), None, lambda dy: dy),
        infer=lambda a_indices, a_values, a_shape, b: Spec(b.dtype, b.shape),
    )
)


def add(a: Any, b: Any, threshold: Any = 0) -> Any:
    """The sum of two tensors of which one or both are sparse.

    Args:
      a: SparseTensor or Tensor.
      b: SparseTensor or Tensor of the same shape and dtype.
      threshold: of two sparse tensors, sums of a value of each whose magnitude is below it are left out.
    Returns:
      SparseTensor if both are sparse, else a Tensor.
    Raises:
      TypeError: neither is sparse.
      tf.errors.InvalidArgumentError: shapes or dtypes differ.
    Example:
      >>> x = tf.SparseTensor([[0]], [5.0], [2])
      >>> print(tf.sparse.add(x, [1.0, 2.0]).numpy(), tf.sparse.add(x, x).values.numpy())
      [6. 2.] [10.]
    """
    if not isinstance(a, SparseTensor):
        a, b = b, a
    if not isinstance(a, SparseTensor):
        raise TypeError(
            f"tf.sparse.add: a is a {type(b).__name__}, b a {type(a).__name__}; one must be a SparseTensor. Try tf.add."
        )
    if not isinstance(b, SparseTensor):
        return SPARSE_TENSOR_DENSE_ADD(a.indices, a.values, a.dense_shape, convert(b, None, a.dtype))
    real = {dtypes.complex64: dtypes.float32, dtypes.complex128: dtypes.float64}.get(a.dtype, a.dtype)
    least = convert(threshold, real)
    return SparseTensor(*SPARSE_ADD(a.indices, a.values, a.dense_shape, b.indices, b.values, b.dense_shape, least))
