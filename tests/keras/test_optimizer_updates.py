"""Updates of optimizers in place: what was read stays, any layout of a gradient will do, means do not stay subnormal."""

import numpy as np
import pytest

import tenfold as tf

SHAPES = [(), (3,), (4, 5), (200, 200)]


def _steps(optimizer, values, gradients):
    variables = [tf.Variable(value) for value in values]
    for _ in range(3):
        optimizer.apply_gradients([(tf.constant(g), v) for g, v in zip(gradients, variables, strict=True)])
    return [v.numpy() for v in variables]


@pytest.mark.parametrize("make", [lambda: tf.keras.optimizers.SGD(0.1), lambda: tf.keras.optimizers.Adam(0.1)])
def test_variables_of_many_shapes_do_not_disturb_each_other(make):
    rng = np.random.default_rng(0)
    values = [rng.standard_normal(shape).astype(np.float32) for shape in SHAPES]
    gradients = [rng.standard_normal(shape).astype(np.float32) for shape in SHAPES]
    together = _steps(make(), values, gradients)
    for value, gradient, found in zip(values, gradients, together, strict=True):
        np.testing.assert_array_equal(_steps(make(), [value], [gradient])[0], found)


@pytest.mark.parametrize("shape", [(4, 5), (200, 300)])
def test_a_transposed_gradient_counts_as_its_values_do(shape):
    gradient = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    found = []
    for g in (tf.transpose(tf.constant(gradient.T.copy())), tf.constant(gradient)):
        variable = tf.Variable(np.ones(shape, np.float32))
        tf.keras.optimizers.Adam(0.1).apply_gradients([(g, variable)])
        found.append(variable.numpy())
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize("shape", SHAPES)
def test_what_was_read_before_an_update_stays(shape):
    variable = tf.Variable(np.ones(shape, np.float32))
    before = variable.read_value()
    tf.keras.optimizers.SGD(0.5).apply_gradients([(tf.ones(shape), variable)])
    assert (before.numpy() == 1).all() and (variable.numpy() == 0.5).all()


def test_means_of_gradients_that_vanish_become_zero():
    # they used to end as subnormal numbers and stay, which made every later step slow
    variable = tf.Variable([1.0, 1.0])
    optimizer = tf.keras.optimizers.Adam(1e-3)
    optimizer.apply_gradients([(tf.constant([1.0, 1.0]), variable)])
    for _ in range(1200):
        optimizer.apply_gradients([(tf.constant([0.0, 1.0]), variable)])
    gone, kept = optimizer.variables[2].numpy()
    assert gone == 0 and kept == pytest.approx(1, rel=1e-4)


def test_a_tape_asked_for_all_or_some_of_what_it_watches_finds_the_same():
    x, y = tf.Variable([1.0, 2.0]), tf.Variable([3.0, 4.0])
    with tf.GradientTape(persistent=True) as tape:
        middle = x * y
        target = tf.reduce_sum(middle * x)
    dx, dy, d_middle = tape.gradient(target, [x, y, middle])
    np.testing.assert_array_equal(tape.gradient(target, x), dx)
    np.testing.assert_array_equal(tape.gradient(target, y), dy)
    np.testing.assert_array_equal(d_middle, x)
    np.testing.assert_array_equal(dx, 2 * x.numpy() * y.numpy())
    np.testing.assert_array_equal(dy, x.numpy() ** 2)


def test_many_numbers_are_updated_by_machine_code_as_few_are_by_numpy():
    """From 65,536 numbers on, an update is compiled in eager code too; sparse and missing gradients in between are not."""
    rng = np.random.default_rng(0)
    gradients = [rng.standard_normal((300, 400)).astype(np.float32) * 0.1 for _ in range(4)]
    start = rng.standard_normal((300, 400)).astype(np.float32)

    def trained(parts):
        variables = [tf.Variable(part) for part in np.split(start, parts)]
        optimizers = [tf.keras.optimizers.Adam(0.01, clipnorm=50.0, weight_decay=0.01) for _ in range(parts)]
        for gradient in gradients:
            for optimizer, variable, part in zip(optimizers, variables, np.split(gradient, parts), strict=True):
                optimizer.apply_gradients([(tf.constant(part), variable)])
        rows = tf.IndexedSlices(tf.ones([1, 400]), tf.constant([2]), tf.constant([300 // parts, 400]))
        optimizers[0].apply_gradients([(rows, variables[0])])
        held = variables[0].numpy()
        optimizers[0].apply_gradients([(tf.zeros_like(variables[0]), variables[0])])
        assert not np.array_equal(held, variables[0].numpy())
        return np.concatenate([v.numpy() for v in variables]), int(optimizers[0].iterations)

    (large, steps), (small, again) = trained(1), trained(2)
    assert steps == again == 6
    np.testing.assert_allclose(large[:150], small[:150], rtol=2e-5, atol=1e-6)


def test_muon_decays_what_adam_updates_also_where_it_decays_nothing_itself():
    matrix, vector = tf.keras.Variable(np.ones((2, 2), "float32")), tf.keras.Variable(np.ones(3, "float32"))
    muon = tf.keras.optimizers.Muon(0.1, weight_decay=None, adam_weight_decay=0.5)
    muon.apply([tf.zeros((2, 2)), tf.zeros(3)], [matrix, vector])
    np.testing.assert_allclose(vector, np.full(3, 0.95), rtol=1e-6)
    np.testing.assert_array_equal(matrix, np.ones((2, 2)))
