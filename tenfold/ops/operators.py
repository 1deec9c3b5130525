"""Python's operators on tensors and variables, in terms of the ops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.core.errors import InvalidArgumentError
from tenfold.core.tensor import Tensor, wrap
from tenfold.core.variable import Variable
from tenfold.ops import bitwise, division, elementwise, exponential, logic, matmul
from tenfold.ops.ufunc import beside

Operator = Callable[[Any, Any], Tensor]


def _swapped(run: Operator) -> Operator:
    def operator(y: Any, x: Any) -> Tensor:
        return run(beside(y, x), y)

    return operator


def _by_kind(on_truths: Operator, on_integers: Operator) -> Operator:
    """An operator on tensors of truth values, or of integers, whose bits it takes for truth values."""

    def operator(x: Tensor, y: Any) -> Tensor:
        return on_truths(x, y) if x._array.dtype.kind == "b" else on_integers(x, y)

    return operator


def _invert(x: Tensor) -> Tensor:
    return logic.logical_not(x) if x._array.dtype.kind == "b" else bitwise.invert(x)


def _do_broadcast(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    return all(m == n or 1 in (m, n) for m, n in zip(reversed(a), reversed(b), strict=False))


def _equality(run: Operator, otherwise: bool) -> Operator:
    """`==` or `!=`: tensors of one dtype whose shapes do not broadcast are not equal."""

    def operator(x: Tensor, y: Any) -> Any:
        if y is None:
            return otherwise
        try:
            return run(x, y)
        except (InvalidArgumentError, ValueError):  # the latter while a function is traced
            y = beside(x, y)
            if y.dtype is not x.dtype or _do_broadcast(x._array.shape, y._array.shape):
                raise
            return wrap(np.array(otherwise))

    return operator


_BINARY: dict[str, Operator] = {
    "add": elementwise.add,
    "sub": elementwise.subtract,
    "mul": elementwise.multiply,
    "truediv": elementwise.divide,
    "div": elementwise.divide,
    "floordiv": division.floordiv,
    "mod": division.floormod,
    "pow": exponential.pow,
    "matmul": matmul.matmul,
    "and": _by_kind(logic.logical_and, bitwise.bitwise_and),
    "or": _by_kind(logic.logical_or, bitwise.bitwise_or),
    "xor": _by_kind(logic.logical_xor, bitwise.bitwise_xor),
}
_COMPARISONS: dict[str, Operator] = {
    "lt": logic.less,
    "le": logic.less_equal,
    "gt": logic.greater,
    "ge": logic.greater_equal,
    "eq": _equality(logic.equal, False),
    "ne": _equality(logic.not_equal, True),
}
_UNARY: dict[str, Callable[[Any], Tensor]] = {
    "neg": elementwise.negative,
    "abs": elementwise.abs,
    "invert": _invert,
}
OPERATORS: dict[str, Callable[..., Any]] = {
    **{f"__{name}__": run for name, run in (_BINARY | _COMPARISONS | _UNARY).items()},
    **{f"__r{name}__": _swapped(run) for name, run in _BINARY.items()},
}


def _of_variable(operator: Callable[..., Any], is_unary: bool) -> Callable[..., Any]:
    """The operator on the value that a variable has now."""
    if is_unary:
        return lambda variable: operator(variable._read())
    return lambda variable, other: operator(variable._read(), other)


def _refused(symbol: str, advice: str) -> Callable[[Variable, Any], Any]:
    def operator(variable: Variable, value: Any) -> Any:
        raise RuntimeError(
            f"`variable {symbol}= value` with `tf.Variable`s is not supported. Use {advice} to modify the variable, or "
            f"`out = variable {symbol} value` if you need to get a new output Tensor."
        )

    return operator


for _name, _operator in OPERATORS.items():
    setattr(Tensor, _name, _operator)
    setattr(Variable, _name, _of_variable(_operator, _name.strip("_") in _UNARY))
for _name, _symbol, _advice in (
    ("iadd", "+", "`variable.assign_add(value)`"),
    ("isub", "-", "`variable.assign_sub(value)`"),
    ("imul", "*", "`variable.assign(variable * value)`"),
    ("itruediv", "/", "`variable.assign(variable / value)`"),
    ("ipow", "**", "`variable.assign(variable ** value)`"),
):
    setattr(Variable, f"__{_name}__", _refused(_symbol, _advice))
Tensor.OVERLOADABLE_OPERATORS = Variable.OVERLOADABLE_OPERATORS = frozenset({*OPERATORS, "__getitem__"})
