"""Results with as many rows as data say, such as those of `tf.math.segment_sum`, as machine code.

A graph that has some is parted: first the rows are counted, on NumPy, by ops that look at as little as they can; then what is left runs as a
graph of its own, which is made, and compiled, for these numbers as for shapes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tenfold.core.op import Op
from tenfold.core.symbol import STAND_IN, Size, Symbol
from tenfold.core.tensor import Tensor, wrap
from tenfold.graph.graph import Graph
from tenfold.graph.node import Node, Step


class Rest:
    """What runs when rows have been counted: takes what it reads, last their numbers.

    Attributes:
      graph: what it does.
      num_counts: how many of its arguments are numbers of rows.
    """

    def __init__(self, graph: Graph, num_counts: int) -> None:
        self.graph, self.num_counts = graph, num_counts

    def __call__(self, *tensors: Tensor) -> list[Tensor]:
        from tenfold.graph.run import run_counted

        return [wrap(x) for x in run_counted(self.graph, [t._array for t in tensors], self.num_counts)]


def parted(graph: Graph) -> Graph:
    """A graph that counts rows and has a `Rest` for the step behind that; the same object if it has nothing to count."""
    counted = [node for node in graph.nodes if isinstance(node.op, Op) and node.op.by_count]
    if not counted:
        return graph
    counts: dict[Any, Node] = {}
    known: dict[Node, Node] = {}
    first: set[Node] = set()
    for node in counted:
        count_op, op = node.op.by_count  # type: ignore[union-attr, misc]
        operands = tuple([node.inputs[node.op.inputs.index(name)] for name in count_op.inputs])  # type: ignore[union-attr]
        before = _before(operands, graph.nodes[: graph.nodes.index(node)])
        if not before.isdisjoint(counted):
            continue  # it is counted when the others have run
        first |= before
        size: Any = _known_count(count_op, operands)
        if size is None:
            key = (count_op, *map(id, operands))
            if key not in counts:
                number = Symbol(graph, np.dtype(np.int64), ())
                counts[key] = Node(count_op, operands, {}, (number,), node.line, True, node.label)
            size = Size((counts[key].outputs[0], ()), STAND_IN)
        attrs = {**node.attrs, "num_segments": size}
        known[node] = Node(op, node.inputs, attrs, node.outputs, node.line, True, node.label)
    head = [node for node in graph.nodes if node in first] + [*counts.values()]
    tail = [known.get(node, node) for node in graph.nodes if node not in first]
    return _joined(graph, next(iter(known)).op.name, head, tail, len(counts))


def _known_count(op: Op, operands: Sequence[Any]) -> int | None:
    """How many rows an op counts, if that follows from constants; None also if these are refused, as they are to be when the function runs."""
    if any(type(x) is Symbol for x in operands):
        return None
    try:
        return int(op.kernel(*operands))
    except Exception:
        return None


def _before(operands: Sequence[Any], nodes: Sequence[Node]) -> set[Node]:
    """The nodes that operands follow from, and those with effects. Steps keep their order: with one of them there are all before it."""
    wanted = {x for x in operands if type(x) is Symbol}
    found: set[Node] = set()
    has_steps = False
    for node in reversed(nodes):
        is_step = isinstance(node.op, Step)
        if (is_step and (has_steps or node.has_effects)) or not wanted.isdisjoint(node.outputs):
            found.add(node)
            wanted.update(node.reads())
            has_steps |= is_step
    return found


def _joined(graph: Graph, name: str, head: list[Node], tail: list[Node], num_counts: int) -> Graph:
    made = {x for node in tail for x in node.outputs}
    reads = dict.fromkeys([x for node in tail for x in node.reads() if x not in made])
    numbers = [node.outputs[0] for node in head[len(head) - num_counts :]]
    rest = Graph(graph.name)
    rest.inputs = [*[x for x in reads if x not in numbers], *numbers]
    rest.outputs = list(dict.fromkeys([x for x in graph.outputs if type(x) is Symbol and x in made]))
    rest.nodes, rest.variables, rest.seen = tail, graph.variables, graph.seen
    has_effects = any(node.has_effects for node in tail)
    step = Step(name, Rest(rest, num_counts), has_effects, None if has_effects else ())
    result = Graph(graph.name, graph.outer)
    result.inputs, result.captures, result.outputs = graph.inputs, graph.captures, graph.outputs
    result.variables, result.seen = graph.variables, graph.seen
    result.nodes = [*head, Node(step, tuple(rest.inputs), {}, tuple(rest.outputs), "")]  # type: ignore[arg-type]
    return result
