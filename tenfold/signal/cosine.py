"""Discrete cosine transforms, made of Fourier transforms of twice the length."""

from __future__ import annotations

from math import pi, sqrt
from typing import Any

from tenfold.core.tensor import Tensor
from tenfold.ops.cast import cast, real
from tenfold.ops.cast import complex as complex_of
from tenfold.ops.creation import zeros_like
from tenfold.ops.exponential import rsqrt
from tenfold.ops.exponential import sqrt as root
from tenfold.ops.gather import where
from tenfold.ops.join import concat
from tenfold.ops.logic import equal
from tenfold.ops.ranges import range as range_of
from tenfold.ops.rearrange import pad, reverse
from tenfold.ops.rfft import irfft, rfft
from tenfold.ops.trigonometry import cos, sin
from tenfold.signal.lengths import at_least, signal_of, size_of


def _check(x: Tensor, type: int, n: int | None, axis: int, norm: str | None) -> None:
    if axis != -1:
        raise NotImplementedError(f"axis must be -1. Got: {axis}")
    if n is not None and n < 1:
        raise ValueError(f"n must be a positive integer or None. Got: {n}")
    if type not in (1, 2, 3, 4):
        raise ValueError(f"type must be 1, 2, 3 or 4. Got: {type}")
    if norm not in (None, "ortho"):
        raise ValueError(f"norm must be None or 'ortho'. Got: {norm!r}")
    if type == 1 and norm == "ortho":
        raise ValueError("norm='ortho' is not supported with type=1.")
    if type == 1 and x._array.shape[-1] < 2:
        raise ValueError(f"type=1 needs at least 2 samples. The signal has shape {tuple(x.shape)}")


def _fitted(x: Tensor, n: Any) -> Tensor:
    """A signal of another length: cut, or with zeros at its end."""
    x = x[..., :n]
    missing = at_least(n - size_of(x, -1), 0)
    if type(missing) is int and not missing:
        return x
    return pad(x, [(0, 0)] * (len(x._array.shape) - 1) + [(0, missing)])


def _turns(n: Any, like: Tensor, direction: float) -> Tensor:
    """2 exp(i pi k / 2n) for k from 0 to n - 1, or its conjugates: the shift by half a sample."""
    angles = cast(range_of(n), like.dtype) * (pi * 0.5) / cast(n, like.dtype)
    return complex_of(2.0 * cos(angles), 2.0 * direction * sin(angles))


def _first_and_others(n: Any, first: Tensor, others: Tensor) -> Tensor:
    return where(equal(range_of(n), 0), first, others)


def _second(x: Tensor, norm: str | None) -> Tensor:
    n = size_of(x, -1)
    result = real(rfft(x, [2 * n])[..., :n] * _turns(n, x, -1.0))
    if norm is None:
        return result
    first = 0.5 * rsqrt(cast(n, x.dtype))
    return result * _first_and_others(n, first, first * sqrt(2.0))


def _third(x: Tensor, norm: str | None) -> Tensor:
    n = size_of(x, -1)
    count = cast(n, x.dtype)
    if norm is None:
        x *= count
    else:
        x *= _first_and_others(n, root(count), root(count) * sqrt(0.5))
    return real(irfft(_turns(n, x, 1.0) * complex_of(x, zeros_like(x)), [2 * n]))[..., :n]


def _fourth(x: Tensor, norm: str | None) -> Tensor:
    n = size_of(x, -1)
    result = _second(_fitted(x, 2 * n), None)[..., 1::2]
    return result if norm is None else result * (sqrt(0.5) * rsqrt(cast(n, x.dtype)))


def _transform(x: Tensor, type: int, norm: str | None) -> Tensor:
    if type == 1:
        return real(rfft(concat([x, reverse(x[..., 1:-1], [-1])], -1)))
    return {2: _second, 3: _third, 4: _fourth}[type](x, norm)


def dct(
    input: Any, type: int = 2, n: int | None = None, axis: int = -1, norm: str | None = None, name: str | None = None
) -> Tensor:
    """The discrete cosine transform of the last axis.

    Args:
      input: float32 or float64 Tensor of shape `(..., samples)`.
      type: which of the four kinds: 1, 2, 3 or 4.
      n: to how many samples the signal is cut, or extended by zeros, before.
      axis: -1.
      norm: None, or `"ortho"` for a matrix whose inverse is its transpose.
    Returns:
      Tensor of the signal's shape, or with `n` samples.
    Raises:
      ValueError: an argument is another, or the signal is too short.
      NotImplementedError: `axis` is another.
    Example:
      >>> tf.signal.dct([1.0, 2.0, 3.0]).numpy().round(2).tolist()
      [12.0, -3.46, 0.0]
    """
    x = signal_of(input, 1, "tf.signal.dct: input")
    _check(x, type, n, axis, norm)
    return _transform(x if n is None else _fitted(x, n), type, norm)


def idct(
    input: Any, type: int = 2, n: int | None = None, axis: int = -1, norm: str | None = None, name: str | None = None
) -> Tensor:
    """The inverse of the discrete cosine transform of the last axis; without `norm="ortho"`, times `2 * samples`.

    Args:
      input: float32 or float64 Tensor of shape `(..., samples)`.
      type: which of the four kinds is undone: 1, 2, 3 or 4.
      n: None.
      axis: -1.
      norm: None or `"ortho"`, as in `dct`.
    Returns:
      Tensor of the same shape.
    Raises:
      ValueError: an argument is another, or the signal is too short.
      NotImplementedError: `axis` is another.
    Example:
      >>> tf.signal.idct(tf.signal.dct([1.0, 2.0, 3.0], norm="ortho"), norm="ortho").numpy().round(2).tolist()
      [1.0, 2.0, 3.0]
    """
    x = signal_of(input, 1, "tf.signal.idct: input")
    _check(x, type, n, axis, norm)
    return _transform(x, {1: 1, 2: 3, 3: 2, 4: 4}[type], norm)
