"""The records of ops that ran, and playing them back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from tenfold.core.context import recorders
from tenfold.core.convert import convert
from tenfold.core.indexed_slices import IndexedSlices
from tenfold.core.op import Op
from tenfold.core.tensor import Tensor, new_node
from tenfold.ops import creation
from tenfold.ops.elementwise import add

# One op that ran, as (pulls, results, specs):
#   pulls    a tuple of (node, gradient rule, what it needs besides `dy`), one for each watched input; or, if the op has one
#            rule for all inputs, a list [nodes, rule, needs], with None for inputs that are not watched
#   results  the node of the output, or a tuple of nodes (None for what has no gradient) if the rules take `dys`
#   specs    shapes and dtypes of the outputs, each None if the rule takes None where nothing flows; None if there is just one
# A plain tuple: a class would double the cost of recording.
Record = tuple[Any, Any, Any]

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
_KEEP = """
def keep(inputs, attrs, outputs, nodes, records):
{pulls}
    if pulls:
{results}"""
_PULL = """
    node = inputs[{i}]._node{if_there}
    if node in nodes:
        pulls += ((node, rule_{i}, ({saved})),)"""
_PULL_ALL = """
    sources = [x._node if x._node in nodes else None for x in inputs]
    pulls = [sources, vjp, ({saved})] if any(sources) else ()"""
_ONE_RESULT = """
        out = outputs[0]
        if out._array.dtype.kind in "fcV":
            node = out._node
            if node is None:
                node = out._node = new_node()
            nodes.add(node)
            records.append((pulls, node, None))"""


def _compile_keep(op: Op) -> Callable[..., None]:
    """Sets and returns `op.keep`, which takes from a run of the op what its gradient rules name, and records it.

    It is generated, as namedtuples are: looking up each time what each rule wants takes three times as long.
    """
    saved = ["".join([_SAVED[kind].format(key) + ", " for kind, key in plan or ()]) for plan in op.saves]
    vjp: Any = op.vjp
    if type(vjp) is not tuple and (len(op.inputs) != 1 or op.is_variadic):
        pulls = _PULL_ALL.format(saved=saved[0])
    else:
        vjp = vjp if type(vjp) is tuple else (vjp,)
        pulls = "\n    pulls = ()" + "".join(
            [
                _PULL.format(i=i, saved=saved[i], if_there=f" if len(inputs) > {i} else None" if op.is_variadic else "")
                for i, plan in enumerate(op.saves)
                if plan is not None
            ]
        )
    results = "        record_several(pulls, outputs, nodes, records)" if op.has_outputs else _ONE_RESULT
    names = {
        "vjp": vjp,
        **{f"rule_{i}": rule for i, rule in enumerate(vjp if type(vjp) is tuple else ())},
        "defaults": getattr(op.kernel, "__kwdefaults__", None) or {},
        "new_node": new_node,
        "record_several": record_several,
    }
    exec(_KEEP.format(pulls=pulls, results=results), names)
    op.keep = names["keep"]
    return names["keep"]


def record_several(pulls: Any, outputs: tuple[Tensor, ...], nodes: set[int], records: list[Record]) -> None:
    """Records an op whose gradient rules take the gradients of a tuple of outputs."""
    results = tuple([watch(out, nodes) for out in outputs])
    records.append((pulls, results, [(out._array.shape, out._array.dtype) for out in outputs]))


def watch(tensor: Tensor, nodes: set[int]) -> int | None:
    """Adds a tensor to those that are watched; its node, or None if its dtype has no gradients."""
    if tensor._array.dtype.kind not in "fcV":
        return None
    node = tensor._node
    if node is None:
        node = tensor._node = new_node()
    nodes.add(node)
    return node


class Recording:
    """Ops that ran, as far as they depend on what is watched."""

    is_graph = False
    _nodes: set[int]
    _records: list[Record] | None  # None where nothing is recorded

    def record(self, op: Op, inputs: tuple, attrs: dict[str, Any], outputs: tuple) -> None:
        (op.keep or _compile_keep(op))(inputs, attrs, outputs, self._nodes, self._records)

    def variable_read(self, variable: Any) -> None: ...


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


def pull_back(records: list[Record], wanted: set[int], sources: set[int], gradients: dict[int, Any]) -> dict[int, Any]:
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
            dys[i] = creation.zeros(*spec)
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
