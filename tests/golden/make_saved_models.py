"""Freezes SavedModels that TensorFlow and its Keras wrote, with what they compute: `python -m tests.golden.make_saved_models`.

Runs in an environment with `tensorflow-cpu==2.21.0`.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

from tests.golden.archive import pack
from tests.golden.model_kind_results import write
from tests.golden.model_kinds import KINDS
from tests.golden.saved_model_results import freeze
from tests.golden.saved_models import MODULES

ARCHIVE = "saved_models.tar.xz"


def main() -> None:
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(7)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for module, make in MODULES.items():
            freeze(tf, make(tf), folder / "modules" / module)
        for kind in KINDS:
            write(tf, keras, kind, folder / "kinds" / kind)
        pack(folder, ARCHIVE)


if __name__ == "__main__":
    main()
