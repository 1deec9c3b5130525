"""Which primitives need no memory of their own, and where in their operands the elements of their results are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tenfold.compiler.infer import ELEMENTWISE, REDUCTIONS
from tenfold.compiler.loops import Apply, Dynamic, Expr, Index, linear, strides_of
from tenfold.compiler.program import Instruction, Program

Place = tuple[Index, ...]  # an index for each axis

POINTWISE = frozenset((*ELEMENTWISE, "select", "cast", "bitcast"))
FUSIBLE = POINTWISE | frozenset(REDUCTIONS)
VIEWS = frozenset(("broadcast", "reshape", "transpose", "slice", "gather", "iota", "window"))
CONTRACTIONS = frozenset(("contract", "convolution", "convolution_input_gradient", "convolution_filter_gradient"))
LEAVES = frozenset(("input", "constant"))


def base_of(program: Program, at: int) -> int:
    """The value whose memory this one is: looks through reshapes."""
    while program.instructions[at].op == "reshape":
        at = program.instructions[at].operands[0]
    return at


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
    extent = x.shape[axis]
    checked = Apply(
        "bounded",
        (value(where),),
        np.dtype(np.int64),
        code=code,
        extent=extent,
        at=linear(where, strides_of(indices.shape)),
    )
    return (*place[:axis], Index(0, ((Dynamic(checked, extent), 1),)), *place[axis + count :])
