"""Parallel loops of a kernel, and how their work is cut into tiles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tenfold.compiler.functions import I64, POINTER, Function, Module, const
from tenfold.compiler.tiling import Epilogue, Finished, Nest
from tenfold.compiler.vectors import Vectors, loop, scaled

if TYPE_CHECKING:
    from tenfold.compiler.contraction import Contraction

TILE_WORK = 1 << 18  # multiply-adds that are worth a tile of their own, some microseconds
MOST_TILES = 64


@dataclass(frozen=True)
class Phase:
    """One parallel loop.

    Args:
      function: `void(ptr arguments, i64 begin_tile, i64 end_tile)`.
      tiles: the number of tiles.
      work: what all of them do, in operations on elements; a multiply-add of a contraction is half of one, a copy four.
      reads_b_only: it depends on nothing but B, and fills a part of the workspace that no other phase writes to.
    """

    function: Function
    tiles: int
    work: int
    reads_b_only: bool = False


@dataclass(frozen=True)
class Kernel:
    """The phases of a computation, and the workspace that they need, aligned to 64 bytes.

    `batch`: if there is one phase, whose tiles are equal parts of the items of a batch, in order, where their numbers allow: the product as
    that of a batch.
    """

    phases: tuple[Phase, ...]
    workspace_bytes: int = 0
    batch: Contraction | None = None


def tile_function(module: Module, name: str, body: Callable[..., None], pointers: int = 4) -> Function:
    """A function of tiles; `body(builder, pointers, begin, end)` emits what it does."""
    function = Function(module, name, [POINTER, I64, I64])
    b = function.builder
    table, begin, end = function.arguments
    body(b, [b.load(POINTER, b.gep(table, const(i), POINTER), 8) for i in range(pointers)], begin, end)
    return function


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
    load: Callable[[Any, Any, Any, int], Any] | None = None,
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
      load: emits the load of a vector of a part, given the part, row, first column and count; None if rows lie one after the other.
    """
    _, _, c, _, *arguments = pointers

    def load_row(part: Any, row: Any, column: Any, count: int) -> Any:
        return v.load(b, v.at(b, part, b.add(scaled(b, row, nest.columns), column)), count)

    load = load or load_row

    def add(row: Any, column: Any, count: int) -> None:
        value = load(sums, row, column, count)
        for part in range(1, parts):
            value = v.add(b, value, load(v.at(b, sums, part * part_elements), row, column, count))
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
