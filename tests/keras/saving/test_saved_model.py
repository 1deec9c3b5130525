"""Keras models as SavedModels: `Model.export` and `tf.saved_model.save(model)`."""

from __future__ import annotations

import numpy as np
import pytest

import tenfold as tf
from tests.golden.model_kinds import KINDS

MODELS = [name for name in KINDS if name != "module"]


@pytest.mark.parametrize("name", MODELS)
def test_an_exported_model_gives_the_same(name, tmp_path):
    model, x, *_ = KINDS[name](tf, tf.keras)
    model.export(tmp_path / "m", verbose=False)
    loaded = tf.saved_model.load(tmp_path / "m")
    expected = model(x, training=False)
    np.testing.assert_allclose(loaded.serve(x), expected, rtol=1e-5, atol=1e-6)
    (served,) = loaded.signatures["serving_default"](tf.constant(x)).values()
    np.testing.assert_allclose(served, expected, rtol=1e-5, atol=1e-6)
    assert [v.shape for v in loaded.variables] == [v.shape for v in model.variables]
    assert len(loaded.trainable_variables) == len(model.trainable_variables)


@pytest.mark.parametrize("name", MODELS)
def test_a_saved_model_goes_on_training(name, tmp_path):
    model, x, *_ = KINDS[name](tf, tf.keras)
    tf.saved_model.save(model, tmp_path / "m")
    loaded = tf.saved_model.load(tmp_path / "m")
    np.testing.assert_allclose(loaded(x), model(x, training=False), rtol=1e-5, atol=1e-6)
    weights = [v for v in loaded.variables if v.trainable and v.dtype == "float32"]
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(loaded(x, training=True) ** 2)
    found = [tf.convert_to_tensor(g).numpy() for g in tape.gradient(loss, weights) if g is not None]
    assert len(found) == len(model.trainable_variables)
    assert all(np.isfinite(g).all() for g in found)


def test_training_updates_the_statistics_of_a_loaded_model(tmp_path):
    model = tf.keras.Sequential(
        [tf.keras.Input((3,)), tf.keras.layers.BatchNormalization(), tf.keras.layers.Dropout(0.5)]
    )
    tf.saved_model.save(model, tmp_path / "m")
    loaded = tf.saved_model.load(tmp_path / "m")
    x = tf.random.normal([64, 3], 5.0, seed=1)
    a, b = loaded(x, training=True), loaded(x, training=True)
    assert not np.array_equal(a, b)  # the seed is a variable that each call advances
    moved = [v for v in loaded.variables if v.shape == (3,) and float(tf.reduce_min(v)) > 0.05 and not v.trainable]
    assert moved


def test_a_model_of_which_nothing_is_known_is_an_error(tmp_path):
    class Net(tf.keras.Model):
        def call(self, x):
            return x

    with pytest.raises(ValueError, match="Call it on a batch, or model.build"):
        Net().export(tmp_path / "m")
    Net().export(tmp_path / "m", verbose=False, input_signature=[tf.TensorSpec([None, 2], tf.float32)])
    assert tf.saved_model.load(tmp_path / "m").serve(tf.ones([1, 2])).numpy().tolist() == [[1.0, 1.0]]


def test_several_inputs_and_outputs_keep_their_names(tmp_path):
    a, b = tf.keras.Input((2,), name="a"), tf.keras.Input((2,), name="b")
    model = tf.keras.Model({"a": a, "b": b}, {"sum": a + b, "product": a * b})
    model.export(tmp_path / "m", verbose=False)
    loaded = tf.saved_model.load(tmp_path / "m")
    found = loaded.signatures["serving_default"](a=tf.constant([[1.0, 2.0]]), b=tf.constant([[3.0, 4.0]]))
    assert {name: value.numpy().tolist() for name, value in found.items()} == {
        "sum": [[4.0, 6.0]], "product": [[3.0, 8.0]],
    }  # fmt: skip


def test_an_exported_model_has_its_tables(tmp_path):
    # was refused: the tables of layers belonged to no object of the file
    texts = tf.keras.layers.TextVectorization(output_sequence_length=3)
    texts.adapt(["the sun and the moon"])
    inputs = tf.keras.Input((), dtype="string")
    tf.keras.Model(inputs, texts(inputs)).export(tmp_path / "m", verbose=False)
    words = tf.constant(["the moon", "a star"])
    assert tf.saved_model.load(tmp_path / "m").serve(words).numpy().tolist() == texts(words).numpy().tolist()


def test_what_was_saved_is_printed(tmp_path, capsys):
    tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)]).export(tmp_path / "m")
    assert "Its endpoint is 'serve'" in capsys.readouterr().out


class Scaled(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.dense, self.dropout = tf.keras.layers.Dense(2), tf.keras.layers.Dropout(0.5)

    def call(self, x, shift=None, scale=2.0, training=None):
        return self.dropout(self.dense(x), training=training) * scale + shift


@pytest.mark.parametrize("read", [tf.saved_model.load, tf.keras.models.load_model], ids=["load", "load_model"])
def test_a_loaded_model_takes_the_arguments_of_the_call(read, tmp_path):
    model, x, shift = Scaled(), tf.ones([3, 4]), tf.ones([3, 2])
    expected = model(x, shift=shift)
    (tf.saved_model.save if read is tf.saved_model.load else tf.keras.Model.save)(model, tmp_path / "m")
    loaded = read(tmp_path / "m")
    np.testing.assert_allclose(loaded(x, shift=shift), expected, rtol=1e-6)
    assert np.abs(loaded(x, shift=shift, training=True) - expected).max() > 0
    if read is tf.saved_model.load:
        for y in loaded(x, shift), loaded(x, shift, 2.0, False), loaded.call(x=x[:1], scale=2.0, shift=shift[:1]):
            np.testing.assert_allclose(y, expected[: len(y)], rtol=1e-6)
        with pytest.raises(ValueError, match=r"got \(float32\(3, 4\), float32\(3, 2\), 3.0\); its traces take"):
            loaded(x, shift, 3.0)


def test_a_sequential_model_that_was_built_by_a_batch_is_saved_for_any(tmp_path):
    # was for batches of that size, in TensorFlow too
    model = tf.keras.Sequential([tf.keras.layers.Flatten(), tf.keras.layers.Dense(2)])
    model(tf.ones([2, 3, 2]))
    tf.saved_model.save(model, tmp_path / "m")
    loaded = tf.saved_model.load(tmp_path / "m")
    x = tf.random.normal([5, 3, 2])
    np.testing.assert_allclose(loaded(x), model(x), rtol=1e-6)
    assert loaded.signatures["serving_default"].structured_outputs["output_0"].shape == (None, 2)


def test_states_of_recurrent_layers_go_along(tmp_path):
    layers = [tf.keras.Input(batch_shape=(2, 3, 4)), tf.keras.layers.LSTM(3, stateful=True)]
    model, x = tf.keras.Sequential(layers), tf.random.normal([2, 3, 4])
    model(x)
    tf.saved_model.save(model, tmp_path / "saved")
    model.export(tmp_path / "exported", verbose=False)
    calls = tf.saved_model.load(tmp_path / "saved"), tf.saved_model.load(tmp_path / "exported").serve
    for _ in range(2):
        expected = model(x)
        for call in calls:
            np.testing.assert_allclose(call(x), expected, rtol=1e-5, atol=1e-6)


def test_a_model_of_unknown_inputs_is_saved_with_its_own_functions(tmp_path):
    class Scaled(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.factor = tf.Variable(3.0)

        @tf.function(input_signature=[tf.TensorSpec([], tf.float32, name="q")])
        def scale(self, x):
            return x * self.factor

    folder = str(tmp_path / "scaled")
    tf.saved_model.save(Scaled(), folder)
    loaded = tf.saved_model.load(folder)
    assert float(loaded.scale(2.0)) == 6.0
    assert float(loaded.signatures["serving_default"](q=tf.constant(2.0))["output_0"]) == 6.0
    with pytest.raises(ValueError, match="the shapes of its inputs are not known"):
        tf.saved_model.save(tf.keras.Model(), folder)
    assert float(tf.saved_model.load(folder).scale(2.0)) == 6.0
