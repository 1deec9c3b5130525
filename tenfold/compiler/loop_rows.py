"""Rows that a loop takes one after the other, where they are looked up in a table: the loop looks them up itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tenfold.compiler.lookups import Lookup, lookup
from tenfold.compiler.program import Instruction, Program, Rewriter, Spec
from tenfold.compiler.views import FUSIBLE, VIEWS


def look_up_in_loops(program: Program) -> Program:
    """
    before:   %3 = gather %table %indices axis=0; while_loop %1 %3 body: %4 = gather %rows %t; %5 = add %4 %state
    after:    while_loop %1 %table %indices body: %3 = gather %indices %t; %4 = gather %table %3; %5 = add %4 %state
    refuses:  the loop does more with rows than to read their elements: a product wants them in memory.
    """

    def rule(new: Rewriter, i: Instruction, operands: tuple[int, ...]) -> int:
        for number in range(len(operands)) if i.op == "while_loop" else ():
            found = lookup(new, operands[number])
            if found and _reads_rows(i, number):
                i, operands = _with_lookup(new, i, operands, number, found)
        return new.keep(i, operands)

    return program.rewrite(rule)


def _reads_rows(loop: Instruction, number: int) -> bool:
    """Whether all that a loop does with an operand is to read elements of its rows."""
    cond, body, attrs = loop["cond"], loop["body"], dict(loop.attrs)
    changing = len(body.outputs) - attrs.get("pushes", 0) + attrs.get("pops", 0)
    if number < changing or list(_users(cond, cond.inputs[number])):
        return False
    stack = body.inputs[number]
    is_single = len(body.instructions[stack].shape) < 2
    return not is_single and all(_is_row(body, user, stack) and _is_read(body, user) for user in _users(body, stack))


def _users(program: Program, at: int) -> Iterator[int]:
    """What reads a value; -1 where it is what the program is for."""
    yield from (user for user, i in enumerate(program.instructions) if at in i.operands)
    yield from (-1 for root in program.roots if root == at)


def _is_row(program: Program, at: int, stack: int) -> bool:
    i = program.instructions[at]
    if at < 0 or i.op != "gather" or i.operands[0] != stack or i["axis"] or i["batch_dims"]:
        return False
    return program.instructions[i.operands[1]].shape == ()


def _is_read(program: Program, at: int) -> bool:
    """Whether only what is computed element by element reads a value, directly or through views."""
    return all(
        user >= 0
        and (
            program.instructions[user].op in FUSIBLE
            or program.instructions[user].op in VIEWS
            and _is_read(program, user)
        )
        for user in _users(program, at)
    )


def _with_lookup(
    new: Rewriter, loop: Instruction, operands: tuple[int, ...], number: int, found: Lookup
) -> tuple[Instruction, tuple[int, ...]]:
    """The loop, and its operands, with a table in place of the operand with a number, and indices as one more."""
    # Here rows that the table does not have are found, with their places; then no turn is run.
    rows = new.emit("iota", (), shape=new[found.table].shape[:1], axis=0, dtype=new[found.indices].dtype)
    checked = new.emit("gather", (rows, found.indices), axis=0, batch_dims=0)
    indices = replace(found, indices=checked).seen_indices(new)
    specs = new[found.table].spec, new[indices].spec
    programs = {name: _looking_up(loop[name], number, *specs) for name in ("cond", "body")}
    loop = replace(loop, attrs=tuple((dict(loop.attrs) | programs).items()))
    return loop, (*operands[:number], found.table, *operands[number + 1 :], indices)


def _looking_up(program: Program, number: int, table: Spec, indices: Spec) -> Program:
    """A program with a table in place of an input, and the indices of the input's rows as one more."""
    last = len(program.inputs)
    where: dict[int, int] = {}  # of the table: the indices

    def rule(new: Rewriter, i: Instruction, operands: tuple[int, ...]) -> int:
        if i.op == "input" and i["number"] == number:
            at = new.append(Instruction("input", (), (("number", last),), indices))
            where[at + 1] = at
            return new.append(Instruction("input", (), (("number", number),), table))
        if i.op == "gather" and operands[0] in where:
            row = new.emit("gather", (where[operands[0]], operands[1]), **dict(i.attrs))
            return new.emit("gather", (operands[0], row), axis=0, batch_dims=0, in_range=True)
        return new.keep(i, operands)

    return program.rewrite(rule)
