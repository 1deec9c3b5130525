"""Windows of time series, as batches by number."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from tenfold.keras.utils.sequence import PyDataset


class TimeseriesGenerator(PyDataset):
    """Batches of windows of a series, each with the target of the step that follows it.

    Args:
      data: array or list of steps, `(steps, ...)`.
      targets: target of each step, as many as `data` has.
      length: steps that a window spans.
      sampling_rate: every how many steps of the span one is taken.
      stride: steps from a window to the next.
      start_index, end_index: the first and the last step of `data` to use; None ends with the last.
      shuffle: whether windows are drawn at random, from NumPy's generator, instead of one after the other.
      reverse: whether each window runs from its last step to its first.
      batch_size: windows of a batch.
      **kwargs: those of `PyDataset`.
    Raises:
      ValueError: `data` and `targets` differ in length, or there is no whole window.
    Example:
      >>> data = np.arange(6)
      >>> series = tf.keras.preprocessing.sequence.TimeseriesGenerator(data, data * 10, length=3, batch_size=2)
      >>> len(series)
      2
      >>> windows, targets = series[0]
      >>> windows.tolist(), targets.tolist()
      ([[0, 1, 2], [1, 2, 3]], [30, 40])
    """

    def __init__(
        self,
        data: Any,
        targets: Any,
        length: int,
        sampling_rate: int = 1,
        stride: int = 1,
        start_index: int = 0,
        end_index: int | None = None,
        shuffle: bool = False,
        reverse: bool = False,
        batch_size: int = 128,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if len(data) != len(targets):
            raise ValueError(
                f"TimeseriesGenerator: {len(data)} steps of data, {len(targets)} targets; each step must have a target."
            )
        self.data, self.targets, self.length = data, targets, length
        self.sampling_rate, self.stride = sampling_rate, stride
        self.start_index = start_index + length  # of the first target
        self.end_index = len(data) - 1 if end_index is None else end_index
        self.shuffle, self.reverse, self.batch_size = shuffle, reverse, batch_size
        if self.start_index > self.end_index:
            raise ValueError(
                f"TimeseriesGenerator: start_index + length is {self.start_index}, end_index {self.end_index}: there is no whole "
                "window. Pass more data, or a smaller length."
            )

    def __len__(self) -> int:
        steps = self.batch_size * self.stride
        return (self.end_index - self.start_index + steps) // steps

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        if self.shuffle:
            ends = np.random.randint(self.start_index, self.end_index + 1, size=self.batch_size)
        else:
            steps = self.batch_size * self.stride
            first = self.start_index + steps * index
            ends = np.arange(first, min(first + steps, self.end_index + 1), self.stride)
        windows = np.array([self.data[end - self.length : end : self.sampling_rate] for end in ends])
        targets = np.array([self.targets[end] for end in ends])
        return (windows[:, ::-1] if self.reverse else windows), targets

    def get_config(self) -> dict[str, Any]:
        """The arguments, data and targets as JSON; `start_index` is that of the first target.

        Raises:
          TypeError: data or targets cannot be written as JSON.
        """
        names = ("length", "sampling_rate", "stride", "start_index", "end_index", "shuffle", "reverse", "batch_size")
        return {name: _as_json(name, getattr(self, name)) for name in ("data", "targets")} | {
            name: getattr(self, name) for name in names
        }

    def to_json(self, **kwargs: Any) -> str:
        """The generator as JSON.

        Args:
          **kwargs: passed to `json.dumps`.
        Raises:
          TypeError: data or targets cannot be written as JSON.
        """
        return json.dumps({"class_name": type(self).__name__, "config": self.get_config()}, **kwargs)


def _as_json(name: str, values: Any) -> str:
    try:
        return json.dumps(values.tolist() if isinstance(values, np.ndarray) else values)
    except TypeError as error:
        raise TypeError(f"TimeseriesGenerator: {name} cannot be written as JSON: {error}.") from error
