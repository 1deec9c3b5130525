"""Images of another size, without distortion."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.image.resizing import resize
from tenfold.ops import array as array_ops


def smart_resize(x: Any, size: Any, interpolation: str = "bilinear", data_format: str = "channels_last") -> Any:
    """The largest middle of images that has the aspect ratio of a size, resized to this.

    Args:
      x: array or tensor of shape `(height, width, channels)` or `(batch, height, width, channels)`, channels before height if first.
      size: the new height and width.
      interpolation: `"bilinear"`, `"nearest"`, `"bicubic"`, `"lanczos3"` or `"lanczos5"`.
      data_format: `"channels_last"` or `"channels_first"`.
    Returns:
      An array for an array, else a tensor.
    Raises:
      ValueError: `size` is no pair, or `x` has another number of axes.
    Example:
      >>> image = np.arange(8.0).reshape(2, 4, 1)
      >>> tf.keras.preprocessing.image.smart_resize(image, (1, 1), "nearest")[..., 0]
      array([[6.]])
    """
    if len(size) != 2:
        raise ValueError(f"smart_resize: size is {size!r}; it must be a height and a width.")
    images = convert(x)
    if images._array.ndim not in (3, 4):
        raise ValueError(
            f"smart_resize: images have the shape {tuple(images.shape)}; they must have three or four axes."
        )
    is_first = data_format == "channels_first"
    if is_first:
        images = array_ops.transpose(images, [1, 2, 0] if images._array.ndim == 3 else [0, 2, 3, 1])
    height, width = images._array.shape[-3:-1]
    rows = max(min(height, width * size[0] // size[1]), 1)
    columns = max(min(width, height * size[1] // size[0]), 1)
    top, left = (height - rows) // 2, (width - columns) // 2
    resized = resize(images[..., top : top + rows, left : left + columns, :], size, interpolation)
    if is_first:
        resized = array_ops.transpose(resized, [2, 0, 1] if images._array.ndim == 3 else [0, 3, 1, 2])
    return resized.numpy() if isinstance(x, np.ndarray) else resized
