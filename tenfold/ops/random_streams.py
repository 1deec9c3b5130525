"""What all random ops share: their shape argument, and where in which stream they begin.

A stateful op has a number for a seed, and goes on where its last call ended. A stateless op has a seed of two integers, which are
scrambled to a key and a counter: these two are the place in the stream, and what the ops proper take.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from operator import index
from typing import Any

import numpy as np

from tenfold.compiler import philox as programs
from tenfold.compiler.program import NotLowered
from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import DType
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable
from tenfold.ops import seeds, static
from tenfold.ops.philox import SAMPLES_PER_OUTPUT, SCRAMBLE_KEY, Stream

REAL_OUTPUTS = frozenset((dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64))
INTEGER_OUTPUTS = frozenset((dtypes.int32, dtypes.int64))
NO_GRADIENT = NotDifferentiable("the result is drawn, and does not vary with the arguments")


def sizes(shape: Any, what: str) -> tuple[int, ...]:
    """The shape argument of a random op as a tuple.

    Raises:
      tf.errors.InvalidArgumentError: it is no vector of integers, or one of them is negative.
      ValueError: it cannot be a tensor.
    """
    try:
        if type(shape) is not tuple and type(shape) is not list:
            raise TypeError
        found = tuple([index(size) for size in shape])
    except TypeError:
        vector = convert(shape)._array
        if vector.ndim != 1:
            raise InvalidArgumentError(
                f"{what}: shape must be a vector of {{int32,int64}}, got shape {vector.shape}. Write [n] for one axis."
            ) from None
        found = static.ints(shape, what)
    if found and min(found) < 0:
        raise InvalidArgumentError(f"{what}: Dimension {min(found)} must be >= 0; the shape is {found}.")
    return found


def check_dtype(dtype: DType, allowed: frozenset[DType], what: str) -> None:
    if dtype not in allowed:
        names = ", ".join(sorted(t.name for t in allowed))
        raise InvalidArgumentError(f"{what}: dtype is {dtype.name}; it must be one of {names}.")


def broadcast(what: str, *parameters: np.ndarray) -> tuple[int, ...]:
    """The shape that the parameters of a distribution broadcast to.

    Raises:
      tf.errors.InvalidArgumentError: they do not.
    """
    try:
        return np.broadcast_shapes(*[p.shape for p in parameters])
    except ValueError:
        shapes = " and ".join(str(p.shape) for p in parameters)
        raise InvalidArgumentError(
            f"{what}: Incompatible shapes: the parameters have {shapes}; they must broadcast."
        ) from None


def reserved(op: str, seed: int, seed2: int, outputs: int, *attrs: Any) -> Stream:
    """The stream for a stateful op's call with so many outputs."""
    return seeds.reserve(seeds.kernel(op, seed, seed2, *attrs), outputs * SAMPLES_PER_OUTPUT)


def lower_reserved(
    b: Any, value_of: Callable[[Variable], Any], seed: int, seed2: int, blocks: int
) -> tuple[programs.Stream, list[tuple[Variable, Any]]]:
    """The stream for a call of a graph's stateful op that sets so many blocks aside, and the change of its position.

    Raises:
      NotLowered: the op shares its stream with others.
    """
    if type(seed2) is not seeds.NodeSeed:
        raise NotLowered("no stream of its own")
    position = seeds.node_kernel(seed, seed2).position
    low, high, key = (b.reshape(b.slice(value_of(position), [i], [1]), ()) for i in range(3))
    stream = programs.Stream(key, low, high)
    after = stream.skip(b, blocks)
    moved = b.concat([b.reshape(word, (1,)) for word in (after.low, after.high, key)], 0)
    return stream, [(position, moved)]


class Algorithm(enum.Enum):
    """Algorithms of random streams. Tenfold computes Philox, which is also what is selected automatically."""

    PHILOX = 1
    THREEFRY = 2
    AUTO_SELECT = 3


PHILOX, THREEFRY, AUTO_SELECT = (a.value for a in Algorithm)


def algorithm_number(alg: Any) -> int:
    """The number of an algorithm given as number, `Algorithm`, name or tensor; automatic selection for None.

    Raises:
      ValueError: there is no such algorithm.
      TypeError: it is of another type.
    """
    if type(alg) is str:
        name = alg.strip().lower().replace("-", "").replace("_", "")
        found = {"philox": PHILOX, "threefry": THREEFRY, "autoselect": AUTO_SELECT}.get(name)
    elif alg is None:
        found = AUTO_SELECT
    elif isinstance(alg, Algorithm):
        found = alg.value
    elif isinstance(alg, (int, Tensor)):
        found = int(alg) if int(alg) in (PHILOX, THREEFRY, AUTO_SELECT) else None
    else:
        raise TypeError(f"tf.random: Can't convert argument `alg` (of value {alg} and type {type(alg)}) to int.")
    if found is None:
        raise ValueError(
            f"tf.random: Argument `alg` got unsupported value {alg}; it must be philox (1), threefry (2) or auto_select (3)."
        )
    return found


def _get_key_counter_kernel(seed):
    stream = seeded_stream(seed)
    key = np.array([stream.key], np.uint64)
    return key, np.array([stream.counter & 0xFFFFFFFFFFFFFFFF, stream.counter >> 64], np.uint64)


def seeded_stream(seed: np.ndarray) -> Stream:
    """The stream of a stateless seed."""
    GET_KEY_COUNTER.require(seed)
    if seed.shape != (2,):
        raise ValueError(f"seed must have shape [2], not {list(seed.shape)}")
    return Stream.from_stateless_seed(*seed.tolist())


def lower_stream_at(b: Any, key: Any, counter: Any) -> programs.Stream:
    """What `stream_at` returns, in a program."""
    if key.shape != (1,):
        raise NotLowered("a key that does not fit")
    low, high = (b.reshape(b.slice(counter, [i], [1]), ()) for i in (0, 1))
    return programs.Stream(b.reshape(key, ()), low, high)


def lower_seeded_stream(b: Any, seed: Any) -> programs.Stream:
    """What `seeded_stream` returns, in a program."""
    return lower_stream_at(b, *_lower_key_and_counter(b, seed))


def _lower_key_and_counter(b, seed):
    bits = b.bitcast(b.cast(seed, np.int64), np.uint64)
    low, high = (b.reshape(b.slice(bits, [i], [1]), ()) for i in (0, 1))
    scramble = programs.Stream(b.constant(SCRAMBLE_KEY, np.uint64), low, high)
    w0, w1, w2, w3 = programs.words(b, scramble, 1)
    key, top = b.bitwise_or(w0, b.shift_left(w1, 32)), b.bitwise_or(w2, b.shift_left(w3, 32))
    return key, b.concat([b.full((1,), 0, np.uint64), top], 0)


GET_KEY_COUNTER = register(
    Op(
        "StatelessRandomGetKeyCounter",
        _get_key_counter_kernel,
        types=INTEGER_OUTPUTS,
        vjp=NO_GRADIENT,
        lower=_lower_key_and_counter,
    )
)
register(Op("StatelessRandomGetAlg", lambda: np.array(PHILOX, np.int32), vjp=NO_GRADIENT))
register(
    Op(
        "StatelessRandomGetKeyCounterAlg",
        lambda seed: (*_get_key_counter_kernel(seed), np.array(PHILOX, np.int32)),
        vjp=NO_GRADIENT,
    )
)


def key_and_counter(seed: Any, alg: Any) -> list[Tensor]:
    """The key and the counter that a stateless seed stands for.

    Raises:
      ValueError: there is no such algorithm.
      tf.errors.InvalidArgumentError: the seed is no pair of integers, or the algorithm is not Philox.
    """
    if algorithm_number(alg) == THREEFRY:
        raise InvalidArgumentError("tf.random: alg is threefry; TensorFlow's CPU has only philox. Leave alg out.")
    return GET_KEY_COUNTER(convert(seed))


def stream_at(key: np.ndarray, counter: np.ndarray, alg: int) -> Stream:
    """The stream of a key, uint64 (1,), and a counter, uint64 (2,)."""
    if alg not in (PHILOX, AUTO_SELECT):
        raise ValueError(f"Unsupported algorithm id: {alg}")
    if key.shape != (1,):
        raise ValueError(f"key must have shape [1], not {list(key.shape)}")
    if counter.ndim != 1 or len(counter) < 2:
        raise ValueError(f"counter must be a vector with length at least 2; got shape: {list(counter.shape)}")
    low, high = counter[:2].tolist()
    return Stream(int(key[0]), low | high << 64)
