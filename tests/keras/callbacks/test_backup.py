"""A training with `BackupAndRestore` that is killed again and again ends in the weights of one that was not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tenfold as tf

SCRIPT = Path(__file__).with_name("backed_up.py")


def run(folder: Path, kind: str, times: int = 0) -> subprocess.CompletedProcess:
    arguments = [sys.executable, SCRIPT, folder, kind, str(times)]
    return subprocess.run(arguments, capture_output=True, text=True, timeout=100)


@pytest.mark.skipif(sys.platform == "win32", reason="processes are killed by a signal")
@pytest.mark.parametrize(
    "kind, times", [("arrays", (6, 9, 7)), ("epochs", (7, 10, 5)), ("steps", (5, 8)), ("generator", (6, 7))]
)
def test_killed_again_and_again(kind: str, times: tuple[int, ...], tmp_path: Path) -> None:
    whole = run(tmp_path / "whole", kind)
    assert whole.returncode == 0, whole.stderr
    for number in times:
        killed = run(tmp_path / "parts", kind, number)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
    last = run(tmp_path / "parts", kind)
    assert last.stdout == whole.stdout, last.stderr
    assert not (tmp_path / "parts").exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_random_times(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.keras.callbacks.backed_up_at_random", tmp_path, "1", "20"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, cwd=Path(__file__).parents[3])
    assert done.returncode == 0, done.stderr
    trainings, killed, wrong = map(int, done.stdout.split())
    assert trainings >= 2 and killed >= 20 and wrong == 0


def test_an_epoch_that_ran_out_of_data_is_gone_on_behind(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(20, 3)).astype("float32")

    class Stop(tf.keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    def train(folder, *callbacks):
        tf.keras.utils.set_random_seed(1)
        model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
        model.compile("adam", "mse")
        backup = tf.keras.callbacks.BackupAndRestore(folder)
        with pytest.warns(UserWarning, match="ran out of data"):  # 5 batches, in epochs of 3
            model.fit(x, x[:, :2], 4, epochs=4, steps_per_epoch=3, verbose=0, callbacks=[backup, *callbacks])
        return [w.numpy() for w in model.weights]

    whole = train(tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "parts", Stop())
    for a, b in zip(train(tmp_path / "parts"), whole, strict=True):
        np.testing.assert_array_equal(a, b)
