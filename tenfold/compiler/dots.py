"""Products of few rows or one column, where A's rows and B's columns are contiguous: sums along vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenfold.compiler.blocks import Blocks
from tenfold.compiler.tiling import Axis
from tenfold.compiler.vectors import loop, scaled


class Dots(Blocks):
    """Emits the loops of a nest along whose innermost reduction axis A and B are contiguous.

    A tile is some rows of A times some columns of B, with a vector of sums for each pair, whose elements are added up at last.
    A panel is as many columns as a tile has, a part of a vector.
    """

    def shape(self) -> tuple[int, int, int]:
        registers, rows, columns = self.vectors.isa.registers, self.nest.rows[-1].size, self.nest.columns
        height = min(rows, 4 if columns > 1 else 8)
        width = min(columns, self.vectors.lanes, 8, max(1, (registers - 2 - height) // (height + 1)))
        return height, 1, width

    def reduce(
        self,
        b: Any,
        axes: Sequence[Axis],
        a: Any,
        b_pointer: Any,
        sums: list,
        height: int,
        counts: list[int],
        axis: Axis,
    ) -> list:
        v, columns = self.vectors, counts[0]
        dots = self._dots(b, axes, a, b_pointer, [v.zero()] * (height * columns), height, columns, axis)
        return [v.join(b, [v.sum(b, dot) for dot in dots[i * columns : (i + 1) * columns]]) for i in range(height)]

    def _dots(
        self, b: Any, axes: Sequence[Axis], a: Any, b_pointer: Any, dots: list, height: int, columns: int, axis: Axis
    ) -> list:
        v = self.vectors
        if len(axes) > 1:
            with loop(b, 0, axes[0].size, [a, b_pointer, *dots]) as turn:
                a_now, b_now, *outer = turn.values
                inner = self._dots(b, axes[1:], a_now, b_now, outer, height, columns, axis)
                turn.next = [v.at(b, a_now, axes[0].a), v.at(b, b_now, axes[0].b), *inner]
            return turn.values[2:]
        whole, rest = divmod(axes[0].size, v.lanes)

        def step(place: Any, count: int, dots: list) -> list:
            left = [v.load(b, v.at(b, v.at(b, a, place), i * axis.a), count) for i in range(height)]
            at = v.at(b, b_pointer, place)
            right = [v.load(b, v.at(b, at, j * self.nest.b_column_stride), count) for j in range(columns)]
            return [v.fma(b, x, y, dots[i * columns + j]) for i, x in enumerate(left) for j, y in enumerate(right)]

        if whole:
            with loop(b, 0, whole, dots) as turn:
                turn.next = step(scaled(b, turn.index, v.lanes), v.lanes, turn.values)
            dots = turn.values
        return step(whole * v.lanes, rest, dots) if rest else dots
