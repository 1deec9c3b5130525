import numpy as np
import pytest

import tenfold as tf
from tests.gradients import check_gradients


def normal(*shape):
    return np.random.RandomState(sum(shape)).standard_normal(shape)


@pytest.mark.parametrize("max_norm", [None, 1.0])
def test_embedding_lookup_gradients(max_norm):
    check_gradients(lambda t: tf.nn.embedding_lookup(t, [[1, 4], [1, 0]], max_norm), normal(5, 3))


@pytest.mark.parametrize("count", [2, 3, 5])
def test_embedding_lookup_in_parts_is_that_of_the_whole(count):
    table, ids = normal(11, 3), np.random.RandomState(0).randint(0, 11, (4, 5))
    found = tf.nn.embedding_lookup([tf.constant(part) for part in np.array_split(table, count)], ids)
    np.testing.assert_array_equal(found, table[ids])


def test_embedding_lookup_shares_nothing_with_an_array():
    table = normal(5, 3)
    for ids in (2, [2], [[2, 1]]):
        rows = tf.nn.embedding_lookup(table, ids)
        assert not np.shares_memory(rows._array, table)


@pytest.mark.parametrize("data_format, channels", [("NHWC", 4), ("NCHW", 3)])
def test_bias_add_gradients(data_format, channels):
    check_gradients(lambda x, b: tf.nn.bias_add(x, b, data_format), normal(2, 3, 2, 4), normal(channels))


def test_dropout_keeps_the_expected_sum():
    y = tf.nn.dropout(tf.ones([100_000]), 0.3, seed=1).numpy()
    assert set(np.unique(y)) == {0.0, np.float32(1 / 0.7)} and abs(y.mean() - 1) < 0.01


def test_dropout_gradient_is_the_mask():
    x = tf.constant(normal(200))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.nn.dropout(x, 0.5, seed=1)
    np.testing.assert_allclose(tape.gradient(y, x) * x, y)


def test_dropout_makes_no_negative_zero_of_large_tensors():
    y = tf.nn.dropout(-tf.ones([5000]), 0.5, seed=1).numpy()
    assert not np.signbit(y[y == 0]).any()
