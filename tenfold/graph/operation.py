"""What TensorFlow's users ask a traced tensor for: its name, and the operation that makes it."""

from __future__ import annotations

from typing import Any

from tenfold.core.symbol import Symbol
from tenfold.core.tensor import Tensor, wrap
from tenfold.core.text import unique_name
from tenfold.graph.graph import Graph
from tenfold.graph.node import Node


class Operation:
    """A node of a graph, or an argument of it.

    Attributes:
      graph: the graph.
      name: unique in the graph: what the user calls it, or the op's name, with a number from the second one on.
      type: TensorFlow's raw op name.
      outputs: the tensors that it makes.
    """

    def __init__(self, graph: Graph, node: Node | None, name: str, outputs: tuple[Symbol, ...]) -> None:
        self.graph, self._node, self.name = graph, node, name
        self.type = "Placeholder" if node is None else node.op.name
        self.outputs = [wrap(x) for x in outputs]

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        return () if self._node is None else tuple([wrap(x) for x in self._node.inputs])

    def __repr__(self) -> str:
        return f"<tf.Operation {self.name!r} type={self.type}>"


def place_of(name: str) -> tuple[str, int]:
    """The operation, and which of its results, that a tensor's name like "AddV2:0" says.

    Raises:
      ValueError: the name has no number.
    """
    operation, colon, number = name.rpartition(":")
    if not colon or not number.isdigit():
        raise ValueError(f"{name!r} names no tensor: that is an operation's name, a colon, and which of its results.")
    return operation, int(number)


def operations(graph: Graph) -> list[Operation]:
    """The arguments and the nodes of a graph."""
    taken: set[str] = set()
    found = []
    for argument in [*graph.inputs, *[inner for _, inner in graph.captures]]:
        name = argument.name.rpartition(":")[0] or argument.name or "Placeholder"
        found.append(Operation(graph, None, unique_name(name, taken), (argument,)))
    return found + [Operation(graph, node, unique_name(node.name, taken), node.outputs) for node in graph.nodes]


def operation_of(symbol: Symbol) -> tuple[Operation, int]:
    """The operation that makes a value of a graph, and which of its results that is."""
    for operation in operations(symbol.graph):
        for i, output in enumerate(operation.outputs):
            if output._array is symbol:
                return operation, i
    return Operation(symbol.graph, None, "dropped", (symbol,)), 0


def _name(tensor: Tensor) -> str:
    operation, i = operation_of(tensor._array)  # type: ignore[arg-type]
    return f"{operation.name}:{i}"


OF_TRACED: dict[str, Any] = {
    "name": _name,
    "op": lambda tensor: operation_of(tensor._array)[0],
    "value_index": lambda tensor: operation_of(tensor._array)[1],
    "graph": lambda tensor: tensor._array.graph,
}
