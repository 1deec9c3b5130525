"""Puts indices in the place of loop variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tenfold.compiler.loops import (
    Accumulate,
    Apply,
    Atom,
    Dynamic,
    Expr,
    Index,
    Load,
    Loop,
    Position,
    Statement,
    Store,
    Var,
)  # fmt: skip


def substitute(body: Sequence[Statement], indices: Mapping[Var, Index]) -> tuple[Statement, ...]:
    """
    before:   b1[i*4 + j] = exp(b0[i*4 + j])              with i = 0, j = 8 * c + k
    after:    b1[c*8 + k] = exp(b0[c*8 + k])
    """
    known: dict[int, Expr] = {}

    def index(i: Index) -> Index:
        if i.variables.isdisjoint(indices):
            return i
        total = Index(i.const)
        for atom, factor in i.terms:
            if isinstance(atom, Var):
                total += indices.get(atom, Index(0, ((atom, 1),))) * factor
            else:
                total += Index(0, ((_atom(atom), factor),))
        return total

    def _atom(a: Atom) -> Atom:
        if isinstance(a, Dynamic):
            return replace(a, of=expr(a.of))
        return replace(a, of=index(a.of))  # type: ignore[arg-type, union-attr]

    def expr(e: Expr) -> Expr:
        if id(e) not in known:
            known[id(e)] = _expr(e)
        return known[id(e)]

    def _expr(e: Expr) -> Expr:
        if e.variables.isdisjoint(indices):
            return e
        match e:
            case Load() | Position():
                return replace(e, index=index(e.index))
            case Apply():
                return replace(e, children=tuple(map(expr, e.children)), at=index(e.at))
        return e

    def statement(s: Statement) -> Statement:
        match s:
            case Loop():
                return replace(s, body=tuple(map(statement, s.body)))
            case Accumulate():
                return replace(s, value=expr(s.value))
            case Store():
                return replace(s, index=index(s.index), value=expr(s.value))
        return s

    return tuple(map(statement, body))
