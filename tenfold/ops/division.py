"""Division with a rule of its own for rounding, remainders or zeros; and rounding."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert, is_tensor_like
from tenfold.core.dtypes import FLOATING, NUMERIC, REAL
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import Op, register, undefined_gradient
from tenfold.core.tensor import Tensor
from tenfold.ops import creation, row_rules
from tenfold.ops.elementwise import conj, divide, multiply, negative, unbroadcast
from tenfold.ops.ufunc import SIGNED_REAL, STEP, binary, together, unary

# Quotients and remainders


def _refuse_zeros(divisor: np.ndarray) -> None:
    if np.count_nonzero(divisor) != divisor.size:
        raise InvalidArgumentError("Integer division by zero; the divisor must have no zeros.")


def _floor_div_kernel(x, y):
    if x.dtype.kind in "iu":
        _refuse_zeros(y)
        return np.floor_divide(x, y)
    return np.floor(np.divide(x, y))


@binary("FloorDiv", _floor_div_kernel, types=REAL, vjp=STEP, lower="floor_div")
def floordiv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x / y` rounded towards minus infinity.

    Raises:
      tf.errors.InvalidArgumentError: an integer is divided by zero, or dtypes or shapes do not fit.
    Example:
      >>> print(tf.math.floordiv([-7, 7], 2).numpy())
      [-4  3]
    """


def _floor_mod_kernel(x, y):
    if x.dtype.kind in "iu":
        _refuse_zeros(y)
        return np.mod(x, y)
    rest = np.fmod(x, y)
    is_off = np.logical_and(np.not_equal(rest, 0), np.not_equal(np.less(rest, 0), np.less(y, 0)))
    return np.where(is_off, np.add(rest, y), rest)


@binary(
    "FloorMod",
    _floor_mod_kernel,
    types=REAL,
    vjp=(
        lambda dy, x_shape: unbroadcast(dy, x_shape),
        lambda dy, x, y, y_shape: negative(unbroadcast(multiply(dy, floordiv(x, y)), y_shape)),
    ),
    lower="floor_mod",
)
def floormod(x: Any, y: Any, name: str | None = None) -> Tensor:
    """What `tf.math.floordiv` leaves: a remainder with the sign of `y`.

    Raises:
      tf.errors.InvalidArgumentError: an integer is divided by zero, or dtypes or shapes do not fit.
    Example:
      >>> print(tf.math.floormod([-7, 7], [3, -3]).numpy())
      [ 2 -2]
    """


mod = floormod


def _truncate_div_kernel(x, y):
    if x.dtype.kind in "iu":
        _refuse_zeros(y)
        quotient = np.floor_divide(x, y)
        is_inexact = np.logical_and(np.less(quotient, 0), np.not_equal(np.multiply(quotient, y), x))
        return np.add(quotient, is_inexact.astype(x.dtype))
    return np.trunc(np.divide(x, y))


@binary("TruncateDiv", _truncate_div_kernel, types=REAL, vjp=STEP, lower="trunc_div")
def truncatediv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x / y` rounded towards zero.

    Raises:
      tf.errors.InvalidArgumentError: an integer is divided by zero, or dtypes or shapes do not fit.
    Example:
      >>> print(tf.truncatediv([-7, 7], 2).numpy())
      [-3  3]
    """


def _truncate_mod_kernel(x, y):
    if x.dtype.kind in "iu":
        _refuse_zeros(y)
    return np.fmod(x, y)


@binary(
    "TruncateMod",
    _truncate_mod_kernel,
    types=FLOATING | {dtypes.int32, dtypes.int64},
    vjp=undefined_gradient("TruncateMod"),
    lower="trunc_mod",
)
def truncatemod(x: Any, y: Any, name: str | None = None) -> Tensor:
    """What `tf.truncatediv` leaves: a remainder with the sign of `x`.

    Raises:
      tf.errors.InvalidArgumentError: an integer is divided by zero, or dtypes or shapes do not fit.
    Example:
      >>> print(tf.truncatemod([-7, 7], [3, -3]).numpy())
      [-1  1]
    """


# What TensorFlow's first graphs divided with

DIV = register(
    Op(
        "Div",
        lambda x, y: _truncate_div_kernel(x, y) if x.dtype.kind in "iu" else np.divide(x, y),
        types=NUMERIC,
        vjp=(
            lambda dy, x_shape, y: unbroadcast(divide(dy, conj(y)), x_shape),
            lambda dy, y, out, y_shape: negative(unbroadcast(multiply(dy, conj(divide(out, y))), y_shape)),
        ),
        lower=lambda b, x, y: b.trunc_div(x, y) if x.dtype.kind in "iu" else b.div(x, y),
        rows=row_rules.elementwise,
    )
)
MOD = register(
    Op(
        "Mod",
        lambda x, y: _truncate_mod_kernel(x, y),
        types=FLOATING | {dtypes.int32, dtypes.int64},
        vjp=undefined_gradient("Mod"),
        lower="trunc_mod",
        rows=row_rules.elementwise,
    )
)


# Rounding


@unary("Ceil", np.ceil, types=FLOATING, vjp=STEP, lower="ceil")
def ceil(x: Any, name: str | None = None) -> Tensor:
    """The smallest integer that is not below each element, in its dtype.

    Example:
      >>> print(tf.math.ceil([-1.5, 1.2]).numpy())
      [-1.  2.]
    """


@unary("Floor", np.floor, types=FLOATING, vjp=STEP, lower="floor")
def floor(x: Any, name: str | None = None) -> Tensor:
    """The largest integer that is not above each element, in its dtype.

    Example:
      >>> print(tf.floor([-1.5, 1.2]).numpy())
      [-2.  1.]
    """


@unary(
    "Round",
    lambda x: np.rint(x) if x.dtype.kind in "fV" else x,
    types=SIGNED_REAL,
    vjp=STEP,
    lower=lambda b, x: x if x.dtype.kind in "iu" else b.round(x),
)
def _round(x: Tensor) -> Tensor: ...


def round(x: Any, name: str | None = None) -> Tensor:
    """The nearest integer to each element, in its dtype; of two, the even one.

    Example:
      >>> print(tf.round([0.5, 1.5, -2.7]).numpy())
      [ 0.  2. -3.]
    """
    x = convert(x)
    return x if x._array.dtype.kind in "iu" else _round(x)


@unary("Rint", np.rint, types=FLOATING, vjp=STEP, lower="round")
def rint(x: Any, name: str | None = None) -> Tensor:
    """The nearest integer to each element, as `tf.round` for floating-point dtypes.

    Example:
      >>> print(tf.math.rint([0.5, 1.5, -2.7]).numpy())
      [ 0.  2. -3.]
    """


def _floats_together(x1: Any, x2: Any) -> tuple[Tensor, Tensor]:
    if not is_tensor_like(type(x1)) and not is_tensor_like(type(x2)):
        x1 = convert(x1, None, dtypes.float32)
    return together(x1, x2)


@binary(
    "NextAfter",
    np.nextafter,
    types={dtypes.float32, dtypes.float64},
    vjp=(
        lambda dy, x1_shape: unbroadcast(dy, x1_shape),
        lambda dy, x2: creation.zeros_like(x2),
    ),
    operands=_floats_together,
)
def nextafter(x1: Any, x2: Any, name: str | None = None) -> Tensor:
    """The number after `x1` in the direction of `x2`.

    Example:
      >>> bool(tf.math.nextafter(1.0, 2.0) > 1.0)
      True
    """
