"""Signals cut into frames that overlap, and put together again."""

from __future__ import annotations

from typing import Any

from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import static
from tenfold.ops.gather import gather
from tenfold.ops.ranges import range as range_of
from tenfold.ops.rearrange import pad
from tenfold.ops.reduce import reduce_sum
from tenfold.signal.lengths import at_least, length, signal_of, size_of


def frame(
    signal: Any,
    frame_length: Any,
    frame_step: Any,
    pad_end: bool = False,
    pad_value: Any = 0,
    axis: Any = -1,
    name: str | None = None,
) -> Tensor:
    """Cuts an axis into frames of one length, which overlap where the step is smaller.

    Args:
      signal: Tensor of shape `(..., samples, ...)`.
      frame_length: how many samples a frame has.
      frame_step: how many samples lie between the beginnings of two frames.
      pad_end: whether there are frames up to the last sample, filled up with `pad_value`; else only full ones.
      pad_value: number that stands behind the end.
      axis: the axis of the samples.
    Returns:
      Tensor of shape `(..., frames, frame_length, ...)`.
    Raises:
      ValueError: the signal is a scalar, or a length is not one integer.
    Example:
      >>> tf.signal.frame([1, 2, 3, 4, 5], 3, 2).numpy().tolist()
      [[1, 2, 3], [3, 4, 5]]
    """
    x = signal_of(signal, 1, "tf.signal.frame: signal")
    size, step = length(frame_length, "frame_length"), length(frame_step, "frame_step")
    place = static.positive_axis(static.scalar(axis, "tf.signal.frame: axis"), len(x._array.shape), "tf.signal.frame")
    samples = size_of(x, place)
    if pad_end:
        frames = -(-samples // step)
        missing = at_least(size + step * (frames - 1) - samples, 0)
        around = [(0, 0)] * len(x._array.shape)
        around[place] = (0, missing)
        x = pad(x, around, constant_values=convert(pad_value, x.dtype))
    else:
        frames = at_least(1 + (samples - size) // step, 0)
    begins = array_ops.expand_dims(range_of(frames) * step, 1)
    return gather(x, begins + range_of(size), axis=place)


def overlap_and_add(signal: Any, frame_step: Any, name: str | None = None) -> Tensor:
    """Puts frames together to a signal, where those that overlap add up.

    Args:
      signal: Tensor of shape `(..., frames, frame_length)`.
      frame_step: how many samples lie between the beginnings of two frames.
    Returns:
      Tensor of shape `(..., (frames - 1) * frame_step + frame_length)`.
    Raises:
      ValueError: there are fewer than 2 axes, or the step is not one integer.
    Example:
      >>> tf.signal.overlap_and_add([[1, 1, 1], [5, 5, 5]], 2).numpy().tolist()
      [1, 1, 6, 5, 5]
    """
    x = signal_of(signal, 2, "tf.signal.overlap_and_add: signal")
    step = length(frame_step, "frame_step")
    outer = [size_of(x, i) for i in range(len(x._array.shape) - 2)]
    frames, size = size_of(x, -2), size_of(x, -1)
    total = size + step * (frames - 1)
    # Frame i is cut into parts of a step, of which part j belongs to place i + j of the result. In rows of all first
    # parts, all second parts and so on, each with as many zeros behind it as there are parts, reading one number less
    # per row moves row j to the right by j.
    parts = -(-size // step)
    none = [(0, 0)] * len(outer)
    x = pad(x, [*none, (0, parts), (0, parts * step - size)])
    x = array_ops.reshape(x, [*outer, frames + parts, parts, step])
    first = len(outer)
    x = array_ops.transpose(x, [*range(first), first + 1, first, first + 2])
    x = array_ops.reshape(x, [*outer, (frames + parts) * parts, step])
    x = x[..., : (frames + parts - 1) * parts, :]
    x = reduce_sum(array_ops.reshape(x, [*outer, parts, frames + parts - 1, step]), axis=-3)
    return array_ops.reshape(x, [*outer, (frames + parts - 1) * step])[..., :total]
