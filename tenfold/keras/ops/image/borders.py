"""Images with borders added or cut off."""

from __future__ import annotations

from typing import Any

import tenfold as tf
from tenfold.core.tensor import Tensor
from tenfold.image.batches import height_and_width
from tenfold.keras.image_layout import on_batches
from tenfold.keras.ops.image.arguments import images_of
from tenfold.keras.ops.operation import operation
from tenfold.keras.promotion import TensorLike


def _check_two_of_three(name: str, **given: int | None) -> None:
    if list(given.values()).count(None) != 1:
        raise ValueError(f"{name}: two of {', '.join(given)} must be given; they are {tuple(given.values())}.")
    _check_not_negative(name, **given)


def _check_not_negative(name: str, **given: Any) -> None:
    for argument, value in given.items():
        if isinstance(value, int) and value < 0:
            raise ValueError(f"{name}: {argument} is {value}; it must be >= 0.")


@operation
def pad_images(
    images: TensorLike, top_padding: int | None = None, left_padding: int | None = None,
    bottom_padding: int | None = None, right_padding: int | None = None, target_height: int | None = None,
    target_width: int | None = None, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """Images with zeros around them.

    Args:
      images: tensor of shape `(height, width, channels)` or `(batch, height, width, channels)`.
      top_padding, bottom_padding, target_height: how many rows are added and how many there are then; two of them.
      left_padding, right_padding, target_width: likewise of columns.
      data_format: `"channels_last"`, `"channels_first"`, or None for the configured one.
    Raises:
      ValueError: not two of three are given, one is negative or would be, or images have another shape.
    Example:
      >>> print(tf.keras.ops.image.pad_images(tf.ones((1, 1, 1)), 0, 1, target_height=1, target_width=3)[:, :, 0].numpy())
      [[0. 1. 0.]]
    """
    x, layout = images_of("pad_images", images, data_format)
    _check_two_of_three(
        "pad_images", top_padding=top_padding, bottom_padding=bottom_padding, target_height=target_height
    )
    _check_two_of_three("pad_images", left_padding=left_padding, right_padding=right_padding, target_width=target_width)

    def padded(batch: Tensor) -> Tensor:
        height, width = height_and_width(batch)
        top, bottom = _both(top_padding, bottom_padding, target_height, height)
        left, right = _both(left_padding, right_padding, target_width, width)
        _check_not_negative(
            "pad_images", top_padding=top, bottom_padding=bottom, left_padding=left, right_padding=right
        )
        return tf.pad(batch, [[0, 0], [top, bottom], [left, right], [0, 0]])

    return on_batches(padded, x, layout)


def _both(before: Any, after: Any, target: Any, size: Any) -> tuple[Any, Any]:
    """The paddings, of which the target size may give one."""
    return (
        target - after - size if before is None else before,
        target - before - size if after is None else after,
    )


@operation
def crop_images(
    images: TensorLike, top_cropping: int | None = None, left_cropping: int | None = None,
    bottom_cropping: int | None = None, right_cropping: int | None = None, target_height: int | None = None,
    target_width: int | None = None, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """Images without their borders.

    Args:
      images: tensor of shape `(height, width, channels)` or `(batch, height, width, channels)`.
      top_cropping, bottom_cropping, target_height: how many rows are cut off and how many stay; two of them.
      left_cropping, right_cropping, target_width: likewise of columns.
      data_format: `"channels_last"`, `"channels_first"`, or None for the configured one.
    Raises:
      ValueError: not two of three are given, one is negative or would be, or images have another shape.
    Example:
      >>> tf.keras.ops.image.crop_images(tf.ones((4, 5, 3)), 1, 1, 1, target_width=2).shape
      TensorShape([2, 2, 3])
    """
    x, layout = images_of("crop_images", images, data_format)
    _check_two_of_three(
        "crop_images", top_cropping=top_cropping, bottom_cropping=bottom_cropping, target_height=target_height
    )
    _check_two_of_three(
        "crop_images", left_cropping=left_cropping, right_cropping=right_cropping, target_width=target_width
    )

    def cropped(batch: Tensor) -> Tensor:
        height, width = height_and_width(batch)
        top, rows = _part(top_cropping, bottom_cropping, target_height, height)
        left, columns = _part(left_cropping, right_cropping, target_width, width)
        _check_not_negative(
            "crop_images", top_cropping=top, left_cropping=left, target_height=rows, target_width=columns
        )
        return batch[:, top : top + rows, left : left + columns]

    return on_batches(cropped, x, layout)


def _part(before: Any, after: Any, target: Any, size: Any) -> tuple[Any, Any]:
    """Where what stays begins, and its size."""
    return (
        size - target - after if before is None else before,
        size - before - after if target is None else target,
    )
