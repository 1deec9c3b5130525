"""Depthwise convolutions: every channel has filters of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenfold.core.convert import convert
from tenfold.core.dtypes import FLOATING
from tenfold.core.symbol import may_equal
from tenfold.core.tensor import Tensor
from tenfold.ops import conv, join, static
from tenfold.ops.conv_kernels import Geometry, backprop_filter, backprop_input, convolve
from tenfold.ops.windows import is_channels_first, per_axis, raw_padding

# The kernels are those of a convolution with as many groups as channels.


def _as_grouped(shape: Sequence[int], input_shape: Sequence[int], data_format: str) -> tuple[int, ...]:
    """The shape of the grouped filter that equals a depthwise one of `shape`."""
    if len(input_shape) != 4:
        raise ValueError(f"input must have 4 axes, it has {len(input_shape)}")
    if len(shape) != 4:
        raise ValueError(f"filter must have 4 axes, it has {len(shape)}")
    channels = input_shape[1 if is_channels_first(data_format) else 3]
    if not may_equal((shape[2],), (channels,)):
        raise ValueError(f"input and filter must have the same depth: {channels} vs {shape[2]}")
    return (*shape[:2], 1, shape[2] * shape[3])


# fmt: off
def _depthwise(input, filter, *, strides, padding, explicit_paddings=(), data_format="NHWC", dilations=(1, 1, 1, 1)):
    grouped = filter.reshape(_as_grouped(filter.shape, input.shape, data_format))
    return convolve(input, grouped, Geometry(strides, padding, explicit_paddings, data_format, dilations, 2))


def _depthwise_backprop_input(filter, out_backprop, *, input_sizes, strides, padding, explicit_paddings=(),
                              data_format="NHWC", dilations=(1, 1, 1, 1)):
    grouped = filter.reshape(_as_grouped(filter.shape, input_sizes, data_format))
    geometry = Geometry(strides, padding, explicit_paddings, data_format, dilations, 2)
    return backprop_input(grouped, out_backprop, input_sizes, geometry)


def _depthwise_backprop_filter(input, out_backprop, *, filter_sizes, strides, padding, explicit_paddings=(),
                               data_format="NHWC", dilations=(1, 1, 1, 1)):
    sizes = _as_grouped(filter_sizes, input.shape, data_format)
    geometry = Geometry(strides, padding, explicit_paddings, data_format, dilations, 2)
    return backprop_filter(input, out_backprop, sizes, geometry).reshape(filter_sizes)


# fmt: on
DEPTHWISE, DEPTHWISE_BACKPROP_INPUT, DEPTHWISE_BACKPROP_FILTER = conv.bilinear_family(
    (
        "DepthwiseConv2dNative",
        "DepthwiseConv2dNativeBackpropInput",
        "DepthwiseConv2dNativeBackpropFilter",
    ),
    (_depthwise, _depthwise_backprop_input, _depthwise_backprop_filter),
    (FLOATING, FLOATING, FLOATING),
    2,
    _as_grouped,
)


def _attributes(strides: Any, padding: Any, data_format: str | None, dilations: Any, what: str) -> dict[str, Any]:
    data_format = data_format or "NHWC"
    padding, explicit = raw_padding(padding, 2, what)
    return {
        "strides": per_axis(strides, 2, data_format, "strides"),
        "padding": padding,
        "explicit_paddings": explicit,
        "data_format": data_format,
        "dilations": per_axis(dilations, 2, data_format, "dilations"),
    }


def depthwise_conv2d(
    input: Any,
    filter: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Convolves every channel with filters of its own.

    Args:
      input: Tensor, shape `(batch, height, width, channels)`, or `(batch, channels, height, width)` for "NCHW".
      filter: Tensor, shape `(filter_height, filter_width, channels, multiplier)`.
      strides: int, or one for each spatial axis, or one for each axis.
      padding: "VALID", "SAME", or a pair `(before, after)` for each of the four axes.
      data_format: "NHWC", the default, or "NCHW".
      dilations: the distances of the filter's taps, given like `strides`.
    Returns:
      Tensor with `channels * multiplier` channels, those of the first input channel first.
    Raises:
      ValueError: strides, dilations or padding have another number of entries.
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit.
    Example:
      >>> tf.nn.depthwise_conv2d(tf.ones((1, 5, 5, 3)), tf.ones((3, 3, 3, 2)), [1, 1, 1, 1], "VALID").shape
      TensorShape([1, 3, 3, 6])
    """
    x, f = join.matched((input, filter))
    attrs = _attributes(strides, padding, data_format, dilations, "tf.nn.depthwise_conv2d")
    DEPTHWISE.require(x._array, f._array)
    return DEPTHWISE(x, f, **attrs)


def depthwise_conv2d_backprop_input(
    input_sizes: Any,
    filter: Any,
    out_backprop: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1),
    name: str | None = None,
) -> Tensor:
    """The gradient of `depthwise_conv2d` with respect to its input, whose shape is `input_sizes`.

    Args:
      out_backprop: the gradient with respect to the result.
    Raises:
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit.
    Example:
      >>> dy = tf.ones((1, 5, 5, 3))
      >>> dx = tf.nn.depthwise_conv2d_backprop_input((1, 5, 5, 3), tf.ones((1, 1, 3, 1)), dy, [1, 1, 1, 1], "SAME")
      >>> dx.shape
      TensorShape([1, 5, 5, 3])
    """
    f, dy = join.matched((filter, out_backprop))
    what = "tf.nn.depthwise_conv2d_backprop_input"
    attrs = _attributes(strides, padding, data_format, dilations, what)
    DEPTHWISE_BACKPROP_INPUT.require(f._array, dy._array)
    return DEPTHWISE_BACKPROP_INPUT(f, dy, input_sizes=static.ints(input_sizes, what), **attrs)


def depthwise_conv2d_backprop_filter(
    input: Any,
    filter_sizes: Any,
    out_backprop: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1),
    name: str | None = None,
) -> Tensor:
    """The gradient of `depthwise_conv2d` with respect to its filter, whose shape is `filter_sizes`.

    Args:
      out_backprop: the gradient with respect to the result.
    Raises:
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit.
    Example:
      >>> x = tf.ones((1, 5, 5, 3))
      >>> tf.nn.depthwise_conv2d_backprop_filter(x, (1, 1, 3, 1), x, [1, 1, 1, 1], "SAME").numpy()[0, 0, 0]
      array([25.], dtype=float32)
    """
    x, dy = join.matched((input, out_backprop))
    what = "tf.nn.depthwise_conv2d_backprop_filter"
    attrs = _attributes(strides, padding, data_format, dilations, what)
    DEPTHWISE_BACKPROP_FILTER.require(x._array, dy._array)
    return DEPTHWISE_BACKPROP_FILTER(x, dy, filter_sizes=static.ints(filter_sizes, what), **attrs)


def separable_conv2d(
    input: Any,
    depthwise_filter: Any,
    pointwise_filter: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """`depthwise_conv2d`, then a convolution that mixes the channels at each position.

    Args:
      input: Tensor, shape `(batch, height, width, channels)`, or `(batch, channels, height, width)` for "NCHW".
      depthwise_filter: Tensor, shape `(filter_height, filter_width, channels, multiplier)`.
      pointwise_filter: Tensor, shape `(1, 1, channels * multiplier, filters)`.
      strides: of the depthwise part: int, or one for each spatial axis, or one for each axis.
      padding: of the depthwise part: "VALID", "SAME", or a pair `(before, after)` for each of the four axes.
      data_format: "NHWC", the default, or "NCHW".
      dilations: the distances of the depthwise filter's taps, given like `strides`.
    Raises:
      ValueError: `pointwise_filter` is larger than one position.
      tf.errors.InvalidArgumentError: other shapes or dtypes do not fit.
    Example:
      >>> x, depthwise, pointwise = tf.ones((1, 5, 5, 3)), tf.ones((3, 3, 3, 2)), tf.ones((1, 1, 6, 4))
      >>> tf.nn.separable_conv2d(x, depthwise, pointwise, [1, 1, 1, 1], "SAME").shape
      TensorShape([1, 5, 5, 4])
    """
    pointwise = convert(pointwise_filter)
    if pointwise._array.ndim != 4 or pointwise._array.shape[:2] != (1, 1):
        raise ValueError(
            f"tf.nn.separable_conv2d: pointwise_filter is {pointwise._array.shape}; it must be (1, 1, inputs, filters)."
        )
    y = depthwise_conv2d(input, depthwise_filter, strides, padding, data_format, dilations)
    return conv.conv2d(y, pointwise, 1, "VALID", data_format)
