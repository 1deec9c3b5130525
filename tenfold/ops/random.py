"""Uniform and normal random numbers, stateful and stateless, and seeds made from seeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from tenfold.compiler import philox as programs
from tenfold.compiler.program import NotLowered
from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.op import Op, StatefulOp, register
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import join, philox, seeds
from tenfold.ops.native_draws import Draw, native_when_worth
from tenfold.ops.philox import SAMPLES_PER_OUTPUT, Stream
from tenfold.ops.random_streams import (
    AUTO_SELECT,
    INTEGER_OUTPUTS,
    NO_GRADIENT,
    REAL_OUTPUTS,
    check_dtype,
    key_and_counter,
    lower_reserved,
    lower_seeded_stream,
    lower_stream_at,
    reserved,
    seeded_stream,
    sizes,
    stream_at,
)

FULL_INTEGER_OUTPUTS = frozenset((dtypes.int32, dtypes.int64, dtypes.uint32, dtypes.uint64))

# Uniform and normal: a stateful op, a stateless one by key and counter, and TensorFlow 1's by seed.


def _write_normal(b, stream, size, dtype):
    if dtype == np.float64:
        raise NotLowered("normal numbers of float64")
    return b.cast(programs.normal(b, stream, size), dtype)


def _write_truncated_normal(b, stream, size, dtype):
    if dtype == np.float64:
        raise NotLowered("normal numbers of float64")
    return b.cast(programs.truncated_normal(b, stream, size), dtype)


def _stateful(name: str, draw: Draw, write: Callable) -> Op:
    """Registers a stateful op; `write` is the draw as a program."""
    draw = native_when_worth(draw, write)

    def kernel(*, shape, dtype, seed=0, seed2=0):
        check_dtype(dtype, REAL_OUTPUTS, name)
        size = prod(shape)
        return draw(reserved(name, seed, seed2, size, dtype.name), size, dtype._np).reshape(shape)

    def lower(b, value_of, *, shape, dtype, seed=0, seed2=0):
        size = prod(shape)
        if not size:
            raise NotLowered("nothing is drawn")
        stream, moves = lower_reserved(b, value_of, seed, seed2, size * SAMPLES_PER_OUTPUT)
        return [b.reshape(write(b, stream, size, dtype._np), shape)], moves

    return register(StatefulOp(name, kernel, host=("shape",), vjp=NO_GRADIENT, lower=lower))


def _stateless(
    name: str,
    draw: Draw,
    write: Callable,
    outputs: frozenset[DType] = REAL_OUTPUTS,
    default: DType = dtypes.float32,
) -> Op:
    """Registers a stateless op by key and counter, and by seed; `write` is the draw as a program."""
    draw = native_when_worth(draw, write)

    def kernel(key, counter, *, shape, alg=AUTO_SELECT, dtype=default):
        check_dtype(dtype, outputs, name)
        return draw(stream_at(key, counter, alg), prod(shape), dtype._np).reshape(shape)

    def kernel_by_seed(seed, *, shape, dtype=default):
        check_dtype(dtype, outputs, name)
        return draw(seeded_stream(seed), prod(shape), dtype._np).reshape(shape)

    def lower(b, key, counter, *, shape, alg=AUTO_SELECT, dtype=default):
        return lowered(b, lower_stream_at(b, key, counter), shape, dtype)

    def lower_by_seed(b, seed, *, shape, dtype=default):
        return lowered(b, lower_seeded_stream(b, seed), shape, dtype)

    def lowered(b, stream, shape, dtype):
        if not prod(shape):
            raise NotLowered("nothing is drawn")
        return b.reshape(write(b, stream, prod(shape), dtype._np), shape)

    by_seed = name.removesuffix("V2")
    register(Op(by_seed, kernel_by_seed, host=("shape",), vjp=NO_GRADIENT, lower=lower_by_seed))
    return register(Op(name, kernel, host=("shape", "alg"), vjp=NO_GRADIENT, lower=lower))


_uniform = _stateful("RandomUniform", philox.uniform, programs.uniform)
_normal = _stateful("RandomStandardNormal", philox.normal, _write_normal)
_truncated_normal = _stateful("TruncatedNormal", philox.truncated_normal, _write_truncated_normal)
STATELESS_UNIFORM = _stateless("StatelessRandomUniformV2", philox.uniform, programs.uniform)
STATELESS_NORMAL = _stateless("StatelessRandomNormalV2", philox.normal, _write_normal)
STATELESS_TRUNCATED_NORMAL = _stateless("StatelessTruncatedNormalV2", philox.truncated_normal, _write_truncated_normal)
STATELESS_FULL_INT = _stateless(
    "StatelessRandomUniformFullIntV2", philox.full_int, programs.full_int, FULL_INTEGER_OUTPUTS, dtypes.uint64
)


def _integers(stream: Stream, shape: tuple[int, ...], minval: np.ndarray, maxval: np.ndarray) -> np.ndarray:
    """Uniform integers of `shape` from the scalars `minval` to `maxval`, exclusive."""
    _uniform_int.require(minval, maxval)
    for name, bound in (("minval", minval), ("maxval", maxval)):
        if bound.ndim:
            raise ValueError(f"{name} must be 0-D, got shape {bound.shape}")
    low, high, size = int(minval), int(maxval), prod(shape)
    if not size:
        return np.empty(shape, minval.dtype)
    if low >= high:
        raise ValueError(f"Need minval < maxval, got {low} >= {high}")
    return philox.uniform_int(stream, size, minval.dtype, low, high).reshape(shape)


def _uniform_int_kernel(minval, maxval, *, shape, seed=0, seed2=0):
    stream = reserved("RandomUniformInt", seed, seed2, prod(shape), minval.dtype.name)
    return _integers(stream, shape, minval, maxval)


def _stateless_uniform_int_kernel(key, counter, minval, maxval, *, shape, alg=AUTO_SELECT):
    return _integers(stream_at(key, counter, alg), shape, minval, maxval)


def _seeded_uniform_int_kernel(seed, minval, maxval, *, shape):
    return _integers(seeded_stream(seed), shape, minval, maxval)


def _lower_integers(b, stream, shape, minval, maxval):
    if not prod(shape) or minval.shape or maxval.shape:
        raise NotLowered("errors, and nothing to draw")
    return b.reshape(programs.uniform_int(b, stream, prod(shape), minval.dtype, minval, maxval), shape)


def _lower_uniform_int(b, value_of, minval, maxval, *, shape, seed=0, seed2=0):
    stream, moves = lower_reserved(b, value_of, seed, seed2, prod(shape) * SAMPLES_PER_OUTPUT)
    return [_lower_integers(b, stream, shape, minval, maxval)], moves


def _lower_stateless_uniform_int(b, key, counter, minval, maxval, *, shape, alg=AUTO_SELECT):
    return _lower_integers(b, lower_stream_at(b, key, counter), shape, minval, maxval)


def _lower_seeded_uniform_int(b, seed, minval, maxval, *, shape):
    return _lower_integers(b, lower_seeded_stream(b, seed), shape, minval, maxval)


_uniform_int = register(
    StatefulOp(
        "RandomUniformInt",
        _uniform_int_kernel,
        lower=_lower_uniform_int,
        host=("shape",),
        types=INTEGER_OUTPUTS,
        vjp=NO_GRADIENT,
        infer=lambda minval, maxval, *, shape, seed=0, seed2=0: Spec(minval.dtype, shape),
    )
)
STATELESS_UNIFORM_INT = register(
    Op(
        "StatelessRandomUniformIntV2",
        _stateless_uniform_int_kernel,
        lower=_lower_stateless_uniform_int,
        host=("shape", "alg"),
        vjp=NO_GRADIENT,
        infer=lambda key, counter, minval, maxval, *, shape, alg=AUTO_SELECT: Spec(minval.dtype, shape),
    )
)
register(
    Op(
        "StatelessRandomUniformInt",
        _seeded_uniform_int_kernel,
        lower=_lower_seeded_uniform_int,
        host=("shape",),
        vjp=NO_GRADIENT,
        infer=lambda seed, minval, maxval, *, shape: Spec(minval.dtype, shape),
    )
)


def location_and_scale(mean: Any, stddev: Any, dtype: DType, what: str) -> tuple[Tensor, Tensor] | None:
    """The parameters of a normal distribution as tensors; None if they are the standard ones, which change nothing."""
    if type(mean) is float and mean == 0.0 and type(stddev) is float and stddev == 1.0 and dtype in REAL_OUTPUTS:
        return None
    parameters = convert(mean, dtype), convert(stddev, dtype)
    check_dtype(dtype, REAL_OUTPUTS, what)
    return parameters


def scaled(draws: Tensor, parameters: tuple[Tensor, Tensor] | None) -> Tensor:
    """Standard normals moved to the mean and scaled to the deviation of `parameters`."""
    return draws if parameters is None else draws * parameters[1] + parameters[0]


def normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    seed: Any = None,
    name: str | None = None,
) -> Tensor:
    """Draws from a normal distribution.

    Args:
      shape: vector of sizes.
      mean, stddev: tensors of `dtype` that broadcast with `shape`.
      dtype: float16, bfloat16, float32 or float64.
      seed: int, seed of the op; see `tf.random.set_seed`.
    Raises:
      tf.errors.InvalidArgumentError: `shape` is no vector of sizes, or does not broadcast.
      TypeError: `dtype` cannot hold the mean.
    Example:
      >>> tf.random.set_seed(5)
      >>> print(tf.random.normal([4], 1.0, 0.5).numpy())
      [0.90984666 0.52485687 0.9801797  0.6287297 ]
    """
    dtype = as_dtype(dtype)
    shape = sizes(shape, "tf.random.normal")
    parameters = location_and_scale(mean, stddev, dtype, "tf.random.normal")
    seed, seed2 = seeds.op_seeds(seed)
    return scaled(_normal(shape=shape, dtype=dtype, seed=seed, seed2=seed2), parameters)


def truncated_normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    seed: Any = None,
    name: str | None = None,
) -> Tensor:
    """Draws from a normal distribution, again until within two standard deviations of the mean.

    Args:
      shape: vector of sizes.
      mean, stddev: tensors of `dtype` that broadcast with `shape`, of the distribution before it is cut.
      dtype: float16, bfloat16, float32 or float64.
      seed: int, seed of the op; see `tf.random.set_seed`.
    Raises:
      tf.errors.InvalidArgumentError: `shape` is no vector of sizes, or does not broadcast.
      TypeError: `dtype` cannot hold the mean.
    Example:
      >>> bool(abs(tf.random.truncated_normal([1000], stddev=3.0).numpy()).max() < 6.0)
      True
    """
    dtype = as_dtype(dtype)
    shape = sizes(shape, "tf.random.truncated_normal")
    parameters = location_and_scale(mean, stddev, dtype, "tf.random.truncated_normal")
    seed, seed2 = seeds.op_seeds(seed)
    return scaled(_truncated_normal(shape=shape, dtype=dtype, seed=seed, seed2=seed2), parameters)


def uniform(
    shape: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = dtypes.float32,
    seed: Any = None,
    name: str | None = None,
) -> Tensor:
    """Draws from the uniform distribution over `[minval, maxval)`.

    Integers are words of the stream modulo the range, so a range that is no power of two is slightly uneven, as in TensorFlow.

    Args:
      shape: vector of sizes.
      minval, maxval: bounds; scalars for integers, else of any shape that broadcasts. `maxval` may be left out for reals: one.
      dtype: float16, bfloat16, float32, float64, int32 or int64.
      seed: int, seed of the op; see `tf.random.set_seed`.
    Raises:
      ValueError: `dtype` is none of these, or `maxval` is left out for integers.
      tf.errors.InvalidArgumentError: `shape` is no vector of sizes, or an integer range is empty.
    Example:
      >>> tf.random.set_seed(5)
      >>> print(tf.random.uniform([5], 0, 10, tf.int32, seed=1).numpy())
      [4 1 3 9 0]
    """
    dtype = as_dtype(dtype)
    if dtype not in REAL_OUTPUTS and dtype not in INTEGER_OUTPUTS:
        raise ValueError(
            f"tf.random.uniform: dtype is {dtype.name}; it must be float16, bfloat16, float32, float64, int32 or int64."
        )
    if maxval is None:
        if dtype in INTEGER_OUTPUTS:
            raise ValueError(f"tf.random.uniform: Must specify maxval for integer dtype {dtype!r}")
        maxval = 1
    shape = sizes(shape, "tf.random.uniform")
    if dtype in INTEGER_OUTPUTS:
        minval, maxval = convert(minval, dtype), convert(maxval, dtype)
        seed, seed2 = seeds.op_seeds(seed)
        return _uniform_int(minval, maxval, shape=shape, seed=seed, seed2=seed2)
    starts_at_zero, ends_at_one = type(minval) is int and minval == 0, type(maxval) is int and maxval == 1
    if not starts_at_zero or not ends_at_one:
        minval, maxval = convert(minval, dtype), convert(maxval, dtype)
    seed, seed2 = seeds.op_seeds(seed)
    draws = _uniform(shape=shape, dtype=dtype, seed=seed, seed2=seed2)
    if starts_at_zero:
        return draws if ends_at_one else draws * maxval
    return draws * (maxval - minval) + minval


def stateless_uniform(
    shape: Any,
    seed: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = dtypes.float32,
    name: str | None = None,
    alg: Any = "auto_select",
) -> Tensor:
    """The uniform numbers of `[minval, maxval)` that belong to a seed.

    Args:
      shape: vector of sizes.
      seed: two integers, int32 or int64.
      minval, maxval: bounds; scalars for integers, None for both to use their whole range. `maxval` is one for reals if left out.
      dtype: float16, bfloat16, float32, float64, int32, int64, or uint32, uint64 over their whole range.
      alg: "philox" or "auto_select", which is the same.
    Raises:
      ValueError: `dtype` is none of these or does not go with the bounds, or there is no such algorithm.
      tf.errors.InvalidArgumentError: `shape` or `seed` have another form, or an integer range is empty.
    Example:
      >>> print(tf.random.stateless_uniform([2], seed=[1, 2]).numpy())
      [0.8440604  0.19204533]
    """
    dtype = as_dtype(dtype)
    shape = sizes(shape, "tf.random.stateless_uniform")
    bounds = uniform_bounds(minval, maxval, dtype, "tf.random.stateless_uniform")
    return uniform_between(lambda: key_and_counter(seed, alg), shape, bounds, dtype)


def uniform_bounds(minval: Any, maxval: Any, dtype: DType, what: str) -> tuple[Tensor, Tensor] | None:
    """The bounds as tensors; None if they are the standard ones: zero and one, or the range of an integer type."""
    if dtype in REAL_OUTPUTS:
        if maxval is None and type(minval) is int and minval == 0:
            return None
        return convert(minval, dtype), convert(1 if maxval is None else maxval, dtype)
    if dtype not in FULL_INTEGER_OUTPUTS:
        raise ValueError(f"{what}: dtype is {dtype.name}; it must be a real type, int32, int64, uint32 or uint64.")
    if (minval is None) != (maxval is None):
        raise ValueError(
            f"{what}: For integer `dtype` argument {dtype!r}, minval and maxval must be both None or both given; got "
            f"minval={minval} and maxval={maxval}."
        )
    if minval is None:
        return None
    if dtype not in INTEGER_OUTPUTS:
        raise ValueError(
            f"{what}: dtype is {dtype.name} and minval {minval}; unsigned integers take no bounds. Set both to None."
        )
    return convert(minval, dtype), convert(maxval, dtype)


def uniform_between(
    place: Callable[[], Sequence[Tensor]], shape: tuple[int, ...], bounds: tuple[Tensor, Tensor] | None, dtype: DType
) -> Tensor:
    """Uniform numbers; `place` tells key and counter once all arguments are known to be right."""
    if dtype in REAL_OUTPUTS:
        draws = STATELESS_UNIFORM(*place(), shape=shape, dtype=dtype)
        return draws if bounds is None else draws * (bounds[1] - bounds[0]) + bounds[0]
    if bounds is None:
        return STATELESS_FULL_INT(*place(), shape=shape, dtype=dtype)
    return STATELESS_UNIFORM_INT(*place(), *bounds, shape=shape)


def stateless_normal(
    shape: Any,
    seed: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    name: str | None = None,
    alg: Any = "auto_select",
) -> Tensor:
    """The normal numbers that belong to a seed.

    Args:
      shape: vector of sizes.
      seed: two integers, int32 or int64.
      mean, stddev: tensors of `dtype` that broadcast with `shape`.
      dtype: float16, bfloat16, float32 or float64.
      alg: "philox" or "auto_select", which is the same.
    Raises:
      ValueError: there is no such algorithm.
      tf.errors.InvalidArgumentError: `shape` or `seed` have another form.
    Example:
      >>> print(tf.random.stateless_normal([2], seed=[1, 2]).numpy())
      [0.5441101  0.20738031]
    """
    dtype = as_dtype(dtype)
    shape = sizes(shape, "tf.random.stateless_normal")
    parameters = location_and_scale(mean, stddev, dtype, "tf.random.stateless_normal")
    return scaled(STATELESS_NORMAL(*key_and_counter(seed, alg), shape=shape, dtype=dtype), parameters)


def stateless_truncated_normal(
    shape: Any,
    seed: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    name: str | None = None,
    alg: Any = "auto_select",
) -> Tensor:
    """The normal numbers within two standard deviations that belong to a seed.

    Args:
      shape: vector of sizes.
      seed: two integers, int32 or int64.
      mean, stddev: tensors of `dtype` that broadcast with `shape`, of the distribution before it is cut.
      dtype: float16, bfloat16, float32 or float64.
      alg: "philox" or "auto_select", which is the same.
    Raises:
      ValueError: there is no such algorithm.
      tf.errors.InvalidArgumentError: `shape` or `seed` have another form.
    Example:
      >>> bool(abs(tf.random.stateless_truncated_normal([1000], seed=[1, 2]).numpy()).max() < 2.0)
      True
    """
    dtype = as_dtype(dtype)
    shape = sizes(shape, "tf.random.stateless_truncated_normal")
    parameters = location_and_scale(mean, stddev, dtype, "tf.random.stateless_truncated_normal")
    return scaled(STATELESS_TRUNCATED_NORMAL(*key_and_counter(seed, alg), shape=shape, dtype=dtype), parameters)


# Seeds from seeds.


def split(seed: Any, num: int = 2, alg: Any = "auto_select") -> Tensor:
    """Derives `num` independent seeds from one.

    Args:
      seed: two integers, int32 or int64.
    Returns:
      Tensor `(num, 2)` of the seed's dtype.
    Raises:
      tf.errors.InvalidArgumentError: the seed has another form.
    Example:
      >>> print(tf.random.split([1, 2], num=2).numpy())
      [[1105988140 1738052849]
       [-335576002  370444179]]
    """
    seed = convert(seed)
    return stateless_uniform([num, 2], seed, None, None, seed.dtype, alg=alg)


def fold_in(seed: Any, data: Any, alg: Any = "auto_select") -> Tensor:
    """Derives a seed from one and an integer, such as the number of a step.

    Args:
      seed: two integers, int32 or int64.
      data: scalar of int32 or int64, whose dtype the result has.
    Raises:
      tf.errors.InvalidArgumentError: the seed has another form.
    Example:
      >>> print(tf.random.fold_in([1, 2], 3).numpy())
      [1105988140          3]
    """
    data = convert(data)
    return join.stack([stateless_uniform([], seed, None, None, data.dtype, alg=alg), data])
