"""BackupAndRestore: a training that was interrupted goes on where it was."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from tenfold.keras.callbacks.callback import Callback


class BackupAndRestore(Callback):
    """Keeps weights, optimizer state and the number of the epoch in a folder; `fit` begins from there if it holds any.

    Args:
      backup_dir: the folder, of this training alone.
      save_freq: `"epoch"`, or a number of batches.
      double_checkpoint: whether the backup before the last one is kept too, for the case that the last one is damaged.
      delete_checkpoint: whether the folder goes when the training has come to its end.
    Raises:
      ValueError: `backup_dir` is empty, or `save_freq` neither `"epoch"` nor a number.

    Example:
      >>> backup = tf.keras.callbacks.BackupAndRestore("backup")
    """

    def __init__(
        self,
        backup_dir: Any,
        save_freq: Any = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        super().__init__()
        if not backup_dir:
            raise ValueError("Empty `backup_dir` argument passed")
        if save_freq != "epoch" and not isinstance(save_freq, int):
            raise ValueError(f"BackupAndRestore: save_freq={save_freq!r} must be 'epoch' or a number of batches.")
        self.backup_dir, self.save_freq = os.fspath(backup_dir), save_freq
        self.double_checkpoint, self.delete_checkpoint = double_checkpoint, delete_checkpoint
        self._weights = Path(self.backup_dir, "latest.weights.h5")
        self._state = Path(self.backup_dir, "training_metadata.json")
        self._epoch = self._batches = 0

    def on_train_begin(self, logs: dict | None = None) -> None:
        if not self.model.built:
            raise ValueError(
                f"BackupAndRestore: the model {self.model.name!r} is not built, so nothing can be restored. Call it on a batch "
                "before `fit`, or give it an Input."
            )
        try:
            self._restore()
        except (OSError, ValueError):  # the file is damaged
            previous = [_before(path) for path in (self._weights, self._state)]
            if not previous[0].exists():
                raise
            for kept, path in zip(previous, (self._weights, self._state), strict=True):
                shutil.copy(kept, path)
            self._restore()

    def _restore(self) -> None:
        if not self._weights.exists():
            return
        optimizer = self.model.optimizer
        if optimizer is not None and not optimizer.built:
            optimizer.build(self.model.trainable_variables)
        self.model.load_weights(self._weights)
        if self._state.exists():
            self._epoch = self.model._initial_epoch = json.loads(self._state.read_text())["epoch"]

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self._epoch = epoch + 1
        if self.save_freq == "epoch":
            self._save(0)

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        if self.save_freq != "epoch":
            self._batches += 1
            if self._batches >= self.save_freq:
                self._batches = 0
                self._save(batch)

    def _save(self, batch: int) -> None:
        Path(self.backup_dir).mkdir(parents=True, exist_ok=True)
        if self.double_checkpoint:
            for path in (self._weights, self._state):
                if path.exists():
                    shutil.copy(path, _before(path))
        self.model.save_weights(self._weights, overwrite=True)
        self._state.write_text(json.dumps({"epoch": self._epoch, "batch": batch}))

    def on_train_end(self, logs: dict | None = None) -> None:
        self.model._initial_epoch = None
        if self.delete_checkpoint:
            shutil.rmtree(self.backup_dir, ignore_errors=True)


def _before(path: Path) -> Path:
    """Where the backup before the last one is kept."""
    return path.with_name(f"{path.name}.bkp")
