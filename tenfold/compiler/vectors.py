"""Loops and parts of vectors in LLVM IR: what the kernels of contractions are written with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from tenfold.compiler.functions import I64, Builder, Phi, Value, const
from tenfold.compiler.isa import Isa

_LINE_BYTES = 64  # of a cache


@dataclass
class Turn:
    """One turn of a loop: its index, the carried values, and what they shall be in the next turn, set by the body."""

    index: Any
    values: list[Any]
    next: list[Any] = field(default_factory=list)


@contextmanager
def loop(
    b: Builder, begin: Any, end: Any, carried: Sequence[Value] = (), step: int = 1, is_entered: bool = False
) -> Iterator[Turn]:
    """`for index in range(begin, end, step)` with values that are carried in registers from turn to turn.

    Bounds are ints or i64 values. After the loop, `turn.values` are the final ones. A loop that is known to turn once is not a loop;
    `is_entered`: it is known to turn at least once.
    """
    first, last = _known(begin), _known(end)
    if first is not None and last is not None:
        if first < last <= first + step:
            turn = Turn(const(first), list(carried))
            turn.next = list(carried)
            yield turn
            turn.values = turn.next
            return
        is_entered = first < last
    start, stop = (const(bound) if isinstance(bound, int) else bound for bound in (begin, end))
    before, body, after = b.block, b.label(), b.label()
    if is_entered:
        b.jump(body)
    else:
        b.branch(b.icmp_signed("<", start, stop).text, body, after)
    b.begin(body)
    index = b.phi(I64)
    index.add_incoming(start, before)
    phis: list[Phi] = []
    for value in carried:
        phi = b.phi(value.type)
        phi.add_incoming(value, before)
        phis.append(phi)
    turn = Turn(index, list(phis), list(phis))
    yield turn
    following = b.value(I64, f"add nsw {index}, {step}")
    index.add_incoming(following, b.block)
    for phi, value in zip(phis, turn.next, strict=True):
        phi.add_incoming(value, b.block)
    end_of_body = b.block
    b.branch(b.icmp_signed("<", following, stop).text, body, after)
    b.begin(after)
    turn.values = list(turn.next)
    if not is_entered:
        turn.values = []
        for value, final in zip(carried, turn.next, strict=True):
            phi = b.phi(value.type)
            phi.add_incoming(value, before)
            phi.add_incoming(final, end_of_body)
            turn.values.append(phi)


@contextmanager
def when(b: Builder, condition: Value) -> Iterator[None]:
    """`if condition:` around what is emitted inside."""
    inside, after = b.label(), b.label()
    b.branch(condition.text, inside, after)
    with _block(b, inside, after):
        yield
    b.begin(after)


@contextmanager
def if_else(b: Builder, condition: Value) -> Iterator[tuple[Any, Any]]:
    """`if condition:` and `else:` around what is emitted inside of the two."""
    yes, no, after = b.label(), b.label(), b.label()
    b.branch(condition.text, yes, no)
    yield _block(b, yes, after), _block(b, no, after)
    b.begin(after)


@contextmanager
def _block(b: Builder, label: str, after: str) -> Iterator[None]:
    b.begin(label)
    yield
    b.jump(after)


def _known(bound: int | Value) -> int | None:
    return bound if isinstance(bound, int) else bound.number


def minimum(b: Builder, x: Value, y: Value) -> Value:
    """The lesser of two i64."""
    if x.number is not None and y.number is not None:
        return const(min(x.number, y.number))
    return b.select(b.icmp_signed("<", x, y), x, y)


def maximum(b: Builder, x: Value, y: Value) -> Value:
    """The greater of two i64."""
    if x.number is not None and y.number is not None:
        return const(max(x.number, y.number))
    return b.select(b.icmp_signed(">", x, y), x, y)


def scaled(b: Builder, value: Value, factor: int) -> Value:
    """An i64 times a known number."""
    if value.number is not None:
        return const(value.number * factor)
    return value if factor == 1 else b.value(I64, f"mul nsw {value}, {factor}")


class Vectors:
    """Emits operations on vectors of one element type.

    Args:
      isa: the processor.
      dtype: name of a NumPy dtype: float32, float64, or an integer.
    """

    def __init__(self, isa: Isa, dtype: str):
        self.isa, self.dtype = isa, dtype
        self.element, self.bytes = element_type(dtype)
        self.lanes = min(isa.lanes(self.bytes), 16)  # of narrow integers, more would only make long code
        self.type = self._vector(self.lanes)
        self.is_float = self.element in ("float", "double")
        self.has_masks = isa.has_masks and self.bytes >= 4

    def zero(self) -> Value:
        """A vector of zeros."""
        return Value(self.type, "zeroinitializer")

    def fill(self, count: int) -> int:
        """The number of elements in as many whole vectors as hold `count`."""
        return -(-count // self.lanes) * self.lanes

    def at(self, b: Builder, pointer: Value, offset: Any) -> Value:
        """The address of the element `offset` (int or i64) after `pointer`."""
        return b.gep(pointer, const(offset) if isinstance(offset, int) else offset, self.element)

    def load(self, b: Builder, pointer: Value, count: int | None = None) -> Value:
        """A vector whose first `count` elements come from memory; nothing behind them is read."""
        if count is None or count == self.lanes:
            return b.load(self.type, pointer, self.bytes)
        if self.has_masks:
            operands = [pointer, Value("i32", str(self.bytes)), self._mask(count), self.zero()]
            return b.call_named(f"llvm.masked.load.{self._name}.p0", self.type, operands)
        value, place = self.zero(), 0
        for size in self._pieces(count):
            piece = b.load(self._vector(size), self.at(b, pointer, place), self.bytes)
            wide = self._shuffle(b, piece, piece, [min(i, size - 1) for i in range(self.lanes)])
            chosen = [i if i < place else self.lanes + i - place for i in range(place + size)]
            value = self._shuffle(b, value, wide, chosen + list(range(place + size, self.lanes)))
            place += size
        return value

    def prefetch(self, b: Builder, pointer: Value, count: int) -> None:
        """Brings elements into the second cache; they may lie outside of any memory."""
        step = _LINE_BYTES // self.bytes
        how = [Value("i32", str(number)) for number in (0, 2, 1)]  # to be read, soon but not at once, data
        with loop(b, 0, ceil(count / step)) as line:
            at = self.at(b, pointer, scaled(b, line.index, step))
            b.call_named("llvm.prefetch.p0", "void", [at, *how])

    def store(self, b: Builder, value: Value, pointer: Value, count: int | None = None) -> None:
        """Stores the first `count` elements; nothing behind them is written."""
        if count is None or count == self.lanes:
            b.store(value, pointer, self.bytes)
            return
        if self.has_masks:
            operands = [value, pointer, Value("i32", str(self.bytes)), self._mask(count)]
            b.call_named(f"llvm.masked.store.{self._name}.p0", "void", operands)
            return
        place = 0
        for size in self._pieces(count):
            piece = self._shuffle(b, value, value, list(range(place, place + size)))
            b.store(piece, self.at(b, pointer, place), self.bytes)
            place += size

    def load_one(self, b: Builder, pointer: Value) -> Value:
        """One element."""
        return b.load(self.element, pointer, self.bytes)

    def splat(self, b: Builder, value: Value) -> Value:
        """A vector of one element's copies."""
        one = b.insert_element(Value(self.type, "poison"), value, 0)
        return b.value(self.type, f"shufflevector {one}, {self.type} poison, <{self.lanes} x i32> zeroinitializer")

    def fma(self, b: Builder, x: Value, y: Value, z: Value) -> Value:
        """`x * y + z`, rounded once where the processor can."""
        if not self.is_float:
            return b.add(b.mul(x, y), z)
        return b.call_named(f"llvm.fmuladd.{self._name}", self.type, [x, y, z])

    def add(self, b: Builder, x: Value, y: Value) -> Value:
        """The sum of two values of this element type."""
        return b.fadd(x, y) if self.is_float else b.add(x, y)

    def sum(self, b: Builder, value: Any) -> Any:
        """The sum of a vector's elements: halves are added until one is left."""
        size = self.lanes
        while size > 1:
            size //= 2
            upper = self._shuffle(b, value, value, list(range(size, 2 * size)))
            value = self.add(b, self._shuffle(b, value, value, list(range(size))), upper)
        return b.extract_element(value, 0, self.element)

    def join(self, b: Builder, elements: Sequence[Any]) -> Any:
        """A vector of these elements, and zeros behind them."""
        value: Any = self.zero()
        for place, element in enumerate(elements):
            value = b.insert_element(value, element, place)
        return value

    def transpose(self, b: Builder, rows: Sequence[Any]) -> list[Any]:
        """The columns of a square block, given as one vector for each row, in log2(lanes) stages of interleaving."""
        rows, half, n = list(rows), self.lanes // 2, self.lanes
        low = [i // 2 + (i % 2) * n for i in range(n)]
        high = [half + index for index in low]
        for _ in range(n.bit_length() - 1):
            pairs = [(rows[i], rows[i + half]) for i in range(half)]
            rows = [self._shuffle(b, x, y, order) for x, y in pairs for order in (low, high)]
        return rows

    @property
    def _name(self) -> str:
        return f"v{self.lanes}{'f' if self.is_float else 'i'}{8 * self.bytes}"

    def _vector(self, lanes: int) -> str:
        return f"<{lanes} x {self.element}>"

    def _mask(self, count: int) -> Value:
        lanes = ", ".join("i1 true" if i < count else "i1 false" for i in range(self.lanes))
        return Value(f"<{self.lanes} x i1>", f"<{lanes}>")

    @staticmethod
    def _pieces(count: int) -> list[int]:
        return [1 << bit for bit in reversed(range(count.bit_length())) if count >> bit & 1]

    def _shuffle(self, b: Builder, x: Value, y: Value, order: list[int]) -> Value:
        mask = ", ".join(f"i32 {i}" for i in order)
        return b.value(self._vector(len(order)), f"shufflevector {x}, {y}, <{len(order)} x i32> <{mask}>")


def element_type(dtype: str) -> tuple[str, int]:
    """LLVM's type of a dtype's elements, and their size in bytes."""
    import numpy as np

    kind = np.dtype(dtype)
    if kind.kind in "iu":
        return f"i{8 * kind.itemsize}", kind.itemsize
    if kind in (np.float32, np.float64):
        return "float" if kind.itemsize == 4 else "double", kind.itemsize
    raise TypeError(f"Contractions of {kind.name} have no kernel; there are float32, float64 and the integers.")
