"""Spectra on the mel scale, on which equal steps sound equal, and their cepstra."""

from __future__ import annotations

from typing import Any

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import as_dtype
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import static
from tenfold.ops.cast import cast
from tenfold.ops.elementwise import maximum, minimum
from tenfold.ops.exponential import log, rsqrt
from tenfold.ops.ranges import linspace
from tenfold.ops.rearrange import pad
from tenfold.signal.cosine import dct
from tenfold.signal.lengths import signal_of, size_of


def _mel(hertz: Tensor) -> Tensor:
    return 1127.0 * log(1.0 + hertz / 700.0)


def linear_to_mel_weight_matrix(
    num_mel_bins: int = 20,
    num_spectrogram_bins: Any = 129,
    sample_rate: Any = 8000,
    lower_edge_hertz: float = 125.0,
    upper_edge_hertz: float = 3800.0,
    dtype: Any = dtypes.float32,
    name: str | None = None,
) -> Tensor:
    """The matrix that makes spectra on the mel scale of spectra with frequencies in equal steps.

    Each column is a triangle of height 1 whose corners are equal steps apart on the scale of the Hidden Markov Model Toolkit,
    1127 ln(1 + f / 700).

    Args:
      num_mel_bins: how many bands the result has.
      num_spectrogram_bins: how many frequencies, from 0 to half the sample rate, a spectrum has: `fft_length // 2 + 1`.
      sample_rate: samples per second.
      lower_edge_hertz, upper_edge_hertz: where the lowest triangle begins and the highest ends.
      dtype: floating dtype of the result.
    Returns:
      Tensor of shape `(num_spectrogram_bins, num_mel_bins)`.
    Raises:
      ValueError: a number is not positive, edges are in the wrong order or above half the sample rate, or the dtype is not floating.
    Example:
      >>> spectra = tf.abs(tf.signal.stft(tf.ones((1, 2000)), 256, 128))
      >>> tf.matmul(spectra, tf.signal.linear_to_mel_weight_matrix()).shape
      TensorShape([1, 14, 20])
    """
    dtype = as_dtype(dtype)
    if isinstance(sample_rate, Tensor) and not static.is_traced(sample_rate):
        sample_rate = sample_rate.numpy().item()
    if num_mel_bins <= 0:
        raise ValueError(f"num_mel_bins must be positive. Got: {num_mel_bins}")
    if lower_edge_hertz < 0.0:
        raise ValueError(f"lower_edge_hertz must not be negative. Got: {lower_edge_hertz}")
    if lower_edge_hertz >= upper_edge_hertz:
        raise ValueError(f"lower_edge_hertz {lower_edge_hertz} must be below upper_edge_hertz {upper_edge_hertz}")
    if not isinstance(sample_rate, Tensor):
        if sample_rate <= 0.0:
            raise ValueError(f"sample_rate must be positive. Got: {sample_rate}")
        if upper_edge_hertz > sample_rate / 2:
            raise ValueError(
                f"upper_edge_hertz must not be above sample_rate / 2. Got {upper_edge_hertz}, with sample_rate {sample_rate}"
            )
    if not dtype.is_floating:
        raise ValueError(f"dtype must be a floating point type. Got: {dtype!r}")
    highest = cast(sample_rate, dtype) / 2.0
    frequencies = linspace(convert(0.0, dtype), highest, num_spectrogram_bins)[1:]  # the toolkit leaves out 0 Hz
    mels = array_ops.expand_dims(_mel(frequencies), 1)
    lowest_mel, highest_mel = _mel(convert(lower_edge_hertz, dtype)), _mel(convert(upper_edge_hertz, dtype))
    corners = linspace(lowest_mel, highest_mel, num_mel_bins + 2)
    begin, peak, end = corners[:-2], corners[1:-1], corners[2:]
    rising, falling = (mels - begin) / (peak - begin), (end - mels) / (end - peak)
    return pad(maximum(convert(0.0, dtype), minimum(rising, falling)), [(1, 0), (0, 0)])


def mfccs_from_log_mel_spectrograms(log_mel_spectrograms: Any, name: str | None = None) -> Tensor:
    """Mel-frequency cepstral coefficients: the cosine transform of logarithms of spectra on the mel scale.

    They are scaled as in the Hidden Markov Model Toolkit: by sqrt(2 / n) for n bands.

    Args:
      log_mel_spectrograms: float32 or float64 Tensor of shape `(..., num_mel_bins)`.
    Returns:
      Tensor of the same shape.
    Raises:
      ValueError: there are no bands.
    Example:
      >>> tf.signal.mfccs_from_log_mel_spectrograms(tf.ones((1, 8))).numpy().round(2).tolist()[0][0]
      4.0
    """
    x = signal_of(log_mel_spectrograms, 1, "tf.signal.mfccs_from_log_mel_spectrograms: log_mel_spectrograms")
    bands = size_of(x, -1)
    if type(bands) is int and bands == 0:
        raise ValueError(f"num_mel_bins must be positive. Got a tensor of shape {tuple(x.shape)}")
    return dct(x, type=2) * rsqrt(cast(bands, x.dtype) * 2.0)
