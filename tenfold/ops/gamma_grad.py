"""How a gamma variate moves with its shape parameter, which makes `tf.random.gamma` differentiable.

A variate x of Gamma(a) stays at one value of the distribution function P when a changes: dx/da = -(dP/da) / (dP/dx).

References: Figurnov, Mohamed and Mnih, "Implicit reparameterization gradients", NeurIPS 2018, arXiv:1805.08498.
"""

from __future__ import annotations

import numpy as np

from tenfold.core import dtypes
from tenfold.core.op import Op, register, undefined_gradient
from tenfold.ops import gamma as gamma_functions

_MAX_TERMS = 2000
_ACCURACY = 1e-16


def _random_gamma_grad_kernel(alpha, sample):
    RANDOM_GAMMA_GRAD.require(alpha, sample)
    a, x = np.broadcast_arrays(alpha.astype(np.float64), sample.astype(np.float64))
    shape, a, x = a.shape, a.reshape(-1), x.reshape(-1)
    out = np.where((x > 0) & (a > 0), 0.0, np.nan)
    out[(x == 0) & (a > 0)] = 0.0
    is_tail = (x > 1) & (x > a)
    for rows, derivative in ((~is_tail & (out == out) & (x > 0), _by_series), (is_tail & (out == out), _by_fraction)):
        out[rows] = derivative(a[rows], x[rows])
    return out.reshape(shape).astype(alpha.dtype)


def _by_series(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """From P = x**a exp(-x) / gamma(a + 1) * sum of x**n / ((a + 1) ... (a + n)), and its terms' derivatives."""
    term, term_da = np.ones_like(x), np.zeros_like(x)
    total, total_da = term.copy(), term_da.copy()
    for n in range(1, _MAX_TERMS):
        factor = x / (a + n)
        term_da = factor * (term_da - term / (a + n))
        term = factor * term
        total += term
        total_da += term_da
        if (np.abs(term_da) <= _ACCURACY * np.abs(total_da)).all():
            break
    return -(total * (np.log(x) - gamma_functions._digamma(a + 1)) + total_da) * x / a


def _by_fraction(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """From 1 - P = x**a exp(-x) / gamma(a) * a continued fraction, whose convergents p / q are derived along with it."""
    p0, q0, p1, q1 = np.ones_like(x), x.copy(), x + 1, (x + 2 - a) * x
    dp0, dq0, dp1, dq1 = np.zeros_like(x), np.zeros_like(x), np.zeros_like(x), -x
    value = p1 / q1
    slope = -value * dq1 / q1
    for n in range(1, _MAX_TERMS):
        b, c = x + 2 * n + 2 - a, n * (n + 1 - a)  # the fraction's next denominator and numerator
        p0, p1, dp0, dp1 = p1, p1 * b - p0 * c, dp1, dp1 * b - p1 - dp0 * c + p0 * n
        q0, q1, dq0, dq1 = q1, q1 * b - q0 * c, dq1, dq1 * b - q1 - dq0 * c + q0 * n
        value = p1 / q1
        previous, slope = slope, (dp1 - value * dq1) / q1
        scale = np.where(np.abs(p1) > 1e50, 1e-50, 1.0)
        for part in (p0, p1, q0, q1, dp0, dp1, dq0, dq1):
            part *= scale
        if (np.abs(slope - previous) <= _ACCURACY).all():
            break
    return (slope + value * (np.log(x) - gamma_functions._digamma(a))) * x


RANDOM_GAMMA_GRAD = register(
    Op(
        "RandomGammaGrad",
        _random_gamma_grad_kernel,
        types=(dtypes.float32, dtypes.float64),
        vjp=undefined_gradient("RandomGammaGrad"),
    )
)
