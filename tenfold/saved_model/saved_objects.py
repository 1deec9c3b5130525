"""The objects of a SavedModel: what is reachable from the saved one by attributes, and what each of them is in the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tenfold.core.module import Module
from tenfold.core.variable import Variable
from tenfold.tracing.concrete import ConcreteFunction
from tenfold.tracing.function import Function


def children(value: Any) -> Iterator[tuple[str, Any]]:
    """What an object holds that belongs into a file, by name: variables, functions, modules, and containers of such."""
    own = getattr(value, "_trackable_children", None)
    if own is not None:
        yield from own().items()
        return
    if isinstance(value, (Variable, Function, ConcreteFunction)):
        return
    if isinstance(value, (list, tuple)):
        named: Iterable[tuple[Any, Any]] = enumerate(value)
    elif isinstance(value, dict):
        named = [(key, item) for key, item in value.items() if isinstance(key, str)]
    else:
        named = [*vars(value).items(), *_functions(value)]
    for name, item in named:
        if is_trackable(item):
            yield str(name), item


def _functions(value: Any) -> Iterator[tuple[str, Function]]:
    """The methods of an object that are traced functions."""
    own = vars(value)
    for name in dir(type(value)):
        if name not in own and isinstance(getattr(type(value), name, None), Function):
            yield name, getattr(value, name)


def is_trackable(value: Any) -> bool:
    """Whether an attribute goes into files."""
    if isinstance(value, (list, tuple)):
        return not value or any(map(is_trackable, value))
    if isinstance(value, dict):
        return not value or any(map(is_trackable, value.values()))
    return isinstance(value, (Variable, Function, ConcreteFunction, Module)) or hasattr(value, "_trackable_children")


class Objects:
    """The objects of a file by number.

    Attributes:
      values: the objects; the first is the saved one.
      edges: for each, the names and numbers of its children.
      paths: for each, the names that lead to it from the first.
    """

    def __init__(self, root: Any) -> None:
        self.values: list[Any] = []
        self.edges: list[list[tuple[str, int]]] = []
        self.paths: list[tuple[str, ...]] = []
        self._numbers: dict[int, int] = {}
        self.add(root, ())
        for i, value in enumerate(self.values):  # grows meanwhile
            for name, child in children(value):
                self.edges[i].append((name, self.add(child, (*self.paths[i], name))))

    def add(self, value: Any, path: tuple[str, ...]) -> int:
        """The number of an object, which is new or known."""
        key = id(value)
        if key not in self._numbers:
            self._numbers[key] = len(self.values)
            self.values.append(value)
            self.edges.append([])
            self.paths.append(path)
        return self._numbers[key]

    def number(self, value: Any) -> int | None:
        return self._numbers.get(id(value))

    def variables(self) -> list[tuple[int, Variable]]:
        return [(i, value) for i, value in enumerate(self.values) if isinstance(value, Variable)]


def checkpoint_key(path: tuple[str, ...]) -> str:
    """The name of a variable's value in a checkpoint."""
    escaped = [name.replace(".", "..").replace("/", ".S") for name in path]
    return "/".join([*escaped, ".ATTRIBUTES", "VARIABLE_VALUE"])


def user_object(value: Any) -> str:
    """What TensorFlow calls a kind of object that is no variable and no function."""
    if isinstance(value, list):
        return "trackable_list_wrapper"
    if isinstance(value, tuple):
        return "trackable_tuple_wrapper"
    if isinstance(value, dict):
        return "trackable_dict_wrapper"
    return "_generic_user_object"
