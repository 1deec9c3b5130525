"""Weights of few bits in SavedModels: quantized, float8, bfloat16, four bits."""

import numpy as np
import pytest

import tenfold as tf
from tenfold.protos import graph as messages
from tenfold.saved_model.values import array_of

VALUES = np.array([[1, -2], [3, 0], [0.5, -4]], np.float32)


@pytest.mark.parametrize(
    "name", ["qint8", "qint16", "qint32", "int4", "bfloat16", "float16", "float8_e4m3fn", "float8_e5m2"]
)
def test_weights_are_saved_and_read(name, tmp_path):
    dtype = tf.as_dtype(name)

    class Scaled(tf.Module):
        def __init__(self):
            self.weights = tf.Variable(tf.cast(VALUES, dtype), trainable=False)
            self.scale = tf.Variable(2.0)

        @tf.function(input_signature=[tf.TensorSpec([None, 3])])
        def __call__(self, x):
            constant = tf.cast(tf.cast(VALUES, dtype), tf.float32)
            return x @ (tf.cast(self.weights, tf.float32) * self.scale) + x @ constant

    module, x = Scaled(), tf.ones([2, 3])
    tf.saved_model.save(module, tmp_path / "1")
    loaded = tf.saved_model.load(tmp_path / "1")
    assert loaded.weights.dtype is dtype
    np.testing.assert_array_equal(loaded.weights.numpy(), module.weights.numpy())
    with tf.GradientTape() as tape:
        y = loaded(x)
    np.testing.assert_array_equal(y, module(x))
    np.testing.assert_allclose(tape.gradient(y, loaded.scale), tf.reduce_sum(x @ tf.cast(module.weights, tf.float32)))


def test_float8_is_read_from_bytes_of_its_own():
    message = messages.TensorProto(dtype=tf.as_dtype("float8_e4m3fn").as_datatype_enum, float8_val=b"\x38\xc0")
    message.tensor_shape.dim.add(size=3)
    np.testing.assert_array_equal(array_of(message).astype(np.float32), [1, -2, -2])  # the last one stands for the rest
