"""Freezes SavedModels that Keras 2 wrote: `TF_USE_LEGACY_KERAS=1 python -m tests.golden.make_former_saved_models`.

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
from tests.golden.model_kind_results import write
from tests.golden.model_kinds import KINDS

ARCHIVE = "former_saved_models.tar.xz"


def of_operations(tf: Any, keras: Any) -> Any:
    """A functional model with TensorFlow's functions and Python's operators between layers."""
    x, steps = keras.Input((3,)), keras.Input((4, 2))
    hidden = keras.layers.Dense(4)(x)
    y = tf.nn.relu(2.0 - hidden * 3.0 / 2) + tf.math.square(hidden)
    y = tf.concat([y, hidden], axis=-1)[:, 1:7]
    attended = keras.layers.MultiHeadAttention(1, 2)(steps, steps)[:, 0]
    mean = tf.reduce_mean(tf.reshape(y, [-1, 2, 3]), axis=[1, 2])
    state, last = keras.layers.SimpleRNN(2, return_state=True)(steps)
    again = keras.layers.SimpleRNN(2)(steps, initial_state=[last])
    parts = [y, tf.cast(mean > 0.0, "float32")[:, tf.newaxis], attended, -state, again @ tf.ones((2, 2))]
    return keras.Model([x, steps], keras.layers.Dense(2)(tf.concat(parts, 1)))


def make_operations(tf: Any, keras: Any, folder: Path) -> None:
    """A model in both forms of Keras 2, with what it predicts and how its training goes on."""
    rng, model = np.random.default_rng(1), of_operations(tf, keras)
    inputs = [rng.standard_normal((6, 3)).astype(np.float32), rng.standard_normal((6, 4, 2)).astype(np.float32)]
    labels = np.zeros((6, 2), np.float32)
    model.compile("adam", "mse")
    model.fit(inputs, labels, epochs=2, verbose=0, shuffle=False)
    model.save(folder, save_format="tf")
    model.save(folder / "model.h5")
    predicted = model.predict(inputs, verbose=0)
    losses = model.fit(inputs, labels, epochs=3, verbose=0, shuffle=False).history["loss"]
    np.savez(folder / "results.npz", x=inputs[0], steps=inputs[1], y=predicted, losses=losses)


def main() -> None:
    import tensorflow as tf
    import tf_keras as keras

    keras.utils.set_random_seed(5)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind in KINDS:
            if kind != "module":  # which is not of Keras
                write(tf, keras, kind, folder / kind)
        make_operations(tf, keras, folder / "operations")
        pack(folder, ARCHIVE)


if __name__ == "__main__":
    main()
