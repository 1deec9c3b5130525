"""`tf.keras.random`: random numbers drawn with explicit seeds, equal to those of Keras' TensorFlow backend."""

from __future__ import annotations

import random as python_random
from typing import Any

import numpy as np

from tenfold.core import restoring
from tenfold.core.convert import convert
from tenfold.core.dtypes import as_dtype, bfloat16, float32
from tenfold.core.tensor import Tensor, wrap
from tenfold.keras import config, naming
from tenfold.keras.variables import Variable, path_scope
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import creation, philox, random_choice, random_gamma, seeds, static
from tenfold.ops import dropout as dropout_ops
from tenfold.ops import gather as gather_ops
from tenfold.ops import random as random_ops

_INT32_MAX = 2**31 - 1
_ONE_FURTHER = wrap(np.array([0, 1], np.int64))


class SeedGenerator:
    """Gives a new seed at every draw; its state is a variable that is saved with the layer it belongs to.

    Args:
      seed: int, or None for one from Python's `random`.
      name: name of the generator.

    Example:
      >>> generator = tf.keras.random.SeedGenerator(7)
      >>> print(generator.next().numpy(), generator.next().numpy())
      [7 0] [7 1]
    """

    _tracked_as = "_seed_generators"
    _is_own_state = True  # TensorFlow's checkpoints of Keras layers have no random seeds

    def __init__(self, seed: int | None = None, name: str | None = None, **kwargs: Any) -> None:
        if kwargs:
            raise ValueError(f"Unrecognized keyword arguments: {kwargs}")
        self.name = name or naming.auto_name("seed_generator")
        self._initial_seed = seed
        if seed is None:
            seed = make_default_seed()
        if not isinstance(seed, int):
            raise ValueError(f"Argument `seed` must be an integer. Received: seed={seed}")
        with path_scope(self.name, self):
            self.state = Variable(
                np.array([seed, 0], np.int64), dtype="int64", trainable=False, name="seed_generator_state"
            )

    def next(self, ordered: bool = True) -> Tensor:
        """The next seed, int64 of shape (2,)."""
        value = self.state._read()
        self.state.assign(value + _ONE_FURTHER if ordered else (value + 1) * 5387 % 933199)
        return value

    def get_config(self) -> dict[str, Any]:
        return {"seed": self._initial_seed, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SeedGenerator:
        return cls(**config)

    def _checkpoint_children(self) -> list[tuple[str, Variable]]:
        return [("state", self.state)]

    def save_own_variables(self, store: Any) -> None:
        store["0"] = self.state

    def load_own_variables(self, store: Any) -> None:
        self.state.assign(np.asarray(store["0"]))


_global: SeedGenerator | None = None
_of_shuffles = python_random.Random()  # apart from Python's own, whose numbers layers start from as in Keras


def global_seed_generator() -> SeedGenerator:
    """The generator that unseeded draws take their seeds from."""
    global _global
    if _global is None:
        _global = SeedGenerator()
    return _global


def make_default_seed() -> int:
    """A seed from Python's `random`."""
    return python_random.randint(1, int(1e9))


def set_random_seed(seed: int) -> None:
    """Seeds Python's, NumPy's and TensorFlow's random numbers, and those of Keras.

    Raises:
      ValueError: the seed is no integer.
    Example:
      >>> tf.keras.utils.set_random_seed(1)
    """
    global _global
    if not isinstance(seed, int):
        raise ValueError(f"Expected `seed` argument to be an integer. Received: seed={seed} (of type {type(seed)})")
    _global = None
    _of_shuffles.seed(seed)
    python_random.seed(seed)
    np.random.seed(seed)
    seeds.set_seed(seed)


def forget_global_seed_generator() -> None:
    """Lets the next unseeded draw begin with a new generator."""
    global _global
    _global = None


def draw_seed(seed: Any) -> Tensor:
    """The seed of one draw, shape (2,): the next of a generator, `[seed, 0]`, or the next of the global generator.

    Raises:
      ValueError: `seed` is something else.
    """
    if isinstance(seed, SeedGenerator):
        return seed.next()
    if isinstance(seed, (int, np.integer)):
        return wrap(np.array([int(seed), 0], np.int64))
    if seed is None:
        return global_seed_generator().next(ordered=False)
    raise ValueError(
        "Argument `seed` must be either an integer or an instance of `SeedGenerator`. "
        f"Received: seed={seed} (of type {type(seed)})"
    )


def _stateless_seed(seed: Any) -> Tensor:
    return cast_ops.cast(draw_seed(seed) % (_INT32_MAX - 1), "int32")


def _shape(shape: Any) -> list[int]:
    return shape.as_list() if hasattr(shape, "as_list") else list(static.ints(shape, "shape"))


def normal(shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None) -> Tensor:
    """Normal numbers.

    Example:
      >>> tf.keras.random.normal((2, 3), seed=1).shape
      TensorShape([2, 3])
    """
    dtype = as_dtype(dtype or config.floatx())
    return random_ops.stateless_normal(_shape(shape), _stateless_seed(seed), mean, stddev, dtype)


def uniform(shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None) -> Tensor:
    """Uniform numbers from `[minval, maxval)`."""
    dtype = as_dtype(dtype or config.floatx())
    low, high = (
        cast_ops.cast(bound, dtype) for bound in (minval, maxval)
    )  # Python's by way of float32, as TensorFlow casts
    return random_ops.stateless_uniform(_shape(shape), _stateless_seed(seed), low, high, dtype)


def truncated_normal(shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None) -> Tensor:
    """Normal numbers, none further than two standard deviations from the mean."""
    dtype = as_dtype(dtype or config.floatx())
    return random_ops.stateless_truncated_normal(_shape(shape), _stateless_seed(seed), mean, stddev, dtype)


def randint(shape: Any, minval: int, maxval: int, dtype: Any = "int32", seed: Any = None) -> Tensor:
    """Uniform integers from `[minval, maxval)`.

    Raises:
      ValueError: `dtype` is not an integer type.
    """
    if not as_dtype(dtype).is_integer:
        raise ValueError(f"`keras.random.randint` requires an integer `dtype`. Received: dtype={dtype}")
    drawn = as_dtype(dtype).name if as_dtype(dtype).name in ("int32", "int64") else "int64"
    values = random_ops.stateless_uniform(_shape(shape), _stateless_seed(seed), minval, maxval, as_dtype(drawn))
    return cast_ops.cast(values, dtype)


def categorical(logits: Any, num_samples: int, dtype: Any = "int32", seed: Any = None) -> Tensor:
    """Samples of the distributions whose log-probabilities are the rows of `logits`."""
    return cast_ops.cast(random_choice.stateless_categorical(logits, num_samples, _stateless_seed(seed)), dtype)


def dropout(inputs: Any, rate: float, noise_shape: Any = None, seed: Any = None) -> Tensor:
    """Sets elements to zero with probability `rate` and multiplies the rest by `1 / (1 - rate)`."""
    if rate == 1.0:
        return creation.zeros_like(inputs)
    if rate == 0.0:
        return inputs
    if noise_shape is not None:
        noise_shape = [
            have if want is None else want for have, want in zip(inputs._array.shape, noise_shape, strict=True)
        ]
    return dropout_ops.stateless_dropout(inputs, rate, _stateless_seed(seed), noise_shape=noise_shape)


def shuffle(x: Any, axis: int = 0, seed: Any = None) -> Tensor:
    """Permutes `x` along an axis."""
    x = convert(x)
    keys = random_ops.stateless_uniform([x._array.shape[axis]], _stateless_seed(seed))
    return gather_ops.gather(x, wrap(np.argsort(keys._array, kind="stable").astype(np.int32)), axis=axis)


def gamma(shape: Any, alpha: Any, dtype: Any = None, seed: Any = None) -> Tensor:
    """Numbers of the gamma distribution with shape parameter `alpha` and scale 1."""
    return _gamma(shape, alpha, dtype, _stateless_seed(seed))


def _gamma(shape: Any, alpha: Any, dtype: Any, seed: Tensor) -> Tensor:
    dtype = as_dtype(dtype or config.floatx())
    drawn = float32 if dtype is bfloat16 else dtype
    return cast_ops.cast(random_gamma.stateless_gamma(_shape(shape), seed, alpha, dtype=drawn), dtype)


def beta(shape: Any, alpha: Any, beta: Any, dtype: Any = None, seed: Any = None) -> Tensor:
    """Numbers of the beta distribution: the share of one gamma variate in the sum of two.

    Example:
      >>> tf.keras.random.beta((2, 3), 1.0, 2.0, seed=1).shape
      TensorShape([2, 3])
    """
    first = _stateless_seed(seed)
    second = wrap(first._array + np.int32(12))
    a, b = (
        _gamma(shape, array_ops.broadcast_to(convert(parameter, None, float32), _shape(shape)), dtype, its_seed)
        for parameter, its_seed in ((alpha, first), (beta, second))
    )
    return a / (a + b)


def binomial(shape: Any, counts: Any, probabilities: Any, dtype: Any = None, seed: Any = None) -> Tensor:
    """Numbers of successes in `counts` trials."""
    dtype = as_dtype(dtype or config.floatx())
    return random_gamma.stateless_binomial(_shape(shape), _stateless_seed(seed), counts, probabilities, dtype)


def row_orders(model: Any) -> RowOrders:
    """The orders of rows of a model's trainings: a function of a seed and a count that are saved with the model.

    Where the global seed is set they are TensorFlow's, whose `fit` begins its stream anew in every epoch: the same order each time.
    """
    state = model.__dict__.get("_shuffle_seed")
    if state is None:
        state = SeedGenerator(_of_shuffles.randrange(2**31), name=f"{model.name}_shuffle")
        object.__setattr__(model, "_shuffle_seed", state)
        restoring.resume(model)
    seed = seeds.global_seed()
    if seed is not None:
        kept, count = state.state.numpy().tolist()
        if kept != seed or count >= 0:
            state.state.assign(np.array([seed, _AS_TENSORFLOW], np.int64))
    return RowOrders(state)


_AS_TENSORFLOW = -(2**62)  # where counts begin that say that the order of rows is TensorFlow's


class RowOrders:
    """Permutations of rows, and of batches."""

    def __init__(self, state: SeedGenerator) -> None:
        self._state = state
        self._order: np.ndarray | None = None  # TensorFlow's

    def state(self) -> list[int]:
        """What the next permutation is made from."""
        return self._state.state.numpy().tolist()

    def set_state(self, state: list[int]) -> None:
        self._state.state.assign(np.array(state, np.int64))

    def of_rows(self, count: int) -> np.ndarray:
        seed, drawn = self._state.state.numpy().tolist()
        if drawn >= 0:
            return self.permutation(count)
        if self._order is None or len(self._order) != count:
            self._order = philox.permutation(philox.Stream.from_op_seeds(seed, 0 if seed else _INT32_MAX), count)
        return self._order

    def permutation(self, x: Any) -> np.ndarray:
        """A new permutation, of `range(x)` or of the items of `x`."""
        seed, drawn = self._state.next().numpy().tolist()
        return np.random.default_rng([seed, abs(drawn)]).permutation(x)
