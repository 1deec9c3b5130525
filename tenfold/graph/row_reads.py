"""Rows that the turns of a loop read one after the other, forwards or backwards: inputs of a scan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import Op
from tenfold.core.symbol import Size, Spec, Symbol, is_stack, sizes_in
from tenfold.graph.graph import Graph
from tenfold.graph.lines import line_of, maker, slope_of
from tenfold.graph.node import Node
from tenfold.ops import array as array_ops
from tenfold.ops import creation, elementwise, join, rearrange


@dataclass(frozen=True)
class RowRead:
    """How a turn of a loop reads a row.

    Attributes:
      source: what it is a row of, an input of the body or what that captures.
      index: which one, a symbol of one element; None for the last one, which is taken away.
      falls: whether the next turn reads the row before it.
    """

    source: Symbol
    index: Symbol | None
    falls: bool


def row_reads(cond: Graph, body: Graph) -> dict[Symbol, RowRead]:
    """What symbols of a loop's body are rows that its turns read one after the other."""
    popped = [x for i, x in enumerate(body.inputs[: len(body.outputs)]) if is_popped(cond, body, i)]
    changing = {x for x, y in zip(body.inputs, body.outputs, strict=False) if x is not y}
    made = {x for node in body.nodes for x in node.outputs}
    found: dict[Symbol, RowRead] = {}
    for node in body.nodes:
        source: Any = node.inputs[0] if node.inputs else None
        if type(source) is not Symbol or source in made or not source.shape or sizes_in(source.shape[1:]):
            continue
        if source in popped:
            if node.attrs["index"] == (-1,):
                found[node.outputs[0]] = RowRead(source, None, True)
        elif source not in changing and (index := _index_of(node)) is not None:
            line = line_of(body, index)
            slope = line and slope_of(body, line)
            if slope in (1, -1):
                found[node.outputs[0]] = RowRead(source, index, slope < 0)
    return found


def reads_stacks(reads: dict[Symbol, RowRead]) -> bool:
    """Whether some of the rows are of those that another loop left, or are taken away: no other loop than a scan can do that natively."""
    return any(is_stack(read.source) or read.index is None for read in reads.values())


def _index_of(node: Node) -> Symbol | None:
    """The scalar by which a node reads a row of its first operand."""
    if node.op.name == "GatherV2":
        index: Any = node.inputs[1]
        is_row = node.attrs["axis"] == 0 == node.attrs["batch_dims"] and index.shape == ()
        return index if is_row and type(index) is Symbol else None
    if node.op.name == "StridedSlice" and len(node.attrs["index"]) == 1:
        size = node.attrs["index"][0]
        if type(size) is Size and size.is_leaf and type(size.source[1]) is tuple:
            return size.source[0]
    return None


def is_popped(cond: Graph, body: Graph, number: int) -> bool:
    """Whether a turn takes the last row of a variable away, and does nothing else with it."""
    before, after = body.inputs[number], body.outputs[number]
    last = maker(body.nodes, after)
    if last is None or last.op.name != "StridedSlice" or last.attrs["index"] != (slice(None, -1, None),):
        return False
    readers = [node for node in body.nodes if before in node.reads()]
    is_only = last.inputs[0] is before and sum(x is after for x in body.outputs) == 1
    others = [node for node in body.nodes if after in node.reads()] + [x for x in body.outputs if x is before]
    return (
        is_only
        and not others
        and all(node is last or (node.op.name == "StridedSlice" and node.attrs["index"] == (-1,)) for node in readers)
        and not any(cond.inputs[number] in node.reads() for node in cond.nodes)
    )


def counter_of(cond: Graph, body: Graph) -> tuple[Symbol, Any] | None:
    """The counter that a loop counts up, and the limit that this stays below; None if the loop ends otherwise."""
    node = maker(cond.nodes, cond.outputs[0])
    if node is None or node.op.name != "Less":
        return None
    counter: Any = node.inputs[0]
    limit: Any = node.inputs[1]
    if type(counter) is not Symbol or counter not in cond.inputs[: len(body.outputs)]:
        return None
    number = cond.inputs.index(counter)
    line = line_of(body, body.outputs[number])
    changing = {x for x, y, z in zip(cond.inputs, body.inputs, body.outputs, strict=False) if y is not z}
    is_same = type(limit) is not Symbol or (limit not in changing and maker(cond.nodes, limit) is None)
    is_counter = line is not None and line.of is body.inputs[number] and (line.scale, line.offset) == (1, 1)
    return (counter, limit) if is_counter and is_same else None


def _kernel(rows, end, count):
    begin = int(end) - int(count)
    if begin < 0 or end > len(rows):
        raise InvalidArgumentError(
            None, None, f"a loop reads the rows {begin} to {int(end) - 1}, and there are {len(rows)}."
        )
    return rows[begin:end]


def _vjp(dy, end, count, rows_shape):
    """Zeros, but for the rows that were read."""
    size = elementwise.maximum(rows_shape[0], end)
    around = join.stack([end - count, size - end])
    others = creation.zeros((len(rows_shape) - 1, 2), around.dtype)
    paddings = join.concat([array_ops.expand_dims(around, 0), others], 0)
    return array_ops.reshape(rearrange.pad(dy, paddings), rows_shape), None, None


ROWS_BEFORE = Op(
    "RowsBefore",
    _kernel,
    vjp=_vjp,
    infer=lambda rows, end, count: Spec.stack(rows.dtype, rows.shape[1:]),
    expand=lambda rows, end, count: rows[end - count : end],
)
