"""Optimizers in tf.function: the same updates as eagerly, from the same state, in one native call with what computes the gradients."""

import numpy as np
import pytest

import tenfold as tf
from tenfold.graph.native import compiled

K = tf.keras.optimizers
SCHEDULES = K.schedules


class SignDescent(K.Optimizer):
    def update_step(self, gradient, variable, learning_rate):
        self.assign_sub(variable, tf.cast(learning_rate, variable.dtype) * tf.sign(gradient))


class AveragedAdam(K.Adam):
    """Weights that follow those of Adam slowly: ops and kernels in turns."""

    def build(self, variables):
        super().build(variables)
        self.slow = self.add_optimizer_variables(variables, "slow")

    def update_step(self, gradient, variable, learning_rate):
        slow = self.slow[self._get_variable_index(variable)]
        self.assign(slow, 0.5 * (slow + variable))
        super().update_step(gradient, variable, learning_rate)
        variable.assign(0.9 * variable + 0.1 * slow)


LOWERED = {
    "sgd": lambda **k: K.SGD(0.1, **k),
    "sgd momentum": lambda **k: K.SGD(0.1, momentum=0.9, **k),
    "sgd nesterov": lambda **k: K.SGD(0.1, momentum=0.9, nesterov=True, **k),
    "lion": lambda **k: K.Lion(0.01, **k),
    "adam": lambda **k: K.Adam(0.01, **k),
    "adam amsgrad": lambda **k: K.Adam(0.01, amsgrad=True, **k),
    "adamw": lambda **k: K.AdamW(0.01, **k),
    "schedule free": lambda **k: K.ScheduleFreeAdamW(0.01, warmup_steps=4, **k),
    "adamax": lambda **k: K.Adamax(0.01, **k),
    "nadam": lambda **k: K.Nadam(0.01, **k),
    "adagrad": lambda **k: K.Adagrad(0.1, **k),
    "rmsprop": lambda **k: K.RMSprop(0.01, **k),
    "rmsprop centered": lambda **k: K.RMSprop(0.01, momentum=0.9, centered=True, **k),
    "adadelta": lambda **k: K.Adadelta(1.0, **k),
    "ftrl": lambda **k: K.Ftrl(0.1, l1_regularization_strength=0.01, l2_regularization_strength=0.02, beta=0.1, **k),
    "ftrl power": lambda **k: K.Ftrl(0.1, learning_rate_power=-0.7, l2_shrinkage_regularization_strength=0.1, **k),
    "lamb": lambda **k: K.Lamb(0.01, **k),
    "adafactor": lambda **k: K.Adafactor(0.01, **k),
    "muon": lambda **k: K.Muon(0.01, **k),
    "muon without nesterov": lambda **k: K.Muon(0.01, nesterov=False, rms_rate=None, **k),
    "user's": lambda **k: SignDescent(0.01, **k),
    "user's momentum": lambda **k: AveragedAdam(0.01, **k),
    "loss scale": lambda **k: K.LossScaleOptimizer(K.SGD(0.1, **k), dynamic_growth_steps=2),
}
OPTIONS = {
    "weight_decay": {"weight_decay": 0.1},
    "clipnorm": {"clipnorm": 0.5},
    "clipvalue": {"clipvalue": 0.1},
    "global_clipnorm": {"global_clipnorm": 0.5},
    "ema": {"use_ema": True},
    "ema that overwrites": {"use_ema": True, "ema_overwrite_frequency": 2},
    "accumulation": {"gradient_accumulation_steps": 2},
    "accumulation, limits and averages": {
        "gradient_accumulation_steps": 2, "global_clipnorm": 0.5, "use_ema": True, "ema_overwrite_frequency": 2,
    },
    "loss_scale_factor": {"loss_scale_factor": 4.0},
}  # fmt: skip
RATES = {
    "exponential": lambda: SCHEDULES.ExponentialDecay(0.1, 2, 0.5),
    "exponential staircase": lambda: SCHEDULES.ExponentialDecay(0.1, 2, 0.5, staircase=True),
    "piecewise": lambda: SCHEDULES.PiecewiseConstantDecay([1, 3], [0.1, 0.05, 0.01]),
    "polynomial": lambda: SCHEDULES.PolynomialDecay(0.1, 3, power=2.0),
    "polynomial cycle": lambda: SCHEDULES.PolynomialDecay(0.1, 3, cycle=True),
    "inverse time": lambda: SCHEDULES.InverseTimeDecay(0.1, 2, 0.5),
    "inverse time staircase": lambda: SCHEDULES.InverseTimeDecay(0.1, 2, 0.5, staircase=True),
    "cosine": lambda: SCHEDULES.CosineDecay(0.1, 4),
    "cosine warmup": lambda: SCHEDULES.CosineDecay(0.01, 3, warmup_target=0.1, warmup_steps=2),
    "restarts": lambda: SCHEDULES.CosineDecayRestarts(0.1, 2),
    "equal restarts": lambda: SCHEDULES.CosineDecayRestarts(0.1, 2, t_mul=1.0),
}
STEPS = 6


def _trained(make, which, dtype="float32", constraint=None):
    """A network's weights and its optimizer's state after some steps, of which `which(i)` says whether they are compiled."""
    rng = np.random.default_rng(0)
    x = tf.constant(rng.standard_normal((5, 4)), dtype)
    w = tf.Variable(tf.constant(rng.standard_normal((4, 3)), dtype), constraint=constraint)
    b = tf.Variable(tf.zeros(3, dtype))
    scale = tf.Variable(tf.constant(1.5, dtype))
    variables = [w, b, scale]
    optimizer = make()
    optimizer.build(variables)

    def step(target):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(scale * (x @ w + b) - target))
            scaled = optimizer.scale_loss(loss)
        optimizer.apply(tape.gradient(scaled, variables), variables)

    traced = tf.function(step)
    for i in range(STEPS):
        (traced if which(i) else step)(tf.constant(rng.standard_normal((5, 3)), dtype))
    graph = compiled(traced.get_concrete_function(tf.zeros((5, 3), dtype)).graph)
    return [v.numpy() for v in [*variables, *optimizer.variables]], graph


def _assert_close(found, expected, dtype="float32"):
    rtol, atol = (2e-5, 2e-6) if dtype == "float32" else (1e-10, 1e-12)
    for a, b in zip(found, expected, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol, atol)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", LOWERED)
def test_an_optimizer_in_a_function_is_part_of_one_native_call_and_updates_as_eagerly(name, dtype):
    expected, _ = _trained(LOWERED[name], lambda i: False, dtype)
    found, graph = _trained(LOWERED[name], lambda i: True, dtype)
    _assert_close(found, expected, dtype)
    assert len(graph.nodes) == 1


@pytest.mark.parametrize("name", LOWERED)
def test_compiled_and_eager_updates_go_on_from_each_other(name):
    expected, _ = _trained(LOWERED[name], lambda i: False)
    found, _ = _trained(LOWERED[name], lambda i: i % 2 == 0)
    _assert_close(found, expected)


@pytest.mark.parametrize("name", ["sgd", "adam", "rmsprop"])
@pytest.mark.parametrize("option", OPTIONS)
def test_options_count_in_a_function_as_they_do_eagerly(name, option):
    def make():
        return LOWERED[name](**OPTIONS[option])

    expected, _ = _trained(make, lambda i: False)
    found, _ = _trained(make, lambda i: True)
    _assert_close(found, expected)


@pytest.mark.parametrize("rate", RATES)
def test_a_schedule_in_a_function_gives_the_rates_that_it_gives_eagerly(rate):
    def make():
        return K.SGD(RATES[rate]())

    expected, _ = _trained(make, lambda i: False)
    found, graph = _trained(make, lambda i: True)
    _assert_close(found, expected)
    assert len(graph.nodes) == 1


def test_a_constraint_applies_after_an_update_in_a_function():
    make, constraint = LOWERED["adam"], tf.keras.constraints.MaxNorm(0.5)
    expected, _ = _trained(make, lambda i: False, constraint=constraint)
    found, _ = _trained(make, lambda i: True, constraint=constraint)
    _assert_close(found, expected)
    assert np.linalg.norm(found[0], axis=0).max() < 0.51


def test_a_rate_that_python_computes_is_asked_for_at_each_call():
    rates = [0.5]
    v, optimizer = tf.Variable(1.0), K.SGD(lambda: rates[-1])
    optimizer.build([v])
    step = tf.function(lambda: optimizer.apply([tf.constant(1.0)], [v]))
    step()
    rates.append(0.25)
    step()
    assert v.numpy() == 0.25


@pytest.mark.parametrize("name", LOWERED)
def test_sparse_gradients_in_a_function_update_as_eagerly(name):
    def train(is_traced):
        table, optimizer = tf.Variable(tf.reshape(tf.range(12.0), (6, 2)) / 12), LOWERED[name]()
        optimizer.build([table])

        def step(ids):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(tf.square(tf.gather(table, ids) - 1.0))
            optimizer.apply([tape.gradient(loss, table)], [table])

        run = tf.function(step) if is_traced else step
        for ids in ([0, 3, 3], [5, 0, 0], [1, 1, 1]):
            run(tf.constant(ids))
        return [table.numpy(), *[v.numpy() for v in optimizer.variables]]

    _assert_close(train(True), train(False))


def test_a_learning_rate_that_is_set_between_calls_counts():
    v, optimizer = tf.Variable(1.0), K.SGD(0.5)
    step = tf.function(lambda: optimizer.apply([tf.constant(1.0)], [v]))
    step()
    optimizer.learning_rate = 0.25
    step()
    assert v.numpy() == 0.25


def test_means_of_gradients_that_vanish_become_zero_in_a_function():
    variable, optimizer = tf.Variable([1.0, 1.0]), K.Adam(1e-3)
    optimizer.build([variable])
    step = tf.function(lambda gradient: optimizer.apply([gradient], [variable]))
    step(tf.constant([1.0, 1.0]))
    for _ in range(1200):
        step(tf.constant([0.0, 1.0]))
    gone, kept = optimizer.variables[2].numpy()
    assert gone == 0 and kept == pytest.approx(1, rel=1e-4)
