"""Colours changed at random."""

from __future__ import annotations

from typing import Any

from tenfold.core.tensor import Tensor
from tenfold.image.adjusting import adjust_brightness, adjust_contrast, adjust_hue, adjust_saturation
from tenfold.ops.random import stateless_uniform, uniform


def _most(name: str, max_delta: float, limit: float | None = None) -> tuple[float, float]:
    """The range of a change.

    Raises:
      ValueError: there is none.
    """
    if limit is not None and max_delta > limit:
        raise ValueError(f"tf.image.{name}: max_delta must be <= {limit}.")
    if max_delta < 0:
        raise ValueError(f"tf.image.{name}: max_delta must be non-negative.")
    return -max_delta, max_delta


def _range(name: str, lower: float, upper: float) -> tuple[float, float]:
    """The range of a factor.

    Raises:
      ValueError: there is none.
    """
    if upper <= lower:
        raise ValueError(f"tf.image.{name}: upper must be > lower.")
    if lower < 0:
        raise ValueError(f"tf.image.{name}: lower must be non-negative.")
    return lower, upper


def random_brightness(image: Any, max_delta: float, seed: int | None = None) -> Tensor:
    """`tf.image.adjust_brightness` by a number drawn from `[-max_delta, max_delta)`.

    Args:
      image: Tensor of shape `(..., height, width, channels)`.
      max_delta: not negative.
      seed: int, or None for one that the op draws.
    Raises:
      ValueError: `max_delta` is negative.
    Example:
      >>> tf.image.random_brightness(tf.ones((2, 3, 3)), 0.1).shape
      TensorShape([2, 3, 3])
    """
    return adjust_brightness(image, uniform([], *_most("random_brightness", max_delta), seed=seed))


def stateless_random_brightness(image: Any, max_delta: float, seed: Any) -> Tensor:
    """Like `tf.image.random_brightness`, by a number that the seed, two integers, decides."""
    return adjust_brightness(image, stateless_uniform([], seed, *_most("stateless_random_brightness", max_delta)))


def random_contrast(image: Any, lower: float, upper: float, seed: int | None = None) -> Tensor:
    """`tf.image.adjust_contrast` by a factor drawn from `[lower, upper)`.

    Args:
      image: Tensor of shape `(..., height, width, channels)`.
      lower, upper: the range, above 0.
      seed: int, or None for one that the op draws.
    Raises:
      ValueError: `lower` is negative, or `upper` not larger than `lower`.
    Example:
      >>> tf.image.random_contrast(tf.ones((2, 3, 3)), 0.5, 1.5).shape
      TensorShape([2, 3, 3])
    """
    return adjust_contrast(image, uniform([], *_range("random_contrast", lower, upper), seed=seed))


def stateless_random_contrast(image: Any, lower: float, upper: float, seed: Any) -> Tensor:
    """Like `tf.image.random_contrast`, by a factor that the seed, two integers, decides."""
    return adjust_contrast(image, stateless_uniform([], seed, *_range("stateless_random_contrast", lower, upper)))


def random_hue(image: Any, max_delta: float, seed: int | None = None) -> Tensor:
    """`tf.image.adjust_hue` by a number drawn from `[-max_delta, max_delta)`.

    Args:
      image: Tensor of red, green and blue along its last axis.
      max_delta: from 0 to 0.5.
      seed: int, or None for one that the op draws.
    Raises:
      ValueError: `max_delta` is another number.
    Example:
      >>> tf.image.random_hue(tf.ones((2, 3, 3)), 0.1).shape
      TensorShape([2, 3, 3])
    """
    return adjust_hue(image, uniform([], *_most("random_hue", max_delta, 0.5), seed=seed))


def stateless_random_hue(image: Any, max_delta: float, seed: Any) -> Tensor:
    """Like `tf.image.random_hue`, by a number that the seed, two integers, decides."""
    return adjust_hue(image, stateless_uniform([], seed, *_most("stateless_random_hue", max_delta, 0.5)))


def random_saturation(image: Any, lower: float, upper: float, seed: int | None = None) -> Tensor:
    """`tf.image.adjust_saturation` by a factor drawn from `[lower, upper)`; arguments as in `tf.image.random_contrast`.

    Example:
      >>> tf.image.random_saturation(tf.ones((2, 3, 3)), 0.5, 1.5).shape
      TensorShape([2, 3, 3])
    """
    return adjust_saturation(image, uniform([], *_range("random_saturation", lower, upper), seed=seed))


def stateless_random_saturation(image: Any, lower: float, upper: float, seed: Any = None) -> Tensor:
    """Like `tf.image.random_saturation`, by a factor that the seed, two integers, decides."""
    return adjust_saturation(image, stateless_uniform([], seed, *_range("stateless_random_saturation", lower, upper)))
