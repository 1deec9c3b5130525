"""`tf.train.CheckpointManager` and the state file."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path
from typing import Any

import pytest

import tenfold as tf


def managed(folder: Path, keep: int | None = 2, **options: Any) -> tuple[tf.Variable, Any]:
    v = tf.Variable(0)
    return v, tf.train.CheckpointManager(tf.train.Checkpoint(v=v), folder, keep, **options)


def test_the_latest_are_kept(tmp_path: Path) -> None:
    v, manager = managed(tmp_path / "new")
    assert manager.latest_checkpoint is None and manager.checkpoints == []
    for _ in range(4):
        v.assign_add(1)
        path = manager.save()
        assert path == manager.latest_checkpoint == tf.train.latest_checkpoint(tmp_path / "new")
    assert manager.checkpoints == [str(tmp_path / "new" / f"ckpt-{i}") for i in (3, 4)]
    files = {f"ckpt-{i}.{end}" for i in (3, 4) for end in ("index", "data-00000-of-00001")}
    assert set(os.listdir(tmp_path / "new")) == {"checkpoint", *files}


def test_another_manager_goes_on_where_one_stopped(tmp_path: Path) -> None:
    v, manager = managed(tmp_path)
    for _ in range(3):
        v.assign_add(1)
        manager.save()
    w, other = managed(tmp_path)
    assert other.checkpoints == manager.checkpoints
    assert other.restore_or_initialize() == manager.latest_checkpoint
    assert w.numpy() == 3
    assert other.save() == str(tmp_path / "ckpt-4")
    assert [os.path.basename(path) for path in other.checkpoints] == ["ckpt-3", "ckpt-4"]


def test_init_fn_is_called_where_there_is_no_checkpoint(tmp_path: Path) -> None:
    calls: list[int] = []
    _, manager = managed(tmp_path, init_fn=lambda: calls.append(1))
    assert manager.restore_or_initialize() is None and calls == [1]
    manager.save()
    assert manager.restore_or_initialize() is not None and calls == [1]


def test_names_numbers_and_all_are_kept(tmp_path: Path) -> None:
    _, manager = managed(tmp_path, None, checkpoint_name="model")
    paths = [manager.save(checkpoint_number=number) for number in (10, tf.Variable(20), 10)]
    assert [os.path.basename(path) for path in paths] == ["model-10", "model-20", "model-10"]
    assert [os.path.basename(path) for path in manager.checkpoints] == ["model-20", "model-10"]
    assert manager.directory == str(tmp_path)


def test_nothing_is_saved_before_the_interval_is_over(tmp_path: Path) -> None:
    step = tf.Variable(0)
    manager = tf.train.CheckpointManager(
        tf.train.Checkpoint(step=step), tmp_path, 5, step_counter=step, checkpoint_interval=3
    )
    saved = []
    for _ in range(7):
        saved.append(manager.save() is not None)
        step.assign_add(1)
    assert saved == [True, False, False, True, False, False, True]
    assert manager.save(check_interval=False) is not None
    assert manager.save(check_interval=False) is None  # nothing happened since
    assert manager.checkpoint_interval == 3


def test_one_every_few_hours_is_kept_for_ever(tmp_path: Path) -> None:
    _, manager = managed(tmp_path, 1, keep_checkpoint_every_n_hours=1e-6)
    for _ in range(3):
        manager.save()
        time.sleep(0.01)
    assert [os.path.basename(path) for path in manager.checkpoints] == ["ckpt-3"]
    assert all(tf.train.checkpoint_exists(tmp_path / f"ckpt-{i}") for i in (1, 2, 3))


@pytest.mark.parametrize(
    "arguments, message",
    [({"max_to_keep": 0}, "max_to_keep"), ({"max_to_keep": 1, "checkpoint_interval": 2}, "step_counter")],
)
def test_mistakes(arguments: dict, message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        tf.train.CheckpointManager(tf.train.Checkpoint(v=tf.Variable(0)), tmp_path, **arguments)


def test_a_state_file_survives_moving_the_folder(tmp_path: Path) -> None:
    v, manager = managed(tmp_path / "here")
    manager.save()
    (tmp_path / "here").rename(tmp_path / "there")
    assert tf.train.latest_checkpoint(tmp_path / "there") == str(tmp_path / "there" / "ckpt-1")
    assert tf.train.load_variable(tmp_path / "there", "v/.ATTRIBUTES/VARIABLE_VALUE") == 0


def test_state_files_that_say_nothing_useful(tmp_path: Path, caplog: Any) -> None:
    assert tf.train.get_checkpoint_state(tmp_path) is None
    with pytest.raises(ValueError, match="Couldn't find 'checkpoint' file"):
        tf.train.load_checkpoint(tmp_path)
    (tmp_path / "checkpoint").write_bytes(b"\xff{no text of a message")
    with caplog.at_level(logging.WARNING, "tensorflow"):
        assert tf.train.latest_checkpoint(tmp_path) is None
    assert "The file is ignored" in caplog.text
    (tmp_path / "checkpoint").write_text('all_model_checkpoint_paths: "x"')
    with pytest.raises(ValueError, match="Invalid checkpoint state"):
        tf.train.latest_checkpoint(tmp_path)
    tf.train.update_checkpoint_state(tmp_path, str(tmp_path / "gone"))
    with caplog.at_level(logging.ERROR, "tensorflow"):
        assert tf.train.latest_checkpoint(tmp_path) is None
    with pytest.raises(ValueError, match="1 timestamps and 2 paths"):
        tf.train.update_checkpoint_state(tmp_path, "b", ["a"], all_model_checkpoint_timestamps=[1.0])
    with pytest.raises(RuntimeError, match="Give it another name"):
        tf.train.update_checkpoint_state(tmp_path, "checkpoint")


def test_new_checkpoints_are_awaited(tmp_path: Path) -> None:
    v, manager = managed(tmp_path, 5)
    asked: list[int] = []

    def save_or_end() -> bool:
        asked.append(1)
        if len(asked) < 3:
            manager.save()
        return len(asked) == 3

    paths = tf.train.checkpoints_iterator(tmp_path, min_interval_secs=0.01, timeout=0, timeout_fn=save_or_end)
    assert [os.path.basename(path) for path in paths] == ["ckpt-1", "ckpt-2"]
    assert len(list(tf.train.checkpoints_iterator(tmp_path, timeout=0.01))) == 1
