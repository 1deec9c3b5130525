"""Arguments that are known while a function is traced: shapes, axes and counts, given as ints, tensors or sizes of the graph."""

from __future__ import annotations

from operator import index
from typing import Any

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import wrong_type
from tenfold.core.symbol import Size, Symbol, SymbolError
from tenfold.core.tensor import Tensor


def ints(value: Any, what: str) -> tuple[int, ...]:
    """The Python ints of a shape, a permutation, a list of axes: given as ints, tensors, arrays or a mixture.

    Raises:
      tf.errors.InvalidArgumentError: something in it is not an integer, or it has more than one axis.
      ValueError: it cannot be a tensor.
    """
    if type(value) is list or type(value) is tuple:
        try:
            return tuple(map(index, value))
        except (TypeError, SymbolError):
            if any(map(is_traced, value)):
                return tuple([integer(item, what) for item in value])
    array = convert(value, None, dtypes.int32)._array
    if type(array) is Symbol:
        return tuple(array.elements(what))
    if array.dtype.kind not in "iu":
        if array.size or array.dtype.kind != "f":
            raise wrong_type(f"{what}: expected integers, got {value!r}.")
        return ()
    if array.ndim > 1:
        raise InvalidArgumentError(f"{what}: expected a vector of integers, got shape {array.shape}.")
    return tuple(array.reshape(-1).tolist())


def vector(value: Any, what: str) -> tuple[int, ...]:
    """Like `ints`, of a value that must not be a scalar.

    Raises:
      tf.errors.InvalidArgumentError: it is one.
    """
    if type(value) is not list and type(value) is not tuple and not convert(value)._array.ndim:
        raise InvalidArgumentError(f"{what}: expected a vector of integers, got a scalar. Put it in a list.")
    return ints(value, what)


def is_traced(value: Any) -> bool:
    """Whether a value is known only when the function that is traced runs: a tensor or a size of its graph."""
    return type(value) is Size or (isinstance(value, Tensor) and type(value._array) is Symbol)


def integer(value: Any, what: str) -> int:
    """The Python int of an axis or a count, given as int, tensor or array of one element.

    Raises:
      TypeError: it is not an integer.
      tf.errors.InvalidArgumentError: it has several elements.
      ValueError: it cannot be a tensor.
    """
    if type(value) is int or type(value) is Size:
        return value  # type: ignore[return-value]
    array = convert(value, None, dtypes.int32)._array
    if type(array) is Symbol:
        (element,) = array.elements(what)
        return element  # type: ignore[return-value]
    if array.dtype.kind not in "iu":
        raise TypeError(f"{what}: expected an integer, got {value!r}.")
    if array.size != 1:
        raise InvalidArgumentError(f"{what}: expected one integer, got shape {array.shape}.")
    return int(array.reshape(())[()])


def scalar(value: Any, what: str) -> int:
    """Like `integer`, of a value that must be a scalar.

    Raises:
      tf.errors.InvalidArgumentError: it is not.
    """
    if type(value) is not int and type(value) is not Size and convert(value)._array.ndim:
        raise InvalidArgumentError(f"{what}: expected an integer, got {value!r}, which is not a scalar.")
    return integer(value, what)


def known_axis(axis: Any, what: str) -> int:
    """Like `integer`, of a value on which it depends what is traced, so that it must be known by then.

    Raises:
      TypeError: it is known only when the traced function runs.
    """
    axis = integer(axis, what)
    if type(axis) is Size:
        raise SymbolError(
            f"{what} needs to know an axis that is computed only when the function that is being traced runs. Pass a Python "
            "int, or a tensor whose value does not depend on the function's arguments or on variables."
        )
    return axis


def positive_axis(axis: int, rank: int, what: str) -> int:
    """An axis counted from the front.

    Raises:
      tf.errors.InvalidArgumentError: there is no such axis.
    """
    if type(axis) is Size:  # it compares with numbers, but nothing may be concluded from that
        known_axis(axis, what)
    if not -rank <= axis < rank:
        raise InvalidArgumentError(f"{what}: there is no axis {axis} in a tensor with {rank} axes.")
    return axis + rank if axis < 0 else axis
