"""Counts of true and false, positive and negative predictions at thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.tensor import Tensor, wrap
from tenfold.keras import config
from tenfold.keras.metrics.arrays import array_of, same_rank, spread
from tenfold.keras.metrics.metric import Metric

_NAMES = {"tp": "true_positives", "fp": "false_positives", "tn": "true_negatives", "fn": "false_negatives"}


def parsed_thresholds(thresholds: Any, default: float, what: str) -> list[float]:
    """Thresholds as a list; each must be in [0, 1]."""
    if thresholds is None:
        return [default]
    values: list[Any] = [thresholds] if np.isscalar(thresholds) else list(thresholds)
    if any(value is None or not 0 <= value <= 1 for value in values):
        raise ValueError(f"{what}: thresholds are {thresholds}; each must be in [0, 1].")
    return values


def is_even(thresholds: Any) -> bool:
    """Whether three thresholds or more divide [0, 1] evenly."""
    even = np.linspace(0.0, 1.0, len(thresholds), dtype=np.float32)
    return len(thresholds) > 2 and np.allclose(thresholds, even, atol=config.epsilon())


def _only_top_k(y_pred: np.ndarray, k: int) -> np.ndarray:
    """Predictions that are not among the k highest, at minus infinity."""
    order = np.argsort(-y_pred, -1, kind="stable")[..., :k]
    kept = np.full_like(y_pred, -np.inf)
    np.put_along_axis(kept, order, np.take_along_axis(y_pred, order, -1), -1)
    return kept


def _thresholds_below(y_pred: np.ndarray, limits: np.ndarray, evenly: bool) -> np.ndarray:
    """How many of the sorted limits each prediction is above; none if it is NaN.

    Limits that divide [0, 1] evenly are counted by multiplication, as Keras does, which rounds otherwise than comparison.
    """
    if not evenly:
        return np.where(np.isnan(y_pred), 0, np.searchsorted(limits, y_pred, side="left"))
    steps = np.ceil(np.clip(y_pred, 0, 1) * y_pred.dtype.type(len(limits) - 1))
    if limits[0] < 0:
        steps = np.maximum(steps, 1)
    return np.where(np.isnan(steps), 0, steps).astype(np.int64)


class Counts:
    """Weights of true positives, false positives, true negatives and false negatives of a batch, per threshold."""

    def __init__(
        self, y_true: Any, y_pred: Any, limits: np.ndarray, evenly: bool, sample_weight: Any = None,
        top_k: int | None = None, class_id: int | None = None, label_weights: Any = None, by_label: bool = False,
    ) -> None:  # fmt: skip
        dtype = limits.dtype
        pred, true = same_rank(array_of(y_pred, dtype), array_of(y_true, dtype))
        if true.shape != pred.shape:
            raise ValueError(f"y_true is {true.shape}, y_pred is {pred.shape}; they must have the same shape.")
        if top_k is not None:
            pred = _only_top_k(pred, top_k)
        if class_id is not None:
            if pred.ndim == 1:
                raise ValueError(f"class_id is {class_id}, y_pred is {pred.shape}; it must be (batch, ..., classes).")
            true, pred = true[..., class_id, None], pred[..., class_id, None]
        weights = np.ones((), dtype)
        if sample_weight is not None:
            weights = array_of(sample_weight, dtype)
            if weights.ndim > pred.ndim and weights.shape[-1] == 1:
                weights = weights[..., 0]
            weights = weights.reshape(weights.shape + (1,) * (pred.ndim - weights.ndim if weights.ndim else 0))
        weights = spread(weights, pred.shape)
        if label_weights is not None:
            weights = weights * np.asarray(label_weights, dtype)
        labels = pred.shape[-1] if by_label else 1
        pred, weights = pred.reshape(-1, labels), weights.reshape(-1, labels)
        is_true = true.reshape(-1, labels).astype(bool)
        # A prediction counts at the thresholds below it: sorted, they are a prefix.
        above = _thresholds_below(pred, limits, evenly)
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


class ThresholdMetric(Metric):
    """Base of metrics that keep counts at given thresholds; the thresholds may come in any order."""

    _counts: tuple[str, ...] = ()

    def _set_thresholds(self, thresholds: list[float]) -> None:
        self.thresholds = thresholds
        self._order = np.argsort(thresholds, kind="stable")
        self._is_even = is_even(thresholds)

    def _make_counts(self, labels: tuple[int, ...] = ()) -> None:
        shape = (len(self.thresholds), *labels)
        self._targets = {short: self.add_variable(shape, "zeros", name=self._name_of(short)) for short in self._counts}
        for short, variable in self._targets.items():
            setattr(self, self._name_of(short), variable)

    def _name_of(self, short: str) -> str:
        return _NAMES[short]

    def _count(self, y_true: Any, y_pred: Any, sample_weight: Any, **kwargs: Any) -> None:
        dtype = next(iter(self._targets.values()))._value._array.dtype
        limits = np.asarray(self.thresholds, dtype)[self._order]
        try:
            counts = Counts(y_true, y_pred, limits, self._is_even, sample_weight, **kwargs)
        except ValueError as error:
            raise ValueError(f"{type(self).__name__}: {error}") from None
        for short, variable in self._targets.items():
            variable._own_array()[self._order] += getattr(counts, short)

    def _count_by_ops(self, y_true: Any, y_pred: Any, sample_weight: Any, **kwargs: Any) -> None:
        """What `_count` does, with ops, for files of other tools."""
        from tenfold.keras.metrics.counts_by_ops import counts

        variables = self._targets
        dtype = next(iter(variables.values())).dtype
        found = counts(y_true, y_pred, self.thresholds, self._is_even, dtype, sample_weight, **kwargs)
        for short, variable in variables.items():
            variable.assign_add(found[short])

    def _out_by_ops(self, values: Tensor) -> Tensor:
        return values[0] if len(self.thresholds) == 1 else values

    def _values(self, short: str) -> np.ndarray:
        return self._targets[short]._value._array

    def _out(self, values: np.ndarray) -> Tensor:
        return wrap(np.asarray(values[0]) if len(self.thresholds) == 1 else np.array(values))
