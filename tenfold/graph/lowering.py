"""Graphs as primitives of the compiler: what their nodes do, written into a program; branches and loops with what is in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tenfold.compiler.builder import Builder, Value
from tenfold.compiler.program import NotLowered, Spec, StackSpec
from tenfold.compiler.target import has_machine_code
from tenfold.compiler.widen import lower_widened
from tenfold.core.op import Op, StatefulOp
from tenfold.core.symbol import Size, Symbol, counts_turns, evaluate, is_stack
from tenfold.core.variable import Variable
from tenfold.graph.graph import Graph
from tenfold.graph.node import Node, Step
from tenfold.ops import seeds

Changes = list[tuple[Variable, Value]]  # variables and the values that they get


def is_lowerable(node: Node) -> bool:
    """Whether an op or step says what it is in primitives, of dtypes and shapes that are known."""
    op = node.op
    if isinstance(op, Step):
        if op.lower is None and op.name not in ("ReadVariableOp", "AssignVariableOp"):
            return False
        if not all(is_lowerable(inner) for graph in op.graphs for inner in graph.nodes):
            return False
    elif op.lower is None or not all(
        (op.lowers_elements and is_element(s)) or (op.lowers_stacks and counts_turns(s)) for s in node.sizes()
    ):
        return False
    variables = op.variables or () if isinstance(op, Step) else ()
    takes_stacks = isinstance(op, Op) and op.lowers_stacks
    operands = (*node.inputs, *node.outputs, *[v._value._array for v in variables])
    return all(_is_static(x) or (takes_stacks and is_stack(x)) for x in operands)


def _is_static(x: Any) -> bool:
    return has_machine_code(x.dtype) and x.shape is not None and not any(type(size) is Size for size in x.shape)


def native_spec(x: Symbol) -> Spec:
    """What a symbol is to the compiler."""
    if is_stack(x):
        return StackSpec.of(Spec(x.shape[1:], x.dtype))
    return Spec(x.shape, x.dtype)


def is_element(size: Size) -> bool:
    """Whether a size is an element of a tensor."""
    return type(size.source[1]) is tuple


class Writer:
    """Writes the primitives of nodes, one after the other.

    Args:
      builder: of the program.
      values: what is known already, by symbol, and by node for variables.

    Attributes:
      written: the variables that nodes have written, with their values now, by node.
    """

    def __init__(self, builder: Builder, values: dict[Any, Value]) -> None:
        self.builder, self.values = builder, values
        self.written: dict[int, tuple[Variable, Value]] = {}

    def value(self, x: Any) -> Value:
        """The value of an operand."""
        return self.values[x] if type(x) is Symbol else self.builder.constant(x)

    def variable(self, variable: Variable) -> Value:
        """The value of a variable before the first node."""
        if variable._node not in self.values:
            raise NotLowered(f"the value of {variable.name} is not at hand")
        return self.values[variable._node]

    def current(self, variable: Variable) -> Value:
        """The value of a variable at this point."""
        return self.written[variable._node][1] if variable._node in self.written else self.variable(variable)

    def _integer(self, size: Size) -> Any:
        symbol, where = size.source
        x = self.value(symbol)
        if counts_turns(size):
            return self.builder.count(x)
        return self.builder.reshape(self.builder.slice(x, where, (1,) * x.ndim), ())

    def add(self, node: Node) -> None:
        """Writes what a node does.

        Raises:
          NotLowered, TypeError, ValueError: it cannot be said in primitives.
        """
        op, operands = node.op, [self.value(x) for x in node.inputs]
        if not isinstance(op, Step):
            attrs = {k: evaluate(v, self._integer) for k, v in node.attrs.items()} if node.sizes() else node.attrs
            if isinstance(op, StatefulOp):
                results, changes = op.lower(self.builder, self.current, *operands, **attrs)  # type: ignore[misc, operator]
            else:
                results, changes = lowered(self.builder, node, operands, attrs), []
        elif op.lower is not None:
            results, changes = op.lower(self.builder, self.current, *operands)
        elif op.name == "ReadVariableOp" and op.variables:
            results, changes = [self.current(op.variables[0])], []
        elif op.name == "AssignVariableOp" and op.variables:
            results, changes = [], [(op.variables[0], operands[0])]
        else:
            raise NotLowered(op.name)
        self.values.update(zip(node.outputs, results, strict=True))
        for variable, value in changes:
            self.variable(variable)  # what is written is an argument, too
            self.written[variable._node] = variable, value


def lowered(b: Builder, node: Node, operands: Sequence[Value], attrs: dict[str, Any]) -> list[Value]:
    """The results of an op with these operands and attributes, by its primitives.

    Raises:
      NotLowered, TypeError, ValueError: it has none for these operands.
    """
    op: Any = node.op
    if op.lower is None:
        raise NotLowered(op.name)
    results = lower_widened(b, op.lower, operands, attrs, [x.dtype for x in node.outputs])
    _check(node.outputs, results)
    return results


def _check(symbols: Sequence[Any], values: Sequence[Value]) -> None:
    for symbol, value in zip(symbols, values, strict=True):
        if value.spec != native_spec(symbol):
            raise NotLowered(f"lowered to {value.spec}, inferred {symbol.dtype}{symbol.shape}")


class _Part:
    """A graph inside of a branch or loop, as a function of a builder and values.

    Args:
      graph: what it does.
      places: which of the values its arguments and captured values are.
      variables: those whose values come after the others.
      written: those whose values it gives after its results.
    """

    def __init__(
        self, graph: Graph, places: Sequence[int], variables: Sequence[Variable], written: Sequence[Variable] = ()
    ) -> None:
        self.graph, self.places, self.variables, self.written = graph, places, variables, written

    def __call__(self, b: Builder, *values: Value) -> list[Value]:
        inputs = [*self.graph.inputs, *[inner for _, inner in self.graph.captures]]
        given = [values[i] for i in self.places]
        _check(inputs, given)
        known: dict[Any, Value] = dict(zip(inputs, given, strict=True))
        if self.variables:
            ours = values[-len(self.variables) :]
            known |= {v._node: value for v, value in zip(self.variables, ours, strict=True)}
        writer = Writer(b, known)
        for node in self.graph.nodes:
            writer.add(node)
        return [*[writer.value(x) for x in self.graph.outputs], *[writer.current(v) for v in self.written]]


def write_graph(b: Builder, graph: Graph, operands: Sequence[Value]) -> list[Value]:
    """The results of a graph that uses no variables, by its primitives.

    Raises:
      NotLowered, TypeError, ValueError: a node has none.
    """
    return _Part(graph, range(len(operands)), ())(b, *operands)


def _nodes(graphs: Sequence[Graph]) -> Iterator[Node]:
    """Those of graphs and of what is in these."""
    for graph in graphs:
        for node in graph.nodes:
            yield node
            if isinstance(node.op, Step):
                yield from _nodes(node.op.graphs)


def variables_of(graphs: Sequence[Graph], is_written: bool = False) -> list[Variable]:
    """The variables that graphs and those in these use, or only those that they write; positions of random streams are such, too."""
    nodes = [node for node in _nodes(graphs) if node.has_effects or not is_written]
    return list({v._node: v for node in nodes for v in variables_of_node(node)}.values())


def variables_of_node(node: Node) -> Sequence[Variable]:
    """Those that a node itself reads or writes."""
    if isinstance(node.op, Step):
        return node.op.variables or ()
    seed = node.attrs.get("seed2")
    return [seeds.node_kernel(node.attrs["seed"], seed).position] if type(seed) is seeds.NodeSeed else []


def lower_branch(graphs: Sequence[Graph], places: Sequence[Sequence[int]]) -> Callable[..., Any]:
    """How a branch is lowered: a step of an index and of what its graphs capture.

    Args:
      graphs: one for each index; a boolean index chooses among two. The last one is for all that is above.
      places: for each graph, which operands of the step it captures.
    """

    def lower(b: Builder, current: Callable[[Variable], Value], *operands: Value) -> tuple[list[Value], Changes]:
        variables, written = variables_of(graphs), variables_of(graphs, is_written=True)
        parts = [_Part(g, where, variables, written) for g, where in zip(graphs, places, strict=True)]

        def choose(first: int) -> Callable[..., list[Value]]:
            """From the part of this number on."""
            if first == len(parts) - 1:
                return parts[first]

            def run(b: Builder, *values: Value) -> list[Value]:
                is_first = b.logical_not(values[0]) if values[0].dtype == np.bool_ else b.le(values[0], first)
                return b.cond(is_first, parts[first], choose(first + 1), values)

            return run

        found = choose(0)(b, *operands, *map(current, variables))
        count = len(found) - len(written)
        return found[:count], list(zip(written, found[count:], strict=True))

    return lower


def lower_loop(
    cond: Graph, body: Graph, places: Sequence[Sequence[int]], count: int, has_limit: bool
) -> Callable[..., Any]:
    """How a loop is lowered: a step of its variables, of the most turns that there may be, and of what its graphs capture.

    Args:
      cond, body: take the loop's variables and what they capture.
      places: for each of them, which operands of the step it captures.
      count: of the loop's variables.
      has_limit: whether the number of turns is limited.
    """
    graphs = (cond, body)

    def lower(b: Builder, current: Callable[[Variable], Value], *operands: Value) -> tuple[list[Value], Changes]:
        variables, written = variables_of(graphs), variables_of(graphs, is_written=True)
        if variables_of([cond], is_written=True):
            raise NotLowered("a condition that writes variables")
        read = [v for v in variables if all(v is not w for w in written)]
        # the state: turns left, the loop's variables, those of the user that it writes; then what stays the same
        limit = list(operands[count : count + has_limit])
        state = [*limit, *operands[:count], *map(current, written)]
        constants = [*operands[count + has_limit :], *map(current, read)]
        num_limits, num_written = len(limit), len(written)

        def rearranged(values: Sequence[Value]) -> list[Value]:
            """As the step's operands are, with a place for the limit, and the variables at the end."""
            ours = values[num_limits : num_limits + count]
            at_end = values[num_limits + count : len(state)]
            captured = values[len(state) : len(values) - len(read)]
            return [*ours, *values[:num_limits], *captured, *at_end, *values[len(values) - len(read) :]]

        of_cond, of_body = (
            _Part(g, [*range(count), *where], [*written, *read], w)
            for g, where, w in zip(graphs, places, ((), written), strict=True)
        )

        def goes_on(b: Builder, *values: Value) -> Value:
            (wanted,) = of_cond(b, *rearranged(values))
            return b.logical_and(b.gt(values[0], 0), wanted) if has_limit else wanted

        def turn(b: Builder, *values: Value) -> list[Value]:
            found = of_body(b, *rearranged(values))
            return [*[v - 1 for v in values[:num_limits]], *found]

        found = b.while_loop(goes_on, turn, state, constants)[num_limits:]
        return found[:count], list(zip(written, found[len(found) - num_written :], strict=True))

    return lower
