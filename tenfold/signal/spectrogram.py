"""The short-time Fourier transform: spectra of frames, and the signal that has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import as_dtype
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops.cast import cast
from tenfold.ops.creation import zeros_like
from tenfold.ops.division import ceil
from tenfold.ops.elementwise import square
from tenfold.ops.exponential import log
from tenfold.ops.exponential import pow as power
from tenfold.ops.gather import where
from tenfold.ops.logic import equal
from tenfold.ops.rearrange import pad, tile
from tenfold.ops.reduce import reduce_sum
from tenfold.ops.rfft import irfft, rfft
from tenfold.signal.framing import frame, overlap_and_add
from tenfold.signal.lengths import at_least, length, signal_of, size_of
from tenfold.signal.windows import hann_window

Window = Callable[..., Any]


def _enclosing_power_of_two(n: Any) -> Any:
    if type(n) is int:
        return 1 << max(n - 1, 0).bit_length()
    return cast(power(2.0, ceil(log(cast(n, dtypes.float32)) / log(2.0))), dtypes.int32)


def _fft_length(given: Any, frame_length: Any) -> Any:
    return _enclosing_power_of_two(frame_length) if given is None else length(given, "fft_length")


def stft(
    signals: Any,
    frame_length: Any,
    frame_step: Any,
    fft_length: Any = None,
    window_fn: Window | None = hann_window,
    pad_end: bool = False,
    name: str | None = None,
) -> Tensor:
    """The short-time Fourier transform of real signals.

    Args:
      signals: float32 or float64 Tensor of shape `(..., samples)`.
      frame_length: how many samples a frame has.
      frame_step: how many samples lie between the beginnings of two frames.
      fft_length: what frames are extended to, by zeros; by default the next power of two.
      window_fn: function of a length, and of the keyword `dtype`, which gives the weights of a frame's samples; None for no weights.
      pad_end: whether zeros stand behind the signal, so that there are frames up to its last sample.
    Returns:
      complex Tensor of shape `(..., frames, fft_length // 2 + 1)`.
    Raises:
      ValueError: the signal is a scalar, or a length is not one integer.
    Example:
      >>> tf.signal.stft(tf.ones((2, 1000)), frame_length=400, frame_step=160).shape
      TensorShape([2, 4, 257])
    """
    x = signal_of(signals, 1, "tf.signal.stft: signals")
    size, step = length(frame_length, "frame_length"), length(frame_step, "frame_step")
    frames = frame(x, size, step, pad_end=pad_end)
    if window_fn is not None:
        frames *= window_fn(size, dtype=frames.dtype)
    return rfft(frames, [_fft_length(fft_length, size)])


def inverse_stft(
    stfts: Any,
    frame_length: Any,
    frame_step: Any,
    fft_length: Any = None,
    window_fn: Window | None = hann_window,
    name: str | None = None,
) -> Tensor:
    """Real signals from their short-time Fourier transform.

    They are the same again, but for what lies at the ends, if `window_fn` is `inverse_stft_window_fn(frame_step, forward_window_fn)`.

    Args:
      stfts: complex Tensor of shape `(..., frames, fft_length // 2 + 1)`.
      frame_length: how many samples a frame has.
      frame_step: how many samples lie between the beginnings of two frames.
      fft_length: what frames were extended to; by default the next power of two.
      window_fn: function of a length, and of the keyword `dtype`, which gives the weights of a frame's samples; None for no weights.
    Returns:
      real Tensor of shape `(..., (frames - 1) * frame_step + frame_length)`.
    Raises:
      ValueError: there are fewer than 2 axes, or a length is not one integer.
    Example:
      >>> x = tf.sin(tf.range(64.0))
      >>> y = tf.signal.inverse_stft(tf.signal.stft(x, 16, 4), 16, 4, window_fn=tf.signal.inverse_stft_window_fn(4))
      >>> bool(tf.reduce_all(tf.abs(x - y)[16:-16] < 1e-5))
      True
    """
    spectra = signal_of(stfts, 2, "tf.signal.inverse_stft: stfts")
    size, step = length(frame_length, "frame_length"), length(frame_step, "frame_step")
    frames = irfft(spectra, [_fft_length(fft_length, size)])[..., :size]
    missing = at_least(size - size_of(frames, -1), 0)
    if type(missing) is not int or missing:
        frames = pad(frames, [(0, 0)] * (len(frames._array.shape) - 1) + [(0, missing)])
    if window_fn is not None:
        frames *= window_fn(size, dtype=frames.dtype)
    return overlap_and_add(frames, step)


def inverse_stft_window_fn(frame_step: Any, forward_window_fn: Window = hann_window, name: str | None = None) -> Window:
    """The window with which `inverse_stft` undoes `stft`.

    Args:
      frame_step: how many samples lie between the beginnings of two frames.
      forward_window_fn: the `window_fn` of `stft`.
    Returns:
      a function of a length and a dtype: the forward window, divided by what the squares of all windows that meet at a sample add up to.
    Example:
      >>> tf.signal.inverse_stft_window_fn(2)(4, tf.float32).numpy().round(2).tolist()
      [0.0, 1.0, 1.0, 1.0]
    """

    def window_fn(frame_length: Any, dtype: Any) -> Tensor:
        step, size = length(frame_step, "frame_step"), length(frame_length, "frame_length")
        window = convert(forward_window_fn(size, dtype=as_dtype(dtype)))
        overlaps = -(-size // step)
        squares = pad(square(window), [(0, overlaps * step - size)])
        sums = reduce_sum(array_ops.reshape(squares, [overlaps, step]), 0, keepdims=True)
        sums = array_ops.reshape(tile(sums, [overlaps, 1]), [overlaps * step])[:size]
        return where(equal(sums, 0.0), zeros_like(window), window / sums)

    return window_fn
