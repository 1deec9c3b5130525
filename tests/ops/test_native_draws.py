"""Random numbers that come from machine code are those of NumPy, and dropout is the same op in functions and outside."""

import numpy as np
import pytest

import tenfold as tf
from tenfold.compiler import philox as programs
from tenfold.ops import native_draws, philox
from tenfold.ops.philox import Stream

STREAMS = [Stream(5, 9), Stream((1 << 64) - 3, (1 << 128) - 4), Stream(1 << 40, (77 << 64) + (1 << 64) - 5)]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_uniform_numbers_are_the_same_from_machine_code(dtype, size, monkeypatch):
    monkeypatch.setattr(native_draws, "_WORTH", 1)
    dtype = tf.as_dtype(dtype).as_numpy_dtype
    calls = []

    def draw(*args):
        calls.append(args)
        return philox.uniform(*args)

    run = native_draws.native_when_worth(draw, programs.uniform)
    for stream in [*STREAMS, *STREAMS]:
        found, expected = run(stream, size, np.dtype(dtype)), philox.uniform(stream, size, np.dtype(dtype))
        assert found.dtype == expected.dtype
        assert found.tobytes() == expected.tobytes()
    assert len(calls) == 1  # the others were machine code


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_dropout_is_the_same_in_functions(dtype):
    x = tf.constant(np.linspace(-2, 2, 60).reshape(5, 12), dtype)

    def step(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.nn.experimental.stateless_dropout(x, 0.25, seed=[3, 4])
            loss = tf.reduce_sum(y * y)
        return y, tape.gradient(loss, x)

    for found, expected in zip(step(x), tf.function(step)(x), strict=True):
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found.numpy(), expected.numpy())


def test_dropout_lets_nothing_through_that_it_drops():
    x = tf.fill([200], np.float32(np.inf))
    y = tf.nn.experimental.stateless_dropout(x, 0.5, seed=[1, 2]).numpy()
    assert set(y.tolist()) == {0.0, np.inf}


def test_dropout_has_second_derivatives():
    x = tf.constant(np.linspace(0.5, 2, 8), tf.float64)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = tf.nn.experimental.stateless_dropout(x, 0.5, seed=[1, 2])
            loss = tf.reduce_sum(y**3)
        first = inner.gradient(loss, x)
    is_kept = y.numpy() != 0
    np.testing.assert_allclose(outer.gradient(first, x).numpy(), np.where(is_kept, 48 * x.numpy(), 0))
