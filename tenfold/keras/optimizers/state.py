"""What an optimizer keeps: its variables, by which names, and how they are saved."""

from __future__ import annotations

import functools
import re
import warnings
from collections.abc import Callable, Collection, Iterator
from typing import Any

import numpy as np

from tenfold.core import restoring
from tenfold.keras import checkpoint_names, initializers
from tenfold.keras.optimizers.former_names import CallableList, FormerNames
from tenfold.keras.variables import Variable


def _then_restored(build: Callable[..., None]) -> Callable[..., None]:
    """A `build` method after which the new variables get what a restored checkpoint holds for them."""

    @functools.wraps(build)
    def wrapped(self: Any, *args: Any, **kwargs: Any) -> None:
        build(self, *args, **kwargs)
        restoring.resume(self)

    return wrapped


class State(FormerNames):
    """The variables of an optimizer: iteration count, learning rate, and what it keeps for each variable of a model."""

    name: str
    built: bool
    _variables: list[Variable]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in cls.__dict__:
            cls.build = _then_restored(cls.build)  # type: ignore[attr-defined]

    def _checkpoint_children(self) -> Iterator[tuple[str, Any]]:
        return checkpoint_names.of_optimizer(self)

    def _former_checkpoint_children(self, names: Collection[str]) -> Iterator[tuple[str, Any]] | None:
        return checkpoint_names.of_former_optimizer(self, names)

    def _former_slot(self, variable: Any, name: str) -> Any:
        return checkpoint_names.former_slot(self, variable, name)

    def __setattr__(self, name: str, value: Any) -> None:
        """Sets an attribute; a variable becomes one of the optimizer's."""
        if isinstance(value, Variable):
            variables = self.__dict__.get("_variables")
            if variables is None:
                raise RuntimeError(
                    f"In optimizer '{type(self).__name__}', you forgot to call `super().__init__()` as the first statement "
                    "in the `__init__()` method. Go add it!"
                )
            if not any(v is value for v in variables):
                variables.append(value)
        super().__setattr__(name, value)
        if name in self.__dict__ and (programs := self.__dict__.get("_programs")) is not None:  # it is no property
            programs.forget()

    @property
    def variables(self) -> list:
        """Iteration count, learning rate and what is kept for each variable."""
        return CallableList(self._variables)

    def add_variable(
        self, shape: Any, initializer: Any = "zeros", dtype: Any = None, aggregation: str = "none", layout: Any = None,
        name: str | None = None,
    ) -> Variable:  # fmt: skip
        """Makes a variable of the optimizer."""
        dtype = "int64" if dtype == "int" else dtype
        variable = Variable(initializers.get(initializer), tuple(shape), dtype, trainable=False, name=name)
        self._variables.append(self._named(variable))
        return variable

    def _named(self, variable: Variable) -> Variable:
        variable.path = f"{self.name}/{variable.name}"
        if self._variables:
            variable._lock = self._variables[0]._lock  # they are updated together
        return variable

    def add_variable_from_reference(
        self, reference_variable: Any, name: str | None = None, initializer: Any = "zeros"
    ) -> Variable:
        """Makes a variable of the shape and dtype of a model's variable."""
        full = f"{re.sub('[/:]', '_', path_of(reference_variable))}_{name or 'var'}"
        return self.add_variable(reference_variable.shape, initializer, reference_variable.dtype, name=full)

    def add_optimizer_variables(self, trainable_variables: Any, name: Any, initializer: Any = "zeros") -> Any:
        """Makes one variable for each of the model's; for a list of names, a tuple of lists."""
        names = [name] if isinstance(name, str) else list(name)
        initial = list(initializer) if isinstance(initializer, (list, tuple)) else [initializer] * len(names)
        if len(names) != len(initial):
            raise ValueError(
                "The number of provided names must match the number of provided initializers. Received "
                f"name={name!r}, initializer={initializer!r}"
            )
        made: tuple[list, ...] = tuple([] for _ in names)
        for variable in trainable_variables:
            for slots, slot, start in zip(made, names, initial, strict=True):
                slots.append(self.add_variable_from_reference(variable, slot, start))
        return made[0] if isinstance(name, str) else made

    def set_weights(self, weights: Any) -> None:
        """Sets the values of all variables of the optimizer."""
        if not self.built:
            raise ValueError(
                "You are calling `set_weights()` on an optimizer that has not yet been built. Please call "
                "`optimizer.build(trainable_variables)` to create the optimizer weights before calling `set_weights()`."
            )
        for variable, value in zip(self.variables, weights, strict=True):
            if tuple(variable.shape) != np.shape(value):
                raise ValueError(
                    f"Optimizer variable {variable.path} has shape {variable.shape} not compatible with provided weight shape "
                    f"{np.shape(value)}."
                )
            variable.assign(value)

    def save_own_variables(self, store: Any) -> None:
        """Writes the state into a mapping of names to arrays."""
        for i, variable in enumerate(self.variables):
            store[str(i)] = variable

    def load_own_variables(self, store: Any) -> None:
        """Reads the state that `save_own_variables` wrote."""
        variables = self.variables
        if len(store.keys()) != len(variables):
            warnings.warn(
                f"Skipping variable loading for optimizer '{self.name}', because it has {len(variables)} variables whereas the "
                f"saved optimizer has {len(store.keys())} variables. ",
                stacklevel=2,
            )
            return
        for i, variable in enumerate(variables):
            variable.assign(np.asarray(store[str(i)]))


def path_of(variable: Any) -> str:
    """The path of a Keras variable, the name of another."""
    return variable.path if isinstance(variable, Variable) else variable.name
