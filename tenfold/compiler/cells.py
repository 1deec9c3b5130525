"""Programs of NumPy's functions: kernels run once on cells, and what they do to these is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from tenfold.compiler.builder import Builder, Value
from tenfold.compiler.program import NotLowered

_PRIMITIVES = {
    np.absolute: "abs", np.sqrt: "sqrt", np.square: "square", np.add: "add", np.subtract: "sub", np.multiply: "mul",
    np.divide: "div", np.maximum: "maximum", np.minimum: "minimum", np.power: "pow", np.floor_divide: "floor_div",
    np.remainder: "floor_mod", np.matmul: "contract", np.negative: "neg", np.exp: "exp", np.log: "log", np.log1p: "log1p",
    np.sin: "sin", np.cos: "cos", np.floor: "floor", np.trunc: "trunc", np.rint: "round", np.equal: "eq", np.not_equal: "ne",
    np.greater: "gt", np.greater_equal: "ge", np.less: "lt", np.less_equal: "le", np.isfinite: "is_finite", np.isinf: "is_inf",
    np.bitwise_and: "logical_and", np.bitwise_or: "logical_or", np.invert: "logical_not",
}  # fmt: skip
_FULL = {np.zeros_like: 0, np.ones_like: 1}


class Cell(NDArrayOperatorsMixin):
    """Stands for an array that kernels compute with, also in place: NumPy's ufuncs give it, or make, another value of a program."""

    def __init__(self, b: Builder, value: Value | None, dtype: Any = None, shape: Any = None) -> None:
        self._b = b
        self.value: Any = value  # None for memory that nothing was written to yet
        self.dtype: Any = dtype if value is None else value.dtype
        self.shape: Any = shape if value is None else value.shape

    def astype(self, dtype: Any) -> Cell:
        return Cell(self._b, self._b.cast(self.value, dtype))

    def __setitem__(self, key: Any, value: Any) -> None:
        if key is not Ellipsis:
            raise NotLowered(f"part {key!r} of an array is written")
        self._put(value.value)

    def reshape(self, shape: Sequence[int]) -> Cell:
        return Cell(self._b, self._b.reshape(self.value, shape))

    @property
    def T(self) -> Cell:
        return Cell(self._b, self._b.transpose(self.value, range(len(self.shape))[::-1]))

    def sum(self, axis: int | None = None, keepdims: bool = False) -> Cell:
        axes = range(len(self.shape)) if axis is None else [axis % len(self.shape)]
        return Cell(self._b, self._b.reduce_sum(self.value, axes, keepdims))

    def _put(self, value: Value) -> None:
        self.value = self._b.broadcast_to(self._b.cast(value, self.dtype), self.shape)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Cell:
        if function in _FULL:
            return Cell(self._b, self._b.full(self.shape, _FULL[function], self.dtype))
        if function is not np.where:
            raise NotLowered(f"np.{function.__name__}")
        return Cell(self._b, self._b.select(*[x.value if type(x) is Cell else x for x in args]))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        if ufunc is np.copysign:
            is_negative: Any = Cell(self._b, self._b.lt(_bits(self._b, inputs[1].value), 0))
            return np.where(is_negative, -np.abs(inputs[0]), np.abs(inputs[0]))
        primitive = _PRIMITIVES.get(ufunc)
        if primitive is None or method != "__call__" or options:
            raise NotLowered(f"np.{ufunc.__name__}.{method}")
        given = [x.value if type(x) is Cell else x for x in inputs]
        dtype = np.result_type(*[x.dtype if isinstance(x, (Value, np.generic, np.ndarray)) else x for x in given])
        operands = [
            self._b.cast(x, dtype) if type(x) is Value else self._b.constant(np.asarray(x, dtype)) for x in given
        ]
        power = primitive == "pow" and not any(x.shape for x in operands)
        value = _power(self._b, *operands) if power else getattr(self._b, primitive)(*operands)
        if out is None:
            return Cell(self._b, value)
        out[0]._put(value)
        return out[0]


def _bits(b: Builder, x: Value) -> Value:
    return b.bitcast(x, np.int64 if x.dtype.itemsize == 8 else np.int32)


def _power(b: Builder, x: Value, y: Value) -> Value:
    """The power of two numbers, as precise as the C library's: bias corrections subtract it from 1, which it is close to."""
    return b.cast(b.pow(b.cast(x, np.float64), b.cast(y, np.float64)), x.dtype)
