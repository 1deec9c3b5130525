"""Files of images: PNG, JPEG, BMP and GIF, read and written by Pillow, which is imported when it is first needed."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import as_dtype
from tenfold.core.errors import UnimplementedError
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.symbol import STAND_IN, Spec
from tenfold.core.tensor import Tensor

_OF_BYTES = NotDifferentiable("an input or the result is a file")
_MOST_PIXELS = 1 << 28  # of a file: its bytes may claim any size
_FORMATS = ("PNG", "JPEG", "BMP", "GIF")
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_GRAY = np.array([9797, 19234, 3737])  # of 32768: how much red, green and blue count


def _pillow() -> Any:
    try:
        from PIL import Image
    except ImportError:
        raise ImportError(
            "files of images are read and written by Pillow, which is not installed: pip install 'tenfold[image]'."
        ) from None
    return Image


def _opened(contents: np.ndarray) -> Any:
    """The image of a file, of which only the head is read.

    Raises:
      ValueError: it is none, or too large.
    """
    if contents.ndim:
        raise ValueError(f"contents must be a scalar, but their shape is {contents.shape}")
    data: Any = contents[()]
    library = _pillow()
    if not data:
        raise ValueError("input is empty")
    try:
        image = library.open(BytesIO(data), formats=_FORMATS)
    except (OSError, SyntaxError, ValueError, library.DecompressionBombError) as error:
        raise ValueError(f"unknown image file format, one of {', '.join(_FORMATS)} is required: {error}") from None
    if image.width * image.height * getattr(image, "n_frames", 1) > _MOST_PIXELS:
        raise ValueError(f"an image of {image.width} by {image.height} pixels is too large")
    return image


def _pixels(image: Any, channels: int) -> np.ndarray:
    """One frame as uint8, or as uint16 where its file has 16 bits for gray."""
    if channels not in (0, 1, 3, 4):
        raise ValueError(f"channels must be 0, 1, 3 or 4 but is {channels}")
    is_jpeg = image.format == "JPEG"
    if is_jpeg and channels == 4:
        raise ValueError("JPEG does not support 4 channels")
    try:
        if is_jpeg and channels == 1:
            image.draft("L", image.size)
        image.load()
    except (OSError, SyntaxError, ValueError, EOFError, IndexError) as error:
        raise ValueError(f"invalid {image.format} data: {error}") from None
    if image.mode.startswith("I"):
        found = np.asarray(image).astype(np.uint16)[..., None]
        opacity = np.full_like(found, 65535)
        return np.concatenate([*[found] * (1 if channels in (0, 1) else 3), *[opacity] * (channels == 4)], -1)
    if image.mode not in ("L", "LA", "RGB", "RGBA"):
        image = image.convert("L" if image.mode == "1" else "RGBA" if "transparency" in image.info else "RGB")
    wanted = _MODES.get(channels, image.mode)
    if wanted == "L" and image.mode.startswith("RGB"):
        colours = np.asarray(image)[..., :3].astype(np.int64)
        return (colours @ _GRAY >> 15).astype(np.uint8)[..., None]
    found = np.asarray(image if image.mode == wanted else image.convert(wanted))
    return found if found.ndim == 3 else found[..., None]


def _frames(image: Any) -> np.ndarray:
    """All frames of a GIF."""
    found = []
    for number in range(getattr(image, "n_frames", 1)):
        try:
            image.seek(number)
            found.append(np.asarray(image.convert("RGB")))
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            raise ValueError(f"invalid GIF data: {error}") from None
    return np.stack(found)


def _as(pixels: np.ndarray, dtype: Any, image: Any) -> np.ndarray:
    """Pixels in a dtype: larger integers have the same brightness, floats are from 0 to 1."""
    if pixels.dtype == np.uint16:
        if dtype is not dtypes.uint8:
            return pixels if dtype is dtypes.uint16 else pixels / np.float32(65535)
        pixels = (pixels >> 8).astype(np.uint8)
    if dtype is dtypes.uint16:
        return pixels.astype(np.uint16) * np.uint16(256 if image.format == "JPEG" else 257)
    return pixels / np.float32(255) if dtype is dtypes.float32 else pixels


def _check_depth(image: Any, dtype: Any) -> None:
    """Refuses what Pillow reads with 8 bits only."""
    if dtype is dtypes.uint16 and any(";16" in str(tile[3]) for tile in image.tile) and not image.mode.startswith("I"):
        raise UnimplementedError("PNG files of colours with 16 bits cannot be read as uint16; read them as uint8.")


def _still(contents, channels, dtype):
    image = _opened(contents)
    if image.format == "GIF" and getattr(image, "n_frames", 1) > 1:
        raise ValueError("a GIF with several frames; use tf.io.decode_gif")
    _check_depth(image, dtype)
    return _as(_pixels(image, channels), dtype, image)


def _png_kernel(contents, *, channels=0, dtype=dtypes.uint8):
    if dtype not in (dtypes.uint8, dtypes.uint16):
        raise ValueError(f"dtype is {dtype.name}; it must be uint8 or uint16")
    return _still(contents, channels, dtype)


def _jpeg_kernel(
    contents, *, channels=0, ratio=1, fancy_upscaling=True, try_recover_truncated=False, acceptable_fraction=1.0,
    dct_method="",
):  # fmt: skip
    if ratio != 1 or not fancy_upscaling or try_recover_truncated:
        raise UnimplementedError("DecodeJpeg: ratio, fancy_upscaling and try_recover_truncated cannot be chosen.")
    return _still(contents, channels, dtypes.uint8)


def _bmp_kernel(contents, *, channels=0):
    image = _opened(contents)
    if image.format != "BMP":
        raise ValueError(f"trying to decode {image.format} format using DecodeBmp; use decode_image")
    return _pixels(image, channels)


def _gif_kernel(contents):
    return _frames(_opened(contents))


def _image_kernel(contents, *, channels=0, dtype=dtypes.uint8, expand_animations=True):
    if dtype not in (dtypes.uint8, dtypes.uint16, dtypes.float32):
        raise ValueError(f"dtype is {dtype.name}; it must be uint8, uint16 or float32")
    image = _opened(contents)
    if image.format == "GIF":
        if channels not in (0, 3):
            raise ValueError(f"channels must be 0 or 3 for a GIF, they are {channels}")
        frames = _as(_frames(image), dtype, image)
        return frames if expand_animations else frames[0]
    _check_depth(image, dtype)
    return _as(_pixels(image, channels), dtype, image)


def _rows_of(contents, *, channels=0, dtype=dtypes.uint8, **options):
    return Spec(dtype._np, (None, None, channels or None), (STAND_IN,) * (2 + (not channels)))


def _image_spec(contents, *, channels=0, dtype=dtypes.uint8, expand_animations=True):
    return Spec(dtype._np, None) if expand_animations else _rows_of(contents, channels=channels, dtype=dtype)


def _encode_kernel(image, **options):
    if image.ndim < 3:
        raise ValueError(f"images must be at least rank 3, their shape is {image.shape}")
    if not 1 <= image.shape[-1] <= 4 or min(image.shape[-3:-1]) < 1:
        raise ValueError(f"images must have 1 to 4 channels and not be empty, their shape is {image.shape}")
    if image.dtype == np.uint16 and image.shape[-1] != 1:
        raise UnimplementedError("PNG files of colours with 16 bits cannot be written; convert the image to uint8.")
    library, planes = _pillow(), image.reshape(-1, *image.shape[-3:])
    result = np.empty(len(planes), object)
    for i, plane in enumerate(planes):
        file = BytesIO()
        library.fromarray(plane[..., 0] if plane.shape[-1] == 1 else plane).save(file, **options)
        result[i] = file.getvalue()
    return result.reshape(image.shape[:-3])


def _encode_png_kernel(image, *, compression=-1):
    if not -1 <= compression <= 9:
        raise ValueError(f"compression should be in [-1, 9], it is {compression}")
    return _encode_kernel(image, format="PNG", compress_level=6 if compression == -1 else compression)


DECODE_PNG = register(Op("DecodePng", _png_kernel, types={dtypes.string}, vjp=_OF_BYTES, infer=_rows_of))
DECODE_JPEG = register(Op("DecodeJpeg", _jpeg_kernel, types={dtypes.string}, vjp=_OF_BYTES, infer=_rows_of))
DECODE_BMP = register(Op("DecodeBmp", _bmp_kernel, types={dtypes.string}, vjp=_OF_BYTES, infer=_rows_of))
DECODE_GIF = register(
    Op(
        "DecodeGif",
        _gif_kernel,
        types={dtypes.string},
        vjp=_OF_BYTES,
        infer=lambda contents: Spec(np.dtype(np.uint8), (None, None, None, 3), (STAND_IN,) * 3),
    )
)
DECODE_IMAGE = register(Op("DecodeImage", _image_kernel, types={dtypes.string}, vjp=_OF_BYTES, infer=_image_spec))
ENCODE_PNG = register(
    Op(
        "EncodePng",
        _encode_png_kernel,
        types={dtypes.uint8, dtypes.uint16},
        vjp=_OF_BYTES,
        infer=lambda image, **options: Spec(np.dtype(object), image.shape[:-3]),
    )
)


def _file(contents: Any) -> Tensor:
    return convert(contents, dtypes.string)


def decode_png(contents: Any, channels: int = 0, dtype: Any = dtypes.uint8, name: str | None = None) -> Tensor:
    """The pixels of a PNG file, or of a JPEG or BMP.

    Args:
      contents: string Tensor without axes: the file's bytes.
      channels: 1 for gray, 3 for colours, 4 for colours with opacity, 0 for what the file has.
      dtype: uint8 or uint16.
    Returns:
      Tensor of shape `(height, width, channels)`.
    Raises:
      tf.errors.InvalidArgumentError: the bytes are no such file.
      ImportError: Pillow is not installed.
    Example:
      >>> file = tf.io.encode_png(tf.constant([[[7], [9]]], tf.uint8))
      >>> tf.io.decode_png(file).numpy().ravel()
      array([7, 9], dtype=uint8)
    """
    return DECODE_PNG(_file(contents), channels=channels or 0, dtype=as_dtype(dtype))


def decode_jpeg(
    contents: Any,
    channels: int = 0,
    ratio: int = 1,
    fancy_upscaling: bool = True,
    try_recover_truncated: bool = False,
    acceptable_fraction: float = 1.0,
    dct_method: str = "",
    name: str | None = None,
) -> Tensor:
    """The pixels of a JPEG file, or of a PNG or BMP; arguments as in `tf.io.decode_png`.

    Args:
      ratio, fancy_upscaling, try_recover_truncated: only their defaults are supported.
      acceptable_fraction, dct_method: how exact decoding must be is a hint, also in TensorFlow.
    Raises:
      tf.errors.InvalidArgumentError: the bytes are no such file.
      tf.errors.UnimplementedError: another value than the default is given.
    """
    return DECODE_JPEG(
        _file(contents),
        channels=channels or 0,
        ratio=ratio,
        fancy_upscaling=fancy_upscaling,
        try_recover_truncated=try_recover_truncated,
    )


def decode_bmp(contents: Any, channels: int = 0, name: str | None = None) -> Tensor:
    """The pixels of a BMP file; arguments as in `tf.io.decode_png`."""
    return DECODE_BMP(_file(contents), channels=channels)


def decode_gif(contents: Any, name: str | None = None) -> Tensor:
    """The frames of a GIF file, as a Tensor of shape `(frames, height, width, 3)`."""
    return DECODE_GIF(_file(contents))


def decode_image(
    contents: Any,
    channels: int | None = None,
    dtype: Any = dtypes.uint8,
    name: str | None = None,
    expand_animations: bool = True,
) -> Tensor:
    """The pixels of a PNG, JPEG, BMP or GIF file.

    Args:
      contents: string Tensor without axes: the file's bytes.
      channels: as in `tf.io.decode_png`.
      dtype: uint8, uint16, or float32 for numbers from 0 to 1.
      expand_animations: whether all frames of a GIF are wanted, with an axis more, not only the first.
    Raises:
      tf.errors.InvalidArgumentError: the bytes are no such file.
    Example:
      >>> file = tf.io.encode_png(tf.constant([[[255], [0]]], tf.uint8))
      >>> tf.io.decode_image(file, dtype=tf.float32).numpy().ravel()
      array([1., 0.], dtype=float32)
    """
    return DECODE_IMAGE(
        _file(contents), channels=channels or 0, dtype=as_dtype(dtype), expand_animations=expand_animations
    )


def encode_png(image: Any, compression: int = -1, name: str | None = None) -> Tensor:
    """Images as PNG files.

    Args:
      image: Tensor of uint8, or of uint16 with 1 channel; shape `(..., height, width, channels)`, 1 to 4 channels.
      compression: from 0, none, to 9; -1 for the usual one.
    Returns:
      string Tensor of the leading axes.
    Raises:
      tf.errors.InvalidArgumentError: shape or dtype are others.
    Example:
      >>> tf.io.encode_png(tf.zeros((2, 2, 3), tf.uint8)).numpy()[1:4]
      b'PNG'
    """
    x = convert(image)
    ENCODE_PNG.require(x._array)
    return ENCODE_PNG(x, compression=compression)
