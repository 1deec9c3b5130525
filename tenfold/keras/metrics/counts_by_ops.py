"""Counts at thresholds, computed by ops, for functions that are written to files of other tools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.dtypes import DType
from tenfold.core.tensor import Tensor
from tenfold.keras.losses.inputs import same_rank
from tenfold.ops import array as array_ops
from tenfold.ops import creation, elementwise, logic, sizes
from tenfold.ops import reduce as reduce_ops
from tenfold.ops.cast import cast
from tenfold.ops.division import ceil
from tenfold.ops.gather import where
from tenfold.ops.ranges import one_hot
from tenfold.ops.top_k import top_k as highest


def counts(
    y_true: Any, y_pred: Any, thresholds: Sequence[float], evenly: bool, dtype: DType, sample_weight: Any = None,
    top_k: int | None = None, class_id: int | None = None, label_weights: Any = None, by_label: bool = False,
) -> dict[str, Tensor]:  # fmt: skip
    """Weights of true positives, false positives, true negatives and false negatives of a batch, per threshold, and per label if these are told apart."""
    pred, true = same_rank(cast(convert(y_pred), dtype), cast(convert(y_true), dtype))
    if top_k is not None:
        chosen = one_hot(highest(pred, top_k)[1], sizes.shape(pred)[-1], on_value=True, off_value=False)
        pred = where(reduce_ops.reduce_any(chosen, -2), pred, convert(-np.inf, dtype))
    if class_id is not None:
        true, pred = true[..., class_id], pred[..., class_id]
    weights = creation.ones_like(pred)
    if sample_weight is not None:
        given = cast(convert(sample_weight), dtype)
        weights *= array_ops.reshape(given, [*sizes.shape(given)[: given.ndim], *[1] * (pred.ndim - given.ndim)])
    if label_weights is not None:
        weights *= np.asarray(label_weights, dtype.as_numpy_dtype)
    labels = sizes.shape(pred)[-1] if by_label else 1
    true, pred, weights = (array_ops.reshape(x, [-1, labels]) for x in (true, pred, weights))
    is_true = cast(cast(true, "bool"), dtype)
    above = cast(_above(pred, np.asarray(thresholds, dtype.as_numpy_dtype), evenly), dtype) * weights
    tp = reduce_ops.reduce_sum(above * is_true, 1)  # (thresholds, labels)
    fp = reduce_ops.reduce_sum(above, 1) - tp
    positives = reduce_ops.reduce_sum(weights * is_true, 0)
    found = {"tp": tp, "fp": fp, "fn": positives - tp, "tn": reduce_ops.reduce_sum(weights, 0) - positives - fp}
    return found if by_label else {short: values[:, 0] for short, values in found.items()}


def _above(pred: Tensor, limits: np.ndarray, evenly: bool) -> Tensor:
    """Which predictions are above which limits; as `counts` decides that for limits that divide [0, 1] evenly."""
    if not evenly:
        return pred > limits[:, None, None]
    steps = ceil(elementwise.minimum(elementwise.maximum(pred, 0.0), 1.0) * float(len(limits) - 1))
    if limits.min() < 0:
        steps = elementwise.maximum(steps, 1.0)
    rank = np.argsort(np.argsort(limits, kind="stable"))
    return logic.greater(steps, rank[:, None, None].astype(limits.dtype))
