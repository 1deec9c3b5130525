"""Bessel functions of order 0 and 1.

The kernels work in float64: power series where the argument is small, and elsewhere asymptotic series or integrals that the
trapezoidal rule gives to the last digit, as their integrands are analytic and fall off like exp(-t**2).
References: dlmf.nist.gov/10.2, /10.8, /10.25, /10.31, /10.40; Trefethen and Weideman, "The Exponentially Convergent Trapezoidal
Rule", SIAM Review 56, 2014.
"""

from __future__ import annotations

from functools import cache
from math import factorial, pi, sqrt
from typing import Any

import numpy as np

from tenfold.core.dtypes import FLOATING
from tenfold.core.tensor import Tensor
from tenfold.ops import gather as gather_ops
from tenfold.ops import logic
from tenfold.ops.elementwise import add, divide, multiply, negative, sign, subtract
from tenfold.ops.exponential import reciprocal
from tenfold.ops.gamma import polynomial
from tenfold.ops.ufunc import InDouble, either, unary

# Power series


@cache
def _series(order: int, count: int) -> tuple[float, ...]:
    """1 / (k! (k + order)!), the coefficients of I and J in powers of x**2 / 4 and -x**2 / 4."""
    return tuple(1 / (factorial(k) * factorial(k + order)) for k in range(count))


@cache
def _logarithmic_series(order: int, count: int) -> tuple[float, ...]:
    """Those of `_series` times psi(k + 1) + psi(k + order + 1), for the part of K and Y that goes with the logarithm."""
    harmonic = np.cumsum([0.0] + [1 / k for k in range(1, count + order)]) - np.euler_gamma
    return tuple(float(c * (harmonic[k] + harmonic[k + order])) for k, c in enumerate(_series(order, count)))


def _regular(order: int, x: np.ndarray, sign: float, count: int = 26) -> np.ndarray:
    """I for the sign 1, J for the sign -1."""
    return polynomial(_series(order, count), sign * x * x / 4) * (x / 2 if order else 1.0)


def _singular(order: int, x: np.ndarray, sign: float) -> np.ndarray:
    """The sum in K for the sign 1, in Y for the sign -1."""
    return polynomial(_logarithmic_series(order, 26), sign * x * x / 4) * (x / 2 if order else 1.0)


# Where the argument is large

_STEP = 0.34
_NODES = tuple(float(t) for t in _STEP * (np.arange(19) + 0.5))


def _amplitude(order: int, z: np.ndarray) -> np.ndarray:
    """K(z) exp(z) sqrt(2 z / pi), for z in the right half-plane and not near 0."""
    total = np.zeros_like(z)
    for t in _NODES:
        root = np.sqrt(1 + t * t / (2 * z))
        total += np.exp(-t * t) / root if order == 0 else 2 * t * t * np.exp(-t * t) * root
    return total * (2 * _STEP / sqrt(pi))


@cache
def _asymptotic(order: int, count: int = 34) -> tuple[float, ...]:
    """The coefficients of I(x) exp(-x) sqrt(2 pi x) in powers of 1 / x."""
    coefficients = [1.0]
    for k in range(1, count):
        coefficients.append(-coefficients[-1] * (4 * order**2 - (2 * k - 1) ** 2) / (8 * k))
    return tuple(coefficients)


def _scaled_i(order: int, x: np.ndarray) -> np.ndarray:
    """I(x) exp(-abs(x))."""
    size = np.abs(x)
    out = either(
        size > 20.0,
        lambda x: polynomial(_asymptotic(order), 1 / x) / np.sqrt(2 * pi * x),
        lambda x: _regular(order, x, 1.0, 36) * np.exp(-x),
        size,
    )
    return np.copysign(out, x) if order else out


def _i(order: int, x: np.ndarray) -> np.ndarray:
    scaled = _scaled_i(order, x)
    half = np.exp(np.abs(x) / 2)  # the whole would overflow before I does
    return np.where(np.isinf(x), np.copysign(np.inf, x) if order else np.inf, scaled * half * half)


def _k(order: int, x: np.ndarray, is_scaled: bool) -> np.ndarray:
    def small(x):
        if order == 0:
            value = -np.log(x / 2) * _regular(0, x, 1.0) + _singular(0, x, 1.0) / 2
        else:
            value = 1 / x + np.log(x / 2) * _regular(1, x, 1.0) - _singular(1, x, 1.0) / 2
        return value * np.exp(x) if is_scaled else value

    def large(x):
        return _amplitude(order, x) * np.sqrt(pi / (2 * x)) * (1.0 if is_scaled else np.exp(-x))

    positive = np.where(x <= 0, 1.0, x)
    return np.where(x <= 0, np.inf, either(positive > 2.0, large, small, positive))


def _hankel(order: int, x: np.ndarray) -> np.ndarray:
    """J(x) + i Y(x) where x is at least 4."""
    cosine, sine = np.cos(x), np.sin(x)
    turn = (cosine + sine) + 1j * (sine - cosine)  # sqrt(2) exp(i (x - pi / 4))
    return _amplitude(order, -1j * x) * (turn * (-1j) ** order) / np.sqrt(pi * x)


def _j(order: int, x: np.ndarray) -> np.ndarray:
    size = np.abs(x)
    out = either(size > 4.0, lambda x: _hankel(order, x).real, lambda x: _regular(order, x, -1.0), size)
    return out * np.where(np.signbit(x), -1.0, 1.0) if order else out


def _y(order: int, x: np.ndarray) -> np.ndarray:
    def small(x):
        value = 2 * np.log(x / 2) * _regular(order, x, -1.0) - _singular(order, x, -1.0)
        return (value if order == 0 else value - 2 / x) / pi

    positive = np.where(x <= 0, 1.0, x)
    return np.where(x <= 0, -np.inf, either(positive > 4.0, lambda x: _hankel(order, x).imag, small, positive))


# The ops


def _or_half_at_zero(slope: Tensor, x: Tensor) -> Tensor:
    """The derivative of I or J of order 1, whose formula divides by x."""
    return gather_ops.where(logic.equal(x, 0), 0.5, slope)


@unary(
    "BesselI0",
    InDouble(lambda x: _i(0, x)),
    types=FLOATING,
    lower=True,
    large=True,
    vjp=lambda dy, x: multiply(dy, bessel_i1(x)),
)
def bessel_i0(x: Any, name: str | None = None) -> Tensor:
    """The modified Bessel function of the first kind, of order 0.

    Example:
      >>> print(tf.math.bessel_i0([-1.0, 0.0]).numpy())
      [1.266066 1.      ]
    """


@unary(
    "BesselI0e",
    InDouble(lambda x: _scaled_i(0, x)),
    types=FLOATING,
    lower=True,
    large=True,
    vjp=lambda dy, x, out: multiply(dy, subtract(bessel_i1e(x), multiply(sign(x), out))),
)
def bessel_i0e(x: Any, name: str | None = None) -> Tensor:
    """`exp(-abs(x))` times the modified Bessel function of the first kind, of order 0.

    Example:
      >>> print(tf.math.bessel_i0e([-1.0, 0.0]).numpy())
      [0.4657596 1.       ]
    """


@unary(
    "BesselI1",
    InDouble(lambda x: _i(1, x)),
    types=FLOATING,
    lower=True,
    large=True,
    vjp=lambda dy, x, out: multiply(dy, _or_half_at_zero(subtract(bessel_i0(x), divide(out, x)), x)),
)
def bessel_i1(x: Any, name: str | None = None) -> Tensor:
    """The modified Bessel function of the first kind, of order 1.

    Example:
      >>> print(tf.math.bessel_i1([-1.0, 0.0]).numpy())
      [-0.5651591  0.       ]
    """


def _i1e_vjp(dy, x, out):
    slope = subtract(bessel_i0e(x), multiply(out, add(sign(x), reciprocal(x))))
    return multiply(dy, _or_half_at_zero(slope, x))


@unary("BesselI1e", InDouble(lambda x: _scaled_i(1, x)), types=FLOATING, lower=True, large=True, vjp=_i1e_vjp)
def bessel_i1e(x: Any, name: str | None = None) -> Tensor:
    """`exp(-abs(x))` times the modified Bessel function of the first kind, of order 1.

    Example:
      >>> print(tf.math.bessel_i1e([-1.0, 0.0]).numpy())
      [-0.2079104  0.       ]
    """


@unary("BesselJ0", InDouble(lambda x: _j(0, x)), types=FLOATING, vjp=lambda dy, x: negative(multiply(dy, bessel_j1(x))))
def bessel_j0(x: Any, name: str | None = None) -> Tensor:
    """The Bessel function of the first kind, of order 0.

    Example:
      >>> print(tf.math.special.bessel_j0([0.0, 2.0]).numpy())
      [1.         0.22389078]
    """


@unary(
    "BesselJ1",
    InDouble(lambda x: _j(1, x)),
    types=FLOATING,
    vjp=lambda dy, x, out: multiply(dy, _or_half_at_zero(subtract(bessel_j0(x), divide(out, x)), x)),
)
def bessel_j1(x: Any, name: str | None = None) -> Tensor:
    """The Bessel function of the first kind, of order 1.

    Example:
      >>> print(tf.math.special.bessel_j1([0.0, 2.0]).numpy())
      [0.         0.5767248]
    """


@unary(
    "BesselK0",
    InDouble(lambda x: _k(0, x, is_scaled=False)),
    types=FLOATING,
    lower=True,
    large=True,
    vjp=lambda dy, x: negative(multiply(dy, bessel_k1(x))),
)
def bessel_k0(x: Any, name: str | None = None) -> Tensor:
    """The modified Bessel function of the second kind, of order 0; infinite for `x <= 0`.

    Example:
      >>> print(tf.math.special.bessel_k0([0.0, 2.0]).numpy())
      [      inf 0.1138939]
    """


@unary(
    "BesselK0e",
    InDouble(lambda x: _k(0, x, is_scaled=True)),
    types=FLOATING,
    lower=True,
    large=True,
    vjp=lambda dy, x, out: multiply(dy, subtract(out, bessel_k1e(x))),
)
def bessel_k0e(x: Any, name: str | None = None) -> Tensor:
    """`exp(x)` times the modified Bessel function of the second kind, of order 0.

    Example:
      >>> print(tf.math.special.bessel_k0e([0.0, 2.0]).numpy())
      [      inf 0.8415682]
    """


@unary(
    "BesselK1",
    InDouble(lambda x: _k(1, x, is_scaled=False)),
    types=FLOATING,
    lower=True,
    large=True,
    vjp=lambda dy, x, out: negative(multiply(dy, add(bessel_k0(x), divide(out, x)))),
)
def bessel_k1(x: Any, name: str | None = None) -> Tensor:
    """The modified Bessel function of the second kind, of order 1; infinite for `x <= 0`.

    Example:
      >>> print(tf.math.special.bessel_k1([0.0, 2.0]).numpy())
      [      inf 0.1398659]
    """


def _k1e_vjp(dy, x, out):
    return multiply(dy, subtract(multiply(out, subtract(1, reciprocal(x))), bessel_k0e(x)))


@unary("BesselK1e", InDouble(lambda x: _k(1, x, is_scaled=True)), types=FLOATING, lower=True, large=True, vjp=_k1e_vjp)
def bessel_k1e(x: Any, name: str | None = None) -> Tensor:
    """`exp(x)` times the modified Bessel function of the second kind, of order 1.

    Example:
      >>> print(tf.math.special.bessel_k1e([0.0, 2.0]).numpy())
      [      inf 1.033477]
    """


@unary("BesselY0", InDouble(lambda x: _y(0, x)), types=FLOATING, vjp=lambda dy, x: negative(multiply(dy, bessel_y1(x))))
def bessel_y0(x: Any, name: str | None = None) -> Tensor:
    """The Bessel function of the second kind, of order 0; minus infinity for `x <= 0`.

    Example:
      >>> print(tf.math.special.bessel_y0([0.0, 2.0]).numpy())
      [     -inf 0.5103757]
    """


@unary(
    "BesselY1",
    InDouble(lambda x: _y(1, x)),
    types=FLOATING,
    vjp=lambda dy, x, out: multiply(dy, subtract(bessel_y0(x), divide(out, x))),
)
def bessel_y1(x: Any, name: str | None = None) -> Tensor:
    """The Bessel function of the second kind, of order 1; minus infinity for `x <= 0`.

    Example:
      >>> print(tf.math.special.bessel_y1([0.0, 2.0]).numpy())
      [       -inf -0.10703243]
    """
