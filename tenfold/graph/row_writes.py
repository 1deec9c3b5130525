"""Variables of loops to which each turn writes one row, and with which it does nothing else: these rows are outputs of a scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tenfold.core.symbol import Symbol
from tenfold.core.tensor import Tensor, wrap
from tenfold.graph.graph import Graph
from tenfold.graph.lines import maker
from tenfold.graph.node import Node
from tenfold.graph.tensor_array import GROW
from tenfold.ops import array as array_ops
from tenfold.ops import extremes, join
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
            return stack if rows._array.shape[0] == 0 else join.concat([rows, stack], 0)
        if self.grows:
            none = wrap(np.array([-1], indices._array.dtype))
            rows = GROW(rows, extremes.reduce_max(join.concat([array_ops.reshape(indices, (-1,)), none], 0)))
        return scatter_ops.tensor_scatter_nd_update(rows, indices, stack)


def row_write(graph: Graph, nodes: Sequence[Node], number: int) -> RowWrite | None:
    """How a loop's body writes to the variable of this number; None if it does not, or does more with it.

    Args:
      graph: the body.
      nodes: those of it that count.
    """
    before, after = graph.inputs[number], graph.outputs[number]
    last = maker(nodes, after)
    if last is None or not _writes_row(last):
        return None
    chain = [last]
    while (node := maker(nodes, chain[0].inputs[0])) is not None and _keeps_rows(node):
        chain.insert(0, node)
    own = {before, *[node.outputs[0] for node in chain]}
    readers = [node for node in nodes if not own.isdisjoint(node.reads())]
    results = [x for x in graph.outputs if type(x) is Symbol and x in own]
    if chain[0].inputs[0] is not before or readers != chain or len(results) > 1:
        return None
    is_appended = last.op is join.CONCAT
    row, index = (last.inputs[1], None) if is_appended else (last.inputs[2], last.inputs[1])
    if type(row) is not Symbol or row in own or row.shape is None or (index is None and row.shape[:1] != (1,)):
        return None
    return RowWrite(chain, row, index, is_appended or any(node.op is GROW for node in chain))


def _writes_row(node: Node) -> bool:
    if node.op is join.CONCAT:
        return node.attrs["axis"] == 0 and len(node.inputs) == 2
    return node.op is scatter_ops.UPDATE and node.inputs[1].shape in ((1,), (1, 1))


def _keeps_rows(node: Node) -> bool:
    """Whether a node adds rows of zeros at most: what repeats zeros along axes of size 1 does nothing where these sizes are known."""
    x: Any = node.inputs[0] if node.inputs else None
    is_same = node.op.name == "BroadcastTo" and x.shape[1:] == node.outputs[0].shape[1:]
    return node.op is GROW or (is_same and len(x.shape) == len(node.outputs[0].shape))
