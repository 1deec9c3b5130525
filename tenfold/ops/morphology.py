"""Grayscale dilation and erosion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tenfold.core.dtypes import REAL
from tenfold.core.op import Op, register, undefined_gradient
from tenfold.core.tensor import Tensor
from tenfold.ops import join, rearrange
from tenfold.ops.elementwise import negative
from tenfold.ops.extremes import lowest
from tenfold.ops.windows import Window, padded, patches, per_axis, spatial_window


def _plan(input: np.ndarray, filter: np.ndarray, strides: Any, rates: Any, padding: str) -> Window:
    if input.ndim != 4 or filter.ndim != 3:
        raise ValueError(f"input must have 4 axes and filter 3, they have {input.ndim} and {filter.ndim}")
    if input.shape[3] != filter.shape[2]:
        raise ValueError(f"input and filter must have the same depth: {input.shape[3]} vs {filter.shape[2]}")
    return spatial_window(input.shape, filter.shape[:2], tuple(strides), padding, (), "NHWC", tuple(rates))


def _raised(input: np.ndarray, filter: np.ndarray, w: Window) -> Iterator[tuple[tuple[int, ...], np.ndarray]]:
    """For each tap what it meets plus its weight, the lowest value where it meets padding; integers as int64."""
    dtype = input.dtype if input.dtype.kind in "fV" else np.dtype(np.int64)
    views = patches(padded(input.astype(dtype, copy=False), w.pads, lowest(dtype)), w)
    outside = patches(padded(np.zeros(input.shape, bool), w.pads, True), w) if any(map(any, w.pads)) else None
    for tap in np.ndindex(*w.kernel):
        part = views[(..., *tap, slice(None))] + filter[tap].astype(dtype, copy=False)
        if outside is not None:
            part[outside[(..., *tap, slice(None))]] = lowest(dtype)
        yield tap, part


def _dilation_kernel(input, filter, *, strides, rates, padding):
    w = _plan(input, filter, strides, rates, padding)
    (_, result), *rest = _raised(input, filter, w)
    for _, part in rest:
        np.maximum(result, part, out=result)
    return result.astype(input.dtype, copy=False)


def _winners(input: np.ndarray, filter: np.ndarray, w: Window) -> Iterator[tuple[tuple[int, ...], np.ndarray]]:
    """For each tap the mask of the windows where it is the first that gives the result."""
    parts = list(_raised(input, filter, w))
    highest = np.maximum.reduce([part for _, part in parts])
    left = np.ones(highest.shape, bool)
    for tap, part in parts:
        mask = np.equal(part, highest) & left
        left ^= mask
        yield tap, mask


def _gradient_plan(input: np.ndarray, filter: np.ndarray, dy: np.ndarray, *options: Any) -> Window:
    w = _plan(input, filter, *options)
    if dy.shape != (len(input), *w.out, input.shape[3]):
        raise ValueError(f"out_backprop is {dy.shape}; it must be {(len(input), *w.out, input.shape[3])}")
    return w


def _backprop_input_kernel(input, filter, out_backprop, *, strides, rates, padding):
    w = _gradient_plan(input, filter, out_backprop, strides, rates, padding)
    sizes = [size + before + after for size, (before, after) in zip(input.shape[1:3], w.pads, strict=True)]
    dx = np.zeros((input.shape[0], *sizes, input.shape[3]), input.dtype)
    for tap, mask in _winners(input, filter, w):
        at = [
            slice(t * rate, t * rate + (out - 1) * stride + 1, stride)
            for t, rate, stride, out in zip(tap, w.dilations, w.strides, w.out, strict=True)
        ]
        dx[(slice(None), *at)] += np.multiply(out_backprop, mask)
    (top, bottom), (left, right) = w.pads
    return dx[:, top : sizes[0] - bottom, left : sizes[1] - right]


def _backprop_filter_kernel(input, filter, out_backprop, *, strides, rates, padding):
    w = _gradient_plan(input, filter, out_backprop, strides, rates, padding)
    df = np.zeros(filter.shape, filter.dtype)
    for tap, mask in _winners(input, filter, w):
        df[tap] = np.add.reduce(np.multiply(out_backprop, mask), (0, 1, 2), dtype=filter.dtype)
    return df


DILATION = register(
    Op(
        "Dilation2D",
        _dilation_kernel,
        types=REAL,
        vjp=(
            lambda dy, input, filter, attrs: DILATION_BACKPROP_INPUT(input, filter, dy, **attrs),
            lambda dy, input, filter, attrs: DILATION_BACKPROP_FILTER(input, filter, dy, **attrs),
        ),
    )
)
DILATION_BACKPROP_INPUT = register(
    Op("Dilation2DBackpropInput", _backprop_input_kernel, types=REAL, vjp=undefined_gradient("Dilation2DBackpropInput"))
)
DILATION_BACKPROP_FILTER = register(
    Op(
        "Dilation2DBackpropFilter",
        _backprop_filter_kernel,
        types=REAL,
        vjp=undefined_gradient("Dilation2DBackpropFilter"),
    )
)


def dilation2d(
    input: Any, filters: Any, strides: Any, padding: str, data_format: str, dilations: Any, name: str | None = None
) -> Tensor:
    """The largest sum of an element and the filter's weight in each window: `max(x[i + a] + f[a])`, channel by channel.

    Args:
      input: Tensor of a real dtype, shape `(batch, height, width, channels)`.
      filters: Tensor, shape `(filter_height, filter_width, channels)`.
      strides: how far the window moves: int, or one for each spatial axis, or one for each axis.
      padding: "VALID" or "SAME".
      data_format: "NHWC".
      dilations: the distances of the filter's taps, given like `strides`.
    Raises:
      ValueError: `data_format` is another one.
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit.
    Example:
      >>> x = tf.reshape(tf.constant([1.0, 5.0, 2.0, 3.0]), (1, 1, 4, 1))
      >>> y = tf.nn.dilation2d(x, tf.zeros((1, 2, 1)), 1, "VALID", "NHWC", 1)
      >>> print(y.numpy().ravel())
      [5. 5. 3.]
    """
    if data_format != "NHWC":
        raise ValueError(f"tf.nn.dilation2d: data_format is {data_format!r}; it must be 'NHWC'.")
    x, f = join.matched((input, filters))
    DILATION.require(x._array, f._array)
    return DILATION(
        x,
        f,
        strides=per_axis(strides, 2, "NHWC", "strides"),
        rates=per_axis(dilations, 2, "NHWC", "dilations"),
        padding=padding,
    )


def erosion2d(
    value: Any, filters: Any, strides: Any, padding: str, data_format: str, dilations: Any, name: str | None = None
) -> Tensor:
    """The smallest difference of an element and the filter's weight in each window; arguments as in `dilation2d`.

    Example:
      >>> x = tf.reshape(tf.constant([1.0, 5.0, 2.0, 3.0]), (1, 1, 4, 1))
      >>> y = tf.nn.erosion2d(x, tf.zeros((1, 2, 1)), 1, "VALID", "NHWC", 1)
      >>> print(y.numpy().ravel())
      [1. 2. 2.]
    """
    if data_format != "NHWC":
        raise ValueError(f"tf.nn.erosion2d: data_format is {data_format!r}; it must be 'NHWC'.")
    x, f = join.matched((value, filters))
    flipped = rearrange.reverse(f, [0, 1])
    return negative(dilation2d(negative(x), flipped, strides, padding, data_format, dilations))
