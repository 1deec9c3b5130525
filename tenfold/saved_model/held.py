"""What functions of files take after their arguments: the variables, tables and assets that they use."""

from __future__ import annotations

from collections.abc import Sequence

from tenfold.core.variable import Variable
from tenfold.graph.graph import Graph
from tenfold.graph.node import Step
from tenfold.lookup.table import Table
from tenfold.saved_model.assets import Asset

Held = Variable | Table | Asset


def held_by(graphs: Sequence[Graph]) -> list[Held]:
    """All of these that graphs use, each once, in the order in which their functions take them."""
    variables = {node: v for graph in graphs for node, v in graph.variables.items()}
    return [*variables.values(), *_resources(graphs)]


def key_of(held: Held) -> int | Table | Asset:
    """By which it is looked up: variables cannot be keys, for `==` compares their values."""
    return held._node if isinstance(held, Variable) else held


def _resources(graphs: Sequence[Graph]) -> dict[Table | Asset, None]:
    found: dict[Table | Asset, None] = {}
    for graph in graphs:
        for node in graph.nodes:
            if isinstance(node.op, Step):
                if node.op.resource is not None:
                    found[node.op.resource] = None
                found.update(_resources(node.op.graphs))
    return found
