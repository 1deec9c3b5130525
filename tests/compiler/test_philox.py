"""Random programs draw the bits that eager ops draw."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest

from tenfold.compiler import philox
from tenfold.compiler.builder import trace
from tenfold.compiler.executable import compile
from tenfold.compiler.program import Spec
from tenfold.ops import philox as eager

SCALAR = Spec((), np.dtype(np.uint64))
STREAMS = {
    "small": eager.Stream(5, 7 << 64),
    "carry": eager.Stream(2**64 - 3, (9 << 64) + 2**64 - 4),
    "stateless": eager.Stream.from_stateless_seed(11, 22),
}


def draw(stream, function):
    program = trace(lambda b, *s: function(b, philox.Stream(*s)), [SCALAR] * 3)
    halves = (stream.key, stream.counter & (2**64 - 1), stream.counter >> 64)
    return compile(program)(*(np.array(h, np.uint64) for h in halves))[0]


@pytest.mark.parametrize("size", [1, 4, 7, 1000])
@pytest.mark.parametrize("stream", STREAMS)
def test_uniform(stream, size):
    for dtype in (np.float16, ml_dtypes.bfloat16, np.float32, np.float64):
        found = draw(STREAMS[stream], lambda b, s, dtype=dtype: philox.uniform(b, s, size, dtype))
        np.testing.assert_array_equal(found, eager.uniform(STREAMS[stream], size, np.dtype(dtype)))


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("dtype", ["int32", "uint32", "int64", "uint64"])
def test_integers(stream, dtype):
    kind = np.dtype(dtype)
    found = draw(STREAMS[stream], lambda b, s: philox.full_int(b, s, 33, kind))
    np.testing.assert_array_equal(found, eager.full_int(STREAMS[stream], 33, kind))
    low, high = (-3 if kind.kind == "i" else 3), 1000
    found = draw(
        STREAMS[stream], lambda b, s: philox.uniform_int(b, s, 33, kind, b.constant(low, kind), b.constant(high, kind))
    )
    np.testing.assert_array_equal(found, eager.uniform_int(STREAMS[stream], 33, kind, low, high))


@pytest.mark.parametrize("size", [2, 1001, 40000])
def test_normal_is_the_same_to_the_bit(size):
    found = draw(STREAMS["small"], lambda b, s: philox.normal(b, s, size))
    np.testing.assert_array_equal(found, eager.normal(STREAMS["small"], size, np.dtype(np.float32)))


def test_skipping_blocks():
    found = draw(STREAMS["carry"], lambda b, s: philox.uniform(b, s.skip(b, 25), 9, np.float32))
    np.testing.assert_array_equal(found, eager.uniform(STREAMS["carry"].skip(25), 9, np.dtype(np.float32)))
