"""Reductions over axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.dtypes import NUMERIC
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import Op, register
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops


def reduction_axes(axis: Any, rank: int, what: str) -> tuple[int, ...]:
    """The axes a reduction takes, each in `range(rank)`; None means all of them."""
    if axis is None:
        return tuple(range(rank))
    axes = (axis,) if type(axis) is int else array_ops.static_ints(axis, what)
    for a in axes:
        if not -rank <= a < rank:
            raise InvalidArgumentError(
                f"{what}: Invalid reduction dimension ({a} for input with {rank} dimension(s)); "
                f"an axis must be in [{-rank}, {rank})."
            )
    return tuple([a % rank for a in axes])


def restore_axes(x: Tensor, shape: tuple[int, ...], axes: tuple[int, ...]) -> Tensor:
    """Puts reduced axes back with size 1, so that the result broadcasts against `shape`."""
    return array_ops.reshape(x, tuple([1 if i in axes else size for i, size in enumerate(shape)]))


def _sum_kernel(input, *, axis, keep_dims=False):
    return np.add.reduce(input, axis=axis, keepdims=keep_dims, dtype=input.dtype)


SUM = register(
    Op(
        "Sum",
        _sum_kernel,
        host=("axis",),
        types=NUMERIC,
        vjp=lambda dy, input_shape, axis: array_ops.broadcast_to(restore_axes(dy, input_shape, axis), input_shape),
    )
)


def reduce_sum(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Sums over axes.

    Args:
      input_tensor: Tensor of a numeric dtype.
      axis: int, ints or None for all axes.
      keepdims: whether reduced axes stay, with size 1.
    Raises:
      tf.errors.InvalidArgumentError: an axis is out of range.
    Example:
      >>> print(tf.reduce_sum([[1, 2], [3, 4]], axis=0).numpy())
      [4 6]
    """
    x = convert(input_tensor)
    return SUM(x, axis=reduction_axes(axis, x._array.ndim, "tf.reduce_sum"), keep_dims=keepdims)
