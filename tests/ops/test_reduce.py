"""Reductions, scans, segments and sorting: gradients against differences, and what golden cases cannot show."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tenfold as tf
from tests.gradients import check_gradients

X = np.random.RandomState(3).standard_normal((3, 4, 2)) + 0.1
AXES = [None, 0, -1, (0, 2), [], (2, 0, 1)]


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize(
    "reduce",
    [
        tf.reduce_sum,
        tf.reduce_mean,
        tf.reduce_prod,
        tf.reduce_max,
        tf.reduce_min,
        tf.math.reduce_euclidean_norm,
        tf.reduce_logsumexp,
        tf.math.reduce_variance,
    ],
)
def test_gradient_of_reduction_is_the_slope(reduce, axis, keepdims):
    check_gradients(lambda x: reduce(x, axis, keepdims), X)


def test_gradient_of_reduce_std_is_the_slope():
    check_gradients(lambda x: tf.math.reduce_std(x, (0, 2)), X)


@pytest.mark.parametrize("zeros", [1, 2])
def test_gradient_of_reduce_prod_is_the_slope_at_zeros(zeros):
    x = X.copy()
    x[0, 0, 0] = 0
    x[1, 1, 1] = 0 if zeros == 2 else 1
    check_gradients(lambda x: tf.reduce_prod(x, (0, 1)), x, order=1)


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("flags", [(False, False), (True, False), (False, True), (True, True)])
@pytest.mark.parametrize("scan", [tf.cumsum, tf.math.cumprod])
def test_gradient_of_scan_is_the_slope(scan, axis, flags):
    check_gradients(lambda x: scan(x, axis, *flags), X)


@pytest.mark.parametrize("flags", [(False, False), (True, False), (False, True), (True, True)])
def test_gradient_of_cumprod_is_the_slope_at_zeros(flags):
    # TensorFlow gives 0 for the gradient of an element that is zero.
    x = X.copy()
    x[:, 1, 0] = 0
    x[:, 3, 0] = 0
    check_gradients(lambda x: tf.math.cumprod(x, 1, *flags), x, order=1)


def test_gradient_of_cumprod_is_conjugated():
    x = np.array([1 + 2j, 3 - 1j, -1j])
    with tf.GradientTape() as tape:
        z = tf.constant(x)
        tape.watch(z)
        y = tf.math.cumprod(z)[-1]
    np.testing.assert_allclose(tape.gradient(y, z).numpy(), np.conj(np.prod(x) / x))


@pytest.mark.parametrize("exclusive", [False, True])
@pytest.mark.parametrize("reverse", [False, True])
def test_cumulative_logsumexp_in_functions(exclusive, reverse):
    x = tf.constant([[-np.inf, -np.inf, 1.0], [2.0, np.nan, 0.0], [np.inf, -3.0, np.inf], [200.0, 1.0, -200.0]])
    for axis in (0, 1):
        found = tf.function(tf.math.cumulative_logsumexp)(x, axis, exclusive, reverse)
        np.testing.assert_allclose(found, tf.math.cumulative_logsumexp(x, axis, exclusive, reverse), 1e-6)


def test_gradient_of_cumulative_logsumexp_is_the_slope():
    for reverse in (False, True):
        check_gradients(lambda x, r=reverse: tf.math.cumulative_logsumexp(x, 1, reverse=r), X)


IDS = np.array([0, 0, 2])
ANY = np.array([2, -1, 2])


@pytest.mark.parametrize("name", ["sum", "mean", "prod", "max", "min"])
def test_gradient_of_segment_reduction_is_the_slope(name):
    check_gradients(lambda x: getattr(tf.math, f"segment_{name}")(x, IDS), X)


@pytest.mark.parametrize("name", ["sum", "mean", "sqrt_n", "prod", "max", "min"])
def test_gradient_of_unsorted_segment_reduction_is_the_slope(name):
    reduce = getattr(tf.math, f"unsorted_segment_{name}")
    if name in ("max", "min"):  # no empty segment: its value would drown the others
        check_gradients(lambda x: reduce(x, [1, 0, 1], 2), X)
    else:
        check_gradients(lambda x: reduce(x, ANY, 4), X)


@pytest.mark.parametrize("name", ["sum", "mean", "sqrt_n"])
def test_gradient_of_picked_segments_is_the_slope(name):
    reduce = getattr(tf.sparse, f"segment_{name}")
    check_gradients(lambda x: reduce(x, [0, 2, 2, 1], [0, 0, 1, 1]), X)


def test_gradient_of_segment_prod_is_the_slope_at_zeros():
    x = X.copy()
    x[0, 0] = 0
    x[1, 0, 0] = 0
    check_gradients(lambda x: tf.math.segment_prod(x, IDS), x, order=1)
    check_gradients(lambda x: tf.math.unsorted_segment_prod(x, ANY, 3), x, order=1)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: tf.sort(x, 1),
        lambda x: tf.sort(x, 0, "DESCENDING"),
        lambda x: tf.math.top_k(x, 2).values,
        lambda x: tf.raw_ops.NthElement(input=x, n=1),
        lambda x: tf.math.unsorted_segment_sum(x, IDS, 3),
    ],
)
def test_gradient_of_order_is_the_slope(function):
    check_gradients(function, X)


def test_gradient_of_approx_min_k_is_the_slope():
    x = X.astype(np.float32)
    with tf.GradientTape() as tape:
        t = tf.constant(x)
        tape.watch(t)
        values, indices = tf.math.approx_min_k(t, 2, reduction_dimension=1)
    expected = np.zeros_like(x)
    np.put_along_axis(expected, indices.numpy(), 1, 1)
    np.testing.assert_array_equal(tape.gradient(values, t).numpy(), expected)
    np.testing.assert_array_equal(values.numpy(), np.sort(x, 1)[:, :2])


SHAPES = st.lists(st.integers(1, 5), min_size=1, max_size=3)


@given(SHAPES, st.data())
@settings(max_examples=40, deadline=None)
def test_reductions_agree_with_numpy(shape, data):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    x = (
        np.random.RandomState(sum(shape))
        .randint(-9, 9, shape)
        .astype(data.draw(st.sampled_from([np.float32, np.int32])))
    )
    for ours, numpys in (
        (tf.reduce_sum, np.sum),
        (tf.reduce_max, np.max),
        (tf.reduce_min, np.min),
        (tf.reduce_prod, np.prod),
    ):
        np.testing.assert_array_equal(ours(x, axis).numpy(), numpys(x, axis))
    np.testing.assert_array_equal(tf.sort(x, axis).numpy(), np.sort(x, axis))
    np.testing.assert_array_equal(tf.argsort(x, axis).numpy(), np.argsort(x, axis, kind="stable"))
    np.testing.assert_array_equal(tf.cumsum(x, axis).numpy(), np.cumsum(x, axis))


@given(st.integers(1, 300), st.integers(1, 12), st.integers(0, 5))
@settings(max_examples=40, deadline=None)
def test_top_k_agrees_with_a_stable_sort(width, k, seed):
    x = np.random.RandomState(seed).randint(0, 40, (4, width)).astype(np.float32)  # with many equal numbers
    k = min(k, width)
    values, indices = tf.math.top_k(x, k)
    expected = np.argsort(-x, 1, kind="stable")[:, :k]
    np.testing.assert_array_equal(indices.numpy(), expected)
    np.testing.assert_array_equal(values.numpy(), np.take_along_axis(x, expected, 1))


@pytest.mark.parametrize(
    "dtype", ["float32", "float16", "float64", "int8", "uint8", "int32", "uint32", "int64", "uint64"]
)
def test_long_rows_are_sorted_stably(dtype):
    random = np.random.RandomState(0)
    x = random.randint(-100, 100, (3, 3000)).astype(dtype)
    if x.dtype.kind == "f":
        x *= x.dtype.type(0.1)
        x[0, :4] = 0.0, -0.0, np.inf, -np.inf
    else:
        x[0, :2] = np.iinfo(dtype).min, np.iinfo(dtype).max
    for direction, expected in (
        ("ASCENDING", np.argsort(x, 1, kind="stable")),
        ("DESCENDING", 2999 - np.argsort(x[:, ::-1], 1, kind="stable")[:, ::-1]),
    ):
        np.testing.assert_array_equal(tf.argsort(x, 1, direction).numpy(), expected)
    if x.dtype.kind == "f":
        x[1, 7:9] = np.nan, -np.nan
        np.testing.assert_array_equal(tf.argsort(x, 1, "DESCENDING")[1, :2].numpy(), [7, 8])


@pytest.mark.parametrize("shape", [(20000, 7), (7, 20000), (3, 5000, 3)])
def test_extremes_of_long_rows_agree_with_numpy(shape):
    x = np.random.RandomState(0).standard_normal(shape).astype(np.float32)
    x[0, -1] = np.nan
    for axis in range(len(shape)):
        np.testing.assert_array_equal(tf.reduce_max(x, axis).numpy(), np.max(x, axis))
        np.testing.assert_array_equal(tf.reduce_min(x, axis, True).numpy(), np.min(x, axis, keepdims=True))


def test_half_precision_is_summed_in_float32():
    x = np.ones((4096, 3), np.float16)  # a running sum in float16 would end at 2048
    np.testing.assert_array_equal(tf.reduce_sum(x, 0).numpy(), [4096] * 3)
    np.testing.assert_array_equal(tf.math.segment_sum(x, np.zeros(4096, np.int32)).numpy(), [[4096] * 3])
    assert tf.reduce_mean(tf.fill([4096], tf.constant(100.0, tf.float16))).numpy() == 100


def test_reduction_of_nothing_leaves_the_input_alone():
    x = tf.constant([1.0, 2.0])
    y = tf.reduce_sum(x, [])
    assert y is not x
    np.testing.assert_array_equal(y.numpy(), x.numpy())


def test_results_of_named_ops_are_namedtuples():
    y, idx, count = tf.unique_with_counts(["b", "a", "b"])
    assert count.numpy().tolist() == [2, 1]
    assert tf.unique([1])._fields == ("y", "idx")
    assert tf.math.top_k([1, 2]).indices.numpy().tolist() == [1]
