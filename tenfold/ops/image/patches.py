"""ExtractImagePatches: what windows of images show, as vectors."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import NUMERIC
from tenfold.core.errors import UnimplementedError
from tenfold.core.op import Op, register
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import creation, static
from tenfold.ops.conv_transpose import conv2d_transpose
from tenfold.ops.windows import Window, padded, patches, spatial_window

_TYPES = {*NUMERIC, dtypes.bool}


def _plan(shape: tuple[int, ...], ksizes: Any, strides: Any, rates: Any, padding: str) -> Window:
    if len(shape) != 4:
        raise ValueError(f"images must have 4 axes, their shape is {shape}")
    for what, numbers in (("ksizes", ksizes), ("strides", strides), ("rates", rates)):
        if len(numbers) != 4:
            raise ValueError(f"{what} must have 4 elements, not {numbers}")
        if numbers[0] != 1 or numbers[3] != 1:
            raise UnimplementedError(f"ExtractImagePatches: {what} must begin and end with 1, not be {numbers}.")
    return spatial_window(shape, tuple(ksizes[1:3]), tuple(strides), padding, (), "NHWC", tuple(rates))


def _kernel(images, *, ksizes, strides, rates, padding):
    w = _plan(images.shape, ksizes, strides, rates, padding)
    found = patches(padded(images, w.pads, 0), w)
    return np.ascontiguousarray(found).reshape(images.shape[0], *w.out, prod(w.kernel) * images.shape[3])


def _lower(b, images, *, ksizes, strides, rates, padding):
    w = _plan(images.shape, ksizes, strides, rates, padding)
    low, high = ([0, *[pad[i] for pad in w.pads], 0] for i in (0, 1))
    found = b.window(b.pad(images, low, high), w.kernel, w.strides, w.dilations)
    return b.reshape(found, (images.shape[0], *w.out, w.kernel[0] * w.kernel[1] * images.shape[3]))


def _spread_kernel(dy, *, shape, ksizes, strides, rates, padding):
    """What windows see, added up where they see it."""
    w = _plan(shape, ksizes, strides, rates, padding)
    parts = dy.reshape(*dy.shape[:3], *w.kernel, shape[3])
    (top, bottom), (left, right) = w.pads
    total = np.zeros((shape[0], shape[1] + top + bottom, shape[2] + left + right, shape[3]), dy.dtype)
    for tap in np.ndindex(*w.kernel):
        at = [
            slice(t * rate, t * rate + (out - 1) * stride + 1, stride)
            for t, rate, stride, out in zip(tap, w.dilations, w.strides, w.out, strict=True)
        ]
        total[(slice(None), *at)] += parts[(..., *tap, slice(None))]
    return total[:, top : total.shape[1] - bottom, left : total.shape[2] - right]


def _spread_by_ops(dy: Tensor, *, shape: Any, ksizes: Any, strides: Any, rates: Any, padding: str) -> Tensor:
    """The same as the transpose of a convolution that copies."""
    height, width, channels = ksizes[1], ksizes[2], shape[3]
    copies = creation.eye(height * width * channels, dtype=dy.dtype)
    filters = array_ops.reshape(copies, (height, width, channels, height * width * channels))
    return conv2d_transpose(dy, filters, shape, list(strides), padding, dilations=list(rates))


PATCHES = register(
    Op(
        "ExtractImagePatches",
        _kernel,
        types=_TYPES,
        vjp=lambda dy, images_shape, attrs: SPREAD(dy, shape=images_shape, **attrs),
        lower=_lower,
    )
)
SPREAD = Op(
    "ExtractImagePatchesGrad",
    _spread_kernel,
    types=_TYPES,
    vjp=lambda dy, ksizes, strides, rates, padding: PATCHES(
        dy, ksizes=ksizes, strides=strides, rates=rates, padding=padding
    ),
    expand=_spread_by_ops,
)


def extract_patches(images: Any, sizes: Any, strides: Any, rates: Any, padding: str, name: str | None = None) -> Tensor:
    """What a window that moves over images shows, as vectors.

    Args:
      images: Tensor of shape `(batch, height, width, channels)`.
      sizes: of the window, `[1, height, width, 1]`.
      strides: how far it moves, `[1, down, along, 1]`.
      rates: the distances of the pixels in it, `[1, down, along, 1]`.
      padding: "VALID" or "SAME".
    Returns:
      Tensor of shape `(batch, rows, columns, height * width * channels)`.
    Raises:
      tf.errors.InvalidArgumentError: shapes do not fit.
    Example:
      >>> x = tf.reshape(tf.range(9), (1, 3, 3, 1))
      >>> tf.image.extract_patches(x, [1, 2, 2, 1], [1, 1, 1, 1], [1, 1, 1, 1], "VALID")[0, 0, 1].numpy()
      array([1, 2, 4, 5], dtype=int32)
    """
    x = convert(images)
    PATCHES.require(x._array)
    ints = [static.ints(v, "tf.image.extract_patches") for v in (sizes, strides, rates)]
    return PATCHES(x, ksizes=ints[0], strides=ints[1], rates=ints[2], padding=padding)
