"""`tf.zeros_initializer` and its kin: functions of a shape and a dtype that can be written down and read back."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.dtypes import DType, as_dtype, float32
from tenfold.core.tensor import Tensor
from tenfold.ops import creation, random


class _Initializer:
    """Base: `partition_shape` stands for the shape where a variable is made in parts."""

    def __call__(self, shape: Any, dtype: Any = float32, **kwargs: Any) -> Tensor:
        unknown = [name for name in kwargs if name not in ("partition_shape", "partition_offset")]
        if unknown:
            raise TypeError(
                "Keyword argument should be one of ['partition_shape', 'partition_offset']. "
                f"Received: {', '.join(unknown)}"
            )
        part = kwargs.get("partition_shape")
        return self._values(shape if part is None else part, dtype)

    def _values(self, shape: Any, dtype: Any) -> Tensor:
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """The arguments of the initializer."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """An initializer of these arguments."""
        return cls(**{name: value for name, value in config.items() if name != "dtype"})


def _filled(shape: Any, value: int, dtype: Any) -> Tensor:
    dtype = as_dtype(dtype)
    if not (dtype.is_floating or dtype.is_complex or dtype.is_integer or dtype.is_bool):
        raise ValueError(f"Argument `dtype` expected to be numeric or boolean. Received {dtype!r}.")
    return creation.ones(shape, dtype) if value else creation.zeros(shape, dtype)


class Zeros(_Initializer):
    """Zeros: `tf.zeros_initializer`.

    Example:
      >>> print(tf.zeros_initializer()([2], dtype=tf.int32).numpy())
      [0 0]
    """

    def _values(self, shape: Any, dtype: Any) -> Tensor:
        return _filled(shape, 0, dtype)


class Ones(_Initializer):
    """Ones: `tf.ones_initializer`.

    Example:
      >>> print(tf.ones_initializer()([2]).numpy())
      [1. 1.]
    """

    def _values(self, shape: Any, dtype: Any) -> Tensor:
        return _filled(shape, 1, dtype)


class Constant(_Initializer):
    """A value, or values that are laid out in the shape: `tf.constant_initializer`.

    Args:
      value: Python number, list or array; of as many elements as the shape, or one.
      support_partition: whether a part of a variable may be asked for.
    Raises:
      TypeError: the value is a function, or has another number of elements.
    Example:
      >>> print(tf.constant_initializer([1, 2, 3, 4])([2, 2]).numpy())
      [[1 2]
       [3 4]]
    """

    def __init__(self, value: Any = 0, support_partition: bool = False) -> None:
        if not (np.isscalar(value) or isinstance(value, (list, tuple, np.ndarray))):
            raise TypeError(
                f"Invalid type for initial value: {type(value).__name__}. Expected Python scalar, list or tuple of values, "
                "or numpy.ndarray."
            )
        self.value, self.support_partition = value, support_partition

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Tensor:
        if kwargs and not self.support_partition:
            raise ValueError("Constant initializer doesn't support partition-related arguments")
        return super().__call__(shape, dtype, **{**kwargs, "partition_shape": shape})  # TensorFlow's parts are wholes

    def _values(self, shape: Any, dtype: Any) -> Tensor:
        return creation.constant(self.value, None if dtype is None else as_dtype(dtype), shape)

    def get_config(self) -> dict[str, Any]:
        return {"value": self.value}


class _Random(_Initializer):
    """Base: with a seed, every call gives the same values."""

    seed: int | None

    def _draw(self, shape: Any, dtype: DType, seeded: Any, unseeded: Any, **bounds: Any) -> Tensor:
        if self.seed is None:
            return unseeded(shape, dtype=dtype, **bounds)
        return seeded(shape, [self.seed, 0], dtype=dtype, **bounds)


class RandomUniform(_Random):
    """Uniform numbers from `[minval, maxval)`: `tf.random_uniform_initializer`.

    Args:
      minval, maxval: the bounds.
      seed: int; the same one gives the same values, in every call.
    Example:
      >>> initializer = tf.random_uniform_initializer(0, 5, seed=4)
      >>> print(initializer([3], dtype=tf.int32).numpy())
      [2 0 4]
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None) -> None:
        self.minval, self.maxval, self.seed = minval, maxval, seed

    def _values(self, shape: Any, dtype: Any) -> Tensor:
        dtype = as_dtype(dtype)
        if not (dtype.is_floating or dtype.is_integer):
            raise ValueError(f"Argument `dtype` expected to be numeric or boolean. Received {dtype!r}.")
        bounds = {"minval": self.minval, "maxval": self.maxval}
        return self._draw(shape, dtype, random.stateless_uniform, random.uniform, **bounds)

    def get_config(self) -> dict[str, Any]:
        return {"minval": self.minval, "maxval": self.maxval, "seed": self.seed}


class RandomNormal(_Random):
    """Normal numbers: `tf.random_normal_initializer`.

    Args:
      mean, stddev: of the distribution.
      seed: int; the same one gives the same values, in every call.
    Raises:
      ValueError: when called with a dtype that is not floating.
    Example:
      >>> print(tf.random_normal_initializer(seed=1)([2]).numpy())
      [ 0.00633252 -0.02465083]
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        self.mean, self.stddev, self.seed = mean, stddev, seed

    def _values(self, shape: Any, dtype: Any) -> Tensor:
        dtype = as_dtype(dtype)
        if not dtype.is_floating:
            raise ValueError(f"Argument `dtype` is expected to be floating point. Received: {dtype!r}.")
        bounds = {"mean": self.mean, "stddev": self.stddev}
        return self._draw(shape, dtype, random.stateless_normal, random.normal, **bounds)

    def get_config(self) -> dict[str, Any]:
        return {"mean": self.mean, "stddev": self.stddev, "seed": self.seed}
