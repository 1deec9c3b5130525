"""The shape of tensors: reshape, transpose, broadcasting, and joining and cutting along an axis."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from math import prod
from operator import index
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert, is_tensor_like
from tenfold.core.dtypes import DType
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import NotDifferentiable, Op, finish, register
from tenfold.core.shapes import broadcast_shapes
from tenfold.core.symbol import Size, Spec, Symbol, SymbolError, hint_of, may_equal, sizes_in
from tenfold.core.tensor import Tensor
from tenfold.ops import cast as cast_ops
from tenfold.ops import elementwise, identity

INDEX_TYPES = frozenset((dtypes.int32, dtypes.int64))


def static_ints(value: Any, what: str) -> tuple[int, ...]:
    """The Python ints of a shape, a permutation, a list of axes: given as ints, tensors, arrays or a mixture.

    Raises:
      tf.errors.InvalidArgumentError: something in it is not an integer, or it has more than one axis.
      ValueError: it cannot be a tensor.
    """
    if type(value) is list or type(value) is tuple:
        try:
            return tuple(map(index, value))
        except (TypeError, SymbolError):
            if any(map(is_traced, value)):
                return tuple([static_int(item, what) for item in value])
    array = convert(value, None, dtypes.int32)._array
    if type(array) is Symbol:
        return tuple(array.elements(what))
    if array.dtype.kind not in "iu":
        if array.size or array.dtype.kind != "f":
            raise InvalidArgumentError(f"{what}: expected integers, got {value!r}.")
        return ()
    if array.ndim > 1:
        raise InvalidArgumentError(f"{what}: expected a vector of integers, got shape {array.shape}.")
    return tuple(array.reshape(-1).tolist())


def static_vector(value: Any, what: str) -> tuple[int, ...]:
    """Like `static_ints`, of a value that must not be a scalar.

    Raises:
      tf.errors.InvalidArgumentError: it is one.
    """
    if type(value) is not list and type(value) is not tuple and not convert(value)._array.ndim:
        raise InvalidArgumentError(f"{what}: expected a vector of integers, got a scalar. Put it in a list.")
    return static_ints(value, what)


def is_traced(value: Any) -> bool:
    """Whether a value is known only when the function that is traced runs: a tensor or a size of its graph."""
    return type(value) is Size or (isinstance(value, Tensor) and type(value._array) is Symbol)


def static_int(value: Any, what: str) -> int:
    """The Python int of an axis or a count, given as int, tensor or array of one element.

    Raises:
      TypeError: it is not an integer.
      tf.errors.InvalidArgumentError: it has several elements.
      ValueError: it cannot be a tensor.
    """
    if type(value) is int or type(value) is Size:
        return value  # type: ignore[return-value]
    array = convert(value, None, dtypes.int32)._array
    if type(array) is Symbol:
        (element,) = array.elements(what)
        return element  # type: ignore[return-value]
    if array.dtype.kind not in "iu":
        raise TypeError(f"{what}: expected an integer, got {value!r}.")
    if array.size != 1:
        raise InvalidArgumentError(f"{what}: expected one integer, got shape {array.shape}.")
    return int(array.reshape(())[()])


def static_scalar(value: Any, what: str) -> int:
    """Like `static_int`, of a value that must be a scalar.

    Raises:
      tf.errors.InvalidArgumentError: it is not.
    """
    if type(value) is not int and type(value) is not Size and convert(value)._array.ndim:
        raise InvalidArgumentError(f"{what}: expected an integer, got {value!r}, which is not a scalar.")
    return static_int(value, what)


def static_axis(axis: Any, what: str) -> int:
    """Like `static_int`, of a value on which it depends what is traced, so that it must be known by then.

    Raises:
      TypeError: it is known only when the traced function runs.
    """
    axis = static_int(axis, what)
    if type(axis) is Size:
        raise SymbolError(
            f"{what} needs to know an axis that is computed only when the function that is being traced runs. Pass a Python "
            "int, or a tensor whose value does not depend on the function's arguments or on variables."
        )
    return axis


def positive_axis(axis: int, rank: int, what: str) -> int:
    """An axis counted from the front.

    Raises:
      tf.errors.InvalidArgumentError: there is no such axis.
    """
    if type(axis) is Size:  # it compares with numbers, but nothing may be concluded from that
        static_axis(axis, what)
    if not -rank <= axis < rank:
        raise InvalidArgumentError(f"{what}: there is no axis {axis} in a tensor with {rank} axes.")
    return axis + rank if axis < 0 else axis


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


# Shape.


def _reshape_kernel(tensor, *, shape):
    try:
        result = tensor.reshape(shape)
    except ValueError:
        if tensor.size or -1 not in shape:
            raise
        # NumPy leaves -1 open where there are no elements; TensorFlow derives it from the sizes that are not 0
        rest = prod([size for size in tensor.shape if size]) // prod([size for size in shape if size > 0])
        result = tensor.reshape([rest if size == -1 else size for size in shape])
    if result.shape != shape and min(shape) < -1:  # NumPy takes any negative size for the one to be found
        raise ValueError(f"a size cannot be {min(shape)}")
    return result


def _reshape_spec(tensor, *, shape):
    """The given shape; what -1 stands for is what is left of the tensor's sizes when those that occur in both are taken away."""
    if not sizes_in(tensor.shape) and not sizes_in(shape):
        return Spec(tensor.dtype, _reshape_kernel(np.broadcast_to(np.zeros((), bool), tensor.shape), shape=shape).shape)
    rest: list[Any] = list(tensor.shape)
    given: list[Any] = []
    for size in shape:
        if type(size) is not int or size != -1:
            rest.remove(size) if size in rest else given.append(size)
    is_exact = not sizes_in(given) and prod([s for s in rest if type(s) is int]) % (prod(given) or 1) == 0
    hint = max(prod(map(hint_of, rest)) // max(prod(map(hint_of, given)), 1), 1)
    found: list[Any] = []
    hints = []
    for size in shape:
        if type(size) is int and size == -1 and is_exact:
            known = prod([s for s in rest if type(s) is int]) // (prod(given) or 1)
            unknown: list[Any] = [s for s in rest if type(s) is Size]
            found.append(prod(unknown, start=known))
        elif (
            type(size) is int and size != -1 or all(type(s.source[1]) is int for s in sizes_in(size)) and sizes_in(size)
        ):
            found.append(size)
        else:  # it is -1, or may be
            found.append(None)
            hints.append(hint if type(size) is int or size.hint < 0 else size.hint)
    return Spec(tensor.dtype, tuple(found), tuple(hints))


RESHAPE = register(
    Op(
        "Reshape",
        _reshape_kernel,
        host=("shape",),
        infer=_reshape_spec,
        vjp=lambda dy, tensor_shape: reshape(dy, tensor_shape),
        lower=lambda b, x, *, shape: b.reshape(x, _reshape_spec(x, shape=shape).shape),
    )
)


def reshape(tensor: Any, shape: Any, name: str | None = None) -> Tensor:
    """Gives the elements of a tensor, in their order, another shape.

    Args:
      tensor: Tensor of any dtype.
      shape: ints; one of them may be -1 and is then derived from the rest.
    Raises:
      tf.errors.InvalidArgumentError: the number of elements differs.
    Example:
      >>> tf.reshape(tf.range(6), [2, -1]).shape
      TensorShape([2, 3])
    """
    # `RESHAPE(convert(tensor), shape=sizes)` without the generality of an op's call, in two thirds of the time
    if type(tensor) is not Tensor:
        tensor = convert(tensor)
    sizes = static_ints(shape, "tf.reshape")
    try:
        result = _reshape_kernel(tensor._array, shape=sizes)
    except Exception as error:
        result = RESHAPE.recover(error, [tensor._array], {"shape": sizes})
    return finish(RESHAPE, result, (tensor,), {"shape": sizes})


def _expand_dims_kernel(input, *, axis):
    shape, rank = input.shape, input.ndim + 1
    if axis < 0:
        axis += rank
    if not 0 <= axis < rank:
        raise ValueError(f"a new axis must be in [{-rank}, {rank}), not {axis}")
    return input.reshape(shape[:axis] + (1,) + shape[axis:])


EXPAND_DIMS = register(
    Op(
        "ExpandDims",
        _expand_dims_kernel,
        host=("axis",),
        vjp=lambda dy, input_shape: reshape(dy, input_shape),
        lower=lambda b, x, *, axis: b.expand_dims(x, [axis % (x.ndim + 1)]),
    )
)


def expand_dims(input: Any, axis: Any, name: str | None = None) -> Tensor:
    """Inserts an axis of size 1 at index `axis` of the new shape; -1 appends it.

    Raises:
      tf.errors.InvalidArgumentError: `axis` is not in `[-rank - 1, rank]`.
    Example:
      >>> tf.expand_dims(tf.zeros([2, 3]), -1).shape
      TensorShape([2, 3, 1])
    """
    return EXPAND_DIMS(convert(input), axis=static_int(axis, "tf.expand_dims"))


def _squeeze_kernel(input, *, axis=()):
    return input.squeeze(tuple({a + input.ndim if a < 0 else a for a in axis}) if axis else None)


SQUEEZE = register(
    Op(
        "Squeeze",
        _squeeze_kernel,
        vjp=lambda dy, input_shape: reshape(dy, input_shape),
        lower=lambda b, x, *, axis=(): b.squeeze(
            x, [a % x.ndim for a in axis] if axis else [i for i, size in enumerate(x.shape) if size == 1]
        ),
    )
)


def squeeze(input: Any, axis: Any = None, name: str | None = None) -> Tensor:
    """Removes axes of size 1: all of them, or those of `axis`, an int or list of ints.

    Raises:
      tf.errors.InvalidArgumentError: an axis of `axis` has another size, or is not there.
    Example:
      >>> tf.squeeze(tf.zeros([1, 2, 1]), axis=[0]).shape
      TensorShape([2, 1])
    """
    return SQUEEZE(convert(input), axis=() if axis is None else static_ints(axis, "tf.squeeze"))


def _transpose_kernel(x, *, perm):
    if len(perm) != x.ndim:  # `transpose(())` would turn all axes round
        raise ValueError(f"perm must name all {x.ndim} axes, not {len(perm)}")
    return x.transpose(perm)


_REVERSED = [tuple(range(rank - 1, -1, -1)) for rank in range(65)]  # NumPy has at most 64 axes


def _inverse(perm: tuple[int, ...]) -> tuple[int, ...]:
    inverse = [0] * len(perm)
    for i, axis in enumerate(perm):
        inverse[axis] = i
    return tuple(inverse)


TRANSPOSE: Op = register(
    Op(
        "Transpose",
        _transpose_kernel,
        host=("perm",),
        infer=lambda x, *, perm: (
            Spec(x.dtype, (None,) * x.ndim, tuple(map(hint_of, x.shape))) if sizes_in(perm) else None
        ),
        vjp=lambda dy, perm: TRANSPOSE(dy, perm=_inverse(perm)),
        lower=lambda b, x, *, perm: b.transpose(x, [p % x.ndim for p in perm]),
    )
)
CONJUGATE_TRANSPOSE: Op = register(
    Op(
        "ConjugateTranspose",
        lambda x, *, perm: np.conjugate(_transpose_kernel(x, perm=perm)),
        host=("perm",),
        vjp=lambda dy, perm: CONJUGATE_TRANSPOSE(dy, perm=_inverse(perm)),
    )
)


def transpose(a: Any, perm: Any = None, conjugate: bool = False, name: str = "transpose") -> Tensor:
    """Permutes the axes of a tensor.

    Args:
      a: Tensor of any dtype.
      perm: for each axis of the result, the axis of `a` it is; all turned round by default.
      conjugate: whether complex elements are conjugated as well.
    Raises:
      tf.errors.InvalidArgumentError: `perm` is not a permutation of the axes.
    Example:
      >>> tf.transpose(tf.zeros([2, 3, 4]), [0, 2, 1]).shape
      TensorShape([2, 4, 3])
    """
    if type(a) is not Tensor:
        a = convert(a)
    array = a._array
    axes = _REVERSED[array.ndim] if perm is None else static_ints(perm, "tf.transpose")
    if conjugate and array.dtype.kind == "c":
        return CONJUGATE_TRANSPOSE(a, perm=axes)
    try:
        result = _transpose_kernel(array, perm=axes)
    except Exception as error:
        result = TRANSPOSE.recover(error, [array], {"perm": axes})
    return finish(TRANSPOSE, result, (a,), {"perm": axes})


# Broadcasting.


def broadcast(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """`np.broadcast_to`, which takes three microseconds, in a fifth of one where the array is contiguous."""
    if array.shape == shape:
        return array
    if not array.ndim and array.dtype.kind != "O":
        return np.ndarray(shape, array.dtype, array, 0, (0,) * len(shape))
    skipped = len(shape) - array.ndim
    if array.flags.c_contiguous and array.dtype.kind != "O" and skipped >= 0 and array.size:
        steps = [0] * skipped
        for have, want, step in zip(array.shape, shape[skipped:], array.strides, strict=True):
            if have != want and have != 1:
                break
            steps.append(step if have == want else 0)
        else:
            return np.ndarray(shape, array.dtype, array, 0, steps)
    return np.broadcast_to(array, shape)


def _broadcast_kernel(input, *, shape):
    return broadcast(input, shape)


BROADCAST_TO = register(
    Op(
        "BroadcastTo",
        _broadcast_kernel,
        host=("shape",),
        infer=lambda input, *, shape: Spec(input.dtype, shape) if sizes_in(shape) else None,
        vjp=lambda dy, input_shape: elementwise.unbroadcast(dy, input_shape),
        lower=lambda b, x, *, shape: b.broadcast_to(x, shape),
    )
)


def broadcast_to(input: Any, shape: Any, name: str | None = None) -> Tensor:
    """Repeats a tensor along axes of size 1, and along new axes in front, until it has `shape`.

    Raises:
      tf.errors.InvalidArgumentError: the shapes do not broadcast.
    Example:
      >>> print(tf.broadcast_to([1, 2], [2, 2]).numpy())
      [[1 2]
       [1 2]]
    """
    return repeated(input if type(input) is Tensor else convert(input), static_ints(shape, "tf.broadcast_to"))


def repeated(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """`broadcast_to` of a tensor and a known shape."""
    try:
        result = broadcast(x._array, shape)
    except Exception as error:
        result = BROADCAST_TO.recover(error, [x._array], {"shape": shape})
    return finish(BROADCAST_TO, result, (x,), {"shape": shape})


def _broadcast_args_kernel(s0, s1):
    BROADCAST_ARGS.require(s0, s1)
    return np.array(broadcast_shapes(tuple(s0.tolist()), tuple(s1.tolist())), s0.dtype)


BROADCAST_ARGS = register(
    Op(
        "BroadcastArgs",
        _broadcast_args_kernel,
        types=INDEX_TYPES,
        vjp=NotDifferentiable("the result is a shape"),
    )
)


def broadcast_dynamic_shape(shape_x: Any, shape_y: Any) -> Tensor:
    """The shape that two shapes, given as tensors, broadcast to.

    Raises:
      tf.errors.InvalidArgumentError: they do not broadcast.
    Example:
      >>> print(tf.broadcast_dynamic_shape([1, 2, 3], [5, 1, 3]).numpy())
      [5 2 3]
    """
    return BROADCAST_ARGS(convert(shape_x, None, dtypes.int32), convert(shape_y, None, dtypes.int32))


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
    axis = static_int(axis, "tf.concat")
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
        result = CONCAT.recover(error, arrays, {"axis": axis})
    return finish(CONCAT, result, tuple(tensors), {"axis": axis})


def _pack_kernel(*values, axis=0):
    shape, dtype = values[0].shape, values[0].dtype
    axis = positive_axis(axis, len(shape) + 1, "tf.stack")
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


PACK = register(Op("Pack", _pack_kernel, vjp=lambda dy, axis: unstack(dy, axis=axis), lower=_lower_pack))


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
    axis = static_axis(axis, "tf.stack") if is_tensor_like(type(axis)) else axis
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
        return transpose(rows, [*range(1, axis + 1), 0, *range(axis + 1, rank)])
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
    axis = positive_axis(axis, value.ndim, "tf.unstack")
    count = value.shape[axis]
    if num not in (None, count):
        raise ValueError(f"axis {axis} has size {count}, not num={num}")
    before = (slice(None),) * axis
    return tuple([value[(*before, i, ...)] for i in range(count)])


def _lower_unpack(b, value, *, num=None, axis=0):
    axis %= value.ndim
    return [b.squeeze(part, [axis]) for part in _lower_cut(b, value, axis, [1] * value.shape[axis])]


UNPACK = register(Op("Unpack", _unpack_kernel, vjp=lambda dys, axis: PACK(*dys, axis=axis), lower=_lower_unpack))


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
    value, axis = convert(value), static_axis(axis, "tf.unstack")
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
    axis = positive_axis(axis, value.ndim, "tf.split")
    if num_split < 1 or value.shape[axis] % num_split:
        raise ValueError(f"axis {axis} has size {value.shape[axis]}, which cannot be cut into {num_split} equal parts")
    return _cut(value, axis, [value.shape[axis] // num_split] * num_split)


def _with_the_rest(sizes: Sequence[int], total: int) -> list[int]:
    """Sizes with what is left in place of a single -1."""
    return [total - sum(sizes) - 1 if size == -1 else size for size in sizes] if sizes.count(-1) == 1 else list(sizes)


def _split_sizes_kernel(value, *, size_splits, axis, num_split):
    axis = positive_axis(axis, value.ndim, "tf.split")
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
    axis = static_int(axis, "tf.split")
    if isinstance(num_or_size_splits, int):
        return SPLIT(value, axis=axis, num_split=num_or_size_splits)
    if not isinstance(num_or_size_splits, (list, tuple)) and not convert(num_or_size_splits)._array.ndim:
        raise ValueError(
            f"tf.split: num_or_size_splits is {num_or_size_splits!r}; it must be a Python int or a vector of sizes."
        )
    sizes = static_ints(num_or_size_splits, "tf.split")
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
