"""The modified discrete cosine transform: frames that overlap by half, each with half as many numbers as samples."""

from __future__ import annotations

from math import sqrt
from typing import Any

from tenfold.core.tensor import Tensor
from tenfold.ops.cast import cast
from tenfold.ops.join import concat, split
from tenfold.ops.rearrange import reverse
from tenfold.signal.cosine import dct
from tenfold.signal.framing import frame, overlap_and_add
from tenfold.signal.lengths import length, signal_of, size_of
from tenfold.signal.spectrogram import Window
from tenfold.signal.windows import vorbis_window


def mdct(
    signals: Any,
    frame_length: Any,
    window_fn: Window | None = vorbis_window,
    pad_end: bool = False,
    norm: str | None = None,
    name: str | None = None,
) -> Tensor:
    """The modified discrete cosine transform of real signals, whose frames overlap by half.

    Args:
      signals: float32 or float64 Tensor of shape `(..., samples)`.
      frame_length: how many samples a frame has, a multiple of 4.
      window_fn: function of a length, and of the keyword `dtype`, which gives the weights of a frame's samples; their squares half a frame
        apart must add up to 1 if `inverse_mdct` is to give the signal back. None for equal weights.
      pad_end: whether zeros stand behind the signal, so that there are frames up to its last sample.
      norm: None or `"ortho"`, as in `tf.signal.dct`.
    Returns:
      Tensor of shape `(..., frames, frame_length // 2)`.
    Raises:
      ValueError: the signal is a scalar, or the length is not a multiple of 4.
    Example:
      >>> tf.signal.mdct(tf.ones(16), 8).shape
      TensorShape([3, 4])
    """
    x = signal_of(signals, 1, "tf.signal.mdct: signals")
    size = length(frame_length, "frame_length")
    if type(size) is int and size % 4:
        raise ValueError(f"frame_length must be a multiple of 4. Got: {size}")
    frames = frame(x, size, size // 2, pad_end=pad_end)
    frames *= sqrt(0.5) if window_fn is None else window_fn(size, dtype=frames.dtype)
    a, b, c, d = split(frames, 4, axis=-1)
    return dct(concat([-reverse(c, [-1]) - d, a - reverse(b, [-1])], -1), type=4, norm=norm)


def inverse_mdct(
    mdcts: Any, window_fn: Window | None = vorbis_window, norm: str | None = None, name: str | None = None
) -> Tensor:
    """Real signals from their modified discrete cosine transform, but for half a frame at both ends.

    Args:
      mdcts: float32 or float64 Tensor of shape `(..., frames, frame_length // 2)`.
      window_fn: that of `mdct`.
      norm: that of `mdct`.
    Returns:
      Tensor of shape `(..., (frames + 1) * frame_length // 2)`.
    Raises:
      ValueError: there are fewer than 2 axes.
    Example:
      >>> x = tf.range(16.0)
      >>> tf.signal.inverse_mdct(tf.signal.mdct(x, 8))[4:-4].numpy().round(3).tolist()
      [4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0]
    """
    x = signal_of(mdcts, 2, "tf.signal.inverse_mdct: mdcts")
    half = size_of(x, -1)
    parts = dct(x, type=4, norm=norm)
    if norm is None:
        parts *= 0.5 / cast(half, x.dtype)
    first, second = split(parts, 2, axis=-1)
    frames = concat([second, -reverse(second, [-1]), -reverse(first, [-1]), -first], -1)
    frames *= sqrt(0.5) if window_fn is None else window_fn(2 * half, dtype=x.dtype)
    return overlap_and_add(frames, half)
