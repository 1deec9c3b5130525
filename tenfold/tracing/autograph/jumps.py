"""`break`, `continue` and `return` within branches and loops, as variables: what comes after runs only where they are not set.

Where a branch always jumps, what comes after moves into the other one, and no variable is needed:

    if x > 0:            if x > 0:
        return x             result = x
    return -x            else:
                             result = -x
                         return result
"""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from tenfold.tracing.autograph.names import FUNCTIONS, bound

RESULT, RETURNED = "ag__result", "ag__returned"


class NotConvertible(Exception):
    """A function cannot be converted; the message says why."""


def is_python(test: ast.expr) -> bool:
    """Whether a condition is never a tensor."""
    match test:
        case ast.Constant():
            return True
        case ast.Compare(ops=ops):
            return all(isinstance(op, (ast.Is, ast.IsNot, ast.In, ast.NotIn)) for op in ops)
        case ast.Call(func=ast.Name(id=name)):
            return name in ("isinstance", "issubclass", "callable", "hasattr")
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return is_python(operand)
        case ast.BoolOp(values=values):
            return all(map(is_python, values))
    return False


def returns_inside(statements: Sequence[ast.stmt], is_inside: bool = False) -> bool:
    """Whether there is a `return` in a branch or loop that may be on a tensor."""
    for node in statements:
        if isinstance(node, ast.Return) and is_inside:
            return True
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            continue
        is_one = isinstance(node, (ast.For, ast.While)) or (isinstance(node, ast.If) and not is_python(node.test))
        if any(returns_inside(block, is_inside or is_one) for block in _blocks(node)):
            return True
    return False


def _blocks(node: ast.stmt) -> list[list[ast.stmt]]:
    blocks = [getattr(node, name, []) for name in ("body", "orelse", "finalbody")]
    return blocks + [part.body for part in (*getattr(node, "handlers", []), *getattr(node, "cases", []))]


def lowered(body: list[ast.stmt]) -> list[ast.stmt]:
    """A function's body in which no jump leaves a branch or a loop.

    Raises:
      NotConvertible: a jump leaves a `finally`.
    """
    returns = returns_inside(body)
    if returns:
        body = [*body, ast.copy_location(ast.Return(None), body[-1])]
    lowering = _Lowering(returns)
    found = lowering.block(body)
    statements = lowering.cleaned(found.statements)
    if not returns:
        return statements
    if RETURNED in lowering.used:
        statements.insert(0, _set(RETURNED, False, body[0]))
    last = ast.copy_location(ast.Return(_name(RESULT)), body[-1])
    return [*statements, last]


@dataclass
class _Block:
    """Statements without jumps; the flags that they may set; and whether they always set one."""

    statements: list[ast.stmt]
    flags: frozenset[str] = frozenset()
    always: bool = False


@dataclass
class _Loop:
    """The flags of a loop."""

    stop: str
    skip: str


class _Lowering:
    def __init__(self, returns: bool) -> None:
        self._returns = returns
        self._serial = itertools.count(1)
        self._loops: list[_Loop] = []
        self.used: set[str] = set()  # flags that are looked at

    def block(self, statements: Sequence[ast.stmt]) -> _Block:
        done: list[ast.stmt] = []
        for i, node in enumerate(statements):
            if isinstance(node, ast.If):
                body, orelse = self.block(node.body), self.block(node.orelse)
                if (body.always or orelse.always) and statements[i + 1 :]:
                    rest = statements[i + 1 :]
                    if not body.always:
                        body = self._then(body, rest)
                    elif not orelse.always:
                        orelse = self._then(orelse, rest)
                    statements = statements[: i + 1]
                node.body, node.orelse = body.statements or [_pass(node)], orelse.statements
                found = _Block([node], body.flags | orelse.flags, body.always and orelse.always)
            else:
                found = self._statement(node)
            done += found.statements
            if found.always or isinstance(node, (ast.Return, ast.Raise)):
                return _Block(done, found.flags, found.always)
            if found.flags:
                then = self._then(_Block([], found.flags), statements[i + 1 :])
                return _Block(done + then.statements, then.flags, then.always)
        return _Block(done)

    def _then(self, first: _Block, rest: Sequence[ast.stmt]) -> _Block:
        """A block, and what follows it where it does not jump."""
        then = self.block(rest)
        if not then.statements:
            return first
        statements = self._guarded(first.flags, then.statements)
        return _Block(first.statements + statements, first.flags | then.flags, then.always)

    def _guarded(self, flags: frozenset[str], statements: list[ast.stmt]) -> list[ast.stmt]:
        if not flags or not statements:
            return statements
        return [ast.copy_location(ast.If(self._none_of(flags, statements[0]), statements, []), statements[0])]

    def _none_of(self, flags: frozenset[str], at: ast.AST) -> ast.expr:
        self.used |= flags
        tests: list[ast.expr] = [ast.UnaryOp(ast.Not(), _name(flag)) for flag in sorted(flags)]
        test = tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests)
        return ast.fix_missing_locations(ast.copy_location(test, at))

    def _statement(self, node: ast.stmt) -> _Block:
        match node:
            case ast.Return() if self._returns:
                value = node.value or ast.Constant(None)
                result = ast.copy_location(ast.Assign([_name(RESULT, ast.Store())], value), node)
                return _Block([result, _set(RETURNED, True, node)], frozenset([RETURNED]), True)
            case ast.Break():
                loop = self._loops[-1]
                return _Block([_set(loop.stop, True, node)], frozenset([loop.stop]), True)
            case ast.Continue():
                loop = self._loops[-1]
                return _Block([_set(loop.skip, True, node)], frozenset([loop.skip]), True)
            case ast.For() | ast.While():
                return self._loop(node)
            case ast.With():
                body = self.block(node.body)
                node.body = body.statements or [_pass(node)]
                return _Block([node], body.flags)
            case ast.Try() | ast.TryStar():
                return self._try(node)
            case ast.Match():
                flags: frozenset[str] = frozenset()
                for case in node.cases:
                    body = self.block(case.body)
                    case.body, flags = body.statements or [_pass(node)], flags | body.flags
                return _Block([node], flags)
        return _Block([node])

    def _loop(self, node: ast.For | ast.While) -> _Block:
        number = next(self._serial)
        loop = _Loop(f"ag__break{number}", f"ag__continue{number}")
        self._loops.append(loop)
        body = self.block(node.body)
        self._loops.pop()
        orelse = self.block(node.orelse)
        statements = body.statements or [_pass(node)]
        if loop.skip in body.flags and loop.skip in self.used:
            statements.insert(0, _set(loop.skip, False, node))
        done: list[ast.stmt] = [node]
        leaving = body.flags - {loop.skip}
        if isinstance(node, ast.While) and bound([node.test]):  # of a loop on tensors, only the body can set variables
            goes_on = f"ag__goes_on{number}"
            done.insert(0, ast.copy_location(ast.Assign([_name(goes_on, ast.Store())], node.test), node.test))
            again = ast.copy_location(ast.Assign([_name(goes_on, ast.Store())], copy.deepcopy(node.test)), node.test)
            statements += self._guarded(leaving, [again])
            node.test = ast.copy_location(_name(goes_on), node.test)
        if leaving:
            test = self._none_of(leaving, node)
            if isinstance(node, ast.While):
                node.test = ast.copy_location(ast.BoolOp(ast.And(), [test, node.test]), node.test)
            else:
                node.extra_test = test  # type: ignore[attr-defined]
            if loop.stop in leaving:
                done.insert(0, _set(loop.stop, False, node))
        node.body, node.orelse = statements, []
        flags = leaving - {loop.stop}
        done += self._guarded(leaving, orelse.statements)
        is_endless = isinstance(node, ast.While) and not (leaving - {RETURNED}) and _is_true(node.test)
        return _Block(done, flags | orelse.flags, bool(flags) and is_endless)

    def _try(self, node: ast.Try | ast.TryStar) -> _Block:
        body, orelse = self.block(node.body), self.block(node.orelse)
        final = self.block(node.finalbody)
        if final.flags:
            raise NotConvertible("a break, continue or return in a finally clause is not supported. Move it out")
        flags, always = body.flags | orelse.flags, body.always or orelse.always
        for handler in node.handlers:
            found = self.block(handler.body)
            handler.body = found.statements or [_pass(handler)]
            flags, always = flags | found.flags, always and found.always
        node.body, node.orelse = body.statements or [_pass(node)], self._guarded(body.flags, orelse.statements)
        node.finalbody = final.statements or node.finalbody
        return _Block([node], flags, always)

    def cleaned(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        """Without assignments to flags that nobody looks at."""
        if not any(isinstance(x, (ast.Assign, ast.If, ast.For, ast.While)) for x in statements):
            kept = list(statements)
        else:
            kept = [x for x in statements if not self._is_unused(x)] or [_pass(statements[0])]
        for node in kept:
            if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
                continue
            for name in ("body", "orelse", "finalbody"):
                if block := getattr(node, name, None):
                    setattr(node, name, self.cleaned(block))
            for part in (*getattr(node, "handlers", []), *getattr(node, "cases", [])):
                part.body = self.cleaned(part.body)
        return kept

    def _is_unused(self, node: ast.stmt) -> bool:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]):
                is_flag = name == RETURNED or name.startswith(("ag__break", "ag__continue"))
                return is_flag and name not in self.used
        return False


def _is_true(test: ast.expr) -> bool:
    if isinstance(test, ast.BoolOp):
        return _is_true(test.values[-1])
    return isinstance(test, ast.Constant) and bool(test.value)


def _name(name: str, context: ast.expr_context | None = None) -> ast.Name:
    return ast.Name(name, context or ast.Load())


def _set(name: str, value: bool, at: ast.AST) -> ast.stmt:
    return ast.fix_missing_locations(ast.copy_location(ast.Assign([_name(name, ast.Store())], ast.Constant(value)), at))


def _pass(at: ast.AST) -> ast.stmt:
    return ast.copy_location(ast.Pass(), at)
