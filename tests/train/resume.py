"""Trains a model for 20 epochs, or from a checkpoint on; `python resume.py OPTIMIZER FOLDER [CHECKPOINT]`.

A checkpoint is saved after the 10th epoch. Prints the sums of all variables, exactly. `test_resume.py` runs it.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

import tenfold as tf

L = tf.keras.layers
OPTIMIZERS = {
    "momentum": lambda: tf.keras.optimizers.SGD(0.05, momentum=0.9),
    "adam": lambda: tf.keras.optimizers.Adam(0.01),
    "rmsprop": lambda: tf.keras.optimizers.RMSprop(0.01, momentum=0.5),
}


class SaveInTheMiddle(tf.keras.callbacks.Callback):
    def __init__(self, checkpoint: Any, prefix: str) -> None:
        super().__init__()
        self.checkpoint, self.prefix = checkpoint, prefix

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == 9:
            self.checkpoint.save(self.prefix)


def main(name: str, folder: str, saved: str | None = None) -> None:
    x = np.random.default_rng(0).normal(size=(40, 5)).astype("float32")
    y = np.tanh(x @ np.arange(5, dtype="float32"))[:, None]
    model = tf.keras.Sequential([L.Dense(8, "relu"), L.Dropout(0.3), L.BatchNormalization(), L.Dense(1)])
    model.compile(OPTIMIZERS[name](), "mse")
    checkpoint = tf.train.Checkpoint(model=model)
    status = checkpoint.restore(saved)
    save = SaveInTheMiddle(checkpoint, f"{folder}/ckpt")
    model.fit(x, y, batch_size=8, epochs=20, initial_epoch=10 if saved else 0, verbose=0, callbacks=[save])
    if saved:
        status.assert_consumed()
    print(*[np.float64(v.numpy()).sum().hex() for v in [*model.variables, *model.optimizer.variables]])


if __name__ == "__main__":
    main(*sys.argv[1:])
