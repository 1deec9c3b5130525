"""Whether a graph computes each row of its results from the same row of its arguments, and from no other.

Only then requests may be joined, padded and cut. A value has *rows* if its first axis is the batch, or a multiple of it where
the elements of a row stay together. What no rule knows does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tenfold.core.symbol import Size, Symbol, evaluate
from tenfold.graph.graph import Graph, Node, Step, trace_lock
from tenfold.graph.run import replay


def has_independent_rows(graph: Graph) -> bool:
    """Whether row `i` of all results depends on row `i` of the arguments only, for any number of rows."""
    if graph.captures or not graph.inputs:
        return False
    if not all(x.shape and type(x.shape[0]) is Size for x in graph.inputs):
        return False
    if len(graph.inputs) > 1:
        try:
            graph = _of_one_batch(graph)
        except Exception:  # it wants numbers of rows that differ
            return False
    rows = _Rows(graph)
    if not all(rows.take(node) for node in graph.nodes):
        return False
    return all(type(x) is Symbol and rows.multiples.get(x) == 1 for x in graph.outputs)


def _of_one_batch(graph: Graph) -> Graph:
    """The graph for arguments of the same number of rows."""
    found = Graph(graph.name)
    found.renews_seeds = False
    with trace_lock, found.tracing():
        tensors = []
        for x in graph.inputs:
            hints = [size.hint for size in x.shape or () if type(size) is Size]
            tensors.append(found.input(x.dtype, x.static_shape, hints, x.name))
        first, *others = found.inputs
        for x in others:
            x.shape = (first.shape[0], *x.shape[1:])  # type: ignore[index]
        found.finish(replay(graph, tensors))
    return found


class _Rows:
    """The values of a graph that have rows.

    Attributes:
      multiples: sizes of their first axes for one row.
    """

    def __init__(self, graph: Graph) -> None:
        self._inputs = set(graph.inputs)
        self.multiples = {x: 1 for x in graph.inputs}

    def take(self, node: Node) -> bool:
        """Enters the results of a node; whether they have rows, or have nothing to do with the batch."""
        op = node.op
        if op.has_effects:
            return False
        if not any(x in self.multiples for x in node.reads()):
            return True
        rule = None if isinstance(op, Step) else _RULES.get(op.name)
        if rule is None and getattr(getattr(op, "infer", None), "is_elementwise", False):
            rule = _elementwise
        if rule is None or not all(x.shape for x in node.outputs):
            return False
        try:
            if not rule(node, self):
                return False
        except (LookupError, TypeError, ValueError):  # the op has a form that the rule does not know
            return False
        for x in node.outputs[:1] if op.name in _ONE_RESULT else node.outputs:
            multiple = self._multiple(x.shape)  # type: ignore[arg-type]
            if multiple is None:
                return False
            self.multiples[x] = multiple
        return True

    def _multiple(self, shape: Sequence[Any]) -> int | None:
        """The first size over the number of rows, if that is the same for any number, and the other sizes are, too."""
        try:
            one, *more = [evaluate(tuple(shape), self._leaf(count)) for count in (1, 5, 7)]
        except (LookupError, ArithmeticError):
            return None
        first, *others = one
        is_same = more == [(5 * first, *others), (7 * first, *others)]
        return first if is_same and first > 0 else None

    def _leaf(self, count: int) -> Callable[[Size], int]:
        def leaf(size: Size) -> int:
            symbol, axis = size.source
            if symbol not in self._inputs or type(axis) is not int:
                raise LookupError("it depends on values")
            return 11 + axis if axis else count

        return leaf

    def __contains__(self, x: Any) -> bool:
        return type(x) is Symbol and x in self.multiples

    def are_aligned(self, node: Node) -> bool:
        """Whether operands that broadcast meet row by row."""
        rank = len(node.outputs[0].shape)  # type: ignore[arg-type]
        for x in node.inputs:
            if x.shape is None or (x in self and len(x.shape) != rank):
                return False
            if x not in self and len(x.shape) == rank and x.shape[0] != 1:
                return False
        return len({self.multiples[x] for x in node.inputs if x in self}) == 1  # type: ignore[index]


def _elementwise(node: Node, rows: _Rows) -> bool:
    return rows.are_aligned(node)


def _only_first(node: Node, rows: _Rows) -> bool:
    """The first operand has rows, the others say what is done to each."""
    return node.inputs[0] in rows and not any(x in rows for x in node.inputs[1:])


def _all_along_others(axis: str) -> Callable[[Node, _Rows], bool]:
    """All operands have rows, and the op works along another axis than theirs."""

    def rule(node: Node, rows: _Rows) -> bool:
        axes, rank = node.attrs.get(axis), len(node.outputs[0].shape)  # type: ignore[arg-type]
        return all(x in rows for x in node.inputs) and _leaves_first(axes, rank)

    return rule


def _reduced(axis: str) -> Callable[[Node, _Rows], bool]:
    def rule(node: Node, rows: _Rows) -> bool:
        return _only_first(node, rows) and _leaves_first(node.attrs.get(axis), len(node.inputs[0].shape))

    return rule


def _leaves_first(axes: Any, rank: int) -> bool:
    axes = (axes,) if type(axes) is int else axes
    return axes is not None and all(type(a) is int and a % rank for a in axes)


def _matmul(node: Node, rows: _Rows) -> bool:
    is_transposed = node.attrs.get("transpose_a") or node.attrs.get("adj_x")
    if len(node.outputs[0].shape) > 2:  # type: ignore[arg-type]
        return rows.are_aligned(node)
    return _only_first(node, rows) and not is_transposed


def _softmax(node: Node, rows: _Rows) -> bool:
    return len(node.inputs[0].shape) > 1


def _kept(node: Node, rows: _Rows) -> bool:
    """Elements keep their order; the sizes of the result tell the rest."""
    return True


def _transpose(node: Node, rows: _Rows) -> bool:
    return tuple(node.attrs["perm"])[:1] == (0,)


def _pad(node: Node, rows: _Rows) -> bool:
    paddings = node.attrs["paddings"]
    return _only_first(node, rows) and len(paddings) > 0 and [*paddings[0]] == [0, 0]


def _slice(node: Node, rows: _Rows) -> bool:
    index = node.attrs["index"]
    first = index[0] if type(index) is tuple and index else None
    if first is Ellipsis:
        return len([x for x in index[1:] if x is not None]) < len(node.inputs[0].shape)
    return type(first) is slice and first.start in (None, 0) and first.stop is None and first.step in (None, 1)


def _gather(node: Node, rows: _Rows) -> bool:
    params, indices = node.inputs
    if node.attrs.get("batch_dims", 0):
        return False
    if indices in rows:
        return params not in rows and node.attrs.get("axis", 0) == 0
    return _leaves_first(node.attrs.get("axis", 0), len(params.shape))


def _one_hot(node: Node, rows: _Rows) -> bool:
    return _only_first(node, rows) and _leaves_first(node.attrs.get("axis", -1), len(node.outputs[0].shape))  # type: ignore[arg-type]


def _batch_norm(node: Node, rows: _Rows) -> bool:
    return _only_first(node, rows) and not node.attrs.get("is_training", True)


def _tile(node: Node, rows: _Rows) -> bool:
    return _only_first(node, rows) and tuple(node.attrs["multiples"])[:1] == (1,)


def _fill(node: Node, rows: _Rows) -> bool:
    return not any(x in rows for x in node.inputs)


def _einsum(node: Node, rows: _Rows) -> bool:
    equation = node.attrs["equation"].replace(" ", "")
    operands, _, result = equation.partition("->")
    if "." in equation or not result:
        return False
    row = result[0]
    terms = zip(operands.split(","), node.inputs, strict=True)
    return all(term[:1] == row and term.count(row) == 1 if x in rows else row not in term for term, x in terms)


_ONE_RESULT = {"FusedBatchNormV3"}  # the others are what the op is given
_RULES: dict[str, Callable[[Node, _Rows], bool]] = {
    **dict.fromkeys(["Cast", "Identity", "StopGradient", "PreventGradient", "ZerosLike", "OnesLike"], _elementwise),
    **dict.fromkeys(["Add", "AddN", "Div", "Mod", "Inv"], _elementwise),
    **dict.fromkeys(["BiasAdd", "LRN", "SpaceToDepth", "DepthToSpace"], _only_first),
    **dict.fromkeys(["Conv2D", "Conv3D", "DepthwiseConv2dNative"], _only_first),
    **dict.fromkeys(["MaxPool", "AvgPool", "MaxPool3D", "AvgPool3D"], _only_first),
    **dict.fromkeys(["Sum", "Mean", "Max", "Min", "Prod", "Any", "All"], _reduced("axis")),
    **dict.fromkeys(["ArgMax", "ArgMin"], _reduced("dimension")),
    **dict.fromkeys(["Cumsum", "Cumprod", "Split", "SplitV", "Unpack"], _reduced("axis")),
    **dict.fromkeys(["ConcatV2", "Pack"], _all_along_others("axis")),
    **dict.fromkeys(["Softmax", "LogSoftmax", "TopKV2"], _softmax),
    **dict.fromkeys(["Reshape", "Squeeze", "ExpandDims", "EnsureShape"], _kept),
    **dict.fromkeys(["Pad", "PadV2", "MirrorPad"], _pad),
    **dict.fromkeys(["MatMul", "BatchMatMulV2", "BatchMatMulV3"], _matmul),
    "Einsum": _einsum,
    "Fill": _fill,
    "FusedBatchNormV3": _batch_norm,
    "GatherV2": _gather,
    "OneHot": _one_hot,
    "StridedSlice": _slice,
    "Tile": _tile,
    "Transpose": _transpose,
}
