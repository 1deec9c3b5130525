"""Sparse tensors in other shapes, and sparse matrices of a form; compositions of other functions."""

from __future__ import annotations

from typing import Any

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.indexed_slices import IndexedSlices
from tenfold.core.tensor import Tensor
from tenfold.ops import assertions, cast, creation, elementwise, extremes, join, ranges, reduce, sizes, static
from tenfold.ops import gather as gather_ops
from tenfold.ops.count import LIST_DIFF
from tenfold.ops.matrices import matrix_transpose
from tenfold.ops.sparse.convert import sparse_input, to_dense
from tenfold.ops.sparse.functions import reorder
from tenfold.ops.sparse.tensor import SparseTensor


def expand_dims(sp_input: SparseTensor, axis: Any = None, name: str | None = None) -> SparseTensor:
    """A sparse tensor with one more axis, of size 1.

    Args:
      sp_input: SparseTensor.
      axis: where the new axis is in the result; negative counts from the end, -1 by default.
    Raises:
      TypeError: `axis` is no integer.
      tf.errors.InvalidArgumentError: there is no such place.
    Example:
      >>> tf.sparse.expand_dims(tf.SparseTensor([[0, 1]], [5], [2, 3]), 0).shape
      TensorShape([1, 2, 3])
    """
    sp, what = sparse_input(sp_input, "sp_input"), "tf.sparse.expand_dims"
    rank = static.known_axis(sp.indices._array.shape[1], what)
    axis = static.positive_axis(-1 if axis is None else static.known_axis(axis, what), rank + 1, what)
    column = (
        creation.zeros_like(sp.indices[:, :1]) if rank else creation.zeros([sizes.shape(sp.values)[0], 1], dtypes.int64)
    )
    indices = join.concat([sp.indices[:, :axis], column, sp.indices[:, axis:]], 1)
    one = convert([1], dtypes.int64)
    shape = join.concat([sp.dense_shape[:axis], one, sp.dense_shape[axis:]], 0)
    return SparseTensor(indices, sp.values, shape)


def transpose(sp_input: SparseTensor, perm: Any = None, name: str | None = None) -> SparseTensor:
    """A sparse tensor with its axes in another order, and its elements in theirs.

    Args:
      sp_input: SparseTensor.
      perm: for each axis of the result which of the input it is; all in reverse by default.
    Raises:
      TypeError: `sp_input` is no SparseTensor.
      ValueError: `perm` has more axes, or fewer.
      tf.errors.InvalidArgumentError: there is no such axis.
    Example:
      >>> tf.sparse.transpose(tf.SparseTensor([[0, 1], [1, 0]], [5, 6], [2, 3])).indices.numpy().tolist()
      [[0, 1], [1, 0]]
    """
    sp = sparse_input(sp_input, "sp_input")
    if perm is None:
        perm = range(static.known_axis(sp.indices._array.shape[1], "tf.sparse.transpose"))[::-1]
    perm = convert(list(perm) if isinstance(perm, range) else perm, None, dtypes.int32)
    perm.shape.assert_is_compatible_with(sp.dense_shape.shape)
    indices = gather_ops.gather(sp.indices, perm, axis=1)
    return reorder(SparseTensor(indices, sp.values, gather_ops.gather(sp.dense_shape, perm)))


def reset_shape(sp_input: SparseTensor, new_shape: Any = None) -> SparseTensor:
    """A sparse tensor with the same elements in the same places of a shape of another size.

    Args:
      sp_input: SparseTensor.
      new_shape: at least as large along each axis; by default the smallest one that all elements are in.
    Raises:
      TypeError: `sp_input` is no SparseTensor.
      ValueError: `new_shape` has another number of axes, or is smaller.
    Example:
      >>> tf.sparse.reset_shape(tf.SparseTensor([[0, 1]], [5], [2, 3])).shape
      TensorShape([1, 2])
    """
    sp = sparse_input(sp_input, "sp_input")
    if new_shape is None:
        needed = extremes.reduce_max(sp.indices, 0) + convert(1, dtypes.int64)
        return SparseTensor(sp.indices, sp.values, elementwise.maximum(needed, convert(0, dtypes.int64)))
    shape = cast.cast(convert(new_shape), dtypes.int64)
    shape.shape.assert_has_rank(1)
    shape.shape.assert_is_compatible_with(sp.dense_shape.shape)
    what = f"tf.sparse.reset_shape: new_shape must be at least sp_input.shape, {sp.shape}"
    if static.is_traced(shape) or static.is_traced(sp.dense_shape):
        assertions.assert_less_equal(sp.dense_shape, shape, message=what)
    elif (shape._array < sp.dense_shape._array).any():
        raise ValueError(f"{what}; it is {tuple(shape._array.tolist())}.")
    return SparseTensor(sp.indices, sp.values, shape)


def eye(num_rows: Any, num_columns: Any = None, dtype: Any = dtypes.float32, name: str | None = None) -> SparseTensor:
    """A sparse matrix with ones on its diagonal.

    Args:
      num_rows: int.
      num_columns: int; as many as rows by default.
      dtype: of the ones.
    Raises:
      TypeError: a size is no integer.
    Example:
      >>> print(tf.sparse.to_dense(tf.sparse.eye(2, 3)).numpy().tolist())
      [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    rows = cast.cast(convert(num_rows), dtypes.int64)
    columns = rows if num_columns is None else cast.cast(convert(num_columns), dtypes.int64)
    places = ranges.range(elementwise.minimum(rows, columns), dtype=dtypes.int64)
    indices = join.stack([places, places], 1)
    return SparseTensor(indices, creation.ones_like(places, dtype), join.stack([rows, columns]))


def to_indicator(sp_input: SparseTensor, vocab_size: Any, name: str | None = None) -> Tensor:
    """Which of the numbers below a bound are among the values of each row.

    Args:
      sp_input: SparseTensor of integers, shape `(..., n)`.
      vocab_size: int, the bound.
    Returns:
      Tensor of bool, shape `(..., vocab_size)`.
    Raises:
      TypeError: `sp_input` is no SparseTensor, or `vocab_size` no integer.
      tf.errors.InvalidArgumentError: a value is not below `vocab_size`.
    Example:
      >>> print(tf.sparse.to_indicator(tf.SparseTensor([[0, 0], [0, 1]], [2, 0], [1, 2]), 3).numpy())
      [[ True False  True]]
    """
    sp = sparse_input(sp_input, "sp_input")
    size = static.integer(vocab_size, "tf.sparse.to_indicator")
    numbers = cast.cast(sp.values, dtypes.int64)
    indices = join.concat([sp.indices[:, :-1], numbers[:, None]], 1)
    shape = join.concat([sp.dense_shape[:-1], convert([size], dtypes.int64)], 0)
    found = SparseTensor(indices, creation.ones_like(numbers, dtypes.bool), shape)
    return to_dense(reorder(found), validate_indices=False)


def mask(a: IndexedSlices, mask_indices: Any, name: str | None = None) -> IndexedSlices:
    """Slices without those of some indices.

    Args:
      a: IndexedSlices.
      mask_indices: Tensor of `a.indices`' dtype: which indices to leave out.
    Example:
      >>> x = tf.IndexedSlices(tf.constant([[1], [2]]), tf.constant([4, 7]))
      >>> print(tf.sparse.mask(x, [4]).values.numpy())
      [[2]]
    """
    out, places = LIST_DIFF(a.indices, convert(mask_indices, a.indices.dtype))
    return IndexedSlices(gather_ops.gather(a.values, places), out, a.dense_shape)


def sampled_addmm(
    indices: Any,
    values: Any,
    dense_shape: Any,
    mat1: Any,
    mat2: Any,
    beta: Any = 1.0,
    alpha: Any = 1.0,
    output_type: Any = dtypes.float32,
) -> tuple[Tensor, Tensor, Tensor]:
    """Some elements of `alpha * mat1 @ mat2`, and `beta` times the values that a sparse matrix has there.

    Args:
      indices: Tensor of integers, shape `(..., n, 2)`: rows and columns.
      values: Tensor, shape `(..., n)`.
      dense_shape: the shape `(rows, columns)`.
      mat1: Tensor, shape `(..., rows, k)`.
      mat2: Tensor, shape `(..., k, columns)`.
      beta, alpha: numbers.
      output_type: dtype of the matrices and the result.
    Returns:
      Indices, values and shape of the result.
    Raises:
      ValueError: `dense_shape` is not that of the product.
    Example:
      >>> _, values, _ = tf.sparse.sampled_addmm([[0, 1]], [10.0], [2, 2], [[1.0], [2.0]], [[3.0, 4.0]])
      >>> print(values.numpy())
      [14.]
    """
    indices, shape = convert(indices), convert(dense_shape, dtypes.int32)
    values, mat1, mat2 = (convert(x, output_type) for x in (values, mat1, mat2))
    wanted = (*mat1._array.shape[-2:-1], *mat2._array.shape[-1:])
    if not static.is_traced(shape) and tuple(shape._array.tolist()) != wanted:
        raise ValueError(
            f"tf.sparse.sampled_addmm: dense_shape is {shape._array.tolist()}, and the product's {wanted}."
        )
    batch_dims = mat1._array.ndim - 2
    columns = join.concat([indices[..., :-2], indices[..., -1:]], -1)
    rows = gather_ops.gather_nd(mat1, indices[..., :-1], batch_dims=batch_dims)
    others = gather_ops.gather_nd(matrix_transpose(mat2), columns, batch_dims=batch_dims)
    return indices, reduce.reduce_sum(rows * others, -1) * alpha + values * beta, shape
