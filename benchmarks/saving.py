"""Time and size of saved models in one engine: `python -m benchmarks.saving ENGINE` prints milliseconds and megabytes as JSON.

Models: the CNN of the steps, with Adam, 38 MB with its slots, and dense layers of 100 MB without. Forms: SavedModels (`export`), checkpoints
and `.keras` files. Files are in the page cache when they are read. Engines: tenfold, tensorflow.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import library

REPEATS = 5
FORMS = ("SavedModel", "checkpoint", ".keras")


def cnn(tf: Any) -> Any:
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [tf.keras.Input((28, 28, 1)), layers.Conv2D(32, 5, padding="same", activation="relu"), layers.MaxPool2D(),
         layers.Conv2D(64, 5, padding="same", activation="relu"), layers.MaxPool2D(), layers.Flatten(),
         layers.Dense(1024, activation="relu"), layers.Dense(10)]
    )  # fmt: skip
    model.compile("adam", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(np.zeros((8, 28, 28, 1), np.float32), np.zeros(8, np.int32), verbose=0)
    return model


def wide(tf: Any) -> Any:
    layers = [tf.keras.layers.Dense(2560, activation="relu") for _ in range(4)]
    return tf.keras.Sequential([tf.keras.Input((2560,)), *layers])


def forms(tf: Any, make: Callable[[Any], Any], folder: Path) -> dict[str, tuple[Path, Callable, Callable]]:
    """For each form, where it is, and what saves and loads."""
    model, other = make(tf), make(tf)

    def checkpoint(of: Any) -> Any:
        return tf.train.Checkpoint(model=of, optimizer=of.optimizer) if of.compiled else tf.train.Checkpoint(model=of)

    exported, prefix, archive = folder / "exported", folder / "checkpoint" / "c", folder / "model.keras"
    prefix.parent.mkdir()
    return {
        "SavedModel": (
            exported,
            lambda: model.export(str(exported), verbose=False),
            lambda: tf.saved_model.load(str(exported)),
        ),
        "checkpoint": (
            prefix.parent,
            lambda: checkpoint(model).write(str(prefix)),
            lambda: checkpoint(other).read(str(prefix)).assert_consumed(),
        ),
        ".keras": (archive, lambda: model.save(str(archive)), lambda: tf.keras.models.load_model(str(archive))),
    }


def measured(save: Callable, load: Callable, path: Path) -> dict[str, float]:
    """Medians after a first time."""
    times: dict[str, list[float]] = {"save": [], "load": []}
    for _ in range(REPEATS + 1):
        if path.suffix or path.name == "exported":
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        for name, run in (("save", save), ("load", load)):
            start = time.perf_counter()
            run()
            times[name].append(1e3 * (time.perf_counter() - start))
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    found = {name: statistics.median(values[1:]) for name, values in times.items()}
    return found | {"size": sum(file.stat().st_size for file in files) / 1e6}


def main(engine: str) -> None:
    tf = library(engine)
    found = {}
    for name, make in (("CNN", cnn), ("100 MB", wide)):
        with tempfile.TemporaryDirectory() as place:
            for form, (path, save, load) in forms(tf, make, Path(place)).items():
                found[f"{name}, {form}"] = measured(save, load, path)
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
