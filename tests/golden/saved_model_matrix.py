"""Whether TensorFlow reads the SavedModels that Tenfold writes, and the other way round. Run by hand, where Tenfold is:

    python -m tests.golden.saved_model_matrix PYTHON

with the path of a Python that has `tensorflow-cpu==2.21.0`. Prints a line for each module and direction, and what differs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np

from tests.golden.saved_model_results import compare, export_results, freeze, freeze_export, results
from tests.golden.saved_models import MODULES, THEIRS, exports

ROOT = Path(__file__).parent.parent.parent


def read(tf: object, folder: Path, label: str) -> int:
    """Reads all SavedModels of a folder and compares what they give; the number of those that fail."""
    failures = 0
    for path in sorted(p for p in folder.iterdir() if (p / "results.npz").exists()):
        try:
            loaded = tf.saved_model.load(str(path))  # type: ignore[attr-defined]
            if path.name in MODULES:
                wrong = compare(results(tf, loaded, MODULES[path.name](tf)), path)
            else:
                wrong = compare(export_results(tf, loaded, np.load(path / "results.npz")["x"]), path)
        except Exception as error:
            wrong = [told(error)]
        failures += bool(wrong)
        print(f"{label:24} {path.name:20} {'; '.join(wrong) or 'ok'}", flush=True)
    return failures


def write(tf: object, folder: Path) -> int:
    """Writes all modules and models; the number of those that fail."""
    failures = 0
    models = exports(tf.keras)  # type: ignore[attr-defined]
    for name in [*(name for name in MODULES if name not in THEIRS), *models]:
        try:
            if name in MODULES:
                freeze(tf, MODULES[name](tf), folder / name)
            else:
                freeze_export(tf, *models[name], folder / name)
        except Exception as error:
            failures += 1
            print(f"{'Tenfold writes':24} {name:20} {told(error)}", flush=True)
    return failures


def told(error: Exception) -> str:
    if os.environ.get("VERBOSE"):
        traceback.print_exception(error)
    return f"{type(error).__name__}: {str(error)[:400]} {getattr(error, '__notes__', '')}"


def main() -> int:
    what, *rest = sys.argv[1:]
    if what == "read":
        import tensorflow as tf

        return read(tf, Path(rest[0]), "Tenfold to TensorFlow")
    import tenfold as tf

    if what == "reread":
        return read(tf, Path(rest[0]), "Tenfold to Tenfold")
    with tempfile.TemporaryDirectory() as folder:
        theirs, ours = Path(folder, "theirs"), Path(folder, "ours")
        ours.mkdir()
        subprocess.run(
            [what, "-m", "tests.golden.make_saved_models", str(theirs)], cwd=ROOT, check=True, stderr=subprocess.DEVNULL
        )
        failures = read(tf, theirs, "TensorFlow to Tenfold") + write(tf, ours)
        for python, kind in ((what, "read"), (sys.executable, "reread")):
            command = [python, "-m", "tests.golden.saved_model_matrix", kind, str(ours)]
            failures += subprocess.run(command, cwd=ROOT, stderr=subprocess.DEVNULL).returncode
    return failures


if __name__ == "__main__":
    sys.exit(main())
