"""`tf.keras.ops` where it meets the rest: functional models and their files, layers, `python -m tenfold`."""

import inspect
import subprocess
import sys

import numpy as np
import pytest

import tenfold as tf

ops = tf.keras.ops


def model_of_operations():
    x = tf.keras.Input((3, 4))
    y = ops.concatenate([ops.sum(ops.relu(x), axis=1, keepdims=True), x[:, :1]], axis=1)
    y = ops.clip(ops.transpose(ops.where(ops.greater(y, 0), y, 0.5), (0, 2, 1)), 0, ops.shape(x)[1])
    first, second = ops.split(ops.einsum("abc,abd->acd", y, y), 2, axis=-1)
    y = ops.reshape(ops.add(first, 1) + ops.logsumexp(second, axis=-1, keepdims=True), (-1, 2)) / 20
    return tf.keras.Model(x, ops.softmax(tf.keras.layers.Dense(2)(y)) + ops.ones_like(y))


def test_a_model_of_operations_is_saved_and_loaded(tmp_path):
    model = model_of_operations()
    x = np.random.RandomState(0).randn(2, 3, 4).astype(np.float32)
    model.save(tmp_path / "model.keras")
    loaded = tf.keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(x), model(x))
    assert [type(layer).__name__ for layer in loaded.layers] == ["InputLayer", "Dense"]


def test_a_model_of_operations_trains():
    tf.keras.utils.set_random_seed(1)
    model = model_of_operations()
    model.compile("sgd", "mse")
    x = np.random.RandomState(0).randn(8, 3, 4).astype(np.float32)
    losses = model.fit(x, np.tile([[1.2, 1.8]], (8, 1)), batch_size=8, epochs=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0]


def test_open_sizes_stay_open():
    x = tf.keras.Input((None, 4))
    assert ops.concatenate([x, x], axis=1).shape == (None, None, 4)
    assert ops.mean(x, axis=1).shape == (None, 4)
    assert ops.expand_dims(x, -1).shape == (None, None, 4, 1)


def test_symbolic_result_has_the_promoted_dtype():
    x = tf.keras.Input((4,), dtype="int32")
    assert ops.add(x, 1.5).dtype == "float32"
    assert ops.mean(x).dtype == "float32"
    assert ops.cast(x, tf.float16).dtype == "float16"


def test_configuration_cannot_be_symbolic():
    x = tf.keras.Input((4,))
    with pytest.raises(TypeError, match="axis is a KerasTensor; it must be known when the model is built"):
        ops.sum(x, axis=x)


def test_layer_of_operations_is_differentiable_in_functions():
    class Scaled(tf.keras.Layer):
        def build(self, shape):
            self.scale = self.add_weight(shape=(shape[-1],), initializer="ones")

        def call(self, x):
            return ops.rms_normalization(x, self.scale) / ops.max(ops.absolute(x), axis=-1, keepdims=True)

    layer = Scaled()
    x = tf.constant(np.random.RandomState(0).randn(3, 4).astype(np.float32))
    layer(x)

    def gradient():
        with tf.GradientTape() as tape:
            loss = ops.sum(layer(x))
        return tape.gradient(loss, layer.scale)

    np.testing.assert_allclose(tf.function(gradient)(), gradient(), rtol=1e-6)


def test_traced_shape_gives_tensors_where_sizes_are_open():
    @tf.function(input_signature=[tf.TensorSpec((None, 3))])
    def flattened(x):
        return ops.reshape(x, (ops.shape(x)[0] * ops.shape(x)[1],))

    assert flattened(tf.zeros((5, 3))).shape == (15,)


def test_operations_tell_their_parameters():
    assert list(inspect.signature(ops.add).parameters) == ["x1", "x2"]
    assert list(inspect.signature(ops.exp).parameters) == ["x"]
    undocumented = [
        name for name in dir(ops) if not name.startswith("_") and callable(f := getattr(ops, name)) and not f.__doc__
    ]
    assert not undocumented


def test_keras_does_not_import_operations_before_they_are_used():
    code = "import sys, tenfold; tenfold.keras.layers.Dense(1); sys.exit('tenfold.keras.ops' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_stand_in_finds_operations():
    code = "import tenfold.standin as s; s.install_as_tensorflow(); from keras import ops; from keras.ops.nn import relu; ops.add"
    result = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_argpartition_divides_at_kth():
    x = np.random.RandomState(0).randn(3, 5).astype(np.float32)
    found = np.take_along_axis(x, ops.argpartition(x, 2).numpy(), -1)
    assert (found[:, :2] <= found[:, 2:3]).all() and (found[:, 3:] >= found[:, 2:3]).all()
    assert sorted(found.ravel()) == sorted(x.ravel())


def test_operators_of_symbols_bring_dtypes_together():
    whole, real = tf.keras.Input((3,), dtype="int32"), tf.keras.Input((3,))
    model = tf.keras.Model(
        [whole, real], [whole + real, whole + 1.5, whole / 2, 2 - whole, 1 / real, (whole > 1) & (real < 3)]
    )
    found = model([tf.constant([[1, 2, 3]]), tf.constant([[1.0, 2.0, 4.0]])])
    assert [x.dtype.name for x in found] == ["float32", "float32", "float32", "int32", "float32", "bool"]
    assert [x.numpy().tolist() for x in found] == [
        [[2.0, 4.0, 7.0]], [[2.5, 3.5, 4.5]], [[0.5, 1.0, 1.5]], [[1, 0, -1]], [[1.0, 0.5, 0.25]], [[False, True, False]],
    ]  # fmt: skip
