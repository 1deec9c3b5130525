"""Reductions over axes: sums, products, extremes, logic, norms, and the position of an extreme."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from math import prod
from sys import maxsize
from typing import Any, TypeVar

import numpy as np

from tenfold.compiler.program import NotLowered
from tenfold.core import dtypes
from tenfold.core.context import recorders, traced_graph
from tenfold.core.convert import convert
from tenfold.core.dtypes import NUMERIC, REAL, DType
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.symbol import Spec, Symbol, sizes_in
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import creation, elementwise, logic, scan, static
from tenfold.ops.large import BLOCK, first_larger_than, when_large
from tenfold.ops.ufunc import BOOLEAN_RESULT, documented_by

F = TypeVar("F", bound=Callable)
_new = Tensor.__new__
_ndarray, _asarray = np.ndarray, np.asarray
_ALL_AXES = [tuple(range(rank)) for rank in range(65)]  # NumPy's arrays have at most 64


def reduction_axes(axis: Any, rank: int, what: str) -> tuple[int, ...]:
    """The axes a reduction takes, each in `range(rank)`; None means all of them."""
    if axis is None:
        return _ALL_AXES[rank]
    if type(axis) is int and -rank <= axis < rank:
        return (axis if axis >= 0 else axis + rank,)
    if isinstance(axis, float):
        raise TypeError(f"{what}: axis is {axis!r}; it must be an int, ints or None.")
    axes = static.ints(axis, what)
    if sizes_in(axes):
        return axes  # the kernel will see
    for a in axes:
        if not -rank <= a < rank:
            refusal = InvalidArgumentError if traced_graph() is None else ValueError
            raise refusal(
                f"{what}: Invalid reduction dimension ({a} for input with {rank} dimension(s)); "
                f"an axis must be in [{-rank}, {rank})."
            )
    axes = tuple([a if a >= 0 else a + rank for a in axes])
    if len(set(axes)) != len(axes):
        raise InvalidArgumentError(
            f"{what}: Invalid reduction arguments: Axes contains duplicate dimension: {axis}; each must occur once."
        )
    return axes


def restore_axes(x: Tensor, shape: tuple[int, ...], axis: Any) -> Tensor:
    """Puts reduced axes back with size 1, so that the result broadcasts against `shape`; a scalar does so anyway."""
    if not x._array.ndim:
        return x
    axes = reduction_axes(axis, len(shape), "axis")
    if sizes_in(axes):
        raise NotImplementedError(
            "The gradient of a reduction over an axis that is known only when the function runs is not supported. Pass the axis as a "
            "Python int."
        )
    kept = tuple([1 if i in axes else size for i, size in enumerate(shape)])
    return x if x._array.shape == kept else array_ops.reshape(x, kept)


def reduction(
    name: str,
    kernel: Callable,
    *,
    types: Iterable[DType],
    vjp: Any,
    lower: Callable | str,
    large: bool = False,
    ufunc: np.ufunc | None = None,
    operand: Callable[[Any], Tensor] = convert,
) -> Callable[[F], F]:
    """Makes the decorated signature, of a tensor, axes and `keepdims`, run a new op.

    Args:
      name: TensorFlow's raw op name.
      kernel: function of an array and the attributes `axis`, a tuple, and `keep_dims`.
      types: the dtypes that it takes.
      vjp: the gradient, as of `Op`.
      lower: machine code, as of `Op`; the primitive takes an operand, axes and whether to keep them.
      large: whether machine code is clearly faster than the kernel, so that large arrays are left to it.
      ufunc: that by which the kernel reduces, in the array's dtype, all but half precision.
      operand: makes a tensor of what is none.
    """

    def lowered(b: Any, x: Any, *, axis: tuple[int, ...], keep_dims: bool = False) -> Any:
        return getattr(b, lower)(x, reduction_axes(axis, x.ndim, name), keep_dims)  # type: ignore[arg-type]

    lowering = lowered if type(lower) is str else lower

    def infer(x: Any, *, axis: tuple[int, ...], keep_dims: bool = False) -> Spec | None:
        if sizes_in(axis):
            return None
        dtype = np.asarray(kernel(np.ones((1,) * x.ndim, x.dtype), axis=axis, keep_dims=keep_dims)).dtype
        axes = reduction_axes(axis, x.ndim, name)
        kept = [1 if a in axes else n for a, n in enumerate(x.shape) if keep_dims or a not in axes]
        return Spec(dtype, tuple(kept))

    reduce: Callable | None = None if ufunc is None else ufunc.reduce

    def bound(x: Any, *, axis: tuple[int, ...], keep_dims: bool = False) -> Callable | None:
        if reduce is None or x.dtype.char in _HALVES:
            return None
        return partial(reduce, axis=axis, dtype=x.dtype, keepdims=keep_dims)

    def decorate(function: F) -> F:
        op = register(Op(name, kernel, host=("axis",), types=types, vjp=vjp, infer=infer, lower=lowering, bound=bound))
        accepts, is_recorded, what = op.accepts, bool(op.saves), f"tf.{function.__name__}"
        compiled, least = (when_large(op, first_larger_than(BLOCK - 1)).kernel, BLOCK) if large else (kernel, maxsize)

        def run(x, axis=None, keepdims=False, name=None):
            if type(x) is not Tensor:
                x = operand(x)
            array = x._array
            if array.dtype not in accepts:
                op.require(array)
            axes = _ALL_AXES[array.ndim] if axis is None else reduction_axes(axis, array.ndim, what)
            keep = keepdims if type(keepdims) is bool else bool(keepdims)
            try:
                if array.size >= least:
                    result = compiled(array, axis=axes, keep_dims=keep)
                elif reduce is not None and array.dtype.char not in _HALVES:
                    result = reduce(array, axes, array.dtype, None, keep)
                else:
                    result = kernel(array, axis=axes, keep_dims=keep)
            except Exception as error:
                result = op.recover(error, [array], {"axis": axes, "keep_dims": keep})
            out = _new(Tensor)
            if type(result) is not _ndarray and type(result) is not Symbol:
                result = _asarray(result)
            out._array = result
            out._node = None
            if is_recorded:
                for recorder in recorders():
                    recorder.record(op, (x,), {"axis": axes, "keep_dims": keep}, (out,))
            return out

        return documented_by(function, run)

    return decorate


# Sums and products. Half precision is summed in float32 and rounded once.

_add_up = np.add.reduce
_HALVES = frozenset("eE")  # NumPy's type characters of float16 and bfloat16


def _accumulate(ufunc: np.ufunc, a: np.ndarray, axis: Any, keep_dims: bool) -> Any:
    dtype = a.dtype
    if dtype.char in _HALVES:
        return ufunc.reduce(a, axis, np.float32, keepdims=keep_dims).astype(dtype)
    return ufunc.reduce(a, axis, dtype, keepdims=keep_dims)


def sum_kernel(input, *, axis, keep_dims=False):
    dtype = input.dtype
    if dtype.char in _HALVES:
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
    if dtype.char in _HALVES:
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


# Extremes.

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
    return is_extreme / reduce_sum(is_extreme, axis, True) * restore_axes(dy, shape, axis)


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
_BOOL = frozenset((dtypes.bool,))
_INDICES = frozenset((dtypes.int32, dtypes.int64))
ARG_MAX = register(
    Op(
        "ArgMax",
        _position_kernel(np.ndarray.argmax, lowest, _INDICES | {dtypes.int16, dtypes.uint16}),
        host=("dimension",),
        types=REAL | _BOOL,
        vjp=_POSITION,
        lower=_lower_position("argmax", lowest),
    )
)
ARG_MIN = register(
    Op(
        "ArgMin",
        _position_kernel(np.ndarray.argmin, highest, _INDICES),
        host=("dimension",),
        types=REAL | _BOOL,
        vjp=_POSITION,
        lower=_lower_position("argmin", highest),
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


# Logic and counts.


def _all_kernel(input, *, axis, keep_dims=False):
    return np.logical_and.reduce(input, axis, keepdims=keep_dims)


def _any_kernel(input, *, axis, keep_dims=False):
    return np.logical_or.reduce(input, axis, keepdims=keep_dims)


def _as_bool(value: Any) -> Tensor:
    return convert(value, None if hasattr(value, "dtype") else dtypes.bool, dtypes.bool)


@reduction("All", _all_kernel, types=_BOOL, vjp=BOOLEAN_RESULT, lower="reduce_all", operand=_as_bool)
def reduce_all(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Whether all elements over axes are true; arguments as in `tf.reduce_sum`, for bool.

    Example:
      >>> print(tf.reduce_all([[True, False], [True, True]], axis=1).numpy())
      [False  True]
    """


@reduction("Any", _any_kernel, types=_BOOL, vjp=BOOLEAN_RESULT, lower="reduce_any", operand=_as_bool)
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
