"""The steps of a procedure: calls of kernels, and the memory that they need."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tenfold.compiler.loops import Kernel
from tenfold.compiler.memory import aligned
from tenfold.compiler.nest import Epilogue
from tenfold.compiler.pool import SYMBOL

PARALLEL_WORK = 200_000  # operations on elements that are worth a fork: some tens of microseconds
CHUNK_WORK = 50_000


@dataclass
class Call:
    """One call of a kernel's function on a range of 0..count, at least so many indices at a time, with the values in its arguments."""

    function: str
    values: list[int]
    count: int = 0
    work: int = 0
    least: int = 1

    @property
    def grain(self) -> int:
        return max(self.least, self.count * CHUNK_WORK // max(self.work, 1))

    @property
    def is_parallel(self) -> bool:
        return self.work >= PARALLEL_WORK and self.count > self.grain

    def lines(self, name: Callable[[int], str]) -> Iterator[str]:
        for n, pointer in enumerate([*map(name, self.values), "%error"]):
            yield f"store ptr {pointer}, ptr %a{n}"
        if self.is_parallel:
            yield f"call void @{SYMBOL}(ptr @{self.function}, ptr %arguments, i64 {self.count}, i64 {self.grain})"
        else:
            yield f"call void @{self.function}(ptr %arguments, i64 0, i64 {self.count})"


@dataclass
class Step:
    """What one group does: calls, the memory it needs besides values, and for people: operations and loops.

    `copies`: of results that change an operand, the calls that copy it first; left out where both are the same memory.
    `links`: of a chain, the steps that it is made of.
    `is_within`: whether each of so many slices of its only call's range touches, of a value, that slice alone; None if that is not known.
    """

    members: tuple[int, ...]
    calls: list[Any] = field(default_factory=list)
    preparation: list[Any] = field(default_factory=list)  # calls that are made once where the procedure is called often
    workspace_bytes: int = 0
    copies: dict[int, Any] = field(default_factory=dict)
    work: int = 0
    kernels: list[tuple[Kernel, list[int]]] = field(default_factory=list)
    epilogue: Epilogue | None = None
    is_within: Callable[[int, int], bool] | None = None
    links: tuple[Step, ...] = ()
    offsets: list[int] = field(default_factory=list)  # of parts of the workspace

    @property
    def values(self) -> set[int]:
        return {v for call in [*self.copies.values(), *self.calls] for v in call.values if v >= 0}

    def reserve(self, size: int) -> int:
        """Makes room in the workspace; what stands for it where values are listed: -1, -2, ..."""
        self.offsets.append(self.workspace_bytes)
        self.workspace_bytes += aligned(size)
        return -len(self.offsets)
