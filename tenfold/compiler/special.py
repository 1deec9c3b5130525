"""Kernels of primitives that are not fused with others: pad, concat, running sums, scatters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from tenfold.compiler.collapse import collapse
from tenfold.compiler.groups import place_of
from tenfold.compiler.loops import (
    Accumulate,
    Apply,
    Declare,
    Dynamic,
    Expr,
    Index,
    Kernel,
    Load,
    Local,
    Number,
    Statement,
    Store,
    identity,
    linear,
    strides_of,
)  # fmt: skip
from tenfold.compiler.nest import Reader, Sources, variables, wrap
from tenfold.compiler.program import Program, Spec
from tenfold.compiler.views import Place, number_of

Built = tuple[Kernel, list[int]]
SHORT_ROW_BYTES = 512  # of rows that are added one after the other
PIECE_BYTES = 128  # of such rows, that a thread adds: two lines, which processors fetch together
CONTENDED_BYTES = 1 << 20  # of tables in whose rows threads meet so often that one alone is faster


def build(program: Program, at: int, first_code: int) -> list[Built]:
    """The kernels of a primitive, one after the other, each with the values in its buffers."""
    return KERNELS[program.instructions[at].op](program, at, first_code)


@dataclass
class _Copy:
    """Loops that store an expression of their place somewhere."""

    program: Program
    at: int
    first_code: int

    def __post_init__(self) -> None:
        self.sources = Sources(self.program, self.first_code)
        self.reader = Reader(self.sources)
        self.instruction = self.program.instructions[self.at]

    def loops(self, shape: Sequence[int], value: Expr, target: Index) -> Built:
        places = place_of(tuple(shape))
        body = wrap(variables(places), [Store(self.sources.buffer(self.at), target, value)], is_vector=True)
        return collapse(
            Kernel(tuple(self.sources.buffers), tuple(body), is_parallel=bool(variables(places)))
        ), self.sources.values

    def region(self, operand: int, starts: Sequence[int], steps: Sequence[int] = ()) -> Built:
        """Copies an operand to where it begins in the result, with steps between its elements."""
        shape = self.program.instructions[operand].shape
        places = place_of(shape)
        steps = steps or (1,) * len(shape)
        where = [(p * step).plus(start) for p, step, start in zip(places, steps, starts, strict=True)]
        target = linear(where, strides_of(self.instruction.shape))
        return self.loops(shape, self.reader.element(operand, places), target)

    def whole(self, operand: int, place: Place | None = None) -> Built:
        shape = self.instruction.shape
        places = place_of(shape)
        return self.loops(
            shape, self.reader.element(operand, places if place is None else place), linear(places, strides_of(shape))
        )


def _pad(program: Program, at: int, first_code: int) -> list[Built]:
    i = program.instructions[at]
    x, value = i.operands
    steps = [n + 1 for n in i["inside"]]
    fill = _Copy(program, at, first_code).whole(value, ())
    return (
        [fill, _Copy(program, at, first_code).region(x, i["low"], steps)]
        if program.instructions[x].spec.size
        else [fill]
    )


def _concat(program: Program, at: int, first_code: int) -> list[Built]:
    i = program.instructions[at]
    kernels, start = [], 0
    for operand in i.operands:
        shape = program.instructions[operand].shape
        if prod(shape):
            kernels.append(
                _Copy(program, at, first_code).region(
                    operand, [start if a == i["axis"] else 0 for a in range(len(shape))]
                )
            )
        start += shape[i["axis"]]
    return kernels


def _cumulate(program: Program, at: int, first_code: int) -> list[Built]:
    """
    for each line:  sum = 0;  for i along the axis:  sum = sum + x[i];  y[i] = sum
    """
    copy = _Copy(program, at, first_code)
    i = copy.instruction
    axis, places = i["axis"], list(place_of(i.shape))
    line = variables([places[axis]])
    if i["reverse"]:
        places[axis] = (places[axis] * -1).plus(i.shape[axis] - 1)
    step = Accumulate("sum", i["by"], copy.reader.element(i.operands[0], tuple(places)))
    store = Store(copy.sources.buffer(at), linear(places, strides_of(i.shape)), Local("sum", i.dtype))
    turn: list[Statement] = [store, step] if i["exclusive"] else [step, store]
    others = variables([p for a, p in enumerate(place_of(i.shape)) if a != axis])
    body: list[Statement] = [Declare("sum", i["by"], i.dtype), *wrap(line, turn, is_vector=False)]
    nest = wrap(others, body, is_vector=any(n != 1 for n in i.shape[axis + 1 :]))
    return [(collapse(Kernel(tuple(copy.sources.buffers), tuple(nest), is_parallel=bool(others))), copy.sources.values)]


def _scatter(program: Program, at: int, first_code: int) -> list[Built]:
    """
    y = base;  for each column, in lanes:  for i along the indices:  y[indices[i], column] = y[indices[i], column] + updates[i, column]

    Rows that are short are added one after the other, in pieces that threads share.
    """
    i = program.instructions[at]
    base, indices, updates = i.operands
    count, width = program.instructions[indices].spec.size, prod(i.shape[1:])
    is_short = width * i.dtype.itemsize <= SHORT_ROW_BYTES
    pieces = _pieces(i.spec) if is_short else 1
    piece, where, column = place_of((pieces, count, width // pieces))
    across = piece * (width // pieces) + column
    copy = _Copy(program, at, first_code)
    result = copy.sources.buffer(at)
    index = copy.sources.load(indices, (where,), (count,))
    update = _update(copy, updates, (where, across), (count, width))
    by = dict(i.attrs).get("by", "add")
    if dict(i.attrs).get("skips_negative"):
        zero = Number(0, index.dtype)
        update = Apply(
            "select",
            (Apply("ge", (index, zero), np.dtype(bool)), update, Number(identity(by, i.dtype), i.dtype)),
            i.dtype,
        )
        index = Apply("maximum", (index, zero), index.dtype)
    checked = Apply("bounded", (index,), np.dtype(np.int64), code=first_code + at, extent=i.shape[0], at=where)
    target = Index(0, ((Dynamic(checked, i.shape[0]), width),)) + across
    store = Store(result, target, Apply(by, (Load(result, target, i.dtype), update), i.dtype))
    rows, columns = variables([where]), variables([column])
    if is_short:
        nest = wrap([*variables([piece]), *rows, *columns], [store], is_vector=bool(columns))
    else:
        nest = wrap(columns, wrap(rows, [store], is_vector=False), is_vector=True)
    adding = Kernel(tuple(copy.sources.buffers), tuple(nest), is_parallel=pieces > 1 or not is_short)
    return [_Copy(program, at, first_code).whole(base), (adding, copy.sources.values)]


def _update(copy: _Copy, at: int, place: Place, shape: tuple[int, ...]) -> Expr:
    """An element of what is added, in a row and a column."""
    i, number = copy.program.instructions[at], number_of(copy.program.instructions, at)
    if number is not None:
        return Number(number, i.dtype)
    return copy.reader.element(at, place[: len(i.shape)]) if i.op == "gather" else copy.sources.load(at, place, shape)


def _pieces(table: Spec) -> int:
    """How many equal pieces of a table's short rows are added side by side."""
    width = prod(table.shape[1:])
    if table.nbytes < CONTENDED_BYTES:
        return 1
    most = max(2, width * table.dtype.itemsize // PIECE_BYTES)
    least = max(1, PIECE_BYTES // 2 // table.dtype.itemsize)  # elements
    return max(n for n in range(1, most + 1) if not width % n and (n == 1 or width // n >= least))


def _write(program: Program, at: int, first_code: int) -> list[Built]:
    """
    y = x;  for each column, in lanes:  y[index, column] = value[column]
    """
    i = program.instructions[at]
    x, index, value = i.operands
    width = prod(i.shape[1:])
    (across,) = place_of((width,))
    copy = _Copy(program, at, first_code)
    row = copy.sources.load(index, (), ())
    checked = Apply("bounded", (row,), np.dtype(np.int64), code=first_code + at, extent=i.shape[0])
    target = Index(0, ((Dynamic(checked, i.shape[0]), width),)) + across
    writing = copy.loops((width,), copy.sources.load(value, (across,), (width,)), target)
    return [_Copy(program, at, first_code).whole(x), writing]


KERNELS: dict[str, Callable[[Program, int, int], list[Built]]] = {
    "pad": _pad, "concat": _concat, "cumulate": _cumulate, "scatter_add": _scatter, "scatter_fold": _scatter,
    "write": _write,
}  # fmt: skip
