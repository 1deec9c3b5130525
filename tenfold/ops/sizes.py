"""What is known of a tensor: its shape, the number of its axes and of its elements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert, register_converter
from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.shapes import as_shape
from tenfold.core.symbol import STAND_IN, Size, Spec, Symbol, evaluate
from tenfold.core.tensor import Tensor, wrap
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import row_rules

_SHAPE_RESULT = NotDifferentiable("the result tells the shape, not the values")


def _index_type(out_type: Any, what: str) -> DType:
    dtype = dtypes.int32 if out_type is None else as_dtype(out_type)
    if dtype not in array_ops.INDEX_TYPES:
        raise InvalidArgumentError(f"{what}: out_type is {dtype.name}; it must be int32 or int64.")
    return dtype


def _shape_spec(input, *, out_type=dtypes.int32):
    return Spec.rows(out_type._np) if input.shape is None else Spec(out_type._np, (len(input.shape),))


SHAPE = register(
    Op(
        "Shape",
        lambda input, *, out_type=dtypes.int32: np.array(input.shape, out_type._np),
        vjp=_SHAPE_RESULT,
        infer=_shape_spec,
    )
)
SHAPE_N = register(
    Op(
        "ShapeN",
        lambda *input, out_type=dtypes.int32: tuple([np.array(x.shape, out_type._np) for x in input]),
        vjp=_SHAPE_RESULT,
    )
)
SIZE = register(
    Op(
        "Size",
        lambda input, *, out_type=dtypes.int32: np.array(input.size, out_type._np),
        vjp=_SHAPE_RESULT,
        infer=lambda input, *, out_type=dtypes.int32: Spec(out_type._np, ()),
    )
)
RANK = register(
    Op(
        "Rank",
        lambda input: np.array(input.ndim, np.int32),
        vjp=_SHAPE_RESULT,
        infer=lambda input: Spec(np.dtype(np.int32), ()),
    )
)


def shape(input: Any, out_type: Any = None, name: str | None = None) -> Tensor:
    """The shape of a tensor, as a tensor of int32 or of `out_type`.

    Example:
      >>> print(tf.shape([[1, 2, 3], [4, 5, 6]]).numpy())
      [2 3]
    """
    return SHAPE(convert(input), out_type=_index_type(out_type, "tf.shape"))


def _size_to_tensor(value: Size, dtype: DType | None, hint: DType | None) -> Tensor:
    """A size as a tensor: the shape of what it is a size of is taken, and its arithmetic done, when the graph runs."""

    def leaf(size: Size) -> Any:
        symbol, where = size.source
        return SHAPE(wrap(symbol), out_type=dtypes.int32)[where] if type(where) is int else wrap(symbol)[where]

    return cast_ops.cast(evaluate(value, leaf), dtype or hint or dtypes.int32)


register_converter(Size, _size_to_tensor)


def shape_n(input: Sequence[Any], out_type: Any = dtypes.int32, name: str | None = None) -> list[Tensor]:
    """The shapes of several tensors.

    Example:
      >>> [shape.numpy().tolist() for shape in tf.shape_n([[1, 2], 3])]
      [[2], []]
    """
    return SHAPE_N(*[convert(x) for x in input], out_type=_index_type(out_type, "tf.shape_n"))


def size(input: Any, out_type: Any = None, name: str | None = None) -> Tensor:
    """The number of elements of a tensor, as int32 or `out_type`.

    Example:
      >>> tf.size([[1, 2, 3], [4, 5, 6]]).numpy()
      np.int32(6)
    """
    return SIZE(convert(input), out_type=dtypes.int32 if out_type is None else as_dtype(out_type))


def rank(input: Any, name: str | None = None) -> Tensor:
    """The number of axes of a tensor, as int32.

    Example:
      >>> tf.rank([[1, 2, 3]]).numpy()
      np.int32(2)
    """
    return RANK(convert(input))


def _ensure_shape_kernel(input, *, shape):
    if not as_shape(shape).is_compatible_with(input.shape):
        raise ValueError(f"Shape of tensor {input.shape} is not compatible with expected shape {shape}")
    return input


def _ensure_shape_spec(x, *, shape):
    """The shape that is asked for; sizes that it leaves open are those of the tensor."""
    shape = as_shape(shape)
    if shape.rank is None or x.shape is None:
        known = shape.as_list() if shape.rank is not None else x.shape
        return Spec(x.dtype, known, (STAND_IN,) * (known.count(None) if known else 0))
    if not shape.is_compatible_with(x.static_shape if type(x) is Symbol else x.shape):
        raise ValueError(f"Shape of tensor {x.shape} is not compatible with expected shape {shape}")
    return Spec(x.dtype, tuple([have if size is None else size for size, have in zip(shape, x.shape, strict=True)]))


ENSURE_SHAPE = register(
    Op(
        "EnsureShape",
        _ensure_shape_kernel,
        vjp=lambda dy: dy,
        infer=_ensure_shape_spec,
        lower=lambda b, x, *, shape: x,
        rows=row_rules.kept,
    )
)


def ensure_shape(x: Any, shape: Any, name: str | None = None) -> Tensor:
    """The same tensor, once its shape has been checked.

    Args:
      x: Tensor.
      shape: TensorShape, or a list of sizes in which None stands for any.
    Raises:
      tf.errors.InvalidArgumentError: the shape is another.
    Example:
      >>> tf.ensure_shape(tf.zeros([2, 3]), [None, 3]).shape
      TensorShape([2, 3])
    """
    return ENSURE_SHAPE(convert(x), shape=as_shape(shape))
