"""Assertions on values; they raise `tf.errors.InvalidArgumentError`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from tenfold.core.context import deferrable, traced_graph
from tenfold.core.convert import convert
from tenfold.core.dtypes import DType
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.symbol import Symbol
from tenfold.core.tensor import Tensor, wrap
from tenfold.ops import elementwise, logic, reduce

F = TypeVar("F", bound=Callable)


def prefix(message: str | None) -> str:
    return f"{message}.  " if message else ""


def described(x: Tensor) -> str:
    return f"shape={x.shape} dtype={x.dtype.name}"


def Assert(condition: Any, data: Sequence[Any], summarize: int | None = None, name: str | None = None) -> None:
    """Raises an error unless a condition is true.

    Args:
      condition: bool, or Tensor of one element.
      data: tensors and values that the error shows.
      summarize: how many elements of each; 3 by default, all if negative.
    Raises:
      tf.errors.InvalidArgumentError: the condition is false.
    Example:
      >>> tf.debugging.Assert(tf.reduce_max([1, 2]) < 3, ["x must be below 3"])
    """
    if traced_graph() is not None:  # texts too are operands of the step
        data = [convert(x) for x in ([data] if isinstance(data, str) else data)]
    _assert(condition, data, summarize)


@deferrable
def _assert(condition: Any, data: Sequence[Any], summarize: int | None) -> None:
    if condition:
        return
    limit = 3 if summarize is None else summarize
    shown = []
    for item in [data] if isinstance(data, str) else data:
        flat = convert(item)._array.reshape(-1)
        elements = [str(x) for x in (flat if limit < 0 else flat[:limit])]
        shown.append(", ".join(elements + ["..."] * (len(elements) < flat.size)))
    raise InvalidArgumentError(f"Expected '{condition!s}' to be true. Summarized data: " + "\n".join(shown))


# Pairs of tensors.


def _of_pairs(assertion: F) -> F:
    """Lets an assertion about two tensors be deferred; that their shapes do not fit is said while a function is traced."""
    run = deferrable(assertion)

    @functools.wraps(assertion)
    def check(x: Any, y: Any, *args: Any, **kwargs: Any) -> None:
        if traced_graph() is not None:
            logic.equal(x, y)
        run(x, y, *args, **kwargs)

    return check  # type: ignore[return-value]


def _compare(symbol: str, compare: Callable, x: Any, y: Any, message: str | None, summarize: int | None) -> None:
    x, y = convert(x), convert(y)
    if type(x) is not Tensor or type(y) is not Tensor:
        from tenfold.ops.ragged.broadcast import meet

        x, y = meet((x, y))[0]
    holds = compare(x, y)._array
    if type(holds) is Symbol:  # for a file of another tool
        Assert(
            reduce.reduce_all(wrap(holds)), [f"{prefix(message)}Condition x {symbol} y did not hold.", x, y], summarize
        )
        return
    if holds.all():
        return
    a, b = x._array, y._array
    limit = 3 if summarize is None else max(a.size, b.size) if summarize < 0 else summarize
    lines = [] if message is None else [message]
    lines.append(f"Condition x {symbol} y did not hold.")
    if a.shape == b.shape and a.ndim:
        where = np.argwhere(~holds)[:limit]
        at = tuple(where.T)
        lines += [f"Indices of first {len(where)} different values:", str(where)]
        lines += ["Corresponding x values:", str(a[at]), "Corresponding y values:", str(b[at])]
    for letter, array in (("x", a), ("y", b)):
        first = array.reshape(-1)[:limit]
        lines += [f"First {len(first)} elements of {letter}:", str(first)]
    raise InvalidArgumentError("\n".join(lines))


@_of_pairs
def assert_equal(
    x: Any, y: Any, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Raises an error unless all elements of two tensors are equal.

    Args:
      x, y: Tensors of one dtype that broadcast.
      message: what the error begins with.
      summarize: how many elements the error shows; 3 by default, all if negative.
    Raises:
      tf.errors.InvalidArgumentError: elements differ, or dtypes do, or the shapes do not broadcast.
    Example:
      >>> tf.debugging.assert_equal([1, 2], [1, 2])
    """
    _compare("==", logic.equal, x, y, message, summarize)


@_of_pairs
def assert_none_equal(
    x: Any, y: Any, summarize: int | None = None, message: str | None = None, name: str | None = None
) -> None:
    """Raises an error if an element of `x` equals that of `y`; arguments as in `tf.debugging.assert_equal`.

    Example:
      >>> tf.debugging.assert_none_equal([1, 2], 3)
    """
    _compare("!=", logic.not_equal, x, y, message, summarize)


@_of_pairs
def assert_less(
    x: Any, y: Any, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Raises an error unless all elements of `x` are less than those of `y`; arguments as in `tf.debugging.assert_equal`.

    Example:
      >>> tf.debugging.assert_less([1, 2], 3)
    """
    _compare("<", logic.less, x, y, message, summarize)


@_of_pairs
def assert_less_equal(
    x: Any, y: Any, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Raises an error unless all elements of `x` are at most those of `y`; arguments as in `tf.debugging.assert_equal`.

    Example:
      >>> tf.debugging.assert_less_equal([1, 2], 2)
    """
    _compare("<=", logic.less_equal, x, y, message, summarize)


@_of_pairs
def assert_greater(
    x: Any, y: Any, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Raises an error unless all elements of `x` are greater than those of `y`; arguments as in `tf.debugging.assert_equal`.

    Example:
      >>> tf.debugging.assert_greater([1, 2], 0)
    """
    _compare(">", logic.greater, x, y, message, summarize)


@_of_pairs
def assert_greater_equal(
    x: Any, y: Any, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Raises an error unless all elements of `x` are at least those of `y`; arguments as in `tf.debugging.assert_equal`.

    Example:
      >>> tf.debugging.assert_greater_equal([1, 2], 1)
    """
    _compare(">=", logic.greater_equal, x, y, message, summarize)


@deferrable
def assert_near(
    x: Any,
    y: Any,
    rtol: Any = None,
    atol: Any = None,
    message: str | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> None:
    """Raises an error unless `abs(x - y) < atol + rtol * abs(y)` for all elements.

    Args:
      x, y: Tensors of one floating or complex dtype that broadcast.
      rtol, atol: numbers or Tensors; ten times the dtype's rounding error by default.
      message, summarize: as in `tf.debugging.assert_equal`.
    Raises:
      tf.errors.InvalidArgumentError: elements are not near.
      ValueError: the dtype is not floating or complex.
    Example:
      >>> tf.debugging.assert_near([1.0, 2.0], [1.001, 2.0], atol=0.01)
    """
    x = convert(x)
    y = convert(y, x.dtype)
    real = x.dtype.real_dtype
    if not real.is_floating:
        raise ValueError(f"tf.debugging.assert_near: data type {x.dtype.name} not inexact")
    tolerance = 10 * _spacing(real)
    rtol = convert(tolerance if rtol is None else rtol, real)
    atol = convert(tolerance if atol is None else atol, real)
    distance = elementwise.abs(x - y)
    is_near = reduce.reduce_all(logic.less(distance, atol + rtol * elementwise.abs(y)))
    data = [
        prefix(message),
        f"x and y not equal to tolerance rtol = {rtol!s}, atol = {atol!s}",
        f"x ({described(x)}) = ",
        x,
        f"y ({described(y)}) = ",
        y,
    ]
    Assert(is_near, data, summarize)


def _spacing(dtype: DType) -> float:
    """The distance from 1 to the next number."""
    if dtype.as_numpy_dtype in (np.float16, np.float32, np.float64):
        return float(np.finfo(dtype.as_numpy_dtype).eps)
    import ml_dtypes

    return float(ml_dtypes.finfo(dtype.as_numpy_dtype).eps)


# Signs.


def _compare_with_zero(symbol: str, compare: Callable, x: Any, message: str | None, summarize: int | None) -> None:
    x = convert(x)
    holds = compare(x, 0)._array
    if type(holds) is Symbol:
        Assert(reduce.reduce_all(wrap(holds)), [f"{prefix(message)}Condition x {symbol} 0 did not hold.", x], summarize)
        return
    if holds.all():
        return
    array = x._array
    if array.ndim:
        flat = array.reshape(-1)
        limit = 3 if summarize is None else flat.size if summarize < 0 else summarize
        elements = [str(item) for item in flat[:limit]]
        shown = str(elements + ["..."] * (len(elements) < flat.size))
    else:
        shown = str(array[()])
    raise InvalidArgumentError(
        f"{prefix(message)}\nCondition x {symbol} 0 did not hold element-wise:\nx ({described(x)}) = \n{shown}"
    )


@deferrable
def assert_negative(x: Any, message: str | None = None, summarize: int | None = None, name: str | None = None) -> None:
    """Raises an error unless all elements are below zero; arguments as in `tf.debugging.assert_equal`.

    Example:
      >>> tf.debugging.assert_negative([-1, -2])
    """
    _compare_with_zero("<", logic.less, x, message, summarize)


@deferrable
def assert_positive(x: Any, message: str | None = None, summarize: int | None = None, name: str | None = None) -> None:
    """Raises an error unless all elements are above zero; arguments as in `tf.debugging.assert_equal`.

    Example:
      >>> tf.debugging.assert_positive([1, 2])
    """
    _compare_with_zero(">", logic.greater, x, message, summarize)


@deferrable
def assert_non_negative(
    x: Any, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Raises an error unless all elements are at least zero; arguments as in `tf.debugging.assert_equal`.

    Example:
      >>> tf.debugging.assert_non_negative([0, 2])
    """
    _compare_with_zero(">=", logic.greater_equal, x, message, summarize)


@deferrable
def assert_non_positive(
    x: Any, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Raises an error unless all elements are at most zero; arguments as in `tf.debugging.assert_equal`.

    Example:
      >>> tf.debugging.assert_non_positive([0, -2])
    """
    _compare_with_zero("<=", logic.less_equal, x, message, summarize)
