"""Segments in functions, where data say how many there are."""

import numpy as np
import pytest

import tenfold as tf

SORTED = [tf.math.segment_sum, tf.math.segment_mean, tf.math.segment_max, tf.math.segment_min, tf.math.segment_prod]
UNSORTED = [
    tf.math.unsorted_segment_sum,
    tf.math.unsorted_segment_mean,
    tf.math.unsorted_segment_sqrt_n,
    tf.math.unsorted_segment_max,
    tf.math.unsorted_segment_prod,
]
SPARSE = [tf.sparse.segment_sum, tf.sparse.segment_mean, tf.sparse.segment_sqrt_n]
IDS = [[0, 0, 1, 3, 3, 3], [2, 2, 2, 2, 2, 2], [0, 1, 2, 3, 4, 5], [0, 0, 0, 0, 0, 9]]


def rows(*shape, dtype=tf.float32):
    values = np.random.default_rng(0).integers(-3, 4, shape)
    return tf.cast(values, dtype)


def host_steps(function, *args):
    return [kernel for kernel in function.explain(*args).kernels if isinstance(kernel, str)]


def second_order(function, x):
    """Values, gradients, and the gradients of what these say."""
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = function(x)
            total = tf.reduce_sum(y**3)
        dx = tf.convert_to_tensor(inner.gradient(total, x))
        energy = tf.reduce_sum(dx**2)
    return y, dx, tf.convert_to_tensor(outer.gradient(energy, x))


def assert_all_close(found, expected):
    for a, b in zip(found, expected, strict=True):
        assert a.dtype == b.dtype and a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("op", SORTED)
@pytest.mark.parametrize("shape", [(6,), (6, 2, 3), (6, 0)])
def test_values_and_gradients_to_second_order_for_any_number_of_rows(op, shape):
    specs = [tf.TensorSpec([None] * len(shape), tf.float32), tf.TensorSpec([None], tf.int32)]
    traced = tf.function(lambda x, ids: second_order(lambda x: op(x * 2.0, ids), x), input_signature=specs)
    x = rows(*shape)
    for ids in map(tf.constant, IDS[::3]):
        assert_all_close(traced(x, ids), second_order(lambda x, ids=ids: op(x * 2.0, ids), x))
    empty = tf.zeros([0, *shape[1:]]), tf.zeros([0], tf.int32)
    assert [y.shape.as_list() for y in traced(*empty)] == [[0, *shape[1:]]] * 3


@pytest.mark.parametrize("op", SPARSE)
@pytest.mark.parametrize("num_segments", [None, 12])
def test_rows_that_are_picked(op, num_segments):
    specs = [tf.TensorSpec([None, 3]), tf.TensorSpec([None], tf.int64), tf.TensorSpec([None], tf.int32)]

    def computed(x, indices, ids):
        return second_order(lambda x: op(x, indices, ids, num_segments), x)

    traced = tf.function(computed, input_signature=specs)
    x, indices = rows(5, 3), tf.constant([4, 0, 4, 1, 1, 2], tf.int64)
    for ids in map(tf.constant, IDS):
        assert_all_close(traced(x, indices, ids), computed(x, indices, ids))
    assert host_steps(traced, x, indices, ids) == ([] if num_segments else ["SegmentCount"])


@pytest.mark.parametrize("op", UNSORTED)
def test_a_number_of_segments_that_is_a_tensor(op):
    def computed(x, ids, sizes):
        count = tf.reduce_sum(sizes)

        def pooled(x):
            y = op(x * 2.0, ids, count) + tf.zeros([count, 3])
            return tf.where(tf.abs(y) < 1e9, y, 0.0) @ tf.ones([3, 2])  # no least numbers of segments without rows

        return second_order(pooled, x)

    specs = [tf.TensorSpec([None, 3]), tf.TensorSpec([None], tf.int32), tf.TensorSpec([2], tf.int32)]
    traced = tf.function(computed, input_signature=specs)
    x, ids = rows(6, 3), tf.constant([3, 0, -1, 0, 2, 3])
    for sizes in map(tf.constant, ([2, 2], [1, 3], [2, 3], [9, 30])):
        assert_all_close(traced(x, ids, sizes), computed(x, ids, sizes))
    assert host_steps(traced, x, ids, sizes) == ["SegmentCount"]
    for sizes in map(tf.constant, ([0, -1], [1, 1])):
        with pytest.raises(tf.errors.InvalidArgumentError) as wanted:
            op(x, ids, tf.reduce_sum(sizes))
        with pytest.raises(tf.errors.InvalidArgumentError) as found:
            traced(x, ids, sizes)
        assert type(found.value) is type(wanted.value)


def test_keras_operations_count_segments_themselves():
    traced = tf.function(lambda x, ids: tf.keras.ops.segment_sum(x * 2.0, ids) + 1.0)
    x = rows(6, 3)
    for ids in ([3, 0, 1, 0, 2, 3], [0, 0, 0, 0, 5, 0]):
        np.testing.assert_array_equal(traced(x, ids), traced.python_function(x, ids))
    assert host_steps(traced, x, tf.constant(ids)) == ["SegmentCount"]


@pytest.mark.parametrize("op", SORTED)
@pytest.mark.parametrize("dtype", [tf.bfloat16, tf.float64, tf.int8, tf.int32, tf.uint64])
def test_dtypes(op, dtype):
    x = rows(6, 4, dtype=dtype)
    traced = tf.function(lambda x, ids: (op(x, ids), op(x + x, ids)))
    for ids in (tf.constant(ids, tf.int64) for ids in IDS):
        for found, expected in zip(traced(x, ids), (op(x, ids), op(x + x, ids)), strict=True):
            assert found.dtype == dtype
            np.testing.assert_array_equal(found, expected)
    assert host_steps(traced, x, ids) == ["SegmentCount"]


def test_a_step_of_training_is_one_native_call_behind_the_count():
    kernel = tf.Variable(rows(4, 3))
    optimizer = tf.keras.optimizers.Adam(0.1)

    def step(x, ids):
        with tf.GradientTape() as tape:
            pooled = tf.math.segment_mean(tf.nn.relu(x @ kernel), ids)
            loss = tf.reduce_mean((pooled - 1.0) ** 2)
        optimizer.apply_gradients([(tape.gradient(loss, kernel), kernel)])
        return loss

    x, ids = rows(6, 4), tf.constant(IDS[0])
    optimizer.build([kernel])
    before = kernel.numpy()
    expected = [step(x, ids).numpy() for _ in range(5)], kernel.numpy()
    kernel.assign(before)
    for variable in optimizer.variables[2:]:
        variable.assign(tf.zeros_like(variable))
    optimizer.iterations.assign(0)
    traced = tf.function(step)
    assert host_steps(traced, x, ids) == ["SegmentCount"]
    np.testing.assert_allclose([traced(x, ids) for _ in range(5)], expected[0], rtol=1e-4)
    np.testing.assert_allclose(kernel, expected[1], rtol=1e-4)


def test_a_tape_outside():
    x = rows(6, 4)
    traced = tf.function(lambda x, ids: tf.math.segment_max(x * x, ids))
    for ids in map(tf.constant, IDS):
        found = second_order(lambda x, ids=ids: traced(x, ids), x)
        assert_all_close(found, second_order(lambda x, ids=ids: tf.math.segment_max(x * x, ids), x))


def test_ever_new_numbers_of_rows():
    x = rows(6, 4)

    def computed(x, ids, count):
        sums = tf.math.segment_sum(x, ids), tf.math.unsorted_segment_sum(x, ids, count)
        return tf.reduce_sum(sums[0] ** 2, 1), sums[1] @ tf.ones([4, 2]), tf.math.segment_max(ids, ids)

    traced = tf.function(computed)
    for last in range(5, 40):
        arguments = x, tf.constant([0, 0, 1, 3, 3, last]), tf.constant(last + 2)
        assert_all_close(traced(*arguments), computed(*arguments))


def test_ids_that_follow_from_segments():
    x, ids = rows(6, 4), tf.constant(IDS[0])

    def tree(x, ids):
        leaves = tf.math.segment_sum(x, ids)
        parents = tf.math.segment_max(ids, ids) // 2
        return tf.math.segment_mean(leaves, parents), tf.shape(leaves)[0]

    assert_all_close(tf.function(tree)(x, ids), tree(x, ids))


@pytest.mark.parametrize("op", SORTED)
def test_ids_that_are_wrong_are_refused_each_time(op):
    traced = tf.function(op, input_signature=[tf.TensorSpec([None, 4]), tf.TensorSpec([None], tf.int32)])
    x, good = rows(6, 4), tf.constant(IDS[0])
    wrong = {"not increasing": [0, 0, 2, 1, 3, 3], "must be >= 0": [-1, 0, 1, 1, 2, 2], "same size": [0, 1, 2]}
    for text, ids in wrong.items():
        for _ in range(2):
            np.testing.assert_allclose(traced(x, good), op(x, good))
            with pytest.raises(tf.errors.InvalidArgumentError, match=text):
                traced(x, tf.constant(ids))
    with pytest.raises(tf.errors.ResourceExhaustedError):
        traced(x, tf.constant([0, 0, 0, 0, 0, 2**31 - 1]))


def test_loops():
    x = rows(6, 4)
    table = tf.constant(IDS)

    @tf.function
    def by_for(x):
        total = tf.zeros([4])
        for ids in table:
            total += tf.reduce_sum(tf.math.segment_prod(x, ids), 0)
        return total

    @tf.function
    def by_while(x):
        def turn(i, total):
            return i + 1, total + tf.reduce_sum(tf.math.segment_prod(x, table[i]), 0)

        return tf.while_loop(lambda i, total: i < 4, turn, [0, tf.zeros([4])])[1]

    for traced in (by_for, by_while):
        assert_all_close(second_order(traced, x), second_order(by_for.python_function, x))


def test_loops_over_segments():
    def walk(x, ids, n):
        state = tf.zeros([4])
        for row in tf.math.segment_sum(x, ids):
            state = tf.tanh(state + row)
        states = tf.TensorArray(tf.float32, n, element_shape=(4,))
        for i in tf.range(n):
            states = states.write(i, state * tf.cast(i, tf.float32))
        return tf.math.segment_mean(states.stack(), tf.range(n) // 2)

    x = rows(6, 4)
    traced = tf.function(walk)
    for ids, n in zip(IDS, (3, 1, 4, 5), strict=True):
        ids, n = tf.constant(ids), tf.constant(n)
        found = second_order(lambda x, ids=ids, n=n: traced(x, ids, n), x)
        assert_all_close(found, second_order(lambda x, ids=ids, n=n: walk(x, ids, n), x))


def test_ids_that_are_constants():
    x = rows(6, 4)
    for op in SORTED:
        traced = tf.function(lambda x, op=op: second_order(lambda x: op(x * x, IDS[0]), x))
        assert_all_close(traced(x), second_order(lambda x, op=op: op(x * x, IDS[0]), x))
        assert not host_steps(traced, x)
        refused = tf.function(lambda x, op=op: op(x * x, [3, 0, 0, 0, 0, 0]))
        with pytest.raises(tf.errors.InvalidArgumentError, match="not increasing"):
            refused(x)


def test_effects_come_in_the_order_of_the_program():
    count = tf.Variable(0)
    x = rows(6, 4)

    @tf.function
    def traced(x, ids):
        before = count.read_value()
        tf.debugging.assert_non_negative(ids, "no ids below zero here")
        count.assign_add(1)
        y = tf.math.segment_sum(x, ids + 0 * count)
        count.assign_add(tf.shape(y)[0])
        return before, count.read_value(), y

    before, after, y = traced(x, tf.constant(IDS[0]))
    assert (before.numpy(), after.numpy(), count.numpy(), y.shape[0]) == (0, 5, 5, 4)
    with pytest.raises(tf.errors.InvalidArgumentError, match="no ids below zero here"):
        traced(x, tf.constant([-1, 0, 0, 0, 0, 0]))
    assert count.numpy() == 5
    with pytest.raises(tf.errors.InvalidArgumentError, match="not increasing"):
        traced(x, tf.constant([1, 0, 0, 0, 0, 0]))
    assert count.numpy() == 6
