"""Assertions on values, shapes and dtypes. Values raise `tf.errors.InvalidArgumentError`; shapes ValueError; dtypes TypeError."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.tensor import Tensor
from tenfold.ops import elementwise, logic, reduce


def _prefix(message: str | None) -> str:
    return f"{message}.  " if message else ""


def _described(x: Tensor) -> str:
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


def _compare(symbol: str, compare: Callable, x: Any, y: Any, message: str | None, summarize: int | None) -> None:
    x, y = convert(x), convert(y)
    holds = compare(x, y)._array
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


def assert_none_equal(
    x: Any, y: Any, summarize: int | None = None, message: str | None = None, name: str | None = None
) -> None:
    """Raises an error if an element of `x` equals that of `y`; arguments as in `tf.debugging.assert_equal`.

    Example:
      >>> tf.debugging.assert_none_equal([1, 2], 3)
    """
    _compare("!=", logic.not_equal, x, y, message, summarize)


def assert_less(
    x: Any, y: Any, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Raises an error unless all elements of `x` are less than those of `y`; arguments as in `tf.debugging.assert_equal`.

    Example:
      >>> tf.debugging.assert_less([1, 2], 3)
    """
    _compare("<", logic.less, x, y, message, summarize)


def assert_less_equal(
    x: Any, y: Any, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Raises an error unless all elements of `x` are at most those of `y`; arguments as in `tf.debugging.assert_equal`.

    Example:
      >>> tf.debugging.assert_less_equal([1, 2], 2)
    """
    _compare("<=", logic.less_equal, x, y, message, summarize)


def assert_greater(
    x: Any, y: Any, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Raises an error unless all elements of `x` are greater than those of `y`; arguments as in `tf.debugging.assert_equal`.

    Example:
      >>> tf.debugging.assert_greater([1, 2], 0)
    """
    _compare(">", logic.greater, x, y, message, summarize)


def assert_greater_equal(
    x: Any, y: Any, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Raises an error unless all elements of `x` are at least those of `y`; arguments as in `tf.debugging.assert_equal`.

    Example:
      >>> tf.debugging.assert_greater_equal([1, 2], 1)
    """
    _compare(">=", logic.greater_equal, x, y, message, summarize)


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
        _prefix(message),
        f"x and y not equal to tolerance rtol = {rtol!s}, atol = {atol!s}",
        f"x ({_described(x)}) = ",
        x,
        f"y ({_described(y)}) = ",
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
    if compare(x, 0)._array.all():
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
        f"{_prefix(message)}\nCondition x {symbol} 0 did not hold element-wise:\nx ({_described(x)}) = \n{shown}"
    )


def assert_negative(x: Any, message: str | None = None, summarize: int | None = None, name: str | None = None) -> None:
    """Raises an error unless all elements are below zero; arguments as in `tf.debugging.assert_equal`.

    Example:
      >>> tf.debugging.assert_negative([-1, -2])
    """
    _compare_with_zero("<", logic.less, x, message, summarize)


def assert_positive(x: Any, message: str | None = None, summarize: int | None = None, name: str | None = None) -> None:
    """Raises an error unless all elements are above zero; arguments as in `tf.debugging.assert_equal`.

    Example:
      >>> tf.debugging.assert_positive([1, 2])
    """
    _compare_with_zero(">", logic.greater, x, message, summarize)


def assert_non_negative(
    x: Any, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Raises an error unless all elements are at least zero; arguments as in `tf.debugging.assert_equal`.

    Example:
      >>> tf.debugging.assert_non_negative([0, 2])
    """
    _compare_with_zero(">=", logic.greater_equal, x, message, summarize)


def assert_non_positive(
    x: Any, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Raises an error unless all elements are at most zero; arguments as in `tf.debugging.assert_equal`.

    Example:
      >>> tf.debugging.assert_non_positive([0, -2])
    """
    _compare_with_zero("<=", logic.less_equal, x, message, summarize)


# Dtypes.


def assert_type(tensor: Any, tf_type: Any, message: str | None = None, name: str | None = None) -> None:
    """Raises an error unless a tensor has a dtype.

    Raises:
      TypeError: it has another one.
    Example:
      >>> tf.debugging.assert_type([1.0], tf.float32)
    """
    found, wanted = convert(tensor).dtype, as_dtype(tf_type)
    if found is not wanted:
        raise TypeError(f"{_prefix(message)}tensor must be of type {wanted!r}; got {found!r}")


def assert_integer(x: Any, message: str | None = None, name: str | None = None) -> None:
    """Raises an error unless a tensor's dtype is an integer one.

    Raises:
      TypeError: it is not.
    Example:
      >>> tf.debugging.assert_integer([1, 2])
    """
    found = convert(x).dtype
    if not found.is_integer:
        raise TypeError(f'{_prefix(message)}Expected "x" to be integer type.  Found: tensor of dtype {found}')


def assert_same_float_dtype(tensors: Sequence[Any] | None = None, dtype: Any = None) -> DType:
    """The floating dtype that all tensors have.

    Args:
      tensors: tensors and variables; None entries are left out.
      dtype: the dtype wanted, or None for that of the first tensor; float32 if there is none.
    Raises:
      ValueError: a tensor has another dtype, or the dtype is not floating.
    Example:
      >>> tf.debugging.assert_same_float_dtype([tf.constant(1.0), tf.constant([2.0])])
      tf.float32
    """
    wanted = None if dtype is None else as_dtype(dtype)
    first = None
    for tensor in tensors or ():
        if tensor is None:
            continue
        if wanted is None:
            wanted, first = tensor.dtype, tensor
        elif tensor.dtype is not wanted:
            as_which = "" if first is None else f" as {first!s}"
            raise ValueError(f"{tensor!s}, type={tensor.dtype}, must be of the same type ({wanted}){as_which}.")
    wanted = wanted or dtypes.float32
    if not wanted.is_floating:
        raise ValueError(f"Expected floating point type, got {wanted}.")
    return wanted


def is_numeric_tensor(tensor: Any) -> bool:
    """Whether something is a tensor of numbers: not a variable, not an array, not of bool or string.

    Example:
      >>> tf.debugging.is_numeric_tensor(tf.constant(1)), tf.debugging.is_numeric_tensor(1)
      (True, False)
    """
    return isinstance(tensor, Tensor) and tensor.dtype.is_numeric


def assert_proper_iterable(values: Any) -> None:
    """Raises an error for what iterates over its parts rather than over items: tensors, arrays and strings.

    Raises:
      TypeError: `values` is one of these, or no iterable.
    Example:
      >>> tf.debugging.assert_proper_iterable([1, 2])
    """
    if isinstance(values, (Tensor, np.ndarray, str, bytes)):
        raise TypeError(f'Expected argument "values" to be a "proper" iterable.  Found: {type(values)}')
    if not hasattr(values, "__iter__"):
        raise TypeError(f'Expected argument "values" to be iterable.  Found: {type(values)}')


# Shapes.


def _rank(rank: Any) -> int:
    rank = convert(rank)
    assert_type(rank, dtypes.int32)
    if rank._array.ndim:
        raise ValueError("Rank must be a scalar.")
    return int(rank)


def _require_rank(x: Any, allows: Callable[[Any], bool], wanted: str, message: str | None) -> None:
    found = convert(x).shape
    if not allows(found.rank):
        raise ValueError(
            f"{_prefix(message)}Tensor  must have rank {wanted}.  Received rank {found.rank}, shape {found}"
        )


def assert_rank(x: Any, rank: Any, message: str | None = None, name: str | None = None) -> None:
    """Raises an error unless a tensor has a number of axes.

    Raises:
      ValueError: it has another one.
      TypeError: `rank` is not an integer.
    Example:
      >>> tf.debugging.assert_rank([[1, 2]], 2)
    """
    wanted = _rank(rank)
    _require_rank(x, lambda found: found == wanted, str(wanted), message)


def assert_rank_at_least(x: Any, rank: Any, message: str | None = None, name: str | None = None) -> None:
    """Raises an error unless a tensor has a number of axes or more; as `tf.debugging.assert_rank`.

    Example:
      >>> tf.debugging.assert_rank_at_least([[1, 2]], 1)
    """
    least = _rank(rank)
    _require_rank(x, lambda found: found >= least, f"at least {least}", message)


def assert_rank_in(x: Any, ranks: Iterable[Any], message: str | None = None, name: str | None = None) -> None:
    """Raises an error unless a tensor has one of several numbers of axes; as `tf.debugging.assert_rank`.

    Example:
      >>> tf.debugging.assert_rank_in([[1, 2]], (1, 2))
    """
    allowed = tuple([_rank(rank) for rank in ranks])
    _require_rank(x, lambda found: found in allowed, f"in {allowed}", message)


def assert_scalar(tensor: Any, message: str | None = None, name: str | None = None) -> None:
    """Raises an error unless a tensor has no axes.

    Raises:
      ValueError: it has some.
    Example:
      >>> tf.debugging.assert_scalar(1.0)
    """
    shape = convert(tensor).shape
    if shape.rank:
        raise ValueError(f"{_prefix(message)}Expected scalar shape, saw shape: {shape}.")


def assert_shapes(
    shapes: Any,
    data: Sequence[Any] | None = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Raises an error unless tensors have shapes that fit together.

    Args:
      shapes: pairs of a tensor and its shape, or a dict of them. In a shape a number stands for itself, `None` or "." for
        any size, and anything else, such as "N", for one size that is the same wherever it stands. A first entry `...` or
        "*" stands for any number of leading axes. A scalar counts as a vector of one element; None is no constraint.
      data, summarize: what to show of values; without effect, as shapes are always known here.
      message: what the error begins with.
    Raises:
      ValueError: a size or a rank differs, or a shape is not well formed.
    Example:
      >>> x, y = tf.zeros([2, 3]), tf.zeros([3])
      >>> tf.debugging.assert_shapes([(x, ("N", "D")), (y, ("D",))])
    """
    prefix = _prefix(message)
    pairs = shapes.items() if isinstance(shapes, dict) else shapes
    known: dict[Any, tuple[int, str]] = {}  # size of each name, and where it was found
    constraints = []
    for value, symbols in pairs:
        if symbols is None:
            continue
        x = convert(value)
        if not hasattr(symbols, "__iter__"):
            raise ValueError(
                f"{prefix}Tensor {_described(x)}.  Specified shape must be an iterable.  An iterable has the attribute "
                f"`__iter__` or `__getitem__`.  Received specified shape: {symbols}"
            )
        symbols = tuple(symbols)
        is_open = symbols[:1] in ((...,), ("*",))
        symbols = symbols[is_open:]
        for i, symbol in enumerate(symbols, int(is_open)):
            if symbol in (..., "*"):
                raise ValueError(
                    f"{prefix}Tensor {_described(x)} specified shape index {i}.  Symbol `...` or `*` for a variable "
                    "number of unspecified dimensions is only allowed as the first entry"
                )
        if len(symbols) > 1:
            (assert_rank_at_least if is_open else assert_rank)(x, len(symbols), message)
        elif not is_open:
            assert_rank_in(x, (0, 1), message)
        constraints.append((x, symbols or (1,), is_open))
    for x, symbols, is_open in constraints:
        sizes = x._array.shape or (1,)
        for i, symbol in enumerate(symbols, -len(symbols) if is_open else 0):
            if symbol in (None, "."):
                continue
            explicit = _explicit_size(symbol)
            wanted, source = (
                (explicit, "Specified explicitly") if explicit is not None else known.get(symbol, (None, ""))
            )
            if wanted is None:
                known[symbol] = sizes[i], f"Specified by tensor {_described(x)} dimension {i}"
            elif wanted != sizes[i]:
                raise ValueError(
                    f"{prefix}{source}.  Tensor {_described(x)} dimension {i} must have size {wanted}.  Received size "
                    f"{sizes[i]}, shape {x.shape}"
                )


def _explicit_size(symbol: Any) -> int | None:
    try:
        return int(symbol)
    except (TypeError, ValueError):
        return None
