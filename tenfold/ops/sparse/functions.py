"""Functions of sparse tensors: their rows and elements, other shapes, products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenfold.core import dtypes, nest
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import assertions, cast, static
from tenfold.ops import gather as gather_ops
from tenfold.ops.matrices import adjoint
from tenfold.ops.sparse.convert import sparse_input
from tenfold.ops.sparse.fill_empty_rows import SPARSE_FILL_EMPTY_ROWS
from tenfold.ops.sparse.matmul import SPARSE_DENSE_MATMUL
from tenfold.ops.sparse.reorder import SPARSE_REORDER
from tenfold.ops.sparse.reshape import SPARSE_RESHAPE
from tenfold.ops.sparse.tensor import SparseTensor


def reorder(sp_input: SparseTensor, name: str | None = None) -> SparseTensor:
    """A sparse tensor with its elements in order, row by row.

    Raises:
      TypeError: `sp_input` is no SparseTensor.
      tf.errors.InvalidArgumentError: an index is outside of the shape.
    Example:
      >>> tf.sparse.reorder(tf.SparseTensor([[2], [0]], [5, 6], [3])).indices.numpy().tolist()
      [[0], [2]]
    """
    sp = sparse_input(sp_input, "sp_input")
    shape = static.ints(sp.dense_shape, "tf.sparse.reorder")
    indices, values = SPARSE_REORDER(sp.indices, sp.values, input_shape=shape)
    return SparseTensor(indices, values, sp.dense_shape)


def reshape(sp_input: SparseTensor, shape: Any, name: str | None = None) -> SparseTensor:
    """A sparse tensor with the same elements in another shape.

    Args:
      sp_input: SparseTensor.
      shape: sizes, of which one may be -1: it follows from the others.
    Raises:
      TypeError: `sp_input` is no SparseTensor.
      tf.errors.InvalidArgumentError: the shape has another number of elements.
    Example:
      >>> tf.sparse.reshape(tf.SparseTensor([[0, 1]], [5], [2, 3]), [-1]).indices.numpy().tolist()
      [[1]]
    """
    sp = sparse_input(sp_input, "sp_input")
    indices, dense_shape = SPARSE_RESHAPE(sp.indices, sp.dense_shape, cast.cast(convert(shape), dtypes.int64))
    return SparseTensor(indices, sp.values, dense_shape)


def fill_empty_rows(sp_input: SparseTensor, default_value: Any, name: str | None = None) -> tuple[SparseTensor, Tensor]:
    """A sparse tensor with a value in the first column of each row that had none.

    Args:
      sp_input: SparseTensor with at least one axis.
      default_value: that value.
    Returns:
      Pair of the SparseTensor and a bool Tensor, shape `(rows,)`: which rows had no value.
    Raises:
      TypeError: `sp_input` is no SparseTensor.
    Example:
      >>> filled, was_empty = tf.sparse.fill_empty_rows(tf.SparseTensor([[1, 2]], [5], [2, 3]), 0)
      >>> print(filled.values.numpy(), was_empty.numpy())
      [0 5] [ True False]
    """
    sp = sparse_input(sp_input, "sp_input")
    found = SPARSE_FILL_EMPTY_ROWS(sp.indices, sp.values, sp.dense_shape, convert(default_value, sp.dtype))
    return SparseTensor(found.output_indices, found.output_values, sp.dense_shape), found.empty_row_indicator


def retain(sp_input: SparseTensor, to_retain: Any) -> SparseTensor:
    """A sparse tensor with some of its values.

    Args:
      sp_input: SparseTensor.
      to_retain: bool Tensor, shape `(n,)`: which of the values.
    Raises:
      TypeError: `sp_input` is no SparseTensor.
      ValueError: there are more truth values or fewer than values.
    Example:
      >>> print(tf.sparse.retain(tf.SparseTensor([[0], [2]], [5, 6], [3]), [False, True]).values.numpy())
      [6]
    """
    sp, wanted = sparse_input(sp_input, "sp_input"), convert(to_retain)
    sp.values.shape.assert_is_compatible_with(wanted.shape)
    places = array_ops.reshape(gather_ops.where(wanted), [-1])
    return SparseTensor(gather_ops.gather(sp.indices, places), gather_ops.gather(sp.values, places), sp.dense_shape)


def map_values(op: Callable[..., Any], *args: Any, **kwargs: Any) -> SparseTensor:
    """Runs a function on the values of sparse tensors; what is zero stays zero.

    Args:
      op: function of tensors that returns a tensor of as many values.
      *args: its arguments; SparseTensors, also in lists and dicts, become their values. Their indices must be the same.
      **kwargs: likewise.
    Raises:
      ValueError: no argument is sparse.
      tf.errors.InvalidArgumentError: two have other indices or shapes.
    Example:
      >>> print(tf.sparse.map_values(tf.square, tf.SparseTensor([[0], [2]], [5, 6], [3])).values.numpy())
      [25 36]
    """
    found = [x for x in nest.flatten((args, kwargs)) if isinstance(x, SparseTensor)]
    if not found:
        raise ValueError("No SparseTensor in argument list of map_values")
    first = found[0]
    for other in found[1:]:
        what = "tf.sparse.map_values: the sparse tensors differ in"
        assertions.assert_equal(other.indices, first.indices, message=f"{what} their indices")
        assertions.assert_equal(other.dense_shape, first.dense_shape, message=f"{what} their shapes")
    flat_args, flat_kwargs = nest.map_structure(
        lambda x: x.values if isinstance(x, SparseTensor) else x, (args, kwargs)
    )
    return first.with_values(op(*flat_args, **flat_kwargs))


def sparse_dense_matmul(
    sp_a: Any, b: Any, adjoint_a: bool = False, adjoint_b: bool = False, name: str | None = None
) -> Tensor:
    """The product of a sparse and a dense matrix.

    Args:
      sp_a: SparseTensor, shape `(n, m)`, or a Tensor where `b` is sparse.
      b: Tensor, shape `(m, k)`, or a SparseTensor.
      adjoint_a: whether `sp_a` is transposed, and conjugated, first.
      adjoint_b: likewise `b`.
    Raises:
      TypeError: neither is sparse.
      tf.errors.InvalidArgumentError: the sizes do not fit, or an index is outside of the shape.
    Example:
      >>> print(tf.sparse.sparse_dense_matmul(tf.SparseTensor([[0, 1]], [2.0], [2, 2]), [[1.0], [3.0]]).numpy().tolist())
      [[6.0], [0.0]]
    """
    if isinstance(b, SparseTensor):  # the adjoint of the product of the adjoints
        found = sparse_dense_matmul(b, sp_a, adjoint_a=not adjoint_b, adjoint_b=not adjoint_a)
        return adjoint(found)
    sp = sparse_input(sp_a, "sp_a")
    shape = static.ints(sp.dense_shape, "tf.sparse.sparse_dense_matmul")
    dense = convert(b, None, sp.dtype)
    return SPARSE_DENSE_MATMUL(sp.indices, sp.values, dense, a_shape=shape, adjoint_a=adjoint_a, adjoint_b=adjoint_b)
