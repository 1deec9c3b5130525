"""An `axis` that is a tensor, in traced functions: a constant, computed from shapes, or known only when the function runs."""

import numpy as np
import pytest

import tenfold as tf

X = np.linspace(-1.0, 2.0, 24).reshape(2, 3, 4)[:, ::-1].astype(np.float32)
WHEN_TRACED = {  # functions whose graph depends on the axis
    "sort": lambda x, axis: tf.sort(x, axis=axis),
    "argsort": lambda x, axis: tf.argsort(x, axis=axis),
    "softmax": lambda x, axis: tf.nn.softmax(x, axis=axis),
    "log_softmax": lambda x, axis: tf.nn.log_softmax(x, axis=axis),
    "stack": lambda x, axis: tf.stack([x, x], axis=axis),
    "unstack": lambda x, axis: tf.unstack(x, axis=axis)[0],
    "one_hot": lambda x, axis: tf.one_hot([[0, 1], [1, 0]], 3, axis=axis),
    "tensordot": lambda x, axis: tf.tensordot(x, x, [[axis], [axis]]),
    "reverse_sequence": lambda x, axis: tf.reverse_sequence(x, [1, 2], seq_axis=axis),
    "cross_entropy": lambda x, axis: tf.nn.softmax_cross_entropy_with_logits(x, x, axis=axis),
}
WHEN_RUN = {
    "boolean_mask": lambda x, axis: tf.boolean_mask(x, [True, False, True], axis=axis),
    "boolean_mask_of_two_axes": lambda x, axis: tf.boolean_mask(x, tf.reshape(x[0] > 0.0, (3, 4)), axis=axis),
    "linspace": lambda x, axis: tf.linspace(x, x + 1.0, 3, axis=axis),
    "gather": lambda x, axis: tf.gather(x, [1, 0], axis=axis),
    "gather_matrix": lambda x, axis: tf.gather(x, [[1, 0, 0], [0, 1, 1]], axis=axis),
    "gather_batch": lambda x, axis: tf.gather(x, [[1], [0]], axis=axis, batch_dims=1),
    "gather_last_batch": lambda x, axis: tf.gather(x, [[1], [0]], axis=axis, batch_dims=-1),
    "gather_batch_only": lambda x, axis: tf.gather(x, [1, 0], axis=axis, batch_dims=1),
    "concat": lambda x, axis: tf.concat([x, x], axis),
    "split": lambda x, axis: tf.split(x, 1, axis=axis)[0],
    "reverse": lambda x, axis: tf.reverse(x, [axis]),
    "roll": lambda x, axis: tf.roll(x, 1, axis),
    "expand_dims": lambda x, axis: tf.expand_dims(x, axis),
    "cumsum": lambda x, axis: tf.cumsum(x, axis),
    "argmax": lambda x, axis: tf.argmax(x, axis),
    "reduce_sum": lambda x, axis: tf.reduce_sum(x, axis),
    "reduce_logsumexp": lambda x, axis: tf.reduce_logsumexp(x, axis, keepdims=True),
}
each = pytest.mark.parametrize("function", [*WHEN_TRACED.values(), *WHEN_RUN.values()], ids=[*WHEN_TRACED, *WHEN_RUN])


def traced(function, *arguments):
    return tf.function(function, autograph=False)(*arguments).numpy()


@each
def test_constants_and_ranks(function):
    expected = function(tf.constant(X), 1).numpy()
    np.testing.assert_array_equal(function(X, tf.constant(1)), expected)
    for axis in (
        lambda x: tf.constant(1),
        lambda x: np.int64(1),
        lambda x: tf.rank(x) - 2,
        lambda x: tf.shape(x)[0] - 1,
    ):
        found = traced(lambda x, axis=axis: function(x, axis(x)), X)
        np.testing.assert_allclose(found, expected, 1e-6, 1e-6)


@pytest.mark.parametrize("function", WHEN_RUN.values(), ids=WHEN_RUN)
def test_known_when_the_function_runs(function):
    expected = function(tf.constant(X), 1).numpy()
    np.testing.assert_allclose(traced(function, X, tf.constant(1)), expected, 1e-6, 1e-6)
    captured = tf.constant(X)
    np.testing.assert_allclose(traced(lambda axis: function(captured, axis), tf.constant(1)), expected, 1e-6, 1e-6)


@pytest.mark.parametrize("function", WHEN_TRACED.values(), ids=WHEN_TRACED)
def test_needed_when_the_function_is_traced(function):
    with pytest.raises(TypeError, match="needs to know an axis that is computed only when"):
        traced(function, X, tf.constant(1))


def test_the_gradient_of_a_gather_needs_the_axis():
    def gradient(x, axis):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(tf.gather(x, [0], axis=axis))
        return tape.gradient(y, x)

    with pytest.raises(TypeError, match="tf.gather needs to know an axis"):
        traced(gradient, tf.constant(X), tf.constant(1))


def test_a_reduction_over_an_axis_that_is_not_there_is_a_value_error_as_of_all_shapes_while_tracing():
    with pytest.raises(tf.errors.InvalidArgumentError, match="Invalid reduction dimension"):
        tf.reduce_sum(X, axis=3)
    with pytest.raises(ValueError, match="Invalid reduction dimension"):
        tf.function(lambda x: tf.reduce_sum(x, axis=3))(X)
