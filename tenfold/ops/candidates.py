"""Candidate samplers: classes drawn to stand for all the others in a sampled softmax or noise-contrastive loss.

A sampler says how often it tries which class. The classes it keeps are its first tries, or its first different ones, and the
expected count of a class is the probability that it is among them, or how often it is.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.op import Op, StatefulOp, register
from tenfold.ops import philox, seeds
from tenfold.ops.philox import Stream
from tenfold.ops.random_streams import NO_GRADIENT

_FLOAT64 = np.dtype(np.float64)
_WORDS_PER_CANDIDATE = 2048  # set aside in the stream

Tries = Callable[[Stream, int], np.ndarray]  # the classes of about so many tries, the first ones first


def _uniform_tries(range_max: int) -> Tries:
    """Words modulo the range; those are passed over that would favour some classes."""
    uneven = (2**64 - 1) % range_max + 1 if range_max & (range_max - 1) else 0

    def tries(stream: Stream, count: int) -> np.ndarray:
        words = philox.double_words(stream, count)
        return (words[words >= np.uint64(uneven)] % np.uint64(range_max)).astype(np.int64)

    return tries


def _log_uniform_tries(range_max: int) -> Tries:
    log_range = np.log1p(range_max)

    def tries(stream: Stream, count: int) -> np.ndarray:
        u = philox.uniform(stream, count, _FLOAT64)
        return (np.exp(u * log_range).astype(np.int64) - 1) % range_max

    return tries


def _counted_tries(counts: np.ndarray) -> Tries:
    """Classes by whole weights."""
    ends = np.cumsum(counts)
    total = int(ends[-1])
    uneven = (2**32 - 1) % total + 1 if total & (total - 1) else 0

    def tries(stream: Stream, count: int) -> np.ndarray:
        words = philox.words(stream, count)
        return np.searchsorted(ends, words[words >= np.uint32(uneven)] % np.uint32(total), side="right")

    return tries


def _weighted_tries(weights: np.ndarray) -> Tries:
    """Classes by float32 weights: a class drawn evenly is kept with its own probability, else gives way to its alias.

    References: Walker, "An efficient method for generating discrete random variables with general distributions", ACM Transactions
    on Mathematical Software 3(3), 1977, doi:10.1145/355744.355749.
    """
    size = len(weights)
    share = weights.astype(np.float64) * size / weights.sum(dtype=np.float64)
    alias = np.arange(size)
    poor, rich = [i for i in range(size) if share[i] < 1], [i for i in range(size) if share[i] >= 1]
    while poor and rich:
        taker, giver = poor.pop(), rich.pop()
        alias[taker] = giver
        share[giver] -= 1 - share[taker]
        (poor if share[giver] < 1 else rich).append(giver)
    share[poor + rich] = 1
    keep = share.astype(np.float32)
    uneven = np.uint32((2**32 - 1) % size + 1 if size & (size - 1) else 0)

    def tries(stream: Stream, count: int) -> np.ndarray:
        words = philox.words(stream, 2 * count)
        while (refused := np.flatnonzero(words[1::2] < uneven)).size:  # another word takes its place
            words = np.delete(words, 2 * refused[0] + 1)
        words = words[: len(words) // 2 * 2]
        u, place = philox.unit(words[::2].copy(), np.dtype(np.float32)), (words[1::2] % np.uint32(size)).astype(np.intp)
        return np.where(u < keep[place], place, alias[place])

    return tries


def _kept(tries: Tries, stream: Stream, num_sampled: int, is_unique: bool) -> tuple[np.ndarray, int]:
    """The classes kept, and how many tries they took."""
    count = num_sampled
    while True:
        tried = tries(stream, count)
        found = np.sort(np.unique(tried, return_index=True)[1]) if is_unique else np.arange(len(tried))
        if len(found) >= num_sampled:
            last = int(found[num_sampled - 1])
            return tried[found[:num_sampled]], last + 1
        count *= 2


def _sample(
    tries: Tries,
    probability: Callable[[np.ndarray], np.ndarray],
    stream: Stream,
    true_classes: np.ndarray,
    num_sampled: int,
    is_unique: bool,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Candidates, and the expected counts of the true classes and of the candidates."""
    candidates, num_tries = _kept(tries, stream, num_sampled, is_unique)

    def expected(classes: np.ndarray) -> np.ndarray:
        p = probability(classes).astype(np.float32)
        return p * np.float32(num_sampled) if num_tries == num_sampled else -np.expm1(num_tries * np.log1p(-p))

    return candidates, expected(true_classes), expected(candidates)


def _check(true_classes: np.ndarray, num_true: int, num_sampled: int, is_unique: bool, range_max: int) -> None:
    if range_max < 1 or num_sampled < 1 or num_true < 1:
        raise ValueError(f"num_true {num_true}, num_sampled {num_sampled} and range_max {range_max} must be positive")
    if true_classes.ndim != 2 or true_classes.shape[1] != num_true:
        raise ValueError(f"true_classes must be a matrix with num_true = {num_true} columns")
    if is_unique and num_sampled > range_max:
        raise ValueError(f"Sampler's range is too small: {range_max} classes for {num_sampled} unique candidates")
    if true_classes.size and not 0 <= true_classes.min() <= true_classes.max() < range_max:
        raise ValueError(f"a true class is out of range [0, {range_max})")


def _sampler(name: str, tries_of: Callable[[int], Tries], probability_of: Callable[[int], Callable]) -> Op:
    """Registers an op that samples a distribution given by the number of classes."""

    def kernel(true_classes, *, num_true, num_sampled, unique, range_max, seed=0, seed2=0):
        op.require(true_classes)
        _check(true_classes, num_true, num_sampled, unique, range_max)
        state = seeds.kernel(name, seed, seed2, num_true, num_sampled, unique, range_max)
        stream = seeds.reserve(state, num_sampled * _WORDS_PER_CANDIDATE // 4)
        return _sample(tries_of(range_max), probability_of(range_max), stream, true_classes, num_sampled, unique)

    op = register(StatefulOp(name, kernel, types=(dtypes.int64,), vjp=NO_GRADIENT))
    return op


def _learned_unigram_kernel(true_classes, *, num_true, num_sampled, unique, range_max, seed=0, seed2=0):
    LEARNED_UNIGRAM.require(true_classes)
    _check(true_classes, num_true, num_sampled, unique, range_max)
    state = seeds.kernel("LearnedUnigramCandidateSampler", seed, seed2, num_true, num_sampled, unique, range_max)
    stream = seeds.reserve(state, num_sampled * _WORDS_PER_CANDIDATE // 4)
    counts = np.ones(range_max, np.int64) if state.counts is None else state.counts
    p = counts.astype(np.float32) / np.float32(counts.sum())
    sampled = _sample(_counted_tries(counts), p.__getitem__, stream, true_classes, num_sampled, unique)
    state.counts = counts + np.bincount(true_classes.reshape(-1), minlength=range_max)
    return sampled


def _fixed_unigram_kernel(
    true_classes,
    *,
    num_true,
    num_sampled,
    unique,
    range_max,
    vocab_file="",
    distortion=1.0,
    num_reserved_ids=0,
    num_shards=1,
    shard=0,
    unigrams=(),
    seed=0,
    seed2=0,
):
    FIXED_UNIGRAM.require(true_classes)
    if bool(vocab_file) == bool(len(unigrams)):
        raise ValueError("give either vocab_file or unigrams")
    _check(true_classes, num_true, num_sampled, unique, range_max)
    reserved = len(range(shard, num_reserved_ids, num_shards))
    listed = np.array(_weights_of(vocab_file) if vocab_file else unigrams, np.float32)
    ours = listed[(shard - reserved) % num_shards :: num_shards]
    weights = np.concatenate([np.zeros(reserved, np.float32), ours ** np.float32(distortion)])
    if len(weights) != range_max:
        raise ValueError(f"range_max is {range_max}, but there are {len(weights)} weights, those reserved included")
    settings = (vocab_file, distortion, num_reserved_ids, num_shards, shard, str(tuple(unigrams)))
    state = seeds.kernel(
        "FixedUnigramCandidateSampler", seed, seed2, num_true, num_sampled, unique, range_max, *settings
    )
    stream = seeds.reserve(state, num_sampled * _WORDS_PER_CANDIDATE // 4)
    p = weights / weights.sum()
    return _sample(_weighted_tries(weights), p.__getitem__, stream, true_classes, num_sampled, unique)


def _weights_of(vocab_file: str) -> list[float]:
    """The last of the comma-separated fields of each line."""
    with open(vocab_file) as lines:
        return [float(line.rsplit(",", 1)[-1]) for line in lines]


def _all_kernel(true_classes, *, num_true, num_sampled, unique, seed=0, seed2=0):
    ALL.require(true_classes)
    _check(true_classes, num_true, num_sampled, unique, num_sampled)
    ones = np.ones(num_sampled, np.float32)
    return np.arange(num_sampled), np.ones(true_classes.shape, np.float32), ones


UNIFORM = _sampler(
    "UniformCandidateSampler", _uniform_tries, lambda n: lambda classes: np.full(classes.shape, 1 / n, np.float32)
)
LOG_UNIFORM = _sampler(
    "LogUniformCandidateSampler",
    _log_uniform_tries,
    lambda n: lambda classes: np.log((classes + 2.0) / (classes + 1.0)) / np.log1p(n),
)
LEARNED_UNIGRAM = register(
    StatefulOp("LearnedUnigramCandidateSampler", _learned_unigram_kernel, types=(dtypes.int64,), vjp=NO_GRADIENT)
)
FIXED_UNIGRAM = register(
    StatefulOp("FixedUnigramCandidateSampler", _fixed_unigram_kernel, types=(dtypes.int64,), vjp=NO_GRADIENT)
)
ALL = register(Op("AllCandidateSampler", _all_kernel, types=(dtypes.int64,), vjp=NO_GRADIENT))

_FIELDS = ("sampled_candidates", "true_expected_count", "sampled_expected_count")
Sampled = {op.name: namedtuple(op.name, _FIELDS) for op in (UNIFORM, LOG_UNIFORM, LEARNED_UNIGRAM, FIXED_UNIGRAM, ALL)}  # type: ignore[misc]


def _run(op: Op, true_classes: Any, seed: Any, **attrs: Any) -> Any:
    seed, seed2 = seeds.op_seeds(seed)
    return Sampled[op.name](*op(convert(true_classes, None, dtypes.int64), seed=seed, seed2=seed2, **attrs))


def uniform_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: Any = None,
    name: str | None = None,
) -> Any:
    """Draws candidates evenly from all classes.

    Args:
      true_classes: int64 `(batch, num_true)`.
      num_true: how many true classes each example has.
      num_sampled: how many candidates to draw for the batch.
      unique: whether the candidates must differ.
      range_max: how many classes there are.
      seed: int, seed of the op; see `tf.random.set_seed`.
    Returns:
      `(sampled_candidates, true_expected_count, sampled_expected_count)`: int64 `(num_sampled,)`, float32 `(batch, num_true)` and
      `(num_sampled,)`.
    Raises:
      tf.errors.InvalidArgumentError: a true class is out of range, or there are too few classes.
    Example:
      >>> drawn = tf.random.uniform_candidate_sampler([[0], [3]], 1, 4, True, 30)
      >>> drawn.sampled_candidates.shape, drawn.true_expected_count.shape
      (TensorShape([4]), TensorShape([2, 1]))
    """
    return _run(
        UNIFORM, true_classes, seed, num_true=num_true, num_sampled=num_sampled, unique=unique, range_max=range_max
    )


def log_uniform_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: Any = None,
    name: str | None = None,
) -> Any:
    """Draws candidates by Zipf's law: class k with probability log((k + 2) / (k + 1)) / log(range_max + 1).

    This fits classes numbered by falling frequency, as words often are. Arguments, results and errors are those of
    `tf.random.uniform_candidate_sampler`.

    Example:
      >>> drawn = tf.random.log_uniform_candidate_sampler([[0], [3]], 1, 4, True, 30)
      >>> drawn.sampled_expected_count.shape
      TensorShape([4])
    """
    return _run(
        LOG_UNIFORM, true_classes, seed, num_true=num_true, num_sampled=num_sampled, unique=unique, range_max=range_max
    )


def learned_unigram_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: Any = None,
    name: str | None = None,
) -> Any:
    """Draws candidates as often as they were true in earlier calls with the same arguments, plus one.

    Arguments, results and errors are those of `tf.random.uniform_candidate_sampler`. Without a seed each call draws evenly, as
    nothing ties the calls together where a global seed is set.

    Example:
      >>> drawn = tf.random.learned_unigram_candidate_sampler([[0], [3]], 1, 4, True, 30, seed=1)
      >>> drawn.sampled_expected_count.shape
      TensorShape([4])
    """
    return _run(
        LEARNED_UNIGRAM,
        true_classes,
        seed,
        num_true=num_true,
        num_sampled=num_sampled,
        unique=unique,
        range_max=range_max,
    )


def fixed_unigram_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    vocab_file: str = "",
    distortion: float = 1.0,
    num_reserved_ids: int = 0,
    num_shards: int = 1,
    shard: int = 0,
    unigrams: Sequence[float] = (),
    seed: Any = None,
    name: str | None = None,
) -> Any:
    """Draws candidates with given weights.

    Args:
      true_classes, num_true, num_sampled, unique, range_max, seed: as for `tf.random.uniform_candidate_sampler`.
      vocab_file: file with a line for each class, whose last comma-separated field is the weight.
      distortion: power that the weights are raised to.
      num_reserved_ids: how many classes in front are never drawn; the weights are those of the classes after them.
      num_shards, shard: to draw only every `num_shards`-th class, from class `shard` on.
      unigrams: the weights, if there is no file.
    Returns:
      As for `tf.random.uniform_candidate_sampler`.
    Raises:
      tf.errors.InvalidArgumentError: both or none of `vocab_file` and `unigrams` are given, or they are not `range_max` weights.
    Example:
      >>> drawn = tf.random.fixed_unigram_candidate_sampler([[0]], 1, 2, True, 3, unigrams=[5.0, 1.0, 0.0])
      >>> sorted(drawn.sampled_candidates.numpy().tolist())
      [0, 1]
    """
    return _run(
        FIXED_UNIGRAM,
        true_classes,
        seed,
        num_true=num_true,
        num_sampled=num_sampled,
        unique=unique,
        range_max=range_max,
        vocab_file=vocab_file,
        distortion=distortion,
        num_reserved_ids=num_reserved_ids,
        num_shards=num_shards,
        shard=shard,
        unigrams=tuple(unigrams),
    )


def all_candidate_sampler(
    true_classes: Any, num_true: int, num_sampled: int, unique: bool, seed: Any = None, name: str | None = None
) -> Any:
    """Takes all classes as candidates, for tests of what uses a sampler.

    Args:
      true_classes, num_true, unique, seed: as for `tf.random.uniform_candidate_sampler`.
      num_sampled: how many classes there are.
    Returns:
      As for `tf.random.uniform_candidate_sampler`; every count is one.
    Example:
      >>> print(tf.random.all_candidate_sampler([[0]], 1, 3, True).sampled_candidates.numpy())
      [0 1 2]
    """
    return _run(ALL, true_classes, seed, num_true=num_true, num_sampled=num_sampled, unique=unique)
