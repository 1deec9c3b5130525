"""Supply: the batches of one epoch after the other."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Supply:
    """Iterates once over an epoch, each time it is iterated.

    Without a number of steps an epoch is one pass over the batches. With one, an epoch ends after so many, and the next one
    goes on from there; where the number of batches is known, no epoch goes past the end of a pass.

    Args:
      batches: what gives the batches of a pass.
      steps: batches of an epoch, if an epoch is no pass.
      orders: `RowOrders` that say in which order the rows of a pass come.

    Attributes:
      first, step: numbers of the first and the last batch of the epoch.
      is_exhausted: whether a source that cannot be read again has come to its end.
    """

    def __init__(self, batches: Any, steps: int | None = None, orders: Any = None) -> None:
        self._batches, self._steps, self._orders = batches, steps, orders
        self._iterator: Iterator | None = None
        self._taken = 0  # batches of this pass
        self._order: list[int] | None = None  # what the order of this pass was made from
        self._next_first = self._skipped = 0
        self.first, self.step = 0, -1
        self.is_exhausted = False

    @contextmanager
    def shown_to(self, model: Any) -> Iterator[None]:
        """Lets callbacks of a model, which go on with a training or will, ask where it stands."""
        object.__setattr__(model, "_supply", self)
        try:
            yield
        finally:
            object.__setattr__(model, "_supply", None)

    def position(self) -> dict[str, Any]:
        """Where the source stands, for `go_to`: the batches of this pass, and what the order of its rows was made from."""
        return {"taken": self._taken, "order": self._order if self._taken else None}

    def go_to(self, first: int, taken: int, order: list[int] | None) -> None:
        """Lets the next epoch begin with a batch of this number, behind those that were taken of a pass in this order."""
        self._next_first, self._skipped = first, taken
        if order is not None:
            self._orders.set_state(order)

    def _begin_pass(self) -> Iterator:
        self._order = None if self._orders is None else self._orders.state()
        iterator = iter(self._batches)
        for _ in range(self._skipped):
            next(iterator, None)
        self._taken, self._skipped = self._skipped, 0
        return iterator

    def __iter__(self) -> Iterator[tuple[int, Any]]:
        self._batches.on_epoch_begin()
        yield from self._epoch()
        self._batches.on_epoch_end()

    def _epoch(self) -> Iterator[tuple[int, Any]]:
        self.first, self._next_first = self._next_first, 0
        self.step = self.first - 1
        if self._steps is None:
            for step, data in enumerate(self._begin_pass(), self.first):
                self.step = step
                self._taken += 1
                yield step, data
            self._taken = 0
            self.is_exhausted = not self._batches.can_restart
            return
        for step in range(self.first, self._steps):
            if self._iterator is None:
                self._iterator = self._begin_pass()
            data = next(self._iterator, self)
            if data is self:
                self._iterator = None
                self.is_exhausted = not self._batches.can_restart
                warnings.warn(
                    "Your input ran out of data; interrupting the epoch. Make sure that it has at least "
                    f"`steps_per_epoch * epochs` batches: it ended after {self._taken}, at step {step} of {self._steps}.",
                    stacklevel=3,
                )
                self._taken = 0
                return
            self._taken += 1
            self.step = step
            yield step, data
        if self._taken == self._batches.num_batches:
            self._iterator, self._taken = None, 0
