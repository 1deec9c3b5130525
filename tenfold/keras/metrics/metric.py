"""Metric: a number that is gathered batch by batch. Mean, Sum, and means of functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.context import paused_recording
from tenfold.core.convert import convert
from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.tensor import Tensor, wrap
from tenfold.keras import config, initializers, naming
from tenfold.keras.notes import note_once
from tenfold.keras.variables import Variable, path_scope


class Metric:
    """Base of metrics: `update_state` takes in a batch, `result` says what came out, `reset_state` begins anew.

    Args:
      dtype: dtype of the state, the default float type if None.
      name: name of the metric.

    Example:
      >>> class Largest(tf.keras.metrics.Metric):
      ...     def __init__(self, **kwargs):
      ...         super().__init__(**kwargs)
      ...         self.largest = self.add_weight(shape=(), initializer="zeros", name="largest")
      ...     def update_state(self, y_true, y_pred, sample_weight=None):
      ...         self.largest.assign(tf.maximum(self.largest, tf.reduce_max(y_pred)))
      ...     def result(self):
      ...         return self.largest.value
      >>> print(Largest()([0.0], [3.0]).numpy())
      3.0
    """

    _tracked_as = "_metrics"
    _direction: str | None = None  # "up" where larger is better, "down" where smaller is

    def __init__(self, dtype: Any = None, name: str | None = None, **kwargs: Any) -> None:
        if kwargs:
            raise TypeError(f"{type(self).__name__}: unexpected arguments {sorted(kwargs)}.")
        self.name = name or naming.auto_name(type(self).__name__)
        self._dtype: DType = as_dtype(getattr(dtype, "compute_dtype", dtype) or config.floatx())
        self._variables: list[Any] = []
        self._metrics: list[Metric] = []

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, Metric):
            self._metrics.append(value)
        elif isinstance(value, Variable) and all(value is not known for known in self._variables):
            self._variables.append(value)
        object.__setattr__(self, name, value)

    @property
    def dtype(self) -> str:
        return self._dtype.name

    @property
    def variables(self) -> list:
        return [*self._variables, *(v for metric in self._metrics for v in metric.variables)]

    weights = variables

    def add_variable(
        self, shape: Any, initializer: Any = "zeros", dtype: Any = None, aggregation: str = "sum", layout: Any = None,
        name: str | None = None,
    ) -> Variable:  # fmt: skip
        """Makes a variable of the metric's state."""
        with path_scope(self.name, self):
            start = initializers.get(initializer)
            variable = Variable(start, shape=tuple(shape), dtype=dtype or self._dtype, trainable=False, name=name)
        self._variables.append(variable)
        return variable

    def add_weight(
        self, shape: Any = (), initializer: Any = "zeros", dtype: Any = None, name: str | None = None, **kwargs: Any
    ) -> Variable:
        """`add_variable`; a name may also come first, as in Keras 2."""
        if isinstance(shape, str):
            shape, name = (initializer if isinstance(initializer, (tuple, list)) else kwargs.pop("shape", ())), shape
            initializer = "zeros" if isinstance(initializer, (tuple, list)) else initializer
        kwargs.pop("aggregation", None)
        if kwargs:
            raise TypeError(f"Metric.add_weight: unexpected arguments {sorted(kwargs)}.")
        return self.add_variable(shape, initializer, dtype, name=name)

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError

    def result(self) -> Any:
        raise NotImplementedError

    def reset_state(self) -> None:
        """Sets the state to zeros."""
        for variable in self.variables:
            variable._own_array()[...] = 0

    def reset_states(self) -> None:
        """`reset_state`, by its name in Keras 2."""
        note_once("`Metric.reset_states` is `reset_state` now.")
        self.reset_state()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with paused_recording():
            self.update_state(*args, **kwargs)
            return self.result()

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        config = dict(config)
        if isinstance(config.get("dtype"), dict):
            config["dtype"] = config["dtype"]["config"]["name"]
        return cls(**config)

    def save_own_variables(self, store: Any) -> None:
        for i, variable in enumerate(self.variables):
            store[str(i)] = variable

    def load_own_variables(self, store: Any) -> None:
        for i, variable in enumerate(self.variables):
            variable.assign(np.asarray(store[str(i)]))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


def array_of(value: Any, dtype: np.dtype | None = None) -> np.ndarray:
    """The values of a tensor, an array or a list; of a dtype if given."""
    array = value._array if type(value) is Tensor else convert(value)._array
    return array if dtype is None or array.dtype is dtype else array.astype(dtype)


def no_nan(a: Any, b: Any) -> Any:
    """`a / b`, zero where `b` is zero."""
    a, b = np.asarray(a), np.asarray(b)
    return np.where(b == 0, 0, a / np.where(b == 0, 1, b)).astype(np.result_type(a, b))


def weighted(values: np.ndarray, sample_weight: Any, mask: Any = None) -> tuple[np.ndarray, np.ndarray | None]:
    """Values and weights of equal shape, the mask multiplied into the weights; no weights at all are None."""
    dtype = values.dtype
    weights = None if sample_weight is None else array_of(sample_weight, dtype)
    if mask is not None:
        kept = array_of(mask, dtype)
        if weights is not None:
            kept, weights = _same_rank(kept, weights)
            kept = kept * weights
        weights = kept
    if weights is None:
        return values, None
    if values.ndim > weights.ndim and weights.ndim:
        extra = values.ndim - weights.ndim
        if values.shape[: weights.ndim] == weights.shape:
            values = values.mean(tuple(range(weights.ndim, values.ndim)), dtype=dtype)
        else:
            weights = weights.reshape(weights.shape + (1,) * extra)
    values, weights = _same_rank(values, weights)
    return values, np.broadcast_to(weights, values.shape)


def _same_rank(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if a.ndim == b.ndim + 1 and a.shape[-1] == 1:
        return a[..., 0], b
    if b.ndim == a.ndim + 1 and b.shape[-1] == 1:
        return a, b[..., 0]
    return a, b


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
        self.total = self.add_variable((), name="total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        array, weights = weighted(
            array_of(values, self._dtype._np), sample_weight, getattr(values, "_keras_mask", None)
        )
        self.total._own_array()[...] += array.sum() if weights is None else (array * weights).sum()

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
        self.total = self.add_variable((), name="total")
        self.count = self.add_variable((), name="count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        self._add(array_of(values, self._dtype._np), sample_weight, getattr(values, "_keras_mask", None))

    def _add(self, array: np.ndarray, sample_weight: Any = None, mask: Any = None) -> None:
        total, count = self.total._own_array(), self.count._own_array()
        if sample_weight is None and mask is None:
            total += np.add.reduce(array, None)
            count += array.size
        elif type(sample_weight) is int and not array.ndim:
            total += array * sample_weight
            count += sample_weight
        else:
            array, weights = weighted(array, sample_weight, mask)
            total += (array * weights).sum()
            count += weights.sum()  # type: ignore[union-attr]

    def result(self) -> Tensor:
        total, count = self.total._value._array, self.count._value._array
        return wrap(np.asarray(total / count if count else total * 0, total.dtype))


class MeanMetricWrapper(Mean):
    """The mean of a function of targets and predictions.

    Args:
      fn: function of `(y_true, y_pred)` and keywords that returns a value per example.

    Example:
      >>> m = tf.keras.metrics.MeanMetricWrapper(lambda y_true, y_pred: tf.abs(y_true - y_pred), name="distance")
      >>> print(m([0.0, 0.0], [1.0, 3.0]).numpy())
      2.0
    """

    def __init__(self, fn: Any, name: str | None = None, dtype: Any = None, **kwargs: Any) -> None:
        super().__init__(name=name, dtype=dtype)
        self._fn, self._fn_kwargs = fn, kwargs

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        mask = getattr(y_pred, "_keras_mask", None)
        with paused_recording():
            values = self._fn(convert(y_true), convert(y_pred), **self._fn_kwargs)
        own_mask = getattr(values, "_keras_mask", None)
        if own_mask is not None:
            mask = own_mask if mask is None else wrap(array_of(mask) & array_of(own_mask))
        self._add(array_of(values, self._dtype._np), sample_weight, mask)

    def get_config(self) -> dict[str, Any]:
        from tenfold.keras.saving import serialization

        config = super().get_config()
        if type(self) is MeanMetricWrapper:
            config["fn"] = serialization.serialize_keras_object(self._fn)
        return {**config, **serialization.serialize_keras_object(self._fn_kwargs)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        from tenfold.keras.saving import serialization

        if "fn" in config:
            config = serialization.deserialize_keras_object(config)
        return super().from_config(config)
