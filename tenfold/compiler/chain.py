"""Kernels that hand on what is too large for the cache run slice by slice, so that it stays there, as the scores of an attention do.

before:   for s in 64: scores[s] = q[s] k[s];  for s in 64: p[s] = softmax(scores[s]);  for s in 64: y[s] = p[s] v[s]
after:    for s in 64: scores = q[s] k[s];  p = softmax(scores);  y[s] = p v[s]
refuses:  a kernel that reads more of a value than the slice that was just computed, or whose tiles are not slices of its values.

Kernels stay as they are: a slice is a range of their tiles. What is read by none but them has memory for the slices at work only.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tenfold.compiler.isa import host_isa
from tenfold.compiler.loops import Index, Kernel, Load, Loop, Store, expressions, statements
from tenfold.compiler.memory import aligned
from tenfold.compiler.parts import Parts
from tenfold.compiler.program import Program
from tenfold.compiler.step import Call, Step
from tenfold.compiler.views import base_of

if TYPE_CHECKING:
    from tenfold.compiler.contraction import Contraction

FEWEST_SLICES = 16  # what threads share; of more slices, some are computed one after the other, in the same memory
MOST_SLICES = 64
Within = Callable[[int, int], bool]  # as `Step.is_within`


def join(program: Program, steps: Sequence[Step], parts: Parts) -> list[Step]:
    """The steps with chains made one."""
    roots = {base_of(program, root) for root in program.roots}
    joined: list[Step] = []
    at = 0
    while at < len(steps):
        call = _only_call(steps[at])
        divisors = [n for n in range(FEWEST_SLICES, MOST_SLICES + 1) if call and call.count % n == 0]
        found = [(_length(program, steps[at:], slices), slices) for slices in divisors]
        length, slices = max(found, default=(1, 1))
        chain = steps[at : at + length]
        if length > 1:
            others = (*steps[:at], *steps[at + length :])
            joined.append(_joined(program, chain, slices, roots.union(*(s.values for s in others)), parts))
        else:
            joined += chain
        at += length
    return joined


def _only_call(step: Step) -> Call | None:
    """The parallel loop of slices that a step is, if it is nothing else."""
    is_alone = len(step.calls) == 1 and step.is_within is not None and not step.preparation and not step.copies
    return step.calls[0] if is_alone and step.calls[0].is_parallel else None


def _length(program: Program, steps: Sequence[Step], slices: int) -> int:
    """How many of the first steps are a chain; its last one reads a value that would not stay in the cache otherwise."""
    l2_bytes = host_isa().l2_bytes
    updated = {base_of(program, value): program.inputs[number] for number, value in program.updates}
    writers: dict[int, Step] = {}
    touched: set[int] = set()
    length = 1
    for n, step in enumerate(steps):
        call = _only_call(step)
        if call is None or call.count % slices:
            break
        read = step.values & writers.keys()
        if not all(s.is_within and s.is_within(v, slices) for v in read for s in (step, writers[v])):
            break
        touched |= {updated.get(v, v) for v in step.values}
        if sum(program.instructions[v].spec.nbytes for v in touched) > slices * l2_bytes:
            break
        if any(program.instructions[v].spec.nbytes > l2_bytes for v in read):
            length = n + 1
        writers |= dict.fromkeys(step.values.intersection(step.members), step)
    return length


def within_loops(kernel: Kernel, values: Sequence[int], turns: int) -> Within | None:
    """What a kernel's outermost loop touches, `turns` of it at a time."""
    outer = kernel.body[0]
    if not isinstance(outer, Loop):
        return None
    extent = outer.var.extent

    def is_within(value: int, slices: int) -> bool:
        buffer = values.index(value)
        indices = [e.index for e in expressions(kernel.body) if isinstance(e, Load) and e.buffer == buffer]
        indices += [s.index for s in statements(kernel.body) if isinstance(s, Store) and s.buffer == buffer]
        step, rest = divmod(kernel.buffers[buffer].size, extent)
        return not extent % (slices * turns) and not rest and all(stays(index, step) for index in indices)

    def stays(index: Index, step: int) -> bool:
        inside = Index(index.const, tuple((atom, f) for atom, f in index.terms if atom != outer.var))
        return index.factor(outer.var) == step and inside.is_nonnegative and inside.last < step

    return is_within


def within_batch(spec: Contraction, sizes: Sequence[tuple[int, int]], others: Collection[int]) -> Within:
    """What a product touches, some items of its batch at a time.

    Args:
      spec: the product.
      sizes: A, B and C, and how many elements they have.
      others: what its epilogue reads and writes.
    """
    *c_batch, c_row = (rows * spec.n for rows in spec.c_rows or ())
    operands = (
        (spec.a_start, spec.a_batch_strides, (spec.m - 1) * spec.a_strides[0] + (spec.k - 1) * spec.a_strides[1]),
        (spec.b_start, spec.b_batch_strides, (spec.k - 1) * spec.b_strides[0] + (spec.n - 1) * spec.b_strides[1]),
        (0, c_batch, (spec.m - 1) * c_row + spec.n - 1),
    )
    items = np.indices(spec.batch).reshape(len(spec.batch), -1)
    batches = items.shape[1]

    def is_within(value: int, slices: int) -> bool:
        if value in others or batches % slices:
            return False
        return all(
            size % slices == 0 and stays(start, strides, extent, size // slices, batches // slices)
            for (v, size), (start, strides, extent) in zip(sizes, operands, strict=True)
            if v == value
        )

    def stays(start: int, strides: Sequence[int], extent: int, size: int, together: int) -> bool:
        first = start + np.array(strides) @ items
        slice_starts = np.arange(batches) // together * size
        return bool(np.all(first >= slice_starts) and np.all(first + extent < slice_starts + size))

    return is_within


def _joined(program: Program, steps: Sequence[Step], slices: int, wanted: set[int], parts: Parts) -> Step:
    """One step for a chain; `wanted` is what others read."""
    step = Step(tuple(m for s in steps for m in s.members), work=sum(s.work for s in steps), links=tuple(steps))
    calls: list[Call] = []
    for s in steps:
        shift = len(step.offsets)
        calls += [replace(call, values=[v if v >= 0 else v - shift for v in call.values]) for call in s.calls]
        step.offsets += [step.workspace_bytes + offset for offset in s.offsets]
        step.workspace_bytes += s.workspace_bytes
    together = slices // FEWEST_SLICES
    values = sorted({v for call in calls for v in call.values})
    # Of values that none but these steps read: their memory, and the bytes of a slice.
    slots: dict[int, tuple[int, int]] = {}
    for v in sorted(set(values).intersection(step.members) - wanted):
        nbytes = program.instructions[v].spec.nbytes // slices
        slots[v] = step.reserve(-(-slices // together) * aligned(nbytes)), nbytes
    places = [v for v in values if v not in slots] + [place for place, _ in slots.values()]
    name = parts.name("chain")
    parts.procedure(_text(name, calls, places, slots, slices, together))
    step.calls.append(Call(name, places, slices, sum(call.work for call in calls), together))
    return step


def _text(
    name: str,
    calls: Sequence[Call],
    places: list[int],
    slots: Mapping[int, tuple[int, int]],
    slices: int,
    together: int,
) -> str:
    """The function of a chain, whose arguments are those of all its calls, `places` and where errors are noted."""
    pointers = {v: f"%p{n}" for n, v in enumerate(places)}
    lines = []
    for n in range(len(places) + 1):
        lines += [f"%p{n}.p = getelementptr ptr, ptr %arguments, i64 {n}", f"%p{n} = load ptr, ptr %p{n}.p"]
    most = max(len(call.values) for call in calls) + 1
    lines.append(f"%own = alloca [{most} x ptr], align 16")
    lines += [f"%a{n} = getelementptr ptr, ptr %own, i64 {n}" for n in range(most)]
    lines.append(f"%slot = udiv i64 %begin, {together}")
    turn = []
    for v, (place, nbytes) in slots.items():
        at = pointers[place]
        lines += [f"{at}.at = mul i64 %slot, {aligned(nbytes)}", f"{at}.s = getelementptr i8, ptr {at}, i64 {at}.at"]
        # Where the value would begin if this slice lay where the slot is.
        turn += [f"{at}.to = mul i64 %s, {-nbytes}", f"{at}.v = getelementptr i8, ptr {at}.s, i64 {at}.to"]
        pointers[v] = f"{at}.v"
    for c, call in enumerate(calls):
        each = call.count // slices
        for n, pointer in enumerate([*(pointers[v] for v in call.values), f"%p{len(places)}"]):
            turn.append(f"store ptr {pointer}, ptr %a{n}")
        turn += [f"%from{c} = mul i64 %s, {each}", f"%to{c} = add i64 %from{c}, {each}"]
        turn.append(f"call void @{call.function}(ptr %own, i64 %from{c}, i64 %to{c})")
    return "\n  ".join(
        [
            f"define internal void @{name}(ptr %arguments, i64 %begin, i64 %end) {{\nentry:",
            *lines,
            "br label %head\nhead:",
            "%s = phi i64 [ %begin, %entry ], [ %s.next, %turn ]",
            "%more = icmp slt i64 %s, %end",
            "br i1 %more, label %turn, label %leave\nturn:",
            *turn,
            "%s.next = add i64 %s, 1",
            "br label %head\nleave:",
            "ret void\n}\n",
        ]
    )
