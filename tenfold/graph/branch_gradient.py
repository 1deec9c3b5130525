"""Gradients of branches that have machine code: branches again, in which what the gradient needs is computed once more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from tenfold.autodiff.backward import dense
from tenfold.autodiff.tape import GradientTape, UnconnectedGradients
from tenfold.core.symbol import Symbol
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable
from tenfold.graph.graph import Graph, Step
from tenfold.graph.lowering import is_lowerable
from tenfold.graph.run import replay
from tenfold.ops import creation
from tenfold.ops.identity import identity


def take_reads_out(graph: Graph) -> list[Tensor] | None:
    """Lets what a branch reads of variables be values that it captures.

    Returns:
      These values; None if not all that it does has machine code and no effects: then it stays as it is.
    """
    if any(node.has_effects or not is_lowerable(node) for node in graph.nodes):
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
    graph.variables = {}
    return values


def branch_gradient(
    name: str, graphs: Sequence[Graph], places: Sequence[Sequence[int]]
) -> Callable[[Sequence[Tensor], Sequence[Tensor]], list[Tensor]]:
    """What gives the gradients of a branch's floating operands, from its operands and the upstream gradients.

    Args:
      name: of the branch.
      graphs: without effects, one for each index.
      places: for each graph, which operands it captures; the first operand is the index.
    """

    def gradient(operands: Sequence[Tensor], dys: Sequence[Tensor]) -> list[Tensor]:
        from tenfold.graph.control_flow import branch

        def of(graph: Graph, where: Sequence[int]) -> list[Tensor]:
            given = {i: identity(operands[i]) for i in where}
            sources = {i: x for i, x in given.items() if _is_floating(x)}
            with GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(list(sources.values()))
                results = replay(graph, [given[i] for i in where])
            pairs = [(x, dy) for x, dy in zip(results, dys, strict=True) if _is_floating(x)]
            targets, upstream = [x for x, _ in pairs], [dy for _, dy in pairs]
            found = tape.gradient(targets, list(sources.values()), upstream, UnconnectedGradients.ZERO)
            known = dict(zip(sources, map(dense, found), strict=True))
            return [
                known[i] if i in known else creation.zeros_like(x) for i, x in enumerate(operands) if _is_floating(x)
            ]

        parts = [partial(of, graph, where) for graph, where in zip(graphs, places, strict=True)]
        return branch(name, operands[0], parts)

    return gradient


def _is_floating(tensor: Tensor) -> bool:
    return tensor._array.dtype.kind in "fcV"
