"""Windows: weights of the samples of a frame, which fade towards its ends."""

from __future__ import annotations

from math import pi
from typing import Any

from tenfold.core import dtypes
from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.tensor import Tensor
from tenfold.ops import static
from tenfold.ops.activation import relu
from tenfold.ops.bessel import bessel_i0e
from tenfold.ops.cast import cast
from tenfold.ops.creation import ones
from tenfold.ops.elementwise import square
from tenfold.ops.exponential import exp, sqrt
from tenfold.ops.join import concat
from tenfold.ops.ranges import range as range_of
from tenfold.ops.rearrange import reverse
from tenfold.ops.scan import cumsum
from tenfold.ops.trigonometry import cos, sin
from tenfold.signal.lengths import length


def _checked(window_length: Any, dtype: Any) -> tuple[Any, DType]:
    dtype = as_dtype(dtype)
    if not dtype.is_floating:
        raise ValueError(f"dtype must be a floating point type. Found {dtype!r}")
    return length(window_length, "window_length"), dtype


def _raised_cosine(window_length: Any, periodic: Any, dtype: Any, mean: float, height: float) -> Tensor:
    n, dtype = _checked(window_length, dtype)
    if type(n) is int and n == 1:
        return ones([1], dtype)
    even = 1 - n % 2
    if static.is_traced(periodic):
        period = n + cast(periodic, dtypes.int32) * even - 1
    else:
        period = n + bool(periodic) * even - 1
    positions = cast(range_of(n), dtype)
    return mean - height * cos(2 * pi * positions / cast(period, dtype))


def hann_window(
    window_length: Any, periodic: Any = True, dtype: Any = dtypes.float32, name: str | None = None
) -> Tensor:
    """The Hann window: one period of a cosine, from 0 to 1 and back.

    Args:
      window_length: how many samples it has.
      periodic: whether the next sample would be the first one again, for spectra; else it is symmetric, for filters. Odd
        lengths are symmetric in both cases.
      dtype: floating dtype of the result.
    Returns:
      Tensor of shape `(window_length,)`.
    Raises:
      ValueError: the dtype is not floating, or the length is not one integer.
    Example:
      >>> tf.signal.hann_window(4).numpy().round(2).tolist()
      [0.0, 0.5, 1.0, 0.5]
    """
    return _raised_cosine(window_length, periodic, dtype, 0.5, 0.5)


def hamming_window(
    window_length: Any, periodic: Any = True, dtype: Any = dtypes.float32, name: str | None = None
) -> Tensor:
    """The Hamming window: one period of a cosine, from 0.08 to 1 and back.

    Args:
      window_length: how many samples it has.
      periodic: whether the next sample would be the first one again, for spectra; else it is symmetric, for filters. Odd
        lengths are symmetric in both cases.
      dtype: floating dtype of the result.
    Returns:
      Tensor of shape `(window_length,)`.
    Raises:
      ValueError: the dtype is not floating, or the length is not one integer.
    Example:
      >>> tf.signal.hamming_window(4).numpy().round(2).tolist()
      [0.08, 0.54, 1.0, 0.54]
    """
    return _raised_cosine(window_length, periodic, dtype, 0.54, 0.46)


def kaiser_window(window_length: Any, beta: Any = 12.0, dtype: Any = dtypes.float32, name: str | None = None) -> Tensor:
    """The Kaiser window, which concentrates its spectrum around 0.

    Args:
      window_length: how many samples it has.
      beta: how fast it fades; more makes the middle of its spectrum wider and the rest lower.
      dtype: floating dtype of the result.
    Returns:
      Tensor of shape `(window_length,)`.
    Raises:
      ValueError: the dtype is not floating, or the length is not one integer.
    Example:
      >>> tf.signal.kaiser_window(3, beta=2.0).numpy().round(2).tolist()
      [0.44, 1.0, 0.44]

    References: Kaiser and Schafer, IEEE Trans. Acoust. Speech Signal Process. 28(1), 1980.
    """
    n, dtype = _checked(window_length, dtype)
    if type(n) is int and n == 1:
        return ones([1], dtype)
    half = (cast(n, dtypes.float32) - 1.0) / 2.0
    positions = cast(cast(range_of(n), dtypes.float32) - half, dtype)
    beta = cast(beta, dtype)
    exponent = beta * sqrt(relu(1.0 - square(positions / cast(half, dtype))))
    return exp(exponent - beta) * (bessel_i0e(exponent) / bessel_i0e(beta))


def kaiser_bessel_derived_window(
    window_length: Any, beta: Any = 12.0, dtype: Any = dtypes.float32, name: str | None = None
) -> Tensor:
    """The window made of running sums of a Kaiser window, whose squares half its length apart add up to 1.

    Args:
      window_length: how many samples it has, an even number.
      beta: of the Kaiser window.
      dtype: floating dtype of the result.
    Returns:
      Tensor of shape `(window_length,)`.
    Raises:
      ValueError: the dtype is not floating, or the length is not one integer.
    Example:
      >>> tf.signal.kaiser_bessel_derived_window(4, beta=2.0).numpy().round(2).tolist()
      [0.48, 0.88, 0.88, 0.48]
    """
    n, dtype = _checked(window_length, dtype)
    sums = cumsum(kaiser_window(n // 2 + 1, beta, dtype))
    half = sqrt(sums[:-1] / sums[-1])
    return concat([half, reverse(half, [0])], 0)


def vorbis_window(window_length: Any, dtype: Any = dtypes.float32, name: str | None = None) -> Tensor:
    """The window of the Vorbis codec, whose squares half its length apart add up to 1.

    Args:
      window_length: how many samples it has.
      dtype: floating dtype of the result.
    Returns:
      Tensor of shape `(window_length,)`.
    Raises:
      ValueError: the dtype is not floating, or the length is not one integer.
    Example:
      >>> tf.signal.vorbis_window(4).numpy().round(2).tolist()
      [0.23, 0.97, 0.97, 0.23]
    """
    n, dtype = _checked(window_length, dtype)
    angles = pi / cast(n, dtype) * (cast(range_of(n), dtype) + 0.5)
    return sin(pi / 2.0 * square(sin(angles)))
