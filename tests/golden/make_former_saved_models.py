"""Freezes SavedModels that Keras 2 wrote: `TF_USE_LEGACY_KERAS=1 python -m tests.golden.make_former_saved_models`.

Runs in an environment with `tensorflow-cpu==2.21.0` and `tf_keras==2.21.0`.
"""

from __future__ import annotations

import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf
import tf_keras as keras

ARCHIVE = Path(__file__).parent / "data" / "former_saved_models.zip"


class Subclassed(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.dropout, self.out = (
            keras.layers.Dense(4, "relu"),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(2),
        )

    def call(self, x: Any, training: bool = False) -> Any:
        return self.out(self.dropout(self.hidden(x), training=training))


def of_operations() -> Any:
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


def models() -> dict[str, tuple[Any, np.ndarray]]:
    layers = keras.layers
    image = np.random.default_rng(0).standard_normal((2, 8, 8, 2)).astype(np.float32)
    return {
        "cnn": (
            keras.Sequential([keras.Input((8, 8, 2)), layers.Conv2D(3, 3), layers.BatchNormalization(), layers.ReLU(),
                              layers.MaxPooling2D(), layers.Dropout(0.5), layers.Flatten(), layers.Dense(2)]),
            image,
        ),
        "text": (
            keras.Sequential([keras.Input((None,), dtype="int32"), layers.Embedding(10, 4, mask_zero=True),
                              layers.Bidirectional(layers.LSTM(3)), layers.Dense(1, activation="sigmoid")]),
            np.array([[1, 2, 0], [9, 9, 3]], np.int32),
        ),
        "subclassed": (Subclassed(), image.reshape(4, 64)[:, :3]),
    }  # fmt: skip


def main() -> None:
    keras.utils.set_random_seed(5)
    folder = Path(tempfile.mkdtemp())
    for name, (model, x) in models().items():
        model.compile("adam", "mse")
        model.train_on_batch(x, np.zeros(model(x).shape, np.float32))
        model.save(folder / name, save_format="tf")
        with tf.GradientTape() as tape:
            y = model(x)
            total = tf.reduce_sum(y * y)
        gradients = [tf.convert_to_tensor(g).numpy() for g in tape.gradient(total, model.trainable_variables)]
        np.savez(folder / name / "results.npz", *gradients, x=x, y=y.numpy())
    make_operations(folder / "operations")
    with zipfile.ZipFile(ARCHIVE, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))


def make_operations(folder: Path) -> None:
    """A model in both forms of Keras 2, with what it predicts and how its training goes on."""
    rng, model = np.random.default_rng(1), of_operations()
    inputs = [rng.standard_normal((6, 3)).astype(np.float32), rng.standard_normal((6, 4, 2)).astype(np.float32)]
    labels = np.zeros((6, 2), np.float32)
    model.compile("adam", "mse")
    model.fit(inputs, labels, epochs=2, verbose=0, shuffle=False)
    model.save(folder, save_format="tf")
    model.save(folder / "model.h5")
    predicted = model.predict(inputs, verbose=0)
    losses = model.fit(inputs, labels, epochs=3, verbose=0, shuffle=False).history["loss"]
    np.savez(folder / "results.npz", x=inputs[0], steps=inputs[1], y=predicted, losses=losses)


if __name__ == "__main__":
    main()
