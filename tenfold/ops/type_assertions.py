"""Assertions on dtypes, which raise TypeError, and on shapes, which raise ValueError."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.tensor import Tensor
from tenfold.ops.assertions import described, prefix


def assert_type(tensor: Any, tf_type: Any, message: str | None = None, name: str | None = None) -> None:
    """Raises an error unless a tensor has a dtype.

    Raises:
      TypeError: it has another one.
    Example:
      >>> tf.debugging.assert_type([1.0], tf.float32)
    """
    dtype = getattr(tensor, "dtype", None)  # sparse and ragged tensors have one, too
    found, wanted = dtype if isinstance(dtype, DType) else convert(tensor).dtype, as_dtype(tf_type)
    if found is not wanted:
        raise TypeError(f"{prefix(message)}tensor must be of type {wanted!r}; got {found!r}")


def assert_integer(x: Any, message: str | None = None, name: str | None = None) -> None:
    """Raises an error unless a tensor's dtype is an integer one.

    Raises:
      TypeError: it is not.
    Example:
      >>> tf.debugging.assert_integer([1, 2])
    """
    found = convert(x).dtype
    if not found.is_integer:
        raise TypeError(f'{prefix(message)}Expected "x" to be integer type.  Found: tensor of dtype {found}')


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
            f"{prefix(message)}Tensor  must have rank {wanted}.  Received rank {found.rank}, shape {found}"
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
        raise ValueError(f"{prefix(message)}Expected scalar shape, saw shape: {shape}.")


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
    pairs = shapes.items() if isinstance(shapes, dict) else shapes
    constraints = [_constraint(convert(x), symbols, message) for x, symbols in pairs if symbols is not None]
    known: dict[Any, tuple[int, str]] = {}  # the size of each name, and where it was found
    for x, symbols, first in constraints:
        sizes = x._array.shape or (1,)
        for i, symbol in enumerate(symbols, first):
            if symbol in (None, "."):
                continue
            explicit = _explicit_size(symbol)
            if explicit is None and symbol not in known:
                known[symbol] = sizes[i], f"Specified by tensor {described(x)} dimension {i}"
                continue
            wanted, source = known[symbol] if explicit is None else (explicit, "Specified explicitly")
            if wanted != sizes[i]:
                raise ValueError(
                    f"{prefix(message)}{source}.  Tensor {described(x)} dimension {i} must have size {wanted}.  Received "
                    f"size {sizes[i]}, shape {x.shape}"
                )


def _constraint(x: Tensor, shape: Any, message: str | None) -> tuple[Tensor, tuple[Any, ...], int]:
    """A tensor whose rank fits, the symbols of its sizes, and the axis of the first, negative if it counts from the end."""
    if not hasattr(shape, "__iter__"):
        raise ValueError(
            f"{prefix(message)}Tensor {described(x)}.  Specified shape must be an iterable.  An iterable has the attribute "
            f"`__iter__` or `__getitem__`.  Received specified shape: {shape}"
        )
    symbols = tuple(shape)
    is_open = symbols[:1] in ((...,), ("*",))
    symbols = symbols[is_open:]
    for i, symbol in enumerate(symbols, int(is_open)):
        if symbol in (..., "*"):
            raise ValueError(
                f"{prefix(message)}Tensor {described(x)} specified shape index {i}.  Symbol `...` or `*` for a variable "
                "number of unspecified dimensions is only allowed as the first entry"
            )
    if len(symbols) > 1:
        (assert_rank_at_least if is_open else assert_rank)(x, len(symbols), message)
    elif not is_open:
        assert_rank_in(x, (0, 1), message)
    symbols = symbols or (1,)
    return x, symbols, -len(symbols) if is_open else 0


def _explicit_size(symbol: Any) -> int | None:
    try:
        return int(symbol)
    except (TypeError, ValueError):
        return None
