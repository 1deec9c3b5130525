"""The order of elements, compiled and not: the largest first, NaN before them, equal elements as they stand."""

import numpy as np
import pytest

import tenfold as tf
from tenfold.graph.native import Segment, compiled

NUMBERS = ("float16", "bfloat16", "float32", "float64", "int8", "uint8", "int32", "uint32", "int64", "uint64")


def _values(dtype, shape):
    rng = np.random.default_rng(0)
    if tf.as_dtype(dtype).is_integer:
        return rng.integers(0, 1 << 40, shape).astype(dtype)
    x = rng.integers(-5, 6, shape).astype(tf.as_dtype(dtype).as_numpy_dtype)
    flat = x.reshape(-1)
    flat[::9], flat[1::11], flat[2::13], flat[3::7] = np.nan, np.inf, -np.inf, -0.0
    return x


def _expected_columns(x):
    """By a key for each element, sorted by Python, which is stable."""
    rows = x.reshape(-1, x.shape[-1])
    wide = rows if rows.dtype.kind in "iu" else rows.astype(np.float64)
    keys = [[(v == v, -int(v) if wide.dtype.kind in "iu" else -v if v == v else 0.0) for v in row] for row in wide]
    order = [sorted(range(len(row)), key=row.__getitem__) for row in keys]
    return np.array(order).reshape(x.shape)


@pytest.mark.parametrize("shape, k", [((7,), 1), ((3, 9), 9), ((4, 70), 5), ((2, 3, 80), 17), ((2, 130), 130)])
@pytest.mark.parametrize("dtype", NUMBERS)
def test_the_largest_come_first_compiled_and_not(dtype, shape, k):
    x = _values(dtype, shape)
    columns = _expected_columns(x)[..., :k]
    values = np.take_along_axis(x, columns, -1)
    traced = tf.function(lambda x: tf.math.top_k(x + tf.zeros_like(x), k))
    for found in (tf.math.top_k(x, k), traced(tf.constant(x))):
        np.testing.assert_array_equal(found.indices.numpy(), columns)
        np.testing.assert_array_equal(found.values.numpy().astype(np.float64), values.astype(np.float64))
    nodes = compiled(traced.get_concrete_function(tf.constant(x)).graph).nodes
    assert all(isinstance(node.op, Segment) for node in nodes)


def test_sorting_is_part_of_native_code():
    x = tf.constant(_values("float32", (5, 100)))
    traced = tf.function(lambda x: (tf.sort(x * 2.0), tf.argsort(x, 0, "DESCENDING", stable=True)))
    for found, expected in zip(traced(x), (tf.sort(x * 2.0), tf.argsort(x, 0, "DESCENDING")), strict=True):
        np.testing.assert_array_equal(found.numpy(), expected.numpy())
    assert all(isinstance(node.op, Segment) for node in compiled(traced.get_concrete_function(x).graph).nodes)
