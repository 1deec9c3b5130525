"""Cross-entropies as functions: of classes one-hot or numbered, of bits, and those that dwell on what is unsure."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.symbol import may_equal
from tenfold.core.tensor import Tensor
from tenfold.keras import activations, config
from tenfold.keras.losses.inputs import like
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import elementwise, exponential, logic, probability_loss, ranges, softmax
from tenfold.ops import gather as gather_ops
from tenfold.ops import loss as loss_ops
from tenfold.ops import reduce as reduce_ops

_LABELS = (np.dtype(np.int32), np.dtype(np.int64))


def _logits(y_pred: Tensor, from_logits: bool, name: str) -> tuple[Tensor, bool]:
    """Predictions, and whether they are logits: those of `keras.activations.softmax` and `sigmoid` are known."""
    logits = y_pred.__dict__.get("_keras_logits")
    if logits is None:
        return y_pred, from_logits
    if from_logits:
        warnings.warn(
            f"`{name}` received `from_logits=True`, but the `output` argument was produced by a Softmax or Sigmoid activation "
            "and thus does not represent logits. Was this intended?",
            stacklevel=3,
        )
    return convert(logits), True


def _clipped(p: Tensor) -> Tensor:
    epsilon = config.epsilon()
    return elementwise.clip_by_value(p, epsilon, 1.0 - epsilon)


def _smoothed(y_true: Tensor, label_smoothing: float, classes: int | None = None) -> Tensor:
    if not label_smoothing:
        return y_true
    share = 0.5 * label_smoothing if classes is None else label_smoothing / classes
    return y_true * (1.0 - label_smoothing) + share


def _check_classes(y_pred: Tensor, axis: Any, name: str) -> None:
    if isinstance(axis, bool):
        raise ValueError(f"{name}: axis is {axis}; it must be an int.")
    if y_pred._array.shape[-1:] == (1,):
        warnings.warn(
            f"{name}: y_pred is {tuple(y_pred.shape)}, which is one class, and its loss is always zero; expected "
            "(batch, classes) with two classes or more. Use binary_crossentropy for one output per example.",
            SyntaxWarning,
            stacklevel=3,
        )


def _check_same_shape(y_true: Tensor, y_pred: Tensor, name: str) -> None:
    if not may_equal(y_true._array.shape, y_pred._array.shape):
        raise ValueError(
            f"{name}: y_true is {y_true._array.shape}, y_pred is {y_pred._array.shape}; they must have the same shape."
        )


def categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Tensor:
    """`-sum(y_true * log(y_pred))` over the axis of the classes, with targets one-hot.

    Args:
      y_true: targets, shape `(batch, ..., classes)`.
      y_pred: probabilities or logits, the same shape.
      from_logits: whether they are logits.
      label_smoothing: share of the target that goes to all classes.
      axis: the axis of the classes.
    """
    y_true, y_pred = like(y_true, y_pred)
    _check_classes(y_pred, axis, "categorical_crossentropy")
    _check_same_shape(y_true, y_pred, "categorical_crossentropy")
    y_true = _smoothed(y_true, label_smoothing, y_true._array.shape[-1])
    y_pred, from_logits = _logits(y_pred, from_logits, "categorical_crossentropy")
    if from_logits:
        return loss_ops.softmax_cross_entropy_with_logits(y_true, y_pred, axis)
    shares = y_pred / reduce_ops.reduce_sum(y_pred, axis, keepdims=True)
    return -reduce_ops.reduce_sum(y_true * exponential.log(_clipped(shares)), axis)


def categorical_focal_crossentropy(
    y_true: Any, y_pred: Any, alpha: Any = 0.25, gamma: float = 2.0, from_logits: bool = False,
    label_smoothing: float = 0.0, axis: int = -1,
) -> Tensor:  # fmt: skip
    """Cross-entropy times `alpha * (1 - p)^gamma`: what is sure counts little (Lin et al., 2017, arXiv:1708.02002)."""
    y_true, y_pred = like(y_true, y_pred)
    _check_classes(y_pred, axis, "categorical_focal_crossentropy")
    y_true = _smoothed(y_true, label_smoothing, y_true._array.shape[-1])
    if from_logits:
        y_pred = softmax.softmax(y_pred, axis)
    p = _clipped(y_pred / reduce_ops.reduce_sum(y_pred, axis, keepdims=True))
    weights = exponential.pow(1.0 - p, gamma) * alpha
    return reduce_ops.reduce_sum(weights * (-y_true * exponential.log(p)), axis)


def _of_probabilities(labels: Tensor, p: Tensor) -> Tensor:
    if p.dtype not in (dtypes.float32, dtypes.float64):
        return loss_ops.sparse_softmax_cross_entropy_with_logits(labels, exponential.log(_clipped(p)))
    epsilon = config.epsilon()
    return probability_loss.sparse_cross_entropy(labels, p, epsilon, 1.0 - epsilon)


def sparse_categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
) -> Tensor:
    """`-log(y_pred[y_true])` with targets as numbers of classes.

    Args:
      y_true: numbers of classes, shape `(batch, ...)` or `(batch, ..., 1)`.
      y_pred: probabilities or logits, shape `(batch, ..., classes)`.
      from_logits: whether they are logits.
      ignore_class: class whose examples have no loss.
      axis: the axis of the classes; the last one.
    Raises:
      ValueError: the shapes do not go together.
    Example:
      >>> print(tf.keras.losses.sparse_categorical_crossentropy([1], [[0.5, 0.5]]).numpy().round(4))
      [0.6931]
    """
    if type(y_pred) is not Tensor:
        y_pred = convert(y_pred)
    if type(y_true) is not Tensor:
        y_true = convert(y_true)
    true_shape, shape = y_true._array.shape, y_pred._array.shape
    if axis != -1 and axis != len(shape) - 1:
        raise ValueError(
            f"sparse_categorical_crossentropy: axis is {axis}; the classes must be on the last axis, -1. Use tf.transpose."
        )
    if len(true_shape) == len(shape) and true_shape[-1] == 1:
        y_true = array_ops.squeeze(y_true, -1)
        true_shape = true_shape[:-1]
    if true_shape != shape[:-1] and not may_equal(true_shape, shape[:-1]):
        raise ValueError(
            f"sparse_categorical_crossentropy: y_true is {true_shape}, y_pred is {shape}; y_true must be {shape[:-1]}, the "
            "shape of y_pred without the axis of the classes. Use categorical_crossentropy for one-hot targets."
        )
    kept = None
    if ignore_class is not None:
        kept = logic.not_equal(y_true, cast_ops.cast(ignore_class, y_true.dtype))
        y_true = gather_ops.where(kept, y_true, cast_ops.cast(0, y_true.dtype))
        y_pred = gather_ops.where(array_ops.expand_dims(kept, -1), y_pred, cast_ops.cast(0, y_pred.dtype))
    if y_true._array.dtype not in _LABELS:
        y_true = cast_ops.cast(y_true, "int64")
    y_pred, from_logits = _logits(y_pred, from_logits, "sparse_categorical_crossentropy")
    if from_logits:
        result = loss_ops.sparse_softmax_cross_entropy_with_logits(y_true, y_pred)
    else:
        result = _of_probabilities(y_true, y_pred)
    if kept is not None:
        result = gather_ops.where(kept, result, cast_ops.cast(0, result.dtype))
        result._keras_mask = kept
    return result


def _binary(y_true: Tensor, y_pred: Tensor, from_logits: bool) -> Tensor:
    _check_same_shape(y_true, y_pred, "binary_crossentropy")
    y_pred, from_logits = _logits(y_pred, from_logits, "binary_crossentropy")
    if from_logits:
        return loss_ops.sigmoid_cross_entropy_with_logits(y_true, y_pred)
    p = _clipped(y_pred)
    return -(y_true * exponential.log(p) + (1.0 - y_true) * exponential.log(1.0 - p))


def binary_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Tensor:
    """The mean of `-y_true * log(y_pred) - (1 - y_true) * log(1 - y_pred)` over an axis.

    Args:
      y_true: targets 0 or 1.
      y_pred: probabilities or logits, the same shape.
      from_logits: whether they are logits.
      label_smoothing: how far targets are moved towards 1/2.
      axis: the axis of the mean.
    """
    y_true, y_pred = like(y_true, y_pred)
    return reduce_ops.reduce_mean(_binary(_smoothed(y_true, label_smoothing), y_pred, from_logits), axis)


def binary_focal_crossentropy(
    y_true: Any, y_pred: Any, apply_class_balancing: bool = False, alpha: float = 0.25, gamma: float = 2.0,
    from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1,
) -> Tensor:  # fmt: skip
    """Binary cross-entropy times `(1 - p)^gamma` (Lin et al., 2017, arXiv:1708.02002)."""
    y_true, y_pred = like(y_true, y_pred)
    y_true = _smoothed(y_true, label_smoothing)
    if from_logits:
        y_pred = activations.sigmoid(y_pred)
    loss = _binary(y_true, y_pred, False)
    p = y_true * y_pred + (1.0 - y_true) * (1.0 - y_pred)
    loss = exponential.pow(1.0 - p, gamma) * loss
    if apply_class_balancing:
        loss = (y_true * alpha + (1.0 - y_true) * (1.0 - alpha)) * loss
    return reduce_ops.reduce_mean(loss, axis)


def categorical_generalized_cross_entropy(y_true: Any, y_pred: Any, q: float) -> Tensor:
    """`(1 - p^q) / q` of the probability of the true class (Zhang and Sabuncu, 2018, arXiv:1805.07836)."""
    y_pred = convert(y_pred)
    one_hot = ranges.one_hot(cast_ops.cast(y_true, "int32"), y_pred._array.shape[-1], dtype=y_pred.dtype)
    p = reduce_ops.reduce_sum(y_pred * one_hot, -1)
    return (1.0 - exponential.pow(p, q)) / q
