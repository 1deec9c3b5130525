"""The largest and smallest elements along axes, and their positions."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import REAL, DType
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.tensor import Tensor
from tenfold.ops import cast as cast_ops
from tenfold.ops import logic, reduce, row_rules, static
from tenfold.ops.reduction import reduction, restore_axes

_LONG = 4096  # elements from which rows are reduced one by one: NumPy's own loop over a short last axis is slow

_FEW = 256  # elements for which nothing is faster than the plain call


@lru_cache(maxsize=16)
def row_starts(size: int, width: int) -> np.ndarray:
    """Where the rows of a contiguous array of so many elements begin; not to be written to."""
    return np.arange(0, size, width)


def largest_of_rows(x: np.ndarray) -> np.ndarray:
    """`np.maximum.reduce(x, -1, keepdims=True)`, which takes half as long again for 128 rows of 1000."""
    if x.size < _FEW or not x.flags.c_contiguous:
        return np.maximum.reduce(x, -1, keepdims=True)
    shape = x.shape
    starts = row_starts(x.size, shape[-1])
    return np.maximum.reduceat(x.reshape(-1), starts).reshape(*shape[:-1], 1)


def lowest(dtype: np.dtype, infinite: bool = True) -> Any:
    """The least number of a type: minus infinity, or the least finite one."""
    if dtype.kind in "iu":
        return np.iinfo(dtype).min
    return dtype.type(-np.inf) if infinite else dtypes._BY_NUMPY[dtype].min


def highest(dtype: np.dtype, infinite: bool = True) -> Any:
    """The greatest number of a type: infinity, or the greatest finite one."""
    if dtype.kind in "iu":
        return np.iinfo(dtype).max
    return dtype.type(np.inf) if infinite else dtypes._BY_NUMPY[dtype].max


def _extreme_kernel(ufunc: np.ufunc, identity: Callable) -> Callable:
    reduce, reduceat = ufunc.reduce, ufunc.reduceat

    def kernel(input, *, axis, keep_dims=False):
        if input.size > _LONG:
            if axis == (input.ndim - 1,) and input.flags.c_contiguous:
                rows = reduceat(input.reshape(-1), row_starts(input.size, input.shape[-1]))
                return rows.reshape(input.shape[:-1] + (1,) if keep_dims else input.shape[:-1])
        elif not input.size:
            return reduce(input, axis, keepdims=keep_dims, initial=identity(input.dtype))
        return reduce(input, axis, keepdims=keep_dims)

    return kernel


def _extreme_vjp(dy, input, out, axis):
    """The gradient is shared equally among the elements that are the extreme."""
    shape = input._array.shape
    is_extreme = cast_ops.cast(logic.equal(input, restore_axes(out, shape, axis)), dy.dtype)
    return is_extreme / reduce.reduce_sum(is_extreme, axis, True) * restore_axes(dy, shape, axis)


@reduction("Max", _extreme_kernel(np.maximum, lowest), types=REAL, vjp=_extreme_vjp, lower="reduce_max", large=True)
def reduce_max(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The largest element over axes; arguments as in `tf.reduce_sum`, for real dtypes.

    NaN wins over every number. No elements give minus infinity, or the least integer. The gradient is shared equally
    among the elements that are the largest.

    Example:
      >>> print(tf.reduce_max([[1, 2], [3, 4]], axis=1).numpy())
      [2 4]
    """


@reduction("Min", _extreme_kernel(np.minimum, highest), types=REAL, vjp=_extreme_vjp, lower="reduce_min", large=True)
def reduce_min(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The smallest element over axes; the counterpart of `tf.reduce_max`.

    Example:
      >>> print(tf.reduce_min([[1, 2], [3, 4]], axis=1).numpy())
      [1 3]
    """


def _position_kernel(find: Callable, worst: Callable, output_types: frozenset[DType]) -> Callable:
    def kernel(input, *, dimension, output_type=dtypes.int64):
        if not -input.ndim <= dimension < input.ndim:
            raise ValueError(f"Expected dimension in the range [{-input.ndim}, {input.ndim}), but got {dimension}")
        if not input.shape[dimension]:
            raise ValueError(f"Reduction axis {dimension} is empty in shape {list(input.shape)}")
        if output_type not in output_types:
            raise ValueError(f"Value for attr 'output_type' of {output_type.name} is not in the list of allowed values")
        if input.dtype.kind in "fV" and input.size:
            extreme = input.item(find(input))
            if extreme != extreme:  # NumPy finds NaN first, TensorFlow never
                input = np.where(np.isnan(input), worst(input.dtype), input)
        position = find(input, dimension)
        return position if output_type is dtypes.int64 else position.astype(output_type._np)

    return kernel


def _lower_position(find: str, worst: Callable) -> Callable:
    def lower(b, x, *, dimension, output_type=dtypes.int64):
        if x.dtype.kind == "f":
            x = b.select(b.is_nan(x), worst(x.dtype), x)  # TensorFlow never finds it
        elif x.dtype.kind == "b":
            x = b.cast(x, np.int8)
        return getattr(b, find)(x, dimension, output_type._np)

    return lower


_POSITION = NotDifferentiable("the result is a position")
_INDICES = frozenset((dtypes.int32, dtypes.int64))
ARG_MAX = register(
    Op(
        "ArgMax",
        _position_kernel(np.ndarray.argmax, lowest, _INDICES | {dtypes.int16, dtypes.uint16}),
        host=("dimension",),
        types=REAL | {dtypes.bool},
        vjp=_POSITION,
        lower=_lower_position("argmax", lowest),
        rows=row_rules.along("dimension"),
    )
)
ARG_MIN = register(
    Op(
        "ArgMin",
        _position_kernel(np.ndarray.argmin, highest, _INDICES),
        host=("dimension",),
        types=REAL | {dtypes.bool},
        vjp=_POSITION,
        lower=_lower_position("argmin", highest),
        rows=row_rules.along("dimension"),
    )
)


def _position(op: Op, input: Any, axis: Any, output_type: Any) -> Tensor:
    x = convert(input)
    op.require(x._array)
    dimension = 0 if axis is None else static.integer(axis, f"tf.{op.name.lower()}")
    return op(x, dimension=dimension, output_type=dtypes.as_dtype(output_type))


def argmax(input: Any, axis: Any = None, output_type: Any = dtypes.int64, name: str | None = None) -> Tensor:
    """The index of the largest element along an axis, the first if there are several; NaN is never the largest.

    Args:
      input: Tensor of a real dtype or bool.
      axis: int; None means 0.
      output_type: int16, uint16, int32 or int64.
    Raises:
      TypeError: `axis` is not an integer.
      tf.errors.InvalidArgumentError: `axis` is out of range, or empty.
    Example:
      >>> print(tf.argmax([[1, 5, 2], [7, 0, 7]], axis=1).numpy())
      [1 0]
    """
    return _position(ARG_MAX, input, axis, output_type)


def argmin(input: Any, axis: Any = None, output_type: Any = dtypes.int64, name: str | None = None) -> Tensor:
    """The index of the smallest element along an axis; the counterpart of `tf.argmax`, with int32 or int64 indices.

    Example:
      >>> print(tf.argmin([[1, 5, 2], [7, 0, 7]], axis=1).numpy())
      [0 1]
    """
    return _position(ARG_MIN, input, axis, output_type)
