"""Branches and loops that write variables and draw random numbers: with their gradients they are part of native calls, and do what eager code does."""

import functools

import numpy as np
import pytest

import tenfold as tf
from tenfold.core.config import settings
from tests.graph.test_open_loop import BATCH, TIME, TURNS, UNITS, U, W, X, assert_close, cell, host_steps

RATE = tf.Variable(0.5)
COUNT = tf.Variable(0, trainable=False)
MEAN = tf.Variable(tf.zeros(UNITS), trainable=False)
GENERATOR = tf.random.Generator.from_seed(5)


def with_dropout(x, n):
    h = x[:, 0]
    for t in tf.range(n):
        h = tf.nn.dropout(cell(x[:, t % TIME], h), 0.3, seed=3)
    return h


def with_dropout_over_time(x, n):
    h = tf.zeros((BATCH, UNITS))
    for t in tf.range(TIME):
        h = tf.nn.dropout(cell(x[:, t], h), 0.3, seed=4)
    return h * tf.cast(n, tf.float32)


def until_noise_ends_it(x, n):
    h, t = x[:, 0], 0
    while tf.reduce_max(tf.abs(h)) > 0.2 and t < n:
        h = cell(x[:, 1], h) * tf.random.uniform((BATCH, UNITS), 0.2, 1.2, seed=5)
        h += tf.random.normal((UNITS,), stddev=0.1, seed=6) * h
        t += 1
    return h


def drawing_integers_in_a_loop_in_a_loop(x, n):
    h = x[:, 0]
    for _ in tf.range(n):
        for _t in tf.range(3):
            row = tf.random.uniform((), maxval=TIME, dtype=tf.int32, seed=7)
            h = cell(tf.gather(x, row, axis=1), h)
    return h


def counting(x, n):
    h = x[:, 0]
    for _ in tf.range(n):
        COUNT.assign_add(1)
        h = cell(x[:, 1], h) * tf.cast(COUNT % 3, tf.float32)
    return h


def moving_a_mean(x, n):
    h = x[:, 0]
    for _ in tf.range(n):
        MEAN.assign(0.9 * MEAN + 0.1 * tf.reduce_mean(h, 0))
        h = cell(x[:, 1], h) - MEAN
    return h + MEAN


def writing_what_is_differentiated(x, n):
    h = x[:, 0] * RATE
    for _ in tf.range(n):
        h = cell(x[:, 1], h) * RATE
        RATE.assign(RATE * 0.9)
        h += RATE * x[:, 2]
    return h * RATE


def until_a_variable_says_so(x, n):
    h = x[:, 0]
    COUNT.assign(0)
    while COUNT < n:
        h = cell(x[:, 1], h) * RATE
        COUNT.assign_add(2)
    return h


def by_a_generator(x, n):
    h = x[:, 0]
    for _ in tf.range(n):
        h = cell(x[:, 1], h) * GENERATOR.uniform((BATCH, UNITS), 0.5, 1.5) + GENERATOR.normal((UNITS,)) * 0.1
    return h


def in_a_branch(x, n):
    h = x[:, 0] * RATE
    if n > 1:
        COUNT.assign_add(1)
        h = tf.nn.dropout(cell(x[:, 1], h), 0.3, seed=8) * tf.cast(COUNT, tf.float32)
    else:
        RATE.assign(0.25)
    return h * RATE


def in_branches_of_loops(x, n):
    h = x[:, 0]
    for t in tf.range(n):
        if t % 3 == 1:
            MEAN.assign(0.9 * MEAN + 0.1 * tf.reduce_mean(h, 0))
        if tf.reduce_sum(h) > 0.0:
            h = tf.nn.dropout(cell(x[:, 1], h), 0.3, seed=9) - MEAN
        elif t < 3:
            h = h + tf.random.normal((UNITS,), seed=10)
    return h


def of_what_has_no_machine_code(x, n):
    h = x[:, 0]
    for _ in tf.range(n):
        COUNT.assign_add(1)
        h = cell(x[:, 1], h) * tf.random.gamma((UNITS,), 3.0, seed=11) * tf.cast(COUNT, tf.float32)
    return h


LOOPS = (
    by_a_generator, in_a_branch, in_branches_of_loops,
    with_dropout, with_dropout_over_time, until_noise_ends_it, drawing_integers_in_a_loop_in_a_loop, counting, moving_a_mean,
    writing_what_is_differentiated, until_a_variable_says_so,
)  # fmt: skip


def slopes(function, x, n):
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(tf.square(function(x, n)))
    return [loss, *tape.gradient(loss, [x, W, U, RATE], unconnected_gradients="zero")]


def second(function, x, n):
    with tf.GradientTape() as tape:
        tape.watch(x)
        _, *first = slopes(function, x, n)
        total = tf.add_n([tf.reduce_sum(tf.sqrt(1.0 + tf.square(d))) for d in first])
    return tape.gradient(total, [x, W, U, RATE], unconnected_gradients="zero")


def results(run, *args):
    """What two calls in a row return, and variables after them, from the same state on."""
    tf.random.set_seed(1)
    RATE.assign(0.5)
    COUNT.assign(1)
    MEAN.assign(np.linspace(-1, 1, UNITS))
    GENERATOR.reset_from_seed(5)
    found = [*run(*args), *run(*args)]
    return [x.numpy() for x in [*found, RATE, COUNT, MEAN, GENERATOR.state]]


@pytest.mark.parametrize("of", [slopes, second])
@pytest.mark.parametrize("function", LOOPS, ids=lambda f: f.__name__)
def test_a_loop_and_its_gradients_are_part_of_one_native_call(function, of):
    step = tf.function(lambda x, n: of(function, x, n))
    for n in map(tf.constant, TURNS):
        assert_close(results(step, X, n), results(functools.partial(of, function), X, n))
    assert step.experimental_get_tracing_count() == 1
    assert not host_steps(step, X, n)


@pytest.mark.parametrize("of", [slopes, second])
@pytest.mark.parametrize("function", [*LOOPS, of_what_has_no_machine_code], ids=lambda f: f.__name__)
def test_under_a_tape_outside(function, of):
    run = tf.function(function)
    for n in map(tf.constant, TURNS):
        assert_close(results(functools.partial(of, run), X, n), results(functools.partial(of, function), X, n))


@pytest.mark.parametrize("function", LOOPS, ids=lambda f: f.__name__)
def test_sizes_that_only_a_call_knows(function):
    step = tf.function(
        functools.partial(slopes, function),
        input_signature=[tf.TensorSpec([None, TIME, UNITS]), tf.TensorSpec([], tf.int32)],
    )
    n = tf.constant(5)
    assert_close(results(step, X, n), results(functools.partial(slopes, function), X, n))


def test_on_numpy(monkeypatch):
    monkeypatch.setattr(settings, "compiles", False)
    for function in LOOPS:
        step = tf.function(lambda x, n, function=function: second(function, x, n))
        n = tf.constant(5)
        assert_close(results(step, X, n), results(functools.partial(second, function), X, n))


def test_positions_of_streams_are_none_of_the_users_variables():
    step = tf.function(lambda x, n: slopes(with_dropout, x, n))
    concrete = step.get_concrete_function(X, tf.constant(3))
    assert {v.name for v in concrete.variables} == {W.name, U.name}


def test_gradients_are_saved(tmp_path):
    module = tf.Module()
    module.used = [W, U, RATE, COUNT, MEAN, GENERATOR.state]
    signature = [tf.TensorSpec(X.shape), tf.TensorSpec([], tf.int32)]
    tf.random.set_seed(1)
    functions = [f for f in LOOPS if f not in (in_a_branch, in_branches_of_loops)]  # whose gradients draw again
    for function in functions:
        step = tf.function(functools.partial(slopes, function), input_signature=signature)
        setattr(module, function.__name__, step)
    tf.saved_model.save(module, tmp_path)
    loaded, begin = tf.saved_model.load(tmp_path), tf.random.Generator.from_seed(5).state

    def found(step):
        tf.random.set_seed(1)
        for variable, value in zip(loaded.used[2:], (0.5, 1, np.linspace(-1, 1, UNITS), begin), strict=True):
            variable.assign(value)
        return [x.numpy() for x in [*step(X, n), *step(X, n), *loaded.used[2:]]]

    for function in functions:
        for n in (tf.constant(0), tf.constant(6)):
            assert_close(found(getattr(loaded, function.__name__)), results(functools.partial(slopes, function), X, n))


@pytest.mark.parametrize(
    "of, function", [(second, with_dropout), (slopes, in_a_branch), (slopes, in_branches_of_loops)]
)
def test_gradients_that_draw_again_are_not_saved(of, function, tmp_path):
    module = tf.Module()
    module.used = [W, U, RATE, COUNT, MEAN]
    signature = [tf.TensorSpec(X.shape), tf.TensorSpec([], tf.int32)]
    module.step = tf.function(functools.partial(of, function), input_signature=signature)
    with pytest.raises(NotImplementedError, match="drew a second time"):
        tf.saved_model.save(module, tmp_path)


def test_effects_happen_once_though_gradients_are_differentiated_again():
    """A loop in a branch is run again for its second gradient: it starts from what variables were then, and leaves them as they are."""
    count, scale = tf.Variable(0), tf.Variable(1.0, trainable=False)
    x = tf.constant([1.0, 2.0])

    @tf.function
    def second(n):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = x
                for _ in tf.range(n):
                    for _again in tf.range(n):
                        count.assign_add(1)
                    scale.assign(2.0 * scale)
                    y = y * x * scale
                total = tf.reduce_sum(y)
            slope = tape.gradient(total, x)
        return y, slope, outer.gradient(slope, x)

    y, slope, curvature = second(tf.constant(2))
    np.testing.assert_allclose(y, 8.0 * x**3)
    np.testing.assert_allclose(slope, 24.0 * x**2)
    np.testing.assert_allclose(curvature, 48.0 * x)
    assert (count.numpy(), scale.numpy()) == (4, 4.0)


def test_second_derivatives_where_part_of_a_gradient_is_constant():
    """What a dropout's mask has as its gradient is known while the scan's gradient is traced."""
    numbers = np.random.default_rng(3)
    x, w = tf.constant(numbers.random((3, 4)), tf.float32), tf.Variable(numbers.random((4, 4)), dtype=tf.float32)

    def second(x):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = x
                for _ in tf.range(4):
                    y = tf.nn.relu(tf.nn.dropout(y, 0.3, seed=100) @ w)
                total = tf.reduce_sum(y * y)
            slopes = tape.gradient(total, [x, w])
            size = tf.add_n([tf.reduce_sum(slope * slope) for slope in slopes])
        return [*slopes, *outer.gradient(size, [x, w])]

    results = []
    for run in (second, tf.function(second)):
        tf.random.set_seed(5)
        results.append(run(x))
    for expected, found in zip(*results, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4)
