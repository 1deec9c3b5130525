"""Graphs of files made ready to run: checked, with nodes in an order in which inputs come first, and inputs by place."""

from __future__ import annotations

import heapq
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from tenfold.saved_model.definitions import Argument, definition
from tenfold.saved_model.values import attribute_message, shape_of, value_of


class Source(NamedTuple):
    """A tensor: which output of which node, or an argument of the function, of which it is output 0."""

    node: str
    output: int


class PlannedNode(NamedTuple):
    name: str
    op: str
    inputs: tuple[Source, ...]
    after: tuple[str, ...]  # nodes that must have run
    attrs: dict[str, Any]


class PlannedArgument(NamedTuple):
    name: str
    shape: list[int | None] | None


class Plan(NamedTuple):
    """A graph that can run.

    Attributes:
      name: of the function, or "" for the graph itself.
      arguments: what it takes, where it is a function.
      nodes: in an order in which they can run.
      results: what it returns, where it is a function.
    """

    name: str
    arguments: tuple[PlannedArgument, ...]
    nodes: tuple[PlannedNode, ...]
    results: tuple[Source, ...]

    def part(self, wanted: Iterable[str], given: Container[str]) -> Plan:
        """What some nodes need, without those whose results are given."""
        nodes = {node.name: node for node in self.nodes}
        needed: set[str] = set()
        waiting = list(wanted)
        while waiting:
            name = waiting.pop()
            if name in nodes and name not in needed and name not in given:
                needed.add(name)
                waiting += [source.node for source in nodes[name].inputs]
                waiting += nodes[name].after
        return self._replace(nodes=tuple([node for node in self.nodes if node.name in needed]))


def source_of(text: str) -> Source:
    """What a tensor's name in a graph, `"x:0"` or `"x"`, says.

    Raises:
      ValueError: it has no number after the colon.
    """
    name, colon, output = text.removeprefix("^").partition(":")
    if colon and not output.isdigit():
        raise ValueError(f"{text!r} names no tensor: that is a node's name, a colon, and which of its results.")
    return Source(name, int(output or 0))


def known_values(given: Iterable[tuple[Source, Any]]) -> dict[str, list[Any]]:
    """The results of nodes, by name, as far as they are given."""
    known: dict[str, list[Any]] = {}
    for (node, output), value in given:
        results = known.setdefault(node, [])
        results += [None] * (output + 1 - len(results))
        results[output] = value
    return known


class DamagedGraph(ValueError):
    """A graph in a file contradicts itself."""


def plan_of_function(function: Any, library: Mapping[str, Any]) -> Plan:
    """The plan of a FunctionDef.

    Args:
      function: the message.
      library: FunctionDefs by name, by which nodes may call them.
    Raises:
      DamagedGraph: it names nodes that are not there, or goes in circles.
    """
    name = function.signature.name
    arguments = []
    for i, arg in enumerate(function.signature.input_arg):
        shapes = function.arg_attr[i].attr["_output_shapes"].list.shape if i in function.arg_attr else []
        if arg.number_attr or arg.type_list_attr or arg.type_attr:
            raise DamagedGraph(
                f"function {name!r} takes lists or tensors of any type, which only libraries' functions do."
            )
        arguments.append(PlannedArgument(arg.name, shape_of(shapes[0]) if len(shapes) else None))
    reader = _Reader(name, function.node_def, {arg.name for arg in arguments}, library)
    results = []
    for arg in function.signature.output_arg:
        if arg.name not in function.ret:
            raise DamagedGraph(f"function {name!r} does not say where its result {arg.name!r} comes from.")
        results.append(reader.source(function.ret[arg.name]))
    for target in function.control_ret.values():
        reader.node(target)
    return Plan(name, tuple(arguments), reader.ordered(), tuple(results))


def plan_of_graph(nodes: Sequence[Any]) -> Plan:
    """The plan of the nodes of a GraphDef.

    Raises:
      DamagedGraph: one names a node that is not there, or they go in circles.
    """
    reader = _Reader("", nodes, set())
    return Plan("", (), reader.ordered(), ())


class _Reader:
    def __init__(
        self, name: str, nodes: Iterable[Any], arguments: set[str], library: Mapping[str, Any] | None = None
    ) -> None:
        self._what = f"function {name!r}" if name else "the graph"
        self._nodes: dict[str, Any] = {}
        self._arguments, self._library = arguments, library  # which only nodes of functions need
        for node in nodes:
            if node.name in self._nodes or node.name in arguments:
                raise DamagedGraph(f"{self._what} has two nodes {node.name!r}.")
            self._nodes[node.name] = node

    def node(self, name: str) -> Any:
        if name not in self._nodes:
            raise DamagedGraph(f"{self._what} uses the node {name!r}, which is not there.")
        return self._nodes[name]

    def source(self, text: str) -> Source:
        """What an input names: `node:output:1` in a function, `node:1` in a graph, or the name of an argument."""
        if text in self._arguments:
            return Source(text, 0)
        name, *place = text.split(":")
        node = self.node(name)
        try:
            if self._library is None:
                return Source(name, int(place[0]) if place else 0)
            first = _first_of(node, place[0] if place else None, self._library)
            return Source(name, first + (int(place[1]) if len(place) > 1 else 0))
        except ValueError:
            raise DamagedGraph(f"{self._what} has the input {text!r}, which cannot be read.") from None

    def ordered(self) -> tuple[PlannedNode, ...]:
        """The nodes in an order in which those that others need come first; else that of the file."""
        nodes = []
        for name, node in self._nodes.items():
            data, control = self._split(node)
            attrs = {key: _Lazy(value) for key, value in node.attr.items()}
            nodes.append(PlannedNode(name, node.op, tuple(data), tuple(control), _Attributes(attrs)))
        return in_order(nodes, self._what)

    def _split(self, node: Any) -> tuple[list[Source], set[str]]:
        data, control = [], set()
        for text in node.input:
            if text.startswith("^"):
                if text[1:] not in self._arguments:
                    self.node(text[1:])
                    control.add(text[1:])
            else:
                data.append(self.source(text))
        return data, control


def in_order(nodes: Iterable[PlannedNode], what: str) -> tuple[PlannedNode, ...]:
    """Nodes in an order in which those that others need come first; else that in which they are given.

    Only what loops of TensorFlow 1 hand on to their next turn may come later.

    Raises:
      DamagedGraph: they need one another; `what` is where they are.
    """
    by_name = {node.name: node for node in nodes}
    before = {name: _before(node, by_name) for name, node in by_name.items()}
    readers: dict[str, list[str]] = {name: [] for name in by_name}
    for name, names in before.items():
        for other in names:
            readers[other].append(name)
    order = list(by_name)
    place = {name: i for i, name in enumerate(order)}
    waiting = {name: len(names) for name, names in before.items()}
    ready = [place[name] for name, count in waiting.items() if not count]
    found = []
    while ready:
        name = order[heapq.heappop(ready)]
        found.append(by_name[name])
        for reader in readers[name]:
            waiting[reader] -= 1
            if not waiting[reader]:
                heapq.heappush(ready, place[reader])
    if len(found) < len(order):
        stuck = sorted(name for name, count in waiting.items() if count)
        raise DamagedGraph(f"{what} goes in circles: {', '.join(stuck[:5])} need one another.")
    return tuple(found)


def _before(node: PlannedNode, nodes: Mapping[str, PlannedNode]) -> set[str]:
    """The nodes that must have run before a node, among these."""
    names = {source.node for source in node.inputs}.union(node.after).intersection(nodes)
    if node.op in ("Merge", "RefMerge"):
        return {name for name in names if nodes[name].op not in ("NextIteration", "RefNextIteration")}
    return names


class _Lazy:
    """An attribute that is read when it is asked for: constants are large."""

    __slots__ = ("message",)

    def __init__(self, message: Any) -> None:
        self.message = message


class _Attributes(dict):
    """Attributes of a node, by name."""

    def __getitem__(self, key: str) -> Any:
        value = super().get(key)
        if value is None:
            raise DamagedGraph(f"a node has no attribute {key!r}.")
        if type(value) is _Lazy:
            value = value_of(value.message)
            self[key] = value
        return value

    def get(self, key: str, default: Any = None) -> Any:
        return self[key] if key in self else default


def calling(**functions: str | Sequence[str]) -> dict[str, Any]:
    """Attributes of a node that name functions."""
    kinds = {key: "func" if isinstance(value, str) else "list(func)" for key, value in functions.items()}
    return _Attributes({key: _Lazy(attribute_message(kinds[key], value)) for key, value in functions.items()})


def functions_in(attrs: Mapping[str, Any]) -> list[str]:
    """The names of the functions that attributes of a node mention."""
    found = []
    for value in attrs.values():
        message = value.message if type(value) is _Lazy else None
        if message is not None:
            kind = message.WhichOneof("value")
            found += (
                [message.func.name] if kind == "func" else [f.name for f in message.list.func] if kind == "list" else []
            )
    return found


def _first_of(node: Any, output: str | None, library: Mapping[str, Any]) -> int:
    """The place among all outputs of a node's first tensor of an output, by its name."""
    if output is not None and node.op in library:
        return [arg.name for arg in library[node.op].signature.output_arg].index(output)
    known = definition(node.op)
    if output is None or known is None:  # an op that Tenfold does not have: it is reported later
        return 0
    place = 0
    for arg in known.outputs:
        if arg.name == output:
            return place
        place += count_of(arg, node.attr)
    raise ValueError(output)


def count_of(arg: Argument, attrs: Any) -> int:
    """How many tensors an argument of a node is."""
    if arg.number_attr:
        return int(attrs[arg.number_attr].i)
    return len(attrs[arg.list_attr].list.type) if arg.list_attr else 1
