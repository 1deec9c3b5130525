"""Recurrent layers do as one op what they do step by step (`unroll=True`): eagerly, and in functions of any length."""

import numpy as np
import pytest

import tenfold as tf

BATCH, TIME, FEATURES, UNITS = 3, 6, 5, 4
MASK = np.array([[0, 0, 1, 1, 0, 1], [1, 1, 1, 1, 0, 0], [0, 0, 0, 0, 0, 0]], bool)
KINDS = {
    "lstm": (tf.keras.layers.LSTM, {}, 2),
    "lstm without bias": (tf.keras.layers.LSTM, {"use_bias": False}, 2),
    "gru": (tf.keras.layers.GRU, {}, 1),
    "gru without bias": (tf.keras.layers.GRU, {"use_bias": False}, 1),
    "gru, reset before": (tf.keras.layers.GRU, {"reset_after": False}, 1),
    "simple": (tf.keras.layers.SimpleRNN, {}, 1),
    "simple relu": (tf.keras.layers.SimpleRNN, {"activation": "relu"}, 1),
    "lstm of relu": (tf.keras.layers.LSTM, {"activation": "relu"}, 2),
}
EACH = pytest.mark.parametrize("kind", KINDS)


def pair_of(kind, **options):
    """A layer, and one of the same weights that runs step by step."""
    cls, own, _ = KINDS[kind]
    options = {"dtype": "float64", "return_state": True, **own, **options}
    layer, steps = cls(UNITS, **options), cls(UNITS, unroll=True, **options)
    random = np.random.RandomState(0)
    for each in (layer, steps):
        each.build((BATCH, TIME, FEATURES))
    weights = [random.standard_normal(w.shape) for w in layer.get_weights()]
    layer.set_weights(weights)
    steps.set_weights(weights)
    return layer, steps


def inputs_of(kind):
    random = np.random.RandomState(1)
    x = tf.constant(random.standard_normal((BATCH, TIME, FEATURES)))
    return x, [tf.constant(random.standard_normal((BATCH, UNITS))) for _ in range(KINDS[kind][2])]


def outcome(layer, x, states, mask):
    """Results, and the gradients to inputs, states and weights."""
    with tf.GradientTape() as tape:
        tape.watch([x, *states])
        results = layer(x, initial_state=states or None, mask=mask)
        total = tf.add_n([tf.reduce_sum(y * tf.sin(y + 0.3)) for y in results])
    return [*results, *tape.gradient(total, [x, *states, *layer.trainable_variables])]


def assert_same(found, expected):
    for got, want in zip(found, expected, strict=True):
        assert got.dtype == want.dtype
        np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-10)


@EACH
@pytest.mark.parametrize("is_masked", [False, True])
@pytest.mark.parametrize("has_states", [False, True])
@pytest.mark.parametrize("options", [{}, {"return_sequences": True}, {"go_backwards": True, "return_sequences": True}])
def test_as_step_by_step(kind, is_masked, has_states, options):
    layer, steps = pair_of(kind, **options)
    x, states = inputs_of(kind)
    states, mask = states if has_states else [], MASK if is_masked else None
    assert_same(outcome(layer, x, states, mask), outcome(steps, x, states, mask))


@EACH
def test_masked_outputs_that_are_zeros(kind):
    layer, steps = pair_of(kind, return_sequences=True, zero_output_for_mask=True)
    x, states = inputs_of(kind)
    assert_same(outcome(layer, x, states, MASK), outcome(steps, x, states, MASK))


@pytest.mark.parametrize("kind", ["lstm", "gru", "simple"])
def test_a_function_takes_sequences_of_any_length(kind):
    layer, steps = pair_of(kind, return_sequences=True)
    concrete = tf.function(lambda x: layer(x)).get_concrete_function(tf.TensorSpec((None, None, FEATURES), tf.float64))
    x, _ = inputs_of(kind)
    for length in (1, TIME):
        assert_same(concrete(x[:, :length]), steps(x[:, :length]))


@pytest.mark.parametrize("kind", ["lstm", "gru", "simple"])
def test_dropout_of_inputs_is_that_of_step_by_step(kind):
    layer, steps = pair_of(kind, dropout=0.4, seed=3)
    x, _ = inputs_of(kind)
    assert_same(layer(x, training=True), steps(x, training=True))


@pytest.mark.parametrize("kind", ["lstm", "gru", "simple"])
def test_dropout_of_states_happens(kind):
    layer, steps = pair_of(kind, recurrent_dropout=0.4, seed=3)
    x, _ = inputs_of(kind)
    assert_same(layer(x, training=True), steps(x, training=True))
    assert np.abs(layer(x, training=True)[0] - layer(x)[0]).max() > 1e-3


def test_a_cell_with_a_step_of_its_own_is_run_by_it():
    class Doubled(tf.keras.layers.LSTMCell):
        def step(self, projected, states, training=False):
            output, states = super().step(projected, states, training)
            return 2 * output, states

    cell = Doubled(UNITS)
    x = tf.ones([BATCH, 1, FEATURES])
    found = tf.keras.layers.RNN(cell)(x)
    usual = tf.keras.layers.LSTMCell(UNITS)
    usual.build((BATCH, FEATURES))
    usual.set_weights(cell.get_weights())
    np.testing.assert_allclose(found, 2 * tf.keras.layers.RNN(usual)(x), rtol=1e-6)


def test_a_batch_without_rows():
    layer, _ = pair_of("lstm", return_sequences=True, return_state=False)
    assert layer(tf.ones([BATCH, 2, FEATURES], "float64")[:0]).shape == (0, 2, UNITS)


@EACH
@pytest.mark.parametrize("is_masked", [False, True])
def test_a_function_played_back_by_a_tape_outside(kind, is_masked):
    layer, steps = pair_of(kind, return_sequences=True)
    x, states = inputs_of(kind)
    mask = MASK if is_masked else None
    run = tf.function(lambda x, states: layer(x, initial_state=states, mask=mask))

    def results(run):
        with tf.GradientTape() as tape:
            tape.watch([x, *states])
            ys = run(x, states)
            total = tf.add_n([tf.reduce_sum(y * tf.sin(y + 0.3)) for y in ys])
        return [*ys, *tape.gradient(total, [x, *states])]

    assert_same(results(run), results(lambda x, states: steps(x, initial_state=states, mask=mask)))


@pytest.mark.parametrize("kind", ["lstm", "gru", "simple"])
def test_second_gradients_of_a_function_that_has_a_tape(kind):
    layer, steps = pair_of(kind)
    x, states = inputs_of(kind)

    def slope_of(layer):
        def slope(x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = tf.reduce_sum(tf.sin(layer(x, initial_state=states)[0]))
            return tape.gradient(y, x)

        return slope

    def second(slope):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(slope(x) ** 2)
        return [tape.gradient(y, x)]

    expected = second(slope_of(steps))
    assert_same(second(slope_of(layer)), expected)
    assert_same(second(tf.function(slope_of(layer))), expected)
