"""Random choices: classes by their weights, and permutations."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.compiler import philox as programs
from tenfold.compiler.program import NotLowered
from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import Op, StatefulOp, register, undefined_gradient
from tenfold.core.tensor import Tensor
from tenfold.ops import join, philox, seeds, sort
from tenfold.ops.philox import Stream
from tenfold.ops.random_streams import (
    AUTO_SELECT,
    INTEGER_OUTPUTS,
    NO_GRADIENT,
    REAL_OUTPUTS,
    key_and_counter,
    lower_reserved,
    lower_seeded_stream,
    lower_stream_at,
    reserved,
    seeded_stream,
    stream_at,
)


def _multinomial_kernel(logits, *, num_samples, seed=0, seed2=0, output_dtype=dtypes.int64):
    _check_logits(logits, num_samples)
    quads = len(logits) * ((num_samples + 3) // 4) * 4
    stream = reserved("Multinomial", seed, seed2, 2 * quads, logits.dtype.name, output_dtype.name)
    return _choices(stream, logits, num_samples).astype(output_dtype._np, copy=False)


def _check_logits(logits: np.ndarray, num_samples: int) -> None:
    MULTINOMIAL.require(logits)
    if logits.ndim != 2:
        raise ValueError(f"logits should be a matrix, got shape {logits.shape}")
    if num_samples < 0:
        raise ValueError(f"num_samples should be non-negative, got {num_samples}")
    if not logits.shape[1]:
        raise ValueError("num_classes should be positive, got 0")


def _choices(stream: Stream, logits: np.ndarray, num_samples: int) -> np.ndarray:
    """Indices of classes, (batch, num_samples), drawn with the weights exp(logits); logits that are not finite weigh nothing.

    TensorFlow splits large batches among its threads and gives each a stream of its own, so that its numbers depend on how many
    threads it has; these are the numbers of one thread.
    """
    x = logits.astype(np.float64)
    is_finite = np.isfinite(x)
    peak = np.max(x, axis=1, keepdims=True, where=is_finite, initial=np.finfo(np.float64).min)
    weights = np.where(is_finite, np.exp(x - peak), 0.0)
    cumulative = np.cumsum(weights, axis=1)
    u = philox.uniform(stream, len(logits) * num_samples, np.dtype(np.float64)).reshape(len(logits), num_samples)
    targets = u * cumulative[:, -1:]
    drawn = np.empty(targets.shape, np.int64)
    if num_samples < len(logits):
        for j in range(num_samples):
            drawn[:, j] = (cumulative <= targets[:, j, None]).sum(axis=1)
    else:
        for row, ends, target in zip(drawn, cumulative, targets, strict=True):
            row[:] = np.searchsorted(ends, target, side="right")
    return drawn


def _stateless_multinomial_kernel(logits, seed, *, num_samples, output_dtype=dtypes.int64):
    _check_logits(logits, num_samples)
    return _choices(seeded_stream(seed), logits, num_samples).astype(output_dtype._np, copy=False)


def _lower_choices(b: Any, stream: programs.Stream, logits: Any, num_samples: int, output_dtype: DType) -> Any:
    if logits.ndim != 2 or not logits.spec.size or num_samples <= 0:
        raise NotLowered("errors, and nothing to draw")
    x = b.cast(logits, np.float64)
    is_finite = b.is_finite(x)
    peak = b.reduce("max", b.select(is_finite, x, np.finfo(np.float64).min), [1], keepdims=True)
    cumulative = b.cumulate("add", b.select(is_finite, b.exp(x - peak), 0.0), 1)
    batch, classes = logits.shape
    u = b.reshape(programs.uniform(b, stream, batch * num_samples, np.float64), (batch, num_samples))
    targets = u * b.slice(cumulative, (0, classes - 1), (batch, 1))
    return b.cast(sort.lower_search(b, cumulative, targets, "right"), output_dtype._np)


def _lower_multinomial(b, value_of, logits, *, num_samples, seed=0, seed2=0, output_dtype=dtypes.int64):
    quads = logits.shape[0] * ((num_samples + 3) // 4) * 4
    stream, moves = lower_reserved(b, value_of, seed, seed2, 2 * quads * philox.SAMPLES_PER_OUTPUT)
    return [_lower_choices(b, stream, logits, num_samples, output_dtype)], moves


def _lower_stateless_multinomial(b, logits, seed, *, num_samples, output_dtype=dtypes.int64):
    return _lower_choices(b, lower_seeded_stream(b, seed), logits, num_samples, output_dtype)


MULTINOMIAL = register(
    StatefulOp(
        "Multinomial",
        _multinomial_kernel,
        host=("num_samples",),
        types=REAL_OUTPUTS,
        vjp=NO_GRADIENT,
        lower=_lower_multinomial,
    )
)
STATELESS_MULTINOMIAL = register(
    Op(
        "StatelessMultinomial",
        _stateless_multinomial_kernel,
        host=("num_samples",),
        types=REAL_OUTPUTS,
        vjp=NO_GRADIENT,
        lower=_lower_stateless_multinomial,
    )
)


def _index_dtype(dtype: Any, what: str) -> DType:
    """The dtype of drawn indices, int64 if None."""
    dtype = dtypes.int64 if dtype is None else as_dtype(dtype)
    if dtype not in INTEGER_OUTPUTS:
        raise ValueError(f"{what}: Argument `dtype` got invalid value {dtype!r}; it must be int32 or int64.")
    return dtype


def categorical(logits: Any, num_samples: Any, dtype: Any = None, seed: Any = None, name: str | None = None) -> Tensor:
    """Draws classes with given unnormalised log-probabilities.

    Args:
      logits: `(batch, classes)`, float16, bfloat16, float32 or float64.
      num_samples: how many to draw for each row.
      dtype: of the result, int32 or int64 (default).
      seed: int, seed of the op; see `tf.random.set_seed`.
    Returns:
      Tensor `(batch, num_samples)` of class indices.
    Raises:
      tf.errors.InvalidArgumentError: `logits` is no matrix or has no classes, or `num_samples` is negative.
      ValueError: `dtype` is neither int32 nor int64.
    Example:
      >>> print(tf.random.categorical([[0.0, -np.inf]], 3).numpy())
      [[0 0 0]]
    """
    dtype = _index_dtype(dtype, "tf.random.categorical")
    logits = convert(logits)
    num_samples = _sample_count(num_samples, "tf.random.categorical")
    seed, seed2 = seeds.op_seeds(seed)
    return MULTINOMIAL(logits, num_samples=num_samples, seed=seed, seed2=seed2, output_dtype=dtype)


def stateless_categorical(
    logits: Any, num_samples: Any, seed: Any, dtype: Any = dtypes.int64, name: str | None = None
) -> Tensor:
    """The classes, drawn with given unnormalised log-probabilities, that belong to a seed.

    Args:
      logits: `(batch, classes)`, float16, bfloat16, float32 or float64.
      num_samples: how many to draw for each row.
      seed: two integers, int32 or int64.
      dtype: of the result, int32 or int64.
    Returns:
      Tensor `(batch, num_samples)` of class indices.
    Raises:
      tf.errors.InvalidArgumentError: `logits` is no matrix or has no classes, or `num_samples` is negative.
      ValueError: `dtype` is neither int32 nor int64.
    Example:
      >>> print(tf.random.stateless_categorical([[1.0, 2.0]], 3, seed=[1, 2]).numpy())
      [[1 1 0]]
    """
    dtype = _index_dtype(dtype, "tf.random.stateless_categorical")
    num_samples = _sample_count(num_samples, "tf.random.stateless_categorical")
    return STATELESS_MULTINOMIAL(convert(logits), convert(seed), num_samples=num_samples, output_dtype=dtype)


def _sample_count(num_samples: Any, what: str) -> int:
    """A scalar count as an int."""
    if type(num_samples) is int:
        return num_samples
    count = convert(num_samples, dtypes.int32)._array
    if count.ndim:
        raise InvalidArgumentError(f"{what}: num_samples should be a scalar, got shape {count.shape}.")
    return int(count)


# Permutations.


def _random_shuffle_kernel(value, *, seed=0, seed2=0):
    if value.size <= 1 or len(value) <= 1:
        return value
    kernel = seeds.kernel("RandomShuffle", seed, seed2, value.dtype.name)
    stream = seeds.reserve(kernel, (len(value) + 2) // 4)
    return value[philox.permutation(stream, len(value))]


def _stateless_shuffle_kernel(value, key, counter, *, alg=AUTO_SELECT):
    stream = stream_at(key, counter, alg)
    if value.size <= 1 or len(value) <= 1:
        return value
    return value[philox.permutation(stream, len(value))]


def _lower_random_shuffle(b, value_of, value, *, seed=0, seed2=0):
    if value.spec.size <= 1 or value.shape[0] <= 1:
        return [value], []
    stream, moves = lower_reserved(b, value_of, seed, seed2, (value.shape[0] + 2) // 4)
    return [b.gather(value, programs.permutation(b, stream, value.shape[0]))], moves


def _lower_stateless_shuffle(b, value, key, counter, *, alg=AUTO_SELECT):
    if value.spec.size <= 1 or value.shape[0] <= 1:
        return value
    return b.gather(value, programs.permutation(b, lower_stream_at(b, key, counter), value.shape[0]))


RANDOM_SHUFFLE = register(
    StatefulOp("RandomShuffle", _random_shuffle_kernel, vjp=NO_GRADIENT, lower=_lower_random_shuffle)
)
STATELESS_SHUFFLE = register(
    Op(
        "StatelessShuffle",
        _stateless_shuffle_kernel,
        host=("alg",),
        vjp=undefined_gradient("StatelessShuffle"),
        lower=_lower_stateless_shuffle,
    )
)


def shuffle(value: Any, seed: Any = None, name: str | None = None) -> Tensor:
    """Permutes a tensor along its first axis.

    Args:
      value: Tensor of any dtype.
      seed: int, seed of the op; see `tf.random.set_seed`.
    Example:
      >>> sorted(tf.random.shuffle([3, 1, 2]).numpy().tolist())
      [1, 2, 3]
    """
    value = convert(value)
    seed, seed2 = seeds.op_seeds(seed)
    return RANDOM_SHUFFLE(value, seed=seed, seed2=seed2)


def stateless_shuffle(value: Any, seed: Any, alg: Any = "auto_select", name: str | None = None) -> Tensor:
    """Permutes a tensor along its first axis, as a seed says.

    Args:
      value: Tensor of any dtype.
      seed: two integers, int32 or int64.
      alg: "philox" or "auto_select", which is the same.
    Raises:
      tf.errors.InvalidArgumentError: the seed has another form.
      ValueError: there is no such algorithm.
    Example:
      >>> print(tf.random.experimental.stateless_shuffle([1, 2, 3], seed=[1, 2]).numpy())
      [2 3 1]
    """
    return STATELESS_SHUFFLE(convert(value), *key_and_counter(seed, alg))


_KEY_CONSTANT = 0xFFFFFFFC  # of the Simon cipher's key schedule, and its sequence of bits
_FIRST_KEY = 498247692  # TensorFlow's op takes three key words, its function two
_KEY_BITS = 0x7369F885192C0EF5


def _random_index_shuffle_kernel(index, seed, max_index, *, rounds=4):
    if rounds < 4 or rounds % 2:
        raise ValueError(f"rounds must be even and at least 4, not {rounds}")
    if index.dtype.kind not in "iu" or seed.dtype.kind not in "iu" or max_index.dtype != index.dtype:
        raise ValueError("index, seed and max_index must be integers, index and max_index of one dtype")
    several = [a for a in (index, max_index) if a.ndim] + ([seed[:, 0]] if seed.ndim == 2 else [])
    count = len(several[0]) if several else 1
    if seed.shape not in ((3,), (count, 3)):
        raise ValueError(
            f"Seed must be a vector of size [3] or a matrix of size [{count}, 3] but got {list(seed.shape)}"
        )
    if any(len(a) != count for a in several):
        raise ValueError("index, seed and max_index must be of one length, where they are not single")
    indices, lasts = (np.broadcast_to(a, (count,)).tolist() for a in (index, max_index))
    keys = np.broadcast_to(seed, (count, 3)).tolist()
    shuffled = [_place(i, key, last, rounds) for i, key, last in zip(indices, keys, lasts, strict=True)]
    return np.array(shuffled, index.dtype).reshape((count,) if several else ())


def _place(index: int, key: list[int], last: int, rounds: int) -> int:
    """Where the permutation of 0 to `last` under a key takes an index.

    A small cipher permutes all numbers of 2 w bits; it is repeated until the result is in range.

    References: Beaulieu and others, "The Simon and Speck families of lightweight block ciphers", 2013, eprint.iacr.org/2013/404.
    """
    if not 0 <= index <= last:
        raise ValueError(f"index must be from 0 to max_index; it is {index}, max_index is {last}")
    if last == 0:
        return 0
    bits = (last - 1).bit_length() if last > 1 else 0
    width = min(max(bits + bits % 2, 16), 64) // 2
    mask = (1 << width) - 1

    def turned(x: int, places: int) -> int:
        return (x << places | x >> width - places) & mask

    round_keys = [k & 0xFFFFFFFF & mask for k in key]
    for i in range(rounds - 3):
        last_key = round_keys[-1]
        mixed = turned(last_key, width - 3) ^ turned(last_key, width - 4)
        round_keys.append(_KEY_CONSTANT & mask ^ _KEY_BITS >> i & 1 ^ round_keys[-3] ^ mixed)
    while True:
        left, right = index >> width, index & mask
        for k in round_keys:
            left, right = right, left ^ turned(right, 1) & turned(right, 8) ^ turned(right, 2) ^ k
        index = left << width | right
        if index <= last:
            return index


RANDOM_INDEX_SHUFFLE = register(Op("RandomIndexShuffle", _random_index_shuffle_kernel, vjp=NO_GRADIENT))


def index_shuffle(index: Any, seed: Any, max_index: Any) -> Tensor:
    """Where a permutation of `0, ..., max_index` takes an index, without making the permutation.

    Args:
      index: integer, or a vector of them, of int32, uint32, int64 or uint64.
      seed: two integers that choose the permutation.
      max_index: the last index, of the dtype of `index`.
    Raises:
      tf.errors.InvalidArgumentError: an index is out of range, or the arguments do not fit together.
    Example:
      >>> print(tf.random.experimental.index_shuffle([0, 1, 2, 3], seed=[5, 9], max_index=3).numpy())
      [2 0 1 3]
    """
    index, seed = convert(index), convert(seed)
    key = join.concat([convert([_FIRST_KEY], seed.dtype), seed], 0)
    return RANDOM_INDEX_SHUFFLE(index, key, convert(max_index, None, index.dtype))
