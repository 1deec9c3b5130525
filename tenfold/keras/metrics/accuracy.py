"""The accuracies, as functions and as metrics."""

from __future__ import annotations

from typing import Any

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras import config
from tenfold.keras.losses.inputs import same_rank
from tenfold.keras.metrics.reduction import KnownMean
from tenfold.ops import array as array_ops
from tenfold.ops import logic
from tenfold.ops.cast import cast
from tenfold.ops.extremes import argmax, reduce_max
from tenfold.ops.top_k import in_top_k


def _matches(true: Tensor, pred: Tensor) -> Tensor:
    """1 where two tensors are equal, of which the second is cast to the dtype of the first."""
    return _ones_where(logic.equal(true, cast(pred, true.dtype)))


def _ones_where(condition: Tensor) -> Tensor:
    return cast(condition, config.floatx())


def accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """1 where targets and predictions are equal."""
    pred = convert(y_pred)
    true, pred = same_rank(cast(convert(y_true), pred.dtype), pred)
    return _matches(true, pred)


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Tensor:
    """1 where a prediction is on its target's side of the threshold.

    Example:
      >>> print(tf.keras.metrics.binary_accuracy([1.0, 0.0], [0.7, 0.6]).numpy())
      [1. 0.]
    """
    true, pred = same_rank(convert(y_true), convert(y_pred))
    if not pred.dtype.is_floating:
        pred = cast(pred, config.floatx())
    return _matches(true, logic.greater(pred, convert(threshold, pred.dtype)))


def categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """1 where targets and predictions are largest at the same class.

    Example:
      >>> print(tf.keras.metrics.categorical_accuracy([[0, 1], [0, 1]], [[0.1, 0.9], [0.8, 0.2]]).numpy())
      [1. 0.]
    """
    return _matches(argmax(convert(y_true), -1), argmax(convert(y_pred), -1))


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """1 where the prediction is largest at the target's class.

    Example:
      >>> print(tf.keras.metrics.sparse_categorical_accuracy([1, 0], [[0.1, 0.9], [0.2, 0.8]]).numpy())
      [1. 0.]
    """
    true, pred = convert(y_true), convert(y_pred)
    if true._array.ndim == pred._array.ndim and true._array.shape[-1] == 1:
        true = array_ops.squeeze(true, -1)
    matches = _matches(true, argmax(pred, -1))
    shape = matches._array.shape
    return array_ops.squeeze(matches, -1) if len(shape) > 1 and shape[-1] == 1 else matches


def _in_top_k(labels: Tensor, scores: Tensor, k: int) -> Tensor:
    """Whether fewer than `k` classes score higher than the right one; never among scores that are not finite."""
    rows = array_ops.reshape(cast(scores, dtypes.float32), (-1, scores._array.shape[-1]))
    found = in_top_k(array_ops.reshape(cast(labels, dtypes.int64), (-1,)), rows, k)
    return _ones_where(array_ops.reshape(found, labels._array.shape))


def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Tensor:
    """1 where the one-hot target's class is among the `k` highest predictions.

    Example:
      >>> print(tf.keras.metrics.top_k_categorical_accuracy([[0, 0, 1]], [[0.5, 0.2, 0.3]], k=2).numpy())
      [1.]
    """
    return _in_top_k(argmax(convert(y_true), -1), convert(y_pred), k)


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
    labels, pred = convert(y_true), convert(y_pred)
    if not from_sorted_ids:
        return _in_top_k(labels, pred, k)
    best = array_ops.reshape(pred, (-1, pred._array.shape[-1]))[:, :k]
    found = _matches(best, array_ops.reshape(labels, (-1, 1)))
    return array_ops.reshape(reduce_max(found, 1), labels._array.shape)


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
