"""Callbacks that watch one of the logs: EarlyStopping, ModelCheckpoint, ReduceLROnPlateau."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from tenfold.keras.callbacks.callback import Callback
from tenfold.keras.callbacks.common import log_rates, optimizers_of, rate_of
from tenfold.keras.notes import note_once


class MonitorCallback(Callback):
    """Base of callbacks that compare a log with the best value so far.

    Args:
      monitor: name of the log.
      mode: `"min"`, `"max"`, or `"auto"` to tell by the name.
      min_delta: least change that counts.
    """

    def __init__(
        self, monitor: str, mode: str, initial_value_threshold: float | None = None, min_delta: float = 0
    ) -> None:
        super().__init__()
        if mode not in ("auto", "min", "max"):
            warnings.warn(f"{type(self).__name__} mode '{mode}' is unknown, fallback to auto mode.", stacklevel=3)
            mode = "auto"
        self.monitor, self.mode, self.best = monitor, mode, initial_value_threshold
        self.min_delta = abs(min_delta)

    @property
    def _is_rising(self) -> bool:
        """Whether larger values are better."""
        return self._require_direction() == "up"

    def _require_direction(self) -> str:
        """`"up"` or `"down"`.

        Raises:
          ValueError: the mode is `"auto"`, and no metric of the model says which it is.
        """
        if self.mode != "auto":
            return "up" if self.mode == "max" else "down"
        name = self.monitor.removeprefix("val_")
        if name.endswith("loss"):
            return "down"
        compiled = getattr(self.model, "_compile_metrics", None)
        direction = None if compiled is None else getattr(compiled.by_log_name().get(name), "_direction", None)
        if direction is None:
            raise ValueError(
                f"{type(self).__name__} callback received monitor={self.monitor}, but it is not known whether that metric should "
                "be maximized or minimized. Pass `mode='max'` or `mode='min'`."
            )
        return direction

    def _is_improvement(self, value: float, best: float | None) -> bool:
        if best is None:
            return True
        return value - self.min_delta > best if self._is_rising else value + self.min_delta < best

    def _current(self, logs: dict | None) -> float | None:
        value = (logs or {}).get(self.monitor)
        if value is None:
            warnings.warn(
                f"{type(self).__name__} conditioned on metric `{self.monitor}` which is not available. "
                f"Available metrics are: {','.join(logs or ())}",
                stacklevel=3,
            )
        return value


class EarlyStopping(MonitorCallback):
    """Stops training when a log has stopped improving.

    Args:
      monitor: name of the log.
      min_delta: least change that counts as an improvement.
      patience: epochs without improvement after which training stops.
      verbose: whether it says so.
      mode: `"min"`, `"max"` or `"auto"`.
      baseline: value that must be bettered.
      restore_best_weights: whether the weights of the best epoch come back at the end.
      start_from_epoch: epochs to wait before watching.

    Example:
      >>> stop = tf.keras.callbacks.EarlyStopping("loss", patience=3)
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, None, min_delta)
        self.patience, self.verbose, self.baseline = patience, verbose, baseline
        self.restore_best_weights, self.start_from_epoch = restore_best_weights, start_from_epoch
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best_weights: Any = None

    def on_train_begin(self, logs: dict | None = None) -> None:
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best = self.best_weights = None

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        current = self._current(logs)
        if current is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self.best_weights, self.best_epoch = self.model.get_weights(), epoch
        self.wait += 1
        if self._is_improvement(current, self.best):
            self.best, self.best_epoch = current, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self.baseline is None or self._is_improvement(current, self.baseline):
                self.wait = 0
            return
        if self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: dict | None = None) -> None:
        if self.stopped_epoch > 0 and self.verbose > 0:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.restore_best_weights and self.best_weights is not None:
            if self.verbose > 0:
                print(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)


class ModelCheckpoint(MonitorCallback):
    """Saves the model, or its weights, at the end of epochs or every so many batches.

    Args:
      filepath: path ending in `.keras`; for weights in `.weights.h5`, or in nothing of Keras' for a checkpoint of
        TensorFlow's. It may hold `{epoch}`, `{batch}` and names of logs.
      monitor, mode: the log that says which is best.
      verbose: whether it says so.
      save_best_only: whether only improvements are saved.
      save_weights_only: whether the model is left out.
      save_freq: `"epoch"`, or a number of batches.
      initial_value_threshold: value that must be bettered.

    Example:
      >>> save = tf.keras.callbacks.ModelCheckpoint("best.keras", monitor="val_accuracy", save_best_only=True)
    """

    def __init__(
        self,
        filepath: Any,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: Any = "epoch",
        initial_value_threshold: float | None = None,
        period: int | None = None,
    ) -> None:
        super().__init__(monitor, mode, initial_value_threshold)
        self.filepath = os.fspath(filepath)
        self.verbose, self.save_best_only, self.save_weights_only = verbose, save_best_only, save_weights_only
        if save_freq != "epoch" and not isinstance(save_freq, int):
            raise ValueError(f"Unrecognized save_freq: {save_freq}. Expected save_freq are 'epoch' or integer values")
        self.save_freq, self.period = save_freq, period or 1
        is_checkpoint = save_weights_only and not self.filepath.endswith((".h5", ".hdf5", ".keras"))
        endings = (".weights.h5",) if save_weights_only else (".keras", ".h5")
        if not is_checkpoint and not self.filepath.endswith(endings):
            what = "When using `save_weights_only=True` in `ModelCheckpoint`, the" if save_weights_only else "The"
            raise ValueError(f"{what} filepath provided must end in `{endings[0]}`. Received: filepath={self.filepath}")
        self._epoch = self._batches = 0
        self._last_batch: int | None = None
        if period is not None:
            note_once("`period` of `ModelCheckpoint` is gone: `save_freq` counts batches.")

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        if self.save_freq == "epoch":
            return
        is_new_epoch = self._last_batch is None or batch <= self._last_batch
        self._batches += batch + 1 if is_new_epoch else batch - self._last_batch  # type: ignore[operator]
        self._last_batch = batch
        if self._batches >= self.save_freq:
            self._batches = 0
            self._save(self._epoch, batch, logs)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        if self.save_best_only:
            self._require_direction()
        if self.save_freq == "epoch" and (epoch + 1) % self.period == 0:
            self._save(epoch, None, logs)

    def _save(self, epoch: int, batch: int | None, logs: dict | None) -> None:
        logs = logs or {}
        places = {"epoch": epoch + 1, **({} if batch is None or "batch" in logs else {"batch": batch + 1}), **logs}
        try:
            path = Path(self.filepath.format(**places))
        except KeyError as error:
            raise KeyError(f'Failed to format this callback filepath: "{self.filepath}". Reason: {error}') from error
        if self.save_best_only:
            value = logs.get(self.monitor)
            if value is None:
                warnings.warn(f"Can save best model only with {self.monitor} available.", stacklevel=2)
            elif self._is_improvement(value, self.best):
                if self.verbose > 0:
                    before = "None" if self.best is None else f"{self.best:.5f}"
                    print(
                        f"\nEpoch {epoch + 1}: {self.monitor} improved from {before} to {value:.5f}, saving model to {path}"
                    )
                self.best = value
            else:
                if self.verbose > 0:
                    print(f"\nEpoch {epoch + 1}: {self.monitor} did not improve from {self.best:.5f}")
                return
        elif self.verbose > 0:
            print(f"\nEpoch {epoch + 1}: saving model to {path}")
        if path.is_dir():
            raise OSError(
                f"Please specify a non-directory filepath for ModelCheckpoint. Filepath used is an existing directory: {path}"
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        if self.save_weights_only:
            self.model.save_weights(path, overwrite=True)
        else:
            self.model.save(path, overwrite=True)
        if self.verbose > 0:
            print(f"\nEpoch {epoch + 1}: finished saving model to {path}")


class ReduceLROnPlateau(MonitorCallback):
    """Multiplies the learning rate by a factor when a log has stopped improving.

    Args:
      monitor, mode: the log, and which way is better.
      factor: what the rate is multiplied by, less than 1.
      patience: epochs without improvement to wait.
      min_delta: least change that counts.
      cooldown: epochs to wait after a reduction.
      min_lr: rate below which it does not go.

    Example:
      >>> slower = tf.keras.callbacks.ReduceLROnPlateau("val_loss", factor=0.2, patience=5)
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        **kwargs: Any,
    ) -> None:
        if factor >= 1.0:
            raise ValueError(f"ReduceLROnPlateau does not support a factor >= 1.0. Received factor={factor}")
        if "epsilon" in kwargs:
            note_once("`epsilon` of `ReduceLROnPlateau` is `min_delta` now.")
            min_delta = kwargs.pop("epsilon")
        if kwargs:
            raise TypeError(f"ReduceLROnPlateau: unexpected arguments {sorted(kwargs)}.")
        super().__init__(monitor, mode, None, min_delta)
        self.factor, self.patience, self.verbose = factor, patience, verbose
        self.cooldown, self.min_lr = cooldown, min_lr
        self.wait = self.cooldown_counter = 0

    def on_train_begin(self, logs: dict | None = None) -> None:
        self.best = None
        self.wait = self.cooldown_counter = 0

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        logs = {} if logs is None else logs
        log_rates(self.model, logs)
        current = self._current(logs)
        if current is None:
            return
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.wait = 0
        if self._is_improvement(current, self.best):
            self.best, self.wait = current, 0
        elif self.cooldown_counter <= 0:
            self.wait += 1
            if self.wait >= self.patience and self._reduce(epoch):
                self.cooldown_counter, self.wait = self.cooldown, 0

    def _reduce(self, epoch: int) -> bool:
        """Multiplies the rates; whether any was above the least one."""
        is_reduced = False
        for name, optimizer in optimizers_of(self.model):
            rate = rate_of(optimizer)
            if rate > np.float32(self.min_lr):
                optimizer.learning_rate = new = max(rate * self.factor, self.min_lr)
                is_reduced = True
                if self.verbose > 0:
                    what = f"{name} learning rate" if name else "learning rate"
                    print(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing {what} to {new}.")
        return is_reduced
