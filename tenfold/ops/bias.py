"""Adding a bias to each channel."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.dtypes import NUMERIC
from tenfold.core.op import Op, register
from tenfold.core.symbol import Size, Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import join, row_rules
from tenfold.ops.large import first_larger_than, when_large
from tenfold.ops.windows import is_channels_first, to_channels_last


def _as_operand(bias: np.ndarray, rank: int, data_format: str) -> np.ndarray:
    """The bias in a shape that broadcasts against values of this rank."""
    return bias.reshape(-1, *(1,) * (rank - 2)) if is_channels_first(data_format) else bias


def _bias_add_kernel(value, bias, *, data_format="NHWC"):
    if value.ndim < 2 or bias.ndim != 1:
        raise ValueError(f"value must have at least 2 axes and bias 1, they have {value.ndim} and {bias.ndim}")
    channels = value.shape[1 if is_channels_first(data_format) else -1]
    if channels != bias.shape[0]:
        raise ValueError(f"there must be as many biases as channels: {bias.shape[0]} vs {channels}")
    return np.add(value, _as_operand(bias, value.ndim, data_format))


def _bias_add_grad_kernel(out_backprop, *, data_format="NHWC"):
    if out_backprop.ndim < 2:
        raise ValueError(f"out_backprop must have at least 2 axes, it has {out_backprop.ndim}")
    dy = to_channels_last(out_backprop, data_format)
    rows = dy.reshape(-1, dy.shape[-1]) if dy.size else dy.reshape(0, dy.shape[-1])
    if dy.dtype == np.float32 or dy.dtype == np.float64:  # a product is many times faster than NumPy's sum
        return np.matmul(np.ones(rows.shape[0], dy.dtype), rows)
    return np.add.reduce(rows, 0, dtype=dy.dtype)


def _bias_add_spec(value, bias, *, data_format="NHWC"):
    if value.ndim < 2 or bias.ndim != 1:
        return None
    channel = 1 if is_channels_first(data_format) else value.ndim - 1
    channels, biases = value.shape[channel], bias.shape[0]
    if channels != biases and type(channels) is type(biases) is int:
        return None
    known = biases if type(channels) is Size else channels
    return Spec(value.dtype, (*value.shape[:channel], known, *value.shape[channel + 1 :]))


def _lower_bias_add(b, value, bias, *, data_format="NHWC"):
    if is_channels_first(data_format):
        bias = b.reshape(bias, (*bias.shape, *(1,) * (value.ndim - 2)))
    return value + bias


def _lower_bias_add_grad(b, dy, *, data_format="NHWC"):
    channel = 1 if is_channels_first(data_format) else dy.ndim - 1
    return b.reduce_sum(dy, [axis for axis in range(dy.ndim) if axis != channel])


def _bias_add_grad_vjp(dy, out_backprop_shape, data_format):
    shape = [-1, *(1,) * (len(out_backprop_shape) - 2)] if is_channels_first(data_format) else [-1]
    return array_ops.broadcast_to(array_ops.reshape(dy, shape), out_backprop_shape)


_IS_LARGE = first_larger_than(1 << 17)  # elements: 50 us for NumPy

BIAS_ADD = register(
    when_large(
        Op(
            "BiasAdd",
            _bias_add_kernel,
            types=NUMERIC,
            vjp=(lambda dy: dy, lambda dy, attrs: BIAS_ADD_GRAD(dy, **attrs)),
            infer=_bias_add_spec,
            lower=_lower_bias_add,
            rows=row_rules.leading,
        ),
        _IS_LARGE,
    )
)
BIAS_ADD_GRAD: Op = register(
    when_large(
        Op("BiasAddGrad", _bias_add_grad_kernel, types=NUMERIC, vjp=_bias_add_grad_vjp, lower=_lower_bias_add_grad),
        _IS_LARGE,
    )
)


def bias_add(value: Any, bias: Any, data_format: str | None = None, name: str | None = None) -> Tensor:
    """Adds a number of its own to each channel.

    Args:
      value: Tensor, shape `(batch, ..., channels)`, or `(batch, channels, ...)` for a format that starts with "NC".
      bias: Tensor, shape `(channels,)`.
      data_format: such as "NHWC" or "NCHW"; None has the channels last.
    Raises:
      ValueError: `data_format` is neither "N...C" nor "NC...".
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit.
    Example:
      >>> print(tf.nn.bias_add([[1.0, 2.0]], [10.0, 20.0]).numpy())
      [[11. 22.]]
    """
    if data_format is None:
        data_format = "NHWC"
    elif data_format.startswith("NC"):
        data_format = "NCHW"
    elif data_format.startswith("N") and data_format.endswith("C"):
        data_format = "NHWC"
    else:
        raise ValueError(f"tf.nn.bias_add: data_format is {data_format!r}; it must be of the form 'N...C' or 'NC...'.")
    x, b = join.matched((value, bias))
    BIAS_ADD.require(x._array, b._array)
    return BIAS_ADD(x, b, data_format=data_format)
