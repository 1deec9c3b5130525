"""Which weights an optimizer in a folder of Keras 2 keeps states of: layers may have been frozen since it was built."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tenfold.core.variable import Variable
from tenfold.train.bundle import Bundle
from tenfold.train.object_graph import read_graph
from tenfold.train.restore import Restoration


def updated_weights(model: Any, prefix: str) -> list[Variable] | None:
    """The variables of a model that the optimizer in its checkpoint keeps states of, in the optimizer's order.

    Returns:
      An empty list if it never updated any; None if it keeps no states, or not those of variables that the model has.
    """
    bundle = Bundle(prefix)
    graph = read_graph(bundle)
    optimizer = (
        None
        if graph is None
        else next((c.node_id for c in graph.nodes[0].children if c.local_name == "optimizer"), None)
    )
    if optimizer is None:
        return []
    restoration = Restoration(bundle, graph, lambda: [])
    restoration.restore(model)
    restoration.expect_partial()
    bound = [(node, restoration.object(number)) for number, node in enumerate(graph.nodes)]
    by_name = {a.full_name: value for node, value in bound for a in node.attributes if isinstance(value, Variable)}
    slots = graph.nodes[optimizer].slot_variables
    if slots:
        found = [restoration.object(slot.original_variable_node_id) for slot in slots]
    else:
        found = [by_name.get(name) for name in _names_of_updated(graph, optimizer)]
    if not found and _has_steps(bundle, graph, optimizer):
        return None
    distinct = {id(variable): variable for variable in found}
    return None if None in found else list(distinct.values())


def _names_of_updated(graph: Any, optimizer: int) -> Iterator[str]:
    """The names of the variables whose states an optimizer has: `Adam/m/dense/kernel` is a state of `dense/kernel`."""
    lists = {child.local_name: child.node_id for child in graph.nodes[optimizer].children}
    for child in graph.nodes[lists["_variables"]].children if "_variables" in lists else ():
        for attribute in graph.nodes[child.node_id].attributes:
            match = re.fullmatch(r"[^/]+/[^/]+/(.+)", attribute.full_name)
            if match is not None:
                yield match[1]


def _has_steps(bundle: Bundle, graph: Any, optimizer: int) -> bool:
    """Whether the optimizer has counted a step."""
    for child in graph.nodes[optimizer].children:
        if child.local_name in ("_iterations", "iter"):
            keys = [attribute.checkpoint_key for attribute in graph.nodes[child.node_id].attributes]
            return any(key in bundle and bundle.read(key).any() for key in keys)
    return False
