"""The recurrent networks as one op are what their formulas say, step by step, with gradients to second order, also compiled."""

import numpy as np
import pytest

import tenfold as tf
from tenfold.core.tensor import wrap
from tenfold.ops.gru import gru
from tenfold.ops.lstm import lstm
from tenfold.ops.recurrent import simple_rnn
from tests.gradients import check_gradients

TIME, BATCH, UNITS = 5, 3, 4
MASK = np.array([[1, 0, 1], [1, 1, 0], [0, 0, 0], [1, 1, 1], [1, 0, 1]], bool)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm_step(x, kernel, h, c):
    i, f, g, o = np.split(x + h @ kernel, 4, -1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def gru_step(x, kernel, bias, h):
    (x_z, x_r, x_n), (h_z, h_r, h_n) = np.split(x, 3, -1), np.split(h @ kernel + bias, 3, -1)
    z = sigmoid(x_z + h_z)
    return (z * h + (1 - z) * np.tanh(x_n + sigmoid(x_r + h_r) * h_n),)


# name: the op, a step in NumPy, the last axes of the operands, the number of states
NETWORKS = {
    "lstm": (lstm, lstm_step, (4 * UNITS, 4 * UNITS, UNITS, UNITS), 2),
    "gru": (gru, gru_step, (3 * UNITS, 3 * UNITS, 3 * UNITS, UNITS), 1),
    "tanh": (
        lambda *operands: simple_rnn(*operands, "tanh"),
        lambda x, kernel, h: (np.tanh(x + h @ kernel),),
        (UNITS, UNITS, UNITS),
        1,
    ),
    "relu": (
        lambda *operands: simple_rnn(*operands, "relu"),
        lambda x, kernel, h: (np.maximum(x + h @ kernel, 0),),
        (UNITS, UNITS, UNITS),
        1,
    ),
}
EACH = pytest.mark.parametrize("name", NETWORKS)
MASKED = pytest.mark.parametrize("mask", [[], [MASK]], ids=["whole", "masked"])


def operands_of(name, dtype=np.float64, time=TIME, batch=BATCH):
    random = np.random.RandomState(1)
    x, kernel, *rest = NETWORKS[name][2]
    shapes = [(time, batch, x), (UNITS, kernel), *[(n,) if n > UNITS else (batch, n) for n in rest]]
    return [random.standard_normal(shape).astype(dtype) for shape in shapes]


def function_of(name, mask):
    def run(*operands):
        return tf.nest.flatten(NETWORKS[name][0](*operands, [tf.constant(m) for m in mask]))

    return run


def reference(name, operands, mask):
    _, step, _, count = NETWORKS[name]
    x, *constants = operands[:-count]
    states, found = operands[-count:], []
    for t in range(len(x)):
        new = step(x[t], *constants, *states)
        states = [np.where(mask[0][t][:, None], n, o) if mask else n for n, o in zip(new, states, strict=True)]
        found.append(states)
    return [np.stack(steps) for steps in zip(*found, strict=True)]


@EACH
@MASKED
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_states_are_those_of_the_steps(name, mask, dtype):
    operands = operands_of(name, dtype)
    found = function_of(name, mask)(*map(tf.constant, operands))
    for got, expected in zip(found, reference(name, operands, mask), strict=True):
        assert got.dtype == dtype
        np.testing.assert_allclose(got, expected, rtol=1e-5 if dtype is np.float32 else 1e-12, atol=1e-6)


@EACH
@MASKED
def test_gradients_are_what_differences_say(name, mask):
    check_gradients(function_of(name, mask), *operands_of(name), rtol=1e-5)


def values_and_gradients(function):
    def run(*operands):
        with tf.GradientTape() as tape:
            tape.watch(operands)
            results = function(*operands)
            total = tf.add_n([tf.reduce_sum(y * tf.sin(y)) for y in results])
        return [*results, *tape.gradient(total, operands)]

    return run


@EACH
@MASKED
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_compiled_is_eager(name, mask, dtype):
    run = values_and_gradients(function_of(name, mask))
    operands = [tf.constant(x) for x in operands_of(name, dtype)]
    tolerance = 2e-5 if dtype is np.float32 else 1e-11
    for got, expected in zip(tf.function(run)(*operands), run(*operands), strict=True):
        assert got.dtype == expected.dtype
        np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance)


@EACH
def test_second_gradients_in_a_function(name):
    def run(*operands):
        with tf.GradientTape() as outer:
            outer.watch(operands)
            gradients = values_and_gradients(function_of(name, []))(*operands)
            total = tf.add_n([tf.reduce_sum(g * g) for g in gradients])
        return outer.gradient(total, operands)

    operands = [tf.constant(x) for x in operands_of(name)]
    for got, expected in zip(tf.function(run)(*operands), run(*operands), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-9)


@EACH
@pytest.mark.parametrize("time, batch", [(0, 2), (3, 0), (1, 1)])
def test_few_steps_and_rows(name, time, batch):
    run = values_and_gradients(function_of(name, []))
    operands = [tf.constant(x) for x in operands_of(name, time=time, batch=batch)]
    for got, expected in zip(tf.function(run)(*operands), run(*operands), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-9)


@EACH
def test_one_trace_takes_sequences_of_any_length(name):
    operands = operands_of(name)
    width = operands[0].shape[-1]
    run = tf.function(lambda x, *rest: function_of(name, [])(x, *rest))
    specs = [tf.TensorSpec((None, BATCH, width), tf.float64), *[tf.TensorSpec(x.shape, x.dtype) for x in operands[1:]]]
    concrete = run.get_concrete_function(*specs)
    for time in (2, 7):
        operands = operands_of(name, time=time)
        for got, expected in zip(concrete(*map(tf.constant, operands)), reference(name, operands, []), strict=True):
            np.testing.assert_allclose(got, expected, rtol=1e-9)


@EACH
@MASKED
def test_forward_mode_is_reverse_mode(name, mask):
    function, operands = function_of(name, mask), [tf.constant(x) for x in operands_of(name)]
    random = np.random.RandomState(2)
    directions = [tf.constant(random.standard_normal(x.shape)) for x in operands]
    with tf.autodiff.ForwardAccumulator(operands, directions) as accumulator:
        along = accumulator.jvp(tf.reduce_sum(tf.sin(function(*operands)[0])))
    with tf.GradientTape() as tape:
        tape.watch(operands)
        y = tf.reduce_sum(tf.sin(function(*operands)[0]))
    back = tf.add_n([tf.reduce_sum(g * d) for g, d in zip(tape.gradient(y, operands), directions, strict=True)])
    np.testing.assert_allclose(along, back, rtol=1e-10)


@EACH
@MASKED
@pytest.mark.parametrize("layout", [np.asfortranarray, lambda x: x[::-1].copy()[::-1], lambda x: x.T.copy().T])
def test_strides_do_not_matter_and_operands_are_not_written_to(name, mask, layout):
    run = values_and_gradients(function_of(name, [layout(m) for m in mask]))
    operands = operands_of(name)
    views = [wrap(layout(x)) for x in operands]
    for got, expected in zip(run(*views), run(*map(tf.constant, operands)), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-12)
    for view, before in zip(views, operands, strict=True):
        np.testing.assert_array_equal(view, before)
