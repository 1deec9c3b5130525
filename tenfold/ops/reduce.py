"""Reductions over axes: sums, products, norms, logic and counts."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from tenfold.compiler.program import NotLowered
from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import NUMERIC
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import creation, elementwise, logic, scan
from tenfold.ops.reduction import HALVES, reduction, reduction_axes, restore_axes
from tenfold.ops.ufunc import BOOLEAN_RESULT

# Sums and products. Half precision is summed in float32 and rounded once.

_add_up = np.add.reduce


def _accumulate(ufunc: np.ufunc, a: np.ndarray, axis: Any, keep_dims: bool) -> Any:
    dtype = a.dtype
    if dtype.char in HALVES:
        return ufunc.reduce(a, axis, np.float32, keepdims=keep_dims).astype(dtype)
    return ufunc.reduce(a, axis, dtype, keepdims=keep_dims)


def sum_kernel(input, *, axis, keep_dims=False):
    dtype = input.dtype
    if dtype.char in HALVES:
        return _accumulate(np.add, input, axis, keep_dims)
    return _add_up(input, axis, dtype, keepdims=keep_dims)


def _sum_vjp(dy, input_shape, axis):
    if dy._array.ndim:
        dy = restore_axes(dy, input_shape, axis)
    return array_ops.repeated(dy, input_shape)


@reduction("Sum", sum_kernel, types=NUMERIC, vjp=_sum_vjp, lower="reduce_sum", large=True, ufunc=np.add)
def reduce_sum(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Sums over axes.

    Args:
      input_tensor: Tensor of a numeric dtype; the result has the same.
      axis: int, ints or None for all axes; negative counts from the end.
      keepdims: whether reduced axes stay, with size 1.
    Raises:
      tf.errors.InvalidArgumentError: an axis is out of range or given twice, or the dtype is not numeric.
    Example:
      >>> print(tf.reduce_sum([[1, 2], [3, 4]], axis=0).numpy())
      [4 6]
    """


def _mean_kernel(input, *, axis, keep_dims=False):
    dtype = input.dtype
    kind = dtype.kind
    if kind in "iu":
        total = np.add.reduce(input, axis, np.int64 if kind == "i" else np.uint64, keepdims=keep_dims)
        count = total.dtype.type(max(input.size // max(total.size, 1), 1))
        return ((total - np.fmod(total, count)) // count).astype(dtype)  # towards zero, as C++ divides
    if dtype.char in HALVES:
        total = np.add.reduce(input, axis, np.float32, keepdims=keep_dims)
        return (total / (input.size / max(total.size, 1))).astype(dtype)
    total = _add_up(input, axis, dtype, keepdims=keep_dims)
    return total / (input.size / max(total.size, 1))


def _mean_vjp(dy, input_shape, axis):
    if not dy._array.ndim:  # all axes are reduced, none kept
        return array_ops.repeated(dy / prod(input_shape), input_shape)
    count = prod([input_shape[a] for a in reduction_axes(axis, len(input_shape), "axis")])
    return array_ops.repeated(restore_axes(dy / count, input_shape, axis), input_shape)


@reduction("Mean", _mean_kernel, types=NUMERIC, vjp=_mean_vjp, lower="reduce_mean", large=True)
def reduce_mean(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The mean over axes; arguments as in `tf.reduce_sum`. The mean of integers is an integer, cut towards zero.

    Example:
      >>> tf.reduce_mean([1.0, 2.0]).numpy().item(), tf.reduce_mean([1, 2]).numpy().item()
      (1.5, 1)
    """


def _prod_kernel(input, *, axis, keep_dims=False):
    return _accumulate(np.multiply, input, axis, keep_dims)


def _prod_vjp(dy, input, input_shape, axis):
    """The product of the other elements: of those before and of those after, so that zeros do no harm."""
    rank = len(input_shape)
    axes = reduction_axes(axis, rank, "axis")
    if len(axes) == 1:
        others = _products_of_others(input, axes[0])
    else:  # the reduced axes become one
        order = axes + tuple([i for i in range(rank) if i not in axes])
        x = array_ops.transpose(input, order)
        sizes = [input_shape[i] for i in order]
        flat = array_ops.reshape(x, (prod(sizes[: len(axes)]), prod(sizes[len(axes) :])))
        others = array_ops.reshape(_products_of_others(flat, 0), sizes)
        others = array_ops.transpose(others, [order.index(i) for i in range(rank)])
    return restore_axes(dy, input_shape, axes) * elementwise.conj(others)


def _products_of_others(x: Tensor, axis: int) -> Tensor:
    before = scan.cumprod(x, axis, exclusive=True)
    return before * scan.cumprod(x, axis, exclusive=True, reverse=True)


@reduction("Prod", _prod_kernel, types=NUMERIC, vjp=_prod_vjp, lower="reduce_prod", ufunc=np.multiply)
def reduce_prod(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The product over axes; arguments as in `tf.reduce_sum`. The product of no elements is 1.

    Example:
      >>> print(tf.reduce_prod([[1, 2], [3, 4]], axis=1).numpy())
      [ 2 12]
    """


def _euclidean_norm_kernel(input, *, axis, keep_dims=False):
    squares = (input * input.conj()).real if input.dtype.kind == "c" else input * input
    return np.sqrt(_accumulate(np.add, squares, axis, keep_dims)).astype(input.dtype)


def _euclidean_norm_vjp(dy, input, out, axis):
    return input * restore_axes(dy / out, input._array.shape, axis)


def _lower_euclidean_norm(b, x, *, axis, keep_dims=False):
    if x.dtype.kind != "f":
        raise NotLowered("the norm of integers")
    return b.sqrt(b.reduce_sum(b.square(x), axis, keep_dims))


@reduction("EuclideanNorm", _euclidean_norm_kernel, types=NUMERIC, vjp=_euclidean_norm_vjp, lower=_lower_euclidean_norm)
def reduce_euclidean_norm(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The square root of the sum of squares over axes; arguments as in `tf.reduce_sum`.

    Example:
      >>> print(tf.math.reduce_euclidean_norm([3.0, 4.0]).numpy())
      5.0
    """


# Logic and counts.


def _all_kernel(input, *, axis, keep_dims=False):
    return np.logical_and.reduce(input, axis, keepdims=keep_dims)


def _any_kernel(input, *, axis, keep_dims=False):
    return np.logical_or.reduce(input, axis, keepdims=keep_dims)


def _as_bool(value: Any) -> Tensor:
    return convert(value, None if hasattr(value, "dtype") else dtypes.bool, dtypes.bool)


@reduction(
    "All", _all_kernel, types=frozenset((dtypes.bool,)), vjp=BOOLEAN_RESULT, lower="reduce_all", operand=_as_bool
)
def reduce_all(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Whether all elements over axes are true; arguments as in `tf.reduce_sum`, for bool.

    Example:
      >>> print(tf.reduce_all([[True, False], [True, True]], axis=1).numpy())
      [False  True]
    """


@reduction(
    "Any", _any_kernel, types=frozenset((dtypes.bool,)), vjp=BOOLEAN_RESULT, lower="reduce_any", operand=_as_bool
)
def reduce_any(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Whether an element over axes is true; arguments as in `tf.reduce_sum`, for bool.

    Example:
      >>> print(tf.reduce_any([[True, False], [False, False]], axis=1).numpy())
      [ True False]
    """


def count_nonzero(
    input: Any, axis: Any = None, keepdims: bool | None = None, dtype: Any = dtypes.int64, name: str | None = None
) -> Tensor:
    """The number of elements over axes that are not zero, false or the empty string.

    Args:
      input: Tensor of a numeric dtype, bool or string.
      axis, keepdims: as in `tf.reduce_sum`.
      dtype: the result's.
    Example:
      >>> print(tf.math.count_nonzero([[0, 1], [2, 3]], axis=1).numpy())
      [1 2]
    """
    x = convert(input)
    is_nonzero = logic.not_equal(x, creation.zeros((), x.dtype))
    return cast_ops.cast(reduce_sum(cast_ops.cast(is_nonzero, dtypes.int64), axis, bool(keepdims)), dtype)


def zero_fraction(value: Any, name: str | None = None) -> Tensor:
    """The share of elements that are zero, as float32; NaN if there are none.

    Example:
      >>> print(tf.math.zero_fraction([0, 0, 3, 4]).numpy())
      0.5
    """
    x = convert(value)
    size = x._array.size
    return (size - cast_ops.cast(count_nonzero(x), dtypes.float32)) / size
