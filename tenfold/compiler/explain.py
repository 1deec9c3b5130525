"""What a compiled program does, kernel by kernel, and how long each takes."""

from __future__ import annotations

import ctypes
import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tenfold.compiler import runtime
from tenfold.compiler.executable import build, loaded
from tenfold.compiler.passes import optimise
from tenfold.compiler.program import Program
from tenfold.compiler.step import Step


@dataclass(frozen=True)
class Report:
    """One kernel.

    Attributes:
      fused: its primitives with their counts, in order.
      shape: the shape and dtype of what it computes last.
      seconds: its shortest time.
      operations: on elements, roughly; for contractions, floating-point operations.
      bytes: what it reads and writes at least.
      is_parallel: whether it may run on several threads.
      links: of a chain, the kernels that it is made of, whose times are not known.
    """

    fused: str
    shape: str
    seconds: float
    operations: int
    bytes: int
    is_parallel: bool
    links: tuple[Report, ...] = ()

    def __str__(self) -> str:
        rates = f"{self.operations / self.seconds / 1e9:8.1f} GFLOP/s {self.bytes / self.seconds / 1e9:7.1f} GB/s"
        return f"{1e6 * self.seconds:9.1f} us {rates}  {self.shape}  {self.fused}{', parallel' if self.is_parallel else ''}"


def profile(program: Program, arrays: Sequence[np.ndarray], calls: int = 20) -> list[Report]:
    """Runs a version of the program that reads the clock between kernels; updated arrays change with each call.

    Args:
      program: what to compile.
      arrays: one for each input.
      calls: of how many the shortest times are taken.
    Example:
      >>> from tenfold.compiler.builder import trace
      >>> from tenfold.compiler.program import Spec
      >>> x = np.ones((30, 40), np.float32)
      >>> program = trace(lambda b, x: b.softmax(x), [Spec(x.shape, x.dtype)])
      >>> [report.fused for report in profile(program, [x])]
      ['reduce_max, sub, exp, reduce_sum, div, mul']
    """
    runtime.ensure()
    entry, steps = build(program, is_timed=True)
    executable = loaded(program, entry)
    ticks = np.empty((calls, len(steps) + 1), np.int64)
    start, first = time.perf_counter(), 0
    for n in range(calls):
        executable(*arrays)
        address = executable.last_arena + entry.arena_bytes - entry.clock_bytes
        ticks[n] = (ctypes.c_int64 * (len(steps) + 1)).from_address(address)
        if n == 0:
            start, first = time.perf_counter(), ticks[0, -1]
    rate = (time.perf_counter() - start) / max(ticks[-1, -1] - first, 1)
    settled = optimise(program)
    shortest = np.diff(ticks, axis=1).min(axis=0) * rate
    return [_report(settled, step, max(float(s), 1e-9)) for step, s in zip(steps, shortest, strict=True)]


def _report(program: Program, step: Step, seconds: float) -> Report:
    members = [program.instructions[m] for m in sorted(step.members) if program.instructions[m].op != "item"]
    counts = Counter(i.op for i in members)
    fused = ", ".join(op if n == 1 else f"{op} x{n}" for op, n in counts.items())
    moved = sum(program.instructions[v].spec.nbytes for v in step.values)
    last = program.instructions[max(step.values)].spec
    links = tuple(_report(program, link, math.nan) for link in step.links)
    return Report(fused, str(last), seconds, step.work, moved, any(call.is_parallel for call in step.calls), links)
