"""A training of 10 epochs, a checkpoint, a new process, and 10 epochs more, are one of 20, bit for bit.

With dropout, batch normalisation, and rows in another order in every epoch; nothing is seeded.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("resume.py")


def run(*arguments: str) -> str:
    ran = subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True, timeout=100)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.parametrize("optimizer", ["momentum", "adam", "rmsprop"])
def test_ten_and_ten_epochs_are_twenty(optimizer: str, tmp_path: Path) -> None:
    assert run(optimizer, str(tmp_path)) == run(optimizer, str(tmp_path), str(tmp_path / "ckpt-1"))
