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
    linear,
    strides_of,
)  # fmt: skip
from tenfold.compiler.substitute import substitute

PARTS = 16
FEW = 8  # turns of the outermost loop that are too few to share
LANES = 64  # turns of a vector loop that count as one


@dataclass(frozen=True)
class Pattern:
    """Loops over kept axes around accumulators, one loop that feeds them, and what comes before and after."""

    kept: tuple[Loop, ...]
    declarations: tuple[Declare, ...]
    loop: Loop
    others: tuple[Statement, ...]


def split(kernel: Kernel) -> list[Kernel]:
    """The kernel itself, or two or three that do the same; these have one more buffer for each accumulator, after its own.

    before:   sum = 0;  for i in 1000: sum = sum + x[i];  y = sqrt(sum)
    after:    for c in 15:  sum = 0;  for i in 64: sum = sum + x[c*64 + i];  part[c] = sum
              sum = 0;  for i in 40: sum = sum + x[960 + i];  part[15] = sum
              sum = 0;  for c in 16: sum = sum + part[c];  y = sqrt(sum)
    refuses:  enough turns of an outer loop to share, several loops over the reduced axes one after the other.
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
    if kept:
        turns = kept[0].var.extent // (LANES if kept[0].is_vector else 1)
    if turns >= FEW or loops[0].var.extent < PARTS * (LANES if loops[0].is_vector else 2):
        return None
    return Pattern(tuple(kept), declarations, loops[0], others)


def _partial(
    pattern: Pattern, buffers: tuple[Buffer, ...], start: Index, row: Index, inner: Var, outer: Sequence[Loop]
) -> Kernel:
    """One accumulator's worth of turns from `start` on, for each turn of `outer`, kept at `row`."""
    body = substitute(pattern.loop.body, {pattern.loop.var: start + Index(0, ((inner, 1),))})
    first = len(buffers) - len(pattern.declarations)
    stores = [Store(first + n, row, Local(d.name, d.dtype)) for n, d in enumerate(pattern.declarations)]
    nest: list[Statement] = [*pattern.declarations, Loop(inner, body, pattern.loop.is_vector), *stores]
    return Kernel(buffers, _around((*outer, *pattern.kept), nest), is_parallel=bool(outer or pattern.kept))


def _around(loops: Sequence[Loop], body: Sequence[Statement]) -> tuple[Statement, ...]:
    nest = tuple(body)
    for loop in reversed(loops):
        nest = (Loop(loop.var, nest, loop.is_vector),)
    return nest
