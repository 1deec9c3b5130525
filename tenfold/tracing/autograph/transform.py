"""From a function's syntax tree to that of the function that is traced: control flow becomes calls of `operators`.

    if x > 0:            def ag__body():
        y = x                nonlocal y
    else:                    y = x
        y = -x           def ag__else():
                             nonlocal y
                             y = -x
                         ag__.if_(x > 0, ag__body, ag__else, ('y',), 1)

Variables that such functions share are cells, and by the cells `operators` reads and sets them where the condition is a tensor.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence, Set
from typing import Any

from tenfold.tracing.autograph.jumps import is_python, lowered
from tenfold.tracing.autograph.names import Liveness, Place, bound, declared, own

OPERATORS = "ag__"
_LEFT_ALONE = ("super", "locals", "globals", "vars", "dir", "eval", "exec")
_YIELDS = (ast.Yield, ast.YieldFrom, ast.Await)


def transformed(node: ast.FunctionDef | ast.Lambda) -> ast.FunctionDef | ast.Lambda:
    """A function's tree, rewritten in place. Its decorators, annotations and defaults are left out.

    Raises:
      NotConvertible: it has a construct that cannot be converted.
    """
    for argument in _arguments(node.args):
        argument.annotation = None
    node.args.defaults = [ast.Constant(None) for _ in node.args.defaults]
    node.args.kw_defaults = [x and ast.Constant(None) for x in node.args.kw_defaults]
    if isinstance(node, ast.FunctionDef):
        node.decorator_list, node.returns = [], None
    _convert(node)
    return ast.fix_missing_locations(node)


def _convert(node: ast.FunctionDef | ast.Lambda) -> None:
    first = next((a.arg for a in (*node.args.posonlyargs, *node.args.args)), None)
    if isinstance(node, ast.Lambda):
        node.body = _Transformer(Liveness([], set()), set(), first).visit(node.body)
        return
    is_global, is_nonlocal = declared(node.body)
    parameters = {a.arg for a in _arguments(node.args)}
    _assign_appended(node.body, (bound(node.body) | parameters) - is_global)
    node.body = lowered(node.body)
    transformer = _Transformer(Liveness(node.body, is_global | is_nonlocal), is_global, first)
    body = transformer.block(node.body)
    before: list[ast.stmt] = _declarations(is_global, is_nonlocal)
    if moved := sorted(transformer.moved - parameters - is_global - is_nonlocal):
        targets: list[ast.expr] = [ast.Name(name, ast.Store()) for name in moved]
        before.append(ast.If(ast.Constant(False), [ast.Assign(targets, ast.Constant(None))], []))
    node.body = [*[ast.copy_location(x, node) for x in before], *body]


def _assign_appended(body: list[ast.stmt], variables: set[str]) -> None:
    """Makes `x = append(x, item)` of the statements `x.append(item)`: what a loop on tensors appends to becomes another list."""
    for node in own(body):
        for field in ("body", "orelse", "finalbody"):
            for i, statement in enumerate(getattr(node, field, ()) if isinstance(node, ast.stmt) else ()):
                _replace_append(getattr(node, field), i, statement, variables)
    for i, statement in enumerate(body):
        _replace_append(body, i, statement, variables)


def _replace_append(block: list[ast.stmt], i: int, statement: ast.stmt, variables: set[str]) -> None:
    match statement:
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[item], keywords=[])
        ) if name in variables and not isinstance(item, ast.Starred):
            target = ast.copy_location(ast.Name(name, ast.Store()), statement)
            call = _call("append", statement, ast.copy_location(ast.Name(name, ast.Load()), statement), item)
            block[i] = ast.copy_location(ast.Assign([target], call), statement)


def _arguments(args: ast.arguments) -> list[ast.arg]:
    some = [args.vararg, args.kwarg]
    return [*args.posonlyargs, *args.args, *args.kwonlyargs, *[a for a in some if a is not None]]


def _declarations(is_global: set[str], is_nonlocal: set[str]) -> list[ast.stmt]:
    found: list[ast.stmt] = [ast.Global(sorted(is_global))] if is_global else []
    return [*found, ast.Nonlocal(sorted(is_nonlocal))] if is_nonlocal else found


def _call(name: str, at: ast.AST, *args: ast.expr) -> ast.Call:
    """A call of one of the operators. Its name stands on one line, that of the beginning: tracebacks show that line."""
    base = ast.Name(OPERATORS, ast.Load())
    called = ast.Attribute(base, name, ast.Load())
    for node in (base, called):
        ast.copy_location(node, at)
        node.end_lineno, node.end_col_offset = node.lineno, node.col_offset + 1
    return ast.copy_location(ast.Call(called, list(args), []), called if isinstance(at, ast.stmt) else at)


def function_node(name: str, body: list[ast.stmt], *args: str) -> ast.FunctionDef:
    """The tree of a function."""
    arguments = ast.arguments([], [ast.arg(a) for a in args], None, [], [], None, [])
    node = ast.FunctionDef(name, arguments, body, [], None)
    node.type_params = []  # type: ignore[attr-defined]  # since Python 3.12
    return node


def _constant(names: Sequence[Any]) -> ast.expr:
    return ast.Constant(tuple(names))  # type: ignore[arg-type]


def _thunk(value: ast.expr) -> ast.Lambda:
    nothing = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
    return ast.copy_location(ast.Lambda(nothing, value), value)


def _binds(node: ast.AST) -> bool:
    """Whether an expression cannot move into a function of its own."""
    return any(isinstance(x, (ast.NamedExpr, *_YIELDS)) for x in ast.walk(node))


class _Transformer(ast.NodeTransformer):
    """Rewrites what belongs to one function.

    Attributes:
      moved: variables that functions made here bind.
    """

    def __init__(self, live: Liveness, is_global: set[str], first: str | None) -> None:
        self._live, self._global, self._first = live, is_global, first
        self.moved: set[str] = set()

    def block(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        done: list[ast.stmt] = []
        for node in statements:
            found: Any = self.visit(node)
            done += found if isinstance(found, list) else [found] if found is not None else []
        return done

    def _function(self, name: str, body: list[ast.stmt], variables: set[str], at: ast.AST, *args: str) -> ast.stmt:
        """A function that binds variables of the function it stands in."""
        self.moved |= variables
        before = _declarations(variables & self._global, variables - self._global)
        if held := sorted(self._live.held(body)):  # so that they are among the variables that it closes over
            before.append(ast.Expr(_thunk(ast.Tuple([ast.Name(name, ast.Load()) for name in held], ast.Load()))))
        return ast.copy_location(function_node(name, [*before, *body], *args), at)

    # Statements.

    def visit_If(self, node: ast.If) -> Any:
        if is_python(node.test):
            return self.generic_visit(node)
        live = self._live.of[node]
        of_body, of_else = self._live.bound(node.body), self._live.bound(node.orelse)
        variables = of_body | of_else
        names: list[str | Place] = [*sorted(variables & live.after)]
        names += self._live.places([*node.body, *node.orelse], variables)
        hidden = sorted(variables & live.inside - live.after)
        done = [self._function(f"{OPERATORS}body", self.block(node.body), of_body, node)]
        orelse: ast.expr = ast.Constant(None)
        if node.orelse:
            done.append(self._function(f"{OPERATORS}else", self.block(node.orelse), of_else, node))
            orelse = ast.Name(f"{OPERATORS}else", ast.Load())
        body = ast.Name(f"{OPERATORS}body", ast.Load())
        rest = _constant([*names, *hidden]), ast.Constant(len(names))
        call = _call("if_", node, self.visit(node.test), body, orelse, *rest)
        return [*done, ast.copy_location(ast.Expr(call), node)]

    def visit_While(self, node: ast.While) -> Any:
        options = _take_options(node)
        of_test, of_body = bound([node.test]), self._live.bound(node.body)
        names = self._loop_names(node, of_test | of_body)
        test = ast.copy_location(ast.Return(self.visit(node.test)), node.test)
        done = [
            self._function(f"{OPERATORS}test", [test], of_test, node.test),
            self._function(f"{OPERATORS}body", self.block(node.body), of_body, node),
        ]
        functions = [ast.Name(f"{OPERATORS}test", ast.Load()), ast.Name(f"{OPERATORS}body", ast.Load())]
        call = _call("while_", node, *functions, *names, self._options(options))
        return [*done, ast.copy_location(ast.Expr(call), node)]

    def visit_For(self, node: ast.For) -> Any:
        options, extra = _take_options(node), getattr(node, "extra_test", None)
        variables = self._live.bound([node.target, *node.body])
        names = self._loop_names(node, variables, self._live.bound([node.target]))
        item = f"{OPERATORS}item"
        take = ast.copy_location(ast.Assign([self.visit(node.target)], ast.Name(item, ast.Load())), node.target)
        done = [self._function(f"{OPERATORS}body", [take, *self.block(node.body)], variables, node, item)]
        test = ast.Constant(None) if extra is None else _thunk(self.visit(extra))
        body = ast.Name(f"{OPERATORS}body", ast.Load())
        call = _call("for_", node, self.visit(node.iter), body, test, *names, self._options(options))
        return [*done, ast.copy_location(ast.Expr(call), node)]

    def _loop_names(
        self, node: ast.While | ast.For, variables: set[str], targets: Set[str] = frozenset()
    ) -> tuple[ast.expr, ast.expr]:
        """The variables of a loop, first those that it must have set where they are read after it, and how many these are."""
        live = self._live.of[node]
        needed = sorted(variables & live.after - targets)
        others = sorted(variables & (live.inside | live.after) - set(needed))
        return _constant([*needed, *others, *self._live.places(node.body, variables)]), ast.Constant(len(needed))

    def _options(self, node: ast.Call | None) -> ast.expr:
        if node is None:
            return ast.Constant(None)
        keys: list[ast.expr | None] = [ast.Constant(x.arg) for x in node.keywords]
        return _thunk(ast.copy_location(ast.Dict(keys, [x.value for x in node.keywords]), node))

    def visit_Assert(self, node: ast.Assert) -> Any:
        message = node.msg or ast.Constant(ast.unparse(node.test))
        if is_python(node.test) or _binds(node):
            return self.generic_visit(node)
        self.generic_visit(node)
        node.test = _call("asserted", node.test, node.test, _thunk(node.msg or message))
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        """A variable that functions share cannot have an annotation."""
        if node.value is None:
            return ast.copy_location(ast.Pass(), node)
        return ast.copy_location(ast.Assign([self.visit(node.target)], self.visit(node.value)), node)

    def visit_Global(self, node: ast.Global) -> Any:
        return ast.copy_location(ast.Pass(), node)  # it stands at the beginning now

    visit_Nonlocal = visit_Global  # type: ignore[assignment]

    # Inner functions and classes.

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        node.decorator_list = [self.visit(x) for x in node.decorator_list]
        node.args = self.visit(node.args)
        is_kept = any("do_not_convert" in ast.unparse(x) for x in node.decorator_list)
        if not is_kept and not any(isinstance(x, _YIELDS) for x in own(node.body)):
            _convert(node)
        return node

    def visit_Lambda(self, node: ast.Lambda) -> Any:
        node.args = self.visit(node.args)
        if not any(isinstance(x, _YIELDS) for x in own([node.body])):
            _convert(node)
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> Any:
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        return node

    # Expressions.

    def visit_Call(self, node: ast.Call) -> Any:
        function = node.func
        self.generic_visit(node)
        if isinstance(function, ast.Name) and function.id in _LEFT_ALONE:
            if function.id == "super" and not node.args and self._first is not None:
                node.args = [ast.Name("__class__", ast.Load()), ast.Name(self._first, ast.Load())]
            return node
        node.func = _call("call", node.func, node.func)
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> Any:
        is_kept = all(map(is_python, node.values[:-1])) or any(map(_binds, node.values[1:]))
        self.generic_visit(node)
        if is_kept:
            return node
        *others, value = node.values
        for other in reversed(others):
            value = _call("and_" if isinstance(node.op, ast.And) else "or_", node, other, _thunk(value))
        return value

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        is_kept = not isinstance(node.op, ast.Not) or is_python(node.operand)
        self.generic_visit(node)
        return node if is_kept else _call("not_", node, node.operand)

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        is_kept = is_python(node.test) or _binds(node.body) or _binds(node.orelse)
        text = "" if is_kept else ast.unparse(node.test)
        self.generic_visit(node)
        if is_kept:
            return node
        branches = _thunk(node.body), _thunk(node.orelse)
        return _call("if_expression", node, node.test, *branches, ast.Constant(text))

    def visit_Compare(self, node: ast.Compare) -> Any:
        is_kept = len(node.ops) == 1 or is_python(node) or any(map(_binds, node.comparators))
        self.generic_visit(node)
        if is_kept:
            return node
        rest: list[ast.expr] = []
        for op, value in zip(node.ops, node.comparators, strict=True):
            rest += [ast.Constant(type(op).__name__), _thunk(value)]
        return _call("compared", node, node.left, *rest)


def _take_options(node: ast.While | ast.For) -> ast.Call | None:
    """The call of `tf.autograph.experimental.set_loop_options` in a loop, which is taken out of it."""
    for i, statement in enumerate(node.body):
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="set_loop_options")) as call):
                node.body[i] = ast.copy_location(ast.Pass(), statement)
                return call
    return None
