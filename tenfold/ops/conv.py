"""Convolutions over one, two and three spatial axes, and their transposes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import prod
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.dtypes import FLOATING, DType
from tenfold.core.op import Op, register
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops.correlate import correlate, filter_gradient, input_gradient
from tenfold.ops.windows import (
    Window,
    from_channels_last,
    is_channels_first,
    per_axis,
    raw_padding,
    spatial_window,
    to_channels_last,
)

_WITH_INT32 = FLOATING | {dtypes.int32}


# The kernels, for any number of spatial axes.


def _plan(
    shape: Sequence[int], filter: Sequence[int], strides, padding, explicit, data_format, dilations, rank: int
) -> Window:
    """The window of a filter over an input of this shape, once it is known that the two fit together."""
    if len(shape) != rank + 2 or len(filter) != rank + 2:
        raise ValueError(f"input and filter must have {rank + 2} axes, they have {len(shape)} and {len(filter)}")
    channels, (depth, filters) = shape[1 if is_channels_first(data_format) else -1], filter[-2:]
    if prod(filter[:-1]) == 0:
        raise ValueError(f"a filter of shape {tuple(filter)} has no elements")
    if channels % depth:
        raise ValueError(f"input depth must be evenly divisible by filter depth: {channels} vs {depth}")
    if channels and filters % (channels // depth):
        raise ValueError(f"output depth must be evenly divisible by number of groups: {filters} vs {channels // depth}")
    return spatial_window(
        tuple(shape), tuple(filter[:rank]), tuple(strides), padding, tuple(explicit), data_format, tuple(dilations)
    )


def _wide(x: np.ndarray) -> np.ndarray:
    """BLAS knows no floats of 16 bits."""
    return x.astype(np.float32) if x.dtype.itemsize == 2 else x


def _check_gradient(dy: np.ndarray, batch: int, w: Window, filters: int) -> None:
    if dy.shape != (batch, *w.out, filters):
        raise ValueError(
            f"out_backprop, channels last, is {dy.shape}; for these sizes, strides and padding it must be "
            f"{(batch, *w.out, filters)}"
        )


def convolve(input, filter, strides, padding, explicit, data_format, dilations, rank):
    w = _plan(input.shape, filter.shape, strides, padding, explicit, data_format, dilations, rank)
    y = correlate(to_channels_last(_wide(input), data_format), _wide(filter), w)
    return from_channels_last(y.astype(input.dtype, copy=False), data_format)


def backprop_input(filter, out_backprop, input_sizes, strides, padding, explicit, data_format, dilations, rank):
    dy = to_channels_last(_wide(out_backprop), data_format)
    if len(input_sizes) == rank:
        channels = filter.shape[-2]
        first = is_channels_first(data_format)
        input_sizes = (dy.shape[0], channels, *input_sizes) if first else (dy.shape[0], *input_sizes, channels)
    w = _plan(input_sizes, filter.shape, strides, padding, explicit, data_format, dilations, rank)
    _check_gradient(dy, input_sizes[0], w, filter.shape[-1])
    first = is_channels_first(data_format)
    sizes, channels = (input_sizes[2:], input_sizes[1]) if first else (input_sizes[1:-1], input_sizes[-1])
    dx = input_gradient(_wide(filter), dy, w, tuple(sizes), channels)
    return from_channels_last(dx.astype(filter.dtype, copy=False), data_format)


def backprop_filter(input, out_backprop, filter_sizes, strides, padding, explicit, data_format, dilations, rank):
    w = _plan(input.shape, filter_sizes, strides, padding, explicit, data_format, dilations, rank)
    dy = to_channels_last(_wide(out_backprop), data_format)
    _check_gradient(dy, input.shape[0], w, filter_sizes[-1])
    df = filter_gradient(to_channels_last(_wide(input), data_format), dy, w, tuple(filter_sizes))
    return df.astype(input.dtype, copy=False)


# The ops: all three are linear in both inputs, so that the gradients of each are the other two.


def bilinear_family(
    names: tuple[str, str, str], kernels: tuple[Callable, Callable, Callable], types: tuple[Iterable[DType], ...]
) -> tuple[Op, Op, Op]:
    """Registers a convolution and the two ops that are its gradients."""

    def without_sizes(attrs: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in attrs.items() if name not in ("input_sizes", "filter_sizes")}

    conv = Op(
        names[0],
        kernels[0],
        types=types[0],
        vjp=(
            lambda dy, input_shape, filter, attrs: to_input(filter, dy, input_sizes=input_shape, **attrs),
            lambda dy, input, filter_shape, attrs: to_filter(input, dy, filter_sizes=filter_shape, **attrs),
        ),
    )
    to_input = Op(
        names[1],
        kernels[1],
        types=types[1],
        host=("input_sizes",),
        vjp=(
            lambda dy, filter_shape, out_backprop, attrs: to_filter(
                dy, out_backprop, filter_sizes=filter_shape, **without_sizes(attrs)
            ),
            lambda dy, filter, attrs: conv(dy, filter, **without_sizes(attrs)),
        ),
    )
    to_filter = Op(
        names[2],
        kernels[2],
        types=types[2],
        host=("filter_sizes",),
        vjp=(
            lambda dy, input_shape, out_backprop, attrs: to_input(
                dy, out_backprop, input_sizes=input_shape, **without_sizes(attrs)
            ),
            lambda dy, input, attrs: conv(input, dy, **without_sizes(attrs)),
        ),
    )
    return register(conv), register(to_input), register(to_filter)


_UNIT = (1, 1, 1, 1, 1)


# fmt: off
def _conv2d(input, filter, *, strides, padding, use_cudnn_on_gpu=True, explicit_paddings=(), data_format="NHWC",
            dilations=_UNIT[:4]):
    return convolve(input, filter, strides, padding, explicit_paddings, data_format, dilations, 2)


def _conv2d_backprop_input(filter, out_backprop, *, input_sizes, strides, padding, use_cudnn_on_gpu=True,
                           explicit_paddings=(), data_format="NHWC", dilations=_UNIT[:4]):
    return backprop_input(
        filter, out_backprop, input_sizes, strides, padding, explicit_paddings, data_format, dilations, 2
    )


def _conv2d_backprop_filter(input, out_backprop, *, filter_sizes, strides, padding, use_cudnn_on_gpu=True,
                            explicit_paddings=(), data_format="NHWC", dilations=_UNIT[:4]):
    return backprop_filter(
        input, out_backprop, filter_sizes, strides, padding, explicit_paddings, data_format, dilations, 2
    )


def _conv3d(input, filter, *, strides, padding, data_format="NDHWC", dilations=_UNIT):
    return convolve(input, filter, strides, padding, (), data_format, dilations, 3)


def _conv3d_backprop_input(filter, out_backprop, *, input_sizes, strides, padding, data_format="NDHWC",
                           dilations=_UNIT):
    return backprop_input(filter, out_backprop, input_sizes, strides, padding, (), data_format, dilations, 3)


def _conv3d_backprop_filter(input, out_backprop, *, filter_sizes, strides, padding, data_format="NDHWC",
                            dilations=_UNIT):
    return backprop_filter(input, out_backprop, filter_sizes, strides, padding, (), data_format, dilations, 3)
# fmt: on


CONV2D, CONV2D_BACKPROP_INPUT, CONV2D_BACKPROP_FILTER = bilinear_family(
    ("Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter"),
    (_conv2d, _conv2d_backprop_input, _conv2d_backprop_filter),
    (_WITH_INT32, _WITH_INT32, FLOATING),
)
CONV3D, CONV3D_BACKPROP_INPUT, CONV3D_BACKPROP_FILTER = bilinear_family(
    ("Conv3D", "Conv3DBackpropInputV2", "Conv3DBackpropFilterV2"),
    (_conv3d, _conv3d_backprop_input, _conv3d_backprop_filter),
    (FLOATING, FLOATING, FLOATING),
)


# What users call.


def over_batches(run: Callable[[Tensor], Tensor], x: Tensor, inner_rank: int) -> Tensor:
    """Runs a function of one batch axis and `inner_rank` others on a tensor with several batch axes."""
    shape = x._array.shape
    if len(shape) <= inner_rank + 1:
        return run(x)
    outer = shape[: len(shape) - inner_rank]
    y = run(array_ops.reshape(x, (prod(outer), *shape[len(outer) :])))
    return array_ops.reshape(y, outer + y._array.shape[1:])


def conv1d(
    input: Any,
    filters: Any,
    stride: Any,
    padding: str,
    data_format: str | None = "NWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Convolves along one spatial axis.

    Args:
      input: Tensor, shape `(..., width, channels)`, or `(..., channels, width)` for "NCW".
      filters: Tensor, shape `(filter_width, channels / groups, filters)`.
      stride: int.
      padding: "VALID" or "SAME".
      data_format: "NWC" or "NCW".
      dilations: int, the distance of the filter's taps.
    Raises:
      ValueError: `data_format` is another one.
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit.
    Example:
      >>> x, f = tf.reshape(tf.range(4.0), (1, 4, 1)), tf.ones((2, 1, 1))
      >>> print(tf.nn.conv1d(x, f, 1, "VALID").numpy()[0, :, 0])
      [1. 3. 5.]
    """
    x, f = array_ops.matched((input, filters))
    data_format = with_height(data_format, "tf.nn.conv1d")
    axis = height_axis(data_format)
    attrs = {
        "strides": through_height(stride, data_format, "stride"),
        "padding": word(padding, "tf.nn.conv1d"),
        "data_format": data_format,
        "dilations": through_height(dilations, data_format, "dilations"),
    }
    CONV2D.require(x._array, f._array)
    f = array_ops.expand_dims(f, 0)
    y = over_batches(lambda x: CONV2D(x, f, **attrs), array_ops.expand_dims(x, axis), 3)
    return array_ops.squeeze(y, (axis,))


def with_height(data_format: str | None, what: str) -> str:
    """The format of images that stands for one of sequences."""
    if data_format in (None, "NWC", "NHWC"):
        return "NHWC"
    if data_format in ("NCW", "NCHW"):
        return "NCHW"
    raise ValueError(f"{what}: data_format is {data_format!r}; it must be 'NWC' or 'NCW'.")


def height_axis(data_format: str) -> int:
    return -2 if is_channels_first(data_format) else -3


def through_height(value: Any, data_format: str, what: str) -> tuple[int, ...]:
    sizes = per_axis(value, 1, data_format, what)
    axis = 2 if is_channels_first(data_format) else 1
    return (*sizes[:axis], 1, *sizes[axis:])


def word(padding: Any, what: str) -> str:
    if type(padding) is not str:
        raise TypeError(f"{what}: padding is {padding!r}; 'VALID' or 'SAME' is expected. Pad the input with tf.pad.")
    return padding


def conv2d(
    input: Any,
    filters: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = "NHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Convolves along two spatial axes.

    Args:
      input: Tensor, shape `(..., height, width, channels)`, or `(..., channels, height, width)` for "NCHW".
      filters: Tensor, shape `(filter_height, filter_width, channels / groups, filters)`.
      strides: int, or one for each spatial axis, or one for each axis.
      padding: "VALID", "SAME", or a pair `(before, after)` for each of the four axes.
      data_format: "NHWC" or "NCHW".
      dilations: the distances of the filter's taps, given like `strides`.
    Raises:
      ValueError: strides, dilations or padding have another number of entries.
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit.
    Example:
      >>> x, f = tf.ones((1, 3, 3, 1)), tf.ones((2, 2, 1, 1))
      >>> print(tf.nn.conv2d(x, f, 1, "SAME").numpy()[0, :, :, 0])
      [[4. 4. 2.]
       [4. 4. 2.]
       [2. 2. 1.]]
    """
    x, f = array_ops.matched((input, filters))
    data_format = data_format or "NHWC"
    padding, explicit = raw_padding(padding, 2, "tf.nn.conv2d")
    attrs = {
        "strides": per_axis(strides, 2, data_format, "strides"),
        "padding": padding,
        "explicit_paddings": explicit,
        "data_format": data_format,
        "dilations": per_axis(dilations, 2, data_format, "dilations"),
    }
    CONV2D.require(x._array, f._array)
    return over_batches(lambda x: CONV2D(x, f, **attrs), x, 3)


def conv3d(
    input: Any,
    filters: Any,
    strides: Any,
    padding: str,
    data_format: str | None = "NDHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Convolves along three spatial axes.

    Args:
      input: Tensor, shape `(..., depth, height, width, channels)`, or `(..., channels, depth, height, width)` for "NCDHW".
      filters: Tensor, shape `(filter_depth, filter_height, filter_width, channels / groups, filters)`.
      strides: int, or one for each spatial axis, or one for each axis.
      padding: "VALID" or "SAME".
      data_format: "NDHWC" or "NCDHW".
      dilations: the distances of the filter's taps, given like `strides`.
    Raises:
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit.
    Example:
      >>> tf.nn.conv3d(tf.ones((1, 4, 4, 4, 2)), tf.ones((2, 2, 2, 2, 5)), [1, 2, 2, 2, 1], "SAME").shape
      TensorShape([1, 2, 2, 2, 5])
    """
    x, f = array_ops.matched((input, filters))
    data_format = data_format or "NDHWC"
    attrs = {
        "strides": per_axis(strides, 3, data_format, "strides"),
        "padding": word(padding, "tf.nn.conv3d"),
        "data_format": data_format,
        "dilations": per_axis(dilations, 3, data_format, "dilations"),
    }
    CONV3D.require(x._array, f._array)
    return over_batches(lambda x: CONV3D(x, f, **attrs), x, 4)


_CONVOLUTIONS = {1: conv1d, 2: conv2d, 3: conv3d}
_CHANNELS_FIRST = {1: "NCW", 2: "NCHW", 3: "NCDHW"}


def convolution(
    input: Any,
    filters: Any,
    strides: Any = None,
    padding: Any = "VALID",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Convolves along as many spatial axes as `filters` has, one, two or three.

    Args:
      input: Tensor, shape `(..., *sizes, channels)`, or `(..., channels, *sizes)` for a format that starts with "NC".
      filters: Tensor, shape `(*filter_sizes, channels / groups, filters)`.
      strides: int, or one for each spatial axis, or one for each axis.
      padding: "VALID" or "SAME"; with two spatial axes also pairs for all four axes.
      data_format: such as "NHWC" or "NCHW"; None has the channels last.
      dilations: the distances of the filter's taps, given like `strides`.
    Raises:
      ValueError: there are no or more than three spatial axes.
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit.
    Example:
      >>> tf.nn.convolution(tf.ones((1, 5, 5, 2)), tf.ones((3, 3, 2, 4))).shape
      TensorShape([1, 3, 3, 4])
    """
    x, f = array_ops.matched((input, filters))
    rank = f._array.ndim - 2
    if rank not in _CONVOLUTIONS:
        raise ValueError(f"tf.nn.convolution: filters has {rank} spatial axes; 1, 2 or 3 are supported.")
    return _CONVOLUTIONS[rank](x, f, strides, padding, data_format, dilations)


def atrous_conv2d(value: Any, filters: Any, rate: Any, padding: Any, name: str | None = None) -> Tensor:
    """`conv2d` with taps `rate` apart.

    Raises:
      ValueError: `rate` is not positive.
    Example:
      >>> tf.nn.atrous_conv2d(tf.ones((1, 5, 5, 2)), tf.ones((3, 3, 2, 4)), 2, "VALID").shape
      TensorShape([1, 1, 1, 4])
    """
    rates = per_axis(rate, 2, "NHWC", "rate")
    if min(rates) < 1:
        raise ValueError(f"tf.nn.atrous_conv2d: rate is {rate}; it must be positive.")
    return conv2d(value, filters, 1, padding, "NHWC", rates)
