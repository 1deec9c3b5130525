"""Functions that are called while a tape outside records: they run as two compiled ones, and gradients are those of eager code."""

import logging
import tracemalloc

import numpy as np
import pytest

import tenfold as tf
from tests.tracing.test_function import graphs_alive

A = np.array([[1.0, -2.0, 0.5], [0.3, 2.0, -1.0]], np.float32)
B = np.array([[0.2, 1.0], [-0.7, 0.4], [1.5, -0.1]], np.float32)


def v(value=B):
    return tf.Variable(value)


@tf.custom_gradient
def scaled(x):
    inside = tf.sin(x) * x
    return x * x, lambda dy: dy * inside


def affine():
    w, b = v(), v(B[0])
    return lambda x: tf.nn.relu(x @ w + b), [w, b]


def read_then_written():
    w = v()

    def f(x):
        y = x @ w
        w.assign_add(tf.ones_like(w))
        return tf.tanh(y)

    return f, [w]


def written_then_read():
    w = v()

    def f(x):
        before = tf.sin(w)
        w.assign(w * 2.0)
        return (x @ w) * tf.reduce_mean(before * w)

    return f, [w]


def moving_average():
    w, mean = v(), tf.Variable(tf.zeros([2]), trainable=False)

    def f(x):
        y = x @ w
        now = tf.reduce_mean(y, 0)
        mean.assign(mean * 0.9 + now * 0.1)
        return (y - now) * (1.0 + mean)

    return f, [w, mean]


def several_outputs():
    w = v()

    def f(x):
        y = x @ w
        return {"y": y, "argmax": tf.argmax(y, 1), "none": None, "unused": tf.exp(y), "x": x, "w": w}

    return f, [w]


def embedding():
    table = v(np.arange(12, dtype=np.float32).reshape(6, 2) / 7)
    return lambda x: tf.gather(table, [1, 4, 1]) @ x[:, :1] * tf.gather(table, [0, 0, 5]), [table]


def nested():
    w = v()
    inner = tf.function(lambda x: tf.sin(x @ w))
    return lambda x: inner(x) * inner(2.0 * x), [w]


def own_gradient():
    w = v()
    return lambda x: scaled(x @ w) * x[:, :1] + tf.stop_gradient(x @ w) * tf.reduce_sum(w), [w]


def recomputed():
    w = v()
    return lambda x: tf.recompute_grad(lambda z: tf.tanh(z @ w) * z[:, :2])(x), [w]


def branch():
    w = v()
    return lambda x: tf.cond(tf.reduce_sum(x) > 0.0, lambda: tf.sin(x @ w), lambda: x @ (w * w)), [w]


def loop():
    w = v()

    def f(x):
        y = x @ w
        for _ in tf.range(3):
            y = tf.tanh(y @ (w[:2] * y))
        return y

    return f, [w]


def growing_loop():
    w = v()

    def f(x):
        return tf.while_loop(
            lambda y: tf.shape(y)[0] < 7,
            lambda y: [tf.concat([y, tf.sin(y[-1:] * w[:1])], 0)],
            [x[:, :2]],
            shape_invariants=[tf.TensorShape([None, 2])],
        )[0]

    return f, [w]


def mapped():
    w = v()
    return lambda x: tf.map_fn(lambda row: tf.sin(tf.linalg.matvec(w, row, transpose_a=True)), x), [w]


def rows_by_value():
    w = v()
    return lambda x: tf.boolean_mask(x, x[:, 0] > 0.5) @ w * tf.constant([[2.0, 3.0]]), [w]


def closed_over_constant():
    w, c = v(), tf.constant(A[:, :2])
    return lambda x: tf.sin(x @ w * c) * c, [w, c]


def recurrent():
    tf.keras.utils.set_random_seed(1)
    layer = tf.keras.layers.LSTM(2)
    layer.build((2, 3, 1))
    return lambda x: layer(x[:, :, None]), layer.trainable_variables


def normalized():
    tf.keras.utils.set_random_seed(1)
    model = tf.keras.Sequential([tf.keras.layers.Dense(4, "gelu"), tf.keras.layers.BatchNormalization()])
    model.build((2, 3))
    return lambda x: model(x, training=True), model.variables


CASES = [
    affine, read_then_written, written_then_read, moving_average, several_outputs, embedding, nested, own_gradient, recomputed,
    branch, loop, growing_loop, mapped, rows_by_value, closed_over_constant, recurrent, normalized,
]  # fmt: skip


def floats(structure):
    return [x for x in tf.nest.flatten(structure) if x is not None and x.dtype.is_floating]


def energy(structure):
    """A number that depends on all but `unused`."""
    if isinstance(structure, dict):
        structure = {key: x for key, x in structure.items() if key != "unused"}
    return tf.add_n([tf.reduce_sum(tf.sin(x)) for x in floats(structure)])


def first_order(f, variables, x):
    with tf.GradientTape() as tape:
        tape.watch([x, *variables])
        y = energy(f(x))
    return tape.gradient(y, [x, *variables]), y


def second_order(f, variables, x):
    with tf.GradientTape(persistent=True) as outer:
        outer.watch([x, *variables])
        with tf.GradientTape() as inner:
            inner.watch([x, *variables])
            y = energy(f(x))
        first = inner.gradient(y, [x, *variables], unconnected_gradients="zero")
        norm = tf.add_n([tf.reduce_sum(tf.convert_to_tensor(g) ** 2) for g in first])
    return [*first, *outer.gradient(norm, [x, *variables]), *outer.gradient(y, [x, *variables])], y


def recording_itself(f, variables, x):
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([x, *variables])
        y = energy(f(x))
        slope = tf.convert_to_tensor(tape.gradient(y, x))
        curve = tape.gradient(tf.reduce_sum(slope * slope), x, unconnected_gradients="zero")
    return [slope, curve, *tape.gradient([y, curve], [x, *variables])], y


def jacobians(f, variables, x):
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([x, *variables])
        y = floats(f(x))[0]
    return [tape.jacobian(y, x), *tape.jacobian(y, variables[:1]), *tape.gradient(y, variables, tf.cos(y))], y


def forward_mode(f, variables, x):
    with tf.autodiff.ForwardAccumulator(x, tf.cos(x)) as accumulator:
        y = energy(f(x))
    return [accumulator.jvp(y)], y


def two_tapes(f, variables, x):
    with tf.GradientTape(watch_accessed_variables=False) as of_x, tf.GradientTape() as of_variables:
        of_x.watch(x)
        y = energy(f(x))
    return [of_x.gradient(y, x), *of_variables.gradient(y, variables), of_variables.watched_variables()], y


def same(found, expected, what):
    if isinstance(expected, tuple):
        assert [w.name for w in found] == [w.name for w in expected], what
        return
    assert (found is None) == (expected is None), what
    if expected is not None:
        found, expected = tf.convert_to_tensor(found), tf.convert_to_tensor(expected)
        np.testing.assert_allclose(found, expected, 1e-4, 1e-5, err_msg=what)


USES = [first_order, second_order, recording_itself, jacobians, two_tapes]


def check(make, use):
    results = []
    for decorate in (lambda f: f, tf.function):
        f, variables = make()
        f, x = decorate(f), tf.constant(A)
        for _ in range(2):  # the second call meets changed variables
            gradients, y = use(f, variables, x)
            results.append([*gradients, y, *[tf.identity(w) for w in variables]])
    for found, expected in zip(results[2:], results[:2], strict=True):
        for i, (a, b) in enumerate(zip(found, expected, strict=True)):
            same(a, b, f"result {i}")


@pytest.mark.parametrize("use", USES, ids=lambda f: f.__name__)
@pytest.mark.parametrize("make", CASES, ids=lambda f: f.__name__)
def test_as_eager(make, use, caplog):
    with caplog.at_level(logging.DEBUG, "tenfold"):
        check(make, use)
    assert "op by op under tapes" not in caplog.text


@pytest.mark.parametrize("make", [x for x in CASES if x is not own_gradient], ids=lambda f: f.__name__)
def test_forward_mode_as_eager(make):
    check(make, forward_mode)


def test_third_order():
    w = tf.Variable(0.7)
    f = tf.function(lambda x: tf.sin(x * w))
    x = tf.constant(1.3)
    with tf.GradientTape() as third:
        third.watch(x)
        with tf.GradientTape() as second:
            second.watch(x)
            with tf.GradientTape() as first:
                first.watch(x)
                y = f(x)
            dy = first.gradient(y, x)
        d2y = second.gradient(dy, x)
    dx, dw = third.gradient(d2y, [x, w])
    np.testing.assert_allclose(dx, -(0.7**3) * np.cos(0.91), 1e-5)
    np.testing.assert_allclose(dw, -2 * 0.7 * np.sin(0.91) - 0.7**2 * 1.3 * np.cos(0.91), 1e-5)


def test_effects_come_once_and_in_order(capfd):
    count = tf.Variable(0)

    @tf.function
    def f(x):
        count.assign_add(1)
        tf.print("before", count)
        y = x * x
        count.assign_add(1)
        tf.print("after", count)
        return y

    x = tf.constant(3.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = f(x)
    assert [float(tape.gradient(y, x)) for _ in range(2)] == [6.0, 6.0]
    assert capfd.readouterr().err.split() == ["before", "1", "after", "2"]


def test_random_numbers_are_those_of_the_result():
    f = tf.function(lambda x: x * tf.random.normal([3]))
    x = tf.ones([3])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y, z = f(x), f(x)
    assert np.array_equal(tape.gradient(y, x), y) and np.array_equal(tape.gradient(z, x), z)
    assert not np.array_equal(y, z)


def test_one_stream_of_random_numbers_with_and_without_tapes():
    def draws(with_tape):
        tf.random.set_seed(7)
        f = tf.function(lambda x: x * tf.random.uniform([2], seed=1))
        x, found = tf.ones([2]), []
        for i in range(4):
            with tf.GradientTape() as tape:
                if i % 2 and with_tape:
                    tape.watch(x)
                found.append(f(x).numpy())
        return found

    np.testing.assert_array_equal(draws(True), draws(False))


def test_gradients_of_rows_stay_sparse():
    table = tf.Variable(tf.ones([100, 4]))
    f = tf.function(lambda i: tf.gather(table, i) * 2.0)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(f(tf.constant([3, 3, 7])))
    gradient = tape.gradient(loss, table)
    assert isinstance(gradient, tf.IndexedSlices)
    assert gradient.values.shape == (3, 4) and gradient.indices.numpy().tolist() == [3, 3, 7]


def test_what_is_not_watched_has_no_gradient():
    w, x = tf.Variable(2.0), tf.constant(3.0)
    frozen = tf.Variable(5.0, trainable=False)
    f = tf.function(lambda x: (x * w * frozen, tf.cast(x, tf.int32), tf.constant(1.0)))
    with tf.GradientTape() as tape:
        y, n, one = f(x)
    assert tape.watched_variables() == (w,)
    assert [None if g is None else float(g) for g in tape.gradient([y, n, one], [x, w, frozen])] == [None, 15.0, None]
    with tf.GradientTape() as tape:
        y, n, one = f(x)
    assert float(tape.gradient(n, w, unconnected_gradients="zero")) == 0.0
    with tf.GradientTape() as tape:
        tape.watch(frozen)
        y = f(x)[0]
    assert float(tape.gradient(y, frozen)) == 6.0


def test_what_stops_recording_is_not_recorded():
    w = tf.Variable(2.0)
    f = tf.function(lambda x: x * w)
    with tf.GradientTape() as tape:
        y = f(3.0)
        with tape.stop_recording():
            z = f(4.0)
    assert [None if g is None else float(g) for g in [tape.gradient([y, z], w)]] == [3.0]


@pytest.mark.parametrize("jit_compile", [True, False])
def test_any_number_of_rows(jit_compile):
    w = v()
    f = tf.function(
        lambda x: tf.tanh(x @ w), input_signature=[tf.TensorSpec([None, 3], tf.float32)], jit_compile=jit_compile
    )
    for rows in (1, 2, 5):
        x = tf.ones([rows, 3])
        with tf.GradientTape() as tape:
            y = f(x)
        expected = np.ones((3, rows)) @ (1 - np.tanh(np.ones((rows, 3)) @ B) ** 2)
        np.testing.assert_allclose(tape.gradient(y, w), expected, 1e-5)
    assert f.experimental_get_tracing_count() == 1


def test_values_of_the_call_though_variables_change_later():
    w, x = tf.Variable([2.0, 3.0]), tf.constant([1.0, 4.0])
    f = tf.function(lambda x: x * w * w)
    with tf.GradientTape() as tape:
        y = f(x)
    w.assign([0.0, 0.0])
    assert tape.gradient(y, w).numpy().tolist() == [4.0, 24.0]


def test_gradient_that_is_asked_for_in_another_function():
    w = tf.Variable(3.0)
    f = tf.function(lambda x: x * w * w)
    with tf.GradientTape(persistent=True) as tape:
        y = f(2.0)
    assert float(tf.function(lambda: tape.gradient(y, w))()) == 12.0


def test_missing_gradient_is_an_error_only_when_it_is_asked_for():
    f = tf.function(lambda a: tf.raw_ops.IgammaGradA(a=a, x=tf.constant(2.0)))
    a = tf.constant(1.5)
    with tf.GradientTape() as tape:
        tape.watch(a)
        y = f(a)
    with pytest.raises(LookupError, match="IgammaGradA"):
        tape.gradient(y, a)


def test_second_derivative_of_what_random_numbers_were_drawn_for():
    @tf.custom_gradient
    def noisy(x):
        inside = tf.exp(x) * tf.random.uniform([])
        return x * x, lambda dy: dy * inside

    x = tf.constant(1.0)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = tf.function(noisy)(x)
        dy = inner.gradient(y, x)
    assert 0.0 <= float(dy) <= np.e
    assert float(outer.gradient(dy, x)) == pytest.approx(float(dy))  # of the exponential function times the same number


def test_what_is_kept_is_freed_with_the_record():
    f = tf.function(lambda x: tf.exp(tf.sin(x)))
    x = tf.ones([1000, 1000])

    def call(**options):
        with tf.GradientTape(**options) as tape:
            tape.watch(x)
            y = tf.reduce_sum(f(x))
        return tape, y

    tape, y = call()
    tape.gradient(y, x)
    tracemalloc.start()
    kept = call(persistent=True)
    with_records = tracemalloc.get_traced_memory()[0]
    del kept
    tape, y = call()
    tape.gradient(y, x)
    without_records = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert with_records > 4e6 > 1e6 > without_records


def test_functions_are_let_go_with_their_gradients():
    def once():
        w = v()
        f = tf.function(lambda x: tf.tanh(x @ w))
        with tf.GradientTape(persistent=True) as outer, tf.GradientTape() as inner:
            y = f(tf.constant(A))
            g = tf.reduce_sum(inner.gradient(y, w) ** 2)
        outer.gradient(g, w)

    once()
    before = graphs_alive()
    for _ in range(3):
        once()
    assert graphs_alive() == before
