"""What tensors hold between their elements."""

from __future__ import annotations

import functools
import itertools
import operator
from typing import Any

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.image.batches import height_and_width
from tenfold.keras import random
from tenfold.keras.image_layout import on_batches
from tenfold.keras.ops.image.arguments import INTERPOLATIONS, check_choice, images_of, like_images
from tenfold.keras.ops.image.filters import gaussian_blur
from tenfold.keras.ops.operation import operation, operation_of_class
from tenfold.keras.promotion import TensorLike

_FILL_MODES = ("constant", "nearest", "wrap", "mirror", "reflect")


def _neighbours(at: Tensor, order: int) -> list[tuple[Tensor, Tensor]]:
    """The elements that count at places of an axis, and by which weights."""
    if order == 0:
        nearest = at if at.dtype.is_integer else tf.round(at)
        return [(tf.cast(nearest, "int32"), tf.ones_like(at))]
    lower = tf.floor(at)
    index, above = tf.cast(lower, "int32"), at - lower
    return [(index, 1 - above), (index + 1, above)]


def _inside(index: Tensor, size: Any, fill_mode: str) -> Tensor:
    """The elements of an axis that are shown for those beyond it."""
    if fill_mode in ("constant", "nearest"):
        return tf.clip_by_value(index, 0, size - 1)
    if fill_mode == "wrap":
        return tf.math.floormod(index, size)
    turned = tf.math.floormod(tf.abs(index), 2 * size)
    back = 2 * size - turned - (1 if fill_mode == "reflect" else 0)
    return tf.where(turned < size, turned, back)


def _interpolated(
    x: Tensor, coordinates: list[Tensor], order: int, fill_mode: str, fill_value: float, batch_dims: int = 0
) -> Tensor:
    """What `x` holds at places of the axes behind those of the batch; what is there may have axes of its own."""
    sizes = x._array.shape[batch_dims : batch_dims + len(coordinates)]
    dtype = coordinates[0].dtype
    parts: list[Tensor] = []
    for corner in itertools.product(*(_neighbours(at, order) for at in coordinates)):
        indices = tf.stack([_inside(i, n, fill_mode) for (i, _), n in zip(corner, sizes, strict=True)], -1)
        found = tf.cast(tf.gather_nd(x, indices, batch_dims=batch_dims), dtype)
        shape = (*indices._array.shape[:-1], *[1] * (found._array.ndim - indices._array.ndim + 1))
        if fill_mode == "constant":
            is_there = [(i >= 0) & (i < n) for (i, _), n in zip(corner, sizes, strict=True)]
            is_inside = tf.reshape(functools.reduce(operator.and_, is_there), shape)
            found = tf.where(is_inside, found, tf.cast(tf.cast(fill_value, x.dtype), dtype))
        parts.append(tf.reshape(functools.reduce(operator.mul, [weight for _, weight in corner]), shape) * found)
    total = functools.reduce(operator.add, parts)
    return tf.cast(tf.round(total) if x.dtype.is_integer else total, x.dtype)


@operation
def map_coordinates(
    inputs: TensorLike, coordinates: TensorLike, order: int, fill_mode: str = "constant", fill_value: float = 0
) -> Tensor:
    """What a tensor holds at places between its elements.

    Args:
      inputs: tensor of shape `(d0, ..., dn)`.
      coordinates: tensor of shape `(n + 1, ...)`: the places along each axis.
      order: 0 for the nearest element, 1 for what lies on a line between two.
      fill_mode: what is shown from beyond: "constant" for `fill_value`, "nearest" for the last element, "wrap" for the other
        side, "reflect" for it mirrored, "mirror" without a second last element.
      fill_value: number.
    Returns:
      Tensor of the coordinates' shape without its first axis, and the inputs' dtype.
    Raises:
      NotImplementedError: the order is higher.
      ValueError: coordinates are of another shape, or the fill mode is unknown.
    Example:
      >>> print(tf.keras.ops.image.map_coordinates([1.0, 2.0, 4.0], [[0.5, 1.0, 1.75]], order=1).numpy())
      [1.5 2.  3.5]
    """
    x, places = convert(inputs), convert(coordinates)
    if places.shape[0] != len(x.shape):
        raise ValueError(
            f"map_coordinates: coordinates have shape {tuple(places.shape)}, inputs {tuple(x.shape)}; "
            f"the first axis must have size {len(x.shape)}."
        )
    if len(places.shape) < 2:
        raise ValueError(f"map_coordinates: coordinates have shape {tuple(places.shape)}; they need two axes at least.")
    check_choice("map_coordinates", "fill_mode", fill_mode, _FILL_MODES)
    if order not in (0, 1):
        raise NotImplementedError(f"map_coordinates: order is {order}; it must be 0 or 1.")
    return _interpolated(x, tf.unstack(places), order, fill_mode, fill_value)


@operation_of_class("ElasticTransform", spec=like_images)
def elastic_transform(
    images: TensorLike, alpha: float = 20.0, sigma: float = 5.0, interpolation: str = "bilinear",
    fill_mode: str = "reflect", fill_value: float = 0.0, seed: Any = None, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """Images whose pixels are moved at random, neighbours alike, as much along as down.

    Args:
      images: floating tensor of shape `(height, width, channels)` or `(batch, height, width, channels)`.
      alpha: how far pixels move.
      sigma: over how many pixels the moves are alike.
      interpolation: "bilinear" or "nearest".
      fill_mode: what is shown from beyond an image: "constant" for `fill_value`, "nearest", "wrap" or "reflect".
      fill_value: number.
      seed: int, `keras.random.SeedGenerator`, or None.
      data_format: `"channels_last"`, `"channels_first"`, or None for the configured one.
    Returns:
      Tensor of the images' shape and dtype.
    Raises:
      ValueError: an argument is none of these, or images have another shape.
    References: Simard, Steinkraus and Platt, 2003, doi:10.1109/ICDAR.2003.1227801.
    """
    x, layout = images_of("elastic_transform", images, data_format)
    check_choice("elastic_transform", "interpolation", interpolation, INTERPOLATIONS)
    check_choice("elastic_transform", "fill_mode", fill_mode, ("constant", "nearest", "wrap", "reflect"))

    def moved(batch: Tensor) -> Tensor:
        sizes = height_and_width(batch)
        noise = random.normal((tf.shape(batch)[0], *sizes), dtype=batch.dtype.name, seed=seed)
        width = 6 * int(sigma) | 1
        moves = (
            gaussian_blur((noise * sigma)[..., None], (width, width), (sigma, sigma), "channels_last")[..., 0] * alpha
        )
        columns, rows = tf.meshgrid(*(tf.range(size, dtype=batch.dtype) for size in reversed(sizes)))
        order = INTERPOLATIONS.index(interpolation)
        return _interpolated(batch, [rows + moves, columns + moves], order, fill_mode, fill_value, batch_dims=1)

    return on_batches(moved, x, layout)
