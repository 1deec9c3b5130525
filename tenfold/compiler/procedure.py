"""A program as one function that calls kernels: `void(ptr slots, ptr constants, ptr memory, ptr error)`.

`slots` are the addresses of the program's inputs and outputs, `constants` those of the module's constants, `memory` has
`memory_bytes` for values between kernels.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from tenfold.compiler import chain, contractions, flow, nest, sorting, special
from tenfold.compiler.elementwise import is_lowered
from tenfold.compiler.emit import emit, emit_epilogue
from tenfold.compiler.fuse import fuse
from tenfold.compiler.groups import Group
from tenfold.compiler.loops import (
    MAY_FAIL,
    Accumulate,
    Apply,
    Kernel,
    Load,
    Loop,
    Statement,
    Store,
    expressions,
    parts,
    statements,
)
from tenfold.compiler.memory import aligned, plan_arena
from tenfold.compiler.parts import Parts, SharedKernel
from tenfold.compiler.program import NotLowered, Program, StackSpec
from tenfold.compiler.split import split
from tenfold.compiler.step import PARALLEL_WORK, Call, Step
from tenfold.compiler.target import has_machine_code
from tenfold.compiler.tile import tile
from tenfold.compiler.vector_math import EXPENSIVE
from tenfold.compiler.views import CONTRACTIONS, IN_PLACE, MOVES, base_of


class Procedure:
    """Plans and writes the function of an optimised program.

    Args:
      same: numbers of the inputs that are the same in many calls, one after the other.
    """

    def __init__(self, program: Program, parts: Parts, name: str, is_timed: bool = False, same: Collection[int] = ()):
        self.program, self.parts, self.is_timed = program, parts, is_timed
        self.same = {program.inputs[number] for number in same}
        self.name = parts.name(name)
        self.first_code = parts.first_code(program)
        for i in program.instructions:
            for spec in i.spec if isinstance(i.spec, tuple) else (i.spec,):
                if not has_machine_code(spec.dtype):
                    raise NotLowered(f"{i.op}: no machine code for {spec.dtype.name}")
        steps = [self._step(group) for group in fuse(program)]
        self.steps = chain.join(program, [step for step in steps if step.calls], parts)
        self._place()
        parts.procedure(self._text())
        if self._prepares:
            parts.procedure(self._text(prepares=True))

    # Kernels.

    def _step(self, group: Group) -> Step:
        step = Step(tuple(group.members))
        if group.is_fused:
            for m in group.members:
                if m == group.producer or self.program.instructions[m].op in MOVES:
                    continue
                i = self.program.instructions[m]
                operand = self.program.instructions[i.operands[-1]]
                if not is_lowered(i.op, operand.dtype):
                    raise NotLowered(f"{i.op}: no machine code for {operand.dtype.name}")
            for m in group.stored:
                if self.program.instructions[m].op in IN_PLACE:
                    self._add_copy(step, m, special.build(self.program, m, self.first_code)[0])
            if group.producer is not None and group.stored:
                self._contract(step, group.producer, nest.build_epilogue(self.program, group, self.first_code))
            elif group.stored:
                kernel, values = nest.build(self.program, group, self.first_code)
                kernels = split(kernel) if _work(kernel.body) >= PARALLEL_WORK else [kernel]
                for part in kernels[-1].buffers[len(kernel.buffers) :]:
                    values.append(step.reserve(part.size * part.dtype.itemsize))
                for each in kernels:
                    self._add(step, each, values)
            return step
        at = group.members[0]
        op = self.program.instructions[at].op
        if op in CONTRACTIONS:
            self._contract(step, at)
        elif op == "argsort":
            self._argsort(step, at)
        elif op in special.KERNELS:
            built = special.build(self.program, at, self.first_code)
            if op in IN_PLACE:
                self._add_copy(step, at, built.pop(0))
            for kernel, values in built:
                self._add(step, kernel, values)
        elif op in flow.CALLS:
            call = flow.CALLS[op](self.program, group.members, self.parts)
            step.reserve(call.workspace_bytes)
            step.calls.append(call)
        else:
            raise NotLowered(f"{op}: no machine code")
        return step

    def _add_copy(self, step: Step, at: int, built: special.Built) -> None:
        whole = Step(())
        self._add(whole, *built)
        step.copies[at] = whole.calls[0]

    def _add(self, step: Step, kernel: Kernel, values: list[int]) -> None:
        kernel = tile(kernel)
        emitted = emit(kernel, self.parts.target.vector_bytes)
        name = self.parts.kernel(emitted.text, emitted.declarations)
        work = _work(kernel.body)
        step.kernels.append((kernel, values))
        step.is_within = chain.within_loops(kernel, values, emitted.turns)
        step.work += work
        arguments = [v for v, buffer in zip(values, kernel.buffers, strict=True) if not buffer.is_scratch]
        step.calls.append(Call(name, arguments, emitted.count, work))

    def _contract(self, step: Step, at: int, epilogue: nest.Epilogue | None = None) -> None:
        """A contraction's phases: calls one after the other, with a workspace. Equal contractions share their code."""
        i = self.program.instructions[at]
        step.epilogue = epilogue
        views = contractions.operands(self.program, at)
        layouts = [
            (self.program.instructions[o].spec, v.start, v.strides) for o, v in zip(i.operands, views, strict=True)
        ]
        is_constant = views[1].base in self.same
        key = (i.op, i.attrs, *layouts, str(epilogue or ""), is_constant)
        if key not in self.parts.contractions:
            self.parts.contractions[key] = self._emit_contraction(at, epilogue, is_constant)
        phases, workspace_bytes, work, batch = self.parts.contractions[key]
        step.work += work
        result, extra = (epilogue.at, epilogue.values) if epilogue else (at, [])
        values = [*(v.base for v in views), result, step.reserve(workspace_bytes), *extra]
        for name, tiles, phase_work in phases:
            packs = len(phases) > 1 and name.endswith(".b")
            calls = step.preparation if packs and is_constant else step.calls
            calls.append(Call(name, values, tiles, phase_work))
        if batch:
            sizes = [(v, self.program.instructions[v].spec.size) for v in values[:3]]
            step.is_within = chain.within_batch(batch, sizes, extra)

    def _argsort(self, step: Step, at: int) -> None:
        i = self.program.instructions[at]
        key = (i.op, i.spec)
        if key not in self.parts.contractions:
            module, kernel, work = sorting.emit(i.spec, self.parts.name("s"))
            self.parts.contractions[key] = self._shared(module, kernel, work)
        phases, workspace_bytes, work, _ = self.parts.contractions[key]
        step.work += work
        values = [base_of(self.program, i.operands[0]), at, step.reserve(workspace_bytes)]
        step.calls += [Call(name, values, *phase) for name, *phase in phases]

    def _shared(self, module: Any, kernel: Any, work: int) -> SharedKernel:
        """A kernel, for all that need the same."""
        self.parts.contraction(module)
        phases = [(phase.function.name, phase.tiles, phase.work) for phase in kernel.phases]
        return SharedKernel(phases, kernel.workspace_bytes, work, kernel.batch)

    def _emit_contraction(self, at: int, epilogue: nest.Epilogue | None, packs_ahead: bool) -> SharedKernel:
        function, arguments = None, 0
        if epilogue:
            arguments = len(epilogue.values) + 1  # the last is where errors are noted
            function = lambda finished: self._finish(epilogue, finished)  # noqa: E731
        return self._shared(
            *contractions.emit(self.program, at, self.parts.name("c"), function, arguments, packs_ahead)
        )

    def _finish(self, epilogue: nest.Epilogue, finished: Any) -> Any:
        """Emits, inside of a contraction, the call of its epilogue."""
        lanes = finished.vectors.lanes
        emitted = emit_epilogue(epilogue.kernel, epilogue.result, epilogue.row, epilogue.column, finished.count, lanes)
        name = self.parts.epilogue(emitted.text, emitted.declarations)
        operands = [finished.value, finished.row, finished.column, *finished.arguments]
        return finished.builder.call_named(name, finished.value.type, operands)

    # Memory.

    def _place(self) -> None:
        """Decides where each value is: in a slot, among the constants, or in memory at an offset."""
        program = self.program
        self.places: dict[int, tuple[str, int]] = {at: ("slots", n) for n, at in enumerate(program.inputs)}
        for n, output in enumerate(program.outputs):
            self.places[base_of(program, output)] = ("slots", len(program.inputs) + n)
        for at in {v for step in self.steps for v in step.values}:
            i = program.instructions[at]
            if i.op == "constant":
                self.places[at] = ("constants", self.parts.constants.setdefault(i["value"], len(self.parts.constants)))
        self.copies: list[tuple[int, int]] = []  # (value, input), in the end
        for number, value in program.updates:
            base = base_of(program, value)
            if not program.instructions[base].spec.size:
                continue
            if self._may_write(program.inputs[number], base):
                self.places[base] = ("slots", number)
            else:
                self.copies.append((base, number))
        same = self._beginnings()
        self.places |= {v: self.places[result] for v, result in same.items() if result in self.places}
        sizes: dict[int, int] = {}
        uses: list[list[int]] = []
        for n, step in enumerate(self.steps):
            used = [same.get(v, v) for v in step.values]
            sizes |= {v: max(program.instructions[v].spec.nbytes, 1) for v in used if v not in self.places}
            if step.workspace_bytes:
                sizes[-1 - n] = step.workspace_bytes
                used.append(-1 - n)
            uses.append(used)
        uses.append([base for base, _ in self.copies])
        kept = [-1 - n for n, step in enumerate(self.steps) if step.preparation]
        for used in (uses[0], uses[-1]):  # kept from call to call
            used += kept
        offsets, size = plan_arena(sizes, uses)
        self.places |= {v: ("memory", offset) for v, offset in offsets.items()}
        self.places |= {v: self.places[result] for v, result in same.items()}
        self.clocks_at = size
        self.clock_bytes = aligned(8 * (len(self.steps) + 1)) if self.is_timed else 0
        self.memory_bytes = size + self.clock_bytes

    def _beginnings(self) -> dict[int, int]:
        """First values of loops' states that may be computed where the results will be: nothing else reads them, or what is there.

        The result of a loop with which another one begins is where that one's result is.
        """
        same: dict[int, int] = {}
        for step in reversed(self.steps):
            for call in step.calls:
                for number, first, result in call.beginnings() if isinstance(call, flow.While) else ():
                    result = same.get(result, result)
                    users = [s for s in self.steps if first in s.values]
                    is_ours = len(users) == 2 and first in users[0].members and users[1] is step
                    is_placed = first in self.places or any(first == value for value, _ in self.copies)
                    if is_ours and not is_placed and self._is_free(result, first):
                        same[first] = result
                        call.in_place.add(number)
        return same

    def _is_free(self, result: int, value: int) -> bool:
        """Whether a value may be written where a result will be, which may be an input."""
        kind, number = self.places.get(result, ("memory", 0))
        inputs = self.program.inputs
        return kind != "slots" or number >= len(inputs) or self._may_write(inputs[number], value)

    def _may_write(self, variable: int, value: int) -> bool:
        """Whether a value may be written where the input is: what reads the input has run before, or reads each element first."""
        writer = next((n for n, step in enumerate(self.steps) if value in step.members), None)
        if writer is None or any(variable in step.values for step in self.steps[writer + 1 :]):
            return False
        step = self.steps[writer]
        if step.links:  # others in a chain have not run before: their next slices come later
            (link,) = (link for link in step.links if value in link.members)
            if any(variable in other.values for other in step.links if other is not link):
                return False
            step = link
        if variable not in step.values:
            return True
        if value in step.copies:
            base = base_of(self.program, self.program.instructions[value].operands[0])
            if base != variable or any(variable in call.values for call in step.calls):
                return False
            del step.copies[value]
            return True
        if step.epilogue:
            return variable not in step.calls[0].values[:2] and step.epilogue.reads_in_place(variable)
        if len(step.kernels) != 1 or len(step.calls) != 1:
            return False
        kernel, values = step.kernels[0]
        if not _reads_first(kernel.body, values.index(variable), values.index(value)):
            return False
        reads = {e.index for e in expressions(kernel.body) if isinstance(e, Load) and values[e.buffer] == variable}
        writes = {s.index for s in statements(kernel.body) if isinstance(s, Store) and values[s.buffer] == value}
        return reads == writes

    # Text.

    def preparation(self, arguments: str) -> Iterator[str]:
        """The call that is made before the first of many."""
        if self._prepares:
            yield f"call void @{self.name}.prepare({arguments})"

    @property
    def _prepares(self) -> bool:
        return any(step.preparation for step in self.steps)

    def _text(self, prepares: bool = False) -> str:
        """The function, or that which prepares for many calls of it."""
        program = self.program
        used = {v for s in self.steps for v in s.values} | {v for v, _ in self.copies}
        used |= {program.inputs[number] for _, number in self.copies} | {v for v in self.places if v < 0}
        most = max((len(c.values) for s in self.steps for c in s.calls), default=0) + 1
        lines = [f"%arguments = alloca [{most} x ptr], align 16"]
        for v in sorted(used):
            lines += self._pointer(v)
        lines += [f"%a{n} = getelementptr ptr, ptr %arguments, i64 {n}" for n in range(most)]
        lines += self._clock(0)
        last_use = self._last_uses_of_stacks() if not prepares else {}
        ends_early = bool(program.updates) and not (prepares or last_use or self._returned_stacks)
        may_have_failed = False
        for n, step in enumerate(self.steps):
            for part, offset in enumerate(step.offsets if step.workspace_bytes else ()):
                lines.append(f"%w{n}.{part} = getelementptr i8, ptr {self._name(-1 - n)}, i64 {offset}")
            if may_have_failed and self._updates(step):
                lines += _end_if_failed(f"s{n}")
                may_have_failed = False
            for call in step.preparation if prepares else [*step.copies.values(), *step.calls]:
                lines += call.lines(
                    lambda v, n=n, step=step: (
                        self._name(v) if v >= 0 else f"%w{n}.{-1 - v}" if step.workspace_bytes else "null"
                    )
                )
            may_have_failed = may_have_failed or (ends_early and _may_fail(step))
            lines += [
                line for v, last in last_use.items() if last == n for line in self.parts.stacks.free(self._name(v))
            ]
            lines += self._clock(n + 1)
        for v in self._returned_stacks if not prepares else ():
            lines += self.parts.stacks.free_after_error(self._name(v))
        if may_have_failed and self.copies:
            lines += _end_if_failed("copies")
        for v, number in self.copies if not prepares else ():
            target = program.inputs[number]
            lines.append(copy_line(self._name(target), self._name(v), program.instructions[target].spec.nbytes))
        body = "\n  ".join([*lines, "ret void"])
        name = f"{self.name}.prepare" if prepares else self.name
        return f"define internal void @{name}(ptr %slots, ptr %constants, ptr %memory, ptr %error) {{\n  {body}\n}}\n"

    def _updates(self, step: Step) -> bool:
        """Whether a step writes to inputs."""
        slots = [("slots", n) for n in range(len(self.program.inputs))]
        written = [m for m in step.members if self.program.instructions[m].op != "input"]
        return any(self.places.get(m) in slots for m in written)

    @property
    def _returned_stacks(self) -> list[int]:
        """The stacks that belong to the caller in the end.

        Raises:
          NotLowered: one of them does so already, or twice.
        """
        program = self.program
        found = [o for o in program.outputs if isinstance(program.instructions[o].spec, StackSpec)]
        if any(program.instructions[v].op != "item" for v in found) or len(set(found)) != len(found):
            raise NotLowered("a stack that is handed on")
        return found

    def _last_uses_of_stacks(self) -> dict[int, int]:
        """The stacks that are made and not returned, with the numbers of the steps that use them last."""
        returned = self._returned_stacks
        made = [v for step in self.steps for call in step.calls if isinstance(call, flow.While) for v in call.made]
        return {v: max(n for n, step in enumerate(self.steps) if v in step.values) for v in made if v not in returned}

    @staticmethod
    def _name(v: int) -> str:
        return f"%x{v}" if v >= 0 else f"%w{-1 - v}"

    def _pointer(self, v: int) -> Iterator[str]:
        kind, number = self.places[v]
        name = self._name(v)
        if kind == "memory":
            yield f"{name} = getelementptr i8, ptr %memory, i64 {number}"
        else:
            yield f"{name}.p = getelementptr ptr, ptr %{kind}, i64 {number}"
            yield f"{name} = load ptr, ptr {name}.p"

    def _clock(self, n: int) -> Iterator[str]:
        if self.is_timed:
            self.parts.declare("declare i64 @llvm.readcyclecounter()")
            yield f"%t{n} = call i64 @llvm.readcyclecounter()"
            yield f"%t{n}.p = getelementptr i8, ptr %memory, i64 {self.clocks_at + 8 * n}"
            yield f"store i64 %t{n}, ptr %t{n}.p"


def _may_fail(step: Step) -> bool:
    """Whether a step checks indices or integer divisors itself. Loops and branches do so, too, but what they did by then counts."""
    own = [e for link in step.links or (step,) for kernel, _ in link.kernels for e in expressions(kernel.body)]
    epilogues = [e for link in step.links or (step,) if link.epilogue for e in link.epilogue.expressions()]
    return any(isinstance(e, Apply) and e.op in MAY_FAIL and e.dtype.kind != "f" for e in own + epilogues)


def _end_if_failed(label: str) -> Iterator[str]:
    """Returns if an error has been noted, so that variables do not get what was computed of a wrong index."""
    yield f"%{label}.code = load i64, ptr %error"
    yield f"%{label}.is.right = icmp eq i64 %{label}.code, 0"
    yield f"br i1 %{label}.is.right, label %{label}, label %{label}.failed"
    yield f"{label}.failed:"
    yield "ret void"
    yield f"{label}:"


def copy_line(target: str, source: str, size: int) -> str:
    return f"call void @llvm.memcpy.p0.p0.i64(ptr {target}, ptr {source}, i64 {size}, i1 false)"


def _reads_first(body: Sequence[Statement], source: int, target: int) -> bool:
    """Whether no statement reads a buffer after one that writes another; turns of a loop are about different elements.

    Example: a row's softmax reads it for the largest element, then for the exponentials, and is written last.
    """
    is_written = False
    for run in _runs(body):
        if is_written and any(isinstance(e, Load) and e.buffer == source for e in expressions(run)):
            return False
        if isinstance(run[0], Loop) and not _reads_first(run[0].body, source, target):
            return False
        is_written = is_written or any(isinstance(s, Store) and s.buffer == target for s in statements(run))
    return True


def _runs(body: Sequence[Statement]) -> Iterator[Sequence[Statement]]:
    """Statements one by one, but neighbouring stores together: these come after all loads of their turn."""
    stores: list[Statement] = []
    for s in body:
        if isinstance(s, Store):
            stores.append(s)
            continue
        if stores:
            yield stores
            stores = []
        yield [s]
    if stores:
        yield stores


def _work(body: Sequence[Any], turns: int = 1) -> int:
    """Operations on elements, roughly."""
    total = 0
    for s in body:
        if isinstance(s, Loop):
            total += _work(s.body, turns * s.var.extent)
        elif isinstance(s, (Accumulate, Store)):
            total += turns * (1 + sum(_weights(s.value)))
    return total


def _weights(e: Any) -> Iterator[int]:
    seen: set[int] = set()
    pending = [e]
    while pending:
        part = pending.pop()
        if id(part) not in seen:
            seen.add(id(part))
            yield 8 if isinstance(part, Apply) and part.op in EXPENSIVE else 1
            pending += parts(part)
