"""Elements chosen by index or by a mask: gather, gather_nd, boolean_mask, where."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import NUMERIC
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.indexed_slices import IndexedSlices
from tenfold.core.op import NotDifferentiable, Op, register, wrong_type
from tenfold.core.symbol import STAND_IN, Size, Spec, may_equal, sizes_in
from tenfold.core.tensor import Tensor, wrap
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import creation, elementwise, join, logic, ranges, scatter, static
from tenfold.ops.choose import choose
from tenfold.ops.ufunc import spec_of_elements

_UNSIGNED: dict[np.dtype, Any] = {np.dtype(np.int32): np.dtype(np.uint32), np.dtype(np.int64): np.dtype(np.uint64)}
_INDEX_NUMPY_TYPES = frozenset((np.dtype(np.int16), np.dtype(np.int32), np.dtype(np.int64)))


def require_indices(indices: np.ndarray, what: str) -> None:
    """Checks the type of indices.

    Raises:
      tf.errors.InvalidArgumentError: they are not int16, int32 or int64.
    """
    if indices.dtype not in _INDEX_NUMPY_TYPES:
        raise wrong_type(f"{what}: indices are {indices.dtype}; they must be int16, int32 or int64.")


def check_range(indices: np.ndarray, size: int, what: str) -> None:
    """Checks that every index is in `[0, size)`.

    Raises:
      tf.errors.InvalidArgumentError: one is not.
    """
    if indices.size:
        # as unsigned numbers negative indices are out of range at the other end: one pass instead of two
        if indices.dtype not in _UNSIGNED:
            indices = indices.astype(np.int64)
        unsigned = _UNSIGNED[indices.dtype]
        if np.maximum.reduce(indices.view(unsigned), axis=None) >= size:
            position = np.argwhere(indices.view(unsigned) >= size)[0]
            where = "[" + ",".join(map(str, position)) + "]" if indices.ndim else ""
            raise InvalidArgumentError(f"{what}: indices{where} = {indices[tuple(position)]} is not in [0, {size}).")


# Along one axis.


def _gather_kernel(params, indices, *, axis, batch_dims=0):
    if indices.dtype == np.int32 and not batch_dims and params.ndim:
        try:  # as unsigned numbers, so that NumPy refuses negative ones, as TensorFlow does
            return _taken(params, indices.view(np.uint32), axis)
        except IndexError:
            pass
    require_indices(indices, "tf.gather")
    axis, batch = _gather_axes(params.ndim, indices.ndim, axis, batch_dims)
    if params.shape[:batch] != indices.shape[:batch]:
        raise ValueError(f"the first {batch} axes of params and indices must be equal")
    check_range(indices, params.shape[axis], "tf.gather")
    if not batch:
        return _taken(params, indices, axis)
    moved = np.moveaxis(params, axis, batch)  # (*batch, index, *others)
    places = [
        np.arange(size).reshape((-1,) + (1,) * (indices.ndim - 1 - i)) for i, size in enumerate(params.shape[:batch])
    ]
    result = moved[(*places, indices)]  # (*batch, *rest, *others)
    rest = range(batch, indices.ndim)
    return np.moveaxis(result, rest, range(axis, axis + len(rest)))


def _taken(array: np.ndarray, indices: np.ndarray, axis: int) -> np.ndarray:
    """`array.take`, which makes a text of one text, not an array."""
    found = array.take(indices, axis)
    return np.array(found, object) if type(found) is bytes else found


def _gather_axes(params_rank: int, indices_rank: int, axis: int, batch_dims: int) -> tuple[int, int]:
    axis = static.positive_axis(axis, params_rank, "tf.gather")
    if not -indices_rank <= batch_dims <= indices_rank:
        raise ValueError(f"batch_dims is {batch_dims}; it must be in [{-indices_rank}, {indices_rank}]")
    batch = batch_dims + indices_rank if batch_dims < 0 else batch_dims
    if batch > axis:
        raise ValueError(f"batch_dims is {batch}; it must be at most axis, {axis}")
    return axis, batch


def _shape_tensor(shape: tuple) -> Any:
    """A shape, some of whose sizes may not be known yet, as int32."""
    return convert(shape, dtypes.int32) if sizes_in(shape) else np.array(shape, np.int32)


def _gather_vjp(dy, params_shape, indices, axis, batch_dims):
    """Rows for a gather along the first axis; otherwise `dy` added up in zeros of the shape of `params`."""
    axis, batch = _gather_axes(len(params_shape), indices._array.ndim, axis, batch_dims)
    if not axis:
        rows = array_ops.reshape(dy, (indices._array.size, *params_shape[1:]))
        return IndexedSlices(rows, array_ops.reshape(indices, (-1,)), _shape_tensor(params_shape))
    # The batch and the axes that took the place of `axis` go to the front, where they are one axis of rows.
    rest = indices._array.ndim - batch
    perm = (*range(batch), *range(axis, axis + rest), *range(batch, axis), *range(axis + rest, dy._array.ndim))
    batch_sizes, size = params_shape[:batch], params_shape[axis]
    others = (*params_shape[batch:axis], *params_shape[axis + 1 :])
    rows = indices
    if batch:
        count = prod(batch_sizes)
        numbers = ranges.range(convert(count, dtypes.int64)) if type(count) is Size else wrap(np.arange(count))
        offsets = array_ops.reshape(numbers, batch_sizes + (1,) * rest) * convert(size, dtypes.int64)
        rows = cast_ops.cast(indices, dtypes.int64) + offsets
    count = indices._array.size
    summed = scatter.SCATTER_ND(
        array_ops.reshape(rows, (count, 1)),
        array_ops.reshape(array_ops.transpose(dy, perm), (count, *others)),
        shape=(prod(batch_sizes) * size, *others),
    )
    whole = array_ops.reshape(summed, (*batch_sizes, size, *others))
    back = (*range(batch), *range(batch + 1, axis + 1), batch, *range(axis + 1, len(params_shape)))
    return array_ops.transpose(whole, back)


def _gather_spec(params, indices, *, axis, batch_dims=0):
    require_indices(indices, "tf.gather")
    if type(axis) is Size:
        batch = batch_dims + indices.ndim if batch_dims < 0 else batch_dims
        rank = params.ndim - 1 + indices.ndim - batch
        return Spec(params.dtype, (None,) * rank, (STAND_IN,) * rank)
    axis, batch = _gather_axes(params.ndim, indices.ndim, axis, batch_dims)
    if params.shape[:batch] != indices.shape[:batch]:
        return None
    return Spec(params.dtype, (*params.shape[:axis], *indices.shape[batch:], *params.shape[axis + 1 :]))


def _lower_gather(b, params, indices, *, axis, batch_dims=0):
    return b.gather(params, indices, *_gather_axes(params.ndim, indices.ndim, axis, batch_dims))


def _gather_rows(node, values):
    params, indices = node.inputs
    if node.attrs.get("batch_dims", 0):
        return None
    along = node.attrs.get("axis", 0) % params.ndim
    if indices in values:
        return None if params in values else (along + values[indices].axis, values[indices].outer)
    rows = values[params]
    if rows.axis == along:
        return None
    return rows.axis + (indices.ndim - 1) * (along < rows.axis), rows.outer


GATHER = register(
    Op(
        "GatherV2",
        _gather_kernel,
        host=("axis",),
        vjp=(_gather_vjp, None),
        infer=_gather_spec,
        lower=_lower_gather,
        rows=_gather_rows,
    )
)


def gather(
    params: Any,
    indices: Any,
    validate_indices: bool | None = None,
    axis: Any = None,
    batch_dims: int = 0,
    name: str | None = None,
) -> Tensor:
    """Slices of a tensor along an axis, one for each index.

    Args:
      params: Tensor of rank 1 or more.
      indices: Tensor of int16, int32 or int64 and any shape, which takes the place of the axis.
      validate_indices: without effect; indices are always checked.
      axis: the axis; `batch_dims` by default.
      batch_dims: how many first axes `params` and `indices` have in common.
    Returns:
      Tensor of shape `params.shape[:axis] + indices.shape[batch_dims:] + params.shape[axis + 1:]`. The gradient of a
      gather along the first axis is `tf.IndexedSlices`.
    Raises:
      tf.errors.InvalidArgumentError: an index, the axis or `batch_dims` is out of range.
    Example:
      >>> print(tf.gather([[1, 2, 3], [4, 5, 6]], [2, 0], axis=1).numpy())
      [[3 1]
       [6 4]]
    """
    if axis is None:
        axis = batch_dims
    return GATHER(convert(params), convert(indices), axis=static.scalar(axis, "tf.gather"), batch_dims=batch_dims)


def batch_gather(params: Any, indices: Any, name: str | None = None) -> Tensor:
    """Slices along the last axis of `indices`; the axes before it are common. Use `tf.gather` with `batch_dims`."""
    indices = convert(indices)
    return gather(params, indices, batch_dims=indices._array.ndim - 1)


# By vectors of indices.


def flat_positions(indices: np.ndarray, shape: tuple[int, ...], what: str, policy: str = "") -> tuple[np.ndarray, Any]:
    """The row numbers, in C order, that vectors of indices name in an array of `shape`, and which are in range.

    Args:
      indices: shape `(..., depth)`.
      shape: the first `depth` sizes.
      what: name for errors.
      policy: "IGNORE" to be told of vectors out of range instead of an error.
    Returns:
      Positions of shape `(...)`, 0 for vectors out of range; and a boolean array that is True for those in range, or
      None if all are.
    Raises:
      tf.errors.InvalidArgumentError: a vector is out of range.
    """
    if policy not in ("", "ERROR", "IGNORE"):
        raise InvalidArgumentError(f"{what}: bad_indices_policy is {policy!r}; it must be 'ERROR', 'IGNORE' or ''.")
    require_indices(indices, what)
    if shape and policy != "IGNORE":
        try:
            return np.ravel_multi_index(tuple([indices[..., i] for i in range(len(shape))]), shape), None
        except ValueError:
            pass
    positions = np.zeros(indices.shape[:-1], np.intp)
    is_bad = np.zeros(indices.shape[:-1], bool)
    for i, size in enumerate(shape):
        column = indices[..., i]
        is_bad |= (column < 0) | (column >= size)
        positions *= size
        positions += column
    if not is_bad.any():
        return positions, None
    if policy != "IGNORE":
        first = tuple(np.argwhere(is_bad)[0])
        raise InvalidArgumentError(
            f"{what}: indices[{','.join(map(str, first))}] = {indices[first].tolist()} does not index into shape {shape}."
        )
    positions[is_bad] = 0
    return positions, ~is_bad


def lower_positions(b: Any, indices: Any, shape: tuple[int, ...]) -> tuple[Any, Any]:
    """What `flat_positions` returns as values, but that -1 stands for vectors out of range; None for no condition at all."""
    positions, is_good = b.full(indices.shape[:-1], 0, np.int64), None
    for i, size in enumerate(shape):
        starts = [*[0] * (indices.ndim - 1), i]
        column = b.cast(b.squeeze(b.slice(indices, starts, (*indices.shape[:-1], 1)), [indices.ndim - 1]), np.int64)
        is_inside = b.logical_and(b.ge(column, 0), b.lt(column, size))
        is_good = is_inside if is_good is None else b.logical_and(is_good, is_inside)
        positions = positions * size + column
    return (positions, None) if is_good is None else (b.select(is_good, positions, -1), is_good)


def _lower_gather_nd(b, params, indices, *, bad_indices_policy=""):
    depth = indices.shape[-1]
    rest = params.shape[depth:]
    positions, is_good = lower_positions(b, indices, params.shape[:depth])
    rows = b.reshape(params, (prod(params.shape[:depth]), *rest))
    if bad_indices_policy != "IGNORE" or is_good is None:
        return b.gather(rows, positions)
    if not rows.spec.size:
        return b.full((*positions.shape, *rest), 0, params.dtype)
    is_kept = b.reshape(is_good, (*is_good.shape, *[1] * len(rest)))
    return b.select(is_kept, b.gather(rows, b.maximum(positions, 0)), 0)


def _gather_nd_kernel(params, indices, *, bad_indices_policy=""):
    if not indices.ndim:
        raise ValueError("indices must be at least a vector")
    depth = indices.shape[-1]
    if depth > params.ndim:
        raise ValueError(f"the last axis of indices has size {depth}; it must be at most the rank of params")
    positions, is_good = flat_positions(indices, params.shape[:depth], "tf.gather_nd", bad_indices_policy)
    rest = params.shape[depth:]
    rows = params.reshape((prod(params.shape[:depth]), *rest))
    if is_good is None:
        return _taken(rows, positions, 0)
    result = np.zeros((*positions.shape, *rest), params.dtype)
    result[is_good] = rows[positions[is_good]]
    return result


def _gather_nd_vjp(dy, params_shape, indices, bad_indices_policy):
    if indices._array.ndim == 2 and indices._array.shape[-1] == 1 and bad_indices_policy != "IGNORE":
        return IndexedSlices(dy, array_ops.reshape(indices, (-1,)), _shape_tensor(params_shape))
    return scatter.SCATTER_ND(indices, dy, shape=params_shape, bad_indices_policy=bad_indices_policy)


GATHER_ND = register(Op("GatherNd", _gather_nd_kernel, vjp=(_gather_nd_vjp, None), lower=_lower_gather_nd))


def gather_nd(
    params: Any, indices: Any, batch_dims: int = 0, name: str | None = None, bad_indices_policy: str = ""
) -> Tensor:
    """Elements or slices of a tensor, each named by a vector of indices.

    Args:
      params: Tensor.
      indices: Tensor of int16, int32 or int64, shape `(..., depth)`: the last axis holds the vectors.
      batch_dims: how many first axes `params` and `indices` have in common.
      bad_indices_policy: "ERROR", the default, or "IGNORE": zeros for vectors out of range.
    Returns:
      Tensor of shape `indices.shape[:-1] + params.shape[batch_dims + depth:]`.
    Raises:
      tf.errors.InvalidArgumentError: a vector is out of range, or longer than `params` has axes.
    Example:
      >>> print(tf.gather_nd([[1, 2], [3, 4]], [[0, 1], [1, 0]]).numpy())
      [2 3]
    """
    params, indices = convert(params), convert(indices)
    if batch_dims:
        index_shape = indices._array.shape
        if not 0 < batch_dims < len(index_shape) or not may_equal(
            index_shape[:batch_dims], params._array.shape[:batch_dims]
        ):
            raise ValueError(
                f"tf.gather_nd: batch_dims={batch_dims} with params {params._array.shape} and indices {index_shape}; "
                "that many first axes must be equal."
            )
        grids = np.indices((*index_shape[:-1], 1), indices._array.dtype)[:batch_dims]
        indices = join.concat([*map(wrap, grids), indices], -1)
    return GATHER_ND(params, indices, bad_indices_policy=bad_indices_policy)


# By masks.


def _where_kernel(condition):
    if not condition.ndim:
        raise ValueError("the condition must have an axis")
    return np.array(condition.nonzero(), np.int64).T


def _select_kernel(condition, t, e):
    SELECT.require(t, e)
    if condition.dtype.kind != "b":
        raise wrong_type(f"tf.where: the condition is {condition.dtype}; it must be bool.")
    return choose(condition, t, e)


WHERE = register(
    Op(
        "Where",
        _where_kernel,
        types=NUMERIC | {dtypes.bool},
        vjp=NotDifferentiable("the result is an integer"),
        infer=lambda condition: Spec.rows(np.dtype(np.int64), (condition.ndim,)),
    )
)
SELECT: Op = register(
    Op(
        "SelectV2",
        _select_kernel,
        vjp=(
            None,
            lambda dy, condition, t_shape: elementwise.unbroadcast(
                SELECT(condition, dy, creation.zeros((), dy.dtype)), t_shape
            ),
            lambda dy, condition, e_shape: elementwise.unbroadcast(
                SELECT(condition, creation.zeros((), dy.dtype), dy), e_shape
            ),
        ),
        infer=spec_of_elements(_select_kernel),
        lower="select",
    )
)


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Tensor:
    """Elements of `x` where `condition` is True and of `y` elsewhere; or where it is True.

    Args:
      condition: boolean Tensor; without `x` and `y` a numeric one, whose zeros are False.
      x: Tensor; the three broadcast.
      y: Tensor of the same dtype.
    Returns:
      Tensor of the dtype of `x`; without `x` and `y` an int64 matrix with one row for each True, its indices.
    Raises:
      ValueError: only one of `x` and `y` is given.
      tf.errors.InvalidArgumentError: dtypes differ, or shapes do not broadcast.
    Example:
      >>> print(tf.where([True, False, True], [1, 2, 3], 0).numpy(), tf.where([0, 7, 8]).numpy().tolist())
      [1 0 3] [[1], [2]]
    """
    if x is None and y is None:
        condition = convert(condition)
        WHERE.require(condition._array)
        return WHERE(condition)
    if x is None or y is None:
        raise ValueError("tf.where: x and y must both be given or both be left out.")
    condition = condition if isinstance(condition, Tensor) else convert(condition, dtypes.bool)
    return SELECT(condition, *join.matched([x, y]))


def _masked_later(tensor: Tensor, mask: Tensor, axis: Tensor) -> Tensor:
    """`boolean_mask` from an axis on that is known only when the function runs."""
    rank, count = tensor._array.ndim, mask._array.ndim
    axis = where(axis < 0, axis + rank, axis)
    masked, others = (wrap(np.arange(n, dtype=np.int32)) for n in (count, rank - count))
    order = join.concat([masked + axis, where(others < axis, others, others + count)], 0)
    return with_first_axis_at(boolean_mask(array_ops.transpose(tensor, order), mask), axis)


def with_first_axis_at(x: Tensor, axis: Tensor) -> Tensor:
    """A tensor whose first axis goes to a place that is known only when the function runs."""
    places = wrap(np.arange(x._array.ndim, dtype=np.int32))
    return array_ops.transpose(x, where(places < axis, places + 1, where(logic.equal(places, axis), 0, places)))


def boolean_mask(tensor: Any, mask: Any, axis: Any = None, name: str = "boolean_mask") -> Tensor:
    """The elements or slices of a tensor where a mask is True.

    Args:
      tensor: Tensor.
      mask: boolean Tensor, of the shape of the axes of `tensor` from `axis` on.
      axis: the first axis of the mask, 0 by default.
    Returns:
      Tensor in which the masked axes are one.
    Raises:
      ValueError: the mask is a scalar or has another shape.
    Example:
      >>> print(tf.boolean_mask([[1, 2], [3, 4], [5, 6]], [True, False, True]).numpy())
      [[1 2]
       [5 6]]
    """
    tensor, mask = convert(tensor), convert(mask)
    shape, mask_shape = tensor._array.shape, mask._array.shape
    if not mask_shape:
        raise ValueError("tf.boolean_mask: mask cannot be scalar.")
    first = 0 if axis is None else static.integer(axis, "tf.boolean_mask")
    if type(first) is Size:
        return _masked_later(tensor, mask, convert(first, dtypes.int32))
    if first < 0:
        first += len(shape)
    if not may_equal(shape[first : first + len(mask_shape)], mask_shape):
        raise ValueError(
            f"tf.boolean_mask: Shapes {shape[first : first + len(mask_shape)]} and {mask_shape} are incompatible; the "
            f"mask must have the sizes of the tensor {shape} from axis {first} on."
        )
    rows = array_ops.reshape(tensor, (*shape[:first], mask._array.size, *shape[first + len(mask_shape) :]))
    flat = mask if len(mask_shape) == 1 else array_ops.reshape(mask, (-1,))
    chosen = array_ops.reshape(WHERE(flat), (-1,))
    return GATHER(rows, chosen, axis=first)
