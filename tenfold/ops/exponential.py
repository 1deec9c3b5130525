"""Exponentials, logarithms, roots and the functions of them that saturate."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.dtypes import COMPLEX
from tenfold.core.op import Op, register
from tenfold.core.tensor import Tensor
from tenfold.ops import cast, logic, row_rules
from tenfold.ops.elementwise import (
    add,
    conj,
    divide,
    multiply,
    multiply_no_nan,
    negative,
    square,
    subtract,
    unbroadcast,
)
from tenfold.ops.ufunc import CONTINUOUS, ONE, SIGNED_REAL, binary, unary


@unary("Exp", np.exp, types=CONTINUOUS, vjp=lambda dy, out: multiply(dy, conj(out)), lower="exp", large=True)
def exp(x: Any, name: str | None = None) -> Tensor:
    """`e` to the power of each element.

    Raises:
      tf.errors.InvalidArgumentError: the elements are integers.
    Example:
      >>> print(tf.exp([0.0, 1.0]).numpy())
      [1.       2.718282]
    """


@unary("Expm1", np.expm1, types=CONTINUOUS, vjp=lambda dy, x: multiply(dy, exp(conj(x))), lower="expm1", large=True)
def expm1(x: Any, name: str | None = None) -> Tensor:
    """`exp(x) - 1`, exact where `x` is small.

    Example:
      >>> print(tf.math.expm1(1e-8).numpy())
      1e-08
    """


@unary("Log", np.log, types=CONTINUOUS, vjp=lambda dy, x: divide(dy, conj(x)), lower="log", large=True)
def log(x: Any, name: str | None = None) -> Tensor:
    """The natural logarithm of each element.

    Example:
      >>> print(tf.math.log([0.0, 1.0, 10.0]).numpy())
      [    -inf 0.       2.302585]
    """


@unary("Log1p", np.log1p, types=CONTINUOUS, vjp=lambda dy, x: divide(dy, add(conj(x), 1)), lower="log1p", large=True)
def log1p(x: Any, name: str | None = None) -> Tensor:
    """`log(1 + x)`, exact where `x` is small.

    Example:
      >>> print(tf.math.log1p(1e-8).numpy())
      1e-08
    """


def _unless_zero(x: np.ndarray, product: np.ndarray) -> np.ndarray:
    return np.where(np.equal(x, 0), product.dtype.type(0), product)


def _is_not_zero(x: Tensor) -> Tensor:
    return cast.cast(logic.not_equal(x, 0), x.dtype)


@binary(
    "Xlogy",
    lambda x, y: _unless_zero(x, np.multiply(x, np.log(y))),
    types=CONTINUOUS,
    vjp=(
        lambda dy, x, y, x_shape: unbroadcast(multiply(xlogy(_is_not_zero(x), y), dy), x_shape),
        lambda dy, x, y, y_shape: unbroadcast(multiply(xdivy(x, y), dy), y_shape),
    ),
    lower=lambda b, x, y: b.select(b.eq(x, 0), 0, x * b.log(y)),
    large=True,
)
def xlogy(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x * log(y)`, and 0 where `x` is 0.

    Example:
      >>> print(tf.math.xlogy([0.0, 2.0], [0.0, 1.0]).numpy())
      [0. 0.]
    """


@binary(
    "Xlog1py",
    lambda x, y: _unless_zero(x, np.multiply(x, np.log1p(y))),
    types=CONTINUOUS,
    vjp=(
        lambda dy, x, y, x_shape: unbroadcast(multiply(xlog1py(_is_not_zero(x), y), dy), x_shape),
        lambda dy, x, y, y_shape: unbroadcast(multiply(xdivy(x, add(y, 1)), dy), y_shape),
    ),
    lower=lambda b, x, y: b.select(b.eq(x, 0), 0, x * b.log1p(y)),
    large=True,
)
def xlog1py(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x * log(1 + y)`, and 0 where `x` is 0.

    Example:
      >>> print(tf.math.xlog1py([0.0, 2.0], [-1.0, 0.0]).numpy())
      [0. 0.]
    """


@binary(
    "Xdivy",
    lambda x, y: _unless_zero(x, np.divide(x, y)),
    types=CONTINUOUS,
    vjp=(
        lambda dy, x, y, x_shape: unbroadcast(multiply(xdivy(_is_not_zero(x), y), dy), x_shape),
        lambda dy, x, y, y_shape: unbroadcast(multiply(xdivy(negative(x), square(y)), dy), y_shape),
    ),
    lower=lambda b, x, y: b.select(b.eq(x, 0), 0, x / y),
    large=True,
)
def xdivy(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x / y`, and 0 where `x` is 0.

    Example:
      >>> print(tf.math.xdivy([0.0, 2.0], [0.0, 4.0]).numpy())
      [0.  0.5]
    """


def _power_kernel(x, y):
    if not y.ndim:
        exponent = y.item()
        if exponent == 2:
            return np.square(x)
        if exponent == 1:
            return x
    return np.power(x, y)


def _power_vjp_y(dy, x, y_shape, out):
    """`dy * out * log(x)`, with 0 for the logarithm where there is none."""
    has_log = logic.not_equal(x, 0) if x._array.dtype.kind == "c" else logic.greater(x, 0)
    mask = cast.cast(has_log, x.dtype)
    log_x = log(add(multiply_no_nan(x, mask), subtract(1, mask)))
    return unbroadcast(multiply(multiply(dy, conj(out)), conj(log_x)), y_shape)


def _lower_pow(b, x, y):
    if x.dtype.kind not in "iu":
        return b.pow(x, y)
    x, y = b.operands(x, y)
    exponent = b.trunc_div(y, b.cast(b.ge(y, 0), y.dtype))  # negative ones are an error

    def square(b, x, y, out):
        is_factor = b.ne(b.bitwise_and(y, 1), 0)
        return [x * x, b.shift_right(y, 1), b.select(is_factor, out * x, out)]

    one = b.full(x.shape, 1, x.dtype)
    return b.while_loop(lambda b, x, y, out: b.reduce_any(b.ne(y, 0)), square, [x, exponent, one])[2]


@binary(
    "Pow",
    _power_kernel,
    types=SIGNED_REAL | COMPLEX,
    vjp=(
        lambda dy, x, y, x_shape: unbroadcast(
            multiply(multiply(dy, conj(y)), pow(conj(x), subtract(conj(y), 1))), x_shape
        ),
        _power_vjp_y,
    ),
    lower=_lower_pow,
)
def pow(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x` to the power `y`, element by element, with broadcasting.

    Raises:
      TypeError: a Python value does not fit the other operand's dtype.
      tf.errors.InvalidArgumentError: an integer is raised to a negative power, or dtypes or shapes do not fit.
    Example:
      >>> print(tf.pow([2, 3], [3, 2]).numpy())
      [8 9]
    """


# Powers with a fixed exponent. Their gradients are functions of the result, and ops.


@unary("Sqrt", np.sqrt, types=CONTINUOUS, vjp=lambda dy, out: _sqrt_grad(out, dy), lower="sqrt")
def sqrt(x: Any, name: str | None = None) -> Tensor:
    """The square root of each element; NaN for a negative one.

    Example:
      >>> print(tf.sqrt([4.0, 9.0]).numpy())
      [2. 3.]
    """


@binary(
    "SqrtGrad",
    lambda y, dy: np.divide(np.multiply(dy, dy.dtype.type(0.5)), np.conjugate(y)),
    types=CONTINUOUS,
    vjp=(
        lambda dy, y, out: negative(multiply(conj(divide(dy, y)), out)),
        lambda dy, y: multiply(divide(dy, y), 0.5),
    ),
    lower=lambda b, y, dy: dy * 0.5 / y,
    large=True,
)
def _sqrt_grad(y: Tensor, dy: Tensor) -> Tensor: ...


@unary(
    "Rsqrt",
    lambda x: np.reciprocal(np.sqrt(x)),
    types=CONTINUOUS,
    vjp=lambda dy, out: _rsqrt_grad(out, dy),
    lower="rsqrt",
    large=True,
)
def rsqrt(x: Any, name: str | None = None) -> Tensor:
    """The reciprocal of the square root of each element.

    Example:
      >>> print(tf.math.rsqrt([4.0, 0.0]).numpy())
      [0.5 inf]
    """


def _rsqrt_grad_kernel(y, dy):
    y = np.conjugate(y)
    return np.multiply(np.multiply(dy, dy.dtype.type(-0.5)), np.multiply(y, np.square(y)))


@binary(
    "RsqrtGrad",
    _rsqrt_grad_kernel,
    types=CONTINUOUS,
    vjp=(
        lambda dy, y, dy_: multiply(multiply(multiply(conj(dy), dy_), square(conj(y))), -1.5),
        lambda dy, y: _rsqrt_grad(conj(y), dy),
    ),
    lower=lambda b, y, dy: dy * -0.5 * (b.square(y) * y),
    large=True,
)
def _rsqrt_grad(y: Tensor, dy: Tensor) -> Tensor: ...


@unary(
    "Reciprocal",
    np.reciprocal,
    types=CONTINUOUS,
    vjp=lambda dy, out: _reciprocal_grad(out, dy),
    lower=lambda b, x: 1 / x,
    large=True,
)
def reciprocal(x: Any, name: str | None = None) -> Tensor:
    """`1 / x` for each element.

    Example:
      >>> print(tf.math.reciprocal([2.0, 0.0]).numpy())
      [0.5 inf]
    """


@binary(
    "ReciprocalGrad",
    lambda y, dy: np.multiply(np.negative(dy), np.square(np.conjugate(y))),
    types=CONTINUOUS,
    vjp=(
        lambda dy, y, dy_: multiply(multiply(multiply(conj(dy), -2), dy_), conj(y)),
        lambda dy, y: _reciprocal_grad(conj(y), dy),
    ),
    lower=lambda b, y, dy: -(dy * b.square(y)),
    large=True,
)
def _reciprocal_grad(y: Tensor, dy: Tensor) -> Tensor: ...


INV = register(
    Op(
        "Inv",
        lambda x: np.reciprocal(x),
        types=CONTINUOUS,
        vjp=lambda dy, out: _reciprocal_grad(out, dy),
        lower=lambda b, x: 1 / x,
        rows=row_rules.elementwise,
    )
)


# Functions that saturate


def _sigmoid_kernel(x):
    return np.reciprocal(np.add(np.exp(np.negative(x)), ONE[x.dtype]))


@unary(
    "Sigmoid",
    _sigmoid_kernel,
    types=CONTINUOUS,
    vjp=lambda dy, out: _sigmoid_grad(conj(out), dy),
    lower="sigmoid",
    large=True,
)
def sigmoid(x: Any, name: str | None = None) -> Tensor:
    """`1 / (1 + exp(-x))` for each element.

    Example:
      >>> print(tf.sigmoid([-100.0, 0.0, 100.0]).numpy())
      [0.  0.5 1. ]
    """


def _sigmoid_grad_kernel(y, dy):
    return np.multiply(np.multiply(dy, y), np.subtract(ONE[y.dtype], y))


@binary(
    "SigmoidGrad",
    _sigmoid_grad_kernel,
    types=CONTINUOUS,
    vjp=(
        lambda dy, y, dy_: multiply(multiply(dy, conj(dy_)), subtract(1, multiply(conj(y), 2))),
        lambda dy, y: _sigmoid_grad(conj(y), dy),
    ),
    lower=lambda b, y, dy: dy * y * (1 - y),
    large=True,
)
def _sigmoid_grad(y: Tensor, dy: Tensor) -> Tensor: ...


@unary("Tanh", np.tanh, types=CONTINUOUS, vjp=lambda dy, out: _tanh_grad(conj(out), dy), lower="tanh", large=True)
def tanh(x: Any, name: str | None = None) -> Tensor:
    """The hyperbolic tangent of each element.

    Example:
      >>> print(tf.tanh([0.0, 1.0]).numpy())
      [0.        0.7615942]
    """


@binary(
    "TanhGrad",
    lambda y, dy: np.multiply(dy, np.subtract(ONE[y.dtype], np.square(y))),
    types=CONTINUOUS,
    vjp=(
        lambda dy, y, dy_: multiply(multiply(multiply(dy, -2), conj(dy_)), conj(y)),
        lambda dy, y: _tanh_grad(conj(y), dy),
    ),
    lower=lambda b, y, dy: dy * (1 - b.square(y)),
    large=True,
)
def _tanh_grad(y: Tensor, dy: Tensor) -> Tensor: ...
