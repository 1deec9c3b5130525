"""TensorFlow 1's choice between tensors: element by element, or row by row."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import Op, register
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import creation
from tenfold.ops import gather as gather_ops
from tenfold.ops.choose import choose


def _kernel(condition, x, y):
    _SELECT.require(x, y)
    if condition.dtype != np.bool_:
        raise InvalidArgumentError(f"Select: the condition is {condition.dtype}; it must be bool.")
    if x.shape != y.shape or condition.shape not in ((), x.shape[:1], x.shape):
        raise ValueError(
            f"x and y must have the same shape, and the condition that shape, its first size, or none; they are {x.shape}, "
            f"{y.shape} and {condition.shape}"
        )
    return choose(np.broadcast_to(_spread(condition, x.ndim), x.shape), x, y)


def _spread(condition: Any, rank: int) -> Any:
    """The condition for rows, with an axis for each of theirs."""
    return condition.reshape(condition.shape + (1,) * (rank - condition.ndim)) if condition.ndim == 1 else condition


def _where(condition: Tensor, x: Tensor, y: Tensor) -> Tensor:
    shape, rank = condition._array.shape, len((x if x._array.ndim else y)._array.shape)
    if len(shape) == 1:
        condition = array_ops.reshape(condition, (*shape, *[1] * (rank - 1)))
    return gather_ops.where(condition, x, y)


_SELECT: Op = register(
    Op(
        "Select",
        _kernel,
        vjp=(
            None,
            lambda dy, condition: _where(condition, dy, creation.zeros((), dy.dtype)),
            lambda dy, condition: _where(condition, creation.zeros((), dy.dtype), dy),
        ),
        infer=lambda condition, x, y: Spec(x.dtype, x.shape),
        lower=lambda b, condition, x, y: b.select(
            b.reshape(condition, (*condition.shape, *[1] * (x.ndim - 1))) if condition.ndim == 1 else condition, x, y
        ),
    )
)
