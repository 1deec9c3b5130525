"""Where the rows of an op's result are, by those of its operands: pairs of an axis, and how many times it has all rows.

A rule returns None, or raises LookupError, TypeError or ValueError, where rows are mixed or it does not know.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import TYPE_CHECKING, Any

from tenfold.core.op import Op
from tenfold.graph.graph import Node

if TYPE_CHECKING:
    from tenfold.graph.rows import Rows, Values

Place = tuple[int, int] | None
Rule = Callable[[Node, "Values"], Place]


def rule_of(op: Op) -> Rule | None:
    """The rule of an op, if there is one."""
    rule = _RULES.get(op.name)
    return _elementwise if rule is None and getattr(op.infer, "is_elementwise", False) else rule


def _rank(x: Any) -> int:
    return len(x.shape)


def _elementwise(node: Node, values: Values) -> Place:
    """Operands that broadcast meet row by row."""
    rank = _rank(node.outputs[0])
    found = {values[x]._replace(axis=values[x].axis + rank - _rank(x)) for x in node.inputs if x in values}
    ((axis, outer, _),) = found
    for x in node.inputs:
        own = axis - rank + _rank(x)
        if x not in values and own >= 0 and x.shape[own] != 1:
            return None
    return axis, outer


def _first(node: Node, values: Values) -> Rows:
    """The rows of the first operand; the others say what is done to each."""
    if any(x in values for x in node.inputs[1:]):
        raise LookupError("others have rows, too")
    return values[node.inputs[0]]


def _leading(node: Node, values: Values) -> Place:
    rows = _first(node, values)
    return (0, rows.outer) if rows.axis == 0 else None


def _along(attribute: str) -> Rule:
    """The op works along other axes than that of the rows, and may take these away."""

    def rule(node: Node, values: Values) -> Place:
        rows, axes = _first(node, values), node.attrs[attribute]
        rank = _rank(node.inputs[0])
        others = [a % rank for a in ([axes] if type(axes) is int else axes)]
        if rows.axis in others:
            return None
        is_shorter = _rank(node.outputs[0]) < rank
        return rows.axis - sum(a < rows.axis for a in others) * is_shorter, rows.outer

    return rule


def _joined(node: Node, values: Values) -> Place:
    """All operands have their rows in the same place, and are joined along another or a new axis."""
    ((axis, outer, _),) = {values[x] for x in node.inputs}
    rank = _rank(node.outputs[0])
    along = node.attrs["axis"] % rank
    if rank > _rank(node.inputs[0]):
        return axis + (along <= axis), outer
    return (axis, outer) if along != axis else None


def _over_last(node: Node, values: Values) -> Place:
    rows = _first(node, values)
    return (rows.axis, rows.outer) if rows.axis < _rank(node.inputs[0]) - 1 else None


def _kept(node: Node, values: Values) -> Place:
    """Elements keep their order; the sizes of the result tell the rest."""
    rows, sizes = _first(node, values), values.sizes(node.inputs[0])[0]
    axis = values.varying_axis(node.outputs[0])
    outer, rest = divmod(prod(sizes[: rows.axis]) * rows.outer, prod(values.sizes(node.outputs[0])[0][:axis]))
    return None if rest else (axis, outer)


def _squeeze(node: Node, values: Values) -> Place:
    return _kept(node, values) if node.attrs.get("axis") else None  # else one row would lose its axis


def _transpose(node: Node, values: Values) -> Place:
    rows = _first(node, values)
    return [a % _rank(node.inputs[0]) for a in node.attrs["perm"]].index(rows.axis), rows.outer


def _pad(node: Node, values: Values) -> Place:
    rows = _first(node, values)
    found = values.evaluated([*node.attrs["paddings"][rows.axis]])
    return (rows.axis, rows.outer) if all(x == (0, 0) for x in found) else None


def _tile(node: Node, values: Values) -> Place:
    rows = _first(node, values)
    return (rows.axis, rows.outer) if node.attrs["multiples"][rows.axis] == 1 else None


def _slice(node: Node, values: Values) -> Place:
    rows, index = _first(node, values), node.attrs["index"]
    items = [*index] if type(index) is tuple else [index]
    at = next((i for i, item in enumerate(items) if item is Ellipsis), len(items))
    named = sum(item is not None and item is not Ellipsis for item in items)
    items[at : at + 1] = [slice(None)] * (_rank(node.inputs[0]) - named)
    source = target = 0
    for item in items:
        if item is not None and source == rows.axis:
            is_all = type(item) is slice and item.start in (None, 0) and item.stop is None and item.step in (None, 1)
            return (target, rows.outer) if is_all else None
        source += item is not None
        target += item is None or type(item) is slice
    return None


def _gather(node: Node, values: Values) -> Place:
    params, indices = node.inputs
    if node.attrs.get("batch_dims", 0):
        return None
    along = node.attrs.get("axis", 0) % _rank(params)
    if indices in values:
        return None if params in values else (along + values[indices].axis, values[indices].outer)
    rows = values[params]
    if rows.axis == along:
        return None
    return rows.axis + (_rank(indices) - 1) * (along < rows.axis), rows.outer


def _one_hot(node: Node, values: Values) -> Place:
    rows = _first(node, values)
    along = node.attrs.get("axis", -1) % _rank(node.outputs[0])
    return rows.axis + (along <= rows.axis), rows.outer


def _matmul(node: Node, values: Values) -> Place:
    rank, (x, y) = _rank(node.outputs[0]), node.inputs
    if x in values and y not in values and values[x].axis == _rank(x) - 2:
        is_transposed = node.attrs.get("transpose_a") or node.attrs.get("adj_x")
        return None if is_transposed else (rank - 2, values[x].outer)
    place = _elementwise(node, values)
    return place if place is not None and place[0] < rank - 2 else None


def _einsum(node: Node, values: Values) -> Place:
    equation = node.attrs["equation"].replace(" ", "")
    operands, _, result = equation.partition("->")
    terms = list(zip(operands.split(","), node.inputs, strict=True))
    ((row, outer, _),) = {(term[values[x].axis], *values[x][1:]) for term, x in terms if x in values}
    if "." in equation or any(term.count(row) != (x in values) for term, x in terms):
        return None
    return result.index(row), outer


def _batch_norm(node: Node, values: Values) -> Place:
    return None if node.attrs.get("is_training", True) else _leading(node, values)


def _fill(node: Node, values: Values) -> Place:
    return values.varying_axis(node.outputs[0]), 1


def _broadcast(node: Node, values: Values) -> Place:
    x, result = node.inputs[0], node.outputs[0]
    if x not in values:
        return _fill(node, values)
    return values[x].axis + _rank(result) - _rank(x), values[x].outer


def _scatter(node: Node, values: Values) -> Place:
    """Updates take the places of slices that have all rows."""
    tensor, indices, updates = node.inputs
    rows, shift = values[tensor], _rank(indices) - 1 - indices.shape[-1]
    is_aligned = values[updates] == rows._replace(axis=rows.axis + shift)
    return (rows.axis, rows.outer) if is_aligned and rows.axis >= indices.shape[-1] else None


ONE_RESULT = {"FusedBatchNormV3"}  # the others are what the op is given
_RULES: dict[str, Rule] = {
    **dict.fromkeys(["Cast", "Identity", "StopGradient", "PreventGradient", "ZerosLike", "OnesLike"], _elementwise),
    **dict.fromkeys(["Add", "AddN", "Div", "Mod", "Inv"], _elementwise),
    **dict.fromkeys(["BiasAdd", "LRN", "SpaceToDepth", "DepthToSpace"], _leading),
    **dict.fromkeys(["Conv2D", "Conv3D", "DepthwiseConv2dNative"], _leading),
    **dict.fromkeys(["MaxPool", "AvgPool", "MaxPool3D", "AvgPool3D"], _leading),
    **dict.fromkeys(["Sum", "Mean", "Max", "Min", "Prod", "Any", "All"], _along("axis")),
    **dict.fromkeys(["ArgMax", "ArgMin"], _along("dimension")),
    **dict.fromkeys(["Cumsum", "Cumprod", "Split", "SplitV", "Unpack", "ReverseV2"], _along("axis")),
    **dict.fromkeys(["ConcatV2", "Pack"], _joined),
    **dict.fromkeys(["Softmax", "LogSoftmax", "TopKV2"], _over_last),
    **dict.fromkeys(["Reshape", "ExpandDims", "EnsureShape"], _kept),
    **dict.fromkeys(["Pad", "PadV2", "MirrorPad"], _pad),
    **dict.fromkeys(["MatMul", "BatchMatMulV2", "BatchMatMulV3"], _matmul),
    "BroadcastTo": _broadcast,
    "Einsum": _einsum,
    "Fill": _fill,
    "FusedBatchNormV3": _batch_norm,
    "GatherV2": _gather,
    "OneHot": _one_hot,
    "Squeeze": _squeeze,
    "StridedSlice": _slice,
    "TensorScatterUpdate": _scatter,
    "Tile": _tile,
    "Transpose": _transpose,
}
