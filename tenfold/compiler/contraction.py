"""Matrix products as machine code: `C[batch, m, n] = A[batch, m, k] @ B[batch, k, n]`, any strides of A and B.

    spec = Contraction.matmul((50, 784), (784, 100))
    kernel = emit(module, spec, "dense", epilogue=add_bias_and_relu, arguments=1)
    for phase in kernel.phases:            # one after the other
        parallel_for(phase.function, arguments, phase.tiles, 1)

Each phase is `void function(ptr arguments, i64 begin_tile, i64 end_tile)`. `arguments` points to pointers: A, B, C, a workspace of
`kernel.workspace_bytes` (which may be null if that is 0; nothing is kept in it between calls), then those for the epilogue. Tiles may be
run in any order, in any groups and on any threads; results are the same, bit for bit. C must overlap neither A nor B; its rows are
contiguous. A call with `kernel.phases == ()` has nothing to compute.

An epilogue is a Python function that emits code: it gets a `blocks.Finished`, a vector of C with its place, and returns the
vector to store, or None if it stored it elsewhere itself.

Where it pays, B is packed first: by a phase of its own, which the caller may leave out (`kernel.phases[1:]`) as long as
B and the workspace stay as they were, as in a recurrent network's loop; or, if every item of a batch has a B of its own, by the tile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from math import ceil, prod
from typing import Any

import llvmlite.ir as ir

from tenfold.compiler.blocks import Axis, Blocks, Epilogue, Finished, Nest, Slice, collapse, tile_loops
from tenfold.compiler.dots import Dots
from tenfold.compiler.isa import Isa, host_isa
from tenfold.compiler.packing import copy, pack_panels
from tenfold.compiler.vectors import I1, I64, POINTER, Vectors, const, loop, minimum, scaled, when

TILE_WORK = 1 << 18  # multiply-adds that are worth a tile of their own, some microseconds
MOST_TILES = 64
SLICE = 1024  # terms of a sum whose operands stay in the caches
SHORT_SLICE = 512


@dataclass(frozen=True)
class Contraction:
    """What is to be computed. Strides are in elements; a stride of 0 repeats.

    Args:
      m: rows of A and C.
      n: columns of B and C.
      k: columns of A, rows of B.
      a_strides: of A's rows and columns.
      b_strides: of B's rows and columns.
      batch: sizes of leading axes.
      a_batch_strides: A's strides along them.
      b_batch_strides: B's strides along them.
      dtype: float32, float64 or an integer dtype.
      c_stride: distance of C's rows, which follow each other along m and the batch; n if None.
      accumulates: adds to what C holds.
    """

    m: int
    n: int
    k: int
    a_strides: tuple[int, int]
    b_strides: tuple[int, int]
    batch: tuple[int, ...] = ()
    a_batch_strides: tuple[int, ...] = ()
    b_batch_strides: tuple[int, ...] = ()
    dtype: str = "float32"
    c_stride: int | None = None
    accumulates: bool = False

    @classmethod
    def matmul(
        cls,
        a_shape: Sequence[int],
        b_shape: Sequence[int],
        transpose_a: bool = False,
        transpose_b: bool = False,
        dtype: str = "float32",
        accumulates: bool = False,
    ) -> Contraction:
        """The product of two contiguous arrays whose leading axes are broadcast.

        Example:
          >>> Contraction.matmul((3, 1, 4, 5), (2, 6, 5), transpose_b=True).batch
          (3, 2)
        """
        a_lines, b_lines = tuple(a_shape[-2:]), tuple(b_shape[-2:])
        m, k = a_lines[::-1] if transpose_a else a_lines
        other_k, n = b_lines[::-1] if transpose_b else b_lines
        if k != other_k:
            raise ValueError(f"Contraction.matmul: inner sizes differ: {k} and {other_k}, of {a_shape} and {b_shape}.")
        rank = max(len(a_shape), len(b_shape)) - 2
        a_outer, b_outer = ((1,) * (rank + 2 - len(s)) + tuple(s[:-2]) for s in (a_shape, b_shape))
        batch = tuple(y if x == 1 else x for x, y in zip(a_outer, b_outer, strict=True))
        if any(size not in (1, total) for s in (a_outer, b_outer) for size, total in zip(s, batch, strict=True)):
            raise ValueError(f"Contraction.matmul: leading axes of {a_shape} and {b_shape} cannot be broadcast.")
        return cls(
            m, n, k,
            a_strides=(1, a_lines[1]) if transpose_a else (a_lines[1], 1),
            b_strides=(1, b_lines[1]) if transpose_b else (b_lines[1], 1),
            batch=batch,
            a_batch_strides=_outer_strides(a_outer, prod(a_lines)),
            b_batch_strides=_outer_strides(b_outer, prod(b_lines)),
            dtype=dtype,
            accumulates=accumulates,
        )  # fmt: skip


def _outer_strides(sizes: Sequence[int], inner: int) -> tuple[int, ...]:
    strides = [inner * prod(sizes[at + 1 :]) for at in range(len(sizes))]
    return tuple(0 if size == 1 else stride for size, stride in zip(sizes, strides, strict=True))


@dataclass(frozen=True)
class Phase:
    """One parallel loop: a function of pointers and a range of tiles, and the number of tiles."""

    function: ir.Function
    tiles: int


@dataclass(frozen=True)
class Kernel:
    """The phases of a computation, and the workspace that they need, aligned to 64 bytes."""

    phases: tuple[Phase, ...]
    workspace_bytes: int = 0


def emit(
    module: ir.Module,
    spec: Contraction,
    name: str,
    epilogue: Epilogue | None = None,
    arguments: int = 0,
    isa: Isa | None = None,
) -> Kernel:
    """Adds the functions of a matrix product to a module.

    Args:
      module: where to.
      spec: the product.
      name: of the functions: `name`, `name.pack` if B is packed first, `name.add` if parts of a long sum are added last.
      epilogue: what is done with the finished vectors.
      arguments: how many pointers the epilogue is called with.
      isa: the processor; the one at hand if None.
    Raises:
      TypeError: there is no kernel for the dtype.
    """
    vectors = Vectors(isa or host_isa(), spec.dtype)
    if not spec.m * spec.n * prod(spec.batch):
        return Kernel(())
    plan = Plan(spec, vectors)
    phases = []
    if plan.packs_b == "first":
        phases.append(Phase(tile_function(module, f"{name}.pack", plan.emit_pack), plan.pack_tiles))
    in_run = None if plan.splits > 1 else epilogue
    run = tile_function(module, name, partial(plan.emit_run, epilogue=in_run), 4 + arguments)
    phases.append(Phase(run, plan.tiles))
    if plan.splits > 1:
        add = tile_function(module, f"{name}.add", partial(plan.emit_add, epilogue=epilogue), 4 + arguments)
        phases.append(Phase(add, plan.add_tiles))
    return Kernel(tuple(phases), plan.workspace_bytes)


def tile_function(module: ir.Module, name: str, body: Callable[..., None], pointers: int = 4) -> ir.Function:
    """A function of tiles; `body(builder, pointers, begin, end)` emits what it does."""
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [POINTER, I64, I64]), name)
    b = ir.IRBuilder(function.append_basic_block("entry"))
    table, begin, end = function.args
    body(b, [b.load(b.gep(table, [const(i)], source_etype=POINTER), typ=POINTER) for i in range(pointers)], begin, end)
    b.ret_void()
    return function


class Plan:
    """How a product is computed: tiles, blocks for the caches, and what is packed."""

    def __init__(self, spec: Contraction, vectors: Vectors):
        self.vectors = vectors
        batch = [
            Axis(size, a, b, prod(spec.batch[at + 1 :]) * spec.m)
            for at, (size, a, b) in enumerate(zip(spec.batch, spec.a_batch_strides, spec.b_batch_strides, strict=True))
        ]
        # Rows of a batch that shares its B are rows of one product, if they lie in A as such.
        rows = Axis(spec.m, a=spec.a_strides[0], row=1)
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
        self.accumulates = spec.accumulates
        along_sum = self.a_stride == self.reduction[0].b == 1 and self.k >= vectors.lanes
        self.has_dots = along_sum and (spec.n == 1 or (rows.size <= 8 and self.column_stride != 1))
        shape = self._blocks(packs_b=False)
        self.row_tiles, self.panels = shape.tiles, shape.panels
        (_, height), (_, least) = shape.heights
        self.height = height if shape.heights[0][0] else least
        self.packed_columns = shape.full_panels * vectors.fill(shape.panel) + vectors.fill(shape.last_columns)
        self.slices = 1
        self.splits = 1
        if not self.has_dots and self.height * shape.width >= 8:
            # A long sum of a small result is cut along the sum: that reads A and B once.
            is_small = self.rows.size * self.n * self.batches <= 1 << 16
            if is_small and self.k >= 4 * SHORT_SLICE:
                self.slices = ceil(self.k / SHORT_SLICE)
                self.splits = min(self.slices, 16)
            elif self.k > 2 * SLICE:
                self.slices = ceil(self.k / SLICE)
        self.slice = ceil(self.k / self.slices)
        self.packs_a = self._packs_a()
        self.packs_b = self._packs_b()
        self._split()

    def _nest(self, packs_b: bool) -> Nest:
        rows, reduction, packs_a = self.rows, self.reduction[0], getattr(self, "packs_a", "no")
        if packs_a == "rows":
            rows = Axis(rows.size, a=self.a_row_stride, row=rows.row)
            reduction = Axis(reduction.size, a=1, b=reduction.b)
        c_stride = self.n if getattr(self, "splits", 1) > 1 else self.c_stride
        return Nest(
            (rows,), (reduction,), self.n, c_stride, packs_b, packs_a == "tiles", self.column_stride,
            accumulates=self.accumulates,
        )  # fmt: skip

    def _blocks(self, packs_b: bool, epilogue: Epilogue | None = None, arguments: Sequence[Any] = ()) -> Blocks:
        kind = Dots if self.has_dots else Blocks
        return kind(self.vectors, self._nest(packs_b), epilogue, arguments)

    def _packs_a(self) -> str:
        """ "no", or what is copied: "rows", or "tiles" with their rows side by side."""
        if self.panels < 3 or self.k < 64 or self.height == 1 or self.has_dots:
            return "no"
        distance = (self.rows.a if self.a_stride == 1 else self.a_stride) * self.vectors.bytes
        if self.a_stride == 1:
            return "rows" if distance % 2048 == 0 and distance and self.height > 4 else "no"
        is_sparse = distance >= 2048 or (distance >= 512 and self.k >= 256)
        return "tiles" if self.rows.a != 1 or is_sparse else "no"

    def _packs_b(self) -> str:
        """ "no", "first" (a phase) or "tile"."""
        if not self.k or self.has_dots:
            return "no"
        repeats = self.row_tiles * (self.batches if all(axis.b == 0 for axis in self.batch) else 1)
        wanted = self.column_stride != 1
        if not wanted and self.k >= 64 and repeats >= 4 and self.panels > 1:
            distance = self.reduction[0].b * self.vectors.bytes
            wanted = distance % 1024 == 0 or (distance >= 1024 and repeats >= 8)
        if not wanted:
            return "no"
        small = self.b_elements * self.vectors.bytes <= self.vectors.isa.l2_bytes // 2
        return "tile" if small and self.batches >= 8 and any(axis.b for axis in self.batch) else "first"

    @cached_property
    def a_row_stride(self) -> int:
        """The distance of copied rows, no power of two."""
        pad = self.vectors.lanes
        return ceil(self.slice / pad) * pad + pad

    def _split(self) -> None:
        """Cuts the work into items: a batch's block of rows times a block of columns."""
        work = self.rows.size * self.n * max(self.k, 1) * self.batches
        wanted = ceil(max(1, min(work // TILE_WORK, MOST_TILES // 2)) / (self.batches * self.splits))
        fits = self.vectors.isa.l2_bytes // 2 // (max(self.slice, 1) * self.vectors.bytes * self.height)
        self.row_blocks = ceil(self.row_tiles / max(fits, 2))
        self.column_blocks = 1
        if self.packs_b == "tile":
            self.row_blocks, wanted = 1, 1
        while self.row_blocks * self.column_blocks < wanted:
            rows_left, columns_left = self.row_tiles / self.row_blocks, self.panels / self.column_blocks
            if max(rows_left, columns_left) < 2:
                break
            if rows_left >= columns_left:
                self.row_blocks = min(2 * self.row_blocks, self.row_tiles)
            else:
                self.column_blocks = min(2 * self.column_blocks, self.panels)
        self.items = self.splits * self.batches * self.row_blocks * self.column_blocks
        self.tiles = min(self.items, MOST_TILES)
        self.pack_items = prod(axis.size for axis in self.batch if axis.b) * self.panels
        self.pack_tiles = min(self.pack_items, MOST_TILES)
        self.add_tiles = ceil(self.batches * self.rows.size * self.n / (1 << 13))

    @cached_property
    def b_elements(self) -> int:
        """One packed B, in elements."""
        return self.k * self.packed_columns

    @cached_property
    def slot_elements(self) -> int:
        """The workspace of a tile, in elements: B if it packs it, and a block of A."""
        size = self.b_elements if self.packs_b == "tile" else 0
        if self.packs_a != "no":
            rows = ceil(self.row_tiles / self.row_blocks) * self.height
            size += rows * (self.a_row_stride if self.packs_a == "rows" else self.slice)
        return ceil(size / 64) * 64

    @property
    def packed_elements(self) -> int:
        """What the packing phase writes, in elements."""
        size = prod(axis.size for axis in self.batch if axis.b) * self.b_elements
        return ceil(size / 64) * 64 if self.packs_b == "first" else 0

    @property
    def sum_elements(self) -> int:
        """The sums of one part of the terms, if they are cut."""
        return self.batches * self.rows.size * self.n if self.splits > 1 else 0

    @property
    def workspace_bytes(self) -> int:
        own = self.packed_elements + self.splits * self.sum_elements + self.tiles * self.slot_elements
        return own * self.vectors.bytes

    def _packed_batch(self, b: Any, index: Any) -> Any:
        """Which of the packed Bs belongs to an item of the batch; axes along which B repeats have none."""
        number, inner = const(0), 1
        for axis in reversed(self.batch):
            place, index = b.urem(index, const(axis.size)), b.udiv(index, const(axis.size))
            if axis.b:
                number = b.add(number, scaled(b, place, inner))
                inner *= axis.size
        return number

    def _batch_place(self, b: Any, index: Any) -> tuple[Any, Any, Any]:
        """Offsets into A and B, and the first row of C, of an item of the batch."""
        a = b_offset = row = const(0)
        for axis in reversed(self.batch):
            place, index = (index, None) if axis is self.batch[0] else (
                b.urem(index, const(axis.size)),
                b.udiv(index, const(axis.size)),
            )  # fmt: skip
            a = b.add(a, scaled(b, place, axis.a))
            b_offset = b.add(b_offset, scaled(b, place, axis.b))
            row = b.add(row, scaled(b, place, axis.row))
        return a, b_offset, row

    def emit_pack(self, b: Any, pointers: Sequence[Any], begin: Any, end: Any) -> None:
        """Emits the packing of all Bs."""
        v = self.vectors
        blocks = self._blocks(packs_b=True)
        repeated = [axis for axis in self.batch if axis.b]
        with loop(b, *share(b, begin, end, self.pack_items, self.pack_tiles)) as turn:
            item, panel = b.udiv(turn.index, const(self.panels)), b.urem(turn.index, const(self.panels))
            source, rest = pointers[1], item
            for axis in reversed(repeated):
                place, rest = b.urem(rest, const(axis.size)), b.udiv(rest, const(axis.size))
                source = v.at(b, source, scaled(b, place, axis.b))
            target = v.at(b, pointers[3], scaled(b, item, self.b_elements))
            bounds = (panel, b.add(panel, const(1)))
            pack_panels(b, blocks, self.reduction, self.column_stride, source, target, bounds)

    def emit_run(self, b: Any, pointers: Sequence[Any], begin: Any, end: Any, epilogue: Epilogue | None) -> None:
        """Emits the loop over items."""
        v = self.vectors
        a, b_pointer, c, workspace, *arguments = pointers
        blocks = self._blocks(self.packs_b != "no", epilogue, arguments)
        own = self.packed_elements + self.splits * self.sum_elements
        slot = v.at(b, workspace, b.add(const(own), scaled(b, begin, self.slot_elements)))
        a_slot = v.at(b, slot, self.b_elements) if self.packs_b == "tile" else slot
        keeps_a = self.packs_a != "no" and self.slices == 1
        with loop(b, *share(b, begin, end, self.items, self.tiles), [const(-1)] if keeps_a else []) as turn:
            block, column_block = divide(b, turn.index, self.column_blocks)
            rest, row_block = divide(b, block, self.row_blocks)
            split, batch = divide(b, rest, self.batches) if self.splits > 1 else (const(0), rest)
            if self.splits > 1:
                place = b.add(const(self.packed_elements), scaled(b, split, self.sum_elements))
                c = v.at(b, workspace, place)
            a_offset, b_offset, row = self._batch_place(b, batch)
            tiles = part_of(b, row_block, self.row_tiles, self.row_blocks) if self.row_blocks > 1 else None
            panels = part_of(b, column_block, self.panels, self.column_blocks) if self.column_blocks > 1 else None
            a_at, b_at = v.at(b, a, a_offset), v.at(b, b_pointer, b_offset)
            if self.packs_b == "first":
                b_at = v.at(b, workspace, scaled(b, self._packed_batch(b, batch), self.b_elements))
            if self.packs_b == "tile":
                pack_panels(b, blocks, self.reduction, self.column_stride, b_at, slot)
                b_at = slot
            slices = part_of(b, split, self.slices, self.splits) if self.splits > 1 else (0, self.slices)
            with loop(b, *slices) as part_turn:
                part = self._part_of_sum(b, part_turn.index, slices)
                a_now, b_now = a_at, b_at
                if part:
                    a_now = v.at(b, a_at, scaled(b, part.begin, self.a_stride))
                    if self.packs_b == "no":
                        b_now = v.at(b, b_at, scaled(b, part.begin, self.reduction[0].b))
                if self.packs_a != "no":
                    is_new = b.icmp_signed("!=", block, turn.values[0]) if keeps_a else ir.Constant(I1, 1)
                    with when(b, is_new):
                        self._copy_a(b, a_now, a_slot, blocks, tiles, part)
                    a_now = self._copied_a(b, a_slot, blocks, tiles, part)
                blocks.emit(b, a_now, b_now, c, row, panels=panels, tiles=tiles, part=part)
            if keeps_a:
                turn.next = [block]

    def emit_add(self, b: Any, pointers: Sequence[Any], begin: Any, end: Any, epilogue: Epilogue | None) -> None:
        """Emits the loop that adds up the parts of the sums."""
        rows = share(b, begin, end, self.batches * self.rows.size, self.add_tiles)
        sums = self.vectors.at(b, pointers[3], self.packed_elements)
        nest = self._blocks(False).nest
        add_parts(
            b,
            self.vectors,
            replace(nest, c_stride=self.c_stride),
            self.splits,
            self.sum_elements,
            sums,
            rows,
            pointers,
            epilogue,
        )

    def _part_of_sum(self, b: Any, index: Any, slices: tuple[Any, Any]) -> Slice | None:
        if self.slices == 1:
            return None
        begin = scaled(b, index, self.slice)
        first = const(slices[0]) if isinstance(slices[0], int) else slices[0]
        adds = self.accumulates and self.splits == 1
        is_first = ir.Constant(I1, 0) if adds else b.icmp_signed("==", index, first)
        size = minimum(b, const(self.slice), b.sub(const(self.k), begin))
        return Slice(begin, size, is_first, b.icmp_signed("==", index, const(self.slices - 1)))

    def _copy_a(
        self, b: Any, a: Any, target: Any, blocks: Blocks, tiles: tuple[Any, Any] | None, part: Slice | None
    ) -> None:
        """Copies the rows of a range of tiles, as many columns as the part of the sum has."""
        v = self.vectors
        depth = part.size if part else const(self.k)
        tiles = tiles or (0, self.row_tiles)
        origin = blocks.row_of_tile(b, tiles[0])
        if self.packs_a == "rows":
            end = blocks.row_of_tile(b, tiles[1])
            rows = b.sub(end, origin)
            source = v.at(b, a, scaled(b, origin, self.rows.a))
            copy(b, v, [(rows, self.rows.a, self.a_row_stride)], depth, source, target)
            return
        for turn, height in tile_loops(b, blocks, tiles):
            start = blocks.row_of_tile(b, turn.index)
            source = v.at(b, a, scaled(b, start, self.rows.a))
            to = v.at(b, target, b.mul(b.sub(start, origin), depth))
            if self.rows.a == 1:
                copy(b, v, [(depth, self.a_stride, height)], height, source, to)
            else:
                copy(b, v, [(depth, self.a_stride, height), (height, self.rows.a, 1)], 1, source, to)

    def _copied_a(self, b: Any, slot: Any, blocks: Blocks, tiles: tuple[Any, Any] | None, part: Slice | None) -> Any:
        """Where row 0 of A would be if all rows had been copied."""
        if tiles is None:
            return slot
        origin = blocks.row_of_tile(b, tiles[0])
        if self.packs_a == "rows":
            before = scaled(b, origin, self.a_row_stride)
        else:
            before = b.mul(origin, part.size if part else const(self.k))
        return self.vectors.at(b, slot, b.sub(const(0), before))


def add_parts(
    b: Any,
    v: Vectors,
    nest: Nest,
    parts: int,
    part_elements: int,
    sums: Any,
    rows: tuple[Any, Any],
    pointers: Sequence[Any],
    epilogue: Epilogue | None,
) -> None:
    """Emits the loop that adds up sums which were cut into parts.

    Args:
      b: where to emit.
      v: the element type.
      nest: says how C lies, and whether it is added to.
      parts: how many there are.
      part_elements: the distance of the parts, whose rows are contiguous.
      sums: the first part.
      rows: the bounds of the rows to do.
      pointers: the kernel's: A, B, C, workspace, and those for the epilogue.
      epilogue: what is done with the sums.
    """
    _, _, c, _, *arguments = pointers

    def add(row: Any, column: Any, count: int) -> None:
        at = b.add(scaled(b, row, nest.columns), column)
        value = v.load(b, v.at(b, sums, at), count)
        for part in range(1, parts):
            more = v.at(b, sums, b.add(at, const(part * part_elements)))
            value = v.add(b, value, v.load(b, more, count))
        out = v.at(b, c, b.add(scaled(b, row, nest.c_stride), column))
        if nest.accumulates:
            value = v.add(b, value, v.load(b, out, count))
        if epilogue:
            value = epilogue(Finished(b, v, value, row, column, count, arguments))
        if value is not None:
            v.store(b, value, out, count)

    whole, rest = divmod(nest.columns, v.lanes)
    with loop(b, *rows) as turn:
        if whole:
            with loop(b, 0, whole) as place:
                add(turn.index, scaled(b, place.index, v.lanes), v.lanes)
        if rest:
            add(turn.index, const(whole * v.lanes), rest)


def divide(b: Any, value: Any, size: int) -> tuple[Any, Any]:
    """Quotient and remainder."""
    return (value, const(0)) if size == 1 else (b.udiv(value, const(size)), b.urem(value, const(size)))


def part_of(b: Any, index: Any, size: int, parts: int) -> tuple[Any, Any]:
    """The bounds of one of nearly equal parts."""
    if parts == size:
        return index, b.add(index, const(1))
    low, high = scaled(b, index, size), scaled(b, b.add(index, const(1)), size)
    return b.udiv(low, const(parts)), b.udiv(high, const(parts))


def share(b: Any, begin: Any, end: Any, items: int, tiles: int) -> tuple[Any, Any]:
    """The items of a range of tiles."""
    if items == tiles:
        return begin, end
    return tuple(b.udiv(scaled(b, bound, items), const(tiles)) for bound in (begin, end))  # type: ignore[return-value]
