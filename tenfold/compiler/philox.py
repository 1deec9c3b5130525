"""Philox 4x32-10 streams as programs, to the bit of the eager ones; see `tenfold.ops.philox` for what TensorFlow draws from a stream.

A position in a stream is three values, uint64 scalars: the key, and the lower and upper half of the counter.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from tenfold.compiler.builder import Builder, Value

ROUNDS = 10
_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_KEY_STEPS = (0x9E3779B9, 0xBB67AE85)
_WORD = 0xFFFFFFFF
SAMPLES_PER_GROUP = 256  # blocks that TensorFlow reserves for four normals of which some may be refused

# log, sin and cos as glibc computes them for float32, in float64: see `tenfold.ops.libm32`, which explains the constants.
_INVERSE_AND_LOG = np.array([
    (1.398907162146528, -0.33569133332882284),
    (1.3403141896637998, -0.2929040563774074),
    (1.286432210124115, -0.2518726580937369),
    (1.2367150214269895, -0.21245868807117255),
    (1.1906977166711752, -0.17453945183745634),
    (1.1479821020556429, -0.1380057072319758),
    (1.1082251448272158, -0.10275976698545139),
    (1.0711297413057381, -0.06871392447020525),
    (1.036437278977283, -0.0357891387398228),
    (1.0, 0.0),
    (0.9492859795739057, 0.05204517742929496),
    (0.8951049428609004, 0.11081431298787942),
    (0.8476821620351103, 0.1652495223695143),
    (0.8050314851692001, 0.21687389031699977),
    (0.7664671008843108, 0.2659635028121397),
    (0.731428603316328, 0.3127556664073557),
])  # fmt: skip
_FIRST_POINT_BITS = 0x3F330000
_LOG = (-0.4999997485802103, 0.333456765744066, -0.25089342214237154)
_SIN = (-0.16666654943701084, 0.008332178146138854, -0.00019517298981385725)
_COS = (-0.49999999725108224, 0.041666623324344516, -0.001388676379437604, 2.4390450703564542e-05)


class Stream(NamedTuple):
    """A position: the next block is the counter `high << 64 | low`, encrypted under `key`."""

    key: Value
    low: Value
    high: Value

    def skip(self, b: Builder, blocks: int) -> Stream:
        low = b.add(self.low, blocks)
        return Stream(self.key, low, b.add(self.high, b.cast(b.lt(low, self.low), np.uint64)))


def words(b: Builder, stream: Stream, count: int) -> list[Value]:
    """The four words of each of the next `count` blocks, uint64 (count,) below 2**32."""
    return words_at(b, stream, b.iota((count,), 0, np.uint64))


def words_at(b: Builder, stream: Stream, block: Value) -> list[Value]:
    """The four words of the blocks that are so far on, uint64 vectors."""
    low = b.add(block, stream.low)
    high = b.add(b.cast(b.lt(low, stream.low), np.uint64), stream.high)
    w = [_low_word(b, low), _high_word(b, low), _low_word(b, high), _high_word(b, high)]
    keys = [_low_word(b, stream.key), _high_word(b, stream.key)]
    for number in range(ROUNDS):
        k0, k1 = (_low_word(b, b.add(k, number * step & _WORD)) for k, step in zip(keys, _KEY_STEPS, strict=True))
        p0, p1 = (b.mul(w[i], m) for i, m in zip((0, 2), _MULTIPLIERS, strict=True))
        w = [
            b.bitwise_xor(b.bitwise_xor(_high_word(b, p1), w[1]), k0),
            _low_word(b, p1),
            b.bitwise_xor(b.bitwise_xor(_high_word(b, p0), w[3]), k1),
            _low_word(b, p0),
        ]
    return w


def _low_word(b: Builder, x: Value) -> Value:
    return b.bitwise_and(x, _WORD)


def _high_word(b: Builder, x: Value) -> Value:
    return b.shift_right(x, 32)


def _interleaved(b: Builder, parts: list[Value], size: int) -> Value:
    """Elements of the parts by turns, `size` of them."""
    count = parts[0].shape[0]
    flat = b.reshape(b.concat([b.reshape(p, (count, 1)) for p in parts], 1), (count * len(parts),))
    return b.slice(flat, (0,), (size,))


def full_int(b: Builder, stream: Stream, size: int, dtype: Any) -> Value:
    """Integers over the whole range of a dtype of 32 or 64 bits."""
    dtype = np.dtype(dtype)
    if dtype.itemsize == 4:
        return b.bitcast(_interleaved(b, [b.cast(w, np.uint32) for w in words(b, stream, -(-size // 4))], size), dtype)
    w = words(b, stream, -(-size // 2))
    pairs = [b.bitwise_or(low, b.shift_left(high, 32)) for low, high in (w[:2], w[2:])]
    return b.bitcast(_interleaved(b, pairs, size), dtype)


def uniform_int(b: Builder, stream: Stream, size: int, dtype: Any, low: Value, high: Value) -> Value:
    """Integers of [low, high), both of `dtype`: the words modulo the range, biased as TensorFlow's are.

    An empty range is divided by, which is an error.
    """
    dtype = np.dtype(dtype)
    unsigned = np.dtype(np.uint32 if dtype.itemsize == 4 else np.uint64)
    start, stop = b.bitcast(low, unsigned), b.bitcast(high, unsigned)
    bits = full_int(b, stream, size, unsigned)
    size_of_range = b.select(b.lt(low, high), b.sub(stop, start), 0)
    return b.bitcast(b.add(b.floor_mod(bits, size_of_range), start), dtype)


def _unit32(b: Builder, word: Value) -> Value:
    bits = b.bitwise_or(b.bitwise_and(b.cast(word, np.uint32), 0x7FFFFF), 0x3F800000)
    return b.sub(b.bitcast(bits, np.float32), 1.0)


def _unit64(b: Builder, upper: Value, lower: Value) -> Value:
    mantissa = b.bitwise_or(b.shift_left(b.bitwise_and(upper, 0xFFFFF), 32), lower)
    return b.mul(b.cast(mantissa, np.float64), 2.0**-52)


def _unit16(b: Builder, word: Value, dtype: np.dtype) -> Value:
    bits = 10 if dtype == np.float16 else 7  # of the mantissa
    mantissa = b.cast(b.bitwise_and(word, (1 << bits) - 1), np.float32)
    return b.cast(mantissa * np.float32(0.5**bits), dtype)


def uniform(b: Builder, stream: Stream, size: int, dtype: Any) -> Value:
    """Reals of [0, 1)."""
    dtype = np.dtype(dtype)
    if dtype.itemsize < 8:
        unit = _unit32 if dtype == np.float32 else lambda b, word: _unit16(b, word, dtype)
        return _interleaved(b, [unit(b, w) for w in words(b, stream, -(-size // 4))], size)
    w = words(b, stream, -(-size // 2))
    return _interleaved(b, [_unit64(b, *w[:2]), _unit64(b, *w[2:])], size)


def normal(b: Builder, stream: Stream, size: int) -> Value:
    """Standard normals, float32."""
    return _interleaved(b, _normals(b, words(b, stream, -(-size // 4))), size)


def truncated_normal(b: Builder, stream: Stream, size: int) -> Value:
    """Standard normals, float32, within two standard deviations.

    Four outputs are a group, whose stretch of the stream gives it the first four normals that are accepted.
    """
    groups = -(-size // 4)
    group = b.iota((groups,), 0, np.uint64)

    def is_open(b: Builder, turn: Value, count: Value, *others: Value) -> Value:
        return b.lt(b.reduce("min", count), 4)

    def take_block(b: Builder, turn: Value, count: Value, *others: Value) -> list[Value]:
        found, (group, *place) = list(others[:4]), others[4:]
        block = b.add(b.mul(group, SAMPLES_PER_GROUP), turn)
        for candidate in _normals(b, words_at(b, Stream(*place), block)):
            is_taken = b.lt(b.abs(candidate), np.float32(2))
            found = [b.select(b.logical_and(is_taken, b.eq(count, i)), candidate, x) for i, x in enumerate(found)]
            count = b.add(count, b.cast(is_taken, np.int32))
        return [b.add(turn, 1), count, *found]

    state = [b.constant(0, np.uint64), b.full((groups,), 0, np.int32), *[b.full((groups,), 0, np.float32)] * 4]
    _, _, *found = b.while_loop(is_open, take_block, state, [group, *stream])
    return _interleaved(b, found, size)


def _normals(b: Builder, blocks: list[Value]) -> list[Value]:
    """Four normals of each block, by Box and Muller: pairs of uniforms give a sine and a cosine."""
    u = [_unit32(b, w) for w in blocks]
    normals: list[Value] = []
    for first, second in (u[:2], u[2:]):
        radius = b.sqrt(b.mul(_log32(b, b.maximum(first, np.float32(1e-7))), -2.0))
        angle = b.cast(b.mul(b.cast(second, np.float64), 2 * math.pi), np.float32)
        sine, cosine = _sincos32(b, angle)
        normals += [sine * radius, cosine * radius]
    return normals


def permutation(b: Builder, stream: Stream, size: int) -> Value:
    """A permutation of range(size), int32: every place but the last is swapped with one drawn from it and those after it."""
    place = b.iota((size - 1,), 0, np.uint32)
    drawn = full_int(b, stream, size - 1, np.uint32)
    chosen = b.cast(b.add(b.floor_mod(drawn, b.sub(size, place)), place), np.int32)

    def swap(b: Builder, i: Value, order: Value, chosen: Value) -> list[Value]:
        j = b.gather(chosen, i)
        x, y = b.gather(order, i), b.gather(order, j)
        return [b.add(i, 1), b.write(b.write(order, i, y), j, x)]

    state = [b.constant(0, np.int32), b.iota((size,), 0, np.int32)]
    return b.while_loop(lambda b, i, *others: b.lt(i, size - 1), swap, state, [chosen])[1]


def _log32(b: Builder, x: Value) -> Value:
    """Logarithms of float32 values in [2**-24, 1)."""
    point = b.shift_right(b.sub(b.bitcast(x, np.int32), _FIRST_POINT_BITS), 19)
    octave = b.shift_right(point, 4)  # points below the first are negative
    index = b.bitwise_and(point, 15)
    scale, offset = (b.gather(b.constant(_INVERSE_AND_LOG[:, column]), index) for column in (0, 1))
    octaves = b.cast(octave, np.float64)
    # 2**-octave, made of its exponent's bits
    power = b.bitcast(b.shift_left(b.sub(1023, b.cast(octave, np.int64)), 52), np.float64)
    r = b.cast(x, np.float64) * (scale * power) - 1.0
    square = r * r
    y = (r * _LOG[1] + _LOG[0] + square * _LOG[2]) * square
    return b.cast(r + (offset + octaves * math.log(2.0)) + y, np.float32)


def _sincos32(b: Builder, x: Value) -> tuple[Value, Value]:
    """Sines and cosines of float32 values in [0, 2 pi)."""
    x = b.cast(x, np.float64)
    quarter_turns = b.round(x * (2 / math.pi))
    x = x - quarter_turns * (math.pi / 2)
    square = x * x
    fourth = square * square
    odd = (square * _SIN[0]) * x + x + (square * _SIN[2] + _SIN[1]) * (x * fourth)
    even = square * _COS[0] + 1.0 + fourth * _COS[1] + (square * _COS[3] + _COS[2]) * (fourth * square)
    turns = b.cast(quarter_turns, np.int32)
    odd, even = b.cast(odd, np.float32), b.cast(even, np.float32)
    is_swapped = b.eq(b.bitwise_and(turns, 1), 1)

    def signed(value: Value, turns: Value) -> Value:
        sign = b.shift_left(b.bitwise_and(turns, 2), 30)
        return b.bitcast(b.bitwise_xor(b.bitcast(value, np.int32), sign), np.float32)

    return signed(b.select(is_swapped, even, odd), turns), signed(b.select(is_swapped, odd, even), turns + 1)
