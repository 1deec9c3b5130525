"""Images of another size, without distortion."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.image.resizing import resize
from tenfold.keras.image_layout import on_batches
from tenfold.keras.layers.preprocessing.resizing import cropped
from tenfold.keras.ops.image.arguments import images_of


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
    images, layout = images_of("smart_resize", x, data_format)
    resized = on_batches(lambda batch: resize(cropped(batch, *size), size, interpolation), images, layout)
    return resized.numpy() if isinstance(x, np.ndarray) else resized
