"""Gradients of `tf.nn.ctc_loss`, which is a whole with them, and what has none."""

import numpy as np
import pytest

import tenfold as tf

LABELS = np.array([[1, 2, 2], [3, 1, 0]], np.int32)
LOGITS = np.random.RandomState(0).standard_normal((7, 2, 5))


def dense(logits):
    return tf.nn.ctc_loss(LABELS, logits, [3, 2], [7, 5])


def sparse(logits):
    labels = tf.SparseTensor([[0, 0], [0, 1], [0, 2], [1, 0]], [0, 1, 1, 2], [2, 3])
    return tf.nn.ctc_loss(labels, logits, None, [7, 5], blank_index=-1)


@pytest.mark.parametrize("loss", [dense, sparse])
def test_gradients_are_what_differences_say(loss):
    (by_rule,), (by_differences,) = tf.test.compute_gradient(loss, [tf.constant(LOGITS)], delta=1e-5)
    np.testing.assert_allclose(by_rule, by_differences, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("loss", [dense, sparse])
def test_functions_of_unknown_sizes_give_what_eager_code_gives(loss):
    @tf.function(input_signature=[tf.TensorSpec([None, None, None], tf.float64)])
    def traced(logits):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            value = loss(logits)
        return value, tape.gradient(value, logits)

    logits = tf.constant(LOGITS)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        value = loss(logits)
    for got, expected in zip(traced(logits), (value, tape.gradient(value, logits)), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("loss", [dense, sparse])
def test_a_second_derivative_is_an_error(loss):
    logits = tf.constant(LOGITS)
    with tf.GradientTape() as outer:
        outer.watch(logits)
        with tf.GradientTape() as tape:
            tape.watch(logits)
            value = loss(logits)
        first = tape.gradient(value, logits)
    with pytest.raises(LookupError, match="second derivative"):
        outer.gradient(first, logits)


def test_a_saved_loss_of_dense_labels_is_the_same_with_its_gradient(tmp_path):
    module = tf.Module()
    module.weights = tf.Variable(tf.eye(5))

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, None, 5]),
            tf.TensorSpec([None, None], tf.int32),
            *[tf.TensorSpec([None], tf.int32)] * 2,
        ]
    )
    def loss(logits, labels, label_length, logit_length):
        with tf.GradientTape() as tape:
            value = tf.nn.ctc_loss(labels, logits @ module.weights, label_length, logit_length)
        return value, tape.gradient(value, module.weights)

    module.loss = loss
    tf.saved_model.save(module, str(tmp_path / "model"))
    loaded = tf.saved_model.load(str(tmp_path / "model"))
    logits = tf.constant(LOGITS, tf.float32)
    for lengths in (([3, 2], [7, 5]), ([3, 3], [2, 0])):  # of which the second ones do not fit
        for got, expected in zip(loaded.loss(logits, LABELS, *lengths), loss(logits, LABELS, *lengths), strict=True):
            np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-6)
