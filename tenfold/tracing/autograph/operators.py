"""What converted functions call, under the name `ag__`. Where no tensor is involved that is traced, each does what Python does."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from tenfold.graph import branches, loops
from tenfold.graph import map as maps
from tenfold.ops.assertions import Assert
from tenfold.ops.logic import logical_not
from tenfold.tracing.autograph.branches import check_condition, choose, current, is_symbolic
from tenfold.tracing.autograph.branches import if_ as if_
from tenfold.tracing.autograph.builtin_functions import OF_TENSORS
from tenfold.tracing.autograph.convert import converted, status
from tenfold.tracing.autograph.lists import append as append
from tenfold.tracing.autograph.loops import for_ as for_
from tenfold.tracing.autograph.loops import while_ as while_

_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "Eq": operator.eq, "NotEq": operator.ne, "Lt": operator.lt, "LtE": operator.le, "Gt": operator.gt, "GtE": operator.ge,
    "Is": operator.is_, "IsNot": operator.is_not, "In": lambda a, b: a in b, "NotIn": lambda a, b: a not in b,
}  # fmt: skip


def and_(value: Any, other: Callable[[], Any]) -> Any:
    """`value and other()`."""
    value = current(value)
    if not is_symbolic(value):
        return value and other()
    return branches.cond(value, other, lambda: value)


def or_(value: Any, other: Callable[[], Any]) -> Any:
    """`value or other()`."""
    value = current(value)
    if not is_symbolic(value):
        return value or other()
    return branches.cond(value, lambda: value, other)


def not_(value: Any) -> Any:
    """`not value`."""
    value = current(value)
    return logical_not(value) if is_symbolic(value) else not value


def compared(value: Any, *rest: Any) -> Any:
    """A chain of comparisons: `value op1 other1() op2 other2()`, with the names of the operators."""
    name, other = rest[:2]
    right = other()
    result = _COMPARISONS[name](value, right)
    return and_(result, lambda: compared(right, *rest[2:])) if rest[2:] else result


def if_expression(test: Any, on_true: Callable[[], Any], on_false: Callable[[], Any], text: str) -> Any:
    """`on_true() if test else on_false()`, where `text` is that of the condition."""
    test = current(test)
    if not is_symbolic(test):
        return on_true() if test else on_false()
    test = check_condition(test, "conditional expression")
    return choose(test, lambda: [on_true()], lambda: [on_false()], [text])[0]


def asserted(test: Any, message: Callable[[], Any]) -> Any:
    """The condition of an `assert`; true for a tensor that is traced, which is checked when the graph runs."""
    test = current(test)
    if not is_symbolic(test):
        return test
    Assert(test, [message()])
    return True


_TAKE_FUNCTIONS = frozenset(
    [branches.case, branches.cond, branches.switch_case, loops.while_loop]
    + [getattr(maps, name) for name in ("foldl", "foldr", "map_fn", "scan", "vectorized_map")]
)


def call(function: Any) -> Any:
    """What to call in place of a callable: a built-in function for tensors, or the callable with its code converted."""
    kind = type(function)
    if kind is type or kind is _BUILTIN:
        return OF_TENSORS.get(function, function)
    if not status.is_on:
        return function
    if function in _TAKE_FUNCTIONS if kind is _FUNCTION else False:
        return lambda *args, **kwargs: function(*_inside(args), **_inside(kwargs))
    return converted(function)


_BUILTIN, _FUNCTION = type(len), type(call)


def _inside(value: Any) -> Any:
    """Arguments with the functions among them converted."""
    if type(value) in (list, tuple):
        return type(value)([_inside(x) for x in value])
    if type(value) is dict:
        return {key: _inside(x) for key, x in value.items()}
    return converted(value) if type(value) is _FUNCTION else value
