"""The shortest way from Python to a NumPy ufunc: how an op that works element by element is made and run.

`unary` and `binary` turn a documented signature into the function that runs an op: it checks dtypes, calls the kernel and
records. Operands of an op of two tensors meet as in TensorFlow: a tensor's dtype decides, Python and NumPy values follow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, lru_cache, update_wrapper
from itertools import zip_longest
from math import copysign
from sys import maxsize
from typing import Any, TypeVar

import numpy as np

from tenfold.compiler.cells import Cell
from tenfold.core import dtypes
from tenfold.core.context import recorders
from tenfold.core.convert import convert, is_tensor_like
from tenfold.core.dtypes import COMPLEX, FLOATING, DType
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.ragged_array import RaggedArray
from tenfold.core.symbol import Spec, Symbol
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable
from tenfold.ops.large import BLOCK, run_in_blocks

F = TypeVar("F", bound=Callable)
_new = Tensor.__new__
_ndarray, _asarray = np.ndarray, np.asarray

CONTINUOUS = FLOATING | COMPLEX
SIGNED_REAL = FLOATING | {dtypes.int8, dtypes.int16, dtypes.int32, dtypes.int64}
BOOLEAN_RESULT = NotDifferentiable("the result is boolean")
INTEGER_RESULT = NotDifferentiable("the result is an integer")
STEP = NotDifferentiable("the function is constant between its steps")


def spec_of_elements(kernel: Callable) -> Callable[..., Spec | None]:
    """The shape rule of a kernel that works element by element on arrays that broadcast; None where it takes a sample to tell."""

    @cache
    def result_type(*types: np.dtype) -> np.dtype | None:
        try:
            with np.errstate(all="ignore"):
                return np.asarray(kernel(*[np.ones((1,), dtype) for dtype in types])).dtype
        except Exception:
            return None

    def spec(*operands: Any, **attrs: Any) -> Spec | None:
        shape, dtype = operands[0].shape, result_type(*[x.dtype for x in operands])
        for x in operands[1:]:
            shape = shape if shape is None else _broadcast(shape, x.shape)
        return None if shape is None or dtype is None else Spec(dtype, shape)

    spec.is_elementwise = True  # type: ignore[attr-defined]  # for who asks what an op does to rows
    return spec


def _broadcast(a: tuple, b: tuple) -> tuple | None:
    """What two shapes broadcast to, if that is sure: an unknown size may be 1."""
    if a == b:
        return a
    sizes = []
    for m, n in zip_longest(reversed(a), reversed(b), fillvalue=1):
        if m != n and m != 1 and n != 1:
            return None
        sizes.append(n if m == 1 else m)
    return tuple(reversed(sizes))


def unary(
    name: str, kernel: Callable, *, types: Iterable[DType], vjp: Any, lower: Any = None, large: bool | int = False
) -> Callable[[F], F]:
    """Makes the decorated signature run a new op of one tensor; `large`: as machine code, if that has so many elements (True: `BLOCK`).

    `lower` is that of `Op`, or True where the kernel, `InDouble`, is made of what cells can do.
    """
    lower = kernel.lower if lower is True else lower  # type: ignore[attr-defined]

    def decorate(function: F) -> F:
        names, infer = function.__code__.co_varnames[:1], spec_of_elements(kernel)
        op = register(Op(name, kernel, vjp=vjp, types=types, inputs=names, infer=infer, lower=lower))
        accepts, is_recorded = op.accepts, bool(op.saves)
        least = BLOCK if large is True else large or maxsize
        compiled = run_in_blocks(op, least).kernel if large else kernel

        def run(x, name=None):
            if type(x) is not Tensor:
                x = convert(x)
            array = x._array
            if array.dtype not in accepts:
                op.require(array)
            try:
                result = kernel(array) if array.size < least else compiled(array)
            except Exception as error:
                if type(array) is RaggedArray:
                    return array.run(op, (x,), {})
                result = op.recover(error, [array], {})
            out = _new(Tensor)
            if type(result) is not _ndarray and type(result) is not Symbol:
                result = _asarray(result)
            out._array = result
            out._node = None
            if is_recorded:
                for recorder in recorders():
                    recorder.record(op, (x,), {}, (out,))
            return out

        return documented_by(function, run)

    return decorate


def together(x: Any, y: Any) -> tuple[Tensor, Tensor]:
    """Two operands as tensors: the dtype of one that is a tensor already decides, else that of the first.

    Raises:
      TypeError: the other one, a Python value, does not fit that dtype.
    """
    if type(x) is Tensor:
        return x, beside(x, y)
    if type(y) is Tensor:
        return beside(y, x), y
    if is_tensor_like(type(x)) or not is_tensor_like(type(y)):
        x = convert(x)
        return x, beside(x, y)
    y = convert(y)
    return beside(y, x), y


def beside(tensor: Tensor, value: Any) -> Tensor:
    """`value` as a tensor, of the dtype of `tensor` unless it has one of its own."""
    cls = type(value)
    if cls is int or (cls is float and (value or copysign(1.0, value) > 0)):  # 0.0 and -0.0 are equal, as keys
        return _constant(value, tensor._array.dtype)
    if cls is Tensor:
        return value
    if isinstance(value, Variable):
        return value._read()
    return convert(value) if is_tensor_like(cls) else convert(value, tensor.dtype)


class _InEachType(dict):
    """A number as an array of each dtype: a ufunc takes it much faster than a Python number."""

    def __init__(self, value: int) -> None:
        self._value = value

    def __missing__(self, dtype: np.dtype) -> np.ndarray:
        self[dtype] = array = np.array(self._value, dtype)
        return array


ZERO, ONE = _InEachType(0), _InEachType(1)


@lru_cache(maxsize=1024, typed=True)
def _constant(value: float, dtype: np.dtype) -> Tensor:
    """A Python number as a tensor; programs use few different ones, over and over."""
    return convert(value, dtypes._BY_NUMPY[dtype])


def binary(
    name: str,
    kernel: Callable,
    *,
    types: Iterable[DType],
    vjp: Any,
    lower: Any = None,
    large: bool = False,
    operands: Callable[[Any, Any], tuple[Tensor, Tensor]] = together,
    otherwise: Callable[[Tensor, Tensor], Tensor | None] | None = None,
) -> Callable[[F], F]:
    """Makes the decorated signature run a new op of two tensors that broadcast.

    Args:
      name: TensorFlow's raw op name.
      kernel: ufunc or function of two arrays.
      types: the dtypes that it takes.
      vjp, lower: the gradient, and machine code, as of `unary`.
      large: whether machine code is clearly faster than the kernel, so that large arrays are left to it.
      operands: makes tensors of two operands that are not both tensors.
      otherwise: is asked for a result where the op does not take the tensors; None means that there is none.
    """
    lower = kernel.lower if lower is True else lower  # type: ignore[attr-defined]

    def decorate(function: F) -> F:
        names, infer = function.__code__.co_varnames[:2], spec_of_elements(kernel)
        op = register(Op(name, kernel, vjp=vjp, types=types, inputs=names, infer=infer, lower=lower))
        accepts, is_recorded = op.accepts, bool(op.saves)
        compiled, least = (run_in_blocks(op).kernel, BLOCK) if large else (kernel, maxsize)

        def run(x, y, name=None):
            if type(x) is not Tensor or type(y) is not Tensor:
                if type(x) is not Tensor:
                    x, y = operands(x, y)
                elif type(y) is int or (type(y) is float and y):
                    try:
                        y = _constant(y, x._array.dtype)
                    except (TypeError, ValueError):
                        x, y = operands(x, y)
                elif isinstance(y, Variable):
                    y = y._read()
                else:
                    x, y = operands(x, y)
            left, right = x._array, y._array
            dtype = left.dtype
            if dtype is not right.dtype or dtype not in accepts:
                out = None if otherwise is None else otherwise(x, y)
                if out is not None:
                    return out
                op.require(left, right)
            try:
                is_small = left.size < least and right.size < least
                result = kernel(left, right) if is_small else compiled(left, right)
            except Exception as error:
                for side in (left, right):
                    if type(side) is RaggedArray:
                        return side.run(op, (x, y), {})
                result = op.recover(error, [left, right], {})
            out = _new(Tensor)
            if type(result) is not _ndarray and type(result) is not Symbol:
                result = _asarray(result)
            out._array = result
            out._node = None
            if is_recorded:
                for recorder in recorders():
                    recorder.record(op, (x, y), {}, (out,))
            return out

        return documented_by(function, run)

    return decorate


class InDouble:
    """A kernel that works in float64 whatever the dtype of its arrays, by blocks that fit a cache.

    Args:
      function: of float64 vectors of one length; returns one such vector.
    """

    __slots__ = ("_function",)
    _BLOCK = 1 << 14

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, *arrays: np.ndarray) -> np.ndarray:
        if len(arrays) > 1:
            arrays = np.broadcast_arrays(*arrays)
        out = np.empty(arrays[0].shape, arrays[0].dtype)
        flat, vectors = out.reshape(-1), [array.reshape(-1) for array in arrays]
        for i in range(0, flat.size, self._BLOCK):
            flat[i : i + self._BLOCK] = self._function(*[v[i : i + self._BLOCK].astype(np.float64) for v in vectors])
        return out

    def lower(self, b: Any, *operands: Any) -> Any:
        """Its machine code, where the function is made of what cells can do."""
        cells: list[Any] = [Cell(b, b.cast(x, np.float64)) for x in b.operands(*operands)]
        return b.cast(self._function(*cells).value, operands[0].dtype)


def either(condition: Any, yes: Callable, no: Callable, *arrays: Any) -> Any:
    """`yes(*arrays)` where a condition holds, `no(*arrays)` elsewhere; of vectors, each takes its elements only."""
    if type(condition) is Cell:
        return np.where(condition, yes(*arrays), no(*arrays))  # type: ignore[call-overload]
    out = np.empty_like(arrays[0])
    for rows, function in ((condition, yes), (~condition, no)):
        out[rows] = function(*[x[rows] for x in arrays])
    return out


def documented_by(function: F, run: Any) -> F:
    """Gives `run` the name, the documentation and the keywords of `function`."""
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    run.__code__ = run.__code__.replace(co_varnames=names + run.__code__.co_varnames[len(names) :])
    return update_wrapper(run, function)  # type: ignore[return-value]
