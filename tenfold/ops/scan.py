"""Cumulative sums and products along an axis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.dtypes import NUMERIC
from tenfold.core.op import Op, register
from tenfold.core.tensor import Tensor
from tenfold.ops import cast as cast_ops
from tenfold.ops import creation, elementwise, logic, row_rules, static
from tenfold.ops import gather as gather_ops


def scan(accumulate: Callable, x: np.ndarray, axis: int, exclusive: bool, reverse: bool, identity: float) -> np.ndarray:
    """Accumulates along an axis, in the order and with the offset that the flags say."""
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"ScanOp: Expected scan axis in the range [{-x.ndim}, {x.ndim}), but got {axis}")
    if not (exclusive or reverse):
        return accumulate(x, axis)
    if reverse:
        x = np.flip(x, axis)
    if exclusive and x.size:
        out = np.empty_like(x)
        leading: tuple[Any, ...] = (slice(None),) * (axis % x.ndim)
        out[(*leading, 0)] = identity
        out[(*leading, slice(1, None))] = accumulate(x[(*leading, slice(-1))], axis)
    else:
        out = accumulate(x, axis)
    return np.flip(out, axis) if reverse else out


def _add(x: np.ndarray, axis: int) -> np.ndarray:
    return np.add.accumulate(x, axis, x.dtype)  # by itself NumPy widens small integers


def _multiply(x: np.ndarray, axis: int) -> np.ndarray:
    return np.multiply.accumulate(x, axis, x.dtype)


def _cumsum_kernel(x, *, axis, exclusive=False, reverse=False):
    return scan(_add, x, axis, exclusive, reverse, 0)


CUMSUM = register(
    Op(
        "Cumsum",
        _cumsum_kernel,
        host=("axis",),
        types=NUMERIC,
        vjp=lambda dy, axis, exclusive, reverse: cumsum(dy, axis, exclusive, not reverse),
        lower=lambda b, x, *, axis, exclusive=False, reverse=False: b.cumulate("add", x, axis, exclusive, reverse),
        rows=row_rules.along("axis"),
    )
)


def _cumprod_kernel(x, *, axis, exclusive=False, reverse=False):
    return scan(_multiply, x, axis, exclusive, reverse, 1)


def _cumprod_vjp(dy, x, axis, exclusive, reverse):
    """dx_i = sum over j of dy_j * (product up to j without x_i).

    That product is the one up to j over x_i, except where x_i is zero. There it vanishes too, unless x_i is the only
    zero up to j; so it is computed with the first zero of each line replaced by one.
    """
    x = elementwise.conj(x)
    is_zero = logic.equal(x, creation.zeros((), x.dtype))
    zeros_before = cumsum(cast_ops.cast(is_zero, "int32"), axis, exclusive=True, reverse=reverse)
    is_first_zero = logic.logical_and(is_zero, logic.equal(zeros_before, 0))
    without = gather_ops.where(is_first_zero, creation.ones_like(x), x)
    at_zeros, elsewhere = (
        cumsum(dy * cumprod(factors, axis, exclusive, reverse), axis, exclusive, not reverse)
        for factors in (without, x)
    )
    return gather_ops.where(is_first_zero, at_zeros, elementwise.divide_no_nan(elsewhere, x))


CUMPROD = register(
    Op(
        "Cumprod",
        _cumprod_kernel,
        host=("axis",),
        types=NUMERIC,
        vjp=_cumprod_vjp,
        lower=lambda b, x, *, axis, exclusive=False, reverse=False: b.cumulate("mul", x, axis, exclusive, reverse),
        rows=row_rules.along("axis"),
    )
)


def run_scan(op: Op, what: str, x: Any, axis: Any, exclusive: bool, reverse: bool) -> Tensor:
    x = convert(x)
    op.require(x._array)
    if type(exclusive) is not bool or type(reverse) is not bool:
        raise TypeError(f"{what}: exclusive is {exclusive!r}, reverse is {reverse!r}; they must be True or False.")
    return op(x, axis=static.scalar(axis, what), exclusive=exclusive, reverse=reverse)


def cumsum(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Tensor:
    """Sums of the elements up to each one, along an axis.

    Args:
      x: Tensor of a numeric dtype.
      axis: int; negative counts from the end.
      exclusive: whether each sum leaves its own element out, and so begins with 0.
      reverse: whether the sums run from the end.
    Raises:
      tf.errors.InvalidArgumentError: `axis` is out of range or no scalar, or the dtype is not numeric.
    Example:
      >>> print(tf.cumsum([1, 2, 3]).numpy(), tf.cumsum([1, 2, 3], exclusive=True, reverse=True).numpy())
      [1 3 6] [5 3 0]
    """
    return run_scan(CUMSUM, "tf.cumsum", x, axis, exclusive, reverse)


def cumprod(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Tensor:
    """Products of the elements up to each one, along an axis; arguments as in `tf.cumsum`.

    Example:
      >>> print(tf.math.cumprod([2, 3, 4]).numpy(), tf.math.cumprod([2, 3, 4], exclusive=True).numpy())
      [ 2  6 24] [1 2 6]
    """
    return run_scan(CUMPROD, "tf.math.cumprod", x, axis, exclusive, reverse)
