"""Losses as functions: targets and predictions in, one number per example out."""

from __future__ import annotations

import logging
import math
import warnings
from typing import Any

from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras import activations, config
from tenfold.ops import activation as activation_ops
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import elementwise, exponential, logic, logsumexp, ranges
from tenfold.ops import gather as gather_ops
from tenfold.ops import loss as loss_ops
from tenfold.ops import matmul as matmul_ops
from tenfold.ops import normalization as norm_ops
from tenfold.ops import reduce as reduce_ops

_log = logging.getLogger("tenfold")


def same_rank(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Takes away or adds a last axis of size 1 where the ranks of two tensors differ by one."""
    m, n = a._array.shape, b._array.shape
    if len(m) == len(n):
        return a, b
    if len(m) == len(n) + 1 and m[-1] == 1:
        if n and n[-1] == 1:
            return a, array_ops.expand_dims(b, -1)
        return array_ops.squeeze(a, -1), b
    if len(n) == len(m) + 1 and n[-1] == 1:
        if m and m[-1] == 1:
            return array_ops.expand_dims(a, -1), b
        return a, array_ops.squeeze(b, -1)
    return a, b


def _like(y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
    """Targets and predictions as tensors of the predictions' dtype."""
    if type(y_pred) is not Tensor:
        y_pred = convert(y_pred)
    if type(y_true) is not Tensor:
        y_true = convert(y_true, None, y_pred.dtype)
    if y_true._array.dtype is not y_pred._array.dtype:
        y_true = cast_ops.cast(y_true, y_pred.dtype)
    return y_true, y_pred


def _pair(y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
    return same_rank(*_like(y_true, y_pred))


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


# Regression


def mean_squared_error(y_true: Any, y_pred: Any) -> Tensor:
    """The mean of `(y_true - y_pred)^2` over the last axis.

    Example:
      >>> print(tf.keras.losses.mean_squared_error([[0.0, 1.0]], [[1.0, 3.0]]).numpy())
      [2.5]
    """
    y_true, y_pred = _pair(y_true, y_pred)
    return reduce_ops.reduce_mean(elementwise.square(y_true - y_pred), -1)


def mean_absolute_error(y_true: Any, y_pred: Any) -> Tensor:
    """The mean of `|y_true - y_pred|` over the last axis."""
    y_true, y_pred = _pair(y_true, y_pred)
    return reduce_ops.reduce_mean(elementwise.abs(y_true - y_pred), -1)


def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Tensor:
    """The mean of `100 * |y_true - y_pred| / |y_true|` over the last axis."""
    y_true, y_pred = _pair(y_true, y_pred)
    scale = elementwise.maximum(elementwise.abs(y_true), config.epsilon())
    return 100.0 * reduce_ops.reduce_mean(elementwise.abs((y_true - y_pred) / scale), -1)


def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Tensor:
    """The mean of `(log(y_true + 1) - log(y_pred + 1))^2` over the last axis."""
    y_true, y_pred = _pair(y_true, y_pred)
    a, b = (exponential.log(elementwise.maximum(y, config.epsilon()) + 1.0) for y in (y_pred, y_true))
    return reduce_ops.reduce_mean(elementwise.square(a - b), -1)


def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """Minus the cosine of the angle between targets and predictions: -1 where they point the same way."""
    y_true, y_pred = _pair(y_true, y_pred)
    a, b = norm_ops.l2_normalize(y_true, axis), norm_ops.l2_normalize(y_pred, axis)
    return -reduce_ops.reduce_sum(a * b, axis)


def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Tensor:
    """The mean of the squared error halved up to `delta`, and growing in a line beyond."""
    y_true, y_pred = _pair(y_true, y_pred)
    error = y_pred - y_true
    size = elementwise.abs(error)
    parts = gather_ops.where(size <= delta, 0.5 * elementwise.square(error), delta * size - 0.5 * delta * delta)
    return reduce_ops.reduce_mean(parts, -1)


def log_cosh(y_true: Any, y_pred: Any) -> Tensor:
    """The mean of `log(cosh(y_pred - y_true))` over the last axis."""
    y_true, y_pred = _pair(y_true, y_pred)
    error = y_pred - y_true
    return reduce_ops.reduce_mean(error + activation_ops.softplus(error * -2.0) - math.log(2.0), -1)


# Probabilities


def kl_divergence(y_true: Any, y_pred: Any) -> Tensor:
    """`sum(y_true * log(y_true / y_pred))` over the last axis."""
    y_true, y_pred = _like(y_true, y_pred)
    y_true, y_pred = (elementwise.clip_by_value(y, config.epsilon(), 1.0) for y in (y_true, y_pred))
    return reduce_ops.reduce_sum(y_true * exponential.log(y_true / y_pred), -1)


def poisson(y_true: Any, y_pred: Any) -> Tensor:
    """The mean of `y_pred - y_true * log(y_pred)` over the last axis."""
    y_true, y_pred = _like(y_true, y_pred)
    return reduce_ops.reduce_mean(y_pred - y_true * exponential.log(y_pred + config.epsilon()), -1)


def _check_classes(y_pred: Tensor, axis: Any, name: str) -> None:
    if isinstance(axis, bool):
        raise ValueError(f"`axis` must be of type `int`. Received: axis={axis} of type {type(axis)}")
    if y_pred._array.shape[-1:] == (1,):
        _log.warning(
            "In loss %s, expected y_pred.shape to be (batch_size, num_classes) with num_classes > 1. Received: "
            "y_pred.shape=%s. Consider using 'binary_crossentropy' if you only have 2 classes.",
            name,
            y_pred.shape,
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
    y_true, y_pred = _like(y_true, y_pred)
    _check_classes(y_pred, axis, "categorical_crossentropy")
    _check_same_shape(y_true, y_pred, "categorical_crossentropy")
    y_true = _smoothed(y_true, label_smoothing, y_true._array.shape[-1])
    y_pred, from_logits = _logits(y_pred, from_logits, "categorical_crossentropy")
    if from_logits:
        return loss_ops.softmax_cross_entropy_with_logits(y_true, y_pred, axis)
    shares = y_pred / reduce_ops.reduce_sum(y_pred, axis, keepdims=True)
    return -reduce_ops.reduce_sum(y_true * exponential.log(_clipped(shares)), axis)


def _check_same_shape(y_true: Tensor, y_pred: Tensor, name: str) -> None:
    if y_true._array.shape != y_pred._array.shape:
        raise ValueError(
            f"{name}: Arguments `target` and `output` must have the same shape. Received: "
            f"target.shape={tuple(y_true.shape)}, output.shape={tuple(y_pred.shape)}"
        )


def categorical_focal_crossentropy(
    y_true: Any, y_pred: Any, alpha: Any = 0.25, gamma: float = 2.0, from_logits: bool = False,
    label_smoothing: float = 0.0, axis: int = -1,
) -> Tensor:  # fmt: skip
    """Cross-entropy times `alpha * (1 - p)^gamma`: what is sure counts little (Lin et al., 2017, arXiv:1708.02002)."""
    y_true, y_pred = _like(y_true, y_pred)
    _check_classes(y_pred, axis, "categorical_focal_crossentropy")
    y_true = _smoothed(y_true, label_smoothing, y_true._array.shape[-1])
    if from_logits:
        y_pred = activation_ops.softmax(y_pred, axis)
    p = _clipped(y_pred / reduce_ops.reduce_sum(y_pred, axis, keepdims=True))
    weights = exponential.pow(1.0 - p, gamma) * alpha
    return reduce_ops.reduce_sum(weights * (-y_true * exponential.log(p)), axis)


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
        raise ValueError(f"Only axis=-1 is currently supported. Received: axis={axis}")
    if len(true_shape) == len(shape) and true_shape[-1] == 1:
        y_true = array_ops.squeeze(y_true, -1)
        true_shape = true_shape[:-1]
    if true_shape != shape[:-1]:
        raise ValueError(
            "Arguments `target` and `output` must have the same shape up until the last dimension: "
            f"target.shape={true_shape}, output.shape={shape}"
        )
    kept = None
    if ignore_class is not None:
        kept = logic.not_equal(y_true, cast_ops.cast(ignore_class, y_true.dtype))
        y_true = gather_ops.where(kept, y_true, cast_ops.cast(0, y_true.dtype))
        y_pred = gather_ops.where(array_ops.expand_dims(kept, -1), y_pred, cast_ops.cast(0, y_pred.dtype))
    if y_true._array.dtype.kind not in "iu":
        y_true = cast_ops.cast(y_true, "int64")
    y_pred, from_logits = _logits(y_pred, from_logits, "sparse_categorical_crossentropy")
    logits = y_pred if from_logits else exponential.log(_clipped(y_pred))
    result = loss_ops.sparse_softmax_cross_entropy_with_logits(y_true, logits)
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
    y_true, y_pred = _like(y_true, y_pred)
    return reduce_ops.reduce_mean(_binary(_smoothed(y_true, label_smoothing), y_pred, from_logits), axis)


def binary_focal_crossentropy(
    y_true: Any, y_pred: Any, apply_class_balancing: bool = False, alpha: float = 0.25, gamma: float = 2.0,
    from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1,
) -> Tensor:  # fmt: skip
    """Binary cross-entropy times `(1 - p)^gamma` (Lin et al., 2017, arXiv:1708.02002)."""
    y_true, y_pred = _like(y_true, y_pred)
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


# Margins


def _signs(y_true: Tensor) -> Tensor:
    """Targets 0 and 1 as -1 and 1; others as they are."""
    array = y_true._array
    is_binary = bool(((array == 0) | (array == 1)).all())
    return 2.0 * y_true - 1.0 if is_binary else y_true


def hinge(y_true: Any, y_pred: Any) -> Tensor:
    """The mean of `max(1 - y_true * y_pred, 0)` over the last axis; targets are -1 and 1, or 0 and 1."""
    y_true, y_pred = _like(y_true, y_pred)
    return reduce_ops.reduce_mean(elementwise.maximum(1.0 - _signs(y_true) * y_pred, 0.0), -1)


def squared_hinge(y_true: Any, y_pred: Any) -> Tensor:
    """The mean of `max(1 - y_true * y_pred, 0)^2` over the last axis; targets are -1 and 1, or 0 and 1."""
    y_true, y_pred = _like(y_true, y_pred)
    return reduce_ops.reduce_mean(elementwise.square(elementwise.maximum(1.0 - _signs(y_true) * y_pred, 0.0)), -1)


def categorical_hinge(y_true: Any, y_pred: Any) -> Tensor:
    """`max(highest wrong - right + 1, 0)` with targets one-hot."""
    y_true, y_pred = _like(y_true, y_pred)
    right = reduce_ops.reduce_sum(y_true * y_pred, -1)
    wrong = reduce_ops.reduce_max((1.0 - y_true) * y_pred, -1)
    return elementwise.maximum(wrong - right + 1.0, 0.0)


# Sets and similarity


def dice(y_true: Any, y_pred: Any, axis: Any = None) -> Tensor:
    """`1 - 2 * overlap / (size of y_true + size of y_pred)`."""
    y_true, y_pred = _like(y_true, y_pred)
    overlap = reduce_ops.reduce_sum(y_true * y_pred, axis)
    sizes = reduce_ops.reduce_sum(y_true, axis) + reduce_ops.reduce_sum(y_pred, axis)
    return 1.0 - 2.0 * overlap / (sizes + config.epsilon())


def tversky(y_true: Any, y_pred: Any, alpha: float = 0.5, beta: float = 0.5, axis: Any = None) -> Tensor:
    """Dice with weights of what is only in one of the two (Salehi et al., 2017, arXiv:1706.05721)."""
    y_true, y_pred = _like(y_true, y_pred)
    overlap = reduce_ops.reduce_sum(y_true * y_pred, axis)
    only_true = reduce_ops.reduce_sum((1.0 - y_pred) * y_true, axis)
    only_pred = reduce_ops.reduce_sum(y_pred * (1.0 - y_true), axis)
    return 1.0 - overlap / (overlap + only_true * alpha + only_pred * beta + config.epsilon())


def circle(
    y_true: Any, y_pred: Any, ref_labels: Any = None, ref_embeddings: Any = None, remove_diagonal: bool = True,
    gamma: float = 80, margin: float = 0.4,
) -> Tensor:  # fmt: skip
    """Circle loss of normalized embeddings (Sun et al., 2020, arXiv:2002.10857).

    Args:
      y_true: labels, shape `(batch,)`.
      y_pred: embeddings of norm 1, shape `(batch, size)`.
      ref_labels, ref_embeddings: what they are compared with; the batch itself by default.
      remove_diagonal: whether an example is not compared with itself.
      gamma, margin: scale and relaxation of the similarities.
    """
    y_pred = convert(y_pred)
    labels = array_ops.reshape(cast_ops.cast(y_true, "int32"), (-1, 1))
    others = labels if ref_labels is None else array_ops.reshape(cast_ops.cast(ref_labels, "int32"), (-1, 1))
    references = y_pred if ref_embeddings is None else convert(ref_embeddings)
    is_same = logic.equal(labels, array_ops.transpose(others))
    is_other = logic.logical_not(is_same)
    if remove_diagonal:
        rows, columns = is_same._array.shape
        off = logic.not_equal(array_ops.expand_dims(ranges.range(rows), 1), ranges.range(columns))
        is_same = logic.logical_and(is_same, off)
    distance = elementwise.maximum(1.0 - matmul_ops.matmul(y_pred, references, transpose_b=True), 0.0)
    same, other = cast_ops.cast(is_same, distance.dtype), cast_ops.cast(is_other, distance.dtype)
    near = elementwise.maximum((margin + distance) * same, 0.0)
    far = elementwise.maximum((1.0 + margin - distance) * other, 0.0)
    lowest = cast_ops.cast(-math.inf, distance.dtype)
    of_same = gather_ops.where(is_same, -gamma * near * (margin - distance), lowest)
    of_other = gather_ops.where(is_other, gamma * far * (1.0 - margin - distance), lowest)
    loss = activation_ops.softplus(logsumexp.reduce_logsumexp(of_same, 1) + logsumexp.reduce_logsumexp(of_other, 1))
    loss._keras_mask = loss > 0.0
    return loss
