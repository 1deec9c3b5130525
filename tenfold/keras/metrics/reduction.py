"""Sum and Mean of values, and means of functions of targets and predictions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.core.context import paused_recording
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor, wrap
from tenfold.keras.losses import _BY_NAME as _LOSSES
from tenfold.keras.metrics.arrays import array_of, masked, same_rank, spread
from tenfold.keras.metrics.metric import Metric


def _mean(values: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    count = 1
    for axis in axes:
        count *= values.shape[axis]
    return np.add.reduce(values, axes) / values.dtype.type(count)


def by_example(
    values: np.ndarray, sample_weight: Any, mask: Any, reduce: Callable[..., Any]
) -> tuple[np.ndarray, np.ndarray | None]:
    """One weighted value per example, and the weights of the examples if there are any.

    Axes that the weights do not have, and those after the first, are reduced. A mask counts only where there are weights.
    """
    weights = None
    if sample_weight is not None:
        weights = masked(array_of(sample_weight, values.dtype), mask, values.dtype)
        values, weights = same_rank(values, weights)
        rank = weights.ndim
        if values.ndim > rank:
            values = reduce(values, tuple(range(rank, values.ndim)))
        weights = spread(weights, values.shape)
        values = values * weights
        if rank > 1:
            weights = reduce(weights, tuple(range(1, rank)))
    if values.ndim > 1:
        values = reduce(values, tuple(range(1, values.ndim)))
    return values, weights


class Sum(Metric):
    """The weighted sum of all values.

    Example:
      >>> m = tf.keras.metrics.Sum()
      >>> m.update_state([1.0, 3.0])
      >>> print(m.result().numpy())
      4.0
    """

    def __init__(self, name: str | None = "sum", dtype: Any = None) -> None:
        super().__init__(dtype=dtype, name=name)
        self.total = self.add_variable((), "zeros", self._dtype, name="total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        mask = getattr(values, "_keras_mask", None)
        values, _ = by_example(array_of(values, self._dtype._np), sample_weight, mask, np.add.reduce)
        self.total._own_array()[...] += values.sum()

    def result(self) -> Tensor:
        return wrap(self.total._value._array.copy())


class Mean(Metric):
    """The weighted mean of all values.

    Example:
      >>> m = tf.keras.metrics.Mean()
      >>> m.update_state([1.0, 3.0])
      >>> print(m.result().numpy())
      2.0
    """

    def __init__(self, name: str | None = "mean", dtype: Any = None) -> None:
        super().__init__(dtype=dtype, name=name)
        self.total = self.add_variable((), "zeros", self._dtype, name="total")
        self.count = self.add_variable((), "zeros", self._dtype, name="count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        self._add(array_of(values, self._dtype._np), sample_weight, getattr(values, "_keras_mask", None))

    def _add(self, array: np.ndarray, sample_weight: Any, mask: Any) -> None:
        total, count = self.total._own_array(), self.count._own_array()
        if type(sample_weight) is int and not array.ndim:  # a loss and the size of its batch
            total += array * sample_weight
            count += sample_weight
            return
        values, weights = by_example(array, sample_weight, mask, _mean)
        total += np.add.reduce(values, None)
        count += np.add.reduce(weights, None) if weights is not None else len(values) if values.ndim else 1

    def result(self) -> Tensor:
        total, count = self.total._value._array, self.count._value._array
        return wrap(np.asarray(total / count if count else 0.0, total.dtype))


class MeanMetricWrapper(Mean):
    """The mean of a function of targets and predictions.

    Args:
      fn: function of `(y_true, y_pred)` and keywords that returns a value per example.
      name, dtype: those of `Metric`.
      **kwargs: keywords of `fn`.

    Example:
      >>> m = tf.keras.metrics.MeanMetricWrapper(lambda y_true, y_pred: tf.abs(y_true - y_pred), name="distance")
      >>> print(m([0.0, 0.0], [1.0, 3.0]).numpy())
      2.0
    """

    def __init__(self, fn: Any, name: str | None = None, dtype: Any = None, **kwargs: Any) -> None:
        super().__init__(name=name, dtype=dtype)
        self._fn, self._fn_kwargs = fn, kwargs
        if self._direction is None and _is_loss(fn):
            self._direction = "down"

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        mask = getattr(y_pred, "_keras_mask", None)
        with paused_recording():
            values = self._fn(convert(y_true), convert(y_pred), **self._fn_kwargs)
        self._add_values(values, sample_weight, mask)

    def _add_values(self, values: Any, sample_weight: Any, mask: Any) -> None:
        """Takes in values of the function, of predictions with a mask."""
        dtype = self._dtype._np
        if mask is not None:
            sample_weight = masked(sample_weight, mask, dtype)
        self._add(array_of(values, dtype), sample_weight, getattr(values, "_keras_mask", None))

    def get_config(self) -> dict[str, Any]:
        from tenfold.keras.saving import serialization

        return {**super().get_config(), **serialization.serialize_keras_object({"fn": self._fn, **self._fn_kwargs})}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        from tenfold.keras.saving import serialization

        if "fn" in config:
            config = serialization.deserialize_keras_object(config)
        return super().from_config(config)


def _is_loss(fn: Any) -> bool:
    return any(fn is known or type(fn) is known for known in _LOSSES.values())


class KnownMean(MeanMetricWrapper):
    """A mean of Keras' own functions: its options are attributes, and all of its configuration."""

    def __init__(self, fn: Any, name: str | None, dtype: Any, **options: Any) -> None:
        super().__init__(fn, name, dtype, **options)
        vars(self).update(options)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["fn"]
        return config
