"""Trains a model with a backup, and is killed when it has touched files so often; `python backed_up.py FOLDER KIND [TIMES]`.

Prints the sums of all weights, exactly, if it comes to its end. `test_backup.py` runs it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

import tenfold as tf

EVENTS = ("os.rename", "os.remove", "os.chmod", "os.mkdir", "shutil.copyfile", "tempfile.mkstemp")
KINDS: dict[str, dict[str, Any]] = {
    "arrays": {"save_freq": 2},
    "epochs": {"save_freq": "epoch", "double_checkpoint": True},
    "steps": {"save_freq": 3},
    "generator": {"save_freq": 2},
}


def die_after(times: int) -> None:
    count = 0

    def hook(event: str, arguments: Any) -> None:
        nonlocal count
        if event in EVENTS:
            count += 1
            if count == times:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def main(folder: str, kind: str, times: str = "0") -> None:
    if int(times):
        die_after(int(times))
    print(trained(folder, kind, KINDS[kind]))


def trained(folder: str, kind: str, options: dict[str, Any]) -> str:
    """The sums of all weights after the training."""
    tf.keras.utils.set_random_seed(3)
    tf.random.set_seed(None)  # rows come in another order in every epoch
    x = np.random.default_rng(0).normal(size=(40, 5)).astype("float32")
    y = np.tanh(x @ np.arange(5, dtype="float32"))[:, None]
    L = tf.keras.layers
    model = tf.keras.Sequential([tf.keras.Input((5,)), L.Dense(8, "relu"), L.Dropout(0.3), L.Dense(1)])
    model.compile("adam", "mse")

    def batches() -> Iterator[tuple]:
        while True:
            for start in range(0, 40, 8):
                yield x[start : start + 8], y[start : start + 8]

    backup = tf.keras.callbacks.BackupAndRestore(folder, **options)
    data: dict[str, Any] = {"x": x, "y": y, "batch_size": 8}
    if kind == "steps":
        data["steps_per_epoch"] = 3
    elif kind == "generator":
        data = {"x": batches(), "steps_per_epoch": 4}
    model.fit(**data, epochs=4, verbose=0, callbacks=[backup])
    return " ".join(np.float64(v.numpy()).sum().hex() for v in [*model.variables, *model.optimizer.variables])


if __name__ == "__main__":
    main(*sys.argv[1:])
