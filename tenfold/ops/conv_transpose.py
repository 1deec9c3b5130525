"""Transposes of convolutions: their gradients with respect to the input, as layers of their own."""

from __future__ import annotations

from typing import Any

from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import join, static
from tenfold.ops.conv import (
    CONV2D_BACKPROP_INPUT,
    CONV3D_BACKPROP_INPUT,
    height_axis,
    through_height,
    with_height,
    word,
)
from tenfold.ops.windows import per_axis, raw_padding


def conv1d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: str = "SAME",
    data_format: str | None = "NWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """The transpose of `conv1d`: takes what that returns to the shape of its input.

    Args:
      input: Tensor, shape `(batch, width, channels)`, or `(batch, channels, width)` for "NCW".
      filters: Tensor, shape `(filter_width, filters, channels)`.
      output_shape: of the result; three ints.
      strides: int.
      padding: "VALID" or "SAME".
      data_format: "NWC" or "NCW".
      dilations: int.
    Raises:
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit.
    Example:
      >>> tf.nn.conv1d_transpose(tf.ones((1, 4, 2)), tf.ones((3, 5, 2)), (1, 8, 5), 2).shape
      TensorShape([1, 8, 5])
    """
    x, f = join.matched((input, filters))
    data_format = with_height(data_format, "tf.nn.conv1d_transpose")
    axis = height_axis(data_format)
    sizes = static.ints(output_shape, "tf.nn.conv1d_transpose")
    at = len(sizes) + 1 + axis
    CONV2D_BACKPROP_INPUT.require(f._array, x._array)
    y = CONV2D_BACKPROP_INPUT(
        array_ops.expand_dims(f, 0),
        array_ops.expand_dims(x, axis),
        input_sizes=(*sizes[:at], 1, *sizes[at:]),
        strides=through_height(strides, data_format, "strides"),
        padding=word(padding, "tf.nn.conv1d_transpose"),
        data_format=data_format,
        dilations=through_height(dilations, data_format, "dilations"),
    )
    return array_ops.squeeze(y, (axis,))


def conv2d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str | None = "NHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """The transpose of `conv2d`: takes what that returns to the shape of its input.

    Args:
      input: Tensor, shape `(batch, height, width, channels)`, or `(batch, channels, height, width)` for "NCHW".
      filters: Tensor, shape `(filter_height, filter_width, filters, channels)`.
      output_shape: of the result; four ints, or height and width.
      strides: int, or one for each spatial axis, or one for each axis.
      padding: "VALID", "SAME", or a pair `(before, after)` for each of the four axes.
      data_format: "NHWC" or "NCHW".
      dilations: the distances of the filter's taps, given like `strides`.
    Raises:
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit.
    Example:
      >>> tf.nn.conv2d_transpose(tf.ones((1, 4, 4, 2)), tf.ones((3, 3, 5, 2)), (1, 8, 8, 5), 2).shape
      TensorShape([1, 8, 8, 5])
    """
    x, f = join.matched((input, filters))
    data_format = data_format or "NHWC"
    padding, explicit = raw_padding(padding, 2, "tf.nn.conv2d_transpose")
    CONV2D_BACKPROP_INPUT.require(f._array, x._array)
    return CONV2D_BACKPROP_INPUT(
        f,
        x,
        input_sizes=static.ints(output_shape, "tf.nn.conv2d_transpose"),
        strides=per_axis(strides, 2, data_format, "strides"),
        padding=padding,
        explicit_paddings=explicit,
        data_format=data_format,
        dilations=per_axis(dilations, 2, data_format, "dilations"),
    )


def conv3d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: str = "SAME",
    data_format: str | None = "NDHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """The transpose of `conv3d`: takes what that returns to the shape of its input.

    Args:
      input: Tensor, shape `(batch, depth, height, width, channels)`, or `(batch, channels, depth, height, width)`.
      filters: Tensor, shape `(filter_depth, filter_height, filter_width, filters, channels)`.
      output_shape: of the result; five ints.
      strides: int, or one for each spatial axis, or one for each axis.
      padding: "VALID" or "SAME".
      data_format: "NDHWC" or "NCDHW".
      dilations: the distances of the filter's taps, given like `strides`.
    Raises:
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit.
    Example:
      >>> tf.nn.conv3d_transpose(tf.ones((1, 2, 2, 2, 3)), tf.ones((3, 3, 3, 5, 3)), (1, 4, 4, 4, 5), 2).shape
      TensorShape([1, 4, 4, 4, 5])
    """
    x, f = join.matched((input, filters))
    data_format = data_format or "NDHWC"
    CONV3D_BACKPROP_INPUT.require(f._array, x._array)
    return CONV3D_BACKPROP_INPUT(
        f,
        x,
        input_sizes=static.ints(output_shape, "tf.nn.conv3d_transpose"),
        strides=per_axis(strides, 3, data_format, "strides"),
        padding=word(padding, "tf.nn.conv3d_transpose"),
        data_format=data_format,
        dilations=per_axis(dilations, 3, data_format, "dilations"),
    )


_TRANSPOSES = {1: conv1d_transpose, 2: conv2d_transpose, 3: conv3d_transpose}


def conv_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """The transpose of `convolution`, along as many spatial axes as `output_shape` has besides batch and channels.

    Args:
      input: Tensor, shape `(batch, *sizes, channels)`, or `(batch, channels, *sizes)` for a format that starts with "NC".
      filters: Tensor, shape `(*filter_sizes, filters, channels)`.
      output_shape: of the result; three, four or five ints.
      strides: int, or one for each spatial axis, or one for each axis.
      padding: "VALID" or "SAME".
      data_format: such as "NHWC" or "NCHW"; None has the channels last.
      dilations: the distances of the filter's taps, given like `strides`.
    Raises:
      ValueError: `output_shape` has another length.
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit.
    Example:
      >>> tf.nn.conv_transpose(tf.ones((1, 4, 4, 2)), tf.ones((3, 3, 5, 2)), (1, 8, 8, 5), 2).shape
      TensorShape([1, 8, 8, 5])
    """
    if not hasattr(output_shape, "__len__"):
        raise ValueError(f"tf.nn.conv_transpose: output_shape is {output_shape!r}; a tensor or a sequence is expected.")
    sizes = static.ints(output_shape, "tf.nn.conv_transpose")
    rank = len(sizes) - 2
    if rank not in _TRANSPOSES:
        raise ValueError(f"tf.nn.conv_transpose: output_shape is {sizes}; it must have 3, 4 or 5 entries.")
    return _TRANSPOSES[rank](input, filters, sizes, strides, padding, data_format, dilations)


def atrous_conv2d_transpose(
    value: Any, filters: Any, output_shape: Any, rate: int, padding: Any, name: str | None = None
) -> Tensor:
    """The transpose of `atrous_conv2d`.

    Args:
      value: Tensor, shape `(batch, height, width, channels)`.
      filters: Tensor, shape `(filter_height, filter_width, filters, channels)`.
      output_shape: of the result; four ints.
      rate: the distance of the filter's taps.
      padding: "VALID" or "SAME".
    Raises:
      ValueError: `rate` is not positive, or the numbers of channels differ.
      tf.errors.InvalidArgumentError: other sizes do not fit.
    Example:
      >>> tf.nn.atrous_conv2d_transpose(tf.ones((1, 5, 5, 2)), tf.ones((3, 3, 4, 2)), (1, 9, 9, 4), 2, "VALID").shape
      TensorShape([1, 9, 9, 4])
    """
    x, f = join.matched((value, filters))
    sizes = static.ints(output_shape, "tf.nn.atrous_conv2d_transpose")
    if rate < 1:
        raise ValueError(f"tf.nn.atrous_conv2d_transpose: rate is {rate}; it must be positive.")
    if (sizes[-1], x._array.shape[-1]) != f._array.shape[-2:]:
        raise ValueError(
            f"tf.nn.atrous_conv2d_transpose: filters has channels {f._array.shape[-2:]}; output_shape and value have "
            f"{(sizes[-1], x._array.shape[-1])}."
        )
    return conv2d_transpose(x, f, sizes, 1, padding, "NHWC", rate)
