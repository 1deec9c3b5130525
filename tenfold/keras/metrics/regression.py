"""Metrics of numbers: the root of squared errors, the share of explained variance, correlations."""

from __future__ import annotations

import warnings
from typing import Any

from tenfold.core.context import traced_graph
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras import config
from tenfold.keras.losses import inputs
from tenfold.keras.losses.inputs import pair
from tenfold.keras.metrics.metric import Metric, of_ops
from tenfold.keras.metrics.reduction import KnownMean, Mean
from tenfold.keras.variables import Variable
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import creation, elementwise, exponential, sizes, statistics
from tenfold.ops import reduce as reduce_ops
from tenfold.ops.flow import init_scope
from tenfold.ops.gather import where
from tenfold.ops.logic import is_inf


class RootMeanSquaredError(Mean):
    """The root of the mean of squared errors.

    Example:
      >>> print(tf.keras.metrics.RootMeanSquaredError()([[0.0, 0.0]], [[3.0, 3.0]]).numpy())
      3.0
    """

    _direction = "down"

    def __init__(self, name: str | None = "root_mean_squared_error", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)

    @of_ops
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        true, pred = inputs.same_rank(*[cast_ops.cast(convert(y), self._dtype) for y in (y_true, y_pred)])
        self._add(elementwise.square(pred - true), sample_weight, None)

    @of_ops
    def result(self) -> Tensor:
        return exponential.sqrt(super().result())


_AGGREGATIONS = (None, "uniform_average", "variance_weighted_average")


class R2Score(Metric):
    """The coefficient of determination: the share of the targets' variance that is explained.

    Args:
      class_aggregation: how several outputs are combined: `"uniform_average"`, `"variance_weighted_average"` or None.
      num_regressors: number of independent variables, for the adjusted score.
      name, dtype: those of `Metric`.
    Raises:
      ValueError: `class_aggregation` is another, or `num_regressors` negative.
    Example:
      >>> print(tf.keras.metrics.R2Score()([[1.0], [2.0]], [[1.0], [2.0]]).numpy())
      1.0
    """

    _direction = "up"
    squared_sum: Variable
    sum: Variable
    total_mse: Variable
    count: Variable

    def __init__(
        self, class_aggregation: str | None = "uniform_average", num_regressors: int = 0, name: str | None = "r2_score",
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(name=name, dtype=dtype)
        if class_aggregation not in _AGGREGATIONS:
            raise ValueError(f"R2Score: class_aggregation is {class_aggregation!r}; it must be one of {_AGGREGATIONS}.")
        if num_regressors < 0:
            raise ValueError(f"R2Score: num_regressors is {num_regressors}; it must not be negative.")
        self.class_aggregation, self.num_regressors = class_aggregation, num_regressors
        self.num_samples = self.add_variable((), "zeros", name="num_samples")
        self._is_built = False

    def _build(self, true: tuple, pred: tuple) -> None:
        if len(true) != 2 or len(pred) != 2:
            raise ValueError(f"R2Score: y_true is {true}, y_pred is {pred}; they must be (batch, outputs).")
        for attribute, name in (("squared_sum",) * 2, ("sum",) * 2, ("total_mse", "residual"), ("count",) * 2):
            setattr(self, attribute, self.add_variable(pred[-1:], "zeros", name=name))
        self._is_built = True

    @of_ops
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        true, pred = inputs.same_rank(*[cast_ops.cast(convert(y), self._dtype) for y in (y_true, y_pred)])
        if not self._is_built:
            with init_scope():
                self._build(true._array.shape, pred._array.shape)
        weights = creation.ones_like(true)
        if sample_weight is not None:
            given = cast_ops.cast(convert(sample_weight), self._dtype)
            weights = array_ops.broadcast_to(given[:, None] if given.ndim == 1 else given, sizes.shape(true))
        for variable, values in (
            (self.sum, true),
            (self.squared_sum, elementwise.square(true)),
            (self.total_mse, elementwise.square(true - pred)),
            (self.count, 1.0),
        ):
            variable.assign_add(cast_ops.cast(reduce_ops.reduce_sum(values * weights, 0), variable.dtype))
        self.num_samples.assign_add(cast_ops.cast(sizes.size(true), self.num_samples.dtype))

    @of_ops
    def result(self) -> Tensor:
        if not self._is_built:
            raise ValueError("R2Score: there is no result before the first batch. Call update_state() first.")
        total, squares, errors, count = (v._read() for v in (self.sum, self.squared_sum, self.total_mse, self.count))
        variance = squares - total * (total / count)
        score = 1.0 - errors / variance
        score = where(is_inf(score), convert(0.0, score.dtype), score)
        if self.class_aggregation == "uniform_average":
            score = reduce_ops.reduce_mean(score)
        elif self.class_aggregation == "variance_weighted_average":
            score = reduce_ops.reduce_sum(score * variance) / reduce_ops.reduce_sum(variance)
        return self._adjusted(score) if self.num_regressors else score

    def _adjusted(self, score: Tensor) -> Tensor:
        samples = self.num_samples._read()
        free = samples - float(self.num_regressors + 1)
        if traced_graph() is None and free <= 0.0:
            warnings.warn(
                f"R2Score: {self.num_regressors} regressors need more than {samples.numpy():g} targets; the score is not "
                "adjusted.",
                stacklevel=3,
            )
        return where(free > 0.0, 1.0 - (1.0 - score) * ((samples - 1.0) / free), score)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "class_aggregation": self.class_aggregation,
            "num_regressors": self.num_regressors,
        }


def pearson_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """The mean of `y_true * y_pred` along an axis, both moved and scaled to mean 0 and variance 1.

    Example:
      >>> print(tf.keras.metrics.pearson_correlation([[0.0, 1.0, 2.0]], [[1.0, 3.0, 5.0]]).numpy().round(4))
      [1.]
    """
    true, pred = (y - reduce_ops.reduce_mean(y, axis, keepdims=True) for y in pair(y_true, y_pred))
    true, pred = (y / statistics.reduce_std(y, axis, keepdims=True) for y in (true, pred))
    return reduce_ops.reduce_mean(true * pred, axis)


def concordance_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """`pearson_correlation` lessened by differences of mean and variance (Lin, 1989, doi:10.2307/2532051).

    Example:
      >>> print(tf.keras.metrics.concordance_correlation([[0.0, 1.0, 2.0]], [[0.0, 1.0, 2.0]]).numpy().round(4))
      [1.]
    """
    true, pred = pair(y_true, y_pred)
    true_mean, pred_mean = (reduce_ops.reduce_mean(y, axis, keepdims=True) for y in (true, pred))
    true_variance, pred_variance = (statistics.reduce_variance(y, axis, keepdims=True) for y in (true, pred))
    together = (true - true_mean) * (pred - pred_mean)
    scale = true_variance + pred_variance + elementwise.square(true_mean - pred_mean) + config.epsilon()
    return reduce_ops.reduce_mean(2.0 * together / scale, axis)


class _Correlation(KnownMean):
    _direction = "up"


class PearsonCorrelation(_Correlation):
    """The mean Pearson correlation of targets and predictions.

    Args:
      name, dtype: those of `Metric`.
      axis: the axis along which they are compared.

    Example:
      >>> print(tf.keras.metrics.PearsonCorrelation()([[0.0, 1.0, 2.0]], [[1.0, 3.0, 5.0]]).numpy().round(4))
      1.0
    """

    def __init__(self, name: str | None = "pearson_correlation", dtype: Any = None, axis: int = -1) -> None:
        super().__init__(pearson_correlation, name, dtype, axis=axis)


class ConcordanceCorrelation(_Correlation):
    """The mean concordance correlation of targets and predictions.

    Args: those of `PearsonCorrelation`.

    Example:
      >>> print(tf.keras.metrics.ConcordanceCorrelation()([[0.0, 1.0, 2.0]], [[0.0, 1.0, 2.0]]).numpy().round(4))
      1.0
    """

    def __init__(self, name: str | None = "concordance_correlation", dtype: Any = None, axis: int = -1) -> None:
        super().__init__(concordance_correlation, name, dtype, axis=axis)
