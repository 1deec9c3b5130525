"""Callbacks for rates, logs and functions of one's own."""

from __future__ import annotations

import csv
import os
from typing import Any

import numpy as np

from tenfold.keras.callbacks.callback import Callback


class LearningRateScheduler(Callback):
    """Sets the learning rate at the start of every epoch.

    Args:
      schedule: function of the epoch and the current rate that returns the new one.
      verbose: whether it says so.

    Example:
      >>> decay = tf.keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.9)
    """

    def __init__(self, schedule: Any, verbose: int = 0) -> None:
        super().__init__()
        self.schedule, self.verbose = schedule, verbose

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        for name, optimizer in optimizers_of(self.model):
            if not hasattr(optimizer, "learning_rate"):
                raise ValueError('Optimizer must have a "learning_rate" attribute.')
            try:
                rate = self.schedule(epoch, rate_of(optimizer))
            except TypeError:  # a schedule of the epoch alone, as old code has it
                rate = self.schedule(epoch)
            if not isinstance(rate, (float, np.float32, np.float64)):
                raise ValueError(f"The output of the `schedule` function should be a float. Got: {rate}")
            optimizer.learning_rate = rate
            if self.verbose > 0:
                what = f"{name} learning rate" if name else "learning rate"
                print(f"\nEpoch {epoch + 1}: LearningRateScheduler setting {what} to {rate}.")

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        if logs is not None:
            log_rates(self.model, logs)


def optimizers_of(model: Any) -> list[tuple[str, Any]]:
    """The model's optimizer under no name, or those of a `MultiOptimizer` under theirs."""
    several = getattr(model.optimizer, "optimizers", None)
    return [("", model.optimizer)] if several is None else [(optimizer.name, optimizer) for optimizer in several]


def rate_of(optimizer: Any) -> float:
    """The current learning rate."""
    return float(np.asarray(optimizer.learning_rate))


def log_rates(model: Any, logs: dict) -> None:
    """Adds the learning rates to the logs."""
    for name, optimizer in optimizers_of(model):
        logs[f"learning_rate_{name}" if name else "learning_rate"] = rate_of(optimizer)


class CSVLogger(Callback):
    """Writes the logs of every epoch to a CSV file.

    Args:
      filename: path of the file.
      separator: what stands between values.
      append: whether an existing file is continued.

    Example:
      >>> log = tf.keras.callbacks.CSVLogger("training.csv")
    """

    def __init__(self, filename: Any, separator: str = ",", append: bool = False) -> None:
        super().__init__()
        self.filename, self.sep, self.append = os.fspath(filename), separator, append
        self.keys: list[str] | None = None
        self._file: Any = None
        self._writer: Any = None

    def on_train_begin(self, logs: dict | None = None) -> None:
        has_header = self.append and os.path.exists(self.filename) and os.path.getsize(self.filename) > 0
        self._needs_header = not has_header
        if self._file is not None:
            self._file.close()
        self.keys = self._writer = None
        self._file = open(self.filename, "a" if self.append else "w", newline="")  # noqa: SIM115 (closed at the end)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        logs = logs or {}
        if self.keys is None:
            self.keys = sorted(logs)
            if not any(key.startswith("val_") for key in self.keys):  # a later epoch may be validated
                self.keys += [f"val_{key}" for key in self.keys]
        if self._writer is None:
            self._writer = csv.DictWriter(self._file, ["epoch", *self.keys], delimiter=self.sep)
            if self._needs_header:
                self._writer.writeheader()
        row: dict[str, Any] = {"epoch": epoch, **{key: _cell(logs.get(key, "NA")) for key in self.keys}}
        self._writer.writerow(row)
        self._file.flush()

    def on_train_end(self, logs: dict | None = None) -> None:
        if self._file is not None:
            self._file.close()
        self._file = self._writer = None


def _cell(value: Any) -> Any:
    if isinstance(value, (list, tuple, np.ndarray)) and np.ndim(value) > 0:
        return '"[' + ", ".join(map(str, value)) + ']"'
    return value


class LambdaCallback(Callback):
    """A callback of functions.

    Args:
      on_epoch_begin, on_epoch_end, on_train_batch_begin, on_train_batch_end: functions of `(number, logs)`.
      on_train_begin, on_train_end: functions of `(logs)`.
      **kwargs: the other events, by name.

    Example:
      >>> tell = tf.keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"]))
    """

    def __init__(
        self,
        on_epoch_begin: Any = None,
        on_epoch_end: Any = None,
        on_train_begin: Any = None,
        on_train_end: Any = None,
        on_train_batch_begin: Any = None,
        on_train_batch_end: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        given = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin or kwargs.pop("on_batch_begin", None),
            "on_train_batch_end": on_train_batch_end or kwargs.pop("on_batch_end", None),
            **kwargs,
        }
        for event, function in given.items():
            if function is not None:
                setattr(self, event, function)


class TerminateOnNaN(Callback):
    """Stops training when the loss is NaN or infinite.

    Args:
      raise_error: whether a RuntimeError is raised instead.

    Example:
      >>> guard = tf.keras.callbacks.TerminateOnNaN()
    """

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error

    def on_batch_end(self, batch: int, logs: dict | None = None) -> None:
        loss = (logs or {}).get("loss")
        if loss is None or np.isfinite(loss):
            return
        if self.raise_error:
            raise RuntimeError(
                f"NaN or Inf loss encountered at batch {batch}. Loss value: {loss}. Terminating training immediately."
            )
        print(f"Batch {batch}: Invalid loss, terminating training")
        self.model.stop_training = True
