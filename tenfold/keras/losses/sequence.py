"""Connectionist temporal classification: the loss of a sequence of labels without their places in time."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.op import NotDifferentiable, Op
from tenfold.core.tensor import Tensor, wrap
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import gather as gather_ops
from tenfold.ops import join, logsumexp, rearrange, softmax

_IMPOSSIBLE = float(np.log(np.finfo(np.float64).tiny))  # finite: a sequence that is too short has a gradient


def _paths_kernel(y_true):
    """Labels with blanks around them, what skipping a blank costs, the two places that may be last, and where only one may."""
    labels = y_true.astype(np.int64)
    batch, count = labels.shape
    places = np.zeros((batch, 2 * count + 1), np.int64)  # a blank before, between and after the labels
    places[:, 1::2] = labels
    repeats = np.concatenate([np.ones((batch, 2), bool), places[:, 2:] == places[:, :-2]], 1)
    skipping = np.where((places == 0) | repeats, _IMPOSSIBLE, 0.0)
    lengths = (labels != 0).sum(1)
    last = np.stack([2 * lengths, np.maximum(2 * lengths - 1, 0)], 1)
    return places, skipping, last, np.stack([lengths < 0, lengths == 0], 1)  # no label: only the blank ends it


_PATHS = Op("CTCPaths", _paths_kernel, vjp=NotDifferentiable("labels are integers"))


def ctc(y_true: Any, y_pred: Any) -> Tensor:
    """`-log` of the probability that the scores spell the labels (Graves et al., 2006, doi:10.1145/1143844.1143891).

    Args:
      y_true: labels, shape `(batch, labels)`; 0 is the blank and fills up rows that are shorter.
      y_pred: logits of the classes, blank first, shape `(batch, time, classes)`.
    Returns:
      Tensor of shape `(batch,)`.
    Raises:
      ValueError: the ranks are others.
    Example:
      >>> print(tf.keras.losses.ctc([[1]], tf.zeros((1, 2, 2))).numpy().round(4))  # 3 of 4 paths: 11, 01, 10
      [0.2877]
    """
    y_pred, y_true = convert(y_pred), convert(y_true)
    if y_true.ndim != 2 or y_pred.ndim != 3:
        raise ValueError(
            f"ctc: y_true is {y_true._array.shape}, y_pred is {y_pred._array.shape}; they must be (batch, labels) and "
            "(batch, time, classes)."
        )
    places, skipping, last, is_empty = _PATHS(y_true)
    skipping = cast_ops.cast(skipping, y_pred.dtype)
    count = places._array.shape[1]
    log_shares = array_ops.transpose(softmax.log_softmax(y_pred), (0, 2, 1))
    of_places = join.unstack(gather_ops.gather(log_shares, places, batch_dims=1), axis=2)

    def after(shifted: Tensor, by: int) -> Tensor:
        shifted = shifted[:, : max(count - by, 0)]
        return rearrange.pad(shifted, [[0, 0], [min(by, count), 0]], constant_values=_IMPOSSIBLE)

    start = np.where(np.arange(count) < 2, 0.0, _IMPOSSIBLE).astype(y_pred._array.dtype)
    score = of_places[0] + wrap(start)
    for emission in of_places[1:]:
        ways = join.stack([score, after(score, 1), after(score, 2) + skipping])
        score = logsumexp.reduce_logsumexp(ways, 0) + emission
    ends = gather_ops.gather(score, last, batch_dims=1)
    ends = gather_ops.where(is_empty, convert(_IMPOSSIBLE, ends.dtype), ends)
    return -logsumexp.reduce_logsumexp(ends, 1)
