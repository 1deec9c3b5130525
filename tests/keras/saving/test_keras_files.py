"""Files that Keras wrote (`tests/golden/make_keras_files.py`): the models compute and train on as they do in Keras."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tenfold as tf
from tests.golden.keras_models import FORMATS, MODELS, RANDOM, flat, formats_of, train

ARCHIVE = Path(__file__).parents[2] / "golden" / "data" / "keras_files.zip"
FILES = [(name, kind) for name in MODELS for kind in formats_of(name)]


@pytest.fixture(scope="module")
def files(tmp_path_factory: Any) -> Path:
    folder = tmp_path_factory.mktemp("keras_files")
    with zipfile.ZipFile(ARCHIVE) as archive:
        archive.extractall(folder)
    return folder


def loaded(name: str, kind: str, files: Path) -> Any:
    """The model of a file, and the inputs and targets that Keras used."""
    tf.keras.backend.clear_session()
    tf.keras.utils.set_random_seed(1)
    made, x, y = MODELS[name](tf.keras)
    path = files / f"{name}{FORMATS[kind]}"
    if kind == "weights":
        made.load_weights(path)
        return made, x, y
    return tf.keras.models.load_model(path), x, y


@pytest.mark.parametrize("name, kind", FILES)
def test_outputs_equal_those_of_keras(name: str, kind: str, files: Path) -> None:
    model, x, _ = loaded(name, kind, files)
    frozen = np.load(files / f"{name}.npz")
    for i, value in enumerate(flat(model.predict(x, verbose=0))):
        np.testing.assert_allclose(value, frozen[f"output_{i}"], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name, kind", FILES)
def test_optimizer_state_is_that_of_keras(name: str, kind: str, files: Path) -> None:
    model, _, _ = loaded(name, kind, files)
    frozen = np.load(files / f"{name}.npz")
    assert int(model.optimizer.iterations) == frozen["iterations"]
    sums = [float(np.sum(np.float64(v.numpy()))) for v in model.optimizer.variables]
    np.testing.assert_allclose(sums, frozen["optimizer_sums"], rtol=1e-6)


@pytest.mark.parametrize("name, kind", [f for f in FILES if f[0] not in RANDOM])
def test_training_goes_on_as_in_keras(name: str, kind: str, files: Path) -> None:
    model, x, y = loaded(name, kind, files)
    frozen = np.load(files / f"{name}.npz")
    model.reset_metrics()
    np.testing.assert_allclose(train(model, x, y), frozen["losses"], rtol=1e-5, atol=1e-5)
    # a gradient near zero moves its weight by the whole step in either direction: rounding shows here first
    np.testing.assert_allclose(flat(model.predict(x, verbose=0))[0], frozen["output_later"], rtol=1e-3, atol=1e-4)
