"""The loops of a contraction: a tile of C in registers, summed over a nest of reduction loops.

A tile is `rows x vectors` of accumulators. Rows are dealt evenly to tiles, so there are at most two heights of tile; columns
make panels of equal width and one last, narrower panel. So a nest has at most four tiles unrolled, and loops for the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import ceil
from typing import Any

from tenfold.compiler.functions import Builder, const
from tenfold.compiler.tiling import Axis, Epilogue, Fetch, Finished, Nest, Slice, deal, tile_shape
from tenfold.compiler.vectors import Turn, Vectors, if_else, loop, maximum, minimum, scaled, when


class Blocks:
    """Emits the loops of one nest.

    Args:
      vectors: the element type and the processor.
      nest: the contraction.
      epilogue: makes, from each finished vector, the one that is stored, or None if it stored something itself.
      arguments: pointers for the epilogue.
    """

    def __init__(self, vectors: Vectors, nest: Nest, epilogue: Epilogue | None = None, arguments: Sequence[Any] = ()):
        self.vectors, self.nest, self.epilogue, self.arguments = vectors, nest, epilogue, arguments
        self.part: Slice | None = None
        self.outer: Any = None
        self.ahead: Sequence[tuple[Any, int]] = ()
        self.fetch: Fetch | None = None
        self.tile: Any = None
        self.first_row = 0  # of the tile, if rows have places
        # One loop over the sum needs no help with its addresses; short ones in each other do.
        self.has_opaque_addresses = len(nest.reduction) == 1
        height, self.width, self.panel = self.shape()
        self.heights = deal(nest.rows[-1].size, height, nest.tile_blocks)
        self.tiles = sum(count for count, _ in self.heights)
        self.full_panels, self.last_columns = divmod(nest.columns, self.panel)
        self.panels = self.full_panels + (self.last_columns > 0)

    def shape(self) -> tuple[int, int, int]:
        """Rows and vectors of a tile, and columns of a panel."""
        v, nest = self.vectors, self.nest
        height, width = tile_shape(v.isa.registers, v.lanes, nest.rows[-1].size, nest.columns, nest.lines)
        return height, width, width * self.vectors.lanes

    def row_of_tile(self, b: Builder, tile: Any) -> Any:
        """The first row, along the innermost axis, of a tile."""
        (more, _), (_, each) = self.heights
        tile = const(tile) if isinstance(tile, int) else tile
        return b.add(scaled(b, tile, each), minimum(b, tile, const(more)))

    def emit(
        self,
        b: Builder,
        a: Any,
        b_pointer: Any,
        c: Any,
        row: Any,
        column: Any = None,
        panels: tuple[Any, Any] | None = None,
        tiles: tuple[Any, Any] | None = None,
        part: Slice | None = None,
        outer: Any = None,
        ahead: Sequence[tuple[Any, int]] = (),
        fetch: Fetch | None = None,
    ) -> None:
        """Emits the loops over panels, rows and tiles.

        Args:
          b: where to emit.
          a: A at row 0 and reduction 0; of the part, if there is one and A is not packed.
          b_pointer: B at reduction 0 and column 0; of the part, likewise.
          c: C at row 0 and column 0 of the whole result.
          row: i64, the row of the whole result that the nest's row 0 is.
          column: i64, the column of the whole result that the nest's column 0 is; 0 if None.
          panels: bounds (ints or i64) of the panels to do; all if None.
          tiles: bounds of the tiles of the innermost row axis to do; all if None.
          part: the part of the reduction to do; all if None.
          outer: i64, how many steps to do of the outermost of several row axes; all if None.
          ahead: memory that is read next, pointers and numbers of elements, which each tile fetches a part of.
          fetch: what is read after that.
        """
        column = const(0) if column is None else column
        self.part, self.outer, self.ahead, self.fetch = part, outer, ahead, fetch
        if self.nest.has_rows_first:
            for height, a_at, tile_row, tile in self._tiles(b, self.nest.rows, a, row, tiles):
                self.tile = tile
                for columns, start, b_at, panel in self._panels(b, b_pointer, panels):
                    self._read_ahead(b, b.add(scaled(b, tile, self.panels), panel))
                    self._tile(b, height, columns, a_at, b_at, c, tile_row, column, start)
            return
        for columns, start, b_at, panel in self._panels(b, b_pointer, panels):
            for height, a_at, tile_row, tile in self._tiles(b, self.nest.rows, a, row, tiles):
                self.tile = tile
                self._read_ahead(b, b.add(scaled(b, panel, self.tiles), tile))
                self._tile(b, height, columns, a_at, b_at, c, tile_row, column, start)

    def _read_ahead(self, b: Any, number: Any) -> None:
        """Fetches what the tile with a number has to of the memory that is read next."""
        for pointer, elements in self.ahead:
            part = ceil(elements / (self.panels * self.tiles))
            self.vectors.prefetch(b, self.vectors.at(b, pointer, scaled(b, number, part)), part)

    def _panels(self, b: Any, b_pointer: Any, panels: tuple[Any, Any] | None) -> Iterator[tuple[int, Any, Any, Any]]:
        """Emits the loops over panels; yields columns, the first of them, where it is in B, and the number of the panel."""
        for turn, columns in panel_loops(b, self, panels):
            start = scaled(b, turn.index, self.panel)
            place = scaled(b, start, self.nest.b_column_stride)
            if self.nest.is_packed:
                place = scaled(b, start, self.nest.depth)
                if self.part:
                    place = b.add(place, scaled(b, self.part.begin, self.vectors.fill(columns)))
            yield columns, start, self.vectors.at(b, b_pointer, place), turn.index

    def _tiles(
        self, b: Any, axes: Sequence[Axis], a: Any, row: Any, tiles: tuple[Any, Any] | None
    ) -> Iterator[tuple[int, Any, Any, Any]]:
        """Emits the loops over rows and tiles; yields heights, where the tile is in A, its first row, and the number of the tile."""
        axis = axes[0]
        if len(axes) > 1:
            whole = self.outer is None or len(axes) < len(self.nest.rows)
            with loop(b, 0, axis.size if whole else self.outer) as turn:
                inner = self.vectors.at(b, a, scaled(b, turn.index, axis.a))
                yield from self._tiles(b, axes[1:], inner, b.add(row, scaled(b, turn.index, axis.row)), tiles)
            return
        if axis.places:
            yield from self._tiles_at_places(b, axis, a, row)
            return
        for turn, height in tile_loops(b, self, tiles):
            start = self.row_of_tile(b, turn.index)
            place = scaled(b, start, axis.a)
            if self.nest.a_is_packed:
                place = scaled(b, start, self.nest.depth)
                if self.part:
                    place = b.add(place, scaled(b, self.part.begin, height))
            yield height, self.vectors.at(b, a, place), b.add(row, scaled(b, start, axis.row)), turn.index

    def _tiles_at_places(self, b: Any, axis: Axis, a: Any, row: Any) -> Iterator[tuple[int, Any, Any, Any]]:
        """As `_tiles`: all of them, one after the other, each with code of its own."""
        self.first_row, heights = 0, [height for count, height in self.heights for _ in range(count)]
        for tile, height in enumerate(heights):
            at = self.vectors.at(b, a, axis.places[self.first_row])
            yield height, at, b.add(row, const(self.first_row * axis.row)), const(tile)
            self.first_row += height

    def _tile(
        self, b: Any, height: int, columns: int, a: Any, b_pointer: Any, c: Any, row: Any, column: Any, start: Any
    ) -> None:
        axis = self.nest.rows[-1]
        column = b.add(column, start)
        if self.nest.a_has_columns:
            a = self.vectors.at(b, a, start)
        v, width = self.vectors, ceil(columns / self.vectors.lanes)
        counts = [min(v.lanes, columns - j * v.lanes) for j in range(width)]
        axes = list(self.nest.reduction)
        if self.nest.is_packed:
            step = width * v.lanes
            for at in reversed(range(len(axes))):
                axes[at] = replace(axes[at], b=step)
                step *= axes[at].size
        if self.nest.a_is_packed:
            axis, axes = replace(axis, a=1), [replace(axes[0], a=height)]
        sums = [v.zero()] * (height * width)
        if self.nest.depth:
            sums = self.reduce(b, axes, a, b_pointer, sums, height, counts, axis)
        c_at = v.at(b, c, b.add(scaled(b, row, self.nest.c_stride), column))
        if self.has_opaque_addresses:
            c_at = b.opaque(c_at)
        step = axis.row * self.nest.c_stride
        places = [(i * step + j * v.lanes, count) for i in range(height) for j, count in enumerate(counts)]
        if self.part is None and self.nest.accumulates:
            sums = self._added(b, sums, c_at, places)
        elif self.part:
            before = b.block
            with when(b, b.not_(self.part.is_first)):
                added = self._added(b, sums, c_at, places)
                inside = b.block
            merged = []
            for zero_based, continued in zip(sums, added, strict=True):
                phi = b.phi(v.type)
                phi.add_incoming(zero_based, before)
                phi.add_incoming(continued, inside)
                merged.append(phi)
            sums = merged
        if self.epilogue is None:
            self._store(b, sums, c_at, places)
        elif self.part is None:
            self._finish(b, self.epilogue, sums, c_at, step, row, column, axis, counts)
        else:
            with if_else(b, self.part.is_last) as (last, others):
                with last:
                    self._finish(b, self.epilogue, sums, c_at, step, row, column, axis, counts)
                with others:
                    self._store(b, sums, c_at, places)

    def _added(self, b: Any, sums: list, c_at: Any, places: list[tuple[int, int]]) -> list:
        v = self.vectors
        return [
            v.add(b, value, v.load(b, v.at(b, c_at, place), count))
            for value, (place, count) in zip(sums, places, strict=True)
        ]

    def _store(self, b: Any, sums: list, c_at: Any, places: list[tuple[int, int]]) -> None:
        for value, (place, count) in zip(sums, places, strict=True):
            self.vectors.store(b, value, self.vectors.at(b, c_at, place), count)

    def _finish(
        self,
        b: Any,
        epilogue: Epilogue,
        sums: list,
        c_at: Any,
        step: int,
        row: Any,
        column: Any,
        axis: Axis,
        counts: list[int],
    ) -> None:
        """Hands each vector to the epilogue and stores what it returns."""
        v, height, width = self.vectors, len(sums) // len(counts), len(counts)
        # An epilogue may be long: it stands once for each vector of a row, in a loop over the rows.
        buffer = b.alloca(v.type, height * width, v.isa.vector_bytes)
        for at, value in enumerate(sums):
            v.store(b, value, v.at(b, buffer, at * v.lanes))
        with loop(b, 0, height) as turn:
            out_row = v.at(b, c_at, scaled(b, turn.index, step))
            this_row = b.add(row, scaled(b, turn.index, axis.row))
            for j, count in enumerate(counts):
                offset = b.add(scaled(b, turn.index, width * v.lanes), const(j * v.lanes))
                value = v.load(b, v.at(b, buffer, offset))
                out = v.at(b, out_row, j * v.lanes)
                finished = Finished(b, v, value, this_row, b.add(column, const(j * v.lanes)), count, self.arguments)
                value = epilogue(finished)
                if value is not None:
                    v.store(b, value, out, count)

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
        """The sums after a reduction nest; pointers and sums are carried in registers."""
        v, outer = self.vectors, axes[0]
        cut = self.part.size if self.part and len(axes) == len(self.nest.reduction) else None
        if len(axes) > 1:
            with loop(b, 0, outer.size if cut is None else cut, [a, b_pointer, *sums], is_entered=True) as turn:
                a_now, b_now, *outer_sums = turn.values
                inner = self.reduce(b, axes[1:], a_now, b_now, outer_sums, height, counts, axis)
                turn.next = [v.at(b, a_now, outer.a), v.at(b, b_now, outer.b), *inner]
            return turn.values[2:]
        # Few sums would wait for each other: then several steps at a time, each with sums of its own.
        if cut is not None:
            steps, turns, rest = 1, cut, 0
        else:
            steps = max(1, min(8 // len(sums), outer.size))
            turns, rest = divmod(outer.size, steps)
        ways = [sums] + [[v.zero()] * len(sums) for _ in range(steps - 1)]
        carried = [a, b_pointer, *(s for way in ways for s in way)]
        fetched = [] if self.fetch is None else self._fetched(b, self.fetch)
        with loop(b, 0, turns, carried + fetched, is_entered=True) as turn:
            a_now, b_now, *flat = turn.values
            if self.fetch:
                *flat, place, left = flat
                fetched = self._fetch(b, self.fetch, place, left, steps)
            if self.has_opaque_addresses:
                a_now, b_now = b.opaque(a_now), b.opaque(b_now)
            ways = [flat[w * len(sums) : (w + 1) * len(sums)] for w in range(steps)]
            ways = [
                self._step(b, v.at(b, a_now, w * outer.a), v.at(b, b_now, w * outer.b), way, height, counts, axis)
                for w, way in enumerate(ways)
            ]
            turn.next = [
                v.at(b, a_now, steps * outer.a),
                v.at(b, b_now, steps * outer.b),
                *(s for way in ways for s in way),
                *fetched,
            ]
        a_now, b_now, *flat = turn.values
        ways = [flat[w * len(sums) : (w + 1) * len(sums)] for w in range(steps)]
        for w in range(rest):
            ways[w] = self._step(
                b, v.at(b, a_now, w * outer.a), v.at(b, b_now, w * outer.b), ways[w], height, counts, axis
            )
        while len(ways) > 1:
            half = ceil(len(ways) / 2)
            ways = [
                [v.add(b, x, y) for x, y in zip(ways[w], ways[w + half], strict=True)]
                if w + half < len(ways)
                else ways[w]
                for w in range(half)
            ]
        return ways[0]

    def _fetched(self, b: Any, fetch: Fetch) -> list:
        """What a tile carries through its sum to fetch its rows one after the other: the place, and how many steps are left for the row."""
        first = minimum(b, scaled(b, b.add(fetch.number, self.tile), fetch.each), const(fetch.rows - fetch.each))
        place = self.vectors.at(b, fetch.pointer, scaled(b, first, fetch.stride))
        return [place, const(self._steps_of_row(fetch))]

    def _steps_of_row(self, fetch: Fetch) -> int:
        """How many steps of the sum a fetched row takes."""
        return max(1, self.nest.depth // fetch.each)

    def _fetch(self, b: Any, fetch: Fetch, place: Any, left: Any, steps: int) -> list:
        """Emits the fetching of a line; returns what is carried on."""
        v, place, turns = self.vectors, b.opaque(place), self._steps_of_row(fetch)
        v.prefetch(b, place, 1)
        step = ceil(fetch.elements * steps / turns)
        left = b.sub(left, const(steps))
        at_end = b.icmp_signed("<=", left, const(0))
        on = b.select(at_end, const(fetch.stride - step * (ceil(turns / steps) - 1)), const(step))
        return [v.at(b, place, on), b.select(at_end, const(turns), left)]

    def _step(self, b: Any, a: Any, b_pointer: Any, sums: list, height: int, counts: list[int], axis: Axis) -> list:
        """One term of every sum of a tile."""
        v, width = self.vectors, len(counts)
        full = self.nest.is_packed  # a packed panel is filled up with zeros
        columns = [
            v.load(b, v.at(b, b_pointer, j * v.lanes), None if full else count) for j, count in enumerate(counts)
        ]
        result = []
        for i in range(height):
            at = v.at(b, a, axis.place(self.first_row + i) - axis.place(self.first_row))
            if self.nest.a_has_columns:
                factors = [v.load(b, v.at(b, at, j * v.lanes), count) for j, count in enumerate(counts)]
            else:
                factors = [v.splat(b, v.load_one(b, at))] * width
            result += [v.fma(b, factors[j], columns[j], sums[i * width + j]) for j in range(width)]
        return result


def panel_loops(b: Any, blocks: Blocks, panels: tuple[Any, Any] | None) -> Iterator[tuple[Turn, int]]:
    """Emits the loop over full panels, then the last one; yields, inside each, the turn and the columns."""
    begin, end = panels or (0, blocks.panels)
    for first, stop, columns in (
        (0, blocks.full_panels, blocks.panel),
        (blocks.full_panels, blocks.panels, blocks.last_columns),
    ):
        if first < stop:
            with loop(b, _most(b, begin, first), _least(b, end, stop)) as turn:
                yield turn, columns


def tile_loops(b: Any, blocks: Blocks, tiles: tuple[Any, Any] | None) -> Iterator[tuple[Turn, int]]:
    """Emits the loops over the tiles of each height; yields, inside each, the turn and the height."""
    begin, end = tiles or (0, blocks.tiles)
    first = 0
    for count, height in blocks.heights:
        if count:
            with loop(b, _most(b, begin, first), _least(b, end, first + count)) as turn:
                yield turn, height
        first += count


def _most(b: Any, bound: Any, least: int) -> Any:
    return max(bound, least) if isinstance(bound, int) else maximum(b, bound, const(least)) if least else bound


def _least(b: Any, bound: Any, most: int) -> Any:
    return min(bound, most) if isinstance(bound, int) else minimum(b, bound, const(most))
