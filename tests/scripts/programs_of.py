"""The programs of this folder, and how they are run."""

import os
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NAMES = sorted(path.stem for path in (HERE / "programs").glob("*.py"))


def text_of(name: str) -> Path:
    """The file with what TensorFlow printed."""
    return HERE / "programs" / f"{name}.txt"


def output_of(name: str, command: list[str]) -> "subprocess.CompletedProcess[str]":
    """Runs a program with a Python."""
    environment = {**os.environ, "COLUMNS": "100", "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
    program = str(HERE / "programs" / f"{name}.py")
    return subprocess.run([*command, program], env=environment, capture_output=True, text=True, timeout=300)
