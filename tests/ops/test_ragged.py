"""Ragged tensors as operands: what golden cases do not show."""

import pytest

import tenfold as tf


def test_split_along_an_axis_counted_from_the_end_is_that_along_the_same_axis():
    x = tf.RaggedTensor.from_row_splits(tf.reshape(tf.range(12), [3, 2, 2]), [0, 2, 2, 3])
    for sizes in (2, [1, 1]):
        from_end = [part.to_list() for part in tf.split(x, sizes, axis=-1)]
        assert from_end == [part.to_list() for part in tf.split(x, sizes, axis=3)]


def test_an_op_without_a_rule_names_itself_and_what_to_do():
    with pytest.raises(ValueError, match="ArgMax: .* to_tensor"):
        tf.argmax(tf.ragged.constant([[1, 2], [3]]), 1)


def test_gather_refuses_an_index_that_a_row_is_too_short_for():
    with pytest.raises(tf.errors.InvalidArgumentError, match="row is shorter"):
        tf.gather(tf.ragged.constant([[1, 2], []]), [0], axis=1)


def test_gradient_flows_to_a_dense_operand_that_is_repeated_along_rows():
    x, w = tf.ragged.constant([[1.0, 2.0], [], [4.0]]), tf.Variable([[1.0], [1.0], [1.0]])
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(x * w)
    assert tf.convert_to_tensor(tape.gradient(y, w)).numpy().tolist() == [[3.0], [0.0], [4.0]]
