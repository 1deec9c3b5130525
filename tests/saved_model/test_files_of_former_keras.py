"""SavedModels that Keras 2 wrote (`tests/golden/make_former_saved_models.py`), read without its classes."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

import tenfold as tf

ARCHIVE = Path(__file__).parent.parent / "golden" / "data" / "former_saved_models.zip"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("former")
    with zipfile.ZipFile(ARCHIVE) as archive:
        archive.extractall(path)
    return path


@pytest.mark.parametrize("name", ["cnn", "text"])
def test_results_gradients_and_training(folder, name):
    loaded = tf.saved_model.load(folder / name)
    with np.load(folder / name / "results.npz") as file:
        frozen = dict(file)
    with tf.GradientTape() as tape:
        y = loaded(frozen["x"])
        total = tf.reduce_sum(y * y)
    np.testing.assert_allclose(y, frozen["y"], rtol=1e-5, atol=1e-6)
    (served,) = loaded.signatures["serving_default"](tf.constant(frozen["x"])).values()
    np.testing.assert_allclose(served, frozen["y"], rtol=1e-5, atol=1e-6)
    gradients = tape.gradient(total, list(loaded.trainable_variables))
    assert len(gradients) == len([key for key in frozen if key.startswith("arr_")])
    for i, gradient in enumerate(gradients):
        np.testing.assert_allclose(tf.convert_to_tensor(gradient), frozen[f"arr_{i}"], rtol=1e-4, atol=1e-5)
    optimizer, before = tf.keras.optimizers.Adam(0.01), float(total)
    for _ in range(5):
        with tf.GradientTape() as tape:
            total = tf.reduce_sum(loaded(frozen["x"], training=True) ** 2)
        variables = list(loaded.trainable_variables)
        optimizer.apply_gradients(zip(tape.gradient(total, variables), variables, strict=True))
    assert float(tf.reduce_sum(loaded(frozen["x"]) ** 2)) < before


class Subclassed(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden, self.dropout, self.out = (
            tf.keras.layers.Dense(4, "relu"),
            tf.keras.layers.Dropout(0.2),
            tf.keras.layers.Dense(2),
        )

    def call(self, x, training=False):
        return self.out(self.dropout(self.hidden(x), training=training))


@pytest.mark.parametrize("name", ["cnn", "text", "subclassed"])
def test_load_model_gives_the_model_back(folder, name):
    model = tf.keras.models.load_model(folder / name, custom_objects={"Subclassed": Subclassed})
    assert isinstance(model, Subclassed if name == "subclassed" else tf.keras.Sequential)
    with np.load(folder / name / "results.npz") as file:
        x, y = file["x"], file["y"]
    np.testing.assert_allclose(model(x), y, rtol=1e-5, atol=1e-6)
    assert model.loss == "mse" and isinstance(model.optimizer, tf.keras.optimizers.Adam)
    assert int(model.optimizer.iterations) == 1
    saved = tf.train.load_checkpoint(folder / name / "variables" / "variables")
    slots = [
        saved.get_tensor(k)
        for k, _ in tf.train.list_variables(folder / name / "variables" / "variables")
        if "optimizer/_variables" in k
    ]
    moments = [v.numpy() for v in model.optimizer.variables if "momentum" in v.path or "velocity" in v.path]
    assert len(moments) == 2 * len(model.trainable_variables)
    for moment in moments:
        assert any(np.array_equal(moment, slot) for slot in slots) and np.any(moment)
    before = [w.numpy() for w in model.trainable_weights]
    model.fit(x, np.zeros_like(y), epochs=3, verbose=0)
    assert int(model.optimizer.iterations) == 4
    assert all(not np.array_equal(a, b) for a, b in zip(before, model.trainable_weights, strict=True))


def test_without_its_class_a_model_is_one_of_the_saved_functions(folder):
    model = tf.keras.models.load_model(folder / "subclassed")
    with np.load(folder / "subclassed" / "results.npz") as file:
        x, y = file["x"], file["y"]
    np.testing.assert_allclose(model(x), y, rtol=1e-5, atol=1e-6)
    assert len(model.trainable_weights) == 4
    model.compile("adam", "mse")
    before = [w.numpy() for w in model.trainable_weights]
    model.fit(x, np.zeros_like(y), epochs=3, verbose=0)
    assert all(not np.array_equal(a, b) for a, b in zip(before, model.trainable_weights, strict=True))


@pytest.mark.parametrize("damage", [b"", b"\x0a\xff", b"\x0a\x08\x1a\x04root*\x00", b"\x0a\x0a\x1a\x04root*\x02{}"])
def test_damaged_metadata(folder, damage, tmp_path):
    import shutil

    shutil.copytree(folder / "cnn", tmp_path / "m")
    (tmp_path / "m" / "keras_metadata.pb").write_bytes(damage)
    if not damage:
        assert tf.keras.models.load_model(tmp_path / "m").name == "m"
    else:
        with pytest.raises(ValueError, match="keras_metadata.pb.*damaged"):
            tf.keras.models.load_model(tmp_path / "m")


@pytest.mark.parametrize("path", ["operations", "operations/model.h5"])
def test_a_model_of_operations_trains_on_as_in_keras_2(folder, path):
    model = tf.keras.models.load_model(folder / path)
    with np.load(folder / "operations" / "results.npz") as file:
        frozen = dict(file)
    inputs = [frozen["x"], frozen["steps"]]
    np.testing.assert_allclose(model.predict(inputs, verbose=0), frozen["y"], rtol=1e-5, atol=1e-6)
    history = model.fit(inputs, np.zeros((6, 2)), epochs=3, verbose=0, shuffle=False).history
    np.testing.assert_allclose(history["loss"], frozen["losses"], rtol=1e-5)


def test_functions_that_a_file_may_not_call():
    from tenfold.keras.former_ops import TFOpLambda

    for name in (
        "io.write_graph",
        "py_function",
        "saved_model.save",
        "keras.utils.get_file",
        "__builtins__.eval",
        "math.__loader__",
    ):
        with pytest.raises(TypeError, match="does not have"):
            TFOpLambda(name)
