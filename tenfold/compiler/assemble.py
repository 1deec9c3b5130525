"""From a program to one LLVM module: the kernels of its groups, and an entry that calls them in order.

The entry is `i64(ptr inputs, ptr outputs, ptr arena)`: the first two are Python tuples of arrays. The arena begins with
`runtime.HEADER_WORDS` words, then the addresses of inputs, outputs and constants, then memory for values. It returns 0, or the
code of an error: the position of the instruction that found it, plus 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import prod

import numpy as np

from tenfold.compiler import contraction, nest, special
from tenfold.compiler.elementwise import is_lowered
from tenfold.compiler.emit import emit
from tenfold.compiler.fuse import Group, fuse
from tenfold.compiler.loops import Accumulate, Apply, Kernel, Load, Loop, Store, expressions, parts, statements
from tenfold.compiler.memory import ALIGNMENT, aligned, plan_arena
from tenfold.compiler.pool import SYMBOL
from tenfold.compiler.program import NotLowered, Program
from tenfold.compiler.runtime import BIND, HEADER_WORDS
from tenfold.compiler.target import Target
from tenfold.compiler.vector_math import EXPENSIVE
from tenfold.compiler.views import base_of

PARALLEL_WORK = 200_000  # operations on elements that are worth a fork: some tens of microseconds
CHUNK_WORK = 50_000


@dataclass
class Call:
    """One call of a kernel's function, with the values in its arguments (-2: the step's workspace)."""

    function: str
    values: list[int]
    count: int = 0
    work: int = 0


@dataclass
class Step:
    """What one group does: its calls, the memory it needs besides values, and what it is, for people."""

    members: tuple[int, ...]
    calls: list[Call] = field(default_factory=list)
    workspace_bytes: int = 0
    text: str = ""
    flops: int = 0
    kernels: list[tuple[Kernel, list[int]]] = field(default_factory=list)

    @property
    def values(self) -> set[int]:
        return {v for call in self.calls for v in call.values if v >= 0}


@dataclass
class Module:
    """A program's machine code to be: LLVM IR, the size of an arena, constants that it reads, and what the steps are."""

    text: str
    arena_bytes: int
    constants: tuple[int, ...]
    steps: tuple[Step, ...]


def assemble(program: Program, target: Target) -> Module:
    """The module of an optimised program.

    Raises:
      NotLowered: a primitive or a dtype has no machine code.
    """
    return _Assembly(program, target).run()


class _Assembly:
    def __init__(self, program: Program, target: Target):
        self.program, self.target = program, target
        self.functions: dict[str, str] = {}  # text to name
        self.declarations: set[str] = set()
        self.others: list[str] = []

    def run(self) -> Module:
        for i in self.program.instructions:
            for spec in i.spec if isinstance(i.spec, tuple) else (i.spec,):
                if spec.dtype.kind not in "fiub" or spec.dtype == np.float16:
                    raise NotLowered(f"{i.op}: no machine code for {spec.dtype.name}")
        steps = [self._step(group) for group in fuse(self.program)]
        steps = [step for step in steps if step.calls]
        places, copies = self._places(steps)
        return self._entry(steps, places, copies)

    # Kernels.

    def _step(self, group: Group) -> Step:
        step = Step(tuple(group.members))
        if group.is_fused:
            for m in group.members:
                i = self.program.instructions[m]
                operand = self.program.instructions[i.operands[0]]
                if not is_lowered(i.op, operand.dtype) and not i.op.startswith("reduce_"):
                    raise NotLowered(f"{i.op}: no machine code for {operand.dtype.name}")
            if group.stored:
                self._add_kernel(step, *nest.build(self.program, group))
            return step
        (at,) = group.members
        op = self.program.instructions[at].op
        if op == "contract":
            self._contract(step, at)
        elif op in special.KERNELS:
            for kernel, values in special.build(self.program, at):
                self._add_kernel(step, kernel, values)
        else:
            raise NotLowered(f"{op}: no machine code")
        return step

    def _add_kernel(self, step: Step, kernel: Kernel, values: list[int]) -> None:
        emitted = emit(kernel, self.target.vector_bytes)
        self.declarations |= emitted.declarations
        name = self.functions.setdefault(emitted.text, f"k{len(self.functions)}")
        work = _work(kernel.body)
        step.kernels.append((kernel, values))
        step.flops += work
        step.calls.append(Call(name, [v for v in values if v >= 0], emitted.count, work))

    def _contract(self, step: Step, at: int) -> None:
        import llvmlite.ir as ir

        i = self.program.instructions[at]
        x, y = (self.program.instructions[o] for o in i.operands)
        if i.dtype == np.bool_:
            raise NotLowered("contract: no machine code for bool")
        spec = contraction.Contraction.matmul(x.shape, y.shape, i["transpose_x"], i["transpose_y"], i.dtype.name)
        module = ir.Module("contraction")
        name = f"c{at}"
        kernel = contraction.emit(module, spec, name)
        lines = str(module).split("\n")
        self.declarations |= {line for line in lines if line.startswith("declare")}
        self.others.append(
            "\n".join(line for line in lines if not line.startswith(("declare", ";", "target", "source_filename")))
        )
        step.workspace_bytes = kernel.workspace_bytes
        step.flops = 2 * prod(i.shape) * (x.shape[-2] if i["transpose_x"] else x.shape[-1])
        values = [base_of(self.program, o) for o in i.operands] + [at, -2]
        for phase in kernel.phases:
            step.calls.append(Call(phase.function.name, values, phase.tiles, phase.tiles * CHUNK_WORK))

    # Memory.

    def _places(self, steps: list[Step]) -> tuple[dict[int, tuple[str, int]], list[tuple[int, int]]]:
        """Where each value is: ("slot", number) or ("arena", offset); and copies (value, input) to be made in the end."""
        program = self.program
        places: dict[int, tuple[str, int]] = {at: ("slot", n) for n, at in enumerate(program.inputs)}
        slots = len(program.inputs)
        for n, output in enumerate(program.outputs):
            places[base_of(program, output)] = ("slot", slots + n)
        slots += len(program.outputs)
        self.constants = tuple(
            sorted({v for step in steps for v in step.values if program.instructions[v].op == "constant"})
        )
        for n, at in enumerate(self.constants):
            places[at] = ("slot", slots + n)
        self.slots = slots + len(self.constants)
        copies = []
        for number, value in program.updates:
            base = base_of(program, value)
            if self._may_write(steps, program.inputs[number], base):
                places[base] = ("slot", number)
            else:
                copies.append((base, number))
        sizes, uses = {}, []
        for n, step in enumerate(steps):
            used = list(step.values)
            for v in step.values:
                if v not in places:
                    sizes[v] = max(program.instructions[v].spec.nbytes, 1)
            if step.workspace_bytes:
                sizes[-2 - n] = step.workspace_bytes
                used.append(-2 - n)
            uses.append(used)
        uses.append([base for base, _ in copies])
        offsets, self.arena = plan_arena(sizes, uses)
        places |= {v: ("arena", offset) for v, offset in offsets.items()}
        return places, copies

    def _may_write(self, steps: list[Step], variable: int, value: int) -> bool:
        """Whether a value may be written where the input is: what reads the input has run before, or reads each element first."""
        writers = [n for n, step in enumerate(steps) if value in step.members]
        if not writers:
            return False
        writer = writers[0]
        if any(variable in step.values for step in steps[writer + 1 :]):
            return False
        if variable not in steps[writer].values:
            return True
        if len(steps[writer].kernels) != 1:
            return False
        kernel, values = steps[writer].kernels[0]
        if any(isinstance(s, Accumulate) for s in statements(kernel.body)):
            return False
        reads = {e.index for e in expressions(kernel.body) if isinstance(e, Load) and values[e.buffer] == variable}
        writes = {s.index for s in statements(kernel.body) if isinstance(s, Store) and values[s.buffer] == value}
        return reads == writes

    # The entry.

    def _entry(self, steps: list[Step], places: dict[int, tuple[str, int]], copies: list[tuple[int, int]]) -> Module:
        header = aligned(8 * (HEADER_WORDS + self.slots))
        most = max((len(c.values) for s in steps for c in s.calls), default=0) + 1
        lines = [
            "define i64 @entry(ptr %inputs, ptr %outputs, ptr %arena) {",
            "entry:",
            f"  %arguments = alloca [{most} x ptr], align 16",
            f"  %status = call i64 @{BIND}(ptr %inputs, ptr %outputs, ptr %arena)",
            "  %bound = icmp eq i64 %status, 0",
            "  br i1 %bound, label %run, label %refuse",
            "refuse:",
            "  ret i64 %status",
            "run:",
            "  %error = getelementptr i64, ptr %arena, i64 1",
        ]
        used = sorted(
            {v for s in steps for v in s.values} | {v for v, _ in copies} | {self.program.inputs[n] for _, n in copies}
        )
        for v in [*used, *(k for k in places if k <= -2)]:
            lines += self._pointer(v, places[v], header)
        for at in range(most):
            lines.append(f"  %a{at} = getelementptr ptr, ptr %arguments, i64 {at}")
        for n, step in enumerate(steps):
            for call in step.calls:
                pointers = [
                    _name(-2 - n if v == -2 else v) if v != -2 or step.workspace_bytes else "null" for v in call.values
                ]
                lines += [f"  store ptr {p}, ptr %a{k}" for k, p in enumerate([*pointers, "%error"])]
                grain = max(1, call.count * CHUNK_WORK // max(call.work, 1))
                if call.work >= PARALLEL_WORK and call.count > grain:
                    lines.append(
                        f"  call void @{SYMBOL}(ptr @{call.function}, ptr %arguments, i64 {call.count}, i64 {grain})"
                    )
                else:
                    lines.append(f"  call void @{call.function}(ptr %arguments, i64 0, i64 {call.count})")
        for v, number in copies:
            target = self.program.inputs[number]
            size = self.program.instructions[target].spec.nbytes
            lines.append(
                f"  call void @llvm.memcpy.p0.p0.i64(ptr {_name(target)}, ptr {_name(v)}, i64 {size}, i1 false)"
            )
        lines += ["  %code = load i64, ptr %error", "  ret i64 %code", "}"]
        declarations = {
            *self.declarations,
            f"declare i64 @{BIND}(ptr, ptr, ptr)",
            f"declare void @{SYMBOL}(ptr, ptr, i64, i64)",
            "declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)",
        }
        kernels = [text.replace("@KERNEL", f"@{name}") for text, name in self.functions.items()]
        text = "\n".join([*sorted(declarations), *kernels, *self.others, *lines, ""])
        return Module(text, header + self.arena + ALIGNMENT, self.constants, tuple(steps))

    def _pointer(self, v: int, place: tuple[str, int], header: int) -> list[str]:
        kind, number = place
        if kind == "arena":
            return [f"  {_name(v)} = getelementptr i8, ptr %arena, i64 {header + number}"]
        name = _name(v)
        return [
            f"  {name}.p = getelementptr ptr, ptr %arena, i64 {HEADER_WORDS + number}",
            f"  {name} = load ptr, ptr {name}.p",
        ]


def _name(v: int) -> str:
    return f"%x{v}" if v >= 0 else f"%w{-2 - v}"


def _work(body: Sequence, turns: int = 1) -> int:
    """Operations on elements, roughly."""
    total = 0
    for s in body:
        if isinstance(s, Loop):
            total += _work(s.body, turns * s.var.extent)
        elif isinstance(s, (Accumulate, Store)):
            total += turns * (1 + sum(_weights(s.value)))
    return total


def _weights(e: object) -> Iterable[int]:
    seen: set[int] = set()
    pending = [e]
    while pending:
        part = pending.pop()
        if id(part) not in seen:
            seen.add(id(part))
            yield 8 if isinstance(part, Apply) and part.op in EXPENSIVE else 1
            pending += parts(part)  # type: ignore[arg-type]
