"""Tensors scaled and moved along some axes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras.ops.image.arguments import check_choice
from tenfold.keras.ops.operation import operation
from tenfold.keras.promotion import TensorLike, promoted


def _linear(x: Tensor) -> Tensor:
    return tf.maximum(1 - x, tf.zeros_like(x))


def _cubic(x: Tensor) -> Tensor:
    near = ((1.5 * x - 2.5) * x) * x + 1.0
    far = ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    return tf.where(x >= 2.0, tf.zeros_like(x), tf.where(x >= 1.0, far, near))


def _lanczos(radius: float) -> Callable[[Tensor], Tensor]:
    def weights(x: Tensor) -> Tensor:
        waves = radius * tf.sin(math.pi * x) * tf.sin(math.pi * x / radius)
        inside = waves / tf.where(x != 0, math.pi**2 * tf.square(x), tf.ones_like(x))
        return tf.where(x > radius, tf.zeros_like(x), tf.where(x > 1e-3, inside, tf.ones_like(x)))

    return weights


_METHODS = {
    "linear": _linear, "bilinear": _linear, "trilinear": _linear, "cubic": _cubic, "bicubic": _cubic, "tricubic": _cubic,
    "lanczos3": _lanczos(3.0), "lanczos5": _lanczos(5.0),
}  # fmt: skip


def _weights(size: Any, out: int, scale: Tensor, translation: Tensor, method: str, antialias: bool) -> Tensor:
    """How much each element of an axis counts for each of the result: `(size, out)`."""
    dtype = scale.dtype
    inverse = 1 / scale
    width = tf.maximum(inverse, tf.ones_like(inverse)) if antialias else tf.ones_like(inverse)
    places = (tf.range(out, dtype=dtype) + 0.5) * inverse - translation * inverse - 0.5
    found = _METHODS[method](tf.abs(places[None] - tf.range(size, dtype=dtype)[:, None]) / width)
    total = tf.reduce_sum(found, 0, keepdims=True)
    is_enough = tf.abs(total) > 1000 * float(np.finfo(np.float32).eps)
    found = tf.where(is_enough, found / tf.where(total != 0, total, tf.ones_like(total)), tf.zeros_like(found))
    is_inside = (places >= -0.5) & (places <= tf.cast(size, dtype) - 0.5)
    return tf.where(is_inside[None], found, tf.zeros_like(found))


@operation
def scale_and_translate(
    images: TensorLike, output_shape: TensorLike, scale: TensorLike, translation: TensorLike, spatial_dims: Sequence[int],
    method: str, antialias: bool = True,
) -> Tensor:  # fmt: skip
    """A tensor scaled, and then moved, along some axes.

    Args:
      images: tensor of any shape; integers are rounded in the end.
      output_shape: ints, the shape of the result.
      scale: floating tensor of shape `(k,)`: how much larger things become along each of these axes.
      translation: floating tensor of shape `(k,)`: how far they move.
      spatial_dims: the axes.
      method: "linear", "cubic", "lanczos3" or "lanczos5"; "bilinear", "trilinear", "bicubic" and "tricubic" are names of the
        first two.
      antialias: whether all elements count where things shrink, not only the nearest.
    Returns:
      Tensor of the images' dtype.
    Raises:
      ValueError: the method is unknown.
    Example:
      >>> x = tf.constant([1.0, 2.0, 3.0])
      >>> print(tf.keras.ops.image.scale_and_translate(x, (3,), [1.0], [1.0], (0,), "linear").numpy())
      [0. 1. 2.]
    """
    check_choice("scale_and_translate", "method", method, list(_METHODS))
    x = convert(images)
    scales, translations = promoted(scale, translation)
    found = tf.cast(x, "float32") if x.dtype.is_integer else tf.identity(x)
    for i, axis in enumerate(a % len(x.shape) for a in spatial_dims):
        size, out = x._array.shape[axis], output_shape[axis]
        weights = _weights(size, out, scales[i], translations[i], method, antialias)
        found = tf.tensordot(found, tf.cast(weights, found.dtype), axes=(axis, 0))
        order = list(range(len(x.shape) - 1))
        found = tf.transpose(found, [*order[:axis], len(order), *order[axis:]])
    if not x.dtype.is_integer or not spatial_dims:
        return tf.cast(found, x.dtype)
    least, most = (tf.cast(f(x), "float32") for f in (tf.reduce_min, tf.reduce_max))
    return tf.cast(tf.clip_by_value(tf.round(found), least, most), x.dtype)
