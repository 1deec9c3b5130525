"""What is computed of rows that are looked up in a table: once for each row, however often it is looked up.

So the layer after an embedding works on the words that there are, not on each place where one stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tenfold.compiler.infer import ELEMENTWISE, kind
from tenfold.compiler.program import Instruction, Literal, Program, Rewriter
from tenfold.compiler.views import LEAVES, base_of, number_of

LOOKING_UP = 16  # what a multiplied row costs where it is looked up, in terms of its sums
SCATTERING = 48  # what a row costs that is added to others


def compute_rows_once(program: Program) -> Program:
    """
    before:   %2 = gather %table %indices axis=0; %3 = contract %2 %w;  %5 = contract %2 %dy transpose_x=True
    after:    %2 = contract %table %w; %3 = gather %2 %indices axis=0
              %4 = scatter_add 0 %indices %dy; %5 = contract (rows of %table that are looked up) %4 transpose_x=True

    before:   %3 = gather %2 %indices axis=0; %4 = add %3 %bias
    after:    %3 = add %2 %bias; %4 = gather %3 %indices axis=0
    refuses:  a table with almost as many rows as are looked up.
    """
    return program.rewrite(_rule)


def _rule(new: Rewriter, i: Instruction, operands: tuple[int, ...]) -> int:
    if i.op in ELEMENTWISE and kind(i.dtype) == "f":
        return _elementwise(new, i, operands)
    if i.op == "contract" and kind(i.dtype) == "f" and len(new[operands[1]].shape) == 2:
        x, y = operands
        found = lookup(new, x)
        if found and not i["transpose_x"] and found.is_worth_it(new, LOOKING_UP):
            product = new.emit("contract", (found.table, y), transpose_x=False, transpose_y=i["transpose_y"])
            return found.seen(new, product)
        if found and i["transpose_x"] and not i["transpose_y"] and len(new[x].shape) == 2:
            if found.is_worth_it(new, SCATTERING):
                return _gradient(new, found, y)
    return new.keep(i, operands)


@dataclass(frozen=True)
class Lookup:
    """Rows of a table, and the views through which they are seen, which leave rows whole; the innermost first."""

    table: int
    indices: int
    views: tuple[Instruction, ...]

    def is_worth_it(self, new: Rewriter, cost: int) -> bool:
        (rows, width), count = new[self.table].shape, new[self.indices].spec.size
        return width * (count - rows) >= cost * count

    def repeats(self, new: Rewriter) -> bool:
        """Whether a row is looked up twice or more, on the average."""
        return 2 * new[self.table].shape[0] <= new[self.indices].spec.size

    def seen(self, new: Rewriter, table: int) -> int:
        """The same rows of another table, through the same views."""
        rows, width = new.emit("gather", (table, self.indices), axis=0, batch_dims=0), new[table].shape[-1]
        for view in self.views:
            if view.op == "transpose":
                rows = new.emit("transpose", (rows,), permutation=view["permutation"])
            else:
                rows = new.emit("reshape", (rows,), shape=(*view.shape[:-1], width))
        return rows

    def seen_indices(self, new: Rewriter) -> int:
        """The index of each row that is seen."""
        at = self.indices
        for view in self.views:
            if view.op == "transpose":
                at = new.emit("transpose", (at,), permutation=view["permutation"][:-1])
            else:
                at = new.emit("reshape", (at,), shape=view.shape[:-1])
        return at


def lookup(new: Rewriter, at: int) -> Lookup | None:
    """What a value looks up, if it does nothing but that."""
    views: list[Instruction] = []
    while new[at].op in ("reshape", "transpose"):
        view, at = new[at], new[at].operands[0]
        is_whole = view.op == "reshape" or view["permutation"][-1] == len(view.shape) - 1
        if not is_whole or view.shape[-1:] != new[at].shape[-1:]:
            return None
        views.insert(0, view)
    i = new[at]
    if i.op != "gather" or i["axis"] or i["batch_dims"] or len(new[i.operands[0]].shape) != 2:
        return None
    table, indices = i.operands
    return Lookup(table, indices, tuple(views))


def _elementwise(new: Rewriter, i: Instruction, operands: tuple[int, ...]) -> int:
    """Of rows of what is computed anyway, and of what is the same for each row, so that it is done where they are computed."""
    for at in operands:
        found = lookup(new, at)
        if found and new[found.table].op not in LEAVES and found.repeats(new):
            rows = [found.table if o == at else _same_for_rows(new, o, new[found.table].shape) for o in operands]
            if None not in rows:
                return found.seen(new, new.emit(i.op, [row for row in rows if row is not None]))
    return new.keep(i, operands)


def _same_for_rows(new: Rewriter, at: int, shape: tuple[int, ...]) -> int | None:
    """A value that depends on its last axis at most, for a table of this shape; None if it is no such value."""
    i, last = new[at], len(new[at].shape) - 1
    if i.op != "broadcast":
        return None
    sizes = dict(zip(i["axes"], new[i.operands[0]].shape, strict=True))
    if any(size > 1 for axis, size in sizes.items() if axis != last):
        return None
    width = sizes.get(last, 1)
    line = new.emit("reshape", i.operands, shape=(width,))
    return new.emit("broadcast", (line,), shape=shape, axes=(len(shape) - 1,))


def _gradient(new: Rewriter, found: Lookup, dy: int) -> int:
    """The sum over lookups of products of the row and the row of `dy`."""
    (rows, width), dtype = new[found.table].shape, new[dy].dtype
    indices = found.seen_indices(new)
    count = new[indices].spec.size

    def full(value: float, *shape: int) -> int:
        number = new.emit("constant", (), value=Literal(np.asarray(value, dtype)))
        return new.emit("broadcast", (number,), shape=shape, axes=())

    sums = new.emit("scatter_add", (full(0, rows, new[dy].shape[1]), indices, dy))
    # A row that nobody looks up may be infinite.
    times = new.emit("scatter_add", (full(0, rows), indices, full(1, count)))
    is_used = new.emit("gt", (times, full(0, rows)))
    is_used = new.emit("broadcast", (is_used,), shape=(rows, width), axes=(0,))
    table = new.emit("select", (is_used, found.table, full(0, rows, width)))
    return new.emit("contract", (table, sums), transpose_x=True, transpose_y=False)


def sum_rows_once(program: Program) -> Program:
    """Sums over rows that are added to those of a smaller array anyway, such as the gradient of a bias beside that of an embedding.

    before:   %2 = reduce_sum %dy axes=(0,); %4 = scatter_add 0 %indices %dy
    after:    %4 = scatter_add 0 %indices %dy; %2 = reduce_sum %4 axes=(0,)
    """
    scatters = {
        base_of(program, i.operands[2]): at for at, i in enumerate(program.instructions) if _adds_up(program, i)
    }
    sums = {at: scatter for at, i in enumerate(program.instructions) if (scatter := _scatter_of(program, at, scatters))}
    if not sums:
        return program
    new, where = Rewriter(), {}

    def place(at: int) -> int:
        if at not in where:
            i = program.instructions[at]
            if at in sums:
                where[at] = new.emit("reduce_sum", (place(sums[at]),), axes=(0,))
            else:
                where[at] = new.keep(i, tuple(map(place, i.operands)))
        return where[at]

    for at in range(len(program.instructions)):
        place(at)
    updates = tuple((number, where[value]) for number, value in program.updates)
    return Program(tuple(new.instructions), tuple(where[o] for o in program.outputs), updates)


def _adds_up(program: Program, i: Instruction) -> bool:
    """Whether an instruction adds rows to a half as many, or fewer, that are zero."""
    return (
        i.op == "scatter_add"
        and not i.attrs  # without rows that are skipped
        and len(i.shape) == 2
        and number_of(program.instructions, i.operands[0]) == 0
        and 2 * i.shape[0] <= program.instructions[i.operands[1]].spec.size
    )


def _scatter_of(program: Program, at: int, scatters: Mapping[int, int]) -> int | None:
    """Where the rows that are summed up are added to others, without need of their sum."""
    i = program.instructions[at]
    if i.op != "reduce_sum" or kind(i.dtype) != "f":
        return None
    shape = program.instructions[i.operands[0]].shape
    scatter = scatters.get(base_of(program, i.operands[0]))
    if (
        scatter is None
        or i["axes"] != tuple(range(len(shape) - 1))
        or i.shape != program.instructions[scatter].shape[1:]
    ):
        return None
    pending, needed = [scatter], set()
    while pending:
        needed |= {(last := pending.pop())}
        pending += [o for o in program.instructions[last].operands if o not in needed]
    return None if at in needed else scatter
