"""Whether TensorFlow restores what Tenfold saved, and the other way round. By hand, where both are:

    python -m tests.interchange.checkpoints --tensorflow PYTHON

PYTHON is the interpreter of an environment with `tensorflow-cpu==2.21.0`. Every object of `objects.py` is saved by both,
restored by the other into a new one with `assert_consumed`, and saved again: keys and values must be those of the file.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

import numpy as np

from tests.interchange.objects import OBJECTS

GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
ENGINES = ("tensorflow", "tenfold")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tensorflow", help="the Python that has TensorFlow")
    parser.add_argument("--half", nargs=3, metavar=("ENGINE", "write|read", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.half:
        engine, what, folder = options.half
        sys.exit(bool((write if what == "write" else read)(engine, Path(folder))))
    if not options.tensorflow:
        parser.error("--tensorflow is needed")
    pythons = dict(zip(ENGINES, (options.tensorflow, sys.executable), strict=True))
    with tempfile.TemporaryDirectory() as folder:
        results = [
            subprocess.run(
                [pythons[engine], "-m", "tests.interchange.checkpoints", "--half", engine, what, folder]
            ).returncode
            for what in ("write", "read")
            for engine in ENGINES
        ]
    sys.exit(any(results))


def imported(engine: str) -> Any:
    import importlib

    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

    return importlib.import_module(engine)


def write(engine: str, folder: Path) -> int:
    tf = imported(engine)
    for name, make in OBJECTS.items():
        tf.keras.utils.set_random_seed(1)
        tf.train.Checkpoint(**make(tf)).save(str(folder / engine / name / "ckpt"))
    return 0


def read(engine: str, folder: Path) -> int:
    """Restores what the other engine wrote; returns how many objects failed."""
    tf = imported(engine)
    other = next(name for name in ENGINES if name != engine)
    failures = 0
    for name, make in OBJECTS.items():
        tf.keras.utils.set_random_seed(2)
        saved = str(folder / other / name / "ckpt-1")
        try:
            checkpoint = tf.train.Checkpoint(**make(tf))
            checkpoint.restore(saved).assert_consumed()
            again = checkpoint.write(str(folder / f"{engine}_again" / name))
            problems = differences(tf, *((saved, again) if other == "tensorflow" else (again, saved)))
        except Exception:
            problems = [traceback.format_exc(limit=-2)]
        failures += bool(problems)
        if problems:
            print("FAILED", name, *problems, sep="\n  ")
    print(f"{engine} restored {len(OBJECTS) - failures} of {len(OBJECTS)} objects that {other} saved")
    return failures


def differences(tf: Any, of_tensorflow: str, of_tenfold: str) -> list[str]:
    """How two checkpoints of the same object differ; Tenfold's may have more."""
    first, second = tf.train.load_checkpoint(of_tensorflow), tf.train.load_checkpoint(of_tenfold)
    names = set(first.get_variable_to_shape_map()) - {GRAPH}
    missing = [name for name in names if not second.has_tensor(name)]
    return [f"missing: {name}" for name in missing] + [
        f"{name}: {first.get_tensor(name)!r} and {second.get_tensor(name)!r}"
        for name in sorted(names - set(missing))
        if not np.array_equal(first.get_tensor(name), second.get_tensor(name))
    ]


if __name__ == "__main__":
    main()
