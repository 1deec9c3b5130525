"""Losses over a sample of very many classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import candidates, creation, embedding, exponential, identity, join, loss, matmul, reduce, scatter
from tenfold.ops import cast as cast_ops
from tenfold.ops.elementwise import add, multiply, subtract


def _accidental_hits_kernel(true_classes, sampled_candidates, *, num_true, seed=0, seed2=0):
    if true_classes.ndim != 2 or true_classes.shape[1] != num_true:
        raise ValueError(f"true_classes must be a batch_size * num_true matrix with num_true {num_true}")
    if sampled_candidates.ndim != 1:
        raise ValueError("sampled_candidates must be a vector, which is typically an output from CandidateSampler")
    rows, _, places = (true_classes[:, :, None] == sampled_candidates).nonzero()
    weights = np.full(len(rows), -np.finfo(np.float32).max, np.float32)
    return rows.astype(np.int32), places.astype(np.int64), weights


ACCIDENTAL_HITS = register(
    Op(
        "ComputeAccidentalHits",
        _accidental_hits_kernel,
        types=(dtypes.int64,),
        outputs=("indices", "ids", "weights"),
        vjp=NotDifferentiable("the inputs are integers"),
        infer=lambda *_, **__: [Spec.rows(np.dtype(t)) for t in (np.int32, np.int64, np.float32)],
    )
)


def compute_accidental_hits(
    true_classes: Any, sampled_candidates: Any, num_true: int, seed: Any = None, name: str | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """Where sampled classes happen to be true ones.

    Args:
      true_classes: Tensor of int64, shape `(batch, num_true)`.
      sampled_candidates: Tensor of int64, shape `(sampled,)`.
      num_true: number of true classes per example.
      seed: not used, as in TensorFlow.
    Returns:
      Rows of `true_classes`, int32; positions in `sampled_candidates`, int64; and as often the lowest float32, to add
      to the logits of these hits.
    Example:
      >>> rows, places, weights = tf.nn.compute_accidental_hits([[1], [7]], [7, 2], num_true=1)
      >>> print(rows.numpy(), places.numpy())
      [1] [0]
    """
    classes, sampled = (cast_ops.cast(convert(ids), dtypes.int64) for ids in (true_classes, sampled_candidates))
    return tuple(ACCIDENTAL_HITS(classes, sampled, num_true=num_true))


def _sampled_logits(
    weights: Any,
    biases: Any,
    labels: Any,
    inputs: Any,
    num_sampled: int,
    num_classes: int,
    num_true: int,
    sampled_values: Any,
    remove_accidental_hits: bool,
    seed: Any,
) -> tuple[Tensor, Tensor]:
    """Logits of the true and the sampled classes, less the logarithms of how often these are sampled; and labels."""
    x = convert(inputs)
    labels = cast_ops.cast(convert(labels), dtypes.int64)
    if sampled_values is None:
        sampled_values = candidates.log_uniform_candidate_sampler(
            labels, num_true, num_sampled, True, num_classes, seed=seed
        )
    sampled, true_counts, sampled_counts = (identity.stop_gradient(value) for value in sampled_values)
    sampled = cast_ops.cast(sampled, dtypes.int64)
    ids = join.concat([array_ops.reshape(labels, (-1,)), sampled], 0)
    rows, offsets = embedding.embedding_lookup(weights, ids), embedding.embedding_lookup(biases, ids)
    if rows.dtype is not x.dtype:
        rows = cast_ops.cast(rows, x.dtype)
    if offsets.dtype is not x.dtype:
        offsets = cast_ops.cast(offsets, x.dtype)
    count, size = labels._array.size, rows._array.shape[1]
    true_rows = array_ops.reshape(rows[:count], (-1, num_true, size))
    true_logits = reduce.reduce_sum(multiply(array_ops.expand_dims(x, 1), true_rows), -1)
    true_logits = add(true_logits, array_ops.reshape(offsets[:count], (-1, num_true)))
    sampled_logits = add(matmul.matmul(x, rows[count:], transpose_b=True), offsets[count:])
    if remove_accidental_hits:
        hit_rows, hit_places, hit_weights = compute_accidental_hits(labels, sampled, num_true)
        places = join.stack([cast_ops.cast(hit_rows, dtypes.int64), hit_places], 1)
        nothing = creation.zeros_like(sampled_logits)
        penalty = scatter.tensor_scatter_nd_update(nothing, places, cast_ops.cast(hit_weights, nothing.dtype))
        sampled_logits = add(sampled_logits, penalty)
    true_logits = subtract(true_logits, exponential.log(true_counts))
    sampled_logits = subtract(sampled_logits, exponential.log(sampled_counts))
    targets = [creation.ones_like(true_logits) / num_true, creation.zeros_like(sampled_logits)]
    return join.concat([true_logits, sampled_logits], 1), join.concat(targets, 1)


def nce_loss(
    weights: Any,
    biases: Any,
    labels: Any,
    inputs: Any,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: Any = None,
    remove_accidental_hits: bool = False,
    name: str = "nce_loss",
) -> Tensor:
    """Noise-contrastive estimation: tells true classes from sampled ones, each by a logistic regression.

    Args:
      weights: table of the classes, shape `(classes, size)`, or a list of its parts.
      biases: of the classes, shape `(classes,)`.
      labels: Tensor of integers, the true classes, shape `(batch, num_true)`.
      inputs: Tensor, shape `(batch, size)`.
      num_sampled: how many classes are sampled for the batch.
      num_classes: number of all classes.
      num_true: number of true classes per example.
      sampled_values: result of a candidate sampler; of `tf.random.log_uniform_candidate_sampler` by default.
      remove_accidental_hits: whether sampled classes that are true do not count.
    Returns:
      Tensor of shape `(batch,)`.
    Example:
      >>> sampled = tf.constant([2]), tf.constant([[0.5]]), tf.constant([0.5])
      >>> table, biases = tf.ones((3, 2)), tf.zeros(3)
      >>> print(tf.nn.nce_loss(table, biases, [[1]], [[1.0, 2.0]], 1, 3, sampled_values=sampled).numpy())
      [3.7423248]

    References: Gutmann and Hyvärinen, AISTATS 2010.
    """
    logits, targets = _sampled_logits(
        weights,
        biases,
        labels,
        inputs,
        num_sampled,
        num_classes,
        num_true,
        sampled_values,
        remove_accidental_hits,
        None,
    )
    return reduce.reduce_sum(loss.sigmoid_cross_entropy_with_logits(targets, logits), 1)


def sampled_softmax_loss(
    weights: Any,
    biases: Any,
    labels: Any,
    inputs: Any,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: Any = None,
    remove_accidental_hits: bool = True,
    seed: Any = None,
    name: str = "sampled_softmax_loss",
) -> Tensor:
    """The cross-entropy of softmax over the true and the sampled classes; arguments as in `nce_loss`.

    Args:
      seed: op seed of the sampler.
    Returns:
      Tensor of shape `(batch,)`.
    Example:
      >>> sampled = tf.constant([2]), tf.constant([[0.5]]), tf.constant([0.5])
      >>> table, biases = tf.ones((3, 2)), tf.zeros(3)
      >>> print(tf.nn.sampled_softmax_loss(table, biases, [[1]], [[1.0, 2.0]], 1, 3, sampled_values=sampled).numpy())
      [0.6931472]

    References: Jean, Cho, Memisevic and Bengio, ACL 2015, arXiv:1412.2007.
    """
    logits, targets = _sampled_logits(
        weights,
        biases,
        labels,
        inputs,
        num_sampled,
        num_classes,
        num_true,
        sampled_values,
        remove_accidental_hits,
        seed,
    )
    return loss.softmax_cross_entropy_with_logits(identity.stop_gradient(targets), logits)
