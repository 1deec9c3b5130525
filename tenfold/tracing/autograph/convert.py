"""Conversion of functions: what is converted, and the converted code, kept as long as the code it comes from."""

from __future__ import annotations

import ast
import dis
import functools
import inspect
import logging
import os
import sysconfig
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CellType, CodeType, FunctionType, MethodType
from typing import Any

from tenfold.tracing.autograph.jumps import NotConvertible
from tenfold.tracing.autograph.source import NoSource, tree_of
from tenfold.tracing.autograph.transform import OPERATORS, function_node, transformed

log = logging.getLogger("tenfold")
operators = CellType()  # of the name by which converted functions know operators.py, which is set once that is loaded
_codes: dict[int, tuple[weakref.ref, CodeType | None]] = {}  # by the id of the original; None if it runs as it is
_NO_FUNCTION = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR | inspect.CO_ITERABLE_COROUTINE
_PACKAGE = str(Path(__file__).parents[2]) + os.sep
_LIBRARIES = tuple(
    [os.path.realpath(sysconfig.get_path(name)) + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib")]
)


class Status(threading.local):
    """Whether the function that this thread traces is converted."""

    is_on = False


status = Status()


@contextmanager
def conversion(is_on: bool) -> Iterator[None]:
    """What is called inside is converted, or is not."""
    before, status.is_on = status.is_on, is_on
    try:
        yield
    finally:
        status.is_on = before


def is_own(file: str) -> bool:
    """Whether a file is Tenfold's."""
    return file.startswith(_PACKAGE)


@functools.lru_cache(4096)
def is_library(file: str) -> bool:
    """Whether a file belongs to Tenfold, Python or an installed package: their functions run as they are."""
    return is_own(file) or file.startswith("<frozen ") or os.path.realpath(file).startswith(_LIBRARIES)


def converted(function: Callable[..., Any], by_user: bool = False) -> Callable[..., Any]:
    """A callable with its Python code converted, where that is the user's; else the callable itself.

    Args:
      function: function, method, `functools.partial`, or object with `__call__`.
      by_user: whether to convert a function of a library too: the user asks for this one.
    """
    kind = type(function)
    if kind is FunctionType:
        return _function(function, by_user)  # type: ignore[arg-type]
    if kind is MethodType:
        inner = function.__func__  # type: ignore[attr-defined]
        found = converted(inner, by_user)
        return function if found is inner else MethodType(found, function.__self__)  # type: ignore[attr-defined]
    if kind is functools.partial:
        found = converted(function.func, by_user)  # type: ignore[attr-defined]
        if found is function.func:  # type: ignore[attr-defined]
            return function
        return functools.partial(found, *function.args, **function.keywords)  # type: ignore[attr-defined]
    own = getattr(kind, "__call__", None)  # noqa: B004, it may be Python code or not
    if type(own) is FunctionType and not isinstance(function, type):
        found = _function(own, by_user)
        return function if found is own else MethodType(found, function)
    return function


def converted_if_on(function: Callable[..., Any]) -> Callable[..., Any]:
    """`converted(function)`, if the function that is traced is converted itself."""
    return converted(function) if status.is_on else function


def _function(function: FunctionType, by_user: bool) -> FunctionType:
    code = function.__code__
    known = _codes.get(id(code))
    if known is None:
        if is_own(code.co_filename) or (not by_user and is_library(code.co_filename)):
            return function
        found = _convert(function)
        _remember(code, found)
    else:
        found = known[1]
    if found is None:
        return function
    cells = dict(zip(code.co_freevars, function.__closure__ or (), strict=True))
    cells[OPERATORS] = operators
    closure = tuple([cells[name] for name in found.co_freevars])
    made = FunctionType(found, function.__globals__, function.__name__, function.__defaults__, closure)
    made.__kwdefaults__ = function.__kwdefaults__
    made.__qualname__, made.__doc__ = function.__qualname__, function.__doc__
    made.__dict__.update(function.__dict__)
    return made


def _remember(code: CodeType, found: CodeType | None) -> None:
    number = id(code)
    _codes[number] = weakref.ref(code, lambda _, codes=_codes: codes.pop(number, None)), found  # type: ignore[misc]


def _convert(function: FunctionType) -> CodeType | None:
    """The converted code of a function; None, after a warning, if it cannot be had."""
    code = function.__code__
    if code.co_flags & _NO_FUNCTION:
        return None
    try:
        return compiled(tree(function), code)
    except (NoSource, NotConvertible, RecursionError) as error:
        if _has_control_flow(code):
            log.warning(
                "AutoGraph could not transform %r and will run it as-is: %s, or decorate it with "
                "@tf.autograph.experimental.do_not_convert, which silences this.",
                function, error,
            )  # fmt: skip
        return None


def tree(function: FunctionType) -> ast.FunctionDef | ast.Lambda:
    """The converted syntax tree of a function.

    Raises:
      NoSource: its source cannot be had.
      NotConvertible: it has a construct that cannot be converted.
    """
    code = function.__code__
    node = tree_of(function)
    if name := _class_of(code):
        _Mangled(name).visit(node)
    return transformed(node)


def compiled(node: ast.FunctionDef | ast.Lambda, original: CodeType) -> CodeType:
    """Code from a converted tree, to be run in place of the original."""
    if isinstance(node, ast.FunctionDef):
        node.name = f"{OPERATORS}function"  # its own name may be that of a variable outside
    body: ast.stmt = ast.Expr(node) if isinstance(node, ast.Lambda) else node
    outside: list[ast.expr] = [ast.Name(name, ast.Store()) for name in (OPERATORS, *original.co_freevars)]
    factory = function_node("factory", [ast.Assign(outside, ast.Constant(None)), body])
    module = ast.fix_missing_locations(ast.Module([ast.copy_location(factory, node)], []))
    whole = compile(module, original.co_filename, "exec", dont_inherit=True)
    (inside,) = [x for x in whole.co_consts if isinstance(x, CodeType)]
    (code,) = [x for x in inside.co_consts if isinstance(x, CodeType)]
    return _named(code, original.co_name, original.co_qualname)


def _named(code: CodeType, name: str, qualified: str) -> CodeType:
    """Code in which the functions that the conversion made have the name of the user's, and none is converted again."""
    constants = []
    for x in code.co_consts:
        if isinstance(x, CodeType) and x.co_flags & inspect.CO_NEWLOCALS:
            is_made = x.co_name.startswith(OPERATORS)
            inner = f"{qualified}.<locals>.{x.co_name}"
            x = _named(x, name, qualified) if is_made else _named(x, x.co_name, inner)
        constants.append(x)
    made = code.replace(co_consts=tuple(constants), co_name=name, co_qualname=qualified)
    _remember(made, None)
    return made


def _class_of(code: CodeType) -> str:
    """The name of the class in whose body a function stands, if names in it are mangled."""
    parts = code.co_qualname.split(".")
    for i in reversed(range(len(parts) - 1)):
        if parts[i] != "<locals>" and parts[i + 1] != "<locals>":
            return parts[i].lstrip("_") if parts[i].strip("_") else ""
    return ""


class _Mangled(ast.NodeTransformer):
    """Names that begin with two underscores, as Python changes them in a class."""

    def __init__(self, name: str) -> None:
        self._prefix = f"_{name}"

    def generic_visit(self, node: ast.AST) -> ast.AST:
        for field in ("id", "attr", "arg", "name"):
            name = getattr(node, field, None)
            if isinstance(name, str) and name.startswith("__") and not name.endswith("__") and "." not in name:
                setattr(node, field, self._prefix + name)
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            node.names = [self._prefix + x if x.startswith("__") and not x.endswith("__") else x for x in node.names]
        return super().generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return node


def _has_control_flow(code: CodeType) -> bool:
    if any("JUMP" in x.opname or x.opname == "FOR_ITER" for x in dis.get_instructions(code)):
        return True
    return any(_has_control_flow(x) for x in code.co_consts if isinstance(x, CodeType))
