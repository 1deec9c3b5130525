"""Rows of tables by number."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.convert import convert, is_tensor_like
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import NotDifferentiable, Op
from tenfold.core.tensor import Tensor, wrap
from tenfold.ops import array as array_ops
from tenfold.ops import clip, partition, ranges, sizes
from tenfold.ops import gather as gather_ops


def embedding_lookup(params: Any, ids: Any, max_norm: Any = None, name: str | None = None) -> Tensor:
    """Looks up rows of a table.

    Args:
      params: the table: tensor, variable or array of shape `(rows, ...)`; or a list of its parts, each with as many
        rows as the next, or one more.
      ids: Tensor of integers, numbers of rows.
      max_norm: number to which the Euclidean norm of each row is limited.
    Returns:
      Tensor of shape `ids.shape + params.shape[1:]`. The gradient with respect to a table is a `tf.IndexedSlices`.
    Raises:
      ValueError: there is no table.
      tf.errors.InvalidArgumentError: there is no row of such a number.
    Example:
      >>> table = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
      >>> print(tf.nn.embedding_lookup(table, [1, 0]).numpy())
      [[3. 4.]
       [1. 2.]]
    """
    if params is None:
        raise ValueError("tf.nn.embedding_lookup: params is None; it must be a table.")
    tables = params if isinstance(params, list) else [params]
    if not tables:
        raise ValueError("tf.nn.embedding_lookup: params is an empty list; it must hold at least one table.")
    ids = convert(ids)
    rows = gather_ops.gather(_table(tables[0]), ids) if len(tables) == 1 else _from_parts(tables, ids)
    if max_norm is None:
        return rows
    return clip.clip_by_norm(rows, max_norm, list(range(ids._array.ndim, rows._array.ndim)))


def _table(params: Any) -> Any:
    """What `gather` takes; a large array of the user is not copied for a few of its rows."""
    if is_tensor_like(type(params)) or not isinstance(params, np.ndarray) or params.dtype.kind not in "fiu":
        return params
    return wrap(params)


def _places_in_parts_kernel(ids, *, sizes):
    """The part that each row is in, and its number there."""
    count = len(sizes)
    length, longer = divmod(sum(sizes), count)
    starts = np.arange(count) * length + np.minimum(np.arange(count), longer)
    if ids.size and not 0 <= ids.min() <= ids.max() < sum(sizes):
        raise InvalidArgumentError(f"tf.nn.embedding_lookup: an id is out of range; ids must be in [0, {sum(sizes)}).")
    parts = np.searchsorted(starts, ids, side="right") - 1
    return parts.astype(np.int32), ids - starts[parts].astype(ids.dtype)


_PLACES_IN_PARTS = Op("PlacesInParts", _places_in_parts_kernel, vjp=NotDifferentiable("the input is integers"))


def _from_parts(tables: list, ids: Tensor) -> Tensor:
    """Rows of a table whose parts are as long as can be without differing by more than one row, the longer ones first."""
    tables = [convert(table) for table in tables]
    flat = array_ops.reshape(ids, (-1,))
    parts, rows = _PLACES_IN_PARTS(flat, sizes=tuple([table._array.shape[0] for table in tables]))
    chosen = partition.dynamic_partition(rows, parts, len(tables))
    found = [gather_ops.gather(table, some) for table, some in zip(tables, chosen, strict=True)]
    places = partition.dynamic_partition(ranges.range(sizes.size(flat)), parts, len(tables))
    result = partition.dynamic_stitch(places, found)
    return array_ops.reshape(result, ids._array.shape + result._array.shape[1:])
