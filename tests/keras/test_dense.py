"""Dense layers called eagerly are one op; they must be what the ops are that they consist of."""

import numpy as np
import pytest

import tenfold as tf

SIZES = {"small": (4, 3, 5), "large": (64, 160, 128)}


def normal(*shape, seed=0, dtype=np.float32):
    return tf.constant(np.random.default_rng(seed).standard_normal(shape).astype(dtype))


def made(size, activation, dtype="float32"):
    rows, features, units = SIZES[size]
    layer = tf.keras.layers.Dense(units, activation, dtype=dtype, bias_initializer="normal")
    x = normal(rows, features, dtype=dtype)
    layer(x)
    return layer, x


def by_ops(layer, x, activation):
    y = tf.matmul(x, layer.kernel) + layer.bias
    return {"relu": tf.nn.relu, "tanh": tf.tanh, None: tf.identity}[activation](y)


def derivatives(function, x, variables):
    """A result, its gradients, the gradient of a function of these, and the derivative along a direction."""
    sources = [x, *variables]
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
            loss = tf.reduce_sum(tf.sin(y))
        first = tape.gradient(loss, sources)
        total = tf.add_n([tf.reduce_sum(tf.cos(g)) for g in first])
    second = outer.gradient(total, sources)
    with tf.autodiff.ForwardAccumulator(x, tf.cos(x)) as forward:
        z = function(x)
    return [y, *first, *second, forward.jvp(z)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("activation", ["relu", "tanh", None])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_values_and_derivatives(size, activation, dtype):
    layer, x = made(size, activation, dtype)
    found = derivatives(layer, x, layer.trainable_variables)
    expected = derivatives(lambda t: by_ops(layer, t, activation), x, layer.trainable_variables)
    rtol = 1e-4 if dtype == "float32" else 1e-11
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol * float(tf.reduce_max(tf.abs(b))))


@pytest.mark.parametrize("activation", ["relu", tf.nn.relu, None])
def test_small_ones_are_the_same_to_the_bit(activation):
    layer, x = made("small", activation)
    y = tf.matmul(x, layer.kernel) + layer.bias
    np.testing.assert_array_equal(layer(x), y if activation is None else tf.nn.relu(y))


@pytest.mark.parametrize("size", SIZES)
def test_what_is_no_number_stays_so(size):
    layer, x = made(size, "relu")
    x = tf.tensor_scatter_nd_update(x, [[0, 0], [1, 0]], [np.nan, np.inf])
    with tf.GradientTape() as tape:
        y = layer(x)
    g = tape.gradient(y, layer.bias)
    assert np.all(np.isnan(y[0])) and np.all(np.isfinite(y[2:])) and np.all(np.isfinite(g))
    np.testing.assert_array_equal(np.isposinf(y[1]), np.asarray(layer.kernel)[0] > 0)


@pytest.mark.parametrize("activation", ["relu", None])
def test_only_what_is_watched_has_a_gradient(activation):
    layer, x = made("small", activation)
    with tf.GradientTape(watch_accessed_variables=False, persistent=True) as tape:
        tape.watch(layer.bias)
        y = layer(x)
    assert tape.gradient(y, [x, layer.kernel]) == [None, None]
    np.testing.assert_array_equal(
        tape.gradient(y, layer.bias), tf.math.count_nonzero(y, 0) if activation else [4.0] * 5
    )
    layer.trainable = False
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
    assert tape.gradient(y, x).shape == x.shape and not tape.watched_variables()


@pytest.mark.parametrize("shape", [(3,), (2, 4, 3), (0, 3)])
def test_other_shapes(shape):
    layer, _ = made("small", "relu")
    if len(shape) == 1:
        with pytest.raises(ValueError, match="expected min_ndim=2, found ndim=1"):
            layer(normal(*shape))
    else:
        x = normal(*shape)
        np.testing.assert_allclose(layer(x), tf.nn.relu(tf.tensordot(x, layer.kernel, 1) + layer.bias), rtol=1e-6)


def test_gradients_of_results_that_others_use():
    layer, x = made("small", "relu")
    with tf.GradientTape() as tape:
        y = layer(x)
        z = tf.reduce_sum(y * y)
    dy, dx = tape.gradient(z, [y, layer.kernel])
    np.testing.assert_allclose(dy, 2 * y)
    np.testing.assert_allclose(dx, tf.matmul(x, 2 * y, transpose_a=True), rtol=1e-6)
