"""How ops that reduce over axes are made: their axes, their kernels for tensors, their shapes and their lowering."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from sys import maxsize
from typing import Any, TypeVar

import numpy as np

from tenfold.core.context import recorders, traced_graph
from tenfold.core.convert import convert
from tenfold.core.dtypes import DType
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import Op, register
from tenfold.core.ragged_array import RaggedArray
from tenfold.core.symbol import Spec, Symbol, sizes_in
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import row_rules, static
from tenfold.ops.large import BLOCK, first_larger_than, when_large
from tenfold.ops.ufunc import documented_by

F = TypeVar("F", bound=Callable)
_new = Tensor.__new__
_ndarray, _asarray = np.ndarray, np.asarray
HALVES = frozenset("eE")  # NumPy's type characters of float16 and bfloat16
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
        if reduce is None or x.dtype.char in HALVES:
            return None
        return partial(reduce, axis=axis, dtype=x.dtype, keepdims=keep_dims)

    def decorate(function: F) -> F:
        op = register(
            Op(
                name,
                kernel,
                host=("axis",),
                types=types,
                vjp=vjp,
                infer=infer,
                lower=lowering,
                bound=bound,
                rows=row_rules.along("axis"),
            )
        )
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
                elif reduce is not None and array.dtype.char not in HALVES:
                    result = reduce(array, axes, array.dtype, None, keep)
                else:
                    result = kernel(array, axis=axes, keep_dims=keep)
            except Exception as error:
                if type(array) is RaggedArray:
                    return array.run(op, (x,), {"axis": axes, "keep_dims": keep})
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
