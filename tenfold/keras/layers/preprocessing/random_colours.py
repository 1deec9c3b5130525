"""RandomContrast and RandomBrightness: the colours of images changed at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenfold.core.tensor import Tensor
from tenfold.keras import ops
from tenfold.keras.layers.preprocessing.images import RandomImageLayer, factors
from tenfold.ops.cast import cast


class RandomContrast(RandomImageLayer):
    """Multiplies how far pixels are from their channel's mean by a random number for each image; in training only.

    Args:
      factor: numbers are from `[1, 1 + factor)`; of a pair in [0, 1] from `[1 - factor[0], 1 + factor[1])`.
      value_range: the least and the most that pixels may be.
      seed: int, or None for one from Python's `random`.

    Example:
      >>> print(tf.keras.layers.RandomContrast(0.0)(tf.reshape([1.0, 3.0], [1, 2, 1])).numpy().ravel())
      [1. 3.]
    """

    def __init__(
        self, factor: Any, value_range: Sequence[float] = (0, 255), seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(seed, **kwargs)
        self.factor, self.value_range = factors(factor, 0, 1), value_range

    def transformed(self, images: Tensor, training: Any) -> Tensor:
        if not training:
            return images
        low, high = 1.0 - self.factor[0], 1.0 + self.factor[1]
        factor = self.uniform((images._array.shape[0], 1, 1, 1), low, high, self.compute_dtype)
        mean = ops.mean(ops.mean(images, 1, keepdims=True), 2, keepdims=True)
        return ops.clip(ops.add(ops.multiply(ops.subtract(images, mean), factor), mean), *self.value_range)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor, "value_range": self.value_range}


class RandomBrightness(RandomImageLayer):
    """Adds a random number to all pixels of an image; in training only.

    Args:
      factor: numbers are from `[-factor, factor)` of the range of values, of a pair in [-1, 1] between these.
      value_range: the least and the most that pixels may be.
      seed: int, or None for one from Python's `random`.

    Example:
      >>> print(tf.keras.layers.RandomBrightness((0.5, 0.5))(tf.reshape([1.0, 200.0], [1, 2, 1])).numpy().ravel())
      [128.5 255. ]
    """

    def __init__(
        self, factor: Any, value_range: Sequence[float] = (0, 255), seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(seed, **kwargs)
        if not isinstance(value_range, (tuple, list)) or len(value_range) != 2:
            raise ValueError(
                f"The `value_range` argument should be a list of two numbers. Received: value_range={value_range}"
            )
        self.factor, self.value_range = factors(factor or 0.0), sorted(value_range)

    def transformed(self, images: Tensor, training: Any) -> Tensor:
        if not training:
            return images
        low, high = self.value_range
        drawn = self.uniform((images._array.shape[0], 1, 1, 1), *self.factor) * (high - low)
        return ops.clip(images + cast(drawn, images.dtype), low, high)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor, "value_range": self.value_range}
