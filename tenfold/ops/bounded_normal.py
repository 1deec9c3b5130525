"""Normal numbers between bounds, whose mean, deviation and bounds are tensors."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.op import Op, StatefulOp, register
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import elementwise, exponential, rejection, seeds, special
from tenfold.ops.random_gamma import samples_before
from tenfold.ops.random_streams import NO_GRADIENT, seeded_stream, sizes

_REALS = frozenset((dtypes.float16, dtypes.float32, dtypes.float64))
_BATCH = 100  # samples that TensorFlow draws in a row if all have the same parameters


def _check(means: np.ndarray, stdevs: np.ndarray, minvals: np.ndarray, maxvals: np.ndarray) -> None:
    BOUNDED_NORMAL.require(means, stdevs, minvals, maxvals)
    if not ((stdevs > 0).all() and (minvals < maxvals).all() and (np.isfinite(minvals) | np.isfinite(maxvals)).all()):
        raise ValueError("Invalid parameters: deviations must be positive, minvals below maxvals, one of them finite")


def _bounded_normal_kernel(means, stdevs, minvals, maxvals, *, shape, seed=0, seed2=0):
    """Parameters are scalars or have one element for each row of the result."""
    parameters = means, stdevs, minvals, maxvals
    if not shape or any(p.ndim > 1 or p.size not in (1, shape[0]) for p in parameters):
        raise ValueError("means, stdevs, minvals and maxvals must be scalars or vectors of length shape[0]")
    batches, samples = shape[0], prod(shape[1:])
    if means.size == stdevs.size == 1 and minvals.ndim == maxvals.ndim == 0:
        batches, samples = -(-batches * samples // _BATCH), _BATCH
    rows = [np.broadcast_to(p.reshape(-1), (batches,)) for p in parameters]
    _check(*rows)
    kernel = seeds.kernel("ParameterizedTruncatedNormal", seed, seed2, means.dtype.name)
    stream = seeds.reserve(kernel, batches * 2 * rejection.MAX_ITERATIONS * (samples + 3) // 4)
    return rejection.bounded_normal(stream, samples, *rows).reshape(-1)[: prod(shape)].reshape(shape)


def _stateless_bounded_normal_kernel(seed, means, stddevs, minvals, maxvals, *, shape):
    parameters = means, stddevs, minvals, maxvals
    whole = np.broadcast_shapes(*(p.shape for p in parameters))
    samples = samples_before(shape, whole)
    rows = [np.broadcast_to(p, whole).reshape(-1) for p in parameters]
    _check(*rows)
    return rejection.bounded_normal(seeded_stream(seed), prod(samples), *rows).T.reshape(shape)


def _bounded_normal_vjp(dy, means, stddevs, minvals, maxvals, out):
    """The sample stays at one value of the distribution function when a parameter changes (see `gamma_grad`)."""
    low, high, x = (minvals - means) / stddevs, (maxvals - means) / stddevs, (out - means) / stddevs
    below, above = _normal_cdf(x) - _normal_cdf(low), _normal_cdf(high) - _normal_cdf(low)
    info = np.finfo(means._array.dtype)
    level = elementwise.minimum(elementwise.maximum(below / above, info.tiny), 1 - info.eps)
    by_max = exponential.exp(0.5 * (x * x - high * high) + exponential.log(level))
    by_min = exponential.exp(0.5 * (x * x - low * low) + exponential.log1p(-level))
    slopes = (dy, dy * x, dy * by_min, dy * by_max)
    parameters = (means, stddevs, minvals, maxvals)
    return (None, *(elementwise.unbroadcast(s, p._array.shape) for s, p in zip(slopes, parameters, strict=True)))


def _normal_cdf(x: Tensor) -> Tensor:
    return 0.5 * special.erfc(x * -(0.5**0.5))


BOUNDED_NORMAL = register(
    StatefulOp(
        "ParameterizedTruncatedNormal",
        _bounded_normal_kernel,
        host=("shape",),
        types=_REALS,
        vjp=NO_GRADIENT,
        infer=lambda means, *_, shape, seed=0, seed2=0: Spec(means.dtype, shape),
    )
)
STATELESS_BOUNDED_NORMAL = register(
    Op(
        "StatelessParameterizedTruncatedNormal",
        _stateless_bounded_normal_kernel,
        host=("shape",),
        vjp=_bounded_normal_vjp,
        infer=lambda seed, means, *_, shape: Spec(means.dtype, shape),
    )
)


def stateless_parameterized_truncated_normal(
    shape: Any,
    seed: Any,
    means: Any = 0.0,
    stddevs: Any = 1.0,
    minvals: Any = -2.0,
    maxvals: Any = 2.0,
    name: str | None = None,
) -> Tensor:
    """The normal numbers between bounds that belong to a seed; differentiable in all parameters.

    Args:
      shape: vector of sizes of the result; ends with the shape of the parameters broadcast together.
      seed: two integers, int32 or int64.
      means, stddevs: of the distribution before it is cut; float16, float32 or float64, as all parameters.
      minvals, maxvals: bounds, one of which may be infinite.
    Raises:
      tf.errors.InvalidArgumentError: a deviation is not positive, an interval is empty, or `shape` does not fit.
    Example:
      >>> print(tf.random.stateless_parameterized_truncated_normal([3], [1, 2]).numpy())
      [0.5441101  0.20738031 0.07356432]
    """
    shape = sizes(shape, "tf.random.stateless_parameterized_truncated_normal")
    parameters = (convert(p) for p in (means, stddevs, minvals, maxvals))
    return STATELESS_BOUNDED_NORMAL(convert(seed), *parameters, shape=shape)
