"""Convolution and its two gradients for any number of spatial axes: kernels, shapes and machine code."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from tenfold.compiler.program import NotLowered
from tenfold.core.symbol import Size, Spec, may_equal
from tenfold.ops.correlate import correlate, filter_gradient, input_gradient
from tenfold.ops.windows import Window, from_channels_last, is_channels_first, spatial_window, to_channels_last


class Geometry(NamedTuple):
    """How a filter moves: a raw op's attributes, with an entry for each axis."""

    strides: Sequence[int]
    padding: str
    explicit: Sequence[int]
    data_format: str
    dilations: Sequence[int]
    rank: int


def _plan(shape: Sequence[int], filter: Sequence[int], geometry: Geometry) -> Window:
    """The window of a filter over an input of this shape, once it is known that the two fit together."""
    strides, padding, explicit, data_format, dilations, rank = geometry
    if len(shape) != rank + 2 or len(filter) != rank + 2:
        raise ValueError(f"input and filter must have {rank + 2} axes, they have {len(shape)} and {len(filter)}")
    channels, (depth, filters) = shape[1 if is_channels_first(data_format) else -1], filter[-2:]
    if prod(filter[:-1]) == 0:
        raise ValueError(f"a filter of shape {tuple(filter)} has no elements")
    if _is_rest(channels % depth):
        raise ValueError(f"input depth must be evenly divisible by filter depth: {channels} vs {depth}")
    if channels and _is_rest(filters % (channels // depth)):
        raise ValueError(f"output depth must be evenly divisible by number of groups: {filters} vs {channels // depth}")
    return spatial_window(
        tuple(shape), tuple(filter[:rank]), tuple(strides), padding, tuple(explicit), data_format, tuple(dilations)
    )


def _is_rest(rest: int) -> bool:
    """Whether a division is known to leave a rest."""
    return type(rest) is not Size and rest != 0


def _wide(x: np.ndarray) -> np.ndarray:
    """BLAS knows no floats of 16 bits."""
    return x.astype(np.float32) if x.dtype.itemsize == 2 else x


def _check_gradient(dy: tuple[int, ...], batch: int, w: Window, filters: int) -> None:
    if not may_equal(dy, (batch, *w.out, filters)):
        raise ValueError(
            f"out_backprop, channels last, is {dy}; for these sizes, strides and padding it must be "
            f"{(batch, *w.out, filters)}"
        )


def convolve(input, filter, geometry):
    w = _plan(input.shape, filter.shape, geometry)
    y = correlate(to_channels_last(_wide(input), geometry.data_format), _wide(filter), w)
    return from_channels_last(y.astype(input.dtype, copy=False), geometry.data_format)


def backprop_input(filter, out_backprop, input_sizes, geometry):
    w, sizes = _plan_input_gradient(filter.shape, out_backprop.shape, input_sizes, geometry)
    dy = to_channels_last(_wide(out_backprop), geometry.data_format)
    _, *spatial, channels = in_channels_last(sizes, geometry.data_format)
    dx = input_gradient(_wide(filter), dy, w, tuple(spatial), channels)
    return from_channels_last(dx.astype(filter.dtype, copy=False), geometry.data_format)


def backprop_filter(input, out_backprop, filter_sizes, geometry):
    w = _plan_filter_gradient(input.shape, out_backprop.shape, filter_sizes, geometry)
    x, dy = (to_channels_last(_wide(a), geometry.data_format) for a in (input, out_backprop))
    return filter_gradient(x, dy, w, tuple(filter_sizes)).astype(input.dtype, copy=False)


def in_channels_last(shape: Sequence[int], data_format: str) -> tuple[int, ...]:
    """A shape in the order of the format with its channels last."""
    return (shape[0], *shape[2:], shape[1]) if is_channels_first(data_format) else tuple(shape)


def in_format(shape: Sequence[int], data_format: str) -> tuple[int, ...]:
    """A shape with its channels last in the order of the format."""
    return (shape[0], shape[-1], *shape[1:-1]) if is_channels_first(data_format) else tuple(shape)


def _plan_input_gradient(
    filter: Sequence[int], dy: Sequence[int], sizes: Sequence[int], geometry: Geometry
) -> tuple[Window, tuple[int, ...]]:
    """The window, and the shape of the input, of which `sizes` may be the spatial axes alone."""
    if len(sizes) == geometry.rank:
        sizes = in_format((dy[0], *sizes, filter[-2]), geometry.data_format)
    w = _plan(sizes, filter, geometry)
    _check_gradient(in_channels_last(dy, geometry.data_format), sizes[0], w, filter[-1])
    return w, tuple(sizes)


def _plan_filter_gradient(x: Sequence[int], dy: Sequence[int], filter: Sequence[int], geometry: Geometry) -> Window:
    w = _plan(x, filter, geometry)
    _check_gradient(in_channels_last(dy, geometry.data_format), x[0], w, filter[-1])
    return w


# Shapes.


def infer_convolve(input, filter, geometry):
    w = _plan(input.shape, filter.shape, geometry)
    return Spec(input.dtype, in_format((input.shape[0], *w.out, filter.shape[-1]), geometry.data_format))


def infer_backprop_input(filter, out_backprop, input_sizes, geometry):
    _, sizes = _plan_input_gradient(filter.shape, out_backprop.shape, input_sizes, geometry)
    return Spec(filter.dtype, sizes)


def infer_backprop_filter(input, out_backprop, filter_sizes, geometry):
    _plan_filter_gradient(input.shape, out_backprop.shape, filter_sizes, geometry)
    return Spec(input.dtype, tuple(filter_sizes))


# Machine code.


def lower_convolve(b, input, filter, geometry):
    w = _plan(input.shape, filter.shape, geometry)
    x = lower_channels_last(b, input, geometry.data_format)
    y = b.convolution(x, filter, **_options(w, x.shape[-1], filter.shape[-2]))
    return lower_from_channels_last(b, y, geometry.data_format)


def lower_backprop_input(b, filter, out_backprop, input_sizes, geometry):
    w, sizes = _plan_input_gradient(filter.shape, out_backprop.shape, input_sizes, geometry)
    dy, shape = (
        lower_channels_last(b, out_backprop, geometry.data_format),
        in_channels_last(sizes, geometry.data_format),
    )
    dx = b.convolution_input_gradient(dy, filter, shape, **_options(w, shape[-1], filter.shape[-2]))
    return lower_from_channels_last(b, dx, geometry.data_format)


def lower_backprop_filter(b, input, out_backprop, filter_sizes, geometry):
    w = _plan_filter_gradient(input.shape, out_backprop.shape, filter_sizes, geometry)
    x, dy = (lower_channels_last(b, v, geometry.data_format) for v in (input, out_backprop))
    return b.convolution_filter_gradient(x, dy, filter_sizes, **_options(w, x.shape[-1], filter_sizes[-2]))


def _options(w: Window, channels: int, depth: int) -> dict[str, Any]:
    if not channels:
        raise NotLowered("a convolution without channels")
    return {"strides": w.strides, "dilations": w.dilations, "padding": w.pads, "groups": channels // depth}


def lower_channels_last(b, x, data_format):
    return b.transpose(x, (0, *range(2, x.ndim), 1)) if is_channels_first(data_format) else x


def lower_from_channels_last(b, x, data_format):
    return b.transpose(x, (0, x.ndim - 1, *range(1, x.ndim - 1))) if is_channels_first(data_format) else x
