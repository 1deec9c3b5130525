"""Elementary functions: largest errors in units of the last place, and what is special."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tenfold.compiler.builder import Builder
from tenfold.compiler.executable import compile
from tenfold.compiler.vector_math import MAX_ULP

RANGES = {
    "exp": (-103, 88.7), "expm1": (-20, 88), "log": (0, 1e30), "log1p": (-0.999, 1e6), "tanh": (-10, 10), "sigmoid": (-30, 30),
    "erf": (-4, 4), "erfc": (-4, 9), "sin": (-1e4, 1e4), "cos": (-1e4, 1e4),
}  # fmt: skip
SPECIAL = [0.0, -0.0, math.inf, -math.inf, math.nan, 1e-45, -1e-45, 1e-39, 3e38, -3e38, 1.0, -1.0, 1e20]


def run(op, *arrays):
    b = Builder()
    inputs = [b.input(a.shape, a.dtype) for a in arrays]
    return compile(b.program([getattr(b, op)(*inputs)]))(*arrays)[0]


def reference(op, x):
    """In long doubles, or in doubles for float32."""
    wide = x.astype(np.float64 if x.dtype == np.float32 else np.longdouble)
    with np.errstate(all="ignore"):
        if op == "sigmoid":
            return 1 / (1 + np.exp(-wide))
        if op in ("erf", "erfc"):
            return np.vectorize(getattr(math, op), otypes=[np.float64])(wide)
        return getattr(np, op)(wide)


def samples(op, dtype, count=20001):
    low, high = RANGES[op]
    rng = np.random.default_rng(1)
    linear = rng.uniform(low, high, count)
    small = rng.choice([-1.0, 1.0] if low < 0 else [1.0], count) * 10.0 ** rng.uniform(-30, 0, count)
    return np.clip(np.concatenate([linear, small]), low, high).astype(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("op", RANGES)
def test_errors_are_within_the_stated_ulps(op, dtype):
    x = samples(op, dtype)
    expected = reference(op, x)
    found = run(op, x)
    tiny = np.finfo(dtype).tiny
    ulp = np.spacing(np.maximum(np.abs(expected), tiny).astype(dtype)).astype(expected.dtype)
    error = np.abs(found - expected) / ulp
    assert np.max(error) <= MAX_ULP[op], (x[np.argmax(error)], np.max(error))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("op", RANGES)
def test_special_values(op, dtype):
    x = np.array(SPECIAL, dtype)
    expected = reference(op, x).astype(dtype)
    found = run(op, x)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=0)
    zeros = (expected == 0) & (x == 0)
    assert (np.signbit(found) == np.signbit(expected))[zeros].all()


def test_pow_of_everything():
    x = np.array([*SPECIAL, 2.5, -2.5, -8.0, 0.5], np.float32)
    y = np.array([*SPECIAL, 3.0, 2.0, -3.0, 0.5, 33.0, -0.5], np.float32)
    with np.errstate(all="ignore"):
        expected = np.power(x[:, None].astype(np.float64), y[None].astype(np.float64)).astype(np.float32)
    b = Builder()
    program = b.program([b.pow(b.reshape(b.input(x.shape, "float32"), (len(x), 1)), b.input(y.shape, "float32"))])
    np.testing.assert_allclose(compile(program)(x, y)[0], expected, rtol=1e-6)


def test_pow_in_float64_is_that_of_the_c_library():
    x = np.random.default_rng(0).uniform(0, 10, 100)
    np.testing.assert_allclose(run("pow", x, x[::-1].copy()), x ** x[::-1], rtol=1e-15)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 15, 31, 64, 100])
def test_every_number_of_lanes_gives_the_same_bits(size):
    x = np.linspace(-3, 3, 128, dtype=np.float32)
    for op in ("exp", "tanh", "erf", "sin"):
        np.testing.assert_array_equal(run(op, x[:size].copy()), run(op, x)[:size])
