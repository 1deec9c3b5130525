"""Sorting, search in what is sorted, and checks of order."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from tenfold.compiler.program import NotLowered
from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import logic, reduce, static
from tenfold.ops.top_k import TOP_K, checked_type, swap_with_last, top_k

_POSITION = NotDifferentiable("the result is a position")


def _reversed(x: Tensor) -> Tensor:
    """The same numbers in reversed order: smaller ones become larger. Its own inverse."""
    if x.dtype.is_integer:
        return (x.dtype.max if x.dtype.is_unsigned else -1) - x
    return -x


def _sorted(what: str, values: Any, axis: Any, direction: str) -> tuple[Tensor, Tensor]:
    """Values and positions along an axis, in order."""
    if direction not in ("ASCENDING", "DESCENDING"):
        raise ValueError(
            f"Argument `direction` should be one of ASCENDING, DESCENDING. Received: direction={direction}"
        )
    x = convert(values)
    TOP_K.require(x._array)
    rank = x._array.ndim
    axis = static.positive_axis(static.known_axis(axis, what), rank, what)
    is_last, is_ascending = axis == rank - 1, direction == "ASCENDING"
    if not is_last:
        x = swap_with_last(x, axis)
    result, order = top_k(_reversed(x) if is_ascending else x, x._array.shape[-1])
    if is_ascending:
        result = _reversed(result)
    return (result, order) if is_last else (swap_with_last(result, axis), swap_with_last(order, axis))


def sort(values: Any, axis: Any = -1, direction: str = "ASCENDING", name: str | None = None) -> Tensor:
    """Sorts along an axis.

    Args:
      values: Tensor of a real dtype, with at least one axis.
      axis: int.
      direction: "ASCENDING" or "DESCENDING".
    Raises:
      ValueError: `direction` is neither.
      tf.errors.InvalidArgumentError: `axis` is out of range, or the dtype has no order.
    Example:
      >>> print(tf.sort([3, 1, 2]).numpy(), tf.sort([3, 1, 2], direction="DESCENDING").numpy())
      [1 2 3] [3 2 1]
    """
    return _sorted("tf.sort", values, axis, direction)[0]


def argsort(
    values: Any, axis: Any = -1, direction: str = "ASCENDING", stable: bool = False, name: str | None = None
) -> Tensor:
    """The int32 positions that sort a tensor along an axis; arguments as in `tf.sort`.

    Args:
      stable: whether equal elements keep their order; they always do.
    Example:
      >>> print(tf.argsort([3, 1, 2, 1]).numpy())
      [1 3 2 0]
    """
    return _sorted("tf.argsort", values, axis, direction)[1]


# Search.


def _bound_kernel(side: Any) -> Any:
    def kernel(sorted_inputs, values, *, out_type=dtypes.int32):
        dtype = checked_type(out_type, "int32 int64", "out_type")
        if sorted_inputs.ndim != 2 or values.ndim != 2 or len(sorted_inputs) != len(values):
            raise ValueError("Leading dim_size of both tensors must match")
        if values.dtype.kind == "V":  # NumPy does not know that nothing is less than a NaN of bfloat16
            sorted_inputs, values = sorted_inputs.astype(np.float32), values.astype(np.float32)
        out = np.empty(values.shape, dtype)
        for i, (row, sought) in enumerate(zip(sorted_inputs, values, strict=True)):
            out[i] = row.searchsorted(sought, side)
        if side == "left" and values.dtype.kind == "f":
            out[np.isnan(values)] = 0  # as no element is less
        return out

    return kernel


_FEW = 32  # elements of a row: all of them are compared


def lower_search(b: Any, rows: Any, sought: Any, side: str) -> Any:
    """Where in sorted rows (r, n) each of (r, m) would have to be inserted, int32 (r, m)."""

    def is_before(x: Any, y: Any) -> Any:
        return b.lt(x, y) if side == "left" else b.logical_not(b.lt(y, x))

    width, shape = rows.shape[1], sought.shape
    if width <= _FEW:
        x, y = (b.broadcast_to(b.expand_dims(v, [a]), (*shape, width)) for v, a in ((rows, 1), (sought, 2)))
        return b.reduce_sum(b.cast(is_before(x, y), np.int32), [2])
    found = b.full(shape, 0, np.int32)
    for bit in reversed(range(width.bit_length())):
        last = found + ((1 << bit) - 1)
        is_inside = b.lt(last, width)
        x = b.gather(rows, b.select(is_inside, last, 0), axis=1, batch_dims=1)
        found = b.select(b.logical_and(is_inside, is_before(x, sought)), last + 1, found)
    return found


def _bound(name: str, side: Any) -> Op:
    def lower(b, sorted_inputs, values, *, out_type=dtypes.int32):
        if sorted_inputs.ndim != 2 or values.ndim != 2 or len({sorted_inputs.shape[0], values.shape[0]}) > 1:
            raise NotLowered("errors")
        return b.cast(lower_search(b, sorted_inputs, values, side), out_type._np)

    return register(Op(name, _bound_kernel(side), vjp=_POSITION, lower=lower))


LOWER_BOUND = _bound("LowerBound", "left")
UPPER_BOUND = _bound("UpperBound", "right")


def searchsorted(
    sorted_sequence: Any, values: Any, side: str = "left", out_type: Any = dtypes.int32, name: str | None = None
) -> Tensor:
    """Where values would have to be inserted into sorted rows to keep them sorted.

    Args:
      sorted_sequence: Tensor, shape `(..., n)`, rising along its last axis.
      values: Tensor of its dtype, shape `(..., m)`, with the same leading axes.
      side: "left" for the position before equal elements, "right" for the one after them.
      out_type: int32 or int64.
    Raises:
      ValueError: `side` is neither.
      tf.errors.InvalidArgumentError: the leading axes or the dtypes differ.
    Example:
      >>> print(tf.searchsorted([1, 3, 5], [0, 3, 6]).numpy(), tf.searchsorted([1, 3, 5], [3], side="right").numpy())
      [0 1 3] [2]
    """
    if side not in ("left", "right"):
        raise ValueError(f"Argument `side` must be either 'right' or 'left'. Received: `side` = {side!r}.")
    op = LOWER_BOUND if side == "left" else UPPER_BOUND
    x, sought = convert(sorted_sequence), convert(values)
    op.require(x._array, sought._array)
    if not (x._array.ndim and sought._array.ndim):
        raise InvalidArgumentError("tf.searchsorted: sorted_sequence and values must have at least one axis.")
    rows, sought_rows = (array_ops.reshape(t, (prod(t._array.shape[:-1]), t._array.shape[-1])) for t in (x, sought))
    return array_ops.reshape(op(rows, sought_rows, out_type=dtypes.as_dtype(out_type)), sought._array.shape)


# Checks of order.


def _neighbours(x: Any) -> tuple[Tensor, Tensor]:
    """Each element but the last, and the one after it, in the order of the elements in memory."""
    x = convert(x)
    if not x.dtype.is_numeric:
        raise TypeError(f"Expected x to be numeric, instead found: {x}")
    flat = array_ops.reshape(x, (-1,))
    return flat[:-1], flat[1:]


def is_non_decreasing(x: Any, name: str | None = None) -> Tensor:
    """Whether no element is smaller than the one before it, as a Tensor of bool; the shape does not matter.

    Raises:
      TypeError: the dtype is not numeric.
    Example:
      >>> tf.math.is_non_decreasing([1, 2, 2]).numpy().item()
      True
    """
    before, after = _neighbours(x)
    return reduce.reduce_all(logic.less_equal(before, after))


def is_strictly_increasing(x: Any, name: str | None = None) -> Tensor:
    """Whether every element is larger than the one before it, as a Tensor of bool; the shape does not matter.

    Raises:
      TypeError: the dtype is not numeric.
    Example:
      >>> tf.math.is_strictly_increasing([1, 2, 2]).numpy().item()
      False
    """
    before, after = _neighbours(x)
    return reduce.reduce_all(logic.less(before, after))
