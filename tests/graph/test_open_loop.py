"""Loops whose number of turns data decide: with their gradients they are part of one native call, and do what eager code does."""

import functools
import gc
import os
import resource
import threading

import numpy as np
import pytest

import tenfold as tf
from tenfold.core.config import settings
from tenfold.graph.native import Segment, compiled

TIME, BATCH, UNITS = 7, 3, 4
RNG = np.random.default_rng(0)
X = tf.constant(RNG.standard_normal((BATCH, TIME, UNITS)), tf.float32)
W, U = (tf.Variable(RNG.standard_normal((UNITS, UNITS)) * 0.4, dtype=tf.float32) for _ in range(2))


def cell(x, h):
    return tf.tanh(x @ W + h @ U)


def over_a_range(x, n):
    h = tf.zeros((BATCH, UNITS))
    for t in tf.range(n):
        h = cell(x[:, t % TIME], h)
    return h


def until_it_converges(x, n):
    h, before = x[:, 0], x[:, 1]
    while tf.reduce_max(tf.abs(h - before)) > 1.0 / tf.cast(n * n + 1, tf.float32):
        before = h
        h = cell(x[:, 2], h)
    return h


def left_early(x, n):
    h, total = x[:, 0], tf.zeros(UNITS)
    for t in tf.range(n):
        if t % 2 == 1:
            continue
        h = cell(x[:, 1], h)
        total += tf.reduce_sum(h, 0)
        if tf.reduce_sum(tf.square(total)) > 20.0:
            break
    return h * total


def limited(x, n):
    return tf.while_loop(
        lambda t, h: tf.reduce_sum(h) < 10.0,
        lambda t, h: (t + 1, tf.sin(h) + x[:, 0] * tf.cast(t, tf.float32)),
        (0, x[:, 1]),
        maximum_iterations=n,
    )[1]


def with_a_branch(x, n):
    h = x[:, 0]
    for _t in tf.range(n):
        if tf.reduce_sum(h) > 0.0:
            h = cell(x[:, 1], h)
        else:
            h = h * 0.5 + x[:, 2]
    return h


def nested(x, n):
    h = x[:, 0]
    for t in tf.range(n):
        k = tf.constant(0)
        while k < t % 3:
            h = cell(x[:, 1], h) * tf.cast(k + 1, tf.float32)
            k += 1
        h = h + x[:, 2] * 0.1
    return h


def around_a_counted_loop(x, n):
    h = x[:, 0]
    for _ in tf.range(n):
        for t in tf.range(3):
            h = cell(x[:, t], h)
    return h


def one_after_the_other(x, n):
    h = over_a_range(x, n)
    while tf.reduce_sum(tf.abs(h)) < 5.0:
        h = h * 1.5 + x[:, 0] * 0.1
    return h


def nothing_to_keep(x, n):
    h = x[:, 0]
    for _ in tf.range(n):
        h = h * 1.01 + x[:, 1]
    return h @ W


def reading_and_writing_an_array(x, n):
    rows = tf.TensorArray(tf.float32, TIME, clear_after_read=False, element_shape=(BATCH, UNITS))
    rows = rows.unstack(tf.transpose(x, (1, 0, 2)))
    for t in tf.range(n):
        rows = rows.write((t + 1) % TIME, cell(rows.read(t % TIME), x[:, 0]))
    return rows.stack()


def with_an_array_that_grows(x, n):
    h, rows = x[:, 0], tf.TensorArray(tf.float32, 0, dynamic_size=True, element_shape=(BATCH, UNITS))
    t = 0
    while t < n and tf.reduce_sum(h) < 100.0:
        h = cell(x[:, 1], h)
        rows = rows.write(t, h)
        t += 1
    return tf.reduce_sum(rows.stack(), 0) + h


def with_a_list_and_an_array_of_many(x, n):
    h, found, rows = x[:, 0], [x[0, 0]], tf.TensorArray(tf.float32, n, element_shape=(BATCH, UNITS))
    for t in tf.range(n):
        h = cell(x[:, 1], h)
        rows = rows.write(n - 1 - t, h * 2.0)
        found.append(tf.reduce_sum(h, 0))
    return h + tf.stack(found)[-1] * tf.reduce_sum(rows.stack(), 0)


def with_gaps_in_an_array(x, n):
    h, rows = x[:, 0], tf.TensorArray(tf.float32, 3, dynamic_size=True, element_shape=(BATCH, UNITS))
    rows = rows.write(0, h)
    for t in tf.range(n):
        h = cell(x[:, 1], h)
        rows = rows.write(2 * t + 1, h)
    return tf.reduce_sum(tf.cumsum(rows.stack(), reverse=True), 0)


def with_rows_that_are_joined(x, n):
    def turn(t, h, rows):
        h = cell(x[:, 1], h)
        return t + 1, h, tf.concat([rows, h[:1]], 0)

    shapes = [tf.TensorShape([]), tf.TensorShape([BATCH, UNITS]), tf.TensorShape([None, UNITS])]
    h = x[:, 0]
    _, h, rows = tf.while_loop(lambda t, h, rows: t < n, turn, (0, h, h[1:]), shape_invariants=shapes)
    return h * tf.reduce_sum(tf.square(rows), 0)


def writing_over_what_was_written(x, n):
    h, rows = x[:, 0], tf.TensorArray(tf.float32, 0, dynamic_size=True, element_shape=(BATCH, UNITS))
    for t in tf.range(n):
        h = cell(x[:, 1], h)
        rows = rows.write(t // 2, h)
    return tf.reduce_sum(rows.stack(), 0) + h


def reading_what_it_has_written(x, n):
    rows = tf.TensorArray(tf.float32, 1, dynamic_size=True, clear_after_read=False, element_shape=(BATCH, UNITS))
    rows = rows.write(0, x[:, 0])
    for t in tf.range(n):
        rows = rows.write(t + 1, cell(x[:, 1], rows.read(t)))
    return tf.reduce_sum(rows.stack(), 0)


def asking_how_many_there_are(x, n):
    h, rows = x[:, 0], tf.TensorArray(tf.float32, 0, dynamic_size=True, element_shape=(BATCH, UNITS))
    while rows.size() < n:
        h = cell(x[:, 1], h)
        rows = rows.write(rows.size(), h)
    return tf.reduce_sum(rows.stack(), 0) + h


def by_a_kernel_that_changes(x, n):
    """What the gradient multiplies by is another matrix at each turn: once, that of the first was packed for all."""
    h = x[:, 0]
    for t in tf.range(n):
        h = tf.tanh(h @ tf.sin(W * tf.cast(t + 1, tf.float32)))
    return h


def of_several_dtypes(x, n):
    h, y = x[:, 0], tf.cast(x[0, 0], tf.float64)
    for t in tf.range(n):
        h = tf.sin(h) + tf.cast(tf.reduce_mean(y), tf.float32)
        y = tf.sin(y + tf.cast(t, tf.float64)) * 0.5
    return h + tf.cast(tf.reduce_sum(y), tf.float32)


LOOPS = (
    over_a_range, until_it_converges, left_early, limited, with_a_branch, nested, around_a_counted_loop, one_after_the_other,
    nothing_to_keep, reading_and_writing_an_array, by_a_kernel_that_changes, of_several_dtypes,
)  # fmt: skip
# What has rows whose number nobody knows: loops are native, what is done with all the rows is not.
WITH_ROWS = (
    with_an_array_that_grows, with_a_list_and_an_array_of_many, with_gaps_in_an_array, with_rows_that_are_joined,
)  # fmt: skip
# What a loop does with rows more than to write each of them once.
ON_NUMPY = (writing_over_what_was_written, reading_what_it_has_written, asking_how_many_there_are)
TURNS = (0, 1, 6, 40)


def slopes(function, x, n):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x, n)
        loss = tf.reduce_sum(tf.square(y))
    return [loss, *tape.gradient(loss, [x, W, U], unconnected_gradients="zero")]


def second(function, x, n):
    with tf.GradientTape() as tape:
        tape.watch(x)
        _, *first = slopes(function, x, n)
        total = tf.add_n([tf.reduce_sum(tf.sqrt(1.0 + tf.square(d))) for d in first])
    return tape.gradient(total, [x, W, U], unconnected_gradients="zero")


def assert_close(found, expected, tolerance=3e-4):
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, tolerance, tolerance * max(1.0, float(np.abs(b).max())))


def host_steps(step, *args):
    nodes = compiled(step.get_concrete_function(*args).graph).nodes
    return [n.op.name for n in nodes if not isinstance(n.op, Segment) and n.op.name != "ReadVariableOp"]


def is_loop(name):
    return name in ("while", "Scan")


@pytest.mark.parametrize("function", LOOPS + WITH_ROWS + ON_NUMPY, ids=lambda f: f.__name__)
def test_a_loop_and_its_gradients_are_part_of_one_native_call(function):
    first, other = (tf.function(lambda x, n, of=of: of(function, x, n)) for of in (slopes, second))
    for n in map(tf.constant, TURNS):
        assert_close(first(X, n), slopes(function, X, n))
        assert_close(other(X, n), second(function, X, n))
    for step in (first, other):
        assert step.experimental_get_tracing_count() == 1
        if function in LOOPS:
            assert not host_steps(step, X, n)
        if function in WITH_ROWS:
            assert not any(map(is_loop, host_steps(step, X, n)))


@pytest.mark.parametrize("function", WITH_ROWS, ids=lambda f: f.__name__)
def test_rows_that_a_loop_writes_need_no_tape(function):
    run = tf.function(function)
    for n in map(tf.constant, TURNS):
        assert_close([run(X, n)], [function(X, n)])
    assert run.experimental_get_tracing_count() == 1
    assert not any(map(is_loop, host_steps(run, X, n)))


def test_rows_of_text():
    @tf.function
    def run(n):
        rows = tf.TensorArray(tf.string, 0, dynamic_size=True, element_shape=())
        for t in tf.range(n):
            rows = rows.write(t, tf.strings.as_string(t * t))
        return rows.stack()

    for n in (1, 4):
        assert run(tf.constant(n)).numpy().tolist() == [b"0", b"1", b"4", b"9"][:n]


def test_rows_beyond_the_end_of_an_array_of_fixed_size():
    @tf.function
    def run(x, n):
        rows = tf.TensorArray(tf.float32, 3, element_shape=())
        for t in tf.range(n):
            rows = rows.write(t, x)
        return rows.stack()

    np.testing.assert_array_equal(run(tf.constant(2.0), tf.constant(2)), [2, 2, 0])
    with pytest.raises((tf.errors.InvalidArgumentError, tf.errors.OutOfRangeError)):
        run(tf.constant(2.0), tf.constant(4))


@pytest.mark.parametrize("function", LOOPS + WITH_ROWS + ON_NUMPY, ids=lambda f: f.__name__)
def test_under_a_tape_outside(function):
    run = tf.function(function)
    for n in map(tf.constant, TURNS):
        assert_close(slopes(run, X, n), slopes(function, X, n))
        assert_close(second(run, X, n), second(function, X, n))


def test_one_compiled_gradient_serves_any_number_of_turns():
    run, graphs = tf.function(until_it_converges), []
    for n in range(1, 40):
        slopes(run, X, tf.constant(n))
        graphs.append(len(run.get_concrete_function(X, tf.constant(n)).graph.programs))
    assert graphs[0] == graphs[-1]


def test_on_numpy(monkeypatch):
    monkeypatch.setattr(settings, "compiles", False)
    for function in LOOPS + WITH_ROWS:
        run = tf.function(lambda x, n, function=function: second(function, x, n))
        for n in (tf.constant(0), tf.constant(5)):
            assert_close(run(X, n), second(function, X, n))


@pytest.mark.parametrize("of", [slopes, second])
def test_gradients_are_saved(of, tmp_path):
    module = tf.Module()
    module.variables_used = [W, U]
    signature = [tf.TensorSpec(X.shape), tf.TensorSpec([], tf.int32)]
    functions = (until_it_converges, left_early, nested, *WITH_ROWS)
    for function in functions:
        step = tf.function(functools.partial(of, function), input_signature=signature)
        setattr(module, function.__name__, step)
    tf.saved_model.save(module, tmp_path)
    loaded = tf.saved_model.load(tmp_path)
    for function in functions:
        step = getattr(loaded, function.__name__)
        for n in (tf.constant(0), tf.constant(6)):
            assert_close(step(X, n), of(function, X, n))
        if of is slopes and function is not nested:
            assert not any(map(is_loop, host_steps(step, X, tf.constant(6))))


def test_forward_mode():
    tangent = tf.constant(RNG.standard_normal(X.shape), tf.float32)
    run, n = tf.function(until_it_converges), tf.constant(5)
    with tf.autodiff.ForwardAccumulator(X, tangent) as accumulator:
        y = run(X, n)
    _, along = slopes(lambda x, n: until_it_converges(x, n), X, n)[:2]
    np.testing.assert_allclose(2 * tf.reduce_sum(y * accumulator.jvp(y)), tf.reduce_sum(along * tangent), 1e-4)


def test_several_threads_get_what_one_gets():
    step = tf.function(lambda x, n: slopes(nested, x, n))
    expected = [step(X, tf.constant(n)) for n in range(30)]
    found = [[] for _ in range(4)]

    def work(results):
        for n in range(30):
            results.append(step(X, tf.constant(n)))

    threads = [threading.Thread(target=work, args=(results,)) for results in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for results in found:
        for a, b in zip(results, expected, strict=True):
            for x, y in zip(a, b, strict=True):
                np.testing.assert_array_equal(x, y)


def _resident_bytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="the system does not say how much memory is used")
def test_memory_is_given_back():
    inside, outside = tf.function(lambda x, n: slopes(nested, x, n)), tf.function(nested)
    n = tf.constant(60)

    def calls(count):
        for _ in range(count):
            inside(X, n)
        for _ in range(count // 10):
            slopes(outside, X, n)

    calls(200)
    gc.collect()
    before = _resident_bytes()
    calls(2000)  # which keep some 40 MB
    gc.collect()
    assert _resident_bytes() - before < 4 << 20


def test_what_a_loop_keeps_may_be_too_much():
    @tf.function
    def slope(x, n):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x
            for _ in tf.range(n):
                y = tf.sin(y)
        return tape.gradient(y, x)

    x = tf.zeros(1 << 20)
    assert slope(x, tf.constant(1)).shape == x.shape
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_address_bytes() + (1 << 28), hard))
    try:
        with pytest.raises(tf.errors.ResourceExhaustedError, match="what a loop keeps for its gradient"):
            slope(x, tf.constant(100))
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    np.testing.assert_array_equal(slope(x, tf.constant(2)), np.ones(x.shape))


def _address_bytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def test_an_error_inside_says_where():
    @tf.function
    def slope(x, n):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x[0]
            for t in tf.range(n):
                y = y * x[t]
        return tape.gradient(y, x)

    x = tf.constant([1.0, 2.0, 3.0])
    np.testing.assert_allclose(slope(x, tf.constant(3)), [12, 3, 2])
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        slope(x, tf.constant(4))
    assert "test_open_loop.py" in str(getattr(caught.value, "__notes__", ""))
    np.testing.assert_allclose(slope(x, tf.constant(2)), [4, 1, 0])


def test_the_gradient_of_a_loop_with_branches_and_a_loop_in_it():
    """Passes that ran once more on loops in loops made constants that the program did not know."""
    w, b = tf.Variable([[0.3, -0.2], [0.1, 0.4]]), tf.Variable([0.1, 0.2])

    def body(x, n):
        i = 0
        while i < n:
            if tf.reduce_sum(x) > 0.0:
                x = tf.tanh(x @ w)
                j = 0
                while j < 2 and tf.reduce_max(x) < 0.9:
                    x = x + b
                    j += 1
            elif tf.equal(i % 2, 0):
                x = x * 1.1 + b
            else:
                x = tf.nn.relu(x) + 0.1
            i += 1
        return x

    def gradients(function, n):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(function(tf.ones([4, 2]), n) ** 2)
        return tape.gradient(loss, [w, b])

    for got, expected in zip(
        gradients(tf.function(body), tf.constant(5)), gradients(body, tf.constant(5)), strict=True
    ):
        np.testing.assert_allclose(got, expected, 1e-5)


def test_what_an_inner_loop_begins_with_does_not_take_the_place_of_what_others_still_read():
    x, factor = tf.constant([1.0, 2.0, 3.0, 4.0]), tf.constant([1.0, 2.0, 3.0, 4.0])

    @tf.function
    def f(x, factor, n):
        for _ in tf.range(n):
            for _again in tf.range(2):
                x = 0.5 * x
            x = x * factor
        return x

    with tf.GradientTape() as tape:
        tape.watch([x, factor])
        y = f(x, factor, tf.constant(2))
    dx, dfactor = tape.gradient(y, [x, factor])
    np.testing.assert_array_equal(y, x * factor**2 / 16)
    np.testing.assert_array_equal(dx, factor**2 / 16)
    np.testing.assert_array_equal(dfactor, 2 * x * factor / 16)


def test_loops_that_begin_with_what_others_end_with():
    """Three values that share a place: what the first loop begins with, its result, and that of the second."""
    x, w, v = tf.constant(RNG.standard_normal((3, 4)), tf.float32), tf.Variable(tf.eye(4) * 0.9), tf.Variable(0.3)

    def second(x, n):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = x
                for i in tf.range(2):
                    y = tf.nn.softmax(y)
                    for _ in tf.range(n):
                        if tf.reduce_max(y) > 1.5:
                            break
                        y = y + 0.1
                    for _ in tf.range(i + 1):
                        y = y @ w
                        if i % 2 == 0:
                            y = 0.5 * y
                        else:
                            y = tf.sigmoid(y) * v
                total = tf.reduce_sum(y * y)
            slopes = tape.gradient(total, [x, w])
            size = tf.add_n([tf.reduce_sum(slope * slope) for slope in slopes])
        return [y, *slopes, *outer.gradient(size, [x, w])]

    n = tf.constant(20)
    for expected, found in zip(second(x, n), tf.function(second)(x, n), strict=True):
        assert_close(found, expected)


def test_a_variable_gets_what_a_loop_begins_with():
    """It is written in the end, as it is read after the assignment; the loop must not have changed the value by then."""
    v = tf.Variable([1.0, 2.0, 3.0, 4.0])

    @tf.function
    def f(x, n):
        before = 1.0 * v
        y = tf.sin(x) + v
        v.assign(y)
        for _ in tf.range(n):
            y = 0.5 * y
        total = tf.reduce_sum(y)
        return y + before + total, tf.cumsum(before) * total

    x = tf.constant([1.0, 2.0, 3.0, 4.0])
    expected = v + tf.sin(x)
    f(x, tf.constant(3))
    np.testing.assert_allclose(v, expected)
