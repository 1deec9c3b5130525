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
        optimizer = self.model.optimizer
        if not hasattr(optimizer, "learning_rate"):
            raise ValueError('Optimizer must have a "learning_rate" attribute.')
        try:
            rate = self.schedule(epoch, float(np.asarray(optimizer.learning_rate)))
        except TypeError:  # a schedule of the epoch alone, as old code has it
            rate = self.schedule(epoch)
        if not isinstance(rate, (float, np.floating)):
            raise ValueError(f'The output of the "schedule" function should be float. Got: {rate}')
        optimizer.learning_rate = float(rate)
        if self.verbose > 0:
            print(f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to {rate}.")

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        if logs is not None:
            logs["learning_rate"] = float(np.asarray(self.model.optimizer.learning_rate))


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
        self._file = open(self.filename, "a" if self.append else "w", newline="")  # noqa: SIM115 (closed at the end)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        logs = logs or {}
        if self.keys is None:
            self.keys = sorted(logs)
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
            raise RuntimeError(f"NaN or Inf loss encountered at batch {batch}. Loss value: {loss}")
        print(f"Batch {batch}: Invalid loss, terminating training")
        self.model.stop_training = True


class SwapEMAWeights(Callback):
    """Swaps the weights with their moving averages while the model is evaluated.

    The optimizer must keep averages (`use_ema=True`).

    Args:
      swap_on_epoch: whether the averages stand in the model between epochs too, for checkpoints.

    Example:
      >>> swap = tf.keras.callbacks.SwapEMAWeights()
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        super().__init__()
        self.swap_on_epoch = swap_on_epoch
        self._is_swapped = False

    def _swap(self) -> None:
        optimizer = self.model.optimizer
        optimizer = getattr(optimizer, "inner_optimizer", optimizer)
        if not getattr(optimizer, "use_ema", False):
            raise ValueError(
                "SwapEMAWeights must be used when `use_ema=True` is set on the optimizer. Received: use_ema=False"
            )
        averages = optimizer._model_variables_moving_average
        for variable, average in zip(self.model.trainable_variables, averages, strict=True):
            value = variable.numpy()
            variable.assign(average.numpy())
            average.assign(value)
        self._is_swapped = not self._is_swapped

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        if self.swap_on_epoch and self._is_swapped:
            self._swap()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        if self.swap_on_epoch and not self._is_swapped:
            self._swap()

    def on_test_begin(self, logs: dict | None = None) -> None:
        if not self._is_swapped:
            self._swap()

    def on_test_end(self, logs: dict | None = None) -> None:
        if self._is_swapped:
            self._swap()

    on_predict_begin = on_test_begin
    on_predict_end = on_test_end
