import numpy as np
import pytest

import tenfold as tf
from tests.gradients import check_gradients


def distinct(*shape):
    """Numbers apart enough for a maximum to stay where it is under a small step."""
    return np.random.RandomState(sum(shape)).permutation(np.prod(shape)).reshape(shape) / 10.0


@pytest.mark.parametrize("run", [tf.nn.max_pool, tf.nn.avg_pool])
@pytest.mark.parametrize("shape", [(2, 9, 3), (2, 7, 6, 3), (1, 5, 4, 6, 2)])
@pytest.mark.parametrize("ksize, strides", [(2, 2), (3, 2), (2, 3), (3, 1)])
@pytest.mark.parametrize("padding", ["VALID", "SAME"])
def test_pool_gradients(run, shape, ksize, strides, padding):
    check_gradients(lambda x: run(x, ksize, strides, padding), distinct(*shape))


def test_max_pool_explicit_padding_gradients():
    check_gradients(lambda x: tf.nn.max_pool2d(x, 3, 2, [[0, 0], [1, 0], [2, 1], [0, 0]]), distinct(2, 7, 6, 3))


def test_max_pool_with_argmax_gradients():
    check_gradients(lambda x: tf.nn.max_pool_with_argmax(x, 3, 2, "SAME").output, distinct(2, 7, 6, 3))


def test_dilated_pool_gradients():
    check_gradients(lambda x: tf.nn.pool(x, [2, 3], "MAX", dilations=[3, 2]), distinct(2, 9, 8, 3))


@pytest.mark.parametrize("kind", ["MAX", "AVG"])
@pytest.mark.parametrize("dilations", [None, 2])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_channels_first_is_the_transpose_of_channels_last(kind, dilations, rank):
    x = distinct(2, *range(5, 5 + rank), 3)
    dilations = dilations and [dilations] * rank
    expected = tf.nn.pool(x, [2] * rank, kind, dilations=dilations)
    data_format = ("NCW", "NCHW", "NCDHW")[rank - 1]
    y = tf.nn.pool(np.moveaxis(x, -1, 1), [2] * rank, kind, data_format=data_format, dilations=dilations)
    np.testing.assert_allclose(np.moveaxis(y.numpy(), 1, -1), expected, rtol=1e-12)


def test_channels_first_gradients():
    for run in (tf.nn.max_pool2d, tf.nn.avg_pool2d):
        check_gradients(lambda x, run=run: run(x, 3, 2, "SAME", "NCHW"), distinct(2, 3, 7, 6))


def test_large_batches_are_pooled_in_parts():
    x = np.random.RandomState(0).standard_normal((50, 32, 32, 16))
    y = tf.nn.max_pool2d(x, 2, 2, "VALID")
    np.testing.assert_array_equal(y, x.reshape(50, 16, 2, 16, 2, 16).max((2, 4)))


def test_max_pool_gradient_goes_to_the_first_of_equal_elements():
    x = tf.ones((1, 2, 2, 1))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.nn.max_pool2d(x, 2, 2, "VALID")
    assert tape.gradient(y, x).numpy().ravel().tolist() == [1, 0, 0, 0]


def test_max_pool_gradient_of_infinity_is_not_spread():
    x = tf.constant([[[[1.0], [2.0]]]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.nn.max_pool2d(x, [1, 2], 1, "VALID")
    assert tape.gradient(y, x, tf.fill(y.shape, np.inf)).numpy().ravel().tolist() == [0, np.inf]


def test_pooling_channels_is_refused():
    with pytest.raises(tf.errors.UnimplementedError, match="ksize"):
        tf.nn.max_pool2d(tf.ones((1, 4, 4, 4)), [1, 1, 1, 2], [1, 1, 1, 2], "VALID")
