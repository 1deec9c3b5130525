"""Images in another size."""

from __future__ import annotations

from collections.abc import Sequence

from tenfold.core.tensor import Tensor
from tenfold.keras.image_layout import on_batches
from tenfold.keras.layers.preprocessing.resizing import resized
from tenfold.keras.ops.image.arguments import check_choice, images_of
from tenfold.keras.ops.operation import operation
from tenfold.keras.promotion import TensorLike

_METHODS = ("bilinear", "nearest", "lanczos3", "lanczos5", "bicubic", "area")


@operation
def resize(
    images: TensorLike, size: Sequence[int], interpolation: str = "bilinear", antialias: bool = False,
    crop_to_aspect_ratio: bool = False, pad_to_aspect_ratio: bool = False, fill_mode: str = "constant",
    fill_value: float = 0.0, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """Images in another size.

    Args:
      images: tensor of shape `(height, width, channels)` or `(batch, height, width, channels)`.
      size: the new height and width.
      interpolation: "bilinear", "nearest", "bicubic", "lanczos3", "lanczos5" or "area".
      antialias: whether all pixels count where images shrink, not only the nearest.
      crop_to_aspect_ratio: whether sides keep their ratio, and what is too long is cut off.
      pad_to_aspect_ratio: whether sides keep their ratio, and what is missing is filled with `fill_value`.
      fill_mode: "constant".
      fill_value: number.
      data_format: `"channels_last"`, `"channels_first"`, or None for the configured one.
    Returns:
      Tensor of the images' dtype; integers are rounded.
    Raises:
      ValueError: an argument is none of these, both ratios are to be kept, or images are of another shape.
    Example:
      >>> tf.keras.ops.image.resize(tf.ones((2, 8, 8, 3)), (4, 2)).shape
      TensorShape([2, 4, 2, 3])
    """
    x, layout = images_of("resize", images, data_format)
    if len(size) != 2 or min(size) <= 0:
        raise ValueError(f"resize: size is {tuple(size)}; it must be a positive height and width.")
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ValueError("Only one of `pad_to_aspect_ratio` and `crop_to_aspect_ratio` can be `True`.")
    check_choice("resize", "interpolation", interpolation, _METHODS)
    check_choice("resize", "fill_mode", fill_mode, ("constant",))
    height, width = size
    return on_batches(
        lambda batch: resized(
            batch, height, width, interpolation, antialias, crop_to_aspect_ratio, pad_to_aspect_ratio, fill_value
        ),
        x,
        layout,
    )
