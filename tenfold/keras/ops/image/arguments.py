"""What the operations on images check of their arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras import config
from tenfold.keras.keras_tensor import KerasTensor
from tenfold.keras.promotion import TensorLike

INTERPOLATIONS = ("nearest", "bilinear")


def images_of(name: str, images: TensorLike, data_format: str | None) -> tuple[Tensor, str]:
    """The images as a tensor, and where their channels stand.

    Raises:
      ValueError: they have neither 3 nor 4 axes, or the data format is unknown.
    """
    x = convert(images)
    if len(x.shape) not in (3, 4):
        raise ValueError(
            f"{name}: images have shape {tuple(x.shape)}; they must have 3 axes (a single image) or 4 (a batch of images)."
        )
    return x, config.standardize_data_format(data_format)


def like_images(images: TensorLike, *args: Any, **kwargs: Any) -> KerasTensor:
    """What stands for a result of the images' shape and dtype."""
    return KerasTensor(images.shape, images.dtype)


def check_choice(name: str, argument: str, value: Any, choices: Sequence[str]) -> None:
    """Raises:
    ValueError: the value is none of these.
    """
    if value not in choices:
        raise ValueError(f"{name}: {argument} is {value!r}; it must be one of {', '.join(map(repr, choices))}.")
