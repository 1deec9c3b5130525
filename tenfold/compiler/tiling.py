"""What a contraction is, and how its result is cut into tiles.

`C[row, column] = sum over the reduction of A[row, reduction] * B[reduction, column]`, where rows and reduction are nests
of axes, each with a stride in A and in B: a matrix product has one of each, a convolution has rows (image, y, x)
and reduction (kernel y, kernel x, channel). Columns are contiguous in C and in B and fill vectors; an element of A meets a vector of
B (or, where A has the columns too, as in a depthwise convolution, a vector of A does).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from math import ceil, prod
from typing import Any

from tenfold.compiler.vectors import Vectors


@dataclass(frozen=True)
class Axis:
    """An axis of a nest: its extent, its strides in A and B (in elements), and how many rows of C one step is.

    `places` are its steps in A where they are not at equal distances; an axis of rows may have them if it is the only one.
    """

    size: int
    a: int = 0
    b: int = 0
    row: int = 0
    places: tuple[int, ...] = ()

    def place(self, step: int) -> int:
        """Where in A a step is."""
        return self.places[step] if self.places else step * self.a


def collapse(axes: Sequence[Axis]) -> tuple[Axis, ...]:
    """The same nest with neighbours made one axis where their strides allow, and without axes of size 1.

    Example:
      >>> [(axis.size, axis.a) for axis in collapse([Axis(4, a=6), Axis(2, a=3), Axis(3, a=1)])]
      [(24, 1)]
    """
    merged: list[Axis] = []
    for axis in axes:
        if axis.size == 1 and len(axes) > 1:
            continue
        outer = merged[-1] if merged else None
        if outer and all(getattr(outer, s) == getattr(axis, s) * axis.size for s in ("a", "b", "row")):
            merged[-1] = replace(axis, size=outer.size * axis.size)
        else:
            merged.append(axis)
    return tuple(merged) or (Axis(1),)


def flat(axes: Sequence[Axis]) -> Axis:
    """Axes whose rows follow each other in C as one.

    Example:
      >>> flat([Axis(2, a=10, row=3), Axis(3, a=1, row=1)]).places
      (0, 1, 2, 10, 11, 12)
    """
    steps = product(*(range(axis.size) for axis in axes))
    places = tuple(sum(axis.place(n) for axis, n in zip(axes, step, strict=True)) for step in steps)
    return Axis(len(places), row=axes[-1].row, places=places)


@dataclass(frozen=True)
class Nest:
    """One contraction: `rows` and `reduction` from the outermost axis to the innermost, and how operands lie.

    Args:
      rows: at least one axis; tiles are cut from the innermost.
      reduction: at least one axis.
      columns: the number of columns.
      c_stride: the distance of C's rows, in elements.
      is_packed: B lies in panels, `[panel][reduction][width of the panel]`; else its strides are the axes'.
      a_is_packed: A lies in tiles, `[tile][reduction][height of the tile]`; there is one axis of each kind then.
      b_column_stride: the distance of B's columns; other than 1 only where it is packed, or for dot products.
      a_has_columns: A has columns, contiguous, which meet B's one to one.
      has_rows_first: all panels are done for a tile's rows, then for the next; else all rows for a panel.
      accumulates: adds to what C holds.
      lines: how many lines of the cache a vector of B lies in; memory of Python's begins anywhere, so do rows of any length.
      tile_blocks: the tiles of the innermost rows are dealt evenly to so many blocks.
    """

    rows: tuple[Axis, ...]
    reduction: tuple[Axis, ...]
    columns: int
    c_stride: int
    is_packed: bool = False
    a_is_packed: bool = False
    b_column_stride: int = 1
    a_has_columns: bool = False
    has_rows_first: bool = False
    accumulates: bool = False
    lines: int = 1
    tile_blocks: int = 1

    @property
    def depth(self) -> int:
        """The number of terms of each sum."""
        return prod(axis.size for axis in self.reduction)


@dataclass(frozen=True)
class Slice:
    """A part of a reduction, cut along its first axis; sums of the parts before it are in C.

    Args:
      begin: i64, where it begins on the first axis; packed operands have one axis only.
      size: i64, its extent on the first axis, at least 1.
      is_first: i1, whether there are none before it.
      is_last: i1, whether there are none behind it: then sums are finished.
    """

    begin: Any
    size: Any
    is_first: Any
    is_last: Any


@dataclass(frozen=True)
class Fetch:
    """Memory that is read after this block: each tile brings some rows of it into the second cache, a line at each step of its sum.

    Args:
      pointer: the first row.
      rows, elements, stride: how many there are, how long they are, and how far they lie apart.
      tiles: how many tiles share the work.
      number: i64, that of the panel's first tile among them.
    """

    pointer: Any
    rows: int
    elements: int
    stride: int
    tiles: int
    number: Any

    @property
    def each(self) -> int:
        """How many rows a tile fetches."""
        return ceil(self.rows / self.tiles)


@dataclass
class Finished:
    """A finished vector of C, handed to an epilogue.

    Args:
      builder: where the epilogue emits.
      vectors: how parts of vectors are loaded.
      value: the vector, of `vectors.lanes` elements.
      row: i64, the number of its row in the whole result.
      column: i64, the number of its first column.
      count: how many of its elements are in C; the others are of no meaning.
      arguments: the extra pointers that the kernel was called with.
    """

    builder: Any
    vectors: Vectors
    value: Any
    row: Any
    column: Any
    count: int
    arguments: Sequence[Any]

    def load(self, pointer: Any, offset: Any) -> Any:
        """The vector at `offset` elements after `pointer`, as many elements as count; nothing behind them is read."""
        return self.vectors.load(self.builder, self.vectors.at(self.builder, pointer, offset), self.count)

    def store(self, value: Any, pointer: Any, offset: Any) -> None:
        """Stores `count` elements of a vector at `offset` elements after `pointer`."""
        self.vectors.store(self.builder, value, self.vectors.at(self.builder, pointer, offset), self.count)


Epilogue = Callable[[Finished], Any]


@cache
def tile_shape(registers: int, lanes: int, rows: int, columns: int, lines: int = 1) -> tuple[int, int]:
    """The rows and vectors of a tile that fits into the registers and takes the fewest cycles for so many rows and columns.

    A step of the sum takes a cycle for two multiply-adds or for two loads, whichever is more; two cycles for each vector of B, which comes
    from the second cache, and one and a quarter for each further one of the `lines` of the cache that it lies in; and at least four, as
    long as a multiply-add takes.
    """
    total = ceil(columns / lanes)
    best: tuple[float, int, int] | None = None
    for height, width in product(range(1, min(rows, 30) + 1), range(1, min(total, 24) + 1)):
        if height * width + width + 1 > registers:
            continue
        heights = deal(rows, height)
        widths = [(total // width, width), (1, total % width)]
        cycles = sum(
            nh * nw * (max(h * w / 2, (h + lines * w) / 2, (2 + 1.25 * (lines - 1)) * w, 4) + 0.25)
            for nh, h in heights
            for nw, w in widths
            if h and w
        )
        if best is None or (cycles, -height) < best[:2]:
            best = cycles, -height, width
    return (-best[1], best[2]) if best else (1, 1)


def deal(size: int, most: int, blocks: int = 1) -> list[tuple[int, int]]:
    """How `size` rows are dealt to as few tiles as hold `most` each, as many in each block: [(tiles, rows), (tiles, rows of one less)].

    Example:
      >>> deal(50, 14)
      [(2, 13), (2, 12)]
      >>> deal(32, 14, blocks=2)
      [(0, 9), (4, 8)]
    """
    tiles = ceil(size / most / blocks) * blocks
    if not tiles:
        return [(0, 1), (0, 0)]
    each, more = divmod(size, tiles)
    return [(more, each + 1), (tiles - more, each)]
