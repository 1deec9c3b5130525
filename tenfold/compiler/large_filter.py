"""The gradient of a convolution to a large filter: a product of packed operands, whose sums go over all images at once.

To add to a large filter image by image would take as long as the sums do. So gradients are packed into panels of filters, and images,
where they need zeros around them, are copied. Who computes some rows of the result then packs what these read of the images, for all
its columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import ceil, prod
from typing import TYPE_CHECKING, Any

from tenfold.compiler.blocks import Blocks, tile_loops
from tenfold.compiler.filter_gradient import nest_axes
from tenfold.compiler.functions import Module, const
from tenfold.compiler.isa import Isa, host_isa
from tenfold.compiler.packing import copy, pack_panels
from tenfold.compiler.phases import MOST_TILES, Kernel, Phase, divide, part_of, share, tile_function
from tenfold.compiler.tiling import Axis, Epilogue, Nest, Slice
from tenfold.compiler.vectors import Vectors, loop, minimum, scaled
from tenfold.compiler.windows import Channels, Images, dense_strides

if TYPE_CHECKING:
    from tenfold.compiler.conv import Convolution

LARGE = 1 << 18  # elements of a filter
FEWEST_FILTERS = 128  # for which rows are worth being packed
MOST_TERMS = 1 << 11  # of a sum: later, adding takes little
SLICE = 640  # terms of a sum whose operands stay in the caches
FEWEST_ITEMS = 16


class LargeFilterGradient:
    """As `filter_gradient.FilterGradient`; `suits` says for which convolutions."""

    def __init__(self, spec: Convolution, isa: Isa | None):
        self.spec, self.windows = spec, spec.windows
        self.vectors = v = Vectors(isa or host_isa(), spec.dtype)
        self.images = Images(self.windows, Channels(spec.channels), v)
        (*self.outer, inner), terms = nest_axes(spec, self.images)
        self.image_stride = self.images.copy_elements(1) if self.images.is_copied else self.images.image
        self.terms = (Axis(spec.batch, a=self.image_stride), *terms)
        self.depth = prod(axis.size for axis in self.terms)
        self.slices = ceil(self.depth / SLICE)
        self.slice = ceil(self.depth / self.slices)
        self.nest = Nest(
            (inner,), (Axis(self.depth, b=spec.filters),), spec.filters, spec.filters,
            is_packed=True, a_is_packed=True, has_rows_first=True,
        )  # fmt: skip
        blocks = Blocks(v, self.nest)
        self.row_tiles, self.panels = blocks.tiles, blocks.panels
        columns = v.fill(spec.filters)
        l2_elements = v.isa.l2_bytes // v.bytes
        self.column_blocks = min(self.panels, ceil(self.slice * columns / (l2_elements // 2)))
        height = ceil(inner.size / self.row_tiles)
        fits = max(1, l2_elements // 4 // (self.depth * height))
        wanted = max(ceil(FEWEST_ITEMS / self.column_blocks), ceil(self.row_tiles / fits))
        self.row_blocks = min(self.row_tiles, wanted)
        self.items = self.column_blocks * self.row_blocks
        self.tiles = min(self.items, MOST_TILES)
        # In the workspace: packed gradients, copied images, packed rows.
        self.packed = self.depth * columns
        self.copied = spec.batch * self.image_stride if self.images.is_copied else 0
        self.slot_elements = ceil(self.row_tiles / self.row_blocks) * height * self.depth

    @staticmethod
    def suits(spec: Convolution) -> bool:
        """Whether the filter is large, and the sums are short."""
        terms = spec.batch * prod(spec.outputs)
        elements = prod(spec.taps) * spec.channels * spec.filters
        is_large = spec.groups == 1 and spec.filters >= FEWEST_FILTERS and elements > LARGE
        return is_large and 0 < terms <= MOST_TERMS

    def emit(self, module: Module, name: str, epilogue: Epilogue | None, arguments: int) -> Kernel:
        """Adds the functions to a module."""
        pack = tile_function(module, f"{name}.dy", self._emit_pack)
        phases = [Phase(pack, self.panels, 4 * self.packed)]
        if self.copied:
            copies = tile_function(module, f"{name}.x", self._emit_copies)
            phases.append(Phase(copies, self.spec.batch, 4 * self.copied))
        run = tile_function(module, name, partial(self._emit_run, epilogue=epilogue), 4 + arguments)
        rows = prod(axis.size for axis in (*self.outer, *self.nest.rows))
        phases.append(Phase(run, self.tiles, self.depth * rows * self.spec.filters // 2))
        elements = self.packed + self.copied + self.tiles * self.slot_elements
        return Kernel(tuple(phases), elements * self.vectors.bytes)

    def _emit_pack(self, b: Any, pointers: Sequence[Any], begin: Any, end: Any) -> None:
        _, dy, _, workspace = pointers
        pack_panels(b, Blocks(self.vectors, self.nest), self.nest.reduction, 1, dy, workspace, (begin, end))

    def _emit_copies(self, b: Any, pointers: Sequence[Any], begin: Any, end: Any) -> None:
        images, _, _, workspace = pointers
        with loop(b, begin, end) as turn:
            place = b.add(const(self.packed), scaled(b, turn.index, self.image_stride))
            self._image(b, images, turn.index, self.vectors.at(b, workspace, place))

    def _image(self, b: Any, images: Any, number: Any, slot: Any = None) -> Any:
        """Where the first tap of an image's first output is; emits the copy, if there is one."""
        return self.images.block(b, images, number, const(0), const(self.windows[0].outputs), slot)

    def _emit_run(self, b: Any, pointers: Sequence[Any], begin: Any, end: Any, epilogue: Epilogue | None) -> None:
        v, (images, _, c, workspace, *arguments) = self.vectors, pointers
        blocks = Blocks(v, self.nest, epilogue, arguments)
        x = v.at(b, workspace, self.packed) if self.copied else self._image(b, images, const(0))
        slot = b.add(const(self.packed + self.copied), scaled(b, begin, self.slot_elements))
        with loop(b, *share(b, begin, end, self.items, self.tiles)) as turn:
            column_block, row_block = divide(b, turn.index, self.row_blocks)
            tiles = part_of(b, row_block, self.row_tiles, self.row_blocks)
            panels = part_of(b, column_block, self.panels, self.column_blocks)
            first = scaled(b, blocks.row_of_tile(b, tiles[0]), self.depth)
            rows = v.at(b, workspace, b.sub(slot, first))
            with loop(b, 0, prod(axis.size for axis in self.outer)) as outer:
                self._pack_rows(b, blocks, self._outer_place(b, x, outer.index), rows, tiles)
                row = scaled(b, outer.index, self.nest.rows[0].size)
                with loop(b, 0, self.slices) as part:
                    blocks.emit(b, rows, workspace, c, row, panels=panels, tiles=tiles, part=self._slice(b, part.index))

    def _outer_place(self, b: Any, x: Any, index: Any) -> Any:
        """Where the images are for a turn over the outer axes of rows."""
        for axis in reversed(self.outer):
            index, step = divide(b, index, axis.size)
            x = self.vectors.at(b, x, scaled(b, step, axis.a))
        return x

    def _pack_rows(self, b: Any, blocks: Blocks, x: Any, target: Any, tiles: tuple[Any, Any]) -> None:
        """Copies what some tiles read of the images."""
        v, sizes = self.vectors, [axis.size for axis in self.terms]
        for turn, height in tile_loops(b, blocks, tiles):
            start = blocks.row_of_tile(b, turn.index)
            strides = dense_strides(sizes, height)
            axes = [(axis.size, axis.a, to) for axis, to in zip(self.terms, strides, strict=True)]
            copy(b, v, axes, height, v.at(b, x, start), v.at(b, target, scaled(b, start, self.depth)))

    def _slice(self, b: Any, index: Any) -> Slice:
        begin = scaled(b, index, self.slice)
        size = minimum(b, const(self.slice), b.sub(const(self.depth), begin))
        is_first, is_last = (b.icmp_signed("==", index, const(n)) for n in (0, self.slices - 1))
        return Slice(begin, size, is_first, is_last)
