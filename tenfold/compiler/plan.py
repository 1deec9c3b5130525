"""How a matrix product is computed: what is packed, and blocks for caches and threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from math import ceil, prod
from typing import TYPE_CHECKING, Any

from tenfold.compiler.blocks import Blocks, tile_loops
from tenfold.compiler.dots import Dots
from tenfold.compiler.functions import I1, Value, const
from tenfold.compiler.loops import strides_of
from tenfold.compiler.packing import copy, pack_panels
from tenfold.compiler.phases import MOST_TILES, TILE_WORK, add_parts, divide, part_of, share
from tenfold.compiler.tiling import Axis, Epilogue, Fetch, Nest, Slice, collapse
from tenfold.compiler.vectors import Vectors, loop, minimum, scaled

if TYPE_CHECKING:
    from tenfold.compiler.contraction import Contraction

SLICE = 1024  # terms of a sum whose operands stay in the caches
SHORT_SLICE = 512
THIN_SLICE = 48
SHORT_SUM = 256
# Of a B that comes from memory: rows of it that a panel has at a time, twice as many if many rows of A meet it, which make up for the
# fetching of more, four times as many if its columns are contiguous; bytes that are fetched while as many are used; and how many rows
# of A may meet it.
STREAMED_ROWS = 64
STREAMED_BYTES = 1 << 18
FEWEST_STREAMED, MANY_STREAMED, MOST_STREAMED = 12, 40, 128
PACKED_ROWS = 16  # of B, or of A^T, that are copied together


class Plan:
    """How a product is computed: tiles, blocks for the caches, and what is packed."""

    def __init__(self, spec: Contraction, vectors: Vectors):
        self.vectors = vectors
        *batch_rows, row = spec.c_rows or strides_of((*spec.batch, spec.m))
        strides = zip(spec.batch, spec.a_batch_strides, spec.b_batch_strides, batch_rows, strict=True)
        batch = [Axis(*each) for each in strides]
        self.starts = {"a": spec.a_start, "b": spec.b_start, "row": 0}
        # Rows of a batch that shares its B are rows of one product, if they lie in A and C as such.
        rows = Axis(spec.m, a=spec.a_strides[0], row=row)
        while batch and batch[-1].b == 0 and len(both := collapse([batch[-1], rows])) == 1:
            batch.pop()
            rows = both[0]
        self.batch = collapse(batch)
        self.batches = prod(axis.size for axis in self.batch)
        self.rows = rows
        self.k, self.n = spec.k, spec.n
        self.a_stride = spec.a_strides[1]
        self.reduction = (Axis(spec.k, a=spec.a_strides[1], b=spec.b_strides[0]),)
        self.column_stride = spec.b_strides[1]
        if spec.n == 1 and spec.b_strides[0] != 1:
            self.column_stride = 1
        self.c_stride = spec.n if spec.c_stride is None else spec.c_stride
        self.accumulates, self.packs_ahead = spec.accumulates, spec.packs_ahead
        # With a short sum, writing C takes longest: row by row, as it lies in memory, while B stays in the cache.
        self.has_rows_first = self.k <= SHORT_SUM and self.b_bytes <= vectors.isa.l2_bytes // 2
        along_sum = self.a_stride == self.reduction[0].b == 1 and self.k >= vectors.lanes
        self.has_dots = along_sum and (spec.n == 1 or (rows.size <= 8 and self.column_stride != 1))
        self.slices = self.splits = self.column_blocks = self.tile_blocks = self.lines = 1
        # Where terms are rows of A and B: few of both at a time, read as they lie, the next ones fetched meanwhile.
        self.is_thin = False
        self.packs_a, self.packs_b = False, "no"
        shape = self._tile()
        self.packed_columns = shape.full_panels * vectors.fill(shape.panel) + vectors.fill(shape.last_columns)
        if not self.has_dots and self.height * shape.width >= 8:
            # A long sum of a small result is cut along the sum: that reads A and B once.
            is_small = self.rows.size * self.n * self.batches <= 1 << 16
            is_parallel = self.rows.size * self.n * self.k * self.batches >= 2 * TILE_WORK
            if is_small and self.k >= 4 * SHORT_SLICE and self.rows.a == self.column_stride == 1:
                self.is_thin = self.has_rows_first = True
                self.slices = ceil(self.k / THIN_SLICE)
                self.splits = min(2 * (self.k // SLICE), 16)
            elif is_small and self.k >= 4 * SHORT_SLICE:
                self.slices = ceil(self.k / SHORT_SLICE)
                self.splits = min(self.slices, 16)
            elif self.k > 2 * SLICE:
                self.slices = ceil(self.k / SLICE)
            # Each thread reads the rows of B that it wrote, if B was made in order. The parts of the sum are small beside B.
            elif is_small and is_parallel and self.column_stride == 1 and self.k >= max(SHORT_SUM, 8 * self.rows.size):
                self.slices = self.splits = 4
            # Few rows meet a large B as it streams by: whole rows of B, while C stays in the cache.
            few = FEWEST_STREAMED - 1 if self.is_large else 2
            if self.rows.size <= few and self.b_bytes > vectors.isa.l1_bytes and self.n > 400:
                self.slices = ceil(self.k / 16)
        self.slice = ceil(self.k / self.slices)
        self.packs_a = self._packs_a()
        self.packs_b = self._packs_b()
        if self.packs_b == "panel":
            self._cut_for_panels()
        # B lies as its owner has it: a vector of it is in two lines, which counts where they come from the second cache.
        if self.packs_b == "no" and self.b_bytes > vectors.isa.l1_bytes // 2:
            self.lines = 2
            self._tile()
        self._split()

    def _tile(self) -> Blocks:
        """Finds the size of the tiles, and how many there are."""
        shape = self._blocks(packs_b=False)
        self.row_tiles, self.panels, self.panel = shape.tiles, shape.panels, shape.panel
        self.heights = shape.heights
        (_, height), (_, least) = shape.heights
        self.height = height if shape.heights[0][0] else least
        return shape

    def _nest(self, packs_b: bool) -> Nest:
        c_stride = self.n if self.splits > 1 else self.c_stride
        reduction = self.reduction
        if packs_b and self.packs_by_item:
            reduction = (replace(reduction[0], size=self.slice),)
        return Nest(
            (self.rows,), reduction, self.n, c_stride, packs_b, self.packs_a, self.column_stride,
            has_rows_first=self.has_rows_first, accumulates=self.accumulates, lines=self.lines,
            tile_blocks=self.tile_blocks,
        )  # fmt: skip

    def _blocks(self, packs_b: bool, epilogue: Epilogue | None = None, arguments: Sequence[Any] = ()) -> Blocks:
        kind = Dots if self.has_dots else Blocks
        return kind(self.vectors, self._nest(packs_b), epilogue, arguments)

    def _packs_a(self) -> bool:
        """Whether A is copied, the rows of a tile side by side: where its columns lie far apart, or neither lie close."""
        if self.is_thin or self.a_stride == 1 or self.panels < 3 or self.k < 64 or self.height == 1 or self.has_dots:
            return False
        distance = self.a_stride * self.vectors.bytes
        return self.rows.a != 1 or distance >= 2048 or (distance >= 512 and self.k >= 256)

    def _packs_b(self) -> str:
        """ "no", "first" (by a phase), "tile" (by the tile that needs it) or "panel" (by that tile, a panel at a time)."""
        if not self.k or self.has_dots or self.is_thin:
            return "no"
        if self._streams_b():
            return "panel"
        rows = self.rows.size * (self.batches if all(axis.b == 0 for axis in self.batch) else 1)
        distance = self.reduction[0].b * self.vectors.bytes
        is_worth_it = self.k >= 64 and self.panels > 1 and distance >= 1024
        is_worth_it = is_worth_it and rows >= (40 if distance % 4096 == 0 else 80)
        l2, element = self.vectors.isa.l2_bytes, self.vectors.bytes
        is_small = self.b_elements * element <= l2 // 2
        has_own = is_small and self.batches >= 8 and any(axis.b for axis in self.batch)
        # Rows of small Bs that come from memory, with others' rows between them, are fetched faster by a copy.
        is_scattered = (
            has_own and self.batches * self.b_elements * element > l2 // 2 and distance > self.panel * element
        )
        is_worth_it = is_worth_it or (is_scattered and self.k >= 64 <= rows)
        if self.column_stride == 1 and not is_worth_it:
            return "no"
        if has_own:
            return "tile"
        # A large B that meets few rows, which stay in the cache, is copied part by part, where that stays, too.
        is_read_once = self.b_elements * element > l2 and self.rows.size * self.slice * element <= l2 // 4
        can_be_cut = self.slices == 1 or (self.column_stride == 1 and not self.packs_a)
        return "tile" if is_read_once and can_be_cut and not self.packs_ahead else "first"

    def _streams_b(self) -> bool:
        """Whether B comes from memory, by long rows or columns, and meets so few rows of A that it takes as long as they do."""
        along = self.n if self.column_stride == 1 else self.k
        is_long = along * self.vectors.bytes >= 2048 and self.k >= 4 * STREAMED_ROWS
        is_alone = self.batches == 1 and not self.packs_a and not self.packs_ahead
        return self.is_large and is_long and is_alone and FEWEST_STREAMED <= self.rows.size <= MOST_STREAMED

    def _cut_for_panels(self) -> None:
        """Cuts a streamed B into parts of its rows, as long as their sums are small beside B, and these into what a panel packs."""
        times = 4 if self.column_stride != 1 else 2 if self.rows.size >= MANY_STREAMED else 1
        rows = STREAMED_ROWS * times
        self.column_blocks = max(1, self.packed_columns * rows * self.vectors.bytes // STREAMED_BYTES)
        self.splits = max(1, min(8, ceil(16 / self.column_blocks), self.k // (4 * self.rows.size)))
        if self.splits * self.column_blocks < 16:
            self.column_blocks *= 2
        self.column_blocks = min(self.column_blocks, self.panels)
        self.slices = self.splits * ceil(self.k / (self.splits * rows))
        self.slice = ceil(self.k / self.slices)
        while 0 < self.k % self.slice < self.vectors.lanes:
            self.slice += 1
        self.slices = ceil(self.k / self.slice)
        self.splits = min(self.splits, self.slices)

    def _split(self) -> None:
        """Cuts the work into items: a part of the sums, of the batch, a block of rows times a block of columns."""
        wanted = ceil(max(1, min(self.multiply_adds // TILE_WORK, MOST_TILES // 2)) / (self.batches * self.splits))
        fits = self.vectors.isa.l2_bytes // 2 // (max(self.slice, 1) * self.vectors.bytes * self.height)
        self.row_blocks = ceil(self.row_tiles / max(fits, 2))
        # In a loop that keeps B in all cores' caches, who computes rows finds them where it wrote them in the turn before.
        has_row_threads = self.packs_ahead and self.b_bytes <= self.vectors.isa.l2_bytes // 2
        # A tall C that takes long to write is written row by row.
        writes_rows = self.has_rows_first and self.rows.size >= self.n
        if self.packs_by_item:
            self.row_blocks = 1
        if self.packs_b == "tile":
            slots = ceil(self.slice * self.packed_columns * self.vectors.bytes / (self.vectors.isa.l2_bytes // 4))
            self.column_blocks = min(max(wanted, slots), self.panels)
        while not self.packs_by_item and not self.is_thin and self.row_blocks * self.column_blocks < wanted:
            rows_left, columns_left = self.row_tiles / self.row_blocks, self.panels / self.column_blocks
            if max(rows_left, columns_left) < 2:
                break
            if rows_left >= columns_left or (rows_left >= 1.5 and has_row_threads) or (writes_rows and rows_left >= 2):
                self.row_blocks *= 2
            else:
                self.column_blocks = min(2 * self.column_blocks, self.panels)
        # A large B is read once, and A again for each block of columns, if that is less.
        self.has_columns_outside = self.is_large and self.rows.size * self.column_blocks < self.n * self.row_blocks
        self.items = self.splits * self.batches * self.row_blocks * self.column_blocks
        # Few items should be equal.
        even = ceil(self.row_tiles / self.row_blocks) * self.row_blocks
        if self.items <= 8 and self.row_tiles < even <= self.row_tiles * 4 / 3:
            self.tile_blocks = self.row_blocks
            self._tile()
        self.tiles = min(self.items, MOST_TILES)
        # What is contiguous is copied some rows at a time, of B through all panels, of A^T through all tiles; else panel by panel, tile by tile.
        self.b_parts = ceil(self.k / PACKED_ROWS) if self.column_stride == 1 else self.panels
        self.b_items = prod(axis.size for axis in self.batch if axis.b) * self.b_parts
        self.a_parts = ceil(self.k / PACKED_ROWS) if self.rows.a == 1 else self.row_tiles
        self.a_items = prod(axis.size for axis in self.batch if axis.a) * self.a_parts
        self.add_tiles = ceil(self.batches * self.rows.size * self.n / (1 << 13))

    def batch_of_tiles(self, spec: Contraction) -> Contraction | None:
        """The product as that of a batch, of whose items the tiles are equal parts, in order: its own, or blocks of rows."""
        if prod(spec.batch) > 1:
            return spec if self.batches == prod(spec.batch) else None
        rows, rest = divmod(spec.m, self.tiles)
        (uneven, _), _ = self.heights
        if rest or uneven or self.row_tiles % self.tiles or self.items != self.row_blocks or self.tiles != self.items:
            return None
        return replace(
            spec,
            m=rows,
            batch=(self.tiles,),
            a_batch_strides=(rows * spec.a_strides[0],),
            b_batch_strides=(0,),
            c_rows=(rows * self.rows.row, self.rows.row),
        )

    @cached_property
    def b_bytes(self) -> int:
        """One B as it lies in memory, without what may be between its rows."""
        return self.k * self.n * self.vectors.bytes

    @property
    def is_large(self) -> bool:
        """Whether a B does not stay in the cache of a core."""
        return self.b_bytes > self.vectors.isa.l2_bytes

    @property
    def packs_by_item(self) -> bool:
        """Whether who needs a part of B packs it, into a slot."""
        return self.packs_b in ("tile", "panel")

    @cached_property
    def b_elements(self) -> int:
        """One packed B, in elements."""
        return self.k * self.packed_columns

    @property
    def packed_elements(self) -> int:
        """All packed Bs."""
        return self.b_items // self.b_parts * self.b_elements

    @property
    def copied_elements(self) -> int:
        """All copied As."""
        return self.a_items // self.a_parts * self.rows.size * self.k

    @property
    def multiply_adds(self) -> int:
        """How many there are; few rows, which wait for B to be read, count as four."""
        return self.batches * max(self.rows.size, 4) * self.n * max(self.k, 1)

    @property
    def slot_elements(self) -> int:
        """What a tile packs at a time, in elements: a part of the sum of a block of columns."""
        panels = 1 if self.packs_b == "panel" else ceil(self.panels / self.column_blocks)
        columns = min(self.packed_columns, panels * self.panel)
        return ceil(self.slice * columns / 64) * 64

    @cached_property
    def offsets(self) -> tuple[int, int, int, int]:
        """Where in the workspace, in elements, copies of A, sums and what tiles pack begin (packed Bs are first), and its size."""
        b = self.packed_elements if self.packs_b == "first" else 0
        a = self.copied_elements if self.packs_a else 0
        sums = self.splits * self.sum_elements
        slots = self.tiles * self.slot_elements if self.packs_by_item else 0
        places = [0]
        for size in (b, a, sums, slots):
            places.append(places[-1] + ceil(size / 64) * 64)
        return places[1], places[2], places[3], places[4]

    @property
    def reads_ahead(self) -> bool:
        """Whether the next A of a batch is fetched meanwhile: where they are dense and small, but many, and each is read once."""
        is_dense = sorted((self.rows.a, self.a_stride)) in ([1, self.k], [1, self.rows.size])
        nbytes, l2 = self.rows.size * self.k * self.vectors.bytes, self.vectors.isa.l2_bytes
        is_from_memory = all(axis.a for axis in self.batch) and nbytes <= l2 // 8 and self.batches * nbytes > l2
        is_whole = self.row_blocks == self.column_blocks == 1
        return is_dense and is_from_memory and is_whole and self.has_rows_first and not self.packs_a

    @property
    def sum_elements(self) -> int:
        """The sums of one part of the terms, if they are cut."""
        return self.batches * self.rows.size * self.n if self.splits > 1 else 0

    @property
    def workspace_bytes(self) -> int:
        return self.offsets[3] * self.vectors.bytes

    def _place(self, b: Any, index: Any, stride: str) -> tuple[Any, Any]:
        """An item of the batch in A ("a"), B ("b") or the rows of C ("row"): its offset, and its number among those that differ."""
        offset, number = const(self.starts[stride]), const(0)
        inner = 1
        for axis in reversed(self.batch):
            index, place = (None, index) if axis is self.batch[0] else divide(b, index, axis.size)
            if step := getattr(axis, stride):
                offset = b.add(offset, scaled(b, place, step))
                number = b.add(number, scaled(b, place, inner))
                inner *= axis.size
        return offset, number

    def _distinct(self, b: Any, number: Any, stride: str) -> Any:
        """The offset of the copied or packed operand with a number."""
        offset = const(self.starts[stride])
        for axis in reversed([axis for axis in self.batch if getattr(axis, stride)]):
            number, place = divide(b, number, axis.size)
            offset = b.add(offset, scaled(b, place, getattr(axis, stride)))
        return offset

    def emit_pack_b(self, b: Any, pointers: Sequence[Any], begin: Any, end: Any) -> None:
        """Emits the packing of all Bs."""
        v = self.vectors
        blocks = self._blocks(packs_b=True)
        with loop(b, *share(b, begin, end, self.b_items, min(self.b_items, MOST_TILES))) as turn:
            item, part = divide(b, turn.index, self.b_parts)
            source = v.at(b, pointers[1], self._distinct(b, item, "b"))
            target = v.at(b, pointers[3], scaled(b, item, self.b_elements))
            if self.column_stride == 1:
                rows = self._packed_rows(b, part)
                pack_panels(b, blocks, self.reduction, 1, source, target, rows=rows)
            else:
                bounds = (part, b.add(part, const(1)))
                pack_panels(b, blocks, self.reduction, self.column_stride, source, target, bounds)

    def _packed_rows(self, b: Any, part: Any, size: Any = None) -> tuple[Any, Any]:
        """The first of the rows that are copied together, and how many they are, of `size` rows, or of all."""
        first = scaled(b, part, PACKED_ROWS)
        return first, minimum(b, const(PACKED_ROWS), b.sub(const(self.k) if size is None else size, first))

    def emit_pack_a(self, b: Any, pointers: Sequence[Any], begin: Any, end: Any) -> None:
        """Emits the copy of all As, tile by tile."""
        v = self.vectors
        blocks = self._blocks(packs_b=True)
        copies = v.at(b, pointers[3], self.offsets[0])
        with loop(b, *share(b, begin, end, self.a_items, min(self.a_items, MOST_TILES))) as turn:
            item, part = divide(b, turn.index, self.a_parts)
            source = v.at(b, pointers[0], self._distinct(b, item, "a"))
            target = v.at(b, copies, scaled(b, item, self.rows.size * self.k))
            count: Any = self.k
            first, tiles = const(0), (part, b.add(part, const(1)))
            if self.rows.a == 1:
                tiles = (0, self.row_tiles)
                first, count = self._packed_rows(b, part)
            for inner, height in tile_loops(b, blocks, tiles):
                start = blocks.row_of_tile(b, inner.index)
                at = v.at(b, source, b.add(scaled(b, start, self.rows.a), scaled(b, first, self.a_stride)))
                to = v.at(b, target, b.add(scaled(b, start, self.k), scaled(b, first, height)))
                if self.rows.a == 1:
                    copy(b, v, [(count, self.a_stride, height)], height, at, to)
                else:
                    copy(b, v, [(count, self.a_stride, height), (height, self.rows.a, 1)], 1, at, to)

    def emit_run(self, b: Any, pointers: Sequence[Any], begin: Any, end: Any, epilogue: Epilogue | None) -> None:
        """Emits the loop over items."""
        v = self.vectors
        a, b_pointer, c, workspace, *arguments = pointers
        blocks = self._blocks(self.packs_b != "no", epilogue, arguments)
        copies, sums, slots, _ = self.offsets
        slot = v.at(b, workspace, b.add(const(slots), scaled(b, begin, self.slot_elements)))
        with loop(b, *share(b, begin, end, self.items, self.tiles)) as turn:
            if self.packs_b == "panel":  # the next item has the next rows
                column_block, rest = divide(b, turn.index, self.splits)
                row_block = const(0)
            elif self.has_columns_outside:
                block, row_block = divide(b, turn.index, self.row_blocks)
                rest, column_block = divide(b, block, self.column_blocks)
            else:
                block, column_block = divide(b, turn.index, self.column_blocks)
                rest, row_block = divide(b, block, self.row_blocks)
            split, batch = divide(b, rest, self.batches) if self.splits > 1 else (const(0), rest)
            (a_offset, a_number), (b_offset, b_number) = (self._place(b, batch, stride) for stride in "ab")
            row, _ = self._place(b, batch, "row")
            tiles = part_of(b, row_block, self.row_tiles, self.row_blocks) if self.row_blocks > 1 else None
            panels = part_of(b, column_block, self.panels, self.column_blocks) if self.column_blocks > 1 else None
            a_at, b_at = v.at(b, a, a_offset), v.at(b, b_pointer, b_offset)
            if self.packs_a:
                a_at = v.at(b, workspace, b.add(const(copies), scaled(b, a_number, self.rows.size * self.k)))
            if self.packs_b == "first":
                b_at = v.at(b, workspace, scaled(b, b_number, self.b_elements))
            out, slices = c, (0, self.slices)
            if self.splits > 1:
                out = v.at(b, workspace, b.add(const(sums), scaled(b, split, self.sum_elements)))
                slices = part_of(b, split, self.slices, self.splits)
            with loop(b, *slices) as part_turn:
                part = self._part_of_sum(b, part_turn.index, slices)
                a_now, b_now = a_at, b_at
                if part and not self.packs_a:
                    a_now = v.at(b, a_at, scaled(b, part.begin, blocks.nest.reduction[0].a))
                if part and self.packs_b != "first":
                    b_now = v.at(b, b_at, scaled(b, part.begin, self.reduction[0].b))
                if self.packs_b == "tile":
                    first = scaled(b, panels[0], self.panel * self.slice) if panels else const(0)
                    target = v.at(b, slot, b.sub(const(0), first))
                    self._pack_part(b, blocks, b_now, target, panels, part.size if part else const(self.k))
                    b_now, part = target, part and replace(part, begin=const(0))
                if self.packs_b == "panel":
                    self._run_panels(b, blocks, a_now, b_now, out, slot, panels, part, part_turn.index)
                else:
                    ahead = self._ahead(b, a, batch, a_now, b_now)
                    blocks.emit(b, a_now, b_now, out, row, panels=panels, tiles=tiles, part=part, ahead=ahead)

    def _ahead(self, b: Any, a: Any, batch: Any, a_now: Any, b_now: Any) -> list[tuple[Any, int]]:
        """What is read next, and how many elements it has."""
        v = self.vectors
        if self.is_thin:
            terms = ((a_now, self.a_stride, self.rows.size), (b_now, self.reduction[0].b, self.n))
            following = [(at, self.slice * stride) for at, stride, width in terms if 0 < stride <= 2 * width]
            return [(v.at(b, at, elements), elements) for at, elements in following]
        if self.reads_ahead:
            following = self._place(b, b.add(batch, const(1)), "a")[0]
            return [(v.at(b, a, following), self.rows.size * self.k)]
        return []

    def _run_panels(
        self,
        b: Any,
        blocks: Blocks,
        a: Any,
        b_pointer: Any,
        c: Any,
        slot: Any,
        panels: Any,
        part: Slice | None,
        index: Any,
    ) -> None:
        """Emits the loop over panels of a part of the sum: each is packed and used, while the next part's rows are fetched."""
        v, down, right = self.vectors, self.reduction[0].b, self.column_stride
        begin, end = panels or (const(0), const(self.panels))
        size = part.size if part else const(self.k)
        # Behind the last rows come the first rows of the next columns.
        at_end = b.icmp_signed("==", index, const(self.slices - 1))
        top = b.sub(scaled(b, end, self.panel * right), scaled(b, index, self.slice * down))
        below = b.add(scaled(b, begin, self.panel * right), const(self.slice * down))
        following = v.at(b, b_pointer, b.select(at_end, top, below))
        with loop(b, begin, end) as turn:
            one, number = (turn.index, b.add(turn.index, const(1))), b.sub(turn.index, begin)
            packed = v.at(b, slot, b.sub(const(0), scaled(b, turn.index, self.panel * self.slice)))
            pack_panels(b, blocks, self.reduction, right, b_pointer, packed, one, (const(0), size))
            if right == 1:
                most = ceil(self.panels / self.column_blocks)
                first_tile = scaled(b, number, self.row_tiles)
                fetch = Fetch(following, self.slice, most * self.panel, down, most * self.row_tiles, first_tile)
            else:
                columns = v.at(b, following, scaled(b, number, self.panel * right))
                fetch = Fetch(columns, self.panel, self.slice, right, self.row_tiles, const(0))
            now = part and replace(part, begin=const(0))
            blocks.emit(b, a, packed, c, const(0), panels=one, part=now, fetch=fetch)

    def _pack_part(self, b: Any, blocks: Blocks, source: Any, target: Any, panels: Any, size: Any) -> None:
        """Emits the packing of some panels of a part of the sum."""
        if self.column_stride != 1:
            pack_panels(b, blocks, self.reduction, self.column_stride, source, target, panels)
            return
        with loop(b, 0, b.udiv(b.add(size, const(PACKED_ROWS - 1)), const(PACKED_ROWS))) as turn:
            rows = self._packed_rows(b, turn.index, size)
            pack_panels(b, blocks, self.reduction, 1, source, target, panels, rows)

    def _part_of_sum(self, b: Any, index: Any, slices: tuple[Any, Any]) -> Slice | None:
        if self.slices == 1:
            return None
        begin = scaled(b, index, self.slice)
        first = const(slices[0]) if isinstance(slices[0], int) else slices[0]
        adds = self.accumulates and self.splits == 1
        is_first = Value(I1, "false") if adds else b.icmp_signed("==", index, first)
        size = minimum(b, const(self.slice), b.sub(const(self.k), begin))
        return Slice(begin, size, is_first, b.icmp_signed("==", index, const(self.slices - 1)))

    def emit_add(self, b: Any, pointers: Sequence[Any], begin: Any, end: Any, epilogue: Epilogue | None) -> None:
        """Emits the loop that adds up the parts of the sums."""
        rows = share(b, begin, end, self.batches * self.rows.size, self.add_tiles)
        sums = self.vectors.at(b, pointers[3], self.offsets[1])
        nest = replace(self._blocks(False).nest, c_stride=self.c_stride)
        add_parts(b, self.vectors, nest, self.splits, self.sum_elements, sums, rows, pointers, epilogue)
