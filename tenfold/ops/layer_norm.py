"""Layer normalization as one op, and its gradient as another: each is one pass over large arrays.

TensorFlow has neither, so they are not in `tf.raw_ops`; files have the public functions instead.
"""

from __future__ import annotations

import numpy as np

from tenfold.core.op import Op
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import creation, normalization, reduce
from tenfold.ops.exponential import rsqrt
from tenfold.ops.large import first_larger_than, when_large
from tenfold.ops.second_order import gradients_of_gradient

# elements: 12 us for NumPy, and 0.2 ms
_IS_LARGE, _SAVES_MUCH = first_larger_than(2047), first_larger_than(1 << 16)
_sum = np.add.reduce


def _last_axes(x, scale):
    return tuple(range(x.ndim - scale.ndim, x.ndim))


def _first_axes(x, scale):
    return tuple(range(x.ndim - scale.ndim))


def _mean(x, axes, count):
    return _sum(x, axes, x.dtype, keepdims=True) / count


def _kernel(x, scale, offset, *, epsilon):
    axes, count = _last_axes(x, scale), scale.size
    mean = _mean(x, axes, count)
    y = np.subtract(x, mean)
    inverse = np.reciprocal(np.sqrt(_mean(np.square(y, y), axes, count) + epsilon))
    factor = inverse * scale
    np.multiply(x, factor, y)
    return np.add(y, offset - mean * factor, y), mean, inverse


def _grad_kernel(gradients, x, scale, mean, inverse, *, epsilon):
    """With n the normalized x and g = dy * scale: dx = (g - mean(g) - n * mean(g * n)) * inverse."""
    axes, count, first = _last_axes(x, scale), scale.size, _first_axes(x, scale)
    n = (x - mean) * inverse
    g = gradients * n
    d_scale, d_offset = _sum(g, first), _sum(gradients, first)
    g *= scale
    n *= _mean(g, axes, count)
    np.multiply(gradients, scale, g)
    n += _mean(g, axes, count)
    g -= n
    g *= inverse
    return g, d_scale, d_offset


def _lower(b, x, scale, offset, *, epsilon):
    axes = _last_axes(x, scale)
    mean = b.reduce_mean(x, axes, keepdims=True)
    inverse = b.rsqrt(b.reduce_mean(b.square(x - mean), axes, keepdims=True) + epsilon)
    factor = inverse * scale
    return x * factor + (offset - mean * factor), mean, inverse


def _lower_grad(b, gradients, x, scale, mean, inverse, *, epsilon):
    axes, first = _last_axes(x, scale), _first_axes(x, scale)
    n, g = (x - mean) * inverse, gradients * scale
    along_n = b.reduce_mean(g * n, axes, keepdims=True)
    dx = (g - b.reduce_mean(g, axes, keepdims=True) - n * along_n) * inverse
    return dx, b.reduce_sum(gradients * n, first), b.reduce_sum(gradients, first)


def _expanded(x: Tensor, scale: Tensor, offset: Tensor, *, epsilon: float) -> list[Tensor]:
    axes = list(_last_axes(x, scale))
    mean, variance = normalization.moments(x, axes, keepdims=True)
    y = normalization.batch_normalization(x, mean, variance, offset, scale, epsilon)
    return [y, mean, rsqrt(variance + epsilon)]


def _expanded_grad(
    gradients: Tensor, x: Tensor, scale: Tensor, mean: Tensor, inverse: Tensor, *, epsilon: float
) -> list[Tensor]:
    n, g = (x - mean) * inverse, gradients * scale
    along_n = reduce.reduce_mean(g * n, _last_axes(x, scale), True)
    dx = (g - reduce.reduce_mean(g, _last_axes(x, scale), True) - n * along_n) * inverse
    first = _first_axes(x, scale)
    return [dx, reduce.reduce_sum(gradients * n, first), reduce.reduce_sum(gradients, first)]


def _vjp(dys, x, scale, outs, epsilon):
    return LAYER_NORM_GRAD(dys[0], x, scale, *outs[1:], epsilon=epsilon)


def _grad_vjp(dys, gradients, x, scale, epsilon):
    d_x, d_scale, _, d_gradients = gradients_of_gradient(
        lambda *inputs: _expanded(*inputs, epsilon=epsilon)[:1],
        [x, scale, creation.zeros_like(scale)],
        [gradients],
        dys,
    )
    return d_gradients, d_x, d_scale, None, None


def _infer(x, scale, offset, *, epsilon):
    statistics = (*x.shape[: x.ndim - scale.ndim], *(1,) * scale.ndim)
    return [Spec(x.dtype, shape) for shape in (x.shape, statistics, statistics)]


def _infer_grad(gradients, x, scale, mean, inverse, *, epsilon):
    return [Spec(v.dtype, v.shape) for v in (x, scale, scale)]


LAYER_NORM = when_large(
    Op(
        "LayerNorm",
        _kernel,
        outputs=("y", "mean", "inverse"),
        vjp=_vjp,
        infer=_infer,
        lower=_lower,
        expand=_expanded,
    ),
    _IS_LARGE,
    _SAVES_MUCH,
)
LAYER_NORM_GRAD: Op = when_large(
    Op(
        "LayerNormGrad",
        _grad_kernel,
        outputs=("x", "scale", "offset"),
        vjp=_grad_vjp,
        infer=_infer_grad,
        lower=_lower_grad,
        expand=_expanded_grad,
    ),
    _IS_LARGE,
    _SAVES_MUCH,
)


def layer_norm(x: Tensor, scale: Tensor, offset: Tensor, epsilon: float) -> Tensor:
    """`scale * (x - mean) / sqrt(variance + epsilon) + offset`, with moments over the axes that `scale` has.

    Args:
      x: float32 or float64.
      scale, offset: of the dtype of `x` and the shape of its last axes.
      epsilon: number that keeps the divisor from 0.
    """
    return LAYER_NORM(x, scale, offset, epsilon=epsilon)[0]
