"""Writes LLVM IR as text: operands of one or several lanes, with Python's operators.

Vectors are as wide as the loop asks for; LLVM splits what is wider than a register and narrows what is not a power of two.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

INT32, INT64, BOOL = np.dtype(np.int32), np.dtype(np.int64), np.dtype(np.bool_)
FLOAT32, FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)


@cache
def scalar_type(dtype: np.dtype) -> str:
    """LLVM's type of an element in a register; that of bfloat16 are its bits."""
    if dtype.kind == "f":
        return {2: "half", 4: "float", 8: "double"}[dtype.itemsize]
    return "i1" if dtype == BOOL else f"i{8 * dtype.itemsize}"


@cache
def type_of(dtype: np.dtype, lanes: int) -> str:
    return scalar_type(dtype) if lanes == 1 else f"<{lanes} x {scalar_type(dtype)}>"


@cache
def _suffix(dtype: np.dtype, lanes: int) -> str:
    name = {"half": "f16", "float": "f32", "double": "f64"}.get(scalar_type(dtype), scalar_type(dtype))
    return name if lanes == 1 else f"v{lanes}{name}"


def literal(value: Any, dtype: np.dtype, lanes: int) -> str:
    """A constant, the same in all lanes."""
    if dtype == np.float16:
        text = f"0xH{np.float16(value).view(np.uint16):04X}"
    elif dtype.kind == "V":
        text = str(int(np.array(value, dtype).view(np.uint16)))
    elif dtype.kind == "f":
        text = "0x" + struct.pack(">d", float(dtype.type(value))).hex().upper()
    else:
        text = str(int(value)) if dtype != BOOL else ("true" if value else "false")
    return text if lanes == 1 else f"splat ({scalar_type(dtype)} {text})"


class Writer:
    """The body of one function; `block` is the label of the block that is being written."""

    def __init__(self, declarations: set[str] | None = None) -> None:
        self.lines: list[str] = []
        self.declarations: set[str] = set() if declarations is None else declarations
        self.block = "entry"
        self._count = 0

    def name(self) -> str:
        self._count += 1
        return f"%v{self._count}"

    def define(self, text: str) -> str:
        name = self.name()
        self.lines.append(f"  {name} = {text}")
        return name

    def do(self, text: str) -> None:
        self.lines.append(f"  {text}")

    def label(self) -> str:
        self._count += 1
        return f"b{self._count}"

    def begin(self, label: str) -> None:
        self.lines.append(f"{label}:")
        self.block = label

    def jump(self, label: str) -> None:
        self.do(f"br label %{label}")

    def branch(self, condition: str, yes: str, no: str) -> None:
        self.do(f"br i1 {condition}, label %{yes}, label %{no}")

    def const(self, value: Any, dtype: np.dtype, lanes: int = 1) -> Operand:
        return Operand(self, literal(value, dtype, lanes), dtype, lanes)

    def operand(self, text: str, dtype: np.dtype, lanes: int) -> Operand:
        """What an instruction gives."""
        return Operand(self, self.define(text), dtype, lanes)

    def declare(self, name: str, result: str, *parameters: str) -> None:
        self.declarations.add(f"declare {result} @{name}({', '.join(parameters)})")

    def call(self, name: str, result: np.dtype, *operands: Operand) -> Operand:
        """Calls an intrinsic whose name ends with its operands' type."""
        lanes = operands[0].lanes
        full = f"{name}.{_suffix(operands[0].dtype, lanes)}"
        self.declare(full, type_of(result, lanes), *(o.type for o in operands))
        return self.operand(f"call {type_of(result, lanes)} @{full}({', '.join(map(str, operands))})", result, lanes)

    def each_lane(self, function: str, *operands: Operand) -> Operand:
        """A function of the C library, lane by lane."""
        dtype, lanes = operands[0].dtype, operands[0].lanes
        scalar = scalar_type(dtype)
        name = function + ("f" if dtype == FLOAT32 else "")
        self.declare(name, scalar, *[scalar] * len(operands))
        results = []
        for i in range(lanes):
            arguments = ", ".join(f"{scalar} {o.lane(i)}" for o in operands)
            results.append(self.define(f"call {scalar} @{name}({arguments})"))
        return self.join(results, dtype)

    def join(self, scalars: Sequence[str], dtype: np.dtype) -> Operand:
        """A vector of scalars."""
        if len(scalars) == 1:
            return Operand(self, scalars[0], dtype, 1)
        text, kind = "poison", type_of(dtype, len(scalars))
        for i, scalar in enumerate(scalars):
            text = self.define(f"insertelement {kind} {text}, {scalar_type(dtype)} {scalar}, i64 {i}")
        return Operand(self, text, dtype, len(scalars))


class Operand:
    """A value in registers: `lanes` numbers of `dtype`. Python's operators write instructions; numbers become constants."""

    __slots__ = ("w", "text", "dtype", "lanes")

    def __init__(self, w: Writer, text: str, dtype: np.dtype, lanes: int):
        self.w, self.text, self.dtype, self.lanes = w, text, dtype, lanes

    @property
    def type(self) -> str:
        return type_of(self.dtype, self.lanes)

    def __str__(self) -> str:
        return f"{self.type} {self.text}"

    def const(self, value: Any) -> Operand:
        return self.w.const(value, self.dtype, self.lanes)

    def _operand(self, other: Any) -> Operand:
        return other if isinstance(other, Operand) else self.const(other)

    def op(self, name: str, other: Any) -> Operand:
        """A two-operand instruction, by its LLVM name."""
        return self.w.operand(f"{name} {self}, {self._operand(other).text}", self.dtype, self.lanes)

    def arithmetic(self, name: str, other: Any) -> Operand:
        return self.op(f"f{name}" if self.dtype.kind == "f" else name, other)

    def __add__(self, other: Any) -> Operand:
        return self.arithmetic("add", other)

    def __sub__(self, other: Any) -> Operand:
        return self.arithmetic("sub", other)

    def __mul__(self, other: Any) -> Operand:
        return self.arithmetic("mul", other)

    def __truediv__(self, other: Any) -> Operand:
        return self.op("fdiv", other)

    def __rsub__(self, other: Any) -> Operand:
        return self.const(other) - self

    def __rtruediv__(self, other: Any) -> Operand:
        return self.const(other) / self

    def __neg__(self) -> Operand:
        if self.dtype.kind == "f":
            return self.w.operand(f"fneg {self}", self.dtype, self.lanes)
        return self.const(0) - self

    def __and__(self, other: Any) -> Operand:
        return self.op("and", other)

    def __or__(self, other: Any) -> Operand:
        return self.op("or", other)

    def __xor__(self, other: Any) -> Operand:
        return self.op("xor", other)

    def __invert__(self) -> Operand:
        return self.op("xor", True if self.dtype == BOOL else -1)

    def compare(self, relation: str, other: Any) -> Operand:
        """`relation` is eq, ne, lt, le, gt or ge; all but ne are false for NaN."""
        if self.dtype.kind == "f":
            how = "fcmp " + ("une" if relation == "ne" else f"o{relation}")
        else:
            how = "icmp " + (
                relation if relation in ("eq", "ne") else ("u" if self.dtype.kind != "i" else "s") + relation
            )
        return self.w.operand(f"{how} {self}, {self._operand(other).text}", BOOL, self.lanes)

    def __lt__(self, other: Any) -> Operand:
        return self.compare("lt", other)

    def __le__(self, other: Any) -> Operand:
        return self.compare("le", other)

    def __gt__(self, other: Any) -> Operand:
        return self.compare("gt", other)

    def __ge__(self, other: Any) -> Operand:
        return self.compare("ge", other)

    def equals(self, other: Any) -> Operand:
        return self.compare("eq", other)

    def is_nan(self) -> Operand:
        return self.w.operand(f"fcmp uno {self}, {self.text}", BOOL, self.lanes)

    def select(self, yes: Any, no: Any) -> Operand:
        """`yes` where this is true, `no` elsewhere; one of them is an Operand."""
        model = yes if isinstance(yes, Operand) else no
        yes, no = model._operand(yes), model._operand(no)
        return self.w.operand(f"select {self}, {yes}, {no}", yes.dtype, self.lanes)

    def times_plus(self, factor: Any, addend: Any) -> Operand:
        """`self * factor + addend`, rounded once where the processor can."""
        return self.w.call("llvm.fmuladd", self.dtype, self, self._operand(factor), self._operand(addend))

    def intrinsic(self, name: str, *others: Operand) -> Operand:
        return self.w.call(f"llvm.{name}", self.dtype, self, *others)

    def abs(self) -> Operand:
        return self.intrinsic("fabs")

    def convert(self, how: str, dtype: np.dtype) -> Operand:
        """A conversion instruction, by its LLVM name."""
        return self.w.operand(f"{how} {self} to {type_of(dtype, self.lanes)}", dtype, self.lanes)

    def bits(self) -> Operand:
        """The same bits as a signed integer."""
        return self.convert("bitcast", INT32 if self.dtype.itemsize == 4 else INT64)

    def real(self) -> Operand:
        """The same bits as a float."""
        return self.convert("bitcast", FLOAT32 if self.dtype.itemsize == 4 else FLOAT64)

    def splat(self, lanes: int) -> Operand:
        if lanes == self.lanes:
            return self
        if not self.text.startswith("%"):
            return Operand(self.w, f"splat ({self.type} {self.text})", self.dtype, lanes)
        wide = type_of(self.dtype, lanes)
        one = self.w.define(f"insertelement {wide} poison, {self}, i64 0")
        return self.w.operand(
            f"shufflevector {wide} {one}, {wide} poison, <{lanes} x i32> zeroinitializer", self.dtype, lanes
        )

    def lane(self, i: int) -> str:
        return self.text if self.lanes == 1 else self.w.define(f"extractelement {self}, i64 {i}")

    def shuffle(self, order: Sequence[int]) -> Operand:
        mask = ", ".join(f"i32 {i}" for i in order)
        lanes = len(order)
        if lanes == 1:
            return Operand(self.w, self.lane(order[0]), self.dtype, 1)
        return self.w.operand(f"shufflevector {self}, {self.type} poison, <{lanes} x i32> <{mask}>", self.dtype, lanes)

    def any(self) -> str:
        """Whether this is true in some lane, a scalar."""
        if self.lanes == 1:
            return self.text
        name = f"llvm.vector.reduce.or.v{self.lanes}i1"
        self.w.declare(name, "i1", self.type)
        return self.w.define(f"call i1 @{name}({self})")
