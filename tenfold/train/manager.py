"""CheckpointManager: the latest checkpoints are kept, older ones deleted."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from tenfold.core.config import get_logger
from tenfold.train.bundle_writer import remove_bundle
from tenfold.train.checkpoint import Checkpoint
from tenfold.train.options import CheckpointOptions
from tenfold.train.state import get_checkpoint_state, update_checkpoint_state


class CheckpointManager:
    """Saves checkpoints to a folder and keeps some of them.

    Args:
      checkpoint: the `tf.train.Checkpoint` to save.
      directory: the folder, of this manager alone.
      max_to_keep: how many checkpoints are kept, at least 1; None keeps all.
      keep_checkpoint_every_n_hours: besides them, one is kept for ever each so many hours.
      checkpoint_name: the name of the files, before the number.
      step_counter: the variable that counts steps, with `checkpoint_interval`.
      checkpoint_interval: the least number of steps between two checkpoints; `save` does nothing before.
      init_fn: function that `restore_or_initialize` calls if there is no checkpoint.
      last_checkpoint_step: the step at which the last checkpoint was saved.
    Raises:
      ValueError: `max_to_keep` is not positive, or `checkpoint_interval` is given without `step_counter`.
    Example:
      >>> step = tf.Variable(0)
      >>> manager = tf.train.CheckpointManager(tf.train.Checkpoint(step=step), folder, max_to_keep=2)
      >>> for _ in range(3):
      ...     _ = step.assign_add(1)
      ...     _ = manager.save()
      >>> [path.removeprefix(folder) for path in manager.checkpoints]
      ['/ckpt-2', '/ckpt-3']
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        directory: Any,
        max_to_keep: int | None,
        keep_checkpoint_every_n_hours: float | None = None,
        checkpoint_name: str = "ckpt",
        step_counter: Any = None,
        checkpoint_interval: int | None = None,
        init_fn: Callable[[], Any] | None = None,
        last_checkpoint_step: int | None = None,
    ) -> None:
        if max_to_keep is not None and max_to_keep <= 0:
            raise ValueError(f"Expected a positive integer or `None` for `max_to_keep`, got {max_to_keep}.")
        if checkpoint_interval is not None and step_counter is None:
            raise ValueError("`step_counter` should be passed if `checkpoint_interval` is not None.")
        self._checkpoint, self._directory = checkpoint, os.fsdecode(directory)
        self._prefix = os.path.join(self._directory, checkpoint_name)
        self._max_to_keep, self._keep_hours = max_to_keep, keep_checkpoint_every_n_hours
        self._step_counter, self._interval, self._last_step = step_counter, checkpoint_interval, last_checkpoint_step
        self._init_fn = init_fn
        self._latest: str | None = None
        self._saved_at: dict[str, float] = {}  # what is kept for now, the oldest first
        self._last_preserved = time.time() - 1.0
        self._recover()

    def _recover(self) -> None:
        """Goes on from what the folder's state file says."""
        state = get_checkpoint_state(self._directory)
        if state is None:
            return
        now = time.time()
        self._latest = state.model_checkpoint_path
        self._last_preserved = state.last_preserved_timestamp
        if now < self._last_preserved:
            get_logger().warning(
                "The clock is %f seconds behind the time of the last preserved checkpoint.", self._last_preserved - now
            )
            self._last_preserved = now
        paths = list(state.all_model_checkpoint_paths)
        times = list(state.all_model_checkpoint_timestamps) or [self._last_preserved] * len(paths)
        for path, saved_at in zip(paths, times, strict=False):
            if min(saved_at, now) > self._last_preserved:
                self._saved_at[path] = min(saved_at, now)

    @property
    def directory(self) -> str:
        return self._directory

    @property
    def checkpoint(self) -> Checkpoint:
        return self._checkpoint

    @property
    def checkpoint_interval(self) -> int | None:
        return self._interval

    @property
    def latest_checkpoint(self) -> str | None:
        """The path of the latest checkpoint; None if there is none."""
        return self._latest

    @property
    def checkpoints(self) -> list[str]:
        """The paths of the checkpoints that are kept for now, the oldest first."""
        return list(self._saved_at)

    def save(
        self, checkpoint_number: Any = None, check_interval: bool = True, options: CheckpointOptions | None = None
    ) -> str | None:
        """Saves a checkpoint, and deletes the oldest if there are too many.

        Args:
          checkpoint_number: number of the checkpoint; how often it was saved by default.
          check_interval: whether nothing is saved before `checkpoint_interval` steps.
          options: callbacks.
        Returns:
          The path; None if nothing was saved.
        """
        if self._interval is not None:
            step = int(self._step_counter)
            last = self._last_step
            if last is not None and (step == last or check_interval and step < last + self._interval):
                return None
            self._last_step = step
        counter = self._checkpoint.save_counter
        counter.assign_add(1)
        path = f"{self._prefix}-{int(counter if checkpoint_number is None else checkpoint_number)}"
        self._checkpoint.write(path)
        self._saved_at.pop(path, None)  # written again: it goes to the end
        self._saved_at[path] = time.time()
        self._latest = path
        self._record()  # before anything is deleted, so that the file never names what is gone as the latest
        if self._sweep():
            self._record()
        if options is not None:
            options._call_back(path)
        return path

    def _record(self) -> None:
        update_checkpoint_state(
            self._directory,
            self._latest,  # type: ignore[arg-type]
            self.checkpoints,
            all_model_checkpoint_timestamps=list(self._saved_at.values()),
            last_preserved_timestamp=self._last_preserved,
        )

    def _sweep(self) -> bool:
        """Lets go of the oldest checkpoints; returns whether there were too many."""
        is_full = self._max_to_keep is not None and len(self._saved_at) > self._max_to_keep
        while self._max_to_keep is not None and len(self._saved_at) > self._max_to_keep:
            path = next(iter(self._saved_at))
            saved_at = self._saved_at.pop(path)
            if self._keep_hours and saved_at - self._keep_hours * 3600 >= self._last_preserved:
                self._last_preserved = saved_at
            else:
                remove_bundle(path)
        return is_full

    def restore_or_initialize(self) -> str | None:
        """Restores the latest checkpoint; calls `init_fn` if there is none.

        Returns:
          The path of the checkpoint, or None.
        """
        if self._latest is not None:
            self._checkpoint.restore(self._latest)
            if self._interval is not None:
                self._last_step = int(self._step_counter)
            return self._latest
        if self._init_fn is not None:
            self._init_fn()
        return None

    def sync(self) -> None:
        """Does nothing: what was saved is there."""
