"""Dropout: setting random elements to zero."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.dtypes import DType
from tenfold.core.op import Op
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor, wrap
from tenfold.ops import gather as gather_ops
from tenfold.ops import logic, random, seeds
from tenfold.ops.choose import keep
from tenfold.ops.elementwise import divide, multiply, subtract
from tenfold.ops.large import run_in_blocks


def _kernel(x, is_kept, *, scale):
    y = np.multiply(x, x.dtype.type(scale))
    return keep(y, is_kept, out=y)


# `where(is_kept, scale * x, 0)` of float32 or float64 in two passes, and one record of tapes. Where a function is traced, it is the two ops.
_SCALED_AND_KEPT: Op = run_in_blocks(
    Op(
        "Dropout",
        _kernel,
        vjp=(lambda dy, is_kept, scale: _SCALED_AND_KEPT(dy, is_kept, scale=scale), None),
        infer=lambda x, is_kept, *, scale: Spec(x.dtype, x.shape),
        lower=lambda b, x, is_kept, *, scale: b.select(is_kept, x * scale, 0.0),
        expand=lambda x, is_kept, *, scale: gather_ops.where(
            is_kept, multiply(x, scale), wrap(np.zeros((), x.dtype._np))
        ),
    )
)


def _dropped(
    x: Any, rate: Any, noise_shape: Any, draw: Callable[[Any, DType], Any], skip: Callable[[], Any], what: str
) -> Tensor:
    """`x` scaled up, where uniform numbers reach `rate`, and 0 elsewhere; `skip` stands for a draw not needed."""
    is_number = isinstance(rate, Real)
    if is_number and not 0 <= rate < 1:
        raise ValueError(f"{what}: rate is {rate}; it must be in [0, 1).")
    x = convert(x)
    dtype = x.dtype
    if not dtype.is_floating:
        raise ValueError(f"{what}: x is {dtype.name}; it must be floating, as it is scaled. Cast it with tf.cast.")
    if is_number:
        if rate == 0:
            skip()
            return x
        is_kept = logic.greater_equal(draw(_full(noise_shape, x._array.shape), dtype), rate)
        if (
            type(x._array) is type(is_kept._array) is np.ndarray
            and dtype.size >= 4
            and x._array.shape == is_kept._array.shape
        ):
            return _SCALED_AND_KEPT(x, is_kept, scale=1 / (1 - rate))
        scaled = multiply(x, 1 / (1 - rate))
    else:
        rate = convert(rate)
        if rate._array.ndim:
            raise ValueError(f"{what}: rate is {rate._array.shape}; it must be a scalar.")
        if rate.dtype is not dtype:
            raise ValueError(f"{what}: rate is {rate.dtype.name}, x is {dtype.name}; the dtypes must be equal.")
        scaled = divide(x, subtract(1.0, rate))
        is_kept = logic.greater_equal(draw(_full(noise_shape, x._array.shape), dtype), rate)
    return gather_ops.where(is_kept, scaled, wrap(np.zeros((), x._array.dtype)))


def _full(noise_shape: Any, shape: tuple[int, ...]) -> Any:
    """The shape of the noise, where None stands for a size of `x`."""
    if noise_shape is None:
        return shape
    sizes = getattr(noise_shape, "dims", noise_shape) if hasattr(noise_shape, "as_list") else noise_shape
    if isinstance(sizes, (list, tuple)) and len(sizes) == len(shape):
        sizes = [getattr(size, "value", size) for size in sizes]
        return [have if size is None else size for size, have in zip(sizes, shape, strict=True)]
    return noise_shape


def dropout(x: Any, rate: Any, noise_shape: Any = None, seed: Any = None, name: str | None = None) -> Tensor:
    """Sets elements to 0 with probability `rate` and divides the others by `1 - rate`, which keeps the expected sum.

    Args:
      x: Tensor of a floating dtype.
      rate: number in `[0, 1)`, or a scalar Tensor.
      noise_shape: shape of the random choices, which broadcast against `x`; None in it stands for a size of `x`.
      seed: int, seed of the op; see `tf.random.set_seed`.
    Raises:
      ValueError: `rate` is out of range, or `x` is not floating.
    Example:
      >>> tf.random.set_seed(0)
      >>> print(tf.nn.dropout(tf.ones([3, 5]), rate=0.5, seed=1).numpy())
      [[2. 0. 0. 2. 2.]
       [2. 2. 2. 2. 2.]
       [2. 0. 2. 0. 2.]]

    References: Srivastava et al., Journal of Machine Learning Research 15, 2014.
    """
    return _dropped(
        x,
        rate,
        noise_shape,
        lambda shape, dtype: random.uniform(shape, dtype=dtype, seed=seed),
        lambda: seeds.op_seeds(seed),
        "tf.nn.dropout",
    )


def stateless_dropout(
    x: Any, rate: Any, seed: Any, rng_alg: Any = None, noise_shape: Any = None, name: str | None = None
) -> Tensor:
    """`tf.nn.dropout` whose choices are a function of the seed.

    Args:
      x: Tensor of a floating dtype.
      rate: number in `[0, 1)`, or a scalar Tensor.
      seed: two integers.
      rng_alg: "philox" or "auto_select".
      noise_shape: shape of the random choices, which broadcast against `x`.
    Raises:
      ValueError: `rate` is out of range, or `x` is not floating.
    Example:
      >>> print(tf.nn.experimental.stateless_dropout(tf.ones([5]), rate=0.5, seed=[1, 0]).numpy())
      [2. 0. 2. 0. 0.]
    """
    return _dropped(
        x,
        rate,
        noise_shape,
        lambda shape, dtype: random.stateless_uniform(shape, seed, dtype=dtype, alg=rng_alg),
        lambda: None,
        "tf.nn.experimental.stateless_dropout",
    )


def general_dropout(
    x: Any, rate: Any, uniform_sampler: Callable[..., Any], noise_shape: Any = None, name: str | None = None
) -> Tensor:
    """`tf.nn.dropout` with uniform numbers from a function.

    Args:
      x: Tensor of a floating dtype.
      rate: number in `[0, 1)`, or a scalar Tensor.
      uniform_sampler: is called with keywords `shape` and `dtype` and returns numbers from `[0, 1)`.
      noise_shape: shape of the random choices, which broadcast against `x`.
    Raises:
      ValueError: `rate` is out of range, or `x` is not floating.
    Example:
      >>> print(tf.nn.experimental.general_dropout([1.0, 2.0], 0.5, lambda shape, dtype: tf.ones(shape, dtype)).numpy())
      [2. 4.]
    """
    return _dropped(
        x,
        rate,
        noise_shape,
        lambda shape, dtype: uniform_sampler(shape=shape, dtype=dtype),
        lambda: None,
        "tf.nn.experimental.general_dropout",
    )
