"""Windows that slide over images: a convolution, or a part of its gradient to the input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from math import ceil, prod
from typing import TYPE_CHECKING, Any

from tenfold.compiler.blocks import Blocks
from tenfold.compiler.dots import Dots
from tenfold.compiler.functions import Module, const
from tenfold.compiler.isa import Isa, host_isa
from tenfold.compiler.packing import copy, pack_panels
from tenfold.compiler.phases import (
    MOST_TILES,
    TILE_WORK,
    Kernel,
    Phase,
    divide,
    part_of,
    share,
    tile_function,
)
from tenfold.compiler.tiling import Axis, Epilogue, Nest, collapse
from tenfold.compiler.vectors import Vectors, loop, scaled
from tenfold.compiler.windows import Channels, Images, Window, dense_strides

if TYPE_CHECKING:
    from tenfold.compiler.conv import Convolution


class Correlation:
    """Windows that slide over images, each times a filter: a convolution, or a part of its gradient to the input."""

    def __init__(self, spec: Convolution, windows: Sequence[Window], isa: Isa | None, is_backward: bool):
        self.spec, self.windows = spec, windows
        self.vectors = v = Vectors(isa or host_isa(), spec.dtype)
        each_in, each_out = spec.channels // spec.groups, spec.filters // spec.groups
        self.groups = 1 if spec.is_depthwise else spec.groups
        read, written = (spec.filters, spec.channels) if is_backward else (spec.channels, spec.filters)
        self.depth, self.columns = (each_out, each_in) if is_backward else (each_in, each_out)
        self.c_stride = written
        channels = Channels(read)
        tap_strides = [s * w.filter_step for s, w in zip(self._filter_strides(), windows, strict=True)]
        self.filter_start = sum(s * w.filter for s, w in zip(self._filter_strides(), windows, strict=True))
        self.column_stride = spec.filters if is_backward else 1
        self.group_stride = each_out  # of the filter
        term = Axis(self.depth, a=1, b=1 if is_backward else spec.filters)
        # Few columns would fill vectors badly: then vectors run along the channels, which are contiguous in A, and in B once it is turned.
        self.has_dots = not spec.is_depthwise and v.lanes <= self.depth and 4 * self.columns <= v.lanes
        self.is_turned = self.has_dots and not is_backward
        if self.is_turned:
            tap_strides = dense_strides([w.taps for w in windows], each_in)
            self.column_stride = each_in * prod(w.taps for w in windows)
            term = Axis(self.depth, a=1, b=1)
        if spec.is_depthwise:
            self.columns = written
            channels = Channels(read, planes=each_out) if is_backward else Channels(read, repeats=each_out)
            self.column_stride = each_out if is_backward else 1
            term = Axis(each_out, a=spec.channels, b=1) if is_backward else Axis(1)
        self.images = Images(windows, channels, v)
        strides = self.images.strides
        self.reduction = (
            *(Axis(w.taps, w.spread * s, f) for w, s, f in zip(windows, strides, tap_strides, strict=True)),
            term,
        )
        result = dense_strides([w.rows for w in windows], 1)
        self.result_rows = result[0] * windows[0].rows
        self.first_row = sum(w.row * r for w, r in zip(windows, result, strict=True))
        self.outer_row = windows[0].row_step * result[0]
        rows = tuple(
            Axis(w.outputs, a=w.step * s, row=w.row_step * r) for w, s, r in zip(windows, strides, result, strict=True)
        )
        rows = (rows[0], *(axis for axis in rows[1:-1] if axis.size > 1), rows[-1])
        nest = Nest(rows, collapse(self.reduction), self.columns, self.c_stride, a_has_columns=spec.is_depthwise)
        self.kind = Dots if self.has_dots else Blocks
        shape = self.kind(v, nest)
        lies_as_panel = (
            self.column_stride == 1 and shape.panels == 1 and self.columns % v.lanes == 0 and self.groups == 1
        )
        forward = all(w.filter_step == 1 and w.filter == 0 for w in windows)
        self.is_packed = (
            nest.depth > 0
            and not self.has_dots
            and (self.column_stride != 1 if spec.is_depthwise else not (lies_as_panel and forward))
        )
        self.nest = replace(nest, is_packed=self.is_packed, b_column_stride=self.column_stride)
        self.panels = shape.panels
        packed = shape.full_panels * v.fill(shape.panel) + v.fill(shape.last_columns)
        size = packed * nest.depth if self.is_packed else self.columns * nest.depth if self.is_turned else 0
        self.packed_elements = ceil(size / 64) * 64
        self.is_in_workspace = self.packed_elements > 0
        work = prod(w.outputs for w in windows) * self.columns * self.groups * max(nest.depth, 1)
        self.multiply_adds = spec.batch * work
        wanted = max(1, min(self.multiply_adds // TILE_WORK, MOST_TILES // 2))
        # Panels of a large filter stay in the cache while all images pass.
        is_large = self.groups == 1 and self.packed_elements * v.bytes > v.isa.l2_bytes // 2
        self.column_blocks = min(shape.panels, wanted) if is_large else 1
        each = max(1, spec.batch * self.column_blocks)
        self.blocks = min(max(self.images.blocks(), ceil(min(wanted, 16) / each)), max(windows[0].outputs, 1))
        self.items = each * self.blocks if spec.batch else 0
        self.tiles = min(self.items, MOST_TILES, wanted)

    def _filter_strides(self) -> list[int]:
        taps = (1,) * (2 - len(self.spec.taps)) + self.spec.taps
        return dense_strides(taps, self.spec.channels // self.spec.groups * self.spec.filters)

    def emit(self, module: Module, name: str, epilogue: Epilogue | None, arguments: int) -> Kernel:
        """Adds the functions to a module."""
        phases = []
        if self.is_in_workspace:
            items = self.groups * (1 if self.is_turned else self.panels)
            pack = self._emit_turn if self.is_turned else self._emit_pack
            phases.append(
                Phase(
                    tile_function(module, f"{name}.b", pack),
                    items,
                    4 * self.groups * self.packed_elements,
                    reads_b_only=True,
                )
            )
        run = tile_function(module, name, partial(self._emit_run, epilogue=epilogue), 4 + arguments)
        slots = self.tiles * self.images.copy_elements(self.blocks)
        size = self.groups * self.packed_elements + slots
        return Kernel((*phases, Phase(run, self.tiles, self.multiply_adds // 2)), size * self.vectors.bytes)

    def _emit_pack(self, b: Any, pointers: Sequence[Any], begin: Any, end: Any) -> None:
        v, blocks = self.vectors, Blocks(self.vectors, self.nest)
        with loop(b, begin, end) as turn:
            group, panel = divide(b, turn.index, self.panels)
            source = v.at(b, pointers[1], b.add(const(self.filter_start), scaled(b, group, self.group_stride)))
            target = v.at(b, pointers[3], scaled(b, group, self.packed_elements))
            bounds = (panel, b.add(panel, const(1)))
            pack_panels(b, blocks, self.nest.reduction, self.column_stride, source, target, bounds)

    def _emit_turn(self, b: Any, pointers: Sequence[Any], begin: Any, end: Any) -> None:
        """Copies the filters of groups so that each lies by itself."""
        v, depth = self.vectors, self.nest.depth
        with loop(b, begin, end) as turn:
            source = v.at(b, pointers[1], scaled(b, turn.index, self.group_stride))
            target = v.at(b, pointers[3], scaled(b, turn.index, self.packed_elements))
            copy(b, v, [(depth, self.spec.filters, 1), (self.columns, 1, depth)], 1, source, target)

    def _emit_run(self, b: Any, pointers: Sequence[Any], begin: Any, end: Any, epilogue: Epilogue | None) -> None:
        v = self.vectors
        images, filters, c, workspace, *arguments = pointers
        blocks = self.kind(v, self.nest, epilogue, arguments)
        filters = workspace if self.is_in_workspace else v.at(b, filters, self.filter_start)
        slot_elements = self.images.copy_elements(self.blocks)
        packed = self.groups * self.packed_elements
        slot = v.at(b, workspace, b.add(const(packed), scaled(b, begin, slot_elements)))
        with loop(b, *share(b, begin, end, self.items, self.tiles)) as turn:
            rest, panels = turn.index, None
            if self.column_blocks > 1:
                column_block, rest = divide(b, rest, self.spec.batch * self.blocks)
                panels = part_of(b, column_block, self.panels, self.column_blocks)
            image, block = divide(b, rest, self.blocks)
            first, last = part_of(b, block, self.windows[0].outputs, self.blocks)
            count = b.sub(last, first)
            row = b.add(scaled(b, image, self.result_rows), const(self.first_row))
            row = b.add(row, scaled(b, first, self.outer_row))
            a = self.images.block(b, images, image, first, count, slot) if self.nest.depth else images
            with loop(b, 0, self.groups) as group:
                a_at = v.at(b, a, scaled(b, group.index, self.depth))
                distance = self.packed_elements if self.is_in_workspace else self.group_stride
                b_at = v.at(b, filters, scaled(b, group.index, distance))
                column = scaled(b, group.index, self.columns)
                blocks.emit(b, a_at, b_at, c, row, column, panels=panels, outer=count)
