"""Elementary functions on vectors, as polynomials. Largest errors, in units of the last place, are in `MAX_ULP` and tested.

Infinities, NaN, zeros with their signs and denormal arguments and results are as IEEE 754 wants them. What has no polynomial here
calls the C library lane by lane.

References: Cody and Waite, "Software Manual for the Elementary Functions", 1980; coefficients of log are those of Sun's fdlibm.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from tenfold.compiler.writer import FLOAT32, FLOAT64, Operand

MAX_ULP = {
    "exp": 1.5, "expm1": 3.0, "log": 1.5, "log1p": 2.5, "tanh": 4.0, "sigmoid": 3.0, "erf": 4.0, "erfc": 6.0, "sin": 2.0, "cos": 2.0, "pow": 1.5,
}  # fmt: skip


class _Format(NamedTuple):
    """What the algorithms need to know of a float format."""

    mantissa_bits: int
    bias: int
    magic: float  # adding it rounds to an integer, which is then in the lowest bits
    ln2_high: float  # ends with zeros, so that its product with an exponent is exact
    ln2_low: float
    exp: tuple[float, ...]  # (exp(r) - 1 - r) / r**2
    exp_range: tuple[float, float]
    log: tuple[float, ...]


_FORMATS = {
    FLOAT32: _Format(
        23, 127, 1.5 * 2.0**23, 0.693359375, -2.12194440e-4,
        (5.0000001201e-1, 1.6666665459e-1, 4.1665795894e-2, 8.3334519073e-3, 1.3981999507e-3, 1.9875691500e-4), (-104.0, 88.8),
        (0.66666662693, 0.40000972152, 0.28498786688, 0.24279078841),
    ),
    FLOAT64: _Format(
        52, 1023, 1.5 * 2.0**52, 6.93147180369123816490e-01, 1.90821492927058770002e-10,
        tuple(1 / math.factorial(n) for n in range(2, 15)), (-746.0, 710.0),
        (
            6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01, 2.222219843214978396e-01,
            1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01,
        ),
    ),
}  # fmt: skip


def polynomial(x: Operand, coefficients: Sequence[float]) -> Operand:
    """`c[0] + c[1] x + c[2] x**2 + ...`"""
    y = x.const(coefficients[-1])
    for c in reversed(coefficients[:-1]):
        y = y.times_plus(x, c)
    return y


def _power_of_two(n: Operand, f: _Format) -> Operand:
    """2**n for an integer n that a normal number can have as exponent."""
    return (n + f.bias).op("shl", f.mantissa_bits).real()


def _reduce_exp(x: Operand, f: _Format) -> tuple[Operand, Operand]:
    """n and expm1(r) with x = n ln 2 + r, |r| <= ln 2 / 2."""
    shifted = x.times_plus(1 / math.log(2), f.magic)
    n = shifted.bits() - x.const(f.magic).bits()
    whole = shifted - f.magic
    r = whole.times_plus(-f.ln2_low, whole.times_plus(-f.ln2_high, x))
    return n, (r * r).times_plus(polynomial(r, f.exp), r)


def exp(x: Operand) -> Operand:
    f = _FORMATS[x.dtype]
    low, high = f.exp_range
    x = (x < low).select(low, x)  # NaN stays
    n, p = _reduce_exp((x > high).select(high, x), f)
    half = n.op("ashr", 1)  # in two steps, for results that are denormal or overflow
    scale = _power_of_two(half, f)
    return p.times_plus(scale, scale) * _power_of_two(n - half, f)


def expm1(x: Operand) -> Operand:
    f = _FORMATS[x.dtype]
    low, high = -float(f.bias) / 2, f.exp_range[1]
    clamped = (x < low).select(low, (x > high).select(high, x))
    n, p = _reduce_exp(clamped, f)
    scale = _power_of_two(n - 1, f)  # half of it, as 2**n may overflow where the result does not
    y = p.times_plus(scale, scale - 0.5) * 2.0
    return (x.abs() < 2.0**-f.mantissa_bits / 4).select(x, y)  # keeps -0 and denormals


def log(x: Operand) -> Operand:
    f = _FORMATS[x.dtype]
    tiny = x < float(np.finfo(x.dtype).tiny)
    bits = tiny.select(x * 2.0**f.mantissa_bits, x).bits()
    # m in [sqrt(1/2), sqrt(2)) and an exponent k
    root = x.const(math.sqrt(0.5)).bits()
    k = (bits - root).op("ashr", f.mantissa_bits)
    m = (bits - k.op("shl", f.mantissa_bits)).real()
    exponent = k.convert("sitofp", x.dtype)
    exponent = tiny.select(exponent - float(f.mantissa_bits), exponent)
    r = m - 1.0
    s = r / (r + 2.0)
    z = s * s
    half_square = r * r * 0.5
    tail = z.times_plus(polynomial(z, f.log), half_square)
    y = exponent.times_plus(f.ln2_high, r - (half_square - s.times_plus(tail, exponent * f.ln2_low)))
    y = (x < math.inf).select(y, x)  # inf, NaN
    y = (x < 0.0).select(math.nan, y)
    return x.equals(0.0).select(-math.inf, y)


def log1p(x: Operand) -> Operand:
    u = x + 1.0
    y = log(u) + (x - (u - 1.0)) / u  # the second term is what rounding took from u
    y = x.equals(-1.0).select(-math.inf, y)
    return (x.equals(0.0) | x.equals(math.inf)).select(x, y)


def tanh(x: Operand) -> Operand:
    f = _FORMATS[x.dtype]
    bound = 10.0 if x.dtype == FLOAT32 else 20.0  # from there on the result is 1
    size = x.abs()
    n, p = _reduce_exp((size > bound).select(bound, size) * 2.0, f)
    scale = _power_of_two(n, f)
    t = p.times_plus(scale, scale - 1.0)  # expm1(2 |x|), which neither overflows nor has a sign
    return (t / (t + 2.0)).intrinsic("copysign", x)


def sigmoid(x: Operand) -> Operand:
    f = _FORMATS[x.dtype]
    low, shift = f.exp_range[0], f.bias // 2
    size = -x.abs()
    n, p = _reduce_exp((size < low).select(low, size), f)
    scale = _power_of_two(n + shift, f)
    e = p.times_plus(scale, scale) * 2.0**-shift  # exp(-|x|), rounded once where it is denormal
    return (x < 0.0).select(e, 1.0) / (e + 1.0)


# erf(x) is x P(x**2) up to 1, and 1 - exp(Q(|x|)) beyond; fitted by least squares on Chebyshev nodes.
_ERF_SMALL = (
    1.128379166e00,
    -3.761262690e-01,
    1.128359746e-01,
    -2.685432880e-02,
    5.189311943e-03,
    -8.018854992e-04,
    7.882497108e-05,
)
_ERF_LARGE = (
    1.090628187e-04,
    -1.129114423e00,
    -6.344110989e-01,
    -1.066657868e-01,
    2.358012565e-02,
    -3.215047483e-03,
    4.804374186e-05,
    7.684836661e-05,
    -1.411551448e-05,
    8.806610560e-07,
)


def erf(x: Operand) -> Operand:
    if x.dtype != FLOAT32:
        return x.w.each_lane("erf", x)
    size = x.abs()
    small = x * polynomial(x * x, _ERF_SMALL)
    clamped = (size > 4.0).select(4.0, size)
    large = (1.0 - exp(polynomial(clamped, _ERF_LARGE))).intrinsic("copysign", x)
    return (size < 1.0).select(small, large)


# erfc(x) exp(x**2) / t in t = 1 / (1 + x / 2), for x up to 10.3, where float32 rounds erfc to 0
_ERFC = (
    0.28206654832204103,
    0.2828138973400596,
    0.23902889000797242,
    0.22364024229111992,
    -0.09253140747307616,
    0.410019782701045,
    -0.6559849061839086,
    0.4180675636721824,
    -0.11851069332212288,
    0.011390061619672678,
)


def erfc(x: Operand) -> Operand:
    if x.dtype != FLOAT32:
        return x.w.each_lane("erfc", x)
    size = x.abs()
    size = (size > 10.3).select(10.3, size)
    t = x.const(1.0) / size.times_plus(0.5, 1.0)
    head = (size.bits() & -4096).real()  # of so few digits that its square is exact
    rest = (head - size) * (head + size)  # at most 0.06
    small = rest.times_plus(polynomial(rest, (1.0, 1 / 2, 1 / 6, 1 / 24)), 1.0)
    y = t * polynomial(t, _ERFC) * exp(head * -head) * small
    return (x < 0.0).select(2.0 - y, y)


_SIN = {FLOAT64: tuple((-1) ** n / math.factorial(2 * n + 1) for n in range(1, 9))}
_COS = {FLOAT64: tuple((-1) ** n / math.factorial(2 * n) for n in range(2, 10))}
_HALF_PI = (1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21)  # in parts with zeros at the end


def _sine(x: Operand, quarter: int, name: str) -> Operand:
    """The sine of x and `quarter` right angles, in float64."""
    if x.dtype == FLOAT32:
        wide = _sine(x.convert("fpext", FLOAT64), quarter, name)
        return wide.convert("fptrunc", FLOAT32)
    large = x.abs() > 1e5
    y = _sine_of_small(large.select(0.0, x), quarter)
    w = x.w
    before, slow, after = w.block, w.label(), w.label()
    w.branch((large | x.is_nan()).any(), slow, after)
    w.begin(slow)
    exact = w.each_lane(name, x)
    w.jump(after)
    w.begin(after)
    return w.operand(f"phi {y.type} [ {y.text}, %{before} ], [ {exact.text}, %{slow} ]", y.dtype, y.lanes)


def _sine_of_small(x: Operand, quarter: int) -> Operand:
    f = _FORMATS[FLOAT64]
    shifted = x.times_plus(2 / math.pi, f.magic)
    n = shifted.bits() + quarter
    whole = shifted - f.magic
    r = x
    for part in _HALF_PI:
        r = whole.times_plus(-part, r)
    z = r * r
    sine = (z * r).times_plus(polynomial(z, _SIN[FLOAT64]), r)
    cosine = (z * z).times_plus(polynomial(z, _COS[FLOAT64]), 1.0 - z * 0.5)
    y = (n & 1).equals(1).select(cosine, sine)
    return (y.bits() ^ (n & 2).op("shl", 62)).real()


def sin(x: Operand) -> Operand:
    y = _sine(x, 0, "sin")
    return x.equals(0.0).select(x, y)


def cos(x: Operand) -> Operand:
    return _sine(x, 1, "cos")


def power(x: Operand, y: Operand) -> Operand:
    """x**y. In float32 by way of float64, which leaves bits to spare."""
    if x.dtype != FLOAT32:
        return x.w.each_lane("pow", x, y)
    size, wide_y = x.abs().convert("fpext", FLOAT64), y.convert("fpext", FLOAT64)
    r = exp(log(size) * wide_y).convert("fptrunc", FLOAT32)
    is_integer = y.intrinsic("trunc").equals(y)
    half = y * 0.5
    is_odd = is_integer & half.intrinsic("trunc").compare("ne", half) & (y.abs() < math.inf)
    r = is_odd.select(r.intrinsic("copysign", x), r)
    is_undefined = (x < 0.0) & (x > -math.inf) & ~is_integer
    r = is_undefined.select(math.nan, r)
    is_one = y.equals(0.0) | x.equals(1.0) | (x.equals(-1.0) & y.abs().equals(math.inf))
    return is_one.select(1.0, r)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": exp, "expm1": expm1, "log": log, "log1p": log1p, "tanh": tanh, "sigmoid": sigmoid, "erf": erf, "erfc": erfc, "sin": sin, "cos": cos,
    "pow": power,
}  # fmt: skip
LIBM = {
    name: name for name in ("tan", "sinh", "cosh", "asin", "acos", "atan", "asinh", "acosh", "atanh", "atan2", "lgamma")
}  # fmt: skip
EXPENSIVE = frozenset((*FUNCTIONS, *LIBM))  # worth keeping rather than computing twice
