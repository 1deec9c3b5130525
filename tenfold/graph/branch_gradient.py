"""Gradients of branches that have machine code: branches again, in which what the gradient needs is computed once more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from tenfold.autodiff.backward import dense
from tenfold.autodiff.endpoints import UnconnectedGradients
from tenfold.autodiff.tape import GradientTape
from tenfold.core.dtypes import is_differentiable
from tenfold.core.tensor import Tensor
from tenfold.graph.graph import Graph
from tenfold.graph.run import replay
from tenfold.ops import creation
from tenfold.ops.identity import identity


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
        from tenfold.graph.branches import branch

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
    return is_differentiable(tensor._array.dtype)
