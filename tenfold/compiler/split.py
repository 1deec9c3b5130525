"""Cuts long reductions into parts that run side by side: as many as the lengths say, not the threads, so results stay the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from tenfold.compiler.loops import (
    Accumulate,
    Buffer,
    Declare,
    Index,
    Kernel,
    Load,
    Local,
    Loop,
    Statement,
    Store,
    Var,
    expressions,
    linear,
    strides_of,
)  # fmt: skip
from tenfold.compiler.substitute import substitute

PARTS = 16
FEW = 8  # turns of the outermost loop that are too few to share
LANES = 64  # turns of a vector loop that count as one
# Rows of so many bytes are read some at a time, as they lie in memory: the processor fetches what follows in so many pages at once.
LONG_ROW, ROWS = 2048, 16


@dataclass(frozen=True)
class Pattern:
    """Loops over kept axes around accumulators, one loop that feeds them, and what comes before and after."""

    kept: tuple[Loop, ...]
    declarations: tuple[Declare, ...]
    loop: Loop
    others: tuple[Statement, ...]
    has_long_rows: bool


def split(kernel: Kernel) -> list[Kernel]:
    """The kernel itself, or two or three that do the same; these have one more buffer for each accumulator, after its own.

    before:   sum = 0;  for i in 1000: sum = sum + x[i];  y = sqrt(sum)
    after:    for c in 15:  sum = 0;  for i in 64: sum = sum + x[c*64 + i];  part[c] = sum
              sum = 0;  for i in 40: sum = sum + x[960 + i];  part[15] = sum
              sum = 0;  for c in 16: sum = sum + part[c];  y = sqrt(sum)
    refuses:  enough turns of an outer loop to share, unless these are the columns of long rows; several loops over the reduced axes one
              after the other.
    """
    pattern = _match(kernel)
    if pattern is None:
        return [kernel]
    var = pattern.loop.var
    step = LANES if pattern.loop.is_vector else 1
    block = -(-var.extent // (PARTS * step)) * step
    whole, rest = divmod(var.extent, block)
    count = whole + (rest > 0)
    sizes = [k.var.extent for k in pattern.kept]
    row = linear([Index(0, ((k.var, 1),)) for k in pattern.kept], strides_of(sizes))
    width = prod(sizes)
    parts = [Buffer(d.dtype, count * width) for d in pattern.declarations]
    buffers = (*kernel.buffers, *parts)
    chunk, inner = Var("c", whole), Var("p", block)
    kernels = [
        _partial(
            pattern, buffers, Index(0, ((chunk, block),)), Index(0, ((chunk, width),)) + row, inner, [Loop(chunk, ())]
        )
    ]
    if rest:
        kernels.append(_partial(pattern, buffers, Index(whole * block), row.plus(whole * width), Var("p", rest), []))
    every = Var("c", count)
    where = Index(0, ((every, width),)) + row
    first = len(kernel.buffers)
    sums = [Accumulate(d.name, d.op, Load(first + n, where, d.dtype)) for n, d in enumerate(pattern.declarations)]
    body = [*pattern.declarations, Loop(every, tuple(sums)), *pattern.others]
    kernels.append(Kernel(buffers, _around(pattern.kept, body), is_parallel=bool(pattern.kept)))
    return kernels


def _match(kernel: Kernel) -> Pattern | None:
    kept: list[Loop] = []
    body: Sequence[Statement] = kernel.body
    while len(body) == 1 and isinstance(body[0], Loop):
        kept.append(body[0])
        body = body[0].body
    loops = [s for s in body if isinstance(s, Loop)]
    declarations = tuple(s for s in body if isinstance(s, Declare))
    others = tuple(s for s in body if isinstance(s, Store))
    if (
        not kernel.is_parallel
        and kept
        or len(loops) != 1
        or not declarations
        or len(loops) + len(declarations) + len(others) != len(body)
    ):
        return None
    turns = 1
    if kept and not _has_long_rows(kernel, kept, loops[0]):
        turns = kept[0].var.extent // (LANES if kept[0].is_vector else 1)
    if turns >= FEW or loops[0].var.extent < PARTS * (LANES if loops[0].is_vector else 2):
        return None
    return Pattern(tuple(kept), declarations, loops[0], others, _has_long_rows(kernel, kept, loops[0]))


def _has_long_rows(kernel: Kernel, kept: Sequence[Loop], loop: Loop) -> bool:
    """Whether turns of the reduction read long rows, of which the kept loop is the columns."""
    loads = [e for e in expressions(loop.body) if isinstance(e, Load)]
    steps = [kernel.buffers[e.buffer].dtype.itemsize * (e.index.factor(loop.var) or 0) for e in loads]
    return len(kept) == 1 and kept[0].is_vector and max(steps, default=0) >= LONG_ROW


def _partial(
    pattern: Pattern, buffers: tuple[Buffer, ...], start: Index, row: Index, inner: Var, outer: Sequence[Loop]
) -> Kernel:
    """One accumulator's worth of turns from `start` on, for each turn of `outer`, kept at `row`."""
    first = len(buffers) - len(pattern.declarations)
    parts = [(d, Load(first + n, row, d.dtype)) for n, d in enumerate(pattern.declarations)]

    def sums(start: Index, inner: Var, before: Sequence[Statement] = ()) -> tuple[Statement, ...]:
        body = substitute(pattern.loop.body, {pattern.loop.var: start + Index(0, ((inner, 1),))})
        stores = [Store(part.buffer, row, Local(d.name, d.dtype)) for d, part in parts]
        nest = [*pattern.declarations, Loop(inner, body, pattern.loop.is_vector), *before, *stores]
        return _around(pattern.kept, nest)

    if not pattern.has_long_rows or inner.extent <= ROWS:
        return Kernel(buffers, _around(outer, sums(start, inner)), is_parallel=bool(outer or pattern.kept))
    more, rest = divmod(inner.extent - 1, ROWS)
    block = Var("b", more)
    added = [Accumulate(d.name, d.op, part) for d, part in parts]
    following = sums(start + Index(rest + 1, ((block, ROWS),)), Var("p", ROWS), added)
    nest = [*sums(start, Var("p", rest + 1)), Loop(block, following)]
    return Kernel(buffers, _around(outer, nest), is_parallel=bool(outer))


def _around(loops: Sequence[Loop], body: Sequence[Statement]) -> tuple[Statement, ...]:
    nest = tuple(body)
    for loop in reversed(loops):
        nest = (Loop(loop.var, nest, loop.is_vector),)
    return nest
