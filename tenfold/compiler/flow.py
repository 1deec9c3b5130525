"""Control flow: native branches and loops around the procedures of sub-programs.

The state of a loop lies in the memory of the results and is updated there: `body` becomes a program whose inputs are updated in
place, so what it can compute in place is never copied.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any

from tenfold.compiler import interrupts
from tenfold.compiler.memory import aligned
from tenfold.compiler.program import Program
from tenfold.compiler.views import base_of

if TYPE_CHECKING:
    from tenfold.compiler.parts import Parts
    from tenfold.compiler.procedure import Procedure


class _Flow:
    """One call of sub-programs, not parallel itself: its values are the operands' memory, then the results', then its own."""

    is_parallel = False

    def __init__(self, program: Program, members: list[int], parts: Parts):
        self.program, self.parts = program, parts
        at, *items = members
        self.instruction = program.instructions[at]
        self.label = parts.name("flow")
        self.operands = [base_of(program, o) for o in self.instruction.operands]
        places = {program.instructions[i]["index"]: i for i in items}
        self.workspace_bytes = 0
        self.results: list[int | tuple[str, int]] = []  # a value, or memory of its own where no one reads the result
        for n, spec in enumerate(self.instruction.spec):
            self.results.append(places[n] if n in places else ("own", self._reserve(spec.nbytes)))
        self.values = [*self.operands, *(r for r in self.results if isinstance(r, int)), -1]
        self._count = 0

    def _reserve(self, size: int) -> int:
        offset = self.workspace_bytes
        self.workspace_bytes += aligned(max(size, 1))
        return offset

    def _procedure(self, program: Program, name: str, same: Collection[int] = ()) -> Procedure:
        from tenfold.compiler.passes import optimise
        from tenfold.compiler.procedure import Procedure

        return Procedure(optimise(program), self.parts, name, same=same)

    def _variable(self) -> str:
        self._count += 1
        return f"%{self.label}.{self._count}"

    def _own(self, workspace: str, offset: int) -> tuple[str, str]:
        name = self._variable()
        return name, f"{name} = getelementptr i8, ptr {workspace}, i64 {offset}"

    def _results(self, name: Callable[[int], str], lines: list[str]) -> list[str]:
        pointers = []
        for r in self.results:
            if isinstance(r, int):
                pointers.append(name(r))
            else:
                pointer, line = self._own(name(-1), r[1])
                lines.append(line)
                pointers.append(pointer)
        return pointers

    def _slots(self, workspace: str, offset: int, pointers: list[str]) -> tuple[str, list[str]]:
        """Stores addresses for a procedure's inputs and outputs."""
        table, line = self._own(workspace, offset)
        lines = [line]
        for n, pointer in enumerate(pointers):
            slot = self._variable()
            lines += [f"{slot} = getelementptr ptr, ptr {table}, i64 {n}", f"store ptr {pointer}, ptr {slot}"]
        return table, lines


class _Cond(_Flow):
    def __init__(self, program: Program, members: list[int], parts: Parts):
        super().__init__(program, members, parts)
        self.branches = [self._procedure(self.instruction[n], n) for n in ("then", "otherwise")]
        self.slots_at = self._reserve(8 * (len(self.operands) + len(self.results)))
        self.memory_at = self._reserve(max(b.memory_bytes for b in self.branches))

    def lines(self, name: Callable[[int], str]) -> Iterator[str]:
        lines: list[str] = []
        results = self._results(name, lines)
        predicate, *operands = self.operands
        slots, stores = self._slots(name(-1), self.slots_at, [*map(name, operands), *results])
        memory, line = self._own(name(-1), self.memory_at)
        flag, condition = self._variable(), self._variable()
        yield from [*lines, *stores, line]
        yield f"{flag} = load i8, ptr {name(predicate)}"
        yield f"{condition} = icmp ne i8 {flag}, 0"
        yield f"br i1 {condition}, label %{self.label}.then, label %{self.label}.otherwise"
        for label, branch in zip(("then", "otherwise"), self.branches, strict=True):
            yield f"{self.label}.{label}:"
            yield f"call void @{branch.name}(ptr {slots}, ptr %constants, ptr {memory}, ptr %error)"
            yield f"br label %{self.label}.end"
        yield f"{self.label}.end:"


class While(_Flow):
    """A loop. `made` are the stacks among the values that it allocates memory for; whoever has the loop frees it."""

    def __init__(self, program: Program, members: list[int], parts: Parts):
        super().__init__(program, members, parts)
        attrs: dict[str, Any] = dict(self.instruction.attrs)
        body = attrs["body"]
        pushes, pops = attrs.get("pushes", 0), attrs.get("pops", 0)
        self.count = count = len(body.outputs) - pushes  # of parts of the state
        self.popped, self.pushed = range(count, count + pops), range(count, count + pushes)
        self.made = [r for r in self.results[count:] if isinstance(r, int)]
        # The state whose first value may be anything, or is computed where the result will be.
        first = [program.instructions[o].op for o in self.operands[:count]]
        self.in_place = {n for n, op in enumerate(first) if op == "empty"}
        self.values = [v for v in self.values if v < 0 or program.instructions[v].op != "empty"]
        changed = [(n, o) for n, o in enumerate(body.outputs[:count]) if o != body.inputs[n]]
        self.cond = self._procedure(self.instruction["cond"], "cond")
        rows = body.outputs[count:]
        others = {*self.popped, *[n for n, _ in changed]}
        same = [n for n in range(len(body.inputs)) if n not in others]
        self.body = self._procedure(Program(body.instructions, rows, tuple(changed)), "body", same)
        self.flag_at = self._reserve(1)
        self.slots_at = [self._reserve(8 * (len(self.operands) + 1 + pushes)) for _ in range(2)]
        self.capacities_at = self._reserve(8 * pushes)
        self.memory_at = self._reserve(self.body.memory_bytes)  # what the body prepares stays from turn to turn
        self.cond_memory_at = self._reserve(self.cond.memory_bytes)

    def beginnings(self) -> Iterator[tuple[int, int, int]]:
        """(number, first value, result) of each part of the state that both are values."""
        for n, result in enumerate(self.results[: self.count]):
            if isinstance(result, int) and self.operands.count(self.operands[n]) == 1:
                yield n, self.operands[n], result

    def lines(self, name: Callable[[int], str]) -> Iterator[str]:
        from tenfold.compiler.procedure import copy_line

        lines: list[str] = []
        results = self._results(name, lines)
        state = results[: self.count]
        for n, (pointer, operand, spec) in enumerate(zip(state, self.operands, self.instruction.spec, strict=False)):
            if n not in self.in_place:
                lines.append(copy_line(pointer, name(operand), spec.nbytes))
        flag, line = self._own(name(-1), self.flag_at)
        inputs = [*state, *map(name, self.operands[self.count :])]
        cond_slots, cond_stores = self._slots(name(-1), self.slots_at[0], [*inputs, flag])
        body_slots, body_stores = self._slots(name(-1), self.slots_at[1], inputs)
        memory, memory_line = self._own(name(-1), self.memory_at)
        cond_memory, cond_memory_line = self._own(name(-1), self.cond_memory_at)
        value, condition, code, failed, go_on = (self._variable() for _ in range(5))
        turn, next_turn, rest, is_due, answer, stop = (self._variable() for _ in range(6))
        self.parts.declare(f"declare i64 @{interrupts.SYMBOL}()")
        turns = interrupts.turns_between(sum(step.work for step in self.body.steps))
        begin, rows = self._rows(name, results, body_slots)
        yield from [*lines, line, memory_line, cond_memory_line, *cond_stores, *body_stores, *begin]
        yield from self.body.preparation(f"ptr {body_slots}, ptr %constants, ptr {memory}, ptr %error")
        yield f"br label %{self.label}.begin"
        yield f"{self.label}.begin:"
        yield f"br label %{self.label}.head"
        yield f"{self.label}.head:"
        yield f"{turn} = phi i64 [ 0, %{self.label}.begin ], [ {next_turn}, %{self.label}.next ]"
        yield f"call void @{self.cond.name}(ptr {cond_slots}, ptr %constants, ptr {cond_memory}, ptr %error)"
        yield f"{value} = load i8, ptr {flag}"
        yield f"{condition} = icmp ne i8 {value}, 0"
        yield f"{code} = load i64, ptr %error"
        yield f"{failed} = icmp eq i64 {code}, 0"
        yield f"{go_on} = and i1 {condition}, {failed}"
        yield f"br i1 {go_on}, label %{self.label}.body, label %{self.label}.end"
        yield f"{self.label}.body:"
        yield from rows
        yield f"call void @{self.body.name}(ptr {body_slots}, ptr %constants, ptr {memory}, ptr %error)"
        yield f"{next_turn} = add i64 {turn}, 1"
        yield f"{rest} = and i64 {next_turn}, {turns - 1}"
        yield f"{is_due} = icmp eq i64 {rest}, 0"
        yield f"br i1 {is_due}, label %{self.label}.look, label %{self.label}.next"
        yield f"{self.label}.look:"
        yield f"{answer} = call i64 @{interrupts.SYMBOL}()"
        yield f"{stop} = icmp ne i64 {answer}, 0"
        yield f"br i1 {stop}, label %{self.label}.stop, label %{self.label}.next"
        yield f"{self.label}.stop:"
        yield f"store i64 {interrupts.INTERRUPTED}, ptr %error"
        yield f"br label %{self.label}.next"
        yield f"{self.label}.next:"
        yield f"br label %{self.label}.head"
        yield f"{self.label}.end:"
        for n in self.pushed:  # what nobody reads
            if not isinstance(self.results[n], int):
                yield from self.parts.stacks.free(results[n])

    def _rows(self, name: Callable[[int], str], results: list[str], slots: str) -> tuple[list[str], list[str]]:
        """What is done for stacks before the loop, and before each turn: the addresses of rows go into the body's slots."""
        begin: list[str] = []
        rows: list[str] = []
        if not self.popped and not self.pushed:
            return begin, rows
        stacks = self.parts.stacks
        turn, end = self._variable(), f"%{self.label}.end"
        rows.append(f"{turn} = load i64, ptr {results[0]}")
        capacities, line = self._own(name(-1), self.capacities_at)
        begin.append(line)
        places: list[tuple[int, str]] = []
        for n in self.popped:
            size = self.body.program.input_specs[n].nbytes
            row, call = stacks.row(name(self.operands[n]), turn, size)
            places.append((n, row))
            rows.append(call)
        for k, n in enumerate(self.pushed):
            capacity = self._variable()
            begin += [*stacks.clear(results[n]), f"{capacity} = getelementptr i64, ptr {capacities}, i64 {k}"]
            begin.append(f"store i64 0, ptr {capacity}")
            row, call = stacks.push(results[n], capacity, turn, self.instruction.spec[n].row.nbytes)
            places.append((len(self.operands) + k, row))
            rows.append(call)
        for n, row in places:
            slot, is_missing, go_on = self._variable(), self._variable(), f"{self.label}.row{n}"
            rows += [
                f"{is_missing} = icmp eq ptr {row}, null",
                f"br i1 {is_missing}, label {end}, label %{go_on}",
                f"{go_on}:",
            ]
            rows += [f"{slot} = getelementptr ptr, ptr {slots}, i64 {n}", f"store ptr {row}, ptr {slot}"]
        return begin, rows


CALLS: dict[str, Callable[[Program, list[int], Parts], Any]] = {"cond": _Cond, "while_loop": While}
