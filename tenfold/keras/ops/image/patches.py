"""What windows of images and volumes show, as vectors."""

from __future__ import annotations

from math import prod
from typing import Any

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras import config
from tenfold.keras.image_layout import on_batches
from tenfold.keras.ops.convolutions import conv
from tenfold.keras.ops.image.arguments import images_of
from tenfold.keras.ops.operation import operation
from tenfold.keras.promotion import TensorLike


@operation
def extract_patches(
    images: TensorLike, size: Any, strides: Any = None, dilation_rate: Any = 1, padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """What a window that moves over images, or volumes, shows, as vectors.

    Args:
      images: tensor of shape `(height, width, channels)` or `(batch, height, width, channels)`; of volumes with a depth
        before the height.
      size: of the window: int or its height and width; for volumes its depth, height and width.
      strides: how far it moves: int, one per axis, or None for its size.
      dilation_rate: the distances of the pixels in it: int or one per axis.
      padding: `"valid"` or `"same"`.
      data_format: `"channels_last"`, `"channels_first"`, or None for the configured one.
    Returns:
      Tensor of shape `(rows, columns, window * channels)`, with a batch and a depth if images have them.
    Raises:
      TypeError: size is no int, tuple or list.
      ValueError: it has not two or three numbers, or images have another shape.
    Example:
      >>> tf.keras.ops.image.extract_patches(tf.ones((2, 6, 6, 3)), 2).shape
      TensorShape([2, 3, 3, 12])
    """
    window = (size, size) if isinstance(size, int) else size
    if not isinstance(window, (tuple, list)):
        raise TypeError(f"extract_patches: size is {size!r}; it must be an int, or two or three.")
    if len(window) not in (2, 3):
        raise ValueError(f"extract_patches: size is {tuple(window)}; it must be an int, or two or three.")
    if len(window) == 3:
        return _of_volumes(convert(images), window, strides, dilation_rate, padding, data_format)
    x, layout = images_of("extract_patches", images, data_format)
    steps, rates = _each(strides or window, 2), _each(dilation_rate, 2)
    sizes, step, rate = ((1, *numbers, 1) for numbers in (window, steps, rates))
    return on_batches(lambda batch: tf.image.extract_patches(batch, sizes, step, rate, padding.upper()), x, layout)


def _each(value: Any, count: int) -> tuple[int, ...]:
    numbers = (value,) * count if isinstance(value, int) else tuple(value)
    if len(numbers) != count:
        raise ValueError(f"extract_patches: strides and dilation_rate must be ints, or {count} each, not {numbers}.")
    return numbers


def _of_volumes(
    volumes: Tensor, window: Any, strides: Any, dilation_rate: Any, padding: str, data_format: str | None
) -> Tensor:
    """The same of volumes, as a convolution that copies."""
    is_one = len(volumes.shape) == 4
    channels = volumes.shape[-1 if config.standardize_data_format(data_format) == "channels_last" else -4]
    copied = prod(window) * channels
    kernel = tf.reshape(tf.eye(copied, dtype=volumes.dtype), (*window, channels, copied))
    batch = tf.expand_dims(volumes, 0) if is_one else volumes
    found = conv(batch, kernel, _each(strides or window, 3), padding, data_format, dilation_rate)
    return tf.squeeze(found, 0) if is_one else found


def extract_patches_3d(
    volumes: TensorLike, size: Any, strides: Any = None, dilation_rate: Any = 1, padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """What a window that moves over volumes shows, as vectors: `extract_patches` with a size of three.

    Args:
      volumes: tensor of shape `(depth, height, width, channels)` or `(batch, depth, height, width, channels)`.
      size: of the window: int or its depth, height and width.
      strides, dilation_rate, padding, data_format: as of `extract_patches`.
    Example:
      >>> tf.keras.ops.image.extract_patches_3d(tf.ones((2, 4, 4, 4, 3)), 2).shape
      TensorShape([2, 2, 2, 2, 24])
    """
    window = (size,) * 3 if isinstance(size, int) else size
    if len(window) != 3:
        raise TypeError(f"extract_patches_3d: size is {tuple(window)}; it must be an int, or three.")
    return extract_patches(volumes, window, strides, dilation_rate, padding, data_format)
