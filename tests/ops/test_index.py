"""Indexing against NumPy, for random shapes and indices; its gradients; writes to parts of variables."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tenfold as tf

SIZES = st.lists(st.integers(0, 4), min_size=0, max_size=4)
BOUND = st.none() | st.integers(-6, 6)


@st.composite
def arrays_and_indices(draw):
    """An array, an index that NumPy and TensorFlow understand alike, and the same with its integers as tensors."""
    shape = tuple(draw(SIZES))
    items, axes = [], list(shape)
    for _ in range(draw(st.integers(0, len(shape)))):
        size = axes.pop(0)
        if size and draw(st.booleans()):
            items.append(draw(st.integers(-size, size - 1)))
        else:
            items.append(slice(draw(BOUND), draw(BOUND), draw(st.none() | st.integers(-3, 3).filter(bool))))
    for _ in range(draw(st.integers(0, 2))):
        items.insert(draw(st.integers(0, len(items))), None)
    if draw(st.booleans()):
        items.append(Ellipsis)
    as_tensors = draw(st.booleans())
    wrapped = [tf.constant(item) if as_tensors and type(item) is int else item for item in items]
    array = np.arange(np.prod(shape, dtype=int), dtype=np.float32).reshape(shape)
    if draw(st.booleans()):
        array = array.T.copy().T  # the other memory order
    return array, tuple(items), tuple(wrapped)


@settings(deadline=None, max_examples=300)
@given(arrays_and_indices())
def test_an_index_takes_what_numpy_takes_and_its_gradient_goes_back_there(case):
    array, index, wrapped = case
    x = tf.constant(array)
    with tf.GradientTape(persistent=True) as outer:
        outer.watch(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x[wrapped]
            z = y * y
        dx = tape.gradient(z, x)
    expected = array[index]
    assert y.shape == np.shape(expected)
    np.testing.assert_array_equal(y, expected)
    expected_dx, expected_ddx = np.zeros_like(array), np.zeros_like(array)
    expected_dx[index] = 2 * expected
    expected_ddx[index] = 2
    np.testing.assert_array_equal(dx, expected_dx)
    np.testing.assert_array_equal(outer.gradient(dx, x), expected_ddx)


@settings(deadline=None, max_examples=100)
@given(arrays_and_indices(), st.floats(-1, 1, width=32))
def test_a_part_of_a_variable_is_assigned_as_in_numpy(case, value):
    array, index, wrapped = case
    v, expected = tf.Variable(array), array.copy()
    before = v.numpy(), v.value(), v[...]
    v[wrapped].assign(value)
    expected[index] = value
    np.testing.assert_array_equal(v, expected)
    for kept in before:
        np.testing.assert_array_equal(kept, array)


@settings(deadline=None, max_examples=100)
@given(SIZES.filter(len), st.data())
def test_slice_takes_what_numpy_takes(shape, data):
    array = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    begin = [data.draw(st.integers(0, size)) for size in shape]
    size = [data.draw(st.integers(-1, total - first)) for total, first in zip(shape, begin, strict=True)]
    index = tuple(slice(b, None if s == -1 else b + s) for b, s in zip(begin, size, strict=True))
    np.testing.assert_array_equal(tf.slice(array, begin, size), array[index])


def test_an_index_out_of_range_names_axis_and_size():
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"index 5 is out of bounds for axis 1 with size 3"):
        tf.zeros([2, 3])[:, 5]


def test_an_unsupported_index_is_a_type_error_that_shows_it():
    with pytest.raises(TypeError, match=r"valid indices, got \[0, 1\]"):
        tf.zeros([2, 3])[:, [0, 1]]


def test_a_tensor_of_integers_as_index_is_an_error():
    with pytest.raises(TypeError, match="use tf.gather"):
        tf.zeros([3])[tf.constant([0, 1])]


def test_no_element_ever_changes_through_a_slice():
    x = tf.constant([1.0, 2.0, 3.0])
    part = x[1:]
    array = part.numpy()
    array[0] = 9.0
    assert x.numpy().tolist() == [1.0, 2.0, 3.0]
    assert not np.asarray(part).flags.writeable


def test_a_part_of_a_variable_is_written_in_place():
    v = tf.Variable(tf.zeros([1000, 10]))
    v[0].assign(1.0)  # the first write may copy the initial value
    address = v._value._array.ctypes.data
    for i in range(10):
        v[i].assign(float(i))
    assert v._value._array.ctypes.data == address
    assert v.numpy()[:10, 0].tolist() == list(range(10))


def test_a_part_of_a_variable_has_its_gradient():
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(v[0] * v[1])
    assert tape.gradient(y, v).numpy().tolist() == [[3.0, 4.0], [1.0, 2.0]]


def test_raw_strided_slice_takes_masks():
    from tenfold.core.op import REGISTRY

    x = tf.reshape(tf.range(24), [2, 3, 4])
    y = REGISTRY["StridedSlice"].raw(x, [0, 1], [0, 3], [1, 1], ellipsis_mask=1)
    np.testing.assert_array_equal(y, x.numpy()[..., 1:3])
    dy = REGISTRY["StridedSliceGrad"].raw([4], [1], [3], [1], tf.constant([5.0, 6.0]))
    assert dy.numpy().tolist() == [0.0, 5.0, 6.0, 0.0]
    updated = REGISTRY["TensorStridedSliceUpdate"].raw([1.0, 2.0, 3.0], [1], [3], [1], 0.0)
    assert updated.numpy().tolist() == [1.0, 0.0, 0.0]


def test_strided_slice_update_has_gradients_for_both_inputs():
    from tenfold.core.op import REGISTRY

    update = REGISTRY["TensorStridedSliceUpdate"]
    x, value = tf.constant([1.0, 2.0, 3.0]), tf.constant(5.0)
    with tf.GradientTape() as tape:
        tape.watch([x, value])
        y = update(x, value, index=(slice(1, None),)) * tf.constant([1.0, 2.0, 3.0])
    dx, dvalue = tape.gradient(y, [x, value])
    assert dx.numpy().tolist() == [1.0, 0.0, 0.0]
    assert dvalue.numpy() == 5.0


@pytest.mark.parametrize("traced", [False, True], ids=["eager", "traced"])
def test_one_text_of_many_is_a_text(traced):
    def one_by_one(texts):
        array = tf.TensorArray(tf.string, 3).unstack(texts)
        return [
            tf.gather(texts, 1),
            tf.gather_nd(texts, [2]),
            texts[0],
            tf.unstack(texts)[1],
            array.read(2),
            tf.nn.embedding_lookup(texts, 0),
            tf.foldl(lambda a, x: a + x, texts),
            tf.map_fn(lambda x: x + "!", texts)[1],
        ]

    texts = tf.constant(["a", "bc", ""])
    found = (tf.function(one_by_one) if traced else one_by_one)(texts)
    assert [x.dtype for x in found] == [tf.string] * len(found)
    assert [x.numpy() for x in found] == [b"bc", b"", b"a", b"bc", b"", b"a", b"abc", b"bc!"]
    assert "b'bc'" in repr(found[0])
