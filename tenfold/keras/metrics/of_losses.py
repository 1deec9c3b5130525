"""Metrics that are the mean of a loss function."""

from __future__ import annotations

from typing import Any

from tenfold.core.tensor import Tensor
from tenfold.keras.losses import crossentropy, functions
from tenfold.keras.metrics.reduction import KnownMean


class _LossMetric(KnownMean):
    _direction = "down"


class MeanSquaredError(_LossMetric):
    """The mean of squared errors.

    Example:
      >>> print(tf.keras.metrics.MeanSquaredError()([[0.0, 1.0]], [[1.0, 1.0]]).numpy())
      0.5
    """

    def __init__(self, name: str | None = "mean_squared_error", dtype: Any = None) -> None:
        super().__init__(functions.mean_squared_error, name, dtype)


class MeanAbsoluteError(_LossMetric):
    """The mean of absolute errors.

    Example:
      >>> print(tf.keras.metrics.MeanAbsoluteError()([[0.0, 1.0]], [[1.0, 1.0]]).numpy())
      0.5
    """

    def __init__(self, name: str | None = "mean_absolute_error", dtype: Any = None) -> None:
        super().__init__(functions.mean_absolute_error, name, dtype)


class MeanAbsolutePercentageError(_LossMetric):
    """The mean of absolute errors in percent of the targets.

    Example:
      >>> print(tf.keras.metrics.MeanAbsolutePercentageError()([[2.0, 1.0]], [[1.0, 1.0]]).numpy())
      25.0
    """

    def __init__(self, name: str | None = "mean_absolute_percentage_error", dtype: Any = None) -> None:
        super().__init__(functions.mean_absolute_percentage_error, name, dtype)


class MeanSquaredLogarithmicError(_LossMetric):
    """The mean of squared differences of logarithms.

    Example:
      >>> print(tf.keras.metrics.MeanSquaredLogarithmicError()([[1.0]], [[1.0]]).numpy())
      0.0
    """

    def __init__(self, name: str | None = "mean_squared_logarithmic_error", dtype: Any = None) -> None:
        super().__init__(functions.mean_squared_logarithmic_error, name, dtype)


class LogCoshError(_LossMetric):
    """The mean of `log(cosh(error))`.

    Example:
      >>> print(tf.keras.metrics.LogCoshError()([[0.0]], [[0.0]]).numpy())
      0.0
    """

    def __init__(self, name: str | None = "logcosh", dtype: Any = None) -> None:
        super().__init__(functions.log_cosh, name, dtype)


class Hinge(_LossMetric):
    """The mean of `max(1 - y_true * y_pred, 0)`.

    Example:
      >>> print(tf.keras.metrics.Hinge()([[1.0, -1.0]], [[2.0, 0.5]]).numpy())
      0.75
    """

    def __init__(self, name: str | None = "hinge", dtype: Any = None) -> None:
        super().__init__(functions.hinge, name, dtype)


class SquaredHinge(_LossMetric):
    """The mean of `max(1 - y_true * y_pred, 0)^2`.

    Example:
      >>> print(tf.keras.metrics.SquaredHinge()([[1.0, -1.0]], [[2.0, 0.5]]).numpy())
      1.125
    """

    def __init__(self, name: str | None = "squared_hinge", dtype: Any = None) -> None:
        super().__init__(functions.squared_hinge, name, dtype)


class CategoricalHinge(_LossMetric):
    """The mean of `max(highest wrong - right + 1, 0)`.

    Example:
      >>> print(tf.keras.metrics.CategoricalHinge()([[0.0, 1.0]], [[1.0, 0.5]]).numpy())
      1.5
    """

    def __init__(self, name: str | None = "categorical_hinge", dtype: Any = None) -> None:
        super().__init__(functions.categorical_hinge, name, dtype)


class KLDivergence(_LossMetric):
    """The mean Kullback-Leibler divergence.

    Example:
      >>> print(tf.keras.metrics.KLDivergence()([[0.5, 0.5]], [[0.5, 0.5]]).numpy())
      0.0
    """

    def __init__(self, name: str | None = "kl_divergence", dtype: Any = None) -> None:
        super().__init__(functions.kl_divergence, name, dtype)


class Poisson(_LossMetric):
    """The mean of `y_pred - y_true * log(y_pred)`.

    Example:
      >>> print(tf.keras.metrics.Poisson()([[0.0]], [[2.0]]).numpy())
      2.0
    """

    def __init__(self, name: str | None = "poisson", dtype: Any = None) -> None:
        super().__init__(functions.poisson, name, dtype)


class BinaryCrossentropy(_LossMetric):
    """The mean cross-entropy of targets 0 and 1.

    Example:
      >>> print(tf.keras.metrics.BinaryCrossentropy()([[1.0]], [[0.5]]).numpy().round(4))
      0.6931
    """

    def __init__(
        self, name: str | None = "binary_crossentropy", dtype: Any = None, from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:  # fmt: skip
        super().__init__(
            crossentropy.binary_crossentropy, name, dtype, from_logits=from_logits, label_smoothing=label_smoothing
        )


class CategoricalCrossentropy(_LossMetric):
    """The mean cross-entropy of one-hot targets.

    Example:
      >>> print(tf.keras.metrics.CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]]).numpy().round(4))
      0.6931
    """

    def __init__(
        self, name: str | None = "categorical_crossentropy", dtype: Any = None, from_logits: bool = False,
        label_smoothing: float = 0, axis: int = -1,
    ) -> None:  # fmt: skip
        super().__init__(
            crossentropy.categorical_crossentropy, name, dtype, from_logits=from_logits, label_smoothing=label_smoothing,
            axis=axis,
        )  # fmt: skip


class SparseCategoricalCrossentropy(_LossMetric):
    """The mean cross-entropy of targets that are numbers of classes.

    Example:
      >>> print(tf.keras.metrics.SparseCategoricalCrossentropy()([1], [[0.5, 0.5]]).numpy().round(4))
      0.6931
    """

    def __init__(
        self, name: str | None = "sparse_categorical_crossentropy", dtype: Any = None, from_logits: bool = False,
        ignore_class: int | None = None, axis: int = -1,
    ) -> None:  # fmt: skip
        super().__init__(
            crossentropy.sparse_categorical_crossentropy, name, dtype, from_logits=from_logits,
            ignore_class=ignore_class, axis=axis,
        )  # fmt: skip


def _cosine(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    return -functions.cosine_similarity(y_true, y_pred, axis)


class CosineSimilarity(_LossMetric):
    """The mean cosine of the angle between targets and predictions.

    Example:
      >>> print(tf.keras.metrics.CosineSimilarity()([[0.0, 1.0]], [[0.0, 2.0]]).numpy())
      1.0
    """

    _direction = "up"

    def __init__(self, name: str | None = "cosine_similarity", dtype: Any = None, axis: int = -1) -> None:
        super().__init__(_cosine, name, dtype, axis=axis)
