"""Images of other sizes."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor, wrap
from tenfold.image.batches import at_least, batched, height_and_width, image_of, require
from tenfold.image.cropping import pad_to_bounding_box
from tenfold.ops import static
from tenfold.ops.cast import cast
from tenfold.ops.division import floor
from tenfold.ops.division import round as rounded
from tenfold.ops.elementwise import minimum
from tenfold.ops.image import resize as ops
from tenfold.ops.image.scale_and_translate import SCALE_AND_TRANSLATE


class ResizeMethod:
    """The names of the methods of `tf.image.resize`."""

    BILINEAR = "bilinear"
    NEAREST_NEIGHBOR = "nearest"
    BICUBIC = "bicubic"
    AREA = "area"
    LANCZOS3 = "lanczos3"
    LANCZOS5 = "lanczos5"
    GAUSSIAN = "gaussian"
    MITCHELLCUBIC = "mitchellcubic"


_FILTERS = {"bilinear": "triangle", "bicubic": "keyscubic"}  # which filter stands for a method with antialias
_FILTERED = {"lanczos3", "lanczos5", "gaussian", "mitchellcubic"}
_OPS = {"bilinear": ops.RESIZE_BILINEAR, "nearest": ops.RESIZE_NEAREST_NEIGHBOR, "bicubic": ops.RESIZE_BICUBIC}


def resize(
    images: Any,
    size: Any,
    method: str = ResizeMethod.BILINEAR,
    preserve_aspect_ratio: bool = False,
    antialias: bool = False,
    name: str | None = None,
) -> Tensor:
    """Images of another height and width.

    Args:
      images: Tensor of shape `(height, width, channels)` or `(batch, height, width, channels)`.
      size: the new height and width, ints.
      method: one of `tf.image.ResizeMethod`, "bilinear" for instance.
      preserve_aspect_ratio: whether sides keep their ratio: then `size` is the most that they may have.
      antialias: whether all pixels count where images shrink, not only the nearest.
    Returns:
      Tensor of float32, with "nearest" of the dtype of `images`.
    Raises:
      ValueError: `images` is of another shape, `size` is no pair of ints, or there is no such method.
    Example:
      >>> image = tf.constant([[[0.0], [4.0]]])
      >>> tf.image.resize(image, [1, 4])[0, :, 0].numpy()
      array([0., 1., 3., 4.], dtype=float32)
    """
    x = convert(images)
    if x._array.shape is None:
        raise ValueError("tf.image.resize: 'images' contains no shape. Tell it with set_shape.")
    if x._array.ndim not in (3, 4):
        raise ValueError(f"tf.image.resize: images have shape {tuple(x.shape)}; they must have 3 or 4 axes.")
    if method not in _OPS and method != "area" and method not in _FILTERED:
        raise ValueError(f"tf.image.resize: there is no method {method!r}; see tf.image.ResizeMethod.")
    sizes = _pair(size)
    if preserve_aspect_ratio:
        sizes = _fitting(sizes, x)
    return batched(lambda batch: _resized(batch, sizes, method, antialias), x)


def _pair(size: Any) -> tuple[Any, ...]:
    try:
        whole = convert(size, dtypes.int32)
    except (TypeError, ValueError):
        raise ValueError(f"tf.image.resize: size is {size!r}; it must be two ints, height and width.") from None
    if tuple(whole.shape) != (2,):
        raise ValueError(f"tf.image.resize: size has shape {tuple(whole.shape)}; it must be height and width.")
    return static.ints(whole, "tf.image.resize: size")


def _fitting(size: tuple[Any, ...], images: Tensor) -> tuple[Any, ...]:
    """The largest sizes with the ratio of the images' that fit into a size."""
    have = [cast(n, dtypes.float32) for n in height_and_width(images)]
    scale = minimum(*[cast(wanted, dtypes.float32) / n for wanted, n in zip(size, have, strict=True)])
    fitting = [cast(rounded(scale * n), dtypes.int32) for n in have]
    return tuple([static.integer(n, "tf.image.resize") for n in fitting])


def _resized(images: Tensor, size: tuple[Any, ...], method: str, antialias: bool) -> Tensor:
    if method in _FILTERED or (antialias and method in _FILTERS):
        have = cast(convert(images._array.shape[1:3], dtypes.int32), dtypes.float32)
        scale = cast(convert(size, dtypes.int32), dtypes.float32) / have
        kernel_type = _FILTERS.get(method, method)
        none = wrap(np.zeros(2, np.float32))
        return SCALE_AND_TRANSLATE(images, scale, none, size=size, kernel_type=kernel_type, antialias=antialias)
    if method == "area":
        return ops.RESIZE_AREA(images, size=size)
    return _OPS[method](images, size=size, half_pixel_centers=True)


def resize_with_pad(
    image: Any, target_height: Any, target_width: Any, method: str = ResizeMethod.BILINEAR, antialias: bool = False
) -> Tensor:
    """Images of another size without a change of their sides' ratio; what is left becomes zeros around them.

    Args:
      image: Tensor of shape `(height, width, channels)` or `(batch, height, width, channels)`.
      target_height, target_width: the new sizes.
      method, antialias: as in `tf.image.resize`.
    Raises:
      ValueError: `image` is of another shape, or a size is not positive.
    Example:
      >>> tf.image.resize_with_pad(tf.ones((2, 4, 1)), 4, 4)[:, 0, 0].numpy()
      array([0., 1., 1., 0.], dtype=float32)
    """
    x = image_of(image, "tf.image.resize_with_pad")
    for what, size in (("target_width", target_width), ("target_height", target_height)):
        require(size > 0, f"tf.image.resize_with_pad: {what} must be > 0.")
    height, width, to_height, to_width = [
        cast(n, dtypes.float32) for n in (*height_and_width(x), target_height, target_width)
    ]
    ratio = at_least(width / to_width, height / to_height)
    new = [n / ratio for n in (height, width)]
    offsets = [
        at_least(cast(floor((to - n) / 2), dtypes.int32), 0) for n, to in zip(new, (to_height, to_width), strict=True)
    ]
    sizes = [cast(floor(n), dtypes.int32) for n in new]
    small = resize(x, [static.integer(n, "tf.image.resize_with_pad") for n in sizes], method, antialias=antialias)
    return pad_to_bounding_box(small, offsets[0], offsets[1], target_height, target_width)
