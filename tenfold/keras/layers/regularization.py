"""Dropout, noise and activity regularization."""

from __future__ import annotations

import math
from typing import Any

from tenfold.keras import config, random, regularizers
from tenfold.keras.layers.input_spec import InputSpec
from tenfold.keras.layers.layer import Layer
from tenfold.ops import cast as cast_ops
from tenfold.ops import logic

_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946


class _Noise(Layer):
    """Base of layers that change their input at random, in training only."""

    def __init__(self, amount: float, what: str, seed: int | None, limit: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(amount, (int, float)) or not 0 <= amount <= limit:
            raise ValueError(
                f"Invalid value received for argument `{what}`. Expected a float value between 0 and {limit:g}. Received: {what}={amount}"
            )
        self.seed = seed
        if amount > 0:
            self.seed_generator = random.SeedGenerator(seed)
        self.supports_masking = True
        self.built = True

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


def _checked_noise_shape(shape: Any) -> tuple | None:
    if shape is None:
        return None
    if isinstance(shape, str) or not hasattr(shape, "__iter__"):
        raise ValueError(f"Dropout: noise_shape={shape!r}; it must be a sequence of positive integers and Nones.")
    shape = tuple(shape)
    if any(size is not None and (not isinstance(size, int) or size <= 0) for size in shape):
        raise ValueError(f"Dropout: noise_shape={shape}; its sizes must be positive integers or None.")
    return shape


class Dropout(_Noise):
    """Sets inputs to zero with probability `rate` in training, and scales up the rest by `1 / (1 - rate)`.

    Srivastava et al., 2014. Output shape: that of the input.

    Args:
      rate: float in [0, 1].
      noise_shape: shape of the mask, which is broadcast; None stands for the input's size.
      seed: seed of the random numbers.

    Example:
      >>> print(tf.keras.layers.Dropout(0.5)(tf.ones([2])).numpy())
      [1. 1.]
    """

    _config_names: tuple[str, ...] = ("rate", "seed", "noise_shape")

    def __init__(self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(rate, "rate", seed, **kwargs)
        self.rate = rate
        self.noise_shape = _checked_noise_shape(noise_shape)

    def call(self, inputs: Any, training: Any = False) -> Any:
        if not training or not self.rate:
            return inputs
        return random.dropout(inputs, self.rate, self._noise_shape(inputs), self.seed_generator)

    def _noise_shape(self, inputs: Any) -> Any:
        return self.noise_shape


class _SpatialDropout(Dropout):
    """Base of layers that drop whole channels."""

    rank: int
    data_format = "channels_last"
    _config_names: tuple[str, ...] = ()

    def __init__(self, rate: float, seed: int | None, name: str | None, dtype: Any) -> None:
        super().__init__(rate, seed=seed, name=name, dtype=dtype)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def _noise_shape(self, inputs: Any) -> Any:
        shape = inputs._array.shape
        ones = [1] * self.rank
        return [shape[0], shape[1], *ones] if self.data_format == "channels_first" else [shape[0], *ones, shape[-1]]

    def get_config(self) -> dict[str, Any]:
        config = {"rate": self.rate, "seed": self.seed, "name": self.name, "dtype": self.dtype}
        return config if self.rank == 1 else {**config, "data_format": self.data_format}


class SpatialDropout1D(_SpatialDropout):
    """Drops whole channels of `(batch, steps, channels)`.

    Example:
      >>> tf.keras.layers.SpatialDropout1D(0.5)(tf.ones([1, 2, 3]), training=True).shape
      TensorShape([1, 2, 3])
    """

    rank = 1

    def __init__(self, rate: float, seed: int | None = None, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(rate, seed, name, dtype)


class SpatialDropout2D(_SpatialDropout):
    """Drops whole channels of `(batch, height, width, channels)`, or channels first.

    Example:
      >>> tf.keras.layers.SpatialDropout2D(0.5)(tf.ones([1, 2, 2, 3]), training=True).shape
      TensorShape([1, 2, 2, 3])
    """

    rank = 2

    def __init__(
        self,
        rate: float,
        data_format: str | None = None,
        seed: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(rate, seed, name, dtype)
        self.data_format = config.standardize_data_format(data_format)


class SpatialDropout3D(SpatialDropout2D):
    """Drops whole channels of `(batch, depth, height, width, channels)`, or channels first.

    Example:
      >>> tf.keras.layers.SpatialDropout3D(0.5)(tf.ones([1, 2, 2, 2, 3]), training=True).shape
      TensorShape([1, 2, 2, 2, 3])
    """

    rank = 3


class GaussianDropout(_Noise):
    """Multiplies with normal numbers of mean 1 and standard deviation `sqrt(rate / (1 - rate))`, in training.

    Example:
      >>> tf.keras.layers.GaussianDropout(0.5)(tf.ones([2]), training=True).shape
      TensorShape([2])
    """

    _config_names = ("rate", "seed")

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(rate, "rate", seed, **kwargs)
        self.rate = rate

    def call(self, inputs: Any, training: Any = False) -> Any:
        if not training or not self.rate:
            return inputs
        stddev = math.sqrt(self.rate / (1.0 - self.rate))
        return inputs * random.normal(inputs._array.shape, 1.0, stddev, self.compute_dtype, self.seed_generator)


class GaussianNoise(_Noise):
    """Adds normal numbers of mean 0, in training.

    Example:
      >>> tf.keras.layers.GaussianNoise(0.1)(tf.ones([2]), training=True).shape
      TensorShape([2])
    """

    _config_names = ("stddev", "seed")

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(stddev, "stddev", seed, **kwargs)
        self.stddev = stddev

    def call(self, inputs: Any, training: Any = False) -> Any:
        if not training or not self.stddev:
            return inputs
        return inputs + random.normal(inputs._array.shape, 0.0, self.stddev, self.compute_dtype, self.seed_generator)


class AlphaDropout(_Noise):
    """Dropout that keeps mean and variance of self-normalizing networks (Klambauer et al., 2017, arXiv:1706.02515).

    Example:
      >>> tf.keras.layers.AlphaDropout(0.5)(tf.ones([2]), training=True).shape
      TensorShape([2])
    """

    _config_names = ("rate", "seed")

    def __init__(self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(rate, "rate", seed, **kwargs)
        self.rate = rate
        self.noise_shape = noise_shape

    def call(self, inputs: Any, training: Any = False) -> Any:
        if not training or not self.rate:
            return inputs
        low = -_SELU_ALPHA * _SELU_SCALE
        shape = inputs._array.shape
        if self.noise_shape is not None:
            shape = [have if want is None else want for have, want in zip(shape, self.noise_shape, strict=True)]
        is_kept = logic.greater_equal(random.uniform(shape, seed=self.seed_generator), self.rate)
        kept = cast_ops.cast(is_kept, inputs.dtype)
        a = ((1 - self.rate) * (1 + self.rate * low**2)) ** -0.5
        return a * (inputs * kept + low * (1 - kept)) - a * low * self.rate


class ActivityRegularization(Layer):
    """Adds `l1 * sum(|x|) + l2 * sum(x^2)`, per row, to the loss and returns its input.

    Example:
      >>> layer = tf.keras.layers.ActivityRegularization(l1=0.5)
      >>> _ = layer(tf.constant([[1.0, -2.0]]))
      >>> print(layer.losses[0].numpy())
      1.5
    """

    _config_names = ("l1", "l2")

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        super().__init__(activity_regularizer=regularizers.L1L2(l1=l1, l2=l2), **kwargs)
        self.l1, self.l2 = l1, l2
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.pop("activity_regularizer")
        return config
