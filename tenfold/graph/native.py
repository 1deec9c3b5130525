"""Graphs as machine code: runs of nodes that have lowerings become segments, each one native call.

What has no lowering stays a node between segments and runs on NumPy. A segment writes its variables in place. The environment
variable `TENFOLD_COMPILE=0` lets everything run on NumPy, for debugging.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from tenfold.compiler import runtime
from tenfold.compiler.builder import Builder, Value
from tenfold.compiler.executable import Executable, compile
from tenfold.compiler.program import NotLowered, Program
from tenfold.core.config import settings
from tenfold.core.op import Op
from tenfold.core.symbol import Symbol
from tenfold.core.tensor import wrap
from tenfold.core.variable import Variable, held_alone
from tenfold.graph.graph import Graph
from tenfold.graph.lowering import Writer, is_lowerable, native_spec
from tenfold.graph.node import Node, Step
from tenfold.graph.segment_counts import parted
from tenfold.ops.large import is_large

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


def compiled(graph: Graph, is_rest: bool = False) -> Graph:
    """The graph with segments in place of the nodes that have machine code; the same object if there are none.

    Args:
      graph: what is to be compiled.
      is_rest: whether it is one that others were parted into, which is not parted further.
    """
    if not settings.compiles or not has_compiler():
        return graph
    if not is_rest:
        graph = parted(graph)
    users = _users(graph)
    blocked: set[int] = set()
    while True:
        nodes: list[Node] = []
        for is_native, run in _runs(graph.nodes, blocked):
            if is_native and _is_worth_it(run):
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


def begin() -> None:
    """Begins with what the first compiled function needs, beside its tracing."""
    if settings.compiles and has_compiler():
        runtime.begin()


class _Blocked(Exception):
    """Nodes turned out to have no machine code."""

    def __init__(self, nodes: set[int]) -> None:
        self.nodes = nodes


@functools.cache
def has_compiler() -> bool:
    """Whether functions are compiled; says so once if they are not."""
    try:
        is_there = find_spec("llvmlite") is not None
    except (ImportError, ValueError):  # something keeps it from being imported
        is_there = False
    if not is_there:
        _log.warning("llvmlite cannot be imported: functions run op by op on NumPy. Install it to have them compiled.")
    return is_there


def _runs(nodes: Sequence[Node], blocked: set[int]) -> list[tuple[bool, list[Node]]]:
    """The nodes in order, cut where those with machine code begin and end."""
    runs: list[tuple[bool, list[Node]]] = []
    for node in nodes:
        is_native = id(node) not in blocked and is_lowerable(node)
        if not runs or runs[-1][0] != is_native:
            runs.append((is_native, []))
        runs[-1][1].append(node)
    return runs


def _is_worth_it(run: Sequence[Node]) -> bool:
    """Whether nodes are many, or one of them works on large arrays."""
    return sum(map(_weight, run)) >= _LEAST_NODES or any(
        isinstance(node.op, Op) and not node.sizes() and is_large(node.op, node.inputs, node.attrs) for node in run
    )


def _weight(node: Node) -> int:
    """How much a node counts for a segment: a step that is lowered, or a scan, is many ops, reading and writing a variable none."""
    if isinstance(node.op, Op):
        return _LEAST_NODES if node.op.runs_graph else 1
    return _LEAST_NODES * (node.op.lower is not None)


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
        if _reads_first(node, writer) and is_wanted(node.outputs[0]):
            before.append(node)
        else:
            writer.add(node)
    outputs = [x for node in nodes if node not in before for x in node.outputs if is_wanted(x)]
    try:
        executable = compile(writer.program(outputs))
    except NotLowered as error:
        _log.debug("%d nodes run on NumPy: %s", len(nodes), error)
        inside = [node for node in nodes if isinstance(node.op, Step) and node.op.graphs]
        raise _Blocked(
            {id(node) for node in inside or nodes}
        ) from None  # what is outside of branches may do without them
    inputs = tuple([x for x in writer.arguments if type(x) is Symbol])
    written = tuple([v for v, _ in writer.written.values()])
    segment = Segment(f"native of {len(nodes)} ops", executable, tuple(writer.arguments), written, tuple(nodes))
    return [*before, Node(segment, inputs, {}, tuple(outputs), "")]  # type: ignore[arg-type]


def _reads_first(node: Node, writer: Writer) -> bool:
    """Whether a node reads a variable that is not written before it."""
    is_read = isinstance(node.op, Step) and node.op.name == "ReadVariableOp"
    return is_read and not any(v._node in writer.written for v in node.op.variables or ())  # type: ignore[union-attr]


class _Writer(Writer):
    """Writes a segment: what its nodes do not compute are its arguments."""

    def __init__(self) -> None:
        super().__init__(Builder(), {})
        self.arguments: list[Symbol | Variable] = []

    def value(self, x: Any) -> Value:
        if type(x) is Symbol and x not in self.values:
            self.arguments.append(x)
            self.values[x] = self.builder.input_of(native_spec(x))
        return super().value(x)

    def variable(self, variable: Variable) -> Value:
        if variable._node not in self.values:
            if not variable.shape.is_fully_defined():
                raise NotLowered(f"{variable.name} may be assigned values of other shapes")
            self.arguments.append(variable)
            array = variable._value._array
            self.values[variable._node] = self.builder.input(array.shape, array.dtype)
        return super().variable(variable)

    def add(self, node: Node) -> None:
        try:
            super().add(node)
        except (NotLowered, TypeError, ValueError, ZeroDivisionError) as error:  # shapes that do not fit, for one
            _log.debug("%s runs on NumPy: %s", node.op.name, error)
            raise _Blocked({id(node)}) from None

    def program(self, outputs: Sequence[Symbol]) -> Program:
        for node, (_, value) in self.written.items():
            self.builder.update(self.values[node], value)
        return self.builder.program([self.values[x] for x in outputs])


def writable(variables: Sequence[Variable]) -> list[np.ndarray]:
    """The arrays of variables for machine code to write to: nobody else holds them, and they are contiguous."""
    arrays = held_alone(variables)
    if arrays is not None and all([x.flags.carray for x in arrays]):
        return arrays
    arrays = None  # nor does this list hold them
    return [_made_writable(v) for v in variables]


def _made_writable(variable: Variable) -> np.ndarray:
    array = variable._own_array()
    if not (array.flags.c_contiguous and array.flags.aligned):
        variable._put(wrap(np.array(array, order="C")))
        array = variable._value._array
    return array
