"""Images brighter, of more contrast, of other colours, of another dtype."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import as_dtype
from tenfold.core.tensor import Tensor
from tenfold.image.batches import require
from tenfold.ops import static
from tenfold.ops.cast import cast, saturate_cast
from tenfold.ops.division import floordiv
from tenfold.ops.elementwise import maximum
from tenfold.ops.exponential import rsqrt
from tenfold.ops.identity import identity
from tenfold.ops.image import adjust as ops
from tenfold.ops.reduce import reduce_mean, reduce_prod
from tenfold.ops.sizes import shape as shape_of
from tenfold.ops.statistics import reduce_std


def convert_image_dtype(image: Any, dtype: Any, saturate: bool = False, name: str | None = None) -> Tensor:
    """Images in another dtype: floats are from 0 to 1, integers from 0 to the largest one of their dtype.

    Args:
      image: Tensor of floats or integers.
      dtype: one of these, too.
      saturate: whether numbers that are too large or small become the largest or smallest.
    Raises:
      AttributeError: a dtype is neither floating nor an integer.
    Example:
      >>> tf.image.convert_image_dtype([0.0, 0.5, 1.0], tf.uint8).numpy()
      array([  0, 127, 255], dtype=uint8)
    """
    x, target = convert(image), as_dtype(dtype)
    source = x.dtype
    for what, t in (("dtype", target), ("image dtype", source)):
        if not t.is_floating and not t.is_integer:
            raise AttributeError(f"tf.image.convert_image_dtype: {what} must be either floating point or integer.")
    if target == source:
        return identity(x)
    to_target = saturate_cast if saturate else cast
    if source.is_floating and target.is_floating:
        return cast(x, target)
    if source.is_floating:
        return to_target(x * (target.max + 0.5), target)
    if target.is_floating:
        return cast(x, target) * (1.0 / source.max)
    if source.max > target.max:
        return to_target(floordiv(x, (source.max + 1) // (target.max + 1)), target)
    return to_target(x, target) * ((target.max + 1) // (source.max + 1))


def _as_float(function: Callable[[Tensor], Tensor], image: Any, saturate: bool) -> Tensor:
    """A function of floats on an image of any dtype, whose result has that dtype."""
    x = convert(image)
    if x.dtype in (dtypes.float16, dtypes.float32):
        return function(x)
    return convert_image_dtype(function(convert_image_dtype(x, dtypes.float32)), x.dtype, saturate)


def adjust_brightness(image: Any, delta: Any) -> Tensor:
    """Images with a number added to each pixel.

    Args:
      image: Tensor; integers are scaled to numbers from 0 to 1 for that, and back.
      delta: what is added.
    Example:
      >>> tf.image.adjust_brightness(tf.constant([0, 100, 250], tf.uint8), 0.1).numpy()
      array([ 25, 125, 255], dtype=uint8)
    """
    return _as_float(lambda x: x + cast(delta, x.dtype), image, saturate=True)


def adjust_contrast(images: Any, contrast_factor: Any) -> Tensor:
    """Images whose pixels are further from the mean of their channel.

    Args:
      images: Tensor of shape `(..., height, width, channels)`; integers are scaled to numbers from 0 to 1 for that, and back.
      contrast_factor: what distances from the mean are multiplied by.
    Example:
      >>> tf.image.adjust_contrast(tf.reshape([1.0, 3.0], (1, 2, 1)), 2.0).numpy().ravel()
      array([0., 4.], dtype=float32)
    """
    factor = convert(contrast_factor, None, dtypes.float32)
    return _as_float(lambda x: ops.ADJUST_CONTRAST(x, factor), images, saturate=True)


def adjust_gamma(image: Any, gamma: Any = 1, gain: Any = 1) -> Tensor:
    """Images after `gain * image ** gamma`.

    Args:
      image: Tensor; integers are scaled to numbers from 0 to 1 for that, and back.
      gamma: the exponent, not negative.
      gain: the factor.
    Raises:
      ValueError: `gamma` is negative.
    Example:
      >>> tf.image.adjust_gamma([0.25, 1.0], gamma=0.5).numpy()
      array([0.5, 1. ], dtype=float32)
    """
    require(gamma >= 0, "tf.image.adjust_gamma: gamma should be a non-negative real number.")
    return _as_float(lambda x: gain * x**gamma, image, saturate=True)


def adjust_hue(image: Any, delta: Any, name: str | None = None) -> Tensor:
    """Images whose colours are turned on the wheel.

    Args:
      image: Tensor of red, green and blue along its last axis; integers are scaled to numbers from 0 to 1 for that, and back.
      delta: the part of a whole turn, from -1 to 1.
    Raises:
      ValueError: `delta` is another number.
    Example:
      >>> tf.image.adjust_hue([[[1.0, 0.0, 0.0]]], 1 / 3).numpy().round(3).ravel()
      array([0., 1., 0.], dtype=float32)
    """
    if not static.is_traced(delta) and not -1 <= delta <= 1:
        raise ValueError("tf.image.adjust_hue: delta must be in the interval [-1, 1].")
    turn = convert(delta, None, dtypes.float32)
    return _as_float(lambda x: ops.ADJUST_HUE(x, turn), image, saturate=False)


def adjust_saturation(image: Any, saturation_factor: Any, name: str | None = None) -> Tensor:
    """Images of stronger or paler colours.

    Args:
      image: Tensor of red, green and blue along its last axis; integers are scaled to numbers from 0 to 1 for that, and back.
      saturation_factor: what the saturation is multiplied by.
    Example:
      >>> tf.image.adjust_saturation([[[1.0, 0.5, 0.5]]], 2.0).numpy().ravel()
      array([1., 0., 0.], dtype=float32)
    """
    factor = convert(saturation_factor, None, dtypes.float32)
    return _as_float(lambda x: ops.ADJUST_SATURATION(x, factor), image, saturate=False)


def per_image_standardization(image: Any) -> Tensor:
    """Images of mean 0 and variance 1, each for itself.

    Args:
      image: Tensor of shape `(..., height, width, channels)`.
    Returns:
      Tensor of float32. Images of one colour are divided by what noise of one pixel would amount to, not by 0.
    Raises:
      ValueError: `image` has fewer than 3 axes.
    Example:
      >>> tf.image.per_image_standardization(tf.reshape([1.0, 3.0], (1, 2, 1))).numpy().ravel()
      array([-1.,  1.], dtype=float32)
    """
    x = convert(image)
    if x._array.ndim < 3 or any(size == 0 for size in x._array.shape[-3:]):
        raise ValueError(
            f"tf.image.per_image_standardization: the image has shape {tuple(x.shape)}; it must be at least "
            "three-dimensional, and not empty."
        )
    x, axes = cast(x, dtypes.float32), [-1, -2, -3]
    least = rsqrt(cast(reduce_prod(shape_of(x)[-3:]), dtypes.float32))
    return (x - reduce_mean(x, axes, keepdims=True)) / maximum(reduce_std(x, axes, keepdims=True), least)
