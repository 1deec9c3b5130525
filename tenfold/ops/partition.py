"""Rows dealt out to several tensors and put together again, permutations, and positions as coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.symbol import Spec, may_equal
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import gather as gather_ops
from tenfold.ops import join, ranges, sizes

_INTEGER_RESULT = NotDifferentiable("the result is an integer")


def _require_int32(array: np.ndarray, what: str) -> None:
    if array.dtype != np.int32:
        raise ValueError(f"{what} must be int32, not {array.dtype}")


def _partition_kernel(data, partitions, *, num_partitions):
    _require_int32(partitions, "partitions")
    _partition_specs(data, partitions, num_partitions=num_partitions)
    gather_ops.check_range(partitions, num_partitions, "tf.dynamic_partition")
    rows = data.reshape((partitions.size, *data.shape[partitions.ndim :]))
    flat = partitions.reshape(-1)
    return tuple([rows[flat == i] for i in range(num_partitions)])


def _partition_vjp(dys, partitions, num_partitions):
    """Each row's gradient goes back to where the row came from."""
    flat = array_ops.reshape(partitions, (-1,))
    places = PARTITION(ranges.range(sizes.size(flat)), flat, num_partitions=num_partitions)
    rows = STITCH(*places, *dys)
    return array_ops.reshape(rows, partitions._array.shape + rows._array.shape[1:]), None


def _partition_specs(data, partitions, *, num_partitions):
    if num_partitions < 1:
        raise ValueError(f"num_partitions is {num_partitions}; it must be at least 1")
    if not may_equal(data.shape[: partitions.ndim], partitions.shape):
        raise ValueError(f"data.shape must start with partitions.shape, {partitions.shape}")
    return [Spec.rows(data.dtype, data.shape[partitions.ndim :])] * num_partitions


PARTITION = register(
    Op(
        "DynamicPartition",
        _partition_kernel,
        vjp=_partition_vjp,
        infer=_partition_specs,
    )
)


def dynamic_partition(data: Any, partitions: Any, num_partitions: int, name: str | None = None) -> list[Tensor]:
    """Deals the rows of a tensor out to several tensors.

    Args:
      data: Tensor whose shape begins with that of `partitions`.
      partitions: int32 Tensor: for each row the number of the tensor it goes to.
      num_partitions: how many tensors there are.
    Raises:
      tf.errors.InvalidArgumentError: a number is not in `[0, num_partitions)`, or the shapes do not fit.
    Example:
      >>> [part.numpy().tolist() for part in tf.dynamic_partition([10, 20, 30], [0, 1, 0], 2)]
      [[10, 30], [20]]
    """
    return PARTITION(convert(data), convert(partitions, None, dtypes.int32), num_partitions=num_partitions)


def _stitch_kernel(*indices_and_data):
    half = len(indices_and_data) // 2
    indices, data = indices_and_data[:half], indices_and_data[half:]
    if not half:
        raise ValueError("there must be at least one tensor")
    STITCH.require(*data)
    rest = data[0].shape[indices[0].ndim :]
    for i, (places, rows) in enumerate(zip(indices, data, strict=True)):
        _require_int32(places, "indices")
        if rows.shape != places.shape + rest:
            raise ValueError(f"data[{i}] must have shape {places.shape + rest}, not {rows.shape}")
        if places.size and places.min() < 0:
            raise ValueError(f"indices[{i}] has a negative index")
    count = max([int(places.max()) + 1 for places in indices if places.size], default=0)
    result = np.zeros((count, *rest), data[0].dtype)
    for places, rows in zip(indices, data, strict=True):
        result[places.reshape(-1)] = rows.reshape((places.size, *rest))
    return result


def _stitch_spec(*indices_and_data):
    half = len(indices_and_data) // 2
    indices, data = indices_and_data[:half], indices_and_data[half:]
    rest = data[0].shape[indices[0].ndim :]
    for i, (places, rows) in enumerate(zip(indices, data, strict=True)):
        if not may_equal(rows.shape, (*places.shape, *rest)):
            raise ValueError(f"data[{i}] must have shape {(*places.shape, *rest)}, not {rows.shape}")
    return Spec.rows(data[0].dtype, rest)


def _stitch_vjp(dy, indices_and_data):
    indices = indices_and_data[: len(indices_and_data) // 2]
    return [None] * len(indices) + [gather_ops.gather(dy, places) for places in indices]


STITCH = register(
    Op(
        "DynamicStitch",
        _stitch_kernel,
        vjp=_stitch_vjp,
        raw=lambda indices, data: dynamic_stitch(indices, data),
        infer=_stitch_spec,
    )
)


def dynamic_stitch(indices: Sequence[Any], data: Sequence[Any], name: str | None = None) -> Tensor:
    """Puts the rows of several tensors into one: `result[indices[i][j]] = data[i][j]`; of several the last one stays.

    Args:
      indices: list of int32 Tensors of any shapes.
      data: list of as many Tensors; `data[i].shape` begins with `indices[i].shape`, the rest is common.
    Raises:
      ValueError: the lists have different lengths.
      tf.errors.InvalidArgumentError: shapes do not fit, or an index is negative.
    Example:
      >>> print(tf.dynamic_stitch([[0, 2], [1]], [[10, 30], [20]]).numpy())
      [10 20 30]
    """
    if len(indices) != len(data):
        raise ValueError(
            f"tf.dynamic_stitch: there are {len(indices)} indices and {len(data)} data; the lists must be equally long."
        )
    return STITCH(*[convert(places, None, dtypes.int32) for places in indices], *join.matched(data))


# Permutations and coordinates.


def _invert_permutation_kernel(x):
    if x.ndim != 1:
        raise ValueError("a permutation must be a vector")
    gather_ops.check_range(x, len(x), "tf.math.invert_permutation")
    inverse = np.full(len(x), -1, x.dtype)
    inverse[x] = np.arange(len(x), dtype=x.dtype)
    if len(x) and inverse.min() < 0:
        raise ValueError("a number occurs twice")
    return inverse


INVERT_PERMUTATION = register(
    Op(
        "InvertPermutation",
        _invert_permutation_kernel,
        types=array_ops.INDEX_TYPES,
        vjp=_INTEGER_RESULT,
        infer=lambda x: Spec(x.dtype, x.shape),
    )
)


def invert_permutation(x: Any, name: str | None = None) -> Tensor:
    """The permutation that undoes another: `y[x[i]] == i`.

    Raises:
      tf.errors.InvalidArgumentError: `x` is not a permutation of `0, 1, ..., n - 1`.
    Example:
      >>> print(tf.math.invert_permutation([3, 0, 1, 2]).numpy())
      [1 2 3 0]
    """
    x = convert(x)
    INVERT_PERMUTATION.require(x._array)
    return INVERT_PERMUTATION(x)


def _unravel_index_kernel(indices, dims):
    UNRAVEL_INDEX.require(indices, dims)
    if indices.ndim > 1:
        raise ValueError(f"indices must be a scalar or a vector, not of shape {indices.shape}")
    if dims.ndim != 1:
        raise ValueError(f"dims must be a vector, not of shape {dims.shape}")
    if not dims.all():
        raise ValueError(f"dims cannot contain a zero: {dims.tolist()}")
    if (indices >= prod(dims.tolist())).any():
        raise ValueError(f"an index is out of bounds of dims {dims.tolist()}")
    coordinates = []
    rest = indices
    for size in dims.tolist()[:0:-1]:
        quotient = np.where(rest < 0, -(-rest // size), rest // size)  # towards zero, as C divides
        coordinates.append(rest - quotient * size)
        rest = quotient
    return np.stack([rest, *coordinates[::-1]]).astype(indices.dtype)


UNRAVEL_INDEX = register(
    Op(
        "UnravelIndex",
        _unravel_index_kernel,
        types=array_ops.INDEX_TYPES,
        vjp=_INTEGER_RESULT,
        infer=lambda indices, dims: Spec(indices.dtype, (*dims.shape, *indices.shape)),
    )
)


def unravel_index(indices: Any, dims: Any, name: str | None = None) -> Tensor:
    """The coordinates of positions in an array whose elements are counted in C order.

    Args:
      indices: int32 or int64 scalar or vector.
      dims: the shape of the array.
    Returns:
      Tensor with one row of coordinates for each axis of the array.
    Raises:
      tf.errors.InvalidArgumentError: an index is out of range.
    Example:
      >>> print(tf.unravel_index([2, 5, 7], [3, 3]).numpy())
      [[0 1 2]
       [2 2 1]]
    """
    return UNRAVEL_INDEX(*join.matched([indices, dims]))
