"""Counting: what the golden cases of its family do not have."""

from __future__ import annotations

import numpy as np
import pytest

import tenfold as tf


def test_histogram_counts_a_number_at_an_edge_as_tensorflow_does():
    """-0.2 is a little less than the edge of the third bin, which the difference to -1 in float32 is not; frozen from TensorFlow 2.21."""
    counts = tf.histogram_fixed_width([-1.0, -0.6, -0.2, 0.2, 0.6, 1.0], [-1.0, 1.0], 5)
    assert counts.numpy().tolist() == [2, 1, 0, 1, 2]


@pytest.mark.parametrize("classes", [None, 4])
@pytest.mark.parametrize("weights", [None, [0.5, 1.0, 2.0]])
@pytest.mark.parametrize("length", [3, None])
def test_confusion_matrix_in_a_function_is_the_eager_one(classes, weights, length):
    def count(labels, predictions):
        return tf.math.confusion_matrix(labels, predictions, classes, weights, tf.float32)

    spec = tf.TensorSpec([length], tf.int32)
    traced = tf.function(count, input_signature=[spec, spec])
    labels, predictions = tf.constant([0, 2, 1]), tf.constant([0, 1, 0])
    np.testing.assert_array_equal(traced(labels, predictions), count(labels, predictions))


def test_confusion_matrix_of_as_many_classes_as_a_tensor_says():
    count = tf.function(lambda n: tf.math.confusion_matrix([0, 1, 1], [0, 1, 0], n))
    assert count(tf.constant(3)).numpy().tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 0]]


@pytest.mark.parametrize(
    ("labels", "predictions", "message"),
    [
        ([0, -1], [0, 1], "`labels` contains negative values"),
        ([0, 1], [0, -2], "`predictions` contains negative values"),
        ([0, 2], [0, 1], "`labels` out of bound"),
        ([0, 1], [0, 2], "`predictions` out of bound"),
    ],
)
def test_classes_that_a_confusion_matrix_does_not_have_are_errors_in_functions_too(labels, predictions, message):
    def count(labels, predictions):
        return tf.math.confusion_matrix(labels, predictions, 2)

    for run in (count, tf.function(count)):
        with pytest.raises(tf.errors.InvalidArgumentError, match=message):
            run(tf.constant(labels), tf.constant(predictions))


def test_a_histogram_in_a_function_refuses_what_it_refuses_outside():
    counted = tf.function(lambda values, ends: tf.histogram_fixed_width(values, ends, 5) + 0)
    np.testing.assert_array_equal(counted([0.0, 9.0, 0.5], [0.0, 1.0]), [1, 0, 1, 0, 1])
    with pytest.raises(tf.errors.InvalidArgumentError, match="must not contain NaN"):
        counted([0.0, np.nan, 0.5], [0.0, 1.0])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"value_range\[0\] < value_range\[1\]"):
        counted([0.0, 9.0, 0.5], [1.0, 1.0])


def test_bincount_of_a_fixed_length_is_machine_code():
    counted = tf.function(lambda x: tf.math.bincount(x, minlength=4, maxlength=4) + 0)
    np.testing.assert_array_equal(counted(tf.constant([1, 1, 7, 3])), [0, 2, 0, 1])
    assert "on the host" not in str(counted.explain(tf.constant([1, 1, 7, 3])))
    with pytest.raises(tf.errors.InvalidArgumentError, match="non-negative"):
        counted(tf.constant([1, -1, 7, 3]))
