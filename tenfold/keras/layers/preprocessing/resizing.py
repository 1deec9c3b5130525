"""Resizing and CenterCrop: images of the same size."""

from __future__ import annotations

from typing import Any

from tenfold.core import dtypes
from tenfold.core.tensor import Tensor
from tenfold.image.batches import at_least, at_most, height_and_width, known
from tenfold.image.cropping import crop_to_bounding_box
from tenfold.image.resizing import resize
from tenfold.keras.layers.preprocessing.images import ImageLayer
from tenfold.ops.cast import cast, saturate_cast
from tenfold.ops.division import round as rounded
from tenfold.ops.rearrange import pad

_INTERPOLATIONS = ("bilinear", "nearest", "lanczos3", "lanczos5", "bicubic")


def _with_ratio(images: Tensor, height: int, width: int) -> tuple[Any, Any]:
    """The height that the images' width asks for if sides are to have the ratio of these, and the width likewise."""
    have_height, have_width = height_and_width(images)
    return tuple(
        known(cast(cast(size * to, dtypes.float32) / other, dtypes.int32))
        for size, to, other in ((have_width, height, width), (have_height, width, height))
    )  # type: ignore[return-value]


def cropped(images: Tensor, height: int, width: int) -> Tensor:
    """The largest part in the middle of images whose sides have the ratio of these."""
    have = height_and_width(images)
    sizes = [at_least(at_most(n, to), 1) for n, to in zip(have, _with_ratio(images, height, width), strict=True)]
    offsets = [(n - size) // 2 for n, size in zip(have, sizes, strict=True)]
    return crop_to_bounding_box(images, *offsets, *sizes)


def resized(
    images: Tensor, height: int, width: int, interpolation: str, antialias: bool, crop_to_aspect_ratio: bool,
    pad_to_aspect_ratio: bool, fill_value: float,
) -> Tensor:  # fmt: skip
    """A batch of images in another size, of the same dtype."""
    dtype = images.dtype
    if crop_to_aspect_ratio:
        images = cropped(images, height, width)
    elif pad_to_aspect_ratio:
        have = height_and_width(images)
        to = _with_ratio(images, height, width)
        top, left = [(at_least(size, n) - n) // 2 for n, size in zip(have, to, strict=True)]
        images = pad(images, [[0, 0], [top, top], [left, left], [0, 0]], constant_values=cast(fill_value, dtype))
    found = resize(images, (height, width), interpolation, antialias=antialias)
    if found.dtype is dtype:
        return found
    return saturate_cast(rounded(found) if dtype.is_integer else found, dtype)


class Resizing(ImageLayer):
    """Images in another size.

    Args:
      height, width: the sizes of the outputs.
      interpolation: "bilinear", "nearest", "bicubic", "lanczos3" or "lanczos5".
      crop_to_aspect_ratio: whether sides keep their ratio, and what is too long is cut off.
      pad_to_aspect_ratio: whether sides keep their ratio, and what is missing is filled with `fill_value`.
      fill_mode: "constant".
      fill_value: number.
      antialias: whether all pixels count where images shrink, not only the nearest.
      data_format: "channels_last" or "channels_first".

    Example:
      >>> tf.keras.layers.Resizing(4, 2)(tf.ones([1, 8, 8, 3])).shape
      TensorShape([1, 4, 2, 3])
    """

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format, **kwargs)
        self.height, self.width, self.interpolation = height, width, interpolation
        self.crop_to_aspect_ratio, self.pad_to_aspect_ratio = crop_to_aspect_ratio, pad_to_aspect_ratio
        self.fill_mode, self.fill_value, self.antialias = fill_mode, fill_value, bool(antialias)

    def transformed(self, images: Tensor, training: Any) -> Tensor:
        self._check()
        return resized(
            images, self.height, self.width, self.interpolation, self.antialias, self.crop_to_aspect_ratio,
            self.pad_to_aspect_ratio, self.fill_value,
        )  # fmt: skip

    def _check(self) -> None:
        if self.interpolation not in _INTERPOLATIONS:
            raise ValueError(
                f"Invalid value for argument `interpolation`. Expected of one {_INTERPOLATIONS}. Received: interpolation={self.interpolation}"
            )
        if self.fill_mode != "constant":
            raise ValueError(
                f"Invalid value for argument `fill_mode`. Only 'constant' is supported. Received: fill_mode={self.fill_mode}"
            )
        if self.crop_to_aspect_ratio and self.pad_to_aspect_ratio:
            raise ValueError("Only one of `pad_to_aspect_ratio` and `crop_to_aspect_ratio` can be `True`.")

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return self._sized(input_shape, self.height, self.width)

    def get_config(self) -> dict[str, Any]:
        aspect = ("crop_to_aspect_ratio", "pad_to_aspect_ratio", "fill_mode", "fill_value")
        names = ("height", "width", "interpolation", *aspect, "antialias")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


class CenterCrop(ImageLayer):
    """The middle of images; of those that are too small, what has the ratio of the sides, enlarged.

    Args:
      height, width: the sizes of the outputs.
      data_format: "channels_last" or "channels_first".

    Example:
      >>> print(tf.keras.layers.CenterCrop(1, 2)(tf.reshape(tf.range(12.0), [3, 4, 1]))[:, :, 0].numpy())
      [[5. 6.]]
    """

    def __init__(self, height: int, width: int, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format, **kwargs)
        self.height, self.width = height, width

    def transformed(self, images: Tensor, training: Any) -> Tensor:
        images = cast(images, self.compute_dtype)
        height, width = height_and_width(images)
        top, left = (height - self.height) // 2, (width - self.width) // 2
        if all(isinstance(n, Tensor) or n >= 0 for n in (height - self.height, width - self.width)):
            return crop_to_bounding_box(images, top, left, self.height, self.width)
        return resize(cropped(images, self.height, self.width), (self.height, self.width))

    def compute_output_shape(self, input_shape: Any) -> tuple:
        if len(input_shape) not in (3, 4):
            raise ValueError(
                f"CenterCrop: `input_shape` must have 3 (unbatched) or 4 (batched) sizes. Received: {input_shape}"
            )
        return self._sized(input_shape, self.height, self.width)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "height": self.height, "width": self.width}
