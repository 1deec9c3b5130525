"""Which names statements bind and read, and which are read later.

A name is that of a variable, or of an attribute or item of one, as `self.x` and `d['k']`: these can be assigned in branches
and loops too, if what holds them is not. Where the index is another each time, it is that of all items, `d[...]`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SCOPES = (*FUNCTIONS, ast.ClassDef, *_COMPREHENSIONS)


def own(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The nodes below others, without those that belong to inner functions, classes and comprehensions."""
    pending = list(nodes)
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, _SCOPES):
            pending.extend(ast.iter_child_nodes(node))


def bound(nodes: Iterable[ast.AST]) -> set[str]:
    """The variables that statements bind or delete."""
    found: set[str] = set()
    for node in own(nodes):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.alias(name=name, asname=other):
                found.add(other or name.split(".")[0])
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                found.add(name)
            case ast.MatchMapping(rest=str(name)):
                found.add(name)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                found.update(x.target.id for x in ast.walk(node) if isinstance(x, ast.NamedExpr))
    return found


Place = tuple  # (full name, name or place of what holds it, attribute or index (its variable in a tuple), whether it is an item)
ITEMS = ...  # the index of all items of a list or dict together, where it is not the same each time


def places(nodes: Iterable[ast.AST], rebound: set[str]) -> list[Place]:
    """The attributes and items that statements assign, of variables that are not among `rebound`."""
    found = []
    for node in own(nodes):
        if isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.ctx, (ast.Store, ast.Del)):
            place = _place(node, rebound)
            if isinstance(place, tuple):
                found.append(place)
    return distinct(found)


def distinct(found: Iterable[Place]) -> list[Place]:
    """Places by name, without those that are part of others."""
    by_name = {place[0]: place for place in found}
    whole = {_text(place[1]) for place in by_name.values() if place[2] is ITEMS}

    def is_part(place: str | Place) -> bool:
        return isinstance(place, tuple) and place[3] and (_text(place[1]) in whole or is_part(place[1]))

    return [place for _, place in sorted(by_name.items()) if not is_part(place[1] if place[2] is ITEMS else place)]


def _place(node: ast.expr, rebound: set[str]) -> str | Place | None:
    match node:
        case ast.Name(id=name):
            return None if name in rebound else name
        case ast.Attribute(value=value, attr=attribute):
            base = _place(value, rebound)
            if base is None or _is_all(base):
                return base
            return f"{_text(base)}.{attribute}", base, attribute, False
        case ast.Subscript(value=value, slice=index):
            base = _place(value, rebound)
            if base is None or _is_all(base):
                return base
            match index:
                case ast.Constant(value=key) if isinstance(key, (str, int)):
                    return f"{_text(base)}[{key!r}]", base, key, True
                case ast.Name(id=key) if key not in rebound:
                    return f"{_text(base)}[{key}]", base, (key,), True
            return f"{_text(base)}[...]", base, ITEMS, True
    return None


def _is_all(place: str | Place) -> bool:
    return isinstance(place, tuple) and place[2] is ITEMS


def _text(place: str | Place) -> str:
    return place if isinstance(place, str) else place[0]


def _variable(place: str | Place) -> str:
    """The variable that a place belongs to."""
    return place if isinstance(place, str) else _variable(place[1])


def declared(nodes: Iterable[ast.AST]) -> tuple[set[str], set[str]]:
    """The names that statements declare as global, and as nonlocal."""
    is_global: set[str] = set()
    is_nonlocal: set[str] = set()
    for node in own(nodes):
        if isinstance(node, ast.Global):
            is_global.update(node.names)
        elif isinstance(node, ast.Nonlocal):
            is_nonlocal.update(node.names)
    return is_global, is_nonlocal


@dataclass
class Inner:
    """What a function that is defined in another does to the variables around it."""

    reads: set[str]
    binds: set[str]
    places: list[Place]

    @classmethod
    def of(cls, node: ast.FunctionDef | ast.Lambda) -> Inner:
        body = node.body if isinstance(node.body, list) else [node.body]
        outside = declared(body)[1]
        own_names = {x.arg for x in ast.walk(node.args) if isinstance(x, ast.arg)} | bound(body) - outside
        reads = {x.id for x in ast.walk(node) if isinstance(x, ast.Name)}
        return cls(reads, outside, places(body, own_names))


@dataclass
class Live:
    """The variables that are read after a statement, and those that are read in it before they are set there."""

    after: set[str]
    inside: set[str]


class Liveness:
    """Which variables are live at the branches and loops of a function.

    Args:
      body: of the function; jumps are lowered already.
      always: names that live on when it returns.
    """

    def __init__(self, body: list[ast.stmt], always: set[str]) -> None:
        self._inner: dict[str, Inner] = {}
        for node in own(body):
            match node:
                case ast.FunctionDef(name=name):
                    self._inner[name] = Inner.of(node)
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda() as function):
                    self._inner[name] = Inner.of(function)
        self._always = always
        self._handlers: set[str] = set()
        self.of: dict[ast.stmt, Live] = {}
        self._block(body, always)

    def _reads(self, *nodes: ast.AST | None) -> set[str]:
        found = {
            x.id
            for node in nodes
            if node is not None
            for x in ast.walk(node)
            if isinstance(x, ast.Name) and not isinstance(x.ctx, ast.Store)
        }
        pending = [name for name in found if name in self._inner]
        while pending:
            new = self._inner[pending.pop()].reads - found
            found |= new
            pending += [name for name in new if name in self._inner]
        return found

    def bound(self, nodes: list[Any]) -> set[str]:
        """The variables that statements bind, also by functions that are defined here."""
        return bound(nodes).union(*[inner.binds for inner in self._called(nodes)])

    def places(self, nodes: list[Any], rebound: set[str]) -> list[Place]:
        """The attributes and items that statements assign, also by functions that are defined here."""
        of_inner = [place for inner in self._called(nodes) for place in inner.places if _variable(place) not in rebound]
        return distinct([*places(nodes, rebound), *of_inner])

    def held(self, nodes: list[Any]) -> set[str]:
        """The variables whose attributes and items functions that are defined here assign."""
        return {_variable(place) for inner in self._called(nodes) for place in inner.places}

    def _called(self, nodes: list[Any]) -> list[Inner]:
        return [self._inner[name] for name in sorted(self._reads(*nodes)) if name in self._inner]

    def _block(self, statements: list[ast.stmt], after: set[str]) -> set[str]:
        for statement in reversed(statements):
            after = self._before(statement, after | self._handlers)
        return after

    def _before(self, node: ast.stmt, after: set[str]) -> set[str]:
        match node:
            case ast.If():
                inside = self._block(node.body, after) | self._block(node.orelse, after)
                self.of[node] = Live(after, inside)
                return inside | self._reads(node.test)
            case ast.While():
                return self._loop(node, after, self._reads(node.test), set())
            case ast.For():
                test = self._reads(getattr(node, "extra_test", None))  # of jumps.py
                return self._loop(node, after, test, bound([node.target])) | self._reads(node.iter)
            case ast.With():
                names = [x.optional_vars for x in node.items if x.optional_vars is not None]
                return (self._block(node.body, after) - bound(names)) | self._reads(*node.items)
            case ast.Try() | ast.TryStar():
                return self._try(node, after)
            case ast.Match():
                cases = [self._block(c.body, after) - bound([c.pattern]) for c in node.cases]
                return after.union(*cases) | self._reads(node.subject, *[c.guard for c in node.cases])
            case ast.Return() | ast.Raise():
                return self._always | self._handlers | self._reads(node)
            case ast.AugAssign():
                return after | self._reads(node) | bound([node])
            case ast.FunctionDef():
                used = self._inner[node.name].reads if node.decorator_list else set()
                return (after - {node.name}) | self._reads(*node.decorator_list, node.args) | used
        return (after - bound([node])) | self._reads(node)

    def _loop(self, node: ast.While | ast.For, after: set[str], test: set[str], target: set[str]) -> set[str]:
        head = after | test
        while True:
            again = head | (self._block(node.body, head) - target)
            if again == head:
                break
            head = again
        self.of[node] = Live(after, head)
        return head

    def _try(self, node: ast.Try | ast.TryStar, after: set[str]) -> set[str]:
        after = self._block(node.finalbody, after)
        caught = after.union(*[self._block(h.body, after) | self._reads(h.type) for h in node.handlers])
        outer = self._handlers
        self._handlers = outer | caught
        before = self._block(node.body, self._block(node.orelse, after))
        self._handlers = outer
        return before | caught
