"""Sum and Mean of values, and means of functions of targets and predictions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenfold.core.context import paused_recording
from tenfold.core.convert import convert
from tenfold.core.dtypes import DType
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.tensor import Tensor
from tenfold.keras.losses import _BY_NAME as _LOSSES
from tenfold.keras.losses.inputs import same_rank
from tenfold.keras.metrics.metric import Metric, of_ops
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import elementwise, sizes
from tenfold.ops import reduce as reduce_ops


def _tensor(value: Any, dtype: DType) -> Tensor:
    return cast_ops.cast(convert(value, None, dtype), dtype)


def _masked(sample_weight: Any, mask: Any, dtype: DType) -> Any:
    """Weights that are zero where a mask is; None if there are neither."""
    if mask is None:
        return sample_weight
    kept = _tensor(mask, dtype)
    if sample_weight is None:
        return kept
    kept, weights = same_rank(kept, _tensor(sample_weight, dtype))
    return weights * kept


def by_example(
    values: Tensor, sample_weight: Any, mask: Any, reduce: Callable[..., Tensor]
) -> tuple[Tensor, Tensor | None]:
    """One weighted value per example, and the weights of the examples if there are any.

    Axes that the weights do not have, and those after the first, are reduced. A mask counts only where there are weights.
    """
    weights = None
    if sample_weight is not None:
        weights = _tensor(_masked(sample_weight, mask, values.dtype), values.dtype)
        values, weights = same_rank(values, weights)
        rank = weights._array.ndim
        if values._array.ndim > rank:
            values = reduce(values, tuple(range(rank, values._array.ndim)))
        weights = _spread(weights, values)
        values = values * weights
        if rank > 1:
            weights = reduce(weights, tuple(range(1, rank)))
    if values._array.ndim > 1:
        values = reduce(values, tuple(range(1, values._array.ndim)))
    return values, weights


def _spread(weights: Tensor, values: Tensor) -> Tensor:
    """Weights, one for each value."""
    if weights._array.shape == values._array.shape:
        return weights
    try:
        return array_ops.broadcast_to(weights, values._array.shape)
    except (InvalidArgumentError, ValueError):
        raise InvalidArgumentError(
            f"sample_weight is {weights._array.shape}, the values are {values._array.shape}; it must have the shape of the "
            "values, or of their first axes."
        ) from None


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

    @of_ops
    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        mask = getattr(values, "_keras_mask", None)
        values, _ = by_example(_tensor(values, self._dtype), sample_weight, mask, reduce_ops.reduce_sum)
        self.total.assign_add(reduce_ops.reduce_sum(values))

    @of_ops
    def result(self) -> Tensor:
        return self.total.value


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

    @of_ops
    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        self._add(_tensor(values, self._dtype), sample_weight, getattr(values, "_keras_mask", None))

    def _add(self, values: Tensor, sample_weight: Any, mask: Any) -> None:
        values, weights = by_example(values, sample_weight, mask, reduce_ops.reduce_mean)
        if weights is not None:
            count = reduce_ops.reduce_sum(weights)
        else:
            count = _tensor(rows_of(values), self._dtype)
        self.total.assign_add(reduce_ops.reduce_sum(values))
        self.count.assign_add(count)

    @of_ops
    def result(self) -> Tensor:
        return elementwise.divide_no_nan(self.total.value, self.count.value)


def rows_of(values: Tensor) -> Any:
    """The number of rows of a tensor; 1 of a scalar."""
    shape = values._array.shape
    return 1 if not shape else shape[0] if type(shape[0]) is int else sizes.shape(values)[0]


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

    @of_ops
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        mask = getattr(y_pred, "_keras_mask", None)
        with paused_recording():
            values = self._fn(convert(y_true), convert(y_pred), **self._fn_kwargs)
        self._add_values(values, sample_weight, mask)

    def _add_values(self, values: Any, sample_weight: Any, mask: Any) -> None:
        """Takes in values of the function, of predictions with a mask."""
        if mask is not None:
            sample_weight = _masked(sample_weight, mask, self._dtype)
        self._add(_tensor(values, self._dtype), sample_weight, getattr(values, "_keras_mask", None))

    def get_config(self) -> dict[str, Any]:
        from tenfold.keras.saving import serialization

        return {**super().get_config(), **serialization.serialize_keras_object({"fn": self._fn, **self._fn_kwargs})}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        from tenfold.keras.saving import serialization

        if "fn" in config:
            own = {key: config[key] for key in ("name", "dtype") if key in config}  # no names of custom functions
            config = serialization.deserialize_keras_object(config) | own
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
