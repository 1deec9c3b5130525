"""Ragged tensors of nested lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import as_dtype
from tenfold.core.tensor import Tensor
from tenfold.ops import creation
from tenfold.ops.ragged.row_splits import INDEX_TYPES
from tenfold.ops.ragged.tensor import RaggedTensor


def constant(
    pylist: Any,
    dtype: Any = None,
    ragged_rank: int | None = None,
    inner_shape: Sequence[int] | None = None,
    name: str | None = None,
    row_splits_dtype: Any = dtypes.int64,
) -> Any:
    """A RaggedTensor of nested lists.

    Args:
      pylist: nested lists or tuples, all elements at the same depth.
      dtype: of the elements; follows from them by default.
      ragged_rank: how many axes are ragged; all but the first by default, or but those of `inner_shape`.
      inner_shape: shape of the elements of the innermost rows.
      row_splits_dtype: int32 or int64.
    Returns:
      RaggedTensor; a Tensor if no axis is ragged.
    Raises:
      ValueError: elements are at different depths, or do not fit `ragged_rank`, `inner_shape` or `dtype`.
    Example:
      >>> tf.ragged.constant([["a", "b"], [], ["c"]])
      <tf.RaggedTensor [[b'a', b'b'], [], [b'c']]>
    """
    splits_type = as_dtype(row_splits_dtype)
    if splits_type not in INDEX_TYPES:
        raise ValueError(f"tf.ragged.constant: row_splits_dtype is {splits_type.name}; it must be int32 or int64.")
    wanted = None if dtype is None else as_dtype(dtype)
    scalar_depth, depth = _depths(pylist)
    if scalar_depth is not None and depth > scalar_depth:
        raise ValueError(f"Invalid pylist={pylist!r}: empty list nesting is greater than scalar value nesting")
    if inner_shape is not None and ragged_rank is None:
        ragged_rank = depth - 1 - len(inner_shape)
    elif ragged_rank is None:
        ragged_rank = max(0, depth - 1)
    if scalar_depth is not None and ragged_rank >= max(scalar_depth, 1):
        raise ValueError(
            f"Invalid pylist={pylist!r}: pylist has scalar values depth {scalar_depth}, but ragged_rank={ragged_rank} requires "
            f"scalar value depth greater than {ragged_rank}"
        )
    values, splits = pylist, []
    for _ in range(ragged_rank):
        splits.append(np.cumsum([0, *map(len, values)]))
        values = [item for row in values for item in (row.tolist() if isinstance(row, np.ndarray) else row)]
    tensor: Any = _elements(values, wanted, inner_shape, depth - ragged_rank)
    for ends in reversed(splits):
        tensor = RaggedTensor(tensor, convert(ends.astype(splits_type._np)), internal=True)
    return tensor


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim > 0)


def _depths(value: Any) -> tuple[int | None, int]:
    """How deep elements are nested, None if there are none, and how deep lists are."""
    if not _is_list(value):
        return 0, 0
    found = [_depths(item) for item in value]
    of_scalars = {scalars for scalars, _ in found if scalars is not None}
    if len(of_scalars) > 1:
        raise ValueError(f"Invalid pylist={value!r}: all scalar values must have the same nesting depth")
    return (of_scalars.pop() + 1 if of_scalars else None), max([depth for _, depth in found], default=0) + 1


def _elements(values: Any, dtype: Any, inner_shape: Sequence[int] | None, rank: int) -> Tensor:
    """The elements of the innermost rows."""
    if _is_list(values) and not len(values):
        inner = [0] * (rank - 1) if inner_shape is None else inner_shape
        return creation.zeros([0, *inner], dtype or dtypes.float32)
    tensor = convert(values, dtype)
    if inner_shape is not None and tuple(tensor.shape[1:]) != tuple(inner_shape):
        raise ValueError(f"inner values have the shape {tensor.shape[1:]}; inner_shape is {tuple(inner_shape)}.")
    return tensor
