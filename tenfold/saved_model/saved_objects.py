"""The objects of a SavedModel: what is reachable from the saved one by attributes, and what each of them is in the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tenfold.core import nest
from tenfold.core.children import children as held
from tenfold.core.children import is_trackable
from tenfold.core.variable import Variable
from tenfold.lookup.base import LookupInterface
from tenfold.lookup.table import Table
from tenfold.saved_model.assets import Asset
from tenfold.saved_model.signature_map import SignatureMap
from tenfold.tracing.concrete import ConcreteFunction
from tenfold.tracing.function import Function
from tenfold.train.object_graph import VARIABLE_VALUE, escaped


def children(value: Any) -> Iterator[tuple[str, Any]]:
    """What an object holds that belongs into a file, by name: what a checkpoint has of it, and functions."""
    if isinstance(value, SignatureMap):
        yield from value.items()
        return
    functions, names = list(_functions(value)), set()
    for function in nest.flatten(functions):
        if isinstance(function, Function) and function.input_signature is not None:
            function.get_concrete_function()  # may make variables, which are attributes then
    for name, child, _ in held(value):
        names.add(name)
        yield name, (child.resource() or child) if isinstance(child, LookupInterface) else child
    for name, function in functions:
        if name not in names:
            yield name, function


def _functions(value: Any) -> Iterator[tuple[str, Any]]:
    """The traced functions in a container, or among the attributes and methods of an object; containers of such, too."""
    if isinstance(value, (Variable, Function, ConcreteFunction)):
        return
    if isinstance(value, (list, tuple)):
        items: Iterable[tuple[str, Any]] = ((str(i), item) for i, item in enumerate(value))
    elif isinstance(value, dict):
        items = value.items()
    else:
        own = getattr(value, "__dict__", {})
        methods = [name for name in dir(type(value)) if isinstance(getattr(type(value), name, None), Function)]
        items = [*own.items(), *[(name, getattr(value, name)) for name in methods if name not in own]]
    for name, item in items:
        if isinstance(name, str) and _holds_function(item):
            yield name, item


def _holds_function(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_function, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(_holds_function, value))
    return isinstance(value, (Function, ConcreteFunction))


def saved_parts(value: Any) -> dict[str, Any]:
    """What an object makes of itself to be saved: functions, lists of variables."""
    return value._saved_parts() if hasattr(type(value), "_saved_parts") else {}


def saved_files(value: Any, objects: Objects) -> dict[str, bytes]:
    """What an object writes beside TensorFlow's files, by paths in the folder."""
    return value._saved_files(objects) if hasattr(type(value), "_saved_files") else {}


def is_saved(value: Any) -> bool:
    """Whether an object can be the root of a file."""
    return is_trackable(value) or next(_functions(value), None) is not None


class Objects:
    """The objects of a file by number.

    Args:
      root: the one that is saved.
      parts: what it holds, by name.

    Attributes:
      values: the objects; the first is the saved one.
      edges: for each, the names and numbers of its children.
      paths: for each, the names that lead to it from the first.
    """

    def __init__(self, root: Any, parts: Mapping[str, Any]) -> None:
        self.values: list[Any] = []
        self.edges: list[list[tuple[str, int]]] = []
        self.paths: list[tuple[str, ...]] = []
        self._numbers: dict[int, int] = {}
        self.add(root, ())
        for i, value in enumerate(self.values):  # grows meanwhile
            for name, child in children(value) if i else parts.items():
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

    def attach(self, value: Any, parts: Mapping[str, Any]) -> None:
        """Gives an object more children, which have none themselves."""
        i = self._numbers[id(value)]
        for name, child in parts.items():
            self.edges[i].append((name, self.add(child, (*self.paths[i], name))))

    def number(self, value: Any) -> int | None:
        return self._numbers.get(id(value))

    def assets(self) -> list[Asset]:
        return [value for value in self.values if isinstance(value, Asset)]

    def tables(self) -> list[Table]:
        return [value for value in self.values if isinstance(value, Table)]

    def variables(self) -> list[tuple[int, Variable]]:
        return [(i, value) for i, value in enumerate(self.values) if isinstance(value, Variable)]


def checkpoint_key(path: tuple[str, ...]) -> str:
    """The name of a variable's value in a checkpoint."""
    return "/".join([*map(escaped, path), ".ATTRIBUTES", VARIABLE_VALUE])


def user_object(value: Any) -> str:
    """What TensorFlow calls a kind of object that is no variable and no function."""
    if isinstance(value, list):
        return "trackable_list_wrapper"
    if isinstance(value, tuple):
        return "trackable_tuple_wrapper"
    if isinstance(value, dict):
        return "trackable_dict_wrapper"
    return "_generic_user_object"
