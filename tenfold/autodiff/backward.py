"""The records of ops that ran, and playing them back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from tenfold.core.context import recorders
from tenfold.core.convert import convert
from tenfold.core.indexed_slices import IndexedSlices
from tenfold.core.op import Op
from tenfold.core.tensor import Tensor, new_node, wrap
from tenfold.ops.elementwise import add

# One op that ran, as (sources, pulls, results, specs):
#   sources  nodes of the inputs that are watched; of all inputs, None for the others, if they have one rule
#   pulls    a list of (node, gradient rule, what it needs besides `dy`), or a tuple (rule, needs) if they have one rule
#   results  the node of the output, or a tuple of nodes (None for what has no gradient) if the rules take `dys`
#   specs    shapes and dtypes of the outputs, None if there is just one
# A plain tuple: a class would double the cost of recording.
Record = tuple[list, Any, Any, Any]

_SAVED = {  # where the parameter of a gradient rule is found, by the kind that the op's plan gives it
    "input": "inputs[{0}]",
    "shape": "inputs[{0}]._array.shape",
    "dtype": "inputs[{0}].dtype",
    "rest": "inputs[{0}:]",
    "rest shape": "[x._array.shape for x in inputs[{0}:]]",
    "rest dtype": "[x.dtype for x in inputs[{0}:]]",
    "out": "outputs[0]",
    "outs": "outputs",
    "attrs": "attrs",
    "attr": "attrs['{0}'] if '{0}' in attrs else defaults['{0}']",
}
_KEEP_EACH = """
    if {is_there}inputs[{i}]._node in nodes:
        node = inputs[{i}]._node
        sources.append(node)
        pulls.append((node, vjp[{i}], ({saved})))"""
_KEEP_SOME = """
def keep(inputs, attrs, outputs, nodes):
    sources, pulls = [], []{each}
    return sources, pulls"""
_KEEP_ALL = """
def keep(inputs, attrs, outputs, nodes):
    sources = [x._node if x._node in nodes else None for x in inputs]
    return (sources, (vjp, ({saved}))) if any(sources) else ([], ())"""


def _compile_keep(op: Op) -> Callable[..., tuple[list, Any]]:
    """Sets and returns `op.keep`, which takes from a run of the op what its gradient rules name.

    It is generated, as namedtuples are: looking up each time what each rule wants takes three times as long.
    """
    is_joint = type(op.vjp) is not tuple and (len(op.inputs) != 1 or op.is_variadic)
    saved = ["".join([_SAVED[kind].format(key) + ", " for kind, key in plan or ()]) for plan in op.saves]
    if is_joint:
        source = _KEEP_ALL.format(saved=saved[0])
        vjp: Any = op.vjp
    else:
        vjp = op.vjp if type(op.vjp) is tuple else (op.vjp,)
        each = [
            _KEEP_EACH.format(i=i, saved=saved[i], is_there=f"len(inputs) > {i} and " if op.is_variadic else "")
            for i, plan in enumerate(op.saves)
            if plan is not None
        ]
        source = _KEEP_SOME.format(each="".join(each))
    names: dict[str, Any] = {"vjp": vjp, "defaults": getattr(op.kernel, "__kwdefaults__", None) or {}}
    exec(source, names)
    op.keep = names["keep"]
    return names["keep"]


class Recording:
    """Ops that ran, as far as they depend on what is watched."""

    _nodes: set[int]
    _records: list[Record] | None  # None where nothing is recorded

    def record(self, op: Op, inputs: tuple, attrs: dict[str, Any], outputs: tuple) -> None:
        nodes = self._nodes
        sources, pulls = (op.keep or _compile_keep(op))(inputs, attrs, outputs, nodes)
        if not sources:
            return
        if op.has_outputs:
            results: Any = tuple([self._add(out) for out in outputs])
            specs = [(out._array.shape, out._array.dtype) for out in outputs]
            self._records.append((sources, pulls, results, specs))  # type: ignore[union-attr]
            return
        out = outputs[0]
        if out._array.dtype.kind in "fcV":
            node = out._node
            if node is None:
                node = out._node = new_node()
            nodes.add(node)
            self._records.append((sources, pulls, node, None))  # type: ignore[union-attr]

    def _add(self, tensor: Tensor) -> int | None:
        """Watches a tensor; its node, or None if its dtype has no gradients."""
        if tensor._array.dtype.kind not in "fcV":
            return None
        node = tensor._node
        if node is None:
            node = tensor._node = new_node()
        self._nodes.add(node)
        return node

    def variable_read(self, variable: Any) -> None: ...


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
        self._records: list[Record] = []
        path = self._records
        for record in records:
            for node in record[0]:
                if node in wanted:
                    path.append(record)
                    if record[3] is None:
                        wanted.add(record[2])
                    else:
                        wanted.update(record[2])
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
        records = self._records if is_last else self._records.copy()
        sums: set[int] = set()
        found = {}
        while records:
            origins, pulls, results, specs = records.pop()
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
            if type(pulls) is list:
                for node, rule, needs in pulls:
                    if node in wanted:
                        g = rule(dy, *needs)
                        if g is not None:
                            if node in gradients:
                                accumulate(gradients, node, g, sums)
                            else:
                                gradients[node] = g
            else:
                rule, needs = pulls
                for node, g in zip(origins, rule(dy, *needs), strict=True):
                    if g is not None and node in wanted:
                        accumulate(gradients, node, g, sums)
        for node in sources:
            if node in gradients:
                found[node] = gradients[node]
        return found


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
