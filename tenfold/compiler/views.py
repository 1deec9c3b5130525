"""Which primitives need no memory of their own, and where in their operands the elements of their results are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tenfold.compiler.infer import ELEMENTWISE, REDUCTIONS
from tenfold.compiler.loops import Apply, Dynamic, Expr, Index, Var, linear, strides_of
from tenfold.compiler.program import Instruction, Program, Rewriter

Place = tuple[Index, ...]  # an index for each axis

POINTWISE = frozenset((*ELEMENTWISE, "select", "cast", "bitcast"))
FUSIBLE = POINTWISE | frozenset(REDUCTIONS)
VIEWS = frozenset(("broadcast", "reshape", "transpose", "slice", "gather", "iota", "window"))
CONTRACTIONS = frozenset(("contract", "convolution", "convolution_input_gradient", "convolution_filter_gradient"))
MOVES = frozenset(("concat", "write"))  # they copy what others compute into parts of an array
LEAVES = frozenset(("input", "constant", "empty"))
IN_PLACE = frozenset(("scatter_add", "scatter_fold", "write"))  # they begin with a copy of their first operand
_STRIDED = frozenset(("broadcast", "reshape", "transpose", "slice"))


def base_of(program: Program, at: int) -> int:
    """The value whose memory this one is: looks through reshapes."""
    while program.instructions[at].op == "reshape":
        at = program.instructions[at].operands[0]
    return at


def number_of(program: Rewriter | Sequence[Instruction], at: int) -> float | None:
    """The number that a value is everywhere, if it is a constant."""
    while program[at].op in ("broadcast", "reshape"):
        at = program[at].operands[0]
    if program[at].op == "constant" and program[at].spec.size == 1:
        return program[at]["value"].array.item()
    return None


@dataclass(frozen=True)
class Strided:
    """A view as memory of another value: where its first element is, and how far a step along each axis is, in elements."""

    base: int
    start: int
    strides: tuple[int, ...]


def strided(program: Sequence[Instruction], at: int) -> Strided | None:
    """A value as memory, looking through views; None if its elements do not lie at equal distances along each axis.

    Example:
      >>> from tenfold.compiler.builder import Builder
      >>> b = Builder()
      >>> x = b.input((5, 6, 8), "float32")
      >>> heads = b.transpose(b.reshape(x, (5, 6, 2, 4)), (0, 2, 1, 3))
      >>> strided(b.program([heads]).instructions, 2)
      Strided(base=0, start=0, strides=(48, 4, 8, 1))
    """
    shape = program[at].shape
    variables = [Var(str(axis), n) for axis, n in enumerate(shape)]
    place: Place = tuple(Index(0, ((v, 1),)) if v.extent > 1 else Index() for v in variables)
    while program[at].op in _STRIDED:
        x = program[at].operands[0]
        place, at = through(program[at], program[x].shape, place), x
    if program[at].op in VIEWS:
        return None
    position = linear(place, strides_of(program[at].shape))
    if not all(isinstance(atom, Var) and factor > 0 for atom, factor in position.terms):
        return None
    factors = dict(position.terms)
    return Strided(at, position.const, tuple(factors.get(v, 0) for v in variables))


def through(i: Instruction, shape: tuple[int, ...], place: Place) -> Place:
    """Where in the first operand, of this shape, the view's element at `place` is; not for gather."""
    match i.op:
        case "broadcast":
            return tuple(place[a] if n > 1 else Index() for n, a in zip(shape, i["axes"], strict=True))
        case "transpose":
            found = dict(zip(i["permutation"], place, strict=True))
            return tuple(found[a] for a in range(len(shape)))
        case "slice":
            return tuple(
                (p * stride).plus(start) for p, start, stride in zip(place, i["starts"], i["strides"], strict=True)
            )
        case "window":
            rank = len(i["taps"])
            batch, *rest, channel = place
            steps = zip(rest[:rank], rest[rank:], i["strides"], i["dilations"], strict=True)
            return (batch, *(output * stride + tap * dilation for output, tap, stride, dilation in steps), channel)
        case "reshape":
            return _reshaped(i.shape, shape, place)
    raise ValueError(i.op)


def _reshaped(new: tuple[int, ...], old: tuple[int, ...], place: Place) -> Place:
    """Axes that both shapes have stay apart; only what is split or merged is computed from the position in memory."""
    if 0 in new:
        return (Index(),) * len(old)  # nothing is read
    result: list[Index] = []
    a = b = 0
    while a < len(new) or b < len(old):
        last_a, last_b = a, b
        left = new[a] if a < len(new) else 1
        right = old[b] if b < len(old) else 1
        a, b = min(a + 1, len(new)), min(b + 1, len(old))
        while left != right:
            if left < right and a < len(new) or b == len(old):
                left *= new[a]
                a += 1
            else:
                right *= old[b]
                b += 1
        if b - last_b == 1 and a - last_a == 1:
            result.append(place[last_a])
            continue
        position = linear(place[last_a:a], strides_of(new[last_a:a]))
        part: list[Index] = []
        for n in reversed(old[last_b + 1 : b]):
            position, rest = position.divide(n)
            part.append(rest)
        if b > last_b:
            part.append(position)
        result += reversed(part)
    return tuple(result)


def through_gather(
    i: Instruction, operands: tuple[Instruction, Instruction], place: Place, code: int, value: Callable[[Place], Expr]
) -> Place:
    """Where in its first operand a gather's element is; `value(place)` is the element of the indices."""
    x, indices = operands
    axis, batch = i["axis"], i["batch_dims"]
    count = len(indices.shape) - batch
    where = (*place[:batch], *place[axis : axis + count])
    extent, index = x.shape[axis], value(where)
    if not dict(i.attrs).get("in_range"):
        at = linear(where, strides_of(indices.shape))
        index = Apply("bounded", (index,), np.dtype(np.int64), code=code, extent=extent, at=at)
    return (*place[:axis], Index(0, ((Dynamic(index, extent), 1),)), *place[axis + count :])
