"""The graph of objects that a checkpoint stores beside its tensors: who holds whom under which name, and whose tensor is which."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tenfold.core.children import Child, child_of, children
from tenfold.core.errors import DataLossError
from tenfold.core.variable import Variable
from tenfold.train.bundle import Bundle
from tenfold.train.python_state import PythonState

GRAPH_KEY = "_CHECKPOINTABLE_OBJECT_GRAPH"
VARIABLE_VALUE = "VARIABLE_VALUE"
PYTHON_STATE = "py_state"
TABLE = "table"
_PARTS = {"table-keys": TABLE, "table-values": TABLE}  # attributes that consist of several tensors


class ObjectGraph:
    """The objects that can be reached from one, breadth first; what only our own state leads to comes last.

    Args:
      root: the object.
      attached: more children of it, as pairs of name and object.
    """

    def __init__(self, root: Any, attached: Iterable[tuple[str, Any]] = ()) -> None:
        self.objects: list[Any] = []
        self._paths: list[str] = []
        self._edges: list[list[tuple[str, int]]] = []
        self._numbers: dict[int, int] = {}
        self._add(root, "")
        first = [*children(root), *(child_of(name, value) for name, value in attached)]
        own = self._follow([(0, child) for child in first], lambda child: not child.is_own)
        self._own_start = len(self.objects)
        self._follow(own, lambda child: True)

    def _add(self, value: Any, path: str) -> int:
        number = self._numbers[id(value)] = len(self.objects)
        self.objects.append(value)
        self._paths.append(path)
        self._edges.append([])
        return number

    def _follow(self, edges: list[tuple[int, Child]], is_wanted: Callable[[Child], bool]) -> list[tuple[int, Child]]:
        """Follows the edges that are wanted, and those that begin where they end; returns the others."""
        others = []
        for parent, child in edges:
            if not is_wanted(child):
                others.append((parent, child))
                continue
            number = self._numbers.get(id(child.value))
            if number is None:
                path = self._paths[parent]
                number = self._add(child.value, f"{path}/{escaped(child.name)}" if path else escaped(child.name))
                edges.extend((number, below) for below in children(child.value))
            self._edges[parent].append((child.name, number))
        return others

    def shared_objects(self) -> list[Any]:
        """The objects that TensorFlow's checkpoints have too."""
        return self.objects[: self._own_start]

    def tensors(self) -> dict[str, np.ndarray]:
        """What a checkpoint of these objects consists of, by key; the graph itself is one of them."""
        from tenfold.protos import objects as messages

        graph, found = messages.TrackableObjectGraph(), {}
        for number, value in enumerate(self.objects):
            node = graph.nodes.add()
            for name, child in self._edges[number]:
                node.children.add(local_name=name, node_id=child)
            entries = node.own_attributes if number >= self._own_start else node.attributes
            own = tensors_of(value)
            prefix = "/".join(filter(None, (self._paths[number], ".ATTRIBUTES")))
            for name in dict.fromkeys([_PARTS.get(name, name) for name in own]):
                entries.add(name=name, full_name=name_of(value), checkpoint_key=f"{prefix}/{name}")
            found.update({f"{prefix}/{name}": array for name, array in own.items()})
        for node, has_values in zip(graph.nodes, nodes_with_values(graph), strict=True):
            if has_values:
                node.has_checkpoint_values.value = True
            else:
                node.has_checkpoint_values.SetInParent()
        found[GRAPH_KEY] = _scalar(graph.SerializeToString())
        return found


def escaped(name: str) -> str:
    """A name as a part of a key, in which `/` stands between names and `.` before what is none."""
    return name.replace(".", "..").replace("/", ".S")


def name_of(value: Any) -> str:
    """The name of a variable, by which checkpoints of TensorFlow 1 know it."""
    return getattr(value, "path", None) or value.name.removesuffix(":0") if isinstance(value, Variable) else ""


def tensors_of(value: Any) -> dict[str, np.ndarray]:
    """What an object itself keeps, by the names of attributes in files."""
    if isinstance(value, Variable):
        return {VARIABLE_VALUE: value._value._array}
    if isinstance(value, PythonState):
        state = value.serialize()
        return {PYTHON_STATE: _scalar(state.encode() if isinstance(state, str) else bytes(state))}
    table = table_of(value)
    if table is not None:
        return {name: part._array for name, part in zip(_PARTS, table.contents(), strict=True)}
    return {}


def table_of(value: Any) -> Any:
    """The table whose content is part of checkpoints; None if an object has none."""
    return value._checkpoint_table() if hasattr(type(value), "_checkpoint_table") else None


def _scalar(value: bytes) -> np.ndarray:
    array = np.empty((), object)
    array[()] = value
    return array


def read_graph(bundle: Bundle) -> Any:
    """The graph that a bundle holds, a message; None if it has none, as one that TensorFlow 1 saved by names.

    Raises:
      DataLossError: it is damaged.
    """
    if GRAPH_KEY not in bundle:
        return None
    from google.protobuf.message import DecodeError

    from tenfold.protos import objects as messages

    graph = messages.TrackableObjectGraph()
    text = bundle.read(GRAPH_KEY)
    try:
        graph.ParseFromString(text.item() if text.dtype == object and text.ndim == 0 else b"")
    except DecodeError as error:
        raise DataLossError(f"The object graph of checkpoint {bundle.prefix} is damaged: {error}.") from None
    numbers = [child.node_id for node in graph.nodes for child in node.children]
    numbers += [n for node in graph.nodes for s in node.slot_variables for n in _ends(s)]
    if not graph.nodes or any(not 0 <= number < len(graph.nodes) for number in numbers):
        raise DataLossError(
            f"The object graph of checkpoint {bundle.prefix} is damaged: it names objects that it lacks."
        )
    return graph


def _ends(slot: Any) -> tuple[int, int]:
    return slot.original_variable_node_id, slot.slot_variable_node_id


def nodes_with_values(graph: Any) -> list[bool]:
    """For each object, whether it or something that it holds keeps a tensor."""
    parents: list[list[int]] = [[] for _ in graph.nodes]
    for number, node in enumerate(graph.nodes):
        for child in node.children:
            parents[child.node_id].append(number)
    found = [bool(node.attributes or node.own_attributes) for node in graph.nodes]
    waiting = [number for number, has in enumerate(found) if has]
    while waiting:
        for parent in parents[waiting.pop()]:
            if not found[parent]:
                found[parent] = True
                waiting.append(parent)
    return found
