"""Serialized examples: bytes that are none, functions of them, their SavedModels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tenfold as tf
from tests.ops.samples.examples import FIRST, SECOND

FEATURES = {
    "x": tf.io.FixedLenFeature([2], tf.float32, [0.0, 0.0]),
    "y": tf.io.VarLenFeature(tf.int64),
    "s": tf.io.RaggedFeature(tf.string),
}


@settings(max_examples=300, deadline=None)
@given(
    start=st.sampled_from([FIRST, SECOND]),
    changes=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 255)), max_size=6),
    cut=st.integers(0, 60),
)
def test_changed_bytes_are_parsed_or_refused(start, changes, cut):
    text = bytearray(start)
    for place, byte in changes:
        text[place % len(text)] = byte
    try:
        parsed = tf.io.parse_example([bytes(text[: len(text) - cut % len(text)])], FEATURES)
    except tf.errors.InvalidArgumentError:
        return
    assert parsed["x"].shape == (1, 2)
    assert parsed["y"].dense_shape.numpy().tolist() == [1, parsed["y"].values.shape[0]]
    assert parsed["s"].row_splits.numpy().tolist() == [0, parsed["s"].values.shape[0]]


def test_functions_take_any_number_of_examples():
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def parse(texts):
        found = tf.io.parse_example(texts, FEATURES)
        return found["x"], found["y"], found["s"].to_tensor()

    assert parse.get_concrete_function().structured_outputs[0].shape.as_list() == [None, 2]
    for texts in ([FIRST], [SECOND, FIRST, b""]):
        for a, b in zip(tf.nest.flatten(parse(tf.constant(texts)), expand_composites=True),
                        tf.nest.flatten(parse.python_function(tf.constant(texts)), expand_composites=True), strict=True):  # fmt: skip
            np.testing.assert_array_equal(a, b)


class Regression(tf.Module):
    """As TensorFlow Serving's half_plus_two: half of x, plus two."""

    def __init__(self):
        self.half = tf.Variable(0.5)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def regress(self, examples):
        x = tf.io.parse_example(examples, {"x": tf.io.FixedLenFeature([1], tf.float32)})["x"]
        return {"outputs": self.half * x + 2.0}


@pytest.fixture
def folder(tmp_path):
    model = Regression()
    path = tmp_path / "models" / "1"
    tf.saved_model.save(model, str(path), signatures={"serving_default": model.regress})
    return path


def example(x):
    feature = tf.train.Feature(float_list=tf.train.FloatList(value=[x]))
    return tf.train.Example(features=tf.train.Features(feature={"x": feature})).SerializeToString()


def test_saved_models_parse_examples(folder):
    loaded = tf.saved_model.load(str(folder)).signatures["serving_default"]
    found = loaded(examples=tf.constant([example(1.0), example(5.0)]))["outputs"]
    np.testing.assert_array_equal(found, [[2.5], [4.5]])
    with pytest.raises(tf.errors.InvalidArgumentError, match="x .data type: float32. is required"):
        loaded(examples=tf.constant([b""]))
