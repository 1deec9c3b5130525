"""The accuracies, as functions and as metrics."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor, wrap
from tenfold.keras import config
from tenfold.keras.metrics.metric import Mean, _same_rank, array_of


def _float(values: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
    return values.astype(y_pred.dtype if y_pred.dtype.kind == "f" else config.floatx())


def _equal(y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
    y_true, y_pred = _same_rank(y_true, y_pred)
    return _float(y_true == y_pred, y_pred)


def _binary(y_true: np.ndarray, y_pred: np.ndarray, threshold: float) -> np.ndarray:
    y_true, y_pred = _same_rank(y_true, y_pred)
    return _float(y_true == (y_pred > y_pred.dtype.type(threshold)), y_pred)


def _categorical(y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
    return _float(y_true.argmax(-1) == y_pred.argmax(-1), y_pred)


def _sparse(y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
    if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1:
        y_true = y_true[..., 0]
    return _float(y_true == y_pred.argmax(-1), y_pred)


def _in_top_k(labels: np.ndarray, y_pred: np.ndarray, k: int) -> np.ndarray:
    """Whether fewer than k classes have a higher score than the right one."""
    labels = labels.astype(np.int64)
    score = np.take_along_axis(y_pred, labels[..., None], -1)
    return _float((y_pred > score).sum(-1) < k, y_pred)


def _sparse_top_k(y_true: np.ndarray, y_pred: np.ndarray, k: int) -> np.ndarray:
    if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1:
        y_true = y_true[..., 0]
    return _in_top_k(y_true, y_pred, k)


def _top_k(y_true: np.ndarray, y_pred: np.ndarray, k: int) -> np.ndarray:
    return _in_top_k(y_true.argmax(-1), y_pred, k)


def accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """1 where targets and predictions are equal."""
    return wrap(_equal(array_of(convert(y_true)), array_of(convert(y_pred))))


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Tensor:
    """1 where a prediction is on its target's side of the threshold.

    Example:
      >>> print(tf.keras.metrics.binary_accuracy([1.0, 0.0], [0.7, 0.6]).numpy())
      [1. 0.]
    """
    return wrap(_binary(array_of(y_true), array_of(y_pred), threshold))


def categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """1 where targets and predictions are largest at the same class."""
    return wrap(_categorical(array_of(y_true), array_of(y_pred)))


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """1 where the prediction is largest at the target's class.

    Example:
      >>> print(tf.keras.metrics.sparse_categorical_accuracy([1, 0], [[0.1, 0.9], [0.2, 0.8]]).numpy())
      [1. 0.]
    """
    return wrap(_sparse(array_of(y_true), array_of(y_pred)))


def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Tensor:
    """1 where the one-hot target's class is among the `k` highest predictions."""
    return wrap(_top_k(array_of(y_true), array_of(y_pred), k))


def sparse_top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False) -> Tensor:
    """1 where the target's class is among the `k` highest predictions (or the first `k` of sorted classes)."""
    if from_sorted_ids:
        labels, ids = array_of(y_true), array_of(y_pred)
        if labels.ndim == ids.ndim and labels.shape[-1] == 1:
            labels = labels[..., 0]
        return wrap((labels[..., None] == ids[..., :k]).any(-1).astype(config.floatx()))
    return wrap(_sparse_top_k(array_of(y_true), array_of(y_pred), k))


class _AccuracyMetric(Mean):
    """Base of accuracies: the mean of a function of arrays."""

    _direction = "up"

    def _values(self, y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        values = self._values(array_of(y_true), array_of(y_pred))
        self._add(values.astype(self._dtype._np, copy=False), sample_weight, getattr(y_pred, "_keras_mask", None))


class Accuracy(_AccuracyMetric):
    """How often predictions equal targets.

    Example:
      >>> print(tf.keras.metrics.Accuracy()([1, 2, 3, 4], [0, 2, 3, 4]).numpy())
      0.75
    """

    def __init__(self, name: str | None = "accuracy", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)

    def _values(self, y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
        return _equal(y_true, y_pred)

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "dtype": self.dtype}


class BinaryAccuracy(_AccuracyMetric):
    """How often predictions are on their target's side of a threshold.

    Example:
      >>> print(tf.keras.metrics.BinaryAccuracy()([[1.0], [0.0]], [[0.7], [0.6]]).numpy())
      0.5
    """

    def __init__(self, name: str | None = "binary_accuracy", dtype: Any = None, threshold: float = 0.5) -> None:
        if threshold is not None and not 0 <= threshold <= 1:
            raise ValueError(
                f"Invalid value for argument `threshold`. Expected a value in interval [0, 1]. Received: threshold={threshold}"
            )
        super().__init__(name=name, dtype=dtype)
        self.threshold = threshold

    def _values(self, y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
        return _binary(y_true, y_pred, self.threshold)

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "dtype": self.dtype, "threshold": self.threshold}


class CategoricalAccuracy(Accuracy):
    """How often one-hot targets and predictions are largest at the same class.

    Example:
      >>> print(tf.keras.metrics.CategoricalAccuracy()([[0, 1]], [[0.1, 0.9]]).numpy())
      1.0
    """

    def __init__(self, name: str | None = "categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)

    def _values(self, y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
        return _categorical(y_true, y_pred)


class SparseCategoricalAccuracy(Accuracy):
    """How often predictions are largest at the target's class.

    Example:
      >>> print(tf.keras.metrics.SparseCategoricalAccuracy()([1, 0], [[0.1, 0.9], [0.2, 0.8]]).numpy())
      0.5
    """

    def __init__(self, name: str | None = "sparse_categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)

    def _values(self, y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
        return _sparse(y_true, y_pred)


class TopKCategoricalAccuracy(_AccuracyMetric):
    """How often the one-hot target's class is among the `k` highest predictions.

    Example:
      >>> print(tf.keras.metrics.TopKCategoricalAccuracy(k=1)([[0, 1]], [[0.1, 0.9]]).numpy())
      1.0
    """

    def __init__(self, k: int = 5, name: str | None = "top_k_categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.k = k

    def _values(self, y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
        return _top_k(y_true, y_pred, self.k)

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "dtype": self.dtype, "k": self.k}


class SparseTopKCategoricalAccuracy(_AccuracyMetric):
    """How often the target's class is among the `k` highest predictions.

    Example:
      >>> print(tf.keras.metrics.SparseTopKCategoricalAccuracy(k=1)([1], [[0.1, 0.9]]).numpy())
      1.0
    """

    def __init__(
        self, k: int = 5, name: str | None = "sparse_top_k_categorical_accuracy", from_sorted_ids: bool = False,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(name=name, dtype=dtype)
        self.k, self.from_sorted_ids = k, from_sorted_ids

    def _values(self, y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
        return array_of(sparse_top_k_categorical_accuracy(wrap(y_true), wrap(y_pred), self.k, self.from_sorted_ids))

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "dtype": self.dtype, "k": self.k, "from_sorted_ids": self.from_sorted_ids}
