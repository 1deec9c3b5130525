"""`tf.py_function` and `tf.numpy_function` as decorators; what TensorFlow 2.21 returns and refuses."""

from __future__ import annotations

import numpy as np
import pytest

import tenfold as tf


def test_decorated_functions_take_what_they_are_called_with():
    ran = []

    @tf.py_function(Tout=tf.float32)
    def scaled(x, factor=2.0):
        ran.append(type(x).__name__)
        return x * factor

    @tf.numpy_function(Tout=tf.float32)
    def plus_one(x):
        assert type(x) is not tf.Tensor
        return np.float32(x + 1)

    @tf.function
    def both(x):
        return scaled(x) + plus_one(x), scaled(x, 4.0)

    assert scaled.__name__ == "scaled"
    assert float(scaled(3.0)) == 6.0 and float(scaled(tf.constant(3.0), 4.0)) == 12.0
    for x in (2.0, 5.0):
        assert [float(y) for y in both(tf.constant(x))] == [3 * x + 1, 4 * x]
    assert len(ran) == 6


def test_gradients_flow_through_a_decorated_function():
    @tf.py_function(Tout=tf.float32)
    def cube(x):
        return x**3

    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.function(lambda x: cube(x))(x)
    assert float(tape.gradient(y, x)) == 12.0


@pytest.mark.parametrize("function", [tf.py_function, tf.numpy_function])
def test_what_a_decorator_needs(function):
    with pytest.raises(TypeError, match="Tout"):
        function()
    with pytest.raises(TypeError, match="no inp"):
        function(inp=[1.0], Tout=tf.float32)
    with pytest.raises(TypeError, match="needs inp"):
        function(lambda x: x, Tout=tf.float32)
