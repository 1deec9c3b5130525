"""What branches and loops run, without effects: variables that it writes become arguments and results.

A stream of random numbers is written, too: what draws becomes an op made for the place, which takes the position in its stream, and
gives the one after it as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tenfold.core.dtypes import is_differentiable
from tenfold.core.op import NotDifferentiable, Op, StatefulOp
from tenfold.core.symbol import Spec, Symbol
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable
from tenfold.graph.graph import Graph
from tenfold.graph.lowering import variables_of, variables_of_node
from tenfold.graph.node import Node, Step
from tenfold.ops import seeds
from tenfold.ops.identity import stop_gradient


@dataclass(frozen=True)
class Pure:
    """Graphs without effects.

    Attributes:
      graphs: take the values of `written` among their arguments, and give the new ones as their last results.
      read: for each graph, values that it captures behind what it captured.
      written: the variables that are written, and those that keep positions in streams.
      before: their values.
    """

    graphs: list[Graph]
    read: list[list[Tensor]]
    written: list[Variable]
    before: list[Tensor]


def without_effects(graphs: Sequence[Graph], count: int, may_write: Sequence[bool]) -> Pure | None:
    """Graphs inside of the one that is traced as such without effects; None if they do more than write variables. Reads these.

    Args:
      graphs: of a branch or loop.
      count: how many of their arguments come before the values of variables.
      may_write: whether each of them may write, and gives new values.
    """
    for graph, may in zip(graphs, may_write, strict=True):
        if not all(may and _is_writing(node) for node in graph.nodes if node.has_effects):
            return None
    written = variables_of(graphs, is_written=True)
    before = {v._node: Variable._read(v) for v in written}
    parts = [_Part(graph, count, before, may) for graph, may in zip(graphs, may_write, strict=True)]
    return Pure([part.graph for part in parts], [part.read for part in parts], written, [*before.values()])


def _is_writing(node: Node) -> bool:
    return _is_draw(node) or _is_assignment(node) or _pure_of(node) is not None


def _pure_of(node: Node) -> Op | None:
    return node.op.pure if isinstance(node.op, Step) else None


def _is_assignment(node: Node) -> bool:
    return isinstance(node.op, Step) and node.op.name == "AssignVariableOp"


def _is_draw(node: Node) -> bool:
    """Whether nothing but the position in a stream says what a node draws."""
    is_drawn = isinstance(node.op, StatefulOp) and node.op.lower is not None and not node.sizes()
    return is_drawn and type(node.attrs.get("seed2")) is seeds.NodeSeed


class _Part:
    """A graph without effects.

    Args:
      of: the graph.
      count: how many of its arguments come before the values of variables.
      before: the values of the written variables before the branch or loop, by node.
      gives: whether it gives their values after it.

    Attributes:
      graph: what it is without effects.
      read: what that captures beside what the graph captured.
    """

    def __init__(self, of: Graph, count: int, before: dict[int, Tensor], gives: bool) -> None:
        self.graph = graph = Graph(of.name, of.outer, is_part=True)
        graph.captures, graph.seen, graph.outputs = [*of.captures], of.seen, [*of.outputs]
        self.read: list[Tensor] = []
        self._before, self._first = before, dict[int, Symbol]()
        self._now: dict[int, Any] = {node: self._symbol(value._array) for node, value in before.items()}
        graph.inputs = [*of.inputs[:count], *self._now.values(), *of.inputs[count:]]
        for node in of.nodes:
            self._add(node)
        if gives:
            graph.outputs += self._now.values()

    def _symbol(self, like: Any) -> Symbol:
        return Symbol(self.graph, like.dtype, like.shape)

    def _add(self, node: Node) -> None:
        if _is_draw(node):
            self._write(node, DrawAt(node), variables_of_node(node)[0]._node)
        elif (op := _pure_of(node)) is not None:
            self._write(node, op, variables_of_node(node)[0]._node)
        elif _is_assignment(node):
            self._now[variables_of_node(node)[0]._node] = node.inputs[0]
        elif isinstance(node.op, Step) and node.op.name == "ReadVariableOp":
            self._read(node, variables_of_node(node)[0])
        else:
            self.graph.nodes.append(node)

    def _write(self, node: Node, op: Op, variable: int) -> None:
        before = self._now[variable]
        after = self._now[variable] = self._symbol(before)
        self.graph.nodes.append(Node(op, (before, *node.inputs), {}, (*node.outputs, after), node.line))

    def _read(self, node: Node, variable: Variable) -> None:
        key, (result,) = variable._node, node.outputs
        if key not in self._before:
            self._capture(Variable._read(variable), result)  # a Keras variable's own way would cast it
            return
        if key not in self._first:
            self._first[key] = self._symbol(result)
            self._capture(self._before[key], self._first[key])
        self.graph.nodes.append(Node(_VALUE, (self._now[key], self._first[key]), {}, node.outputs, node.line, True))

    def _capture(self, value: Tensor, inner: Symbol) -> None:
        self.graph.captures.append((value._array, inner))  # type: ignore[arg-type]
        self.read.append(value)


def _as_of_before(value, variable):
    """With the same gradient, as public functions."""
    return (
        stop_gradient(value) + (variable - stop_gradient(variable)) if is_differentiable(value._array.dtype) else value
    )


# What a variable is where it is written: what is written has no gradient, what is read is the variable's.
_VALUE = Op(
    "ValueOfWritten",
    lambda value, variable: value,
    vjp=(None, lambda dy: dy),
    infer=lambda value, variable: Spec(value.dtype, value.shape),
    lower=lambda b, value, variable: value,
    expand=_as_of_before,
)


class DrawAt(Op):
    """What a node draws, as an op that takes the position in its stream and gives that after it, too."""

    def __init__(self, node: Node) -> None:
        op: Any = node.op

        def kernel(position, *operands):
            seed = seeds.NodeSeed(node.attrs["seed2"])
            seed.kernel = seeds.Kernel(seeds.stream_at(position))
            found = op.kernel(*operands, **{**node.attrs, "seed2": seed})
            return (*(found if type(found) is tuple else (found,)), seeds.position_of(seed.kernel.stream))

        def lower(b, position, *operands):
            results, moves = op.lower(b, lambda _: position, *operands, **node.attrs)
            return [*results, *([value for _, value in moves] or [position])]

        def infer(position, *operands):
            return [*[Spec(x.dtype, x.shape) for x in node.outputs], Spec(position.dtype, position.shape)]

        def expand(position, *operands):
            found = op(*operands, **node.attrs)
            return [*(found if type(found) is list else [found]), position]

        reason = NotDifferentiable("the result is drawn, and does not vary with the arguments")
        super().__init__(f"{op.name}At", kernel, vjp=reason, infer=infer, lower=lower, expand=expand)
