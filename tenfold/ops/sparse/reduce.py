"""Sums and maxima of sparse tensors over axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.core.dtypes import NUMERIC, REAL
from tenfold.core.op import Op, register, undefined_gradient
from tenfold.core.symbol import Spec
from tenfold.ops import array as array_ops
from tenfold.ops import gather as gather_ops
from tenfold.ops import static
from tenfold.ops.sparse.convert import sparse_input
from tenfold.ops.sparse.indices import check_bounds, check_parts, row_numbers
from tenfold.ops.sparse.tensor import SparseTensor


def _kept_axes(rank: int, axes: tuple[int, ...]) -> list[int]:
    """The axes that are not reduced."""
    for axis in axes:
        if not -rank <= axis < rank:
            raise ValueError(f"Invalid reduction dimension {axis}, for input with {rank} dimensions.")
    reduced = {axis % rank for axis in axes}
    return [axis for axis in range(rank) if axis not in reduced]


def _reduced(ufunc: np.ufunc, indices: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct rows of indices, and what a ufunc makes of the values of each."""
    (numbers,) = row_numbers(indices)
    order = np.argsort(numbers, kind="stable")
    begins = np.flatnonzero(np.diff(numbers[order], prepend=-1))
    if not len(begins):
        return indices[:0], values[:0]
    wide = values.astype(np.float32) if values.dtype.char in "eE" else values
    return indices[order][begins], ufunc.reduceat(wide[order], begins, dtype=wide.dtype).astype(values.dtype)


def _shape(shape: tuple[int, ...], kept: list[int], keep_dims: bool) -> tuple[int, ...]:
    return tuple([n if i in kept else 1 for i, n in enumerate(shape)] if keep_dims else [shape[i] for i in kept])


def _reduce(ufunc: np.ufunc, arrays: tuple, input_shape: Any, axes: Any) -> tuple[list[int], np.ndarray, np.ndarray]:
    indices, values = arrays
    check_parts(indices, values, np.array(input_shape))
    check_bounds(indices, np.array(input_shape))
    kept = _kept_axes(len(input_shape), axes)
    return kept, *_reduced(ufunc, indices[:, kept], values)


def _reduction(name: str, ufunc: np.ufunc, types: frozenset, vjp: Callable) -> tuple[Op, Op]:
    """Registers the op with a dense result, and the one with a sparse result."""

    def dense(input_indices, input_values, *, input_shape, reduction_axes, keep_dims=False):
        of_dense.require(input_values)
        kept, places, found = _reduce(ufunc, (input_indices, input_values), input_shape, reduction_axes)
        out = np.zeros([input_shape[i] for i in kept], input_values.dtype)
        out[tuple(places.T)] = found if kept else found.sum(dtype=found.dtype)  # of one at most
        return out.reshape(_shape(input_shape, kept, keep_dims))

    def sparse(input_indices, input_values, *, input_shape, reduction_axes, keep_dims=False):
        of_dense.require(input_values)
        kept, places, found = _reduce(ufunc, (input_indices, input_values), input_shape, reduction_axes)
        shape = np.array(_shape(input_shape, kept, keep_dims), np.int64)
        if keep_dims:
            all_places = np.zeros((len(places), len(shape)), np.int64)
            all_places[:, kept] = places
            places = all_places
        return places, found, shape

    def dense_spec(input_indices, input_values, *, input_shape, reduction_axes, keep_dims=False):
        return Spec(input_values.dtype, _shape(input_shape, _kept_axes(len(input_shape), reduction_axes), keep_dims))

    def sparse_specs(input_indices, input_values, *, input_shape, reduction_axes, keep_dims=False):
        rank = len(_shape(input_shape, _kept_axes(len(input_shape), reduction_axes), keep_dims))
        int64 = np.dtype(np.int64)
        return [Spec.rows(int64, (rank,)), Spec.rows(input_values.dtype), Spec(int64, (rank,))]

    host = ("input_shape", "reduction_axes")
    of_dense = register(Op(name, dense, types=types, host=host, vjp=vjp, infer=dense_spec))
    of_sparse = register(
        Op(
            f"{name}Sparse",
            sparse,
            types=types,
            host=host,
            vjp=undefined_gradient(f"{name}Sparse", has_outputs=True),
            outputs=("output_indices", "output_values", "output_shape"),
            infer=sparse_specs,
        )
    )
    return of_dense, of_sparse


def _sum_vjp(dy, input_indices, input_shape, reduction_axes):
    kept = _kept_axes(len(input_shape), reduction_axes)
    by_group = array_ops.reshape(dy, [input_shape[i] for i in kept])
    return None, gather_ops.gather_nd(by_group, gather_ops.gather(input_indices, np.array(kept, np.int32), axis=1))


SPARSE_REDUCE_SUM, SPARSE_REDUCE_SUM_SPARSE = _reduction("SparseReduceSum", np.add, NUMERIC, _sum_vjp)
SPARSE_REDUCE_MAX, SPARSE_REDUCE_MAX_SPARSE = _reduction(
    "SparseReduceMax", np.maximum, REAL, undefined_gradient("SparseReduceMax")
)


def _run(dense: Op, sparse: Op, what: str, sp_input: Any, axis: Any, keepdims: bool | None, is_sparse: bool) -> Any:
    sp = sparse_input(sp_input, "sp_input")
    shape = static.ints(sp.dense_shape, what)
    axes = tuple(range(len(shape))) if axis is None else static.ints(axis, what)
    attrs: dict[str, Any] = {"input_shape": shape, "reduction_axes": axes, "keep_dims": bool(keepdims)}
    if is_sparse:
        return SparseTensor(*sparse(sp.indices, sp.values, **attrs))
    return dense(sp.indices, sp.values, **attrs)


def reduce_max(
    sp_input: SparseTensor,
    axis: Any = None,
    keepdims: bool | None = None,
    output_is_sparse: bool = False,
    name: str | None = None,
) -> Any:
    """The largest of the values over axes; elements without a value do not count.

    Args:
      sp_input: SparseTensor of real numbers.
      axis: int, sequence of ints, or None for all axes; negative counts from the end.
      keepdims: whether reduced axes stay, with size 1.
      output_is_sparse: whether the result is a SparseTensor.
    Returns:
      Tensor or SparseTensor; a dense one is 0 where there was no value.
    Raises:
      TypeError: `sp_input` is no SparseTensor.
      tf.errors.InvalidArgumentError: there is no such axis.
    Example:
      >>> print(tf.sparse.reduce_max(tf.SparseTensor([[0, 0], [0, 2]], [-5, -6], [2, 3]), axis=1).numpy())
      [-5  0]
    """
    ops = SPARSE_REDUCE_MAX, SPARSE_REDUCE_MAX_SPARSE
    return _run(*ops, "tf.sparse.reduce_max", sp_input, axis, keepdims, output_is_sparse)


def reduce_sum(
    sp_input: SparseTensor,
    axis: Any = None,
    keepdims: bool | None = None,
    output_is_sparse: bool = False,
    name: str | None = None,
) -> Any:
    """The sum of the values over axes; arguments, result and errors are those of `tf.sparse.reduce_max`.

    Example:
      >>> print(tf.sparse.reduce_sum(tf.SparseTensor([[0, 0], [0, 2]], [5, 6], [2, 3]), axis=1).numpy())
      [11  0]
    """
    ops = SPARSE_REDUCE_SUM, SPARSE_REDUCE_SUM_SPARSE
    return _run(*ops, "tf.sparse.reduce_sum", sp_input, axis, keepdims, output_is_sparse)
