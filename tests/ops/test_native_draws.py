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


LOGITS = tf.constant(np.random.RandomState(0).normal(size=(3, 70)), tf.float32)
DRAWS = {
    "categorical": lambda: tf.random.categorical(LOGITS, 5, seed=5),
    "integers": lambda: tf.random.uniform([1001], -4, 1 << 40, tf.int64, seed=5),
    "shuffle": lambda: tf.random.shuffle(tf.reshape(tf.range(300), (100, 3)), seed=5),
    "shuffle of one": lambda: tf.random.shuffle(tf.zeros((1, 4)), seed=5),
    "truncated_normal": lambda: tf.random.truncated_normal([41, 100], seed=5),
}


@pytest.mark.parametrize("name", DRAWS)
def test_what_functions_draw_is_what_eager_code_draws(name):
    draw = DRAWS[name]
    function = tf.function(lambda: (draw(), draw()))
    tf.random.set_seed(1)
    found = [function() for _ in range(2)]
    assert "on the host" not in str(function.explain())
    for column in range(2):  # each draw of a function has a stream of its own
        tf.random.set_seed(1)
        for row in found:
            np.testing.assert_array_equal(row[column].numpy(), draw().numpy())


def test_an_empty_range_is_refused_in_functions():
    draw = tf.function(lambda high: tf.random.uniform([3], 5, high, tf.int32) + 1)
    assert set(draw(tf.constant(6)).numpy()) == {6}
    with pytest.raises(tf.errors.InvalidArgumentError, match="Need minval < maxval, got 5 >= 3"):
        draw(tf.constant(3))


def test_loops_that_draw_classes_are_native():
    table = tf.constant(np.random.RandomState(0).normal(size=(70, 70)), tf.float32)

    @tf.function
    def generate(logits, count):
        classes = tf.TensorArray(tf.int64, count)
        for i in tf.range(count):
            drawn = tf.random.categorical(logits, 1, seed=7)[0]
            logits = tf.gather(table, drawn)
            classes = classes.write(i, drawn)
        return classes.concat()

    tf.random.set_seed(1)
    found = generate(LOGITS[:1], 20)
    assert "on the host" not in str(generate.explain(LOGITS[:1], 20))
    tf.random.set_seed(1)
    np.testing.assert_array_equal(found.numpy(), generate.python_function(LOGITS[:1], tf.constant(20)).numpy())
