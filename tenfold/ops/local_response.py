"""Local response normalization: each channel divided by a norm of its neighbours."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.dtypes import FLOATING
from tenfold.core.op import Op, register
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import creation, exponential, matmul, matrix_diag, row_rules


@lru_cache(maxsize=64)
def _band(channels: int, depth_radius: int, dtype: np.dtype) -> np.ndarray:
    """The matrix that sums neighbouring channels."""
    index = np.arange(channels)
    return (np.abs(index[:, None] - index) <= depth_radius).astype(dtype)


def _neighbours(x: np.ndarray, depth_radius: int) -> np.ndarray:
    channels = x.shape[-1]
    return (x.reshape(x.size // (channels or 1), channels) @ _band(channels, depth_radius, x.dtype)).reshape(x.shape)


def _wide(x: np.ndarray) -> np.ndarray:
    return x.astype(np.float32) if x.dtype.itemsize == 2 else x


def _norms(x: np.ndarray, depth_radius: int, bias: float, alpha: float) -> np.ndarray:
    if x.ndim != 4:
        raise ValueError(f"the input must have 4 axes, it has {x.ndim}")
    if depth_radius < 0:
        raise ValueError(f"depth_radius is {depth_radius}; it must be at least 0")
    return x.dtype.type(bias) + x.dtype.type(alpha) * _neighbours(np.square(x), depth_radius)


def _lrn_kernel(input, *, depth_radius=5, bias=1.0, alpha=1.0, beta=0.5):
    x = _wide(input)
    y = x * _norms(x, depth_radius, bias, alpha) ** x.dtype.type(-beta)
    return y.astype(input.dtype, copy=False)


def _lrn_grad_kernel(input_grads, input_image, output_image, *, depth_radius=5, bias=1.0, alpha=1.0, beta=0.5):
    dy, x, y = (_wide(array) for array in (input_grads, input_image, output_image))
    norms = _norms(x, depth_radius, bias, alpha)
    shared = _neighbours(dy * y / norms, depth_radius)
    dx = dy * norms ** x.dtype.type(-beta) - x.dtype.type(2 * alpha * beta) * x * shared
    return dx.astype(input_grads.dtype, copy=False)


def _lower_neighbours(b: Any, x: Any, depth_radius: int) -> Any:
    channels = x.shape[-1]
    rows = b.reshape(x, (prod(x.shape[:-1]), channels))
    return b.reshape(b.contract(rows, b.constant(_band(channels, depth_radius, x.dtype))), x.shape)


def _lower_lrn(b, x, *, depth_radius=5, bias=1.0, alpha=1.0, beta=0.5):
    return x * b.pow(_lower_neighbours(b, b.square(x), depth_radius) * alpha + bias, -beta)


def _lower_lrn_grad(b, dy, x, y, *, depth_radius=5, bias=1.0, alpha=1.0, beta=0.5):
    norms = _lower_neighbours(b, b.square(x), depth_radius) * alpha + bias
    shared = _lower_neighbours(b, dy * y / norms, depth_radius)
    return dy * b.pow(norms, -beta) - x * (2 * alpha * beta) * shared


def _lrn_grad_vjp(dy, input_grads, input_image, depth_radius, bias, alpha, beta):
    """With N the norms and B the band, `dx = g * N**-beta - 2 * alpha * beta * x * ((g * x * N**(-beta - 1)) @ B)`."""
    u, g, x = dy, input_grads, input_image
    channels = x._array.shape[-1]
    band = matrix_diag.band_part(creation.ones((channels, channels), x.dtype), depth_radius, depth_radius)

    def neighbours(v: Tensor) -> Tensor:
        return array_ops.reshape(matmul.matmul(array_ops.reshape(v, (-1, channels)), band), x._array.shape)

    norms = neighbours(x * x) * alpha + bias
    power, less, least = (exponential.pow(norms, -beta - i) for i in range(3))
    spread = neighbours(u * x)
    d_grads = u * power - x * less * spread * (2 * alpha * beta)
    d_norms = x * g * least * spread * (2 * alpha * beta * (beta + 1)) - u * g * less * beta
    d_image = (u * neighbours(g * x * less) + g * less * spread) * (-2 * alpha * beta)
    return d_grads, d_image + x * neighbours(d_norms) * (2 * alpha), None


LRN = register(
    Op(
        "LRN",
        _lrn_kernel,
        types=FLOATING,
        vjp=lambda dy, input, out, attrs: LRN_GRAD(dy, input, out, **attrs),
        lower=_lower_lrn,
        rows=row_rules.leading,
    )
)
LRN_GRAD: Op = register(Op("LRNGrad", _lrn_grad_kernel, types=FLOATING, vjp=_lrn_grad_vjp, lower=_lower_lrn_grad))


def local_response_normalization(
    input: Any, depth_radius: int = 5, bias: float = 1, alpha: float = 1, beta: float = 0.5, name: str | None = None
) -> Tensor:
    """Divides each element by `(bias + alpha * s) ** beta`, where s sums the squares of the channels around it.

    Args:
      input: Tensor, shape `(batch, height, width, channels)`.
      depth_radius: how many channels to each side are summed.
    Raises:
      tf.errors.InvalidArgumentError: `input` has not four axes.
    Example:
      >>> print(tf.nn.lrn(tf.constant([[[[1.0, 2.0, 2.0]]]]), depth_radius=1, bias=0.0).numpy().round(3))
      [[[[0.447 0.667 0.707]]]]

    References: Krizhevsky, Sutskever and Hinton, NeurIPS 2012.
    """
    x = convert(input)
    LRN.require(x._array)
    return LRN(x, depth_radius=int(depth_radius), bias=float(bias), alpha=float(alpha), beta=float(beta))


lrn = local_response_normalization
