"""What golden cases cannot show of tapes: memory, logs, identity, threads."""

import gc
import logging
import threading
import tracemalloc
import weakref

import numpy as np
import pytest

import tenfold as tf


def step(v, x):
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.tanh(x * v) ** 2.0)
    v.assign_sub(0.1 * tape.gradient(loss, v))


def test_steps_leave_nothing_behind_without_garbage_collection():
    v, x = tf.Variable(np.ones(10000, np.float32)), tf.constant(np.ones(10000, np.float32))
    gc.collect()
    gc.disable()
    try:
        for _ in range(20):
            step(v, x)
        tracemalloc.start()
        step(v, x)
        sizes = []
        for _ in range(5):
            sizes.append(tracemalloc.get_traced_memory()[0])
            for _ in range(100):
                step(v, x)
        tracemalloc.stop()
    finally:
        gc.enable()
    growth = min(np.diff(sizes))  # other threads of the test runner allocate too, but not all the time
    assert growth < 40000  # one array; a step makes ten. What grows is Python's list of free tuples.


def test_a_tape_that_is_used_holds_no_arrays():
    x = tf.constant(np.ones(10, np.float32))
    with tf.GradientTape() as tape:
        tape.watch(x)
        middle = x * x
        y = middle * middle
    alive = weakref.ref(middle)
    del middle
    assert alive() is not None
    tape.gradient(y, x)
    assert alive() is None


def test_records_go_while_they_are_played():
    """By the time the first op's gradient is computed, the last op's inputs are gone."""
    x = tf.constant(1.0)
    seen = []

    @tf.custom_gradient
    def early(x):
        def grad(dy):
            seen.append(alive() is None)
            return dy

        return x * 1.0, grad

    with tf.GradientTape() as tape:
        tape.watch(x)
        late = tf.exp(early(x))
        alive = weakref.ref(late)
        y = late * late
        del late
    tape.gradient(y, x)
    assert seen == [True]


def test_addition_keeps_no_input_alive():
    x = tf.constant(np.ones(10, np.float32))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        middle = x * 2.0
        y = middle + 1.0
    alive = weakref.ref(middle)
    del middle
    assert alive() is None
    assert tape.gradient(y, x).numpy().tolist() == [2.0] * 10


def test_a_gradient_is_not_changed_by_later_sums():
    """Sums are made in place, but never in an array that somebody has seen."""
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x + x + x + x * x
    first = tape.gradient(y, x)
    kept = first.numpy()
    seed = tf.constant([1.0, 1.0])
    second = tape.gradient(y, x, output_gradients=seed)
    assert first.numpy().tolist() == kept.tolist() == second.numpy().tolist() == [5.0, 7.0]
    assert seed.numpy().tolist() == [1.0, 1.0]


def test_only_what_is_wanted_is_computed():
    calls = []

    @tf.custom_gradient
    def noted(x):
        def grad(dy):
            calls.append(1)
            return dy

        return x * 1.0, grad

    x, z = tf.constant(1.0), tf.constant(2.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([x, z])
        y = noted(x) * z
    tape.gradient(y, z)
    assert not calls
    tape.gradient(y, x)
    assert calls == [1]


def test_tapes_of_different_threads_do_not_meet():
    x = tf.constant(3.0)
    results = {}

    def work(i):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x ** float(i)
        results[i] = float(tape.gradient(y, x))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(2, 6)]
    with tf.GradientTape() as outside:
        outside.watch(x)
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    assert results == {i: i * 3.0 ** (i - 1) for i in range(2, 6)}
    assert not outside._values


def test_indexed_slices_are_targets_and_sources():
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        rows = tf.IndexedSlices(x * 3.0, tf.constant([0, 2]), tf.constant([4, 2]))
    assert tape.gradient(rows, x).numpy().tolist() == [[3.0, 3.0], [3.0, 3.0]]
    with tf.GradientTape() as tape:
        tape.watch(rows.values)
        y = tf.convert_to_tensor(rows) * 2.0
    gradient = tape.gradient(y, rows)
    assert isinstance(gradient, tf.IndexedSlices)
    assert gradient.values.numpy().tolist() == [[2.0, 2.0], [2.0, 2.0]]


def test_watching_integers_is_logged_and_gives_none(caplog):
    x = tf.constant([1, 2])
    with caplog.at_level(logging.WARNING, "tenfold"), tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.cast(x, tf.float32) * 2.0
    assert "must be floating" in caplog.text and "int32" in caplog.text
    assert tape.gradient(y, x) is None


def test_too_many_output_gradients():
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    with pytest.raises(ValueError, match="2 output_gradients for 1 targets"):
        tape.gradient(y, x, output_gradients=[1.0, 2.0])


def test_numbers_and_arrays_as_output_gradients_follow_the_target():
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    assert tape.gradient(y, x, output_gradients=np.array([1.0, 2.0])).numpy().tolist() == [2.0, 8.0]


def test_jacobian_of_a_jacobian_free_product():
    x = tf.constant([0.3, -0.7, 1.1])
    with tf.GradientTape(persistent=True) as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = tf.reduce_sum(tf.exp(x) * x[::-1])
        gradient = inner.gradient(y, x)
    hessian = outer.jacobian(gradient, x).numpy()
    np.testing.assert_allclose(hessian, hessian.T, rtol=1e-6)
    for i in range(3):
        seed = tf.one_hot(i, 3)
        row = outer.gradient(gradient, x, output_gradients=seed)
        np.testing.assert_allclose(row.numpy(), hessian[i], rtol=1e-6)


def test_an_op_may_be_recorded_by_two_tapes_that_watch_different_things():
    x, z = tf.constant(2.0), tf.constant(5.0)
    with tf.GradientTape() as first, tf.GradientTape() as second:
        first.watch(x)
        second.watch(z)
        y = x * z
    assert float(first.gradient(y, x)) == 5.0
    assert float(second.gradient(y, z)) == 2.0
