"""Kernels of pooling, for any number of spatial axes."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

from tenfold.core.errors import UnimplementedError
from tenfold.ops.choose import keep
from tenfold.ops.extremes import lowest
from tenfold.ops.windows import (
    CACHE_BYTES,
    Window,
    from_channels_last,
    is_channels_first,
    padded,
    spatial_window,
    to_channels_last,
)


def plan(shape: tuple[int, ...], ksize, strides, padding, explicit, data_format, rank: int) -> Window:
    if len(shape) != rank + 2:
        raise ValueError(f"the input must have {rank + 2} axes, it has {len(shape)}")
    ksize = tuple(ksize)
    if len(ksize) != len(shape):
        raise ValueError(f"ksize {ksize} must have {rank + 2} entries")
    kernel = ksize[2:] if is_channels_first(data_format) else ksize[1:-1]
    if prod(kernel) != prod(ksize):
        raise UnimplementedError(f"ksize {ksize} must be 1 along the batch and channel axes.")
    return spatial_window(shape, kernel, tuple(strides), padding, tuple(explicit), data_format, (1,) * (rank + 2))


def _few_images(x: np.ndarray) -> Iterator[slice]:
    """Cuts the batch into parts that fit into the caches."""
    step = max(CACHE_BYTES // max(prod(x.shape[1:]) * x.itemsize, 1), 1)
    for i in range(0, x.shape[0], step):
        yield slice(i, i + step)


def _reach(w: Window, axis: int, tap: int) -> slice:
    """What a tap meets along one spatial axis."""
    stride = w.strides[axis]
    return slice(tap, tap + (w.out[axis] - 1) * stride + 1, stride) if w.out[axis] else slice(0, 0)


def fold(ufunc: np.ufunc, x: np.ndarray, w: Window, y: np.ndarray) -> None:
    """Folds the windows of a padded array axis by axis, which takes fewer steps than tap by tap, into `y`."""
    for axis, extent in enumerate(w.kernel):
        parts = [x[(slice(None),) * (axis + 1) + (_reach(w, axis, tap),)] for tap in range(extent)]
        x = parts[0]
        if extent > 1:
            x = ufunc(x, parts[1], out=y if axis == len(w.kernel) - 1 else None)
            for part in parts[2:]:
                ufunc(x, part, out=x)
    if x is not y:
        y[...] = x


def _taps(x: np.ndarray, w: Window) -> Iterator[np.ndarray]:
    """Of a padded array, the part that each tap of the window meets."""
    for tap in np.ndindex(*w.kernel):
        yield x[(slice(None), *[_reach(w, axis, t) for axis, t in enumerate(tap)])]


def _inner(w: Window, sizes: tuple[int, ...]) -> tuple[slice, ...]:
    """Where the input stands in the padded array."""
    return (slice(None), *[slice(before, before + size) for (before, _), size in zip(w.pads, sizes, strict=True)])


def largest(input, ksize, strides, padding, explicit, data_format, rank):
    w = plan(input.shape, ksize, strides, padding, explicit, data_format, rank)
    x = to_channels_last(input, data_format)
    y = np.empty((x.shape[0], *w.out, x.shape[-1]), x.dtype)
    for images in _few_images(x):
        fold(np.maximum, padded(x[images], w.pads, lowest(x.dtype)), w, y[images])
    return from_channels_last(y, data_format)


def chosen(
    x: np.ndarray, y: np.ndarray, w: Window, all_equal: bool = False
) -> Iterator[tuple[tuple[int, ...], np.ndarray]]:
    """For each tap a mask of the windows whose largest element it meets; of equal elements the first counts, or all."""
    left = np.ones(y.shape, bool)
    for tap, part in zip(np.ndindex(*w.kernel), _taps(x, w), strict=True):
        mask = np.equal(part, y)
        if not all_equal:
            mask &= left
            left ^= mask
        yield tap, mask


def largest_grad(x, y, dy, ksize, strides, padding, explicit, data_format, rank):
    w = plan(x.shape, ksize, strides, padding, explicit, data_format, rank)
    x, y, dy = [to_channels_last(a, data_format) for a in (x, y, dy)]
    _check_shapes(x, y, w, dy, y)
    dx = np.zeros(x.shape, dy.dtype)  # as TensorFlow, whose gradient in 3-D goes to each of several equal elements
    is_disjoint = all(k <= s for k, s in zip(w.kernel, w.strides, strict=True))
    for images in _few_images(x):
        x_padded = padded(x[images], w.pads, lowest(x.dtype))
        has_pads = x_padded.shape != dx[images].shape
        total = np.zeros(x_padded.shape, dy.dtype) if has_pads else dx[images]
        for part, (_, mask) in zip(_taps(total, w), chosen(x_padded, y[images], w, rank == 3), strict=True):
            if is_disjoint:
                keep(dy[images], mask, part)
            else:
                part += keep(dy[images], mask)
        if has_pads:
            dx[images] = total[_inner(w, x.shape[1:-1])]
    return from_channels_last(dx, data_format)


def largest_grad_grad(x, y, ddx, ksize, strides, padding, explicit, data_format, rank):
    """Takes from `ddx`, which is like the input, what stands where the largest elements do."""
    w = plan(x.shape, ksize, strides, padding, explicit, data_format, rank)
    x, y, ddx = [to_channels_last(a, data_format) for a in (x, y, ddx)]
    _check_shapes(x, y, w, ddx, x)
    out = np.zeros(y.shape, ddx.dtype)
    for images in _few_images(x):
        x_padded = padded(x[images], w.pads, lowest(x.dtype))
        for part, (_, mask) in zip(_taps(padded(ddx[images], w.pads), w), chosen(x_padded, y[images], w), strict=True):
            out[images] += keep(part, mask)
    return from_channels_last(out, data_format)


def _check_shapes(x: np.ndarray, y: np.ndarray, w: Window, dy: np.ndarray, like: np.ndarray) -> None:
    expected = (x.shape[0], *w.out, x.shape[-1])
    if y.shape != expected:
        raise ValueError(f"orig_output, channels last, is {y.shape}; it must be {expected}")
    if dy.shape != like.shape:
        raise ValueError(f"the gradient, channels last, is {dy.shape}; it must be {like.shape}")


def _wide(x: np.ndarray) -> np.ndarray:
    """Sums of floats of 16 bits need more of them."""
    return x.astype(np.float32) if x.dtype.itemsize == 2 else x


def _counts(w: Window, sizes: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """How many elements of the input each window covers, to divide `(batch, *out, channels)` by."""
    counts = np.ones((1,), dtype)
    for size, extent, stride, (before, after), out in zip(sizes, w.kernel, w.strides, w.pads, w.out, strict=True):
        start = np.arange(out) * stride - before
        covered = np.minimum(start + extent, size) - np.maximum(start, 0)
        if not before and not after:
            covered = covered[:1]
        counts = counts[..., None] * covered.astype(dtype)
    return counts[0][..., None]


def average(value, ksize, strides, padding, data_format, rank):
    w = plan(value.shape, ksize, strides, padding, (), data_format, rank)
    x = to_channels_last(_wide(value), data_format)
    y = np.empty((x.shape[0], *w.out, x.shape[-1]), x.dtype)
    for images in _few_images(x):
        fold(np.add, padded(x[images], w.pads), w, y[images])
    if y.size:
        y /= _counts(w, x.shape[1:-1], x.dtype)
    return from_channels_last(y.astype(value.dtype, copy=False), data_format)


def average_grad(grad, shape, ksize, strides, padding, data_format, rank):
    w = plan(tuple(shape), ksize, strides, padding, (), data_format, rank)
    dy = to_channels_last(_wide(grad), data_format)
    sizes = tuple(shape[2:] if is_channels_first(data_format) else shape[1:-1])
    channels = shape[1] if is_channels_first(data_format) else shape[-1]
    if dy.shape != (shape[0], *w.out, channels):
        raise ValueError(f"the gradient, channels last, is {dy.shape}; it must be {(shape[0], *w.out, channels)}")
    dx = np.zeros((shape[0], *sizes, channels), dy.dtype)
    if dx.size and dy.size:
        counts = _counts(w, sizes, dy.dtype)
        for images in _few_images(dx):
            dx[images] = _spread(dy[images] / counts, w, sizes)
    return from_channels_last(dx.astype(grad.dtype, copy=False), data_format)


def _spread(dy: np.ndarray, w: Window, sizes: tuple[int, ...]) -> np.ndarray:
    """The transpose of a sum over windows, axis by axis."""
    for axis in reversed(range(len(sizes))):
        before, after = w.pads[axis]
        shape = list(dy.shape)
        shape[axis + 1] = sizes[axis] + before + after
        dx = np.zeros(shape, dy.dtype)
        for tap in range(w.kernel[axis]):
            dx[(slice(None),) * (axis + 1) + (_reach(w, axis, tap),)] += dy
        dy = dx[(slice(None),) * (axis + 1) + (slice(before, before + sizes[axis]),)]
    return dy
