"""SavedModels that Keras 2 wrote (`tests/golden/make_former_saved_models.py`), read without its classes."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

import tenfold as tf
from tests.golden.archive import unpack
from tests.golden.make_former_saved_models import ARCHIVE
from tests.golden.model_kind_results import read_functions, read_model
from tests.golden.model_kinds import KINDS

MODELS = [name for name in KINDS if name != "module"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return unpack(ARCHIVE, tmp_path_factory.mktemp("former"))


@pytest.mark.parametrize("name", MODELS)
def test_results_gradients_and_training_of_its_functions(folder, name):
    assert not any(read_functions(tf, tf.keras, name, folder / name).values())


@pytest.mark.parametrize("name", MODELS)
def test_load_model_gives_a_model_that_goes_on_as_it_would_have_there(folder, name):
    assert not any(read_model(tf, tf.keras, name, folder / name, is_exact=False).values())


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


def test_how_it_was_compiled(folder):
    model = tf.keras.models.load_model(folder / "cnn")
    assert model.loss == "mse" and isinstance(model.optimizer, tf.keras.optimizers.Adam)
    assert int(model.optimizer.iterations) == 2 and len(model.optimizer.variables) == 2 + 2 * len(model.weights)
    assert not tf.keras.models.load_model(folder / "cnn", compile=False).compiled


def test_without_its_class_a_model_is_one_of_the_saved_functions(folder):
    model = tf.keras.models.load_model(folder / "subclassed")
    x, y = np.ones((8, 4), np.float32), np.zeros((8, 2), np.float32)
    assert len(model.trainable_weights) == 6
    model.compile("adam", "mse")
    before = [w.numpy() for w in model.trainable_weights]
    model.fit(x, y, epochs=3, verbose=0)
    assert all(not np.array_equal(a, b) for a, b in zip(before, model.trainable_weights, strict=True))


@pytest.mark.parametrize("damage", [b"", b"\x0a\xff", b"\x0a\x08\x1a\x04root*\x00", b"\x0a\x0a\x1a\x04root*\x02{}"])
def test_damaged_metadata(folder, damage, tmp_path):
    shutil.copytree(folder / "cnn", tmp_path / "m")
    (tmp_path / "m" / "keras_metadata.pb").write_bytes(damage)
    if not damage:
        assert tf.keras.models.load_model(tmp_path / "m").name == "m"
    else:
        with pytest.raises(ValueError, match="keras_metadata.pb.*damaged"):
            tf.keras.models.load_model(tmp_path / "m")
