"""Keras activations where frozen cases do not reach: what Keras 3.15 gets wrong, or refuses."""

from __future__ import annotations

import numpy as np
import pytest

import tenfold as tf
from tenfold.keras import activations


@pytest.mark.parametrize(
    ("z", "expected"),
    [
        # tau(z) = (sum of the support - 1) / size of the support: Martins and Astudillo, 2016, equation 4
        ([1.0, 1.0, 1.0], [1 / 3, 1 / 3, 1 / 3]),
        ([2.0, 2.0, -5.0], [0.5, 0.5, 0.0]),
        ([0.5, 0.25, -1.0], [0.625, 0.375, 0.0]),
        ([1.0, 0.75, 0.5, -2.0], [7 / 12, 1 / 3, 1 / 12, 0.0]),
        ([3.0, 2.0], [1.0, 0.0]),
        ([0.0], [1.0]),
    ],
)
def test_sparsemax_is_the_nearest_point_of_the_simplex(z, expected):
    np.testing.assert_allclose(activations.sparsemax(tf.constant(z)), expected, rtol=1e-6)


def test_sparsemax_gradient_centres_the_upstream_gradient_on_the_support():
    z = tf.Variable([0.5, 0.25, -1.0])
    with tf.GradientTape() as tape:
        y = activations.sparsemax(z)
    gradient = tape.gradient(y, z, output_gradients=tf.constant([1.0, 4.0, 9.0]))
    np.testing.assert_allclose(gradient, [-1.5, 1.5, 0.0], rtol=1e-6)


def test_sparsemax_along_any_axis():
    x = tf.random.normal((3, 4, 2), seed=1)
    np.testing.assert_allclose(
        activations.sparsemax(x, axis=1),
        tf.transpose(activations.sparsemax(tf.transpose(x, (0, 2, 1))), (0, 2, 1)),
        rtol=1e-6,
    )
    np.testing.assert_allclose(tf.reduce_sum(activations.sparsemax(x, axis=0), 0), np.ones((4, 2)), rtol=1e-5)


def test_softmax_takes_a_list_of_axes_and_refuses_scalars():
    x = tf.random.normal((2, 3), seed=1)
    np.testing.assert_array_equal(activations.softmax(x, axis=[0, 1]), activations.softmax(x, axis=(0, 1)))
    with pytest.raises(tf.errors.InvalidArgumentError):
        activations.softmax(tf.constant(1.0))
    with pytest.raises(tf.errors.InvalidArgumentError):
        activations.softmax(x, axis=(0, 2))


def test_activations_take_lists_and_numbers():
    np.testing.assert_array_equal(activations.relu([-1.0, 2.0]), [0.0, 2.0])
    np.testing.assert_array_equal(activations.sigmoid([0.0]), [0.5])
    np.testing.assert_array_equal(activations.softmax([[1.0, 1.0]]), [[0.5, 0.5]])
    np.testing.assert_allclose(activations.tanh(0.5), np.tanh(0.5), rtol=1e-6)


def test_layers_with_functions_of_tf_nn_are_saved_by_name():
    for function, name in ((tf.nn.softmax, "softmax"), (tf.nn.silu, "silu"), (tf.nn.log_softmax, "log_softmax")):
        layer = tf.keras.layers.Dense(2, activation=function)
        assert layer.get_config()["activation"] == name
        again = tf.keras.layers.Dense.from_config(layer.get_config())
        assert again.activation is getattr(activations, name)
