"""TensorFlow 1's choice between tensors: element by element, or row by row."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.op import Op, register, wrong_type
from tenfold.core.symbol import Spec, may_equal
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import creation
from tenfold.ops import gather as gather_ops
from tenfold.ops.choose import choose


def _kernel(condition, x, y):
    _SELECT.require(x, y)
    if condition.dtype != np.bool_:
        raise wrong_type(f"Select: the condition is {condition.dtype}; it must be bool.")
    _spec(condition, x, y)
    return choose(np.broadcast_to(_spread(condition, x.ndim), x.shape), x, y)


def _spec(condition: Any, x: Any, y: Any) -> Spec:
    shapes = (), x.shape[:1], x.shape
    if not may_equal(x.shape, y.shape) or not any(may_equal(condition.shape, s) for s in shapes):
        raise ValueError(
            f"x and y must have the same shape, and the condition that shape, its first size, or none; they are {x.shape}, "
            f"{y.shape} and {condition.shape}"
        )
    return Spec(x.dtype, x.shape)


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
        infer=_spec,
        lower=lambda b, condition, x, y: b.select(
            b.reshape(condition, (*condition.shape, *[1] * (x.ndim - 1))) if condition.ndim == 1 else condition, x, y
        ),
    )
)
