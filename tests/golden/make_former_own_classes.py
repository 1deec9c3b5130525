"""Freezes folders of models of the user's classes, and how they train on: `python -m tests.golden.make_former_own_classes`.

Runs in an environment with `tensorflow-cpu==2.21.0` and `tf_keras==2.21.0`.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np

from tests.golden.archive import pack

ARCHIVE = "former_own_classes.tar.xz"
X = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
Y = np.tanh(X.sum(1, keepdims=True))
FIT = {"batch_size": 8, "verbose": 0, "shuffle": False}


def main() -> None:
    import tf_keras as keras

    layers, optimizers = keras.layers, keras.optimizers

    class Own(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.hidden, self.norm = layers.Dense(8, "relu", kernel_regularizer="l2"), layers.BatchNormalization()
            self.out = layers.Dense(1, activity_regularizer="l1")

        def call(self, x: Any, training: bool = False) -> Any:
            return self.out(self.norm(self.hidden(x), training=training))

    class Scaled(layers.Layer):
        def build(self, shape: Any) -> None:
            self.scale = self.add_weight("scale", (shape[-1],), initializer="ones")

        def call(self, x: Any) -> Any:
            return x * self.scale

    def two_outputs() -> Any:
        inputs = keras.Input((4,))
        hidden = Scaled()(layers.Dense(6, "tanh")(inputs))
        return keras.Model(inputs, [layers.Dense(1, name="p")(hidden), layers.Dense(1, name="q")(hidden)])

    keras.utils.set_random_seed(5)
    models = {
        "adam": (Own(), optimizers.Adam(0.01), "mse", Y),
        "legacy": (Own(), optimizers.legacy.Adam(0.01), "mse", Y),
        "two": (two_outputs(), optimizers.SGD(0.05, momentum=0.9), {"p": "mse", "q": "mae"}, [Y, Y]),
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for key, (model, optimizer, loss, y) in models.items():
            model.compile(optimizer, loss)
            model.fit(X, y, epochs=2, **FIT)
            model.save(folder / key, save_format="tf")
            losses = model.fit(X, y, epochs=3, **FIT).history["loss"]
            np.savez(folder / key / "results.npz", losses=losses)
        pack(folder, ARCHIVE)


if __name__ == "__main__":
    main()
