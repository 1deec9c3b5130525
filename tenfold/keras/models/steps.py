"""Steps of models, compiled where that is worth it."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tenfold.core import nest
from tenfold.core.config import functions_run_eagerly
from tenfold.core.tensor import Tensor

if TYPE_CHECKING:
    from tenfold.keras.models.compiled_step import CompiledStep

_LEAST_BATCHES = 100  # of one size in a loop, which are worth the time that compiling takes


class Steps:
    """`train_step`, `test_step` and `predict_step` of a model, compiled; copies of it are empty, as those of the model have no traces."""

    def __init__(self) -> None:
        self._compiled: dict[str, CompiledStep] = {}

    def __reduce__(self) -> tuple:
        return Steps, ()

    def compiled(self, model: Any, name: str) -> Callable[[Any], Any]:
        """A step for batches of which nothing is known in advance."""
        if model.run_eagerly or functions_run_eagerly():
            return getattr(model, name)
        if name not in self._compiled:
            from tenfold.keras.models.compiled_step import CompiledStep  # brings the tracer and the compiler

            self._compiled[name] = CompiledStep(name)
        step = self._compiled[name]
        step.refresh(model)
        return functools.partial(step, model)

    def for_loop(
        self, model: Any, name: str, batches: Any, epochs: int = 1, steps: int | None = None
    ) -> Callable[[Any], Any]:
        """A step for a loop: batches of a size of which there are few in it run eagerly, unless `jit_compile=True` was asked for.

        Args:
          batches: what the loop is over.
          epochs, steps: how often, and how many of them each time if not all.
        """
        eager = getattr(model, name)
        sizes, total = batches.sizes, batches.num_batches
        passes = epochs * (steps / total if steps and total else 1)
        counts = {None: math.inf if total is None else total} if sizes is None else sizes
        often = {size for size, count in counts.items() if model.jit_compile or count * passes >= _LEAST_BATCHES}
        if not often:
            return eager
        compiled = self.compiled(model, name)
        if len(often) == len(counts):
            return compiled
        return lambda data: (compiled if rows_of(data) in often else eager)(data)


def rows_of(data: Any) -> Any:
    """The number of rows of a batch, that of its first tensor."""
    leaf = data if isinstance(data, Tensor) else next((x for x in nest.flatten(data) if x is not None), None)
    return leaf._array.shape[0] if leaf is not None and leaf._array.ndim else 1
