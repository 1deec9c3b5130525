"""Loops that read across memory, as of a transposed matrix: they are turned so that what one turn has fetched the next ones find."""

from __future__ import annotations

from dataclasses import replace

from tenfold.compiler.loops import Index, Kernel, Load, Loop, Statement, Store, Var, expressions
from tenfold.compiler.substitute import substitute

LINE_BYTES = 64
FAR_BYTES = 1 << 15  # of a buffer that does not stay in the first cache
MOST_TURNS = 64


def tile(kernel: Kernel) -> Kernel:
    """
    before:   for i in 1024:  for j in 4096 by lanes:  b1[i*4096 + j] = b0[j*1024 + i]
    after:    for i in 64:  for j in 4096 by lanes:  for t in 16:  b1[i*65536 + t*4096 + j] = b0[j*1024 + i*16 + t]
    refuses:  loops that hold more than stores; buffers that stay in the first cache anyway.
    """
    loops: list[Loop] = []
    body = kernel.body
    while len(body) == 1 and isinstance(body[0], Loop):
        loops.append(body[0])
        body = body[0].body
    if len(loops) < 2 or not loops[-1].is_vector or not all(isinstance(s, Store) for s in body):
        return kernel
    lane = loops[-1].var
    far = [e for e in expressions(body) if isinstance(e, Load) and _is_far(kernel, e, lane)]
    along = [s.var for s in loops[:-1] if far and all(e.index.factor(s.var) == 1 for e in far)]
    if not along:
        return kernel
    (var,) = along
    size = _turns(var.extent, max(LINE_BYTES // e.dtype.itemsize for e in far))
    block, turn = Var(var.name, var.extent // size), Var(f"{var.name}t", size)
    terms = ((block, size), (turn, 1)) if size < var.extent else ((turn, 1),)
    nest: list[Statement] = [Loop(turn, substitute(body, {var: Index(0, terms)}))]
    for loop in reversed(loops):
        if loop.var != var:
            nest = [replace(loop, body=tuple(nest))]
        elif size < var.extent:
            nest = [Loop(block, tuple(nest))]
    return replace(kernel, body=tuple(nest))


def _is_far(kernel: Kernel, e: Load, lane: Var) -> bool:
    """Whether lanes read from lines of their own."""
    step, size = e.index.factor(lane), e.dtype.itemsize
    return step is not None and abs(step) * size >= LINE_BYTES and kernel.buffers[e.buffer].size * size >= FAR_BYTES


def _turns(extent: int, wanted: int) -> int:
    """How many turns are made at once: a divisor of all, a line's elements if possible."""
    if extent <= MOST_TURNS:
        return extent
    divisors = [n for n in range(1, MOST_TURNS + 1) if not extent % n]
    return min((n for n in divisors if n >= wanted), default=divisors[-1])
