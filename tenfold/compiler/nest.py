"""Writes a group of fused values as a kernel of the loop IR.

Loops over the kept axes hold one loop over the reduced axes per stage: what needs the result of a reduction comes a stage after
it. A full value that is dear to compute and needed in a later stage is kept in scratch memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from tenfold.compiler.collapse import collapse
from tenfold.compiler.groups import Group, place_of
from tenfold.compiler.infer import REDUCTIONS
from tenfold.compiler.loops import (
    MAY_FAIL,
    Accumulate,
    Apply,
    Buffer,
    Declare,
    Dynamic,
    Expr,
    Index,
    Kernel,
    Load,
    Local,
    Loop,
    Number,
    Position,
    Statement,
    Store,
    Var,
    expressions,
    linear,
    strides_of,
)  # fmt: skip
from tenfold.compiler.program import Program
from tenfold.compiler.vector_math import EXPENSIVE
from tenfold.compiler.views import MOVES, VIEWS, Place, base_of, through, through_gather

SCRATCH_BYTES = 1 << 16  # on the stack of each thread
REDUCERS = {
    "reduce_sum": "add", "reduce_prod": "mul", "reduce_max": "maximum", "reduce_min": "minimum", "reduce_any": "logical_or",
    "reduce_all": "logical_and",
}  # fmt: skip


class Sources:
    """The buffers that a kernel reads and writes, by the values they hold."""

    def __init__(self, program: Program, first_code: int):
        self.program, self.first_code = program, first_code
        self.values: list[int] = []
        self.buffers: list[Buffer] = []

    def buffer(self, at: int) -> int:
        """The number of the buffer of a value that has memory."""
        at = base_of(self.program, at)
        if at not in self.values:
            spec = self.program.instructions[at].spec
            self.values.append(at)
            self.buffers.append(Buffer(spec.dtype, spec.size))
        return self.values.index(at)

    def scratch(self, of: int, size: int) -> int:
        self.values.append(-1)
        self.buffers.append(Buffer(self.program.instructions[of].dtype, size, is_scratch=True))
        return len(self.buffers) - 1

    def load(self, at: int, place: Place, shape: tuple[int, ...] | None = None) -> Expr:
        """An element of a value in memory, read as if it had `shape`."""
        i = self.program.instructions[at]
        if i.op == "constant" and i.spec.size == 1:
            return Number(i["value"].array.item(), i.dtype)
        return Load(self.buffer(at), linear(place, strides_of(i.shape if shape is None else shape)), i.dtype)

    def row(self, at: int) -> Index:
        """Where in memory the row begins that a write changes."""
        i = self.program.instructions[at]
        number = self.load(i.operands[1], (), ())
        checked = Apply("bounded", (number,), np.dtype(np.int64), code=self.first_code + at, extent=i.shape[0])
        return Index(0, ((Dynamic(checked, i.shape[0]), prod(i.shape[1:])),))


def targets(sources: Sources, at: int, place: Place, position: Index) -> list[tuple[int, Index]]:
    """What a member of a group stores in a turn of its loops, as values and where they go in its memory.

    Args:
      sources: of the kernel.
      at: the member.
      place: the turn; of what is moved, the element that is stored.
      position: the same in memory, for a value of the loops' shape.
    """
    i = sources.program.instructions[at]
    if i.op == "write":
        row = sources.row(at)
        return [(value, row + index) for value, index in targets(sources, i.operands[2], place, position)]
    if i.op != "concat":
        return [(at, position)]
    found, start = [], 0
    for o in i.operands:
        moved = [p.plus(start) if axis == i["axis"] else p for axis, p in enumerate(place)]
        found.append((o, linear(moved, strides_of(i.shape))))
        start += sources.program.instructions[o].shape[i["axis"]]
    return found


class Reader:
    """Expressions for the elements of values, looking through views down to memory; members of a group come from `member`."""

    def __init__(
        self,
        sources: Sources,
        members: frozenset[int] = frozenset(),
        member: Callable[[int, Place], Expr] | None = None,
    ):
        self.sources, self.members, self.member = sources, members, member
        self.program = sources.program
        self._known: dict[tuple[int, Place], Expr] = {}

    def forget(self) -> None:
        self._known.clear()

    def element(self, at: int, place: Place) -> Expr:
        key = (at, place)
        if key not in self._known:
            self._known[key] = self._element(at, place)
        return self._known[key]

    def _element(self, at: int, place: Place) -> Expr:
        if at in self.members and self.member is not None:
            return self.member(at, place)
        i = self.program.instructions[at]
        if i.op == "iota":
            return Position(place[i["axis"]], i.dtype)
        if i.op not in VIEWS:
            return self.sources.load(at, place)
        x = self.program.instructions[i.operands[0]]
        if i.op == "gather":
            indices = i.operands[1]
            pair = (x, self.program.instructions[indices])
            return self.element(
                i.operands[0],
                through_gather(i, pair, place, self.sources.first_code + at, lambda p: self.element(indices, p)),
            )
        if i.op == "reshape":
            base = base_of(self.program, at)
            if base not in self.members and self.program.instructions[base].op not in VIEWS:
                return self.sources.load(base, place, i.shape)  # the same memory in the order of another shape
        return self.element(i.operands[0], through(i, x.shape, place))

    def compute(self, at: int, place: Place) -> Expr:
        """An element-wise primitive on the elements of its operands."""
        i = self.program.instructions[at]
        return Apply(
            i.op, tuple(self.element(o, place) for o in i.operands), i.dtype, code=self.sources.first_code + at
        )


def build(program: Program, group: Group, first_code: int) -> tuple[Kernel, list[int]]:
    """The kernel of a fused group, and the values in its buffers (-1: scratch); errors have the code of their instruction's position."""
    return _Nest(program, group, first_code).build()


@dataclass(frozen=True)
class Epilogue:
    """What is done with each element of a contraction: `result` takes its place, as value `at`; the kernel stores others.

    In expressions, `Local("value")` is the element in `row` and `column` of the contraction.
    """

    kernel: Kernel
    values: list[int]
    at: int
    result: Expr
    row: Var
    column: Var

    def __str__(self) -> str:
        """All that its code depends on."""
        errors = [e.code for e in self.expressions() if isinstance(e, Apply) and e.op in MAY_FAIL]
        return f"{self.kernel.buffers} {self.row} {self.column} {errors}\n{self.kernel}\n{self.result}"

    def expressions(self) -> Iterator[Expr]:
        return expressions([Store(0, Index(), self.result), *self.kernel.body])

    def reads_in_place(self, variable: int) -> bool:
        """Whether all reads of a value are of the element that the contraction is at."""
        here = Index(0, ((self.row, self.column.extent), (self.column, 1)))
        return all(
            e.index == here for e in self.expressions() if isinstance(e, Load) and self.values[e.buffer] == variable
        )


def build_epilogue(program: Program, group: Group, first_code: int) -> Epilogue:
    """The epilogue that the members of a group with a producer are."""
    producer, shape = group.producer or 0, program.instructions[group.producer or 0].shape
    columns = shape[-1]
    row, column = Var("row", prod(shape[:-1])), Var("column", columns)
    flat = Index(0, ((row, columns), (column, 1)))
    sources = Sources(program, first_code)

    def member(at: int, place: Place) -> Expr:
        if at == producer:
            return Local("value", program.instructions[at].dtype)
        return reader.compute(at, place)

    reader = Reader(sources, frozenset(group.members), member)

    def place_in(shape: tuple[int, ...]) -> Place:
        position, place = flat, []
        for n in reversed(shape):
            position, rest = position.divide(n)
            place.append(rest)
        return tuple(reversed(place))

    def may_own(m: int) -> bool:
        i = program.instructions[m]
        return i.op not in MOVES and i.dtype == program.instructions[producer].dtype

    owner = producer if producer in group.stored else next(filter(may_own, group.stored), producer)
    here = place_in(group.domain or ())
    stores = [
        Store(sources.buffer(m), index, reader.element(value, here))
        for m in group.stored
        if m != owner
        for value, index in targets(sources, m, here, flat)
    ]
    result = reader.element(owner, place_in(program.instructions[owner].shape))
    return Epilogue(Kernel(tuple(sources.buffers), tuple(stores)), sources.values, owner, result, row, column)


class _Nest:
    def __init__(self, program: Program, group: Group, first_code: int):
        self.program, self.group = program, group
        self.sources = Sources(program, first_code)
        self.members = frozenset(group.members)
        self.reader = Reader(self.sources, self.members, self._member)
        self.domain = group.domain or ()
        self.reduced = group.reduced
        self.stage = 0
        self.stages = self._stages()
        self.kept: dict[int, tuple[int, Index]] = {}  # where later stages find what earlier ones computed

    def build(self) -> tuple[Kernel, list[int]]:
        places = place_of(self.domain)
        kept = variables([p for a, p in enumerate(places) if a not in self.reduced])
        inner = variables([p for a, p in enumerate(places) if a in self.reduced])
        last = next((a for a in reversed(range(len(places))) if places[a].terms), -1)
        if inner:  # else stages follow each other in the same turn, and values stay in registers
            self._keep(places, last)
        body: list[Statement] = []
        for stage in range(max(self.stages.values()) + 1):
            self.stage = stage
            body += self._stage(places, inner, last in self.reduced)
        nest = wrap(kept, body, is_vector=last not in self.reduced)
        kernel = Kernel(tuple(self.sources.buffers), tuple(nest), is_parallel=bool(kept))
        return collapse(kernel), self.sources.values

    def _stage(self, places: Place, inner: list[Var], is_vector: bool) -> list[Statement]:
        self.reader.forget()
        here = [m for m in self.group.members if self.stages[m] == self.stage]
        stored = [m for m in here if m in self.group.stored or m in self.kept]
        reductions = [m for m in here if self._op(m) in REDUCTIONS]
        declarations = [Declare(f"r{m}", REDUCERS[self._op(m)], self.program.instructions[m].dtype) for m in reductions]
        turn: list[Statement] = []
        for m in reductions:
            operand = self.program.instructions[m].operands[0]
            turn.append(Accumulate(f"r{m}", REDUCERS[self._op(m)], self.reader.element(operand, places)))
        turn += [s for m in stored if self._is_full(m) for s in self._stores(m)]
        rows = [m for m in stored if not self._is_full(m)]
        return [
            *[s for m in rows if m not in reductions for s in self._stores(m)],
            *declarations,
            *(wrap(inner, turn, is_vector) if turn else []),
            *[s for m in rows if m in reductions for s in self._stores(m)],
        ]

    def _op(self, at: int) -> str:
        return self.program.instructions[at].op

    def _is_full(self, m: int) -> bool:
        return self.group.places[m] == place_of(self.domain) and self._op(m) not in REDUCTIONS

    def _stages(self) -> dict[int, int]:
        stages: dict[int, int] = {}
        for m in sorted(self.group.members):
            stages[m] = max((stages[n] + (self._op(n) in REDUCTIONS) for n in self._members_read(m)), default=0)
        return stages

    def _members_read(self, at: int) -> Iterator[int]:
        """Members that a member is computed from, directly or through views."""
        pending = list(self.program.instructions[at].operands)
        while pending:
            o = pending.pop()
            if o in self.members:
                yield o
            elif self._op(o) in VIEWS:
                pending += self.program.instructions[o].operands

    def _member(self, at: int, place: Place) -> Expr:
        i = self.program.instructions[at]
        if i.op in REDUCTIONS:
            return Local(f"r{at}", i.dtype)
        if at in self.kept and self.stages[at] < self.stage:
            return Load(*self.kept[at], i.dtype)
        return self.reader.compute(at, place)

    def _keep(self, places: Place, last: int) -> None:
        """Chooses what stays in memory for later stages: what is stored anyway, and in scratch what is dear to compute."""
        room = SCRATCH_BYTES
        size = prod(n for a, n in enumerate(self.domain) if a in self.reduced)
        strides = iter(strides_of([n for a, n in enumerate(self.domain) if a in self.reduced]))
        inside = [next(strides) if a in self.reduced else 0 for a in range(len(self.domain))]
        for m in sorted(self._needed_later()):
            i = self.program.instructions[m]
            if m in self.group.stored:
                self.kept[m] = (self.sources.buffer(m), linear(places, strides_of(self.domain)))
            elif i.op in EXPENSIVE and last in self.reduced and size * i.dtype.itemsize <= room:
                room -= size * i.dtype.itemsize
                self.kept[m] = (self.sources.scratch(m, size), linear(places, inside))

    def _needed_later(self) -> set[int]:
        """Full values that a later stage needs, directly or inside of what it computes again."""
        found: set[int] = set()
        pending = [n for m in self.members for n in self._members_read(m) if self.stages[m] > self.stages[n]]
        while pending:
            m = pending.pop()
            if m not in found and self._is_full(m):
                found.add(m)
                pending += self._members_read(m)
        return found

    def _stores(self, m: int) -> Iterator[Store]:
        place = self.group.places[m]
        if m in self.kept:
            buffer, index = self.kept[m]
            yield Store(buffer, index, self.reader.element(m, place))
            return
        shape = self.domain if self._op(m) in MOVES else self.program.instructions[m].shape
        position = linear(place, strides_of(shape))
        for value, index in targets(self.sources, m, place, position):
            yield Store(self.sources.buffer(m), index, self.reader.element(value, place))


def variables(place: Sequence[Index]) -> list[Var]:
    """The loop variables of the axes that are longer than 1."""
    return [atom for index in place for atom, _ in index.terms if isinstance(atom, Var)]


def wrap(variables: Sequence[Var], body: Sequence[Statement], is_vector: bool) -> list[Statement]:
    """Loops around statements; the innermost is the vector loop if `is_vector`."""
    nest = list(body)
    for v in reversed(variables):
        nest = [Loop(v, tuple(nest), is_vector)]
        is_vector = False
    return nest
