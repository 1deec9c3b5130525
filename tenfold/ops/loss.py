"""Losses: cross-entropies of logits, which have softmax or the logistic function in them, and others."""

from __future__ import annotations

from math import pi, prod
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import FLOATING
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import Op, register, wrong_type
from tenfold.core.symbol import Symbol, may_equal
from tenfold.core.tensor import Tensor, wrap
from tenfold.ops import activation, creation, elementwise, exponential, extremes, logic, reduce, softmax, static
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import gather as gather_ops
from tenfold.ops.elementwise import add, multiply, negative, subtract, unbroadcast
from tenfold.ops.large import first_larger_than, when_large

# Softmax. Both ops also return the gradient with respect to the logits, which costs little while the loss is computed.


def _exponentials(logits: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Logits less the largest of their row, their exponentials, and the sums of these."""
    shifted = np.subtract(logits, extremes.largest_of_rows(logits), order="C")  # `reshape(-1)` must be a view
    powers = np.exp(shifted)
    return shifted, powers, np.add.reduce(powers, -1, keepdims=True, dtype=powers.dtype)


def _cross_entropy_kernel(features, labels):
    shape = np.broadcast(features, labels).shape
    if len(shape) != 2:
        raise ValueError(f"logits and labels must be 2-dimensional, they are {features.shape} and {labels.shape}")
    features = np.broadcast_to(features, shape) if features.shape != shape else features
    if not features.size:
        return np.zeros(shape[:-1], features.dtype), np.zeros(shape, features.dtype)
    shifted, powers, sums = _exponentials(features)
    powers /= sums
    powers -= labels
    np.subtract(np.log(sums), shifted, out=shifted)
    shifted *= labels
    return np.add.reduce(shifted, -1, dtype=features.dtype), powers


_UNSIGNED = {np.dtype(f"{kind}{size}"): np.dtype(f"u{size}") for kind in "iu" for size in (1, 2, 4, 8)}


def check_labels(labels: np.ndarray, classes: int) -> None:
    """Checks that labels are numbers of classes.

    Raises:
      ValueError: one is not.
    """
    if not labels.size:
        return
    numbers = labels.view(_UNSIGNED[labels.dtype])  # of which negative ones are large
    if numbers.item(numbers.argmax()) >= classes:
        bad = labels[(labels < 0) | (labels >= classes)][0]
        raise ValueError(f"Received a label value of {bad} which is outside the valid range of [0, {classes})")


def _sparse_cross_entropy_kernel(features, labels):
    if features.ndim != 2 or labels.shape != features.shape[:1]:
        raise ValueError(
            f"logits and labels must be (batch, classes) and (batch,), they are {features.shape} and {labels.shape}"
        )
    rows, classes = features.shape
    if not rows:
        return np.zeros(0, features.dtype), np.zeros((0, classes), features.dtype)
    check_labels(labels, classes)
    shifted, powers, sums = _exponentials(features)
    powers /= sums
    chosen = labels + extremes.row_starts(rows * classes, classes)
    powers.reshape(-1)[chosen] -= 1
    return np.log(sums).reshape(-1) - shifted.take(chosen), powers


def _features_vjp(dys: tuple[Tensor, Tensor], features: Tensor, backprop: Tensor) -> Tensor:
    """`dys[1]`, the gradient of the gradient, flows in second derivatives only."""
    dy, d_backprop = dys
    dx = multiply(array_ops.expand_dims(dy, -1), backprop)
    if type(d_backprop._array) is Symbol or d_backprop._array.any():
        p = softmax.softmax(features)
        dx = add(dx, multiply(subtract(d_backprop, reduce.reduce_sum(multiply(d_backprop, p), -1, True)), p))
    return unbroadcast(dx, features._array.shape)


def _labels_vjp(dys, features, labels_shape):
    dx = multiply(array_ops.expand_dims(dys[0], -1), negative(softmax.log_softmax(features)))
    return unbroadcast(subtract(dx, dys[1]), labels_shape)


def _lowered_exponentials(b: Any, features: Any) -> tuple[Any, Any, Any]:
    shifted = features - b.reduce_max(features, [1], keepdims=True)
    powers = b.exp(shifted)
    return shifted, powers, b.reduce_sum(powers, [1], keepdims=True)


def _lower_cross_entropy(b, features, labels):
    features, labels = b.operands(features, labels)
    shifted, powers, sums = _lowered_exponentials(b, features)
    return b.reduce_sum((b.log(sums) - shifted) * labels, [1]), powers / sums - labels


def _lower_sparse_cross_entropy(b, features, labels):
    shifted, powers, sums = _lowered_exponentials(b, features)
    labels = b.gather(b.iota(features.shape[1:], 0, labels.dtype), labels)  # which checks them
    is_label = b.eq(b.iota(features.shape, 1, labels.dtype), b.expand_dims(labels, [1]))
    chosen = b.reduce_sum(b.select(is_label, shifted, 0.0), [1])
    return b.log(b.squeeze(sums, [1])) - chosen, powers / sums - b.cast(is_label, features.dtype)


# NumPy's twenty calls take 15 us and more between those of a training step, machine code 5.
is_large, saves_much = first_larger_than(255), first_larger_than(1 << 13)
SOFTMAX_CROSS_ENTROPY = register(
    when_large(
        Op(
            "SoftmaxCrossEntropyWithLogits",
            _cross_entropy_kernel,
            types=FLOATING,
            outputs=("loss", "backprop"),
            vjp=(lambda dys, features, outs: _features_vjp(dys, features, outs[1]), _labels_vjp),
            lower=_lower_cross_entropy,
        ),
        is_large,
        saves_much,
    )
)
SPARSE_SOFTMAX_CROSS_ENTROPY = register(
    when_large(
        Op(
            "SparseSoftmaxCrossEntropyWithLogits",
            _sparse_cross_entropy_kernel,
            types=FLOATING,
            outputs=("loss", "backprop"),
            vjp=(lambda dys, features, outs: _features_vjp(dys, features, outs[1]), None),
            lower=_lower_sparse_cross_entropy,
        ),
        is_large,
        saves_much,
    )
)
_NARROW = (dtypes.float16, dtypes.bfloat16)
_LABEL_TYPES = frozenset((np.dtype(np.int32), np.dtype(np.int64)))


def _require_both(labels: Any, logits: Any, what: str) -> None:
    if labels is None or logits is None:
        raise ValueError(f"{what}: labels is {labels!r}, logits is {logits!r}; both must be given.")


def softmax_cross_entropy_with_logits(labels: Any, logits: Any, axis: int = -1, name: str | None = None) -> Tensor:
    """`-sum(labels * log(softmax(logits)))` along an axis.

    Args:
      labels: Tensor of probabilities, of the shape of `logits`; gradients flow to both.
      logits: Tensor of a floating dtype.
      axis: the axis of the classes.
    Returns:
      Tensor of the shape of `logits` without that axis.
    Raises:
      tf.errors.InvalidArgumentError: shapes do not fit, or `logits` is not floating.
    Example:
      >>> print(tf.nn.softmax_cross_entropy_with_logits([[0.0, 1.0]], [[0.0, 0.0]]).numpy())
      [0.6931472]
    """
    x = convert(logits)
    z = convert(labels)
    dtype = x.dtype
    if dtype in _NARROW:
        x = cast_ops.cast(x, dtypes.float32)
    if z.dtype is not x.dtype:
        z = cast_ops.cast(z, x.dtype)
    SOFTMAX_CROSS_ENTROPY.require(x._array)
    rank = x._array.ndim
    what = "tf.nn.softmax_cross_entropy_with_logits"
    axis = -1 if axis is None else axis if type(axis) is int else static.known_axis(axis, what)
    if axis == -1 or axis == rank - 1:
        shape = x._array.shape
    else:
        axis = static.positive_axis(axis, rank, what)
        perm = [*range(axis), *range(axis + 1, rank), axis]
        x, z = array_ops.transpose(x, perm), array_ops.transpose(z, perm)
        shape = x._array.shape
    if rank == 2:
        loss = SOFTMAX_CROSS_ENTROPY(x, z)[0]
    else:
        if not rank or z._array.ndim != rank or z._array.shape[-1] not in (1, shape[-1]):
            raise InvalidArgumentError(
                f"tf.nn.softmax_cross_entropy_with_logits: labels is {z._array.shape}, logits is {shape}; "
                "the shapes must be equal."
            )
        flat = [array_ops.reshape(part, (prod(part._array.shape[:-1]), part._array.shape[-1])) for part in (x, z)]
        loss = array_ops.reshape(SOFTMAX_CROSS_ENTROPY(*flat)[0], shape[:-1])
    return cast_ops.cast(loss, dtype) if dtype in _NARROW else loss


def sparse_softmax_cross_entropy_with_logits(labels: Any, logits: Any, name: str | None = None) -> Tensor:
    """`-log(softmax(logits)[label])` along the last axis, for labels that are numbers of classes.

    Args:
      labels: Tensor of int32 or int64, shape `(...)`.
      logits: Tensor of a floating dtype, shape `(..., classes)`.
    Returns:
      Tensor of the shape of `labels`.
    Raises:
      ValueError: the shapes do not fit.
      tf.errors.InvalidArgumentError: a label is not the number of a class, or a dtype is another one.
    Example:
      >>> print(tf.nn.sparse_softmax_cross_entropy_with_logits([1], [[0.0, 0.0]]).numpy())
      [0.6931472]
    """
    what = "tf.nn.sparse_softmax_cross_entropy_with_logits"
    if type(labels) is type(logits) is Tensor:
        z, x = labels, logits
    else:
        _require_both(labels, logits, what)
        z, x = convert(labels), convert(logits)
    shape, labels_shape, dtype = x._array.shape, z._array.shape, x._array.dtype
    if not shape or (labels_shape != shape[:-1] and not may_equal(labels_shape, shape[:-1])):
        raise ValueError(
            f"{what}: labels is {labels_shape}, logits is {shape}; labels must have the shape of logits without its "
            "last axis."
        )
    if dtype.itemsize == 2 and dtype.kind in "fV":
        return cast_ops.cast(sparse_softmax_cross_entropy_with_logits(z, cast_ops.cast(x, dtypes.float32)), x.dtype)
    if dtype not in SPARSE_SOFTMAX_CROSS_ENTROPY.accepts:
        SPARSE_SOFTMAX_CROSS_ENTROPY.require(x._array)
    if z._array.dtype not in _LABEL_TYPES:
        raise wrong_type(f"{what}: labels is {z.dtype.name}; it must be int32 or int64. Cast it with tf.cast.")
    if len(shape) == 2:
        return SPARSE_SOFTMAX_CROSS_ENTROPY(x, z)[0]
    x, z = array_ops.reshape(x, (prod(shape[:-1]), shape[-1])), array_ops.reshape(z, (-1,))
    return array_ops.reshape(SPARSE_SOFTMAX_CROSS_ENTROPY(x, z)[0], shape[:-1])


# The logistic function.


def _same_shape(labels: Any, logits: Any, what: str) -> tuple[Tensor, Tensor]:
    x = convert(logits)
    z = convert(labels)
    if type(x) is type(z) is Tensor and not may_equal(x._array.shape, z._array.shape):
        raise ValueError(f"{what}: logits is {x._array.shape}, labels is {z._array.shape}; the shapes must be equal.")
    return z, x


def sigmoid_cross_entropy_with_logits(labels: Any = None, logits: Any = None, name: str | None = None) -> Tensor:
    """`-z * log(sigmoid(x)) - (1 - z) * log(1 - sigmoid(x))` for labels z and logits x, without overflow.

    Args:
      labels: Tensor of the shape and dtype of `logits`, between 0 and 1.
      logits: Tensor of a floating dtype.
    Returns:
      Tensor of the shape of `logits`.
    Raises:
      ValueError: the shapes differ.
    Example:
      >>> print(tf.nn.sigmoid_cross_entropy_with_logits([1.0, 0.0], [0.0, 0.0]).numpy())
      [0.6931472 0.6931472]
    """
    what = "tf.nn.sigmoid_cross_entropy_with_logits"
    _require_both(labels, logits, what)
    z, x = _same_shape(labels, logits, what)
    # max(x, 0) - x * z + log(1 + exp(-abs(x))), with max and abs as choices: their slopes at 0 then add up to that of the loss.
    zero = wrap(np.zeros((), x._array.dtype))
    is_positive = logic.greater_equal(x, zero)
    rectified = gather_ops.where(is_positive, x, zero)
    minus_abs = gather_ops.where(is_positive, negative(x), x)
    return add(subtract(rectified, multiply(x, z)), exponential.log1p(exponential.exp(minus_abs)))


def weighted_cross_entropy_with_logits(labels: Any, logits: Any, pos_weight: Any, name: str | None = None) -> Tensor:
    """`sigmoid_cross_entropy_with_logits` with the term of positive labels multiplied by `pos_weight`.

    Args:
      labels: Tensor of the shape and dtype of `logits`, between 0 and 1.
      logits: Tensor of a floating dtype.
      pos_weight: number or Tensor that broadcasts against `logits`; above 1 favours recall.
    Raises:
      ValueError: the shapes differ.
    Example:
      >>> print(tf.nn.weighted_cross_entropy_with_logits([1.0, 0.0], [0.0, 0.0], 2.0).numpy())
      [1.3862944 0.6931472]
    """
    z, x = _same_shape(labels, logits, "tf.nn.weighted_cross_entropy_with_logits")
    weight = add(multiply(subtract(convert(pos_weight, None, x.dtype), 1), z), 1)
    tail = exponential.log1p(exponential.exp(negative(elementwise.abs(x))))
    return add(multiply(subtract(1, z), x), multiply(weight, add(tail, activation.relu(negative(x)))))


# Others.


def _l2_loss_kernel(t):
    flat = t.reshape(-1)
    return (np.dot(flat, flat) if t.dtype.kind == "f" else np.add.reduce(np.square(flat))) * t.dtype.type(0.5)


L2_LOSS = register(
    Op(
        "L2Loss",
        _l2_loss_kernel,
        types=FLOATING,
        vjp=lambda dy, t: multiply(t, dy),
        lower=lambda b, t: b.reduce_sum(b.square(t)) * 0.5,
    )
)


def l2_loss(t: Any, name: str | None = None) -> Tensor:
    """`sum(t ** 2) / 2`.

    Example:
      >>> print(tf.nn.l2_loss([1.0, 3.0]).numpy())
      5.0
    """
    t = convert(t)
    L2_LOSS.require(t._array)
    return L2_LOSS(t)


def log_poisson_loss(targets: Any, log_input: Any, compute_full_loss: bool = False, name: str | None = None) -> Tensor:
    """The negative logarithm of a Poisson likelihood: `exp(log_input) - log_input * targets`, up to a constant.

    Args:
      targets: Tensor of counts, of the shape and dtype of `log_input`.
      log_input: Tensor, the logarithm of the rate.
      compute_full_loss: whether the constant, Stirling's approximation of `log(targets!)`, is added for targets above 1.
    Raises:
      ValueError: the shapes differ.
    Example:
      >>> print(tf.nn.log_poisson_loss([1.0, 2.0], [0.0, 0.0]).numpy())
      [1. 1.]
    """
    c, z = convert(log_input), convert(targets)
    if not may_equal(c._array.shape, z._array.shape):
        raise ValueError(
            f"tf.nn.log_poisson_loss: log_input is {c._array.shape}, targets is {z._array.shape}; the shapes must be equal."
        )
    loss = subtract(exponential.exp(c), multiply(c, z))
    if not compute_full_loss:
        return loss
    stirling = add(subtract(multiply(z, exponential.log(z)), z), multiply(0.5, exponential.log(multiply(z, 2 * pi))))
    is_small = logic.logical_and(logic.greater_equal(z, 0), logic.less_equal(z, 1))
    return add(loss, gather_ops.where(is_small, creation.zeros_like(z), stirling))


def compute_average_loss(per_example_loss: Any, sample_weight: Any = None, global_batch_size: Any = None) -> Tensor:
    """The sum of the losses of examples, divided by their number.

    Args:
      per_example_loss: Tensor with an axis of examples.
      sample_weight: Tensor that the losses are multiplied by.
      global_batch_size: int, the number of examples in the whole batch; by default that of `per_example_loss`.
    Raises:
      ValueError: `per_example_loss` has no axis, or the batch size is not a scalar.
      TypeError: the batch size is not an integer.
      tf.errors.InvalidArgumentError: the batch size is negative.
    Example:
      >>> print(tf.nn.compute_average_loss([1.0, 3.0], global_batch_size=4).numpy())
      1.0
    """
    what = "tf.nn.compute_average_loss"
    losses = convert(per_example_loss)
    dtype = losses.dtype
    if not losses._array.ndim:
        raise ValueError(f"{what}: per_example_loss is a scalar; it must have an axis of examples.")
    if sample_weight is not None:
        weight = cast_ops.cast(convert(sample_weight), dtypes.float32)
        losses = cast_ops.cast(_weighted(cast_ops.cast(losses, dtypes.float32), weight), dtype)
    size = convert(losses._array.shape[0] if global_batch_size is None else global_batch_size)
    if size._array.ndim:
        raise ValueError(f"{what}: global_batch_size is {size._array.shape}; it must be a scalar.")
    if not size.dtype.is_integer:
        raise TypeError(f"{what}: global_batch_size is {size.dtype.name}; it must be an integer.")
    if size._array < 0:
        raise InvalidArgumentError(f"{what}: global_batch_size is {size._array}; it must not be negative.")
    return elementwise.divide_no_nan(reduce.reduce_sum(losses), cast_ops.cast(size, dtype))


def _weighted(losses: Tensor, weight: Tensor) -> Tensor:
    """The product, where the weight may have one axis of size 1 too many, or one too few."""
    rank, have = losses._array.ndim, weight._array.ndim
    if have == rank + 1 and weight._array.shape[-1] == 1:
        weight = array_ops.squeeze(weight, -1)
    elif have and have == rank - 1:
        weight = array_ops.expand_dims(weight, -1)
    return multiply(losses, weight)


def scale_regularization_loss(regularization_loss: Any) -> Tensor:
    """The sum of a regularization loss divided by the number of replicas, which is one.

    Example:
      >>> print(tf.nn.scale_regularization_loss([1.0, 2.0]).numpy())
      3.0
    """
    return reduce.reduce_sum(regularization_loss)
