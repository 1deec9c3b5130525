"""Softmax and its logarithm, along any axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.dtypes import FLOATING
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import Op, register
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import exponential, extremes, reduce, row_rules, static
from tenfold.ops.elementwise import multiply, subtract
from tenfold.ops.large import first_larger_than, when_large

# Softmax.


_sum = np.add.reduce


def _softmax_kernel(logits):
    if not logits.size:
        return logits
    y = np.subtract(logits, extremes.largest_of_rows(logits))
    np.exp(y, y)
    return np.divide(y, _sum(y, -1, y.dtype, keepdims=True), y)


def _softmax_grad_kernel(gradients, softmax):
    dx = np.multiply(gradients, softmax)
    np.subtract(gradients, reduce.sum_kernel(dx, axis=-1, keep_dims=True), dx)
    return np.multiply(dx, softmax, dx)


def _lower_softmax_grad(b, gradients, softmax):
    return (gradients - b.reduce_sum(gradients * softmax, [-1], keepdims=True)) * softmax


def _softmax_grad_expanded(gradients: Tensor, softmax: Tensor) -> Tensor:
    return multiply(subtract(gradients, reduce.reduce_sum(multiply(gradients, softmax), -1, True)), softmax)


def _softmax_grad_to_softmax(dy, gradients, softmax):
    inner, of_dy = (reduce.reduce_sum(multiply(d, softmax), -1, True) for d in (gradients, dy))
    return subtract(multiply(dy, subtract(gradients, inner)), multiply(gradients, of_dy))


def _log_softmax_kernel(logits):
    if not logits.size:
        return logits
    y = np.subtract(logits, extremes.largest_of_rows(logits))
    y -= np.log(np.add.reduce(np.exp(y), -1, keepdims=True, dtype=y.dtype))
    return y


def _log_softmax_vjp(dy, out):
    return subtract(dy, multiply(reduce.reduce_sum(dy, -1, True), exponential.exp(out)))


def _lower_log_softmax(b, logits):
    shifted = logits - b.reduce_max(logits, [-1], keepdims=True)
    return shifted - b.log(b.reduce_sum(b.exp(shifted), [-1], keepdims=True))


def _like_logits(logits):
    return Spec(logits.dtype, logits.shape) if logits.ndim else None


# elements: 10 us for NumPy, and 0.1 ms
_IS_LARGE, _SAVES_MUCH = first_larger_than(2047), first_larger_than(1 << 16)

SOFTMAX = register(
    when_large(
        Op(
            "Softmax",
            _softmax_kernel,
            types=FLOATING,
            vjp=lambda dy, out: SOFTMAX_GRAD(dy, out),
            infer=_like_logits,
            lower="softmax",
            rows=row_rules.over_last,
        ),
        _IS_LARGE,
        _SAVES_MUCH,
    )
)
SOFTMAX_GRAD: Op = when_large(  # TensorFlow has no op for it
    Op(
        "SoftmaxGrad",
        _softmax_grad_kernel,
        vjp=(lambda dy, softmax: SOFTMAX_GRAD(dy, softmax), _softmax_grad_to_softmax),
        infer=lambda gradients, softmax: Spec(softmax.dtype, softmax.shape),
        lower=_lower_softmax_grad,
        expand=_softmax_grad_expanded,
    ),
    _IS_LARGE,
    _SAVES_MUCH,
)
LOG_SOFTMAX = register(
    when_large(
        Op(
            "LogSoftmax",
            _log_softmax_kernel,
            types=FLOATING,
            vjp=_log_softmax_vjp,
            infer=_like_logits,
            lower=_lower_log_softmax,
            rows=row_rules.over_last,
        ),
        _IS_LARGE,
        _SAVES_MUCH,
    )
)


def _along(op: Op, logits: Any, axis: Any, what: str) -> Tensor:
    """Runs an op that works along the last axis along another one."""
    x = logits if type(logits) is Tensor else convert(logits)
    array = x._array
    if array.dtype not in op.accepts:
        op.require(array)
    rank = array.ndim
    if axis is None and rank:
        return op(x)
    axis = -1 if axis is None else axis if type(axis) is int else static.known_axis(axis, what)
    if not -rank <= axis < rank:
        raise InvalidArgumentError(
            f"{what}: axis is {axis}, logits is {array.shape}; axis must be in [{-rank}, {rank})."
        )
    if axis == -1 or axis == rank - 1:
        return op(x)
    perm = list(range(rank))
    perm[axis], perm[-1] = perm[-1], perm[axis]
    return array_ops.transpose(op(array_ops.transpose(x, perm)), perm)


def softmax(logits: Any, axis: Any = None, name: str | None = None) -> Tensor:
    """`exp(x) / sum(exp(x))` along an axis.

    Args:
      logits: Tensor of a floating dtype with at least one axis.
      axis: int, the last one by default.
    Raises:
      tf.errors.InvalidArgumentError: the axis is out of range, or `logits` is not floating.
    Example:
      >>> print(tf.nn.softmax([1.0, 1.0, 1000.0]).numpy())
      [0. 0. 1.]
    """
    return _along(SOFTMAX, logits, axis, "tf.nn.softmax")


def log_softmax(logits: Any, axis: Any = None, name: str | None = None) -> Tensor:
    """`x - log(sum(exp(x)))` along an axis.

    Args:
      logits: Tensor of a floating dtype with at least one axis.
      axis: int, the last one by default.
    Raises:
      tf.errors.InvalidArgumentError: the axis is out of range, or `logits` is not floating.
    Example:
      >>> print(tf.nn.log_softmax([0.0, 0.0, 1000.0]).numpy())
      [-1000. -1000.     0.]
    """
    return _along(LOG_SOFTMAX, logits, axis, "tf.nn.log_softmax")
