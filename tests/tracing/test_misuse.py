"""Mistakes inside `tf.function` raise what a program that was written for TensorFlow catches."""

import json

import pytest

import tenfold as tf
from tests.golden.misuse import CRASH, FROZEN, names_of_error

OTHERWISE = """
int(tf.constant(1.5))
list(tf.constant(1.0))
range(tf.constant(2))[1]
bool(tf.ones([2]))
tf.unstack(a, axis=tf.constant(1))
tf.keras.Sequential().predict(a)
v.numpy(1)
tf.Variable([1, "x"])
tf.ones([None])
tf.random.uniform("x")
tf.argmax(a, output_type=tf.float32)
tf.nn.bias_add(image, tf.ones([3], tf.float64))
tf.nn.avg_pool1d(tf.ones([1, 4, 1]), 5, 1, "VALID")
n ** -1
tf.math.pow(tf.ones([2], tf.int32), -1)
tf.matmul(tf.constant("a"), tf.constant("b"))
"""  # constants are known in functions, as in eager code; results without elements; errors that come with the call, or with other classes


def mistakes():
    for code, expected in json.loads(FROZEN.read_text()).items():
        if expected not in ("", CRASH) and code not in OTHERWISE and "Ragged" not in code and "Sparse" not in code:
            yield pytest.param(code, expected, id=code)


@pytest.mark.parametrize("code, expected", list(mistakes()))
def test_the_error_is_one_that_users_catch(code, expected):
    assert expected in names_of_error(tf, code)


def test_elements_of_arrays_that_are_not_there():
    array = tf.TensorArray(tf.float32, 2, element_shape=[]).write(0, 1.0)
    assert array.read(0) == 1.0 and array.read(1) == 0.0
    with pytest.raises(tf.errors.InvalidArgumentError, match="Could not read index 0 twice because it was cleared"):
        array.read(0)
    assert array.write(0, 2.0).read(0) == 2.0
    with pytest.raises(tf.errors.InvalidArgumentError, match="never written"):
        tf.function(lambda: tf.TensorArray(tf.float32, 2).stack())()
