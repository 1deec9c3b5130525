"""`tf.random.Generator`: a stream whose place is kept in a variable."""

from __future__ import annotations

import os
from math import prod
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.context import traced_graph
from tenfold.core.convert import convert
from tenfold.core.dtypes import as_dtype
from tenfold.core.errors import InvalidArgumentError, UnimplementedError
from tenfold.core.locks import new_lock
from tenfold.core.op import Op, StatefulOp, register
from tenfold.core.shapes import TensorShape
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor, wrap
from tenfold.core.variable import Variable
from tenfold.ops import cast as cast_ops
from tenfold.ops import creation, join, logic, static
from tenfold.ops import random as random_ops
from tenfold.ops.philox import SAMPLES_PER_OUTPUT, Stream
from tenfold.ops.random import FULL_INTEGER_OUTPUTS
from tenfold.ops.random_gamma import binomial_draws, samples_before
from tenfold.ops.random_streams import NO_GRADIENT, PHILOX, THREEFRY, algorithm_number, broadcast, check_dtype, sizes

_DOUBLE_WORD = (1 << 64) - 1
_lock = new_lock()


def _non_deterministic_ints_kernel(*, shape, dtype=dtypes.int64):
    check_dtype(dtype, FULL_INTEGER_OUTPUTS, "NonDeterministicInts")
    return np.frombuffer(os.urandom(prod(shape) * dtype.size), dtype._np).reshape(shape)


NON_DETERMINISTIC_INTS = register(
    StatefulOp("NonDeterministicInts", _non_deterministic_ints_kernel, host=("shape",), vjp=NO_GRADIENT)
)


def _state_size(alg: int) -> int:
    """How many 64-bit words a state has: the counter's, then the key."""
    return 2 if alg == THREEFRY else 3


def _words(value: Any) -> np.ndarray:
    """The bits of integers, of up to 64 bits and either sign, as int64."""
    if isinstance(value, (list, tuple)):
        return np.array([_words(item) for item in value], np.int64)
    if isinstance(value, int):
        return np.array(value & _DOUBLE_WORD, np.uint64).view(np.int64)
    return convert(value)._array.astype(np.int64)


def _state_tensor(value: Any) -> Tensor:
    """A state as int64, be it known or not."""
    if isinstance(value, (Tensor, Variable)):
        return cast_ops.cast(value, dtypes.int64)
    return wrap(_words(value))


def create_rng_state(seed: Any, alg: Any) -> Tensor:
    """The state of a generator that is made from a seed.

    Args:
      seed: an int of any size, whose 64-bit words are taken from the lowest; or integers, which are filled up with zeros in front.
      alg: algorithm, as number, name or `tf.random.Algorithm`.
    Returns:
      int64 tensor: the two words of the counter (one for ThreeFry), then the key.
    Raises:
      ValueError: there is no such algorithm.
    Example:
      >>> print(tf.random.create_rng_state(1, "philox").numpy(), tf.random.create_rng_state([1], "philox").numpy())
      [1 0 0] [0 0 1]
    """
    size = _state_size(algorithm_number(alg))
    if isinstance(seed, int):
        return wrap(_words([seed >> 64 * i for i in range(size)]))
    words = _words(seed).reshape(-1)[:size]
    return wrap(np.concatenate([np.zeros(size - len(words), np.int64), words]))


class Generator:
    """A source of random numbers with a state of its own.

    The state is a variable, so that it can be saved with a model, and several generators do not disturb each other.

    Args:
      copy_from: generator to start from the state of; the other arguments are then left out.
      state: int64 vector, or a variable that is then used itself: counter and key.
      alg: algorithm, as number, name or `tf.random.Algorithm`.
    Raises:
      ValueError: arguments are missing or one too many, or the state has another size.
    Example:
      >>> g = tf.random.Generator.from_seed(1)
      >>> print(g.normal([2]).numpy(), g.normal([2]).numpy())
      [ 0.43842274 -0.53439844] [1.6307176  0.00784778]
    """

    def __init__(self, copy_from: Generator | None = None, state: Any = None, alg: Any = None) -> None:
        if (state is not None, alg is not None) != ((copy_from is None,) * 2):
            raise ValueError(
                "tf.random.Generator: give copy_from, or state and alg. See tf.random.Generator.from_seed."
            )
        if copy_from is not None:
            state, alg = wrap(copy_from.state.numpy()), copy_from.algorithm
        self._alg = algorithm_number(alg)
        self._state_var = (
            state if isinstance(state, Variable) else Variable(_state_tensor(state), trainable=False, name="StateVar")
        )
        self._check_state(self._state_var.shape)

    @classmethod
    def from_state(cls, state: Any, alg: Any) -> Generator:
        """A generator with a given state: counter and key."""
        return cls(alg=alg, state=state)

    @classmethod
    def from_seed(cls, seed: Any, alg: Any = None) -> Generator:
        """A generator whose state is made from a seed by `tf.random.create_rng_state`; by Philox if `alg` is None."""
        alg = PHILOX if alg is None else algorithm_number(alg)
        return cls(state=create_rng_state(seed, alg), alg=alg)

    @classmethod
    def from_non_deterministic_state(cls, alg: Any = None) -> Generator:
        """A generator with a state that nobody can foresee."""
        alg = PHILOX if alg is None else algorithm_number(alg)
        return cls(state=NON_DETERMINISTIC_INTS(shape=(_state_size(alg),)), alg=alg)

    @classmethod
    def from_key_counter(cls, key: Any, counter: Any, alg: Any) -> Generator:
        """A generator with a given key, a scalar, and counter, a vector."""
        return cls(state=_joined(key, counter, algorithm_number(alg)), alg=alg)

    def _checkpoint_children(self) -> list[tuple[str, Variable]]:
        return [("_state_var", self._state_var)]

    def _check_state(self, shape: TensorShape) -> None:
        if shape != (_state_size(self._alg),):
            raise ValueError(
                f"tf.random.Generator: the state has shape {shape}; it must be ({_state_size(self._alg)},)."
            )

    def reset(self, state: Any) -> None:
        """Sets the state: counter and key."""
        tensor = _state_tensor(state)
        self._check_state(tensor.shape)
        self._state_var.assign(tensor)

    def reset_from_seed(self, seed: Any) -> None:
        """Sets the state to what `Generator.from_seed` begins with."""
        self._state_var.assign(create_rng_state(seed, self._alg))

    def reset_from_key_counter(self, key: Any, counter: Any) -> None:
        """Sets the state to a key, a scalar, and a counter, a vector."""
        self._state_var.assign(_joined(key, counter, self._alg))

    @property
    def state(self) -> Variable:
        """The variable that holds counter and key."""
        return self._state_var

    @property
    def algorithm(self) -> int:
        """The number of the algorithm."""
        return self._alg

    @property
    def key(self) -> Tensor:
        """The key, an int64 scalar."""
        return self._state_var.read_value()[-1]

    def skip(self, delta: Any) -> Tensor:
        """Moves on as far as drawing `delta` numbers would, and returns the state from before."""
        if isinstance(delta, (Tensor, Variable)):
            outputs: Any = cast_ops.cast(delta, dtypes.int64)
        else:
            outputs = static.integer(delta, "tf.random.Generator.skip")
        return self._advance(outputs * SAMPLES_PER_OUTPUT)

    def _lower_advance(self, b: Any, value_of: Any, blocks: Any) -> tuple[list, list]:
        """`_advance` in primitives: the state from before, and that of the variable."""
        before, after = _lower_skip(b, value_of(self._state_var), blocks)
        return [before], [(self._state_var, after)]

    def _advance(self, blocks: Any) -> Tensor:
        """Moves the counter on, or back within its lower word, and returns the state from before."""
        if self._alg == THREEFRY:
            raise UnimplementedError("tf.random.Generator: ThreeFry is not computed on CPUs. Take alg='philox'.")
        graph = traced_graph()
        if graph is not None:
            spec = Spec(np.dtype(np.int64), (_state_size(self._alg),))
            steps = convert(blocks, None, dtypes.int64)
            advance = lambda n: [self._advance(n)]  # noqa: E731
            variables = (self._state_var,)
            return graph.enter("RngReadAndSkip", advance, [steps], [spec], variables, self._lower_advance, SKIP)[0]
        if isinstance(blocks, Tensor):
            blocks = int(blocks._array)
        with _lock:
            state = self._state_var.read_value()
            if state.dtype is not dtypes.int64:
                raise InvalidArgumentError(f"tf.random.Generator: the state is {state.dtype.name}; it must be int64.")
            self._state_var.assign(wrap(_skipped(state._array, blocks)))
        return wrap(state._array)

    def _key_counter(self, shape: tuple[int, ...]) -> tuple[Tensor, Tensor]:
        """Where the numbers of an output begin, which is then behind the generator."""
        words = cast_ops.bitcast(self._advance(prod(shape) * SAMPLES_PER_OUTPUT), dtypes.uint64)
        return words[2:], words[:2]

    def normal(
        self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = dtypes.float32, name: str | None = None
    ) -> Tensor:
        """Draws from a normal distribution, with arguments and errors as `tf.random.normal`."""
        return self._normal(random_ops.STATELESS_NORMAL, "normal", shape, mean, stddev, as_dtype(dtype))

    def truncated_normal(
        self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = dtypes.float32, name: str | None = None
    ) -> Tensor:
        """Draws from a truncated normal distribution, with arguments and errors as `tf.random.truncated_normal`."""
        return self._normal(
            random_ops.STATELESS_TRUNCATED_NORMAL, "truncated_normal", shape, mean, stddev, as_dtype(dtype)
        )

    def _normal(self, op: Op, name: str, shape: Any, mean: Any, stddev: Any, dtype: dtypes.DType) -> Tensor:
        shape = sizes(shape, f"tf.random.Generator.{name}")
        parameters = random_ops.location_and_scale(mean, stddev, dtype, f"tf.random.Generator.{name}")
        return random_ops.scaled(op(*self._key_counter(shape), shape=shape, dtype=dtype), parameters)

    def uniform(
        self, shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = dtypes.float32, name: str | None = None
    ) -> Tensor:
        """Draws from `[minval, maxval)`, or all integers where both are None, as `tf.random.stateless_uniform` does."""
        dtype = as_dtype(dtype)
        shape = sizes(shape, "tf.random.Generator.uniform")
        bounds = random_ops.uniform_bounds(minval, maxval, dtype, "tf.random.Generator.uniform")
        return random_ops.uniform_between(lambda: self._key_counter(shape), shape, bounds, dtype)

    def uniform_full_int(self, shape: Any, dtype: Any = dtypes.uint64, name: str | None = None) -> Tensor:
        """Draws from all integers of int32, int64, uint32 or uint64.

        Raises:
          tf.errors.InvalidArgumentError: `dtype` is none of these, or `shape` is no vector of sizes.
        """
        shape, dtype = sizes(shape, "tf.random.Generator.uniform_full_int"), as_dtype(dtype)
        return random_ops.STATELESS_FULL_INT(*self._key_counter(shape), shape=shape, dtype=dtype)

    def binomial(
        self, shape: Any, counts: Any, probs: Any, dtype: Any = dtypes.int32, name: str | None = None
    ) -> Tensor:
        """Draws from binomial distributions, with arguments and errors as `tf.random.stateless_binomial`."""
        shape, dtype = sizes(shape, "tf.random.Generator.binomial"), as_dtype(dtype)
        counts, probs = convert(counts), convert(probs)
        batch = broadcast("tf.random.Generator.binomial", counts._array, probs._array)
        samples = prod(samples_before(shape, batch))
        state = self._advance(prod(batch) * 2 * 100 * (samples + 3) // 4 * SAMPLES_PER_OUTPUT)
        return _BINOMIAL_AT(state, counts, probs, shape=shape, dtype=dtype)

    def make_seeds(self, count: int = 1) -> Tensor:
        """Draws seeds for stateless ops: int64 `(2, count)`, a seed in each column."""
        keys = self.uniform_full_int([count], dtypes.int64)
        return join.stack([keys, creation.zeros_like(keys)])

    def split(self, count: int = 1) -> list[Generator]:
        """Makes `count` generators that are independent of each other and of this one."""
        keys = join.unstack(self.uniform_full_int([count], dtypes.int64))
        counter = [wrap(np.zeros((), np.int64))] * (_state_size(self._alg) - 1)
        return [Generator(state=join.stack([*counter, key]), alg=self._alg) for key in keys]


def _stream(state: np.ndarray) -> Stream:
    low, high, key = state.view(np.uint64).tolist()
    return Stream(key, low | high << 64)


# The state from before, and that behind so many blocks: what `_advance` does to its variable.


def _skipped(state: np.ndarray, blocks: int) -> np.ndarray:
    key, counter = _stream(state)
    low, high = counter & _DOUBLE_WORD, counter >> 64
    counter = high << 64 | (low + blocks) & _DOUBLE_WORD if blocks < 0 else counter + blocks
    words = [counter & _DOUBLE_WORD, counter >> 64 & _DOUBLE_WORD, key]
    return np.array(words, np.uint64).view(np.int64)


def _lower_skip(b, state, blocks):
    words = b.bitcast(state, np.uint64)
    low, high, key = (b.slice(words, [i], [1]) for i in range(3))
    moved = low + b.reshape(b.bitcast(blocks, np.uint64), (1,))
    has_carry = b.logical_and(b.reshape(b.ge(blocks, 0), (1,)), b.lt(moved, low))
    after = b.concat([moved, high + b.cast(has_carry, np.uint64), key], 0)
    return [state, b.bitcast(after, np.int64)]


def _skip(state: Tensor, blocks: Tensor) -> list[Tensor]:
    low, high, key = join.unstack(cast_ops.bitcast(state, dtypes.uint64))
    moved = low + cast_ops.bitcast(blocks, dtypes.uint64)
    has_carry = logic.logical_and(blocks >= 0, moved < low)
    words = join.stack([moved, high + cast_ops.cast(has_carry, dtypes.uint64), key])
    return [state, cast_ops.bitcast(words, dtypes.int64)]


SKIP = Op(
    "RngSkip",
    lambda state, blocks: (state, _skipped(state, int(blocks))),
    vjp=NO_GRADIENT,
    infer=lambda state, blocks: [Spec(state.dtype, state.shape)] * 2,
    lower=_lower_skip,
    expand=_skip,
)


def _binomial_kernel(state, counts, probs, *, shape, dtype):
    return binomial_draws(_stream(state), shape, counts, probs, dtype)


_BINOMIAL_AT = Op("StatefulRandomBinomialAt", _binomial_kernel, vjp=NO_GRADIENT)


def _joined(key: Any, counter: Any, alg: int) -> Tensor:
    """A state of a key and a counter."""
    key, counter = _words(key), _words(counter)
    if key.shape != () or counter.shape != (_state_size(alg) - 1,):
        raise ValueError(
            f"tf.random.Generator: key has shape {key.shape} and counter {counter.shape}; they must be () and "
            f"{(_state_size(alg) - 1,)}."
        )
    return wrap(np.append(counter, key))


_global_generator: Generator | None = None


def get_global_generator() -> Generator:
    """The program's common generator, made with a state that nobody can foresee when it is first asked for.

    Example:
      >>> tf.random.get_global_generator().normal([3]).shape
      TensorShape([3])
    """
    global _global_generator
    if _global_generator is None:
        _global_generator = Generator.from_non_deterministic_state()
    return _global_generator


def set_global_generator(generator: Generator) -> None:
    """Makes a generator the program's common one.

    Example:
      >>> tf.random.set_global_generator(tf.random.Generator.from_seed(1))
      >>> print(tf.random.get_global_generator().normal([2]).numpy())
      [ 0.43842274 -0.53439844]
    """
    global _global_generator
    _global_generator = generator
