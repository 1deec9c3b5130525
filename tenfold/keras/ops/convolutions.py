"""Convolutions and pooling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras import config
from tenfold.keras.layers import adaptive_pooling, convolution
from tenfold.keras.ops.operation import operation
from tenfold.keras.promotion import TensorLike, promoted


def _sizes(value: Any, rank: int) -> list[int]:
    return [value] * rank if isinstance(value, int) else list(value)


def _layout(x: Tensor, data_format: str | None) -> str:
    return convolution.layout(len(x.shape) - 2, config.standardize_data_format(data_format))


@operation
def conv(
    inputs: TensorLike, kernel: TensorLike, strides: Any = 1, padding: str = "valid", data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:  # fmt: skip
    """The convolution over one, two or three axes, in the operands' common dtype.

    Args:
      inputs: tensor of shape `(batch, *sizes, channels)`, or `(batch, channels, *sizes)`.
      kernel: tensor of shape `(*window, channels / groups, filters)`.
      strides, dilation_rate: int, or one per axis.
      padding: `"valid"` or `"same"`.
      data_format: `"channels_last"`, `"channels_first"`, or None for the configured one.
    Example:
      >>> tf.keras.ops.conv(tf.zeros((1, 5, 5, 3)), tf.zeros((3, 3, 3, 8))).shape
      TensorShape([1, 3, 3, 8])
    """
    x, weights = promoted(inputs, kernel)
    rank = len(x.shape) - 2
    return tf.nn.convolution(
        x, weights, _sizes(strides, rank), padding.upper(), _layout(x, data_format), _sizes(dilation_rate, rank)
    )


def _in_two_dimensions(function: Callable[..., Tensor], x: Tensor, kernels: list[Tensor], options: tuple) -> Tensor:
    """Runs a convolution that is there for images, on a series as an image of one row."""
    strides, padding, data_format, dilation_rate = options
    rank = len(x.shape) - 2
    is_first = config.standardize_data_format(data_format) == "channels_first"
    steps, rates = _sizes(strides, rank), _sizes(dilation_rate, rank)
    if rank == 1:
        steps, rates = steps * 2, [1, *rates]
        x = tf.expand_dims(x, 2 if is_first else 1)
        kernels = [tf.expand_dims(kernel, 0) for kernel in kernels]
    steps = [1, 1, *steps] if is_first else [1, *steps, 1]
    found = function(x, *kernels, steps, padding.upper(), "NCHW" if is_first else "NHWC", rates)
    return tf.squeeze(found, 2 if is_first else 1) if rank == 1 else found


@operation
def depthwise_conv(
    inputs: TensorLike, kernel: TensorLike, strides: Any = 1, padding: str = "valid", data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:  # fmt: skip
    """The convolution of each channel by kernels of its own, of shape `(*window, channels, multiplier)`."""
    x, weights = promoted(inputs, kernel)
    return _in_two_dimensions(tf.nn.depthwise_conv2d, x, [weights], (strides, padding, data_format, dilation_rate))


@operation
def separable_conv(
    inputs: TensorLike, depthwise_kernel: TensorLike, pointwise_kernel: TensorLike, strides: Any = 1,
    padding: str = "valid", data_format: str | None = None, dilation_rate: Any = 1,
) -> Tensor:  # fmt: skip
    """`depthwise_conv`, and then a convolution with a window of 1."""
    x, *kernels = promoted(inputs, depthwise_kernel, pointwise_kernel)
    return _in_two_dimensions(tf.nn.separable_conv2d, x, kernels, (strides, padding, data_format, dilation_rate))


def _pooled(kind: str, inputs: TensorLike, pool_size: Any, strides: Any, padding: str, data_format: Any) -> Tensor:
    x = convert(inputs)
    rank = len(x.shape) - 2
    window = _sizes(pool_size, rank)
    steps = window if strides is None else _sizes(strides, rank)
    return tf.nn.pool(x, window, kind, steps, padding.upper(), _layout(x, data_format))


@operation
def max_pool(
    inputs: TensorLike, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Tensor:
    """The greatest element of each window.

    Args:
      inputs: tensor of shape `(batch, *sizes, channels)`, or `(batch, channels, *sizes)`.
      pool_size: int, or one per axis.
      strides: int, one per axis, or None for pool_size.
      padding: `"valid"` or `"same"`.
      data_format: `"channels_last"`, `"channels_first"`, or None for the configured one.
    """
    return _pooled("MAX", inputs, pool_size, strides, padding, data_format)


@operation
def average_pool(
    inputs: TensorLike, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Tensor:
    """The mean of each window; arguments as those of `max_pool`."""
    return _pooled("AVG", inputs, pool_size, strides, padding, data_format)


def _adaptively_pooled(
    reduce: Callable[..., Tensor], inputs: TensorLike, output_size: Any, data_format: str | None
) -> Tensor:
    x = convert(inputs)
    rank = len(x.shape) - 2
    if rank not in (1, 2, 3):
        raise ValueError(f"adaptive pooling: inputs have shape {tuple(x.shape)}; they must have 3, 4 or 5 axes.")
    sizes = tuple(_sizes(output_size, rank))
    return adaptive_pooling.adaptive_pool(reduce, x, sizes, config.standardize_data_format(data_format))


@operation
def adaptive_average_pool(inputs: TensorLike, output_size: Any, data_format: str | None = None) -> Tensor:
    """The means of as many windows as are wanted, which may overlap by one.

    Args:
      inputs: tensor of shape `(batch, *sizes, channels)`, or `(batch, channels, *sizes)`.
      output_size: how many windows: int, or one per axis.
      data_format: `"channels_last"`, `"channels_first"`, or None for the configured one.
    Raises:
      ValueError: there are not one, two or three axes of sizes.
    Example:
      >>> print(tf.keras.ops.adaptive_average_pool(tf.reshape([1.0, 2.0, 3.0, 6.0], (1, 4, 1)), 2).numpy().ravel())
      [1.5 4.5]
    """
    return _adaptively_pooled(tf.reduce_mean, inputs, output_size, data_format)


@operation
def adaptive_max_pool(inputs: TensorLike, output_size: Any, data_format: str | None = None) -> Tensor:
    """The greatest elements of as many windows as are wanted; arguments as those of `adaptive_average_pool`."""
    return _adaptively_pooled(tf.reduce_max, inputs, output_size, data_format)


@operation
def depth_to_space(x: TensorLike, block_size: int, data_format: str = "channels_last") -> Tensor:
    """Channels as blocks of an image, of shape `(batch, h * block, w * block, channels / block ** 2)`."""
    return tf.nn.depth_to_space(convert(x), block_size, "NCHW" if data_format == "channels_first" else "NHWC")


@operation
def space_to_depth(x: TensorLike, block_size: int, data_format: str = "channels_last") -> Tensor:
    """Blocks of an image as channels, of shape `(batch, h / block, w / block, channels * block ** 2)`."""
    return tf.nn.space_to_depth(convert(x), block_size, "NCHW" if data_format == "channels_first" else "NHWC")


@operation
def conv_transpose(
    inputs: TensorLike, kernel: TensorLike, strides: Any = 1, padding: str = "valid", output_padding: Any = None,
    data_format: str | None = None, dilation_rate: Any = 1,
) -> Tensor:  # fmt: skip
    """The gradient of a convolution as an operation: more elements come out than go in.

    Args:
      inputs: tensor of shape `(batch, *sizes, channels)`, or `(batch, channels, *sizes)`.
      kernel: tensor of shape `(*window, filters, channels)`.
      strides, dilation_rate: int, or one per axis.
      padding: `"valid"` or `"same"`.
      output_padding: int, one per axis, or None: how much larger the result is than it must be.
      data_format: `"channels_last"`, `"channels_first"`, or None for the configured one.
    """
    x, weights = promoted(inputs, kernel)
    rank = len(x.shape) - 2
    steps, rates = _sizes(strides, rank), _sizes(dilation_rate, rank)
    extra = [None] * rank if output_padding is None else _sizes(output_padding, rank)
    is_first = config.standardize_data_format(data_format) == "channels_first"
    known = x.shape[2:] if is_first else x.shape[1:-1]
    sizes: Any = tf.shape(x)[2:] if is_first else tf.shape(x)[1:-1]
    lengths = [
        convolution.transposed_length(
            sizes[i] if known[i] is None else known[i], weights.shape[i], steps[i], padding, extra[i], rates[i]
        )
        for i in range(rank)
    ]
    filters = weights.shape[-2]
    shape = [tf.shape(x)[0], filters, *lengths] if is_first else [tf.shape(x)[0], *lengths, filters]
    return tf.nn.conv_transpose(x, weights, shape, steps, padding.upper(), _layout(x, data_format), rates)
