"""Tensors made from sizes and numbers."""

from __future__ import annotations

import math
from typing import Any

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras import config
from tenfold.keras.ops.operation import operation
from tenfold.keras.promotion import TensorLike, dtype_of, floating, promoted, result_type


@operation
def array(x: TensorLike, dtype: Any = None) -> Tensor:
    """A tensor of anything that can be one, as `convert_to_tensor`."""
    x = convert(x)
    return x if dtype is None else tf.cast(x, dtype)


@operation
def copy(x: TensorLike) -> Tensor:
    """A tensor of the same values."""
    return tf.identity(convert(x))


def zeros(shape: Any, dtype: Any = None) -> Tensor:
    """Zeros, of `floatx` by default.

    Example:
      >>> print(tf.keras.ops.zeros((2,)).numpy())
      [0. 0.]
    """
    return tf.zeros(shape, dtype or config.floatx())


def ones(shape: Any, dtype: Any = None) -> Tensor:
    """Ones, of `floatx` by default."""
    return tf.ones(shape, dtype or config.floatx())


def empty(shape: Any, dtype: Any = None) -> Tensor:
    """Zeros: tensors always have values."""
    return zeros(shape, dtype)


@operation
def full(shape: Any, fill_value: TensorLike, dtype: Any = None) -> Tensor:
    """A tensor of one value, or of values that broadcast to the shape; of `floatx` by default.

    Example:
      >>> print(tf.keras.ops.full((2,), 7, dtype="int32").numpy())
      [7 7]
    """
    return tf.broadcast_to(tf.cast(convert(fill_value), dtype or config.floatx()), shape)


@operation
def zeros_like(x: TensorLike, dtype: Any = None) -> Tensor:
    """Zeros of x's shape, and dtype unless another is given."""
    return tf.zeros_like(convert(x), dtype)


@operation
def ones_like(x: TensorLike, dtype: Any = None) -> Tensor:
    """Ones of x's shape, and dtype unless another is given."""
    return tf.ones_like(convert(x), dtype)


@operation
def empty_like(x: TensorLike, dtype: Any = None) -> Tensor:
    """Zeros of x's shape: tensors always have values."""
    return tf.zeros_like(convert(x), dtype)


@operation
def full_like(x: TensorLike, fill_value: TensorLike, dtype: Any = None) -> Tensor:
    """A tensor of x's shape and one value, of x's dtype unless another is given."""
    x = convert(x)
    return tf.broadcast_to(tf.cast(convert(fill_value), dtype or result_type(x.dtype)), tf.shape(x))


@operation
def arange(
    start: TensorLike, stop: TensorLike | None = None, step: TensorLike | None = None, dtype: Any = None
) -> Tensor:
    """Numbers from `start` up to `stop`, which is left out; from 0 if one limit is given.

    Args:
      start, stop, step: numbers or tensors of shape ().
      dtype: dtype of the result; by default what the three have in common, int32 for Python ints.
    Example:
      >>> print(tf.keras.ops.arange(1, 7, 2).numpy())
      [1 3 5]
    """
    if dtype is None:
        given = [x for x in (start, stop, step) if x is not None]
        dtype = result_type(*(dtype_of(x if isinstance(x, (bool, int, float)) else convert(x)) for x in given))
    first, last = (0, start) if stop is None else (start, stop)
    return tf.range(first, last, 1 if step is None else step, dtype=dtype)


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Tensor:
    """Ones on a diagonal of an `(N, M)` matrix, zeros elsewhere.

    Args:
      N: number of rows.
      M: number of columns, N by default.
      k: which diagonal: 0 the main one, positive above it.
      dtype: dtype of the result, `floatx` by default.
    Example:
      >>> print(tf.keras.ops.eye(2, 3, k=1).numpy())
      [[0. 1. 0.]
       [0. 0. 1.]]
    """
    rows, columns = tf.range(N)[:, None], tf.range(N if M is None else M)[None]
    return tf.cast(tf.equal(columns - rows, k), dtype or config.floatx())


def identity(n: int, dtype: Any = None) -> Tensor:
    """The identity matrix of shape `(n, n)`."""
    return eye(n, dtype=dtype)


def tri(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Tensor:
    """Ones on and below the k-th diagonal of an `(N, M)` matrix, zeros above."""
    rows, columns = tf.range(N)[:, None], tf.range(N if M is None else M)[None]
    return tf.cast(columns - rows <= k, dtype or config.floatx())


@operation
def linspace(
    start: TensorLike, stop: TensorLike, num: int = 50, endpoint: bool = True, retstep: bool = False,
    dtype: Any = None, axis: int = 0,
) -> Any:  # fmt: skip
    """Evenly spaced numbers between two.

    Args:
      start, stop: first and last; tensors whose shapes broadcast.
      num: how many.
      endpoint: whether `stop` is the last one.
      retstep: whether the distance is returned too.
      dtype: dtype of the result, by default the float that holds both.
      axis: where the new axis stands.
    Returns:
      Tensor of the broadcast shape with an axis of size `num`, or a pair of it and the distance.
    Example:
      >>> print(tf.keras.ops.linspace(0, 1, 3).numpy())
      [0.  0.5 1. ]
    """
    first, last = promoted(start, stop, weak=float)
    wanted = dtype or first.dtype
    gaps = num - 1 if endpoint else num
    step = (last - first) / gaps if gaps > 0 else (last - first) * math.nan
    first = tf.broadcast_to(first, tf.shape(step))
    if num > 1 and endpoint:
        values = tf.linspace(first, tf.broadcast_to(last, tf.shape(step)), num, axis=axis)
    else:
        stop_at = first + step * (num - 1) if num > 1 else first
        values = tf.linspace(first, stop_at, num, axis=axis)
    values = tf.cast(values, wanted)
    return (values, step) if retstep else values


@operation
def logspace(
    start: TensorLike, stop: TensorLike, num: int = 50, endpoint: bool = True, base: float = 10, dtype: Any = None,
    axis: int = 0,
) -> Tensor:  # fmt: skip
    """Powers of `base` whose exponents are evenly spaced."""
    exponents = linspace(start, stop, num, endpoint, axis=axis)
    powers = tf.pow(tf.cast(base, exponents.dtype), exponents)
    return powers if dtype is None else tf.cast(powers, dtype)


@operation
def meshgrid(*x: TensorLike, indexing: str = "xy") -> list[Tensor]:
    """The coordinates of a grid, of which the vectors are the axes.

    Args:
      *x: tensors, of which each is flattened.
      indexing: `"xy"`, by which the first two axes change places, or `"ij"`.
    Example:
      >>> print(tf.keras.ops.meshgrid([1, 2], [3, 4, 5])[0].numpy())
      [[1 2]
       [1 2]
       [1 2]]
    """
    return tf.meshgrid(*map(convert, x), indexing=indexing)


@operation
def vander(x: TensorLike, N: int | None = None, increasing: bool = False) -> Tensor:
    """Powers of the elements of a vector, one row each."""
    x = convert(x)
    powers = tf.range(x.shape[0] if N is None else N)
    exponents = tf.cast(powers if increasing else powers[::-1], x.dtype)
    return tf.pow(x[:, None], exponents[None])


def _window(x: TensorLike, of: Any) -> Tensor:
    """A window of int(x) numbers, as a function of the numbers themselves and the last one."""
    count = int(convert(x))
    if count == 1:
        return tf.ones([1], config.floatx())
    return of(tf.range(count, dtype=config.floatx()), float(count - 1))


@operation
def bartlett(x: TensorLike) -> Tensor:
    """The triangular window of x points."""
    return _window(x, lambda n, last: 1 - tf.abs(2 * n / last - 1))


@operation
def blackman(x: TensorLike) -> Tensor:
    """Blackman's window of x points."""
    turn = 2 * math.pi
    return _window(x, lambda n, last: 0.42 - 0.5 * tf.cos(turn * n / last) + 0.08 * tf.cos(2 * turn * n / last))


@operation
def hamming(x: TensorLike) -> Tensor:
    """Hamming's window of x points."""
    return _window(x, lambda n, last: 0.54 - 0.46 * tf.cos(2 * math.pi * n / last))


@operation
def hanning(x: TensorLike) -> Tensor:
    """Hann's window of x points."""
    return _window(x, lambda n, last: 0.5 - 0.5 * tf.cos(2 * math.pi * n / last))


@operation
def kaiser(x: TensorLike, beta: TensorLike) -> Tensor:
    """Kaiser's window of x points."""
    beta = floating(beta)
    bessel = tf.math.bessel_i0
    return _window(x, lambda n, last: bessel(beta * tf.sqrt(1 - (2 * n / last - 1) ** 2)) / bessel(beta))


@operation
def geomspace(
    start: TensorLike, stop: TensorLike, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0
) -> Tensor:
    """Numbers between two, each a constant times the one before.

    Example:
      >>> print(tf.keras.ops.geomspace(1.0, 8.0, 4).numpy().round(4))
      [1. 2. 4. 8.]
    """
    first, last = promoted(start, stop, weak=float)
    sign = tf.sign(first)
    values = sign * tf.exp(linspace(tf.math.log(first * sign), tf.math.log(last * sign), num, endpoint, axis=axis))
    return values if dtype is None else tf.cast(values, dtype)
