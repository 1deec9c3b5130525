"""Moments, and normalization by them."""

from __future__ import annotations

from math import prod
from typing import Any

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import creation, elementwise, exponential, identity, reduce

# Moments.


def _in_float32(x: Tensor) -> Tensor:
    """float16 is too narrow for sums of squares."""
    return cast_ops.cast(x, dtypes.float32) if x.dtype is dtypes.float16 else x


def _finished(mean: Tensor, variance: Tensor, axes: Any, keepdims: bool, like: Tensor) -> tuple[Tensor, Tensor]:
    """Moments with their reduced axes, as the caller wants them."""
    if not keepdims:
        mean, variance = array_ops.squeeze(mean, axes), array_ops.squeeze(variance, axes)
    if like.dtype is dtypes.float16:
        return cast_ops.cast(mean, dtypes.float16), cast_ops.cast(variance, dtypes.float16)
    return mean, variance


def moments(
    x: Any, axes: Any, shift: Any = None, keepdims: bool = False, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """The mean and the variance over axes.

    Args:
      x: Tensor.
      axes: int or ints.
      shift: not used, as in TensorFlow.
      keepdims: whether reduced axes stay, with size 1.
    Raises:
      tf.errors.InvalidArgumentError: an axis is out of range or given twice.
    Example:
      >>> mean, variance = tf.nn.moments(tf.constant([[1.0, 2.0], [3.0, 6.0]]), axes=[0])
      >>> print(mean.numpy(), variance.numpy())
      [2. 4.] [1. 4.]
    """
    x = convert(x)
    y = _in_float32(x)
    mean = reduce.reduce_mean(y, axes, True)
    variance = reduce.reduce_mean(elementwise.squared_difference(y, identity.stop_gradient(mean)), axes, True)
    return _finished(mean, variance, axes, keepdims, x)


def weighted_moments(
    x: Any, axes: Any, frequency_weights: Any, keepdims: bool = False, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """The mean and the variance over axes of elements that count as often as their weights say.

    Args:
      x: Tensor of a floating dtype.
      axes: int or ints.
      frequency_weights: Tensor that broadcasts against `x`.
      keepdims: whether reduced axes stay, with size 1.
    Example:
      >>> mean, variance = tf.nn.weighted_moments([1.0, 4.0], axes=[0], frequency_weights=[2.0, 1.0])
      >>> print(mean.numpy(), variance.numpy())
      2.0 2.0
    """
    x = convert(x)
    y = _in_float32(x)
    weights = convert(frequency_weights)
    if weights.dtype is not y.dtype:
        weights = cast_ops.cast(weights, y.dtype)
    total = reduce.reduce_sum(elementwise.add(weights, creation.zeros_like(y)), axes, True)
    mean = elementwise.divide_no_nan(reduce.reduce_sum(elementwise.multiply(weights, y), axes, True), total)
    squares = elementwise.multiply(weights, elementwise.squared_difference(y, mean))
    variance = elementwise.divide_no_nan(reduce.reduce_sum(squares, axes, True), total)
    return _finished(mean, variance, axes, keepdims, x)


def sufficient_statistics(
    x: Any, axes: Any, shift: Any = None, keepdims: bool = False, name: str | None = None
) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
    """What `normalize_moments` needs: counts, sums and sums of squares over axes.

    Args:
      x: Tensor.
      axes: ints.
      shift: Tensor that is subtracted first, close to the mean for precision.
      keepdims: whether reduced axes stay, with size 1.
    Returns:
      The number of elements, the sum, the sum of squares, and `shift` or None.
    Example:
      >>> count, total, squares, _ = tf.nn.sufficient_statistics(tf.constant([1.0, 2.0]), [0])
      >>> print(count.numpy(), total.numpy(), squares.numpy())
      2.0 3.0 5.0
    """
    x = convert(x)
    axes = list(set(axes))
    count = prod([x._array.shape[axis] for axis in axes])
    if shift is None:
        shifted, squares = x, elementwise.square(x)
    else:
        shift = convert(shift, None, x.dtype)
        shifted, squares = elementwise.subtract(x, shift), elementwise.squared_difference(x, shift)
    total, total_squares = (reduce.reduce_sum(part, axes, keepdims) for part in (shifted, squares))
    return convert(count, x.dtype), total, total_squares, shift


def normalize_moments(
    counts: Any, mean_ss: Any, variance_ss: Any, shift: Any, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """The mean and the variance from what `sufficient_statistics` returns.

    Example:
      >>> mean, variance = tf.nn.normalize_moments(2.0, 3.0, 5.0, None)
      >>> print(mean.numpy(), variance.numpy())
      1.5 0.25
    """
    divisor = exponential.reciprocal(convert(counts))
    shifted_mean = elementwise.multiply(mean_ss, divisor)
    mean = shifted_mean if shift is None else elementwise.add(shifted_mean, shift)
    return mean, elementwise.subtract(elementwise.multiply(variance_ss, divisor), elementwise.square(shifted_mean))


# Normalization.


def batch_normalization(
    x: Any, mean: Any, variance: Any, offset: Any, scale: Any, variance_epsilon: Any, name: str | None = None
) -> Tensor:
    """`scale * (x - mean) / sqrt(variance + variance_epsilon) + offset`.

    Args:
      x: Tensor of a floating dtype.
      mean: Tensor that broadcasts against `x`, and so the next three.
      offset: or None.
      scale: or None.
      variance_epsilon: small number that keeps the divisor from 0.
    Example:
      >>> print(tf.nn.batch_normalization(tf.constant([1.0, 5.0]), 3.0, 4.0, 0.5, None, 0.0).numpy())
      [-0.5  1.5]
    """
    inverse = exponential.rsqrt(elementwise.add(variance, variance_epsilon))
    if scale is not None:
        inverse = elementwise.multiply(inverse, scale)
    x = convert(x)
    shift = elementwise.multiply(mean, inverse)
    shift = elementwise.negative(shift) if offset is None else elementwise.subtract(offset, shift)
    inverse, shift = (cast_ops.cast(part, x.dtype) for part in (inverse, shift))
    return elementwise.add(elementwise.multiply(x, inverse), shift)


def batch_norm_with_global_normalization(
    input: Any,
    mean: Any,
    variance: Any,
    beta: Any,
    gamma: Any,
    variance_epsilon: Any,
    scale_after_normalization: bool,
    name: str | None = None,
) -> Tensor:
    """`batch_normalization` with offset `beta`, and scale `gamma` if `scale_after_normalization`.

    Example:
      >>> x, one = tf.constant([1.0, 5.0]), tf.constant(1.0)
      >>> print(tf.nn.batch_norm_with_global_normalization(x, one, one, one, one, 0.0, False).numpy())
      [1. 5.]
    """
    return batch_normalization(
        input, mean, variance, beta, gamma if scale_after_normalization else None, variance_epsilon
    )


def l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12, name: str | None = None, dim: Any = None) -> Tensor:
    """Divides by the Euclidean norm over axes: `x / sqrt(max(sum(x**2), epsilon))`.

    Args:
      x: Tensor of a floating or complex dtype.
      axis: int, ints or None for all axes.
      epsilon: keeps the divisor from 0.
      dim: old name of `axis`.
    Raises:
      TypeError: `x` is an integer.
      tf.errors.InvalidArgumentError: an axis is out of range.
    Example:
      >>> print(tf.nn.l2_normalize([3.0, 4.0]).numpy())
      [0.6 0.8]
    """
    if dim is not None:
        if axis is not None:
            raise ValueError("tf.nn.l2_normalize: axis and dim are two names of one argument; give one of them.")
        axis = dim
    x = convert(x)
    if x.dtype.is_complex:
        real, imag = cast_ops.real(x), cast_ops.imag(x)
        squares = elementwise.add(elementwise.square(real), elementwise.square(imag))
    else:
        squares = elementwise.square(x)
    inverse = exponential.rsqrt(elementwise.maximum(reduce.reduce_sum(squares, axis, True), epsilon))
    if x.dtype.is_complex:
        return cast_ops.complex(elementwise.multiply(real, inverse), elementwise.multiply(imag, inverse))
    return elementwise.multiply(x, inverse)
