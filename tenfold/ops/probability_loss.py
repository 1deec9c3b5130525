"""The cross-entropy of probabilities with labels that are numbers of classes, as one op.

`log(sum(q)) - log(q[label])` along the last axis, where `q` are the probabilities limited to `[low, high]`. That is what
`sparse_softmax_cross_entropy_with_logits` makes of `log(q)`, without the logarithms of all classes and their exponentials.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.op import Op
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import logic, ranges, sizes
from tenfold.ops.elementwise import clip_by_value, divide, multiply, square, subtract
from tenfold.ops.exponential import log
from tenfold.ops.extremes import row_starts
from tenfold.ops.large import when_large
from tenfold.ops.loss import check_labels, is_large, saves_much
from tenfold.ops.reduce import reduce_sum

_add_up = np.add.reduce


@lru_cache(maxsize=64)
def _limits(dtype: np.dtype, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    return np.array(low, dtype), np.array(high, dtype)


def _limited(p: np.ndarray, low: float, high: float) -> np.ndarray:
    least, most = _limits(p.dtype, low, high)
    q = np.minimum(p, most)
    return np.maximum(q, least, out=q)


def _places(labels: np.ndarray, classes: int) -> np.ndarray:
    """Where the elements of the labels are in a contiguous array of all classes."""
    check_labels(labels, classes)
    starts = row_starts(labels.size * classes, classes)
    return (starts if labels.ndim == 1 else starts.reshape(labels.shape)) + labels


def _loss_kernel(p, labels, *, low, high):
    q = _limited(p, low, high)
    chosen = q.take(_places(labels, p.shape[-1]))
    return np.log(_add_up(q, -1, p.dtype) / chosen)


def _gradient_kernel(grad, p, labels, *, low, high):
    q = _limited(p, low, high)
    places = _places(labels, p.shape[-1])
    share = grad / _add_up(q, -1, p.dtype)
    g = np.empty(p.shape, p.dtype)
    g[...] = share[..., None]
    g.put(places, share - grad / q.take(places))
    np.putmask(g, p != q, _limits(p.dtype, 0.0, 0.0)[0])
    return g


def _parts(p: Tensor, labels: Tensor, low: float, high: float) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Limited probabilities, their sums, and as numbers 0 and 1: where they are not limited, and which is the label's."""
    q = clip_by_value(p, low, high)
    is_label = logic.equal(ranges.range(0, sizes.shape(p)[-1], dtype=labels.dtype), array_ops.expand_dims(labels, -1))
    is_free = cast_ops.cast(logic.equal(p, q), p.dtype)
    return q, reduce_sum(q, -1, True), is_free, cast_ops.cast(is_label, p.dtype)


def _gradient_by_grad(dy, p, labels, low, high):
    q, sums, is_free, is_label = _parts(p, labels, low, high)
    slope = subtract(divide(1.0, sums), divide(is_label, q))
    return reduce_sum(multiply(multiply(dy, is_free), slope), -1)


def _gradient_by_p(dy, grad, p, labels, low, high):
    q, sums, is_free, is_label = _parts(p, labels, low, high)
    d = multiply(dy, is_free)
    spread = divide(reduce_sum(d, -1, True), square(sums))
    bend = subtract(divide(multiply(d, is_label), square(q)), spread)
    return multiply(multiply(array_ops.expand_dims(grad, -1), is_free), bend)


def _lowered_parts(b: Any, p: Any, labels: Any, low: float, high: float) -> tuple[Any, Any, Any, Any]:
    """Limited probabilities, their sums, that of the label, and which it is."""
    last = p.ndim - 1
    q = b.maximum(b.minimum(p, high), low)
    labels = b.gather(b.iota(p.shape[last:], 0, labels.dtype), labels)  # which checks them
    is_label = b.eq(b.iota(p.shape, last, labels.dtype), b.expand_dims(labels, [last]))
    sums, chosen = (b.reduce_sum(x, [last], keepdims=True) for x in (q, b.select(is_label, q, 0.0)))
    return q, sums, chosen, is_label


def _lower_loss(b, p, labels, *, low, high):
    _, sums, chosen, _ = _lowered_parts(b, p, labels, low, high)
    return b.squeeze(b.log(sums / chosen), [p.ndim - 1])


def _lower_gradient(b, grad, p, labels, *, low, high):
    q, sums, chosen, is_label = _lowered_parts(b, p, labels, low, high)
    grad = b.expand_dims(grad, [p.ndim - 1])
    slope = grad / sums - b.select(is_label, grad / chosen, 0.0)
    return b.select(b.eq(p, q), slope, 0.0)


def _expanded_loss(p, labels, low, high):
    q, sums, _, is_label = _parts(p, labels, low, high)
    return log(divide(array_ops.squeeze(sums, -1), reduce_sum(multiply(q, is_label), -1)))


def _expanded_gradient(grad, p, labels, low, high):
    q, sums, is_free, is_label = _parts(p, labels, low, high)
    slope = subtract(divide(1.0, sums), divide(is_label, q))
    return multiply(multiply(array_ops.expand_dims(grad, -1), is_free), slope)


_TYPES = {dtypes.float32, dtypes.float64}
_GRADIENT = when_large(
    Op(
        "SparseCrossEntropyGrad",
        _gradient_kernel,
        types=_TYPES,
        vjp=(_gradient_by_grad, _gradient_by_p, None),
        infer=lambda grad, p, labels, *, low, high: Spec(p.dtype, p.shape),
        lower=_lower_gradient,
        expand=_expanded_gradient,
    ),
    lambda grad, p, labels, **limits: is_large(p),
    lambda grad, p, labels, **limits: saves_much(p),
)
_LOSS = when_large(
    Op(
        "SparseCrossEntropy",
        _loss_kernel,
        types=_TYPES,
        vjp=(lambda dy, p, labels, low, high: _GRADIENT(dy, p, labels, low=low, high=high), None),
        infer=lambda p, labels, *, low, high: Spec(p.dtype, p.shape[:-1]),
        lower=_lower_loss,
        expand=_expanded_loss,
    ),
    is_large,
    saves_much,
)


def sparse_cross_entropy(labels: Tensor, probabilities: Tensor, low: float, high: float) -> Tensor:
    """`-log(q[label] / sum(q))` along the last axis, for `q = clip_by_value(probabilities, low, high)`.

    Args:
      labels: Tensor of int32 or int64, shape `(...)`.
      probabilities: Tensor of float32 or float64, shape `(..., classes)`.
      low, high: the limits; `0 < low < high`.
    Raises:
      tf.errors.InvalidArgumentError: a label is not the number of a class.
    """
    return _LOSS(probabilities, labels, low=low, high=high)
