"""Convolutions of one to three spatial axes, channels last, and their gradients, as machine code.

    spec = Convolution(batch=50, inputs=(28, 28), channels=32, taps=(5, 5), filters=64, padding=((2, 2), (2, 2)))
    kernel = emit_forward(module, spec, "conv", epilogue=add_bias, arguments=1)

Kernels are run as those of `contraction` are, with the pointers x, w, y (forward), dy, w, dx (gradient to the input) or
x, dy, dw (gradient to the filter), workspace, and those for the epilogue. x is `[batch, *inputs, channels]`, w is `[*taps, channels /
groups, filters]`, y is `[batch, *outputs, filters]`, all contiguous. With as many groups as channels it is a depthwise convolution,
whose filter `[*taps, channels, multiplier]` is the same memory.

There is no matrix of patches: the blocks of `blocks` read the input where it is. Where windows reach beyond it, the rows that an
item of work needs are copied, zeros around them, into the workspace, and are read from the cache. A convolution that is a
matrix product (taps of size 1, or windows as large as the input) is left to `contraction`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from math import ceil, prod
from typing import Any

import llvmlite.ir as ir

from tenfold.compiler.blocks import Axis, Blocks, Epilogue, Nest, Slice, collapse
from tenfold.compiler.contraction import Contraction, emit
from tenfold.compiler.dots import Dots
from tenfold.compiler.isa import Isa, host_isa
from tenfold.compiler.packing import pack_panels
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
from tenfold.compiler.vectors import Vectors, const, loop, scaled
from tenfold.compiler.windows import Channels, Window, backward_windows, copy_window, forward_window


@dataclass(frozen=True)
class Convolution:
    """What is to be computed.

    Args:
      batch: the number of images.
      inputs: their spatial sizes, one to three.
      channels: of the input.
      taps: the filter's spatial sizes.
      filters: channels of the output.
      strides: outputs are this many inputs apart.
      dilations: taps are this many inputs apart.
      padding: zeros before and after, for each axis.
      groups: the channels are cut into as many groups, each with filters of its own.
      dtype: float32, float64 or an integer dtype.
    """

    batch: int
    inputs: tuple[int, ...]
    channels: int
    taps: tuple[int, ...]
    filters: int
    strides: tuple[int, ...] = ()
    dilations: tuple[int, ...] = ()
    padding: tuple[tuple[int, int], ...] = ()
    groups: int = 1
    dtype: str = "float32"

    def __post_init__(self) -> None:
        rank = len(self.inputs)
        for name, default in (("strides", 1), ("dilations", 1), ("padding", (0, 0))):
            object.__setattr__(self, name, getattr(self, name) or (default,) * rank)
        lengths = {len(part) for part in (self.inputs, self.taps, self.strides, self.dilations, self.padding)}
        if lengths != {rank} or rank not in (1, 2, 3):
            raise ValueError(f"Convolution: one to three spatial axes, in all arguments alike, got {self}.")
        if self.channels % self.groups or self.filters % self.groups:
            raise ValueError(
                f"Convolution: {self.groups} groups divide neither {self.channels} channels nor {self.filters} filters."
            )

    @property
    def windows(self) -> list[Window]:
        """The spatial axes; a single one has another of size 1 before it."""
        axes = [
            forward_window(inputs, taps, stride, dilation, *padding)
            for inputs, taps, stride, dilation, padding in zip(
                self.inputs, self.taps, self.strides, self.dilations, self.padding, strict=True
            )
        ]
        return axes if len(axes) > 1 else [forward_window(1, 1, 1, 1, 0, 0), *axes]

    @property
    def outputs(self) -> tuple[int, ...]:
        """The spatial sizes of the output."""
        return tuple(window.outputs for window in self.windows[-len(self.inputs) :])

    @property
    def is_depthwise(self) -> bool:
        """Whether each channel has filters of its own."""
        return self.groups > 1 and self.groups == self.channels

    @property
    def as_product(self) -> Contraction | None:
        """The matrix product y = x @ w that this is, if it is one."""
        windows = self.windows
        if self.groups > 1 or any(w.needs_zeros for w in windows):
            return None
        source = _strides([w.inputs for w in windows], self.channels)
        image = prod(self.inputs) * self.channels
        rows = collapse(
            [Axis(self.batch, a=image), *(Axis(w.outputs, a=w.step * s) for w, s in zip(windows, source, strict=True))]
        )
        terms = collapse(
            [*(Axis(w.taps, a=w.spread * s) for w, s in zip(windows, source, strict=True)), Axis(self.channels, a=1)]
        )
        if len(rows) > 1 or len(terms) > 1:
            return None
        return Contraction(
            rows[0].size, self.filters, terms[0].size, (rows[0].a, terms[0].a), (self.filters, 1), dtype=self.dtype
        )  # fmt: skip


def emit_forward(
    module: ir.Module,
    spec: Convolution,
    name: str,
    epilogue: Epilogue | None = None,
    arguments: int = 0,
    isa: Isa | None = None,
) -> Kernel:
    """Adds the functions of a convolution to a module; arguments as those of `contraction.emit`."""
    if not spec.batch * prod(spec.outputs) * spec.filters:
        return Kernel(())
    if matrix := spec.as_product:
        return emit(module, matrix, name, epilogue, arguments, isa)
    correlation = _Correlation(spec, spec.windows, isa, is_backward=False)
    return correlation.emit(module, name, epilogue, arguments)


def emit_input_gradient(
    module: ir.Module,
    spec: Convolution,
    name: str,
    epilogue: Epilogue | None = None,
    arguments: int = 0,
    isa: Isa | None = None,
) -> Kernel:
    """Adds the functions of a convolution's gradient to its input; arguments as those of `contraction.emit`."""
    if not spec.batch * prod(spec.inputs) * spec.channels:
        return Kernel(())
    matrix = spec.as_product
    if (
        matrix
        and matrix.a_strides == (matrix.k, 1)
        and matrix.m * matrix.k == spec.batch * prod(spec.inputs) * spec.channels
    ):
        back = replace(matrix, n=matrix.k, k=matrix.n, a_strides=(matrix.n, 1), b_strides=(1, matrix.n))
        return emit(module, back, name, epilogue, arguments, isa)
    phases: list[Phase] = []
    workspace = 0
    for number, windows in enumerate(product(*(backward_windows(w) for w in spec.windows))):
        correlation = _Correlation(spec, windows, isa, is_backward=True)
        kernel = correlation.emit(module, f"{name}.{number}", epilogue, arguments)
        phases += kernel.phases
        workspace = max(workspace, kernel.workspace_bytes)
    return Kernel(tuple(phases), workspace)


def emit_filter_gradient(
    module: ir.Module,
    spec: Convolution,
    name: str,
    epilogue: Epilogue | None = None,
    arguments: int = 0,
    isa: Isa | None = None,
) -> Kernel:
    """Adds the functions of a convolution's gradient to its filter; arguments as those of `contraction.emit`."""
    if not prod(spec.taps) * spec.channels * spec.filters:
        return Kernel(())
    if matrix := spec.as_product:
        turned = replace(matrix, m=matrix.k, k=matrix.m, a_strides=matrix.a_strides[::-1], b_strides=(matrix.n, 1))
        return emit(module, turned, name, epilogue, arguments, isa)
    return _FilterGradient(spec, isa).emit(module, name, epilogue, arguments)


def _strides(sizes: Sequence[int], inner: int) -> list[int]:
    """Strides of a dense array, with `inner` elements at each position."""
    return [inner * prod(sizes[at + 1 :]) for at in range(len(sizes))]


class _Images:
    """Images that are read through windows: where they are, or copied block by block.

    Args:
      windows: the spatial axes.
      channels: of the image, and how they are copied.
      vectors: the element type.
    """

    def __init__(self, windows: Sequence[Window], channels: Channels, vectors: Vectors):
        self.windows, self.channels, self.vectors = windows, channels, vectors
        self.is_copied = any(w.needs_zeros for w in windows) or not channels.is_plain
        self.own_strides = _strides([w.inputs for w in windows], channels.size)
        reached = [w.reach(w.outputs) for w in windows]
        self.strides = _strides(reached, channels.copied) if self.is_copied else self.own_strides
        self.image = self.own_strides[0] * windows[0].inputs

    def blocks(self, other_bytes: int = 0) -> int:
        """Into how many blocks of rows an image is cut, so that a block, with so many other bytes a row, fits into the second cache."""
        first = self.windows[0]
        row = self.strides[0] * self.vectors.bytes * first.step + other_bytes
        fits = max(1, self.vectors.isa.l2_bytes // 4 // max(row, 1))
        return max(1, ceil(first.outputs / fits))

    def copy_elements(self, blocks: int) -> int:
        """The room that a copy of a block takes, in elements."""
        if not self.is_copied:
            return 0
        first = self.windows[0]
        return max(0, ceil(first.reach(ceil(first.outputs / blocks)) * self.strides[0] / 64) * 64)

    def block(self, b: Any, images: Any, image: Any, begin: Any, outputs: Any, slot: Any) -> Any:
        """Where the first tap of a block's first output is; emits the copy, if there is one."""
        v = self.vectors
        source = v.at(b, images, scaled(b, image, self.image))
        if self.is_copied:
            copy_window(b, v, self.windows, self.channels, begin, outputs, source, slot)
            return slot
        first, *rest = self.windows
        offset = b.sub(scaled(b, begin, first.step), const(first.low))
        source = v.at(b, source, scaled(b, offset, self.own_strides[0]))
        return v.at(b, source, -sum(w.low * s for w, s in zip(rest, self.own_strides[1:], strict=True)))


class _Correlation:
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
        if spec.is_depthwise:
            self.columns = written
            channels = Channels(read, planes=each_out) if is_backward else Channels(read, repeats=each_out)
            self.column_stride = each_out if is_backward else 1
            term = Axis(each_out, a=spec.channels, b=1) if is_backward else Axis(1)
        self.images = _Images(windows, channels, v)
        strides = self.images.strides
        self.reduction = (
            *(Axis(w.taps, w.spread * s, f) for w, s, f in zip(windows, strides, tap_strides, strict=True)),
            term,
        )
        result = _strides([w.rows for w in windows], 1)
        self.result_rows = result[0] * windows[0].rows
        self.first_row = sum(w.row * r for w, r in zip(windows, result, strict=True))
        self.outer_row = windows[0].row_step * result[0]
        rows = tuple(
            Axis(w.outputs, a=w.step * s, row=w.row_step * r) for w, s, r in zip(windows, strides, result, strict=True)
        )
        rows = (rows[0], *(axis for axis in rows[1:-1] if axis.size > 1), rows[-1])
        nest = Nest(rows, self._merged(), self.columns, self.c_stride, a_has_columns=spec.is_depthwise)
        # Few columns would fill vectors badly: then vectors run along the channels, which are contiguous in A and B.
        self.has_dots = is_backward and not spec.is_depthwise and v.lanes <= self.depth and 4 * self.columns <= v.lanes
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
        self.packed_elements = ceil(packed * nest.depth / 64) * 64 if self.is_packed else 0
        work = prod(w.outputs for w in windows) * self.columns * self.groups * max(nest.depth, 1)
        wanted = max(1, min(spec.batch * work // TILE_WORK, MOST_TILES // 2))
        # Panels of a large filter stay in the cache while all images pass.
        is_large = self.groups == 1 and self.packed_elements * v.bytes > v.isa.l2_bytes // 2
        self.column_blocks = min(shape.panels, wanted) if is_large else 1
        each = max(1, spec.batch * self.column_blocks)
        self.blocks = min(max(self.images.blocks(), ceil(min(wanted, 16) / each)), max(windows[0].outputs, 1))
        self.items = each * self.blocks if spec.batch else 0
        self.tiles = min(self.items, MOST_TILES, wanted)

    def _filter_strides(self) -> list[int]:
        taps = (1,) * (2 - len(self.spec.taps)) + self.spec.taps
        return _strides(taps, self.spec.channels // self.spec.groups * self.spec.filters)

    def _merged(self) -> tuple[Axis, ...]:
        return collapse(self.reduction)

    def emit(self, module: ir.Module, name: str, epilogue: Epilogue | None, arguments: int) -> Kernel:
        """Adds the functions to a module."""
        phases = []
        if self.is_packed:
            items = self.groups * self.panels
            phases.append(Phase(tile_function(module, f"{name}.b", self._emit_pack), items, reads_b_only=True))
        run = tile_function(module, name, partial(self._emit_run, epilogue=epilogue), 4 + arguments)
        slots = self.tiles * self.images.copy_elements(self.blocks)
        size = self.groups * self.packed_elements + slots
        return Kernel((*phases, Phase(run, self.tiles)), size * self.vectors.bytes)

    def _emit_pack(self, b: Any, pointers: Sequence[Any], begin: Any, end: Any) -> None:
        v, blocks = self.vectors, Blocks(self.vectors, self.nest)
        with loop(b, begin, end) as turn:
            group, panel = divide(b, turn.index, self.panels)
            source = v.at(b, pointers[1], b.add(const(self.filter_start), scaled(b, group, self.group_stride)))
            target = v.at(b, pointers[3], scaled(b, group, self.packed_elements))
            bounds = (panel, b.add(panel, const(1)))
            pack_panels(b, blocks, self.nest.reduction, self.column_stride, source, target, bounds)

    def _emit_run(self, b: Any, pointers: Sequence[Any], begin: Any, end: Any, epilogue: Epilogue | None) -> None:
        v = self.vectors
        images, filters, c, workspace, *arguments = pointers
        blocks = self.kind(v, self.nest, epilogue, arguments)
        filters = workspace if self.is_packed else v.at(b, filters, self.filter_start)
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
                b_at = v.at(b, filters, scaled(b, group.index, self.packed_elements))
                column = scaled(b, group.index, self.columns)
                blocks.emit(b, a_at, b_at, c, row, column, panels=panels, outer=count)


class _FilterGradient:
    """Sums over all images and outputs: cut into parts, each with a filter of its own, which are added at last."""

    def __init__(self, spec: Convolution, isa: Isa | None):
        self.spec, self.windows = spec, spec.windows
        self.vectors = v = Vectors(isa or host_isa(), spec.dtype)
        each_in, each_out = spec.channels // spec.groups, spec.filters // spec.groups
        self.groups = 1 if spec.is_depthwise else spec.groups
        self.each_in, self.columns = each_in, spec.filters if spec.is_depthwise else each_out
        repeats = each_out if spec.is_depthwise else 1
        self.images = _Images(self.windows, Channels(spec.channels, repeats=repeats), v)
        strides = self.images.strides
        result = _strides([w.taps for w in self.windows], each_in)
        rows = [Axis(w.taps, a=w.spread * s, row=r) for w, s, r in zip(self.windows, strides, result, strict=True)]
        rows = list(collapse([*rows, Axis(each_in, a=1, row=1)]))
        self.dy_strides = _strides([w.outputs for w in self.windows], spec.filters)
        axes = [
            Axis(w.outputs, a=w.step * s, b=d) for w, s, d in zip(self.windows, strides, self.dy_strides, strict=True)
        ]
        self.rows = prod(axis.size for axis in rows)
        self.elements = self.rows * spec.filters
        work = prod(spec.outputs) * self.rows * self.columns * self.groups
        wanted = max(1, min(spec.batch * work // TILE_WORK, MOST_TILES // 2))
        # A term is some images, or a block of an image's rows.
        self.dy_image = self.dy_strides[0] * self.windows[0].outputs
        self.image_stride = self.images.copy_elements(1) if self.images.is_copied else self.images.image
        fits = v.isa.l2_bytes // 2 // max((self.image_stride + self.dy_image) * v.bytes, 1)
        at_once = min(fits, spec.batch if self.elements > 1 << 18 else spec.batch // 16)
        self.has_whole_images = at_once > 1
        self.blocks = 1 if self.has_whole_images else self.images.blocks(self.dy_strides[0] * v.bytes)
        self.terms = ceil(spec.batch / at_once) if self.has_whole_images else spec.batch * self.blocks
        if not work:
            self.terms = 0
        reduction = (axes[0], *collapse(axes[1:]))
        if self.has_whole_images:
            self.images_at_once = ceil(spec.batch / max(self.terms, 1))
            reduction = (Axis(self.images_at_once, a=self.image_stride, b=self.dy_image), *collapse(axes))
        self.nest = Nest(tuple(rows), reduction, self.columns, spec.filters, a_has_columns=spec.is_depthwise)
        self.panels = Blocks(v, self.nest).panels
        self.parts = max(1, min(wanted, self.terms, 16, (1 << 21) // max(self.elements, 1)))
        self.column_blocks = min(self.panels, ceil(wanted / self.parts)) if self.groups == 1 else 1
        self.items = self.parts * self.column_blocks
        copied = self.images.copy_elements(self.blocks)
        self.slot_elements = copied * self.images_at_once if self.has_whole_images else copied
        self.add_tiles = min(self.rows, ceil(self.elements / (1 << 13)))

    def emit(self, module: ir.Module, name: str, epilogue: Epilogue | None, arguments: int) -> Kernel:
        """Adds the functions to a module."""
        last = epilogue if self.parts == 1 else None
        run = tile_function(module, name, partial(self._emit_run, epilogue=last), 4 + arguments)
        phases = [Phase(run, self.items)]
        size = self.items * self.slot_elements
        if self.parts > 1:
            add = tile_function(module, f"{name}.add", partial(self._emit_add, epilogue=epilogue), 4 + arguments)
            phases.append(Phase(add, self.add_tiles))
            size += self.parts * self.elements
        return Kernel(tuple(phases), size * self.vectors.bytes)

    def _emit_run(self, b: Any, pointers: Sequence[Any], begin: Any, end: Any, epilogue: Epilogue | None) -> None:
        v = self.vectors
        images, dy, c, workspace, *arguments = pointers
        blocks = Blocks(v, self.nest, epilogue, arguments)
        room = self.parts * self.elements if self.parts > 1 else 0
        slot = v.at(b, workspace, b.add(const(room), scaled(b, begin, self.slot_elements)))
        if not self.terms:
            self._emit_nothing(b, c, epilogue, arguments)
            return
        with loop(b, begin, end) as turn:
            part, column_block = divide(b, turn.index, self.column_blocks)
            out = v.at(b, workspace, scaled(b, part, self.elements)) if self.parts > 1 else c
            panels = part_of(b, column_block, self.panels, self.column_blocks) if self.column_blocks > 1 else None
            first_term, last_term = part_of(b, part, self.terms, self.parts)
            with loop(b, first_term, last_term) as term:
                a, dy_at, first, count = self._operands(b, images, dy, slot, term.index)
                is_last = b.icmp_signed("==", b.add(term.index, const(1)), last_term)
                piece = Slice(first, count, b.icmp_signed("==", term.index, first_term), is_last)
                with loop(b, 0, self.groups) as group:
                    a_at = v.at(b, a, scaled(b, group.index, self.each_in))
                    column = scaled(b, group.index, self.columns)
                    b_at = v.at(b, dy_at, column)
                    blocks.emit(b, a_at, b_at, out, const(0), column, panels=panels, part=piece)

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
        empty = replace(self.nest, reduction=(Axis(0),), columns=self.spec.filters, a_has_columns=False)
        Blocks(self.vectors, empty, epilogue, arguments).emit(b, c, c, c, const(0))

    def _emit_add(self, b: Any, pointers: Sequence[Any], begin: Any, end: Any, epilogue: Epilogue | None) -> None:
        rows = share(b, begin, end, self.rows, self.add_tiles)
        nest = replace(self.nest, columns=self.spec.filters)
        add_parts(b, self.vectors, nest, self.parts, self.elements, pointers[3], rows, pointers, epilogue)
