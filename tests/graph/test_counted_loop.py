"""Loops whose number of turns is known: with their gradients they are part of one native call, and do what eager code does."""

import numpy as np
import pytest

import tenfold as tf
from tenfold.core.config import settings
from tenfold.graph.native import Segment, compiled
from tenfold.graph.run import specialized

TIME, BATCH, UNITS = 7, 3, 4
RNG = np.random.default_rng(0)
X = tf.constant(RNG.standard_normal((BATCH, TIME, UNITS)), tf.float32)
W, U = (tf.Variable(RNG.standard_normal((UNITS, UNITS)) * 0.5, dtype=tf.float32) for _ in range(2))


def cell(x, h):
    return tf.tanh(x @ W + h @ U)


def begin():
    return tf.zeros((BATCH, UNITS)), tf.TensorArray(
        tf.float32, TIME, clear_after_read=False, element_shape=(BATCH, UNITS)
    )


def over_a_range(x):
    h, outputs = begin()
    for t in tf.range(TIME):
        h = cell(x[:, t], h)
        outputs = outputs.write(t, h)
    return outputs.stack(), h


def backwards(x):
    h, outputs = begin()
    for t in tf.range(TIME - 1, -1, -1):
        h = cell(x[:, t], h)
        outputs = outputs.write(t, h)
    return outputs.stack(), h


def over_rows(x):
    h, outputs = begin()
    i = 0
    for row in tf.transpose(x, (1, 0, 2)):
        h = cell(row, h)
        outputs = outputs.write(i, h)
        i += 1
    return outputs.stack(), h


def with_while_loop(x):
    h, outputs = begin()
    xs = tf.TensorArray(tf.float32, TIME).unstack(tf.transpose(x, (1, 0, 2)))

    def turn(t, h, outputs):
        h = cell(xs.read(t), h)
        return t + 1, h, outputs.write(t, h)

    _, h, outputs = tf.while_loop(lambda t, *_: t < TIME, turn, (0, h, outputs))
    return outputs.stack(), h


def some_turns(x):
    h, outputs = begin()
    _, h, outputs = tf.while_loop(
        lambda t, *_: t < 100,
        lambda t, h, outputs: (t + 2, tf.sin(h + x[:, t]), outputs.write(t, h)),
        (1, h, outputs),
        maximum_iterations=3,
    )
    return outputs.stack(), h


def with_a_branch(x):
    h, outputs = begin()
    for t in tf.range(TIME):
        if tf.reduce_sum(h) > 0.0:
            h = cell(x[:, t], h)
        else:
            h = h * 0.5 + x[:, t]
        outputs = outputs.write(t, h)
    return outputs.stack(), h


def reading_what_was_written(x):
    h, outputs = begin()
    outputs = outputs.write(0, x[:, 0])
    for t in tf.range(1, TIME):
        h = cell(outputs.read(t - 1), h)
        outputs = outputs.write(t, h)
    return outputs.stack(), h


def nested(x):
    h, outputs = begin()
    for t in tf.range(TIME):
        for k in tf.range(2):
            h = cell(x[:, t], h) * tf.cast(k + 1, tf.float32)
        outputs = outputs.write(t, h)
    return outputs.stack(), h


def with_an_array_that_grows(x):
    h, outputs = begin()[0], tf.TensorArray(tf.float32, 0, dynamic_size=True, clear_after_read=False)
    for t in tf.range(TIME):
        h = cell(x[:, t], h)
        outputs = outputs.write(t, h)
    return outputs.stack(), h


def with_an_array_that_has_gaps(x):
    h, outputs = begin()[0], tf.TensorArray(tf.float32, 2, dynamic_size=True, element_shape=(BATCH, UNITS))
    outputs = outputs.write(0, x[:, 0])
    for t in tf.range(TIME):
        h = cell(x[:, t], h)
        outputs = outputs.write(2 * t + 1, h)
    return outputs.stack(), h


def constants_only(x):
    total = tf.zeros((BATCH, UNITS))
    for t in tf.range(TIME):
        total += W[0] * tf.cast(t * t, tf.float32) + x[:, 0]
    return total, x


LOOPS = (
    over_a_range, backwards, over_rows, with_while_loop, some_turns, with_a_branch, reading_what_was_written, nested,
    with_an_array_that_grows, with_an_array_that_has_gaps, constants_only,
)  # fmt: skip


def slopes(function, x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.add_n([tf.reduce_sum(tf.square(y)) for y in function(x)])
    return [loss, *tape.gradient(loss, [x, W, U], unconnected_gradients="zero")]


def second(function, x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        _, *first = slopes(function, x)
        total = tf.add_n([tf.reduce_sum(tf.sin(d)) for d in first])
    return tape.gradient(total, [x, W], unconnected_gradients="zero")


def assert_close(found, expected):
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, 2e-4, 2e-4)


@pytest.mark.parametrize("function", LOOPS, ids=lambda f: f.__name__)
def test_a_loop_and_its_gradient_are_part_of_one_native_call(function):
    step = tf.function(lambda x: slopes(function, x))
    assert_close(step(X), slopes(function, X))
    nodes = compiled(step.get_concrete_function(X).graph).nodes
    assert all(isinstance(node.op, Segment) or node.op.name == "ReadVariableOp" for node in nodes)


@pytest.mark.parametrize("function", LOOPS, ids=lambda f: f.__name__)
def test_under_a_tape_outside(function):
    assert_close(slopes(tf.function(function), X), slopes(function, X))


@pytest.mark.parametrize("function", LOOPS, ids=lambda f: f.__name__)
def test_second_derivatives(function):
    assert_close(tf.function(lambda x: second(function, x))(X), second(function, X))


def test_on_numpy(monkeypatch):
    monkeypatch.setattr(settings, "compiles", False)
    for function in LOOPS:
        assert_close(tf.function(lambda x, function=function: slopes(function, x))(X), slopes(function, X))


def test_a_loop_that_data_may_end_is_differentiated_as_before():
    def function(x):
        h, outputs = begin()
        for t in tf.range(TIME):
            h = cell(x[:, t], h)
            if tf.reduce_sum(h) > 2.0:
                break
        return outputs.stack(), h

    assert_close(tf.function(lambda x: slopes(function, x))(X), slopes(function, X))


def test_gradients_of_constants_that_a_tape_watches():
    factor = tf.constant(0.5)

    def slope():
        with tf.GradientTape() as tape:
            tape.watch(factor)
            y = tf.constant(1.0)
            for _ in tf.range(5):
                y = y * factor
        return tape.gradient(y, factor)

    np.testing.assert_allclose(tf.function(slope)(), 5 * 0.5**4)


def test_the_gradient_of_a_loop_can_be_saved(tmp_path):
    module = tf.Module()
    module.variables_used = [W, U]
    module.slopes = tf.function(lambda x: slopes(over_a_range, x), input_signature=[tf.TensorSpec(X.shape)])
    expected = module.slopes(X)
    tf.saved_model.save(module, str(tmp_path))
    assert_close(tf.saved_model.load(str(tmp_path)).slopes(X), expected)


def of_any_length(x):
    h, outputs = tf.zeros((tf.shape(x)[0], UNITS)), tf.TensorArray(tf.float32, 0, dynamic_size=True)
    for t in tf.range(tf.shape(x)[1]):
        h = cell(x[:, t], h)
        outputs = outputs.write(t, h)
    return outputs.stack(), h


def test_sizes_that_only_a_call_knows():
    signature = [tf.TensorSpec((None, None, UNITS))]
    inside = tf.function(lambda x: slopes(of_any_length, x), input_signature=signature)
    outside = tf.function(of_any_length, input_signature=signature)
    for time in (4, TIME):
        x = X[:2, :time]
        expected = slopes(of_any_length, x)
        assert_close(inside(x), expected)
        assert_close(slopes(outside, x), expected)
    nodes = compiled(specialized(inside.get_concrete_function().graph, [X.numpy()])).nodes
    assert all(isinstance(node.op, Segment) or node.op.name == "ReadVariableOp" for node in nodes)


def test_a_loop_whose_tensors_change_their_shapes():
    def function(x):
        rows = x[:, 0]
        i = tf.constant(0)
        shapes = [i.shape, tf.TensorShape((None, UNITS))]
        _, rows = tf.while_loop(lambda i, _: i < 3, lambda i, r: (i + 1, tf.concat([r, r @ W], 0)), (i, rows), shapes)
        return rows, x

    assert_close(tf.function(lambda x: slopes(function, x))(X), slopes(function, X))
