"""Freezes gradients of TensorFlow's loops: `python -m tests.golden.make_loop_saved_model`, in its environment."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf

from tests.golden.archive import pack

ARCHIVE = "loop_saved_model.tar.xz"
X = np.random.default_rng(0).standard_normal((7, 2, 3)).astype(np.float32)
TURNS = (0, 1, 5)


class Loops(tf.Module):
    def __init__(self) -> None:
        self.w, self.u = (tf.Variable(x, dtype=tf.float32) for x in np.random.default_rng(1).normal(0, 0.5, (2, 3, 3)))

    def over_a_range(self, x: tf.Tensor, n: tf.Tensor) -> tf.Tensor:
        h = tf.zeros((2, 3))
        for t in tf.range(n):
            h = tf.tanh(x[t] @ self.w + h @ self.u)
        return h

    def until(self, x: tf.Tensor, n: tf.Tensor) -> tf.Tensor:
        h, t = x[0], 0
        while tf.reduce_max(tf.abs(h)) > 1e-2 and t < n:
            h = tf.sin(h @ self.u) + x[1] @ self.w
            t += 1
        return h

    def of_five_turns(self, x: tf.Tensor, n: tf.Tensor) -> tf.Tensor:
        h, c = tf.zeros((2, 3)), tf.cast(n, tf.float32) * tf.ones((2, 3))
        for t in tf.range(5):
            c = tf.sigmoid(h @ self.u) * c + tf.tanh(x[t] @ self.w)
            h = tf.tanh(c)
        return h

    def of_any_size(self, x: tf.Tensor, n: tf.Tensor) -> tf.Tensor:
        h = tf.zeros((tf.shape(x)[1], 3))
        rows = tf.TensorArray(tf.float32, n + 1, element_shape=[None, 3])
        for t in tf.range(n + 1):
            h = tf.tanh(x[t] @ self.w + h @ self.u)
            rows = rows.write(t, h)
        return rows.stack()


FUNCTIONS = {"over_a_range": X.shape, "until": X.shape, "of_five_turns": X.shape, "of_any_size": (None, None, 3)}


def gradient(
    module: Loops, function: tf.types.experimental.GenericFunction, shape: tuple
) -> tf.types.experimental.GenericFunction:
    @tf.function(input_signature=[tf.TensorSpec(shape), tf.TensorSpec([], tf.int32)])
    def slopes(x, n):
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(function(x, n) ** 2)
        return tape.gradient(loss, [x, module.w, module.u], unconnected_gradients="zero")

    return slopes


def main() -> None:
    folder, module, results = Path(tempfile.mkdtemp()), Loops(), {}
    for name, shape in FUNCTIONS.items():
        step = gradient(module, getattr(module, name), shape)
        setattr(module, f"{name}_slopes", step)
        for n in TURNS:
            found = [tf.convert_to_tensor(d).numpy() for d in step(tf.constant(X), tf.constant(n))]
            results |= {f"{name}/{n}/{i}": d for i, d in enumerate(found)}
    tf.saved_model.save(module, str(folder / "loops"))
    np.savez_compressed(folder / "loops" / "results.npz", x=X, **results)
    pack(folder / "loops", ARCHIVE)


if __name__ == "__main__":
    main()
