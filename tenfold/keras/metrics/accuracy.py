"""The accuracies, as functions and as metrics."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.tensor import Tensor, wrap
from tenfold.keras import config
from tenfold.keras.metrics.arrays import array_of, same_rank
from tenfold.keras.metrics.reduction import KnownMean


def _matches(values: np.ndarray) -> Tensor:
    return wrap(np.asarray(values).astype(config.floatx()))


def accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """1 where targets and predictions are equal."""
    pred = array_of(y_pred)
    true, pred = same_rank(array_of(y_true, pred.dtype), pred)
    return _matches(true == pred)


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Tensor:
    """1 where a prediction is on its target's side of the threshold.

    Example:
      >>> print(tf.keras.metrics.binary_accuracy([1.0, 0.0], [0.7, 0.6]).numpy())
      [1. 0.]
    """
    true, pred = same_rank(array_of(y_true), array_of(y_pred))
    return _matches(true == (pred > np.float32(threshold)))


def categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """1 where targets and predictions are largest at the same class.

    Example:
      >>> print(tf.keras.metrics.categorical_accuracy([[0, 1], [0, 1]], [[0.1, 0.9], [0.8, 0.2]]).numpy())
      [1. 0.]
    """
    return _matches(array_of(y_true).argmax(-1) == array_of(y_pred).argmax(-1))


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """1 where the prediction is largest at the target's class.

    Example:
      >>> print(tf.keras.metrics.sparse_categorical_accuracy([1, 0], [[0.1, 0.9], [0.2, 0.8]]).numpy())
      [1. 0.]
    """
    true, pred = array_of(y_true), array_of(y_pred)
    if true.ndim == pred.ndim and true.shape[-1] == 1:
        true = true[..., 0]
    matches = true == pred.argmax(-1)
    return _matches(matches[..., 0] if matches.ndim > 1 and matches.shape[-1] == 1 else matches)


def _in_top_k(labels: np.ndarray, scores: np.ndarray, k: int) -> Tensor:
    """Whether fewer than `k` classes score higher than the right one; never among scores that are not finite."""
    rows, labels_in_rows = scores.reshape(-1, scores.shape[-1]), labels.reshape(-1, 1).astype(np.int64)
    is_class = (labels_in_rows >= 0) & (labels_in_rows < rows.shape[1])
    right = np.take_along_axis(rows, np.where(is_class, labels_in_rows, 0), 1)
    is_known = is_class[:, 0] & np.isfinite(rows).all(1)
    return _matches((is_known & ((rows > right).sum(1) < k)).reshape(labels.shape))


def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Tensor:
    """1 where the one-hot target's class is among the `k` highest predictions.

    Example:
      >>> print(tf.keras.metrics.top_k_categorical_accuracy([[0, 0, 1]], [[0.5, 0.2, 0.3]], k=2).numpy())
      [1.]
    """
    return _in_top_k(array_of(y_true).argmax(-1), array_of(y_pred), k)


def sparse_top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False) -> Tensor:
    """1 where the target's class is among the `k` highest predictions.

    Args:
      y_true: numbers of classes.
      y_pred: scores of the classes; or the classes themselves, best first, if `from_sorted_ids`.
      k: how many of the highest count.
      from_sorted_ids: what `y_pred` is.
    Example:
      >>> print(tf.keras.metrics.sparse_top_k_categorical_accuracy([2], [[0.5, 0.2, 0.3]], k=2).numpy())
      [1.]
    """
    labels, pred = array_of(y_true), array_of(y_pred)
    if not from_sorted_ids:
        return _in_top_k(labels, pred, k)
    found = labels.reshape(-1, 1) == pred.reshape(-1, pred.shape[-1])[:, :k]
    return _matches(found.any(1).reshape(labels.shape))


class _Accuracy(KnownMean):
    _direction = "up"


class Accuracy(_Accuracy):
    """How often predictions equal targets.

    Example:
      >>> print(tf.keras.metrics.Accuracy()([1, 2, 3, 4], [0, 2, 3, 4]).numpy())
      0.75
    """

    def __init__(self, name: str | None = "accuracy", dtype: Any = None) -> None:
        super().__init__(accuracy, name, dtype)


class BinaryAccuracy(_Accuracy):
    """How often predictions are on their target's side of a threshold.

    Args:
      name, dtype: those of `Metric`.
      threshold: above which a prediction is 1; 0 for logits.

    Example:
      >>> print(tf.keras.metrics.BinaryAccuracy()([[1.0], [0.0]], [[0.7], [0.6]]).numpy())
      0.5
    """

    def __init__(self, name: str | None = "binary_accuracy", dtype: Any = None, threshold: float = 0.5) -> None:
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)


class CategoricalAccuracy(_Accuracy):
    """How often one-hot targets and predictions are largest at the same class.

    Example:
      >>> print(tf.keras.metrics.CategoricalAccuracy()([[0, 1]], [[0.1, 0.9]]).numpy())
      1.0
    """

    def __init__(self, name: str | None = "categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(categorical_accuracy, name, dtype)


class SparseCategoricalAccuracy(_Accuracy):
    """How often predictions are largest at the target's class.

    Example:
      >>> print(tf.keras.metrics.SparseCategoricalAccuracy()([1, 0], [[0.1, 0.9], [0.2, 0.8]]).numpy())
      0.5
    """

    def __init__(self, name: str | None = "sparse_categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(sparse_categorical_accuracy, name, dtype)


class TopKCategoricalAccuracy(_Accuracy):
    """How often the one-hot target's class is among the `k` highest predictions.

    Example:
      >>> print(tf.keras.metrics.TopKCategoricalAccuracy(k=1)([[0, 1]], [[0.1, 0.9]]).numpy())
      1.0
    """

    def __init__(self, k: int = 5, name: str | None = "top_k_categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(top_k_categorical_accuracy, name, dtype, k=k)


class SparseTopKCategoricalAccuracy(_Accuracy):
    """How often the target's class is among the `k` highest predictions.

    Args: those of `sparse_top_k_categorical_accuracy` and `Metric`.

    Example:
      >>> print(tf.keras.metrics.SparseTopKCategoricalAccuracy(k=1)([1], [[0.1, 0.9]]).numpy())
      1.0
    """

    def __init__(
        self, k: int = 5, name: str | None = "sparse_top_k_categorical_accuracy", dtype: Any = None,
        from_sorted_ids: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(sparse_top_k_categorical_accuracy, name, dtype, k=k, from_sorted_ids=from_sorted_ids)
