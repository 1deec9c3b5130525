"""Changes of single images, by given and by random amounts; the latter come from NumPy's generator."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.keras.preprocessing.affine import apply_affine_transform
from tenfold.keras.utils.image_utils import array_to_img, img_to_array


def random_rotation(
    x: Any,
    rg: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
) -> np.ndarray:
    """An image turned by an angle from `-rg` to `rg` degrees; for other arguments see `apply_affine_transform`."""
    theta = np.random.uniform(-rg, rg)
    return apply_affine_transform(
        x, theta, 0, 0, 0, 1, 1, row_axis, col_axis, channel_axis, fill_mode, cval, interpolation_order
    )


def random_shift(
    x: Any,
    wrg: float,
    hrg: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
) -> np.ndarray:
    """An image moved sideways by up to `hrg` times its height, up or down by up to `wrg` times its width, as Keras 3.15 does.

    For other arguments see `apply_affine_transform`.
    """
    tx = np.random.uniform(-hrg, hrg) * x.shape[row_axis]
    ty = np.random.uniform(-wrg, wrg) * x.shape[col_axis]
    return apply_affine_transform(
        x, 0, tx, ty, 0, 1, 1, row_axis, col_axis, channel_axis, fill_mode, cval, interpolation_order
    )


def random_shear(
    x: Any,
    intensity: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
) -> np.ndarray:
    """An image sheared by up to `intensity` degrees; for other arguments see `apply_affine_transform`."""
    shear = np.random.uniform(-intensity, intensity)
    return apply_affine_transform(
        x, 0, 0, 0, shear, 1, 1, row_axis, col_axis, channel_axis, fill_mode, cval, interpolation_order
    )


def random_zoom(
    x: Any,
    zoom_range: Any,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
) -> np.ndarray:
    """An image zoomed by two factors between those of `zoom_range`; for other arguments see `apply_affine_transform`.

    Raises:
      ValueError: `zoom_range` is not a pair.
    """
    _require_pair("random_zoom", "zoom_range", zoom_range)
    zx, zy = (1, 1) if tuple(zoom_range) == (1, 1) else np.random.uniform(zoom_range[0], zoom_range[1], 2)
    return apply_affine_transform(
        x, 0, 0, 0, 0, zx, zy, row_axis, col_axis, channel_axis, fill_mode, cval, interpolation_order
    )


def apply_channel_shift(x: Any, intensity: float, channel_axis: int = 0) -> np.ndarray:
    """An image with `intensity` added to all of it, clipped to the least and the greatest value that it had.

    Example:
      >>> tf.keras.preprocessing.image.apply_channel_shift(np.array([[[0.0, 4.0, 9.0]]]), 2)
      array([[[2., 6., 9.]]])
    """
    x = np.asarray(x)
    return np.clip(x + intensity, x.min(), x.max())


def random_channel_shift(x: Any, intensity_range: float, channel_axis: int = 0) -> np.ndarray:
    """An image shifted by a number from `-intensity_range` to `intensity_range`, as by `apply_channel_shift`."""
    return apply_channel_shift(x, np.random.uniform(-intensity_range, intensity_range), channel_axis)


def apply_brightness_shift(x: Any, brightness: float, scale: bool = True) -> np.ndarray:
    """An image made darker or brighter, in 256 steps.

    Args:
      x: array with three axes.
      brightness: factor; 0 is black, 1 leaves the image as it is.
      scale: whether the image is stretched to 0 ... 255. One with values outside of these is always stretched, and back if not `scale`.
    Raises:
      ImportError: Pillow is not installed.
    """
    least, greatest = np.min(x), np.max(x)
    is_wide = bool(least < 0 or greatest > 255)
    image = array_to_img(x, scale=is_wide or scale)
    from PIL import ImageEnhance

    bright = img_to_array(ImageEnhance.Brightness(image).enhance(brightness))
    return bright / 255 * (greatest - least) + least if is_wide and not scale else bright


def random_brightness(x: Any, brightness_range: Any, scale: bool = True) -> np.ndarray:
    """An image with its brightness changed by a factor between those of `brightness_range`, as by `apply_brightness_shift`.

    Raises:
      ImportError: Pillow is not installed.
      ValueError: `brightness_range` is not a pair.
    """
    _require_pair("random_brightness", "brightness_range", brightness_range)
    return apply_brightness_shift(x, np.random.uniform(brightness_range[0], brightness_range[1]), scale)


def _require_pair(function: str, name: str, value: Any) -> None:
    if len(value) != 2:
        raise ValueError(f"{function}: {name} is {value!r}; it must be two numbers.")
