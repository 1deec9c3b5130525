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


def test_what_was_saved_is_printed(tmp_path, capsys):
    tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)]).export(tmp_path / "m")
    assert "Its endpoint is 'serve'" in capsys.readouterr().out
