"""Colours in other coordinates."""

from __future__ import annotations

from typing import Any

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.image.adjusting import convert_image_dtype
from tenfold.ops import array as array_ops
from tenfold.ops.einsum import tensordot
from tenfold.ops.rearrange import tile

_GRAY = [0.2989, 0.587, 0.114]
_YIQ = [[0.299, 0.59590059, 0.2115], [0.587, -0.27455667, -0.52273617], [0.114, -0.32134392, 0.31119955]]
_FROM_YIQ = [[1.0, 1.0, 1.0], [0.95598634, -0.27201283, -1.10674021], [0.6208248, -0.64720424, 1.70423049]]
_YUV = [[0.299, -0.14714119, 0.61497538], [0.587, -0.28886916, -0.51496512], [0.114, 0.43601035, -0.10001026]]
_FROM_YUV = [[1.0, 1.0, 1.0], [0.0, -0.394642334, 2.03206185], [1.13988303, -0.58062185, 0.0]]


def rgb_to_grayscale(images: Any, name: str | None = None) -> Tensor:
    """The brightness of colours.

    Args:
      images: Tensor whose last axis is red, green and blue.
    Returns:
      Tensor of the same dtype, whose last axis has size 1.
    Example:
      >>> tf.image.rgb_to_grayscale([[[1.0, 1.0, 1.0]]]).numpy().ravel()
      array([0.9999], dtype=float32)
    """
    x = convert(images)
    gray = tensordot(convert_image_dtype(x, dtypes.float32), convert(_GRAY, dtypes.float32), [-1, -1])
    return convert_image_dtype(array_ops.expand_dims(gray, -1), x.dtype)


def grayscale_to_rgb(images: Any, name: str | None = None) -> Tensor:
    """Gray images as colours.

    Args:
      images: Tensor whose last axis has size 1.
    Raises:
      ValueError: that axis has another size.
    Example:
      >>> tf.image.grayscale_to_rgb([[[0.5]]]).numpy().ravel()
      array([0.5, 0.5, 0.5], dtype=float32)
    """
    x = convert(images)
    if x.shape.rank is not None and (not x.shape.rank or x.shape[-1] not in (1, None)):
        raise ValueError(
            f"tf.image.grayscale_to_rgb: images have shape {tuple(x.shape)}; the last axis must be of size 1."
        )
    return tile(x, [1] * (x._array.ndim - 1) + [3])


def _mixed(images: Any, weights: list[list[float]]) -> Tensor:
    x = convert(images)
    return tensordot(x, convert(weights, x.dtype), [[x._array.ndim - 1], [0]])


def rgb_to_yiq(images: Any) -> Tensor:
    """Red, green and blue along the last axis as the coordinates of NTSC.

    Example:
      >>> tf.image.rgb_to_yiq([[[1.0, 0.0, 0.0]]]).numpy().round(3).ravel()
      array([0.299, 0.596, 0.212], dtype=float32)
    """
    return _mixed(images, _YIQ)


def yiq_to_rgb(images: Any) -> Tensor:
    """The coordinates of NTSC along the last axis as red, green and blue.

    Example:
      >>> tf.image.yiq_to_rgb([[[1.0, 0.0, 0.0]]]).numpy().ravel()
      array([1., 1., 1.], dtype=float32)
    """
    return _mixed(images, _FROM_YIQ)


def rgb_to_yuv(images: Any) -> Tensor:
    """Red, green and blue along the last axis as the coordinates of PAL.

    Example:
      >>> tf.image.rgb_to_yuv([[[1.0, 0.0, 0.0]]]).numpy().round(3).ravel()
      array([ 0.299, -0.147,  0.615], dtype=float32)
    """
    return _mixed(images, _YUV)


def yuv_to_rgb(images: Any) -> Tensor:
    """The coordinates of PAL along the last axis as red, green and blue.

    Example:
      >>> tf.image.yuv_to_rgb([[[1.0, 0.0, 0.0]]]).numpy().ravel()
      array([1., 1., 1.], dtype=float32)
    """
    return _mixed(images, _FROM_YUV)
