"""Images seen through maps of the plane."""

from __future__ import annotations

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras.image_layout import on_batches
from tenfold.keras.ops.image.arguments import INTERPOLATIONS, check_choice, images_of, like_images
from tenfold.keras.ops.operation import operation, operation_of_class
from tenfold.keras.promotion import TensorLike
from tenfold.ops.image import projective

_FILL_MODES = ("constant", "nearest", "wrap", "reflect")


def _projected(images: Tensor, maps: Tensor, interpolation: str, fill_mode: str, fill_value: float) -> Tensor:
    return projective.V3(
        images,
        tf.cast(maps, "float32"),
        tf.cast(fill_value, "float32"),
        output_shape=tuple(images._array.shape[1:3]),
        interpolation=interpolation.upper(),
        fill_mode=fill_mode.upper(),
    )


@operation
def affine_transform(
    images: TensorLike, transform: TensorLike, interpolation: str = "bilinear", fill_mode: str = "constant",
    fill_value: float = 0, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """Images seen through a map: what stands at (x, y) is that of x' = (a x + b y + c) / k and y' = (d x + e y + f) / k.

    Args:
      images: tensor of shape `(height, width, channels)` or `(batch, height, width, channels)`.
      transform: tensor of shape (8,), or `(batch, 8)`: `a, b, c, d, e, f, g, h`, where `k = g x + h y + 1`.
      interpolation: "bilinear" or "nearest".
      fill_mode: what is shown from beyond an image: "constant" for `fill_value`, "nearest" for its last pixel, "wrap" for
        its other side, "reflect" for it mirrored.
      fill_value: number.
      data_format: `"channels_last"`, `"channels_first"`, or None for the configured one.
    Returns:
      Tensor of the images' shape and dtype.
    Raises:
      ValueError: an argument is none of these, or of another shape.
    Example:
      >>> x = tf.reshape(tf.range(4.0), (1, 4, 1))
      >>> print(tf.keras.ops.image.affine_transform(x, [1.0, 0, 1, 0, 1, 0, 0, 0]).numpy().ravel())
      [1. 2. 3. 0.]
    """
    x, layout = images_of("affine_transform", images, data_format)
    maps = convert(transform)
    if len(maps.shape) not in (1, 2):
        raise ValueError(f"affine_transform: transform has shape {tuple(maps.shape)}; it must be (8,) or (batch, 8).")
    check_choice("affine_transform", "interpolation", interpolation, INTERPOLATIONS)
    check_choice("affine_transform", "fill_mode", fill_mode, _FILL_MODES)
    maps = tf.reshape(maps, (-1, maps.shape[-1]))
    return on_batches(lambda batch: _projected(batch, maps, interpolation, fill_mode, fill_value), x, layout)


def _maps_between(start: Tensor, end: Tensor) -> Tensor:
    """The projections, `(batch, 8)`, that take the end points, `(batch, 4, 2)`, to the start points."""
    (x, y), (to_x, to_y) = tf.unstack(end, axis=-1), tf.unstack(start, axis=-1)
    one, zero = tf.ones_like(x), tf.zeros_like(x)
    of_x = tf.stack([x, y, one, zero, zero, zero, -to_x * x, -to_x * y], -1)
    of_y = tf.stack([zero, zero, zero, x, y, one, -to_y * x, -to_y * y], -1)
    equations = tf.reshape(tf.stack([of_x, of_y], 2), (-1, 8, 8))
    return tf.reshape(tf.linalg.solve(equations, tf.reshape(start, (-1, 8, 1))), (-1, 8))


@operation_of_class("PerspectiveTransform", spec=like_images)
def perspective_transform(
    images: TensorLike, start_points: TensorLike, end_points: TensorLike, interpolation: str = "bilinear",
    fill_value: float = 0, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """Images seen from elsewhere: what was at the four start points comes to the end points.

    Args:
      images: tensor of shape `(height, width, channels)` or `(batch, height, width, channels)`.
      start_points, end_points: tensors of shape `(4, 2)` or `(batch, 4, 2)`: x and y of each.
      interpolation: "bilinear" or "nearest".
      fill_value: number that is shown from beyond an image.
      data_format: `"channels_last"`, `"channels_first"`, or None for the configured one.
    Returns:
      Tensor of the images' shape and dtype.
    Raises:
      ValueError: an argument is none of these, or of another shape.
    Example:
      >>> corners = [[0.0, 0.0], [0.0, 3.0], [3.0, 0.0], [3.0, 3.0]]
      >>> moved = [[1.0, 0.0], [1.0, 3.0], [4.0, 0.0], [4.0, 3.0]]
      >>> x = tf.reshape(tf.range(16.0), (4, 4, 1))
      >>> print(tf.keras.ops.image.perspective_transform(x, corners, moved, "nearest")[0, :, 0].numpy())
      [0. 0. 1. 2.]
    """
    x, layout = images_of("perspective_transform", images, data_format)
    start, end = tf.cast(convert(start_points), "float32"), tf.cast(convert(end_points), "float32")
    check_choice("perspective_transform", "interpolation", interpolation, INTERPOLATIONS)
    for name, points in (("start_points", start), ("end_points", end)):
        if len(points.shape) not in (2, 3) or tuple(points.shape[-2:]) != (4, 2):
            raise ValueError(
                f"perspective_transform: {name} have shape {tuple(points.shape)}; it must be (4, 2) or (batch, 4, 2)."
            )
    if start.shape != end.shape:
        raise ValueError(
            f"perspective_transform: start_points have shape {tuple(start.shape)}, end_points {tuple(end.shape)}; "
            "they must have the same."
        )
    maps = _maps_between(*(tf.reshape(points, (-1, 4, 2)) for points in (start, end)))
    return on_batches(lambda batch: _projected(batch, maps, interpolation, "constant", fill_value), x, layout)
