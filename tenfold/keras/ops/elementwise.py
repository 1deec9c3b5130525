"""Arithmetic and functions of single elements."""

from __future__ import annotations

import functools
import math
from typing import Any

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras.ops import operation as _operation
from tenfold.keras.ops.operation import operation
from tenfold.keras.promotion import TensorLike, countable, floating, promoted, result_type

_unary = functools.partial(_operation.unary, module=__name__)
_float = functools.partial(_operation.unary, module=__name__, makes_float=True)
_binary = functools.partial(_operation.binary, module=__name__)


def _kept(function: Any, *, unless: Any = lambda dtype: dtype.is_integer or dtype.is_bool) -> Any:
    """The function on dtypes that it changes, the operand itself on others."""
    return lambda x: x if unless(x.dtype) else function(x)


def _of_signed(function: Any) -> Any:
    """The function, which has no kernel for unsigned integers, with int64 for these."""

    def run(*operands: Tensor) -> Tensor:
        dtype = operands[0].dtype
        if not dtype.is_unsigned or dtype.size == 8:
            return function(*operands)
        return tf.cast(function(*(tf.cast(x, "int64") for x in operands)), dtype)

    return run


# One operand: the dtype stays.
absolute = _unary(
    "absolute", _kept(tf.abs, unless=lambda dtype: dtype.is_bool or dtype.is_unsigned), says="The absolute value"
)
negative = _unary("negative", tf.negative, says="The number with the other sign")
sign = _unary("sign", _of_signed(tf.sign), says="-1, 0 or 1, as the number's sign says")
reciprocal = _unary("reciprocal", tf.math.reciprocal, says="1 / x")
trunc = _unary(
    "trunc", _kept(lambda x: tf.where(x < 0, tf.math.ceil(x), tf.floor(x))), says="The number without its fraction"
)
conjugate = _unary("conjugate", tf.math.conj, says="The complex conjugate")
real = _unary("real", tf.math.real, says="The real part")
imag = _unary("imag", tf.math.imag, says="The imaginary part")

# One operand: integers become floating.
arccos = _float("arccos", tf.acos, says="The inverse of the cosine")
arccosh = _float("arccosh", tf.acosh, says="The inverse of the hyperbolic cosine")
arcsin = _float("arcsin", tf.asin, says="The inverse of the sine")
arcsinh = _float("arcsinh", tf.asinh, says="The inverse of the hyperbolic sine")
arctan = _float("arctan", tf.atan, says="The inverse of the tangent")
arctanh = _float("arctanh", tf.atanh, says="The inverse of the hyperbolic tangent")
cbrt = _float("cbrt", lambda x: tf.sign(x) * tf.abs(x) ** (1.0 / 3.0), says="The cube root")
ceil = _float("ceil", tf.math.ceil, says="The smallest whole number not below")
cos = _float("cos", tf.cos, says="The cosine")
cosh = _float("cosh", tf.cosh, says="The hyperbolic cosine")
deg2rad = _float("deg2rad", lambda x: x * (math.pi / 180.0), says="Degrees as radians")
exp = _float("exp", tf.exp, says="e to the power of x")
exp2 = _float("exp2", lambda x: tf.pow(tf.constant(2, x.dtype), x), says="2 to the power of x")
expm1 = _float("expm1", tf.math.expm1, says="exp(x) - 1, exact near 0")
fabs = _float("fabs", tf.abs, says="The absolute value, floating")
floor = _float("floor", tf.floor, says="The greatest whole number not above")
i0 = _float("i0", tf.math.bessel_i0, says="The modified Bessel function of order 0")
log = _float("log", tf.math.log, says="The natural logarithm")
log10 = _float("log10", lambda x: tf.math.log(x) / math.log(10.0), says="The logarithm to base 10")
log1p = _float("log1p", tf.math.log1p, says="log(1 + x), exact near 0")
log2 = _float("log2", lambda x: tf.math.log(x) / math.log(2.0), says="The logarithm to base 2")
rad2deg = _float("rad2deg", lambda x: x * (180.0 / math.pi), says="Radians as degrees")
sin = _float("sin", tf.sin, says="The sine")
sinh = _float("sinh", tf.sinh, says="The hyperbolic sine")
sqrt = _float("sqrt", tf.sqrt, says="The square root")
tan = _float("tan", tf.tan, says="The tangent")
tanh = _float("tanh", tf.tanh, says="The hyperbolic tangent")

# Two operands.
add = _binary("add", tf.add, says="The sum")
subtract = _binary("subtract", tf.subtract, says="The difference")
multiply = _binary("multiply", tf.multiply, says="The product")
divide = _binary("divide", tf.divide, says="The quotient", weak=float)
divide_no_nan = _binary(
    "divide_no_nan", tf.math.divide_no_nan, says="The quotient, 0 where the divisor is 0", weak=float
)
maximum = _binary("maximum", tf.maximum, says="The greater one")
minimum = _binary("minimum", tf.minimum, says="The lesser one")
hypot = _binary("hypot", lambda a, b: _scaled_hypot(a, b), says="sqrt(x1 ** 2 + x2 ** 2)", weak=float)
nextafter = _binary("nextafter", tf.math.nextafter, says="The next number after x1 towards x2", weak=float)
logaddexp = _binary(
    "logaddexp", lambda a, b: _log_of_sum(a, b), says="log(exp(x1) + exp(x2)) without overflow", weak=float
)
fmax = _binary("fmax", lambda a, b: _but_nan(tf.maximum, a, b), says="The greater one; a NaN only where both are")
fmin = _binary("fmin", lambda a, b: _but_nan(tf.minimum, a, b), says="The lesser one; a NaN only where both are")

abs, conj, true_divide = absolute, conjugate, divide


def _scaled_hypot(a: Tensor, b: Tensor) -> Tensor:
    greater, lesser = tf.maximum(tf.abs(a), tf.abs(b)), tf.minimum(tf.abs(a), tf.abs(b))
    return greater * tf.sqrt(1 + tf.math.divide_no_nan(lesser, greater) ** 2)


def _log_of_sum(a: Tensor, b: Tensor) -> Tensor:
    difference = a - b
    return tf.where(tf.math.is_nan(difference), a + b, tf.maximum(a, b) + tf.math.log1p(tf.exp(-tf.abs(difference))))


def _but_nan(function: Any, a: Tensor, b: Tensor) -> Tensor:
    if not a.dtype.is_floating:
        return function(a, b)
    return tf.where(tf.math.is_nan(a), b, tf.where(tf.math.is_nan(b), a, function(a, b)))


@operation
def square(x: TensorLike) -> Tensor:
    """x * x; bools become int32.

    Example:
      >>> print(tf.keras.ops.square([-3, 2]).numpy())
      [9 4]
    """
    return tf.square(countable(x))


@operation
def power(x1: TensorLike, x2: TensorLike) -> Tensor:
    """x1 to the power of x2, in their common dtype.

    Example:
      >>> print(tf.keras.ops.power([2, 3], 2).numpy())
      [4 9]
    """
    return _of_signed(tf.pow)(*promoted(x1, x2))


@operation
def floor_divide(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The quotient rounded towards minus infinity, in the operands' common dtype.

    Example:
      >>> print(tf.keras.ops.floor_divide([7, -7], 2).numpy())
      [ 3 -4]
    """
    a, b = promoted(x1, x2)
    return tf.math.floordiv(countable(a), countable(b))


@operation
def mod(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The remainder of `floor_divide`, with the sign of x2. Python numbers are int32 or `floatx` here.

    Example:
      >>> print(tf.keras.ops.mod([7, -7], 3).numpy())
      [1 2]
    """
    a, b = promoted(convert(x1), convert(x2))
    return tf.math.floormod(countable(a), countable(b))


@operation
def round(x: TensorLike, decimals: int = 0) -> Tensor:
    """The nearest number of so many decimals, even ones where two are as near.

    Args:
      x: tensor of any shape; of integers, negative decimals round to tens, hundreds, ...
      decimals: int.
    Example:
      >>> print(tf.keras.ops.round([0.5, 1.5, 2.26], 1).numpy())
      [0.5 1.5 2.3]
    """
    x = convert(x)
    if decimals == 0:
        return tf.round(x)
    factor = tf.cast(10.0**decimals, x.dtype if x.dtype.is_floating else "float32")
    return tf.cast(tf.round(tf.cast(x, factor.dtype) * factor) / factor, x.dtype)


@operation
def clip(x: TensorLike, x_min: Any, x_max: Any) -> Tensor:
    """x where it is between the limits, else the limit that it passes. Bools become int32.

    Args:
      x: tensor of any shape.
      x_min, x_max: numbers, or tensors whose shapes broadcast to x's.
    Example:
      >>> print(tf.keras.ops.clip([-2.0, 0.5, 3.0], 0.0, 1.0).numpy())
      [0.  0.5 1. ]
    """
    return tf.clip_by_value(countable(x), x_min, x_max)


@operation
def nan_to_num(x: TensorLike, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Tensor:
    """x with numbers in place of NaN and infinity; integers stay as they are.

    Args:
      x: tensor of any shape.
      nan: what stands for NaN.
      posinf, neginf: what stands for plus and minus infinity; the greatest and the least number of the dtype by default.
    Example:
      >>> print(tf.keras.ops.nan_to_num([float("nan"), 1.0, float("inf")], posinf=9.0).numpy())
      [0. 1. 9.]
    """
    x = convert(x)
    if not x.dtype.is_floating:
        return x
    high = x.dtype.max if posinf is None else posinf
    low = x.dtype.min if neginf is None else neginf
    infinity = tf.constant(math.inf, x.dtype)
    x = tf.where(tf.math.is_nan(x), tf.cast(nan, x.dtype), x)
    x = tf.where(tf.equal(x, infinity), tf.cast(high, x.dtype), x)
    return tf.where(tf.equal(x, -infinity), tf.cast(low, x.dtype), x)


@operation
def sinc(x: TensorLike) -> Tensor:
    """sin(pi x) / (pi x), 1 at 0.

    Example:
      >>> print(tf.keras.ops.sinc([0.0, 0.5]).numpy())
      [1.        0.6366198]
    """
    scaled = floating(x) * math.pi
    is_zero = tf.equal(scaled, 0)
    return tf.where(is_zero, tf.ones_like(scaled), tf.sin(scaled) / tf.where(is_zero, tf.ones_like(scaled), scaled))


@operation
def arctan2(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The angle of the point (x2, x1), from -pi to pi. Python numbers are int32 or `floatx` here.

    Example:
      >>> print(tf.keras.ops.arctan2([1.0, -1.0], [0.0, 0.0]).numpy())
      [ 1.5707964 -1.5707964]
    """
    y, x = promoted(convert(x1), convert(x2), weak=float)
    return tf.atan2(y, x)


@operation
def heaviside(x1: TensorLike, x2: TensorLike) -> Tensor:
    """0 where x1 is negative, 1 where it is positive, x2 where it is 0.

    Example:
      >>> print(tf.keras.ops.heaviside([-1.0, 0.0, 2.0], 0.5).numpy())
      [0.  0.5 1. ]
    """
    a, b = promoted(x1, x2, weak=None if result_type(convert(x1).dtype) != "bool" else int)
    return tf.where(a < 0, tf.zeros_like(a), tf.where(a > 0, tf.ones_like(a), b))


@operation
def fmod(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The remainder with the sign of x1, in the common dtype.

    Example:
      >>> print(tf.keras.ops.fmod([7, -7], 3).numpy())
      [ 1 -1]
    """
    a, b = promoted(x1, x2)
    if a.dtype.is_unsigned:
        return tf.math.floormod(a, b)
    return tf.sign(a) * tf.math.floormod(tf.abs(a), tf.abs(b))


@operation
def ldexp(x1: TensorLike, x2: TensorLike) -> Tensor:
    """x1 times 2 to the power of x2, floating."""
    a, exponent = floating(x1), convert(x2)
    return a * tf.pow(tf.constant(2, a.dtype), tf.cast(exponent, a.dtype))


@operation
def logaddexp2(x1: TensorLike, x2: TensorLike) -> Tensor:
    """log2(2 ** x1 + 2 ** x2) without overflow."""
    a, b = promoted(x1, x2, weak=float)
    return _log_of_sum(a * math.log(2.0), b * math.log(2.0)) / math.log(2.0)


@operation
def angle(x: TensorLike) -> Tensor:
    """The angles of complex numbers from -pi to pi; of real ones 0 or pi.

    Example:
      >>> print(tf.keras.ops.angle([1.0, -1.0]).numpy())
      [0.        3.1415927]
    """
    x = floating(x)
    x = tf.cast(x, result_type(x.dtype))
    return tf.atan2(tf.math.imag(x), tf.math.real(x))


@operation
def gcd(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The greatest common divisor of integers, in their common dtype.

    Example:
      >>> print(tf.keras.ops.gcd([12, 9], 6).numpy())
      [6 3]
    """
    a, b = promoted(x1, x2)
    shape = tf.broadcast_dynamic_shape(tf.shape(a), tf.shape(b))
    a, b = tf.broadcast_to(tf.abs(a), shape), tf.broadcast_to(tf.abs(b), shape)

    def step(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        is_done = tf.equal(b, 0)
        rest = tf.math.floormod(a, tf.where(is_done, tf.ones_like(b), b))
        return tf.where(is_done, a, b), tf.where(is_done, b, rest)

    return tf.while_loop(lambda a, b: tf.reduce_any(tf.not_equal(b, 0)), step, (a, b))[0]


@operation
def lcm(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The least common multiple of integers, in their common dtype."""
    a, b = promoted(x1, x2)
    divisor = gcd(a, b)
    return tf.abs(tf.math.floordiv(a, tf.maximum(divisor, tf.ones_like(divisor))) * b)
