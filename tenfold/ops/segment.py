"""Reductions over segments: rows that carry the same id are combined.

Here are the kernel and the gradients that all segment ops share, and the `unsorted_segment_*` ops, which take ids in any order
and of any shape, and leave out what has a negative one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.compiler.program import NotLowered, is_narrow
from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import NUMERIC, REAL
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import NotDifferentiable, Op, register, wrong_type
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import creation, elementwise, exponential, logic, scatter, static
from tenfold.ops import gather as gather_ops
from tenfold.ops.extremes import highest, lowest
from tenfold.ops.large import first_larger_than, when_large


def combine(ufunc: np.ufunc, rows: np.ndarray, ids: np.ndarray, count: int, initial: Any) -> np.ndarray:
    """`out[ids[i]] = ufunc(out[ids[i]], rows[i])` from `initial` on; ids are of type intp and in `range(count)`."""
    dtype = rows.dtype
    if dtype.char in "eE":  # half precision is summed in float32 and rounded once
        return combine(ufunc, rows.astype(np.float32), ids, count, np.float32(initial)).astype(dtype)
    out = np.zeros((count, *rows.shape[1:]), dtype)
    if initial:
        out.fill(initial)
    scatter.accumulate(ufunc, out, ids, rows)
    return out


def sum_rows(rows: np.ndarray, ids: np.ndarray, count: int) -> np.ndarray:
    """`combine` for sums, as machine code where there are many rows: for callers whose shapes are the same each time."""
    return SUM_ROWS.kernel(rows, ids, count=count)


SUM_ROWS = when_large(
    Op(
        "SumRows",
        lambda rows, ids, *, count: combine(np.add, rows, ids, count, 0),
        vjp=NotDifferentiable("it runs in optimizers only"),
        lower=lambda b, rows, ids, *, count: b.segment_sum(rows, ids, count),
    ),
    first_larger_than(1 << 16),  # elements: 0.2 ms for NumPy
)


def positions(ids: np.ndarray, what: str, allowed: str = "int32 int64") -> np.ndarray:
    """Ids or indices in NumPy's own type."""
    if ids.dtype.name not in allowed.split():
        raise wrong_type(f"{what} are of type {ids.dtype.name}; allowed are {allowed}")
    return ids.astype(np.intp, copy=False)


def spread(x: Tensor, rank: int) -> Tensor:
    """Appends axes of size 1, so that a value for each row broadcasts against the rows."""
    shape = x._array.shape
    return array_ops.reshape(x, shape + (1,) * (rank - len(shape)))


def extreme_gradient(dy: Tensor, data: Tensor, out: Tensor, gather: Callable, total: Callable) -> Tensor:
    """A segment's gradient is shared equally among the elements that are its extreme.

    `gather` hands each element what is of its segment, `total` sums a segment's elements.
    """
    is_extreme = logic.equal(data, gather(out))
    share = elementwise.divide_no_nan(dy, total(cast_ops.cast(is_extreme, dy.dtype)))  # a segment may be empty
    return gather_ops.where(is_extreme, gather(share), creation.zeros_like(data))


def prod_gradient(dy: Tensor, data: Tensor, gather: Callable, total: Callable, product: Callable) -> Tensor:
    """The product of a segment's other elements: that of its nonzero ones over x, or 0 if another one is zero."""
    data = elementwise.conj(data)
    is_zero = logic.equal(data, creation.zeros((), data.dtype))
    zero_count = cast_ops.cast(is_zero, dtypes.int32)
    other_zeros = gather(total(zero_count)) - zero_count
    nonzero = gather_ops.where(is_zero, creation.ones_like(data), data)
    others = gather(product(nonzero)) / nonzero
    return gather(dy) * gather_ops.where(logic.equal(other_zeros, 0), others, creation.zeros_like(data))


def _unsorted_kernel(ufunc: np.ufunc, initial: Callable, ids_types: str = "int32 int64") -> Callable:
    def kernel(data, segment_ids, *, num_segments):
        ids = positions(segment_ids, "segment_ids", ids_types)
        shape = data.shape
        if shape[: ids.ndim] != ids.shape:
            raise ValueError(f"data.shape = {list(shape)} does not start with segment_ids.shape = {list(ids.shape)}")
        if num_segments < 0:
            raise ValueError(f"Input num_segments == {num_segments} must not be negative")
        rows, ids = data.reshape(ids.size, *shape[ids.ndim :]), ids.reshape(-1)
        # As unsigned numbers, negative ids are too large as well.
        if ids.size and np.maximum.reduce(ids.view(np.uintp)) >= num_segments:
            too_large = np.flatnonzero(ids >= num_segments)
            if too_large.size:
                i = too_large[0]
                raise ValueError(f"segment_ids[{i}] = {ids[i]} is out of range [0, {num_segments})")
            is_kept = ids >= 0
            rows, ids = rows[is_kept], ids[is_kept]
        return combine(ufunc, rows, ids, num_segments, initial(data.dtype))

    return kernel


def _gather_kept(x: Tensor, ids: Tensor) -> Tensor:
    """What is of each element's segment; zeros for elements left out."""
    gathered = gather_ops.gather(x, elementwise.maximum(ids, creation.zeros_like(ids)))
    is_kept = spread(logic.greater_equal(ids, 0), gathered._array.ndim)
    return gather_ops.where(is_kept, gathered, creation.zeros_like(gathered))


def _unsorted_extreme_vjp(dy, data, segment_ids, out, num_segments):
    return extreme_gradient(
        dy,
        data,
        out,
        lambda x: _gather_kept(x, segment_ids),
        lambda x: unsorted_segment_sum(x, segment_ids, num_segments),
    )


def _unsorted_prod_vjp(dy, data, segment_ids, num_segments):
    return prod_gradient(
        dy,
        data,
        lambda x: _gather_kept(x, segment_ids),
        lambda x: unsorted_segment_sum(x, segment_ids, num_segments),
        lambda x: unsorted_segment_prod(x, segment_ids, num_segments),
    )


def _lowering(combine: str | None, initial: Callable) -> Callable:
    """Machine code of a reduction by a primitive, or of a sum."""

    def lower(b, data, ids, *, num_segments):
        if not num_segments:
            raise NotLowered("there are no segments")
        dtype, neutral = data.dtype, initial(data.dtype)
        if is_narrow(dtype):  # here, as the neutral number depends on the dtype
            data = b.cast(data, np.float32)
        if combine is None:
            return b.cast(b.segment_sum(data, ids, num_segments, skips_negative=True), dtype)
        return b.cast(b.segment_fold(combine, data, ids, num_segments, neutral, skips_negative=True), dtype)

    return lower


def _of_no_segments(data, segment_ids, *, num_segments):
    """What is known of a result without segments: the ids of samples, which are 0, would be out of range."""
    if type(num_segments) is not int or num_segments or data.shape is None or segment_ids.shape is None:
        return None
    return Spec(data.dtype, (0, *data.shape[len(segment_ids.shape) :]))


def _unsorted(name: str, kernel: Callable, types: frozenset, vjp: Callable, lower: Callable) -> Op:
    op = Op(name, kernel, host=("num_segments",), types=types, vjp=(vjp, None), infer=_of_no_segments, lower=lower)
    return register(when_large(op, first_larger_than(1 << 16)))


UNSORTED_SEGMENT_SUM = _unsorted(
    "UnsortedSegmentSum",
    _unsorted_kernel(np.add, lambda dtype: 0, "int16 int32 int64"),
    NUMERIC,
    lambda dy, segment_ids: _gather_kept(dy, segment_ids),
    _lowering(None, lambda dtype: 0),
)
UNSORTED_SEGMENT_PROD = _unsorted(
    "UnsortedSegmentProd",
    _unsorted_kernel(np.multiply, lambda dtype: 1),
    NUMERIC,
    _unsorted_prod_vjp,
    _lowering("mul", lambda dtype: 1),
)
UNSORTED_SEGMENT_MAX = _unsorted(
    "UnsortedSegmentMax",
    _unsorted_kernel(np.maximum, lambda dtype: lowest(dtype, infinite=False)),
    REAL,
    _unsorted_extreme_vjp,
    _lowering("maximum", lambda dtype: lowest(dtype, infinite=False)),
)
UNSORTED_SEGMENT_MIN = _unsorted(
    "UnsortedSegmentMin",
    _unsorted_kernel(np.minimum, lambda dtype: highest(dtype, infinite=False)),
    REAL,
    _unsorted_extreme_vjp,
    _lowering("minimum", lambda dtype: highest(dtype, infinite=False)),
)


def segment_count(num_segments: Any, what: str) -> int:
    """`num_segments` as a Python int."""
    try:
        return static.integer(num_segments, what)
    except TypeError as error:
        raise InvalidArgumentError(str(error)) from None


def _run(op: Op, what: str, data: Any, segment_ids: Any, num_segments: Any) -> Tensor:
    data = convert(data)
    op.require(data._array)
    return op(data, convert(segment_ids), num_segments=segment_count(num_segments, what))


def unsorted_segment_sum(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Tensor:
    """Sums what carries the same id; ids come in any order.

    Args:
      data: Tensor of a numeric dtype, whose shape begins with the shape of `segment_ids`.
      segment_ids: Tensor of int32 or int64, each below `num_segments`; what has a negative id is left out.
      num_segments: int, the number of segments.
    Returns:
      Tensor, shape `(num_segments, ...)` with `data`'s remaining axes; 0 where an id does not occur.
    Raises:
      tf.errors.InvalidArgumentError: an id is too large, the shapes do not fit, or `num_segments` is negative.
    Example:
      >>> print(tf.math.unsorted_segment_sum([1, 2, 3, 4], [2, 0, 2, -1], 3).numpy())
      [2 0 4]
    """
    return _run(UNSORTED_SEGMENT_SUM, "tf.math.unsorted_segment_sum", data, segment_ids, num_segments)


def unsorted_segment_prod(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Tensor:
    """The product of what carries the same id; arguments as in `tf.math.unsorted_segment_sum`. 1 where an id does not occur.

    Example:
      >>> print(tf.math.unsorted_segment_prod([1, 2, 3, 4], [2, 0, 2, -1], 3).numpy())
      [2 1 3]
    """
    return _run(UNSORTED_SEGMENT_PROD, "tf.math.unsorted_segment_prod", data, segment_ids, num_segments)


def unsorted_segment_max(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Tensor:
    """The largest of what carries the same id; arguments as in `tf.math.unsorted_segment_sum`.

    The least finite number where an id does not occur. The gradient is shared equally among the elements that are the
    largest.

    Example:
      >>> print(tf.math.unsorted_segment_max([1, 2, 3, 4], [1, 0, 1, -1], 2).numpy())
      [2 3]
    """
    return _run(UNSORTED_SEGMENT_MAX, "tf.math.unsorted_segment_max", data, segment_ids, num_segments)


def unsorted_segment_min(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Tensor:
    """The smallest of what carries the same id; the counterpart of `tf.math.unsorted_segment_max`.

    Example:
      >>> print(tf.math.unsorted_segment_min([1, 2, 3, 4], [1, 0, 1, -1], 2).numpy())
      [2 1]
    """
    return _run(UNSORTED_SEGMENT_MIN, "tf.math.unsorted_segment_min", data, segment_ids, num_segments)


def _sizes(data: Tensor, segment_ids: Tensor, num_segments: int) -> Tensor:
    """How many elements each segment has, at least 1, in `data`'s dtype and broadcasting against its segments."""
    if type(data) is not Tensor:  # rows of a ragged tensor may be too short to have a part in an element
        sizes = unsorted_segment_sum(creation.ones_like(data), segment_ids, num_segments)
        return cast_ops.cast(elementwise.maximum(sizes, 1), data.dtype)
    sizes = unsorted_segment_sum(creation.ones_like(segment_ids), segment_ids, num_segments)
    sizes = cast_ops.cast(elementwise.maximum(sizes, 1), data.dtype)
    return spread(sizes, data._array.ndim - segment_ids._array.ndim + 1)


def unsorted_segment_mean(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Tensor:
    """The mean of what carries the same id; arguments as in `tf.math.unsorted_segment_sum`. 0 where an id does not occur.

    Example:
      >>> print(tf.math.unsorted_segment_mean([1.0, 2.0, 3.0, 4.0], [2, 0, 2, -1], 3).numpy())
      [2. 0. 2.]
    """
    data, segment_ids = convert(data), convert(segment_ids)
    total = unsorted_segment_sum(data, segment_ids, num_segments)
    return total / _sizes(data, segment_ids, num_segments)


def unsorted_segment_sqrt_n(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Tensor:
    """The sum of what carries the same id over the square root of how much that is.

    Arguments as in `tf.math.unsorted_segment_sum`. 0 where an id does not occur.

    Example:
      >>> print(tf.math.unsorted_segment_sqrt_n([1.0, 2.0, 3.0, 5.0], [0, 0, 0, 0], 2).numpy())
      [5.5 0. ]
    """
    data, segment_ids = convert(data), convert(segment_ids)
    total = unsorted_segment_sum(data, segment_ids, num_segments)
    return total / exponential.sqrt(_sizes(data, segment_ids, num_segments))
