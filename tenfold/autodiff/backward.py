"""The records of ops that ran, and playing them back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tenfold.core.context import context
from tenfold.core.convert import convert
from tenfold.core.indexed_slices import IndexedSlices
from tenfold.core.op import Op
from tenfold.core.tensor import Tensor, new_node, wrap
from tenfold.ops.elementwise import add

# One op that ran, as (sources, rules, saved, results, specs):
#   sources  nodes of inputs
#   rules    a gradient rule for each source, or one function for all of them
#   saved    what the rules need besides `dy`, in the same arrangement
#   results  the node of the output, or a tuple of nodes (None for what has no gradient) if the rules take `dys`
#   specs    shapes and dtypes of the outputs, None if there is just one
# A plain tuple: a class would double the cost of recording.
Record = tuple[tuple, Any, tuple, Any, Any]


def make_record(op: Op, inputs: tuple, attrs: dict[str, Any], outputs: tuple, watched: set[int]) -> Record | None:
    """The record of a run op, with its outputs among `watched` from now on; None if nothing watched went in."""
    for x in inputs:
        if x._node in watched:
            break
    else:
        return None
    if op.has_outputs:
        results: Any = tuple([_watched_node(out, watched) for out in outputs])
        specs = [(out._array.shape, out._array.dtype) for out in outputs]
    else:
        results, specs = _watched_node(outputs[0], watched), None
        if results is None:
            return None
    savers = op.savers or op.compile_savers()
    rules = op.vjp
    if type(rules) is not tuple:
        saver = savers[0]
        sources = tuple([x._node if x._node in watched else None for x in inputs])
        return sources, rules, saver(inputs, attrs, outputs) if saver else (), results, specs
    kept: list = []
    nodes: list = []
    saved: list = []
    for x, rule, saver in zip(inputs, rules, savers, strict=False):  # ops of several arities have spare rules
        node = x._node
        if rule is not None and node in watched:
            nodes.append(node)
            kept.append(rule)
            saved.append(saver(inputs, attrs, outputs) if saver else ())
    return nodes, kept, saved, results, specs


def _watched_node(tensor: Tensor, watched: set[int]) -> int | None:
    if tensor._array.dtype.kind not in "fcV":
        return None
    node = tensor._node
    if node is None:
        node = tensor._node = new_node()
    watched.add(node)
    return node


class Path:
    """The records between sources and what depends on them.

    Args:
      records: what a tape recorded, in order.
      sources: nodes of what gradients are asked for.
    """

    __slots__ = ("_records", "_sources", "_wanted")

    def __init__(self, records: Iterable[Record], sources: set[int]) -> None:
        self._sources = sources
        self._wanted = wanted = set(sources)
        self._records = path = []
        for record in records:
            for node in record[0]:
                if node in wanted:
                    path.append(record)
                    if record[4] is None:
                        wanted.add(record[3])
                    else:
                        wanted.update(record[3])
                        wanted.discard(None)  # type: ignore[arg-type]
                    break

    def pull(self, gradients: dict[int, Any], is_last: bool = True) -> dict[int, Any]:
        """Carries gradients back to the sources.

        Args:
          gradients: those of the targets, by node; used up.
          is_last: whether each record can be let go as soon as it has been played, with the arrays it holds.
        Returns:
          The gradients of the sources, by node, without those that nothing flows to.
        """
        wanted, sources = self._wanted, self._sources
        sums: set[int] = set()
        found = {}
        for origins, rules, saved, results, specs in _emptied(self._records) if is_last else reversed(self._records):
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
            if type(rules) is list:
                for node, rule, arguments in zip(origins, rules, saved, strict=True):
                    if node in wanted:
                        g = rule(dy, *arguments)
                        if g is not None:
                            if node in gradients:
                                accumulate(gradients, node, g, sums)
                            else:
                                gradients[node] = g
            else:
                pulled = rules(dy, *saved)
                if type(pulled) is not tuple and type(pulled) is not list:
                    pulled = (pulled,)
                for node, g in zip(origins, pulled, strict=True):
                    if g is not None and node in wanted:
                        accumulate(gradients, node, g, sums)
        for node in sources:
            if node in gradients:
                found[node] = gradients[node]
        return found


def _emptied(records: list[Record]) -> Iterable[Record]:
    while records:
        yield records.pop()


def _upstream(results: tuple, specs: Sequence, gradients: dict, sources: set[int], found: dict) -> tuple | None:
    """The gradients of an op's outputs, with zeros where nothing flows; None if nothing flows to any."""
    dys = [gradients.pop(node, None) for node in results]
    if all(dy is None for dy in dys):
        return None
    for i, (dy, (shape, dtype)) in enumerate(zip(dys, specs, strict=True)):
        if dy is None:
            dys[i] = wrap(np.zeros(shape, dtype))
        else:
            if results[i] in sources:
                found[results[i]] = dy
            dys[i] = dense(dy)
    return tuple(dys)


def accumulate(gradients: dict[int, Any], node: int, g: Any, sums: set[int]) -> None:
    """Adds `g` to the gradient of `node`; `sums` are the nodes whose gradient is a sum that was made here."""
    known = gradients.get(node)
    if known is None:
        gradients[node] = g
    elif type(known) is Tensor and type(g) is Tensor:
        if node in sums and not context.recorders and known._array.shape == g._array.shape:
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
