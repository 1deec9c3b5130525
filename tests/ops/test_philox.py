"""The streams of random bits. What TensorFlow draws from them is in the golden cases of family `random`."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfold.ops import libm32, philox
from tenfold.ops.philox import Stream

WORD = 0xFFFFFFFF


def words_of(*words):
    return sum(w << 32 * i for i, w in enumerate(words))


@pytest.mark.parametrize(
    "counter, key, expected",
    [
        ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        ([WORD] * 4, [WORD] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            [0xA4093822, 0x299F31D0],
            [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
        ),
    ],
)
@pytest.mark.parametrize("count", [1, 300])  # long integers, and arrays
def test_blocks_are_those_of_the_authors(counter, key, expected, count):
    stream = Stream(words_of(*key), words_of(*counter))
    assert philox.blocks(stream, count)[0].tolist() == expected


counters = st.one_of(
    st.integers(0, 2**128 - 1),
    st.builds(lambda edge, back: 2**edge - back, st.sampled_from([32, 64, 96, 128]), st.integers(1, 400)),
)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**64 - 1), counters, st.integers(0, 600), st.integers(0, 600))
def test_blocks_do_not_depend_on_where_one_begins(key, counter, skipped, count):
    stream = Stream(key, counter)
    whole = philox.blocks_at(stream, np.arange(skipped + count, dtype=np.uint64))
    np.testing.assert_array_equal(philox.blocks(stream.skip(skipped), count), whole[skipped:])


@pytest.mark.parametrize("draw", [philox.uniform, philox.normal, philox.truncated_normal])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_longer_output_begins_with_the_shorter_one(draw, dtype):
    stream, dtype = Stream(5, 6), np.dtype(dtype)
    longest = draw(stream, philox.CHUNK * 4 + 9, dtype)
    for size in (0, 1, 2, 3, 5, 1023, 1025):
        np.testing.assert_array_equal(draw(stream, size, dtype), longest[:size])


def test_truncated_normals_are_within_two_deviations_and_spread_as_they_should():
    x = philox.truncated_normal(Stream(1, 2), 200_000, np.dtype(np.float64))
    assert np.abs(x).max() < 2
    assert abs(x.mean()) < 0.01
    assert x.std() == pytest.approx(0.87962566, abs=0.005)


def test_uniform_int_covers_the_widest_range():
    x = philox.uniform_int(Stream(1, 2), 100_000, np.dtype(np.int64), -(2**63), 2**63 - 1)
    assert x.min() < -0.999 * 2**63 and x.max() > 0.999 * 2**63


def test_permutation_is_one_and_every_place_is_as_likely():
    counts = np.zeros((5, 5))
    for i in range(5000):
        order = philox.permutation(Stream(i, 0), 5)
        assert sorted(order.tolist()) == [0, 1, 2, 3, 4]
        counts[np.arange(5), order] += 1
    assert np.abs(counts / 1000 - 1).max() < 0.15


def test_log32_is_within_an_ulp():
    x = (np.arange(1, 2**23, 97) * 2.0**-23).astype(np.float32)
    error = np.abs(libm32.log32(x) - np.log(x.astype(np.float64)))
    assert (error <= 0.82 * np.spacing(np.abs(np.log(x.astype(np.float64))).astype(np.float32))).all()


def test_sincos32_is_within_an_ulp():
    x = np.linspace(0, 2 * math.pi, 100_001, dtype=np.float32)[:-1]
    for found, exact in zip(
        libm32.sincos32(x), (np.sin(x.astype(np.float64)), np.cos(x.astype(np.float64))), strict=True
    ):
        assert found.dtype == np.float32
        assert (np.abs(found - exact) <= 0.57 * np.spacing(np.abs(exact).astype(np.float32))).all()
