"""Reductions over segments whose ids are sorted, one id for each row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.compiler.program import NotLowered
from tenfold.core.convert import convert
from tenfold.core.dtypes import NUMERIC, REAL
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.symbol import Spec, may_equal
from tenfold.core.tensor import Tensor
from tenfold.ops import cast as cast_ops
from tenfold.ops import creation, elementwise
from tenfold.ops import gather as gather_ops
from tenfold.ops.extremes import highest, lowest
from tenfold.ops.large import first_larger_than, when_large
from tenfold.ops.segment import (
    combine,
    extreme_gradient,
    positions,
    prod_gradient,
    spread,
    unsorted_segment_prod,
    unsorted_segment_sum,
)


def sorted_ids(segment_ids: np.ndarray) -> tuple[np.ndarray, int]:
    """Ids, checked, and the number of segments."""
    ids = positions(segment_ids, "segment_ids")
    if ids.ndim != 1:
        raise ValueError("segment_ids should be a vector")
    if not len(ids):
        return ids, 0
    if (ids[1:] < ids[:-1]).any():
        i = np.flatnonzero(ids[1:] < ids[:-1])[0] + 1
        raise InvalidArgumentError(
            f"segment ids are not increasing: segment_ids[{i}] = {ids[i]} is below the one before, {ids[i - 1]}. Sort them."
        )
    if ids[0] < 0:
        raise InvalidArgumentError(f"segment ids must be >= 0, but segment_ids[0] = {ids[0]}.")
    return ids, int(ids[-1]) + 1


SEGMENT_COUNT = Op(
    "SegmentCount",
    lambda segment_ids: np.int64(sorted_ids(segment_ids)[1]),
    vjp=NotDifferentiable("the result is an integer"),
)


def segments_spec(data, *_, **__):
    """As many segments as the ids say."""
    return Spec.rows(data.dtype, data.shape[1:])


def segment_sizes(ids: np.ndarray, count: int, rank: int) -> np.ndarray:
    """How many rows each segment has, broadcasting against segments of `rank` axes."""
    return np.bincount(ids, minlength=count).reshape((count,) + (1,) * (rank - 1))


def lower_sizes(b: Any, data: Any, ids: Any, num_segments: int, dtype: Any) -> Any:
    """How many rows each segment has, broadcasting against the segments of `data`."""
    sizes = b.segment_sum(b.full(ids.shape, 1, dtype), ids, num_segments)
    return b.reshape(sizes, (num_segments, *[1] * (data.ndim - 1)))


def _check_shapes(data: Any, segment_ids: Any) -> None:
    if segment_ids.ndim != 1:
        raise ValueError("segment_ids should be a vector")
    if not data.ndim:
        raise ValueError("input must be at least rank 1")
    if not may_equal(data.shape[:1], segment_ids.shape):
        raise ValueError("segment_ids should be the same size as dimension 0 of input")


def _spec(data, segment_ids):
    _check_shapes(data, segment_ids)
    return segments_spec(data)


def _known_spec(data, segment_ids, *, num_segments):
    _check_shapes(data, segment_ids)
    return Spec(data.dtype, (num_segments, *data.shape[1:]))


def _mean(data: np.ndarray, ids: np.ndarray, count: int) -> np.ndarray:
    dtype = data.dtype
    total = combine(np.add, data.astype(np.float32) if dtype.char in "eE" else data, ids, count, 0)
    sizes = np.maximum(segment_sizes(ids, count, data.ndim), 1)
    if dtype.kind in "iu":  # towards zero, as C++ divides
        wide = np.int64 if dtype.kind == "i" else np.uint64
        total, sizes = total.astype(wide), sizes.astype(wide)
        return ((total - np.fmod(total, sizes)) // sizes).astype(dtype)
    return (total / sizes.astype(total.real.dtype)).astype(dtype, copy=False)


def _lower_mean(b, data, ids, num_segments):
    total = b.segment_sum(data, ids, num_segments)
    if data.dtype.kind not in "iu":
        return total / b.maximum(lower_sizes(b, data, ids, num_segments, data.dtype), 1)
    wide = np.int64 if data.dtype.kind == "i" else np.uint64
    sizes = b.maximum(lower_sizes(b, data, ids, num_segments, wide), 1)
    return b.cast(b.trunc_div(b.cast(total, wide), sizes), data.dtype)


def _extreme(ufunc: np.ufunc, identity: Callable) -> Callable:
    def reduce(data: np.ndarray, ids: np.ndarray, count: int) -> np.ndarray:
        out = combine(ufunc, data, ids, count, identity(data.dtype))
        out[np.bincount(ids, minlength=count) == 0] = 0
        return out

    return reduce


def _lower_extreme(combine: str, identity: Callable) -> Callable:
    def lower(b, data, ids, num_segments):
        found = b.segment_fold(combine, data, ids, num_segments, identity(data.dtype))
        return b.select(b.gt(lower_sizes(b, data, ids, num_segments, np.int32), 0), found, 0)

    return lower


# The gradients know how many segments there are: as many as `dy` has rows.


def _mean_vjp(dy, segment_ids):
    sizes = unsorted_segment_sum(creation.ones_like(segment_ids), segment_ids, dy._array.shape[0])
    sizes = cast_ops.cast(elementwise.maximum(sizes, 1), dy.dtype)
    return gather_ops.gather(dy / spread(sizes, dy._array.ndim), segment_ids)


def _extreme_vjp(dy, data, segment_ids, out):
    return extreme_gradient(
        dy,
        data,
        out,
        lambda x: gather_ops.gather(x, segment_ids),
        lambda x: unsorted_segment_sum(x, segment_ids, dy._array.shape[0]),
    )


def _prod_vjp(dy, data, segment_ids):
    return prod_gradient(
        dy,
        data,
        lambda x: gather_ops.gather(x, segment_ids),
        lambda x: unsorted_segment_sum(x, segment_ids, dy._array.shape[0]),
        lambda x: unsorted_segment_prod(x, segment_ids, dy._array.shape[0]),
    )


def changes_often(*_: Any, **__: Any) -> bool:
    """As a `saves_much`: the number of segments may be another one each time."""
    return False


def _segment(
    name: str, reduce: Callable, lower: Callable, types: frozenset, vjp: Callable
) -> Callable[[Any, Any], Tensor]:
    """Registers the op, and returns the function that runs it."""

    def of_so_many(data, segment_ids, *, num_segments):
        _check_shapes(data, segment_ids)
        return reduce(data, positions(segment_ids, "segment_ids"), num_segments)

    def lower_of_so_many(b, data, segment_ids, *, num_segments):
        if not num_segments:
            raise NotLowered("there are no segments")
        return lower(b, data, segment_ids, num_segments)

    known = when_large(
        Op(
            name,
            of_so_many,
            vjp=NotDifferentiable("it stands for an op without the number"),
            infer=_known_spec,
            lower=lower_of_so_many,
        ),
        first_larger_than(1 << 16),
        changes_often,
    )

    def kernel(data, segment_ids):
        _check_shapes(data, segment_ids)
        return known.kernel(data, segment_ids, num_segments=sorted_ids(segment_ids)[1])

    op = register(Op(name, kernel, types=types, vjp=(vjp, None), infer=_spec, by_count=(SEGMENT_COUNT, known)))

    def run(data: Any, segment_ids: Any) -> Tensor:
        data = convert(data)
        op.require(data._array)
        return op(data, convert(segment_ids))

    return run


_segment_sum = _segment(
    "SegmentSum",
    lambda data, ids, count: combine(np.add, data, ids, count, 0),
    lambda b, data, ids, count: b.segment_sum(data, ids, count),
    NUMERIC,
    lambda dy, segment_ids: gather_ops.gather(dy, segment_ids),
)
_segment_prod = _segment(
    "SegmentProd",
    lambda data, ids, count: combine(np.multiply, data, ids, count, 1),
    lambda b, data, ids, count: b.segment_fold("mul", data, ids, count, 1),
    NUMERIC,
    _prod_vjp,
)
_segment_mean = _segment("SegmentMean", _mean, _lower_mean, NUMERIC, _mean_vjp)
_segment_max = _segment(
    "SegmentMax", _extreme(np.maximum, lowest), _lower_extreme("maximum", lowest), REAL, _extreme_vjp
)
_segment_min = _segment(
    "SegmentMin", _extreme(np.minimum, highest), _lower_extreme("minimum", highest), REAL, _extreme_vjp
)


def segment_sum(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """Sums the rows of each segment.

    Args:
      data: Tensor, shape `(n, ...)`, of a numeric dtype.
      segment_ids: Tensor, shape `(n,)`, int32 or int64, not negative and in rising order.
    Returns:
      Tensor, shape `(last id + 1, ...)`; 0 where an id is missing.
    Raises:
      tf.errors.InvalidArgumentError: the ids are not sorted, negative or not as many as rows.
    Example:
      >>> print(tf.math.segment_sum([1, 2, 3], [0, 0, 2]).numpy())
      [3 0 3]
    """
    return _segment_sum(data, segment_ids)


def segment_mean(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """The mean of the rows of each segment; arguments as in `tf.math.segment_sum`. Integers are cut towards zero.

    Example:
      >>> print(tf.math.segment_mean([1.0, 2.0, 3.0], [0, 0, 2]).numpy())
      [1.5 0.  3. ]
    """
    return _segment_mean(data, segment_ids)


def segment_prod(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """The product of the rows of each segment; arguments as in `tf.math.segment_sum`. 1 where an id is missing.

    Example:
      >>> print(tf.math.segment_prod([2, 3, 4], [0, 0, 2]).numpy())
      [6 1 4]
    """
    return _segment_prod(data, segment_ids)


def segment_max(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """The largest of the rows of each segment, element by element; arguments as in `tf.math.segment_sum`.

    0 where an id is missing. The gradient is shared equally among the elements that are the largest.

    Example:
      >>> print(tf.math.segment_max([1, 2, 3], [0, 0, 2]).numpy())
      [2 0 3]
    """
    return _segment_max(data, segment_ids)


def segment_min(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """The smallest of the rows of each segment, element by element; the counterpart of `tf.math.segment_max`.

    Example:
      >>> print(tf.math.segment_min([1, 2, 3], [0, 0, 2]).numpy())
      [1 0 3]
    """
    return _segment_min(data, segment_ids)
