"""Discrete Fourier transforms of real tensors, whose spectra are symmetric, so that half of them is stored."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import COMPLEX, DType
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import Op, register
from tenfold.core.symbol import Size, Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import cast as cast_ops
from tenfold.ops import logic, ranges, rearrange, static
from tenfold.ops.elementwise import maximum
from tenfold.ops.fft import number, require_rank
from tenfold.ops.gather import where

_COMPLEX_OF: dict[Any, Any] = {
    np.dtype(np.float32): np.dtype(np.complex64),
    np.dtype(np.float64): np.dtype(np.complex128),
}
_REAL_OF = {value: key for key, value in _COMPLEX_OF.items()}
_REAL = (dtypes.float32, dtypes.float64)


def _check(name: str, input: np.ndarray, axes: int, stored: tuple[int, ...], fft_length: tuple[int, ...]) -> None:
    """Sees to it that a tensor has the elements that a transform of some lengths reads of it."""
    if len(fft_length) != axes:
        raise InvalidArgumentError(f"{name}: fft_length must have shape [{axes}] but got {len(fft_length)} lengths")
    require_rank(name, input, axes)
    if any(n < 0 for n in fft_length):
        raise InvalidArgumentError(f"{name}: fft_length must not be negative but got: {fft_length}")
    for axis, n in enumerate(stored, input.ndim - axes):
        if input.size and input.shape[axis] < n:
            have = input.shape[axis]
            raise InvalidArgumentError(
                f"{name}: Input dimension {axis} must have length of at least {n} but got: {have}"
            )


def _half(fft_length: tuple[int, ...]) -> tuple[int, ...]:
    """The sizes of the half of a spectrum that is stored."""
    return *fft_length[:-1], fft_length[-1] // 2 + 1


def _multiplicity(n: Any, like: Tensor) -> Tensor:
    """How often each stored frequency counts: once where it is its own mirror image, else twice."""
    k = ranges.range(n // 2 + 1)
    is_once = logic.logical_or(logic.equal(k, 0), logic.equal(2 * k, n))
    return cast_ops.cast(where(is_once, 1, 2), like.dtype)


def _extended(dx: Tensor, shape: tuple[int, ...], axes: int) -> Tensor:
    """A gradient, with zeros where the transform did not read its input."""
    more = [want - have for have, want in zip(dx._array.shape[-axes:], shape[-axes:], strict=True)]
    if all(type(n) is int and n == 0 for n in more):
        return dx
    return rearrange.pad(dx, [(0, 0)] * (len(shape) - axes) + [(0, n) for n in more])


def _transform(name: str, axes: int) -> tuple[Op, Op]:
    """Registers the transform of real tensors over the last `axes` axes, and its inverse."""
    over = tuple(range(-axes, 0))

    def forward_kernel(input, *, fft_length):
        forward.require(input)
        _check(name, input, axes, fft_length, fft_length)
        dtype = _COMPLEX_OF[input.dtype]
        if not input.size or 0 in fft_length:
            return np.zeros(input.shape[:-axes] + _half(fft_length), dtype)
        return np.fft.rfftn(input, fft_length, over).astype(dtype, copy=False)

    def inverse_kernel(input, *, fft_length):
        inverse.require(input)
        _check(f"I{name}", input, axes, _half(fft_length), fft_length)
        dtype = _REAL_OF[input.dtype]
        if not input.size or 0 in fft_length:
            return np.zeros(input.shape[:-axes] + fft_length, dtype)
        return np.fft.irfftn(input, fft_length, over).astype(dtype, copy=False)

    def forward_spec(input, *, fft_length):
        return Spec(_COMPLEX_OF[input.dtype], (*input.shape[:-axes], *_half(fft_length)))

    def inverse_spec(input, *, fft_length):
        return Spec(_REAL_OF[input.dtype], (*input.shape[:-axes], *fft_length))

    def forward_vjp(dy: Tensor, input_shape: Any, fft_length: Any) -> Tensor:
        dx = inverse(dy / _multiplicity(fft_length[-1], dy), fft_length=fft_length)
        return _extended(dx * number(prod(fft_length), dx), input_shape, axes)

    def inverse_vjp(dy: Tensor, input_shape: Any, fft_length: Any) -> Tensor:
        spectrum = forward(dy, fft_length=fft_length)
        dx = spectrum * _multiplicity(fft_length[-1], spectrum) / number(prod(fft_length), spectrum)
        return _extended(dx, input_shape, axes)

    host = ("fft_length",)
    forward: Op = Op(name, forward_kernel, types=_REAL, host=host, vjp=forward_vjp, infer=forward_spec)
    inverse: Op = Op(f"I{name}", inverse_kernel, types=COMPLEX, host=host, vjp=inverse_vjp, infer=inverse_spec)
    return register(forward), register(inverse)


_TRANSFORMS = {axes: _transform("RFFT" if axes == 1 else f"RFFT{axes}D", axes) for axes in (1, 2, 3)}


def _operand(input_tensor: Any, hint: DType, types: Any, axes: int, what: str) -> Tensor:
    x = convert(input_tensor, None, hint)
    if x.dtype not in types:
        names = " or ".join(sorted(t.name for t in types))
        raise ValueError(f"{what}: the input is {x.dtype.name}; it must be {names}. Cast it with tf.cast.")
    if len(x._array.shape) < axes:
        raise ValueError(f"{what}: the input has shape {tuple(x.shape)}; it must have at least {axes} axes.")
    return x


def _padded(x: Tensor, stored: tuple[Any, ...]) -> Tensor:
    """A tensor with zeros at the end of its last axes, so that these have what a transform reads."""
    shape = x._array.shape
    if any(type(n) is int and n == 0 for n in shape):
        return x
    more = []
    for want, have in zip(stored, shape[len(shape) - len(stored) :], strict=True):
        if type(want) is Size or type(have) is Size:
            more.append(0 if want == have else maximum(convert(want - have), 0))
        else:
            more.append(max(want - have, 0))
    if not any(isinstance(n, Tensor) or n for n in more):
        return x
    return rearrange.pad(x, [(0, 0)] * (len(shape) - len(stored)) + [(0, n) for n in more])


def rfft_over(input_tensor: Any, fft_length: Any, axes: int, what: str) -> Tensor:
    """The transform of a real tensor over the last 1, 2 or 3 axes, of the lengths given, else of those that it has."""
    x = _operand(input_tensor, dtypes.float32, _REAL, axes, what)
    lengths = tuple(x._array.shape[-axes:]) if fft_length is None else static.vector(fft_length, f"{what}: fft_length")
    return _TRANSFORMS[axes][0](_padded(x, lengths) if len(lengths) == axes else x, fft_length=lengths)


def irfft_over(input_tensor: Any, fft_length: Any, axes: int, what: str) -> Tensor:
    """The real tensor of which half a spectrum is given."""
    x = _operand(input_tensor, dtypes.complex64, COMPLEX, axes, what)
    if fft_length is None:
        *others, last = x._array.shape[-axes:]
        twice: Any = 2 * (last - 1)
        lengths = (*others, twice if type(twice) is Size else max(twice, 0))
    else:
        lengths = static.vector(fft_length, f"{what}: fft_length")
    return _TRANSFORMS[axes][1](_padded(x, _half(lengths)) if len(lengths) == axes else x, fft_length=lengths)


def rfft(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Tensor:
    """The discrete Fourier transform of a real tensor over its last axis.

    Args:
      input_tensor: float32 or float64 Tensor of shape `(..., n)`.
      fft_length: an integer in a list, to which the last axis is cut, or extended by zeros, before.
    Returns:
      complex Tensor of shape `(..., n // 2 + 1)`; what is left out are the conjugates of the rest.
    Raises:
      ValueError: the tensor is not real, or has fewer axes.
      tf.errors.InvalidArgumentError: `fft_length` has another number of elements.
    Example:
      >>> tf.signal.rfft([1.0, 0.0, -1.0, 0.0]).numpy().real.tolist()
      [0.0, 2.0, 0.0]
    """
    return rfft_over(input_tensor, fft_length, 1, "tf.signal.rfft")


def irfft(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Tensor:
    """The real tensor over whose last axis a Fourier transform gave this half of a spectrum.

    Args:
      input_tensor: complex Tensor of shape `(..., n // 2 + 1)`.
      fft_length: an integer in a list, what the sizes of the result are to be; by default the last one is even. What is missing counts as 0.
    Returns:
      float32 or float64 Tensor of shape `(..., n)`.
    Raises:
      ValueError: the tensor is not complex, or has fewer axes.
      tf.errors.InvalidArgumentError: `fft_length` has another number of elements.
    Example:
      >>> tf.signal.irfft([0.0, 2.0, 0.0]).numpy().tolist()
      [1.0, 0.0, -1.0, 0.0]
    """
    return irfft_over(input_tensor, fft_length, 1, "tf.signal.irfft")


def rfft2d(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Tensor:
    """The discrete Fourier transform of a real tensor over its last 2 axes.

    Args:
      input_tensor: float32 or float64 Tensor of shape `(..., m, n)`.
      fft_length: 2 integers, to which the last 2 axes are cut, or extended by zeros, before.
    Returns:
      complex Tensor of shape `(..., m, n // 2 + 1)`; what is left out are the conjugates of the rest.
    Raises:
      ValueError: the tensor is not real, or has fewer axes.
      tf.errors.InvalidArgumentError: `fft_length` has another number of elements.
    Example:
      >>> tf.signal.rfft2d([[1.0, 2.0], [3.0, 4.0]]).numpy().real.tolist()
      [[10.0, -2.0], [-4.0, 0.0]]
    """
    return rfft_over(input_tensor, fft_length, 2, "tf.signal.rfft2d")


def irfft2d(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Tensor:
    """The real tensor over whose last 2 axes a Fourier transform gave this half of a spectrum.

    Args:
      input_tensor: complex Tensor of shape `(..., m, n // 2 + 1)`.
      fft_length: 2 integers, what the sizes of the result are to be; by default the last one is even. What is missing counts as 0.
    Returns:
      float32 or float64 Tensor of shape `(..., m, n)`.
    Raises:
      ValueError: the tensor is not complex, or has fewer axes.
      tf.errors.InvalidArgumentError: `fft_length` has another number of elements.
    Example:
      >>> tf.signal.irfft2d([[10.0, -2.0], [-4.0, 0.0]]).numpy().tolist()
      [[1.0, 2.0], [3.0, 4.0]]
    """
    return irfft_over(input_tensor, fft_length, 2, "tf.signal.irfft2d")


def rfft3d(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Tensor:
    """The discrete Fourier transform of a real tensor over its last 3 axes.

    Args:
      input_tensor: float32 or float64 Tensor of shape `(..., l, m, n)`.
      fft_length: 3 integers, to which the last 3 axes are cut, or extended by zeros, before.
    Returns:
      complex Tensor of shape `(..., l, m, n // 2 + 1)`; what is left out are the conjugates of the rest.
    Raises:
      ValueError: the tensor is not real, or has fewer axes.
      tf.errors.InvalidArgumentError: `fft_length` has another number of elements.
    Example:
      >>> tf.signal.rfft3d(tf.ones((1, 2, 3))).shape
      TensorShape([1, 2, 2])
    """
    return rfft_over(input_tensor, fft_length, 3, "tf.signal.rfft3d")


def irfft3d(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Tensor:
    """The real tensor over whose last 3 axes a Fourier transform gave this half of a spectrum.

    Args:
      input_tensor: complex Tensor of shape `(..., l, m, n // 2 + 1)`.
      fft_length: 3 integers, what the sizes of the result are to be; by default the last one is even. What is missing counts as 0.
    Returns:
      float32 or float64 Tensor of shape `(..., l, m, n)`.
    Raises:
      ValueError: the tensor is not complex, or has fewer axes.
      tf.errors.InvalidArgumentError: `fft_length` has another number of elements.
    Example:
      >>> tf.signal.irfft3d([[[4.0, 0.0], [0.0, 0.0]]]).numpy().tolist()
      [[[1.0, 1.0], [1.0, 1.0]]]
    """
    return irfft_over(input_tensor, fft_length, 3, "tf.signal.irfft3d")
