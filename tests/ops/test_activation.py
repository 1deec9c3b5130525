import numpy as np
import pytest

import tenfold as tf
from tenfold.ops.choose import choose, keep
from tests.gradients import check_gradients

X = np.random.RandomState(0).standard_normal((3, 5)) * 3


@pytest.mark.parametrize(
    "name",
    "relu relu6 leaky_relu crelu elu selu softplus softsign silu gelu softmax log_softmax sigmoid tanh".split(),
)
def test_gradients(name):
    check_gradients(getattr(tf.nn, name), X, rtol=1e-5)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_softmax_gradients_along_an_axis(axis):
    check_gradients(lambda x: tf.nn.softmax(x, axis), X)
    check_gradients(lambda x: tf.nn.log_softmax(x, axis), X)


def test_silu_gradient_to_beta():
    check_gradients(tf.nn.silu, X, np.array(0.7))


def test_softmax_rows_sum_to_one_far_from_zero():
    x = np.array([[1e4, 1e4 + 1], [-1e4, -1e4 + 1]], np.float32)
    np.testing.assert_allclose(tf.reduce_sum(tf.nn.softmax(x), -1), 1.0, rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "int64", "bool", "complex64", "complex128"])
def test_choose_is_where(dtype):
    random = np.random.RandomState(0)
    t, e = (random.randint(-9, 9, (60, 50)).astype(dtype) for _ in range(2))
    mask = random.uniform(size=(60, 50)) > 0.5
    for a, b, c in [
        (mask, t, e),
        (mask, t, e[0]),
        (mask, t[:, :1], e),
        (mask, t[0, 0], e),
        (mask[::2, 1:], t[::2, 1:], e[1::2, :-1]),
    ]:
        np.testing.assert_array_equal(choose(a, np.asarray(b), c), np.where(a, b, c))


def test_keep_passes_infinity_and_makes_no_negative_zero():
    x, mask = np.array([np.inf, -1.0, np.nan, -np.inf]), np.array([False, False, False, True])
    kept = keep(x, mask)
    assert kept.tolist() == [0, 0, 0, -np.inf] and not np.signbit(kept[:3]).any()
