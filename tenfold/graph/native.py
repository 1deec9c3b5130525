"""Graphs as machine code: runs of nodes that have lowerings become segments, each one native call.

What has no lowering stays a node between segments and runs on NumPy. A segment writes its variables in place. The environment
variable `TENFOLD_COMPILE=0` lets everything run on NumPy, for debugging.
"""

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tenfold.compiler.builder import Builder, Value
from tenfold.compiler.executable import Executable, compile
from tenfold.compiler.program import MACHINE_DTYPES, NotLowered, Program
from tenfold.core.op import Op
from tenfold.core.symbol import Size, Symbol
from tenfold.core.tensor import wrap
from tenfold.core.variable import Variable
from tenfold.graph.graph import Graph, Node, Step

_log = logging.getLogger("tenfold")
_LEAST_NODES = 2  # of a segment: a native call costs about as much as three calls of NumPy


@dataclass(frozen=True)
class Segment:
    """What nodes do, as one native call.

    Attributes:
      name: for people.
      executable: takes arrays, one for each argument, and returns those of the outputs.
      arguments: symbols, and variables for their values.
      written: the variables that are written in place.
      nodes: those that it stands for.
    """

    name: str
    executable: Executable
    arguments: tuple[Symbol | Variable, ...]
    written: tuple[Variable, ...]
    nodes: tuple[Node, ...]
    has_effects: bool = True


def compiled(graph: Graph) -> Graph:
    """The graph with segments in place of the nodes that have machine code; the same object if there are none."""
    if os.environ.get("TENFOLD_COMPILE") == "0" or not has_compiler():
        return graph
    users = _users(graph)
    blocked: set[int] = set()
    while True:
        nodes: list[Node] = []
        for is_native, run in _runs(graph.nodes, blocked):
            if is_native and sum(map(_weight, run)) >= _LEAST_NODES:
                try:
                    nodes += _segment(run, users)
                except _Blocked as refused:
                    blocked |= refused.nodes
                    break
            else:
                nodes += run
        else:
            break
    if not any(isinstance(node.op, Segment) for node in nodes):
        return graph
    result = Graph(graph.name, graph.outer)
    result.inputs, result.captures, result.outputs = graph.inputs, graph.captures, graph.outputs
    result.nodes, result.variables, result.seen = nodes, graph.variables, graph.seen
    return result


class _Blocked(Exception):
    """Nodes turned out to have no machine code."""

    def __init__(self, nodes: set[int]) -> None:
        self.nodes = nodes


@functools.cache
def has_compiler() -> bool:
    """Whether functions are compiled; says so once if they are not."""
    try:
        import llvmlite  # noqa: F401
    except ImportError:
        _log.warning("llvmlite cannot be imported: functions run op by op on NumPy. Install it to have them compiled.")
        return False
    return True


def _runs(nodes: Sequence[Node], blocked: set[int]) -> list[tuple[bool, list[Node]]]:
    """The nodes in order, cut where those with machine code begin and end."""
    runs: list[tuple[bool, list[Node]]] = []
    for node in nodes:
        is_native = id(node) not in blocked and _is_native(node)
        if not runs or runs[-1][0] != is_native:
            runs.append((is_native, []))
        runs[-1][1].append(node)
    return runs


def _weight(node: Node) -> int:
    """How much a node counts for a segment: a step that is lowered is many ops, reading and writing a variable none."""
    return 1 if isinstance(node.op, Op) else _LEAST_NODES * (node.op.lower is not None)


def _is_native(node: Node) -> bool:
    op = node.op
    if isinstance(op, Step):
        if op.lower is None and op.name not in ("ReadVariableOp", "AssignVariableOp"):
            return False
    elif op.lower is None or op.has_effects or node.sizes():
        return False
    variables = op.variables or () if isinstance(op, Step) else ()
    return all(_is_static(x) for x in (*node.inputs, *node.outputs, *[v._value._array for v in variables]))


def _is_static(x: Any) -> bool:
    return x.dtype.char in MACHINE_DTYPES and x.shape is not None and not any(type(size) is Size for size in x.shape)


def _users(graph: Graph) -> dict[Symbol, list[Any]]:
    """The nodes that read each symbol; the graph itself stands for its outputs."""
    users: dict[Symbol, list[Any]] = {}
    for node in graph.nodes:
        for symbol in node.reads():
            users.setdefault(symbol, []).append(node)
    for result in graph.outputs:
        if type(result) is Symbol:
            users.setdefault(result, []).append(graph)
    return users


def _segment(nodes: Sequence[Node], users: dict[Symbol, list[Any]]) -> list[Node]:
    """The nodes that do what these do: a segment, and reads of variables that others want as well.

    Raises:
      _Blocked: some of them have no machine code.
    """
    taken = set(map(id, nodes))

    def is_wanted(symbol: Symbol) -> bool:
        return any(id(user) not in taken for user in users.get(symbol, ()))

    writer, before = _Writer(), []
    for node in nodes:
        if isinstance(node.op, Step) and node.op.lower is not None:
            writer.add_step(node)
        elif isinstance(node.op, Step):
            (variable,) = node.op.variables or ()
            if node.op.has_effects:
                writer.write(variable, node.inputs[0])
            elif is_wanted(node.outputs[0]) and variable._node not in writer.written:
                before.append(node)
            else:
                writer.read(variable, node.outputs[0])
        else:
            writer.add(node)
    outputs = [x for node in nodes if node not in before for x in node.outputs if is_wanted(x)]
    try:
        executable = compile(writer.program(outputs))
    except NotLowered as error:
        _log.debug("%d nodes run on NumPy: %s", len(nodes), error)
        raise _Blocked({id(node) for node in nodes}) from None
    inputs = tuple([x for x in writer.arguments if type(x) is Symbol])
    written = tuple([v for v, _ in writer.written.values()])
    segment = Segment(f"native of {len(nodes)} ops", executable, tuple(writer.arguments), written, tuple(nodes))
    return [*before, Node(segment, inputs, {}, tuple(outputs), "")]  # type: ignore[arg-type]


class _Writer:
    """Writes the primitives of nodes into one program."""

    def __init__(self) -> None:
        self._builder = Builder()
        self._values: dict[Any, Value] = {}  # by symbol, and by node for variables
        self.arguments: list[Symbol | Variable] = []
        self.written: dict[int, tuple[Variable, Any]] = {}

    def _value(self, x: Any) -> Value:
        if type(x) is not Symbol:
            return self._builder.constant(x)
        if x not in self._values:
            self.arguments.append(x)
            self._values[x] = self._builder.input(x.shape, x.dtype)
        return self._values[x]

    def _variable(self, variable: Variable) -> Value:
        if variable._node not in self._values:
            self.arguments.append(variable)
            array = variable._value._array
            self._values[variable._node] = self._builder.input(array.shape, array.dtype)
        return self._values[variable._node]

    def read(self, variable: Variable, symbol: Symbol) -> None:
        self._values[symbol] = self._current(variable)

    def _current(self, variable: Variable) -> Value:
        """The value of a variable at this point of the run."""
        return self.written[variable._node][1] if variable._node in self.written else self._variable(variable)

    def write(self, variable: Variable, x: Any) -> None:
        self._variable(variable)
        self.written[variable._node] = variable, self._value(x)

    def add_step(self, node: Node) -> None:
        """A step that writes variables."""
        step: Any = node.op
        try:
            for variable, value in step.lower(self._builder, self._current, *[self._value(x) for x in node.inputs]):
                self._variable(variable)
                self.written[variable._node] = variable, value
        except (NotLowered, TypeError, ValueError) as error:
            _log.debug("%s runs on NumPy: %s", step.name, error)
            raise _Blocked({id(node)}) from None

    def add(self, node: Node) -> None:
        try:
            results = lowered(self._builder, node, [self._value(x) for x in node.inputs])
        except (NotLowered, TypeError, ValueError) as error:
            _log.debug("%s runs on NumPy: %s", node.op.name, error)
            raise _Blocked({id(node)}) from None
        self._values.update(zip(node.outputs, results, strict=True))

    def program(self, outputs: Sequence[Symbol]) -> Program:
        for node, (_, value) in self.written.items():
            self._builder.update(self._values[node], value)
        return self._builder.program([self._values[x] for x in outputs])


def lowered(b: Builder, node: Node, operands: Sequence[Value]) -> list[Value]:
    """The results of an op, by its primitives.

    Raises:
      NotLowered, TypeError, ValueError: it has none for these operands.
    """
    op: Any = node.op
    if op.lower is None:
        raise NotLowered(op.name)
    lower = getattr(Builder, op.lower) if type(op.lower) is str else op.lower
    found = lower(b, *operands, **node.attrs)
    results = [found] if isinstance(found, Value) else list(found)
    for symbol, value in zip(node.outputs, results, strict=True):
        if value.shape != symbol.shape or value.dtype != symbol.dtype:
            raise NotLowered(f"lowered to {value.spec}, inferred {symbol.dtype}{symbol.shape}")
    return results


def writable(variable: Variable) -> np.ndarray:
    """A variable's array for machine code to write to: nobody else holds it, and it is contiguous."""
    array = variable._own_array()
    if not (array.flags.c_contiguous and array.flags.aligned):
        variable._put(wrap(np.array(array, order="C")))
        array = variable._value._array
    return array
