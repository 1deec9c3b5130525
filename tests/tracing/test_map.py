"""`tf.map_fn` and its kin in functions."""

import pytest

import tenfold as tf

FUNCTIONS = {
    "map_fn": lambda x: tf.map_fn(lambda row: row * 2.0, x),
    "of two": lambda x: tf.map_fn(
        lambda row: (row, tf.cast(row, tf.int32)), x, fn_output_signature=(tf.float32, tf.int32)
    )[0],
    "vectorized_map": lambda x: tf.vectorized_map(lambda row: row * row[0], x),
    "scan": lambda x: tf.scan(lambda state, row: state + row, x, tf.ones([3])),
    "scan back": lambda x: tf.scan(lambda state, row: state + row, x, tf.ones([3]), reverse=True),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("signature", [None, [tf.TensorSpec([None, 3])]])
def test_of_no_elements_there_are_no_rows(name, signature):
    function = tf.function(FUNCTIONS[name], input_signature=signature)
    assert function(tf.zeros([0, 3])).shape == [0, 3] and function(tf.ones([2, 3])).shape == [2, 3]
    if "map_fn" not in name and name != "of two":  # which eagerly, as in TensorFlow, know the dtypes only
        assert FUNCTIONS[name](tf.zeros([0, 3])).shape == [0, 3]
