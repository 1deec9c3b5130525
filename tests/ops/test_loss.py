import numpy as np
import pytest

import tenfold as tf
from tests.gradients import check_gradients


def normal(*shape):
    return np.random.RandomState(sum(shape)).standard_normal(shape)


def uniform(*shape):
    return np.random.RandomState(sum(shape)).uniform(0.1, 0.9, shape)


@pytest.mark.parametrize("axis", [-1, 0, 1])
def test_softmax_cross_entropy_gradients_to_logits_and_labels(axis):
    check_gradients(
        lambda u, x: tf.nn.softmax_cross_entropy_with_logits(tf.nn.softmax(u, axis), x, axis),
        normal(3, 4, 5),
        normal(3, 4, 5) * 2,
        order=3,
        rtol=1e-5,
    )


def test_softmax_cross_entropy_gradients_of_broadcast_labels():
    check_gradients(
        lambda u, x: tf.nn.softmax_cross_entropy_with_logits(tf.nn.softmax(u), x), normal(1, 5), normal(4, 5)
    )


def test_sparse_softmax_cross_entropy_gradients():
    labels = np.array([[1, 4], [0, 2], [3, 3]])
    check_gradients(lambda x: tf.nn.sparse_softmax_cross_entropy_with_logits(labels, x), normal(3, 2, 5), order=3)


def test_sparse_softmax_cross_entropy_equals_that_of_one_hot_labels():
    labels, x = np.array([1, 4, 0]), normal(3, 5) * 100
    expected = tf.nn.softmax_cross_entropy_with_logits(np.eye(5)[labels], x)
    np.testing.assert_allclose(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, x), expected, rtol=1e-12)


def test_sigmoid_cross_entropy_gradients():
    check_gradients(lambda z, x: tf.nn.sigmoid_cross_entropy_with_logits(z, x), uniform(3, 4), normal(3, 4))


def test_weighted_cross_entropy_gradients():
    check_gradients(
        lambda z, x, w: tf.nn.weighted_cross_entropy_with_logits(z, x, w), uniform(3, 4), normal(3, 4), uniform(4)
    )


def test_weighted_cross_entropy_of_weight_one_is_that_without():
    z, x = uniform(3, 4), normal(3, 4)
    expected = tf.nn.sigmoid_cross_entropy_with_logits(z, x)
    np.testing.assert_allclose(tf.nn.weighted_cross_entropy_with_logits(z, x, 1.0), expected, rtol=1e-12)


@pytest.mark.parametrize("run", [tf.nn.nce_loss, tf.nn.sampled_softmax_loss])
def test_sampled_loss_gradients(run):
    sampled = tf.constant([1, 5, 0, 2]), tf.constant([[0.3], [0.7]], tf.float64), tf.constant(uniform(4))
    check_gradients(
        lambda weights, biases, x: run(weights, biases, [[2], [5]], x, 4, 7, 1, sampled, False),
        normal(7, 3),
        normal(7),
        normal(2, 3),
    )


def test_nce_loss_of_a_table_in_parts_is_that_of_the_whole():
    weights, biases, x = normal(7, 3), normal(7), normal(2, 3)
    sampled = tf.constant([1, 5, 0, 2]), tf.constant([[0.3], [0.7]], tf.float64), tf.constant(uniform(4))
    whole = tf.nn.nce_loss(weights, biases, [[2], [6]], x, 4, 7, sampled_values=sampled)
    parts = [tf.constant(weights[:3]), tf.constant(weights[3:5]), tf.constant(weights[5:])]
    found = tf.nn.nce_loss(parts, biases, [[2], [6]], x, 4, 7, sampled_values=sampled)
    np.testing.assert_allclose(found, whole, rtol=1e-12)
