"""Every layer, loss, metric and optimizer of Keras: a model with it is saved to a folder, and goes on in a new process as if nothing had been."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import tenfold as tf
from tests.keras.saving import compiled_models
from tests.keras.saving.compiled_models import LAYERS, LOSSES, METRICS, OPTIMIZERS, SCHEDULES

ROOT = Path(__file__).parents[3]
K = tf.keras


@pytest.mark.parametrize("group", ["layer", "loss", "metric", "optimizer"])
def test_models_go_on_in_a_new_process(group, tmp_path):
    compiled_models.write(group, tmp_path)
    command = [sys.executable, "-m", "tests.keras.saving.compiled_models", group, tmp_path]
    assert subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout == ""


@pytest.mark.parametrize(
    "module, cases, others",
    [
        (K.layers, LAYERS, compiled_models.NO_LAYERS),
        (K.losses, LOSSES, compiled_models.NO_LOSSES),
        (K.metrics, METRICS, compiled_models.NO_METRICS),
        (K.optimizers, OPTIMIZERS, compiled_models.NO_OPTIMIZERS),
        (K.optimizers.schedules, SCHEDULES, {"LearningRateSchedule", "Tensor"}),
    ],
    ids=["layers", "losses", "metrics", "optimizers", "schedules"],
)
def test_no_class_is_left_out(module: Any, cases: Any, others: Any) -> None:
    classes = {
        value.__name__
        for value in [getattr(module, name) for name in dir(module)]
        if isinstance(value, type) and value.__module__.startswith("tenfold")
    }
    assert classes == {*cases, *others}
