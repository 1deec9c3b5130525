"""The loop IR: what a kernel does, as loops over scalars. A vector loop runs several turns at once when it is emitted.

Indices are sums of variables times constants, so that their strides can be read off; expressions are trees that may share
parts, compared by identity. `Kernel.run` interprets a kernel on NumPy, for tests.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Var:
    """The variable of a loop, from 0 to `extent`."""

    name: str
    extent: int


@dataclass(frozen=True)
class Quotient:
    of: Index
    by: int


@dataclass(frozen=True)
class Remainder:
    of: Index
    by: int


@dataclass(frozen=True, eq=False)
class Dynamic:
    """An index that an expression computes; it lies within `0..extent`."""

    of: Expr
    extent: int


Atom = Var | Quotient | Remainder | Dynamic


@dataclass(frozen=True)
class Index:
    """`const` plus the sum of each atom times its factor; never negative when used."""

    const: int = 0
    terms: tuple[tuple[Atom, int], ...] = ()

    def __add__(self, other: Index) -> Index:
        factors = dict(self.terms)
        for atom, factor in other.terms:
            factors[atom] = factors.get(atom, 0) + factor
        return Index(self.const + other.const, tuple((a, f) for a, f in factors.items() if f))

    def __mul__(self, factor: int) -> Index:
        return Index(self.const * factor, tuple((a, f * factor) for a, f in self.terms)) if factor else Index()

    def plus(self, const: int) -> Index:
        return Index(self.const + const, self.terms)

    @cached_property
    def last(self) -> int:
        """An upper bound of the value, if no factor is negative."""
        return self.const + sum(f * (_extent(a) - 1) for a, f in self.terms if f > 0)

    @cached_property
    def is_nonnegative(self) -> bool:
        return self.const >= 0 and all(f > 0 for _, f in self.terms)

    def divide(self, by: int) -> tuple[Index, Index]:
        """Quotient and remainder by a constant."""
        if by == 1:
            return self, Index()
        whole = Index(self.const - self.const % by, tuple((a, f) for a, f in self.terms if f % by == 0))
        rest = Index(self.const % by, tuple((a, f) for a, f in self.terms if f % by))
        quotient = Index(whole.const // by, tuple((a, f // by) for a, f in whole.terms))
        if rest.is_nonnegative and rest.last < by:
            return quotient, rest
        if rest.is_nonnegative:
            return quotient + Index(0, ((Quotient(rest, by), 1),)), Index(0, ((Remainder(rest, by), 1),))
        return Index(0, ((Quotient(self, by), 1),)), Index(0, ((Remainder(self, by), 1),))

    @cached_property
    def variables(self) -> frozenset[Any]:
        """The loop variables and locals it depends on."""
        return frozenset().union(*(_variables(a) for a, _ in self.terms))

    def factor(self, var: Var) -> int | None:
        """What one step of `var` adds; None if that is not the same everywhere."""
        step = 0
        for atom, factor in self.terms:
            if atom == var:
                step += factor
            elif not isinstance(atom, Var) and var in _variables(atom):
                return None
        return step

    def __str__(self) -> str:
        parts = [_atom_text(a) if f == 1 else f"{_atom_text(a)}*{f}" for a, f in self.terms]
        return " + ".join([*parts, *([str(self.const)] if self.const or not parts else [])])


def _extent(atom: Atom) -> int:
    match atom:
        case Quotient(of, by):
            return of.last // by + 1
        case Remainder(of, by):
            return by
        case _:
            return atom.extent


def _variables(atom: Atom) -> frozenset[Any]:
    if isinstance(atom, Var):
        return frozenset((atom,))
    return atom.of.variables


def _atom_text(atom: Atom) -> str:
    match atom:
        case Var(name):
            return name
        case Quotient(of, by):
            return f"({of}) // {by}"
        case Remainder(of, by):
            return f"({of}) % {by}"
        case _:
            return str(atom.of)


def linear(indices: Sequence[Index], strides: Sequence[int]) -> Index:
    """The position of an element in memory; quotient and remainder that meet again become what they were made of."""
    total = Index()
    for index, stride in zip(indices, strides, strict=True):
        total += index * stride
    while True:
        factors = dict(total.terms)
        for atom, factor in total.terms:
            if isinstance(atom, Quotient) and factor % atom.by == 0:
                rest = Remainder(atom.of, atom.by)
                if factors.get(rest) == factor // atom.by:
                    others = tuple((a, f) for a, f in total.terms if a not in (atom, rest))
                    total = Index(total.const, others) + atom.of * (factor // atom.by)
                    break
        else:
            return total


def strides_of(shape: Sequence[int]) -> tuple[int, ...]:
    """Of a contiguous array, in elements."""
    strides = [1]
    for n in reversed(shape[1:]):
        strides.append(strides[-1] * n)
    return tuple(reversed(strides))[: len(shape)]


# Expressions.


class Expr:
    """A value that a loop computes: has `dtype`, and `variables`, the loop variables and locals it depends on."""

    dtype: np.dtype

    @cached_property
    def variables(self) -> frozenset[Any]:
        return frozenset()


@dataclass(frozen=True, eq=False)
class Number(Expr):
    value: Any
    dtype: np.dtype

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True, eq=False)
class Load(Expr):
    buffer: int
    index: Index
    dtype: np.dtype

    @cached_property
    def variables(self) -> frozenset[Any]:
        return self.index.variables

    def __str__(self) -> str:
        return f"b{self.buffer}[{self.index}]"


@dataclass(frozen=True, eq=False)
class Position(Expr):
    """An index as a number."""

    index: Index
    dtype: np.dtype

    @cached_property
    def variables(self) -> frozenset[Any]:
        return self.index.variables

    def __str__(self) -> str:
        return f"({self.index})"


@dataclass(frozen=True, eq=False)
class Local(Expr):
    """What a declared accumulator holds after its loop."""

    name: str
    dtype: np.dtype

    @cached_property
    def variables(self) -> frozenset[Any]:
        return frozenset((self.name,))

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, eq=False)
class Apply(Expr):
    """An element-wise primitive, `select`, `cast`, or `bounded`: an index checked against `extent`.

    `code` is the error that the executable raises; `at` is the place that it names.
    """

    op: str
    children: tuple[Expr, ...]
    dtype: np.dtype
    code: int = 0
    extent: int = 0
    at: Index = Index()

    @cached_property
    def variables(self) -> frozenset[Any]:
        return self.at.variables.union(*(c.variables for c in self.children))

    def __str__(self) -> str:
        op = f"{self.op}.{self.dtype.name}" if self.op in ("cast", "bitcast") else self.op
        return f"{op}({', '.join(map(str, self.children))})"


MAY_FAIL = frozenset(("bounded", "floor_div", "floor_mod", "trunc_div", "trunc_mod"))  # for integers


# Statements.


@dataclass(frozen=True, eq=False)
class Declare:
    """An accumulator that begins with what leaves `op` (add, mul, maximum, ...) as it is."""

    name: str
    op: str
    dtype: np.dtype


@dataclass(frozen=True, eq=False)
class Accumulate:
    name: str
    op: str
    value: Expr


@dataclass(frozen=True, eq=False)
class Store:
    buffer: int
    index: Index
    value: Expr


@dataclass(frozen=True, eq=False)
class Loop:
    """`is_vector`: turns may run side by side, in lanes. At most one loop around any statement is one."""

    var: Var
    body: tuple[Statement, ...]
    is_vector: bool = False


Statement = Declare | Accumulate | Store | Loop


@dataclass(frozen=True)
class Buffer:
    """Memory that a kernel uses; `scratch` is the kernel's own, one for each thread."""

    dtype: np.dtype
    size: int
    is_scratch: bool = False


@dataclass(frozen=True, eq=False)
class Kernel:
    """Loops over buffers. The turns of an outermost loop may run on several threads if `is_parallel`."""

    buffers: tuple[Buffer, ...]
    body: tuple[Statement, ...]
    is_parallel: bool = True

    def __str__(self) -> str:
        return "\n".join(_lines(self.body, ""))

    def run(self, *arrays: np.ndarray) -> None:
        """Interprets the kernel on flat arrays, those of its buffers that are not scratch."""
        given = iter(arrays)
        memory = [np.zeros(b.size, b.dtype) if b.is_scratch else next(given) for b in self.buffers]
        with np.errstate(all="ignore"):
            _run(self.body, memory, {})


def statements(body: Sequence[Statement]) -> Iterator[Statement]:
    for s in body:
        yield s
        if isinstance(s, Loop):
            yield from statements(s.body)


def values(body: Sequence[Statement]) -> Iterator[Expr]:
    """The expressions that statements compute, those of inner loops included."""
    for s in statements(body):
        if isinstance(s, (Accumulate, Store)):
            yield s.value


def expressions(body: Sequence[Statement]) -> Iterator[Expr]:
    """Every expression and every part of one, once."""
    seen: set[int] = set()
    pending = [*values(body)]
    for s in statements(body):
        if isinstance(s, Store):
            pending += _parts_of_index(s.index)
    while pending:
        e = pending.pop()
        if id(e) not in seen:
            seen.add(id(e))
            yield e
            pending += parts(e)


def parts(e: Expr) -> list[Expr]:
    """The expressions that `e` is directly made of."""
    inside = list(e.children) if isinstance(e, Apply) else []
    if isinstance(e, (Load, Position)):
        inside += _parts_of_index(e.index)
    return inside


def _parts_of_index(index: Index) -> list[Expr]:
    found: list[Expr] = []
    for atom, _ in index.terms:
        if isinstance(atom, Dynamic):
            found.append(atom.of)
        elif not isinstance(atom, Var):
            found += _parts_of_index(atom.of)
    return found


def _lines(body: Sequence[Statement], indent: str) -> Iterator[str]:
    for s in body:
        match s:
            case Loop(var, inner, is_vector):
                yield f"{indent}for {var.name} in {var.extent}{' by lanes' if is_vector else ''}:"
                yield from _lines(inner, indent + "  ")
            case Declare(name, op, dtype):
                yield f"{indent}{name} = identity of {op} : {dtype.name}"
            case Accumulate(name, op, value):
                yield f"{indent}{name} = {op}({name}, {value})"
            case Store(buffer, index, value):
                yield f"{indent}b{buffer}[{index}] = {value}"


IDENTITY: dict[str, Any] = {"add": 0, "mul": 1, "logical_or": False, "logical_and": True}


def identity(op: str, dtype: np.dtype) -> Any:
    """The number that `op` leaves everything as it is with."""
    if op in IDENTITY:
        return IDENTITY[op]
    if dtype.kind == "f":
        return -np.inf if op == "maximum" else np.inf
    return int(np.iinfo(dtype).min if op == "maximum" else np.iinfo(dtype).max)


def _run(body: Sequence[Statement], memory: list[np.ndarray], env: dict[Any, Any]) -> None:
    for s in body:
        match s:
            case Loop(var, inner):
                for i in range(var.extent):
                    env[var] = i
                    _run(inner, memory, env)
            case Declare(name, op, dtype):
                env[name] = dtype.type(identity(op, dtype))
            case Accumulate(name, op, value):
                env[name] = _apply(op, [env[name], _value(value, memory, env)], value.dtype)
            case Store(buffer, index, value):
                memory[buffer][_index(index, memory, env)] = _value(value, memory, env)


def _index(index: Index, memory: list[np.ndarray], env: dict[Any, Any]) -> int:
    total = index.const
    for atom, factor in index.terms:
        match atom:
            case Var():
                total += factor * env[atom]
            case Quotient(of, by):
                total += factor * (_index(of, memory, env) // by)
            case Remainder(of, by):
                total += factor * (_index(of, memory, env) % by)
            case Dynamic(of):
                total += factor * int(_value(of, memory, env))
    return total


def _value(e: Expr, memory: list[np.ndarray], env: dict[Any, Any]) -> Any:
    match e:
        case Number(value, dtype):
            return dtype.type(value)
        case Load(buffer, index):
            return memory[buffer][_index(index, memory, env)]
        case Position(index, dtype):
            return dtype.type(_index(index, memory, env))
        case Local(name):
            return env[name]
        case Apply(op, children, dtype):
            return _apply(op, [_value(c, memory, env) for c in children], dtype)
    raise TypeError(type(e))


def _apply(op: str, operands: list[Any], dtype: np.dtype) -> Any:
    from tenfold.compiler.interpreter import elementwise

    if op == "bounded":
        return operands[0]
    return elementwise(op, [np.asarray(o) for o in operands], dtype)[()]
