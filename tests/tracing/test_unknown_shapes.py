"""Functions traced for tensors of which sizes, or even the number of axes, are unknown; compared with the same code run eagerly."""

import numpy as np
import pytest

import tenfold as tf

ANY = [tf.TensorSpec([None, None, 3], tf.float32)]
SEQUENCES = [tf.reshape(tf.range(24.0), shape) / 10.0 for shape in ((2, 4, 3), (4, 2, 3), (1, 8, 3))]


def recurrent(x, kernel):
    state = tf.zeros([tf.shape(x)[0], 3])
    states = tf.TensorArray(tf.float32, size=tf.shape(x)[1])
    for t in tf.range(tf.shape(x)[1]):
        state = tf.tanh(x[:, t] + state @ kernel)
        states = states.write(t, state)
    return tf.transpose(states.stack(), [1, 0, 2])


def rows_that_sum_to_more(x):
    found = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
    count = 0
    for row in x:
        if tf.reduce_sum(row) > 3.0:
            found = found.write(count, tf.reduce_mean(row, 0))
            count += 1
    return found.stack()


def first_by_branch(x):
    rows = tf.TensorArray(tf.float32, size=2)
    if tf.reduce_sum(x) > 30.0:
        rows = rows.write(0, x[0])
    else:
        rows = rows.write(0, x[-1] * 2.0)
    return rows.write(1, x[0]).stack()


def best_two(x):
    best, places = (
        tf.TensorArray(tf.float32, size=tf.shape(x)[0]),
        tf.TensorArray(tf.int32, 0, True, element_shape=[None, 2]),
    )
    for i in tf.range(tf.shape(x)[0]):
        values, where = tf.math.top_k(x[i], 2)
        best, places = best.write(i, values), places.write(i, where)
    return tf.concat([best.stack(), tf.cast(places.stack(), tf.float32)], 0)


def tables(x):
    table = tf.TensorArray(tf.int32, size=tf.shape(x)[0])
    for i in tf.range(tf.shape(x)[0]):
        row = tf.TensorArray(tf.int32, size=tf.shape(x)[1])
        for j in tf.range(tf.shape(x)[1]):
            row = row.write(j, i * j)
        table = table.write(i, row.stack())
    return table.stack()


@pytest.mark.parametrize("body", [rows_that_sum_to_more, first_by_branch, best_two, tables], ids=lambda f: f.__name__)
def test_arrays_of_elements_of_unknown_sizes(body):
    traced = tf.function(body, input_signature=ANY)
    for x in SEQUENCES:
        np.testing.assert_allclose(traced(x), body(x), rtol=1e-6)
    assert traced.experimental_get_tracing_count() == 1


def test_gradients_of_a_recurrence_over_sizes_that_are_unknown():
    kernel = tf.Variable(tf.reshape(tf.range(9.0), (3, 3)) / 20.0)

    def loss_and_gradients(x, run):
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(run(x) ** 2)
        return [loss, *tape.gradient(loss, [x, kernel])]

    inner = tf.function(lambda x: recurrent(x, kernel), input_signature=ANY)
    whole = tf.function(lambda x: loss_and_gradients(x, lambda x: recurrent(x, kernel)), input_signature=ANY)
    for x in SEQUENCES:
        expected = loss_and_gradients(x, lambda x: recurrent(x, kernel))
        for found in (whole(x), loss_and_gradients(x, inner)):
            for a, b in zip(found, expected, strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_a_loop_over_unknown_sizes_is_native_once_they_are_known():
    pytest.importorskip("llvmlite", reason="loops are machine code made by llvmlite")
    kernel = tf.constant(np.eye(3, dtype=np.float32) / 2)
    traced = tf.function(lambda x: recurrent(x, kernel), input_signature=ANY)
    assert not [kernel for kernel in traced.explain(SEQUENCES[0]).kernels if isinstance(kernel, str)]


def test_a_shape_of_which_one_size_is_computed_has_the_others():
    @tf.function
    def with_zeros(x, counts):
        zeros = tf.zeros(tf.stack([tf.reduce_max(counts), 3]))
        return tf.concat([x, zeros], 0)

    assert with_zeros(tf.ones((2, 3)), tf.constant([1, 4])).shape == (6, 3)
    assert with_zeros(tf.ones((2, 3)), tf.constant([0, 0])).shape == (2, 3)
    graph = with_zeros.get_concrete_function(tf.ones((2, 3)), tf.constant([1, 4]))
    assert graph.structured_outputs.shape.as_list() == [None, 3]


def test_unknown_numbers_of_axes_run_eagerly_and_say_so_once(caplog):
    factor = tf.Variable(2.0)
    calls = []

    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            y = tf.py_function(lambda v: v * v, [x * factor], tf.float32)
            calls.append(tf.executing_eagerly())
            loss = tf.reduce_mean(y[::-1], axis=0)
        return loss, tape.gradient(loss, factor)

    for _ in range(3):
        loss, gradient = step(tf.constant([1.0, 3.0]))
        assert (float(loss), float(gradient)) == (20.0, 20.0)
    assert calls[-2:] == [True, True]
    assert ["set_shape" in r.getMessage() for r in caplog.records] == [True]
    with pytest.raises(TypeError, match="set_shape"):
        step.get_concrete_function(tf.constant([1.0, 3.0]))


def test_with_a_shape_the_same_function_is_traced(caplog):
    @tf.function
    def square(x):
        y = tf.numpy_function(lambda v: v * v, [x], tf.float32)
        y.set_shape(x.shape)
        return tf.reduce_sum(y[::-1])

    assert float(square(tf.constant([1.0, 3.0]))) == 10.0
    assert square.experimental_get_tracing_count() == 1 and not caplog.records


def test_ops_that_need_no_number_of_axes_are_traced(caplog):
    # the function that runs the graph could not be written
    @tf.function
    def twice(x):
        return tf.numpy_function(np.square, [x], tf.float32) * 2.0

    for x in (3.0, [1.0, 3.0], [[2.0]]):
        np.testing.assert_array_equal(twice(tf.constant(x)), 2.0 * np.square(np.float32(x)))
    assert not caplog.records


def test_an_error_of_an_untraceable_function_is_the_eager_one():
    @tf.function
    def wrong(x):
        return tf.reduce_sum(tf.py_function(lambda v: v, [x], tf.float32), axis=5)

    with pytest.raises(tf.errors.InvalidArgumentError, match="axis|dimension"):
        wrong(tf.constant([1.0]))


def test_arrays_without_elements():
    assert tf.TensorArray(tf.float32, 0).stack().shape == (0,)
    assert tf.TensorArray(tf.float32, 0, element_shape=[2, 3]).stack().shape == (0, 2, 3)
    write = tf.function(lambda array, x: array.write(0, x).stack())
    with pytest.raises(tf.errors.InvalidArgumentError, match="Pass element_shape, or make the array in the function"):
        write(tf.TensorArray(tf.float32, 1), tf.ones(2))
    np.testing.assert_array_equal(write(tf.TensorArray(tf.float32, 1, element_shape=[2]), tf.ones(2)), [[1, 1]])


@pytest.mark.parametrize("spec", [[None, 2], [None, None]])
def test_jacobians_and_tangents_of_unknown_sizes(spec):
    @tf.function(input_signature=[tf.TensorSpec(spec)])
    def derivatives(x):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = x**3 + x[:, ::-1]
        with tf.autodiff.ForwardAccumulator(x, tf.ones_like(x)) as along:
            z = tf.sin(x) * x
        hessian = tf.hessians(tf.reduce_sum(x**3), x)[0]
        unconnected = tape.jacobian(y, tf.zeros(()), unconnected_gradients="zero")
        return tape.jacobian(y, x), tape.batch_jacobian(y, x), along.jvp(z), hessian, unconnected

    for x in (np.float32([[1, 2], [3, 4], [5, 6]]), np.float32([[2, 1]])):
        jacobian, of_rows, tangent, hessian, unconnected = derivatives(x)
        swap = np.eye(2)[::-1]
        expected = np.array([np.diag(3 * row**2) + swap for row in x])
        np.testing.assert_allclose(of_rows, expected, rtol=1e-6)
        whole = np.zeros((len(x), 2, len(x), 2))
        for i, block in enumerate(expected):
            whole[i, :, i] = block
        np.testing.assert_allclose(jacobian, whole, rtol=1e-6)
        np.testing.assert_allclose(hessian, np.diag(6 * x.reshape(-1)).reshape(whole.shape), rtol=1e-6)
        np.testing.assert_allclose(tangent, np.cos(x) * x + np.sin(x), rtol=1e-5)
        np.testing.assert_array_equal(unconnected, np.zeros(x.shape))
    assert derivatives.experimental_get_tracing_count() == 1


def test_gradients_of_operands_that_were_repeated_are_machine_code():
    @tf.function(input_signature=[tf.TensorSpec([None, None]), tf.TensorSpec([None])])
    def gradients(x, scale):
        with tf.GradientTape() as tape:
            tape.watch(scale)
            y = tf.tanh(x * scale)
        return tape.gradient(y, scale)

    x = tf.ones([5, 4])
    for scale in (tf.ones([4]), tf.ones([1])):
        expected = (1.0 - np.tanh(np.ones([5, 4])) ** 2).reshape(-1, *scale.shape).sum(0)
        np.testing.assert_allclose(gradients(x, scale), expected, rtol=1e-5)
        assert not any(isinstance(kernel, str) for kernel in gradients.explain(x, scale).kernels)
