import numpy as np
import pytest

import tenfold as tf
from tenfold.core.tensor import wrap
from tenfold.ops.layer_norm import layer_norm
from tests.gradients import check_gradients


def normal(*shape):
    return np.random.RandomState(sum(shape)).standard_normal(shape)


def fused(x, scale, offset, mean, variance, **options):
    return tf.raw_ops.FusedBatchNormV3(x=x, scale=scale, offset=offset, mean=mean, variance=variance, **options)


@pytest.mark.parametrize("is_training", [True, False])
@pytest.mark.parametrize(
    "data_format, shape", [("NHWC", (2, 3, 2, 4)), ("NCHW", (2, 4, 3, 2)), ("NCDHW", (2, 4, 1, 3, 2))]
)
def test_fused_batch_norm_gradients(is_training, data_format, shape):
    mean, variance = (normal(4), np.square(normal(4)) + 0.5) if not is_training else (np.zeros(0), np.zeros(0))

    def run(x, scale, offset):
        options = {"data_format": data_format, "is_training": is_training, "epsilon": 0.01}
        return fused(x, scale, offset, tf.constant(mean), tf.constant(variance), **options).y

    check_gradients(run, normal(*shape), normal(4), normal(4), rtol=1e-5)


def test_fused_batch_norm_channels_first_is_the_transpose_of_channels_last():
    x, scale, offset, none = normal(2, 3, 2, 4), normal(4), normal(4), tf.zeros(0, tf.float64)
    expected = fused(x, scale, offset, none, none)
    found = fused(x.transpose(0, 3, 1, 2), scale, offset, none, none, data_format="NCHW")
    np.testing.assert_allclose(found.y.numpy().transpose(0, 2, 3, 1), expected.y, rtol=1e-12)
    np.testing.assert_allclose(found.batch_variance, expected.batch_variance, rtol=1e-12)


def test_fused_batch_norm_equals_moments_and_batch_normalization():
    x, scale, offset, none = normal(2, 3, 2, 4), normal(4), normal(4), tf.zeros(0, tf.float64)
    mean, variance = tf.nn.moments(x, [0, 1, 2])
    expected = tf.nn.batch_normalization(x, mean, variance, offset, scale, np.float64(np.float32(0.001)))
    np.testing.assert_allclose(fused(x, scale, offset, none, none, epsilon=0.001).y, expected, rtol=1e-10)


def test_local_response_normalization_gradients():
    check_gradients(lambda x: tf.nn.lrn(x, 2, 0.5, 0.3, 0.7), normal(2, 2, 3, 6), rtol=1e-5)


@pytest.mark.parametrize("axes", [[0], [0, 2], [-1]])
def test_moments_gradients(axes):
    # As in TensorFlow, the second derivative of the variance leaves out how the mean depends on x.
    check_gradients(lambda x: tf.add(*tf.nn.moments(x, axes)), normal(3, 4, 2), order=1)


def test_l2_normalize_gradients():
    check_gradients(lambda x: tf.nn.l2_normalize(x, 1), normal(3, 4))


LAYERS = pytest.mark.parametrize("shape, rank", [((3, 4, 2), 1), ((3, 4, 2), 2), ((5,), 1)])


def layer_operands(shape, rank):
    return [normal(*shape), normal(*shape[-rank:]) + 2, normal(*shape[-rank:])]


def layer_norm_of_moments(x, scale, offset):
    axes = list(range(x.ndim - scale.ndim, x.ndim))
    return tf.nn.batch_normalization(x, *tf.nn.moments(x, axes, keepdims=True), offset, scale, 1e-3)


@LAYERS
def test_layer_norm_gradients(shape, rank):
    check_gradients(lambda *x: layer_norm(*x, 1e-3), *layer_operands(shape, rank), order=1)


@LAYERS
@pytest.mark.parametrize("decorate", [lambda f: f, tf.function], ids=["eager", "function"])
def test_layer_norm_is_what_moments_say(shape, rank, decorate):
    """To second order, and along tangents."""

    def derivatives(function, operands):
        with tf.GradientTape() as outer:
            outer.watch(operands)
            with tf.GradientTape() as inner:
                inner.watch(operands)
                y = function(*operands)
                loss = tf.reduce_sum(tf.sin(y) * y)
            gradients = inner.gradient(loss, operands)
            total = tf.add_n([tf.reduce_sum(tf.cos(d) * d) for d in gradients])
        with tf.autodiff.ForwardAccumulator(operands, [tf.cos(x) for x in operands]) as forward:
            z = function(*operands)
        return [y, *gradients, *outer.gradient(total, operands), forward.jvp(z)]

    operands = [wrap(x) for x in layer_operands(shape, rank)]
    found = decorate(lambda *x: derivatives(lambda *x: layer_norm(*x, 1e-3), list(x)))(*operands)
    for a, b in zip(found, derivatives(layer_norm_of_moments, operands), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)
