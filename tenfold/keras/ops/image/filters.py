"""Images by the neighbourhoods of their pixels."""

from __future__ import annotations

from collections.abc import Sequence

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras import config
from tenfold.keras.image_layout import channels_last, on_batches
from tenfold.keras.ops.image.arguments import images_of
from tenfold.keras.ops.operation import operation, operation_of_class
from tenfold.keras.promotion import TensorLike, result_type


def _bell(size: int, sigma: float, dtype: str) -> Tensor:
    """Weights of a normal distribution, whose sum is 1."""
    at = tf.range(size, dtype=dtype) - tf.cast((size - 1) / 2, dtype)
    weights = tf.exp(-0.5 * tf.square(at / tf.cast(sigma, dtype)))
    return weights / tf.reduce_sum(weights)


@operation
def gaussian_blur(
    images: TensorLike, kernel_size: Sequence[int] = (3, 3), sigma: Sequence[float] = (1.0, 1.0),
    data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """Images whose pixels are means of their neighbours, by the weights of a normal distribution.

    Args:
      images: floating tensor of shape `(height, width, channels)` or `(batch, height, width, channels)`.
      kernel_size: how many neighbours count, two odd ints.
      sigma: the distribution's widths.
      data_format: `"channels_last"`, `"channels_first"`, or None for the configured one.
    Returns:
      Tensor of the images' shape and dtype; beyond the images are zeros.
    Raises:
      ValueError: images have another shape.
    Example:
      >>> x = tf.constant([[[0.0], [1.0], [0.0]]])
      >>> print(tf.keras.ops.image.gaussian_blur(x, (1, 1))[0, :, 0].numpy())
      [0. 1. 0.]
    """
    x, layout = images_of("gaussian_blur", images, data_format)
    dtype = x.dtype.name
    along, down = (_bell(size, width, dtype) for size, width in zip(kernel_size, sigma, strict=True))
    window = tf.tensordot(down, along, axes=0)

    def blurred(batch: Tensor) -> Tensor:
        # Keras lays the window's rows anew where its sides differ
        kernel = tf.tile(tf.reshape(window, (*kernel_size, 1, 1)), (1, 1, batch.shape[-1], 1))
        return tf.nn.depthwise_conv2d(batch, kernel, (1, 1, 1, 1), "SAME")

    return on_batches(blurred, x, layout)


@operation
def sobel_edges(images: TensorLike, data_format: str | None = None) -> Tensor:
    """How much brightness changes downwards and along: Sobel's filters.

    Args:
      images: tensor of shape `(batch, height, width, channels)`.
      data_format: `"channels_last"`, `"channels_first"`, or None for the configured one.
    Returns:
      Tensor of the images' shape with an axis of size 2 behind.
    Raises:
      tf.errors.InvalidArgumentError: images have another shape.
    Example:
      >>> tf.keras.ops.image.sobel_edges(tf.ones((1, 5, 5, 3))).shape
      TensorShape([1, 5, 5, 3, 2])
    """
    x = convert(images)
    if config.standardize_data_format(data_format) == "channels_last":
        return tf.image.sobel_edges(x)
    return tf.transpose(tf.image.sobel_edges(channels_last(x)), (0, 3, 1, 2, 4))


@operation_of_class("SSIM")
def ssim(
    image1: TensorLike, image2: TensorLike, max_val: float = 1.0, filter_size: int = 11, filter_sigma: float = 1.5,
    k1: float = 0.01, k2: float = 0.03, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """How similar images are in structure, at most 1.

    Args:
      image1, image2: tensors of shape `(height, width, channels)` or `(batch, height, width, channels)`.
      max_val: the difference of the greatest and the least value that pixels may have.
      filter_size: side of the window, at most the images' sides.
      filter_sigma: width of its weights' normal distribution.
      k1, k2: what keeps divisors from 0.
      data_format: `"channels_last"`, `"channels_first"`, or None for the configured one.
    Returns:
      Tensor of shape `(batch,)`, or () of single images, and `image1`'s dtype.
    Raises:
      ValueError: images have another shape.
    References: Wang et al., 2004, doi:10.1109/TIP.2003.819861.
    Example:
      >>> x = tf.random.uniform((2, 16, 16, 3))
      >>> print(tf.keras.ops.image.ssim(x, x).numpy())
      [1. 1.]
    """
    pair = []
    for image in (image1, image2):
        x, layout = images_of("ssim", image, data_format)
        pair.append(channels_last(x) if layout == "channels_first" else x)
    dtype = pair[0].dtype
    first, second = (tf.cast(x, result_type(dtype, float)) for x in pair)
    return tf.cast(tf.image.ssim(first, second, max_val, filter_size, filter_sigma, k1, k2), dtype)
