"""Models in folders: SavedModels that `load_model` makes the same models of."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import tenfold as tf
from tests.golden.model_kinds import KINDS

L = tf.keras.layers
ROOT = Path(__file__).parents[3]
MODELS = [name for name in KINDS if name != "module"]


def compiled():
    model = tf.keras.Sequential([tf.keras.Input((4,)), L.Dense(8, "relu"), L.Dropout(0.1), L.Dense(1)])
    model.compile(tf.keras.optimizers.Adam(0.01), "mse", metrics=["mae"])
    model.fit(np.ones((20, 4)), np.ones((20, 1)), batch_size=5, verbose=0)
    return model


@pytest.mark.parametrize("name", MODELS)
def test_a_model_comes_back_as_what_it_was(name, tmp_path):
    model, x, *_ = KINDS[name](tf, tf.keras)
    model.save(tmp_path / "1")
    objects = {type(model).__name__: type(model)}
    again = tf.keras.models.load_model(tmp_path / "1", custom_objects=objects)
    assert type(again) is type(model)
    np.testing.assert_array_equal(again(x), model(x, training=False))
    loaded = tf.saved_model.load(tmp_path / "1")
    np.testing.assert_allclose(
        list(loaded.signatures["serving_default"](tf.constant(x)).values())[0],
        model(x, training=False),
        rtol=1e-5,
        atol=1e-6,
    )


def test_a_model_without_its_class_trains_on(tmp_path, caplog):
    class Gone(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.table, self.norm, self.out = L.Embedding(9, 4), L.BatchNormalization(), L.Dense(2)

        def call(self, tokens, training=False):
            return self.out(self.norm(tf.reduce_mean(self.table(tokens), 1), training=training))

    tokens = np.random.default_rng(0).integers(0, 9, (40, 5)).astype(np.int32)
    labels = tokens[:, 0] % 2
    model = Gone()
    expected = model(tokens)
    model.save(tmp_path / "1")
    again = tf.keras.models.load_model(tmp_path / "1")
    assert "Gone" in caplog.text
    np.testing.assert_allclose(again(tokens), expected, rtol=1e-5, atol=1e-6)
    assert [w.shape for w in again.trainable_weights] == [w.shape for w in model.trainable_weights]
    before = again.get_weights()
    again.compile("adam", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    losses = again.fit(tokens, labels, epochs=30, verbose=0).history["loss"]
    assert losses[-1] < 0.9 * losses[0]
    assert all(not np.array_equal(a, b) for a, b in zip(before, again.get_weights(), strict=True))
    again.save(tmp_path / "2")
    third = tf.keras.models.load_model(tmp_path / "2")
    np.testing.assert_array_equal(third.predict(tokens, verbose=0), again.predict(tokens, verbose=0))
    with pytest.raises(NotImplementedError, match="Save it to a folder"):
        again.save(tmp_path / "3.keras")


def test_an_exported_model_is_one_that_calls_what_is_served(tmp_path):
    model = compiled()
    model.export(tmp_path / "1", verbose=False)
    again = tf.keras.models.load_model(tmp_path / "1")
    np.testing.assert_allclose(again(np.ones((2, 4))), model(np.ones((2, 4))), rtol=1e-5, atol=1e-6)
    again.compile("sgd", "mse")
    assert again.fit(np.ones((8, 4)), np.zeros((8, 1)), epochs=40, verbose=0).history["loss"][-1] < 1e-2


def test_what_goes_along_and_what_does_not(tmp_path):
    model = compiled()
    model.save(tmp_path / "with")
    model.save(tmp_path / "without", include_optimizer=False)
    whole, part = tf.keras.models.load_model(tmp_path / "with"), tf.keras.models.load_model(tmp_path / "without")
    assert int(whole.optimizer.iterations) == 4 and whole.loss == "mse"
    assert not part.compiled and not tf.keras.models.load_model(tmp_path / "with", compile=False).compiled
    names = [name for name, _ in tf.train.list_variables(tmp_path / "without" / "variables" / "variables")]
    assert not any("optimizer" in name for name in names)
    np.testing.assert_array_equal(part.get_weights()[0], model.get_weights()[0])


def test_a_model_that_was_compiled_and_not_trained_yet(tmp_path):
    # its optimizer has no state for the variables yet, which was an error
    model = tf.keras.Sequential([tf.keras.Input((4,)), L.Dense(1)])
    model.compile(tf.keras.optimizers.Adam(0.03), "mse")
    model.save(tmp_path / "m")
    again, (x, y) = tf.keras.models.load_model(tmp_path / "m"), (np.ones((8, 4)), np.ones((8, 1)))
    assert again.optimizer.learning_rate.numpy() == np.float32(0.03)
    assert again.fit(x, y, epochs=3, verbose=0).history == model.fit(x, y, epochs=3, verbose=0).history


@pytest.mark.parametrize("kind", ["Adam", "LossScaleOptimizer"])
def test_a_layer_that_was_frozen_in_training_and_is_unfrozen_again(kind, tmp_path):
    # the optimizer has a state for it, which was an error
    adam = tf.keras.optimizers.Adam(0.03)
    model = tf.keras.Sequential([tf.keras.Input((3,)), L.BatchNormalization(), L.Dense(4)])
    model.compile(adam if kind == "Adam" else tf.keras.optimizers.LossScaleOptimizer(adam), "mse")
    x, y = np.random.default_rng(0).normal(size=(8, 3)), np.ones((8, 4))
    model.fit(x, y, epochs=2, verbose=0)
    model.layers[0].trainable = False
    model.save(tmp_path / "m")
    again = tf.keras.models.load_model(tmp_path / "m")
    assert len(again.trainable_variables) == 2 and len(again.optimizer.variables) == len(model.optimizer.variables)
    for trainable in (False, True):
        for each in (model, again):
            each.layers[0].trainable = trainable
            each.fit(x, y, epochs=2, verbose=0, shuffle=False)
        states = ([*each.weights, *each.optimizer.variables] for each in (model, again))
        for expected, found in zip(*states, strict=True):
            np.testing.assert_array_equal(found, expected)


def test_an_optimizer_of_more_than_the_model(tmp_path, caplog):
    model, beyond = tf.keras.Sequential([tf.keras.Input((4,)), L.Dense(1)]), tf.Variable(1.0)
    model.compile("adam", "mse")
    model.optimizer.build([beyond, *model.trainable_variables])
    model.save(tmp_path / "m")
    assert "not the model's" in caplog.text
    again = tf.keras.models.load_model(tmp_path / "m")
    np.testing.assert_array_equal(again.get_weights()[0], model.get_weights()[0])
    again.fit(np.ones((8, 4)), np.ones((8, 1)), verbose=0)


def test_tf_saved_model_save_keeps_a_keras_model(tmp_path):
    model = compiled()
    tf.saved_model.save(model, tmp_path / "m")
    again, x, y = tf.keras.models.load_model(tmp_path / "m"), np.ones((8, 4)), np.zeros((8, 1))
    assert type(again) is tf.keras.Sequential
    assert again.fit(x, y, verbose=0).history == model.fit(x, y, verbose=0).history


def test_save_format_and_endings(tmp_path):
    model = compiled()
    model.save(tmp_path / "a.b", save_format="tf")
    model.save(tmp_path / "v1.2")
    assert tf.saved_model.contains_saved_model(tmp_path / "a.b") and tf.saved_model.contains_saved_model(
        tmp_path / "v1.2"
    )
    with pytest.raises(ValueError, match="Invalid filepath extension.*folder"):
        model.save(tmp_path / "model.kears")
    with pytest.raises(ValueError, match="save_format='onnx' is unknown"):
        model.save(tmp_path / "x", save_format="onnx")


def test_folders_that_are_no_models(tmp_path):
    with pytest.raises(ValueError, match="without a SavedModel"):
        tf.keras.models.load_model(tmp_path)
    module = tf.Module()
    module.v = tf.Variable(1.0)
    tf.saved_model.save(module, tmp_path / "m")
    with pytest.raises(ValueError, match="no model. Use tf.saved_model.load"):
        tf.keras.models.load_model(tmp_path / "m")


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"model": 3}', b"\xff"])
def test_damaged_configurations(text, tmp_path):
    compiled().save(tmp_path / "m")
    (tmp_path / "m" / "assets.extra" / "keras.json").write_bytes(text)
    with pytest.raises((ValueError, TypeError), match="damaged"):
        tf.keras.models.load_model(tmp_path / "m")


def test_lambdas_of_a_file_are_not_run(tmp_path):
    model = tf.keras.Sequential([tf.keras.Input((2,)), L.Lambda(lambda x: x * 2)])
    model.save(tmp_path / "m")
    with pytest.raises(ValueError, match="lambda"):
        tf.keras.models.load_model(tmp_path / "m")
    again = tf.keras.models.load_model(tmp_path / "m", safe_mode=False)
    np.testing.assert_array_equal(again(tf.ones([1, 2])), [[2.0, 2.0]])


def test_weights_of_another_model_are_an_error(tmp_path):
    compiled().save(tmp_path / "m")
    file = tmp_path / "m" / "assets.extra" / "keras.json"
    config = json.loads(file.read_bytes())
    config["model"]["config"]["layers"].append(
        {"module": "keras.layers", "class_name": "Dense", "config": {"units": 7}}
    )
    config["model"].pop("build_config", None)
    config["model"].pop("compile_config")
    file.write_text(json.dumps(config))
    with pytest.raises(ValueError, match="does not have all variables"):
        tf.keras.models.load_model(tmp_path / "m")


def test_a_save_that_is_killed_leaves_a_whole_model(tmp_path):
    program = (
        "import sys, numpy as np, tenfold as tf\n"
        "model = tf.keras.Sequential([tf.keras.Input((400,)), tf.keras.layers.Dense(400)])\n"
        "for k in range(1000):\n"
        "    model.layers[0].bias.assign(np.full(400, k, np.float32)); model.layers[0].kernel.assign(np.full((400, 400), k, np.float32))\n"
        "    model.save(sys.argv[1]); print(k, flush=True)\n"
    )
    for delay in (0.0, 0.013, 0.031, 0.047):
        process = subprocess.Popen([sys.executable, "-c", program, tmp_path / "m"], stdout=subprocess.PIPE, cwd=ROOT)
        process.stdout.readline(), process.stdout.readline()
        time.sleep(delay)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        kernel, bias = tf.keras.models.load_model(tmp_path / "m").get_weights()
        assert len(np.unique(np.concatenate([kernel.ravel(), bias]))) == 1


def test_a_model_of_several_arguments_is_saved_with_its_call(tmp_path):
    class Two(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.dense, self.dropout = L.Dense(64), L.Dropout(0.5)

        def call(self, x, other=None, training=False):
            return {"y": self.dropout(self.dense(x) + self.dense(other), training=training)}

    model, x = Two(), tf.ones([2, 4])
    expected = model(x, other=x * 2.0)["y"]
    model.save(tmp_path / "m")
    for again in (tf.saved_model.load(tmp_path / "m"), tf.keras.models.load_model(tmp_path / "m")):
        np.testing.assert_allclose(again(x, other=x * 2.0, training=False)["y"], expected, rtol=1e-6)
        assert np.any(again(x, other=x * 2.0, training=True)["y"] == 0.0)


@pytest.mark.parametrize(
    "layer",
    [
        lambda: L.LSTM(8, dropout=0.5, recurrent_dropout=0.5),
        lambda: L.RNN([L.LSTMCell(3), L.GRUCell(2)], return_sequences=True),
        lambda: L.TimeDistributed(L.Dense(2)),
    ],
)
def test_loops_over_known_steps_are_saved(layer, tmp_path):
    # steps are taken apart by tf.unstack, which did not say how many there are
    model = tf.keras.Sequential([tf.keras.Input((4, 3)), layer()])
    model.save(tmp_path / "m")
    loaded, x = tf.saved_model.load(tmp_path / "m"), np.random.default_rng(0).standard_normal((2, 4, 3)).astype("f")
    np.testing.assert_allclose(loaded(x, training=False), model(x), rtol=1e-5, atol=1e-6)
    assert loaded(x, training=True).shape == model(x).shape
