"""Joining and cutting along an axis: concat, stack, split, unstack."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from tenfold.core.convert import convert, is_tensor_like
from tenfold.core.dtypes import DType
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import Op, finish, register
from tenfold.core.ragged_array import RaggedArray
from tenfold.core.symbol import Size, Spec, hint_of, may_equal, sizes_in
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import identity, row_rules, static


def matched(values: Sequence[Any]) -> list[Tensor]:
    """Tensors of a list of values: what is not a tensor is converted to the dtype of the first that is, or of the first.

    Raises:
      TypeError: a Python value does not fit that dtype.
    """
    for value in values:
        if type(value) is not Tensor:
            break
    else:
        return list(values)
    dtype = None
    for value in values:
        if is_tensor_like(type(value)):
            dtype = value.dtype
            break
    tensors = []
    for value in values:
        tensor = convert(value, None if is_tensor_like(type(value)) else dtype)
        dtype = dtype or tensor.dtype
        tensors.append(tensor)
    return tensors


# Joining and cutting.


def _concat_kernel(*values, axis):
    dtype = values[0].dtype
    for value in values:
        if value.dtype is not dtype:
            CONCAT.require(*values)
    return np.concatenate(values, axis)


def _concat_infer(*values, axis):
    """Sizes along the axis add up; of the others, those that are known count."""
    shapes = [x.shape for x in values]
    rank = len(shapes[0]) if shapes[0] is not None else 0
    is_plain = None not in shapes and {len(shape) for shape in shapes} == {rank} and -rank <= axis < rank
    if not is_plain or not sizes_in(shapes) or len({x.dtype for x in values}) > 1:
        return None  # the kernel knows
    found = [next((n for n in sizes if type(n) is int), sizes[0]) for sizes in zip(*shapes, strict=True)]
    across = [i for i in range(rank) if i != axis % rank]
    if not all(may_equal([shape[i] for i in across], [found[i] for i in across]) for shape in shapes):
        return None
    found[axis] = sum(shape[axis] for shape in shapes)
    return Spec(values[0].dtype, tuple(found))


def _concat_vjp(dy, values_shape, axis):
    return split(dy, [shape[axis] for shape in values_shape], axis)


CONCAT = register(
    Op(
        "ConcatV2",
        _concat_kernel,
        host=("axis",),
        infer=_concat_infer,
        vjp=_concat_vjp,
        lower=lambda b, *values, axis: b.concat(values, axis % values[0].ndim),
        rows=row_rules.joined,
    )
)


def concat(values: Any, axis: Any, name: str = "concat") -> Tensor:
    """Joins tensors along an axis they have.

    Args:
      values: list of tensors of one dtype, whose shapes are equal but for `axis`.
      axis: the axis to join along; negative counts from the end.
    Raises:
      tf.errors.InvalidArgumentError: dtypes, ranks or other sizes differ, or there is no such axis.
    Example:
      >>> print(tf.concat([[[1, 2]], [[3, 4]]], axis=1).numpy())
      [[1 2 3 4]]
    """
    axis = static.integer(axis, "tf.concat")
    if type(values) is not list and not isinstance(values, (list, tuple)):
        if hasattr(values, "concatenated"):  # of AutoGraph, a list whose length is not known
            return values.concatenated(axis)
        values = [values]
    if len(values) == 1:
        return identity.identity(values[0])
    tensors = matched(values)
    arrays = [tensor._array for tensor in tensors]
    try:
        result = _concat_kernel(*arrays, axis=axis)
    except Exception as error:
        for x in arrays:
            if type(x) is RaggedArray:
                return x.run(CONCAT, tuple(tensors), {"axis": axis})
        result = CONCAT.recover(error, arrays, {"axis": axis})
    return finish(CONCAT, result, tuple(tensors), {"axis": axis})


def _pack_kernel(*values, axis=0):
    shape, dtype = values[0].shape, values[0].dtype
    axis = static.positive_axis(axis, len(shape) + 1, "tf.stack")
    for value in values:
        if value.dtype is not dtype:
            PACK.require(*values)
        if value.shape != shape:
            raise ValueError("all shapes must be equal")
    shape = shape[:axis] + (1,) + shape[axis:]
    return np.concatenate([value.reshape(shape) for value in values], axis)


def _lower_pack(b, *values, axis=0):
    axis %= values[0].ndim + 1
    return b.concat([b.expand_dims(value, [axis]) for value in values], axis)


PACK = register(
    Op("Pack", _pack_kernel, vjp=lambda dy, axis: unstack(dy, axis=axis), lower=_lower_pack, rows=row_rules.joined)
)


def stack(values: Any, axis: int = 0, name: str = "stack") -> Tensor:
    """Joins tensors of one shape along a new axis.

    Args:
      values: list of tensors of one shape and dtype.
      axis: where the new axis stands in the result; negative counts from the end.
    Raises:
      ValueError: there is no such axis.
      tf.errors.InvalidArgumentError: shapes or dtypes differ.
    Example:
      >>> print(tf.stack([[1, 2], [3, 4]], axis=1).numpy())
      [[1 3]
       [2 4]]
    """
    axis = static.known_axis(axis, "tf.stack") if is_tensor_like(type(axis)) else axis
    if axis == 0 and not (isinstance(values, (list, tuple)) and any(is_tensor_like(type(value)) for value in values)):
        try:
            return convert(values)
        except (TypeError, ValueError):
            pass
    if not isinstance(values, (list, tuple)):
        rows = convert(values)
        rank = rows._array.ndim
        if not -rank <= axis < rank:
            raise ValueError(f"tf.stack: Argument `axis` = {axis} not in range [{-rank}, {rank})")
        axis %= rank
        return array_ops.transpose(rows, [*range(1, axis + 1), 0, *range(axis + 1, rank)])
    if not values:
        raise InvalidArgumentError(f"tf.stack: there are no values to stack along axis {axis}.")
    tensors = matched(values)
    rank = tensors[0]._array.ndim + 1
    if not -rank <= axis < rank:
        raise ValueError(f"tf.stack: Argument `axis` = {axis} not in range [{-rank}, {rank})")
    return PACK(*tensors, axis=axis)


def parallel_stack(values: Any, name: str = "parallel_stack") -> Tensor:
    """Joins tensors of one shape along a new first axis: `tf.stack`.

    Example:
      >>> print(tf.parallel_stack([[1, 2], [3, 4]]).numpy())
      [[1 2]
       [3 4]]
    """
    return stack(values)


def _unpack_kernel(value, *, num=None, axis=0):
    axis = static.positive_axis(axis, value.ndim, "tf.unstack")
    count = value.shape[axis]
    if num not in (None, count):
        raise ValueError(f"axis {axis} has size {count}, not num={num}")
    before = (slice(None),) * axis
    return tuple([value[(*before, i, ...)] for i in range(count)])


def _lower_unpack(b, value, *, num=None, axis=0):
    axis %= value.ndim
    return [b.squeeze(part, [axis]) for part in _lower_cut(b, value, axis, [1] * value.shape[axis])]


UNPACK = register(
    Op(
        "Unpack",
        _unpack_kernel,
        vjp=lambda dys, axis: PACK(*dys, axis=axis),
        lower=_lower_unpack,
        rows=row_rules.along("axis"),
    )
)


def unstack(value: Any, num: int | None = None, axis: int = 0, name: str = "unstack") -> list[Tensor]:
    """Cuts a tensor along an axis into tensors without that axis.

    Args:
      value: Tensor of rank 1 or more.
      num: the size of the axis, if it is to be checked.
      axis: the axis; negative counts from the end.
    Raises:
      ValueError: there is no such axis.
      tf.errors.InvalidArgumentError: its size is not `num`.
    Example:
      >>> [row.numpy().tolist() for row in tf.unstack([[1, 2], [3, 4]])]
      [[1, 2], [3, 4]]
    """
    value, axis = convert(value), static.known_axis(axis, "tf.unstack")
    rank = value._array.ndim
    if not -rank <= axis < rank:
        raise ValueError(f"tf.unstack: Argument `axis` = {axis} not in range [{-rank}, {rank})")
    if num is None and type(size := value._array.shape[axis]) is Size:
        if not size.is_leaf or size.source[0] not in size.source[0].graph.inputs:
            raise ValueError(
                f"tf.unstack: cannot infer `num` from shape {value.shape}: the size of axis {axis} is computed when the function "
                "runs. Give `num`, or map over the axis with tf.map_fn."
            )
        num = size.hint  # the number of results is part of a graph
    return UNPACK(value, num=num, axis=axis)


def _cut(value: np.ndarray, axis: int, sizes: Sequence[int]) -> tuple[np.ndarray, ...]:
    before = (slice(None),) * axis
    parts, start = [], 0
    for size in sizes:
        parts.append(value[(*before, slice(start, start + size))])
        start += size
    return tuple(parts)


def _lower_cut(b: Any, value: Any, axis: int, sizes: Sequence[int]) -> list[Any]:
    axis %= value.ndim
    starts = itertools.accumulate(sizes, initial=0)

    def only(number: int, of: Sequence[int]) -> list[int]:
        return [number if a == axis else other for a, other in enumerate(of)]

    zeros = [0] * value.ndim
    return [
        b.slice(value, only(start, zeros), only(size, value.shape)) for start, size in zip(starts, sizes, strict=False)
    ]


def _split_kernel(value, *, axis, num_split):
    axis = static.positive_axis(axis, value.ndim, "tf.split")
    if num_split < 1 or value.shape[axis] % num_split:
        raise ValueError(f"axis {axis} has size {value.shape[axis]}, which cannot be cut into {num_split} equal parts")
    return _cut(value, axis, [value.shape[axis] // num_split] * num_split)


def _with_the_rest(sizes: Sequence[int], total: int) -> list[int]:
    """Sizes with what is left in place of a single -1."""
    return [total - sum(sizes) - 1 if size == -1 else size for size in sizes] if sizes.count(-1) == 1 else list(sizes)


def _split_sizes_kernel(value, *, size_splits, axis, num_split):
    axis = static.positive_axis(axis, value.ndim, "tf.split")
    total = value.shape[axis]
    sizes = _with_the_rest(size_splits, total)
    if num_split != len(sizes):
        raise ValueError(f"there are {len(sizes)} sizes for {num_split} parts")
    if sum(sizes) != total or min(sizes, default=0) < 0:
        raise ValueError(f"axis {axis} has size {total}, which cannot be cut into parts of {list(size_splits)}")
    return _cut(value, axis, sizes)


SPLIT = register(
    Op(
        "Split",
        _split_kernel,
        host=("axis",),
        vjp=lambda dys, axis: concat(dys, axis),
        lower=lambda b, x, *, axis, num_split: _lower_cut(b, x, axis, [x.shape[axis] // num_split] * num_split),
        rows=row_rules.along("axis"),
    )
)


def _split_sizes_specs(value, *, size_splits, axis, num_split):
    if not sizes_in(size_splits) or sizes_in(axis):
        return None
    axis %= value.ndim
    before, after = value.shape[:axis], value.shape[axis + 1 :]
    return [Spec(value.dtype, (*before, None, *after), (max(hint_of(size), 1),)) for size in size_splits]


SPLIT_SIZES = register(
    Op(
        "SplitV",
        _split_sizes_kernel,
        host=("size_splits", "axis"),
        infer=_split_sizes_specs,
        vjp=lambda dys, axis: concat(dys, axis),
        lower=lambda b, x, *, size_splits, axis, num_split: _lower_cut(
            b, x, axis, _with_the_rest(size_splits, x.shape[axis])
        ),
        rows=row_rules.along("axis"),
    )
)


def split(
    value: Any, num_or_size_splits: Any, axis: Any = 0, num: int | None = None, name: str = "split"
) -> list[Tensor]:
    """Cuts a tensor along an axis into parts.

    Args:
      value: Tensor of rank 1 or more.
      num_or_size_splits: int, the number of equal parts; or the sizes of the parts, one of which may be -1, the rest.
      axis: the axis; negative counts from the end.
      num: the number of sizes, if it is to be checked.
    Raises:
      tf.errors.InvalidArgumentError: the parts do not make up the axis, or there is no such axis.
      ValueError: `num_or_size_splits` is a tensor without axes.
    Example:
      >>> [part.shape.as_list() for part in tf.split(tf.zeros([5, 2]), [1, -1])]
      [[1, 2], [4, 2]]
    """
    value = convert(value)
    axis = static.integer(axis, "tf.split")
    if isinstance(num_or_size_splits, int):
        return SPLIT(value, axis=axis, num_split=num_or_size_splits)
    if not isinstance(num_or_size_splits, (list, tuple)) and not convert(num_or_size_splits)._array.ndim:
        raise ValueError(
            f"tf.split: num_or_size_splits is {num_or_size_splits!r}; it must be a Python int or a vector of sizes."
        )
    sizes = static.ints(num_or_size_splits, "tf.split")
    return SPLIT_SIZES(value, size_splits=sizes, axis=axis, num_split=len(sizes) if num is None else num)


def stack_nested(value: Any, dtype: DType | None) -> Tensor:
    """A nested sequence with tensors in it, packed so that gradients flow to them.

    The tensors are cast to `dtype` if that is given; other values take it, or the dtype of the first tensor.
    """
    own = dtype or _first_dtype(value)

    def packed(item: Any) -> Tensor:
        if isinstance(item, (list, tuple)):
            return PACK(*[packed(part) for part in item])
        if is_tensor_like(type(item)):
            return convert(item) if dtype is None else cast_ops.cast(convert(item), dtype)
        return convert(item, own)

    return packed(value)


def _first_dtype(value: Any) -> DType | None:
    for item in value:
        found = _first_dtype(item) if isinstance(item, (list, tuple)) else None
        if is_tensor_like(type(item)):
            found = item.dtype
        if found is not None:
            return found
    return None
