"""`tf.gradients` and `tf.hessians` in functions; the numbers are TensorFlow's."""

import numpy as np
import pytest

import tenfold as tf


def check(found, expected):
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        assert (a is None) == (b is None)
        if b is not None:
            np.testing.assert_allclose(a, b, rtol=1e-5)


def test_sources_that_depend_on_each_other_and_partial_derivatives():
    @tf.function
    def both():
        a = tf.constant(0.0)
        b = 2 * a
        return tf.gradients(a + b, [a, b]), tf.gradients(a + b, [a, b], stop_gradients=[a, b])

    total, partial = both()
    check(total, [3.0, 1.0])
    check(partial, [1.0, 1.0])


def test_values_on_the_way_are_sources_and_constants():
    @tf.function
    def f(x):
        a = x * x
        b = tf.sin(a)
        c = b * a
        return (
            tf.gradients(c, [x, a, b, c]),
            tf.gradients(c, [x, a], stop_gradients=b),
            tf.gradients(c, x, stop_gradients=a),
        )

    through, around, none = f(tf.constant(3.0))
    check(through, [-46.728325, -7.788054, 9.0, 1.0])
    check(around, [2.4727108, 0.4121185])
    assert none == [None]


def test_upstream_gradients_and_second_derivatives():
    @tf.function
    def f(x):
        y = x * x * x
        (dy,) = tf.gradients(y, x, grad_ys=tf.constant([2.0, 3.0]))
        (ddy,) = tf.gradients(tf.gradients(y, x)[0], x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            (slope,) = tf.gradients(x**3, x)
        return dy, ddy, tape.gradient(slope, x)

    check(f(tf.constant([1.0, 2.0])), [[6.0, 36.0], [6.0, 12.0], [6.0, 12.0]])


def test_variables_read_before_and_after_an_assignment():
    v, w = tf.Variable([1.0, 2.0]), tf.Variable(3.0)

    @tf.function
    def f(x):
        y = v * x
        v.assign(v * 2)
        return tf.gradients(v * y, [v, x, w]), tf.gradients(v * y, w, unconnected_gradients="zero")

    found, zeros = f(tf.constant([1.0, 2.0]))
    check(found, [[3.0, 12.0], [2.0, 8.0], None])
    check(zeros, [0.0])


def test_rows_of_a_variable_are_indexed_slices():
    table = tf.Variable([[1.0, 2.0], [3.0, 4.0]])

    @tf.function
    def f(i):
        (g,) = tf.gradients(tf.gather(table, i) * 2, table)
        assert isinstance(g, tf.IndexedSlices)
        return g.values, g.indices

    check(f(tf.constant([0, 1, 1])), [np.full((3, 2), 2.0), [0, 1, 1]])


def test_loops_branches_and_functions():
    @tf.function
    def square(x):
        return x * x

    @tf.function
    def f(x, n):
        power = x
        for _ in tf.range(n):
            power = power * x
        chosen = square(square(x))
        if tf.reduce_sum(x) > 1.0:
            chosen = x * x
            (inside,) = tf.gradients(chosen, x)
        else:
            inside = -x
        return *tf.gradients(power, x), *tf.gradients(chosen, x), inside

    check(f(tf.constant([1.0, 2.0]), tf.constant(3)), [[4.0, 32.0], [2.0, 4.0], [2.0, 4.0]])
    check(f(tf.constant([0.0, 0.5]), tf.constant(3)), [[0.0, 0.5], [0.0, 0.5], [0.0, -0.5]])


def test_a_gradient_of_ones_own():
    @tf.custom_gradient
    def square(x):
        return x * x, lambda dy: dy * 100.0

    check(tf.function(lambda x: tf.gradients(square(x) * 2, x))(tf.constant(2.0)), [200.0])


def test_hessians():
    @tf.function
    def f(x):
        of_one = tf.hessians(tf.reduce_sum(x**3) * x[0, 0], [x])
        return of_one + tf.hessians([tf.reduce_sum(x**3), tf.reduce_sum(x**2)], x)

    of_product, of_sum = f(tf.constant([[1.0, 2.0], [3.0, 4.0]]))
    expected = [[12, 12, 27, 48], [12, 12, 0, 0], [27, 0, 18, 0], [48, 0, 0, 24]]
    check([tf.reshape(of_product, [4, 4]), tf.reshape(of_sum, [4, 4])], [expected, np.diag([8, 14, 20, 26])])


def test_errors():
    with pytest.raises(RuntimeError, match="Use tf.GradientTape"):
        tf.gradients(tf.constant(1.0), tf.constant(1.0))
    with pytest.raises(RuntimeError, match="Use tf.GradientTape"):
        tf.hessians(tf.constant(1.0), tf.constant(1.0))
    with pytest.raises(ValueError, match="2 grad_ys for 1 ys"):
        tf.function(lambda x: tf.gradients(x, x, grad_ys=[x, x]))(tf.constant(1.0))

    def by_python(x):
        return tf.gradients(tf.py_function(tf.square, [x], tf.float32) * 2.0, x)

    with pytest.raises(NotImplementedError, match="Use tf.GradientTape around it"):
        tf.function(by_python).get_concrete_function(tf.constant(1.0))
