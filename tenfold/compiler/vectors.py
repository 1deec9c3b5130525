"""Loops and parts of vectors in LLVM IR: what the kernels of contractions are written with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import llvmlite.ir as ir

from tenfold.compiler.isa import Isa

I1, I32, I64, POINTER = ir.IntType(1), ir.IntType(32), ir.IntType(64), ir.PointerType()


@cache  # constants cache their text, too
def const(value: int) -> ir.Constant:
    """An i64."""
    return ir.Constant(I64, value)


@dataclass
class Turn:
    """One turn of a loop: its index, the carried values, and what they shall be in the next turn, set by the body."""

    index: Any
    values: list[Any]
    next: list[Any] = field(default_factory=list)


@contextmanager
def loop(b: ir.IRBuilder, begin: Any, end: Any, carried: Sequence[Any] = (), step: int = 1) -> Iterator[Turn]:
    """`for index in range(begin, end, step)` with values that are carried in registers from turn to turn.

    Bounds are ints or i64 values. After the loop, `turn.values` are the final ones. A loop that is known to turn once is not a loop.
    """
    if isinstance(begin, int) and isinstance(end, int) and begin < end <= begin + step:
        turn = Turn(const(begin), list(carried))
        turn.next = list(carried)
        yield turn
        turn.values = turn.next
        return
    is_entered = isinstance(begin, int) and isinstance(end, int) and begin < end
    begin, end = (const(bound) if isinstance(bound, int) else bound for bound in (begin, end))
    before = b.block
    body, after = b.append_basic_block("turn"), b.append_basic_block("after")
    if is_entered:
        b.branch(body)
    else:
        b.cbranch(b.icmp_signed("<", begin, end), body, after)
    b.position_at_end(body)
    index = b.phi(I64)
    index.add_incoming(begin, before)
    phis = []
    for value in carried:
        phi = b.phi(value.type)
        phi.add_incoming(value, before)
        phis.append(phi)
    turn = Turn(index, list(phis), list(phis))
    yield turn
    following = b.add(index, const(step), flags=["nsw"])
    index.add_incoming(following, b.block)
    for phi, value in zip(phis, turn.next, strict=True):
        phi.add_incoming(value, b.block)
    last = b.block
    b.cbranch(b.icmp_signed("<", following, end), body, after)
    b.position_at_end(after)
    turn.values = list(turn.next)
    if not is_entered:
        turn.values = []
        for value, final in zip(carried, turn.next, strict=True):
            phi = b.phi(value.type)
            phi.add_incoming(value, before)
            phi.add_incoming(final, last)
            turn.values.append(phi)


@contextmanager
def when(b: ir.IRBuilder, condition: Any) -> Iterator[None]:
    """`if condition:` around what is emitted inside."""
    inside, after = b.append_basic_block("then"), b.append_basic_block("after")
    b.cbranch(condition, inside, after)
    b.position_at_end(inside)
    yield
    b.branch(after)
    b.position_at_end(after)


def minimum(b: ir.IRBuilder, x: Any, y: Any) -> Any:
    """The lesser of two i64."""
    return b.select(b.icmp_signed("<", x, y), x, y)


def maximum(b: ir.IRBuilder, x: Any, y: Any) -> Any:
    """The greater of two i64."""
    return b.select(b.icmp_signed(">", x, y), x, y)


def scaled(b: ir.IRBuilder, value: Any, factor: int) -> Any:
    """An i64 times a known number."""
    return value if factor == 1 else b.mul(value, const(factor), flags=["nsw"])


@cache
def _order(places: tuple[int, ...]) -> ir.Constant:
    return ir.Constant(ir.VectorType(I32, len(places)), places)


@cache
def _zeros(element: Any, lanes: int) -> ir.Constant:
    return ir.Constant(ir.VectorType(element, lanes), None)


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
        self.type = ir.VectorType(self.element, self.lanes)
        self.is_float = isinstance(self.element, (ir.FloatType, ir.DoubleType))
        self.has_masks = isa.has_masks and self.bytes >= 4

    def zero(self, lanes: int | None = None) -> ir.Constant:
        """A vector of zeros."""
        return _zeros(self.element, lanes or self.lanes)

    def fill(self, count: int) -> int:
        """The number of elements in as many whole vectors as hold `count`."""
        return -(-count // self.lanes) * self.lanes

    def at(self, b: ir.IRBuilder, pointer: Any, offset: Any) -> Any:
        """The address of the element `offset` (int or i64) after `pointer`."""
        if isinstance(offset, int):
            if offset == 0:
                return pointer
            offset = const(offset)
        return b.gep(pointer, [offset], source_etype=self.element)

    def load(self, b: ir.IRBuilder, pointer: Any, count: int | None = None) -> Any:
        """A vector whose first `count` elements come from memory; nothing behind them is read."""
        if count is None or count == self.lanes:
            value = b.load(pointer, typ=self.type)
            value.align = self.bytes
            return value
        if self.has_masks:
            masked = self._intrinsic(
                b, f"llvm.masked.load.{self._name}.p0", self.type, [POINTER, I32, self._mask_type, self.type]
            )
            return b.call(masked, [pointer, ir.Constant(I32, self.bytes), self._mask(count), self.zero()])
        value, place = self.zero(), 0
        for size in self._pieces(count):
            piece = b.load(self.at(b, pointer, place), typ=ir.VectorType(self.element, size))
            piece.align = self.bytes
            wide = self._shuffle(b, piece, piece, [min(i, size - 1) for i in range(self.lanes)])
            chosen = [i if i < place else self.lanes + i - place for i in range(place + size)]
            value = self._shuffle(b, value, wide, chosen + list(range(place + size, self.lanes)))
            place += size
        return value

    def store(self, b: ir.IRBuilder, value: Any, pointer: Any, count: int | None = None) -> None:
        """Stores the first `count` elements; nothing behind them is written."""
        if count is None or count == self.lanes:
            b.store(value, pointer).align = self.bytes
            return
        if self.has_masks:
            masked = self._intrinsic(
                b, f"llvm.masked.store.{self._name}.p0", ir.VoidType(), [self.type, POINTER, I32, self._mask_type]
            )
            b.call(masked, [value, pointer, ir.Constant(I32, self.bytes), self._mask(count)])
            return
        place = 0
        for size in self._pieces(count):
            piece = self._shuffle(b, value, value, list(range(place, place + size)))
            b.store(piece, self.at(b, pointer, place)).align = self.bytes
            place += size

    def load_one(self, b: ir.IRBuilder, pointer: Any) -> Any:
        """One element."""
        value = b.load(pointer, typ=self.element)
        value.align = self.bytes
        return value

    def splat(self, b: ir.IRBuilder, value: Any) -> Any:
        """A vector of one element's copies."""
        undefined = ir.Constant(self.type, ir.Undefined)
        return self._shuffle(b, b.insert_element(undefined, value, ir.Constant(I32, 0)), undefined, [0] * self.lanes)

    def fma(self, b: ir.IRBuilder, x: Any, y: Any, z: Any) -> Any:
        """`x * y + z`, rounded once where the processor can."""
        if not self.is_float:
            return b.add(b.mul(x, y), z)
        return b.call(self._intrinsic(b, f"llvm.fmuladd.{self._name}", self.type, [self.type] * 3), [x, y, z])

    def add(self, b: ir.IRBuilder, x: Any, y: Any) -> Any:
        """The sum of two values of this element type."""
        return b.fadd(x, y) if self.is_float else b.add(x, y)

    def sum(self, b: ir.IRBuilder, value: Any) -> Any:
        """The sum of a vector's elements: halves are added until one is left."""
        size = self.lanes
        while size > 1:
            size //= 2
            upper = self._shuffle(b, value, value, list(range(size, 2 * size)))
            value = self.add(b, self._shuffle(b, value, value, list(range(size))), upper)
        return b.extract_element(value, ir.Constant(I32, 0))

    def join(self, b: ir.IRBuilder, elements: Sequence[Any]) -> Any:
        """A vector of these elements, and zeros behind them."""
        value: Any = self.zero()
        for place, element in enumerate(elements):
            value = b.insert_element(value, element, ir.Constant(I32, place))
        return value

    def transpose(self, b: ir.IRBuilder, rows: Sequence[Any]) -> list[Any]:
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

    @property
    def _mask_type(self) -> ir.VectorType:
        return ir.VectorType(I1, self.lanes)

    def _mask(self, count: int) -> ir.Constant:
        return ir.Constant(self._mask_type, [int(i < count) for i in range(self.lanes)])

    @staticmethod
    def _pieces(count: int) -> list[int]:
        return [1 << bit for bit in reversed(range(count.bit_length())) if count >> bit & 1]

    def _shuffle(self, b: ir.IRBuilder, x: Any, y: Any, order: list[int]) -> Any:
        return b.shuffle_vector(x, y, _order(tuple(order)))

    @staticmethod
    def _intrinsic(b: ir.IRBuilder, name: str, result: Any, arguments: Sequence[Any]) -> ir.Function:
        known = b.module.globals.get(name)
        return known or ir.Function(b.module, ir.FunctionType(result, arguments), name)


def element_type(dtype: str) -> tuple[Any, int]:
    """LLVM's type of a dtype's elements, and their size in bytes."""
    import numpy as np

    kind = np.dtype(dtype)
    if kind.kind in "iu":
        return ir.IntType(8 * kind.itemsize), kind.itemsize
    if kind in (np.float32, np.float64):
        return (ir.FloatType() if kind.itemsize == 4 else ir.DoubleType()), kind.itemsize
    raise TypeError(f"Contractions of {kind.name} have no kernel; there are float32, float64 and the integers.")
