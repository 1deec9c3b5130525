"""Images seen through affine maps, with the numbers of SciPy's `ndimage.affine_transform`, which Keras takes."""

from __future__ import annotations

from typing import Any

import numpy as np

FILL_MODES = ("nearest", "constant", "reflect", "wrap")


def apply_affine_transform(
    x: Any,
    theta: float = 0,
    tx: float = 0,
    ty: float = 0,
    shear: float = 0,
    zx: float = 1,
    zy: float = 1,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    order: int = 1,
) -> np.ndarray:
    """An image rotated, moved, sheared and zoomed about its centre.

    The middle of the width is taken for that of the rows, and the other way round, as Keras does: it is the centre of square images.

    Args:
      x: array with three axes.
      theta: angle of the rotation, in degrees.
      tx, ty: how many columns and rows the image moves, to the left and up.
      shear: angle of the shear, in degrees.
      zx, zy: factors by which the section of the image that is shown grows, in columns and rows; 0.5 doubles the image.
      row_axis, col_axis, channel_axis: the axes of `x`.
      fill_mode: what lies outside of the image: `"nearest"` (aaa|abcd|ddd), `"constant"`, `"reflect"` (cba|abcd|dcb) or `"wrap"`, the
        image again, its first row on its last one.
      cval: value outside of the image for `"constant"`.
      order: 1 interpolates between pixels, 0 takes the nearest one.
    Returns:
      Array of the shape and dtype of `x`.
    Raises:
      ValueError: axes, `fill_mode` or `order` are other ones.
    Example:
      >>> image = np.arange(9.0).reshape(1, 3, 3)
      >>> tf.keras.preprocessing.image.apply_affine_transform(image, ty=1, fill_mode="constant", cval=-1)
      array([[[ 3.,  4.,  5.],
              [ 6.,  7.,  8.],
              [-1., -1., -1.]]])
    """
    x = np.asarray(x)
    if x.ndim != 3:
        raise ValueError(f"apply_affine_transform: x has the shape {x.shape}; an image has three axes.")
    if sorted((row_axis, col_axis, channel_axis)) != [0, 1, 2] or channel_axis == 1:
        raise ValueError(
            f"apply_affine_transform: row_axis={row_axis}, col_axis={col_axis}, channel_axis={channel_axis}; they must be 0, 1 and 2, "
            "with channels first or last."
        )
    if fill_mode not in FILL_MODES:
        raise ValueError(f"apply_affine_transform: fill_mode is {fill_mode!r}; it must be one of {FILL_MODES}.")
    if order not in (0, 1):
        raise ValueError(f"apply_affine_transform: order is {order!r}; splines are not there, it must be 0 or 1.")
    if (theta, tx, ty, shear, zx, zy) == (0, 0, 0, 0, 1, 1):
        return x
    first, second = min(row_axis, col_axis), max(row_axis, col_axis)
    matrix = _matrix(theta, tx, ty, shear, zx, zy)
    matrix = _about_centre(matrix, x.shape[row_axis], x.shape[col_axis])
    if row_axis < col_axis:
        matrix = matrix[[1, 0, 2]][:, [1, 0, 2]]
    axes = (first, second, channel_axis)
    seen = _seen_through(np.ascontiguousarray(x.transpose(axes)), matrix, fill_mode, cval, order)
    return np.ascontiguousarray(seen.transpose(np.argsort(axes)))


def _matrix(theta: float, tx: float, ty: float, shear: float, zx: float, zy: float) -> np.ndarray:
    """The map from places in the result to those in the image, both counted from the centre."""
    cos, sin = np.cos(np.deg2rad(theta)), np.sin(np.deg2rad(theta))
    turned = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    moved = np.array([[1, 0, tx], [0, 1, ty], [0, 0, 1]])
    angle = np.deg2rad(shear)
    sheared = np.array([[1, -np.sin(angle), 0], [0, np.cos(angle), 0], [0, 0, 1]])
    return turned @ moved @ sheared @ np.diag([zx, zy, 1.0])


def _about_centre(matrix: np.ndarray, height: int, width: int) -> np.ndarray:
    row, column = height / 2 - 0.5, width / 2 - 0.5
    there = np.array([[1, 0, row], [0, 1, column], [0, 0, 1]])
    back = np.array([[1, 0, -row], [0, 1, -column], [0, 0, 1]])
    return there @ matrix @ back


def _seen_through(image: np.ndarray, matrix: np.ndarray, fill_mode: str, cval: float, order: int) -> np.ndarray:
    """The pixels of an image `(height, width, channels)` at the places to which a map takes those of the result."""
    height, width, channels = image.shape
    rows, columns = np.arange(height)[:, None], np.arange(width)
    at = [m[2] + m[0] * rows + m[1] * columns for m in matrix[:2]]
    is_inside = (at[0] >= 0) & (at[0] <= height - 1) & (at[1] >= 0) & (at[1] <= width - 1)
    y, x = (_folded(places, size, fill_mode) for places, size in zip(at, (height, width), strict=True))
    pixels = image.reshape(-1, channels)

    def read(row: np.ndarray, column: np.ndarray) -> np.ndarray:
        index = np.clip(row, 0, height - 1).astype(np.intp) * width + np.clip(column, 0, width - 1).astype(np.intp)
        return pixels.take(index, 0)

    if order == 0:
        seen = read(np.floor(y + 0.5), np.floor(x + 0.5))
    else:
        top, left = np.floor(y), np.floor(x)
        down, right = (y - top)[..., None], (x - left)[..., None]
        above = read(top, left) * (1 - right) + read(top, left + 1) * right
        below = read(top + 1, left) * (1 - right) + read(top + 1, left + 1) * right
        seen = above * (1 - down) + below * down
    if fill_mode == "constant":
        seen = np.where(is_inside[..., None], seen, cval)
    return _rounded(seen, image.dtype)


def _folded(at: np.ndarray, size: int, fill_mode: str) -> np.ndarray:
    """Places inside of an axis, or less than a pixel beside it, for those outside."""
    if fill_mode == "reflect":
        at = np.mod(at, 2 * size)
        return np.where(at >= size, 2 * size - 1 - at, at)
    if fill_mode == "wrap":
        turns = np.trunc(at / max(size - 1, 1))
        turns = np.where(at < 0, turns - 1, np.where(at > size - 1, turns, 0))
        return at - (size - 1) * turns if size > 1 else np.zeros_like(at)
    return np.clip(at, 0, size - 1)


def _rounded(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        values = np.clip(np.trunc(values + np.copysign(0.5, values)), limits.min, limits.max)
    return values.astype(dtype, copy=False)
