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

_LEAST_BATCHES = 50  # of one size, which are worth the time that compiling takes


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

    def for_loop(self, model: Any, name: str, batches: Any, steps: int | None = None) -> Callable[[Any], Any]:
        """A step for one pass: batches of a size of which there are few in it run eagerly, unless `jit_compile=True` was asked for.

        Args:
          batches: what the loop is over.
          steps: how many of them if not all.
        """
        eager = getattr(model, name)
        sizes, total = batches.sizes, batches.num_batches
        passes = steps / total if steps and total else 1
        counts = {None: math.inf if total is None else total} if sizes is None else sizes
        often = {size for size, count in counts.items() if model.jit_compile or count * passes >= _LEAST_BATCHES}
        if not often:
            return eager
        compiled = self.compiled(model, name)
        if len(often) == len(counts):
            return compiled
        return lambda data: (compiled if rows_of(data) in often else eager)(data)

    def for_training(self, model: Any, name: str, batches: Any) -> Callable[[Any], Any]:
        """A step for `fit`: batches of a size run eagerly until the optimizer has taken so many steps that enough of them were of that size.

        That depends on what is saved with a model only, so a training that is stopped, saved and goes on takes the same path as one at
        once, to the same bits. Where the optimizer does not count, as that of a model with two others does not, the calls do.
        """
        total, sizes = batches.num_batches, batches.sizes or {}
        if total is None or model.jit_compile:
            return self.compiled(model, name)
        eager, compiled, calls = getattr(model, name), None, 0

        def step(data: Any) -> Any:
            nonlocal compiled, calls
            taken = int(getattr(model.optimizer, "iterations", 0)) or calls
            if taken * sizes.get(rows_of(data), total) < _LEAST_BATCHES * total:
                calls += 1
                return eager(data)
            if compiled is None:
                compiled = self.compiled(model, name)
            return compiled(data)

        return step


def rows_of(data: Any) -> Any:
    """The number of rows of a batch, that of its first tensor."""
    leaf = data if isinstance(data, Tensor) else next((x for x in nest.flatten(data) if x is not None), None)
    return leaf._array.shape[0] if leaf is not None and leaf._array.ndim else 1
