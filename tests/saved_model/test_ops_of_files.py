"""Functions of TensorFlow's with ops that models seldom have (`tests/golden/make_op_saved_model.py`)."""

from __future__ import annotations

import numpy as np
import pytest

import tenfold as tf
from tests.golden.archive import unpack


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return unpack("op_saved_model.tar.xz", tmp_path_factory.mktemp("ops") / "ops")


def names():
    return [
        "mel_coefficients", "filtered", "diagonals", "of_former_graphs", "in_place", "batch_normalized", "projected", "lists", "drawn",
        "updated",
    ]  # fmt: skip


def check(folder, model, name):
    with np.load(folder / "results.npz") as file:
        expected = dict(file)
    x = tf.constant(expected["x"])
    np.testing.assert_allclose(getattr(model, name)(x), expected[name], 1e-4, 1e-5)
    if f"{name}/gradient" in expected:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = getattr(model, name)(x)
        np.testing.assert_allclose(tape.gradient(y, x), expected[f"{name}/gradient"], 1e-3, 1e-4)


@pytest.mark.parametrize("name", names())
def test_results_and_gradients_are_tensorflows(folder, name):
    check(folder, tf.saved_model.load(folder), name)


@pytest.mark.parametrize("name", names())
def test_saved_again(folder, name, tmp_path):
    tf.saved_model.save(tf.saved_model.load(folder), tmp_path / "again")
    check(folder, tf.saved_model.load(tmp_path / "again"), name)
