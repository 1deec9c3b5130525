"""The tensors among the arguments of a trace, one by one: their order in files, and names for each."""

from __future__ import annotations

from typing import Any

from tenfold.core import nest
from tenfold.core.spec import TensorSpec


def file_order(signature: tuple[tuple, dict[str, Any]]) -> list[int]:
    """The tensors by number, as files have them: keyword arguments by name, not as they are declared."""
    args, keywords = signature
    first = _count(args)
    places: dict[str, range] = {}
    for name, value in keywords.items():
        places[name] = range(first, first + _count(value))
        first += len(places[name])
    return [*range(_count(args)), *[i for name in sorted(places) for i in places[name]]]


def _count(structure: Any) -> int:
    return sum(isinstance(x, TensorSpec) for x in nest.flatten(structure, expand_composites=True))


def distinct_names(names: list[str], order: list[int]) -> list[str]:
    """Names of which each is another: those that come again, in the given order, get a number."""
    found: dict[int, str] = {}
    for i in order:
        name, number = names[i] or "args", 0
        distinct = name
        while distinct in found.values():
            number += 1
            distinct = f"{name}_{number}"
        found[i] = distinct
    return [found[i] for i in sorted(found)]
