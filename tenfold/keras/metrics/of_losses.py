"""Metrics that are the mean of a loss function, and what is derived from squared errors."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.tensor import Tensor, wrap
from tenfold.keras.losses import crossentropy, functions
from tenfold.keras.metrics.metric import Mean, MeanMetricWrapper, Metric, _same_rank, array_of, no_nan
from tenfold.keras.variables import Variable


class _LossMetric(MeanMetricWrapper):
    """Base of the means of loss functions that take no keywords."""

    _direction = "down"
    _loss: Any
    _default_name: str

    def __init__(self, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(type(self)._loss, name or self._default_name, dtype)


class MeanSquaredError(_LossMetric):
    """The mean of squared errors.

    Example:
      >>> print(tf.keras.metrics.MeanSquaredError()([[0.0, 1.0]], [[1.0, 1.0]]).numpy())
      0.5
    """

    _loss, _default_name = staticmethod(functions.mean_squared_error), "mean_squared_error"


class MeanAbsoluteError(_LossMetric):
    """The mean of absolute errors.

    Example:
      >>> print(tf.keras.metrics.MeanAbsoluteError()([[0.0, 1.0]], [[1.0, 1.0]]).numpy())
      0.5
    """

    _loss, _default_name = staticmethod(functions.mean_absolute_error), "mean_absolute_error"


class MeanAbsolutePercentageError(_LossMetric):
    """The mean of absolute errors in percent of the targets.

    Example:
      >>> print(tf.keras.metrics.MeanAbsolutePercentageError()([[2.0, 1.0]], [[1.0, 1.0]]).numpy())
      25.0
    """

    _loss, _default_name = staticmethod(functions.mean_absolute_percentage_error), "mean_absolute_percentage_error"


class MeanSquaredLogarithmicError(_LossMetric):
    """The mean of squared differences of logarithms.

    Example:
      >>> print(tf.keras.metrics.MeanSquaredLogarithmicError()([[1.0]], [[1.0]]).numpy())
      0.0
    """

    _loss, _default_name = staticmethod(functions.mean_squared_logarithmic_error), "mean_squared_logarithmic_error"


class LogCoshError(_LossMetric):
    """The mean of `log(cosh(error))`.

    Example:
      >>> print(tf.keras.metrics.LogCoshError()([[0.0]], [[0.0]]).numpy())
      0.0
    """

    _loss, _default_name = staticmethod(functions.log_cosh), "logcosh"


class Hinge(_LossMetric):
    """The mean of `max(1 - y_true * y_pred, 0)`.

    Example:
      >>> print(tf.keras.metrics.Hinge()([[1.0, -1.0]], [[2.0, 0.5]]).numpy())
      0.75
    """

    _loss, _default_name = staticmethod(functions.hinge), "hinge"


class SquaredHinge(_LossMetric):
    """The mean of `max(1 - y_true * y_pred, 0)^2`.

    Example:
      >>> print(tf.keras.metrics.SquaredHinge()([[1.0, -1.0]], [[2.0, 0.5]]).numpy())
      1.125
    """

    _loss, _default_name = staticmethod(functions.squared_hinge), "squared_hinge"


class CategoricalHinge(_LossMetric):
    """The mean of `max(highest wrong - right + 1, 0)`.

    Example:
      >>> print(tf.keras.metrics.CategoricalHinge()([[0.0, 1.0]], [[1.0, 0.5]]).numpy())
      1.5
    """

    _loss, _default_name = staticmethod(functions.categorical_hinge), "categorical_hinge"


class KLDivergence(_LossMetric):
    """The mean Kullback-Leibler divergence.

    Example:
      >>> print(tf.keras.metrics.KLDivergence()([[0.5, 0.5]], [[0.5, 0.5]]).numpy())
      0.0
    """

    _loss, _default_name = staticmethod(functions.kl_divergence), "kl_divergence"


class Poisson(_LossMetric):
    """The mean of `y_pred - y_true * log(y_pred)`.

    Example:
      >>> print(tf.keras.metrics.Poisson()([[0.0]], [[2.0]]).numpy())
      2.0
    """

    _loss, _default_name = staticmethod(functions.poisson), "poisson"


class BinaryCrossentropy(MeanMetricWrapper):
    """The mean cross-entropy of targets 0 and 1.

    Example:
      >>> print(tf.keras.metrics.BinaryCrossentropy()([[1.0]], [[0.5]]).numpy().round(4))
      0.6931
    """

    _direction = "down"

    def __init__(
        self, name: str | None = "binary_crossentropy", dtype: Any = None, from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:  # fmt: skip
        super().__init__(
            crossentropy.binary_crossentropy, name, dtype, from_logits=from_logits, label_smoothing=label_smoothing
        )


class CategoricalCrossentropy(MeanMetricWrapper):
    """The mean cross-entropy of one-hot targets.

    Example:
      >>> print(tf.keras.metrics.CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]]).numpy().round(4))
      0.6931
    """

    _direction = "down"

    def __init__(
        self, name: str | None = "categorical_crossentropy", dtype: Any = None, from_logits: bool = False,
        label_smoothing: float = 0, axis: int = -1,
    ) -> None:  # fmt: skip
        super().__init__(
            crossentropy.categorical_crossentropy, name, dtype, from_logits=from_logits, label_smoothing=label_smoothing,
            axis=axis,
        )  # fmt: skip


class SparseCategoricalCrossentropy(MeanMetricWrapper):
    """The mean cross-entropy of targets that are numbers of classes.

    Example:
      >>> print(tf.keras.metrics.SparseCategoricalCrossentropy()([1], [[0.5, 0.5]]).numpy().round(4))
      0.6931
    """

    _direction = "down"

    def __init__(
        self, name: str | None = "sparse_categorical_crossentropy", dtype: Any = None, from_logits: bool = False,
        axis: int = -1,
    ) -> None:  # fmt: skip
        super().__init__(crossentropy.sparse_categorical_crossentropy, name, dtype, from_logits=from_logits, axis=axis)


def _cosine(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    return -functions.cosine_similarity(y_true, y_pred, axis)


class CosineSimilarity(MeanMetricWrapper):
    """The mean cosine of the angle between targets and predictions.

    Example:
      >>> print(tf.keras.metrics.CosineSimilarity()([[0.0, 1.0]], [[0.0, 2.0]]).numpy())
      1.0
    """

    _direction = "up"

    def __init__(self, name: str | None = "cosine_similarity", dtype: Any = None, axis: int = -1) -> None:
        super().__init__(_cosine, name, dtype, axis=axis)


class RootMeanSquaredError(Mean):
    """The root of the mean of squared errors.

    Example:
      >>> print(tf.keras.metrics.RootMeanSquaredError()([[0.0, 0.0]], [[3.0, 3.0]]).numpy())
      3.0
    """

    _direction = "down"

    def __init__(self, name: str | None = "root_mean_squared_error", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        a, b = _same_rank(array_of(y_true, self._dtype._np), array_of(y_pred, self._dtype._np))
        self._add(np.square(a - b), sample_weight, getattr(y_pred, "_keras_mask", None))

    def result(self) -> Tensor:
        return wrap(np.asarray(np.sqrt(super().result()._array)))


class R2Score(Metric):
    """The coefficient of determination: the share of the targets' variance that is explained.

    Args:
      class_aggregation: how several outputs are combined: `"uniform_average"`, `"variance_weighted_average"` or None.
      num_regressors: number of independent variables, for the adjusted score.

    Example:
      >>> print(tf.keras.metrics.R2Score()([[1.0], [2.0]], [[1.0], [2.0]]).numpy())
      1.0
    """

    _direction = "up"
    sum: Variable
    squared_sum: Variable
    total_mse: Variable
    count: Variable

    def __init__(
        self, class_aggregation: str | None = "uniform_average", num_regressors: int = 0, name: str | None = "r2_score",
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(name=name, dtype=dtype)
        if class_aggregation not in (None, "uniform_average", "variance_weighted_average"):
            raise ValueError(
                f"Invalid value for argument `class_aggregation`. Received: class_aggregation={class_aggregation}"
            )
        if num_regressors < 0:
            raise ValueError(
                f"Invalid value for argument `num_regressors`. Expected a value >= 0. Received: num_regressors={num_regressors}"
            )
        self.class_aggregation, self.num_regressors = class_aggregation, num_regressors
        self.num_samples = self.add_variable((), dtype="int32", name="num_samples")
        self._is_built = False

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        dtype = self._dtype._np
        true, pred = array_of(y_true, dtype), array_of(y_pred, dtype)
        if not self._is_built:
            if true.ndim != 2 or pred.ndim != 2:
                raise ValueError(
                    "R2Score expects 2D inputs with shape (batch_size, output_dim). Received input shapes: "
                    f"y_pred.shape={pred.shape} and y_true.shape={true.shape}."
                )
            for name in ("squared_sum", "sum", "total_mse", "count"):
                setattr(self, name, self.add_variable((true.shape[-1],), name=name))
            self._is_built = True
        weights = np.ones((len(true), 1), dtype) if sample_weight is None else array_of(sample_weight, dtype)
        weights = np.broadcast_to(weights.reshape(len(true), -1), true.shape)
        self.sum._own_array()[...] += (true * weights).sum(0)
        self.squared_sum._own_array()[...] += (true * true * weights).sum(0)
        self.total_mse._own_array()[...] += (np.square(true - pred) * weights).sum(0)
        self.count._own_array()[...] += weights.sum(0)
        self.num_samples._own_array()[...] += true.size

    def result(self) -> Tensor:
        total, squares, errors, count = (
            v._value._array for v in (self.sum, self.squared_sum, self.total_mse, self.count)
        )
        variance = squares - total * no_nan(total, count)
        raw = 1 - no_nan(errors, variance)
        raw = np.where(np.isinf(raw), 0.0, raw)
        if self.class_aggregation == "uniform_average":
            raw = raw.mean()
        elif self.class_aggregation == "variance_weighted_average":
            raw = no_nan((raw * variance).sum(), variance.sum())
        if self.num_regressors:
            samples = float(self.num_samples._value._array)
            numerator = (1.0 - raw) * (samples - 1.0)
            raw = 1.0 - numerator / (samples - self.num_regressors - 1.0)
        return wrap(np.asarray(raw, self._dtype._np))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "class_aggregation": self.class_aggregation,
            "num_regressors": self.num_regressors,
        }
