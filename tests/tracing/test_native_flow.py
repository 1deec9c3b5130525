"""Branches and loops as machine code: they do what Python does, and what cannot be machine code runs as before."""

import os
import signal
import threading

import numpy as np
import pytest

import tenfold as tf
from tenfold.core.config import settings
from tenfold.graph.native import Segment, compiled
from tenfold.graph.run import specialized


def _is_native(function, *args):
    nodes = compiled(function.get_concrete_function(*args).graph).nodes
    return all(isinstance(node.op, Segment) or node.op.name == "ReadVariableOp" for node in nodes)


def _check(function, *args, variables=(), is_native=True):
    """Runs a function eagerly, traced on NumPy, and as machine code: results and variables must be the same."""
    before = [v.numpy() for v in variables]
    found = []
    for compiles in (None, False, True):
        for v, value in zip(variables, before, strict=True):
            v.assign(value)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(settings, "compiles", compiles is not False)
            run = function if compiles is None else tf.function(function)
            results = [np.asarray(x) for x in tf.nest.flatten(run(*args))]
            found.append([*results, *[v.numpy() for v in variables]])
            if compiles:
                assert _is_native(run, *args) is is_native
    for other in found[1:]:
        for a, b in zip(found[0], other, strict=True):
            assert a.dtype == b.dtype
            np.testing.assert_allclose(a, b, rtol=1e-6)


def _newton(a):
    x = a
    while tf.abs(x * x - a) > 1e-6 * a:
        x = 0.5 * (x + a / x)
    return x


def test_loop_until_a_condition():
    _check(_newton, tf.constant(2.0))
    _check(_newton, tf.constant(1.0))  # not a single turn


@pytest.mark.parametrize("n", [0, 1, 7])
def test_loop_left_early(n):
    def function(x, n):
        total, i = tf.zeros_like(x), tf.constant(0)
        while i < n:
            total = total * 0.9 + x
            i += 1
            if tf.reduce_sum(total) > 10.0:
                break
        return total, i

    _check(function, tf.constant([1.0, 2.0, 0.5]), tf.constant(n))


@pytest.mark.parametrize("n, expected", [(9, []), (5, []), (4, [5]), (0, [5, 3, 1]), (-1, [5, 3, 1])])
def test_numbers_of_a_range_that_counts_down(n, expected):
    @tf.function
    def function(n):
        found = tf.constant(0)
        for i in tf.range(5, n, -2):
            found = found * 10 + i
        return found

    assert function(tf.constant(n)).numpy() == sum(i * 10**k for k, i in enumerate(expected[::-1]))
    assert _is_native(function, tf.constant(n))


@pytest.mark.parametrize("n", [-2, 0, 1, 6])
def test_numbers_of_a_range_and_branches_that_write_variables(n):
    v, w = tf.Variable(1.0), tf.Variable([3, 4])

    def function(n):
        for i in tf.range(-1, n, 2):
            if i % 3 == 0:
                v.assign_add(tf.cast(i, tf.float32))
            else:
                v.assign(v * 0.5)
                w.assign(w + i)
        return v + 1.0

    if n < -1:
        assert tf.function(function)(tf.constant(n)).numpy() == 2.0  # as TensorFlow's loops, where its op refuses
    else:
        _check(function, tf.constant(n), variables=(v, w))


def test_nested_loops():
    def function(x, n):
        i = tf.constant(0)
        while i < n:
            j = tf.constant(0)
            while j < i:
                x = tf.tanh(x @ x) + tf.cast(j, tf.float32)
                j += 1
            i += 1
        return x

    _check(function, tf.constant([[0.1, 0.2], [0.3, -0.4]]), tf.constant(4))


@pytest.mark.parametrize("index", [-1, 0, 1, 2, 5])
def test_one_of_several_branches(index):
    def function(index, x):
        return tf.switch_case(
            index, [lambda: (x, x + 1), lambda: (x * 2, x), lambda: (tf.sin(x), x)], lambda: (x - 1, -x)
        )

    _check(function, tf.constant(index), tf.constant([1.0, 2.0]))


@pytest.mark.parametrize("x", [-1.0, 0.5, 2.0])
def test_branches_on_conditions(x):
    def function(x):
        y = tf.cond(x > 0.0, lambda: x * 2.0, lambda: -x)
        return tf.case([(y < 1.0, lambda: y), (y < 3.0, lambda: y * 3.0)], default=lambda: tf.zeros_like(y))

    _check(function, tf.constant(x))


@pytest.mark.parametrize("most", [-1, 0, 3, 100])
def test_number_of_turns_is_limited(most):
    def function(x, most):
        return tf.while_loop(lambda x, i: i < 10, lambda x, i: (x * 2, i + 1), (x, 0), maximum_iterations=most)

    _check(function, tf.constant([1, 2]), tf.constant(most))


def test_rows_of_a_table_are_read_and_kept():
    def function(x):
        rows = tf.TensorArray(tf.float32, 4, element_shape=(3,))
        state = tf.zeros(3)
        for i in tf.range(4):
            state = tf.tanh(state + x[i])
            rows = rows.write(i, state)
        return rows.stack()

    x = tf.reshape(tf.range(12.0), (4, 3)) / 10.0
    assert _is_native(tf.function(function), x)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "compiles", False)
        expected = tf.function(function)(x)
    np.testing.assert_allclose(tf.function(function)(x), expected, rtol=1e-6)


def test_random_streams_are_the_same():
    def function(seed):
        total = tf.zeros(5)
        for i in tf.range(6):
            total += tf.random.stateless_normal([5], seed + i) * tf.random.stateless_uniform([5], seed)
        return total

    _check(function, tf.constant([3, 4]))


def test_generators_go_on_alike():
    generator = tf.random.Generator.from_state([-2, 5, 7], alg="philox")

    def function(n):
        total = tf.zeros(3)
        for i in tf.range(n):
            total += generator.normal([3])
            if i == 1:
                generator.skip(-3)
        return total

    _check(function, tf.constant(4), variables=(generator.state,))


@pytest.mark.parametrize("i", [0, 2, -1, -3])
def test_elements_at_indices_that_are_tensors(i):
    x = tf.reshape(tf.range(24), (3, 4, 2))
    _check(lambda i: (x[i], x[i, 1], x[..., tf.newaxis, i // 2], x[1:, i, ::-1] + i), tf.constant(i))


@pytest.mark.parametrize("i", [3, -4])
def test_element_at_an_index_out_of_range(i):
    @tf.function
    def function(x, i):
        return x[i] + x[0]

    with pytest.raises(tf.errors.InvalidArgumentError, match=f"index {i} is out of bounds") as caught:
        function(tf.range(3), tf.constant(i))
    assert os.path.basename(__file__) in caught.value.__notes__[0]


@pytest.mark.parametrize("x", [[0.3, -0.2], [2.0, 1.0], [-1.0, -3.0]])
def test_gradients_of_branches(x):
    w = tf.Variable([[1.0, 2.0], [-0.5, 0.3]])

    def branches(x):
        if tf.reduce_sum(x) > 0.0:
            y = tf.cond(x[0] > 1.0, lambda: tf.sin(x), lambda: x * x)
            return tf.linalg.matvec(w, y), x
        return x, tf.exp(x) * w[0]

    def function(x):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                a, b = branches(x)
                loss = tf.reduce_sum(a * a) + tf.reduce_sum(b)
            first = tape.gradient(loss, [x, w])
        return loss, first, outer.gradient(first[0], [x, w])

    _check(function, tf.constant(x), variables=(w,))


def test_gradient_of_a_branch_is_that_at_the_values_it_had():
    v = tf.Variable(2.0)

    def function(x):
        with tf.GradientTape() as tape:
            y = tf.cond(x > 0.0, lambda: v * v * x, lambda: v)
        v.assign(10.0)
        return tape.gradient(y, v)

    _check(function, tf.constant(3.0), variables=(v,))
    _check(function, tf.constant(-3.0), variables=(v,))


def test_gradient_of_a_branch_under_a_tape_outside():
    v = tf.Variable([1.0, 2.0])

    @tf.function
    def function(x):
        return tf.switch_case(x, [lambda: v * v, lambda: tf.sin(v), lambda: tf.ones(2)])

    for i, expected in enumerate([[2.0, 4.0], np.cos([1.0, 2.0]), [0.0, 0.0]]):
        with tf.GradientTape() as tape:
            y = function(tf.constant(i))
        np.testing.assert_allclose(tape.gradient(y, v), expected, rtol=1e-6)


def test_gradients_of_loops():
    def loss(x, n):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x
            for _ in tf.range(n):
                y = tf.sin(y) if y > 0.5 else y * y
        return y, tape.gradient(y, x)

    _check(loss, tf.constant(0.9), tf.constant(3))


def test_loops_that_a_tape_does_not_care_for_are_native():
    v = tf.Variable(2.0)

    def function(x, n):
        with tf.GradientTape() as tape:
            i = tf.constant(0)
            while i * i < n:
                i += 1
            y = x
            for _ in tf.range(i):
                y = tf.sin(y)
            loss = v * v * y
        return loss, i, tape.gradient(loss, v)

    _check(function, tf.constant(0.7), tf.constant(20), variables=(v,))


def test_loop_under_a_tape_outside():
    def gradient(function):
        a = tf.Variable(2.0)
        with tf.GradientTape() as tape:
            y = function(a * 1.0)
        return tape.gradient(y, a).numpy()

    np.testing.assert_allclose(gradient(tf.function(_newton)), gradient(_newton), rtol=1e-6)


def test_sizes_that_a_call_tells():
    w = tf.Variable(0.5)

    @tf.function(input_signature=[tf.TensorSpec([None, 2]), tf.TensorSpec([], tf.int32)])
    def function(x, n):
        for i in tf.range(n):
            x = x * w if i % 2 == 0 else x + tf.reduce_sum(x, 0)
        return tf.cond(tf.shape(x)[0] > 2, lambda: x[2] * w, lambda: x[0])

    graph = function.get_concrete_function().graph
    for rows in (1, 3, 4):
        x, n = tf.reshape(tf.range(2.0 * rows), (rows, 2)), tf.constant(3)
        with tf.GradientTape() as tape:
            y = function(x, n)
        with tf.GradientTape() as eager:
            expected = function.python_function(x, n)
        np.testing.assert_allclose(y, expected, rtol=1e-6)
        np.testing.assert_allclose(tape.gradient(y, w), eager.gradient(expected, w), rtol=1e-6)
        nodes = compiled(specialized(graph, [x._array, n._array])).nodes
        assert rows < 3 or all(isinstance(node.op, Segment) or node.op.name == "ReadVariableOp" for node in nodes)


def test_shapes_that_change_and_strings_are_not_native():
    def growing(n):
        x = tf.zeros([0])
        for _ in tf.range(n):
            tf.autograph.experimental.set_loop_options(shape_invariants=[(x, tf.TensorShape([None]))])
            x = tf.concat([x, [1.0]], 0)
        return x

    assert tf.function(growing)(tf.constant(3)).numpy().tolist() == [1.0, 1.0, 1.0]

    def joined(s, n):
        for _ in tf.range(n):
            s = s + "a"
        return s

    assert tf.function(joined)(tf.constant("b"), tf.constant(2)).numpy() == b"baa"


def test_error_inside_says_where():
    @tf.function
    def function(x, n):
        total, i = tf.constant(0), tf.constant(0)
        while i < n:
            total += tf.gather(x, i)  # here
            i += 1
        return total

    assert _is_native(function, tf.range(3), tf.constant(2))
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices = 3 is not in \[0, 3\)") as caught:
        function(tf.range(3), tf.constant(9))
    line = function.python_function.__code__.co_firstlineno + 4
    assert caught.value.__notes__[0].endswith(f"{os.path.basename(__file__)}:{line}.")


def test_error_inside_of_what_writes_variables_says_where_it_stands():
    v = tf.Variable(0)

    @tf.function
    def function():
        total = tf.constant(0)
        while total < 100:  # here
            v.assign_add(1)
            total -= 10 // (v - 3)
        return total

    with pytest.raises(tf.errors.InvalidArgumentError, match="division by zero") as caught:
        function()
    assert os.path.basename(__file__) in caught.value.__notes__[0]
    assert v.numpy() == 3


def test_after_an_error_variables_have_what_they_had_or_what_they_got_before_it():
    table, steps = tf.Variable(tf.ones([5, 4])), tf.Variable(0)

    @tf.function
    def train(indices):
        steps.assign_add(1)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.tanh(tf.gather(table, indices)) @ tf.ones([4, 3]))
        table.assign_sub(tf.convert_to_tensor(tape.gradient(loss, table)))
        steps.assign_add(1)

    with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices\[2\] = 9 is not in \[0, 5\)"):
        train(tf.constant([1, 2, 9]))
    assert (table.numpy() == 1).all()
    train(tf.constant([1, 2, 3]))
    assert steps.numpy() in (2, 3, 4) and (table.numpy() == 1).sum() == 8


def test_what_is_never_done_cannot_fail():
    @tf.function
    def function(x, at, n):
        total, i = 0, tf.constant(0)
        while i < n:
            total += tf.gather(x, at) // at
            i += 1
        return total

    assert _is_native(function, tf.range(3), tf.constant(9), tf.constant(0))
    assert function(tf.range(3), tf.constant(9), tf.constant(0)).numpy() == 0
    with pytest.raises(tf.errors.InvalidArgumentError):
        function(tf.range(3), tf.constant(9), tf.constant(1))


def test_endless_loop_is_interrupted():
    @tf.function
    def function(x):
        while x > 0:
            x = tf.maximum(x * 0.5, 1.0)
        return x

    assert _is_native(function, tf.constant(1.0))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # jobs in the background ignore it
    timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        function(tf.constant(1.0))
    timer.join()
    assert function(tf.constant(-1.0)).numpy() == -1.0


def test_explain_shows_loops():
    report = tf.function(_newton).explain(tf.constant(2.0))
    assert [kernel.fused for kernel in report.kernels] == ["while_loop"]


def test_an_array_that_grows_in_a_loop_that_data_end():
    def function(x, n):
        rows, i = tf.TensorArray(tf.float32, 0, dynamic_size=True), tf.constant(0)
        while i < n:
            x = tf.sin(x) + 1.0
            rows = rows.write(i, x)
            i += 1
        return rows.stack()

    traced, x = tf.function(function), tf.constant([0.5, 1.0])
    for n in (3, 70, 90):  # more sizes than programs are kept
        np.testing.assert_allclose(traced(x, tf.constant(n)), function(x, tf.constant(n)), rtol=1e-6)


def _loop(x, y):
    return tf.while_loop(lambda i, _: i < 2, lambda i, _: (i + 1, y), (0, x))[1]


@pytest.mark.parametrize(
    "flow",
    [
        lambda x, y: tf.cond(tf.reduce_sum(x) > 0.0, lambda: y, lambda: y * 0.5),
        lambda x, y: tf.cond(tf.reduce_sum(x) < 0.0, lambda: y * 0.5, lambda: y),
        lambda x, y: tf.switch_case(tf.cast(tf.reduce_sum(x) > 0.0, tf.int32), [lambda: y, lambda: y]),
        _loop,
    ],
)
def test_gradients_reach_what_a_branch_or_a_loop_returns_as_it_is(flow):
    # they were None where nothing but the result of the branch used the value
    w = tf.Variable([2.0, 3.0])

    @tf.function
    def gradient(x):
        with tf.GradientTape() as tape:
            total = tf.reduce_sum(flow(x, x * w))
        return tape.gradient(total, w)

    np.testing.assert_array_equal(gradient(tf.constant([1.0, 2.0])), [1.0, 2.0])


def test_indices_of_a_switch_have_no_holes():
    with pytest.raises(ValueError, match=r"\[0, 3\]; they must be 0, 1, 2"):
        tf.switch_case(tf.constant(0), {0: lambda: 1, 3: lambda: 2}, default=lambda: 3)
    with pytest.raises(ValueError, match="at least one function"):
        tf.switch_case(tf.constant(0), {})
    with pytest.raises(TypeError, match="must be functions"):
        tf.switch_case(tf.constant(0), [1, 2])
