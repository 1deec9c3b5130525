"""F-scores and intersections over unions."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.tensor import Tensor, wrap
from tenfold.keras import config
from tenfold.keras.metrics.metric import Metric, array_of, no_nan
from tenfold.keras.variables import Variable


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
        if average not in (None, "micro", "macro", "weighted"):
            raise ValueError(
                f"Invalid `average` argument value. Expected one of: {{None, 'micro', 'macro', 'weighted'}}. Received: average={average}"
            )
        if not isinstance(beta, float) or beta <= 0.0:
            raise ValueError(
                f"Invalid `beta` argument value. It should be a Python float > 0. Received: beta={beta} of type '{type(beta)}'"
            )
        if threshold is not None and (not isinstance(threshold, float) or not 0.0 < threshold <= 1.0):
            raise ValueError(
                f"Invalid `threshold` argument value. It should be a Python float in (0, 1]. Received: threshold={threshold}"
            )
        self.average, self.beta, self.threshold = average, beta, threshold
        self._is_built = False

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        dtype = self._dtype._np
        true, pred = array_of(y_true, dtype), array_of(y_pred, dtype)
        if not self._is_built:
            if true.ndim != 2 or pred.ndim != 2:
                raise ValueError(
                    "FBetaScore expects 2D inputs with shape (batch_size, output_dim). Received input shapes: "
                    f"y_pred.shape={pred.shape} and y_true.shape={true.shape}."
                )
            shape = () if self.average == "micro" else (pred.shape[-1],)
            for name in ("true_positives", "false_positives", "false_negatives", "intermediate_weights"):
                setattr(self, name, self.add_variable(shape, name=name))
            self._is_built = True
        if self.threshold is None:
            chosen = (pred >= pred.max(-1, keepdims=True)) & (np.abs(pred) > 1e-9)
        else:
            chosen = pred > self.threshold
        found = chosen.astype(dtype)
        weights = np.ones((len(true), 1), dtype) if sample_weight is None else array_of(sample_weight, dtype)[:, None]
        axis = None if self.average == "micro" else 0
        for variable, values in (
            (self.true_positives, found * true),
            (self.false_positives, found * (1 - true)),
            (self.false_negatives, (1 - found) * true),
            (self.intermediate_weights, true),
        ):
            variable._own_array()[...] += (values * weights).sum(axis)

    def result(self) -> Tensor:
        tp, fp, fn, weights = (
            v._value._array
            for v in (self.true_positives, self.false_positives, self.false_negatives, self.intermediate_weights)
        )
        epsilon = config.epsilon()
        precision, recall = tp / (tp + fp + epsilon), tp / (tp + fn + epsilon)
        square = self.beta**2
        score = precision * recall / (square * precision + recall + epsilon) * (1 + square)
        if self.average == "weighted":
            score = (score * (weights / (weights.sum() + epsilon))).sum()
        elif self.average is not None:
            score = score.mean()
        return wrap(np.asarray(score, self._dtype._np))

    def reset_state(self) -> None:
        if self._is_built:
            super().reset_state()

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


class IoU(Metric):
    """The mean of intersection over union of some classes.

    Args:
      num_classes: number of classes.
      target_class_ids: the classes whose mean is the result.
      ignore_class: target that does not count.
      sparse_y_true, sparse_y_pred: whether targets and predictions are numbers of classes, or scores per class.
      axis: the axis of the scores.

    Example:
      >>> print(tf.keras.metrics.IoU(num_classes=2, target_class_ids=[0])([0, 0, 1, 1], [0, 1, 0, 1]).numpy().round(4))
      0.3333
    """

    _direction = "up"

    def __init__(
        self, num_classes: int, target_class_ids: Any, name: str | None = None, dtype: Any = None,
        ignore_class: int | None = None, sparse_y_true: bool = True, sparse_y_pred: bool = True, axis: int = -1,
    ) -> None:  # fmt: skip
        super().__init__(name=name, dtype=dtype)
        self.num_classes, self.target_class_ids = num_classes, list(target_class_ids)
        if self.target_class_ids and max(self.target_class_ids) >= num_classes:
            raise ValueError(
                f"Target class id {max(self.target_class_ids)} is out of range, which is [0, {num_classes})."
            )
        self.ignore_class, self.axis = ignore_class, axis
        self.sparse_y_true, self.sparse_y_pred = sparse_y_true, sparse_y_pred
        self.total_cm = self.add_variable((num_classes, num_classes), name="total_confusion_matrix")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        true, pred = array_of(y_true), array_of(y_pred)
        true = true if self.sparse_y_true else true.argmax(self.axis)
        pred = pred if self.sparse_y_pred else pred.argmax(self.axis)
        true, pred = true.reshape(-1).astype(np.int64), pred.reshape(-1).astype(np.int64)
        weights = np.ones(len(true), self._dtype._np)
        if sample_weight is not None:
            weights = np.broadcast_to(array_of(sample_weight, self._dtype._np).reshape(-1), true.shape)
        if self.ignore_class is not None:
            kept = true != self.ignore_class
            true, pred, weights = true[kept], pred[kept], weights[kept]
        size = self.num_classes
        for what, values in (("targets", true), ("predictions", pred)):
            if values.size and (values.min() < 0 or values.max() >= size):
                raise ValueError(
                    f"{type(self).__name__}: {what} hold the class {values.max()}; they must be in [0, {size})."
                )
        matrix = np.bincount(true * size + pred, weights, size * size).reshape(size, size)
        self.total_cm._own_array()[...] += matrix

    def result(self) -> Tensor:
        matrix = self.total_cm._value._array.astype(np.float64)
        overlap = np.diagonal(matrix)[self.target_class_ids]
        union = (matrix.sum(0) + matrix.sum(1) - np.diagonal(matrix))[self.target_class_ids]
        valid = union != 0
        mean = no_nan(no_nan(overlap, union)[valid].sum(), valid.sum())
        return wrap(np.asarray(mean, self._dtype._np))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "target_class_ids": self.target_class_ids,
            "ignore_class": self.ignore_class,
            "sparse_y_true": self.sparse_y_true,
            "sparse_y_pred": self.sparse_y_pred,
            "axis": self.axis,
        }


class BinaryIoU(IoU):
    """Intersection over union of predictions above and below a threshold.

    Args:
      target_class_ids: 0, 1 or both.
      threshold: from which on a prediction is 1.

    Example:
      >>> print(tf.keras.metrics.BinaryIoU([0, 1], 0.3)([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7]).numpy().round(4))
      0.3333
    """

    def __init__(
        self, target_class_ids: Any = (0, 1), threshold: float = 0.5, name: str | None = None, dtype: Any = None
    ) -> None:
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = threshold

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        chosen = array_of(y_pred, self._dtype._np) >= self.threshold
        super().update_state(y_true, wrap(chosen.astype(np.int64)), sample_weight)

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "dtype": self.dtype,
            "target_class_ids": self.target_class_ids,
            "threshold": self.threshold,
        }


class MeanIoU(IoU):
    """The mean of intersection over union of all classes.

    Args: those of `IoU`, without `target_class_ids`.

    Example:
      >>> print(tf.keras.metrics.MeanIoU(num_classes=2)([0, 0, 1, 1], [0, 1, 0, 1]).numpy().round(4))
      0.3333
    """

    def __init__(
        self, num_classes: int, name: str | None = None, dtype: Any = None, ignore_class: int | None = None,
        sparse_y_true: bool = True, sparse_y_pred: bool = True, axis: int = -1,
    ) -> None:  # fmt: skip
        super().__init__(num_classes, range(num_classes), name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["target_class_ids"]
        return config


class OneHotIoU(IoU):
    """`IoU` of one-hot targets and scores.

    Example:
      >>> m = tf.keras.metrics.OneHotIoU(num_classes=2, target_class_ids=[0, 1])
      >>> print(m([[1, 0], [0, 1]], [[0.9, 0.1], [0.2, 0.8]]).numpy())
      1.0
    """

    def __init__(
        self, num_classes: int, target_class_ids: Any, name: str | None = None, dtype: Any = None,
        ignore_class: int | None = None, sparse_y_pred: bool = False, axis: int = -1,
    ) -> None:  # fmt: skip
        super().__init__(num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["sparse_y_true"]
        return config


class OneHotMeanIoU(MeanIoU):
    """`MeanIoU` of one-hot targets and scores.

    Example:
      >>> print(tf.keras.metrics.OneHotMeanIoU(num_classes=2)([[1, 0], [0, 1]], [[0.9, 0.1], [0.2, 0.8]]).numpy())
      1.0
    """

    def __init__(
        self, num_classes: int, name: str | None = None, dtype: Any = None, ignore_class: int | None = None,
        sparse_y_pred: bool = False, axis: int = -1,
    ) -> None:  # fmt: skip
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["sparse_y_true"]
        return config
