"""`tf.keras.initializers`: where variables start."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.dtypes import as_dtype
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.tensor import Tensor, wrap
from tenfold.core.variable import Variable
from tenfold.keras import config, random
from tenfold.keras.identifiers import by_both_names, deserialized, interpreted, serialized


class Initializer:
    """Base of initializers: called with a shape and a dtype, returns the values.

    Example:
      >>> class Halves(tf.keras.initializers.Initializer):
      ...     def __call__(self, shape, dtype=None, **kwargs):
      ...         return tf.fill(shape, tf.cast(0.5, dtype))
    """

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        raise NotImplementedError("Initializer subclasses must implement the `__call__()` method.")

    def get_config(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)

    def clone(self) -> Any:
        return type(self).from_config(self.get_config())

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


def _filled(shape: Any, value: Any, dtype: Any) -> Tensor:
    return wrap(np.full(tuple(shape), value, as_dtype(dtype or config.floatx())._np))


class Zeros(Initializer):
    """Zeros.

    Example:
      >>> print(tf.keras.initializers.Zeros()((2,)).numpy())
      [0. 0.]
    """

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Tensor:
        return _filled(shape, 0, dtype)


class Ones(Initializer):
    """Ones.

    Example:
      >>> print(tf.keras.initializers.Ones()((2,)).numpy())
      [1. 1.]
    """

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Tensor:
        return _filled(shape, 1, dtype)


class Constant(Initializer):
    """One value, or an array that is broadcast to the shape.

    Example:
      >>> print(tf.keras.initializers.Constant(3.0)((2,)).numpy())
      [3. 3.]
    """

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Tensor:
        value = np.asarray(self.value)
        try:
            return _filled(shape, value, dtype)
        except ValueError:
            raise InvalidArgumentError(
                None, None, f"Constant: a value of shape {value.shape} cannot be broadcast to {tuple(shape)}."
            ) from None

    def get_config(self) -> dict[str, Any]:
        from tenfold.keras.saving import serialization

        return {"value": serialization.serialize_keras_object(self.value)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        from tenfold.keras.saving import serialization

        return cls(serialization.deserialize_keras_object(config["value"]))


class Identity(Initializer):
    """The identity matrix times `gain`.

    Example:
      >>> print(tf.keras.initializers.Identity()((2, 2)).numpy())
      [[1. 0.]
       [0. 1.]]
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Tensor:
        if len(shape) != 2:
            raise ValueError(
                f"Identity matrix initializer can only be used for 2D matrices. Received: shape={shape} of rank {len(shape)}."
            )
        return wrap((self.gain * np.eye(*shape)).astype(as_dtype(dtype or config.floatx())._np))

    def get_config(self) -> dict[str, Any]:
        return {"gain": self.gain}


class RandomInitializer(Initializer):
    """Base of random initializers; one instance gives the same values for the same shape."""

    def __init__(self, seed: Any = None) -> None:
        self._init_seed = seed
        if seed is None:
            seed = random.make_default_seed()
        elif isinstance(seed, dict):
            seed = random.SeedGenerator.from_config(seed.get("config", seed))
        elif not isinstance(seed, (int, random.SeedGenerator)):
            raise ValueError(
                f"`seed` argument should be an instance of `keras.random.SeedGenerator()` or an integer. Received: seed={seed}"
            )
        self.seed = seed

    def get_config(self) -> dict[str, Any]:
        from tenfold.keras.saving import serialization

        return {"seed": serialization.serialize_keras_object(self._init_seed)}


class RandomNormal(RandomInitializer):
    """Normal numbers.

    Example:
      >>> tf.keras.initializers.RandomNormal(stddev=0.1, seed=1)((2, 3)).shape
      TensorShape([2, 3])
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        super().__init__(seed)
        self.mean, self.stddev = mean, stddev

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Tensor:
        return random.normal(shape, self.mean, self.stddev, dtype, self.seed)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


class TruncatedNormal(RandomNormal):
    """Normal numbers, none further than two standard deviations from the mean.

    Example:
      >>> bool(tf.reduce_max(tf.abs(tf.keras.initializers.TruncatedNormal()((100,)))) <= 0.1)
      True
    """

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Tensor:
        return random.truncated_normal(shape, self.mean, self.stddev, dtype, self.seed)


class RandomUniform(RandomInitializer):
    """Uniform numbers from `[minval, maxval)`.

    Example:
      >>> tf.keras.initializers.RandomUniform()((2, 3)).shape
      TensorShape([2, 3])
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None) -> None:
        super().__init__(seed)
        self.minval, self.maxval = minval, maxval

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Tensor:
        return random.uniform(shape, self.minval, self.maxval, dtype, self.seed)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "minval": self.minval, "maxval": self.maxval}


def compute_fans(shape: Any, input_axes: Any = None, output_axes: Any = None) -> tuple[int, int]:
    """The numbers of inputs and outputs of a unit, from the shape of a kernel."""
    shape = tuple(shape)
    if input_axes is not None and output_axes is not None:
        return math.prod(shape[a] for a in input_axes), math.prod(shape[a] for a in output_axes)
    if len(shape) < 2:
        size = shape[0] if shape else 1
        return size, size
    field = math.prod(shape[:-2])
    return shape[-2] * field, shape[-1] * field


class VarianceScaling(RandomInitializer):
    """Numbers whose variance is `scale / n`, n the number of inputs, of outputs, or their mean.

    Args:
      scale: factor of the variance.
      mode: `"fan_in"`, `"fan_out"` or `"fan_avg"`.
      distribution: `"truncated_normal"` (or `"normal"`), `"untruncated_normal"` or `"uniform"`.
      input_axes, output_axes: axes of a kernel that inputs and outputs are counted over.

    Example:
      >>> tf.keras.initializers.VarianceScaling(2.0, "fan_out")((3, 4)).shape
      TensorShape([3, 4])
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: Any = None,
        input_axes: Any = None,
        output_axes: Any = None,
    ) -> None:
        if scale <= 0.0:
            raise ValueError(f"Argument `scale` must be positive float. Received: scale={scale}")
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise ValueError(f"Invalid `mode` argument: {mode}. Please use one of {{'fan_in', 'fan_out', 'fan_avg'}}")
        distribution = distribution.lower()
        if distribution == "normal":
            distribution = "truncated_normal"
        if distribution not in ("uniform", "truncated_normal", "untruncated_normal"):
            raise ValueError(
                f"Invalid `distribution` argument: {distribution}. Please use one of "
                "{'uniform', 'truncated_normal', 'untruncated_normal'}"
            )
        super().__init__(seed)
        self.scale, self.mode, self.distribution = scale, mode, distribution
        self.input_axes, self.output_axes = input_axes, output_axes

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Tensor:
        fan_in, fan_out = compute_fans(shape, self.input_axes, self.output_axes)
        size = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2.0}[self.mode]
        scale = self.scale / max(1.0, size)
        if self.distribution == "truncated_normal":
            # 0.8796... is the standard deviation of a standard normal distribution cut off at two
            return random.truncated_normal(shape, 0.0, math.sqrt(scale) / 0.87962566103423978, dtype, self.seed)
        if self.distribution == "untruncated_normal":
            return random.normal(shape, 0.0, math.sqrt(scale), dtype, self.seed)
        limit = math.sqrt(3.0 * scale)
        return random.uniform(shape, -limit, limit, dtype, self.seed)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config["input_axes"], config["output_axes"] = self.input_axes, self.output_axes
        if type(self) is VarianceScaling:
            config.update(scale=self.scale, mode=self.mode, distribution=self.distribution)
        return config


class _Named(VarianceScaling):
    """Base of the variance scalings that bear names."""

    _kind: tuple[float, str, str]

    def __init__(self, seed: Any = None, input_axes: Any = None, output_axes: Any = None) -> None:
        scale, mode, distribution = self._kind
        super().__init__(scale, mode, distribution, seed, input_axes, output_axes)


class GlorotUniform(_Named):
    """Uniform, variance `2 / (inputs + outputs)` (Glorot and Bengio, 2010).

    Example:
      >>> tf.keras.initializers.GlorotUniform(seed=1)((3, 4)).shape
      TensorShape([3, 4])
    """

    _kind = (1.0, "fan_avg", "uniform")


class GlorotNormal(_Named):
    """Truncated normal, variance `2 / (inputs + outputs)` (Glorot and Bengio, 2010).

    Example:
      >>> tf.keras.initializers.GlorotNormal()((3, 4)).shape
      TensorShape([3, 4])
    """

    _kind = (1.0, "fan_avg", "truncated_normal")


class HeNormal(_Named):
    """Truncated normal, variance `2 / inputs` (He et al., 2015, arXiv:1502.01852).

    Example:
      >>> tf.keras.initializers.HeNormal()((3, 4)).shape
      TensorShape([3, 4])
    """

    _kind = (2.0, "fan_in", "truncated_normal")


class HeUniform(_Named):
    """Uniform, variance `2 / inputs` (He et al., 2015, arXiv:1502.01852).

    Example:
      >>> tf.keras.initializers.HeUniform()((3, 4)).shape
      TensorShape([3, 4])
    """

    _kind = (2.0, "fan_in", "uniform")


class LecunNormal(_Named):
    """Truncated normal, variance `1 / inputs`.

    Example:
      >>> tf.keras.initializers.LecunNormal()((3, 4)).shape
      TensorShape([3, 4])
    """

    _kind = (1.0, "fan_in", "truncated_normal")


class LecunUniform(_Named):
    """Uniform, variance `1 / inputs`.

    Example:
      >>> tf.keras.initializers.LecunUniform()((3, 4)).shape
      TensorShape([3, 4])
    """

    _kind = (1.0, "fan_in", "uniform")


class Orthogonal(RandomInitializer):
    """An orthogonal matrix from the QR decomposition of normal numbers (Saxe et al., 2014, arXiv:1312.6120).

    A kernel of more axes is initialized as the matrix of all axes but the last against the last.

    Example:
      >>> q = tf.keras.initializers.Orthogonal()((3, 3))
      >>> np.allclose(q @ tf.transpose(q), np.eye(3), atol=1e-5)
      True
    """

    def __init__(self, gain: float = 1.0, seed: Any = None) -> None:
        super().__init__(seed)
        self.gain = gain

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Tensor:
        if len(shape) < 2:
            raise ValueError(
                f"The tensor to initialize must be at least two-dimensional. Received: shape={shape} of rank {len(shape)}."
            )
        rows, columns = math.prod(shape[:-1]), shape[-1]
        normal = random.normal((max(rows, columns), min(rows, columns)), dtype=dtype, seed=self.seed)
        q, r = np.linalg.qr(normal._array)
        q = q * np.sign(np.diagonal(r))
        q = q.T if rows < columns else q
        return wrap(np.ascontiguousarray(self.gain * q.reshape(shape), normal._array.dtype))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "gain": self.gain}


class _Given(Constant):
    """The value of a tensor, for variables of its shape."""

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Tensor:
        if self.value.shape != tuple(shape):
            raise ValueError(
                f"Expected `shape` to be {self.value.shape} for direct tensor as initializer. Received shape={shape}"
            )
        return super().__call__(shape, dtype)


_CLASSES = (
    Zeros, Ones, Constant, Identity, RandomNormal, TruncatedNormal, RandomUniform, VarianceScaling, GlorotUniform,
    GlorotNormal, HeNormal, HeUniform, LecunNormal, LecunUniform, Orthogonal,
)  # fmt: skip
_BY_NAME: dict[str, Any] = {
    **by_both_names(_CLASSES),
    "IdentityInitializer": Identity,
    "OrthogonalInitializer": Orthogonal,
    "normal": RandomNormal,
    "uniform": RandomUniform,
    "one": Ones,
    "zero": Zeros,
}
IdentityInitializer, OrthogonalInitializer = Identity, Orthogonal
zeros, ones, constant, identity = Zeros, Ones, Constant, Identity
random_normal, truncated_normal, random_uniform = RandomNormal, TruncatedNormal, RandomUniform
variance_scaling, orthogonal = VarianceScaling, Orthogonal
glorot_uniform, glorot_normal, he_normal, he_uniform = GlorotUniform, GlorotNormal, HeNormal, HeUniform
lecun_normal, lecun_uniform = LecunNormal, LecunUniform


def serialize(initializer: Any) -> Any:
    """What stands for an initializer in a file."""
    return serialized(initializer)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The initializer that `serialize` made `config` of."""
    return deserialized(config, custom_objects, _BY_NAME)


def get(identifier: Any) -> Any:
    """The initializer that a name, a config, a class, a function or an array means.

    Raises:
      ValueError: it means none.
    Example:
      >>> tf.keras.initializers.get("he_normal")
      <HeNormal>
    """
    if isinstance(identifier, (Tensor, Variable, np.ndarray, np.generic)):
        return _Given(np.asarray(convert(identifier)._array))
    return None if identifier is None else interpreted(identifier, _BY_NAME, "initializer")
