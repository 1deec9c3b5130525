"""Large arrays begin at a cache line, and stay variables' own."""

import subprocess
import sys

import numpy as np
import pytest

import tenfold as tf
from tenfold.core.aligned import LINE

SHAPE = (300, 400)  # large in any dtype


def _offset(tensor: tf.Tensor) -> int:
    return np.asarray(tensor).ctypes.data % LINE


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_large_arrays_begin_at_a_cache_line(dtype):
    values = np.ones(SHAPE).astype(tf.as_dtype(dtype).as_numpy_dtype)
    held = tf.constant(values)
    variable = tf.Variable(tf.reshape(tf.repeat(values[:, :1], SHAPE[1]), SHAPE))
    product = tf.function(lambda x, y: tf.matmul(x, y))(held, values[0, 0] * tf.ones(SHAPE[1:] * 2, dtype))
    found = {"constant": held, "variable": variable.value(), "result": product}
    assert {name: _offset(x) for name, x in found.items()} == dict.fromkeys(found, 0)
    assert all(x.dtype == dtype and x.shape == SHAPE for x in found.values())


def test_what_was_read_of_a_large_variable_does_not_change_with_it():
    variable = tf.Variable(tf.zeros(SHAPE))

    @tf.function
    def add_one():
        variable.assign_add(tf.ones(SHAPE))
        return variable + 0.0

    before = variable.value()
    row = np.asarray(add_one())[0]  # a view of a result that nobody else holds
    variable.assign(add_one())
    held = variable.value()[1:]
    add_one()
    assert not np.any(before) and np.all(row == 1.0) and np.all(held == 2.0) and np.all(variable == 3.0)


def test_a_large_variable_that_nobody_else_holds_is_updated_in_place():
    variable = tf.Variable(tf.zeros(SHAPE))
    optimizer = tf.keras.optimizers.SGD(0.5)
    step = tf.function(lambda: optimizer.apply_gradients([(tf.ones(SHAPE), variable)]))
    address = np.asarray(variable.value()).ctypes.data
    for _ in range(3):
        step()
    assert np.asarray(variable.value()).ctypes.data == address


ZEROS = """
import resource
import tenfold as tf
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
table = tf.Variable(tf.zeros([1_000_000, 64]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, float(table[-1, -1]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the unit of ru_maxrss is the system's")
def test_a_large_table_of_zeros_takes_memory_when_it_is_used():
    done = subprocess.run([sys.executable, "-c", ZEROS], capture_output=True, text=True, check=True)
    kilobytes, last = done.stdout.split()
    assert int(kilobytes) < 50_000 and float(last) == 0
