"""Levenshtein distances between sequences."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.symbol import STAND_IN, Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import static
from tenfold.ops.sparse.groups import sparse_groups
from tenfold.ops.sparse.tensor import SparseTensor


def _distance(a: list[Any], b: list[Any]) -> int:
    """How many insertions, deletions and replacements make one sequence of the other."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], min(diagonal + (x != y), row[j - 1] + 1, row[j] + 1)
    return row[-1]


def _kernel(
    hypothesis_indices, hypothesis_values, truth_indices, truth_values, *, hypothesis_shape, truth_shape, normalize=True
):
    if len(hypothesis_shape) != len(truth_shape):
        raise ValueError(
            f"the shapes of hypothesis and truth have different ranks: {hypothesis_shape} and {truth_shape}"
        )
    guessed = sparse_groups(hypothesis_indices, hypothesis_values, np.array(hypothesis_shape), False)
    true = sparse_groups(truth_indices, truth_values, np.array(truth_shape), False)
    out = np.zeros(np.maximum(hypothesis_shape[:-1], truth_shape[:-1]).astype(int), np.float32)
    for place in {*guessed, *true}:
        sequence = true.get(place, [])
        distance = _distance(guessed.get(place, []), sequence)
        out[place] = np.float32(distance) / np.float32(len(sequence)) if normalize else distance
    return out


def _spec(hypothesis_indices, *_, hypothesis_shape, truth_shape, normalize=True):
    pairs = list(zip(hypothesis_shape[:-1], truth_shape[:-1], strict=True))
    sizes = tuple([max(pair) if type(pair[0]) is type(pair[1]) is int else None for pair in pairs])
    return Spec(np.dtype(np.float32), sizes, (STAND_IN,) * sizes.count(None))


EDIT_DISTANCE = register(
    Op(
        "EditDistance",
        _kernel,
        host=("hypothesis_shape", "truth_shape"),
        vjp=NotDifferentiable("the distance is a number of steps"),
        infer=_spec,
    )
)


def edit_distance(
    hypothesis: SparseTensor, truth: SparseTensor, normalize: bool = True, name: str = "edit_distance"
) -> Tensor:
    """How many insertions, deletions and replacements are between sequences: the Levenshtein distance.

    Args:
      hypothesis: SparseTensor, whose rows along the last axis are sequences of values.
      truth: one with the same number of axes.
      normalize: whether distances are divided by the lengths of the sequences of `truth`; by 0 gives infinity.
    Returns:
      float32 Tensor with one axis less.
    Raises:
      TypeError: one is no SparseTensor.
      tf.errors.InvalidArgumentError: ranks differ, or an index is out of bounds.
    Example:
      >>> x = tf.sparse.from_dense([["a", "b", "c"]])
      >>> print(tf.edit_distance(x, tf.sparse.from_dense([["a", "c"]]), normalize=False).numpy())
      [1.]
    """
    what = "tf.edit_distance"
    for argument, value in (("hypothesis", hypothesis), ("truth", truth)):
        if not isinstance(value, SparseTensor):
            raise TypeError(f"{what}: {argument} is a {type(value).__name__}; it must be a SparseTensor.")
    return EDIT_DISTANCE(
        hypothesis.indices,
        hypothesis.values,
        truth.indices,
        truth.values,
        hypothesis_shape=static.ints(hypothesis.dense_shape, what),
        truth_shape=static.ints(truth.dense_shape, what),
        normalize=normalize,
    )
