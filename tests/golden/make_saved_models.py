"""Freezes SavedModels that TensorFlow wrote, with what they compute: `python -m tests.golden.make_saved_models`.

Runs in an environment with `tensorflow-cpu==2.21.0`.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

from tests.golden.saved_model_results import freeze, freeze_export
from tests.golden.saved_models import MODULES, exports

ARCHIVE = Path(__file__).parent / "data" / "saved_models.zip"


def make_files(folder: Path) -> None:
    import keras
    import tensorflow as tf

    for name, make in MODULES.items():
        freeze(tf, make(tf), folder / name)
    keras.utils.set_random_seed(7)
    for name, (model, x) in exports(keras).items():
        freeze_export(tf, model, x, folder / name)


def main() -> None:
    if len(sys.argv) > 1:
        make_files(Path(sys.argv[1]))
        return
    folder = Path(tempfile.mkdtemp())
    make_files(folder)
    with zipfile.ZipFile(ARCHIVE, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
