"""What graphs inside of others read of variables, as values that they capture."""

from __future__ import annotations

from typing import Any

from tenfold.core.symbol import Symbol
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable
from tenfold.graph.graph import Graph
from tenfold.graph.node import Step


def take_reads_out(graph: Graph) -> list[Tensor] | None:
    """Lets what a graph inside of another one reads of variables be values that it captures.

    Returns:
      These values; None if it has effects, or a variable's value is known: then it stays as it is.
    """
    if any(node.has_effects for node in graph.nodes):
        return None
    reads = [node for node in graph.nodes if isinstance(node.op, Step) and node.op.name == "ReadVariableOp"]
    values = [Variable._read(node.op.variables[0]) for node in reads]  # type: ignore[index, union-attr]
    arrays: list[Any] = [value._array for value in values]
    if any(type(array) is not Symbol for array in arrays):
        return None
    for node, array, value in zip(reads, arrays, values, strict=True):
        graph.captures.append((array, node.outputs[0]))
        graph.seen[id(array)] = value
    graph.nodes = [node for node in graph.nodes if node not in reads]
    inner = [g for node in graph.nodes if isinstance(node.op, Step) for g in node.op.graphs]
    graph.variables = {node: v for g in inner for node, v in g.variables.items()}
    return values
