"""Merges loops: two that are directly nested become one where every index steps through both as through one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tenfold.compiler.loops import (
    Apply,
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
from tenfold.compiler.substitute import substitute


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
    body = substitute(kernel.body, {outer: Index(), inner: Index(0, ((merged, 1),))})
    return replace(kernel, body=tuple(_joined(s, outer, inner, merged) for s in body))


def _joined(s: Statement, outer: Var, inner: Var, merged: Var) -> Statement:
    match s:
        case Loop(var, (Loop(second, body, is_vector),)) if (var, second) == (outer, inner):
            return Loop(merged, tuple(_joined(t, outer, inner, merged) for t in body), is_vector)
        case Loop():
            return replace(s, body=tuple(_joined(t, outer, inner, merged) for t in s.body))
    return s
