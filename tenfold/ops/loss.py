"""Losses on logits: cross-entropies, with softmax or sigmoid folded in; L2 and Poisson losses."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.dtypes import FLOATING
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import Op, register
from tenfold.core.tensor import Tensor, wrap
from tenfold.ops import activation as activation_ops
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import elementwise, exponential, identity, logic
from tenfold.ops import gather as gather_ops
from tenfold.ops import reduce as reduce_ops
from tenfold.ops.elementwise import multiply, negative, subtract

# Softmax


def _shifted(logits: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Logits less their row's highest, their exponentials, and the sums of those."""
    shifted = np.subtract(logits, np.maximum.reduce(logits, -1, keepdims=True))
    powers = np.exp(shifted)
    return shifted, powers, np.add.reduce(powers, -1, keepdims=True, dtype=powers.dtype)


def _softmax_kernel(features, labels):
    features, labels = np.broadcast_arrays(features, labels)
    if not features.size:
        return np.zeros(features.shape[:-1], features.dtype), np.zeros(features.shape, features.dtype)
    shifted, powers, sums = _shifted(features)
    loss = np.add.reduce(labels * (np.log(sums) - shifted), -1, dtype=features.dtype)
    powers /= sums
    powers -= labels
    return loss, powers


def _softmax_vjp(dys, features, outs):
    dloss, dbackprop = dys
    column = array_ops.expand_dims(dloss, -1)
    gradient = multiply(column, outs[1])
    if dbackprop._array.any():  # the gradient of the gradient
        p = activation_ops.softmax(features)
        inner = reduce_ops.reduce_sum(multiply(dbackprop, p), -1, True)
        gradient = gradient + multiply(subtract(dbackprop, inner), p)
    return gradient, multiply(column, negative(activation_ops.log_softmax(features)))


SOFTMAX_CROSS_ENTROPY = register(
    Op(
        "SoftmaxCrossEntropyWithLogits",
        _softmax_kernel,
        types=FLOATING,
        outputs=("loss", "backprop"),
        vjp=_softmax_vjp,
    )
)


def _sparse_kernel(features, labels):
    rows, classes = features.shape
    if not features.size:
        return np.zeros(rows, features.dtype), np.zeros(features.shape, features.dtype)
    shifted, powers, sums = _shifted(features)
    index = np.arange(rows)
    is_valid = (labels >= 0) & (labels < classes)
    if not is_valid.all():
        # TensorFlow on the CPU makes an error of them
        bad = labels[~is_valid][0]
        raise InvalidArgumentError(
            f"Received a label value of {bad} which is outside the valid range of [0, {classes}). "
            f"[Op:SparseSoftmaxCrossEntropyWithLogits]"
        )
    loss = np.log(sums[:, 0]) - shifted[index, labels]
    powers /= sums
    powers[index, labels] -= 1
    return loss, powers


def _sparse_vjp(dys, features, outs):
    dloss, dbackprop = dys
    gradient = multiply(array_ops.expand_dims(dloss, -1), outs[1])
    if dbackprop._array.any():  # the gradient of the gradient
        p = activation_ops.softmax(features)
        inner = reduce_ops.reduce_sum(multiply(dbackprop, p), -1, True)
        gradient = gradient + multiply(subtract(dbackprop, inner), p)
    return gradient, None


SPARSE_SOFTMAX_CROSS_ENTROPY = register(
    Op(
        "SparseSoftmaxCrossEntropyWithLogits",
        _sparse_kernel,
        types=FLOATING,
        outputs=("loss", "backprop"),
        vjp=_sparse_vjp,
    )
)


def softmax_cross_entropy_with_logits(labels: Any, logits: Any, axis: int = -1, name: str | None = None) -> Tensor:
    """`-sum(labels * log(softmax(logits)))` along an axis.

    Args:
      labels: distributions, shape of `logits` or one that broadcasts with it.
      logits: Tensor of a floating dtype.
      axis: the axis of the classes.
    Returns:
      Tensor, shape of `logits` without the axis. Gradients flow to both arguments.
    Raises:
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit.
    Example:
      >>> print(tf.nn.softmax_cross_entropy_with_logits([[0.0, 1.0]], [[0.0, 0.0]]).numpy())
      [0.6931472]
    """
    logits = convert(logits)
    labels = convert(labels, None, logits.dtype)
    is_half = logits.dtype.name in ("float16", "bfloat16")
    dtype = logits.dtype
    if is_half:
        logits = cast_ops.cast(logits, "float32")
    if labels.dtype is not logits.dtype:
        labels = cast_ops.cast(labels, logits.dtype)
    rank = logits._array.ndim
    if axis != -1 and axis != rank - 1:
        perm = [i for i in range(rank) if i != axis % rank] + [axis % rank]
        logits, labels = array_ops.transpose(logits, perm), array_ops.transpose(labels, perm)
    loss = SOFTMAX_CROSS_ENTROPY(logits, labels)[0]
    return cast_ops.cast(loss, dtype) if is_half else loss


def sparse_softmax_cross_entropy_with_logits(labels: Any, logits: Any, name: str | None = None) -> Tensor:
    """`-log(softmax(logits)[labels])` with labels as numbers of classes.

    Args:
      labels: Tensor of an integer dtype, shape `(...)`.
      logits: Tensor of a floating dtype, shape `(..., classes)`.
    Returns:
      Tensor, shape of `labels`.
    Raises:
      ValueError: the shapes do not go together.
      tf.errors.InvalidArgumentError: a label is no class.
    Example:
      >>> print(tf.nn.sparse_softmax_cross_entropy_with_logits([1], [[0.0, 0.0]]).numpy())
      [0.6931472]
    """
    if type(logits) is not Tensor:
        logits = convert(logits)
    if type(labels) is not Tensor:
        labels = convert(labels)
    shape = logits._array.shape
    if not shape:
        raise ValueError("`logits` cannot be a scalar. Received logits.shape=()")
    if labels._array.shape != shape[:-1]:
        raise ValueError(
            f"`labels.shape` must equal `logits.shape` except for the last dimension. Received: labels.shape="
            f"{labels._array.shape} and logits.shape={shape}"
        )
    if labels._array.dtype.kind not in "iu":
        raise TypeError(f"tf.nn.sparse_softmax_cross_entropy_with_logits: labels are {labels.dtype.name}; they must be integers.")
    dtype = logits.dtype
    is_half = dtype.name in ("float16", "bfloat16")
    if is_half:
        logits = cast_ops.cast(logits, "float32")
    if len(shape) == 2:
        loss = SPARSE_SOFTMAX_CROSS_ENTROPY(logits, labels)[0]
    else:
        flat = array_ops.reshape(logits, (int(np.prod(shape[:-1])), shape[-1]))
        loss = SPARSE_SOFTMAX_CROSS_ENTROPY(flat, array_ops.reshape(labels, (-1,)))[0]
        loss = array_ops.reshape(loss, shape[:-1])
    return cast_ops.cast(loss, dtype) if is_half else loss


# Sigmoid


def _logits_and_labels(labels: Any, logits: Any, what: str) -> tuple[Tensor, Tensor]:
    if labels is None or logits is None:
        raise ValueError(f"{what}: both `labels` and `logits` must be provided. Received labels={labels}, logits={logits}")
    logits = convert(logits)
    labels = convert(labels, None, logits.dtype)
    if not labels.shape.is_compatible_with(logits.shape):
        raise ValueError(
            f"`logits` and `labels` must have the same shape, received ({tuple(logits.shape)} vs {tuple(labels.shape)})."
        )
    return labels, logits


def _log_one_plus_exp_of_minus_abs(x: Tensor) -> Tensor:
    return exponential.log1p(exponential.exp(negative(elementwise.abs(x))))


def sigmoid_cross_entropy_with_logits(labels: Any = None, logits: Any = None, name: str | None = None) -> Tensor:
    """`-labels * log(sigmoid(x)) - (1 - labels) * log(1 - sigmoid(x))`, element by element, without overflow.

    Raises:
      ValueError: the shapes differ.
    Example:
      >>> print(tf.nn.sigmoid_cross_entropy_with_logits([1.0, 0.0], [0.0, 0.0]).numpy())
      [0.6931472 0.6931472]
    """
    labels, x = _logits_and_labels(labels, logits, "tf.nn.sigmoid_cross_entropy_with_logits")
    # max(x, 0) and |x| by a choice: their gradients at zero add up to that of the loss
    is_positive = logic.greater_equal(x, 0.0)
    zeros = multiply(x, 0.0)
    relu, minus_abs = gather_ops.where(is_positive, x, zeros), gather_ops.where(is_positive, negative(x), x)
    return subtract(relu, multiply(x, labels)) + exponential.log1p(exponential.exp(minus_abs))


def weighted_cross_entropy_with_logits(labels: Any, logits: Any, pos_weight: Any, name: str | None = None) -> Tensor:
    """`sigmoid_cross_entropy_with_logits` with the loss of positives multiplied by `pos_weight`.

    Raises:
      ValueError: the shapes differ.
    Example:
      >>> print(tf.nn.weighted_cross_entropy_with_logits([1.0], [0.0], 2.0).numpy())
      [1.3862944]
    """
    labels, x = _logits_and_labels(labels, logits, "tf.nn.weighted_cross_entropy_with_logits")
    weight = 1.0 + (convert(pos_weight, None, x.dtype) - 1.0) * labels
    return (1.0 - labels) * x + weight * (_log_one_plus_exp_of_minus_abs(x) + activation_ops.relu(negative(x)))


# Others


L2_LOSS = register(
    Op(
        "L2Loss",
        lambda t: np.asarray(np.vdot(t, t) / 2, t.dtype) if t.dtype.kind == "f" else (t * t).sum() / t.dtype.type(2),
        types=FLOATING,
        vjp=lambda dy, t: multiply(dy, t),
    )
)


def l2_loss(t: Any, name: str | None = None) -> Tensor:
    """`sum(t^2) / 2`.

    Example:
      >>> print(tf.nn.l2_loss([1.0, 3.0]).numpy())
      5.0
    """
    t = convert(t)
    L2_LOSS.require(t._array)
    return L2_LOSS(t)


def log_poisson_loss(targets: Any, log_input: Any, compute_full_loss: bool = False, name: str | None = None) -> Tensor:
    """`exp(log_input) - log_input * targets`, with Stirling's approximation of `log(targets!)` added if wanted.

    Raises:
      ValueError: the shapes differ.
    Example:
      >>> print(tf.nn.log_poisson_loss([1.0], [0.0]).numpy())
      [1.]
    """
    log_input = convert(log_input)
    targets = convert(targets, None, log_input.dtype)
    if not targets.shape.is_compatible_with(log_input.shape):
        raise ValueError(
            f"`log_input` and `targets` must have the same shape, received ({log_input.shape} vs {targets.shape})."
        )
    result = exponential.exp(log_input) - log_input * targets
    if compute_full_loss:
        stirling = (
            targets * exponential.log(targets) - targets + 0.5 * exponential.log(targets * (2.0 * np.pi))
        )
        is_small = logic.logical_and(targets >= 0.0, targets <= 1.0)
        result = result + gather_ops.where(is_small, multiply(targets, 0.0), stirling)
    return result


def compute_average_loss(
    per_example_loss: Any, sample_weight: Any = None, global_batch_size: Any = None
) -> Tensor:
    """The weighted sum of losses divided by the size of the whole batch.

    Raises:
      ValueError: `per_example_loss` is a scalar, or the batch size is not positive.
      TypeError: the batch size is no integer.
    Example:
      >>> print(tf.nn.compute_average_loss([1.0, 3.0], global_batch_size=4).numpy())
      1.0
    """
    loss = convert(per_example_loss)
    if loss._array.ndim == 0:
        raise ValueError("Invalid value passed for `per_example_loss`. Expected a tensor with at least rank 1.")
    dtype = loss.dtype
    if sample_weight is not None:
        weight = convert(sample_weight, None, dtype)
        while weight._array.ndim < loss._array.ndim:
            weight = array_ops.expand_dims(weight, -1)
        loss = loss * cast_ops.cast(weight, dtype)
    size = loss._array.shape[0] if global_batch_size is None else global_batch_size
    if isinstance(size, Tensor):
        if size._array.ndim:
            raise ValueError("`global_batch_size` must be scalar")
        if not size.dtype.is_integer:
            raise TypeError("`global_batch_size` must be an int64")
        size = int(size)
    if not isinstance(size, (int, np.integer)):
        raise TypeError(f"`global_batch_size` must be an int; got {size!r}.")
    if size < 0:
        raise ValueError(f"`global_batch_size` must be non-negative; got {size}.")
    return reduce_ops.reduce_sum(loss) / float(size) if size else reduce_ops.reduce_sum(loss) * 0.0


def scale_regularization_loss(regularization_loss: Any) -> Tensor:
    """The sum of a regularization loss; on one device there is nothing to divide by.

    Example:
      >>> print(tf.nn.scale_regularization_loss([1.0, 2.0]).numpy())
      3.0
    """
    return reduce_ops.reduce_sum(convert(regularization_loss))


# Sampled


def _compute_sampled_logits(
    weights: Any, biases: Any, labels: Any, inputs: Any, num_sampled: int, num_classes: int, num_true: int,
    sampled_values: Any, subtract_log_q: bool, remove_accidental_hits: bool, seed: int | None,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """Logits of the true and of sampled classes, and the targets that go with them."""
    from tenfold.ops import candidates
    from tenfold.ops import matmul as matmul_ops
    from tenfold.ops.embedding import embedding_lookup

    inputs = convert(inputs)
    labels = cast_ops.cast(convert(labels), "int64")
    flat = array_ops.reshape(labels, (-1,))
    if sampled_values is None:
        sampled_values = candidates.log_uniform_candidate_sampler(labels, num_true, num_sampled, True, num_classes, seed=seed)
    sampled, true_count, sampled_count = (identity.stop_gradient(t) for t in sampled_values)
    sampled = cast_ops.cast(sampled, "int64")
    both = array_ops.concat([flat, sampled], 0)
    rows, offsets = embedding_lookup(weights, both), embedding_lookup(biases, both)
    count = flat._array.shape[0]
    true_w, sampled_w = rows[:count], rows[count:]
    true_b, sampled_b = offsets[:count], offsets[count:]
    sampled_logits = matmul_ops.matmul(inputs, sampled_w, transpose_b=True) + sampled_b
    batch, size = inputs._array.shape
    products = array_ops.expand_dims(inputs, 1) * array_ops.reshape(true_w, (-1, num_true, size))
    true_logits = reduce_ops.reduce_sum(products, -1) + array_ops.reshape(true_b, (-1, num_true))
    if remove_accidental_hits:
        hits = sampled._array[None, :] == labels._array.reshape(batch, num_true)[:, :, None]
        lowest = np.finfo(sampled_logits._array.dtype).min if sampled_logits.dtype.name != "bfloat16" else -3e38
        penalty = hits.sum(1).astype(sampled_logits._array.dtype) * lowest
        sampled_logits = sampled_logits + wrap(np.where(hits.any(1), penalty, 0).astype(sampled_logits._array.dtype))
    if subtract_log_q:
        true_logits = true_logits - exponential.log(true_count)
        sampled_logits = sampled_logits - exponential.log(sampled_count)
    logits = array_ops.concat([true_logits, sampled_logits], 1)
    targets = np.zeros(logits._array.shape, logits._array.dtype)
    targets[:, :num_true] = 1.0 / num_true
    return logits, wrap(targets)


def nce_loss(
    weights: Any, biases: Any, labels: Any, inputs: Any, num_sampled: int, num_classes: int, num_true: int = 1,
    sampled_values: Any = None, remove_accidental_hits: bool = False, name: str = "nce_loss",
) -> Tensor:  # fmt: skip
    """Noise-contrastive estimation (Gutmann and Hyvarinen, 2010): true classes against sampled ones.

    Args:
      weights, biases: of the classes, shapes `(classes, size)` and `(classes,)`.
      labels: true classes, shape `(batch, num_true)`.
      inputs: shape `(batch, size)`.
      num_sampled, num_classes, num_true: numbers of classes.
      sampled_values: what a candidate sampler returned; log-uniform by default.
      remove_accidental_hits: whether a sampled class that is true is left out.
    Returns:
      Tensor, shape `(batch,)`.
    """
    logits, targets = _compute_sampled_logits(
        weights, biases, labels, inputs, num_sampled, num_classes, num_true, sampled_values, True, remove_accidental_hits, None
    )
    return reduce_ops.reduce_sum(sigmoid_cross_entropy_with_logits(targets, logits), 1)


def sampled_softmax_loss(
    weights: Any, biases: Any, labels: Any, inputs: Any, num_sampled: int, num_classes: int, num_true: int = 1,
    sampled_values: Any = None, remove_accidental_hits: bool = True, seed: int | None = None,
    name: str = "sampled_softmax_loss",
) -> Tensor:  # fmt: skip
    """Softmax cross-entropy over the true and some sampled classes (Jean et al., 2014, arXiv:1412.2007).

    Args: those of `nce_loss`, and the `seed` of the sampler.
    Returns:
      Tensor, shape `(batch,)`.
    """
    logits, targets = _compute_sampled_logits(
        weights, biases, labels, inputs, num_sampled, num_classes, num_true, sampled_values, True, remove_accidental_hits, seed
    )
    return softmax_cross_entropy_with_logits(identity.stop_gradient(targets), logits)
