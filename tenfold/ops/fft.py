"""Discrete Fourier transforms of complex tensors over their last axes."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import COMPLEX
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import Op, register
from tenfold.core.tensor import Tensor
from tenfold.ops import cast as cast_ops


def require_rank(name: str, input: np.ndarray, axes: int) -> None:
    """Sees to it that a tensor has the axes that a transform runs over."""
    if input.ndim < axes:
        raise InvalidArgumentError(f"{name}: Input must have rank of at least {axes} but got: {input.ndim}")


def number(value: Any, like: Tensor) -> Tensor:
    """A count, which may be a size of the graph, in the dtype of a tensor."""
    return cast_ops.cast(convert(value, dtypes.int64), like.dtype)


def _transform(name: str, axes: int) -> tuple[Op, Op]:
    """Registers the transform over the last `axes` axes and its inverse; each is the other's gradient, up to the size."""
    over = tuple(range(-axes, 0))

    def checked(run: Callable) -> Callable:
        def kernel(input):
            forward.require(input)
            require_rank(name, input, axes)
            return run(input, axes=over).astype(input.dtype, copy=False) if input.size else input

        return kernel

    def size(x: Tensor) -> Tensor:
        return number(prod(x._array.shape[-axes:]), x)

    forward: Op = Op(name, checked(np.fft.fftn), types=COMPLEX, vjp=lambda dy: inverse(dy) * size(dy))
    inverse: Op = Op(f"I{name}", checked(np.fft.ifftn), types=COMPLEX, vjp=lambda dy: forward(dy) / size(dy))
    return register(forward), register(inverse)


_TRANSFORMS = {axes: _transform("FFT" if axes == 1 else f"FFT{axes}D", axes) for axes in (1, 2, 3)}


def fft_over(x: Any, axes: int) -> Tensor:
    """The transform over the last 1, 2 or 3 axes."""
    return _TRANSFORMS[axes][0](convert(x, None, dtypes.complex64))


def ifft_over(x: Any, axes: int) -> Tensor:
    """The inverse transform over the last 1, 2 or 3 axes."""
    return _TRANSFORMS[axes][1](convert(x, None, dtypes.complex64))


def fft(input: Any, name: str | None = None) -> Tensor:
    """The discrete Fourier transform over the last axis.

    Args:
      input: complex Tensor of shape `(..., n)`.
    Returns:
      Tensor of the same shape and dtype.
    Raises:
      tf.errors.InvalidArgumentError: it is not complex, or has fewer axes.
    Example:
      >>> tf.signal.fft([1.0, 0.0, -1.0, 0.0]).numpy().real.tolist()
      [0.0, 2.0, 0.0, 2.0]
    """
    return fft_over(input, 1)


def ifft(input: Any, name: str | None = None) -> Tensor:
    """The discrete inverse Fourier transform over the last axis.

    Args:
      input: complex Tensor of shape `(..., n)`.
    Returns:
      Tensor of the same shape and dtype.
    Raises:
      tf.errors.InvalidArgumentError: it is not complex, or has fewer axes.
    Example:
      >>> tf.signal.ifft([0.0, 2.0, 0.0, 2.0]).numpy().real.tolist()
      [1.0, 0.0, -1.0, 0.0]
    """
    return ifft_over(input, 1)


def fft2d(input: Any, name: str | None = None) -> Tensor:
    """The discrete Fourier transform over the last 2 axes.

    Args:
      input: complex Tensor of shape `(..., m, n)`.
    Returns:
      Tensor of the same shape and dtype.
    Raises:
      tf.errors.InvalidArgumentError: it is not complex, or has fewer axes.
    Example:
      >>> tf.signal.fft2d([[1.0, 2.0], [3.0, 4.0]]).numpy().real.tolist()
      [[10.0, -2.0], [-4.0, 0.0]]
    """
    return fft_over(input, 2)


def ifft2d(input: Any, name: str | None = None) -> Tensor:
    """The discrete inverse Fourier transform over the last 2 axes.

    Args:
      input: complex Tensor of shape `(..., m, n)`.
    Returns:
      Tensor of the same shape and dtype.
    Raises:
      tf.errors.InvalidArgumentError: it is not complex, or has fewer axes.
    Example:
      >>> tf.signal.ifft2d([[10.0, -2.0], [-4.0, 0.0]]).numpy().real.tolist()
      [[1.0, 2.0], [3.0, 4.0]]
    """
    return ifft_over(input, 2)


def fft3d(input: Any, name: str | None = None) -> Tensor:
    """The discrete Fourier transform over the last 3 axes.

    Args:
      input: complex Tensor of shape `(..., l, m, n)`.
    Returns:
      Tensor of the same shape and dtype.
    Raises:
      tf.errors.InvalidArgumentError: it is not complex, or has fewer axes.
    Example:
      >>> tf.signal.fft3d(tf.ones((1, 2, 2), tf.complex64)).numpy().real.tolist()
      [[[4.0, 0.0], [0.0, 0.0]]]
    """
    return fft_over(input, 3)


def ifft3d(input: Any, name: str | None = None) -> Tensor:
    """The discrete inverse Fourier transform over the last 3 axes.

    Args:
      input: complex Tensor of shape `(..., l, m, n)`.
    Returns:
      Tensor of the same shape and dtype.
    Raises:
      tf.errors.InvalidArgumentError: it is not complex, or has fewer axes.
    Example:
      >>> tf.signal.ifft3d([[[4.0, 0.0], [0.0, 0.0]]]).numpy().real.tolist()
      [[[1.0, 1.0], [1.0, 1.0]]]
    """
    return ifft_over(input, 3)
