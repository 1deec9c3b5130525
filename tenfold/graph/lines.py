"""Integers in the bodies of loops that rise or fall by the same number at each turn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from typing import Any

from tenfold.core.symbol import Symbol
from tenfold.graph.graph import Graph
from tenfold.graph.node import Node


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
        number = graph.inputs.index(x)  # behind the variables come values from outside
        is_same = number >= len(graph.outputs) or graph.outputs[number] is x
        return Line(None, 0, None) if is_same else Line(x, 1, 0)
    node = maker(graph.nodes, x)
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


def maker(nodes: Iterable[Node], x: Any) -> Node | None:
    """The node that a value is a result of."""
    return next((node for node in nodes if any(x is y for y in node.outputs)), None)
