"""Element-wise arithmetic, comparison and logic.

An op of this family is a NumPy ufunc with TensorFlow's name, the dtypes it takes and its gradient. `unary` and `binary`
make from these the op and the function that runs it: the shortest way from Python to the kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.context import context
from tenfold.core.convert import convert
from tenfold.core.dtypes import COMPLEX, FLOATING, INTEGER, NUMERIC, REAL, DType
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import NotDifferentiable, Op, record, register
from tenfold.core.tensor import Tensor, wrap
from tenfold.ops import array as array_ops
from tenfold.ops import reduce as reduce_ops

_new = Tensor.__new__
_ndarray = np.ndarray


def unary(name: str, kernel: Callable, *, types: Iterable[DType], vjp: Any, inputs: tuple[str, ...] = ("x",)) -> Callable:
    """Registers an op of one tensor, computed element by element, and returns the function that runs it."""
    op = register(Op(name, kernel, vjp=vjp, types=types, inputs=inputs))
    accepts = op.accepts

    def run(x: Any) -> Tensor:
        if type(x) is not Tensor:
            x = convert(x)
        a = x._array
        if a.dtype not in accepts:
            op.require(a)
        try:
            result = kernel(a)
        except Exception as error:
            result = op.recover(error, [a], {})
        out = _new(Tensor)
        out._array = result if type(result) is _ndarray else np.asarray(result)
        out._node = None
        if context.recorders:
            record(op, (x,), {}, (out,))
        return out

    run.op = op  # type: ignore[attr-defined]
    return run


def binary(name: str, kernel: Callable, *, types: Iterable[DType], vjp: Any) -> Callable:
    """Registers an op of two tensors that broadcast, and returns the function that runs it."""
    op = register(Op(name, kernel, vjp=vjp, types=types, inputs=("x", "y")))
    accepts = op.accepts

    def run(x: Any, y: Any) -> Tensor:
        if type(x) is not Tensor:
            x = convert(x)
        a = x._array
        if type(y) is not Tensor:
            y = convert(y, None, dtypes._BY_NUMPY[a.dtype])
        b = y._array
        if a.dtype is not b.dtype or a.dtype not in accepts:
            op.require(a, b)
        try:
            result = kernel(a, b)
        except Exception as error:
            result = op.recover(error, [a, b], {})
        out = _new(Tensor)
        out._array = result if type(result) is _ndarray else np.asarray(result)
        out._node = None
        if context.recorders:
            record(op, (x, y), {}, (out,))
        return out

    run.op = op  # type: ignore[attr-defined]
    return run


def unbroadcast(dy: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Sums a gradient over the axes along which an operand of `shape` was repeated."""
    have = dy._array.shape
    if have == shape:
        return dy
    extra = len(have) - len(shape)
    axes = tuple(range(extra)) + tuple(i + extra for i, size in enumerate(shape) if size == 1 and have[i + extra] != 1)
    return array_ops.reshape(reduce_ops.reduce_sum(dy, axes), shape)


def _conj(x: Tensor) -> Tensor:
    return conj(x) if x._array.dtype.kind == "c" else x


_BOOLEAN = NotDifferentiable("the result is boolean")
_INTEGER_RESULT = NotDifferentiable("the result is an integer")
_STEP = NotDifferentiable("the function is constant between its steps")

_ADDABLE = NUMERIC | {dtypes.string}

_add = binary(
    "AddV2",
    np.add,
    types=_ADDABLE,
    vjp=(lambda dy, x_shape: unbroadcast(dy, x_shape), lambda dy, y_shape: unbroadcast(dy, y_shape)),
)
_subtract = binary(
    "Sub",
    np.subtract,
    types=NUMERIC,
    vjp=(lambda dy, x_shape: unbroadcast(dy, x_shape), lambda dy, y_shape: unbroadcast(-dy, y_shape)),
)
_multiply = binary(
    "Mul",
    np.multiply,
    types=NUMERIC,
    vjp=(
        lambda dy, x_shape, y: unbroadcast(_multiply(dy, _conj(y)), x_shape),
        lambda dy, x, y_shape: unbroadcast(_multiply(dy, _conj(x)), y_shape),
    ),
)


def _checked_divide(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    if x.dtype.kind in "fcV":
        return np.divide(x, y)
    if not y.all():
        raise InvalidArgumentError("tf.divide: Integer division by zero; the divisor must have no zeros.")
    quotient = np.floor_divide(x, y)
    return quotient + ((quotient < 0) & (quotient * y != x)).astype(x.dtype)


_divide = binary(
    "RealDiv",
    _checked_divide,
    types=FLOATING | COMPLEX,
    vjp=(
        lambda dy, x_shape, y: unbroadcast(_divide(dy, _conj(y)), x_shape),
        lambda dy, y, out, y_shape: unbroadcast(_multiply(dy, _conj(-_divide(out, y))), y_shape),
    ),
)

_negative = unary("Neg", np.negative, types=NUMERIC, vjp=lambda dy: -dy)
_exp = unary("Exp", np.exp, types=FLOATING | COMPLEX, vjp=lambda dy, out: dy * _conj(out))
_log = unary("Log", np.log, types=FLOATING | COMPLEX, vjp=lambda dy, x: dy / _conj(x))
_square = unary("Square", np.square, types=NUMERIC, vjp=lambda dy, x: dy * _conj(x) * 2)
_tanh = unary("Tanh", np.tanh, types=FLOATING | COMPLEX, vjp=lambda dy, out: dy * _conj(1 - out * out))
_less = binary("Less", np.less, types=REAL, vjp=_BOOLEAN)


def add(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Adds element by element, with broadcasting; strings are joined.

    Raises:
      tf.errors.InvalidArgumentError: the dtypes differ, or the shapes do not broadcast.
    Example:
      >>> print(tf.add([1, 2], 3).numpy())
      [4 5]
    """
    return _add(x, y)


def conj(x: Any, name: str | None = None) -> Tensor:
    """The complex conjugate; real tensors are returned as they are."""
    return x
