"""Checkpoints that Keras 2 wrote (`tests/golden/make_former_checkpoints.py`): models predict and train on as they did there."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tenfold as tf
from tests.interchange.former import FORMER, data

ARCHIVE = Path(__file__).parents[1] / "golden" / "data" / "former_checkpoints.zip"
COMPUTES_OTHERWISE = {"slots_of_nadam"}  # Nadam's steps are others in Keras 3, from the same state


@pytest.fixture(scope="module")
def files(tmp_path_factory: Any) -> Path:
    folder = tmp_path_factory.mktemp("former")
    with zipfile.ZipFile(ARCHIVE) as archive:
        archive.extractall(folder)
    return folder


@pytest.mark.parametrize("kind", FORMER)
def test_a_model_of_keras_2_predicts_and_trains_on(kind: str, files: Path) -> None:
    make, optimizer = FORMER[kind]
    frozen, (x, y) = np.load(files / "values.npz"), data(kind)
    model = make(tf.keras)
    model.compile(optimizer(tf.keras), "mse")
    status = model.load_weights(tf.train.latest_checkpoint(files / kind))
    np.testing.assert_allclose(model.predict(x, verbose=0), frozen[kind], rtol=1e-5, atol=1e-6)
    model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0)  # makes the optimizer's variables
    status.assert_existing_objects_matched().expect_partial()
    if not kind.startswith("slots"):
        status.assert_consumed()
    if kind not in COMPUTES_OTHERWISE:
        np.testing.assert_allclose(model.predict(x, verbose=0), frozen[f"{kind} later"], rtol=1e-4, atol=1e-5)


def test_weights_are_saved_to_a_checkpoint_and_loaded_from_it(tmp_path: Path) -> None:
    model = FORMER["text"][0](tf.keras)
    x, y = data("text")
    model.compile("adam", "mse")
    model.fit(x, y, verbose=0)
    model.save_weights(tmp_path / "deep" / "cp.ckpt")
    path = tf.train.latest_checkpoint(tmp_path / "deep")
    assert path == str(tmp_path / "deep" / "cp.ckpt")
    other = FORMER["text"][0](tf.keras)
    other.compile("adam", "mse")
    other.optimizer.build(other.trainable_variables)
    other.load_weights(path).assert_consumed()
    for a, b in zip(
        model.variables + model.optimizer.variables, other.variables + other.optimizer.variables, strict=True
    ):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    with pytest.raises(ValueError, match="skip_mismatch and by_name are for Keras' files"):
        other.load_weights(path, skip_mismatch=True)
    with pytest.raises(ValueError, match="must end in `.weights.h5`"):
        model.save_weights(tmp_path / "w.h5")
    with pytest.raises(ValueError, match="save_format='x' is unknown"):
        model.save_weights(tmp_path / "w", save_format="x")


def test_a_model_checkpoint_of_every_epoch(tmp_path: Path) -> None:
    model = FORMER["stack"][0](tf.keras)
    x, y = data("stack")
    model.compile("sgd", "mse")
    save = tf.keras.callbacks.ModelCheckpoint(tmp_path / "cp-{epoch:04d}.ckpt", save_weights_only=True)
    model.fit(x, y, epochs=2, verbose=0, callbacks=[save])
    assert tf.train.latest_checkpoint(tmp_path) == str(tmp_path / "cp-0002.ckpt")
    other = FORMER["stack"][0](tf.keras)
    other.load_weights(tmp_path / "cp-0002.ckpt").expect_partial()
    np.testing.assert_array_equal(model.predict(x, verbose=0), other.predict(x, verbose=0))
    with pytest.raises(ValueError, match="must end in `.weights.h5`"):
        tf.keras.callbacks.ModelCheckpoint("x.h5", save_weights_only=True)
