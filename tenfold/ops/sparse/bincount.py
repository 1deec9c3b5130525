"""`tf.sparse.bincount`: counts of integers as a sparse tensor."""

from __future__ import annotations

from typing import Any

from tenfold.core.convert import convert
from tenfold.ops import array as array_ops
from tenfold.ops import creation, static
from tenfold.ops.sparse.count import DENSE_COUNT, RAGGED_COUNT, SPARSE_COUNT
from tenfold.ops.sparse.tensor import SparseTensor


def bincount(
    values: Any,
    weights: Any = None,
    axis: int | None = 0,
    minlength: int | None = None,
    maxlength: int | None = None,
    binary_output: bool = False,
    name: str | None = None,
) -> SparseTensor:
    """How often each integer occurs, with an element for each that does.

    Args:
      values: Tensor, RaggedTensor or SparseTensor of integers, none negative; of one or two axes.
      weights: one like `values`, what each element counts; 1 by default.
      axis: 0 for counts over all elements, -1 for counts over each row.
      minlength, maxlength: bounds of the number of bins, which otherwise is the largest element plus 1; what has no bin is
        left out.
      binary_output: whether bins tell only if the integer occurs, by 1.
    Returns:
      SparseTensor of the dtype of `weights`, or of `values` if there are none.
    Raises:
      ValueError: `axis` is another one, or both `weights` and `binary_output` are given.
      tf.errors.InvalidArgumentError: an element is negative, or the shape of `weights` differs.
    Example:
      >>> print(tf.sparse.to_dense(tf.sparse.bincount([[1, 1, 3], [0, 1, 0]], axis=-1)).numpy())
      [[0 2 0 1]
       [2 1 0 0]]
    """
    if weights is not None and binary_output:
        raise ValueError("Arguments `binary_output` and `weights` are mutually exclusive. Please specify only one.")
    if axis not in (None, 0, -1):
        raise ValueError(f"Unsupported value for argument axis={axis}. Only 0 and -1 are currently supported.")
    bounds: dict[str, Any] = {
        "minlength": -1 if minlength is None else minlength,
        "maxlength": -1 if maxlength is None else maxlength,
        "binary_output": binary_output,
    }
    if axis != -1:
        values, weights = _flat(values), None if weights is None else _flat(weights)
    if isinstance(values, SparseTensor):
        counted = creation.zeros((0,), values.dtype) if weights is None else weights.values
        shape = static.ints(values.dense_shape, "tf.sparse.bincount")
        return SparseTensor(*SPARSE_COUNT(values.indices, values.values, counted, dense_shape=shape, **bounds))
    if hasattr(values, "row_splits"):
        counted = creation.zeros((0,), values.dtype) if weights is None else weights.values
        return SparseTensor(*RAGGED_COUNT(values.row_splits, values.values, counted, **bounds))
    values = convert(values)
    counted = creation.zeros((0,), values.dtype) if weights is None else convert(weights)
    return SparseTensor(*DENSE_COUNT(values, counted, **bounds))


def _flat(values: Any) -> Any:
    if isinstance(values, SparseTensor):
        return values.values
    return values.flat_values if hasattr(values, "row_splits") else array_ops.reshape(values, [-1])
