"""Module: a class that knows the variables in its attributes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from tenfold.core import restoring
from tenfold.core.context import context
from tenfold.core.variable import Variable

F = TypeVar("F", bound=Callable)


class Module:
    """Base of classes that hold variables and other modules, in attributes, lists and dicts.

    Args:
      name: name of the module, a Python identifier; derived from the class by default.

    Example:
      >>> class Dense(tf.Module):
      ...     def __init__(self, inputs, outputs, name=None):
      ...         super().__init__(name=name)
      ...         self.w = tf.Variable(tf.ones([inputs, outputs]), name="w")
      ...     def __call__(self, x):
      ...         return x @ self.w
      >>> layer = Dense(2, 3)
      >>> layer.name, [v.name for v in layer.trainable_variables]
      ('dense', ['w:0'])
    """

    def __init__(self, name: str | None = None) -> None:
        if name is None:
            name = _snake_case(type(self).__name__)
        elif not name.isidentifier():
            raise ValueError(
                f"{name!r} is not a valid module name. Module names must be valid Python identifiers (e.g. a valid class name)."
            )
        self._name = name
        self._scope = f"{context.name_scope}{name}/"

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        restoring.resume(self)

    @property
    def name(self) -> str:
        return self._name

    @property
    def name_scope(self) -> Any:
        """A context manager under which variables get the module's name."""
        return _ModuleScope(self._scope)

    @property
    def variables(self) -> tuple[Variable, ...]:
        """All variables of the module and the modules in it, by the order of attribute names."""
        return tuple(self._flatten(predicate=lambda value: isinstance(value, Variable)))

    @property
    def trainable_variables(self) -> tuple[Variable, ...]:
        return tuple(v for v in self.variables if v.trainable)

    @property
    def non_trainable_variables(self) -> tuple[Variable, ...]:
        return tuple(v for v in self.variables if not v.trainable)

    @property
    def submodules(self) -> tuple[Module, ...]:
        """All modules inside this one."""
        return tuple(self._flatten(predicate=_is_module))

    def _flatten(self, predicate: Callable[[Any], bool]) -> Iterator[Any]:
        """What the attributes hold and the predicate wants, each object once; modules after what stands beside them."""
        seen = {id(self)}
        waiting: list[Any] = [self]
        while waiting:
            module = waiting.pop(0)
            for value in _leaves(module):
                if id(value) in seen:
                    continue
                is_wanted, is_module = predicate(value), _is_module(value)
                if is_wanted or is_module:
                    seen.add(id(value))
                if is_wanted:
                    yield value
                if is_module:
                    waiting.append(value)

    @classmethod
    def with_name_scope(cls, method: F) -> F:
        """Decorator that runs a method under the module's name scope."""

        def scoped(self: Module, *args: Any, **kwargs: Any) -> Any:
            with self.name_scope:
                return method(self, *args, **kwargs)

        scoped.__name__, scoped.__doc__ = method.__name__, method.__doc__
        return scoped  # type: ignore[return-value]


def _is_module(value: Any) -> bool:
    return isinstance(value, Module) or (hasattr(value, "trainable_variables") and hasattr(value, "_collect_variables"))


def _leaves(module: Any) -> Iterator[Any]:
    """The values of a module's attributes, by name; lists, tuples and dicts opened."""
    if not isinstance(module, Module):  # a Keras layer knows its own
        yield from module.variables
        return
    for name in sorted(vars(module)):
        yield from _opened(getattr(module, name))


def _opened(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for key in sorted(value, key=str):
            yield from _opened(value[key])
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _opened(item)
    else:
        yield value


class _ModuleScope:
    __slots__ = ("_outer", "_scope")

    def __init__(self, scope: str) -> None:
        self._scope = scope

    @property
    def name(self) -> str:
        return self._scope

    def __enter__(self) -> str:
        self._outer = context.name_scope
        context.name_scope = self._scope
        return self._scope

    def __exit__(self, *exc: object) -> None:
        context.name_scope = self._outer


def _snake_case(name: str) -> str:
    return re.sub(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))", r"_\1", name).lower()
