"""Images in files and as arrays; Pillow, the extra `tenfold[image]`, reads and writes them."""

from __future__ import annotations

import io
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from tenfold.keras import config


def _pillow(name: str) -> Any:
    """Pillow's module of images."""
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError(f"tf.keras.utils.{name} needs Pillow. Install it: pip install 'tenfold[image]'") from error
    return Image


def load_img(
    path: Any,
    color_mode: str = "rgb",
    target_size: tuple[int, int] | None = None,
    interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
) -> Any:
    """Reads an image from a file.

    Args:
      path: path of the file, or an `io.BytesIO` with its bytes.
      color_mode: `"rgb"`, `"rgba"` or `"grayscale"`.
      target_size: `(height, width)` to resize to, or None.
      interpolation: `"nearest"`, `"bilinear"`, `"bicubic"`, `"hamming"`, `"box"` or `"lanczos"`.
      keep_aspect_ratio: whether the middle of the image is cut out in the new aspect ratio first.
    Returns:
      A Pillow image.
    Raises:
      ImportError: Pillow is not installed.
      TypeError: `path` is neither.
      ValueError: `color_mode` or `interpolation` is another one.
    """
    pillow = _pillow("load_img")
    if isinstance(path, io.BytesIO):
        image = pillow.open(path)
    elif isinstance(path, (os.PathLike, str, bytes)):
        image = pillow.open(io.BytesIO(Path(os.fsdecode(path)).read_bytes()))
    else:
        raise TypeError(f"load_img: path should be path-like or io.BytesIO, not {type(path)}.")
    modes = {"grayscale": "L", "rgba": "RGBA", "rgb": "RGB"}
    if color_mode not in modes:
        raise ValueError(f'load_img: color_mode is {color_mode!r}; it must be "grayscale", "rgb" or "rgba".')
    is_gray = color_mode == "grayscale" and image.mode in ("I", "I;16")  # finer than eight bits
    if not is_gray and image.mode != modes[color_mode]:
        image = image.convert(modes[color_mode])
    if target_size is None or image.size == (target_size[1], target_size[0]):
        return image
    known = ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")
    if interpolation not in known:
        raise ValueError(f"load_img: interpolation is {interpolation!r}; it must be one of {known}.")
    size = target_size[1], target_size[0]
    box = _middle(image.size, size) if keep_aspect_ratio else None
    return image.resize(size, getattr(pillow.Resampling, interpolation.upper()), box=box)


def _middle(have: tuple[int, int], want: tuple[int, int]) -> tuple[int, int, int, int]:
    """The largest box in the middle of an image that has the aspect ratio of another size."""
    width, height = min(have[0], have[1] * want[0] // want[1]), min(have[1], have[0] * want[1] // want[0])
    left, top = (have[0] - width) // 2, (have[1] - height) // 2
    return left, top, left + width, top + height


def img_to_array(img: Any, data_format: str | None = None, dtype: Any = None) -> np.ndarray:
    """An image as an array with an axis for channels.

    Args:
      img: a Pillow image, or an array of rank 2 or 3.
      data_format: `"channels_last"` or `"channels_first"`.
      dtype: dtype of the array, the default float type if None.
    Raises:
      ValueError: the image has another rank.
    Example:
      >>> tf.keras.utils.img_to_array(np.zeros((2, 3))).shape
      (2, 3, 1)
    """
    array = np.asarray(img, dtype=dtype or config.floatx())
    if array.ndim not in (2, 3):
        raise ValueError(f"img_to_array: the image has the shape {array.shape}; it must have two or three axes.")
    if array.ndim == 2:
        array = array[:, :, None]
    return array.transpose(2, 0, 1) if config.standardize_data_format(data_format) == "channels_first" else array


def array_to_img(x: Any, data_format: str | None = None, scale: bool = True, dtype: Any = None) -> Any:
    """An array as a Pillow image.

    Args:
      x: array of rank 3 with one, three or four channels.
      data_format: `"channels_last"` or `"channels_first"`.
      scale: whether the values are stretched to 0 ... 255.
      dtype: dtype to compute in, the default float type if None.
    Raises:
      ImportError: Pillow is not installed.
      ValueError: rank or number of channels is another one.
    """
    pillow = _pillow("array_to_img")
    x = np.array(x, dtype=dtype or config.floatx())
    if x.ndim != 3:
        raise ValueError(f"array_to_img: the array has the shape {x.shape}; an image has three axes.")
    if config.standardize_data_format(data_format) == "channels_first":
        x = x.transpose(1, 2, 0)
    if scale:
        x = x - x.min()
        if x.max() != 0:
            x = x / x.max()
        x = x * 255
    if x.shape[2] not in (1, 3, 4):
        raise ValueError(f"array_to_img: {x.shape[2]} channels; an image has 1, 3 or 4.")
    if x.shape[2] > 1:
        return pillow.fromarray(x.astype("uint8"))
    return pillow.fromarray(x[:, :, 0].astype("int32" if x.max() > 255 else "uint8"))


def save_img(
    path: Any,
    x: Any,
    data_format: str | None = None,
    file_format: str | None = None,
    scale: bool = True,
    **kwargs: Any,
) -> None:
    """Writes an array as an image.

    Args:
      path: path of the file, or a file object.
      x, data_format, scale: as for `array_to_img`.
      file_format: format of the file; by the ending of its name if None.
      **kwargs: passed to Pillow.
    Raises:
      ImportError: Pillow is not installed.
    """
    if file_format is None and isinstance(path, (str, os.PathLike)):
        file_format = Path(path).suffix[1:]
    file_format = "jpeg" if file_format and file_format.lower() == "jpg" else file_format
    image = array_to_img(x, data_format, scale)
    if image.mode == "RGBA" and file_format and file_format.lower() == "jpeg":
        warnings.warn("The JPEG format does not support RGBA images, converting to RGB.", stacklevel=2)
        image = image.convert("RGB")
    image.save(path, format=file_format, **kwargs)
