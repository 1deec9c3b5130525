"""The gradient of a convolution to its filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from math import ceil, prod
from typing import TYPE_CHECKING, Any

from tenfold.compiler.blocks import Blocks
from tenfold.compiler.functions import Module, const
from tenfold.compiler.isa import Isa, host_isa
from tenfold.compiler.phases import (
    MOST_TILES,
    TILE_WORK,
    Kernel,
    Phase,
    add_parts,
    divide,
    part_of,
    share,
    tile_function,
)
from tenfold.compiler.tiling import Axis, Epilogue, Nest, Slice, collapse, flat
from tenfold.compiler.vectors import Vectors, loop, scaled
from tenfold.compiler.windows import Channels, Images, dense_strides

if TYPE_CHECKING:
    from tenfold.compiler.conv import Convolution


MOST_SUMS = 1 << 21  # elements of the gradient in all parts
MOST_PLACES = 80  # elements of a filter for which tiles of any of them are written


def nest_axes(spec: Convolution, images: Images) -> tuple[list[Axis], list[Axis]]:
    """The rows of the gradient, the elements of a filter, and the terms of its sums for one image, its outputs."""
    windows, each_in = spec.windows, spec.channels // spec.groups
    result = dense_strides([w.taps for w in windows], each_in)
    outputs = dense_strides([w.outputs for w in windows], spec.filters)
    strides = images.strides
    rows = [Axis(w.taps, a=w.spread * s, row=r) for w, s, r in zip(windows, strides, result, strict=True)]
    terms = [Axis(w.outputs, a=w.step * s, b=d) for w, s, d in zip(windows, strides, outputs, strict=True)]
    return list(collapse([*rows, Axis(each_in, a=1, row=1)])), terms


class FilterGradient:
    """Sums over all images and outputs: cut into parts, each with a filter of its own, which are added at last.

    Filters would be the columns; few of them would fill vectors badly. Then it is turned: for each tap, filters are rows, channels are columns,
    and so are they in the parts, until these are added.
    """

    def __init__(self, spec: Convolution, isa: Isa | None):
        self.spec, self.windows = spec, spec.windows
        self.vectors = v = Vectors(isa or host_isa(), spec.dtype)
        each_in, each_out = spec.channels // spec.groups, spec.filters // spec.groups
        self.groups = 1 if spec.is_depthwise else spec.groups
        self.each_in, self.columns = each_in, spec.filters if spec.is_depthwise else each_out
        repeats = each_out if spec.is_depthwise else 1
        self.images = Images(self.windows, Channels(spec.channels, repeats=repeats), v)
        rows, axes = nest_axes(spec, self.images)
        self.dy_strides = [axis.b for axis in axes]
        self.rows = prod(axis.size for axis in rows)
        if len(rows) > 1 and self.rows <= MOST_PLACES and not spec.is_depthwise:
            rows = [flat(rows)]
        self.elements = self.rows * spec.filters
        work = prod(spec.outputs) * self.rows * self.columns * self.groups
        self.multiply_adds = spec.batch * work
        wanted = max(1, min(self.multiply_adds // TILE_WORK, MOST_TILES // 2))
        # A term is some images, or a block of an image's rows.
        self.dy_image = self.dy_strides[0] * self.windows[0].outputs
        self.image_stride = self.images.copy_elements(1) if self.images.is_copied else self.images.image
        # Of it, the cache must hold what is read of the images, and of dy the columns of one block.
        most_parts = max(1, min(wanted, 16, MOST_SUMS // max(self.elements, 1)))
        panels = Blocks(v, Nest(tuple(rows), tuple(axes), self.columns, spec.filters)).panels
        column_blocks = max(1, min(panels, ceil(wanted / most_parts))) if self.groups == 1 else 1
        read = self.image_stride if self.images.is_copied else min(self.image_stride, prod(spec.outputs) * self.rows)
        fits = v.isa.l2_bytes // 2 // max((read + self.dy_image // column_blocks) * v.bytes, 1)
        at_once = min(fits, spec.batch if self.elements > 1 << 18 else spec.batch // 16)
        self.has_whole_images = at_once > 1
        self.blocks = 1 if self.has_whole_images else self.images.blocks(self.dy_strides[0] // column_blocks * v.bytes)
        self.terms = ceil(spec.batch / at_once) if self.has_whole_images else spec.batch * self.blocks
        if not work:
            self.terms = 0
        reduction = (axes[0], *collapse(axes[1:]))
        if self.has_whole_images:
            self.images_at_once = ceil(spec.batch / max(self.terms, 1))
            reduction = (Axis(self.images_at_once, a=self.image_stride, b=self.dy_image), *collapse(axes))
        self.nest = Nest(tuple(rows), reduction, self.columns, spec.filters, a_has_columns=spec.is_depthwise)
        self.is_turned = self.groups == 1 and not spec.is_depthwise and 4 * spec.filters <= v.lanes <= 2 * each_in
        if self.is_turned:
            turned = tuple(replace(axis, a=axis.b, b=axis.a) for axis in reduction)
            self.nest = Nest((Axis(spec.filters, a=1, row=1),), turned, each_in, each_in)
        self.panels = Blocks(v, self.nest).panels
        self.parts = max(1, min(most_parts, self.terms))
        # Few parts should be equal: one of two terms would be waited for.
        if self.parts < self.terms < 2 * self.parts and self.terms * self.elements <= MOST_SUMS:
            self.parts = self.terms
        self.has_parts = self.parts > 1 or (self.is_turned and self.terms > 0)
        self.column_blocks = min(self.panels, ceil(wanted / self.parts)) if self.groups == 1 else 1
        self.items = self.parts * self.column_blocks
        copied = self.images.copy_elements(self.blocks)
        self.slot_elements = copied * self.images_at_once if self.has_whole_images else copied
        self.add_tiles = min(self.rows, ceil(self.elements / (1 << 13)))

    def emit(self, module: Module, name: str, epilogue: Epilogue | None, arguments: int) -> Kernel:
        """Adds the functions to a module."""
        last = None if self.has_parts else epilogue
        run = tile_function(module, name, partial(self._emit_run, epilogue=last), 4 + arguments)
        phases = [Phase(run, self.items, self.multiply_adds // 2)]
        size = self.items * self.slot_elements
        if self.has_parts:
            add = tile_function(module, f"{name}.add", partial(self._emit_add, epilogue=epilogue), 4 + arguments)
            phases.append(Phase(add, self.add_tiles, (self.parts + 1) * self.elements))
            size += self.parts * self.elements
        return Kernel(tuple(phases), size * self.vectors.bytes)

    def _emit_run(self, b: Any, pointers: Sequence[Any], begin: Any, end: Any, epilogue: Epilogue | None) -> None:
        v = self.vectors
        images, dy, c, workspace, *arguments = pointers
        blocks = Blocks(v, self.nest, epilogue, arguments)
        room = self.parts * self.elements if self.has_parts else 0
        slot = v.at(b, workspace, b.add(const(room), scaled(b, begin, self.slot_elements)))
        if not self.terms:
            self._emit_nothing(b, c, epilogue, arguments)
            return
        with loop(b, begin, end) as turn:
            part, column_block = divide(b, turn.index, self.column_blocks)
            out = v.at(b, workspace, scaled(b, part, self.elements)) if self.has_parts else c
            panels = part_of(b, column_block, self.panels, self.column_blocks) if self.column_blocks > 1 else None
            first_term, last_term = part_of(b, part, self.terms, self.parts)
            with loop(b, first_term, last_term) as term:
                a, dy_at, first, count = self._operands(b, images, dy, slot, term.index)
                is_last = b.icmp_signed("==", b.add(term.index, const(1)), last_term)
                piece = Slice(first, count, b.icmp_signed("==", term.index, first_term), is_last)
                emit_term = self._emit_taps if self.is_turned else self._emit_groups
                emit_term(b, blocks, dy_at, a, out, panels, piece)

    def _emit_groups(self, b: Any, blocks: Blocks, dy: Any, x: Any, out: Any, panels: Any, piece: Slice) -> None:
        """Emits the loop over groups."""
        with loop(b, 0, self.groups) as turn:
            x_at = self.vectors.at(b, x, scaled(b, turn.index, self.each_in))
            column = scaled(b, turn.index, self.columns)
            dy_at = self.vectors.at(b, dy, column)
            blocks.emit(b, x_at, dy_at, out, const(0), column, panels=panels, part=piece)

    def _emit_taps(self, b: Any, blocks: Blocks, dy: Any, x: Any, out: Any, panels: Any, piece: Slice) -> None:
        """Emits the loops over taps, all at other places of x."""
        taps = [w.taps for w in self.windows]
        with loop(b, 0, prod(taps)) as turn:
            rest, at = turn.index, x
            for window, stride in reversed(list(zip(self.windows, self.images.strides, strict=True))):
                rest, tap = divide(b, rest, window.taps)
                at = self.vectors.at(b, at, scaled(b, tap, window.spread * stride))
            blocks.emit(b, dy, at, out, scaled(b, turn.index, self.spec.filters), panels=panels, part=piece)

    def _operands(self, b: Any, images: Any, dy: Any, slot: Any, term: Any) -> tuple[Any, Any, Any, Any]:
        """Where a term's images and gradients are, and its place and extent on the first reduction axis."""
        v, outputs = self.vectors, self.windows[0].outputs
        if self.has_whole_images:
            first, last = part_of(b, term, self.spec.batch, self.terms)
            count = b.sub(last, first)
            a = self.images.block(b, images, first, const(0), const(outputs), slot)
            if self.images.is_copied:
                with loop(b, const(1), count) as turn:
                    to = v.at(b, slot, scaled(b, turn.index, self.image_stride))
                    self.images.block(b, images, b.add(first, turn.index), const(0), const(outputs), to)
            return a, v.at(b, dy, scaled(b, first, self.dy_image)), first, count
        image, block = divide(b, term, self.blocks)
        first, last = part_of(b, block, outputs, self.blocks)
        count = b.sub(last, first)
        a = self.images.block(b, images, image, first, count, slot)
        place = b.add(scaled(b, image, self.dy_image), scaled(b, first, self.dy_strides[0]))
        return a, v.at(b, dy, place), first, count

    def _emit_nothing(self, b: Any, c: Any, epilogue: Epilogue | None, arguments: Sequence[Any]) -> None:
        """There is no output: all sums are empty."""
        rows = (Axis(self.rows, row=1),)
        empty = Nest(rows, (Axis(0),), self.spec.filters, self.spec.filters)
        Blocks(self.vectors, empty, epilogue, arguments).emit(b, c, c, c, const(0))

    def _emit_add(self, b: Any, pointers: Sequence[Any], begin: Any, end: Any, epilogue: Epilogue | None) -> None:
        rows = share(b, begin, end, self.rows, self.add_tiles)
        nest = replace(self.nest, columns=self.spec.filters, c_stride=self.spec.filters)
        load = partial(self._load_turned, b) if self.is_turned else None
        add_parts(b, self.vectors, nest, self.parts, self.elements, pointers[3], rows, pointers, epilogue, load)

    def _load_turned(self, b: Any, part: Any, row: Any, column: Any, count: int) -> Any:
        v = self.vectors
        tap, channel = divide(b, row, self.each_in)
        first = b.add(scaled(b, tap, self.elements // prod(w.taps for w in self.windows)), channel)
        first = b.add(first, scaled(b, column, self.each_in))
        return v.join(b, [v.load_one(b, v.at(b, part, b.add(first, const(j * self.each_in)))) for j in range(count)])
