"""Whether Keras reads what Tenfold writes; run by hand, the two halves in two environments.

python -m tests.golden.check_keras_reads write FOLDER   # where tenfold and h5py are
python -m tests.golden.check_keras_reads read FOLDER    # where tensorflow-cpu==2.21.0 is
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np

from tests.golden.keras_models import FORMATS, MODELS, RANDOM, flat, formats_of, train


def write(folder: Path) -> None:
    import tenfold as tf

    folder.mkdir(parents=True, exist_ok=True)
    for name, make in MODELS.items():
        tf.keras.utils.set_random_seed(3)
        model, x, y = make(tf.keras)
        train(model, x, y)
        for kind in formats_of(name):
            path = folder / f"{name}{FORMATS[kind]}"
            model.save_weights(path) if kind == "weights" else model.save(path)
        outputs = flat(model.predict(x, verbose=0))
        np.savez(folder / f"{name}.npz", *outputs, losses=train(model, x, y))


def read(folder: Path) -> int:
    import keras

    failures = 0
    for name, make in MODELS.items():
        frozen = np.load(folder / f"{name}.npz")
        for kind in formats_of(name):
            try:
                path = str(folder / f"{name}{FORMATS[kind]}")
                model, x, y = make(keras)
                if kind == "weights":
                    model.optimizer.build(model.trainable_variables)
                    model.load_weights(path)
                else:
                    # Keras 3.15 fails to go on training even from its own `.h5` files
                    model = keras.models.load_model(path, compile=kind == "keras")
                for i, value in enumerate(flat(model.predict(x, verbose=0))):
                    np.testing.assert_allclose(value, frozen[f"arr_{i}"], rtol=1e-5, atol=1e-5)
                if name not in RANDOM and kind != "legacy":
                    np.testing.assert_allclose(train(model, x, y), frozen["losses"], rtol=1e-5, atol=1e-5)
                print("ok", name, kind)
            except Exception:
                print("FAILED", name, kind)
                traceback.print_exc(limit=-2)
                failures += 1
    return failures


if __name__ == "__main__":
    command, target = sys.argv[1:]
    sys.exit(write(Path(target)) if command == "write" else read(Path(target)))
