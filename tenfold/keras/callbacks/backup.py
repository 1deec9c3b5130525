"""BackupAndRestore: a training that was interrupted goes on where it was."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from tenfold.core.atomic import replacing
from tenfold.keras.callbacks.callback import Callback

_POSITION = "training_position"


class BackupAndRestore(Callback):
    """Keeps weights, optimizer state and the place in the data in a folder; `fit` begins from there if it holds any.

    A process may be killed at any moment: the files are replaced as wholes, and the next run ends in the same weights as one
    that was not interrupted. The logs of an epoch in whose middle it goes on count its remaining batches.

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
                if kept.exists():
                    shutil.copy(kept, path)
            self._restore()

    def _restore(self) -> None:
        if not self._weights.exists():
            return
        from tenfold.keras.saving import archive

        optimizer = self.model.optimizer
        if optimizer is not None and not optimizer.built:
            optimizer.build(self.model.trainable_variables)
        self.model.load_weights(self._weights)
        remark = archive.remark_of(self._weights, _POSITION)
        if remark is not None:
            position = json.loads(remark)
            self._epoch = self.model._initial_epoch = position["epoch"]
            self.model._supply.go_to(position["batches"], position["taken"], position["order"])
        elif self._state.exists():  # a backup that Keras made
            self._epoch = self.model._initial_epoch = json.loads(self._state.read_text())["epoch"]

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self._epoch = epoch

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self._epoch = epoch + 1
        if self.save_freq == "epoch" or self._batches >= self.save_freq:
            self._batches = 0
            self._save(0)

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        if self.save_freq == "epoch":
            return
        self._batches += 1
        is_last = batch + 1 == (self.params or {}).get("steps")  # then the end of the epoch saves
        if self._batches >= self.save_freq and not is_last:
            self._batches = 0
            self._save(batch + 1)

    def _save(self, batches: int) -> None:
        """Saves, where so many batches of the epoch are done.

        The place is written into the file with the weights, so that both are of one moment; the other file is for Keras.
        """
        Path(self.backup_dir).mkdir(parents=True, exist_ok=True)
        if self.double_checkpoint:
            for path in (self._weights, self._state):
                if path.exists():
                    shutil.copy(path, _before(path))
        position = {"epoch": self._epoch, "batches": batches, **self.model._supply.position()}
        from tenfold.keras.saving import archive

        archive.save_weights_file(self.model, self._weights, {_POSITION: json.dumps(position)})
        with replacing(self._state) as part:
            part.write_text(json.dumps({"epoch": self._epoch, "batch": max(batches - 1, 0)}))

    def on_train_end(self, logs: dict | None = None) -> None:
        self.model._initial_epoch = None
        if self.delete_checkpoint:
            shutil.rmtree(self.backup_dir, ignore_errors=True)


def _before(path: Path) -> Path:
    """Where the backup before the last one is kept."""
    return path.with_name(f"{path.name}.bkp")
