"""Normalization: values shifted and scaled to mean 0 and variance 1."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras import config
from tenfold.keras.layers.preprocessing.base import PreprocessingLayer
from tenfold.ops import array as array_ops
from tenfold.ops import cast, creation, elementwise, exponential, normalization


class Normalization(PreprocessingLayer):
    """Shifts and scales values to mean 0 and variance 1, as they are in the data that it adapts to.

    Args:
      axis: int, or several: the axes of which each position has a mean and a variance of its own; None for one for all.
      mean, variance: what they are, in place of `adapt`.
      invert: whether values that are normalized already are made what they were.

    Example:
      >>> layer = tf.keras.layers.Normalization(axis=None)
      >>> layer.adapt(np.array([1.0, 2.0, 3.0, 4.0, 5.0], np.float32))
      >>> print(layer([1.0, 3.0]).numpy())
      [-1.4142135  0.       ]
    """

    def __init__(
        self, axis: Any = -1, mean: Any = None, variance: Any = None, invert: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.axis = () if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        self.input_mean, self.input_variance, self.invert = mean, variance, invert
        self.supports_masking = True
        self._build_input_shape: tuple | None = None
        if (mean is not None) != (variance is not None):
            raise ValueError(
                f"When setting values directly, both `mean` and `variance` must be set. Received: mean={mean} and variance={variance}"
            )
        shape = np.shape(mean if mean is not None else 0.0)
        if shape != np.shape(variance if variance is not None else 0.0) or len(shape) > len(self.axis):
            raise ValueError(
                f"Normalization: `mean` and `variance` must have one shape, with no more axes than `axis` has. Received: {shape}, "
                f"{np.shape(variance)} and axis={self.axis}"
            )

    def build(self, input_shape: Any) -> None:
        if input_shape is None:
            return
        shape = tuple(input_shape)
        rank = len(shape)
        if any(not -rank <= axis < rank for axis in self.axis):
            raise ValueError(
                "All `axis` values must be in the range [-ndim, ndim). Received inputs with "
                f"ndim={rank}, while axis={self.axis}"
            )
        self._build_input_shape = shape
        self._keep_axis = tuple(sorted(axis % rank for axis in self.axis))
        if any(shape[axis] is None for axis in self._keep_axis):
            raise ValueError(
                f"All `axis` values to be kept must have a known shape. Received axis={self.axis}, inputs.shape={shape}"
            )
        self._reduce_axis = tuple(axis for axis in range(rank) if axis not in self._keep_axis)
        self._broadcast_shape = tuple(shape[axis] if axis in self._keep_axis else 1 for axis in range(rank))
        if self.input_mean is None:
            kept = tuple(shape[axis] for axis in self._keep_axis)
            self.adapt_mean = self.add_weight(name="mean", shape=kept, initializer="zeros", trainable=False)
            self.adapt_variance = self.add_weight(name="variance", shape=kept, initializer="ones", trainable=False)
            self.count = self.add_weight(name="count", shape=(), dtype="int64", initializer="zeros", trainable=False)

    @property
    def mean(self) -> Tensor | None:
        """What is subtracted, in a shape that is broadcast to the inputs'; None before the layer is built."""
        return self._moment(self.input_mean, "adapt_mean")

    @property
    def variance(self) -> Tensor | None:
        """By whose square root is divided, in a shape that is broadcast to the inputs'; None before the layer is built."""
        return self._moment(self.input_variance, "adapt_variance")

    def _moment(self, given: Any, attribute: str) -> Tensor | None:
        if self._build_input_shape is None:
            return None
        if given is None:
            moment = array_ops.reshape(getattr(self, attribute), self._broadcast_shape)
        else:
            moment = convert(np.asarray(given, config.floatx()))
            expanded = [1] * len(self._broadcast_shape)
            for i in range(1, moment.ndim + 1):
                expanded[self._keep_axis[-i]] = moment.shape[-i]
            moment = array_ops.broadcast_to(array_ops.reshape(moment, expanded), self._broadcast_shape)
        return cast.cast(moment, self.compute_dtype)

    def adapt(self, data: Any) -> None:
        """Takes over the mean and the variance of data.

        Args:
          data: array or tensor, or an iterable of batches, which may be pairs of inputs and labels.
        Raises:
          ValueError: the layer was made with `mean`, there are no batches, or their shapes differ where each position has a mean of its own.
          TypeError: `data` is something else.
        """
        if self.input_mean is not None:
            raise ValueError("Normalization.adapt: the layer was made with `mean` and `variance`. Leave them out.")
        if isinstance(data, (np.ndarray, Tensor)):
            self._build_or_check(data.shape)
            if isinstance(data, np.ndarray):
                moments = np.mean(data, axis=self._reduce_axis), np.var(data, axis=self._reduce_axis)
            else:
                moments = _moments(data, self._reduce_axis)
        elif isinstance(data, Iterable):
            moments = self._moments_of(iter(data))
        else:
            raise TypeError(
                f"Unsupported data type: {type(data)}. `adapt` supports arrays, tensors and iterables of batches of them."
            )
        self.adapt_mean.assign(cast.cast(moments[0], self.adapt_mean.dtype))
        self.adapt_variance.assign(cast.cast(moments[1], self.adapt_variance.dtype))

    def _build_or_check(self, shape: Any) -> None:
        shape = tuple(shape)
        if not self.built:
            self.build(shape)
            return
        built = self._build_input_shape or ()
        if any(shape[axis] != built[axis] for axis in self._keep_axis):
            raise ValueError(
                f"The layer was built with input_shape={built}, but adapt() is being called with data with an incompatible shape, "
                f"data.shape={shape}"
            )

    def _moments_of(self, batches: Iterator[Any]) -> tuple[Any, Any]:
        """Mean and variance over all batches."""
        mean, variance, count = 0.0, 0.0, 0
        for batch in batches:
            batch = batch[0] if isinstance(batch, tuple) else batch
            if not hasattr(batch, "shape"):
                raise TypeError(
                    f"adapt() expects an iterable of arrays or tensors. Got an element of type {type(batch)}."
                )
            self._build_or_check(batch.shape)
            batch = cast.cast(batch, self.compute_dtype)
            size = math.prod(batch.shape[axis] for axis in self._reduce_axis)
            count += size
            of_batch, variance_of_batch = _moments(batch, self._reduce_axis)
            share = size / count
            new_mean = mean * (1.0 - share) + of_batch * share
            variance = (variance + (mean - new_mean) ** 2) * (1.0 - share) + (
                variance_of_batch + (of_batch - new_mean) ** 2
            ) * share
            mean = new_mean
        if not count:
            raise ValueError("adapt() received an empty iterable (no batches). Expected at least one batch.")
        return mean, variance

    def call(self, inputs: Any) -> Any:
        mean, variance = self.mean, self.variance
        if mean is None or variance is None:
            raise ValueError("You must call `.build(input_shape)` on the layer before using it.")
        inputs = cast.cast(inputs, self.compute_dtype)
        deviation = elementwise.maximum(exponential.sqrt(variance), config.epsilon())
        return mean + inputs * deviation if self.invert else (inputs - mean) / deviation

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "axis": self.axis,
            "invert": self.invert,
            "mean": np.array(self.input_mean).tolist(),
            "variance": np.array(self.input_variance).tolist(),
        }

    def get_build_config(self) -> dict[str, Any] | None:
        return None if self._build_input_shape is None else {"input_shape": self._build_input_shape}


def _moments(data: Tensor, axes: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    if not axes:
        return data, creation.zeros_like(data)
    return tuple(normalization.moments(data, axes))  # type: ignore[return-value]
