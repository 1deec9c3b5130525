"""Element-wise maxima and minima of two sparse tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.dtypes import REAL
from tenfold.core.op import Op, register, undefined_gradient
from tenfold.core.symbol import Spec
from tenfold.ops.sparse.convert import sparse_input
from tenfold.ops.sparse.indices import check_parts, row_numbers
from tenfold.ops.sparse.tensor import SparseTensor


def _of_both(name: str, ufunc: np.ufunc, types: frozenset) -> Op:
    def kernel(a_indices, a_values, a_shape, b_indices, b_values, b_shape):
        op.require(a_values, b_values)
        check_parts(a_indices, a_values, a_shape)
        check_parts(b_indices, b_values, b_shape)
        if a_shape.tolist() != b_shape.tolist():
            raise ValueError(f"Operands' shapes do not match: {a_shape.tolist()} and {b_shape.tolist()}")
        of_a, of_b = row_numbers(a_indices, b_indices)
        count = max(of_a.max(initial=-1), of_b.max(initial=-1)) + 1
        a, b = (np.zeros(count, values.dtype) for values in (a_values, b_values))
        a[of_a], b[of_b] = a_values, b_values
        places = np.empty((count, a_indices.shape[1]), np.int64)
        places[of_a], places[of_b] = a_indices, b_indices
        return places, ufunc(a, b)

    op = Op(
        name,
        kernel,
        types=types,
        vjp=undefined_gradient(name, has_outputs=True),
        outputs=("output_indices", "output_values"),
        infer=lambda a_indices, a_values, a_shape, b_indices, b_values, b_shape: [
            Spec.rows(a_indices.dtype, a_indices.shape[1:]),
            Spec.rows(a_values.dtype),
        ],
    )
    return register(op)


SPARSE_SPARSE_MAXIMUM = _of_both("SparseSparseMaximum", np.maximum, REAL)
SPARSE_SPARSE_MINIMUM = _of_both("SparseSparseMinimum", np.minimum, REAL)


def _run_of_both(op: Op, sp_a: Any, sp_b: Any) -> SparseTensor:
    a, b = sparse_input(sp_a, "sp_a"), sparse_input(sp_b, "sp_b")
    indices, values = op(a.indices, a.values, a.dense_shape, b.indices, b.values, b.dense_shape)
    return SparseTensor(indices, values, a.dense_shape)


def maximum(sp_a: SparseTensor, sp_b: SparseTensor, name: str | None = None) -> SparseTensor:
    """The larger of the elements of two sparse tensors, where either has a value; the other counts as 0 there.

    Args:
      sp_a: SparseTensor of real numbers.
      sp_b: one of the same shape and dtype.
    Raises:
      TypeError: one is no SparseTensor.
      tf.errors.InvalidArgumentError: shapes or dtypes differ.
    Example:
      >>> x, y = tf.SparseTensor([[0]], [-5], [3]), tf.SparseTensor([[2]], [6], [3])
      >>> print(tf.sparse.maximum(x, y).values.numpy())
      [0 6]
    """
    return _run_of_both(SPARSE_SPARSE_MAXIMUM, sp_a, sp_b)


def minimum(sp_a: SparseTensor, sp_b: SparseTensor, name: str | None = None) -> SparseTensor:
    """The smaller of the elements of two sparse tensors; as `tf.sparse.maximum`.

    Example:
      >>> x, y = tf.SparseTensor([[0]], [-5], [3]), tf.SparseTensor([[2]], [6], [3])
      >>> print(tf.sparse.minimum(x, y).values.numpy())
      [-5  0]
    """
    return _run_of_both(SPARSE_SPARSE_MINIMUM, sp_a, sp_b)
