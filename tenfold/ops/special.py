"""The error function and its relatives, and integrals that have names.

The kernels work in float64, but for erf and erfc of float32.
References: Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23, 1969 (erf, erfc); Wichura,
"Algorithm AS 241", Applied Statistics 37, 1988 (ndtri); Rybicki, "Dawson's integral and the sampling theorem", Computers in
Physics 3, 1989; Al Azah and Chandler-Wilde, SIAM J. Numer. Anal. 59, 2021 (the complex error function, for Fresnel's
integrals); dlmf.nist.gov/6, /7, /25.12.
"""

from __future__ import annotations

from functools import cache
from math import factorial, pi, sqrt
from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.dtypes import FLOATING
from tenfold.core.tensor import Tensor
from tenfold.ops import gather as gather_ops
from tenfold.ops import logic
from tenfold.ops.elementwise import divide, multiply, negative, square, subtract
from tenfold.ops.exponential import exp
from tenfold.ops.exponential import log as log_of
from tenfold.ops.gamma import bernoulli, polynomial
from tenfold.ops.trigonometry import cos, sin
from tenfold.ops.ufunc import InDouble, either, unary

# The error function

# Each a numerator and a denominator, the constants first: erf(x) / x in x**2 up to 1/2; erfc(x) exp(x**2) in x up to 4;
# and beyond, (1 / sqrt(pi) - x exp(x**2) erfc(x)) x**2 in 1 / x**2.
_ERF = (
    (3.20937758913846947e3, 3.77485237685302021e2, 1.13864154151050156e2, 3.16112374387056560, 1.85777706184603153e-1),
    (2.84423683343917062e3, 1.28261652607737228e3, 2.44024637934444173e2, 2.36012909523441209e1, 1.0),
)
_ERFC = (
    (1.23033935479799725e3, 2.05107837782607147e3, 1.71204761263407058e3, 8.81952221241769090e2, 2.98635138197400131e2,
     6.61191906371416295e1, 8.88314979438837594, 5.64188496988670089e-1, 2.15311535474403846e-8),
    (1.23033935480374942e3, 3.43936767414372164e3, 4.36261909014324716e3, 3.29079923573345963e3, 1.62138957456669019e3,
     5.37181101862009858e2, 1.17693950891312499e2, 1.57449261107098347e1, 1.0),
)  # fmt: skip
_ERFC_TAIL = (
    (6.58749161529837803e-4, 1.60837851487422766e-2, 1.25781726111229246e-1, 3.60344899949804439e-1,
     3.05326634961232344e-1, 1.63153871373020978e-2),
    (2.33520497626869185e-3, 6.05183413124413191e-2, 5.27905102951428412e-1, 1.87295284992346047, 2.56852019228982242, 1.0),
)  # fmt: skip
# erf(x) / x in x**2 up to 3.95, where float32 rounds erf to 1: fitted for a relative error of 2.2e-8.
_ERF_SINGLE = (
    (1.1283791445908176, 0.19146428233074872, 0.052863018659413175, 0.0038042074896602906, 0.00028455453881450675,
     2.0259740916775373e-6),
    (1.0, 0.5030134980717156, 0.11452311789894296, 0.015047177185138148, 0.0011696862315309395, 3.782555299782123e-5),
)  # fmt: skip
# erfc(x) exp(x**2) / t in t = 1 / (1 + x / 2), for x up to 10.3, where float32 rounds erfc to 0: fitted for 2.1e-8.
_ERFC_SINGLE = (
    0.28206654832204103, 0.2828138973400596, 0.23902889000797242, 0.22364024229111992, -0.09253140747307616,
    0.410019782701045, -0.6559849061839086, 0.4180675636721824, -0.11851069332212288, 0.011390061619672678,
)  # fmt: skip


def _ratio(coefficients: tuple, x: np.ndarray) -> np.ndarray:
    return polynomial(coefficients[0], x) / polynomial(coefficients[1], x)


def _erfc_of_positive(x: np.ndarray) -> np.ndarray:
    """erfc(x) for x > 1/2."""
    out = np.empty_like(x)
    rows = x <= 4
    out[rows] = _ratio(_ERFC, x[rows])
    inverse = 1 / np.square(x[~rows])
    out[~rows] = (1 / sqrt(pi) - inverse * _ratio(_ERFC_TAIL, inverse)) / x[~rows]
    rounded = np.trunc(np.minimum(x, 30.0) * 16) / 16  # exp(-x * x) loses digits unless the square is exact
    return out * np.exp(-rounded * rounded) * np.exp(-(x - rounded) * (x + rounded))


def _erf(x: np.ndarray) -> np.ndarray:
    size, out = np.abs(x), np.empty_like(x)
    rows = size <= 0.5
    out[rows] = x[rows] * _ratio(_ERF, np.square(x[rows]))
    out[~rows] = np.copysign(1 - _erfc_of_positive(size[~rows]), x[~rows])
    return out


def _erfc(x: np.ndarray) -> np.ndarray:
    size, out = np.abs(x), np.empty_like(x)
    rows = size <= 0.5
    out[rows] = 1 - x[rows] * _ratio(_ERF, np.square(x[rows]))
    tail = _erfc_of_positive(size[~rows])
    out[~rows] = np.where(x[~rows] < 0, 2 - tail, tail)
    return out


_ERF_IN_DOUBLE = InDouble(_erf)
_BLOCK = 1 << 14
_LEAST = 1 << 12  # elements: 25 us for NumPy, 4 for machine code


def _erf_kernel(x):
    if x.dtype != np.float32:
        return _ERF_IN_DOUBLE(x)
    out = np.empty(x.shape, np.float32)
    flat, source = out.reshape(-1), x.reshape(-1)
    for i in range(0, flat.size, _BLOCK):
        part = np.maximum(np.minimum(source[i : i + _BLOCK], 3.95), -3.95)
        np.multiply(part, _ratio(_ERF_SINGLE, np.square(part)), part)
        np.maximum(np.minimum(part, 1), -1, out=flat[i : i + _BLOCK])
    return out


_ERFC_IN_DOUBLE = InDouble(_erfc)


def _erfc_kernel(x):
    if x.dtype != np.float32:
        return _ERFC_IN_DOUBLE(x)
    out = np.empty(x.shape, np.float32)
    flat, source = out.reshape(-1), x.reshape(-1)
    for i in range(0, flat.size, _BLOCK):
        part = source[i : i + _BLOCK]
        size = np.minimum(np.abs(part), 10.3)
        t = np.reciprocal(size * 0.5 + 1)
        t *= polynomial(_ERFC_SINGLE, t)
        head = (size.view(np.int32) & -4096).view(np.float32)  # of so few digits that its square is exact
        t *= np.exp(head * -head)
        t *= np.exp((head - size) * (head + size))
        np.abs(np.less(part, 0) * np.float32(2) - t, out=flat[i : i + _BLOCK])  # 2 - t for negative ones
    return out


def _bell_slope(dy: Tensor, x: Tensor, factor: float) -> Tensor:
    return multiply(multiply(dy, factor), exp(negative(square(x))))


@unary(
    "Erf", _erf_kernel, types=FLOATING, vjp=lambda dy, x: _bell_slope(dy, x, 2 / sqrt(pi)), lower="erf", large=_LEAST
)
def erf(x: Any, name: str | None = None) -> Tensor:
    """The error function, `2 / sqrt(pi)` times the integral of `exp(-t ** 2)` from 0 to `x`.

    Example:
      >>> print(tf.math.erf([-1.0, 0.0, 4.0]).numpy())
      [-0.8427008  0.         1.       ]
    """


@unary(
    "Erfc",
    _erfc_kernel,
    types=FLOATING,
    vjp=lambda dy, x: _bell_slope(dy, x, -2 / sqrt(pi)),
    lower="erfc",
    large=_LEAST,
)
def erfc(x: Any, name: str | None = None) -> Tensor:
    """`1 - erf(x)`, exact where that is small.

    Example:
      >>> print(tf.math.erfc(4.0).numpy())
      1.54e-08
    """


# Quantiles of the normal distribution

# Numerators and denominators in 0.180625 - q**2 for a probability 1/2 + q, |q| <= 0.425; and, with r the root of minus the
# logarithm of the tail's probability, in r - 1.6 up to r = 5, and in r - 5 beyond.
_CENTRE = (
    (3.3871328727963666080, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
     4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3),
    (1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3, 2.1213794301586595867e4,
     3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3),
)  # fmt: skip
_TAIL = (
    (1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
     1.27045825245236838258, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4),
    (1.0, 2.05319162663775882187, 1.67638483018380384940, 6.89767334985100004550e-1, 1.48103976427480074590e-1,
     1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9),
)  # fmt: skip
_FAR_TAIL = (
    (6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 2.96560571828504891230e-1,
     2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7),
    (1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2, 7.86869131145613259100e-4,
     1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15),
)  # fmt: skip


def _quantile(q: np.ndarray, tail: np.ndarray) -> np.ndarray:
    """The normal quantile of the probability 1/2 + q, of which `tail` is the smaller one of the two sides."""
    return either(np.abs(q) <= 0.425, _central_quantile, _tail_quantile, q, tail)


def _central_quantile(q: np.ndarray, tail: np.ndarray) -> np.ndarray:
    return q * _ratio(_CENTRE, 0.180625 - np.square(q))


def _tail_quantile(q: np.ndarray, tail: np.ndarray) -> np.ndarray:
    r = np.sqrt(-np.log(tail))
    far = np.where(np.isinf(r), np.inf, _ratio(_FAR_TAIL, np.minimum(r, 40.0) - 5.0))
    return np.copysign(np.where(r <= 5.0, _ratio(_TAIL, r - 1.6), far), q)


def _ndtri(x: np.ndarray) -> np.ndarray:
    return _quantile(x - 0.5, np.minimum(x, 1 - x))


@unary(
    "Ndtri",
    InDouble(_ndtri),
    types=FLOATING,
    lower=True,
    large=True,
    vjp=lambda dy, out: multiply(multiply(dy, sqrt(2 * pi)), exp(multiply(square(out), 0.5))),
)
def ndtri(x: Any, name: str | None = None) -> Tensor:
    """The quantile of the standard normal distribution at the probability `x`.

    Example:
      >>> print(tf.math.ndtri([0.0, 0.5, 0.975]).numpy())
      [    -inf 0.       1.959964]
    """


@unary(
    "Erfinv",
    InDouble(lambda x: _quantile(x / 2, (1 - np.abs(x)) / 2) * sqrt(0.5)),
    types=FLOATING,
    lower=True,
    large=True,
    vjp=lambda dy, out: multiply(multiply(dy, sqrt(pi) / 2), exp(square(out))),
)
def erfinv(x: Any, name: str | None = None) -> Tensor:
    """The number whose error function is `x`.

    Example:
      >>> print(tf.math.erfinv([0.0, 0.5, 1.0]).numpy())
      [0.        0.4769363       inf]
    """


def erfcinv(x: Any, name: str | None = None) -> Tensor:
    """The number whose complementary error function is `x`.

    Raises:
      TypeError: the elements are no floating-point numbers.
    Example:
      >>> print(tf.math.erfcinv([0.0, 0.5, 2.0]).numpy())
      [      inf 0.4769363      -inf]
    """
    return multiply(negative(ndtri(multiply(convert(x), 0.5))), sqrt(0.5))


# Integrals


def _dawson_series(x: np.ndarray) -> np.ndarray:
    """x - 2/3 x**3 + 4/15 x**5 - ..., for |x| <= 1/4."""
    total = term = x
    for n in range(1, 12):
        term = term * (-2 * x * x) / (2 * n + 1)
        total = total + term
    return total


def _dawson_sampled(x: np.ndarray) -> np.ndarray:
    """Rybicki's sum of exp(-(x - n h)**2) / n over odd n, with the samples counted from the one nearest to x."""
    step = 0.25
    nearest = 2 * np.rint(x / (2 * step))
    rest = x - nearest * step
    total = np.zeros_like(x)
    for n in range(-25, 26, 2):
        total += np.exp(-np.square(rest - n * step)) / (n + nearest)
    return total / sqrt(pi)


def _dawsn(x: np.ndarray) -> np.ndarray:
    size = np.minimum(np.abs(x), 1e9)
    out = either(size <= 0.25, _dawson_series, _dawson_sampled, size)
    return np.copysign(np.where(np.abs(x) > 1e9, 0.5 / np.abs(x), out), x)


@unary(
    "Dawsn",
    InDouble(_dawsn),
    types=FLOATING,
    lower=True,
    large=True,
    vjp=lambda dy, x, out: multiply(dy, subtract(1, multiply(multiply(x, out), 2))),
)
def dawsn(x: Any, name: str | None = None) -> Tensor:
    """Dawson's integral, `exp(-x ** 2)` times the integral of `exp(t ** 2)` from 0 to `x`.

    Example:
      >>> print(tf.math.special.dawsn([0.0, 1.0]).numpy())
      [0.        0.5380795]
    """


def _expint(x: np.ndarray) -> np.ndarray:
    out = np.where(x == 0, -np.inf, np.nan)
    rows = (x > 0) & (x <= 40)
    y = x[rows]
    term, total = np.ones_like(y), np.zeros_like(y)
    for n in range(1, 500):
        term = term * y / n
        total += term / n
        if (term <= 1e-17 * total).all():
            break
    out[rows] = np.euler_gamma + np.log(y) + total
    rows = x > 40
    y = x[rows]
    series = polynomial([float(factorial(n)) for n in range(40)], 1 / y)
    half = np.exp(y / 2)  # the whole would overflow before the quotient does
    out[rows] = np.where(np.isinf(y), np.inf, half / y * series * half)
    return out


@unary("Expint", InDouble(_expint), types=FLOATING, vjp=lambda dy, x: multiply(dy, divide(exp(x), x)))
def expint(x: Any, name: str | None = None) -> Tensor:
    """The exponential integral Ei, of `exp(t) / t` from minus infinity to `x`; NaN for negative `x`.

    Example:
      >>> print(tf.math.special.expint([0.0, 1.0]).numpy())
      [    -inf 1.895118]
    """


def _fresnel_series(x: np.ndarray) -> np.ndarray:
    """C(x) + i S(x) = the sum of (i pi / 2)**n x**(2n + 1) / (n! (2n + 1)), for |x| <= 1."""
    total, term = np.zeros(x.shape, np.complex128), x.astype(np.complex128)
    for n in range(20):
        total += term / (2 * n + 1)
        term = term * (0.5j * pi * x * x / (n + 1))
    return total


def _faddeeva(z: np.ndarray) -> np.ndarray:
    """exp(-z**2) erfc(-i z) for z in the upper half-plane and away from the real axis, by the trapezoidal rule."""
    step = 0.45
    total = np.zeros_like(z)
    for n in range(14):
        t = (n + 0.5) * step
        total += np.exp(-t * t) / (z * z - t * t)
    residue = 2 * np.exp(-z * z) / (1 + np.exp(-2j * pi * z / step))
    return 2j * step / pi * z * total + np.where(z.imag < pi / step, residue, 0)


def _fresnel(x: np.ndarray) -> np.ndarray:
    """C(x) + i S(x)."""
    size = np.abs(x)
    out, rows = np.empty(x.shape, np.complex128), size <= 1
    out[rows] = _fresnel_series(size[rows])
    y = np.minimum(size[~rows], 1e9)
    phase = np.exp(0.5j * pi * np.fmod(y * y, 4.0))
    out[~rows] = (0.5 + 0.5j) * (1 - phase * _faddeeva(sqrt(pi) / 2 * (1 + 1j) * y))
    out[size > 1e9] = 0.5 + 0.5j
    return out * np.where(x < 0, -1.0, 1.0)


def _fresnel_slope(dy: Tensor, x: Tensor, function: Any) -> Tensor:
    return multiply(dy, function(multiply(square(x), pi / 2)))


@unary("FresnelCos", InDouble(lambda x: _fresnel(x).real), types=FLOATING, vjp=lambda dy, x: _fresnel_slope(dy, x, cos))
def fresnel_cos(x: Any, name: str | None = None) -> Tensor:
    """Fresnel's cosine integral, of `cos(pi / 2 * t ** 2)` from 0 to `x`.

    Example:
      >>> print(tf.math.special.fresnel_cos([0.0, 1.0]).numpy())
      [0.        0.7798934]
    """


@unary("FresnelSin", InDouble(lambda x: _fresnel(x).imag), types=FLOATING, vjp=lambda dy, x: _fresnel_slope(dy, x, sin))
def fresnel_sin(x: Any, name: str | None = None) -> Tensor:
    """Fresnel's sine integral, of `sin(pi / 2 * t ** 2)` from 0 to `x`.

    Example:
      >>> print(tf.math.special.fresnel_sin([0.0, 1.0]).numpy())
      [0.         0.43825915]
    """


@cache
def _debye() -> tuple[float, ...]:
    """B(2n) / (2n + 1)!, the coefficients of u**(2n + 1) in the dilogarithm of 1 - exp(-u)."""
    return tuple(b / factorial(2 * n + 1) for n, b in enumerate(bernoulli(10), 1))


def _spence_near_one(x: np.ndarray) -> np.ndarray:
    """The dilogarithm of 1 - x for 1/2 <= x <= 1."""
    u = 0 - np.log(x)
    return u - u * u / 4 + u * u * u * polynomial(_debye(), u * u)


def _spence(x: np.ndarray) -> np.ndarray:
    inverse = np.where(x > 1, 1 / x, x)  # to [0, 1], then to [1/2, 1]
    is_small = inverse < 0.5
    value = _spence_near_one(np.where(is_small, 1 - inverse, inverse))
    product = np.where(inverse > 0, np.log(inverse) * np.log1p(-inverse), 0.0)
    value = np.where(is_small, pi * pi / 6 - product - value, value)
    value = np.where(x > 1, -0.5 * np.square(np.log(x)) - value, value)
    return np.where(x < 0, np.nan, value)


def _spence_slope(x: Tensor) -> Tensor:
    return gather_ops.where(logic.equal(x, 1), -1.0, divide(log_of(x), subtract(1, x)))


@unary(
    "Spence",
    InDouble(_spence),
    types=FLOATING,
    lower=True,
    large=True,
    vjp=lambda dy, x: multiply(dy, _spence_slope(x)),
)
def spence(x: Any, name: str | None = None) -> Tensor:
    """Spence's function, the integral of `log(t) / (1 - t)` from 1 to `x`: the dilogarithm of `1 - x`.

    Example:
      >>> print(tf.math.special.spence([0.0, 1.0, 2.0]).numpy())
      [ 1.644934  0.       -0.822467]
    """
