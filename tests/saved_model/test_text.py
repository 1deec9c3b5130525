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


# Functions that take and return ragged and sparse tensors.


@pytest.fixture(params=["read", "saved_again"])
def rows(tmp_path, request):
    module = tf.saved_model.load(unpack("rows_saved_model.tar.xz", tmp_path / "rows"))
    if request.param == "saved_again":
        tf.saved_model.save(module, tmp_path / "again")
        module = tf.saved_model.load(tmp_path / "again")
    return module


def test_ragged_tensors_are_taken_and_returned(rows):
    words = rows.words(["the cat", "", "a b c"])
    assert words.to_list() == [[b"the", b"cat"], [], [b"a", b"b", b"c"]]
    found = rows.first(words)
    assert found["first"].to_list() == [[b"the"], [], [b"a"]]
    assert found["lengths"].numpy().tolist() == [2, 0, 3]
    crossed = [[99, 14, 87, 49, 0, 0, 0, 0, 0], [0] * 9, [15, 86, 66, 0, 47, 54, 94, 51, 32]]
    assert rows.crossed(words).numpy().tolist() == crossed


def test_sparse_tensors_are_taken_and_returned(rows):
    doubled = rows.doubled(tf.sparse.from_dense([[1.0, 0.0, 2.0]]))
    assert isinstance(doubled, tf.SparseTensor)
    assert tf.sparse.to_dense(doubled).numpy().tolist() == [[2, 0, 4]]
    ids = tf.SparseTensor([[0, 0], [0, 2], [2, 1]], tf.constant([1, 3, 2], tf.int64), [3, 3])
    with tf.GradientTape() as tape:
        vectors = rows.embedded(ids)
        loss = tf.reduce_sum(vectors**2)
    assert vectors.numpy().tolist() == [[6, 7, 8], [0, 0, 0], [6, 7, 8]]
    gradient = tf.convert_to_tensor(tape.gradient(loss, rows.table))
    assert gradient.numpy().tolist() == [[0, 0, 0], [6, 7, 8], [12, 14, 16], [6, 7, 8]]


def test_other_values_than_those_of_the_trace_are_refused(rows):
    with pytest.raises(ValueError, match="RaggedTensorSpec"):
        rows.first(tf.ragged.constant([[1, 2]]))
    with pytest.raises(ValueError, match="SparseTensorSpec"):
        rows.doubled([[1.0, 2.0, 3.0]])


def test_parts_of_a_sparse_tensor_are_arguments_of_a_signature(tmp_path):
    module = tf.saved_model.load(unpack("rows_saved_model.tar.xz", tmp_path / "rows"))
    found = module.signatures["doubled"](x=[[0, 1]], x_1=[1.5], x_2=[1, 3])["output_0"]
    assert tf.sparse.to_dense(found).numpy().tolist() == [[0, 3, 0]]


def test_a_signature_that_returns_a_ragged_tensor_is_refused(tmp_path):
    module = tf.Module()
    module.f = tf.function(lambda x: x, input_signature=[tf.RaggedTensorSpec([None, None])])
    with pytest.raises(ValueError, match="a signature returns a tensor"):
        tf.saved_model.save(module, tmp_path / "saved", signatures=module.f)


def test_a_model_whose_layers_have_adapted_to_data(tmp_path):
    # their functions that take an iterator were asked for ops that nobody has
    folder = unpack("adapted_saved_model.tar.xz", tmp_path / "adapted")
    model = tf.saved_model.load(folder)
    texts = [["the cat sat on the mat"], ["the dog ate the cat"], ["a Mouse, ran! up the clock"]]
    given = {"text": tf.constant(texts), "numbers": tf.constant(NUMBERS[:3])}
    check(folder, model(given))
    check(folder, model.signatures["serving_default"](**given))
    tf.saved_model.save(model, tmp_path / "again")
    check(folder, tf.saved_model.load(tmp_path / "again")(given))
