"""Freezes checkpoints that Keras 2 wrote: `TF_USE_LEGACY_KERAS=1 python -m tests.golden.make_former_checkpoints`.

Runs in an environment with `tensorflow-cpu==2.21.0` and `tf_keras==2.21.0`. `values.npz` holds what the models predict, and
after two epochs more.
"""

from __future__ import annotations

import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tf_keras

from tests.interchange.former import FORMER, data, fit

ARCHIVE = Path(__file__).parent / "data" / "former_checkpoints.zip"


def main() -> None:
    values: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind, (make, optimizer) in FORMER.items():
            tf_keras.utils.set_random_seed(1)
            model = make(tf_keras)
            x, y = data(kind)
            fit(model, optimizer(tf_keras), x, y)
            model.save_weights(str(folder / kind / "weights"))
            values[kind] = model.predict(x, verbose=0)
            model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0)
            values[f"{kind} later"] = model.predict(x, verbose=0)
        np.savez(folder / "values.npz", **values)
        with zipfile.ZipFile(ARCHIVE, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    archive.write(path, str(path.relative_to(folder)))


if __name__ == "__main__":
    main()
