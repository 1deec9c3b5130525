"""Fourier transforms, of complex numbers as pairs of real and imaginary parts."""

from __future__ import annotations

from typing import Any

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras.ops.operation import operation_of_class
from tenfold.keras.promotion import TensorLike

_WINDOWS = {"hann": tf.signal.hann_window, "hamming": tf.signal.hamming_window}


def _complex(x: TensorLike) -> Tensor:
    """The complex tensor with these parts."""
    if not isinstance(x, (tuple, list)) or len(x) != 2:
        raise ValueError(f"Input `x` should be a tuple of two tensors: real and imaginary parts. Received: x={x}")
    real, imag = convert(x[0]), convert(x[1])
    if real.shape != imag.shape:
        raise ValueError(
            "Input `x` should be a tuple of two tensors, real and imaginary parts of the same shape. "
            f"Received: x[0].shape={real.shape}, x[1].shape={imag.shape}"
        )
    if not (real.dtype.is_floating and imag.dtype.is_floating):
        raise ValueError(
            f"Input `x` should have floating parts. Received: x[0].dtype={real.dtype.name}, x[1].dtype={imag.dtype.name}"
        )
    return tf.complex(real, imag)


def _parts(x: Tensor) -> tuple[Tensor, Tensor]:
    return tf.math.real(x), tf.math.imag(x)


@operation_of_class("FFT")
def fft(x: TensorLike) -> tuple[Tensor, Tensor]:
    """The discrete Fourier transform along the last axis.

    Args:
      x: pair of floating tensors of shape `(..., n)`: real and imaginary parts.
    Returns:
      Pair of tensors of that shape.
    Raises:
      ValueError: x is no pair of floating tensors of one shape.
    Example:
      >>> real, imag = tf.keras.ops.fft(([0.0, 1.0], [1.0, 0.0]))
      >>> print(real.numpy(), imag.numpy())
      [ 1. -1.] [1. 1.]
    """
    return _parts(tf.signal.fft(_complex(x)))


@operation_of_class("FFT2")
def fft2(x: TensorLike) -> tuple[Tensor, Tensor]:
    """The discrete Fourier transform along the last two axes, of a pair as in `fft`."""
    return _parts(tf.signal.fft2d(_complex(x)))


@operation_of_class("IFFT2")
def ifft2(x: TensorLike) -> tuple[Tensor, Tensor]:
    """The inverse of `fft2`."""
    return _parts(tf.signal.ifft2d(_complex(x)))


def _lengths(fft_length: int | None) -> list[int] | None:
    return None if fft_length is None else [fft_length]


@operation_of_class("RFFT")
def rfft(x: TensorLike, fft_length: int | None = None) -> tuple[Tensor, Tensor]:
    """The Fourier transform of real numbers along the last axis: of conjugate coefficients one each.

    Args:
      x: floating tensor of shape `(..., n)`.
      fft_length: int, to which the axis is cut or extended by zeros, or None for n.
    Returns:
      Pair of tensors of shape `(..., fft_length // 2 + 1)`: real and imaginary parts.
    Example:
      >>> real, imag = tf.keras.ops.rfft([1.0, 2.0, 3.0, 4.0])
      >>> print(real.numpy(), imag.numpy())
      [10. -2. -2.] [0. 2. 0.]
    """
    return _parts(tf.signal.rfft(convert(x), _lengths(fft_length)))


@operation_of_class("IRFFT")
def irfft(x: TensorLike, fft_length: int | None = None) -> Tensor:
    """The inverse of `rfft`.

    Args:
      x: pair of floating tensors of shape `(..., m)`: real and imaginary parts.
      fft_length: int, how many numbers are wanted, or None for `2 * (m - 1)`.
    Returns:
      Tensor of shape `(..., fft_length)`.
    Raises:
      ValueError: x is no pair of floating tensors of one shape.
    """
    return tf.signal.irfft(_complex(x), _lengths(fft_length))


def _window(window: Any, sequence_length: int, fft_length: int, dtype: Any) -> Tensor | None:
    """The weights of the samples of a frame: the window in the middle of zeros."""
    if window is None:
        return None
    if isinstance(window, str):
        weights = _WINDOWS[window](sequence_length, periodic=True, dtype=dtype)
    else:
        weights = tf.cast(convert(window), dtype)
    if tuple(weights.shape) != (sequence_length,):
        raise ValueError(
            f"The shape of `window` must be ({sequence_length},), the sequence length. Received: {tuple(weights.shape)}"
        )
    missing = fft_length - sequence_length
    return tf.pad(weights, [[missing // 2, missing - missing // 2]])


def _check_frames(sequence_length: int, sequence_stride: int, fft_length: int, window: Any) -> None:
    if not isinstance(sequence_stride, int) or sequence_stride <= 0:
        raise ValueError(f"`sequence_stride` must be a positive integer. Received: sequence_stride={sequence_stride}")
    if fft_length < sequence_length:
        raise ValueError(
            "`fft_length` must be at least `sequence_length`. "
            f"Received: sequence_length={sequence_length}, fft_length={fft_length}"
        )
    if isinstance(window, str) and window not in _WINDOWS:
        raise ValueError(f"`window` must be one of {tuple(_WINDOWS)}, a tensor or None. Received: window={window}")


@operation_of_class("STFT")
def stft(
    x: TensorLike, sequence_length: int, sequence_stride: int, fft_length: int, window: Any = "hann", center: bool = True
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """The short-time Fourier transform: `rfft` of frames along the last axis.

    Args:
      x: float32 or float64 tensor of shape `(..., samples)`.
      sequence_length: how many samples of a frame count.
      sequence_stride: how many samples lie between the beginnings of two frames.
      fft_length: size of the frames, at least `sequence_length`.
      window: `"hann"`, `"hamming"`, weights of shape `(sequence_length,)`, or None for no weights.
      center: whether the middle of the first frame is the first sample; what is missing is mirrored.
    Returns:
      Pair of tensors of shape `(..., frames, fft_length // 2 + 1)`: real and imaginary parts.
    Raises:
      TypeError: x has another dtype.
      ValueError: the stride is not positive, `fft_length` is too small, or the window is unknown or of another shape.
    Example:
      >>> real, imag = tf.keras.ops.stft(tf.ones((2, 10)), 4, 2, 4)
      >>> real.shape
      TensorShape([2, 6, 3])
    """
    x = convert(x)
    if x.dtype.name not in ("float32", "float64"):
        raise TypeError(f"Invalid input type. Expected `float32` or `float64`. Received: input type={x.dtype.name}")
    _check_frames(sequence_length, sequence_stride, fft_length, window)
    weights = _window(window, sequence_length, fft_length, x.dtype)
    if center:
        x = tf.pad(x, [[0, 0]] * (len(x.shape) - 1) + [[fft_length // 2] * 2], "REFLECT")
    frames = tf.signal.frame(x, fft_length, sequence_stride)
    return _parts(tf.signal.rfft(frames if weights is None else frames * weights))


@operation_of_class("ISTFT")
def istft(
    x: TensorLike, sequence_length: int, sequence_stride: int, fft_length: int, length: int | None = None,
    window: Any = "hann", center: bool = True,
) -> Tensor:  # fmt: skip
    """The inverse of `stft`.

    Args:
      x: pair of floating tensors of shape `(..., frames, fft_length // 2 + 1)`: real and imaginary parts.
      sequence_length, sequence_stride, fft_length, window, center: as they were given to `stft`.
      length: how many samples are wanted, or None for all.
    Returns:
      Tensor of shape `(..., samples)`.
    Raises:
      ValueError: x is no such pair, the stride is not positive, `fft_length` is too small, or the window is unknown or of
        another shape.
    """
    spectra = _complex(x)
    _check_frames(sequence_length, sequence_stride, fft_length, window)
    weights = _window(window, sequence_length, fft_length, tf.math.real(spectra).dtype)
    inverse = None
    if weights is not None:
        inverse = tf.signal.inverse_stft_window_fn(sequence_stride, lambda size, dtype: weights)
    samples = tf.signal.inverse_stft(spectra, fft_length, sequence_stride, fft_length, inverse)
    start = fft_length // 2 if center else 0
    if length is not None:
        return samples[..., start : start + length]
    return samples[..., start:-start] if start else samples
