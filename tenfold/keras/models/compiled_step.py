"""A step of a model, compiled: one trace for each shape of a batch."""

from __future__ import annotations

import warnings
from typing import Any

from tenfold.core import nest
from tenfold.core.context import recorders
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.tracing.autograph import converted
from tenfold.tracing.concrete import ConcreteFunction
from tenfold.tracing.function import function
from tenfold.tracing.signature import key_of

_MOST_SHAPES = 8  # of batches that one step is compiled for; others run eagerly


class CompiledStep:
    """One step of a model as traces, one for each shape of a batch.

    What cannot be traced, because Python needs the values of tensors, runs eagerly, and one warning says so.

    Args:
      name: that of the method.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._traces: dict[Any, ConcreteFunction] = {}
        self._state: Any = None
        self._is_refused = False

    def refresh(self, model: Any) -> None:
        """Forgets the traces if they are of other variables, or train others, than the model has now."""
        state = _state_of(model)
        if state != self._state:
            self._traces.clear()
            self._state = state

    def __call__(self, model: Any, data: Any) -> Any:
        """What the step makes of a batch."""
        if recorders():  # part of something larger that is recorded or traced
            return getattr(model, self._name)(data)
        tensors: list[Tensor] = []
        key = key_of(data, tensors)
        concrete = self._traces.get(key)
        if concrete is None:
            if self._is_refused or len(self._traces) >= _MOST_SHAPES:
                return getattr(model, self._name)(data)
            try:
                concrete = self._traces[key] = self._traced(model, data)
            except Exception as error:
                return self._refused(model, data, error)
        return concrete.run(tensors)

    def _traced(self, model: Any, data: Any) -> ConcreteFunction:
        step = converted(getattr(model, self._name))
        if model.built and model.optimizer is not None and not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)

        def traced(batch: Any) -> Any:
            return nest.map_structure(lambda x: None if x is None else convert(x), step(batch))

        traced.__name__ = self._name
        try:
            return function(traced).get_concrete_function(data)
        finally:
            model._clear_losses()  # those of layers are tensors of the trace
            self._state = _state_of(model)  # with the variables that tracing made

    def _refused(self, model: Any, data: Any, error: Exception) -> Any:
        """Runs eagerly what could not be traced; if that fails as well, its error is the one to see."""
        result = getattr(model, self._name)(data)
        self._is_refused = True
        warnings.warn(
            f"{type(model).__name__}.{self._name} cannot be traced, so it runs eagerly, which is slower: {error} Pass "
            "`run_eagerly=True` to `compile` if that is meant.",
            stacklevel=4,
        )
        return result


def _state_of(model: Any) -> Any:
    """What traces depend on besides batches."""
    rate = getattr(model.optimizer, "_learning_rate", None)  # a schedule is part of the trace
    return [v._node for v in model.trainable_variables], len(model.weights), id(rate)
