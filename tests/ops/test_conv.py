import numpy as np
import pytest

import tenfold as tf
from tests.gradients import check_gradients


def normal(*shape):
    return np.random.RandomState(sum(shape)).standard_normal(shape)


def direct(x, f, strides, dilations, pads):
    """A convolution by the definition, channels last, groups as the shapes say."""
    x = np.pad(x, [(0, 0), *pads, (0, 0)])
    kernel, (depth, filters) = f.shape[:-2], f.shape[-2:]
    groups = x.shape[-1] // depth
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
    out = [(n - r) // s + 1 for n, r, s in zip(x.shape[1:-1], reach, strides, strict=True)]
    y = np.zeros((x.shape[0], *out, filters))
    for position in np.ndindex(*out):
        at = tuple(slice(p * s, p * s + r, d) for p, s, r, d in zip(position, strides, reach, dilations, strict=True))
        patch = x[(slice(None), *at)].reshape(x.shape[0], -1, groups, depth)
        weights = f.reshape(-1, depth, groups, filters // groups)
        y[(slice(None), *position)] = np.einsum("bkgc,kcgn->bgn", patch, weights).reshape(x.shape[0], filters)
    return y


@pytest.mark.parametrize("strides", [(1, 1), (2, 1), (3, 2)])
@pytest.mark.parametrize("dilations", [(1, 1), (1, 2), (3, 2)])
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_conv2d_equals_its_definition(strides, dilations, groups):
    x, f, pads = normal(2, 9, 8, 4), normal(3, 2, 4 // groups, 8), [(2, 1), (0, 3)]
    y = tf.nn.conv2d(x, f, strides, [(0, 0), *pads, (0, 0)], dilations=dilations)
    np.testing.assert_allclose(y, direct(x, f, strides, dilations, pads), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("padding", ["VALID", "SAME", [(0, 0), (2, 1), (0, 3), (0, 0)]])
@pytest.mark.parametrize("strides, dilations", [((1, 1), (1, 1)), ((2, 1), (1, 2)), ((3, 2), (2, 2)), ((4, 5), (1, 1))])
@pytest.mark.parametrize("groups", [1, 2])
def test_conv2d_gradients(padding, strides, dilations, groups):
    check_gradients(
        lambda x, f: tf.nn.conv2d(x, f, strides, padding, dilations=dilations),
        normal(2, 7, 6, 4),
        normal(3, 2, 4 // groups, 6),
    )


def test_conv2d_gradients_one_channel():
    check_gradients(lambda x, f: tf.nn.conv2d(x, f, 1, "SAME"), normal(2, 15, 16, 1), normal(5, 4, 1, 2))


@pytest.mark.parametrize("strides, dilations", [(1, 1), (2, 1), (1, 2), ((1, 2, 3), (2, 1, 2))])
def test_conv3d_gradients(strides, dilations):
    check_gradients(
        lambda x, f: tf.nn.conv3d(x, f, strides, "SAME", dilations=dilations),
        normal(2, 4, 5, 6, 2),
        normal(3, 2, 2, 2, 3),
    )


@pytest.mark.parametrize("strides, dilations", [(1, 1), (2, 1), (1, 2), (3, 2)])
def test_conv2d_transpose_gradients(strides, dilations):
    x = normal(2, 5, 4, 3)
    shape = (2, 5 * strides, 4 * strides, 4)
    check_gradients(
        lambda x, f: tf.nn.conv2d_transpose(x, f, shape, strides, dilations=dilations), x, normal(3, 2, 4, 3)
    )


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_channels_first_is_the_transpose_of_channels_last(rank):
    x, f = normal(2, *range(5, 5 + rank), 4), normal(*(3, 2, 3)[:rank], 4, 6)
    first, last = [("NCW", "NWC"), ("NCHW", "NHWC"), ("NCDHW", "NDHWC")][rank - 1]
    expected = tf.nn.convolution(x, f, 2, "SAME", last)
    y = tf.nn.convolution(np.moveaxis(x, -1, 1), f, 2, "SAME", first)
    np.testing.assert_allclose(np.moveaxis(y.numpy(), 1, -1), expected, rtol=1e-10)
    back = tf.nn.conv_transpose(expected, f, x.shape, 2, "SAME", last)
    first_shape = (x.shape[0], x.shape[-1], *x.shape[1:-1])
    back_first = tf.nn.conv_transpose(y, f, first_shape, 2, "SAME", first)
    np.testing.assert_allclose(np.moveaxis(back_first.numpy(), 1, -1), back, rtol=1e-10)


def test_channels_first_gradients():
    check_gradients(
        lambda x, f: tf.nn.conv2d(x, f, [2, 1], "SAME", data_format="NCHW"), normal(2, 3, 7, 6), normal(3, 2, 3, 4)
    )


def test_large_images_are_convolved_in_blocks_of_rows():
    x, f = normal(1, 300, 200, 5), normal(3, 3, 5, 4)
    y = tf.nn.conv2d(x, f, 1, "VALID").numpy()
    np.testing.assert_allclose(y[0, 100:110], direct(x[:, 100:112], f, (1, 1), (1, 1), [(0, 0)] * 2)[0], rtol=1e-9)
    np.testing.assert_allclose(y[0, -5:], direct(x[:, -7:], f, (1, 1), (1, 1), [(0, 0)] * 2)[0], rtol=1e-9)


def test_conv2d_gradient_of_an_empty_batch_is_zero():
    x, f = tf.constant(np.zeros((0, 5, 5, 2))), tf.constant(normal(3, 3, 2, 4))
    with tf.GradientTape() as tape:
        tape.watch([x, f])
        y = tf.nn.conv2d(x, f, 1, "SAME")
    dx, df = tape.gradient(y, [x, f])
    assert dx.shape == (0, 5, 5, 2) and not df.numpy().any()


def test_conv2d_gradient_where_the_output_is_empty_is_zero():
    x, f = tf.constant(normal(1, 2, 2, 2)), tf.constant(normal(3, 3, 2, 4))
    with tf.GradientTape() as tape:
        tape.watch([x, f])
        y = tf.nn.conv2d(x, f, 1, "VALID")
    dx, df = tape.gradient(y, [x, f])
    assert y.shape == (1, 0, 0, 4) and not dx.numpy().any() and not df.numpy().any()


@pytest.mark.parametrize("multiplier", [1, 2, 9])
@pytest.mark.parametrize("strides, dilations", [(1, 1), ((2, 1), 1), (1, (2, 3)), (3, 2)])
def test_depthwise_conv2d_gradients(multiplier, strides, dilations):
    check_gradients(
        lambda x, f: tf.nn.depthwise_conv2d(x, f, strides, "SAME", dilations=dilations),
        normal(2, 7, 6, 4),
        normal(3, 2, 4, multiplier),
    )


def test_depthwise_conv2d_channels_first():
    x, f = normal(2, 7, 6, 4), normal(3, 2, 4, 2)
    y = tf.nn.depthwise_conv2d(x.transpose(0, 3, 1, 2), f, [1, 1, 2, 2], "SAME", "NCHW")
    expected = tf.nn.depthwise_conv2d(x, f, [1, 2, 2, 1], "SAME")
    np.testing.assert_allclose(y.numpy().transpose(0, 2, 3, 1), expected, rtol=1e-10)


@pytest.mark.parametrize("shape", [(None, None, None, None), (None, None, None, 4), None], ids=str)
@pytest.mark.parametrize("padding", ["SAME", "VALID"])
def test_images_of_unknown_sizes_in_functions(shape, padding):
    filters = tf.reshape(tf.range(3.0 * 3 * 2 * 6), (3, 3, 2, 6)) / 100.0

    def slopes(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.nn.conv2d(x, filters, (1, 2, 2, 1), padding)
            loss = tf.reduce_sum(y * y)
        return y, tape.gradient(loss, x)

    traced = tf.function(slopes, input_signature=[tf.TensorSpec(shape)])
    for size in (5, 8):
        x = tf.reshape(tf.range(2.0 * size * 6 * 4), (2, size, 6, 4)) / 100.0
        for found, expected in zip(traced(x), slopes(x), strict=True):
            np.testing.assert_allclose(found, expected, 1e-4)
