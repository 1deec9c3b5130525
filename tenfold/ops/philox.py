"""Philox 4x32-10 streams and the distributions TensorFlow draws from them, in NumPy.

A stream is a key and a 128-bit counter. Encrypting the counter under the key gives one block of four 32-bit words, and the next
block is the next counter, so a stream is skipped in constant time and every block can be computed on its own: all of them at once
here. TensorFlow hands blocks to outputs by fixed rules, and the functions below keep these rules, so that the same seed gives the
same numbers under both.

References: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011, doi:10.1145/2063384.2063405.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from tenfold.ops.libm32 import log32, sincos32

ROUNDS = 10
CHUNK = 16384  # blocks computed together; the three work arrays of a chunk stay in the second-level cache
LANES = 256  # blocks up to which Python's long integers beat NumPy's fixed costs
SAMPLES_PER_OUTPUT = 256  # words TensorFlow reserves for each output, drawn or not

_WORD = 0xFFFFFFFF
_DOUBLE_WORD = 0xFFFFFFFFFFFFFFFF
_COUNTER = (1 << 128) - 1
_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_KEY_STEPS = (0x9E3779B9, 0xBB67AE85)
SCRAMBLE_KEY = 0x02461E293EC8F720  # under which TensorFlow encrypts the two seeds of a stateless op
_SCRAMBLE_ROUNDS = tuple(
    ((SCRAMBLE_KEY + i * _KEY_STEPS[0]) & _WORD, ((SCRAMBLE_KEY >> 32) + i * _KEY_STEPS[1]) & _WORD)
    for i in range(ROUNDS)
)

# The rows of the work arrays take turns in holding words 0 and 2, and so do the multipliers: (2, 1) for even and odd rounds.
_ROW_MULTIPLIERS = tuple(np.array(m, np.uint64)[:, None] for m in (_MULTIPLIERS, _MULTIPLIERS[::-1]))
_ROUND_KEY_STEPS = np.arange(ROUNDS, dtype=np.uint64)[:, None, None] * np.array(_KEY_STEPS, np.uint64)[:, None]


class Stream(NamedTuple):
    """A position in a Philox stream: the next block is `counter` (128 bits) encrypted under `key` (64 bits)."""

    key: int
    counter: int

    @classmethod
    def from_op_seeds(cls, seed: int, seed2: int) -> Stream:
        """The stream of a stateful op's kernel with these seed attributes."""
        return cls(seed & _DOUBLE_WORD, (seed2 & _DOUBLE_WORD) << 64)

    @classmethod
    def from_stateless_seed(cls, seed0: int, seed1: int) -> Stream:
        """The stream of a stateless op: the seeds are scrambled, as neither need be strong."""
        m0, m1 = _MULTIPLIERS
        w0, w1, w2, w3 = seed0 & _WORD, seed0 >> 32 & _WORD, seed1 & _WORD, seed1 >> 32 & _WORD
        for k0, k1 in _SCRAMBLE_ROUNDS:
            p0, p1 = w0 * m0, w2 * m1
            w0, w1, w2, w3 = p1 >> 32 ^ w1 ^ k0, p1 & _WORD, p0 >> 32 ^ w3 ^ k1, p0 & _WORD
        return cls(w0 | w1 << 32, w2 << 64 | w3 << 96)

    def skip(self, blocks: int) -> Stream:
        return Stream(self.key, self.counter + blocks & _COUNTER)


@lru_cache(maxsize=64)
def _lane_constants(n: int) -> tuple[int, int, int]:
    """n lanes of 64 bits in one integer: ones, the lanes' indices, and masks of their low halves."""
    ones = sum(1 << 64 * i for i in range(n))
    return ones, sum(i << 64 * i for i in range(n)), ones * _WORD


def _encrypt_lanes(key: int, counter: int, n: int) -> tuple[int, int, int, int]:
    """The blocks of n consecutive counters, one integer of 64-bit lanes for each word; word 0 must not overflow.

    A product of two words fills its lane and no more, so one multiplication of long integers makes n of them.
    """
    ones, indices, mask = _lane_constants(n)
    w0, w1 = (counter & _WORD) * ones + indices, (counter >> 32 & _WORD) * ones
    w2, w3 = (counter >> 64 & _WORD) * ones, (counter >> 96) * ones
    m0, m1 = _MULTIPLIERS
    k0, k1 = key & _WORD, key >> 32
    for _ in range(ROUNDS):
        p0, p1 = w0 * m0, w2 * m1
        w0, w1, w2, w3 = p1 >> 32 & mask ^ w1 ^ k0 * ones, p1 & mask, p0 >> 32 & mask ^ w3 ^ k1 * ones, p0 & mask
        k0, k1 = k0 + _KEY_STEPS[0] & _WORD, k1 + _KEY_STEPS[1] & _WORD
    return w0, w1, w2, w3


def _round_keys(key: int) -> np.ndarray:
    """Keys by round and row, (rounds, 2, 1): in even rounds row 0 holds word 0, becomes word 2 and takes the second key."""
    keys = _ROUND_KEY_STEPS + np.array([[key & _WORD], [key >> 32]], np.uint64)
    keys &= np.uint64(_WORD)
    keys[::2] = keys[::2, ::-1].copy()
    return keys


def _encrypt_arrays(keys: np.ndarray, low: np.ndarray, high: np.ndarray, out: np.ndarray) -> None:
    """Fills `out` (n, 4) with the blocks of counters `high << 64 | low`, uint64 arrays (n,); `high` may be (1,)."""
    n = len(low)
    words = np.zeros((2, n), np.uint64)  # words 0 and 2, in the low halves; the high halves stay zero
    words_low = words.view(np.uint32)[:, ::2]
    product, previous = (
        (a, a.view(np.uint32)[:, 1::2], a.view(np.uint32)[::-1, ::2]) for a in np.empty((2, 2, n), np.uint64)
    )
    words_low[0], words_low[1] = low, high  # casts keep the low 32 bits
    np.right_shift(low, np.uint64(32), out=previous[0][0])  # low halves of products are words 1 and 3
    np.right_shift(high, np.uint64(32), out=previous[0][1])
    for i in range(ROUNDS):
        np.multiply(words, _ROW_MULTIPLIERS[i & 1], out=product[0])
        np.bitwise_xor(product[1], previous[2], out=words_low)
        np.bitwise_xor(words, keys[i], out=words)
        product, previous = previous, product
    out[:, 0], out[:, 2] = words_low
    out[:, 3], out[:, 1] = previous[2]


def blocks(stream: Stream, count: int) -> np.ndarray:
    """The next `count` blocks, uint32 (count, 4)."""
    key, counter = stream
    if count > LANES or (counter & _WORD) + count > _WORD:
        return blocks_at(stream, np.arange(count, dtype=np.uint64))
    w0, w1, w2, w3 = _encrypt_lanes(key, counter, count)
    out = np.empty((count, 2), "<u8")
    out[:, 0] = np.frombuffer((w0 | w1 << 32).to_bytes(8 * count, "little"), "<u8")
    out[:, 1] = np.frombuffer((w2 | w3 << 32).to_bytes(8 * count, "little"), "<u8")
    return out.view(np.uint32)


def blocks_at(stream: Stream, offsets: np.ndarray) -> np.ndarray:
    """The blocks `offsets` (uint64 (n,)) further on, uint32 (n, 4)."""
    keys = _round_keys(stream.key)
    base_low, base_high = np.uint64(stream.counter & _DOUBLE_WORD), stream.counter >> 64
    high, next_high = np.array([base_high], np.uint64), np.array([base_high + 1 & _DOUBLE_WORD], np.uint64)
    out = np.empty((len(offsets), 4), np.uint32)
    for start in range(0, len(offsets), CHUNK):
        low = offsets[start : start + CHUNK] + base_low
        carry = low < base_low
        _encrypt_arrays(
            keys, low, np.where(carry, next_high, high) if carry.any() else high, out[start : start + CHUNK]
        )
    return out


def words(stream: Stream, size: int) -> np.ndarray:
    """The next `size` 32-bit words."""
    return blocks(stream, (size + 3) // 4).reshape(-1)[:size]


def double_words(stream: Stream, size: int) -> np.ndarray:
    """The next `size` 64-bit words; the lower half comes first in the stream."""
    pairs = blocks(stream, (size + 1) // 2).reshape(-1, 2)[:size].astype(np.uint64)
    return pairs[:, 0] | pairs[:, 1] << np.uint64(32)


def full_int(stream: Stream, size: int, dtype: np.dtype) -> np.ndarray:
    """Integers over the whole range of `dtype`, one of 32 or 64 bits."""
    return (words(stream, size) if dtype.itemsize == 4 else double_words(stream, size)).view(dtype)


def uniform_int(stream: Stream, size: int, dtype: np.dtype, low: int, high: int) -> np.ndarray:
    """Integers of [low, high): the words modulo the range, biased as TensorFlow's are."""
    bits = full_int(stream, size, np.dtype(np.uint32 if dtype.itemsize == 4 else np.uint64))
    bits %= bits.dtype.type(high - low)
    bits += bits.dtype.type(low & (_WORD if dtype.itemsize == 4 else _DOUBLE_WORD))  # wraps to the signed sum
    return bits.view(dtype)


def unit(bits: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Reals of [0, 1) from uint32 words, which are used up: as many as mantissas need, from the lowest bits.

    A float64 takes two words of the last axis, the upper bits of the mantissa from the first.
    """
    if dtype == np.float32:
        bits &= np.uint32(0x7FFFFF)
        bits |= np.uint32(0x3F800000)  # the exponent of [1, 2)
        reals = bits.view(np.float32)
        reals -= np.float32(1)
        return reals
    if dtype == np.float64:
        mantissa = bits[..., ::2].astype(np.uint64)
        mantissa &= np.uint64(0xFFFFF)
        mantissa <<= np.uint64(32)
        mantissa |= bits[..., 1::2]
        return mantissa * 2.0**-52
    mantissa_bits = 10 if dtype == np.float16 else 7  # else bfloat16
    bits &= np.uint32((1 << mantissa_bits) - 1)
    return (bits.astype(np.float32) * np.float32(0.5**mantissa_bits)).astype(dtype)


def uniform(stream: Stream, size: int, dtype: np.dtype) -> np.ndarray:
    """Reals of [0, 1)."""
    per_block = 2 if dtype == np.float64 else 4
    return unit(blocks(stream, -(-size // per_block)), dtype).reshape(-1)[:size]


def box_muller(bits: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Normals from uint32 blocks (n, 4): float64 (n, 2) or float32 (n, 4), which narrower dtypes are rounded from.

    Each pair of uniforms u1, u2 gives sqrt(-2 log u1) times the sine and the cosine of 2 pi u2, in this order.
    """
    if dtype == np.float64:
        u = unit(bits, dtype)
        radius = np.sqrt(-2.0 * np.log(np.maximum(u[:, 0], 1e-7)))
        angle = 2 * np.pi * u[:, 1]
        return np.stack([np.sin(angle) * radius, np.cos(angle) * radius], axis=1)
    u = unit(bits, np.dtype(np.float32)).reshape(-1, 2)
    normals = np.empty_like(u)
    for start in range(0, len(u), CHUNK):
        part = slice(start, start + CHUNK)
        radius = log32(np.maximum(u[part, 0], np.float32(1e-7)))
        radius *= np.float32(-2)
        np.sqrt(radius, out=radius)
        sine, cosine = sincos32((2 * np.pi * u[part, 1].astype(np.float64)).astype(np.float32))
        np.multiply(sine, radius, out=normals[part, 0])
        np.multiply(cosine, radius, out=normals[part, 1])
    return normals.reshape(-1, 4).astype(dtype, copy=False)


def normal(stream: Stream, size: int, dtype: np.dtype) -> np.ndarray:
    """Standard normals."""
    per_block = 2 if dtype == np.float64 else 4
    return box_muller(blocks(stream, -(-size // per_block)), dtype).reshape(-1)[:size]


def truncated_normal(stream: Stream, size: int, dtype: np.dtype) -> np.ndarray:
    """Standard normals, drawn again until within two standard deviations.

    Outputs come in groups of one block's worth. A group has a stretch of the stream of its own and takes from it the first normals
    that are accepted, however many blocks that needs.
    """
    compute = np.dtype(np.float64 if dtype == np.float64 else np.float32)
    group = 2 if dtype == np.float64 else 4
    stride = np.uint64(group * SAMPLES_PER_OUTPUT // 4)
    starts = np.arange(-(-size // group), dtype=np.uint64) * stride
    out = box_muller(blocks_at(stream, starts), compute)
    pending = np.flatnonzero((np.abs(out) >= 2).any(axis=1))
    depth = 2
    while len(pending):
        offsets = starts[pending, None] + np.arange(depth, dtype=np.uint64)
        candidates = box_muller(blocks_at(stream, offsets.reshape(-1)), compute).reshape(len(pending), -1)
        accepted = np.abs(candidates) < 2
        first = np.argsort(~accepted, axis=1, kind="stable")[:, :group]
        complete = accepted.sum(axis=1) >= group
        out[pending[complete]] = np.take_along_axis(candidates, first, axis=1)[complete]
        pending = pending[~complete]
        depth *= 2
    return out.reshape(-1)[:size].astype(dtype, copy=False)


def permutation(stream: Stream, size: int) -> np.ndarray:
    """A permutation of range(size), by swapping every place but the last with one drawn from it and those after it."""
    remaining = np.arange(size, 1, -1, dtype=np.uint32)
    chosen = words(stream, max(size - 1, 0)) % remaining + np.arange(len(remaining), dtype=np.uint32)
    order = list(range(size))
    for i, j in enumerate(chosen.tolist()):
        order[i], order[j] = order[j], order[i]
    return np.array(order, np.intp)
