"""Gradients that are asked for over and over come from programs: the same bits as from the gradient rules, or from the first time."""

import numpy as np
import pytest

import tenfold as tf
from tenfold.autodiff import tape as tape_module

TIMES = tape_module._OFTEN + 3


def normal(*shape, seed=0):
    return tf.constant(np.random.default_rng(seed).standard_normal(shape).astype(np.float32))


def bits(gradients):
    leaves = tf.nest.flatten(gradients, expand_composites=True)
    return [None if g is None else (g.shape, g.dtype, g.numpy().tobytes()) for g in leaves]


def is_by_program(tape):
    return any(callable(g) for g in tape._last.gradients.values())


def check(step, has_program=True):
    """Takes a step, given a number, that returns gradients and a tape with its records, many times."""
    first = [bits(step(i)[0]) for i in range(3)]
    for i in range(3 * TIMES):
        _, tape = step(i % 3)
    assert is_by_program(tape) == has_program
    assert [bits(step(i)[0]) for i in range(3)] == first


def gradients(function, sources, **options):
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(sources)
        y = function()
    return tape.gradient(y, sources, **options), tape


def test_line():
    x, y, slope, offset = normal(5), normal(5, seed=1), tf.Variable(0.5), tf.Variable(-1.0)

    def step(i):
        slope.assign(i * 0.7)
        return gradients(lambda: 0.5 * tf.reduce_sum(tf.square(slope * x + offset - y)), [slope, offset])

    check(step)


def test_network_of_many_kinds_of_ops():
    w, b, kernel = tf.Variable(normal(24, 7)), tf.Variable(normal(7)), tf.Variable(normal(3, 3, 2, 6))

    def step(i):
        x = normal(4, 6, 6, 2, seed=i)

        def loss():
            h = tf.nn.max_pool2d(tf.nn.relu(tf.nn.conv2d(x, kernel, 1, "SAME")), 3, 3, "VALID")
            h = tf.reshape(h, (4, 24))
            h = tf.concat([tf.matmul(h, w) + b, tf.tanh(h[:, :3]) * 2.0], 1)
            h = tf.nn.batch_normalization(h, *tf.nn.moments(h, [0]), None, None, 1e-3)
            first, second = tf.split(h, 2, axis=1)
            return tf.reduce_mean(tf.nn.softmax(first) * tf.sigmoid(second)) + tf.norm(h) / 3.0

        return gradients(loss, [w, b, kernel])

    check(step)


def test_model_with_optimizer_in_place():
    model = tf.keras.Sequential([tf.keras.layers.Dense(5, activation="gelu"), tf.keras.layers.Dense(3)])
    x, y = normal(8, 4), tf.constant(np.arange(8) % 3)
    model(x)
    start, found = model.get_weights(), []
    for _ in range(2):
        model.set_weights(start)
        adam = tf.keras.optimizers.Adam(0.1)
        for _ in range(TIMES):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.keras.losses.sparse_categorical_crossentropy(y, model(x), from_logits=True))
            adam.apply_gradients(
                zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables, strict=True)
            )
        found.append([w.tobytes() for w in model.get_weights()])
    assert found[0] == found[1]  # the second time by the program, from its first step on


def test_few_ops_with_large_ones_among_them():
    """Machine code from the first time on: gradients that another tape sees are those of the rules."""
    w, b, v = tf.Variable(normal(64, 128) / 8), tf.Variable(normal(128)), tf.Variable(normal(128, 3, seed=1) / 11)
    x, labels = normal(256, 64, seed=2), tf.constant(np.arange(256) % 3)

    def step(i):
        def loss():
            logits = tf.nn.relu(tf.matmul(x * (i + 1.0), w) + b) @ v
            return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))

        return gradients(loss, [w, b, v, x])

    with tf.GradientTape():
        by_rules, tape = step(0)
    assert not is_by_program(tape)
    assert is_by_program(step(0)[1])
    check(step)
    for found, expected in zip(step(0)[0], by_rules, strict=True):
        np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-7)


def test_sparse_and_missing_gradients():
    table, other = tf.Variable(normal(6, 3)), tf.Variable(1.0)

    def step(i):
        return gradients(lambda: tf.reduce_sum(tf.gather(table, [1, i, 1]) ** 2.0), [table, other])

    check(step)
    (g, missing), _ = step(2)
    assert isinstance(g, tf.IndexedSlices) and g.indices.numpy().tolist() == [1, 2, 1] and missing is None
    zero = gradients(lambda: tf.reduce_sum(table), [table, other], unconnected_gradients="zero")[0][1]
    assert zero.numpy() == 0


def test_shapes_and_targets_are_told_apart():
    v = tf.Variable(2.0)

    def step(i):
        x = tf.ones((i + 1, 2))
        with tf.GradientTape(persistent=True) as tape:
            y = x * v
            z = tf.reduce_sum(y) if i == 1 else y * v
        return [tape.gradient(y, v), tape.gradient(z, v), tape.gradient(z, y)], tape

    check(step)
    assert [g.numpy() if i < 2 else g.shape[0] for i, g in enumerate(step(2)[0])] == [6, 24, 3]


def test_sizes_that_depend_on_values():
    v = tf.Variable([1.0, 2.0, 3.0, 4.0])

    def step(i):
        with tf.GradientTape(persistent=True) as tape:
            y = tf.boolean_mask(v * v, v > float(i))
        return tape.gradient(y, v), tape

    for i in [*range(4)] * TIMES:
        np.testing.assert_array_equal(step(i)[0], np.where(np.arange(1, 5) > i, 2 * np.arange(1, 5), 0))


def test_gradients_of_ones_own_stay_with_their_function():
    v = tf.Variable(3.0)

    def step(i):
        @tf.custom_gradient
        def f(x):
            return x * 2.0, lambda dy: dy * float(i)

        return gradients(lambda: f(v) * v, v)

    check(step, has_program=False)
    assert step(5)[0].numpy() == 6 + 15


def test_many_ways_to_begin():
    for n in range(1, 200):
        with tf.GradientTape() as tape:
            x = tf.ones(n)
            tape.watch(x)
            y = tf.reduce_sum(tf.sin(x))
        assert tape.gradient(y, x).shape == n
    v = tf.Variable(2.0)
    check(lambda i: gradients(lambda: tf.cosh(v) + float(i), v))


def test_random_masks_are_those_of_the_run():
    v = tf.Variable(tf.ones(50))
    for _ in range(TIMES):
        with tf.GradientTape() as tape:
            y = tf.nn.dropout(v, 0.5)
        np.testing.assert_array_equal(tape.gradient(y, v), y)


def test_outer_tapes_see_what_inner_ones_compute():
    v = tf.Variable(2.0)
    for _ in range(TIMES):
        with tf.GradientTape() as outer:
            with tf.GradientTape() as tape:
                y = v**3.0
            g = tape.gradient(y, v)
        assert outer.gradient(g, v).numpy() == 12


def test_errors_of_rules_are_raised_every_time():
    v = tf.Variable([5.0, 7.0])
    for _ in range(TIMES):
        with tf.GradientTape() as tape:
            y = tf.math.floormod(v, 3.0) + tf.truncatemod(v, 3.0)
        with pytest.raises(LookupError, match="gradient registry has no entry for: TruncateMod"):
            tape.gradient(y, v)


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3)])
def test_sums_whose_gradients_are_repeated(shape):
    w, v = tf.Variable(normal(*shape)), tf.Variable(normal(*shape, seed=1))

    def step(i):
        w.assign_add(tf.ones(shape) * i)
        total = {
            0: lambda: tf.reduce_sum(w) * tf.reduce_mean(v),
            1: lambda: tf.reduce_sum(tf.reduce_sum(w) * v - w),
            2: lambda: tf.reduce_sum(w + tf.reduce_sum(v)) / tf.reduce_sum(tf.broadcast_to(w, (2, *shape)) ** 2),
        }
        return gradients(lambda: tf.reduce_mean(total[i]() * [1.0, 2.0]), [w, v])

    w.assign(w)
    for i in range(3):
        before = w.read_value()

        def same_step(_, i=i, before=before):
            w.assign(before)
            return step(i)

        check(same_step)
