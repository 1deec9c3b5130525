"""The gamma function's logarithm and derivatives, the Hurwitz zeta function, incomplete gamma and beta functions.

The kernels work in float64. Sums and fractions run until the slowest element of a block has converged.
References: Abramowitz and Stegun, "Handbook of Mathematical Functions", chapters 6 and 23 (dlmf.nist.gov/5, /8, /25).
"""

from __future__ import annotations

from functools import cache
from math import comb, factorial, log, pi
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert, is_tensor_like
from tenfold.core.dtypes import FLOATING
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import Op, register, undefined_gradient
from tenfold.core.tensor import Tensor
from tenfold.ops import gamma_grad
from tenfold.ops import reduce as reduce_ops
from tenfold.ops.elementwise import add, multiply, negative, subtract, unbroadcast
from tenfold.ops.exponential import exp, xlog1py, xlogy
from tenfold.ops.exponential import log as log_of
from tenfold.ops.ufunc import InDouble, beside, binary, either, unary

_SINGLE_AND_DOUBLE = frozenset((dtypes.float32, dtypes.float64))
_MAX_TERMS = 2000
_ACCURACY = 1e-16
_SHIFT = 10  # what is added to small arguments, so that the asymptotic series reach full accuracy


@cache
def bernoulli(count: int) -> tuple[float, ...]:
    """The Bernoulli numbers B2, B4, ..., from their recurrence in whole numbers."""
    from fractions import Fraction

    numbers = [Fraction(1)]
    for n in range(1, 2 * count + 1):
        numbers.append(-sum((comb(n + 1, k) * b for k, b in enumerate(numbers)), Fraction(0)) / (n + 1))
    return tuple(float(b) for b in numbers[2::2])


def polynomial(coefficients: Any, x: np.ndarray) -> np.ndarray:
    """The polynomial with these coefficients, the constant first, by Horner's rule."""
    constant, *middle, last = coefficients
    total = x * last
    for coefficient in reversed(middle):
        total += coefficient
        total *= x
    total += constant
    return total


# Zeta


def _zeta_of_positive(x: np.ndarray, q: np.ndarray) -> np.ndarray:
    """The sum of (q + n)**-x for x > 1 and q > 0: its first terms, and Euler's and Maclaurin's formula for the rest."""
    total = np.zeros_like(x)
    for n in range(_SHIFT):
        total += np.power(q + n, -x)
    z = q + _SHIFT
    power = np.power(z, -x)
    tail = z / (x - 1) + 0.5
    factor = x / z  # x (x + 1) ... (x + 2k - 2) / z**(2k - 1)
    for k, b in enumerate(bernoulli(12), 1):
        tail += factor * (b / factorial(2 * k))
        factor = factor * (x + 2 * k - 1) * (x + 2 * k) / (z * z)
    return total + np.where(power > 0, tail * power, 0.0)


def _zeta(x: np.ndarray, q: np.ndarray) -> np.ndarray:
    # The terms with a negative base are, but for their sign, a sum between two positive arguments.
    rest = np.where(q > 0, q, np.where(q == np.floor(q), 1.0, q - np.floor(q)))
    out = _zeta_of_positive(x, rest) + either(q > 0, lambda x, q, rest: np.zeros_like(q), _negative_terms, x, q, rest)
    return np.where(x == 1, np.inf, np.where(x > 1, out, np.nan))


def _negative_terms(x: np.ndarray, q: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """The sum of (q + n)**-x for q + n < 0, which wants whole numbers for x; infinite, or NaN, where it passes 0."""
    is_even = np.mod(x, 2) == 0
    total = _zeta_of_positive(x, 1 - rest) - _zeta_of_positive(x, 1 - q)
    total = np.where((x == np.floor(x)) & np.isfinite(x), np.where(is_even, total, -total), np.nan)
    return np.where(q == np.floor(q), np.where(is_even, np.inf, np.nan), total)


@binary(
    "Zeta",
    InDouble(_zeta),
    types=_SINGLE_AND_DOUBLE,
    lower=True,
    vjp=(
        None,
        lambda dy, x, q, q_shape: unbroadcast(multiply(dy, multiply(negative(x), zeta(add(x, 1), q))), q_shape),
    ),
)
def zeta(x: Any, q: Any, name: str | None = None) -> Tensor:
    """The Hurwitz zeta function, the sum of `(q + n) ** -x` over all integers `n >= 0`.

    Returns:
      A tensor that is differentiable in `q`; infinite where `x` is 1, NaN where it is less.
    Example:
      >>> print(tf.math.zeta(2.0, 1.0).numpy())
      1.644934
    """


# Gamma's logarithm and its derivatives


@cache
def _log_gamma_at_two() -> tuple[float, ...]:
    """Taylor's coefficients of log(gamma(2 + s)), of which that of s**k is (zeta(k) - 1) / k, with alternating signs."""
    k = np.arange(2.0, 28.0)
    coefficients = _zeta_of_positive(k, np.full_like(k, 2.0)) / k * np.where(k % 2 == 0, 1.0, -1.0)
    return (0.0, 1 - np.euler_gamma, *coefficients)


def _stirling(z: np.ndarray) -> np.ndarray:
    """log(gamma(z)) - (z - 1/2) log(z) + z - log(2 pi) / 2 for z >= 10."""
    coefficients = [b / (2 * k * (2 * k - 1)) for k, b in enumerate(bernoulli(10), 1)]
    return polynomial(coefficients, 1 / (z * z)) / z


def _log_gamma_of_positive(x: np.ndarray) -> np.ndarray:
    return either(x < 2.5, _log_gamma_near_two, _log_gamma_by_stirling, x)


def _log_gamma_near_two(x: np.ndarray) -> np.ndarray:
    steps = np.where(x < 0.5, 2.0, np.where(x < 1.5, 1.0, 0.0))
    product = np.where(steps == 2, x * (x + 1), np.where(steps == 1, x, 1.0))
    return polynomial(_log_gamma_at_two(), x - (2 - steps)) - np.log(product)


def _log_gamma_by_stirling(x: np.ndarray) -> np.ndarray:
    is_small = x < _SHIFT
    product = np.ones_like(x)
    for n in range(_SHIFT):
        product *= x + n
    z = np.where(is_small, x + _SHIFT, x)
    product = np.where(is_small, product, 1.0)
    return (z - 0.5) * (np.log(z) - 1) + (log(2 * pi) - 1) / 2 + _stirling(z) - np.log(product)


def _sine_and_cosine_of_turns(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """sin(pi x) and cos(pi x) but for a common sign, exact where x is near an integer."""
    rest = pi * (x - np.rint(x))
    return np.sin(rest), np.cos(rest)


def _log_gamma(x: np.ndarray) -> np.ndarray:
    return either(x < 0, _reflected, lambda x, of_size: of_size, x, _log_gamma_of_positive(np.abs(x)))


def _reflected(x: np.ndarray, of_size: np.ndarray) -> np.ndarray:
    """log(gamma(x)) of a negative x from that of its size."""
    size = -x
    sine, _ = _sine_and_cosine_of_turns(size)
    out = log(pi) - np.log(size) - np.log(np.abs(sine)) - of_size
    return np.where(np.isinf(size), np.inf, out)


@unary("Lgamma", InDouble(_log_gamma), types=FLOATING, vjp=lambda dy, x: multiply(dy, digamma(x)), lower="lgamma")
def lgamma(x: Any, name: str | None = None) -> Tensor:
    """The logarithm of the absolute value of the gamma function.

    Example:
      >>> print(tf.math.lgamma([1.0, 4.0, -1.0]).numpy())
      [0.       1.791759      inf]
    """


def _digamma(x: np.ndarray) -> np.ndarray:
    is_reflected = x < 0.5
    y = np.where(is_reflected, 1 - x, x)
    is_small = y < _SHIFT
    steps = np.zeros_like(y)
    for n in range(_SHIFT):
        steps += 1 / (y + n)
    z = np.where(is_small, y + _SHIFT, y)
    series = [b / (2 * k) for k, b in enumerate(bernoulli(8), 1)]
    out = np.log(z) - 0.5 / z - polynomial(series, 1 / (z * z)) / (z * z) - np.where(is_small, steps, 0.0)
    sine, cosine = _sine_and_cosine_of_turns(x)
    out = np.where(is_reflected, out - pi * cosine / sine, out)
    return np.where((x <= 0) & (x == np.floor(x)), np.nan, out)


@unary(
    "Digamma",
    InDouble(_digamma),
    types=FLOATING,
    vjp=lambda dy, x: multiply(dy, polygamma(1, x)),
    lower=True,
    large=True,
)
def digamma(x: Any, name: str | None = None) -> Tensor:
    """The derivative of `tf.math.lgamma`.

    Example:
      >>> print(tf.math.digamma([1.0, 2.0]).numpy())
      [-0.5772157  0.4227843]
    """


def _polygamma(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    is_order = (a >= 0) & (a == np.floor(a))
    sign = np.where(np.mod(a, 2) == 1, 1.0, -1.0)
    out = np.where(is_order, sign * np.exp(_log_gamma(a + 1)) * _zeta(a + 1, x), np.nan)
    return np.where(a == 0, _digamma(x), out)


@binary(
    "Polygamma",
    InDouble(_polygamma),
    types=_SINGLE_AND_DOUBLE,
    lower=True,
    vjp=(None, lambda dy, a, x, x_shape: unbroadcast(multiply(dy, polygamma(add(a, 1), x)), x_shape)),
)
def polygamma(a: Any, x: Any, name: str | None = None) -> Tensor:
    """The derivative of order `a` of `tf.math.digamma`; NaN where `a` is no order.

    Example:
      >>> print(tf.math.polygamma(1.0, [1.0, 2.0]).numpy())
      [1.644934  0.6449341]
    """


def lbeta(x: Any, name: str | None = None) -> Tensor:
    """The logarithm of the absolute value of the beta function of the numbers along the last axis.

    Returns:
      A tensor without that axis: the sum of `tf.math.lgamma(x)` less `tf.math.lgamma` of the sum of `x`.
    Raises:
      tf.errors.InvalidArgumentError: `x` has no axes, or its elements are integers.
    Example:
      >>> print(tf.math.lbeta([[1.0, 2.0], [3.0, 4.0]]).numpy())
      [-0.6931472 -4.0943446]
    """
    x = convert(x)
    return subtract(reduce_ops.reduce_sum(lgamma(x), -1), lgamma(reduce_ops.reduce_sum(x, -1)))


# Incomplete gamma


def _log_gamma_density(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The logarithm of x**a exp(-x) / gamma(a), without the cancellation that large arguments would bring."""
    large = np.maximum(a, _SHIFT)
    excess = (x - large) / large
    by_stirling = large * (np.log1p(excess) - excess) + 0.5 * np.log(large / (2 * pi)) - _stirling(large)
    return np.where(a > _SHIFT, by_stirling, a * np.log(x) - x - _log_gamma_of_positive(a))


def _gamma_series(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """gamma(a, x) / (x**a exp(-x)) * a, from the powers of x."""
    term, total = np.ones_like(x), np.ones_like(x)
    for n in range(1, _MAX_TERMS):
        term = term * (x / (a + n))
        total += term
        if (term <= _ACCURACY * total).all():
            break
    return total


def _gamma_fraction(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Gamma(a, x) / (x**a exp(-x)), from Legendre's continued fraction by Lentz's method."""
    b = x + 1 - a
    c, d = np.full_like(x, 1e300), 1 / b
    value = d
    for n in range(1, _MAX_TERMS):
        numerator = n * (a - n)
        b = b + 2
        d = 1 / (b + numerator * d)
        c = b + numerator / c
        step = c * d
        value = value * step
        if (np.abs(step - 1) <= 4 * _ACCURACY).all():
            break
    return value


def _incomplete_gamma(a: np.ndarray, x: np.ndarray, is_upper: bool) -> np.ndarray:
    out = np.full_like(x, np.nan)
    is_inside = (a > 0) & (x > 0) & np.isfinite(a) & np.isfinite(x)
    is_tail = (x > 1) & (x > a)
    for rows, has_upper, evaluate in (
        (is_inside & ~is_tail, False, lambda p, q: _gamma_series(p, q) / p),
        (is_inside & is_tail, True, _gamma_fraction),
    ):
        p, q = a[rows], x[rows]
        part = evaluate(p, q) * np.exp(_log_gamma_density(p, q))
        out[rows] = part if has_upper == is_upper else 1 - part
    is_known = (a > 0) & (x >= 0)
    is_full = (np.isinf(x) & np.isfinite(a)) if not is_upper else (x == 0) | (np.isinf(a) & np.isfinite(x))
    is_empty = (x == 0) | np.isinf(a) if not is_upper else np.isinf(x)
    out[is_known & is_full] = 1.0
    out[is_known & is_empty] = 0.0
    return out


def _igamma(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.where(x == 0, 0.0, _incomplete_gamma(a, x, is_upper=False))


IGAMMA_GRAD_A = register(
    Op(
        "IgammaGradA",
        InDouble(lambda a, x: _igamma_grad_a(a, x)),
        types=_SINGLE_AND_DOUBLE,
        inputs=("a", "x"),
        vjp=undefined_gradient("IgammaGradA"),
    )
)


def _igamma_grad_a(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """dP/da = -(dP/dx) (dx/da) where P stays."""
    return -gamma_grad.RANDOM_GAMMA_GRAD.kernel(a, x) * np.exp(_log_gamma_density(a, x)) / x


def _igamma_slope_x(a: Tensor, x: Tensor) -> Tensor:
    return exp(subtract(subtract(multiply(subtract(a, 1), log_of(x)), x), lgamma(a)))


@binary(
    "Igamma",
    InDouble(_igamma),
    types=_SINGLE_AND_DOUBLE,
    vjp=(
        lambda dy, a, x, a_shape: unbroadcast(multiply(dy, IGAMMA_GRAD_A(a, x)), a_shape),
        lambda dy, a, x, x_shape: unbroadcast(multiply(dy, _igamma_slope_x(a, x)), x_shape),
    ),
)
def igamma(a: Any, x: Any, name: str | None = None) -> Tensor:
    """The lower incomplete gamma function of `a` from 0 to `x`, divided by `gamma(a)`.

    Example:
      >>> print(tf.math.igamma(1.0, [0.0, 1.0]).numpy())
      [0.        0.6321205]
    """


@binary(
    "Igammac",
    InDouble(lambda a, x: _incomplete_gamma(a, x, is_upper=True)),
    types=_SINGLE_AND_DOUBLE,
    vjp=(
        lambda dy, a, x, a_shape: negative(unbroadcast(multiply(dy, IGAMMA_GRAD_A(a, x)), a_shape)),
        lambda dy, a, x, x_shape: negative(unbroadcast(multiply(dy, _igamma_slope_x(a, x)), x_shape)),
    ),
)
def igammac(a: Any, x: Any, name: str | None = None) -> Tensor:
    """The upper incomplete gamma function of `a` from `x` on, divided by `gamma(a)`: `1 - tf.math.igamma(a, x)`.

    Example:
      >>> print(tf.math.igammac(1.0, [0.0, 1.0]).numpy())
      [1.        0.3678795]
    """


# Incomplete beta


def _beta_fraction(a: np.ndarray, b: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The continued fraction of the incomplete beta function, by Lentz's method; fast for x < (a + 1) / (a + b + 2)."""
    tiny = 1e-300
    c = np.ones_like(x)
    d = 1 - (a + b) * x / (a + 1)
    d = 1 / np.where(d == 0, tiny, d)
    value = d
    for n in range(1, _MAX_TERMS):
        even = n * (b - n) * x / ((a + 2 * n - 1) * (a + 2 * n))
        odd = -(a + n) * (a + b + n) * x / ((a + 2 * n) * (a + 2 * n + 1))
        step = np.ones_like(x)
        for numerator in (even, odd):
            d = 1 + numerator * d
            c = 1 + numerator / c
            d, c = 1 / np.where(d == 0, tiny, d), np.where(c == 0, tiny, c)
            step *= c * d
        value = value * step
        if (np.abs(step - 1) <= 4 * _ACCURACY).all():
            break
    return value


def _betainc(a: np.ndarray, b: np.ndarray, x: np.ndarray) -> np.ndarray:
    out = np.full_like(x, np.nan)
    rows = (a > 0) & (b > 0) & (x > 0) & (x < 1) & np.isfinite(a) & np.isfinite(b)
    p, q, y = a[rows], b[rows], x[rows]
    is_upper = y > (p + 1) / (p + q + 2)
    p, q, y = np.where(is_upper, q, p), np.where(is_upper, p, q), np.where(is_upper, 1 - y, y)
    log_beta = _log_gamma_of_positive(p) + _log_gamma_of_positive(q) - _log_gamma_of_positive(p + q)
    part = np.exp(p * np.log(y) + q * np.log1p(-y) - log_beta) / p * _beta_fraction(p, q, y)
    out[rows] = np.where(is_upper, 1 - part, part)
    is_known = ~((a <= 0) | (b <= 0))
    out[is_known & (x == 0)] = 0.0
    out[is_known & (x == 1)] = 1.0
    return out


def _betainc_vjp_x(dy, a, b, x, x_shape):
    log_beta = subtract(add(lgamma(a), lgamma(b)), lgamma(add(a, b)))
    log_density = subtract(add(xlog1py(subtract(b, 1), negative(x)), xlogy(subtract(a, 1), x)), log_beta)
    return unbroadcast(multiply(dy, exp(log_density)), x_shape)


BETAINC = register(
    Op(
        "Betainc",
        InDouble(_betainc),
        types=_SINGLE_AND_DOUBLE,
        inputs=("a", "b", "x"),
        vjp=(None, None, _betainc_vjp_x),
    )
)


def betainc(a: Any, b: Any, x: Any, name: str | None = None) -> Tensor:
    """The regularized incomplete beta function, the distribution function of the beta distribution.

    Args:
      a: Tensor of positive numbers.
      b: Tensor of positive numbers.
      x: Tensor of numbers from 0 to 1. The three have one shape, but for those that have no axes.
    Returns:
      A tensor that is differentiable in `x`.
    Raises:
      tf.errors.InvalidArgumentError: the shapes or the dtypes differ.
    Example:
      >>> print(tf.math.betainc(2.0, 3.0, [0.0, 0.5, 1.0]).numpy())
      [0.     0.6875 1.    ]
    """
    leader = convert(next((value for value in (a, b, x) if is_tensor_like(type(value))), a))
    tensors = [beside(leader, value) for value in (a, b, x)]
    arrays = [tensor._array for tensor in tensors]
    BETAINC.require(*arrays)
    shapes = {array.shape for array in arrays if array.ndim}
    if len(shapes) > 1:
        raise InvalidArgumentError(
            f"tf.math.betainc: the shapes of a, b and x are inconsistent: {', '.join(str(a.shape) for a in arrays)}; "
            "those with axes must be equal. Use tf.broadcast_to."
        )
    return BETAINC(*tensors)
