"""Trainings that stop and go on in a new process: `python -m tests.keras.saving.resuming CASE FIRST LAST FOLDER ENDING`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

import tenfold as tf

layers, optimizers = tf.keras.layers, tf.keras.optimizers


class Scaled(layers.Layer):
    """A layer without get_config: its arguments are recorded."""

    def __init__(self, factor: float, activation: Any = "relu", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor, self.activation = factor, tf.keras.activations.get(activation)

    def build(self, input_shape: Any) -> None:
        self.shift = self.add_weight(shape=(input_shape[-1],), initializer="zeros", name="shift")

    def call(self, x: Any) -> Any:
        return self.activation(x * self.factor + self.shift)


class Classifier(tf.keras.Model):
    """A model without get_config, with a layer of its own and a metric as an attribute."""

    def __init__(self, widths: list[int], rate: float = 0.2) -> None:
        super().__init__()
        self.hidden = [layers.Dense(width, activation="relu") for width in widths]
        self.scaled = Scaled(0.5, activation="tanh")
        self.dropout = layers.Dropout(rate)
        self.norm = layers.BatchNormalization()
        self.out = layers.Dense(3)
        self.seen = tf.keras.metrics.Mean(name="seen")

    def call(self, x: Any, training: bool = False) -> Any:
        for layer in self.hidden:
            x = layer(x)
        return self.out(self.norm(self.dropout(self.scaled(x), training=training), training=training))


def stack() -> Any:
    return tf.keras.Sequential(
        [
            tf.keras.Input((4,)),
            layers.Dense(8, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.4),
            layers.GaussianNoise(0.1),
            layers.Dense(3),
        ]
    )


def _schedule() -> Any:
    return optimizers.schedules.CosineDecay(0.05, 40, warmup_steps=5, warmup_target=0.1)


FITTED = {
    "adam": (stack, lambda: optimizers.Adam(0.01, amsgrad=True)),
    "adam_schedule": (stack, lambda: optimizers.Adam(_schedule())),
    "momentum": (stack, lambda: optimizers.SGD(optimizers.schedules.ExponentialDecay(0.1, 3, 0.9), 0.9, nesterov=True)),
    "rmsprop": (stack, lambda: optimizers.RMSprop(0.01, momentum=0.5, centered=True)),
    "nadam": (stack, lambda: optimizers.Nadam(0.01)),
    "accumulated": (stack, lambda: optimizers.Adam(0.01, gradient_accumulation_steps=4)),
    "adamw_clipped": (stack, lambda: optimizers.AdamW(0.01, weight_decay=0.05, clipnorm=0.1)),
    "adagrad": (stack, lambda: optimizers.Adagrad(0.1, global_clipnorm=0.5)),
    "adadelta": (stack, lambda: optimizers.Adadelta(1.0)),
    "adamax": (stack, lambda: optimizers.Adamax(0.01, clipvalue=0.01)),
    "adafactor": (stack, lambda: optimizers.Adafactor(0.05)),
    "ftrl": (stack, lambda: optimizers.Ftrl(0.1, l1_regularization_strength=0.01)),
    "lion": (stack, lambda: optimizers.Lion(0.005)),
    "lamb": (stack, lambda: optimizers.Lamb(0.01)),
    "muon": (stack, lambda: optimizers.Muon(0.01)),
    "schedule_free": (stack, lambda: optimizers.ScheduleFreeAdamW(0.01)),
    "loss_scale": (
        stack,
        lambda: optimizers.LossScaleOptimizer(optimizers.SGD(0.05, momentum=0.9), dynamic_growth_steps=3),
    ),
    "subclassed": (lambda: Classifier([6, 5]), lambda: optimizers.Adam(0.01)),
}
LOOPED = {  # fit() would put the averages into the weights at its end
    "loop_ema": (stack, lambda: optimizers.AdamW(0.01, use_ema=True, ema_overwrite_frequency=3)),
    "loop": (stack, lambda: optimizers.Adam(0.01)),
    "loop_subclassed": (lambda: Classifier([6]), lambda: optimizers.SGD(0.05, momentum=0.9)),
}
CASES = [*FITTED, *LOOPED]
NOT_IN_H5 = ["subclassed", "loop_subclassed"]


def data() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.standard_normal((40, 4)).astype(np.float32), rng.integers(0, 3, 40)


def run(case: str, first: int, last: int, folder: Path, ending: str) -> None:
    """Trains epochs `first` to `last`, from what the part before left unless it begins.

    Args:
      ending: of whole models, which are folders without one; `.weights.h5`, or `.ckpt` for a checkpoint, of weights.
    """
    x, y = data()
    before, after = folder / f"{case}_{first}{ending}", folder / f"{case}_{last}{ending}"
    make, optimizer = {**FITTED, **LOOPED}[case]
    are_weights = ending in (".weights.h5", ".ckpt")
    if first and not are_weights:
        model = tf.keras.models.load_model(before)
    else:
        tf.keras.utils.set_random_seed(5)
        model = make()
        model.compile(
            optimizer(), tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"]
        )
    if first and are_weights:
        model(x)
        model.optimizer.build(model.trainable_variables)
        model.load_weights(before)
    if case in FITTED:
        model.fit(x, y, batch_size=8, initial_epoch=first, epochs=last, verbose=0)
    else:
        _loop(model, x, y, range(first, last))
    model.save_weights(after) if are_weights else model.save(after)
    state = [v.numpy() for v in [*model.weights, *model.optimizer.variables]]
    np.savez(folder / f"{case}_{first}_{last}.npz", *state, predicted=model.predict(x, verbose=0))


def _loop(model: Any, x: np.ndarray, y: np.ndarray, epochs: range) -> None:
    compute_loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    for _ in epochs:
        for start in range(0, len(x), 8):
            with tf.GradientTape() as tape:
                loss = compute_loss(y[start : start + 8], model(x[start : start + 8], training=True))
            gradients = tape.gradient(loss, model.trainable_variables)
            model.optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
            if hasattr(model, "seen"):
                model.seen.update_state(loss)


if __name__ == "__main__":
    for name in sys.argv[1].split(","):
        run(name, int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]), sys.argv[5])
