"""Scans: values and gradients are those of the steps written out, to second order, whichever way they run."""

import numpy as np
import pytest

import tenfold as tf
from tenfold.graph.native import Segment, compiled
from tenfold.graph.scan import scan

TIME, BATCH, UNITS = 5, 3, 4


def _values():
    rng = np.random.default_rng(0)
    x = tf.constant(rng.standard_normal((TIME, BATCH, UNITS)))
    h = tf.constant(rng.standard_normal((BATCH, UNITS)))
    kernel = tf.Variable(rng.standard_normal((UNITS, UNITS)) / 2)
    bias = tf.Variable(rng.standard_normal(UNITS))
    return x, h, kernel, bias


def _step(kernel, bias, is_native):
    def step(xs, states):
        h = tf.tanh(xs[0] + states[0] @ kernel + bias)
        if not is_native:
            h = tf.where(tf.math.igamma(tf.ones_like(h), tf.square(h)) < 2.0, h, 0.0)  # has no machine code
        return [h], [h * h]

    return step


def _written_out(step, xs, states, reverse):
    outputs = [None] * TIME
    for t in reversed(range(TIME)) if reverse else range(TIME):
        states, (outputs[t],) = step([x[t] for x in xs], states)
    return states, [tf.stack(outputs)]


def _losses(run, is_native, reverse):
    x, h, kernel, bias = _values()
    sources = [x, h, kernel, bias]

    def first():
        with tf.GradientTape() as tape:
            tape.watch([x, h])
            (last,), (outputs,) = run(_step(kernel, bias, is_native), [x], [h], reverse)
            loss = tf.reduce_sum(last**3) + tf.reduce_sum(tf.sin(outputs))
        return loss, last, outputs, tape.gradient(loss, sources)

    def second():
        with tf.GradientTape() as outer:
            outer.watch([x, h])
            gradients = first()[3]
            loss = tf.add_n([tf.reduce_sum(tf.square(g)) for g in gradients])
        return outer.gradient(loss, sources)

    return first, second


@pytest.mark.parametrize("is_native", [True, False], ids=["native", "numpy"])
@pytest.mark.parametrize("reverse", [False, True], ids=["forward", "backward"])
def test_a_scan_gives_what_its_steps_written_out_give(reverse, is_native):
    for found, expected in zip(
        _losses(scan, is_native, reverse), _losses(_written_out, is_native, reverse), strict=True
    ):
        tf.nest.map_structure(
            lambda a, b: np.testing.assert_allclose(a, b, 1e-10, 1e-12), tf.function(found)(), expected()
        )


def test_a_scan_and_its_gradient_are_part_of_one_native_call():
    first, _ = _losses(scan, True, False)
    (node,) = compiled(tf.function(first).get_concrete_function().graph).nodes
    assert isinstance(node.op, Segment)


def test_a_state_that_does_not_depend_on_the_one_before_has_a_gradient_of_zero():
    h = tf.zeros((2,))

    @tf.function
    def gradient():
        with tf.GradientTape() as tape:
            tape.watch(h)
            (last,), _ = scan(lambda xs, states: ([xs[0] * 2.0], []), [tf.constant([[1.0, 2.0], [3.0, 4.0]]) + h], [h])
            loss = tf.reduce_sum(last)
        return loss, tape.gradient(loss, h)

    loss, d = gradient()
    assert loss.numpy() == 14.0
    np.testing.assert_array_equal(d, [2.0, 2.0])


def test_a_state_of_another_shape_after_a_step_is_an_error():
    with pytest.raises(ValueError, match="before a step"):
        tf.function(
            lambda: scan(lambda xs, s: ([s[0] + xs[0]], []), [tf.ones((2, 3)) + tf.random.uniform(())], [tf.zeros(1)])
        )()


def test_states_that_are_the_same_after_a_step_are_one():
    x, h, kernel, _ = _values()

    def step(xs, states):
        new = tf.tanh(xs[0] + states[0] @ kernel)
        return [new, new * 2.0, new], [new]

    def gradients(run):
        with tf.GradientTape() as tape:
            tape.watch([x, h])
            states, _ = run(step, [x], [h, h + 1.0, h * 3.0], True)
            loss = sum(tf.reduce_sum(s * (n + 1.0)) for n, s in enumerate(states))
        return [loss, *states, *tape.gradient(loss, [x, h, kernel])]

    traced = tf.function(lambda: gradients(scan))
    for got, expected in zip(traced(), gradients(_written_out), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_a_scan_of_no_steps_gives_the_first_states():
    h = tf.ones((2, 3))

    @tf.function
    def run(x):
        return scan(lambda xs, states: ([xs[0], xs[0]], []), [x], [h, h * 2.0])[0]

    one, two = run(tf.zeros((0, 2, 3)))
    np.testing.assert_array_equal(one, h)
    np.testing.assert_array_equal(two, 2 * h)


def test_what_is_the_same_at_each_step_is_computed_once():
    """The gradient of a kernel that steps cast was a product at each step, rounded to float16 each time."""
    kernel = tf.Variable(np.full((UNITS, UNITS), 0.25), dtype=tf.float32)

    @tf.function
    def gradient(x):
        with tf.GradientTape() as tape:
            states, _ = scan(lambda xs, states: ([xs[0] + states[0] @ tf.cast(kernel, tf.float16)], []), [x], [x[0]])
            loss = tf.reduce_sum(states[0])
        return tape.gradient(loss, kernel)

    x = tf.ones((TIME, BATCH, UNITS), tf.float16)
    # the state before step t is t + 1 everywhere, and what flows back to it is 1
    np.testing.assert_allclose(gradient(x), np.full((UNITS, UNITS), BATCH * sum(range(1, TIME + 1))), rtol=1e-3)
    scans = [node for node in gradient.get_concrete_function(x).graph.nodes if node.op.name == "Scan"]
    steps = [node.op.name for scan in scans for node in scan.attrs["body"].graph.nodes]
    assert "Cast" not in steps
    assert steps.count("MatMul") == 2  # forward, and back to the state
