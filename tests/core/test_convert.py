"""Conversion to tensors beyond the frozen cases of family `convert`: aliasing, registration, protocols, pickles, DLPack."""

import collections
import pickle

import numpy as np
import pytest

import tenfold as tf


@pytest.mark.parametrize("make", [tf.constant, tf.convert_to_tensor, lambda a: tf.constant(a, tf.float32), tf.Variable])
def test_an_array_is_copied(make):
    array = np.ones(3, np.float32)
    x = make(array)
    array[0] = 5.0
    assert x.numpy().tolist() == [1.0, 1.0, 1.0]


def test_a_list_of_arrays_is_copied():
    array = np.ones(2)
    x = tf.constant([array, array])
    array[0] = 5.0
    assert x.numpy().tolist() == [[1.0, 1.0], [1.0, 1.0]]


def test_gradients_flow_through_lists_of_tensors():
    x, y = tf.Variable(2.0), tf.Variable(3.0)
    with tf.GradientTape() as tape:
        z = tf.reduce_sum(tf.convert_to_tensor([[x, 1.0], [y, x]]) * [[1.0, 2.0], [3.0, 4.0]])
    assert [g.numpy() for g in tape.gradient(z, [x, y])] == [5.0, 3.0]


def test_ragged_and_mixed_sequences_say_so():
    with pytest.raises(ValueError, match="non-rectangular"):
        tf.constant([[1, 2], [3]])
    with pytest.raises(ValueError, match="mixed types"):
        tf.constant([1, "a"])
    with pytest.raises(ValueError, match="unsupported type"):
        tf.constant([object()])


def test_a_conversion_function_may_leave_a_value_to_the_next():
    class Box:
        value = 1.0

    order = []

    def declines(value, dtype=None, name=None, as_ref=False):
        order.append("declines")
        return NotImplemented

    def converts(value, dtype=None, name=None, as_ref=False):
        order.append("converts")
        return tf.constant(value.value, dtype)

    tf.register_tensor_conversion_function(Box, converts, priority=120)
    tf.register_tensor_conversion_function(Box, declines, priority=110)
    assert tf.convert_to_tensor(Box()).numpy() == 1.0
    assert order == ["declines", "converts"]
    assert (tf.constant(2, tf.float64) + Box()).dtype == tf.float64


def test_a_conversion_function_with_a_low_priority_comes_before_the_built_in_one():
    class Pairs(list):
        pass

    tf.register_tensor_conversion_function(
        Pairs, lambda value, dtype=None, name=None, as_ref=False: tf.constant(len(value), dtype), priority=50
    )
    assert tf.convert_to_tensor(Pairs([7, 8, 9])).numpy() == 3
    assert tf.convert_to_tensor([7, 8, 9]).numpy().tolist() == [7, 8, 9]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "bool", "complex64", "string"])
def test_tensors_are_pickled(dtype):
    x = tf.constant(["a", "é"]) if dtype == "string" else tf.cast(tf.constant([0, 1]), dtype)
    y = pickle.loads(pickle.dumps(x[::-1]))
    assert type(y) is tf.Tensor and y.dtype == x.dtype
    assert y.numpy().tolist() == x.numpy()[::-1].tolist()


def test_a_pickled_slice_does_not_drag_its_whole_along():
    assert len(pickle.dumps(tf.zeros([100_000])[:2])) < 1000


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int8", "uint64", "bool", "complex128"])
def test_dlpack_there_and_back(dtype):
    x = tf.cast(tf.constant([[0, 1], [2, 3]]), dtype)
    back = tf.experimental.dlpack.from_dlpack(tf.experimental.dlpack.to_dlpack(tf.transpose(x)))
    assert back.dtype == x.dtype
    np.testing.assert_array_equal(back, x.numpy().T)


def test_dlpack_shares_nothing_that_can_be_written():
    x = tf.constant([1.0, 2.0])
    taken = np.from_dlpack(x)
    if taken.flags.writeable:
        taken[0] = 9.0
    given = np.array([1.0, 2.0])
    y = tf.experimental.dlpack.from_dlpack(given)
    given[0] = 9.0
    assert x.numpy().tolist() == y.numpy().tolist() == [1.0, 2.0]


def test_a_dlpack_capsule_is_used_once():
    capsule = tf.experimental.dlpack.to_dlpack(tf.zeros([2]))
    tf.experimental.dlpack.from_dlpack(capsule)
    with pytest.raises(tf.errors.InvalidArgumentError, match="cannot be read"):
        tf.experimental.dlpack.from_dlpack(capsule)


@pytest.mark.parametrize(
    "value", [[1.0], np.ones(2), tf.Variable(1.0), tf.constant(1.0, tf.bfloat16), tf.constant("a")]
)
def test_what_dlpack_cannot_hold_is_an_error(value):
    with pytest.raises(tf.errors.InvalidArgumentError, match="to_dlpack"):
        tf.experimental.dlpack.to_dlpack(value)


def test_numpy_takes_tensors_as_arrays():
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    assert np.asarray(x).dtype == np.float32
    assert np.asarray(x, np.float64).tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert np.array(x, copy=True).flags.writeable
    assert np.sum(x) == 10.0
    assert isinstance(np.ones(2) + x, tf.Tensor)


def test_sequences_of_other_types():
    assert tf.constant(collections.deque([1, 2])).numpy().tolist() == [1, 2]
    assert tf.constant(collections.UserList([1.5, 2])).numpy().tolist() == [1.5, 2.0]
    assert tf.constant(range(3)).dtype == tf.int32
