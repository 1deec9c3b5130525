"""Functions in LLVM IR, instruction by instruction: what the kernels of contractions are written with.

A `Value` is an operand with its type, a number if it is known: what can be computed of known numbers is no instruction. Blocks are begun in
the order in which they stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from tenfold.compiler.writer import Writer

I1, I64, POINTER = "i1", "i64", "ptr"
_RELATIONS = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}


class Value:
    """An operand: `type` and `text` as LLVM writes them, and its number if it is a known integer."""

    __slots__ = ("number", "text", "type")

    def __init__(self, kind: str, text: str, number: int | None = None):
        self.type, self.text, self.number = kind, text, number

    def __str__(self) -> str:
        return f"{self.type} {self.text}"


class Phi(Value):
    """A value that depends on the block before; all must be added."""

    __slots__ = ("_before",)

    def __init__(self, kind: str, text: str):
        super().__init__(kind, text)
        self._before: list[str] = []

    def add_incoming(self, value: Value, block: str) -> None:
        """The value if `block` came before."""
        self._before.append(f"[ {value.text}, %{block} ]")

    @property
    def line(self) -> str:
        return f"  {self.text} = phi {self.type} {', '.join(self._before)}"


@cache
def const(number: int) -> Value:
    """An i64."""
    return Value(I64, str(number), number)


class Module:
    """Functions that belong together.

    Attributes:
      functions: by name.
      declarations: the lines that declare what they call.
    """

    def __init__(self) -> None:
        self.functions: dict[str, Function] = {}
        self.declarations: set[str] = set()

    def __str__(self) -> str:
        return "\n".join([*sorted(self.declarations), *(f.text for f in self.functions.values())])


class Function:
    """A function of a module; `is_shared`: one for all modules that call it, and what it does is in its name."""

    def __init__(self, module: Module, name: str, parameters: Sequence[str], is_shared: bool = False):
        self.name, self.module, self.is_shared = name, module, is_shared
        self.arguments = [Value(kind, f"%p{n}") for n, kind in enumerate(parameters)]
        self.builder = Builder(self)
        module.functions[name] = self

    @property
    def text(self) -> str:
        linkage, attributes = ("internal ", " noinline") if self.is_shared else ("", "")
        parameters = ", ".join(map(str, self.arguments))
        body = "\n".join(self.builder.body())
        return f"define {linkage}void @{self.name}({parameters}){attributes} {{\n{body}\n}}\n"


class Builder(Writer):
    """Writes the body of a function."""

    def __init__(self, function: Function):
        super().__init__(function.module.declarations)
        self.function, self.module = function, function.module
        self._entry: list[str] = []
        self._phis: list[tuple[int, Phi]] = []

    def body(self) -> list[str]:
        """The lines, from the entry to the end."""
        for at, phi in self._phis:
            self.lines[at] = phi.line
        return ["entry:", *self._entry, *self.lines, "  ret void"]

    def value(self, kind: str, text: str) -> Value:
        """What an instruction gives."""
        return Value(kind, self.define(text))

    def phi(self, kind: str) -> Phi:
        phi = Phi(kind, self.name())
        self._phis.append((len(self.lines), phi))
        self.lines.append("")
        return phi

    def alloca(self, kind: str, count: int, align: int) -> Value:
        """Memory until the function ends."""
        name = self.name()
        self._entry.append(f"  {name} = alloca {kind}, i64 {count}, align {align}")
        return Value(POINTER, name)

    # Integers.

    def add(self, x: Value, y: Value) -> Value:
        if x.number is not None and y.number is not None:
            return const(x.number + y.number)
        if x.number == 0 or y.number == 0:
            return y if x.number == 0 else x
        return self.value(x.type, f"add {x}, {y.text}")

    def sub(self, x: Value, y: Value) -> Value:
        if x.number is not None and y.number is not None:
            return const(x.number - y.number)
        return x if y.number == 0 else self.value(x.type, f"sub {x}, {y.text}")

    def mul(self, x: Value, y: Value) -> Value:
        if x.number is not None and y.number is not None:
            return const(x.number * y.number)
        return self.value(x.type, f"mul {x}, {y.text}")

    def udiv(self, x: Value, y: Value) -> Value:
        if x.number is not None and y.number is not None:
            return const(x.number // y.number)
        return self.value(x.type, f"udiv {x}, {y.text}")

    def urem(self, x: Value, y: Value) -> Value:
        if x.number is not None and y.number is not None:
            return const(x.number % y.number)
        return self.value(x.type, f"urem {x}, {y.text}")

    def icmp_signed(self, relation: str, x: Value, y: Value) -> Value:
        how = _RELATIONS[relation]
        return self.value(I1, f"icmp {how if relation in ('==', '!=') else 's' + how} {x}, {y.text}")

    def icmp_unsigned(self, relation: str, x: Value, y: Value) -> Value:
        how = _RELATIONS[relation]
        return self.value(I1, f"icmp {how if relation in ('==', '!=') else 'u' + how} {x}, {y.text}")

    def not_(self, x: Value) -> Value:
        return self.value(x.type, f"xor {x}, true")

    # Floats.

    def fadd(self, x: Value, y: Value) -> Value:
        return self.value(x.type, f"fadd {x}, {y.text}")

    # Any.

    def select(self, condition: Value, yes: Value, no: Value) -> Value:
        return self.value(yes.type, f"select {condition}, {yes}, {no}")

    def extract_element(self, vector: Value, place: int, kind: str) -> Value:
        return self.value(kind, f"extractelement {vector}, i64 {place}")

    def insert_element(self, vector: Value, element: Value, place: int) -> Value:
        return self.value(vector.type, f"insertelement {vector}, {element}, i64 {place}")

    def call_named(self, name: str, result: str, operands: Sequence[Value], is_declared: bool = True) -> Any:
        """Calls a function by its name, and declares it if it is not the module's."""
        if is_declared:
            self.declare(name, result, *(o.type for o in operands))
        text = f"call {result} @{name}({', '.join(map(str, operands))})"
        return self.do(text) if result == "void" else self.value(result, text)

    # Memory.

    def gep(self, pointer: Value, offset: Value, kind: str) -> Value:
        """The address so many elements of this type after a pointer."""
        return pointer if offset.number == 0 else self.value(POINTER, f"getelementptr {kind}, {pointer}, {offset}")

    def opaque(self, pointer: Value) -> Value:
        """The same address, of which LLVM knows nothing: it compares no ways to compute those near it, which takes long."""
        return self.call_named("llvm.launder.invariant.group.p0", POINTER, [pointer])

    def load(self, kind: str, pointer: Value, align: int) -> Value:
        return self.value(kind, f"load {kind}, {pointer}, align {align}")

    def store(self, value: Value, pointer: Value, align: int) -> None:
        self.do(f"store {value}, {pointer}, align {align}")
