"""Red, green and blue as hue, saturation and value, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.dtypes import FLOATING
from tenfold.core.errors import FailedPreconditionError
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import join
from tenfold.ops.cast import cast
from tenfold.ops.elementwise import divide_no_nan, square


def _check(images: np.ndarray) -> None:
    if not images.ndim:
        raise ValueError("images must have at least one axis")
    if images.shape[-1] != 3:
        raise FailedPreconditionError(None, None, f"images must have 3 channels, their shape is {images.shape}.")


def _wide(images: np.ndarray) -> np.ndarray:
    """Numbers of 16 bits as float32."""
    return images.astype(np.float32) if images.itemsize == 2 else images


def _to_hsv_kernel(images):
    _check(images)
    x = _wide(images)
    red, green, blue = np.moveaxis(x, -1, 0)
    highest = x.max(-1)
    extent = highest - x.min(-1)
    norm = 1 / (6 * extent)
    hue = np.where(
        red == highest,
        norm * (green - blue),
        np.where(green == highest, norm * (blue - red) + 2 / 6, norm * (red - green) + 4 / 6),
    )
    hue = np.where(extent > 0, hue, 0)
    hue = np.where(hue < 0, hue + 1, hue)
    saturation = np.where(highest > 0, extent / highest, 0)
    return np.stack([hue, saturation, highest], -1).astype(images.dtype, copy=False)


def _to_rgb_kernel(images):
    _check(images)
    hue, saturation, value = np.moveaxis(_wide(images), -1, 0)
    sixths = hue * 6
    shares = [np.abs(sixths - 3) - 1, 2 - np.abs(sixths - 2), 2 - np.abs(sixths - 4)]
    found = [(1 - saturation + saturation * np.clip(x, 0, 1)) * value for x in shares]
    return np.stack(found, -1).astype(images.dtype, copy=False)


def _to_hsv_vjp(dy, images, out):
    """As TensorFlow has it where numbers are equal, or 0."""
    dtype = images.dtype
    r, g, b = join.unstack(images, axis=-1)
    dh, ds, dv = join.unstack(dy, axis=-1)
    is_highest = [cast(x, dtype) for x in ((r >= b) & (r >= g), (g > r) & (g >= b), (b > r) & (b > g))]
    is_lowest = [cast(x, dtype) for x in ((r < b) & (r < g), (g <= r) & (g < b), (b <= r) & (b <= g))]
    highest, lowest = (sum(m * x for m, x in zip(mask, (r, g, b), strict=True)) for mask in (is_highest, is_lowest))
    is_positive = [cast(x > 0, dtype) for x in (r, g, b)]
    per_extent = divide_no_nan(cast(highest > 0, dtype), highest - lowest) / 6
    distances = [g - b, b - r, r - g]  # by which of the three is the highest
    numerator = sum(m * x for m, x in zip(is_highest, distances, strict=True))
    to_distance = dh * per_extent
    to_extent = -dh * numerator * square(per_extent) * 6
    shares = [m * to_distance for m in is_highest]
    turned = [shares[2] - shares[1], shares[0] - shares[2], shares[1] - shares[0]]
    to_highest = dv + to_extent + ds * divide_no_nan(lowest, square(highest))
    to_lowest = ds * divide_no_nan(cast(1, dtype), highest)
    parts = zip(turned, is_highest, is_lowest, is_positive, strict=True)
    return join.stack(
        [t + up * to_highest - down * (to_extent + positive * to_lowest) for t, up, down, positive in parts], axis=-1
    )


def _same(images):
    return Spec(images.dtype, images.shape)


RGB_TO_HSV = register(Op("RGBToHSV", _to_hsv_kernel, types=FLOATING, vjp=_to_hsv_vjp, infer=_same))
HSV_TO_RGB = register(
    Op(
        "HSVToRGB",
        _to_rgb_kernel,
        types=FLOATING,
        vjp=NotDifferentiable("in TensorFlow, it has no gradient"),
        infer=_same,
    )
)


def rgb_to_hsv(images: Any, name: str | None = None) -> Tensor:
    """Colours as hue, saturation and value, all from 0 to 1.

    Args:
      images: Tensor of floats from 0 to 1, whose last axis is red, green and blue.
    Raises:
      tf.errors.FailedPreconditionError: that axis has another size.
      tf.errors.InvalidArgumentError: numbers are integers.
    Example:
      >>> tf.image.rgb_to_hsv([[[0.0, 0.5, 0.0]]]).numpy().round(3).ravel()
      array([0.333, 1.   , 0.5  ], dtype=float32)
    """
    x = convert(images)
    RGB_TO_HSV.require(x._array)
    return RGB_TO_HSV(x)


def hsv_to_rgb(images: Any, name: str | None = None) -> Tensor:
    """Hue, saturation and value, all from 0 to 1, as red, green and blue.

    Args:
      images: Tensor of floats, whose last axis is hue, saturation and value.
    Raises:
      tf.errors.FailedPreconditionError: that axis has another size.
      tf.errors.InvalidArgumentError: numbers are integers.
    Example:
      >>> tf.image.hsv_to_rgb([[[0.0, 1.0, 0.5]]]).numpy().ravel()
      array([0.5, 0. , 0. ], dtype=float32)
    """
    x = convert(images)
    HSV_TO_RGB.require(x._array)
    return HSV_TO_RGB(x)
