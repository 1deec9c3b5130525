"""Loops that read across memory, as of a transposed matrix: they are turned so that what one turn has fetched the next ones find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import gcd, prod

from tenfold.compiler.loops import Index, Kernel, Load, Loop, Statement, Store, Var, expressions
from tenfold.compiler.substitute import substitute

LINE_BYTES = 64
CACHE_BYTES, SET_BYTES = 1 << 15, 1 << 12  # of a first cache, and of it what neighbours in memory may take
FEW = 16  # turns around those that are made at once: too few to share
MOST_AT_ONCE = 64


def tile(kernel: Kernel) -> Kernel:
    """
    before:   for i in 1000:  for j in 3000 by lanes:  b1[i*3000 + j] = b0[j*1000 + i]
    after:    for j in 3000 by lanes:  for t in 1000:  b1[t*3000 + j] = b0[j*1000 + t]

    before:   for i in 4096:  for j in 64 by lanes:  b1[i*64 + j] = b0[j*4096 + i]
    after:    for i in 256:  for j in 64 by lanes:  for t in 16:  b1[i*1024 + t*64 + j] = b0[j*4096 + i*16 + t]

    refuses:  loops that hold more than stores; so few lanes that their lines stay in the first cache until the next turn anyway.
    """
    loops: list[Loop] = []
    body = kernel.body
    while len(body) == 1 and isinstance(body[0], Loop):
        loops.append(body[0])
        body = body[0].body
    if len(loops) < 2 or not loops[-1].is_vector or not all(isinstance(s, Store) for s in body):
        return kernel
    lane = loops[-1].var
    far = [e for e in expressions(body) if isinstance(e, Load) and _is_far(e, lane)]
    along = [s.var for s in loops[:-1] if far and all(e.index.factor(s.var) == 1 for e in far)]
    if not along:
        return kernel
    (var,) = along
    size = _turns(var, loops, max(LINE_BYTES // e.dtype.itemsize for e in far))
    if size is None:
        return kernel
    block, turn = Var(var.name, var.extent // size), Var(f"{var.name}t", size)
    terms = ((block, size), (turn, 1)) if size < var.extent else ((turn, 1),)
    nest: list[Statement] = [Loop(turn, substitute(body, {var: Index(0, terms)}))]
    for loop in reversed(loops):
        if loop.var != var:
            nest = [replace(loop, body=tuple(nest))]
        elif size < var.extent:
            nest = [Loop(block, tuple(nest))]
    return replace(kernel, body=tuple(nest))


def _is_far(e: Load, lane: Var) -> bool:
    """Whether lanes read from lines of their own, more than the cache holds where steps of a power of two leave many of its sets out."""
    step = (e.index.factor(lane) or 0) * e.dtype.itemsize
    return abs(step) >= LINE_BYTES and lane.extent * max(LINE_BYTES, gcd(step, SET_BYTES)) > CACHE_BYTES


def _turns(var: Var, loops: Sequence[Loop], line: int) -> int | None:
    """How many turns are made at once: all if that leaves enough others to share, else a divisor of them, about a line's elements."""
    *outer, lanes = (loop.var.extent for loop in loops if loop.var != var)
    if prod(outer) * lanes // line >= FEW or var.extent <= MOST_AT_ONCE:
        return var.extent
    divisors = [n for n in range(line // 2, MOST_AT_ONCE + 1) if not var.extent % n]
    return min((n for n in divisors if n >= line), default=max(divisors, default=None))
