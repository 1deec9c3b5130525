"""Shapes of ragged tensors: the least dense one around them, and axes that are made one."""

from __future__ import annotations

from typing import Any

from tenfold.ops import array as array_ops
from tenfold.ops import cast, extremes, join, reduce, sizes
from tenfold.ops import gather as gather_ops


def bounding_shape(x: Any, axis: Any = None, name: str | None = None, out_type: Any = None) -> Any:
    """The shape of the least dense tensor that has room for all rows.

    Args:
      axis: int, or several, of whose sizes are wanted; all by default.
      out_type: int32 or int64, that of the row splits by default.
    Example:
      >>> print(tf.ragged.constant([[1, 2, 3], [4]]).bounding_shape().numpy())
      [2 3]
    """
    dtype = x.row_splits.dtype
    longest = [join.concat([[0], splits[1:] - splits[:-1]], 0) for splits in x.nested_row_splits]
    rows = join.stack([x.nrows(), *[extremes.reduce_max(lengths) for lengths in longest]])
    found = join.concat([rows, sizes.shape(x.flat_values, dtype)[1:]], 0)
    if axis is not None:
        found = gather_ops.gather(found, axis)
    return found if out_type is None else cast.cast(found, out_type)


def merge_dims(x: Any, outer_axis: int, inner_axis: int) -> Any:
    """Makes the axes from one to another a single one.

    Raises:
      ValueError: there are no such axes, or they are in the wrong order.
    Example:
      >>> tf.ragged.constant([[[1, 2], [3]], [[4]]]).merge_dims(1, 2).to_list()
      [[1, 2, 3], [4]]
    """
    rank = x.shape.rank
    outer, inner = (axis + rank if axis < 0 else axis for axis in (outer_axis, inner_axis))
    if not 0 <= outer <= inner < rank:
        raise ValueError(
            f"merge_dims: outer_axis is {outer_axis} and inner_axis is {inner_axis}; they must be in this order, of {rank} axes."
        )
    return _merged(x, outer, inner)


def _merged(x: Any, outer: int, inner: int) -> Any:
    if outer == inner:
        return x
    if not hasattr(x, "row_splits"):
        shape = sizes.shape(x)
        return array_ops.reshape(x, join.concat([shape[:outer], [-1], shape[inner + 1 :]], 0))
    if not outer:
        return _merged(x.values, 0, inner - 1)
    if outer > 1:
        return x.with_values(_merged(x.values, outer - 1, inner - 1))
    values, splits = x.values, x.row_splits
    for axis in range(1, inner):
        if not hasattr(values, "row_splits"):
            shape = sizes.shape(values, splits.dtype)
            splits = splits * reduce.reduce_prod(shape[1 : inner - axis + 1])
            values = _merged(values, 0, inner - axis)
            break
        splits, values = gather_ops.gather(values.row_splits, splits), values.values
    return type(x).from_row_splits(values, splits, validate=False)
