"""Resources of SavedModels, which are tables: made and filled by the functions that the file has for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tenfold.ops.flow import init_scope
from tenfold.saved_model.assets import operand
from tenfold.saved_model.importing import Functions
from tenfold.saved_model.plan import DamagedGraph


def make_resources(graph: Any, functions: Functions, objects: dict[int, Any]) -> None:
    """Enters the tables of a graph of objects, filled, into `objects`."""
    with init_scope():
        for number, name in _functions_of(graph, "_create_resource"):
            made = functions.call(name, _bound(graph, name, objects))
            objects[number] = made[0] if made else None  # no table if all words are hashed
        for _, name in _functions_of(graph, "_initialize"):
            functions.call(name, _bound(graph, name, objects))


def resource_functions(graph: Any) -> set[str]:
    """The functions of a graph of objects that make, fill and end its tables."""
    resources = [node for node in graph.nodes if node.WhichOneof("kind") == "resource"]
    found = [graph.nodes[child.node_id].function for node in resources for child in node.children]
    return {name for function in found for name in function.concrete_functions}


def _functions_of(graph: Any, name: str) -> Iterator[tuple[int, str]]:
    """The resources with the name of the function that does something with each."""
    for number, node in enumerate(graph.nodes):
        if node.WhichOneof("kind") == "resource":
            found = [graph.nodes[child.node_id].function for child in node.children if child.local_name == name]
            if not found or len(found[0].concrete_functions) != 1:
                raise DamagedGraph(f"object {number} is a resource without a function {name!r}.")
            yield number, found[0].concrete_functions[0]


def _bound(graph: Any, name: str, objects: dict[int, Any]) -> list[Any]:
    return [operand(objects.get(i)) for i in graph.concrete_functions[name].bound_inputs]
