"""Tensors of regular numbers: ranges, grids, one-hot rows, masks of lengths."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import as_dtype
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import NotDifferentiable, Op, register, wrong_type
from tenfold.core.symbol import Size, Spec, Symbol, may_equal
from tenfold.core.tensor import Tensor, wrap
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import elementwise, extremes, join, logic, row_rules, sizes, static
from tenfold.ops import gather as gather_ops
from tenfold.ops import index as index_ops

_RANGE_TYPES = (dtypes.int32, dtypes.int64, dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64)


def _require_scalars(start: Any, limit: Any, delta: Any) -> None:
    for what, value in ("start", start), ("limit", limit), ("delta", delta):
        if value.shape and not may_equal(value.shape, (1,) * value.ndim):
            raise ValueError(f"{what} must be a scalar, not of shape {value.shape}")


def _range_kernel(start, limit, delta):
    RANGE.require(start, limit, delta)
    _require_scalars(start, limit, delta)
    first, end, step = start.reshape(-1)[0], limit.reshape(-1)[0], delta.reshape(-1)[0]
    if step == 0:
        raise ValueError("Requires delta != 0")
    if (step > 0 and first > end) or (step < 0 and first < end):
        raise ValueError(f"Requires start <= limit when delta > 0 and start >= limit when delta < 0: {first}, {end}")
    if start.dtype.kind in "iu":
        return np.arange(first, end, step, dtype=start.dtype)
    count = np.ceil(np.abs((np.float64(end) - np.float64(first)) / np.float64(step)))
    if not count < 2**63:
        raise ValueError(f"Requires a number of steps, there are {count} from {first} to {end} by {step}")
    count = int(count)
    return (first + np.arange(count).astype(start.dtype) * step).astype(start.dtype)


def _range_spec(start, limit, delta):
    """As many numbers as the limit says where they count up from 0; else how many is not known."""
    _require_scalars(start, limit, delta)
    if type(limit) is Symbol and limit.value is not None and start.size == 1 and delta.size == 1:
        if type(start) is type(delta) is np.ndarray and not start.any() and delta.reshape(-1)[0] == 1:
            return Spec(limit.dtype, (limit.value.reshape(-1)[0],))
    return Spec(limit.dtype, (None,), (3,))


RANGE = register(
    Op(
        "Range",
        _range_kernel,
        types=_RANGE_TYPES,
        vjp=NotDifferentiable("TensorFlow has no gradient"),
        infer=_range_spec,
    )
)


def range(start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str = "range") -> Tensor:
    """The numbers from `start` up to but without `limit`, `delta` apart; `tf.range(n)` begins at 0.

    Args:
      start: first number; the limit, if that is not given.
      limit: end, itself not included.
      delta: step, not 0; negative to count down.
      dtype: type of the result; by default the widest of the arguments' types.
    Raises:
      tf.errors.InvalidArgumentError: `delta` is 0 or leads away from `limit`.
    Example:
      >>> print(tf.range(3, 18, 5).numpy())
      [ 3  8 13]
    """
    if limit is None:
        start, limit = 0, start
    if dtype is None and type(start) is type(limit) is type(delta) is int:
        if delta and (limit - start) * delta >= 0 and max(-start, start, limit, -limit, delta, -delta) < 2**31:
            return wrap(np.arange(start, limit, delta, dtype=np.int32))
    dtype = None if dtype is None else as_dtype(dtype)
    parts = [x if isinstance(x, Tensor) else convert(x, dtype) for x in (start, limit, delta)]
    if dtype is None:
        for part in parts:
            if part.dtype not in _RANGE_TYPES:
                raise wrong_type(f"tf.range: {part.dtype.name} is not a type it can count in.")
        dtype = max([part.dtype for part in parts], key=_RANGE_TYPES.index)
    return RANGE(*[part if part.dtype is dtype else cast_ops.cast(part, dtype) for part in parts])


def linspace(start: Any, stop: Any, num: Any, name: str | None = None, axis: int = 0) -> Tensor:
    """`num` evenly spaced values from `start` to `stop`, both included.

    Args:
      start: Tensor of a floating dtype (or integers: the result is then float64); any shape.
      stop: Tensor of the same dtype, whose shape broadcasts with that of `start`.
      num: how many.
      axis: the axis of the result along which the values change.
    Raises:
      tf.errors.InvalidArgumentError: `num` is negative, or there is no such axis.
    Example:
      >>> print(tf.linspace(0.0, 1.0, 5).numpy())
      [0.   0.25 0.5  0.75 1.  ]
    """
    start = convert(start)
    stop = convert(stop, start.dtype)
    count, axis = (static.integer(n, "tf.linspace") for n in (num, axis))
    if type(axis) is Size:
        values = linspace(start, stop, num)
        place = convert(axis, dtypes.int32)
        return gather_ops.with_first_axis_at(values, gather_ops.where(place < 0, place + values._array.ndim, place))
    if count < 0:
        raise InvalidArgumentError(f"tf.linspace: num is {count}; it must not be negative.")
    shape = array_ops.broadcast_dynamic_shape(sizes.shape(start), sizes.shape(stop))
    start, stop = (array_ops.expand_dims(array_ops.broadcast_to(x, shape), axis) for x in (start, stop))
    rank = start._array.ndim
    axis = static.positive_axis(axis, rank, "tf.linspace")
    gaps: Any = elementwise.maximum(convert(count - 1), 1) if type(count) is Size else max(count - 1, 1)
    delta = (stop - start) / cast_ops.cast(gaps, start.dtype)
    start, stop = cast_ops.cast(start, delta.dtype), cast_ops.cast(stop, delta.dtype)
    steps = cast_ops.cast(range(1, gaps), delta.dtype)
    inner = start + delta * array_ops.reshape(steps, (-1,) + (1,) * (rank - 1 - axis))
    whole = join.concat([start, inner, stop], axis)
    return index_ops.slice(whole, [0] * rank, [count if i == axis else -1 for i, _ in enumerate(whole._array.shape)])


def meshgrid(*args: Any, **kwargs: Any) -> list[Tensor]:
    """Coordinates of the points of a grid, one tensor for each of the axes given as vectors.

    Args:
      *args: vectors.
      indexing: "xy" (the first two axes of the results are y and x) or "ij" (the axes in the order of the vectors).
    Raises:
      ValueError: `indexing` is neither.
      TypeError: there is another keyword argument.
    Example:
      >>> [grid.numpy().tolist() for grid in tf.meshgrid([1, 2], [3, 4], indexing="ij")]
      [[[1, 1], [2, 2]], [[3, 4], [3, 4]]]
    """
    indexing = kwargs.pop("indexing", "xy")
    kwargs.pop("name", None)
    if kwargs:
        raise TypeError(f"'{next(iter(kwargs))}' is an invalid keyword argument for this function")
    if indexing not in ("xy", "ij"):
        raise ValueError(f"tf.meshgrid: Argument `indexing` is {indexing!r}; it must be 'xy' or 'ij'.")
    vectors = [array_ops.reshape(x, (-1,)) for x in args]
    order = list(builtins.range(len(vectors)))
    if indexing == "xy" and len(vectors) > 1:
        order[:2] = [1, 0]
    shape = tuple([vectors[i]._array.size for i in order])
    return [
        array_ops.broadcast_to(array_ops.reshape(x, (-1,) + (1,) * (len(order) - 1 - order.index(i))), shape)
        for i, x in enumerate(vectors)
    ]


def _one_hot_kernel(indices, on_value, off_value, *, depth, axis=-1):
    ONE_HOT.require(on_value, off_value)
    if indices.dtype not in (np.uint8, np.int8, np.int32, np.int64):
        raise wrong_type(f"tf.one_hot: indices are {indices.dtype}; they must be uint8, int8, int32 or int64.")
    if on_value.ndim or off_value.ndim:
        raise ValueError("on_value and off_value must be scalars")
    if depth < 0:
        raise ValueError(f"depth must be non-negative, got: {depth}")
    if axis != -1 and not 0 <= axis <= indices.ndim:
        raise ValueError(f"axis must be -1 or in [0, {indices.ndim}], not {axis}")
    rows = np.zeros((*indices.shape, depth), on_value.dtype)
    if off_value[()] or on_value.dtype.kind == "O":
        rows[...] = off_value
    positions = np.arange(indices.size) * depth + indices.reshape(-1)
    rows.reshape(-1)[positions[((indices >= 0) & (indices < depth)).reshape(-1)]] = on_value
    return rows if axis == -1 else np.moveaxis(rows, -1, axis)


def _lower_one_hot(b, indices, on_value, off_value, *, depth, axis=-1):
    axis = indices.ndim if axis == -1 else axis
    if indices.dtype.itemsize == 1:
        indices = b.cast(indices, np.int32)
    shape = (*indices.shape[:axis], depth, *indices.shape[axis:])
    is_on = b.eq(b.iota(shape, axis, indices.dtype), b.expand_dims(indices, [axis]))
    return b.select(is_on, on_value, off_value)


def _one_hot_rows(node, values):
    rows = row_rules.first(node, values)
    along = node.attrs.get("axis", -1) % node.outputs[0].ndim
    return rows.axis + (along <= rows.axis), rows.outer


ONE_HOT = register(
    Op(
        "OneHot",
        _one_hot_kernel,
        host=("depth",),
        vjp=NotDifferentiable("the input is an integer"),
        lower=_lower_one_hot,
        rows=_one_hot_rows,
    )
)


def one_hot(
    indices: Any,
    depth: Any,
    on_value: Any = None,
    off_value: Any = None,
    axis: int | None = None,
    dtype: Any = None,
    name: str | None = None,
) -> Tensor:
    """Vectors of length `depth` that are `on_value` at an index and `off_value` elsewhere.

    Args:
      indices: Tensor of uint8, int8, int32 or int64; indices out of range give a vector of `off_value`.
      depth: length of the new axis.
      on_value: scalar, 1 by default.
      off_value: scalar, 0 by default.
      axis: where the new axis stands in the result; last by default.
      dtype: type of the result; by default that of the values, or float32.
    Raises:
      TypeError: `dtype`, `on_value` and `off_value` are of different types.
      tf.errors.InvalidArgumentError: `depth` is negative or `axis` is out of range.
    Example:
      >>> print(tf.one_hot([0, 2, -1], depth=3).numpy())
      [[1. 0. 0.]
       [0. 0. 1.]
       [0. 0. 0.]]
    """
    wanted = None if dtype is None else as_dtype(dtype)
    given = [None if value is None else convert(value, None, wanted) for value in (on_value, off_value)]
    for value, which in zip(given, ("on_value", "off_value"), strict=True):
        wanted = wanted or (None if value is None else value.dtype)
        if value is not None and value.dtype is not wanted:
            raise TypeError(f"tf.one_hot: {which} is {value.dtype.name}, but the result is to be {wanted.name}.")  # type: ignore[union-attr]
    wanted = wanted or dtypes.float32
    on, off = (convert(i, wanted) if value is None else value for i, value in zip((1, 0), given, strict=True))
    depth = static.scalar(depth, "tf.one_hot")
    axis = -1 if axis is None else static.known_axis(axis, "tf.one_hot")
    return ONE_HOT(convert(indices, None, dtypes.int64), on, off, depth=depth, axis=axis)


def sequence_mask(lengths: Any, maxlen: Any = None, dtype: Any = dtypes.bool, name: str | None = None) -> Tensor:
    """For each length a vector whose first so many elements are True.

    Args:
      lengths: integer Tensor of any shape.
      maxlen: length of the new last axis; by default the longest length.
      dtype: type of the result.
    Raises:
      ValueError: `maxlen` is not a scalar.
    Example:
      >>> print(tf.sequence_mask([1, 3], 3).numpy())
      [[ True False False]
       [ True  True  True]]
    """
    lengths = convert(lengths)
    if maxlen is None:
        longest = extremes.reduce_max(lengths) if lengths._array.size else 0
        maxlen = elementwise.maximum(longest, convert(0, lengths.dtype))
    maxlen = convert(maxlen)
    if maxlen._array.ndim:
        raise ValueError(f"tf.sequence_mask: maxlen has shape {maxlen._array.shape}; it must be a scalar.")
    positions = RANGE(convert(0, maxlen.dtype), maxlen, convert(1, maxlen.dtype))
    mask = logic.less(positions, array_ops.expand_dims(cast_ops.cast(lengths, maxlen.dtype), -1))
    return mask if dtype is None else cast_ops.cast(mask, dtype)
