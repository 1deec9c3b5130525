"""F-scores."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor, wrap
from tenfold.keras import config
from tenfold.keras.metrics.arrays import array_of
from tenfold.keras.metrics.metric import Metric
from tenfold.keras.variables import Variable
from tenfold.ops import elementwise
from tenfold.ops.cast import cast
from tenfold.ops.extremes import reduce_max
from tenfold.ops.reduce import reduce_mean, reduce_sum

_AVERAGES = (None, "micro", "macro", "weighted")


class FBetaScore(Metric):
    """The weighted harmonic mean of precision and recall, of one-hot targets.

    Args:
      average: None for one score per class, `"micro"`, `"macro"` or `"weighted"`.
      beta: weight of the recall.
      threshold: above which a prediction is positive; the highest one is if None.

    Example:
      >>> print(tf.keras.metrics.FBetaScore(beta=2.0, threshold=0.5)([[1.0], [0.0]], [[0.9], [0.1]]).numpy().round(3))
      [1.]
    """

    _direction = "up"
    true_positives: Variable
    false_positives: Variable
    false_negatives: Variable
    intermediate_weights: Variable

    def __init__(
        self, average: str | None = None, beta: float = 1.0, threshold: float | None = None,
        name: str | None = "fbeta_score", dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(name=name, dtype=dtype)
        if average not in _AVERAGES:
            raise ValueError(f"{type(self).__name__}: average is {average!r}; it must be one of {_AVERAGES}.")
        if not isinstance(beta, float) or beta <= 0.0:
            raise ValueError(f"{type(self).__name__}: beta is {beta!r}; it must be a float and positive.")
        if threshold is not None and (not isinstance(threshold, float) or not 0.0 < threshold <= 1.0):
            raise ValueError(f"{type(self).__name__}: threshold is {threshold!r}; it must be a float in (0, 1].")
        self.average, self.beta, self.threshold = average, beta, threshold
        self._is_built = False

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        dtype = self._dtype._np
        true, pred = array_of(y_true, dtype), array_of(y_pred, dtype)
        if not self._is_built:
            if true.ndim != 2 or pred.ndim != 2:
                raise ValueError(
                    f"{type(self).__name__}: y_true is {true.shape}, y_pred is {pred.shape}; they must be (batch, classes)."
                )
            shape = () if self.average == "micro" else (pred.shape[-1],)
            for name in ("true_positives", "false_positives", "false_negatives", "intermediate_weights"):
                setattr(self, name, self.add_variable(shape, "zeros", self._dtype, name=name))
            self._is_built = True
        if self.threshold is None:
            chosen = (pred >= pred.max(-1, keepdims=True)) & (np.abs(pred) > 1e-9)
        else:
            chosen = pred > self.threshold
        found = chosen.astype(dtype)
        weights = np.ones((len(true), 1), dtype) if sample_weight is None else array_of(sample_weight, dtype)[:, None]
        axis = None if self.average == "micro" else 0
        for variable, values in self._counted(found, true):
            variable._own_array()[...] += (values * weights).sum(axis)

    def _counted(self, found: Any, true: Any) -> Any:
        """The variables, and what is added up in each of them."""
        return (
            (self.true_positives, found * true),
            (self.false_positives, found * (1 - true)),
            (self.false_negatives, (1 - found) * true),
            (self.intermediate_weights, true),
        )

    def _scores(self, tp: Any, fp: Any, fn: Any) -> Any:
        """The score of each class, of counts."""
        epsilon, square = config.epsilon(), self.beta**2
        precision, recall = tp / (tp + fp + epsilon), tp / (tp + fn + epsilon)
        return precision * recall / (square * precision + recall + epsilon) * (1 + square)

    def result(self) -> Tensor:
        if not self._is_built:
            raise ValueError(
                f"{type(self).__name__}: there is no result before the first batch. Call update_state() first."
            )
        tp, fp, fn, weights = (
            v._value._array
            for v in (self.true_positives, self.false_positives, self.false_negatives, self.intermediate_weights)
        )
        score = self._scores(tp, fp, fn)
        if self.average == "weighted":
            score = (score * (weights / (weights.sum() + config.epsilon()))).sum()
        elif self.average is not None:
            score = score.mean()
        return wrap(np.asarray(score, self._dtype._np))

    def _update_state_by_ops(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        true, pred = cast(convert(y_true), self._dtype), cast(convert(y_pred), self._dtype)
        if self.threshold is None:
            chosen = (pred >= reduce_max(pred, -1, keepdims=True)) & (elementwise.abs(pred) > 1e-9)
        else:
            chosen = pred > self.threshold
        found, weights = cast(chosen, self._dtype), 1.0
        if sample_weight is not None:
            weights = cast(convert(sample_weight), self._dtype)[:, None]
        axis = None if self.average == "micro" else 0
        for variable, values in self._counted(found, true):
            variable.assign_add(reduce_sum(values * weights, axis))

    def _result_by_ops(self) -> Tensor:
        tp, fp, fn = (v._read() for v in (self.true_positives, self.false_positives, self.false_negatives))
        score = self._scores(tp, fp, fn)
        if self.average == "weighted":
            weights = self.intermediate_weights._read()
            return reduce_sum(score * (weights / (reduce_sum(weights) + config.epsilon())))
        return score if self.average is None else reduce_mean(score)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "average": self.average, "beta": self.beta, "threshold": self.threshold}


class F1Score(FBetaScore):
    """The harmonic mean of precision and recall, of one-hot targets.

    Args: those of `FBetaScore`, without `beta`.

    Example:
      >>> print(tf.keras.metrics.F1Score()([[1, 0], [0, 1]], [[0.9, 0.1], [0.2, 0.8]]).numpy().round(3))
      [1. 1.]
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = "f1_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(average, 1.0, threshold, name, dtype)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["beta"]
        return config
