"""Pooling and its gradients, channels last, as programs of windows, reductions and pads.

Padding is `(before, after)` for each spatial axis. What lies outside never wins and never counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from tenfold.compiler.builder import Builder, Value

Padding = Sequence[tuple[int, int]]


def max_pool(b: Builder, x: Value, taps: Sequence[int], strides: Sequence[int], padding: Padding) -> Value:
    """The largest element of each window; NaN if there is one."""
    return b.reduce_max(_windows(b, x, taps, strides, padding, _lowest(x.dtype)), _tap_axes(taps))


def average_pool(b: Builder, x: Value, taps: Sequence[int], strides: Sequence[int], padding: Padding) -> Value:
    """The mean of each window, of what lies inside of x."""
    total = b.reduce_sum(_windows(b, x, taps, strides, padding, 0), _tap_axes(taps))
    return b.div(total, _counts(b, x, taps, strides, padding))


def max_pool_gradient(
    b: Builder,
    x: Value,
    y: Value,
    dy: Value,
    taps: Sequence[int],
    strides: Sequence[int],
    padding: Padding,
    to_every: bool = False,
) -> Value:
    """The gradient to x: of each window, the first element that equals `y` gets all; or every one does."""
    if not to_every and tuple(taps) == tuple(strides):
        return _disjoint(b, x, y, dy, taps, padding)
    spread_dy = _spread(b, dy, x.shape, taps, strides, padding, 0)
    if to_every:
        spread_y = _spread(b, y, x.shape, taps, strides, padding, _lowest(x.dtype))
        whole = b.reshape(x, (*x.shape[:-1], *[1] * len(taps), x.shape[-1]))
        is_seen = _spread(b, b.full(y.shape, True, bool), x.shape, taps, strides, padding, False)
        is_chosen = b.logical_and(b.eq(spread_y, b.broadcast_to(whole, spread_y.shape)), is_seen)
    else:
        first = _first_peaks(b, x, y, taps, strides, padding)
        spread_first = _spread(b, first, x.shape, taps, strides, padding, -1)
        mirrored = b.sub(prod(taps) - 1, _tap_numbers(b, spread_first.shape, taps))
        is_chosen = b.eq(spread_first, mirrored)
    return b.reduce_sum(b.select(is_chosen, spread_dy, 0), _tap_axes(taps))


def max_pool_second_gradient(
    b: Builder, x: Value, y: Value, ddx: Value, taps: Sequence[int], strides: Sequence[int], padding: Padding
) -> Value:
    """Of each window over `ddx`, which is like x, the element that stands where the first that equals `y` does."""
    first = _first_peaks(b, x, y, taps, strides, padding)
    seen = _windows(b, ddx, taps, strides, padding, 0)
    is_chosen = b.eq(_tap_numbers(b, seen.shape, taps), _along_taps(b, first, seen.shape))
    return b.reduce_sum(b.select(is_chosen, seen, 0), _tap_axes(taps))


def _first_peaks(
    b: Builder, x: Value, y: Value, taps: Sequence[int], strides: Sequence[int], padding: Padding
) -> Value:
    """The number of the first tap of each window that meets `y`; that of taps if none does."""
    seen = _windows(b, x, taps, strides, padding, _lowest(x.dtype))
    is_peak = b.eq(seen, _along_taps(b, y, seen.shape))
    return b.reduce_min(b.select(is_peak, _tap_numbers(b, seen.shape, taps), prod(taps)), _tap_axes(taps))


def _along_taps(b: Builder, y: Value, shape: Sequence[int]) -> Value:
    """What is of each window, at each of its taps."""
    count = (len(shape) - 2) // 2
    return b.broadcast_to(b.reshape(y, (*y.shape[:-1], *[1] * count, y.shape[-1])), shape)


def _disjoint(b: Builder, x: Value, y: Value, dy: Value, taps: Sequence[int], padding: Padding) -> Value:
    """The gradient of windows side by side: each element is in one of them. Written in the order of x, as what follows is."""
    sizes, last = y.shape[1:-1], 2 * len(taps) + 1
    covered = (x.shape[0], *(n * t for n, t in zip(sizes, taps, strict=True)), x.shape[-1])
    apart = (x.shape[0], *(n for pair in zip(sizes, taps, strict=True) for n in pair), x.shape[-1])

    def spread(value: Value) -> Value:
        single = [n if axis % 2 or axis in (0, last) else 1 for axis, n in enumerate(apart)]
        return b.reshape(b.broadcast_to(b.reshape(value, single), apart), covered)

    first = _first_peaks(b, x, y, taps, taps, padding)
    number = _number(b, [b.reshape(b.iota(apart, axis, np.int32), covered) for axis in range(2, last, 2)], taps)
    dx = b.select(b.eq(number, spread(first)), spread(dy), 0)
    missing = [max(n + low - have, 0) for n, have, (low, _) in zip(x.shape[1:-1], dx.shape[1:-1], padding, strict=True)]
    dx = b.pad(dx, [0] * dx.ndim, [0, *missing, 0])
    return b.slice(dx, [0, *(low for low, _ in padding), 0], x.shape)


def average_pool_gradient(
    b: Builder, dy: Value, shape: Sequence[int], taps: Sequence[int], strides: Sequence[int], padding: Padding
) -> Value:
    """The gradient to an input of this shape."""
    model = b.full(shape, 0, dy.dtype)
    share = b.div(dy, _counts(b, model, taps, strides, padding))
    return b.reduce_sum(_spread(b, share, shape, taps, strides, padding, 0), _tap_axes(taps))


def _lowest(dtype: np.dtype) -> Any:
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


def _tap_axes(taps: Sequence[int]) -> range:
    return range(1 + len(taps), 1 + 2 * len(taps))


def _windows(
    b: Builder, x: Value, taps: Sequence[int], strides: Sequence[int], padding: Padding, outside: Any
) -> Value:
    low, high = ([0, *(p[end] for p in padding), 0] for end in (0, 1))
    return b.window(b.pad(x, low, high, outside), taps, strides)


def _counts(b: Builder, x: Value, taps: Sequence[int], strides: Sequence[int], padding: Padding) -> Value:
    """How many elements each window has inside of x, known beforehand."""
    total: Any = np.ones(())
    for n, tap, stride, (low, high) in zip(x.shape[1:-1], taps, strides, padding, strict=True):
        starts = np.arange((n + low + high - tap) // stride + 1) * stride - low
        inside = np.minimum(starts + tap, n) - np.maximum(starts, 0)
        total = np.multiply.outer(total, np.maximum(inside, 1))
    if not total.size or total.min() == total.max():
        return b.constant(total.flat[0] if total.size else 1, x.dtype)
    return b.constant(total[..., None], x.dtype)


def _tap_numbers(b: Builder, shape: Sequence[int], taps: Sequence[int]) -> Value:
    """The number of each tap in its window."""
    return _number(b, [b.iota(shape, axis, np.int32) for axis in _tap_axes(taps)], taps)


def _number(b: Builder, indices: Sequence[Value], taps: Sequence[int]) -> Value:
    """The number of the tap with these indices."""
    if not indices:
        raise ValueError("pooling: there is no spatial axis")
    number = indices[0]
    for n, index in zip(taps[1:], indices[1:], strict=True):
        number = number * n + index
    return number


def _spread(
    b: Builder,
    y: Value,
    shape: Sequence[int],
    taps: Sequence[int],
    strides: Sequence[int],
    padding: Padding,
    outside: Any,
) -> Value:
    """For each element of the input, what windows it is in: `(batch, *spatial, *taps, channels)`, the last tap first."""
    low, high, inside = [0], [0], [0]
    for n, outputs, tap, stride, (before, _) in zip(shape[1:-1], y.shape[1:-1], taps, strides, padding, strict=True):
        low.append(tap - 1)
        inside.append(stride - 1)
        # Element i of the input is element i + before of the padded one, whose windows end tap - 1 further.
        high.append(max(0, n + before - ((outputs - 1) * stride + 1 if outputs else 0)))
    y = b.pad(y, [*low, 0], [*high, 0], outside, [*inside, 0])
    starts = [0, *(before for before, _ in padding), 0]
    sizes = [y.shape[0], *(n + tap - 1 for n, tap in zip(shape[1:-1], taps, strict=True)), y.shape[-1]]
    return b.window(b.slice(y, starts, sizes), taps)
