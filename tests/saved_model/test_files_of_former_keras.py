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
