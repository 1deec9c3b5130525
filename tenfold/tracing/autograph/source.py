"""The source of a function: its text, from wherever it can be had, and the syntax tree of just that function."""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any


class NoSource(Exception):
    """A function cannot be converted; the message says why and what to do."""


def tree_of(function: FunctionType) -> ast.FunctionDef | ast.Lambda:
    """The syntax tree of a function, with the line and column numbers of its file.

    Raises:
      NoSource: its text cannot be had, or is not that of the code that runs.
    """
    code = function.__code__
    lines = _lines(code, function.__globals__)
    if not lines:
        raise NoSource(
            f"the source of {code.co_filename!r} cannot be read. Define the function in a file, or in a cell of a notebook without "
            "%%time or the like"
        )
    found = _lambda(code, lines) if code.co_name == "<lambda>" else _definition(code, lines)
    if found is None:
        raise NoSource(f"it is not in {code.co_filename!r} any more, which has changed since. Load the file again")
    return found


def _lines(code: CodeType, scope: dict[str, Any]) -> list[str]:
    name = code.co_filename
    linecache.checkcache(name)
    lines = linecache.getlines(name, scope)
    if lines or scope.get("__name__") != "__main__":
        return lines
    if name == "<string>" and "-c" in sys.orig_argv:
        text = sys.orig_argv[sys.orig_argv.index("-c") + 1]
        return text.splitlines(keepends=True)
    return _typed(code) if name == "<stdin>" else []


def _typed(code: CodeType) -> list[str]:
    """The lines of the statement that defines a function, from what was typed into Python's prompt."""
    history = sys.modules.get("readline")
    if history is None:
        return []
    last = history.get_current_history_length()
    typed = [history.get_history_item(i) or "" for i in range(1, last + 1)]
    depth = max(line for *_, line in _extents(code))
    for start in reversed(range(len(typed))):
        lines = [f"{line}\n" for line in typed[start : start + depth]]
        try:
            found = compile("".join([*lines, "\n"]), code.co_filename, "single", dont_inherit=True)
        except (SyntaxError, ValueError):
            continue
        if code in _codes(found):
            return lines
    return []


def _codes(code: CodeType) -> Iterator[CodeType]:
    """A code object and all those in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _extents(code: CodeType) -> Iterator[tuple[int, int]]:
    """First and last lines of what a code object is made of."""
    for part in _codes(code):
        for first, last, _, _ in part.co_positions():
            if first and last:
                yield first, last


def _definition(code: CodeType, lines: list[str]) -> ast.FunctionDef | None:
    first = code.co_firstlineno
    if first > len(lines):
        return None
    last = max((end for _, end in _extents(code)), default=first)
    is_indented = lines[first - 1][:1] in (" ", "\t")
    before = "\n" * (first - 2) + "if 1:\n" if is_indented else "\n" * (first - 1)
    try:
        tree = ast.parse(before + "".join(lines[first - 1 : last]))
    except SyntaxError:  # what ends the function makes no code: a bracket, or what was optimised away
        try:
            tree = ast.parse(before + "".join(inspect.getblock(lines[first - 1 :])))
        except SyntaxError:
            return None
    body: Any = tree.body[0].body if is_indented else tree.body  # type: ignore[attr-defined]
    node = body[0] if body else None
    if not isinstance(node, ast.FunctionDef) or node.name != code.co_name:
        return None
    return node if _has_arguments_of(node, code) else None


def _has_arguments_of(node: ast.FunctionDef | ast.Lambda, code: CodeType) -> bool:
    names = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    known = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return len(names) == len(known) and all(k.endswith(n) for n, k in zip(names, known, strict=True))


_trees: dict[
    str, tuple[str, list[ast.Lambda]]
] = {}  # the lambdas of a file, with its text; of the last files asked for


def _lambda(code: CodeType, lines: list[str]) -> ast.Lambda | None:
    """The lambda with the position that the code has: there may be several on a line."""
    text = "".join(lines)
    if code.co_filename not in _trees or _trees[code.co_filename][0] != text:
        if len(_trees) > 16:
            _trees.clear()
        try:
            tree = ast.parse(text)
        except SyntaxError:
            return None
        _trees[code.co_filename] = text, [x for x in ast.walk(tree) if isinstance(x, ast.Lambda)]
    places: Any = [(a, c, b, d) for a, b, c, d in code.co_positions() if None not in (a, b, c, d) and d]
    if not places:
        return None
    first, last = min((a, c) for a, c, _, _ in places), max((b, d) for _, _, b, d in places)
    around = [
        node
        for node in _trees[code.co_filename][1]
        if _start(node.body) <= first and last <= _end(node.body) and _has_arguments_of(node, code)
    ]
    return _alone(max(around, key=_start), lines) if around else None


def _start(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _end(node: ast.expr) -> tuple[int, int]:
    return node.end_lineno or 0, node.end_col_offset or 0


def _alone(node: ast.Lambda, lines: list[str]) -> ast.Lambda:
    """A lambda parsed again by itself, so that it may be changed."""
    last = node.end_lineno or node.lineno
    part = [line.encode() for line in lines[node.lineno - 1 : last]]
    part[-1] = part[-1][: node.end_col_offset]
    part[0] = part[0][node.col_offset :]
    text = b"".join(part).decode()
    if node.col_offset:
        before = "\n" * (node.lineno - 1) + "(" + " " * (node.col_offset - 1)
    else:
        before = "\n" * (node.lineno - 2) + "(\n" if node.lineno > 1 else ""
    after = ")" if before.strip() else ""
    return ast.parse(before + text + after).body[0].value  # type: ignore[attr-defined]
