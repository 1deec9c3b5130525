"""Isotonic regression: the monotonic sequence nearest to another."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import REAL
from tenfold.core.op import Op, register
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import cast, gather, ranges, segment, static
from tenfold.ops.elementwise import negative

_PROMOTED = {
    dtypes.float32: dtypes.float32,
    dtypes.float16: dtypes.float16,
    dtypes.bfloat16: dtypes.bfloat16,
    dtypes.int8: dtypes.float32,
    dtypes.int16: dtypes.float32,
}


def _fit(row: list[float]) -> list[tuple[float, int]]:
    """Pools neighbours that violate the order until means decrease; each block as its sum and its length."""
    blocks: list[tuple[float, int]] = []
    for value in row:
        total, count = value, 1
        while blocks and blocks[-1][0] * count < total * blocks[-1][1]:
            before, length = blocks.pop()
            total, count = total + before, count + length
        blocks.append((total, count))
    return blocks


def _isotonic_kernel(input, *, output_dtype=dtypes.float32):
    if input.ndim != 2:
        raise ValueError(f"input must have 2 axes, it has {input.ndim}")
    output = np.empty(input.shape, output_dtype._np)
    segments = np.empty(input.shape, np.int32)
    for i, row in enumerate(input.astype(np.float64).tolist()):
        blocks = _fit(row)
        counts = [count for _, count in blocks]
        output[i] = np.repeat([total / count for total, count in blocks], counts)
        segments[i] = np.repeat(np.arange(len(blocks)), counts)
    return output, segments


def _isotonic_vjp(dys, input_dtype, outs):
    """The mean over each block."""
    dy, labels = dys[0], outs[1]
    rows, columns = dy._array.shape
    starts = array_ops.expand_dims(ranges.range(rows) * columns, 1)
    ids = array_ops.reshape(labels + starts, (-1,))
    means = segment.unsorted_segment_mean(array_ops.reshape(dy, (-1,)), ids, rows * columns)
    dx = array_ops.reshape(gather.gather(means, ids), (rows, columns))
    return cast.cast(dx, input_dtype)


ISOTONIC = register(
    Op("IsotonicRegression", _isotonic_kernel, types=REAL, outputs=("output", "segments"), vjp=_isotonic_vjp)
)


def isotonic_regression(inputs: Any, decreasing: bool = True, axis: int = -1) -> tuple[Tensor, Tensor]:
    """The decreasing sequence with the least sum of squared differences from `inputs`, along an axis.

    Args:
      inputs: Tensor of a real dtype; integers become float32 or, if they are large, float64.
      decreasing: False asks for an increasing sequence.
      axis: int.
    Returns:
      The sequence, and int32 numbers of the blocks within which it is constant.
    Example:
      >>> output, segments = tf.nn.isotonic_regression([3.0, 1.0, 2.0, 0.0])
      >>> print(output.numpy(), segments.numpy())
      [3.  1.5 1.5 0. ] [0 1 1 2]
    """
    x = convert(inputs)
    dtype = _PROMOTED.get(x.dtype, dtypes.float64)
    rank = x._array.ndim
    if not rank:
        flat = array_ops.reshape(x, (1, 1))
        output, segments = (array_ops.reshape(part, ()) for part in ISOTONIC(flat, output_dtype=dtype))
        return output, segments
    axis = static.positive_axis(axis, rank, "tf.nn.isotonic_regression")
    perm = list(range(rank))
    perm[axis], perm[-1] = perm[-1], perm[axis]
    moved = array_ops.transpose(x, perm)
    shape = moved._array.shape
    flat = array_ops.reshape(moved if decreasing else negative(moved), (-1, shape[-1]))
    ISOTONIC.require(flat._array)
    output, segments = [
        array_ops.transpose(array_ops.reshape(part, shape), perm) for part in ISOTONIC(flat, output_dtype=dtype)
    ]
    return (output if decreasing else negative(output)), segments
