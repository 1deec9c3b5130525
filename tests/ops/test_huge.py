"""Sizes that no memory holds are refused with an error of TensorFlow's, at once."""

import pytest

import tenfold as tf

V = tf.ones([3])
HUGE = {
    "zeros": lambda: tf.zeros([10**9, 10**9]),
    "zeros, more bytes than can be counted": lambda: tf.zeros([2**40, 2**40]),
    "ones": lambda: tf.ones([10**6, 10**6, 10**6]),
    "fill": lambda: tf.fill([10**9, 10**9], 1.0),
    "constant": lambda: tf.constant(1.0, shape=[10**9, 10**9]),
    "eye": lambda: tf.eye(10**9),
    "range": lambda: tf.range(10**16),
    "range of floats": lambda: tf.range(0.0, 1e16),
    "range to infinity": lambda: tf.range(0.0, float("inf")),
    "range to NaN": lambda: tf.range(float("nan")),
    "linspace": lambda: tf.linspace(0.0, 1.0, 10**16),
    "one_hot": lambda: tf.one_hot([0], 10**16),
    "sequence_mask": lambda: tf.sequence_mask([10**16]),
    "tile": lambda: tf.tile(V, [10**16]),
    "repeat": lambda: tf.repeat(V, 10**12),
    "pad": lambda: tf.pad(V, [[10**16, 0]]),
    "reshape": lambda: tf.reshape(V, [2**40, 2**40]),
    "broadcast": lambda: tf.broadcast_to(V, [10**12, 3]) + 1.0,
    "outer product": lambda: tf.ones([10**6, 1]) * tf.ones([1, 10**6]) * tf.ones([10**6, 1, 1]),
    "scatter_nd": lambda: tf.scatter_nd([[0]], [1.0], [10**16]),
    "segments": lambda: tf.math.unsorted_segment_sum(V, [0, 1, 1], 10**16),
    "bincount": lambda: tf.math.bincount([1], minlength=10**16),
    "diag": lambda: tf.linalg.diag(V, k=10**9),
    "uniform": lambda: tf.random.uniform([10**9, 10**9]),
    "normal": lambda: tf.random.normal([10**16]),
    "gamma": lambda: tf.random.gamma([10**16], 1.0),
    "categorical": lambda: tf.random.categorical([[1.0, 2.0]], 10**16),
    "pooling": lambda: tf.nn.max_pool2d(tf.ones([1, 4, 4, 1]), 10**9, 1, "SAME"),
}


@pytest.mark.parametrize("run", HUGE.values(), ids=list(HUGE))
def test_what_fits_no_memory_is_refused(run):
    with pytest.raises((tf.errors.ResourceExhaustedError, tf.errors.InvalidArgumentError)):
        run()
