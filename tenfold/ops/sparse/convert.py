"""Between sparse and dense tensors."""

from __future__ import annotations

from typing import Any

from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.ops import creation, logic, sizes, static
from tenfold.ops import gather as gather_ops
from tenfold.ops.sparse.tensor import SparseTensor
from tenfold.ops.sparse.to_dense import SPARSE_TO_DENSE


def from_dense(tensor: Any, name: str | None = None) -> SparseTensor:
    """The elements of a tensor that are not zero, or not the empty text.

    Args:
      tensor: Tensor.
    Raises:
      ValueError: it is a SparseTensor already.
    Example:
      >>> print(tf.sparse.from_dense([[0, 5], [6, 0]]).indices.numpy().tolist())
      [[0, 1], [1, 0]]
    """
    tensor = convert(tensor)
    indices = gather_ops.where(logic.not_equal(tensor, creation.zeros((), tensor.dtype)))
    return SparseTensor(indices, gather_ops.gather_nd(tensor, indices), sizes.shape(tensor, "int64"))


def to_dense(
    sp_input: SparseTensor, default_value: Any = None, validate_indices: bool = True, name: str | None = None
) -> Tensor:
    """The dense tensor of a sparse one.

    Args:
      sp_input: SparseTensor.
      default_value: what all other elements are; zero, or the empty text, by default.
      validate_indices: whether indices must be in the order of the elements, none of them twice.
    Raises:
      TypeError: `sp_input` is no SparseTensor.
      tf.errors.InvalidArgumentError: an index is outside of the shape, out of order or repeated.
    Example:
      >>> print(tf.sparse.to_dense(tf.SparseTensor([[1]], [5.0], [3])).numpy())
      [0. 5. 0.]
    """
    sp = sparse_input(sp_input, "sp_input")
    default = creation.zeros((), sp.dtype) if default_value is None else convert(default_value, sp.dtype)
    shape = static.ints(sp.dense_shape, "tf.sparse.to_dense")
    return SPARSE_TO_DENSE(sp.indices, sp.values, default, output_shape=shape, validate_indices=validate_indices)


def sparse_input(value: Any, name: str) -> SparseTensor:
    """A value that must be a SparseTensor.

    Raises:
      TypeError: it is none.
    """
    if not isinstance(value, SparseTensor):
        raise TypeError(
            f"Input must be a SparseTensor. {name} is a {type(value).__name__}; tf.sparse.from_dense makes one of a tensor."
        )
    return value
