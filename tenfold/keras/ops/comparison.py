"""Comparisons, logic and bits."""

from __future__ import annotations

import functools

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras.ops import operation as _operation
from tenfold.keras.ops.operation import operation, operation_of_class
from tenfold.keras.promotion import TensorLike, floating, promoted

_unary = functools.partial(_operation.unary, module=__name__)
_binary = functools.partial(_operation.binary, module=__name__)
_float = functools.partial(_operation.unary, module=__name__, makes_float=True)

equal = _binary("equal", tf.equal, says="Whether x1 == x2")
not_equal = _binary("not_equal", tf.not_equal, says="Whether x1 != x2")
greater = _binary("greater", tf.greater, says="Whether x1 > x2")
greater_equal = _binary("greater_equal", tf.greater_equal, says="Whether x1 >= x2")
less = _binary("less", tf.less, says="Whether x1 < x2")
less_equal = _binary("less_equal", tf.less_equal, says="Whether x1 <= x2")

isfinite = _float("isfinite", tf.math.is_finite, says="Whether a number is neither NaN nor infinite")
isinf = _float("isinf", tf.math.is_inf, says="Whether a number is infinite")
isnan = _float("isnan", tf.math.is_nan, says="Whether it is NaN")
isposinf = _float("isposinf", lambda x: tf.math.is_inf(x) & (x > 0), says="Whether a number is plus infinity")
isneginf = _float("isneginf", lambda x: tf.math.is_inf(x) & (x < 0), says="Whether a number is minus infinity")


def _bool(x: TensorLike) -> Tensor:
    return tf.cast(convert(x), "bool")


@operation
def logical_and(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Whether both are true; numbers are if they are not 0."""
    return tf.logical_and(_bool(x1), _bool(x2))


@operation
def logical_or(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Whether one is true; numbers are if they are not 0."""
    return tf.logical_or(_bool(x1), _bool(x2))


@operation
def logical_xor(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Whether just one is true; numbers are if they are not 0."""
    return tf.math.logical_xor(_bool(x1), _bool(x2))


@operation
def logical_not(x: TensorLike) -> Tensor:
    """Whether it is false; numbers are if they are 0."""
    return tf.logical_not(_bool(x))


@operation
def isclose(
    x1: TensorLike, x2: TensorLike, rtol: TensorLike = 1e-5, atol: TensorLike = 1e-8, equal_nan: bool = False
) -> Tensor:
    """Whether |x1 - x2| <= atol + rtol * |x2|; infinities are close if equal.

    Args:
      x1, x2: tensors whose shapes broadcast.
      rtol, atol: relative and absolute tolerance.
      equal_nan: whether NaN is close to NaN.
    Returns:
      bool Tensor of the broadcast shape.
    Example:
      >>> print(tf.keras.ops.isclose([1.0, 2.0], [1.0, 2.1]).numpy())
      [ True False]
    """
    a, b = promoted(x1, x2, weak=float)
    is_close = tf.abs(a - b) <= tf.cast(atol, a.dtype) + tf.cast(rtol, a.dtype) * tf.abs(b)
    result = tf.where(tf.math.is_finite(a) & tf.math.is_finite(b), is_close, tf.equal(a, b))
    return result | (tf.math.is_nan(a) & tf.math.is_nan(b)) if equal_nan else result


@operation_of_class("AllClose")
def allclose(x1: TensorLike, x2: TensorLike, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Tensor:
    """Whether all elements are close, as `isclose` says: a bool Tensor of shape ()."""
    return tf.reduce_all(isclose(x1, x2, rtol, atol, equal_nan))


@operation
def isreal(x: TensorLike) -> Tensor:
    """Whether the imaginary part is 0."""
    x = convert(x)
    return tf.equal(tf.math.imag(x), 0) if x.dtype.is_complex else tf.ones_like(x, dtype="bool")


@operation
def signbit(x: TensorLike) -> Tensor:
    """Whether a number is negative; -0.0 is.

    Example:
      >>> print(tf.keras.ops.signbit([-0.0, 0.0, -1.0]).numpy())
      [ True False  True]
    """
    x = floating(x)
    return tf.where(tf.equal(x, 0), 1 / x < 0, x < 0)


def _bits(name: str, function: object, says: str) -> object:
    def op(x: TensorLike, y: TensorLike) -> Tensor:
        return function(*promoted(x, y))  # type: ignore[operator]

    op.__doc__ = f"{says}, element by element: integers or bools in, their common dtype out."
    return _operation._named(op, name, __name__)


bitwise_and = _bits("bitwise_and", tf.bitwise.bitwise_and, "The bits that are set in both")
bitwise_or = _bits("bitwise_or", tf.bitwise.bitwise_or, "The bits that are set in one of them")
bitwise_xor = _bits("bitwise_xor", tf.bitwise.bitwise_xor, "The bits that are set in just one of them")
bitwise_left_shift = _bits("bitwise_left_shift", tf.bitwise.left_shift, "x with its bits moved up by y")
bitwise_right_shift = _bits("bitwise_right_shift", tf.bitwise.right_shift, "x with its bits moved down by y")
bitwise_not = _unary("bitwise_not", tf.bitwise.invert, says="The bits that are not set")
bitwise_invert, left_shift, right_shift = bitwise_not, bitwise_left_shift, bitwise_right_shift
