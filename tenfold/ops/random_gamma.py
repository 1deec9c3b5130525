"""Gamma, Poisson and binomial random numbers, stateful and stateless.

The stateful ops are given the shape of the samples and append the parameters' to it; the stateless ones are given the whole shape,
which must end with the parameters'.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import Op, StatefulOp, register
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import elementwise, reduce, rejection, seeds
from tenfold.ops.gamma_grad import RANDOM_GAMMA_GRAD
from tenfold.ops.philox import Stream
from tenfold.ops.random_streams import (
    AUTO_SELECT,
    NO_GRADIENT,
    broadcast,
    check_dtype,
    key_and_counter,
    reserved,
    seeded_stream,
    sizes,
    stream_at,
)

_REALS = frozenset((dtypes.float16, dtypes.float32, dtypes.float64))
_NUMBERS = _REALS | {dtypes.int32, dtypes.int64}


def samples_before(shape: tuple[int, ...], parameters: tuple[int, ...]) -> tuple[int, ...]:
    """What of `shape` comes before the shape of the parameters, with which it must end."""
    cut = len(shape) - len(parameters)
    if cut < 0 or shape[cut:] != parameters:
        raise InvalidArgumentError(
            f"Shape passed in must end with broadcasted shape: {shape} does not end with {parameters}."
        )
    return shape[:cut]


# Gamma.


def _gamma(stream: Stream, samples: tuple[int, ...], alpha: np.ndarray) -> np.ndarray:
    draws = rejection.gamma(stream, prod(samples), alpha.reshape(-1).astype(np.float64))
    return draws.reshape(samples + alpha.shape).astype(alpha.dtype)


def _gamma_vjp(dy: Tensor, alpha: Tensor, out: Tensor) -> Tensor:
    sample_axes = tuple(range(out.ndim - alpha.ndim))
    return reduce.reduce_sum(dy * RANDOM_GAMMA_GRAD(alpha, out), sample_axes)


def _random_gamma_kernel(alpha, *, shape, seed=0, seed2=0):
    RANDOM_GAMMA.require(alpha)
    stream = reserved("RandomGamma", seed, seed2, prod(shape) * alpha.size, alpha.dtype.name)
    return _gamma(stream, shape, alpha)


def _stateless_gamma_kernel(key, counter, alpha, *, shape, alg=AUTO_SELECT):
    RANDOM_GAMMA.require(alpha)
    return _gamma(stream_at(key, counter, alg), samples_before(shape, alpha.shape), alpha)


def _seeded_gamma_kernel(seed, alpha, *, shape):
    RANDOM_GAMMA.require(alpha)
    return _gamma(seeded_stream(seed), samples_before(shape, alpha.shape), alpha)


RANDOM_GAMMA = register(
    StatefulOp(
        "RandomGamma",
        _random_gamma_kernel,
        host=("shape",),
        types=_REALS,
        vjp=lambda dy, alpha, out: _gamma_vjp(dy, alpha, out),
    )
)
STATELESS_GAMMA = register(
    Op(
        "StatelessRandomGammaV3",
        _stateless_gamma_kernel,
        host=("shape", "alg"),
        vjp=(None, None, lambda dy, alpha, out: _gamma_vjp(dy, alpha, out)),
    )
)
register(
    Op(
        "StatelessRandomGammaV2",
        _seeded_gamma_kernel,
        host=("shape",),
        vjp=(None, lambda dy, alpha, out: _gamma_vjp(dy, alpha, out)),
    )
)


def gamma(
    shape: Any, alpha: Any, beta: Any = None, dtype: Any = dtypes.float32, seed: Any = None, name: str | None = None
) -> Tensor:
    """Draws from gamma distributions, `shape` times from each.

    The result is differentiable in `alpha` and `beta`.

    Args:
      shape: vector of sizes.
      alpha: the distributions' shape parameters.
      beta: their inverse scales, broadcast with `alpha`; one if left out.
      dtype: float16, float32 or float64.
      seed: int, seed of the op; see `tf.random.set_seed`.
    Returns:
      Tensor of shape `shape + alpha.shape` (`alpha` broadcast with `beta`), nowhere below the smallest normal number.
    Raises:
      tf.errors.InvalidArgumentError: `shape` is no vector of sizes, or the parameters do not broadcast.
      ValueError: a parameter is a tensor of another dtype, or `dtype` is not real.
    Example:
      >>> tf.random.gamma([10], [0.5, 1.5, 2.5], beta=3.0).shape
      TensorShape([10, 3])
    """
    dtype = as_dtype(dtype)
    shape = sizes(shape, "tf.random.gamma")
    alpha, beta = _parameters(alpha, beta, dtype, "tf.random.gamma")
    seed, seed2 = seeds.op_seeds(seed)
    return _at_scale(RANDOM_GAMMA(alpha, shape=shape, seed=seed, seed2=seed2), beta)


def _parameters(alpha: Any, beta: Any, dtype: DType, what: str) -> tuple[Tensor, Tensor]:
    """The parameters as tensors, `alpha` broadcast with `beta`."""
    if not dtype.is_floating:
        raise ValueError(f"{what}: dtype is {dtype.name}; it must be float16, float32 or float64.")
    alpha, beta = convert(alpha, dtype), convert(1 if beta is None else beta, dtype)
    shape = broadcast(what, alpha._array, beta._array)
    return alpha if alpha._array.shape == shape else array_ops.broadcast_to(alpha, shape), beta


def _at_scale(draws: Tensor, beta: Tensor) -> Tensor:
    """Gamma variates of scale one brought to the inverse scale `beta`, but not to zero."""
    return elementwise.maximum(np.finfo(draws._array.dtype).tiny, draws / beta)


def stateless_gamma(
    shape: Any, seed: Any, alpha: Any, beta: Any = None, dtype: Any = dtypes.float32, name: str | None = None
) -> Tensor:
    """The gamma variates that belong to a seed; differentiable in `alpha` and `beta`.

    Args:
      shape: vector of sizes of the result; ends with the shape of `alpha` broadcast with `beta`.
      seed: two integers, int32 or int64.
      alpha: the distributions' shape parameters.
      beta: their inverse scales, broadcast with `alpha`; one if left out.
      dtype: float16, float32 or float64.
    Raises:
      tf.errors.InvalidArgumentError: `shape` or `seed` have another form, or the parameters do not broadcast.
      ValueError: a parameter is a tensor of another dtype, or `dtype` is not real.
    Example:
      >>> tf.random.stateless_gamma([10, 2], seed=[12, 34], alpha=[0.5, 1.5]).shape
      TensorShape([10, 2])
    """
    dtype = as_dtype(dtype)
    shape = sizes(shape, "tf.random.stateless_gamma")
    alpha, beta = _parameters(alpha, beta, dtype, "tf.random.stateless_gamma")
    return _at_scale(STATELESS_GAMMA(*key_and_counter(seed, None), alpha, shape=shape), beta)


# Poisson.


def _poisson(stream: Stream, samples: tuple[int, ...], rate: np.ndarray, dtype: DType) -> np.ndarray:
    draws = rejection.poisson(stream, prod(samples), rate.reshape(-1).astype(np.float64))
    return draws.reshape(samples + rate.shape).astype(dtype._np)


def _random_poisson_kernel(rate, *, shape, dtype=dtypes.int64, seed=0, seed2=0):
    RANDOM_POISSON.require(rate)
    check_dtype(dtype, _NUMBERS, "RandomPoissonV2")
    stream = reserved("RandomPoissonV2", seed, seed2, prod(shape) * rate.size, rate.dtype.name, dtype.name)
    return _poisson(stream, shape, rate, dtype)


def _stateless_poisson_kernel(seed, lam, *, shape, dtype):
    RANDOM_POISSON.require(lam)
    check_dtype(dtype, _NUMBERS, "StatelessRandomPoisson")
    return _poisson(seeded_stream(seed), samples_before(shape, lam.shape), lam, dtype)


RANDOM_POISSON = register(
    StatefulOp("RandomPoissonV2", _random_poisson_kernel, host=("shape",), types=_NUMBERS, vjp=NO_GRADIENT)
)
STATELESS_POISSON = register(Op("StatelessRandomPoisson", _stateless_poisson_kernel, host=("shape",), vjp=NO_GRADIENT))


def poisson(shape: Any, lam: Any, dtype: Any = dtypes.float32, seed: Any = None, name: str | None = None) -> Tensor:
    """Draws from Poisson distributions, `shape` times from each.

    Args:
      shape: vector of sizes.
      lam: the distributions' means.
      dtype: of the result: float16, float32, float64, int32 or int64.
      seed: int, seed of the op; see `tf.random.set_seed`.
    Returns:
      Tensor of shape `shape + lam.shape`.
    Raises:
      tf.errors.InvalidArgumentError: `shape` is no vector of sizes, or a dtype is none of these.
    Example:
      >>> tf.random.poisson([10], [12.2, 3.3]).shape
      TensorShape([10, 2])
    """
    shape = sizes(shape, "tf.random.poisson")
    lam = convert(lam, None, dtypes.float64)
    seed, seed2 = seeds.op_seeds(seed)
    return RANDOM_POISSON(lam, shape=shape, dtype=as_dtype(dtype), seed=seed, seed2=seed2)


def stateless_poisson(shape: Any, seed: Any, lam: Any, dtype: Any = dtypes.int32, name: str | None = None) -> Tensor:
    """The Poisson variates that belong to a seed.

    Args:
      shape: vector of sizes of the result; ends with the shape of `lam`.
      seed: two integers, int32 or int64.
      lam: the distributions' means.
      dtype: of the result: float16, float32, float64, int32 or int64.
    Raises:
      tf.errors.InvalidArgumentError: `shape` or `seed` have another form, or a dtype is none of these.
    Example:
      >>> print(tf.random.stateless_poisson([2, 3], seed=[1, 2], lam=[1.0, 2.0, 3.0]).numpy())
      [[3 3 3]
       [3 3 6]]
    """
    shape = sizes(shape, "tf.random.stateless_poisson")
    return STATELESS_POISSON(convert(seed), convert(lam), shape=shape, dtype=as_dtype(dtype))


# Binomial.


def _stateless_binomial_kernel(seed, counts, probs, *, shape, dtype=dtypes.int64):
    return binomial_draws(seeded_stream(seed), shape, counts, probs, dtype)


def binomial_draws(
    stream: Stream, shape: tuple[int, ...], counts: np.ndarray, probs: np.ndarray, dtype: DType
) -> np.ndarray:
    """Binomial variates of `shape`, which ends with that of `counts` broadcast with `probs`."""
    RANDOM_GAMMA.require(counts, probs)
    check_dtype(dtype, _NUMBERS, "tf.random: binomial")
    samples = samples_before(shape, np.broadcast_shapes(counts.shape, probs.shape))
    counts, probs = np.broadcast_arrays(counts, probs)
    draws = rejection.binomial(stream, prod(samples), counts.reshape(-1), probs.reshape(-1))
    return draws.reshape(shape).astype(dtype._np)


STATELESS_BINOMIAL = register(
    Op("StatelessRandomBinomial", _stateless_binomial_kernel, host=("shape",), vjp=NO_GRADIENT)
)


def stateless_binomial(
    shape: Any, seed: Any, counts: Any, probs: Any, output_dtype: Any = dtypes.int32, name: str | None = None
) -> Tensor:
    """The binomial variates that belong to a seed.

    Args:
      shape: vector of sizes of the result; ends with the shape of `counts` broadcast with `probs`.
      seed: two integers, int32 or int64.
      counts: numbers of trials, of the dtype of `probs`.
      probs: probabilities of success, float16, float32 or float64.
      output_dtype: of the result: float16, float32, float64, int32 or int64.
    Raises:
      tf.errors.InvalidArgumentError: `shape` or `seed` have another form, or a dtype is none of these.
    Example:
      >>> print(tf.random.stateless_binomial([2, 3], seed=[1, 2], counts=[1, 2, 3], probs=0.5).numpy())
      [[1 2 3]
       [1 1 2]]
    """
    shape = sizes(shape, "tf.random.stateless_binomial")
    probs = convert(probs, None, dtypes.float32)
    counts = convert(counts, None, probs.dtype)
    return STATELESS_BINOMIAL(convert(seed), counts, probs, shape=shape, dtype=as_dtype(output_dtype))
