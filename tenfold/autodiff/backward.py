"""Playing records back, for gradients."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from math import prod
from typing import Any

import numpy as np

from tenfold.autodiff.recording import Record
from tenfold.core.context import recorders
from tenfold.core.convert import convert
from tenfold.core.indexed_slices import IndexedSlices
from tenfold.core.tensor import Tensor, wrap
from tenfold.ops import creation
from tenfold.ops.elementwise import add

_LARGE = 1 << 16  # elements


def path_between(records: Iterable[Record], sources: set[int]) -> tuple[list[Record], set[int]]:
    """The records of what depends on sources, and the nodes whose gradients are wanted for those of the sources."""
    wanted = set(sources)
    path = []
    for record in records:
        pulls, results, specs = record
        for pull in pulls if type(pulls) is tuple else zip(pulls[0]):
            if pull[0] in wanted:
                path.append(record)
                if specs is None:
                    wanted.add(results)
                else:
                    wanted.update(results)
                    wanted.discard(None)  # type: ignore[arg-type]
                break
    return path, wanted


def pull_back(
    records: list[Record], wanted: Container[int], sources: set[int], gradients: dict[int, Any]
) -> dict[int, Any]:
    """Plays records back, from the last to the first, and lets each go with the arrays it holds.

    Args:
      records: the first result of `path_between`; used up.
      wanted: the second.
      sources: nodes of what gradients are asked for.
      gradients: those of the targets, by node; used up.
    Returns:
      The gradients of the sources, by node, without those that nothing flows to.
    """
    sums: set[int] = set()
    found = {}
    while records:
        pulls, results, specs = records.pop()
        if specs is None:
            dy = gradients.pop(results, None)
            if dy is None:
                continue
            if results in sources:
                found[results] = dy
            if type(dy) is not Tensor:
                dy = convert(dy)
        else:
            dy = _upstream(results, specs, gradients, sources, found)
            if dy is None:
                continue
        if type(pulls) is tuple:
            for node, rule, needs in pulls:
                if node in wanted:
                    g = rule(dy, *needs)
                    if g is not None:
                        if node in gradients:
                            accumulate(gradients, node, g, sums)
                        else:
                            gradients[node] = g
        else:
            nodes, rule, needs = pulls
            for node, g in zip(nodes, rule(dy, *needs), strict=True):
                if g is not None and node in wanted:
                    accumulate(gradients, node, g, sums)
    for node in sources:
        if node in gradients:
            found[node] = gradients[node]
    return found


def _upstream(results: tuple, specs: Sequence, gradients: dict, sources: set[int], found: dict) -> tuple | None:
    """The gradients of an op's outputs, with zeros where nothing flows, as far as there are specs; None if nothing flows to any."""
    dys = [gradients.pop(node, None) for node in results]
    if all(dy is None for dy in dys):
        return None
    for i, (dy, spec) in enumerate(zip(dys, specs, strict=True)):
        if dy is not None:
            if results[i] in sources:
                found[results[i]] = dy
            dys[i] = dense(dy)
        elif spec is not None:
            dys[i] = _zeros(*spec)
    return tuple(dys)


def _zeros(shape: tuple[int, ...], dtype: np.dtype) -> Tensor:
    """A tensor of zeros; a large one, unless it is recorded, is one zero that repeats: new memory costs more than what reads it."""
    if recorders() or prod(shape) < _LARGE:
        return creation.zeros(shape, dtype)
    return wrap(np.broadcast_to(np.zeros((), dtype), shape))


def accumulate(gradients: dict[int, Any], node: int, g: Any, sums: set[int]) -> None:
    """Adds `g` to the gradient of `node`; `sums` are the nodes whose gradient is a sum that was made here."""
    known = gradients.get(node)
    if known is None:
        gradients[node] = g
    elif type(known) is Tensor and type(g) is Tensor:
        if node in sums and not recorders() and known._array.shape == g._array.shape:
            np.add(known._array, g._array, out=known._array)  # nobody else has seen it
        else:
            gradients[node] = add(known, g)
            sums.add(node)
    elif type(known) is IndexedSlices and type(g) is IndexedSlices:
        gradients[node] = known.joined(g)
    else:
        gradients[node] = add(dense(known), dense(g))


def dense(g: Any) -> Tensor:
    """A gradient as a tensor: `IndexedSlices` are summed into zeros."""
    return g if type(g) is Tensor else convert(g)
