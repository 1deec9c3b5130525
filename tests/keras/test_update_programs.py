"""Updates that are made over and over become programs: nothing but their speed may change.

With an open tape, optimizers never use programs; what they compute there is what is expected.
"""

import copy
import pickle
import sys

import numpy as np
import pytest

import tenfold as tf
from tests.keras.test_optimizers_in_functions import LOWERED, OPTIONS, RATES

K = tf.keras.optimizers
STEPS = 150  # a program is made after 64; small numbers become zero after the 128th
VALUES = [np.float32(0.5), np.ones(1, np.float32), np.arange(12, dtype=np.float32).reshape(3, 4)]
RNG = np.random.default_rng(0)
GRADIENTS = [[tf.constant(RNG.standard_normal(v.shape).astype(np.float32)) for v in VALUES] for _ in range(7)]


def _variables(dtype="float32", **options):
    return [tf.Variable(value.astype(dtype), **options) for value in VALUES]


def _run(optimizer, variables, has_programs, change=lambda optimizer, variables, i: None, gradients=GRADIENTS):
    """The values of variables and of the optimizer's after many updates."""
    for i in range(STEPS):
        change(optimizer, variables, i)
        pairs = zip(gradients[i % len(gradients)], variables, strict=True)
        if has_programs:
            optimizer.apply_gradients(pairs)
        else:
            with tf.GradientTape():
                optimizer.apply_gradients(pairs)
    return [v.numpy() for v in [*variables, *optimizer.variables]]


def _assert_same(found, expected):
    for a, b in zip(found, expected, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)


def _assert_changes_nothing(make, **kwargs):
    results = []
    for has_programs in (True, False):
        optimizer = make()
        results.append(_run(optimizer, _variables(), has_programs, **kwargs))
    _assert_same(*results)
    assert optimizer.iterations.numpy() == STEPS // (optimizer.gradient_accumulation_steps or 1)


@pytest.mark.parametrize("name", LOWERED)
def test_every_optimizer(name):
    _assert_changes_nothing(LOWERED[name])


# What it does depends on values; they look at variables as a whole; they are made of ops.
WITHOUT_PROGRAM = {"loss scale", "lamb", "adafactor", "muon", "muon without nesterov", "user's", "user's momentum"}


@pytest.mark.parametrize("name", sorted(LOWERED.keys() - WITHOUT_PROGRAM))
def test_updates_that_come_over_and_over_take_few_calls_of_python(name):
    calls = []

    def count(frame, event, argument):
        calls[-1] += event == "call"

    optimizer, variables = LOWERED[name](), _variables()
    for _ in range(STEPS):
        calls.append(0)
        sys.setprofile(count)
        optimizer.apply_gradients(zip(GRADIENTS[0], variables, strict=True))
        sys.setprofile(None)
    assert calls[-1] * 3 < calls[5]


@pytest.mark.parametrize("name", ["sgd momentum", "adam", "nadam"])
@pytest.mark.parametrize("option", OPTIONS)
def test_options(name, option):
    _assert_changes_nothing(lambda: LOWERED[name](**OPTIONS[option]))


@pytest.mark.parametrize("name", ["cosine", "piecewise"])
def test_schedules(name):
    _assert_changes_nothing(lambda: K.SGD(RATES[name]()))


def test_float64():
    gradients = [[tf.cast(g, "float64") for g in step] for step in GRADIENTS]
    found = [
        _run(K.Adam(0.01), _variables("float64"), has_programs, gradients=gradients) for has_programs in (True, False)
    ]
    _assert_same(*found)


def test_what_is_changed_between_updates_counts():
    def change(optimizer, variables, i):
        if i == 80:
            optimizer.learning_rate = 0.3
        elif i == 90:
            optimizer.beta_1 = 0.5
        elif i == 100:
            optimizer.exclude_from_weight_decay(var_list=[variables[1]])
        elif i == 110:
            optimizer.learning_rate = lambda: 0.2
        elif i == 120:
            variables[2].assign(variables[2] * 2)
            optimizer.iterations.assign_add(1)
            optimizer.iterations.assign_sub(1)
        elif i == 130:
            optimizer.clipvalue = 0.1

    _assert_changes_nothing(lambda: K.Adam(0.01, weight_decay=0.01), change=change)
    optimizer, (v, *_) = K.SGD(1.0), _variables()
    for _ in range(STEPS):
        optimizer.apply([tf.constant(0.0)], [v])
    optimizer.learning_rate = 0.25
    optimizer.apply([tf.constant(1.0)], [v])
    assert v.numpy() == 0.25


def test_a_function_for_a_rate_is_asked_each_time():
    rates = iter(np.linspace(0, 1, STEPS))
    optimizer, v = K.SGD(lambda: next(rates)), tf.Variable(0.0, dtype="float64")
    for _ in range(STEPS):
        optimizer.apply([tf.constant(1.0, "float64")], [v])
    assert v.numpy() == pytest.approx(-STEPS / 2)


def test_an_attribute_that_is_another_each_time_counts():
    def change(optimizer, variables, i):
        optimizer.momentum = 0.9 if i % 2 else 0.8

    _assert_changes_nothing(lambda: K.SGD(0.1, momentum=0.8), change=change)


def test_a_constraint_that_is_set_later_applies():
    optimizer, v = K.SGD(1.0), tf.Variable([1.0, 2.0])
    for _ in range(STEPS):
        optimizer.apply([tf.zeros(2)], [v])
    v.constraint = lambda x: tf.minimum(x, 1.5)
    optimizer.apply([tf.zeros(2)], [v])
    assert v.numpy().tolist() == [1.0, 1.5]


@pytest.mark.parametrize("make", [lambda: K.SGD(0.5), lambda: K.Adam(0.5)])
def test_gradients_of_other_kinds(make):
    optimizer, v, w = make(), tf.Variable([1.0, 2.0]), tf.Variable(1.0)
    same, v2, w2 = make(), tf.Variable([1.0, 2.0]), tf.Variable(1.0)
    slices = tf.IndexedSlices(tf.constant([3.0]), tf.constant([1]), tf.constant([2]))
    usual = (tf.constant([1.0, -1.0]), tf.constant(0.5))
    for step in [usual] * STEPS + [(slices, tf.constant(1.0)), usual, ([1.0, 0.0], 1.0), usual]:
        optimizer.apply(step, [v, w])
        with tf.GradientTape():
            same.apply(step, [v2, w2])
    with pytest.warns(UserWarning, match="Gradients do not exist"):
        optimizer.apply([None, tf.constant(1.0)], [v, w])
        same.apply([None, tf.constant(1.0)], [v2, w2])
    _assert_same(*[[x.numpy() for x in (a, b, *o.variables)] for a, b, o in ((v, w, optimizer), (v2, w2, same))])


def test_errors_stay():
    optimizer, v = K.SGD(0.5), tf.Variable([1.0, 2.0])
    for _ in range(STEPS):
        optimizer.apply([tf.zeros(2)], [v])
    with pytest.raises(ValueError, match="shape"):
        optimizer.apply([tf.zeros(3)], [v])
    with pytest.raises(ValueError):
        optimizer.apply([tf.zeros(2), tf.zeros(2)], [v])
    with pytest.raises(ValueError, match="Unknown variable"):
        optimizer.apply([tf.zeros(2)], [tf.Variable([1.0, 2.0])])
    assert v.numpy().tolist() == [1.0, 2.0]


def test_what_was_read_or_recorded_before_an_update_stays():
    optimizer, v, w = K.SGD(0.5), tf.Variable(1.0), tf.Variable([1.0, 2.0])
    for _ in range(STEPS):
        optimizer.apply([tf.constant(0.0), tf.zeros(2)], [v, w])
    read, array = v.read_value(), np.asarray(w)
    with tf.GradientTape() as tape:
        y = v * tf.reduce_sum(w)
    optimizer.apply([tf.constant(1.0), tf.ones(2)], [v, w])
    assert read.numpy() == 1 and array.tolist() == [1.0, 2.0] and v.numpy() == 0.5
    assert [g.numpy().tolist() for g in tape.gradient(y, [v, w])] == [3.0, [1.0, 1.0]]


def test_steps_of_many_sets_of_variables():
    variables = [tf.Variable(0.0) for _ in range(10)]
    optimizer = K.SGD(1.0)
    optimizer.build(variables)
    for i in range(1000):
        chosen = [variables[i % 10], variables[(i // 10) % 10]]
        optimizer.apply([tf.constant(1.0), tf.constant(1.0)], chosen)
    assert [v.numpy() for v in variables] == [-200.0] * 10


@pytest.mark.parametrize("size", [2, 100_000])
def test_copies_go_on_alone(size):
    optimizer, v = K.SGD(0.5), tf.Variable(tf.zeros(size))
    for _ in range(STEPS if size < 10 else 2):
        optimizer.apply([tf.zeros(size)], [v])
    for other in (copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))):
        other.apply([tf.ones(size)])
        assert (v.numpy() == 0).all() and (other._trainable_variables[0].numpy() == -0.5).all()


def test_a_change_of_an_attribute_counts_for_many_numbers():
    # updates of many numbers are machine code, which used to stay as it was
    optimizer, v = K.SGD(0.5, momentum=0.5), tf.Variable(tf.zeros(100_000))
    optimizer.apply([tf.ones(100_000)], [v])
    optimizer.momentum = 0.0
    optimizer.apply([tf.ones(100_000)], [v])
    assert (v.numpy() == -1).all()


def test_functions_that_run_eagerly():
    # used to end in a recursion for many numbers
    optimizer, v = K.SGD(0.5), tf.Variable(tf.zeros(100_000))
    tf.config.run_functions_eagerly(True)
    try:
        optimizer.apply([tf.ones(100_000)], [v])
    finally:
        tf.config.run_functions_eagerly(False)
    assert (v.numpy() == -0.5).all()
