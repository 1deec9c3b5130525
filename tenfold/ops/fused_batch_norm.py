"""Batch normalization with its moments in one op, and its gradient."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from tenfold.compiler.program import NotLowered
from tenfold.core.dtypes import FLOATING
from tenfold.core.op import Op, register
from tenfold.core.symbol import Spec, may_equal
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import exponential, reduce, row_rules
from tenfold.ops.conv_kernels import lower_channels_last, lower_from_channels_last
from tenfold.ops.large import first_larger_than, when_large
from tenfold.ops.windows import from_channels_last, is_channels_first, to_channels_last


def _matrix(x: np.ndarray, data_format: str) -> np.ndarray:
    """`x` as `(positions, channels)`, in float32 at least."""
    x = to_channels_last(x, data_format)
    return (x.astype(np.float32) if x.dtype.itemsize == 2 else x).reshape(prod(x.shape[:-1]), x.shape[-1])


def _like(matrix: np.ndarray, x: np.ndarray, data_format: str) -> np.ndarray:
    shape = to_channels_last(x, data_format).shape
    return from_channels_last(matrix.astype(x.dtype, copy=False).reshape(shape), data_format)


def _check(x: np.ndarray, data_format: str, **vectors: np.ndarray) -> None:
    if x.ndim != len(data_format):
        raise ValueError(f"x must have {len(data_format)} axes for data_format {data_format!r}, it has {x.ndim}")
    channels = x.shape[1 if is_channels_first(data_format) else -1]
    for name, vector in vectors.items():
        if not may_equal(vector.shape, (channels,)):
            raise ValueError(f"{name} must have the same number of elements as x has channels, {channels}")
        if vector.dtype.itemsize == 2:
            raise ValueError(f"{name} must be float32 where x has 16 bits, got {vector.dtype.name}")


def _mean(matrix: np.ndarray) -> np.ndarray:
    return np.add.reduce(matrix, 0) / matrix.dtype.type(max(matrix.shape[0], 1))


def _batch_norm_kernel(
    x,
    scale,
    offset,
    mean,
    variance,
    *,
    epsilon=0.0001,
    exponential_avg_factor=1.0,
    data_format="NHWC",
    is_training=True,
):
    _check(x, data_format, scale=scale, offset=offset)
    matrix = _matrix(x, data_format)
    scalar = matrix.dtype.type
    if is_training:
        batch_mean = _mean(matrix)
        centered = matrix - batch_mean
        batch_variance = _mean(np.square(centered))
        count = matrix.shape[0]
        running_mean = batch_mean if count else np.full_like(batch_mean, np.nan)
        running_variance = batch_variance * scalar(count / max(count - 1, 1)) if count else running_mean
        if exponential_avg_factor != 1:
            _check(x, data_format, mean=mean, variance=variance)
            factor = scalar(exponential_avg_factor)
            running_mean = mean * (1 - factor) + running_mean * factor
            running_variance = variance * (1 - factor) + running_variance * factor
    else:
        _check(x, data_format, mean=mean, variance=variance)
        batch_mean = running_mean = mean
        batch_variance = running_variance = variance
        centered = matrix - mean
    centered *= scale / np.sqrt(batch_variance + scalar(np.float32(epsilon)))
    centered += offset
    y = _like(centered, x, data_format)
    return y, running_mean, running_variance, batch_mean, batch_variance, np.zeros(0, scale.dtype)


def _batch_norm_grad_kernel(
    y_backprop,
    x,
    scale,
    reserve_space_1,
    reserve_space_2,
    reserve_space_3,
    *,
    epsilon=0.0001,
    data_format="NHWC",
    is_training=True,
):
    _check(x, data_format, scale=scale, reserve_space_1=reserve_space_1, reserve_space_2=reserve_space_2)
    if y_backprop.shape != x.shape:
        raise ValueError(f"x and y_backprop must have the same shape, they have {x.shape} and {y_backprop.shape}")
    dy, matrix = _matrix(y_backprop, data_format), _matrix(x, data_format)
    inverse = 1 / np.sqrt(reserve_space_2 + matrix.dtype.type(np.float32(epsilon)))
    normal = (matrix - reserve_space_1) * inverse
    d_offset = np.add.reduce(dy, 0)
    d_scale = np.add.reduce(dy * normal, 0)
    if is_training:
        count = dy.dtype.type(max(dy.shape[0], 1))
        normal *= d_scale / count
        normal += d_offset / count
        dx = np.subtract(dy, normal, out=normal)
    else:
        dx = dy
    zero = np.zeros((), scale.dtype)
    return _like(dx * (scale * inverse), x, data_format), d_scale, d_offset, zero, zero


def _infer_batch_norm(x, scale, offset, mean, variance, *, data_format="NHWC", **attrs):
    _check(x, data_format, scale=scale, offset=offset)
    vector = Spec(scale.dtype, scale.shape)
    return [Spec(x.dtype, x.shape), vector, vector, vector, vector, Spec(scale.dtype, (0,))]


def _infer_batch_norm_grad(y_backprop, x, scale, *reserved, data_format="NHWC", **attrs):
    _check(x, data_format, scale=scale)
    vector, scalar = Spec(scale.dtype, scale.shape), Spec(scale.dtype, ())
    return [Spec(x.dtype, x.shape), vector, vector, scalar, scalar]


def _lower_mean(b: Any, x: Any) -> Any:
    return b.reduce_sum(x, range(x.ndim - 1)) / max(prod(x.shape[:-1]), 1)


def _lower_batch_norm(
    b,
    x,
    scale,
    offset,
    mean,
    variance,
    *,
    epsilon=0.0001,
    exponential_avg_factor=1.0,
    data_format="NHWC",
    is_training=True,
):
    x = lower_channels_last(b, x, data_format)
    given_mean, given_variance, count = mean, variance, prod(x.shape[:-1])
    running_mean, running_variance = mean, variance
    if is_training:
        mean = running_mean = _lower_mean(b, x)
        variance = _lower_mean(b, b.square(x - mean))
        running_variance = variance * (count / max(count - 1, 1))
        if not count:
            running_mean = running_variance = b.full(mean.shape, np.nan, mean.dtype)
        if exponential_avg_factor != 1:
            old, new = 1 - exponential_avg_factor, exponential_avg_factor
            running_mean = given_mean * old + running_mean * new
            running_variance = given_variance * old + running_variance * new
    y = (x - mean) * (scale / b.sqrt(variance + np.float32(epsilon))) + offset
    y = lower_from_channels_last(b, y, data_format)
    return y, running_mean, running_variance, mean, variance, b.full((0,), 0, scale.dtype)


def _lower_batch_norm_grad(b, dy, x, scale, mean, variance, _, *, epsilon=0.0001, data_format="NHWC", is_training=True):
    if not scale.shape == mean.shape == variance.shape:
        raise NotLowered("statistics that do not fit")
    dy, x = (lower_channels_last(b, v, data_format) for v in (dy, x))
    inverse = 1 / b.sqrt(variance + np.float32(epsilon))
    normal = (x - mean) * inverse
    axes = range(x.ndim - 1)
    d_offset, d_scale = b.reduce_sum(dy, axes), b.reduce_sum(dy * normal, axes)
    dx = dy
    if is_training:
        count = max(prod(x.shape[:-1]), 1)
        dx = dy - (normal * (d_scale / count) + d_offset / count)
    zero = b.full((), 0, scale.dtype)
    return lower_from_channels_last(b, dx * (scale * inverse), data_format), d_scale, d_offset, zero, zero


def _batch_norm_vjp(dys, x, scale, mean, variance, outs, epsilon, data_format, is_training):
    if is_training:
        mean, variance = outs[3], outs[4]
    dx, d_scale, d_offset, _, _ = BATCH_NORM_GRAD(
        dys[0], x, scale, mean, variance, outs[5], epsilon=epsilon, data_format=data_format, is_training=is_training
    )
    return dx, d_scale, d_offset, None, None


def _batch_norm_grad_vjp(
    dys, y_backprop, x, scale, reserve_space_1, reserve_space_2, epsilon, data_format, is_training
):
    """With n the normalized x, r = 1 / sqrt(variance + epsilon) and m a mean over the batch, the op is

        dx = scale * r * (dy - m(dy) - n * m(dy * n)),  d_scale = sum(dy * n),  d_offset = sum(dy)

    in training, and `dx = scale * r * dy` with a given mean and variance.
    """
    u, u_scale, u_offset = dys[:3]
    rank = len(data_format)
    channel = 1 if is_channels_first(data_format) else rank - 1
    axes = [axis for axis in range(rank) if axis != channel]
    broadcast = [-1 if axis == channel else 1 for axis in range(rank)]
    scale, mean, variance, u_scale, u_offset = (
        array_ops.reshape(part, broadcast) for part in (scale, reserve_space_1, reserve_space_2, u_scale, u_offset)
    )
    dy = y_backprop

    def averaged(v: Tensor) -> Tensor:
        return reduce.reduce_mean(v, axes, True)

    def total(v: Tensor) -> Tensor:
        return reduce.reduce_sum(v, axes)

    r = exponential.rsqrt(variance + epsilon)
    n = (x - mean) * r
    if not is_training:
        return scale * r * u + u_scale * n + u_offset, u_scale * dy * r, total(u * dy * r), None, None, None
    dy_n, u_n = averaged(dy * n), averaged(u * n)
    straight = u - averaged(u) - n * u_n
    product = r * (straight * dy)  # sums to the derivative of sum(u * dx) with respect to scale
    h = u_scale * dy - scale * r * (u * dy_n + dy * u_n)
    d_x = r * (h - averaged(h) - n * averaged(h * n)) - r * n * scale * averaged(product)
    return scale * r * straight + u_scale * n + u_offset, d_x, total(product), None, None, None


def _batch_norm_rows(node, values):
    """Those of the images; the other results are what the op is given."""
    if node.attrs.get("is_training", True):
        return None
    return [row_rules.leading(node, values), *[None] * (len(node.outputs) - 1)]


_IS_LARGE = first_larger_than(1 << 16)  # elements: 0.2 ms for NumPy

BATCH_NORM = register(
    when_large(
        Op(
            "FusedBatchNormV3",
            _batch_norm_kernel,
            types=FLOATING,
            outputs=("y", "batch_mean", "batch_variance", "reserve_space_1", "reserve_space_2", "reserve_space_3"),
            vjp=_batch_norm_vjp,
            infer=_infer_batch_norm,
            lower=_lower_batch_norm,
            rows=_batch_norm_rows,
        ),
        _IS_LARGE,
    )
)
BATCH_NORM_GRAD: Op = register(
    when_large(
        Op(
            "FusedBatchNormGradV3",
            _batch_norm_grad_kernel,
            types=FLOATING,
            outputs=("x_backprop", "scale_backprop", "offset_backprop", "reserve_space_4", "reserve_space_5"),
            vjp=_batch_norm_grad_vjp,
            infer=_infer_batch_norm_grad,
            lower=_lower_batch_norm_grad,
        ),
        _IS_LARGE,
    )
)
