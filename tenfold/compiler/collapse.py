"""Merges loops: two that are directly nested become one where every index steps through both as through one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tenfold.compiler.loops import (
    Accumulate,
    Apply,
    Atom,
    Dynamic,
    Expr,
    Index,
    Kernel,
    Load,
    Loop,
    Position,
    Quotient,
    Remainder,
    Statement,
    Store,
    Var,
    expressions,
    statements,
)  # fmt: skip


def collapse(kernel: Kernel) -> Kernel:
    """
    before:   for i in 3:  for j in 4:  b1[i*4 + j] = exp(b0[i*4 + j])
    after:    for i in 12:  b1[i] = exp(b0[i])
    refuses:  an index in which i's factor is not 4 times that of j, such as a row's, b2[j].
    """
    while True:
        indices = list(_indices(kernel))
        pair = next((p for p in _pairs(kernel.body) if all(_allows(i, *p) for i in indices)), None)
        if pair is None:
            return kernel
        kernel = _merge(kernel, *pair)


def _pairs(body: Sequence[Statement]) -> Iterator[tuple[Var, Var]]:
    for s in statements(body):
        if (
            isinstance(s, Loop)
            and len(s.body) == 1
            and isinstance(s.body[0], Loop)
            and s.var.extent
            and s.body[0].var.extent
        ):
            yield s.var, s.body[0].var


def _indices(kernel: Kernel) -> Iterator[Index]:
    pending = [s.index for s in statements(kernel.body) if isinstance(s, Store)]
    for e in expressions(kernel.body):
        if isinstance(e, (Load, Position)):
            pending.append(e.index)
        elif isinstance(e, Apply):
            pending.append(e.at)
    seen = set()
    while pending:
        index = pending.pop()
        if index not in seen:
            seen.add(index)
            yield index
            pending += [a.of for a, _ in index.terms if isinstance(a, (Quotient, Remainder))]


def _allows(index: Index, outer: Var, inner: Var) -> bool:
    factors = dict(index.terms)
    return factors.get(outer, 0) == factors.get(inner, 0) * inner.extent


def _merge(kernel: Kernel, outer: Var, inner: Var) -> Kernel:
    merged = Var(outer.name, outer.extent * inner.extent)
    known: dict[int, Expr] = {}

    def index(i: Index) -> Index:
        if (
            outer not in i.variables
            and inner not in i.variables
            and not any(isinstance(a, Dynamic) for a, _ in i.terms)
        ):
            return i
        return Index(i.const, tuple((atom(a), f) for a, f in i.terms if a != outer))

    def atom(a: Atom) -> Atom:
        match a:
            case Var():
                return merged if a == inner else a
            case Dynamic(of):
                return replace(a, of=expr(of))
            case _:
                return replace(a, of=index(a.of))

    def expr(e: Expr) -> Expr:
        if id(e) not in known:
            if isinstance(e, (Load, Position)):
                known[id(e)] = replace(e, index=index(e.index))
            elif isinstance(e, Apply):
                known[id(e)] = replace(e, children=tuple(map(expr, e.children)), at=index(e.at))
            else:
                known[id(e)] = e
        return known[id(e)]

    def statement(s: Statement) -> Statement:
        match s:
            case Loop(var, (Loop(second, body, is_vector),)) if (var, second) == (outer, inner):
                return Loop(merged, tuple(map(statement, body)), is_vector)
            case Loop():
                return replace(s, body=tuple(map(statement, s.body)))
            case Accumulate():
                return replace(s, value=expr(s.value))
            case Store():
                return replace(s, index=index(s.index), value=expr(s.value))
        return s

    return replace(kernel, body=tuple(map(statement, kernel.body)))
