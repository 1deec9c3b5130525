"""Stopping, saving and going on in a new process gives bit for bit what going on at once gives."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.keras.saving import resuming

ROOT = Path(__file__).parents[3]


@pytest.fixture(
    scope="module", params=["", ".keras", ".weights.h5", ".ckpt"], ids=["folder", "keras", "weights", "checkpoint"]
)
def folder(request: Any, tmp_path_factory: Any) -> Path:
    """All cases trained for 4 epochs at once, and for 2 and 2 in three processes in all."""
    folder = tmp_path_factory.mktemp("resume")
    for first, last in ((0, 4), (0, 2), (2, 4)):
        command = [sys.executable, "-m", "tests.keras.saving.resuming", ",".join(resuming.CASES), str(first), str(last)]
        subprocess.run([*command, str(folder), request.param], cwd=ROOT, check=True)
    return folder


@pytest.mark.parametrize("case", resuming.CASES)
def test_resumed_training_equals_uninterrupted(case: str, folder: Path) -> None:
    whole, resumed = np.load(folder / f"{case}_0_4.npz"), np.load(folder / f"{case}_2_4.npz")
    assert whole.files == resumed.files
    for name in whole.files:
        np.testing.assert_array_equal(resumed[name], whole[name], err_msg=name)


def test_training_moves_the_weights(folder: Path) -> None:
    assert not np.array_equal(np.load(folder / "adam_0_2.npz")["arr_0"], np.load(folder / "adam_0_4.npz")["arr_0"])
