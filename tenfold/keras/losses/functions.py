"""Losses as functions, but for cross-entropies: targets and predictions in, one number per example out."""

from __future__ import annotations

import math
from typing import Any

from tenfold.core.convert import convert
from tenfold.core.symbol import Symbol
from tenfold.core.tensor import Tensor
from tenfold.keras import config
from tenfold.keras.losses.inputs import like, pair
from tenfold.ops import activation as activation_ops
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import elementwise, exponential, extremes, logic, logsumexp, ranges
from tenfold.ops import gather as gather_ops
from tenfold.ops import matmul as matmul_ops
from tenfold.ops import normalization as norm_ops
from tenfold.ops import reduce as reduce_ops

# Regression


def mean_squared_error(y_true: Any, y_pred: Any) -> Tensor:
    """The mean of `(y_true - y_pred)^2` over the last axis.

    Example:
      >>> print(tf.keras.losses.mean_squared_error([[0.0, 1.0]], [[1.0, 3.0]]).numpy())
      [2.5]
    """
    y_true, y_pred = pair(y_true, y_pred)
    return reduce_ops.reduce_mean(elementwise.square(y_true - y_pred), -1)


def mean_absolute_error(y_true: Any, y_pred: Any) -> Tensor:
    """The mean of `|y_true - y_pred|` over the last axis."""
    y_true, y_pred = pair(y_true, y_pred)
    return reduce_ops.reduce_mean(elementwise.abs(y_true - y_pred), -1)


def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Tensor:
    """The mean of `100 * |y_true - y_pred| / |y_true|` over the last axis."""
    y_true, y_pred = pair(y_true, y_pred)
    scale = elementwise.maximum(elementwise.abs(y_true), config.epsilon())
    return 100.0 * reduce_ops.reduce_mean(elementwise.abs((y_true - y_pred) / scale), -1)


def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Tensor:
    """The mean of `(log(y_true + 1) - log(y_pred + 1))^2` over the last axis, in float32 at least."""
    y_true, y_pred = pair(y_true, y_pred)
    if y_pred.dtype.size < 4:
        y_true, y_pred = cast_ops.cast(y_true, "float32"), cast_ops.cast(y_pred, "float32")
    a, b = (exponential.log(elementwise.maximum(y, config.epsilon()) + 1.0) for y in (y_pred, y_true))
    return reduce_ops.reduce_mean(elementwise.square(a - b), -1)


def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """Minus the cosine of the angle between targets and predictions: -1 where they point the same way."""
    y_true, y_pred = pair(y_true, y_pred)
    a, b = norm_ops.l2_normalize(y_true, axis), norm_ops.l2_normalize(y_pred, axis)
    return -reduce_ops.reduce_sum(a * b, axis)


def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Tensor:
    """The mean of the squared error halved up to `delta`, and growing in a line beyond."""
    y_true, y_pred = pair(y_true, y_pred)
    error = y_pred - y_true
    size = elementwise.abs(error)
    parts = gather_ops.where(size <= delta, 0.5 * elementwise.square(error), delta * size - 0.5 * delta * delta)
    return reduce_ops.reduce_mean(parts, -1)


def log_cosh(y_true: Any, y_pred: Any) -> Tensor:
    """The mean of `log(cosh(y_pred - y_true))` over the last axis."""
    y_true, y_pred = pair(y_true, y_pred)
    error = y_pred - y_true
    return reduce_ops.reduce_mean(error + activation_ops.softplus(error * -2.0) - math.log(2.0), -1)


# Distributions


def kl_divergence(y_true: Any, y_pred: Any) -> Tensor:
    """`sum(y_true * log(y_true / y_pred))` over the last axis."""
    y_true, y_pred = like(y_true, y_pred)
    y_true, y_pred = (elementwise.clip_by_value(y, config.epsilon(), 1.0) for y in (y_true, y_pred))
    return reduce_ops.reduce_sum(y_true * exponential.log(y_true / y_pred), -1)


def poisson(y_true: Any, y_pred: Any) -> Tensor:
    """The mean of `y_pred - y_true * log(y_pred)` over the last axis."""
    y_true, y_pred = like(y_true, y_pred)
    return reduce_ops.reduce_mean(y_pred - y_true * exponential.log(y_pred + config.epsilon()), -1)


# Margins


def _signs(y_true: Tensor) -> Tensor:
    """Targets 0 and 1 as -1 and 1; others as they are."""
    array = y_true._array
    if type(array) is Symbol:
        is_one_or_zero = reduce_ops.reduce_all(logic.logical_or(logic.equal(y_true, 0), logic.equal(y_true, 1)))
        return gather_ops.where(is_one_or_zero, 2.0 * y_true - 1.0, y_true)
    is_binary = bool(((array == 0) | (array == 1)).all())
    return 2.0 * y_true - 1.0 if is_binary else y_true


def hinge(y_true: Any, y_pred: Any) -> Tensor:
    """The mean of `max(1 - y_true * y_pred, 0)` over the last axis; targets are -1 and 1, or 0 and 1."""
    y_true, y_pred = like(y_true, y_pred)
    return reduce_ops.reduce_mean(elementwise.maximum(1.0 - _signs(y_true) * y_pred, 0.0), -1)


def squared_hinge(y_true: Any, y_pred: Any) -> Tensor:
    """The mean of `max(1 - y_true * y_pred, 0)^2` over the last axis; targets are -1 and 1, or 0 and 1."""
    y_true, y_pred = like(y_true, y_pred)
    return reduce_ops.reduce_mean(elementwise.square(elementwise.maximum(1.0 - _signs(y_true) * y_pred, 0.0)), -1)


def categorical_hinge(y_true: Any, y_pred: Any) -> Tensor:
    """`max(highest wrong - right + 1, 0)` with targets one-hot."""
    y_true, y_pred = like(y_true, y_pred)
    right = reduce_ops.reduce_sum(y_true * y_pred, -1)
    wrong = extremes.reduce_max((1.0 - y_true) * y_pred, -1)
    return elementwise.maximum(wrong - right + 1.0, 0.0)


# Sets and similarity


def dice(y_true: Any, y_pred: Any, axis: Any = None) -> Tensor:
    """`1 - 2 * overlap / (size of y_true + size of y_pred)`."""
    y_true, y_pred = like(y_true, y_pred)
    overlap = reduce_ops.reduce_sum(y_true * y_pred, axis)
    sizes = reduce_ops.reduce_sum(y_true, axis) + reduce_ops.reduce_sum(y_pred, axis)
    return 1.0 - 2.0 * overlap / (sizes + config.epsilon())


def tversky(y_true: Any, y_pred: Any, alpha: float = 0.5, beta: float = 0.5, axis: Any = None) -> Tensor:
    """Dice with weights of what is only in one of the two (Salehi et al., 2017, arXiv:1706.05721)."""
    y_true, y_pred = like(y_true, y_pred)
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
