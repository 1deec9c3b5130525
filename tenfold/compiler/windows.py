"""Sliding windows: which inputs an output of a convolution reads, and copies of inputs with zeros around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, gcd, prod
from typing import Any

from tenfold.compiler.functions import const
from tenfold.compiler.packing import copy, fill_zero
from tenfold.compiler.vectors import Vectors, if_else, loop, scaled


@dataclass(frozen=True)
class Window:
    """One spatial axis: output `i` reads, for each tap `t`, input `i * step - low + t * spread`, which is zero outside the inputs.

    Args:
      inputs: the extent of what is read.
      outputs: how many outputs there are.
      step: inputs from output to output.
      low: zeros before the first input; less than 0 leaves out inputs.
      taps: the number of taps.
      spread: inputs from tap to tap.
      row: where output 0 is on the axis of the result.
      row_step: steps on that axis from output to output.
      rows: the extent of that axis.
      filter: which element of the filter tap 0 is.
      filter_step: elements of the filter from tap to tap.
    """

    inputs: int
    outputs: int
    step: int
    low: int
    taps: int
    spread: int
    row: int
    row_step: int
    rows: int
    filter: int
    filter_step: int

    def reach(self, outputs: int) -> int:
        """How many inputs, zeros among them, that many outputs read from the first to the last."""
        return (outputs - 1) * self.step + (self.taps - 1) * self.spread + 1

    @property
    def needs_zeros(self) -> bool:
        """Whether anything outside the inputs is read."""
        return self.low > 0 or self.reach(self.outputs) - self.low > self.inputs


def forward_window(inputs: int, taps: int, stride: int, dilation: int, low: int, high: int) -> Window:
    """The window of a convolution."""
    outputs = max(0, (inputs + low + high - (taps - 1) * dilation - 1) // stride + 1)
    return Window(inputs, outputs, stride, low, taps, dilation, 0, 1, outputs, 0, 1)


def backward_windows(forward: Window) -> list[Window]:
    """The windows of the gradient to the input, one for each remainder of the input's position by the stride.

    Input `stride * i + r` was read through the taps that are congruent to `r`; with them, from the last to the first, it is
    a window of stride 1 on the outputs' gradient.
    """
    stride, dilation = forward.step, forward.spread
    tap_step = stride // gcd(stride, dilation)
    windows = []
    for r in range(min(stride, forward.inputs)):
        count = ceil((forward.inputs - r) / stride)
        taps = [t for t in range(forward.taps) if (r + forward.low - t * dilation) % stride == 0]
        spread = tap_step * dilation // stride
        last = taps[-1] if taps else 0
        first_read = (r + forward.low - last * dilation) // stride if taps else 0
        windows.append(
            Window(
                forward.outputs, count, 1, -first_read, len(taps), spread, r, stride, forward.inputs, last, -tap_step
            )
        )
    return windows


@dataclass(frozen=True)
class Channels:
    """How channels are copied: each `repeats` times side by side, or in `planes` of every planes-th one."""

    size: int
    repeats: int = 1
    planes: int = 1

    @property
    def copied(self) -> int:
        """The number of channels of the copy."""
        return self.size * self.repeats

    def copy(self, b: Any, v: Vectors, source: Any, target: Any) -> None:
        """Copies the channels of one position."""
        each = self.size // self.planes
        axes = [(each, self.planes, self.repeats), (self.planes, 1, each)]
        if self.repeats > 1:
            axes = [(self.size, 1, self.repeats), (self.repeats, 0, 1)]
        copy(b, v, axes, 1, source, target)

    @property
    def is_plain(self) -> bool:
        """Whether they are copied as they lie."""
        return self.repeats == self.planes == 1


def copy_window(
    b: Any,
    v: Vectors,
    windows: Sequence[Window],
    channels: Channels,
    begin: Any,
    outputs: Any,
    source: Any,
    target: Any,
) -> None:
    """Copies what a block of outputs reads, with zeros outside the inputs.

    Args:
      b: where to emit.
      v: the element type.
      windows: the spatial axes, outermost first, at least two.
      channels: the innermost axis.
      begin: i64, the block's first output on the first axis.
      outputs: i64, how many outputs it has on the first axis.
      source: the inputs.
      target: the copy, dense, of as many positions as are reached on each axis.
    """
    first = windows[0]
    low = b.sub(const(first.low), scaled(b, begin, first.step))
    reach = b.add(scaled(b, outputs, first.step), const(first.reach(0)))
    _copy_axis(b, v, windows, channels, low, reach, source, target)


def _copy_axis(
    b: Any, v: Vectors, windows: Sequence[Window], channels: Channels, low: Any, reach: Any, source: Any, target: Any
) -> None:
    window, inner = windows[0], windows[1:]
    from_stride = prod(w.inputs for w in inner) * channels.size
    to_stride = prod(w.reach(w.outputs) for w in inner) * channels.copied
    if not inner:
        _copy_last(b, v, window, channels, source, target)
        return
    with loop(b, 0, reach) as turn:
        place = b.sub(turn.index, low if not isinstance(low, int) else const(low))
        to = v.at(b, target, scaled(b, turn.index, to_stride))
        inside = b.icmp_unsigned("<", place, const(window.inputs))  # a negative place is a large one
        with if_else(b, inside) as (then, otherwise):
            with then:
                at = v.at(b, source, scaled(b, place, from_stride))
                _copy_axis(b, v, inner, channels, inner[0].low, inner[0].reach(inner[0].outputs), at, to)
            with otherwise:
                fill_zero(b, v, to_stride, to)


def _copy_last(b: Any, v: Vectors, window: Window, channels: Channels, source: Any, target: Any) -> None:
    reach = window.reach(window.outputs)
    before = min(max(window.low, 0), reach)
    begin = max(-window.low, 0)  # the first input that is read
    count = max(0, min(window.inputs - begin, reach - before))
    after = reach - before - count
    if before:
        fill_zero(b, v, before * channels.copied, target)
    if count:
        at = v.at(b, source, begin * channels.size)
        to = v.at(b, target, before * channels.copied)
        if channels.is_plain:
            copy(b, v, [], count * channels.size, at, to)
        else:
            with loop(b, 0, count) as turn:
                from_place = v.at(b, at, scaled(b, turn.index, channels.size))
                channels.copy(b, v, from_place, v.at(b, to, scaled(b, turn.index, channels.copied)))
    if after:
        fill_zero(b, v, after * channels.copied, v.at(b, target, (before + count) * channels.copied))


def dense_strides(sizes: Sequence[int], inner: int) -> list[int]:
    """Strides of a dense array, with `inner` elements at each position."""
    return [inner * prod(sizes[at + 1 :]) for at in range(len(sizes))]


class Images:
    """Images that are read through windows: where they are, or copied block by block.

    Args:
      windows: the spatial axes.
      channels: of the image, and how they are copied.
      vectors: the element type.
    """

    def __init__(self, windows: Sequence[Window], channels: Channels, vectors: Vectors):
        self.windows, self.channels, self.vectors = windows, channels, vectors
        self.is_copied = any(w.needs_zeros for w in windows) or not channels.is_plain
        self.own_strides = dense_strides([w.inputs for w in windows], channels.size)
        reached = [w.reach(w.outputs) for w in windows]
        self.strides = dense_strides(reached, channels.copied) if self.is_copied else self.own_strides
        self.image = self.own_strides[0] * windows[0].inputs

    def blocks(self, other_bytes: int = 0) -> int:
        """Into how many blocks of rows an image is cut, so that a block, with so many other bytes a row, fits into the second cache."""
        first = self.windows[0]
        row = self.strides[0] * self.vectors.bytes * first.step + other_bytes
        fits = max(1, self.vectors.isa.l2_bytes // 4 // max(row, 1))
        return max(1, ceil(first.outputs / fits))

    def copy_elements(self, blocks: int) -> int:
        """The room that a copy of a block takes, in elements."""
        if not self.is_copied:
            return 0
        first = self.windows[0]
        return max(0, ceil(first.reach(ceil(first.outputs / blocks)) * self.strides[0] / 64) * 64)

    def block(self, b: Any, images: Any, image: Any, begin: Any, outputs: Any, slot: Any) -> Any:
        """Where the first tap of a block's first output is; emits the copy, if there is one."""
        v = self.vectors
        source = v.at(b, images, scaled(b, image, self.image))
        if self.is_copied:
            copy_window(b, v, self.windows, self.channels, begin, outputs, source, slot)
            return slot
        first, *rest = self.windows
        offset = b.sub(scaled(b, begin, first.step), const(first.low))
        source = v.at(b, source, scaled(b, offset, self.own_strides[0]))
        return v.at(b, source, -sum(w.low * s for w, s in zip(rest, self.own_strides[1:], strict=True)))
