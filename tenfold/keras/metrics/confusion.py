"""Metrics from counts at thresholds: the counts, precision and recall, and the best of one rate under another."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.tensor import Tensor, wrap
from tenfold.keras.metrics.arrays import no_nan
from tenfold.keras.metrics.counts import ThresholdMetric, parsed_thresholds
from tenfold.ops.creation import zeros_like
from tenfold.ops.elementwise import divide_no_nan
from tenfold.ops.extremes import reduce_max
from tenfold.ops.gather import where

_ALL = -1e10  # below every prediction


class _OneCount(ThresholdMetric):
    """Base of single counts."""

    def __init__(self, thresholds: Any = None, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.init_thresholds = thresholds
        self._set_thresholds(parsed_thresholds(thresholds, 0.5, type(self).__name__))
        self._make_counts()

    def _name_of(self, short: str) -> str:
        return "accumulator"

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self._count(y_true, y_pred, sample_weight)

    def _update_state_by_ops(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self._count_by_ops(y_true, y_pred, sample_weight)

    def result(self) -> Tensor:
        return self._out(self._values(*self._counts))

    def _result_by_ops(self) -> Tensor:
        return self._out_by_ops(self._targets[self._counts[0]]._read())

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "thresholds": self.init_thresholds}


class TruePositives(_OneCount):
    """The weight of positives that were predicted.

    Example:
      >>> print(tf.keras.metrics.TruePositives()([0, 1, 1], [1.0, 0.0, 1.0]).numpy())
      1.0
    """

    _counts = ("tp",)


class FalsePositives(_OneCount):
    """The weight of negatives that were predicted as positives.

    Example:
      >>> print(tf.keras.metrics.FalsePositives()([0, 1, 1], [1.0, 0.0, 1.0]).numpy())
      1.0
    """

    _counts = ("fp",)


class TrueNegatives(_OneCount):
    """The weight of negatives that were predicted.

    Example:
      >>> print(tf.keras.metrics.TrueNegatives()([0, 1, 1], [0.0, 0.0, 1.0]).numpy())
      1.0
    """

    _counts = ("tn",)


class FalseNegatives(_OneCount):
    """The weight of positives that were predicted as negatives.

    Example:
      >>> print(tf.keras.metrics.FalseNegatives()([0, 1, 1], [0.0, 0.0, 1.0]).numpy())
      1.0
    """

    _counts = ("fn",)


class _Ratio(ThresholdMetric):
    """Base of precision and recall."""

    _direction = "up"

    def __init__(
        self, thresholds: Any = None, top_k: int | None = None, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(name=name, dtype=dtype)
        self.init_thresholds, self.top_k, self.class_id = thresholds, top_k, class_id
        default = 0.5 if top_k is None else _ALL  # of the k highest, none is refused for being low
        self._set_thresholds(parsed_thresholds(thresholds, default, type(self).__name__))
        self._make_counts()

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self._count(y_true, y_pred, sample_weight, top_k=self.top_k, class_id=self.class_id)

    def _update_state_by_ops(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self._count_by_ops(y_true, y_pred, sample_weight, top_k=self.top_k, class_id=self.class_id)

    def result(self) -> Tensor:
        positives, others = (self._values(short) for short in self._counts)
        return self._out(no_nan(positives, positives + others))

    def _result_by_ops(self) -> Tensor:
        positives, others = (self._targets[short]._read() for short in self._counts)
        return self._out_by_ops(divide_no_nan(positives, positives + others))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "thresholds": self.init_thresholds,
            "top_k": self.top_k,
            "class_id": self.class_id,
        }


class Precision(_Ratio):
    """The share of predicted positives that are positives.

    Args:
      thresholds: limits above which a prediction counts as positive; 0.5 by default.
      top_k: how many of the highest predictions count.
      class_id: the class that is looked at.

    Example:
      >>> print(tf.keras.metrics.Precision()([0, 1, 1, 1], [1.0, 0.0, 1.0, 1.0]).numpy().round(4))
      0.6667
    """

    _counts = ("tp", "fp")


class Recall(_Ratio):
    """The share of positives that were predicted.

    Args: those of `Precision`.

    Example:
      >>> print(tf.keras.metrics.Recall()([0, 1, 1, 1], [1.0, 0.0, 1.0, 1.0]).numpy().round(4))
      0.6667
    """

    _counts = ("tp", "fn")


class _AtConstraint(ThresholdMetric):
    """Base of metrics that are best where another one is large enough."""

    _direction = "up"
    _counts = ("tp", "fp", "tn", "fn")
    _value_name: str
    # Of two counts each: the rate that is constrained, and the one that is wanted.
    _rates: tuple[tuple[str, str], tuple[str, str]]

    def __init__(
        self, value: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(name=name, dtype=dtype)
        if not 0 <= value <= 1:
            raise ValueError(f"{type(self).__name__}: {self._value_name} is {value}; it must be in [0, 1].")
        if num_thresholds <= 0:
            raise ValueError(f"{type(self).__name__}: num_thresholds is {num_thresholds}; it must be positive.")
        self.value, self.class_id, self.num_thresholds = value, class_id, num_thresholds
        steps = num_thresholds - 1
        self._set_thresholds([i / steps for i in range(num_thresholds)] if steps else [0.5])
        self._is_even = steps > 0
        self._make_counts()

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self._count(y_true, y_pred, sample_weight, class_id=self.class_id)

    def _update_state_by_ops(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self._count_by_ops(y_true, y_pred, sample_weight, class_id=self.class_id)

    def result(self) -> Tensor:
        constrained, wanted = (self._ratio(*rate) for rate in self._rates)
        allowed = constrained >= constrained.dtype.type(self.value)
        return wrap(np.asarray(wanted[allowed].max() if allowed.any() else 0.0, wanted.dtype))

    def _ratio(self, a: str, b: str) -> np.ndarray:
        return no_nan(self._values(a), self._values(a) + self._values(b))

    def _result_by_ops(self) -> Tensor:
        counts = {short: variable._read() for short, variable in self._targets.items()}
        constrained, wanted = (divide_no_nan(counts[a], counts[a] + counts[b]) for a, b in self._rates)
        return reduce_max(where(constrained >= self.value, wanted, zeros_like(wanted)))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "class_id": self.class_id,
            "num_thresholds": self.num_thresholds,
            self._value_name: self.value,
        }


class SensitivityAtSpecificity(_AtConstraint):
    """The highest share of found positives where at least `specificity` of the negatives are found.

    Example:
      >>> print(tf.keras.metrics.SensitivityAtSpecificity(0.5)([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]).numpy())
      0.5
    """

    _value_name = "specificity"
    _rates = ("tn", "fp"), ("tp", "fn")

    def __init__(
        self, specificity: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(specificity, num_thresholds, class_id, name, dtype)
        self.specificity = specificity


class SpecificityAtSensitivity(_AtConstraint):
    """The highest share of found negatives where at least `sensitivity` of the positives are found.

    Example:
      >>> print(tf.keras.metrics.SpecificityAtSensitivity(0.5)([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]).numpy().round(4))
      0.6667
    """

    _value_name = "sensitivity"
    _rates = ("tp", "fn"), ("tn", "fp")

    def __init__(
        self, sensitivity: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)
        self.sensitivity = sensitivity


class PrecisionAtRecall(_AtConstraint):
    """The highest precision where the recall is at least `recall`.

    Example:
      >>> print(tf.keras.metrics.PrecisionAtRecall(0.5)([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]).numpy())
      0.5
    """

    _value_name = "recall"
    _rates = ("tp", "fn"), ("tp", "fp")

    def __init__(
        self, recall: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(recall, num_thresholds, class_id, name, dtype)
        self.recall = recall


class RecallAtPrecision(_AtConstraint):
    """The highest recall where the precision is at least `precision`.

    Example:
      >>> print(tf.keras.metrics.RecallAtPrecision(0.8)([0, 0, 1, 1], [0, 0.5, 0.3, 0.9]).numpy())
      0.5
    """

    _value_name = "precision"
    _rates = ("tp", "fp"), ("tp", "fn")

    def __init__(
        self, precision: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(precision, num_thresholds, class_id, name, dtype)
        self.precision = precision
