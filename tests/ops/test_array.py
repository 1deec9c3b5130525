"""Properties of the array ops that single frozen cases do not show."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tenfold as tf

SHAPES = st.lists(st.integers(0, 3), min_size=1, max_size=4)


def filled(shape):
    return np.arange(1, 1 + np.prod(shape, dtype=int), dtype=np.float32).reshape(shape)


@settings(deadline=None, max_examples=100)
@given(SHAPES, st.data())
def test_concat_undoes_split(shape, data):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    cut = data.draw(st.integers(0, shape[axis]))
    x = tf.constant(filled(shape))
    parts = tf.split(x, [cut, -1], axis)
    np.testing.assert_array_equal(tf.concat(parts, axis), x)


@settings(deadline=None, max_examples=100)
@given(SHAPES, st.data())
def test_stack_undoes_unstack(shape, data):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    x = tf.constant(filled(shape))
    if shape[axis]:
        np.testing.assert_array_equal(tf.stack(tf.unstack(x, axis=axis), axis), x)


@settings(deadline=None, max_examples=100)
@given(SHAPES, st.data())
def test_transpose_pad_roll_tile_repeat_as_numpy(shape, data):
    array = filled(shape)
    perm = data.draw(st.permutations(range(len(shape))))
    np.testing.assert_array_equal(tf.transpose(array, perm), array.transpose(perm))
    pads = [data.draw(st.tuples(st.integers(0, 2), st.integers(0, 2))) for _ in shape]
    np.testing.assert_array_equal(tf.pad(array, pads, constant_values=-1), np.pad(array, pads, constant_values=-1))
    axis, shift = data.draw(st.integers(-len(shape), len(shape) - 1)), data.draw(st.integers(-5, 5))
    np.testing.assert_array_equal(tf.roll(array, shift, axis), np.roll(array, shift, axis))
    counts = [data.draw(st.integers(0, 2)) for _ in shape]
    np.testing.assert_array_equal(tf.tile(array, counts), np.tile(array, counts))
    times = [data.draw(st.integers(0, 3)) for _ in range(shape[axis])]
    if times:
        np.testing.assert_array_equal(tf.repeat(array, times, axis), np.repeat(array, times, axis))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=3), st.data(), st.sampled_from(["reflect", "symmetric"]))
def test_mirrored_padding_as_numpy_and_its_gradient_counts_the_copies(shape, data, mode):
    array = filled(shape)
    room = [size - (mode == "reflect") for size in shape]
    pads = [data.draw(st.tuples(st.integers(0, n), st.integers(0, n))) for n in room]
    x = tf.constant(array)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.pad(x, pads, mode)
    np.testing.assert_array_equal(y, np.pad(array, pads, mode))
    source = np.pad(np.arange(array.size).reshape(shape), pads, mode)
    copies = np.bincount(source.reshape(-1), minlength=array.size).reshape(shape)
    np.testing.assert_array_equal(tape.gradient(y, x), copies)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(1, 3), min_size=1, max_size=4), st.data())
def test_gather_with_batch_dims_as_a_loop(shape, data):
    array = filled(shape)
    axis = data.draw(st.integers(0, len(shape) - 1))
    batch = data.draw(st.integers(0, axis))
    rest = data.draw(st.lists(st.integers(0, 3), max_size=2))
    index_shape = (*shape[:batch], *rest)
    indices = np.array(
        [data.draw(st.integers(0, shape[axis] - 1)) for _ in range(int(np.prod(index_shape)))], np.int64
    ).reshape(index_shape)
    x = tf.constant(array)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.gather(x, indices, axis=axis, batch_dims=batch)
    expected = np.empty((*shape[:axis], *rest, *shape[axis + 1 :]), np.float32)
    counts = np.zeros_like(array)
    for place in np.ndindex(*shape[:batch]):
        expected[place] = array[place].take(indices[place], axis - batch)
        moved = np.moveaxis(counts[place], axis - batch, 0)
        np.add.at(moved, indices[place].reshape(-1), 1)
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_array_equal(tf.convert_to_tensor(tape.gradient(y, x)), counts)


@pytest.mark.parametrize(
    "code",
    [
        "tf.reshape(x, [3, 2])",
        "tf.transpose(x)",
        "tf.concat([x, 2.0 * x], 1)",
        "tf.stack([x, x * x], 1)",
        "tf.unstack(x)[1]",
        "tf.split(x, 3, 1)[2]",
        "tf.tile(x, [2, 2])",
        "tf.repeat(x, [1, 2], axis=0)",
        "tf.pad(x, [[1, 0], [0, 2]])",
        "tf.pad(x, [[1, 0], [0, 2]], 'REFLECT')",
        "tf.reverse(x, [1])",
        "tf.roll(x, 1, 1)",
        "tf.reverse_sequence(x, [2, 3], 1)",
        "tf.broadcast_to(x, [2, 2, 3])",
        "tf.gather(x, [1, 1, 0])",
        "tf.gather(x, [2, 1, 2], axis=1)",
        "tf.gather(x, [[2, 1], [0, 0]], batch_dims=1)",
        "tf.gather_nd(x, [[0, 1], [1, 2], [0, 1]])",
        "tf.boolean_mask(x, [True, False])",
        "tf.where(x > 0, x, 2.0 * x)",
        "tf.scatter_nd([[1], [1]], x, [3, 3])",
        "tf.tensor_scatter_nd_update(x, [[0]], x[1:])",
        "tf.tensor_scatter_nd_add(x, [[0]], x[1:])",
        "tf.tensor_scatter_nd_max(x, [[0]], x[1:])",
        "tf.dynamic_partition(x, [1, 0], 2)[1]",
        "tf.dynamic_stitch([[1], [0]], [x[:1], x[1:]])",
        "tf.linspace(x[0], x[1], 4)",
        "tf.squeeze(tf.expand_dims(x, 1))",
        "tf.slice(x, [0, 1], [2, 2])",
        "tf.strided_slice(x, [0, 2], [2, 0], [1, -1])",
        "tf.meshgrid(x[0], x[1])[0]",
        "tf.fill([2, 2], x[0, 0])",
        "tf.space_to_batch(x[:, :2][None, ..., None], [2, 1], [[0, 0], [1, 0]])",
        "tf.nn.space_to_depth(x[:, :2][None, ..., None], 2)",
        "tf.nn.depth_to_space(tf.reshape(x, [6])[None, None, None, :4], 2)",
    ],
)
def test_second_derivatives_along_a_direction(code):
    """These ops are linear (or piecewise so): with z = sum(w * op(x)**3), the Hessian times v is 6 * J' (w * y * (J v))."""
    rng = np.random.default_rng(0)
    x = tf.constant(rng.standard_normal((2, 3)), tf.float64)
    v = rng.standard_normal((2, 3))

    def op(x):
        return eval(code, {"tf": tf, "x": x})

    w = tf.constant(rng.standard_normal(op(x).shape.as_list()), tf.float64)

    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = op(x)
            z = w * y * y * y
        return tf.convert_to_tensor(tape.gradient(z, x))

    with tf.GradientTape() as outer:
        outer.watch(x)
        directional = tf.reduce_sum(gradient(x) * tf.constant(v))
    hessian_vector = tf.convert_to_tensor(outer.gradient(directional, x))
    step = 1e-6
    difference = (gradient(x + step * v).numpy() - gradient(x - step * v).numpy()) / (2 * step)
    np.testing.assert_allclose(hessian_vector, difference, 1e-5, 1e-6)


def test_results_may_be_views_but_nothing_can_write_through_them():
    x = tf.constant(filled([2, 3]))
    views = [tf.reshape(x, [3, 2]), tf.transpose(x), x[0], tf.split(x, 3, 1)[0], tf.identity(x)]
    for view in views:
        copied = view.numpy()
        copied[...] = -1
        assert not np.asarray(view).flags.writeable
    np.testing.assert_array_equal(x, filled([2, 3]))


def test_a_variable_made_of_a_broadcast_view_is_updated_element_by_element():
    v = tf.Variable(tf.broadcast_to([1.0, 2.0], [2, 2]))
    v[0, 0].assign(9.0)
    v.assign_add(tf.ones([2, 2]))
    assert v.numpy().tolist() == [[10.0, 3.0], [2.0, 3.0]]


def test_a_variable_in_fortran_order_is_scattered_into():
    v = tf.Variable(tf.transpose(filled([3, 2])) * 1.0)
    v.scatter_nd_add([[0, 2]], [100.0])
    assert v.numpy().tolist() == [[1.0, 3.0, 105.0], [2.0, 4.0, 6.0]]


@pytest.mark.parametrize(
    "dtype", ["float16", "bfloat16", "float64", "int8", "uint16", "int64", "bool", "complex64", "string"]
)
def test_every_arrangement_keeps_the_dtype(dtype):
    x = (
        tf.constant(["a", "b"])
        if dtype == "string"
        else tf.constant(np.array([1, 0]).astype(tf.as_dtype(dtype).as_numpy_dtype))
    )
    results = [
        tf.reshape(x, [2, 1]),
        tf.concat([x, x], 0),
        tf.stack([x, x]),
        tf.tile(x, [3]),
        tf.repeat(x, 2),
        tf.pad(x, [[1, 1]]),
        tf.pad(x, [[1, 1]], "REFLECT"),
        tf.roll(x, 1, 0),
        tf.reverse(x, [0]),
        tf.gather(x, [1, 0]),
        tf.gather_nd(x, [[1]]),
        tf.scatter_nd([[1]], x[:1], [3]),
        tf.tensor_scatter_nd_update(x, [[1]], x[:1]),
        tf.where([True, False], x, x),
        tf.boolean_mask(x, [True, False]),
        tf.broadcast_to(x, [2, 2]),
        tf.zeros_like(x),
        tf.fill([2], x[0]),
        tf.dynamic_partition(x, [0, 1], 2)[0],
        x[::-1],
        *tf.split(x, 2),
    ]
    assert {r.dtype.name for r in results} == {dtype}
