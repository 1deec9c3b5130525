"""Supply: the batches of one epoch after the other."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any


class Supply:
    """Iterates once over an epoch, each time it is iterated.

    Without a number of steps an epoch is one pass over the batches. With one, an epoch ends after so many, and the next one
    goes on from there; where the number of batches is known, no epoch goes past the end of a pass.

    Attributes:
      step: number of the last batch.
      is_exhausted: whether a source that cannot be read again has come to its end.
    """

    def __init__(self, batches: Any, steps: int | None = None) -> None:
        self._batches, self._steps = batches, steps
        self._iterator: Iterator | None = None
        self._taken = 0  # batches of this pass
        self.step = -1
        self.is_exhausted = False

    def __iter__(self) -> Iterator[tuple[int, Any]]:
        self.step = -1
        if self._steps is None:
            for step, data in enumerate(self._batches):
                self.step = step
                yield step, data
            self.is_exhausted = not self._batches.can_restart
            return
        for step in range(self._steps):
            if self._iterator is None:
                self._iterator, self._taken = iter(self._batches), 0
            data = next(self._iterator, self)
            if data is self:
                self._iterator = None
                self.is_exhausted = not self._batches.can_restart
                warnings.warn(
                    "Your input ran out of data; interrupting the epoch. Make sure that it has at least "
                    f"`steps_per_epoch * epochs` batches: it ended after {self._taken}, at step {step} of {self._steps}.",
                    stacklevel=3,
                )
                return
            self._taken += 1
            self.step = step
            yield step, data
        if self._taken == self._batches.num_batches:
            self._iterator = None
