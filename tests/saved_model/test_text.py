"""A model of Keras that prepares text and numbers, exported by TensorFlow (`tests/golden/make_text_saved_model.py`)."""

from __future__ import annotations

import numpy as np
import pytest

import tenfold as tf
from tests.golden.archive import unpack

TEXTS = ["the cat sat on the mat", "a Mouse, ran!  up unknown", "", "héllo wörld世 a,b,,c  the "]
NUMBERS = [[-1.0, 0.5, 1.0], [1.5, 2.0, 9.0], [0.0, 0.0, 0.0], [3.0, -2.0, 1.0]]


@pytest.fixture
def folder(tmp_path):
    return unpack("text_saved_model.tar.xz", tmp_path / "text")


@pytest.fixture
def given():
    return {"text": tf.constant([[text] for text in TEXTS]), "numbers": tf.constant(NUMBERS)}


def check(folder, found, rows=slice(None)):
    with np.load(folder / "results.npz") as file:
        expected = dict(file)
    assert set(found) == set(expected)
    for key, y in found.items():
        assert y.dtype.name == expected[key].dtype.name, key
        np.testing.assert_allclose(y, expected[key][rows], rtol=1e-6, err_msg=key)


def test_results_are_tensorflows(folder, given):
    model = tf.saved_model.load(folder)
    check(folder, model.serve(given))
    check(folder, model.signatures["serving_default"](**given))


def test_as_part_of_a_function_of_any_number_of_rows(folder, given):
    model = tf.saved_model.load(folder)

    @tf.function(input_signature=[tf.TensorSpec([None, 1], tf.string), tf.TensorSpec([None, 3])])
    def serve(text, numbers):
        return model.serve({"text": text, "numbers": numbers})

    check(folder, serve(**given))


def test_saved_again(folder, given, tmp_path):
    model = tf.saved_model.load(folder)
    tf.saved_model.save(model, tmp_path / "again")
    check(folder, tf.saved_model.load(tmp_path / "again").serve(given))
