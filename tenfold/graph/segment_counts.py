"""Segments whose number is data, as machine code: that of `tf.math.segment_sum` follows from its ids, that of `tf.math.unsorted_segment_sum`
may be a tensor.

A graph that has some is parted: first their numbers are computed, on NumPy where ids are counted, by ops that look at as little as they can;
then what is left runs as a graph of its own, which is made, and compiled, for these numbers as for shapes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tenfold.core.op import NotDifferentiable, Op
from tenfold.core.symbol import STAND_IN, Size, Symbol, exchanged, is_stack, sizes_in
from tenfold.core.tensor import Tensor, wrap
from tenfold.graph.graph import Graph
from tenfold.graph.lowering import is_element
from tenfold.graph.node import Node, Step


class Rest:
    """What runs when the numbers of segments are known: takes what it reads, these last.

    Attributes:
      graph: what it does.
      num_known: how many of its arguments are numbers of segments.
    """

    def __init__(self, graph: Graph, num_known: int) -> None:
        self.graph, self.num_known = graph, num_known

    def __call__(self, *tensors: Tensor) -> list[Tensor]:
        from tenfold.graph.run import run_for_values

        return [wrap(x) for x in run_for_values(self.graph, [t._array for t in tensors], self.num_known)]


def parted(graph: Graph) -> Graph:
    """A graph that computes numbers of segments and has a `Rest` for the step behind that; the same object if it has no such segments, or cannot be."""
    # one program serves any number of turns of its loops
    is_open = any(is_stack(x) for node in graph.nodes for x in node.outputs)
    wanting = {
        node: i
        for i, node in enumerate(graph.nodes)
        if isinstance(node.op, Op) and (node.op.by_count or (_depends_on_elements(node) and not is_open))
    }
    if not wanting:
        return graph
    numbers: dict[Any, Node] = {}
    told: dict[Node, Node] = {}
    first: set[Node] = set()
    for node, place in wanting.items():
        number = _number(node, graph)
        before = _before(number.reads(), graph.nodes[:place])
        if not before.isdisjoint(wanting):
            continue  # its turn is when the others have run
        first |= before
        op: Any = node.op
        size: Any = _known_number(number)
        if size is None:
            number = numbers.setdefault((number.op, *map(id, number.inputs), *number.attrs.values()), number)
            size = Size((number.outputs[0], ()), STAND_IN)
        told[node] = replace(node, op=op.by_count[1] if op.by_count else op, attrs={**node.attrs, "num_segments": size})
    if _hands_out_boxes([node for node in graph.nodes if node not in first], graph.outputs):
        return graph
    head = [*[node for node in graph.nodes if node in first], *numbers.values()]
    sizes = {x.attrs["value"]: Size((x.outputs[0], ()), STAND_IN) for x in numbers.values() if x.attrs}
    tail = [_with_sizes(told.get(node, node), sizes) for node in graph.nodes if node not in first]
    return _joined(graph, next(iter(told)).op.name, head, tail, [node.outputs[0] for node in numbers.values()])


def _depends_on_elements(node: Node) -> bool:
    """Whether elements of tensors say how many segments an op has that has machine code for a known number."""
    return node.op.lower is not None and any(map(is_element, sizes_in(node.attrs.get("num_segments"))))


def _number(node: Node, graph: Graph) -> Node:
    """The node that computes how many segments an op has."""
    op: Any = node.op
    output = (Symbol(graph, np.dtype(np.int64), ()),)
    if not op.by_count:
        return Node(_NUMBER, (), {"value": node.attrs["num_segments"]}, output, node.line, True, node.label)
    count, _ = op.by_count
    inputs = tuple([node.inputs[op.inputs.index(name)] for name in count.inputs])
    return Node(count, inputs, {}, output, node.line, True, node.label)


_NUMBER = Op("SegmentCount", lambda *, value: np.int64(value), vjp=NotDifferentiable("the result is an integer"))


def _known_number(number: Node) -> int | None:
    """What it is, if that follows from constants; None also if these are refused, as they are to be when the function runs."""
    if number.reads():
        return None
    try:
        return int(number.op.kernel(*number.inputs))  # type: ignore[union-attr]
    except Exception:
        return None


def _hands_out_boxes(nodes: Sequence[Node], outputs: Sequence[Any]) -> bool:
    """Whether results are of branches or loops that keep what their gradients need, which they do not where they are traced once more."""
    boxes = [node.outputs[-1] for node in nodes if isinstance(node.op, Step) and node.op.graphs and node.outputs]
    return any(x.dtype.kind == "O" and any(x is y for y in outputs) for x in boxes)


def _with_sizes(node: Node, sizes: dict[Size, Size]) -> Node:
    """A node with other sizes in its attributes."""
    if not sizes or not node.sizes():
        return node
    return replace(node, attrs={key: exchanged(value, sizes.get) for key, value in node.attrs.items()})


def _before(symbols: Sequence[Symbol], nodes: Sequence[Node]) -> set[Node]:
    """The nodes that symbols follow from, and those with effects. Steps keep their order: with one of them there are all before it."""
    wanted = set(symbols)
    found: set[Node] = set()
    has_steps = False
    for node in reversed(nodes):
        is_step = isinstance(node.op, Step)
        if (is_step and (has_steps or node.has_effects)) or not wanted.isdisjoint(node.outputs):
            found.add(node)
            wanted.update(node.reads())
            has_steps |= is_step
    return found


def _joined(graph: Graph, name: str, head: list[Node], tail: list[Node], numbers: list[Symbol]) -> Graph:
    made = {x for node in tail for x in node.outputs}
    reads = dict.fromkeys([x for node in tail for x in node.reads() if x not in made])
    rest = Graph(graph.name)
    rest.inputs = [*[x for x in reads if x not in numbers], *numbers]
    rest.outputs = list(dict.fromkeys([x for x in graph.outputs if type(x) is Symbol and x in made]))
    rest.nodes, rest.variables, rest.seen = tail, graph.variables, graph.seen
    has_effects = any(node.has_effects for node in tail)
    step = Step(name, Rest(rest, len(numbers)), has_effects, None if has_effects else ())
    result = Graph(graph.name, graph.outer)
    result.inputs, result.captures, result.outputs = graph.inputs, graph.captures, graph.outputs
    result.variables, result.seen = graph.variables, graph.seen
    result.nodes = [*head, Node(step, tuple(rest.inputs), {}, tuple(rest.outputs), "")]  # type: ignore[arg-type]
    return result
