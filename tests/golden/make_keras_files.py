"""Freezes files that Keras wrote, with what its models compute: `python -m tests.golden.make_keras_files`.

Runs in an environment with `tensorflow-cpu==2.21.0`.
"""

from __future__ import annotations

import os
import tempfile
import zipfile
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np

from tests.golden.keras_models import FORMATS, MODELS, flat, formats_of, train

ARCHIVE = Path(__file__).parent / "data" / "keras_files.zip"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        make_files(Path(folder))
        with zipfile.ZipFile(ARCHIVE, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(Path(folder).iterdir()):
                archive.write(path, path.name)


def make_files(folder: Path) -> None:
    for name, make in MODELS.items():
        keras.backend.clear_session()
        keras.utils.set_random_seed(7)
        model, x, y = make(keras)
        train(model, x, y)
        frozen = {f"output_{i}": value for i, value in enumerate(flat(model.predict(x, verbose=0)))}
        for kind in formats_of(name):
            path = folder / f"{name}{FORMATS[kind]}"
            model.save_weights(path) if kind == "weights" else model.save(path)
        frozen["iterations"] = np.array(int(model.optimizer.iterations))
        frozen["optimizer_sums"] = np.array([float(np.sum(np.float64(v.numpy()))) for v in model.optimizer.variables])
        model.reset_metrics()
        frozen["losses"] = np.array(train(model, x, y))
        frozen["output_later"] = flat(model.predict(x, verbose=0))[0]
        np.savez_compressed(folder / f"{name}.npz", **frozen)
        print(name, frozen["losses"])


if __name__ == "__main__":
    main()
