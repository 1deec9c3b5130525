"""The area under the curve of two rates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor, wrap
from tenfold.keras import config
from tenfold.keras.metrics.arrays import array_of
from tenfold.keras.metrics.counts import ThresholdMetric, is_even
from tenfold.keras.metrics.metric import of_ops
from tenfold.ops.cast import cast
from tenfold.ops.elementwise import divide_no_nan, maximum, minimum
from tenfold.ops.exponential import log, sigmoid
from tenfold.ops.gather import where
from tenfold.ops.reduce import reduce_mean, reduce_sum

_CURVES = ("ROC", "PR", "PRGAIN")
_SUMMATIONS = ("interpolation", "minoring", "majoring")


class AUC(ThresholdMetric):
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
        for what, value, known in (
            ("curve", self.curve, _CURVES),
            ("summation_method", self.summation_method, _SUMMATIONS),
        ):
            if value not in known:
                raise ValueError(f"AUC: {what} is {value!r}; it must be one of {known}.")
        if thresholds is None and num_thresholds <= 1:
            raise ValueError(f"AUC: num_thresholds is {num_thresholds}; it must be more than 1.")
        if num_labels and not multi_label:
            raise ValueError(f"AUC: num_labels is {num_labels}; labels are told apart only with multi_label=True.")
        self._has_thresholds = thresholds is not None
        if thresholds is None:
            inner = [(i + 1) / (num_thresholds - 1) for i in range(num_thresholds - 2)]
        else:
            inner = sorted(thresholds)
        self.num_thresholds = len(inner) + 2
        self._set_thresholds([-config.epsilon(), *inner, 1.0 + config.epsilon()])
        self._is_even = thresholds is None or is_even([0.0, *inner, 1.0])
        self.multi_label, self.num_labels, self.from_logits = multi_label, num_labels, from_logits
        self.label_weights = None if label_weights is None else np.asarray(label_weights, np.float32)
        if not multi_label:
            self._make_counts()
        elif num_labels:
            self._make_counts((num_labels,))

    @property
    def _is_built(self) -> bool:
        return bool(self.variables)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        pred = array_of(y_pred, np.dtype(config.floatx()))
        if not self._is_built:
            if pred.ndim != 2:
                raise ValueError(f"AUC: y_pred is {pred.shape}; with multi_label=True it must be (batch, labels).")
            self._make_counts(pred.shape[1:])
        if self.from_logits:
            pred = 1 / (1 + np.exp(-pred))
        label_weights = None if self.multi_label else self.label_weights
        self._count(y_true, wrap(pred), sample_weight, label_weights=label_weights, by_label=self.multi_label)

    def _update_state_by_ops(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        pred = cast(convert(y_pred), config.floatx())
        label_weights = None if self.multi_label else self.label_weights
        self._count_by_ops(
            y_true, sigmoid(pred) if self.from_logits else pred, sample_weight, label_weights=label_weights,
            by_label=self.multi_label,
        )  # fmt: skip

    @of_ops
    def result(self) -> Tensor:
        tp, fp, tn, fn = (cast(self._targets[short]._read(), "float64") for short in self._counts)
        if self.curve == "PR" and self.summation_method == "interpolation":
            return self._average(self._interpolated(tp, fp, fn))
        recall = divide_no_nan(tp, tp + fn)
        if self.curve == "ROC":
            x, y = divide_no_nan(fp, fp + tn), recall
        elif self.curve == "PR":
            x, y = recall, divide_no_nan(tp, tp + fp)
        else:  # Flach and Kull, 2015: both rates against the share of positives
            odds, none = divide_no_nan(tp + fn, tn + fp), tp == 0.0
            x = maximum(where(none, 0.0, 1.0 - odds * divide_no_nan(fn, tp)), 0.0)
            y = where(none, 1.0, 1.0 - odds * divide_no_nan(fp, tp))
        ends: dict[str, Callable[..., Any]] = {
            "interpolation": lambda a, b: (a + b) / 2.0,
            "minoring": minimum,
            "majoring": maximum,
        }
        heights = ends[self.summation_method](y[:-1], y[1:])
        return self._average((x[:-1] - x[1:]) * heights)

    @staticmethod
    def _interpolated(tp: Tensor, fp: Tensor, fn: Tensor) -> Tensor:
        """Areas under the curve of precision and recall, whose points are joined as Davis and Goadrich (2006) say."""
        dtp = tp[:-1] - tp[1:]
        p = tp + fp
        slope = divide_no_nan(dtp, maximum(p[:-1] - p[1:], 0.0))
        intercept = tp[1:] - slope * p[1:]
        is_safe = (p[:-1] > 0.0) & (p[1:] > 0.0)
        ratio = where(is_safe, divide_no_nan(p[:-1], maximum(p[1:], 0.0)), 1.0)
        return divide_no_nan(slope * (dtp + intercept * log(ratio)), maximum(tp[1:] + fn[1:], 0.0))

    def _average(self, areas: Tensor) -> Tensor:
        area = reduce_sum(areas, 0)
        if self.multi_label:
            weights = self.label_weights
            if weights is None:
                area = reduce_mean(area)
            else:
                area = divide_no_nan(reduce_sum(area * weights), float(weights.sum()))
        return cast(area, self._targets["tp"].dtype)

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
        if self._has_thresholds:
            config["thresholds"] = self.thresholds[1:-1]
        return config
