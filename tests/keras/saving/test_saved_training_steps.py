"""Functions that train, with their optimizers and metrics, in SavedModels: a loaded one takes the same steps as the saved one."""

from __future__ import annotations

import numpy as np
import pytest

import tenfold as tf

optimizers = tf.keras.optimizers


class SignDescent(optimizers.Optimizer):
    def build(self, variables):
        super().build(variables)
        self.means = self.add_optimizer_variables(variables, "mean")

    def update_step(self, gradient, variable, learning_rate):
        mean = self.means[self._get_variable_index(variable)]
        self.assign(mean, 0.9 * mean + tf.convert_to_tensor(gradient))
        self.assign_sub(variable, learning_rate * tf.sign(mean))


OPTIMIZERS = {
    "momentum": lambda: optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "adam": lambda: optimizers.Adam(0.01, amsgrad=True, clipnorm=0.5),
    "adamw": lambda: optimizers.AdamW(optimizers.schedules.ExponentialDecay(0.01, 3, 0.9), weight_decay=0.01),
    "rmsprop": lambda: optimizers.RMSprop(0.01, momentum=0.3, centered=True),
    "adagrad": lambda: optimizers.Adagrad(0.1),
    "adadelta": lambda: optimizers.Adadelta(0.5),
    "adamax": lambda: optimizers.Adamax(0.01),
    "nadam": lambda: optimizers.Nadam(0.01),
    "ftrl": lambda: optimizers.Ftrl(0.05, l1_regularization_strength=0.01),
    "lion": lambda: optimizers.Lion(0.01, use_ema=True),
    "schedule_free": lambda: optimizers.ScheduleFreeAdamW(0.01, warmup_steps=3),
    "lamb": lambda: optimizers.Lamb(0.01, weight_decay=0.01),
    "adafactor": lambda: optimizers.Adafactor(0.01),
    "muon": lambda: optimizers.Muon(0.01),
    "user's": lambda: SignDescent(0.01, weight_decay=0.1, use_ema=True),
    "rate from Python": lambda: optimizers.SGD(lambda: 0.1),
    "averages": lambda: optimizers.SGD(0.1, use_ema=True, ema_overwrite_frequency=2),
    "accumulated": lambda: optimizers.Adam(0.01, gradient_accumulation_steps=2, global_clipnorm=0.5),
    "loss_scale": lambda: optimizers.LossScaleOptimizer(optimizers.SGD(0.1, gradient_accumulation_steps=2)),
}


class Trainer(tf.Module):
    def __init__(self, optimizer):
        super().__init__()
        rng = np.random.default_rng(0)
        self.kernel, self.bias = tf.Variable(rng.standard_normal((3, 2)), dtype=tf.float32), tf.Variable(tf.zeros([2]))
        self.table = tf.Variable(rng.standard_normal((6, 2)), dtype=tf.float32)
        self.weights = [self.kernel, self.bias, self.table]
        self.optimizer, self.mean = optimizer, tf.keras.metrics.Mean()
        optimizer.build(self.weights)

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, 3], tf.float32),
            tf.TensorSpec([None, 2], tf.float32),
            tf.TensorSpec([None], tf.int32),
        ]
    )
    def step(self, x, y, words):
        with tf.GradientTape() as tape:
            predicted = tf.tanh(x @ self.kernel + self.bias) + tf.gather(self.table, words)
            loss = tf.reduce_mean((predicted - y) ** 2)
        self.optimizer.apply_gradients(zip(tape.gradient(loss, self.weights), self.weights, strict=True))
        self.mean.update_state(loss)
        return loss, self.mean.result()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_loaded_step_goes_on_where_the_saved_one_stopped(name, tmp_path):
    rng = np.random.default_rng(1)
    batch = (
        rng.standard_normal((8, 3)).astype("f"),
        rng.standard_normal((8, 2)).astype("f"),
        rng.integers(0, 6, 8).astype("i"),
    )
    trainer = Trainer(OPTIMIZERS[name]())
    trainer.step(*batch)
    tf.saved_model.save(trainer, tmp_path / "m")
    loaded = tf.saved_model.load(tmp_path / "m")
    for _ in range(3):
        np.testing.assert_allclose(loaded.step(*batch), trainer.step(*batch), rtol=2e-5)
    for a, b in zip(loaded.weights, trainer.weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
