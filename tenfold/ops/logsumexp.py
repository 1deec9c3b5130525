"""log(sum(exp(x))), without overflow: over axes, and up to each element of an axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.compiler import scan as loops
from tenfold.core.convert import convert
from tenfold.core.dtypes import FLOATING
from tenfold.core.op import Op, register
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import creation, exponential, identity, logic
from tenfold.ops import gather as gather_ops
from tenfold.ops.extremes import reduce_max
from tenfold.ops.reduce import reduce_sum
from tenfold.ops.scan import run_scan, scan


def reduce_logsumexp(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """log(sum(exp(x))) over axes, without overflow; arguments as in `tf.reduce_sum`, for floating dtypes.

    No elements, or minus infinity alone, give minus infinity.

    Example:
      >>> print(tf.reduce_logsumexp([1000.0, 1000.0]).numpy())
      1000.69
    """
    x = convert(input_tensor)
    peak = identity.stop_gradient(reduce_max(x, axis, True))
    peak = gather_ops.where(logic.is_finite(peak), peak, creation.zeros_like(peak))
    total = exponential.log(reduce_sum(exponential.exp(x - peak), axis, keepdims))
    return total + (peak if keepdims else array_ops.reshape(peak, total._array.shape))


def _logaddexp(x: np.ndarray, axis: int) -> np.ndarray:
    return np.logaddexp.accumulate(x, axis)


def _cumulative_logsumexp_kernel(x, *, axis, exclusive=False, reverse=False):
    return scan(_logaddexp, x, axis, exclusive, reverse, -np.inf)


def _lower_logaddexp(b, x, y):
    apart = b.maximum(x, y) + b.log1p(b.exp(-b.abs(x - y)))
    return b.select(b.eq(x, y), x + float(np.log(2)), apart)  # also of infinities


def _lower_cumulative_logsumexp(b, x, *, axis, exclusive=False, reverse=False):
    """A loop along the axis."""
    axis %= x.ndim
    order = [axis, *[i for i in range(x.ndim) if i != axis]]
    rows = b.transpose(x, order)
    length, *shape = rows.shape
    if not rows.spec.size:
        return x

    def step(b, xs, states, constants):
        after = _lower_logaddexp(b, states[0], xs[0])
        return [after], [states[0] if exclusive else after]

    begin = b.full(shape, -np.inf, x.dtype)
    _, (out,) = loops.scan(b, step, length, [rows], [begin], [], [(tuple(shape), x.dtype)], reverse)
    return b.transpose(out, np.argsort(order).tolist())


def _cumulative_logsumexp_vjp(dy, x, out, axis, exclusive, reverse):
    """dx_i = sum over j of dy_j * exp(x_i - y_j), in logarithms: the positive dy and the negative ones apart."""
    least = creation.fill(dy._array.shape, dy.dtype.min)

    def part(dy: Tensor) -> Tensor:
        log_dy = gather_ops.where(dy > 0, exponential.log(dy), least)
        return exponential.exp(cumulative_logsumexp(log_dy - out, axis, exclusive, not reverse) + x)

    return part(dy) - part(-dy)


CUMULATIVE_LOGSUMEXP = register(
    Op(
        "CumulativeLogsumexp",
        _cumulative_logsumexp_kernel,
        host=("axis",),
        types=FLOATING,
        vjp=_cumulative_logsumexp_vjp,
        lower=_lower_cumulative_logsumexp,
    )
)


def cumulative_logsumexp(
    x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """log(sum(exp(x))) of the elements up to each one, along an axis; arguments as in `tf.cumsum`, floating dtypes only.

    An exclusive one begins with minus infinity, the logarithm of no summands.

    Example:
      >>> print(tf.math.cumulative_logsumexp([0.0, 0.0]).numpy())
      [0.        0.6931472]
    """
    return run_scan(CUMULATIVE_LOGSUMEXP, "tf.math.cumulative_logsumexp", x, axis, exclusive, reverse)
