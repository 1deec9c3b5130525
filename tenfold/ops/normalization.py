"""Means and variances, and what normalizes with them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.dtypes import FLOATING
from tenfold.core.op import Op, register
from tenfold.core.tensor import Tensor, wrap
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import elementwise, exponential, identity
from tenfold.ops import reduce as reduce_ops
from tenfold.ops.elementwise import multiply, subtract


def _squeezed(x: Tensor, axes: Any) -> Tensor:
    rank = x._array.ndim
    taken = set(reduce_ops.reduction_axes(axes, rank, "tf.nn.moments"))
    return array_ops.reshape(x, tuple([size for i, size in enumerate(x._array.shape) if i not in taken]))


def moments(x: Any, axes: Any, shift: Any = None, keepdims: bool = False, name: str | None = None) -> tuple[Tensor, Tensor]:
    """The mean and the variance over axes.

    Args:
      x: Tensor of a floating dtype; half precision is computed in float32.
      axes: ints, the axes that are reduced.
      shift: not used, as in TensorFlow.
      keepdims: whether reduced axes stay, with size 1.
    Returns:
      Mean and variance (divided by the number of elements), of `x`'s dtype.
    Example:
      >>> mean, variance = tf.nn.moments(tf.constant([1.0, 3.0]), [0])
      >>> print(mean.numpy(), variance.numpy())
      2.0 1.0
    """
    x = convert(x)
    dtype = x.dtype
    is_half = dtype.size < 4
    y = cast_ops.cast(x, "float32") if is_half else x
    mean = reduce_ops.reduce_mean(y, axes, True)
    difference = subtract(y, identity.stop_gradient(mean))
    variance = reduce_ops.reduce_mean(elementwise.square(difference), axes, True)
    if not keepdims:
        mean, variance = _squeezed(mean, axes), _squeezed(variance, axes)
    if is_half:
        return cast_ops.cast(mean, dtype), cast_ops.cast(variance, dtype)
    return mean, variance


def weighted_moments(
    x: Any, axes: Any, frequency_weights: Any, keepdims: bool = False, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """The mean and the variance over axes, with weights that broadcast with `x`.

    Example:
      >>> mean, variance = tf.nn.weighted_moments(tf.constant([1.0, 3.0]), [0], tf.constant([3.0, 1.0]))
      >>> print(mean.numpy(), variance.numpy())
      1.5 0.75
    """
    x = convert(x)
    dtype = x.dtype
    is_half = dtype.size < 4
    if is_half:
        x = cast_ops.cast(x, "float32")
    weights = cast_ops.cast(convert(frequency_weights, None, x.dtype), x.dtype)
    total = reduce_ops.reduce_sum(array_ops.broadcast_to(weights, np.broadcast_shapes(weights._array.shape, x._array.shape)), axes, True)
    mean = reduce_ops.reduce_sum(weights * x, axes, True) / total
    variance = reduce_ops.reduce_sum(weights * elementwise.square(x - mean), axes, True) / total
    if not keepdims:
        mean, variance = _squeezed(mean, axes), _squeezed(variance, axes)
    if is_half:
        return cast_ops.cast(mean, dtype), cast_ops.cast(variance, dtype)
    return mean, variance


def sufficient_statistics(
    x: Any, axes: Any, shift: Any = None, keepdims: bool = False, name: str | None = None
) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
    """Count, sum and sum of squares over axes, of `x` less a shift; and the shift.

    Example:
      >>> count, total, squares, _ = tf.nn.sufficient_statistics(tf.constant([1.0, 3.0]), [0])
      >>> print(count.numpy(), total.numpy(), squares.numpy())
      2.0 4.0 10.0
    """
    x = convert(x)
    taken = reduce_ops.reduction_axes(axes, x._array.ndim, "tf.nn.sufficient_statistics")
    count = wrap(np.asarray(np.prod([x._array.shape[a] for a in taken]), x._array.dtype))
    if shift is not None:
        shift = convert(shift, None, x.dtype)
        values, squares = x - shift, elementwise.squared_difference(x, shift)
    else:
        values, squares = x, elementwise.square(x)
    return count, reduce_ops.reduce_sum(values, taken, keepdims), reduce_ops.reduce_sum(squares, taken, keepdims), shift


def normalize_moments(
    counts: Any, mean_ss: Any, variance_ss: Any, shift: Any, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """Mean and variance from what `sufficient_statistics` returned.

    Example:
      >>> mean, variance = tf.nn.normalize_moments(2.0, 4.0, 10.0, None)
      >>> print(mean.numpy(), variance.numpy())
      2.0 1.0
    """
    divisor = 1.0 / convert(counts)
    shifted = convert(mean_ss) * divisor
    mean = shifted if shift is None else shifted + shift
    return mean, convert(variance_ss) * divisor - elementwise.square(shifted)


def batch_normalization(
    x: Any, mean: Any, variance: Any, offset: Any, scale: Any, variance_epsilon: float, name: str | None = None
) -> Tensor:
    """`(x - mean) / sqrt(variance + epsilon) * scale + offset` (Ioffe and Szegedy, 2015, arXiv:1502.03167).

    Args:
      x: Tensor.
      mean, variance, offset, scale: Tensors that broadcast with `x`; the last two may be None.
      variance_epsilon: added to the variance.
    Example:
      >>> print(tf.nn.batch_normalization(tf.constant([3.0]), 1.0, 4.0, 10.0, 2.0, 0.0).numpy())
      [12.]
    """
    x = convert(x)
    mean, variance = convert(mean, None, x.dtype), convert(variance, None, x.dtype)
    factor = exponential.rsqrt(variance + variance_epsilon)
    if scale is not None:
        factor = factor * convert(scale, None, x.dtype)
    rest = -mean * factor if offset is None else convert(offset, None, x.dtype) - mean * factor
    if factor.dtype is not x.dtype:
        factor, rest = cast_ops.cast(factor, x.dtype), cast_ops.cast(rest, x.dtype)
    return multiply(x, factor) + rest


def l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12, name: str | None = None, dim: Any = None) -> Tensor:
    """`x / sqrt(max(sum(x^2), epsilon))` over axes.

    Args:
      x: Tensor of a floating or complex dtype.
      axis: int, ints or None for all axes.
      epsilon: the least square of a norm.
      dim: the former name of `axis`.
    Raises:
      ValueError: `axis` and `dim` are given.
    Example:
      >>> print(tf.math.l2_normalize([3.0, 4.0]).numpy())
      [0.6 0.8]
    """
    if dim is not None:
        if axis is not None:
            raise ValueError("Cannot specify both 'dim' and 'axis'.")
        axis = dim
    x = convert(x)
    if x.dtype.is_complex:
        square = reduce_ops.reduce_sum(elementwise.square(cast_ops.real(x)) + elementwise.square(cast_ops.imag(x)), axis, True)
        inverse = exponential.rsqrt(elementwise.maximum(square, epsilon))
        return x * cast_ops.cast(inverse, x.dtype)
    square = reduce_ops.reduce_sum(elementwise.square(x), axis, True)
    return multiply(x, exponential.rsqrt(elementwise.maximum(square, epsilon)))


# Local response normalization


def _window_sum(x: np.ndarray, radius: int) -> np.ndarray:
    """Sums over the channels up to `radius` away, along the last axis."""
    sums = np.zeros((*x.shape[:-1], x.shape[-1] + 1), np.result_type(x, np.float32))
    np.cumsum(x, -1, out=sums[..., 1:])
    channel = np.arange(x.shape[-1])
    high = np.minimum(channel + radius + 1, x.shape[-1])
    return sums[..., high] - sums[..., np.maximum(channel - radius, 0)]


def _lrn_kernel(input, *, depth_radius=5, bias=1.0, alpha=1.0, beta=0.5):
    scale = bias + alpha * _window_sum(np.square(input), depth_radius)
    return (input * scale**-beta).astype(input.dtype)


def _lrn_vjp(dy, input, out, depth_radius, bias, alpha, beta):
    return LRN_GRAD(dy, input, out, depth_radius=depth_radius, bias=bias, alpha=alpha, beta=beta)


def _lrn_grad_kernel(input_grads, input_image, output_image, *, depth_radius=5, bias=1.0, alpha=1.0, beta=0.5):
    scale = bias + alpha * _window_sum(np.square(input_image), depth_radius)
    around = _window_sum(input_grads * output_image / scale, depth_radius)
    return (input_grads * scale**-beta - 2 * alpha * beta * input_image * around).astype(input_image.dtype)


def _no_second_gradient(dy):
    raise LookupError("No gradient defined for operation LRNGrad: its second derivative is not there in TensorFlow either.")


LRN = register(Op("LRN", _lrn_kernel, types=FLOATING, vjp=_lrn_vjp))
LRN_GRAD = register(Op("LRNGrad", _lrn_grad_kernel, types=FLOATING, vjp=(_no_second_gradient, _no_second_gradient, None)))


def local_response_normalization(
    input: Any, depth_radius: int = 5, bias: float = 1.0, alpha: float = 1.0, beta: float = 0.5, name: str | None = None
) -> Tensor:
    """Divides by a power of the sum of squares of the channels around (Krizhevsky et al., 2012).

    Args:
      input: shape `(batch, height, width, channels)`.
      depth_radius: how many channels on each side.
      bias, alpha, beta: `input / (bias + alpha * sum)^beta`.
    Example:
      >>> print(tf.nn.local_response_normalization(tf.ones([1, 1, 1, 1]), alpha=3.0).numpy().ravel())
      [0.5]
    """
    x = convert(input)
    LRN.require(x._array)
    if x._array.ndim != 4:
        from tenfold.core.errors import InvalidArgumentError

        raise InvalidArgumentError(f"tf.nn.local_response_normalization: in must be 4-dimensional; got {x._array.shape}.")
    return LRN(x, depth_radius=depth_radius, bias=bias, alpha=alpha, beta=beta)


lrn = local_response_normalization
