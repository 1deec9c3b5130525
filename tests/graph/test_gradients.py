"""Gradients of what graphs do: of branches and loops, and of functions that bring their own."""

import numpy as np
import pytest

import tenfold as tf


def slopes(function, *arguments, order=2):
    """The derivatives of a function of a tensor up to an order, by tapes around it."""
    x = arguments[0]
    with tf.GradientTape(persistent=True) as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = function(*arguments)
        dy = inner.gradient(y, x)
    return [dy, outer.gradient(dy, x)][:order]


def power(x, n):
    return tf.while_loop(lambda i, p: i < n, lambda i, p: (i + 1, p * x), (0, tf.ones_like(x)))[1]


@pytest.mark.parametrize("n", [2, 4])
def test_loop_to_second_order(n):
    x = tf.constant(2.0)
    first, second = slopes(tf.function(power), x, tf.constant(n))
    np.testing.assert_allclose([first, second], [n * 2.0 ** (n - 1), n * (n - 1) * 2.0 ** (n - 2)])


@pytest.mark.parametrize("value", [2.0, -2.0])
def test_branch_to_second_order(value):
    function = tf.function(lambda x: tf.cond(x > 0.0, lambda: x * x * x, lambda: tf.exp(x)))
    x = tf.constant(value)
    expected = (12.0, 12.0) if value > 0 else (np.exp(value),) * 2
    np.testing.assert_allclose(slopes(function, x), expected, rtol=1e-6)


def test_branch_in_a_loop_with_a_tape_inside():
    @tf.function
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x
            for _ in tf.range(3):
                if y < 5.0:
                    y = y * y
        return tape.gradient(y, x)

    np.testing.assert_allclose([f(tf.constant(2.0)), f(tf.constant(3.0))], [4 * 8.0, 6.0])


@tf.custom_gradient
def halved(x):
    y = x * x
    return y, lambda dy: dy * x


def test_own_gradient_under_a_tape_around():
    x = tf.constant(3.0)
    assert [float(d) for d in slopes(tf.function(halved), x)] == [3.0, 1.0]


def test_own_gradient_in_nested_functions():
    inner = tf.function(lambda x: halved(x) + x)
    x = tf.constant(3.0)
    assert [float(d) for d in slopes(tf.function(lambda x: inner(x) * 2.0), x)] == [8.0, 2.0]


def test_own_gradient_of_variables():
    v = tf.Variable(2.0)

    @tf.custom_gradient
    def scaled(x):
        def grad(dy, variables):
            assert [w is v for w in variables] == [True]
            return dy * 10.0, [dy * 100.0]

        return x * v, grad

    traced = tf.function(lambda x: scaled(x))
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = traced(x)
    assert [float(g) for g in tape.gradient(y, [x, v])] == [10.0, 100.0]


def test_own_gradient_that_fails_does_so_when_it_is_asked_for():
    @tf.custom_gradient
    def wrong(x):
        return x * 2.0, lambda dy: (dy, dy)

    traced, x = tf.function(lambda x: wrong(x)), tf.constant(1.0)
    assert float(traced(x)) == 2.0
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = traced(x)
    with pytest.raises(ValueError, match="expected to return 1 gradients"):
        tape.gradient(y, x)


def test_stop_gradient_in_a_function():
    x = tf.constant(3.0)
    assert [float(d) for d in slopes(tf.function(lambda x: x * x * tf.stop_gradient(x)), x)] == [18.0, 6.0]


def test_gradient_where_unknown_sizes_broadcast():
    @tf.function(input_signature=[tf.TensorSpec([None, None]), tf.TensorSpec([None])])
    def f(x, y):
        with tf.GradientTape() as tape:
            tape.watch([x, y])
            z = x * y
        return tape.gradient(z, [x, y])

    for x, y in [((2, 3), 3), ((2, 1), 3), ((2, 3), 1), ((0, 3), 3)]:
        dx, dy = f(tf.ones(x), tf.ones([y]))
        assert dx.shape == x and dy.shape == y
    assert f.experimental_get_tracing_count() == 1
