"""Intersections over unions."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor, wrap
from tenfold.keras import config
from tenfold.keras.metrics.arrays import array_of, spread
from tenfold.keras.metrics.metric import Metric
from tenfold.ops import array as array_ops
from tenfold.ops import creation
from tenfold.ops.cast import cast
from tenfold.ops.extremes import argmax
from tenfold.ops.gather import gather, where
from tenfold.ops.matrix_diag import diag_part
from tenfold.ops.reduce import reduce_sum
from tenfold.ops.segment import unsorted_segment_sum


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
        super().__init__(name=name, dtype=dtype or "int64")
        self.num_classes, self.target_class_ids = num_classes, list(target_class_ids)
        if self.target_class_ids and max(self.target_class_ids) >= num_classes:
            raise ValueError(
                f"{type(self).__name__}: target_class_ids are {self.target_class_ids}; each must be in [0, {num_classes})."
            )
        self.ignore_class, self.axis = ignore_class, axis
        self.sparse_y_true, self.sparse_y_pred = sparse_y_true, sparse_y_pred
        self.total_cm = self.add_variable(
            (num_classes, num_classes), "zeros", self._dtype, name="total_confusion_matrix"
        )

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        true, pred = array_of(y_true), array_of(y_pred)
        true = true if self.sparse_y_true else true.argmax(self.axis)
        pred = pred if self.sparse_y_pred else pred.argmax(self.axis)
        true, pred = true.reshape(-1).astype(np.int64), pred.reshape(-1).astype(np.int64)
        weights = np.ones((), self._dtype._np)
        if sample_weight is not None:
            weights = self._as_state(array_of(sample_weight))
            weights = weights.reshape(-1) if weights.ndim > 1 else weights
        weights = spread(weights, true.shape)
        size = self.num_classes
        counts = (true >= 0) & (true < size) & (pred >= 0) & (pred < size)
        if self.ignore_class is not None:
            counts &= true != self.ignore_class
        matrix = np.bincount(true[counts] * size + pred[counts], weights[counts], size * size).reshape(size, size)
        self.total_cm._own_array()[...] += matrix.astype(self._dtype._np)

    def _as_state(self, weights: np.ndarray) -> np.ndarray:
        if weights.dtype.kind == "f" and self._dtype._np.kind == "i":
            warnings.warn(
                f"{type(self).__name__}: sample_weight is {weights.dtype}, the counts are {self.dtype}; weights are cut to "
                'integers. Make the metric with dtype="float32".',
                stacklevel=3,
            )
        return weights.astype(self._dtype._np)

    def result(self) -> Tensor:
        matrix = self.total_cm._value._array
        overlap = np.diagonal(matrix)[self.target_class_ids].astype(np.float32)
        union = (matrix.sum(0) + matrix.sum(1) - np.diagonal(matrix))[self.target_class_ids].astype(np.float32)
        epsilon, is_seen = np.float32(config.epsilon()), union > 1e-9
        share = np.where(is_seen, overlap / (union + epsilon), np.float32(0))
        return wrap(np.asarray(share.sum() / (is_seen.sum(dtype=np.float32) + epsilon)))

    def _update_state_by_ops(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        def numbers(y: Any, is_sparse: bool) -> Tensor:
            y = convert(y)
            return array_ops.reshape(cast(y if is_sparse else argmax(y, self.axis), "int64"), [-1])

        true, pred = numbers(y_true, self.sparse_y_true), numbers(y_pred, self.sparse_y_pred)
        weights = creation.ones_like(true, self._dtype)
        if sample_weight is not None:
            given = cast(convert(sample_weight), self._dtype)
            weights *= array_ops.reshape(given, [-1]) if given.ndim > 1 else given
        size = self.num_classes
        counts = (true >= 0) & (true < size) & (pred >= 0) & (pred < size)
        if self.ignore_class is not None:
            counts &= true != self.ignore_class
        weights = where(counts, weights, creation.zeros_like(weights))
        cells = where(counts, true * size + pred, creation.zeros_like(true))
        self.total_cm.assign_add(array_ops.reshape(unsorted_segment_sum(weights, cells, size * size), [size, size]))

    def _result_by_ops(self) -> Tensor:
        matrix, ids = self.total_cm._read(), self.target_class_ids
        both = diag_part(matrix)
        overlap = cast(gather(both, ids), "float32")
        union = cast(gather(reduce_sum(matrix, 0) + reduce_sum(matrix, 1) - both, ids), "float32")
        is_seen = union > 1e-9
        share = where(is_seen, overlap / (union + config.epsilon()), creation.zeros_like(union))
        return reduce_sum(share) / (reduce_sum(cast(is_seen, "float32")) + config.epsilon())

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
        chosen = array_of(y_pred, np.dtype(np.float32)) >= np.float32(self.threshold)
        super().update_state(y_true, wrap(chosen.astype(np.int64)), sample_weight)

    def _update_state_by_ops(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        chosen = cast(convert(y_pred), "float32") >= np.float32(self.threshold)
        super()._update_state_by_ops(y_true, cast(chosen, "int64"), sample_weight)

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
