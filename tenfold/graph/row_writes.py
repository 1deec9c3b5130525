"""Variables of loops to which each turn writes one row, and with which it does nothing else: these rows are outputs of a scan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from tenfold.core.symbol import Symbol
from tenfold.core.tensor import Tensor, wrap
from tenfold.graph.graph import Graph, Node
from tenfold.graph.tensor_array import GROW
from tenfold.ops import array as array_ops
from tenfold.ops import reduce
from tenfold.ops import scatter as scatter_ops


@dataclass(frozen=True)
class RowWrite:
    """How a turn of a loop writes a row.

    Attributes:
      nodes: those that do it, in order.
      row: what is written, of the size of a row.
      index: where to, of one element; None for after all others.
      grows: whether there may be no such row yet.
    """

    nodes: list[Node]
    row: Symbol
    index: Any
    grows: bool

    def result(self, rows: Tensor, stack: Tensor, indices: Tensor | None) -> Tensor:
        """The variable after a loop.

        Args:
          rows: what it was before.
          stack: what all turns wrote.
          indices: where to, of shape `(turns, 1)`, all different; None for after all others.
        """
        if indices is None:
            return stack if rows._array.shape[0] == 0 else array_ops.concat([rows, stack], 0)
        if self.grows:
            none = wrap(np.array([-1], indices._array.dtype))
            rows = GROW(rows, reduce.reduce_max(array_ops.concat([array_ops.reshape(indices, (-1,)), none], 0)))
        return scatter_ops.tensor_scatter_nd_update(rows, indices, stack)


def row_write(graph: Graph, nodes: Sequence[Node], number: int) -> RowWrite | None:
    """How a loop's body writes to the variable of this number; None if it does not, or does more with it.

    Args:
      graph: the body.
      nodes: those of it that count.
    """
    before, after = graph.inputs[number], graph.outputs[number]
    last = _maker(nodes, after)
    if last is None or not _writes_row(last):
        return None
    chain = [last]
    while (node := _maker(nodes, chain[0].inputs[0])) is not None and _keeps_rows(node):
        chain.insert(0, node)
    own = {before, *[node.outputs[0] for node in chain]}
    readers = [node for node in nodes if not own.isdisjoint(node.reads())]
    results = [x for x in graph.outputs if type(x) is Symbol and x in own]
    if chain[0].inputs[0] is not before or readers != chain or len(results) > 1:
        return None
    is_appended = last.op is array_ops.CONCAT
    row, index = (last.inputs[1], None) if is_appended else (last.inputs[2], last.inputs[1])
    if type(row) is not Symbol or row in own or row.shape is None or (index is None and row.shape[:1] != (1,)):
        return None
    return RowWrite(chain, row, index, is_appended or any(node.op is GROW for node in chain))


def _maker(nodes: Iterable[Node], x: Any) -> Node | None:
    """The node that a value is a result of."""
    return next((node for node in nodes if any(x is y for y in node.outputs)), None)


def _writes_row(node: Node) -> bool:
    if node.op is array_ops.CONCAT:
        return node.attrs["axis"] == 0 and len(node.inputs) == 2
    return node.op is scatter_ops.UPDATE and node.inputs[1].shape in ((1,), (1, 1))


def _keeps_rows(node: Node) -> bool:
    """Whether a node adds rows of zeros at most: what repeats zeros along axes of size 1 does nothing where these sizes are known."""
    x: Any = node.inputs[0] if node.inputs else None
    is_same = node.op.name == "BroadcastTo" and x.shape[1:] == node.outputs[0].shape[1:]
    return node.op is GROW or (is_same and len(x.shape) == len(node.outputs[0].shape))


@dataclass(frozen=True)
class Line:
    """An integer that follows another one: `scale * of + offset`.

    Attributes:
      of: a variable of a loop; None for what is the same at each turn.
      offset: None if it is known only when the loop runs.
    """

    of: Symbol | None
    scale: int
    offset: int | None

    def plus(self, other: Line, sign: int) -> Line | None:
        """The sum with another one, or the difference; None if they follow different variables."""
        if self.of is not None and other.of is not None and self.of is not other.of:
            return None
        is_known = self.offset is not None and other.offset is not None
        offset = self.offset + sign * other.offset if is_known else None  # type: ignore[operator]
        return Line(other.of if self.of is None else self.of, self.scale + sign * other.scale, offset)

    def times(self, other: Line) -> Line | None:
        """The product, if one of both is known."""
        if other.of is not None or other.offset is None:
            return other.times(self) if self.of is None and self.offset is not None else None
        return Line(self.of, self.scale * other.offset, None if self.offset is None else self.offset * other.offset)


def line_of(graph: Graph, x: Any) -> Line | None:
    """How an integer in a loop's body, of one element, follows a variable of the loop; None if that is not seen."""
    if type(x) is not Symbol:
        return Line(None, 0, int(x.item())) if x.size == 1 else None
    if x.dtype.kind not in "iu" or x.shape is None or prod(x.shape) != 1:
        return None
    if x in graph.inputs:
        is_same = graph.outputs[graph.inputs.index(x)] is x
        return Line(None, 0, None) if is_same else Line(x, 1, 0)
    node = _maker(graph.nodes, x)
    if node is None:
        return Line(None, 0, None)  # from outside
    lines = [line_of(graph, operand) for operand in node.inputs]
    if not lines or lines[0] is None or lines[-1] is None:
        return None
    if node.op.name in ("Reshape", "ExpandDims", "Identity", "Cast"):
        return lines[0]
    if node.op.name in ("AddV2", "Sub"):
        return lines[0].plus(lines[1], 1 if node.op.name == "AddV2" else -1)  # type: ignore[arg-type]
    return lines[0].times(lines[1]) if node.op.name == "Mul" else None  # type: ignore[arg-type]


def slope_of(graph: Graph, line: Line) -> int | None:
    """What a line rises at each turn of a loop; None if that is not seen."""
    if line.of is None:
        return 0
    after = line_of(graph, graph.outputs[graph.inputs.index(line.of)])
    is_counter = after is not None and after.of is line.of and after.scale == 1 and after.offset is not None
    return line.scale * after.offset if is_counter else None  # type: ignore[union-attr, operator]
