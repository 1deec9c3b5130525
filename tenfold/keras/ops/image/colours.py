"""Colours of images in other terms."""

from __future__ import annotations

from collections.abc import Callable

import tenfold as tf
from tenfold.core.tensor import Tensor
from tenfold.keras.image_layout import on_batches
from tenfold.keras.ops.image.arguments import images_of
from tenfold.keras.ops.operation import operation_of_class
from tenfold.keras.promotion import TensorLike, result_type

_BRIGHTNESS = (0.2989, 0.5870, 0.1140)  # of red, green and blue


@operation_of_class("RGBToGrayscale")
def rgb_to_grayscale(images: TensorLike, data_format: str | None = None) -> Tensor:
    """The brightness of pixels; grey images as they are.

    Args:
      images: tensor of shape `(height, width, channels)` or `(batch, height, width, channels)`, with 3 channels, or 1.
      data_format: `"channels_last"`, `"channels_first"`, or None for the configured one.
    Returns:
      Tensor of the images' dtype, with one channel.
    Raises:
      ValueError: images are of another shape.
    Example:
      >>> tf.keras.ops.image.rgb_to_grayscale(tf.ones((2, 4, 4, 3))).shape
      TensorShape([2, 4, 4, 1])
    """
    x, layout = images_of("rgb_to_grayscale", images, data_format)
    axis = -1 if layout == "channels_last" else -3
    if x.shape[axis] not in (1, 3):
        raise ValueError(f"rgb_to_grayscale: images have {x.shape[axis]} channels; they must have 3, or 1.")
    if x.shape[axis] == 1:
        return tf.identity(x)
    floats = tf.cast(x, result_type(x.dtype, float))
    grey = tf.tensordot(floats, tf.constant(_BRIGHTNESS, floats.dtype), axes=(axis, -1))
    return tf.cast(tf.expand_dims(grey, axis), x.dtype)


def _on_floats(name: str, function: Callable[[Tensor], Tensor], images: TensorLike, data_format: str | None) -> Tensor:
    x, layout = images_of(name, images, data_format)
    if not x.dtype.is_floating:
        raise ValueError(f"{name}: images are {x.dtype.name}; they must be floating, from 0 to 1.")
    return on_batches(function, x, layout)


@operation_of_class("RGBToHSV")
def rgb_to_hsv(images: TensorLike, data_format: str | None = None) -> Tensor:
    """Hue, saturation and value, from 0 to 1, of red, green and blue.

    Args:
      images: floating tensor of shape `(height, width, 3)` or `(batch, height, width, 3)`, from 0 to 1.
      data_format: `"channels_last"`, `"channels_first"`, or None for the configured one.
    Raises:
      ValueError: images are of another shape or not floating.
    Example:
      >>> print(tf.keras.ops.image.rgb_to_hsv([[[0.0, 0.5, 0.0]]]).numpy().round(3))
      [[[0.333 1.    0.5  ]]]
    """
    return _on_floats("rgb_to_hsv", tf.image.rgb_to_hsv, images, data_format)


@operation_of_class("HSVToRGB")
def hsv_to_rgb(images: TensorLike, data_format: str | None = None) -> Tensor:
    """Red, green and blue of hue, saturation and value: the inverse of `rgb_to_hsv`."""
    return _on_floats("hsv_to_rgb", tf.image.hsv_to_rgb, images, data_format)
