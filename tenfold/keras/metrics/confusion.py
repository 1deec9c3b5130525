"""Metrics from counts of true and false, positive and negative predictions at thresholds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.core.tensor import Tensor, wrap
from tenfold.keras import config
from tenfold.keras.metrics.metric import Metric, array_of, no_nan


def _thresholds(thresholds: Any, default: float) -> list[float]:
    values: list[Any] = (
        [default] if thresholds is None else [thresholds] if np.isscalar(thresholds) else list(thresholds)
    )
    if any(value is None or value < 0 or value > 1 for value in values):
        raise ValueError(f"Threshold values must be in [0, 1]. Received: {thresholds}")
    return values


def _only_top_k(y_pred: np.ndarray, k: int) -> np.ndarray:
    """Predictions that are not among the k highest, at minus infinity."""
    order = np.argsort(-y_pred, -1, kind="stable")[..., :k]
    kept = np.full_like(y_pred, -np.inf)
    np.put_along_axis(kept, order, np.take_along_axis(y_pred, order, -1), -1)
    return kept


class _ConfusionCounts:
    """Weights of true positives, false positives, true negatives and false negatives of a batch, per threshold."""

    def __init__(
        self, y_true: Any, y_pred: Any, thresholds: Any, sample_weight: Any = None, top_k: int | None = None,
        class_id: int | None = None, label_weights: Any = None, by_label: bool = False,
    ) -> None:  # fmt: skip
        dtype = np.float32
        true, pred = array_of(y_true, np.dtype(dtype)), array_of(y_pred, np.dtype(dtype))
        if true.ndim == pred.ndim + 1 and true.shape[-1] == 1:
            true = true[..., 0]
        elif pred.ndim == true.ndim + 1 and pred.shape[-1] == 1:
            pred = pred[..., 0]
        if true.shape != pred.shape:
            raise ValueError(f"Shapes {pred.shape} of predictions and {true.shape} of targets are incompatible.")
        weights = None
        if sample_weight is not None:
            weights = array_of(sample_weight, np.dtype(dtype))
            while weights.ndim < pred.ndim:
                weights = weights[..., None]
            if weights.ndim > pred.ndim and weights.shape[-1] == 1:
                weights = weights[..., 0]
        if top_k is not None:
            pred = _only_top_k(pred, top_k)
        if class_id is not None:
            if pred.ndim == 1:
                raise ValueError(
                    f"When class_id is provided, y_pred must be a 2D array with shape (num_samples, num_classes), found shape: {pred.shape}"
                )
            true, pred = true[..., class_id, None], pred[..., class_id, None]
        weights = np.ones(pred.shape, dtype) if weights is None else np.broadcast_to(weights, pred.shape)
        if label_weights is not None:
            weights = weights * np.asarray(label_weights, dtype)
        labels = pred.shape[-1] if by_label else 1
        pred, weights = pred.reshape(-1, labels), weights.reshape(-1, labels)
        is_true = true.reshape(-1, labels).astype(bool)
        # A prediction counts at the thresholds below it: sorted, they are a prefix.
        limits = np.asarray(thresholds, dtype)
        above = np.searchsorted(limits, pred, side="left")
        size = len(limits)
        self.tp, self.fp = (np.empty((size, labels), np.float64) for _ in range(2))
        for j in range(labels):
            for counts, chosen in ((self.tp, is_true[:, j]), (self.fp, ~is_true[:, j])):
                histogram = np.bincount(above[chosen, j], weights[chosen, j], size + 1)
                counts[:, j] = histogram[::-1].cumsum()[::-1][1:]
        self.fn = (weights * is_true).sum(0, dtype=np.float64) - self.tp
        self.tn = (weights * ~is_true).sum(0, dtype=np.float64) - self.fp
        if not by_label:
            self.tp, self.fp, self.fn, self.tn = (a[:, 0] for a in (self.tp, self.fp, self.fn, self.tn))


class _ThresholdMetric(Metric):
    """Base of metrics that keep counts at given thresholds; the thresholds may come in any order."""

    _counts: tuple[str, ...] = ()

    def _set_thresholds(self, thresholds: Any, default: float) -> None:
        self.init_thresholds = thresholds
        self.thresholds = _thresholds(thresholds, default)
        self._order = np.argsort(self.thresholds, kind="stable")

    def _make_counts(self) -> None:
        names = {"tp": "true_positives", "fp": "false_positives", "tn": "true_negatives", "fn": "false_negatives"}
        for short in self._counts:
            setattr(self, names[short], self.add_variable((len(self.thresholds),), name=names[short]))
        self._targets = {short: getattr(self, names[short]) for short in self._counts}

    def _count(self, y_true: Any, y_pred: Any, sample_weight: Any, **kwargs: Any) -> None:
        limits = np.asarray(self.thresholds)[self._order]
        counts = _ConfusionCounts(y_true, y_pred, limits, sample_weight, **kwargs)
        for short, variable in self._targets.items():
            variable._own_array()[self._order] += getattr(counts, short)

    def _out(self, values: Any) -> Tensor:
        values = np.asarray(values, self._dtype._np)
        return wrap(values[0] if len(self.thresholds) == 1 and values.ndim else values)


class _OneCount(_ThresholdMetric):
    def __init__(self, thresholds: Any = None, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self._set_thresholds(thresholds, 0.5)
        self._make_counts()

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self._count(y_true, y_pred, sample_weight)

    def result(self) -> Tensor:
        (variable,) = self._targets.values()
        values = variable._value._array.copy()
        return wrap(np.asarray(values[0]) if len(self.thresholds) == 1 else values)

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


class _Ratio(_ThresholdMetric):
    """Base of precision and recall."""

    _direction = "up"

    def __init__(
        self, thresholds: Any = None, top_k: int | None = None, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(name=name, dtype=dtype)
        # of the k highest, none is refused for being low
        self._set_thresholds(thresholds, 0.5 if top_k is None else 0.0)
        if thresholds is None and top_k is not None:
            self.thresholds = [-1e30]
        self.top_k, self.class_id = top_k, class_id
        self._make_counts()

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self._count(y_true, y_pred, sample_weight, top_k=self.top_k, class_id=self.class_id)

    def result(self) -> Tensor:
        positives, others = (v._value._array for v in self._targets.values())
        return self._out(no_nan(positives, positives + others))

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


class _AtConstraint(_ThresholdMetric):
    """Base of metrics that are best where another one is large enough."""

    _direction = "up"
    _counts = ("tp", "fp", "tn", "fn")
    _value_name: str

    def __init__(
        self, value: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(name=name, dtype=dtype)
        if not 0 <= value <= 1:
            raise ValueError(
                f"Argument `{self._value_name}` must be in the range [0, 1]. Received: {self._value_name}={value}"
            )
        if num_thresholds <= 0:
            raise ValueError(
                f"Argument `num_thresholds` must be an integer > 0. Received: num_thresholds={num_thresholds}"
            )
        self.value, self.class_id, self.num_thresholds = value, class_id, num_thresholds
        if num_thresholds == 1:
            self.thresholds = [0.5]
        else:
            inner = [(i + 1) / (num_thresholds - 1) for i in range(num_thresholds - 2)]
            self.thresholds = [0.0, *inner, 1.0]
        self._order = np.arange(len(self.thresholds))
        self._make_counts()

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self._count(y_true, y_pred, sample_weight, class_id=self.class_id)

    def _rates(self) -> tuple[np.ndarray, np.ndarray]:
        """The rate that is constrained, and the one that is wanted."""
        raise NotImplementedError

    def result(self) -> Tensor:
        constrained, wanted = self._rates()
        allowed = constrained >= np.float32(self.value)
        return wrap(np.asarray(wanted[allowed].max() if allowed.any() else 0.0, self._dtype._np))

    def _ratio(self, a: str, b: str) -> np.ndarray:
        first, second = self._targets[a]._value._array, self._targets[b]._value._array
        return no_nan(first, first + second)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_thresholds": self.num_thresholds,
            self._value_name: self.value,
            "class_id": self.class_id,
        }


class SensitivityAtSpecificity(_AtConstraint):
    """The highest share of found positives where at least `specificity` of the negatives are found.

    Example:
      >>> print(tf.keras.metrics.SensitivityAtSpecificity(0.5)([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]).numpy())
      0.5
    """

    _value_name = "specificity"

    def __init__(
        self, specificity: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(specificity, num_thresholds, class_id, name, dtype)
        self.specificity = specificity

    def _rates(self) -> tuple[np.ndarray, np.ndarray]:
        return self._ratio("tn", "fp"), self._ratio("tp", "fn")


class SpecificityAtSensitivity(_AtConstraint):
    """The highest share of found negatives where at least `sensitivity` of the positives are found.

    Example:
      >>> print(tf.keras.metrics.SpecificityAtSensitivity(0.5)([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]).numpy().round(4))
      0.6667
    """

    _value_name = "sensitivity"

    def __init__(
        self, sensitivity: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)
        self.sensitivity = sensitivity

    def _rates(self) -> tuple[np.ndarray, np.ndarray]:
        return self._ratio("tp", "fn"), self._ratio("tn", "fp")


class PrecisionAtRecall(_AtConstraint):
    """The highest precision where the recall is at least `recall`.

    Example:
      >>> print(tf.keras.metrics.PrecisionAtRecall(0.5)([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]).numpy())
      0.5
    """

    _value_name = "recall"

    def __init__(
        self, recall: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(recall, num_thresholds, class_id, name, dtype)
        self.recall = recall

    def _rates(self) -> tuple[np.ndarray, np.ndarray]:
        return self._ratio("tp", "fn"), self._ratio("tp", "fp")


class RecallAtPrecision(_AtConstraint):
    """The highest recall where the precision is at least `precision`.

    Example:
      >>> print(tf.keras.metrics.RecallAtPrecision(0.8)([0, 0, 1, 1], [0, 0.5, 0.3, 0.9]).numpy())
      0.5
    """

    _value_name = "precision"

    def __init__(
        self, precision: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(precision, num_thresholds, class_id, name, dtype)
        self.precision = precision

    def _rates(self) -> tuple[np.ndarray, np.ndarray]:
        return self._ratio("tp", "fp"), self._ratio("tp", "fn")


_CURVES = ("ROC", "PR", "PRGAIN")
_SUMMATIONS = ("interpolation", "minoring", "majoring")


class AUC(_ThresholdMetric):
    """The area under a curve of rates at many thresholds.

    Args:
      num_thresholds: number of thresholds.
      curve: `"ROC"`, `"PR"` or `"PRGAIN"`.
      summation_method: `"interpolation"`, `"minoring"` or `"majoring"`: how the area between two points is counted.
      thresholds: thresholds in (0, 1) instead of evenly spaced ones.
      multi_label: whether each label has a curve of its own; the mean of the areas is the result.
      num_labels, label_weights: number and weights of the labels.
      from_logits: whether predictions are logits.

    Example:
      >>> print(tf.keras.metrics.AUC(num_thresholds=3)([0, 0, 1, 1], [0, 0.5, 0.3, 0.9]).numpy())
      0.75
    """

    _direction = "up"
    _counts = ("tp", "fp", "tn", "fn")

    def __init__(
        self, num_thresholds: int = 200, curve: str = "ROC", summation_method: str = "interpolation",
        name: str | None = None, dtype: Any = None, thresholds: Any = None, multi_label: bool = False,
        num_labels: int | None = None, label_weights: Any = None, from_logits: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(name=name, dtype=dtype)
        self.curve, self.summation_method = str(curve).upper(), str(summation_method).lower()
        if self.curve not in _CURVES:
            raise ValueError(f'Invalid `curve` argument value "{curve}". Expected one of: {list(_CURVES)}')
        if self.summation_method not in _SUMMATIONS:
            raise ValueError(
                f'Invalid `summation_method` argument value "{summation_method}". Expected one of: {list(_SUMMATIONS)}'
            )
        self._given = thresholds
        if thresholds is not None:
            inner = sorted(_thresholds(thresholds, 0.5))
        else:
            if num_thresholds <= 1:
                raise ValueError(
                    f"Argument `num_thresholds` must be an integer > 1. Received: num_thresholds={num_thresholds}"
                )
            inner = [(i + 1) / (num_thresholds - 1) for i in range(num_thresholds - 2)]
        self.num_thresholds = len(inner) + 2
        self.thresholds = [-config.epsilon(), *inner, 1.0 + config.epsilon()]
        self._order = np.arange(self.num_thresholds)
        self.multi_label, self.num_labels, self.from_logits = multi_label, num_labels, from_logits
        self.label_weights = None if label_weights is None else np.asarray(label_weights, np.float32)
        self._is_built = False
        if multi_label:
            if num_labels:
                self._build(num_labels)
        elif num_labels:
            raise ValueError("`num_labels` is needed only when `multi_label` is True.")
        else:
            self._build(None)

    def _build(self, labels: int | None) -> None:
        shape = (self.num_thresholds,) if labels is None else (self.num_thresholds, labels)
        self.true_positives = self.add_variable(shape, name="true_positives")
        self.false_positives = self.add_variable(shape, name="false_positives")
        self.true_negatives = self.add_variable(shape, name="true_negatives")
        self.false_negatives = self.add_variable(shape, name="false_negatives")
        self._targets = {
            "tp": self.true_positives,
            "fp": self.false_positives,
            "tn": self.true_negatives,
            "fn": self.false_negatives,
        }
        self._is_built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        pred = array_of(y_pred, np.dtype(np.float32))
        if not self._is_built:
            if pred.ndim != 2:
                raise ValueError(
                    f"`y_pred` must have rank 2 when `multi_label=True`. Found rank {pred.ndim}. Full shape received for `y_pred`: {pred.shape}"
                )
            self._build(pred.shape[1])
        if self.from_logits:
            pred = 1 / (1 + np.exp(-pred))
        label_weights = None if self.multi_label else self.label_weights
        self._count(y_true, wrap(pred), sample_weight, label_weights=label_weights, by_label=self.multi_label)

    def result(self) -> Tensor:
        tp, fp, tn, fn = (v._value._array.astype(np.float64) for v in self._targets.values())
        if self.curve == "PR" and self.summation_method == "interpolation":
            return self._average(self._interpolated(tp, fp, fn))
        recall = no_nan(tp, tp + fn)
        if self.curve == "ROC":
            x, y = no_nan(fp, fp + tn), recall
        elif self.curve == "PR":
            x, y = recall, no_nan(tp, tp + fp)
        else:  # Flach and Kull, 2015: both rates against the share of positives
            odds = no_nan(tp + fn, tn + fp)
            x = np.maximum(np.where(tp == 0, 0.0, 1.0 - odds * no_nan(fn, tp)), 0.0)
            y = np.where(tp == 0, 1.0, 1.0 - odds * no_nan(fp, tp))
        ends: dict[str, Callable[..., Any]] = {
            "interpolation": lambda a, b: (a + b) / 2.0,
            "minoring": np.minimum,
            "majoring": np.maximum,
        }
        heights = ends[self.summation_method](y[:-1], y[1:])
        return self._average((x[:-1] - x[1:]) * heights)

    @staticmethod
    def _interpolated(tp: np.ndarray, fp: np.ndarray, fn: np.ndarray) -> np.ndarray:
        """Areas under the curve of precision and recall, whose points are joined as Davis and Goadrich (2006) say."""
        dtp = tp[:-1] - tp[1:]
        p = tp + fp
        slope = no_nan(dtp, np.maximum(p[:-1] - p[1:], 0))
        intercept = tp[1:] - slope * p[1:]
        is_safe = (p[:-1] > 0) & (p[1:] > 0)
        ratio = np.where(is_safe, no_nan(p[:-1], np.maximum(p[1:], 0)), 1.0)
        return no_nan(slope * (dtp + intercept * np.log(ratio)), np.maximum(tp[1:] + fn[1:], 0))

    def _average(self, areas: np.ndarray) -> Tensor:
        area = areas.sum(0)
        if self.multi_label:
            weights = self.label_weights
            area = area.mean() if weights is None else no_nan((area * weights).sum(), weights.sum())
        return wrap(np.asarray(area, self._dtype._np))

    def get_config(self) -> dict[str, Any]:
        config = {
            **super().get_config(),
            "num_thresholds": self.num_thresholds,
            "curve": self.curve,
            "summation_method": self.summation_method,
            "multi_label": self.multi_label,
            "num_labels": self.num_labels,
            "label_weights": None if self.label_weights is None else self.label_weights.tolist(),
            "from_logits": self.from_logits,
        }
        if self._given is not None:
            config["thresholds"] = self.thresholds[1:-1]
        return config
