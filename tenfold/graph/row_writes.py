"""Variables of loops to which each turn writes one row, and with which it does nothing else: these rows are outputs of a scan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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
    """An integer that follows a counter of a loop: `scale * counter + offset`.

    Attributes:
      number: of the counter, among the loop's variables.
      step: what a turn adds to the counter.
    """

    number: int
    scale: int
    offset: int
    step: int

    @property
    def slope(self) -> int:
        """What a turn adds."""
        return self.scale * self.step

    def first(self, counter: Any) -> int | None:
        """What it is at the first turn; None if that is not known."""
        return self.scale * int(counter) + self.offset if type(counter) is np.ndarray else None


def line_of(graph: Graph, x: Any) -> Line | None:
    """How a value of a loop's body, of one element, follows a counter; None if that is not seen."""
    found = _linear(graph, x)
    if found is None or found[0] not in graph.inputs[: len(graph.outputs)]:
        return None
    number = graph.inputs.index(found[0])
    after = _linear(graph, graph.outputs[number])
    if after is None or after[0] is not found[0] or after[1] != 1:
        return None
    return Line(number, found[1], found[2], after[2])


def _linear(graph: Graph, x: Any) -> tuple[Any, int, int] | None:
    """An input of a graph, a scale and an offset that a value is made of."""
    scale, offset = 1, 0
    while type(x) is Symbol and x.dtype.kind in "iu":
        if x in graph.inputs:
            return x, scale, offset
        node = _maker(graph.nodes, x)
        if node is None:
            return None
        name, operands = node.op.name, node.inputs
        if name in ("Reshape", "ExpandDims", "Identity", "Cast"):
            x = operands[0]
            continue
        known = [a for a in operands if type(a) is np.ndarray and a.size == 1]
        others = [a for a in operands if type(a) is Symbol]
        if len(known) != 1 or len(others) != 1 or name not in ("AddV2", "Sub", "Mul"):
            return None
        number, x = int(known[0].item()), others[0]
        if name == "Mul":
            scale *= number
        elif name == "AddV2":
            offset += scale * number
        elif operands[0] is x:
            offset -= scale * number
        else:
            return None
    return None

