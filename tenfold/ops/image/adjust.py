"""Contrast, hue and saturation."""

from __future__ import annotations

import numpy as np

from tenfold.core import dtypes
from tenfold.core.op import Op, register, undefined_gradient
from tenfold.core.symbol import Spec

_TYPES = {dtypes.float16, dtypes.float32}
_single = np.dtype(np.float32)


def _same(images, *others):
    return Spec(images.dtype, images.shape)


def _contrast_kernel(images, contrast_factor):
    if images.ndim < 3:
        raise ValueError("images must have at least 3 axes")
    if contrast_factor.ndim:
        raise ValueError("contrast_factor must be a scalar")
    if not images.size:
        return images
    means = images.mean((-3, -2), _single, keepdims=True).astype(images.dtype)
    return means + ((images - means).astype(_single) * contrast_factor).astype(images.dtype)


def _check_colours(images: np.ndarray, number: np.ndarray, what: str) -> None:
    if images.ndim < 3:
        raise ValueError("images must have at least 3 axes")
    if images.shape[-1] != 3:
        raise ValueError(f"images must have 3 channels, they have {images.shape[-1]}")
    if number.ndim:
        raise ValueError(f"{what} must be a scalar")


def _sixths(images: np.ndarray, highest: np.ndarray, lowest: np.ndarray) -> np.ndarray:
    """The hue in sixths of a turn, from 0 to 6; 0 of what has no colour."""
    red, green, blue = np.moveaxis(images, -1, 0)
    extent = highest - lowest
    hue = np.where(
        red == highest,
        (green - blue) / extent,
        np.where(green == highest, (blue - red) / extent + 2, (red - green) / extent + 4),
    ).astype(_single)
    hue = np.where(extent > 0, hue, _single.type(0))
    return np.where(hue < 0, hue + 6, hue)


def _colours(hue: np.ndarray, highest: np.ndarray, extent: np.ndarray) -> np.ndarray:
    """Red, green and blue of a hue in sixths: the highest number, less a part of the extent."""
    distances = [(hue + offset) % 6 for offset in (5, 3, 1)]
    return np.stack([highest - extent * np.clip(np.minimum(d, 4 - d), 0, 1) for d in distances], -1)


def _hue_kernel(images, delta):
    _check_colours(images, delta, "delta")
    x = images.astype(_single, copy=False)
    highest, lowest = x.max(-1), x.min(-1)
    hue = (_sixths(x, highest, lowest) + delta.astype(_single) * 6) % 6
    return _colours(hue, highest, highest - lowest).astype(images.dtype, copy=False)


def _saturation_kernel(images, scale):
    _check_colours(images, scale, "scale")
    x = images.astype(_single, copy=False)
    highest, lowest = x.max(-1), x.min(-1)
    saturation = np.where(highest > 0, (highest - lowest) / highest, _single.type(0))
    extent = highest * np.clip(saturation * scale.astype(_single), 0, 1)
    return _colours(_sixths(x, highest, lowest), highest, extent).astype(images.dtype, copy=False)


ADJUST_CONTRAST = register(
    Op("AdjustContrastv2", _contrast_kernel, types=_TYPES, vjp=undefined_gradient("AdjustContrastv2"), infer=_same)
)
ADJUST_HUE = register(Op("AdjustHue", _hue_kernel, types=_TYPES, vjp=undefined_gradient("AdjustHue"), infer=_same))
ADJUST_SATURATION = register(
    Op("AdjustSaturation", _saturation_kernel, types=_TYPES, vjp=undefined_gradient("AdjustSaturation"), infer=_same)
)
