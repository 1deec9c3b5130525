"""Numbers of samples: ints where they are known, int32 tensors where only the traced function knows them when it runs."""

from __future__ import annotations

from typing import Any

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.ops import static
from tenfold.ops.cast import cast
from tenfold.ops.elementwise import maximum


def length(value: Any, what: str) -> Any:
    """A number of samples that a user gives.

    Raises:
      ValueError: it is not one integer.
    """
    if type(value) is int:
        return value
    x = convert(value)
    if len(x._array.shape):
        raise ValueError(f"{what} has shape {tuple(x.shape)}; it must be one integer.")
    if not x.dtype.is_integer:
        raise ValueError(f"{what} is {x.dtype.name}; it must be an integer.")
    return cast(x, dtypes.int32) if static.is_traced(x) else int(x.numpy())


def size_of(x: Tensor, axis: int) -> Any:
    """The size of an axis."""
    size = x._array.shape[axis]
    return convert(size, dtypes.int32) if static.is_traced(size) else size


def at_least(x: Any, least: int) -> Any:
    return maximum(x, least) if isinstance(x, Tensor) else max(x, least)


def signal_of(value: Any, axes: int, what: str) -> Tensor:
    """A signal, which has at least so many axes.

    Raises:
      ValueError: it has fewer.
    """
    x = convert(value)
    if len(x._array.shape) < axes:
        raise ValueError(f"{what} has shape {tuple(x.shape)}; it must have at least {axes} axes.")
    return x
