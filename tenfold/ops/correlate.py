"""Convolution of arrays with their channels last, and its two gradients.

A convolution is a product of matrices: the input's patches, one per output position, times the filter. The patches are
copied for a few images at a time, so that they are still in the caches when BLAS reads them. The gradient with respect
to the filter multiplies the same patches with `dy`; the one with respect to the input is again a convolution, of `dy`
with the flipped filter, one for each phase of the stride.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import prod
from typing import Any

import numpy as np

from tenfold.core import blas
from tenfold.ops.windows import Window, blocks, padded, patches

_THIN = 4  # channels or filters of a group up to which its product of matrices is not worth its copies
_ARRAYS_AT_WORK = 4
_SHORT_RUN = 12  # patches whose rows are shorter than this are copied along the output's last axis instead


def correlate(x: np.ndarray, f: np.ndarray, w: Window) -> np.ndarray:
    """Convolves `x (batch, *sizes, channels)` with `f (*kernel, channels / groups, filters)`."""
    groups = x.shape[-1] // max(f.shape[-2], 1) or 1
    n = f.shape[-1]
    y = np.empty((x.shape[0], *w.out, n), x.dtype)
    if not y.size or not f.size:
        y.fill(0)
        return y
    x = padded(x, w.pads)
    if _is_channelwise(groups, f.shape[-2], n // groups):
        return _channelwise(x, f, w, groups, y)
    for (channels, filters), group in zip(_groups(x.shape[-1], n, groups), np.split(f, groups, axis=-1), strict=True):
        matrix = group.reshape(-1, n // groups)
        for block, columns in _columns(x[..., channels], w):
            y_block = y[block][..., filters]
            blas.matmul(columns, matrix, out=y_block.reshape(-1, n // groups))
    return y


def _groups(channels: int, filters: int, groups: int) -> Iterator[tuple[slice, slice]]:
    c, n = channels // groups, filters // groups
    for i in range(groups):
        yield slice(i * c, (i + 1) * c), slice(i * n, (i + 1) * n)


def _columns(x: np.ndarray, w: Window) -> Iterator[tuple[tuple[slice, slice], np.ndarray]]:
    """The patches of a padded array block by block: where a block stands in the output, and a matrix of a row per position."""
    views = patches(x, w)
    depth = prod(w.kernel) * x.shape[-1]
    rank = len(w.out)
    if prod(w.kernel) == 1 and views.flags.c_contiguous:
        yield (slice(None), slice(None)), views.reshape(-1, depth)
        return
    run = x.shape[-1] * (w.kernel[-1] if w.dilations[-1] == 1 else 1)
    is_transposed = run < _SHORT_RUN and run < w.out[-1]
    if is_transposed:
        views = views.transpose(*range(rank + 1, 2 * rank + 2), *range(rank + 1))
    work = None
    for block in blocks(x.shape[0], w.out, depth * x.itemsize):
        at: Any = (..., *block, *[slice(None)] * (rank - 1)) if is_transposed else block
        piece = views[at]
        if work is None:
            work = np.empty(piece.size, x.dtype)
        columns = work[: piece.size].reshape(piece.shape)
        np.copyto(columns, piece)
        yield block, columns.reshape(depth, -1).T if is_transposed else columns.reshape(-1, depth)


# With one channel or one filter in each group, products of matrices would be thin: tap after tap is added up instead.


def _is_channelwise(groups: int, depth: int, filters: int) -> bool:
    return groups > 1 and min(depth, filters) == 1 and max(depth, filters) <= _THIN


def _by_tap(x: np.ndarray, w: Window) -> Iterator[tuple[tuple[slice, slice], list[np.ndarray]]]:
    """Of each block of the output, the part of a padded array that each tap meets."""
    views = patches(x, w)
    for block in blocks(x.shape[0], w.out, _ARRAYS_AT_WORK * x.shape[-1] * x.itemsize):
        piece = views[block]
        yield block, [piece[(..., *tap, slice(None))] for tap in np.ndindex(*w.kernel)]


def _channelwise(x: np.ndarray, f: np.ndarray, w: Window, groups: int, y: np.ndarray) -> np.ndarray:
    """`correlate` of a padded array with few channels and filters per group, into `y`."""
    depth, repeats = f.shape[-2], f.shape[-1] // groups
    if repeats > 1:
        x = np.repeat(x, repeats, axis=-1)
    width = x.shape[-1]
    weights = f.reshape(-1, depth, groups * repeats).swapaxes(1, 2).reshape(-1, 1, width)
    # Whole rows of weights, so that NumPy's innermost loop runs over a row of the output and not over its channels.
    weights = np.ascontiguousarray(np.broadcast_to(weights, (weights.shape[0], w.out[-1], width)))
    work = None
    for block, parts in _by_tap(x, w):
        if work is None:
            work = np.empty((2, parts[0].size), x.dtype)
        total, product = work[:, : parts[0].size].reshape(2, *parts[0].shape)
        if depth == 1:
            total = y[block]
        np.multiply(parts[0], weights[0], out=total)
        for part, row in zip(parts[1:], weights[1:], strict=True):
            np.multiply(part, row, out=product)
            total += product
        if depth > 1:
            np.add(total[..., ::depth], total[..., 1::depth], out=y[block])
            for i in range(2, depth):
                y[block] += total[..., i::depth]
    return y


def _channelwise_gradient(x: np.ndarray, dy: np.ndarray, w: Window, df: np.ndarray) -> np.ndarray:
    """`filter_gradient` of a padded array with one channel per group, into `df (taps, filters)`, which is zero."""
    width = df.shape[1]
    if width > x.shape[-1]:
        x = np.repeat(x, width // x.shape[-1], axis=-1)
    work = None
    for block, parts in _by_tap(x, w):
        dy_block = dy[block]
        if work is None:
            work = np.empty(dy_block.size, x.dtype)
        product = work[: dy_block.size].reshape(dy_block.shape)
        for part, total in zip(parts, df, strict=True):
            np.multiply(part, dy_block, out=product)
            total += np.add.reduce(product.reshape(-1, width), 0)
    return df


def filter_gradient(x: np.ndarray, dy: np.ndarray, w: Window, shape: tuple[int, ...]) -> np.ndarray:
    """The gradient of `correlate` with respect to its filter, which has this shape."""
    groups = x.shape[-1] // max(shape[-2], 1) or 1
    n = shape[-1]
    df = np.zeros((prod(shape[:-1]), n), x.dtype)
    if df.size and dy.size:
        x = padded(x, w.pads)
        if _is_channelwise(groups, shape[-2], n // groups) and shape[-2] == 1:
            return _channelwise_gradient(x, dy, w, df).reshape(shape)
        part = np.empty((df.shape[0], n // groups), x.dtype)
        for channels, filters in _groups(x.shape[-1], n, groups):
            for block, columns in _columns(x[..., channels], w):
                blas.matmul(columns.T, dy[block][..., filters].reshape(-1, n // groups), out=part)
                df[:, filters] += part
    return df.reshape(shape)


def input_gradient(f: np.ndarray, dy: np.ndarray, w: Window, sizes: tuple[int, ...], channels: int) -> np.ndarray:
    """The gradient of `correlate` with respect to its input.

    Input position p meets output o through tap k where p + pad = o * stride + k * dilation. The positions whose p + pad
    leave the same rest r by stride meet only the taps r, r + stride, ...: for them it is a convolution of stride 1.
    """
    rank = len(sizes)
    groups = channels // max(f.shape[-2], 1) or 1
    f = f.reshape(
        *f.shape[:-1], groups, f.shape[-1] // groups
    )  # (*kernel, channels / groups, groups, filters / groups)
    f = f.transpose(*range(rank), rank + 2, rank + 1, rank).reshape(
        *f.shape[:rank], f.shape[-1], groups * f.shape[rank]
    )
    f, dilations = _without_dilation(f, w)
    dx = None
    for phases in product(*[range(min(stride, size)) for stride, size in zip(w.strides, sizes, strict=True)]):
        taps, pads, out = [], [], []
        for axis, (start, stride, dilation) in enumerate(zip(phases, w.strides, dilations, strict=True)):
            first, rest = divmod(start + w.pads[axis][0], stride)
            taps.append(slice(rest, None, stride))
            reach = (len(range(rest, f.shape[axis], stride)) - 1) * dilation
            count = -(-(sizes[axis] - start) // stride)
            pads.append((reach - first, count + first - dy.shape[axis + 1]))
            out.append(count)
        g = f[tuple(taps)]
        if not g.size:
            y = np.zeros((dy.shape[0], *out, channels), dy.dtype)
        else:
            g = g[(slice(None, None, -1),) * rank]
            y = correlate(dy, g, Window(g.shape[:rank], (1,) * rank, dilations, tuple(pads), tuple(out)))
        if max(w.strides) == 1:
            return y
        if dx is None:
            dx = np.empty((dy.shape[0], *sizes, channels), dy.dtype)
        dx[(slice(None), *[slice(p, None, s) for p, s in zip(phases, w.strides, strict=True)])] = y
    return np.zeros((dy.shape[0], *sizes, channels), dy.dtype) if dx is None else dx


def _without_dilation(f: np.ndarray, w: Window) -> tuple[np.ndarray, tuple[int, ...]]:
    """Fills a filter with zeros along axes that have both a dilation and a stride."""
    dilations = list(w.dilations)
    for axis, (stride, dilation) in enumerate(zip(w.strides, w.dilations, strict=True)):
        if stride > 1 and dilation > 1:
            shape = list(f.shape)
            shape[axis] = (shape[axis] - 1) * dilation + 1
            full = np.zeros(shape, f.dtype)
            full[(slice(None),) * axis + (slice(None, None, dilation),)] = f
            f, dilations[axis] = full, 1
    return f, tuple(dilations)
