"""Writes a kernel of the loop IR as an LLVM function, vectorised for a register width.

The function is `void(ptr arguments, i64 begin, i64 end)`: `arguments` points to the addresses of the kernel's buffers and, last,
of the error words; the range is that of its outermost loop, in blocks of `Emitted.turns` of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tenfold.compiler import elementwise, vector_math
from tenfold.compiler.loops import (
    MAY_FAIL,
    Accumulate,
    Apply,
    Declare,
    Dynamic,
    Expr,
    Index,
    Kernel,
    Load,
    Local,
    Loop,
    Number,
    Position,
    Quotient,
    Remainder,
    Statement,
    Store,
    Var,
    expressions,
    identity,
    parts,
    statements,
    values,
)  # fmt: skip
from tenfold.compiler.memory import ALIGNMENT, aligned
from tenfold.compiler.writer import BOOL, INT64, Operand, Writer, scalar_type, type_of

NOTE = """define internal void @note(ptr %error, i64 %code, i64 %place, i64 %value) cold noinline {
entry:  ; the error of the lowest code is kept, at its lowest place, whichever thread finds it first
  %lock = getelementptr i64, ptr %error, i64 3
  br label %wait
wait:
  %held = atomicrmw xchg ptr %lock, i64 1 acquire
  %is.held = icmp ne i64 %held, 0
  br i1 %is.held, label %wait, label %look
look:
  %place.at = getelementptr i64, ptr %error, i64 1
  %value.at = getelementptr i64, ptr %error, i64 2
  %known = load i64, ptr %error
  %known.place = load i64, ptr %place.at
  %is.none = icmp eq i64 %known, 0
  %is.lower = icmp slt i64 %code, %known
  %is.same = icmp eq i64 %code, %known
  %is.before = icmp slt i64 %place, %known.place
  %is.first = and i1 %is.same, %is.before
  %is.new = or i1 %is.none, %is.lower
  %is.kept = or i1 %is.new, %is.first
  br i1 %is.kept, label %keep, label %done
keep:
  store i64 %code, ptr %error
  store i64 %place, ptr %place.at
  store i64 %value, ptr %value.at
  br label %done
done:
  store atomic i64 0, ptr %lock release, align 8
  ret void
}"""


@dataclass(frozen=True)
class Emitted:
    """A function's text, up to its name, what it declares, how many blocks its range has (0: it takes none), and the turns of each."""

    text: str
    declarations: frozenset[str]
    count: int
    turns: int = 1


def emit(kernel: Kernel, vector_bytes: int) -> Emitted:
    """The function of a kernel; its name stands as `@KERNEL`."""
    return _Emitter(kernel, vector_bytes).run()


def emit_epilogue(kernel: Kernel, result: Expr, row: Var, column: Var, count: int, lanes: int) -> Emitted:
    """The function that a contraction calls on `count` neighbours of its result, in vectors of `lanes`: it returns them changed.

    It is `vector(vector value, i64 row, i64 column, ptr buffer, ..., ptr error)`. In the kernel, whose body are stores, `Local("value")`
    is the contraction's element.
    """
    emitter = _Emitter(kernel, 0)
    w, dtype = emitter.w, result.dtype
    emitter.pointers = [f"%buffer{n}" for n in range(len(kernel.buffers))]
    emitter.error = "%error"
    emitter.vars = {row: "%row", column: "%column"}
    emitter.lane_var, emitter.lanes = column, count
    given = Operand(w, "%value", dtype, lanes)
    emitter.locals["value"] = given if count == lanes else given.shuffle(range(count))
    emitter.varying.add("value")
    changed = emitter.vector(result)
    emitter.body(kernel.body)
    if count != lanes:
        changed = (
            changed.splat(1).splat(lanes) if count == 1 else changed.shuffle([min(n, count - 1) for n in range(lanes)])
        )
    w.do(f"ret {changed}")
    pointers = "".join(f", ptr {p}" for p in [*emitter.pointers, "%error"])
    text = f"define internal {given.type} @KERNEL({given.type} %value, i64 %row, i64 %column{pointers}) alwaysinline {{\nentry:\n"
    return Emitted(text + "\n".join(w.lines) + "\n}\n", frozenset(w.declarations), 0)


class _Emitter:
    def __init__(self, kernel: Kernel, vector_bytes: int):
        self.kernel = kernel
        self.w = Writer()
        self.pointers: list[str] = []
        self.vars: dict[Var, str] = {}  # in a vector loop: that of the first lane
        self.lane_var: Var | None = None
        self.lanes = 1
        self.known: list[dict[object, Operand]] = [{}]  # by scope
        self.locals: dict[str, Operand] = {}
        self.varying: set[str] = set()  # locals that have lanes
        self.vector_bytes = vector_bytes

    def run(self) -> Emitted:
        w = self.w
        for i, buffer in enumerate(self.kernel.buffers):
            if buffer.is_scratch:
                self.pointers.append(self._scratch(buffer.size * buffer.dtype.itemsize))
            else:
                self.pointers.append(self._argument(i - sum(b.is_scratch for b in self.kernel.buffers[:i])))
        self.error = self._argument(sum(not b.is_scratch for b in self.kernel.buffers))
        body, count, turns = self.kernel.body, 0, 1
        if self.kernel.is_parallel and len(body) == 1 and isinstance(body[0], Loop):
            count = self._outermost(body[0])
            turns = self._width(body[0]) if body[0].is_vector else 1
        else:
            self.body(body)
        w.do("ret void")
        lines = "\n".join(w.lines)
        text = f"define void @KERNEL(ptr %arguments, i64 %begin, i64 %end) {{\nentry:\n{lines}\n}}\n"
        return Emitted(text, frozenset(w.declarations), count, turns)

    def _scratch(self, size: int) -> str:
        """Memory of a kernel's own. LLVM reads the last part of a row with what is behind it, up to a whole register, and computes
        with that too: if it were subnormal numbers, a hundred times as slowly.
        """
        whole = aligned(size)
        pointer = self.w.define(f"alloca [{whole} x i8], align {ALIGNMENT}")
        if size < whole:
            rest = self.w.define(f"getelementptr i8, ptr {pointer}, i64 {size}")
            self.w.do(f"store <{whole - size} x i8> zeroinitializer, ptr {rest}, align 1")
        return pointer

    def _width(self, loop: Loop) -> int:
        """Turns of a vector loop that run side by side: several registers of them where each takes little."""
        exprs = list(expressions(loop.body))
        stored = {self.kernel.buffers[s.buffer].dtype.itemsize for s in statements(loop.body) if isinstance(s, Store)}
        floats = {
            e.dtype.itemsize for e in exprs if e.dtype.kind == "f"
        }  # wide integers beside them are labels, mostly
        size = max(floats or stored | {e.dtype.itemsize for e in exprs}, default=1)
        weight = sum(isinstance(e, (Load, Apply)) for e in exprs)
        is_heavy = any(isinstance(e, Apply) and e.op in vector_math.EXPENSIVE for e in exprs)
        steps = [e.index.factor(loop.var) for e in exprs if isinstance(e, Load)]
        has_turns = any(isinstance(s, Loop) for s in loop.body)  # which find the lines of few lanes in the first cache
        gathers = any(step is None or (has_turns and abs(step) > 1) for step in steps)  # lane by lane
        return self.vector_bytes // size * (1 if is_heavy or gathers or weight > 24 else 2 if weight > 8 else 4)

    def _argument(self, i: int) -> str:
        return self.w.define(f"load ptr, ptr {self.w.define(f'getelementptr ptr, ptr %arguments, i64 {i}')}")

    # Statements.

    def _outermost(self, loop: Loop) -> int:
        """The loop whose range the caller gives; how many blocks it has."""
        extent = loop.var.extent
        if not loop.is_vector:
            self._hoist(loop)
            self._loop(loop, "%begin", "%end")
            return extent
        w, width = self.w, self._width(loop)
        count = -(-extent // width)
        self._hoist(loop)
        start = w.define(f"mul i64 %begin, {width}")
        whole = extent // width * width
        if whole:
            stop = w.define(f"mul i64 %end, {width}")
            w.declare("llvm.smin.i64", "i64", "i64", "i64")
            stop = w.define(f"call i64 @llvm.smin.i64(i64 {stop}, i64 {whole})")
            self._lanes_loop(loop, start, stop, width)
        if whole < extent:
            last, after = w.label(), w.label()
            w.branch(w.define(f"icmp eq i64 %end, {count}"), last, after)
            w.begin(last)
            self._lanes_once(loop, str(whole), extent - whole)
            w.jump(after)
            w.begin(after)
        return count

    def body(self, body: Sequence[Statement]) -> None:
        stores: list[tuple[Store, Operand]] = []
        for s in body:
            if not isinstance(s, Store):
                self._flush(stores)
            match s:
                case Loop():
                    self._inner(s)
                case Declare(name, op, dtype):
                    self.locals[name] = self.w.const(identity(op, dtype), dtype, self.lanes)
                    if self.lane_var is not None:
                        self.varying.add(name)
                case Accumulate(name, op, value):
                    if self.lane_var is not None:
                        operand = self.vector(value)
                    else:
                        operand = self._value(value)
                    self.locals[name] = elementwise.combine(op, self.locals[name], operand)
                case Store():
                    stores.append((s, self.vector(s.value) if self.lane_var else self._value(s.value)))
        self._flush(stores)

    def _flush(self, stores: list[tuple[Store, Operand]]) -> None:
        """Stores come after all loads of their turn, those of their own indices as well: some are to what was read."""
        for value, addresses in [(value, self._targets(s, value.lanes)) for s, value in stores]:
            self._store(value, addresses)
        stores.clear()

    def _inner(self, loop: Loop) -> None:
        if loop.var.extent == 0:
            return
        self._hoist(loop)
        if not loop.is_vector:
            self._loop(loop, "0", str(loop.var.extent))
            return
        width = self._width(loop)
        extent = loop.var.extent
        whole = extent // width * width
        outside = self._carried(loop)
        total = {name: self.locals[name] for name in outside}
        for start, stop, lanes in ((0, whole, width), (whole, extent, extent - whole)):
            if start == stop:
                continue
            for name, op in outside.items():
                self.locals[name] = self.w.const(identity(op, total[name].dtype), total[name].dtype, lanes)
            if stop - start == lanes:
                self._lanes_once(loop, str(start), lanes)
            else:
                self._lanes_loop(loop, str(start), str(stop), lanes)
            for name, op in outside.items():
                total[name] = elementwise.combine(op, total[name], elementwise.horizontal(op, self.locals[name]))
        self.locals.update(total)

    def _carried(self, loop: Loop) -> dict[str, str]:
        """Accumulators that the loop changes and that are declared outside, with their ops."""
        inside = {s.name for s in statements(loop.body) if isinstance(s, Declare)}
        return {s.name: s.op for s in statements(loop.body) if isinstance(s, Accumulate) and s.name not in inside}

    def _lanes_once(self, loop: Loop, start: str, lanes: int) -> None:
        self.lane_var, self.lanes = loop.var, lanes
        self.vars[loop.var] = start
        self._scope(loop.body)
        self.lane_var, self.lanes = None, 1

    def _lanes_loop(self, loop: Loop, start: str, stop: str, lanes: int) -> None:
        self.lane_var, self.lanes = loop.var, lanes
        self._loop(loop, start, stop, lanes)
        self.lane_var, self.lanes = None, 1

    def _scope(self, body: Sequence[Statement]) -> None:
        self.known.append({})
        self.body(body)
        self.known.pop()

    def _loop(self, loop: Loop, start: str, stop: str, step: int = 1) -> None:
        w = self.w
        before, head, inside, after = w.block, w.label(), w.label(), w.label()
        w.jump(head)
        w.begin(head)
        index = w.name()
        at = len(w.lines)
        w.do("")  # the phi, when what comes back is known
        carried = {}
        for name in self._carried(loop):
            carried[name] = (w.name(), self.locals[name], len(w.lines))
            w.do("")
            self.locals[name] = Operand(w, carried[name][0], self.locals[name].dtype, self.locals[name].lanes)
        heads = {name: self.locals[name] for name in carried}
        w.branch(w.define(f"icmp slt i64 {index}, {stop}"), inside, after)
        w.begin(inside)
        self.vars[loop.var] = index
        self._scope(loop.body)
        following = w.define(f"add i64 {index}, {step}")
        w.lines[at] = f"  {index} = phi i64 [ {start}, %{before} ], [ {following}, %{w.block} ]"
        for name, (phi, initial, line) in carried.items():
            back = self.locals[name]
            w.lines[line] = f"  {phi} = phi {back.type} [ {initial.text}, %{before} ], [ {back.text}, %{w.block} ]"
        w.jump(head)
        w.begin(after)
        self.locals.update(heads)

    # What does not change in a loop is computed before it.

    def _hoist(self, loop: Loop) -> None:
        if not loop.body:
            return
        inner: set[object] = {loop.var}
        inner |= {s.var for s in statements(loop.body) if isinstance(s, Loop)}
        inner |= {s.name for s in statements(loop.body) if isinstance(s, (Declare, Accumulate))}
        written = {s.buffer for s in statements(self.kernel.body) if isinstance(s, Store)}
        seen: set[int] = set()

        def visit(e: Expr) -> None:
            if id(e) in seen or isinstance(e, (Number, Local)):
                return
            seen.add(id(e))
            if e.variables.isdisjoint(inner) and not (isinstance(e, Load) and e.buffer in written):
                self._value(e)
                return
            for part in parts(e):
                visit(part)

        for value in values(loop.body):
            visit(value)
        for s in statements(loop.body):
            for atom, _ in s.index.terms if isinstance(s, Store) else ():
                if isinstance(atom, Dynamic):
                    visit(atom.of)

    # Expressions.

    def _has_lanes(self, variables: frozenset) -> bool:
        return self.lane_var in variables or not self.varying.isdisjoint(variables)

    def vector(self, e: Expr) -> Operand:
        return self._value(e).splat(self.lanes)

    def _value(self, e: Expr) -> Operand:
        if isinstance(e, Local):
            return self.locals[e.name]
        for scope in reversed(self.known):
            if e in scope and scope[e].lanes in (1, self.lanes):
                return scope[e]
        value = self._compute(e)
        self.known[-1][e] = value
        return value

    def _compute(self, e: Expr) -> Operand:
        match e:
            case Number(value, dtype):
                return self.w.const(value, dtype)
            case Load():
                return self._load(e)
            case Position(index, dtype):
                if self.lane_var in index.variables:
                    return elementwise.cast(self._index_lanes(index), dtype)
                return elementwise.cast(Operand(self.w, self._index(index), INT64, 1), dtype)
            case Apply(op, children, dtype):
                operands = [self._value(c) for c in children]
                lanes = max(o.lanes for o in operands)
                if lanes == 1 and any(self._has_lanes(c.variables) for c in children):
                    lanes = self.lanes
                operands = [o.splat(lanes) for o in operands]
                if op == "cast":
                    return elementwise.cast(operands[0], dtype)
                if op == "bitcast":
                    return elementwise.bitcast(operands[0], dtype)
                if op == "bounded":
                    return self._bounded(e, operands[0])
                if op in MAY_FAIL and dtype.kind != "f":
                    operands[1] = self._checked(operands[1].equals(0), operands[1], 1, e, operands[1])
                return elementwise.apply(op, operands)
        raise TypeError(type(e))

    def _bounded(self, e: Apply, index: Operand) -> Operand:
        wide = elementwise.cast(index, INT64)
        unsigned = Operand(self.w, wide.text, np.dtype(np.uint64), wide.lanes)
        return self._checked(unsigned >= e.extent, wide, 0, e, wide)

    def _checked(self, wrong: Operand, value: Operand, instead: int, e: Apply, shown: Operand) -> Operand:
        """`value`, but `instead` where it is wrong; then that is noted, with the place of the first lane."""
        w = self.w
        note, after = w.label(), w.label()
        w.branch(wrong.any(), note, after)
        w.begin(note)
        self.known.append({})  # what is computed here is not known elsewhere
        place, number = w.const(0, INT64, wrong.lanes), w.const(0, INT64, wrong.lanes)
        if e.op == "bounded":
            where = (
                self._index_lanes(e.at) if self.lane_var in e.at.variables else Operand(w, self._index(e.at), INT64, 1)
            )
            place, number = (
                (where if wrong.lanes == 1 else where.splat(wrong.lanes)),
                shown,
            )  # one index for many places
        lane = "0"
        if wrong.lanes > 1:
            mask = w.define(f"bitcast {wrong} to i{wrong.lanes}")
            name = f"llvm.cttz.i{wrong.lanes}"
            w.declare(name, f"i{wrong.lanes}", f"i{wrong.lanes}", "i1")
            lane = w.define(f"call i{wrong.lanes} @{name}(i{wrong.lanes} {mask}, i1 false)")
            lane = (
                lane
                if wrong.lanes == 64
                else w.define(f"{'zext' if wrong.lanes < 64 else 'trunc'} i{wrong.lanes} {lane} to i64")
            )
        words = [str(e.code)]
        for o in (place, number):
            words.append(o.text if o.lanes == 1 else w.define(f"extractelement {o}, i64 {lane}"))
        w.declarations.add(NOTE)
        w.do(f"call void @note(ptr {self.error}, {', '.join(f'i64 {word}' for word in words)})")
        self.known.pop()
        w.jump(after)
        w.begin(after)
        return wrong.select(instead, value)

    # Memory.

    def _index(self, index: Index) -> str:
        """An index in the first lane, as an i64."""
        for scope in reversed(self.known):
            if index in scope:
                return scope[index].text
        w = self.w
        total = str(index.const) if index.const or not index.terms else ""
        for atom, factor in index.terms:
            match atom:
                case Var():
                    text = self.vars[atom]
                case Quotient(of, by):
                    text = w.define(f"udiv i64 {self._index(of)}, {by}")
                case Remainder(of, by):
                    text = w.define(f"urem i64 {self._index(of)}, {by}")
                case Dynamic(of):
                    text = elementwise.cast(self._value(of), INT64).lane(0)
            if factor != 1:
                text = w.define(f"mul i64 {text}, {factor}")
            total = w.define(f"add i64 {total}, {text}") if total else text
        self.known[-1][index] = Operand(w, total, INT64, 1)
        return total

    def _index_lanes(self, index: Index) -> Operand:
        """An index in all lanes."""
        w, lanes, var = self.w, self.lanes, self.lane_var
        step = index.factor(var) if var else 0
        if step is not None:
            base = Operand(w, self._index(index), INT64, 1).splat(lanes)
            if lanes == 1 or not step:
                return base
            steps = ", ".join(f"i64 {i * step}" for i in range(lanes))
            return w.operand(f"add {base}, <{steps}>", INT64, lanes)
        total = w.const(index.const, INT64, lanes)
        for atom, factor in index.terms:
            match atom:
                case Var():
                    term = self._index_lanes(Index(0, ((atom, 1),)))
                case Quotient(of, by):
                    term = self._index_lanes(of).op("udiv", by)
                case Remainder(of, by):
                    term = self._index_lanes(of).op("urem", by)
                case Dynamic(of):
                    term = elementwise.cast(self.vector(of), INT64)
            total = total + (term * factor if factor != 1 else term)
        return total

    def _address(self, buffer: int, offset: str) -> str:
        kind = _memory_type(self.kernel.buffers[buffer].dtype)
        return self.w.define(f"getelementptr inbounds {kind}, ptr {self.pointers[buffer]}, i64 {offset}")

    def _load(self, e: Load) -> Operand:
        if self.lane_var not in e.variables:
            return self._load_block(e.buffer, self._index(e.index), 1)
        step = e.index.factor(self.lane_var) if self.lane_var else None
        if step == 1:
            return self._load_block(e.buffer, self._index(e.index), self.lanes)
        if step == -1:
            first = self.w.define(f"sub i64 {self._index(e.index)}, {self.lanes - 1}")
            return self._load_block(e.buffer, first, self.lanes).shuffle(range(self.lanes - 1, -1, -1))
        if self.lanes == 1:
            return self._load_block(e.buffer, self._index(e.index), 1)
        offsets = self._offsets(e.index, step)
        dtype = self.kernel.buffers[e.buffer].dtype
        loaded = [
            self.w.define(f"load {_memory_type(dtype)}, ptr {self._address(e.buffer, o)}, align {dtype.itemsize}")
            for o in offsets
        ]
        if dtype == BOOL:
            return self.w.join(loaded, np.dtype(np.uint8)).compare("ne", 0)
        return self.w.join(loaded, dtype)

    def _offsets(self, index: Index, step: int | None) -> list[str]:
        """One offset for each lane."""
        if step is None:
            vector = self._index_lanes(index)
            return [vector.lane(i) for i in range(self.lanes)]
        first = self._index(index)
        return [first] + [self.w.define(f"add i64 {first}, {i * step}") for i in range(1, self.lanes)]

    def _load_block(self, buffer: int, offset: str, lanes: int) -> Operand:
        dtype = self.kernel.buffers[buffer].dtype
        memory = np.dtype(np.uint8) if dtype == BOOL else dtype
        loaded = self.w.operand(
            f"load {type_of(memory, lanes)}, ptr {self._address(buffer, offset)}, align {dtype.itemsize}", memory, lanes
        )
        return loaded.compare("ne", 0) if dtype == BOOL else loaded

    def _targets(self, s: Store, lanes: int) -> list[str]:
        """Where a value goes: one address, or one for each of its lanes."""
        step = s.index.factor(self.lane_var) if self.lane_var else 0
        is_whole = lanes == 1 or step == 1
        offsets = [self._index(s.index)] if is_whole else self._offsets(s.index, step)
        return [self._address(s.buffer, offset) for offset in offsets]

    def _store(self, value: Operand, addresses: list[str]) -> None:
        dtype = value.dtype
        if dtype == BOOL:
            value = elementwise.cast(value, np.dtype(np.uint8))
        if len(addresses) == 1:
            self.w.do(f"store {value}, ptr {addresses[0]}, align {dtype.itemsize}")
            return
        for i, address in enumerate(addresses):
            self.w.do(f"store {_memory_type(dtype)} {value.lane(i)}, ptr {address}, align {dtype.itemsize}")


def _memory_type(dtype: np.dtype) -> str:
    return "i8" if dtype == BOOL else scalar_type(dtype)
