"""Products with rows that are looked up in a table: a row is multiplied once, however often it is looked up.

So the layer after an embedding works on the words that there are, not on each place where one stands.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tenfold.compiler.infer import kind
from tenfold.compiler.program import Instruction, Literal, Program, Rewriter

LOOKING_UP = 16  # what a multiplied row costs where it is looked up, in terms of its sums
SCATTERING = 48  # what a row costs that is added to others


def multiply_rows_once(program: Program) -> Program:
    """
    before:   %2 = gather %table %indices axis=0; %3 = contract %2 %w;  %5 = contract %2 %dy transpose_x=True
    after:    %2 = contract %table %w; %3 = gather %2 %indices axis=0
              %4 = scatter_add 0 %indices %dy; %5 = contract (rows of %table that are looked up) %4 transpose_x=True
    refuses:  a table with almost as many rows as are looked up.
    """
    return program.rewrite(_rule)


def _rule(new: Rewriter, i: Instruction, operands: tuple[int, ...]) -> int:
    if i.op == "contract" and kind(i.dtype) == "f" and len(new[operands[1]].shape) == 2:
        x, y = operands
        found = _lookup(new, x)
        if found and not i["transpose_x"] and found.is_worth_it(new, LOOKING_UP):
            product = new.emit("contract", (found.table, y), transpose_x=False, transpose_y=i["transpose_y"])
            rows = new.emit("gather", (product, found.indices), axis=0, batch_dims=0)
            return found.seen(new, rows)
        if found and i["transpose_x"] and not i["transpose_y"] and len(new[x].shape) == 2:
            if found.is_worth_it(new, SCATTERING):
                return _gradient(new, found, y)
    return new.keep(i, operands)


@dataclass(frozen=True)
class _Lookup:
    """Rows of a table, and the views through which they are seen, which leave rows whole; the innermost first."""

    table: int
    indices: int
    views: tuple[Instruction, ...]

    def is_worth_it(self, new: Rewriter, cost: int) -> bool:
        (rows, width), count = new[self.table].shape, new[self.indices].spec.size
        return width * (count - rows) >= cost * count

    def seen(self, new: Rewriter, rows: int) -> int:
        """Other rows, through the same views."""
        width = new[rows].shape[-1]
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


def _lookup(new: Rewriter, at: int) -> _Lookup | None:
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
    return _Lookup(table, indices, tuple(views))


def _gradient(new: Rewriter, found: _Lookup, dy: int) -> int:
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
