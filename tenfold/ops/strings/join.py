"""Texts joined to longer ones."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import dropwhile
from math import prod
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.errors import OutOfRangeError
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.core.text import as_bytes
from tenfold.ops import row_rules, static
from tenfold.ops.strings.elements import array_of_texts, text_input, text_op


def _join_kernel(*inputs, separator=""):
    between = as_bytes(separator)
    shapes = [x.shape for x in inputs if x.ndim]
    for shape in shapes[1:]:
        if shape != shapes[0]:
            raise ValueError(f"Input shapes do not match: {shapes[0]} vs. {shape}")
    shape = shapes[0] if shapes else ()
    columns = [np.broadcast_to(x, shape).reshape(-1).tolist() for x in inputs]
    rows = zip(*columns, strict=True) if columns else [()]
    return array_of_texts(map(between.join, rows), shape)


JOIN = text_op("StringJoin", _join_kernel, rows=row_rules.elementwise)


def _reduce_join_kernel(inputs, *, reduction_indices, keep_dims=False, separator=""):
    between = as_bytes(separator)
    axes = []
    for axis in reduction_indices if isinstance(reduction_indices, tuple) else (reduction_indices,):
        if not -inputs.ndim <= axis < inputs.ndim:
            raise OutOfRangeError(f"Invalid reduction dimension {axis} for input with {inputs.ndim} dimension(s)")
        axes.append(axis % inputs.ndim)
    if len(set(axes)) < len(axes):
        raise ValueError(f"Duplicate reduction dimension in {axes}")
    kept = [axis for axis in range(inputs.ndim) if axis not in axes]
    shape = tuple([inputs.shape[axis] for axis in kept])
    count = prod([inputs.shape[axis] for axis in axes])
    rows = inputs.transpose([*kept, *reversed(axes)]).reshape(prod(shape), count)
    joined = array_of_texts(map(between.join, rows.tolist()), shape)
    return np.expand_dims(joined, tuple(sorted(axes))) if keep_dims else joined


REDUCE_JOIN = text_op("ReduceJoin", _reduce_join_kernel, host=("reduction_indices",))


def _segment_join_kernel(inputs, segment_ids, *, num_segments, separator=""):
    if inputs.shape[: segment_ids.ndim] != segment_ids.shape:
        raise ValueError("the shape of segment_ids should be a prefix of the shape of inputs")
    ids = segment_ids.reshape(-1).tolist()
    if any(not 0 <= i < num_segments for i in ids):
        raise ValueError("segment_ids are not allowed to exceed num_segments or to have negative values.")
    between = as_bytes(separator)
    rest = inputs.shape[segment_ids.ndim :]
    width = prod(rest)
    parts: list[list[bytes]] = [[] for _ in range(num_segments * width)]
    for i, row in zip(ids, inputs.reshape(len(ids), width).tolist(), strict=True):
        for j, text in enumerate(row):
            parts[i * width + j].append(text)
    joined = [between.join(dropwhile(lambda text: not text, texts)) for texts in parts]  # TensorFlow leaves these out
    return array_of_texts(joined, (num_segments, *rest))


def _segment_join_spec(inputs, segment_ids, *, num_segments, separator=""):
    return Spec(inputs.dtype, (num_segments, *inputs.shape[segment_ids.ndim :]))


SEGMENT_JOIN = text_op("UnsortedSegmentJoin", _segment_join_kernel, host=("num_segments",), infer=_segment_join_spec)


def join(inputs: Sequence[Any], separator: str = "", name: str | None = None) -> Tensor:
    """Joins texts that stand at the same place of several tensors.

    Args:
      inputs: list of string Tensors of one shape; scalars stand for every place.
      separator: what stands between.
    Raises:
      tf.errors.InvalidArgumentError: shapes differ.
    Example:
      >>> print(tf.strings.join([["a", "b"], "-", ["c", "d"]]).numpy())
      [b'a-c' b'b-d']
    """
    return JOIN(*[convert(x, dtypes.string) for x in inputs], separator=separator)


def reduce_join(
    inputs: Any, axis: Any = None, keepdims: bool = False, separator: str = "", name: str | None = None
) -> Tensor:
    """Joins texts along axes.

    Args:
      inputs: string Tensor.
      axis: int or list of ints: which axes go, the first one running fastest; all of them by default, the last one fastest.
      keepdims: whether they stay, with size 1.
      separator: what stands between.
    Raises:
      tf.errors.OutOfRangeError: there is no such axis.
      tf.errors.InvalidArgumentError: an axis comes twice.
    Example:
      >>> print(tf.strings.reduce_join([["a", "b"], ["c", "d"]], axis=-1, separator=" ").numpy())
      [b'a b' b'c d']
    """
    texts = text_input(inputs, REDUCE_JOIN)
    axes = tuple(reversed(range(texts._array.ndim))) if axis is None else static.ints(axis, "tf.strings.reduce_join")
    return REDUCE_JOIN(texts, reduction_indices=axes, keep_dims=keepdims, separator=separator)


def unsorted_segment_join(
    inputs: Any, segment_ids: Any, num_segments: Any, separator: str = "", name: str | None = None
) -> Tensor:
    """Joins the texts that have the same number.

    Args:
      inputs: string Tensor.
      segment_ids: int32 or int64 Tensor whose shape is a prefix of that of `inputs`.
      num_segments: how many joined texts there are.
      separator: what stands between.
    Raises:
      tf.errors.InvalidArgumentError: a number is negative or not below `num_segments`.
    Example:
      >>> print(tf.strings.unsorted_segment_join(["a", "b", "c"], [1, 0, 1], 2, "-").numpy())
      [b'b' b'a-c']
    """
    count = static.integer(num_segments, "tf.strings.unsorted_segment_join")
    texts, ids = text_input(inputs, SEGMENT_JOIN), convert(segment_ids, None, dtypes.int32)
    return SEGMENT_JOIN(texts, ids, num_segments=count, separator=separator)
