"""Importing Tenfold brings in no module that most programs never need."""

import subprocess
import sys
from pathlib import Path

import pytest

SLOW = {
    "h5py",
    "llvmlite",
    "logging",
    "concurrent.futures",
    "multiprocessing",
    "urllib.request",
    "importlib.resources",
    "zipfile",
    "tarfile",
}


@pytest.mark.parametrize("module", ["tenfold", "tenfold.keras.layers"])
def test_slow_modules_are_left_for_first_use(module):
    code = f"import sys, numpy; known = {{*sys.modules}}; import {module}; print(*({{*sys.modules}} - known))"
    root = Path(__file__).parents[1]
    found = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True).stdout
    assert SLOW & set(found.split()) == set()
    assert module in found.split()
