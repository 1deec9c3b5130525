"""Reductions over segments of rows that are picked by index: `tf.sparse.segment_*`, embeddings of bags of words."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from tenfold.compiler.program import NotLowered
from tenfold.core.convert import convert
from tenfold.core.dtypes import FLOATING, REAL
from tenfold.core.indexed_slices import IndexedSlices
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import cast as cast_ops
from tenfold.ops import creation, elementwise
from tenfold.ops import gather as gather_ops
from tenfold.ops.large import when_large
from tenfold.ops.segment import combine, positions, segment_count, spread, unsorted_segment_sum
from tenfold.ops.sorted_segment import SEGMENT_COUNT, changes_often, segment_sizes, segments_spec, sorted_ids


def _reduce(data, indices, segment_ids, num_segments, power):
    """Sums of the picked rows of each segment, over their number to the given power."""
    if not data.ndim:
        raise ValueError("input must be at least rank 1")
    rows = positions(indices, "indices")
    if rows.ndim != 1:
        raise ValueError("indices should be a vector")
    ids, count = sorted_ids(segment_ids)
    if len(ids) != len(rows):
        raise ValueError("segment_ids and indices should have same size")
    if num_segments < count:
        raise ValueError(f"segment ids must be < num_segments, but {count - 1} is not below {num_segments}")
    count = num_segments
    if rows.size and np.maximum.reduce(rows.view(np.uintp)) >= len(data):
        i = np.flatnonzero((rows < 0) | (rows >= len(data)))[0]
        raise ValueError(f"Bad: indices[{i}] == {rows[i]} out of range [0, {len(data)})")
    picked = data[rows]
    if not power:
        return combine(np.add, picked, ids, count, 0)
    if data.dtype.char in "eE":
        picked = picked.astype(np.float32)
    sizes = np.maximum(segment_sizes(ids, count, data.ndim), 1).astype(picked.dtype)
    return (combine(np.add, picked, ids, count, 0) / sizes**power).astype(data.dtype, copy=False)


def _sorted_unique_kernel(x):
    values, which = np.unique(x, return_inverse=True)
    return values, which.astype(x.dtype)


_SORTED_UNIQUE = Op(
    "SortedUnique",
    _sorted_unique_kernel,
    vjp=NotDifferentiable("the input is integers"),
    infer=lambda x: [Spec.rows(x.dtype), Spec(x.dtype, x.shape)],
)


def _lowering(power: float) -> Callable:
    def lower(b, data, indices, ids, *, num_segments, sparse_gradient=False):
        if not num_segments:
            raise NotLowered("there are no segments")
        ids = b.cast(ids, np.int64)
        if len(indices.shape) and indices.shape[0] > 1:
            before = b.concat([b.slice(ids, [0], [1]), b.slice(ids, [0], [ids.shape[0] - 1])], 0)
            ids = b.select(b.lt(ids, before), -1, ids)  # ids that fall are out of range
        total = b.segment_sum(b.gather(data, indices), ids, num_segments)
        if not power:
            return total
        sizes = b.maximum(b.segment_sum(b.full(ids.shape, 1, data.dtype), ids, num_segments), 1)
        return total / b.reshape(sizes if power == 1 else b.sqrt(sizes), (num_segments, *[1] * (data.ndim - 1)))

    return lower


def _vjp(power: float) -> Callable:
    def vjp(dy, data_shape, indices, segment_ids, sparse_gradient):
        if power:
            sizes = unsorted_segment_sum(creation.ones_like(segment_ids), segment_ids, dy._array.shape[0])
            sizes = cast_ops.cast(elementwise.maximum(sizes, 1), dy.dtype)
            dy = dy / spread(sizes**power, dy._array.ndim)
        dx = gather_ops.gather(dy, segment_ids)
        if not sparse_gradient:
            return unsorted_segment_sum(dx, indices, data_shape[0])
        rows, which = _SORTED_UNIQUE(indices)
        return IndexedSlices(unsorted_segment_sum(dx, which, rows._array.shape[0]), rows, data_shape)

    return vjp


def _is_large(data: np.ndarray, indices: np.ndarray, *_: Any, **__: Any) -> bool:
    return indices.size * prod(data.shape[1:]) > 1 << 16


def _segment(name: str, power: float, types: frozenset) -> Callable[..., Tensor]:
    """Registers an op without and one with a number of segments, and returns the function that runs one of them."""

    def kernel_with_count(data, indices, segment_ids, *, num_segments, sparse_gradient=False):
        return _reduce(data, indices, segment_ids, num_segments, power)

    def kernel(data, indices, segment_ids, *, sparse_gradient=False):
        return known.kernel(data, indices, segment_ids, num_segments=sorted_ids(segment_ids)[1])

    rules = (_vjp(power), None, None)

    def of_so_many(name: str) -> Op:
        op = Op(name, kernel_with_count, host=("num_segments",), types=types, vjp=rules, lower=_lowering(power))
        return when_large(op, _is_large, changes_often)

    known, op_with_count = of_so_many(name), register(of_so_many(f"{name}WithNumSegments"))
    op = register(Op(name, kernel, types=types, vjp=rules, infer=segments_spec, by_count=(SEGMENT_COUNT, known)))

    def run(what: str, data: Any, indices: Any, segment_ids: Any, num_segments: Any, sparse_gradient: bool) -> Tensor:
        data = convert(data)
        op.require(data._array)
        tensors = data, convert(indices), convert(segment_ids)
        if num_segments is None:
            return op(*tensors, sparse_gradient=sparse_gradient)
        count = segment_count(num_segments, what)
        return op_with_count(*tensors, num_segments=count, sparse_gradient=sparse_gradient)

    return run


_segment_sum = _segment("SparseSegmentSum", 0, REAL)
_segment_mean = _segment("SparseSegmentMean", 1, FLOATING)
_segment_sqrt_n = _segment("SparseSegmentSqrtN", 0.5, FLOATING)


def segment_sum(
    data: Any,
    indices: Any,
    segment_ids: Any,
    num_segments: Any = None,
    name: str | None = None,
    sparse_gradient: bool = False,
) -> Tensor:
    """Sums of picked rows, over segments.

    Args:
      data: Tensor, shape `(n, ...)`, of a real dtype.
      indices: Tensor, shape `(k,)`, int32 or int64: the rows that are picked.
      segment_ids: Tensor, shape `(k,)`, int32 or int64: the segment each of them goes to, in rising order.
      num_segments: int, the number of segments; one more than the last id by default.
      sparse_gradient: whether the gradient of `data` is an `tf.IndexedSlices` of the picked rows.
    Returns:
      Tensor, shape `(num_segments, ...)`; 0 where an id is missing.
    Raises:
      tf.errors.InvalidArgumentError: an index is out of range, or the ids are not sorted or too large.
    Example:
      >>> print(tf.sparse.segment_sum([10, 20, 30], [0, 2, 1], [0, 0, 1]).numpy())
      [40 20]
    """
    return _segment_sum("tf.sparse.segment_sum", data, indices, segment_ids, num_segments, sparse_gradient)


def segment_mean(
    data: Any,
    indices: Any,
    segment_ids: Any,
    num_segments: Any = None,
    name: str | None = None,
    sparse_gradient: bool = False,
) -> Tensor:
    """Means of picked rows, over segments; arguments as in `tf.sparse.segment_sum`, for floating dtypes.

    Example:
      >>> print(tf.sparse.segment_mean([10.0, 20.0, 30.0], [0, 2, 1], [0, 0, 1]).numpy())
      [20. 20.]
    """
    return _segment_mean("tf.sparse.segment_mean", data, indices, segment_ids, num_segments, sparse_gradient)


def segment_sqrt_n(
    data: Any,
    indices: Any,
    segment_ids: Any,
    num_segments: Any = None,
    name: str | None = None,
    sparse_gradient: bool = False,
) -> Tensor:
    """Sums of picked rows over the square root of their number; arguments as in `tf.sparse.segment_mean`.

    Example:
      >>> print(tf.sparse.segment_sqrt_n([1.0, 2.0, 3.0, 4.0], [0, 1, 2, 3], [0, 0, 0, 0]).numpy())
      [5.]
    """
    return _segment_sqrt_n("tf.sparse.segment_sqrt_n", data, indices, segment_ids, num_segments, sparse_gradient)
