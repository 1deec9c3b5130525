"""The geometry of windows that slide over an array: what convolutions, pooling and morphology share.

Arrays here have their channels last: `(batch, d1, ..., dn, channels)`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from tenfold.core.errors import UnimplementedError
from tenfold.ops import static

CACHE_BYTES = 3 << 20  # work arrays up to this size are written and read again inside the processor's caches


class Window(NamedTuple):
    """How a window moves over the spatial axes; every field has one entry per axis."""

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    pads: tuple[tuple[int, int], ...]  # before and after; negative where input is cropped
    out: tuple[int, ...]


@lru_cache(maxsize=4096)
def window(
    sizes: tuple[int, ...],
    kernel: tuple[int, ...],
    strides: tuple[int, ...],
    dilations: tuple[int, ...],
    padding: str,
    explicit: tuple[int, ...] = (),
) -> Window:
    """The window that TensorFlow's attributes describe, without their entries for batch and channels.

    Args:
      sizes: of the input's spatial axes.
      padding: "VALID", "SAME" or "EXPLICIT".
      explicit: with "EXPLICIT", padding before and after each axis, `(before1, after1, before2, ...)`.
    Raises:
      ValueError: the window does not fit, or an attribute is out of range.
    """
    if min(*kernel, *strides, *dilations) < 1:
        raise ValueError(f"window {kernel}, strides {strides} and dilations {dilations} must be positive")
    if min(explicit, default=0) < 0:
        raise ValueError(f"explicit paddings {explicit} must not be negative")
    pads, out = [], []
    for i, (size, extent, stride, dilation) in enumerate(zip(sizes, kernel, strides, dilations, strict=True)):
        reach = (extent - 1) * dilation + 1
        if padding == "SAME":
            count = -(-size // stride)
            total = max((count - 1) * stride + reach - size, 0)
            before, after = total // 2, total - total // 2
        elif padding == "VALID" or padding == "EXPLICIT":
            before, after = explicit[2 * i : 2 * i + 2] if padding == "EXPLICIT" else (0, 0)
            room = size + before + after - reach
            if room + stride <= -stride:  # TensorFlow divides towards zero
                raise ValueError(
                    f"computed output size would be negative: the window reaches over {reach}, "
                    f"the input has {size + before + after} with its padding"
                )
            count = max(room // stride + 1, 0)
        else:
            raise ValueError(f"unknown padding type {padding!r}; 'VALID', 'SAME' or 'EXPLICIT' is expected")
        pads.append((before, after))
        out.append(count)
    return Window(kernel, strides, dilations, tuple(pads), tuple(out))


def per_axis(value: Any, rank: int, data_format: str, what: str) -> tuple[int, ...]:
    """Sizes for all axes, `rank` spatial ones and batch and channels, from one int or one per spatial axis or per axis.

    Raises:
      ValueError: there is another number of them.
    """
    if value is None:
        return (1,) * (rank + 2)
    values = (value,) if type(value) is int else static.ints(value, what)
    if len(values) == rank + 2:
        return values
    if len(values) == 1:
        values *= rank
    elif len(values) != rank:
        raise ValueError(f"{what} should be of length 1, {rank} or {rank + 2}; got {values} of length {len(values)}.")
    return (1, 1, *values) if is_channels_first(data_format) else (1, *values, 1)


def is_channels_first(data_format: str) -> bool:
    return data_format.startswith("NC")


@lru_cache(maxsize=4096)
def spatial_window(
    shape: tuple[int, ...],
    kernel: tuple[int, ...],
    strides: tuple[int, ...],
    padding: str,
    explicit: tuple[int, ...],
    data_format: str,
    dilations: tuple[int, ...],
) -> Window:
    """The window that a raw op's attributes describe, which have an entry for each axis of an input of this shape.

    Raises:
      ValueError: the window does not fit, or an attribute is out of range.
      tf.errors.UnimplementedError: the window moves along the batch or the channels.
    """
    inner = slice(2, None) if is_channels_first(data_format) else slice(1, -1)
    if data_format not in _FORMATS.get(len(shape), ()):
        raise ValueError(f"data_format {data_format!r} is not one of {_FORMATS.get(len(shape), ())}")
    if not len(strides) == len(dilations) == len(shape):
        raise ValueError(f"strides {strides} and dilations {dilations} must have {len(shape)} entries")
    if padding == "EXPLICIT":
        if len(explicit) != 2 * len(shape):
            raise ValueError(f"explicit paddings {explicit} must have {2 * len(shape)} entries")
        rest = explicit[: 2 * inner.start] + (() if inner.stop is None else explicit[2 * inner.stop :])
        if any(rest):
            raise ValueError(f"explicit paddings {explicit} must be 0 along the batch and channel axes")
        explicit = explicit[2 * inner.start : None if inner.stop is None else 2 * inner.stop]
    elif explicit:
        raise ValueError(f"explicit paddings {explicit} need padding='EXPLICIT', not {padding!r}")
    if prod(strides) != prod(strides[inner]) or prod(dilations) != prod(dilations[inner]):
        raise UnimplementedError(
            f"strides {strides} and dilations {dilations} must be 1 along the batch and channel axes."
        )
    return window(shape[inner], kernel, strides[inner], dilations[inner], padding, explicit)


_FORMATS = {4: ("NHWC", "NCHW"), 5: ("NDHWC", "NCDHW")}


def raw_padding(padding: Any, rank: int, what: str) -> tuple[str, tuple[int, ...]]:
    """The attributes `padding` and `explicit_paddings` for the `padding` that users write, a word or pairs for all axes.

    Raises:
      ValueError: it is neither.
    """
    if type(padding) is str:
        if padding == "EXPLICIT":
            raise ValueError(f"{what}: padding is 'EXPLICIT'; give the list of paddings itself.")
        return padding, ()
    if not isinstance(padding, (list, tuple)):
        raise TypeError(f"{what}: padding is {padding!r}; 'VALID', 'SAME' or a list of pairs is expected.")
    if len(padding) != rank + 2 or not all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in padding):
        raise ValueError(f"{what}: padding is {padding!r}; as a list it must hold {rank + 2} pairs of ints.")
    return "EXPLICIT", tuple([int(size) for pair in padding for size in pair])


def to_channels_last(x: np.ndarray, data_format: str) -> np.ndarray:
    return x.transpose(0, *range(2, x.ndim), 1) if is_channels_first(data_format) else x


def from_channels_last(x: np.ndarray, data_format: str) -> np.ndarray:
    return x.transpose(0, x.ndim - 1, *range(1, x.ndim - 1)) if is_channels_first(data_format) else x


def padded(x: np.ndarray, pads: Sequence[tuple[int, int]], fill: Any = 0) -> np.ndarray:
    """`x` with its spatial axes extended by `fill`, or cropped where a padding is negative."""
    if not any(map(any, pads)):
        return x
    sizes = x.shape[1:-1]
    source = [slice(max(-lo, 0), size - max(-hi, 0)) for size, (lo, hi) in zip(sizes, pads, strict=True)]
    x = x[(slice(None), *source)]
    if max(map(max, pads)) <= 0:
        return x
    inner = [slice(max(lo, 0), max(lo, 0) + size) for size, (lo, _) in zip(x.shape[1:-1], pads, strict=True)]
    shape = [size + max(lo, 0) + max(hi, 0) for size, (lo, hi) in zip(x.shape[1:-1], pads, strict=True)]
    if fill == 0:
        out = np.zeros((x.shape[0], *shape, x.shape[-1]), x.dtype)
    else:
        out = np.full((x.shape[0], *shape, x.shape[-1]), fill, x.dtype)
    out[(slice(None), *inner)] = x
    return out


def patches(x: np.ndarray, w: Window) -> np.ndarray:
    """All windows over an array that is padded already, as a view: `(batch, *out, *kernel, channels)`."""
    steps = x.strides[1:-1]
    between = [step * stride for step, stride in zip(steps, w.strides, strict=True)]
    within = [step * dilation for step, dilation in zip(steps, w.dilations, strict=True)]
    shape = (x.shape[0], *w.out, *w.kernel, x.shape[-1])
    return as_strided(x, shape, (x.strides[0], *between, *within, x.strides[-1]), writeable=False)


def blocks(batch: int, sizes: Sequence[int], bytes_per_position: int) -> Iterator[tuple[slice, slice]]:
    """Cuts `(batch, *sizes)` along its first two axes into pieces whose work array fits into `CACHE_BYTES`."""
    per_row = max(prod(sizes[1:]) * bytes_per_position, 1)
    images, rows = CACHE_BYTES // (per_row * max(sizes[0], 1)), sizes[0]
    if images == 0:
        images, rows = 1, max(CACHE_BYTES // per_row, 1)
    for i in range(0, batch, images):
        for j in range(0, sizes[0], rows):
            yield slice(i, min(i + images, batch)), slice(j, min(j + rows, sizes[0]))
