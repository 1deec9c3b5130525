"""PyDataset: batches by number, made by a class of the user's."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any


class PyDataset:
    """Base of data sets that make batches when they are asked for.

    Subclasses define `__getitem__(index)`, which returns a batch `(x, y)`, and `__len__`, or `num_batches`.

    Args:
      workers: how many threads make batches ahead in `fit`, `evaluate` and `predict`; with one, they are made when they are needed.
      use_multiprocessing: accepted; the workers are threads of this process all the same.
      max_queue_size: how many batches the workers may make ahead.

    Example:
      >>> class Squares(tf.keras.utils.PyDataset):
      ...     def __len__(self):
      ...         return 2
      ...     def __getitem__(self, index):
      ...         return np.full((4, 1), index), np.full((4, 1), index**2)
      >>> Squares().num_batches
      2
    """

    workers, use_multiprocessing, max_queue_size = 1, False, 10  # of subclasses that do not call `__init__`

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> None:
        self.workers, self.use_multiprocessing, self.max_queue_size = workers, use_multiprocessing, max_queue_size

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError

    def __iter__(self) -> Iterator[Any]:
        count = self.num_batches
        return map(self.__getitem__, itertools.count() if count is None else range(count))

    def __len__(self) -> int:
        return self.num_batches  # type: ignore[return-value]

    @property
    def num_batches(self) -> int | None:
        """Number of batches; None if there is no end."""
        if type(self).__len__ is not PyDataset.__len__:
            return len(self)
        raise NotImplementedError("You need to implement the `num_batches` property, or `__len__`.")

    def on_epoch_begin(self) -> None:
        """Called at the begin of each epoch, in `evaluate` and `predict`, too."""

    def on_epoch_end(self) -> None:
        """Called at the end of each epoch, in `evaluate` and `predict`, too: the place to shuffle rows."""


Sequence = PyDataset
