"""A process that is killed while it saves leaves the checkpoint before, whole, or the new one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("killed.py")


@pytest.mark.skipif(not hasattr(sys, "addaudithook") or sys.platform == "win32", reason="needs fork")
@pytest.mark.parametrize("kind", ["numbered", "managed", "replaced"])
def test_one_of_the_two_is_whole(kind: str, tmp_path: Path) -> None:
    run = subprocess.run([sys.executable, SCRIPT, kind, tmp_path], capture_output=True, text=True, timeout=100)
    assert run.returncode == 0, run.stderr
    lines = run.stdout.splitlines()
    assert set(lines) == {"1 [1]", "2 [2]"}, lines
    assert lines == sorted(lines) and len(lines) > 8  # once the new one is there, it stays
