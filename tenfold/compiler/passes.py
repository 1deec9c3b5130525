"""Passes from program to program. Each gives back the same object if it changes nothing; `optimise` runs them in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from tenfold.compiler.infer import ELEMENTWISE, kind
from tenfold.compiler.interpreter import elementwise
from tenfold.compiler.lookups import compute_rows_once, sum_rows_once
from tenfold.compiler.loop_rows import look_up_in_loops
from tenfold.compiler.program import Instruction, Literal, Program, Rewriter, Spec
from tenfold.compiler.views import FUSIBLE, IN_PLACE, LEAVES, VIEWS, base_of, number_of, strided
from tenfold.compiler.widen import widen

FOLDED_SIZE = 4096  # elements up to which constants are computed beforehand


def optimise(program: Program) -> Program:
    """The program with less to do, settled for `fuse`."""
    for _ in range(2):  # what one pass uncovers, another one uses
        program = drop_dead(compute_rows_once(share_equal(simplify(fold_constants(program)))))
    program = drop_dead(sum_rows_once(look_up_in_loops(program)))
    program = drop_dead(order_contractions(program))
    return settle(drop_dead(hoist(widen(program))))


def share_equal(program: Program) -> Program:
    """
    before:   %1 = exp %0; %2 = exp %0; %3 = add %1 %2
    after:    %1 = exp %0; %2 = add %1 %1
    """
    known: dict[tuple, int] = {}

    def rule(new: Rewriter, i: Instruction, operands: tuple[int, ...]) -> int:
        key = (i.op, operands, i.attrs, i.spec)
        if key not in known:
            known[key] = new.keep(i, operands)
        return known[key]

    return program.rewrite(rule)


def drop_dead(program: Program) -> Program:
    """Leaves out what no output and no update needs; inputs stay."""
    alive = set(program.roots)
    for at in reversed(range(len(program.instructions))):
        if at in alive or program.instructions[at].op == "input":
            alive.add(at)
            alive.update(program.instructions[at].operands)
    if len(alive) == len(program.instructions):
        return program
    places: dict[int, int] = {}
    kept: list[Instruction] = []
    for at in sorted(alive):
        i = program.instructions[at]
        places[at] = len(kept)
        kept.append(Instruction(i.op, tuple(places[o] for o in i.operands), i.attrs, i.spec))
    return Program(
        tuple(kept), tuple(places[o] for o in program.outputs), tuple((n, places[v]) for n, v in program.updates)
    )


def fold_constants(program: Program) -> Program:
    """
    before:   %0 = constant 2.0; %1 = constant 3.0; %2 = mul %0 %1
    after:    %2 = constant 6.0

    A value without elements is one whatever its operands are: nothing is read, no index is checked.
    """

    def rule(new: Rewriter, i: Instruction, operands: tuple[int, ...]) -> int:
        if isinstance(i.spec, Spec) and not i.spec.size and i.op not in LEAVES and i.op != "broadcast":
            zero = new.emit("constant", (), value=Literal(np.zeros((), i.dtype)))
            return new.emit("broadcast", (zero,), shape=i.shape, axes=())
        if (
            operands
            and isinstance(i.spec, Spec)
            and i.spec.size <= FOLDED_SIZE
            and all(new[o].op == "constant" for o in operands)
        ):
            arrays = [new[o]["value"].array for o in operands]
            if i.op in ELEMENTWISE or i.op in ("select", "cast"):
                if not (i.op in _DIVISIONS and kind(i.dtype) != "f" and not arrays[1].all()):
                    with np.errstate(all="ignore"):
                        return new.emit("constant", (), value=Literal(np.asarray(elementwise(i.op, arrays, i.dtype))))
            if i.op in ("reshape", "broadcast") and arrays[0].size == 1 and i.spec.size == 1:
                return new.emit("constant", (), value=Literal(arrays[0].reshape(i.shape)))
        return new.keep(i, operands)

    return program.rewrite(rule)


_DIVISIONS = ("floor_div", "floor_mod", "trunc_div", "trunc_mod")


def simplify(program: Program) -> Program:
    """Algebra that keeps every value (but the sign of zeros): x * 1, x + 0, pow(x, 2), views of views, select of one thing.

    before:   %1 = broadcast 2.0; %2 = pow %0 %1
    after:    %2 = mul %0 %0
    """
    return program.rewrite(_simplified)


def _simplified(new: Rewriter, i: Instruction, operands: tuple[int, ...]) -> int:
    match i.op:
        case "mul":
            for x, y in (operands, operands[::-1]):
                if number_of(new, y) == 1:
                    return x
        case "add":
            for x, y in (operands, operands[::-1]):
                if number_of(new, y) == 0:
                    return x
        case "sub" | "div":
            if number_of(new, operands[1]) == (0 if i.op == "sub" else 1):
                return operands[0]
            divisor = number_of(new, operands[1])
            if (
                i.op == "div" and divisor and np.frexp(divisor)[0] in (0.5, -0.5)
            ):  # a power of two: the product is the same
                inverse = new.emit("constant", (), value=Literal(np.asarray(1 / divisor, i.dtype)))
                if new[operands[1]].op == "broadcast":
                    inverse = new.emit("broadcast", (inverse,), shape=i.shape, axes=())
                    return new.emit("mul", (operands[0], inverse))
        case "pow":
            power = number_of(new, operands[1])
            if power == 1:
                return operands[0]
            if power == 2:
                return new.emit("mul", (operands[0], operands[0]))
            if power == 3:
                return new.emit("mul", (new.emit("mul", (operands[0], operands[0])), operands[0]))
            if power == 0.5 and kind(i.dtype) == "f":
                return new.emit("sqrt", operands[:1])
        case "select":
            if operands[1] == operands[2]:
                return operands[1]
        case "neg":
            if new[operands[0]].op == "neg":
                return new[operands[0]].operands[0]
        case "copy":
            return operands[0]
        case "count":
            word = new.emit("slice", operands, starts=(1,), sizes=(1,), strides=(1,))
            return new.emit("reshape", (word,), shape=())
        case "reshape" | "transpose" | "broadcast" | "slice" | "cast":
            return _simplified_view(new, i, operands[0])
        case "contract":
            return _simplified_contract(new, i, operands)
        case "argmax" | "argmin":
            return _first_extreme(new, i, operands[0])
    return new.keep(i, operands)


def _simplified_view(new: Rewriter, i: Instruction, x: int) -> int:
    if i.spec == new[x].spec and (i.op != "transpose" or i["permutation"] == tuple(range(len(i.shape)))):
        if i.op != "slice" or all(s > 0 for n, s in zip(i.shape, i["strides"], strict=True) if n > 1):
            return x
    inner = new[x]
    if inner.op == i.op == "reshape":
        return _simplified_view(new, i, inner.operands[0])
    if inner.op == i.op == "transpose":
        permutation = tuple(inner["permutation"][p] for p in i["permutation"])
        merged = Instruction("transpose", inner.operands, (("permutation", permutation),), i.spec)
        return _simplified_view(new, merged, inner.operands[0])
    if inner.op == i.op == "broadcast":
        axes = tuple(i["axes"][a] for a in inner["axes"])
        return new.append(Instruction("broadcast", inner.operands, (("shape", i.shape), ("axes", axes)), i.spec))
    if i.op == "transpose":
        moved = [p for p in i["permutation"] if inner.shape[p] != 1]
        if moved == sorted(moved):  # only axes of size 1 move
            return new.emit("reshape", (x,), shape=i.shape)
    return new.keep(i, (x,))


def _simplified_contract(new: Rewriter, i: Instruction, operands: tuple[int, ...]) -> int:
    """
    before:   %2 = transpose %1 permutation=(1, 0); %3 = contract %0 %2 transpose_y=False
    after:    %3 = contract %0 %1 transpose_y=True
    """
    flags = [i["transpose_x"], i["transpose_y"]]
    found = list(operands)
    for n, operand in enumerate(operands):
        view = new[operand]
        rank = len(view.shape)
        if view.op == "transpose" and view["permutation"] == (*range(rank - 2), rank - 1, rank - 2):
            found[n], flags[n] = view.operands[0], not flags[n]
    if tuple(found) == operands:
        return new.keep(i, operands)
    return new.emit("contract", found, **dict(i.attrs) | {"transpose_x": flags[0], "transpose_y": flags[1]})


def order_contractions(program: Program) -> Program:
    """Lets contractions write their results in the order in which they are read.

    before:   %2 = contract %0 %1 transpose_x=False transpose_y=False; %3 = transpose %2 permutation=(0, 2, 1, 3)
    after:    %3 = contract %0 %1 transpose_x=False transpose_y=False order=(0, 2, 1, 3)

    before:   %2 = contract %0 %1 transpose_x=False transpose_y=False; %3 = transpose %2 permutation=(1, 0)
    after:    %3 = contract %1 %0 transpose_x=True transpose_y=True
    refuses:  the result is also read in its own order.
    """
    users: dict[int, list[int]] = {root: [-1] for root in program.roots}
    for at, i in enumerate(program.instructions):
        for o in i.operands:
            users.setdefault(o, []).append(at)

    def is_alone(at: int) -> bool:
        return program.instructions[at].op == "contract" and len(users[at]) == 1

    olds = iter(program.instructions)

    def rule(new: Rewriter, i: Instruction, operands: tuple[int, ...]) -> int:
        old = next(olds)
        if i.op != "transpose" or not is_alone(old.operands[0]) or "order" in dict(new[operands[0]].attrs):
            return new.keep(i, operands)
        product, order = new[operands[0]], i["permutation"]
        factors, rank = product.operands, len(order)
        turned = (product["transpose_x"], product["transpose_y"])
        if order[-1] == rank - 2:
            factors, turned = factors[::-1], (not turned[1], not turned[0])
            order = tuple({rank - 1: rank - 2, rank - 2: rank - 1}.get(axis, axis) for axis in order)
        if order[-1] != rank - 1:
            return new.keep(i, operands)
        changed = {} if order == tuple(range(rank)) else {"order": order}
        return new.emit("contract", factors, transpose_x=turned[0], transpose_y=turned[1], **changed)

    return program.rewrite(rule)


def hoist(program: Program) -> Program:
    """Moves out of a loop's body what does not change in the loop.

    before:   while_loop %0 %1 body: %2 = exp %1; %3 = add %0 %2; return %3
    after:    %2 = exp %1; while_loop %0 %1 %2 body: %3 = add %0 %2; return %3
    refuses:  it may fail, as an index that is out of range: the loop might not have a single turn.
    """

    def rule(new: Rewriter, i: Instruction, operands: tuple[int, ...]) -> int:
        return _hoisted(new, i, operands) if i.op == "while_loop" else new.keep(i, operands)

    return program.rewrite(rule)


def _hoisted(new: Rewriter, i: Instruction, operands: tuple[int, ...]) -> int:
    body, cond = i["body"], i["cond"]
    attrs: dict[str, Any] = dict(i.attrs)
    count = len(body.outputs) - attrs.get("pushes", 0)
    same = body.inputs[count + attrs.get("pops", 0) :]
    stable = {*same, *(at for at, after in zip(body.inputs[:count], body.outputs, strict=False) if at == after)}
    moved = []
    for at, inner in enumerate(body.instructions):
        if inner.op == "constant":
            stable.add(at)
        elif (
            inner.op not in _STAY
            and inner.operands
            and stable.issuperset(inner.operands)
            and not _may_fail(body.instructions, inner)
        ):
            stable.add(at)
            if inner.op not in VIEWS or inner.op == "gather":
                moved.append(at)
    # Only what something that stays reads becomes an operand.
    read = {o for at, inner in enumerate(body.instructions) if at not in stable for o in inner.operands}
    behind = _behind_views(body, read | set(body.outputs), moved)
    extra = [at for at in moved if at in behind]
    if not extra:
        return new.keep(i, operands)
    where = dict(zip(body.inputs, operands, strict=True))
    for at in sorted(stable.difference(body.inputs)):
        where[at] = new.keep(body.instructions[at], tuple(where[o] for o in body.instructions[at].operands))
    inputs = [body.instructions[at].spec for at in extra]
    programs = {
        "cond": _with_inputs(cond, inputs, ()),
        "body": _with_inputs(body, inputs, tuple(extra)),
    }
    return new.emit("while_loop", (*operands, *(where[at] for at in extra)), **attrs | programs)


def _may_fail(instructions: Sequence[Instruction], i: Instruction) -> bool:
    """Whether an instruction checks what it is given, other than by a constant that is fine."""
    if i.op in _DIVISIONS and kind(i.dtype) != "f":
        return not number_of(instructions, i.operands[1])
    if i.op == "gather":
        index = number_of(instructions, i.operands[1])
        return index is None or not 0 <= index < instructions[i.operands[0]].shape[i["axis"]]
    return i.op in IN_PLACE


_STAY = frozenset(("input", "cond", "while_loop", "item"))  # sub-programs have loops of their own to move things out of


def _behind_views(program: Program, read: set[int], moved: list[int]) -> set[int]:
    """Which moved values are read, directly or through views that were moved too."""
    found: set[int] = set()
    pending = list(read)
    while pending:
        at = pending.pop()
        if at not in found:
            found.add(at)
            if at not in moved and program.instructions[at].op in VIEWS:
                pending += program.instructions[at].operands
    return found


def _with_inputs(program: Program, specs: list[Spec], replaced: tuple[int, ...]) -> Program:
    """A program with more inputs, which stand for the values at `replaced`."""
    count = len(program.inputs)
    added = [Instruction("input", (), (("number", count + n),), spec) for n, spec in enumerate(specs)]
    places: dict[int, int] = {}
    kept: list[Instruction] = list(added)
    for at, i in enumerate(program.instructions):
        if at in replaced:
            places[at] = replaced.index(at)
            continue
        places[at] = len(kept)
        kept.append(Instruction(i.op, tuple(places[o] for o in i.operands), i.attrs, i.spec))
    outputs = tuple(places[o] for o in program.outputs)
    return drop_dead(Program(tuple(kept), outputs, tuple((n, places[v]) for n, v in program.updates)))


def _first_extreme(new: Rewriter, i: Instruction, x: int) -> int:
    """argmax as reductions: the smallest index of those whose element is the largest, or NaN.

    before:   %1 = argmax %0 axis=1
    after:    %1 = reduce_max %0 axes=(1,); %2 = broadcast %1; %3 = eq %0 %2; %4 = select %3 iota size; %5 = reduce_min %4
    """
    axis, spec = i["axis"], new[x].spec
    if spec.dtype == np.bool_:
        x = new.emit("cast", (x,), dtype=np.dtype(np.uint8))
    kept = tuple(a for a in range(len(spec.shape)) if a != axis)
    peak = new.emit("reduce_max" if i.op == "argmax" else "reduce_min", (x,), axes=(axis,))
    peaks = new.emit("broadcast", (peak,), shape=spec.shape, axes=kept)
    is_peak = new.emit("eq", (x, peaks))
    if kind(spec.dtype) == "f":
        is_peak = new.emit("logical_or", (is_peak, new.emit("is_nan", (x,))))
    position_type = np.dtype(np.int32)
    positions = new.emit("iota", (), shape=spec.shape, axis=axis, dtype=position_type)
    beyond = new.emit("constant", (), value=Literal(np.asarray(spec.shape[axis], position_type)))
    beyond = new.emit("broadcast", (beyond,), shape=spec.shape, axes=())
    first = new.emit("reduce_min", (new.emit("select", (is_peak, positions, beyond)),), axes=(axis,))
    return first if i.dtype == position_type else new.emit("cast", (first,), dtype=i.dtype)


def settle(program: Program) -> Program:
    """Gives memory of its own to what must have some: outputs, new values of inputs, and operands of primitives that are not fused.

    A contraction takes operands of any strides; a concat reads through views; what rows are added or written to may be the same number
    everywhere, and what is added to that another one, or rows of a table. A gather checks its indices where it reads its table, so that is
    no broadcast, whose elements are read without them.

    before:   %1 = transpose %0; return %1
    after:    %1 = transpose %0; %2 = copy %1; return %2
    """
    wanted = Counter(base_of(program, r) for r in program.roots)
    new = Rewriter()
    where: list[int] = []
    copies: dict[int, int] = {}
    for i in program.instructions:
        operands = tuple(where[o] for o in i.operands)
        if i.op not in FUSIBLE and i.op not in VIEWS and i.op not in ("item", "concat"):
            stays: list[int] = []
            if i.op in IN_PLACE and number_of(new, operands[0]) is not None:
                stays = [0, 2] if i.op != "write" and _is_looked_up(new, *operands[1:]) else [0]
            operands = tuple(
                o if n in stays else _in_memory(new, o, i.op == "contract", copies) for n, o in enumerate(operands)
            )
        elif i.op == "gather" and _is_broadcast(new, operands[0]):
            operands = (_in_memory(new, operands[0], False, copies), *operands[1:])
        where.append(new.keep(i, operands))

    def root(at: int) -> int:
        base = base_of(program, at)
        op = program.instructions[base].op
        if op in LEAVES or op in VIEWS or wanted[base] > 1:
            wanted[base] -= 1
            return new.emit("copy", (where[at],))
        return where[at]

    outputs = tuple(root(o) for o in program.outputs)
    updates = tuple((n, root(v)) for n, v in program.updates)
    settled = Program(tuple(new.instructions), outputs, updates)
    return program if settled == program else settled


def _is_looked_up(new: Rewriter, indices: int, updates: int) -> bool:
    """Whether what is scattered to places is the same number everywhere, or for each place a row of a table in memory."""
    i = new[updates]
    if i.op != "gather":
        return number_of(new, updates) is not None
    table, rows = (new[o] for o in i.operands)
    is_by_row = len(rows.shape) == len(new[indices].shape) == 1 and len(i.shape) <= 2 and not i["batch_dims"]
    return is_by_row and table.op not in VIEWS and not i["axis"]


def _is_broadcast(new: Rewriter, at: int) -> bool:
    """Whether a value is a broadcast, or a view of one."""
    while new[at].op in VIEWS and new[at].op not in ("broadcast", "iota"):
        at = new[at].operands[0]
    return new[at].op == "broadcast"


def _in_memory(new: Rewriter, at: int, takes_strides: bool, copies: dict[int, int]) -> int:
    if takes_strides and strided(new.instructions, at):
        return at
    base = at
    while new[base].op == "reshape":
        base = new[base].operands[0]
    if new[base].op not in VIEWS:
        return at
    if at != base:  # the same copy serves other shapes
        return new.keep(new[at], (_in_memory(new, new[at].operands[0], False, copies),))
    if at not in copies:
        copies[at] = new.emit("copy", (at,))
    return copies[at]
