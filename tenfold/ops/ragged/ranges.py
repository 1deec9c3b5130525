"""Rows of numbers in equal steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import as_dtype
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.symbol import Spec
from tenfold.ops.ragged.rows import values_of_rows
from tenfold.ops.ragged.tensor import RaggedTensor


def _kernel(starts, limits, deltas, *, Tsplits=dtypes.int64):
    RAGGED_RANGE.require(starts, limits, deltas)
    given = (starts, limits, deltas)
    if any(x.ndim > 1 for x in given) or len({x.shape for x in given if x.ndim}) > 1:
        raise ValueError("starts, limits, and deltas must be scalars, or vectors of the same shape")
    first, last, step = np.broadcast_arrays(*map(np.atleast_1d, given))
    if not step.all():
        raise ValueError("Requires delta != 0")
    if first.dtype.kind in "iu":
        lengths = np.maximum(-((first - last) // step), 0).astype(np.int64)
    else:
        lengths = np.maximum(np.ceil((last - first) / step), 0).astype(np.int64)
    splits = np.concatenate([[0], np.cumsum(lengths)])
    _, places = values_of_rows(splits, np.arange(len(first)))
    turns = places - np.repeat(splits[:-1], lengths)
    values = np.repeat(first, lengths) + turns.astype(first.dtype) * np.repeat(step, lengths)
    return splits.astype(Tsplits._np), values.astype(first.dtype, copy=False)


def _specs(starts, limits, deltas, *, Tsplits=dtypes.int64):
    rows = max([x.shape for x in (starts, limits, deltas)], key=len) or (1,)
    return [Spec(Tsplits._np, (rows[0] + 1,)), Spec.rows(starts.dtype)]


RAGGED_RANGE = register(
    Op(
        "RaggedRange",
        _kernel,
        types={dtypes.bfloat16, dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64},
        vjp=NotDifferentiable("how many numbers there are depends on the limits by steps"),
        outputs=("rt_nested_splits", "rt_dense_values"),
        infer=_specs,
    )
)


def range(
    starts: Any,
    limits: Any = None,
    deltas: Any = 1,
    dtype: Any = None,
    name: str | None = None,
    row_splits_dtype: Any = dtypes.int64,
) -> RaggedTensor:
    """Rows of numbers in equal steps: `starts[i]`, `starts[i] + deltas[i]`, ..., without `limits[i]`.

    Args:
      starts: Tensor of no or one axis; the limits, and 0 is where rows start, if `limits` is None.
      limits: likewise.
      deltas: likewise.
      dtype: of the numbers; follows from the arguments by default.
      row_splits_dtype: int32 or int64.
    Raises:
      tf.errors.InvalidArgumentError: the vectors have different lengths, or a step is 0.
    Example:
      >>> tf.ragged.range([3, 0, 2])
      <tf.RaggedTensor [[0, 1, 2], [], [0, 1]]>
    """
    if limits is None:
        starts, limits = 0, starts
    wanted = None if dtype is None else as_dtype(dtype)
    last = convert(limits, wanted)
    first, step = convert(starts, wanted, last.dtype), convert(deltas, wanted, last.dtype)
    splits, values = RAGGED_RANGE(first, last, step, Tsplits=as_dtype(row_splits_dtype))
    return RaggedTensor(values, splits, internal=True)
