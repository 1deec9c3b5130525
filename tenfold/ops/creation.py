"""New tensors: constants, zeros, ones, fills, identity matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert, is_tensor_like
from tenfold.core.dtypes import NUMERIC, DType, as_dtype
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.indexed_slices import IndexedSlices
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.ragged_array import refuse
from tenfold.core.shapes import TensorShape, as_shape
from tenfold.core.symbol import sizes_in
from tenfold.core.tensor import Tensor, wrap
from tenfold.core.variable import Variable
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import logic, ranges, row_rules, static
from tenfold.ops import reduce as reduce_ops

_CONSTANT = NotDifferentiable("the result does not depend on the values")


# Conversion.


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str = "Const") -> Tensor:
    """A tensor with a given value.

    Args:
      value: number, string, array, tensor or nested sequence of these.
      dtype: the type of the elements; by default that of the array or tensor, and float32, int32 (int64 where needed),
        bool, complex128 or string for Python values.
      shape: the shape; a value of another shape is reshaped, and a single element repeated.
    Raises:
      TypeError: the value is not of this dtype and cannot become it, or its elements do not fill the shape.
      ValueError: the value cannot be a tensor.
    Example:
      >>> tf.constant([1, 2, 3, 4], tf.float32, shape=[2, 2])
      <tf.Tensor: shape=(2, 2), dtype=float32, numpy=
      array([[1., 2.],
             [3., 4.]], dtype=float32)>
    """
    if dtype is not None:
        dtype = _element_type(dtype)
        if type(value) is Tensor and value.dtype is not dtype:
            raise TypeError(
                f"tf.constant: Expected tensor {value} with dtype {dtype!r}, but got dtype {value.dtype!r}. "
                "Use tf.cast."
            )
    tensor = convert(value, dtype)
    if type(tensor) is not Tensor:
        refuse(tensor)
    if shape is None:
        return tensor
    sizes = tuple(as_shape(shape).as_list())
    array = tensor._array
    if sizes == array.shape:
        return tensor
    if array.size == TensorShape(sizes).num_elements():
        return array_ops.reshape(tensor, sizes)
    if array.size == 1:
        return fill(sizes, array_ops.reshape(tensor, ()))
    raise TypeError(
        f"tf.constant: unsupported shape {sizes} for a value of {array.size} elements, of shape {array.shape}."
    )


def convert_to_tensor(value: Any, dtype: Any = None, dtype_hint: Any = None, name: str | None = None) -> Tensor:
    """The tensor that stands for a value: a tensor itself, a variable's value, or a new constant.

    Args:
      value: what `tf.constant` takes, or an object of a type that says how it is converted.
      dtype: the type of the result; a tensor or variable of another type is an error.
      dtype_hint: type to prefer where the value leaves it open; ignored where it does not fit.
    Raises:
      TypeError, ValueError: the value cannot be a tensor, or not one of this dtype.
    Example:
      >>> tf.convert_to_tensor([1, 2], dtype_hint=tf.float32)
      <tf.Tensor: shape=(2,), dtype=float32, numpy=array([1., 2.], dtype=float32)>
    """
    tensor = convert(
        value,
        None if dtype is None else _element_type(dtype),
        None if dtype_hint is None else as_dtype(dtype_hint),
    )
    if type(tensor) is not Tensor:
        refuse(tensor)
    return tensor


def _element_type(dtype: Any) -> DType:
    """A dtype that elements can have here.

    Raises:
      TypeError: it is one of TensorFlow's handles.
    """
    found = as_dtype(dtype)
    if found._kind == "handle":
        raise TypeError(f"tf.{found.name}: tensors of this type are not supported; use a numeric type, bool or string.")
    return found


def is_tensor(x: Any) -> bool:
    """Whether `x` is a tensor, a variable, a ragged or sparse tensor, or `tf.IndexedSlices`.

    Example:
      >>> tf.is_tensor(tf.Variable(1.0)), tf.is_tensor([1.0])
      (True, False)
    """
    return is_tensor_like(type(x)) or isinstance(x, IndexedSlices)


def get_static_value(tensor: Any, partial: bool = False) -> Any:
    """The value of a tensor as an array, where it is known without running anything; eagerly it always is. Else None.

    Example:
      >>> tf.get_static_value(tf.constant([1, 2])).tolist()
      [1, 2]
    """
    if isinstance(tensor, Variable) or static.is_traced(tensor):
        return None
    if isinstance(tensor, Tensor):
        return tensor.numpy()
    return np.asarray(tensor)


# Fills.


def shape_ints(shape: Any, what: str) -> tuple[int, ...]:
    """The sizes of the shape of a new tensor.

    Raises:
      TypeError: one of them is no integer.
      tf.errors.InvalidArgumentError: one of them is negative.
      ValueError: the shape is not fully known.
    """
    if type(shape) is int:
        shape = (shape,)
    elif type(shape) not in (list, tuple, Tensor, TensorShape):
        shape = convert(shape, dtypes.int32)
    try:
        sizes = static.ints(shape, what)
    except InvalidArgumentError as error:
        raise TypeError(f"{what}: the shape must be integers, not {shape!r}.") from error
    return _checked_sizes(sizes, what)


def _checked_sizes(sizes: tuple[int, ...], what: str) -> tuple[int, ...]:
    for size in sizes:
        if size < 0:
            raise InvalidArgumentError(f"{what}: the shape is {sizes}; Dimension {size} must be >= 0.")
    return sizes


def _no_layout(layout: Any, what: str) -> None:
    if layout is not None:
        raise ValueError(f"{what}: layout={layout!r} is not supported; there is one device. Leave it out.")


def _filled(shape: tuple[int, ...], dtype: DType, one: bool) -> np.ndarray:
    if dtype is not dtypes.string:
        if not one:
            return np.zeros(shape, dtype._np)
        array = np.empty(shape, dtype._np)
        array.fill(1)
        return array
    if one:
        raise TypeError("tf.ones: Cannot convert 1 to EagerTensor of dtype string")
    array = np.empty(shape, object)
    array.fill(b"")
    return array


def _filled_tensor(shape: tuple[int, ...], dtype: DType, one: bool) -> Tensor:
    try:
        return wrap(_filled(shape, dtype, one))
    except (MemoryError, ValueError) as error:
        return FILL.recover(error, [np.empty((), dtype._np)], {"dims": shape})
    except TypeError:  # a size is known only when the traced function runs
        if not any(map(static.is_traced, shape)):
            raise
        return FILL(wrap(_filled((), dtype, one)), dims=shape)


def zeros(shape: Any, dtype: Any = dtypes.float32, name: str | None = None, layout: Any = None) -> Tensor:
    """A tensor of zeros (False, or empty strings).

    Raises:
      tf.errors.InvalidArgumentError: a size is negative.
    Example:
      >>> print(tf.zeros([2, 2], tf.int32).numpy())
      [[0 0]
       [0 0]]
    """
    _no_layout(layout, "tf.zeros")
    return _filled_tensor(shape_ints(shape, "tf.zeros"), as_dtype(dtype), False)


def ones(shape: Any, dtype: Any = dtypes.float32, name: str | None = None, layout: Any = None) -> Tensor:
    """A tensor of ones (or True).

    Raises:
      tf.errors.InvalidArgumentError: a size is negative.
    Example:
      >>> print(tf.ones([3]).numpy())
      [1. 1. 1.]
    """
    _no_layout(layout, "tf.ones")
    return _filled_tensor(shape_ints(shape, "tf.ones"), as_dtype(dtype), True)


def _zeros_like_kernel(x):
    return _filled(x.shape, dtypes._BY_NUMPY[x.dtype], False)


def _ones_like_kernel(x):
    ONES_LIKE.require(x)
    return _filled(x.shape, dtypes._BY_NUMPY[x.dtype], True)


ZEROS_LIKE = register(
    Op(
        "ZerosLike",
        _zeros_like_kernel,
        vjp=_CONSTANT,
        lower=lambda b, x: b.full(x.shape, 0, x.dtype),
        rows=row_rules.elementwise,
    )
)
ONES_LIKE = register(
    Op(
        "OnesLike",
        _ones_like_kernel,
        types=NUMERIC | {dtypes.bool},
        vjp=_CONSTANT,
        lower=lambda b, x: b.full(x.shape, 1, x.dtype),
        rows=row_rules.elementwise,
    )
)


def zeros_like(input: Any, dtype: Any = None, name: str | None = None, layout: Any = None) -> Tensor:
    """A tensor of zeros in the shape of `input`, and in its dtype unless another is given.

    Example:
      >>> print(tf.zeros_like([[1.5, 2.5]]).numpy())
      [[0. 0.]]
    """
    _no_layout(layout, "tf.zeros_like")
    x = convert(input)
    if dtype is None or type(x) is not Tensor:
        return ZEROS_LIKE(x) if dtype is None else cast_ops.cast(ZEROS_LIKE(x), dtype)
    return zeros(x._array.shape, dtype)


def ones_like(input: Any, dtype: Any = None, name: str | None = None, layout: Any = None) -> Tensor:
    """A tensor of ones in the shape of `input`, and in its dtype unless another is given.

    Example:
      >>> print(tf.ones_like([1.5, 2.5], tf.int32).numpy())
      [1 1]
    """
    _no_layout(layout, "tf.ones_like")
    x = convert(input)
    if dtype is None or type(x) is not Tensor:
        return ONES_LIKE(x) if dtype is None else cast_ops.cast(ONES_LIKE(x), dtype)
    return ones(x._array.shape, dtype)


def _fill_kernel(value, *, dims):
    if value.size != 1 or value.ndim > 1:
        raise ValueError("value must be a scalar")
    array = np.empty(dims, value.dtype)
    array.fill(value[()] if not value.ndim else value[0])
    return array


def _fill_rows(node, values):
    return values.varying_axis(node.outputs[0]), 1


class _Fill(Op):
    __slots__ = ()
    lowers_stacks = True


def _fill_lower(b, value, *, dims):
    is_known = all(type(size) is int for size in dims)
    row = b.broadcast_to(b.reshape(value, ()), dims if is_known else dims[1:])
    return row if is_known else b.repeated(row, dims[0])


FILL = register(
    _Fill(
        "Fill",
        _fill_kernel,
        host=("dims",),
        vjp=lambda dy: reduce_ops.reduce_sum(dy),
        lower=_fill_lower,
        rows=_fill_rows,
    )
)


def fill(dims: Any, value: Any, name: str | None = None, layout: Any = None) -> Tensor:
    """A tensor of a shape with one value everywhere.

    Raises:
      tf.errors.InvalidArgumentError: a size is negative, or the value is not a scalar.
    Example:
      >>> print(tf.fill([2, 3], 9).numpy())
      [[9 9 9]
       [9 9 9]]
    """
    _no_layout(layout, "tf.fill")
    return FILL(convert(value), dims=_checked_sizes(static.ints(dims, "tf.fill"), "tf.fill"))


def eye(
    num_rows: Any,
    num_columns: Any = None,
    batch_shape: Any = None,
    dtype: Any = dtypes.float32,
    name: str | None = None,
) -> Tensor:
    """An identity matrix, or a batch of them.

    Args:
      num_rows: number of rows.
      num_columns: number of columns, `num_rows` by default.
      batch_shape: shape of the axes in front.
    Raises:
      TypeError: a number is not an integer.
      tf.errors.InvalidArgumentError: it is negative.
    Example:
      >>> print(tf.eye(2, 3).numpy())
      [[1. 0. 0.]
       [0. 1. 0.]]
    """
    rows = static.integer(num_rows, "tf.eye")
    columns = rows if num_columns is None else static.integer(num_columns, "tf.eye")
    batch = () if batch_shape is None else shape_ints(batch_shape, "tf.eye")
    if as_dtype(dtype) is dtypes.string:
        raise TypeError("tf.eye: Cannot convert 1 to EagerTensor of dtype string")
    if sizes_in((rows, columns, batch)):
        is_diagonal = logic.equal(array_ops.expand_dims(ranges.range(rows), 1), ranges.range(columns))
        return array_ops.broadcast_to(cast_ops.cast(is_diagonal, as_dtype(dtype)), (*batch, rows, columns))
    array = zeros((*batch, rows, columns), dtype)._array
    np.einsum("...ii->...i", array[..., : min(rows, columns), : min(rows, columns)])[...] = 1
    return wrap(array)
