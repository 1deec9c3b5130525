"""Arithmetic, element by element: sums, products, powers, extremes; and what undoes broadcasting in gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import COMPLEX, NUMERIC, REAL
from tenfold.core.indexed_slices import IndexedSlices
from tenfold.core.op import Op, register
from tenfold.core.symbol import Spec, may_equal, sizes_in
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import creation, logic, row_rules
from tenfold.ops import gather as gather_ops
from tenfold.ops import reduce as reduce_ops
from tenfold.ops.ufunc import CONTINUOUS, SIGNED_REAL, beside, binary, spec_of_elements, together, unary


def _repeated_axes(have: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
    """How many axes broadcasting put in front, and all axes along which it repeated."""
    extra = len(have) - len(shape)
    stretched = tuple([i + extra for i, size in enumerate(shape) if size == 1 and have[i + extra] != 1])
    return extra, tuple(range(extra)) + stretched


def _sum_to_kernel(dy, *, shape):
    axes = _repeated_axes(dy.shape, shape)[1]
    return reduce_ops.sum_kernel(dy, axis=axes).reshape(shape) if axes else dy


def _lower_sum_to(b, dy, *, shape):
    axes = _repeated_axes(dy.shape, shape)[1]
    return b.reshape(b.reduce_sum(dy, axes), shape) if axes else dy


_SUM_TO = Op(
    "SumTo",
    _sum_to_kernel,
    vjp=lambda dy, dy_shape: array_ops.repeated(dy, dy_shape),
    infer=lambda dy, *, shape: Spec(dy.dtype, shape),
    lower=_lower_sum_to,
)


def unbroadcast(dy: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Sums a gradient over the axes along which an operand of `shape` was repeated."""
    have = dy._array.shape
    if have == shape:
        return dy
    if not shape:
        if shape is None:
            raise ValueError(
                "tf.GradientTape: the gradient needs the number of axes of an operand, which is not known, as after "
                "tf.py_function. Tell it with x.set_shape, before the tensor is used."
            )
        return reduce_ops.reduce_sum(dy)
    if sizes_in(have) or sizes_in(shape):
        return _SUM_TO(dy, shape=shape)
    extra, axes = _repeated_axes(have, shape)
    summed = reduce_ops.reduce_sum(dy, axes)
    return summed if len(axes) == extra else array_ops.reshape(summed, shape)


@unary("Conj", np.conjugate, types=COMPLEX, vjp=lambda dy: conj(dy))
def _conjugate(input: Tensor) -> Tensor: ...


def conj(x: Any, name: str | None = None) -> Tensor:
    """The complex conjugate; a real tensor is returned as it is.

    Raises:
      TypeError: the tensor is not numeric.
    Example:
      >>> print(tf.math.conj([1 + 2j]).numpy())
      [1.-2.j]
    """
    if type(x) is not Tensor:
        x = convert(x)
    kind = x._array.dtype.kind
    if kind == "c":
        return _conjugate(x)
    if kind in "bO":
        raise TypeError(f"tf.math.conj: Expected numeric or variant tensor, got dtype {x.dtype!r}.")
    return x


# Sums


def _together_in_a_sum(x: Any, y: Any) -> tuple[Tensor, Tensor]:
    """The left operand decides; a right one that does not fit is left for the op to refuse."""
    x = x if type(x) is Tensor else convert(x)
    try:
        return x, beside(x, y)
    except TypeError:
        return x, convert(y, None, x.dtype)


def _add_kernel(x, y):
    return np.asarray(np.add(x, y), x.dtype)  # the sum of two objects without axes is no array


_ADD_VJP = (lambda dy, x_shape: unbroadcast(dy, x_shape), lambda dy, y_shape: unbroadcast(dy, y_shape))
ADD = register(
    Op("Add", _add_kernel, types=NUMERIC | {dtypes.string}, vjp=_ADD_VJP, lower="add", rows=row_rules.elementwise)
)


@binary(
    "AddV2",
    np.add,
    types=NUMERIC,
    vjp=_ADD_VJP,
    operands=_together_in_a_sum,
    otherwise=lambda x, y: ADD(x, y) if x._array.dtype.kind == "O" == y._array.dtype.kind else None,
    lower="add",
    large=True,
)
def add(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Adds element by element, with broadcasting; strings are joined.

    Raises:
      tf.errors.InvalidArgumentError: the dtypes differ, or the shapes do not broadcast.
    Example:
      >>> print(tf.add([1, 2], 3).numpy())
      [4 5]
    """


@binary(
    "Sub",
    np.subtract,
    types=NUMERIC,
    vjp=(lambda dy, x_shape: unbroadcast(dy, x_shape), lambda dy, y_shape: negative(unbroadcast(dy, y_shape))),
    lower="sub",
    large=True,
)
def subtract(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Subtracts element by element, with broadcasting.

    Raises:
      TypeError: a Python value does not fit the other operand's dtype.
      tf.errors.InvalidArgumentError: the dtypes differ, or the shapes do not broadcast.
    Example:
      >>> print(tf.subtract([5, 2], 3).numpy())
      [ 2 -1]
    """


@unary("Neg", np.negative, types=SIGNED_REAL | COMPLEX, vjp=lambda dy: negative(dy), lower="neg")
def negative(x: Any, name: str | None = None) -> Tensor:
    """The negative of each element.

    Example:
      >>> print(tf.negative([1, -2]).numpy())
      [-1  2]
    """


@binary(
    "SquaredDifference",
    lambda x, y: _squared_modulus(np.subtract(x, y)),
    types=CONTINUOUS | {dtypes.int32, dtypes.int64},
    vjp=(
        lambda dy, x, y, x_shape: unbroadcast(multiply(multiply(dy, 2), subtract(x, y)), x_shape),
        lambda dy, x, y, y_shape: unbroadcast(multiply(multiply(dy, -2), subtract(x, y)), y_shape),
    ),
    lower=lambda b, x, y: b.square(x - y),
    large=True,
)
def squared_difference(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`conj(x - y) * (x - y)`, element by element.

    Example:
      >>> print(tf.math.squared_difference([1.0, 5.0], 3.0).numpy())
      [4. 4.]
    """


def _squared_modulus(x: np.ndarray) -> np.ndarray:
    return np.multiply(x, np.conjugate(x)) if x.dtype.kind == "c" else np.square(x)


# Products


@binary(
    "Mul",
    np.multiply,
    types=NUMERIC,
    vjp=(
        lambda dy, x_shape, y: unbroadcast(multiply(dy, conj(y)), x_shape),
        lambda dy, x, y_shape: unbroadcast(multiply(dy, conj(x)), y_shape),
    ),
    otherwise=lambda x, y: logic.logical_and(x, y) if x._array.dtype == y._array.dtype == bool else None,
    lower="mul",
    large=True,
)
def multiply(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Multiplies element by element, with broadcasting; the product of truth values is their conjunction.

    Raises:
      TypeError: a Python value does not fit the other operand's dtype.
      tf.errors.InvalidArgumentError: the dtypes differ, or the shapes do not broadcast.
    Example:
      >>> print(tf.multiply([1.0, 2.0], 3).numpy())
      [3. 6.]
    """


_QUOTIENT_TYPE = {1: dtypes.float32, 2: dtypes.float32, 4: dtypes.float64, 8: dtypes.float64}  # by an integer's bytes


def _as_quotient(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Two tensors of one dtype that can be divided: integers as floating-point numbers that hold most of them."""
    left, right = x._array.dtype, y._array.dtype
    if left != right:
        raise TypeError(
            f"tf.divide: `x` and `y` must have the same dtype, got {x.dtype!r} != {y.dtype!r}. Cast one with tf.cast."
        )
    if left.kind in "bO":
        raise TypeError(f"tf.divide: {x.dtype!r} cannot be divided; a number is expected.")
    if left.kind not in "iu":
        return x, y
    dtype = _QUOTIENT_TYPE[left.itemsize]
    return cast_ops.cast(x, dtype), cast_ops.cast(y, dtype)


def _divide_otherwise(x: Tensor, y: Tensor) -> Tensor | None:
    numerator, denominator = _as_quotient(x, y)
    return None if numerator is x else divide(numerator, denominator)


@binary(
    "RealDiv",
    np.divide,
    types=CONTINUOUS,
    vjp=(
        lambda dy, x_shape, y: unbroadcast(divide(dy, conj(y)), x_shape),
        lambda dy, y, out, y_shape: negative(unbroadcast(multiply(dy, conj(divide(out, y))), y_shape)),
    ),
    otherwise=_divide_otherwise,
    lower="div",
    large=True,
)
def divide(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Divides element by element, with broadcasting.

    Returns:
      The quotient in the operands' dtype; for integers a float64, or a float32 for those of 8 and 16 bits.
    Raises:
      TypeError: the dtypes differ, or are not numeric.
      tf.errors.InvalidArgumentError: the shapes do not broadcast.
    Example:
      >>> print(tf.divide([1, 2], 4).numpy())
      [0.25 0.5 ]
    """


truediv = realdiv = divide


@binary(
    "DivNoNan",
    lambda x, y: _where_not_zero(y, np.divide(x, np.where(np.equal(y, 0), y.dtype.type(1), y))),
    types=CONTINUOUS,
    vjp=(
        lambda dy, y, x_shape: unbroadcast(_div_no_nan(dy, conj(y)), x_shape),
        lambda dy, y, out, y_shape: negative(unbroadcast(multiply(dy, _div_no_nan(conj(out), conj(y))), y_shape)),
    ),
    lower=lambda b, x, y: b.select(b.eq(y, 0), 0, x / y),
    large=True,
)
def _div_no_nan(x: Tensor, y: Tensor) -> Tensor: ...


def _where_not_zero(y: np.ndarray, result: np.ndarray) -> np.ndarray:
    return np.where(np.equal(y, 0), result.dtype.type(0), result)


def divide_no_nan(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x / y`, and 0 where `y` is 0.

    Returns:
      The quotient in the operands' dtype; for integers a float64, or a float32 for those of 8 and 16 bits.
    Raises:
      TypeError: the dtypes differ, or are not numeric.
    Example:
      >>> print(tf.math.divide_no_nan([1.0, 1.0], [2.0, 0.0]).numpy())
      [0.5 0. ]
    """
    return _div_no_nan(*_as_quotient(*together(x, y)))


@binary(
    "MulNoNan",
    lambda x, y: _where_not_zero(y, np.multiply(x, y)),
    types=CONTINUOUS,
    vjp=(
        lambda dy, y, x_shape: unbroadcast(multiply_no_nan(dy, y), x_shape),
        lambda dy, x, y_shape: unbroadcast(multiply_no_nan(x, dy), y_shape),
    ),
    lower=lambda b, x, y: b.select(b.eq(y, 0), 0, x * y),
    large=True,
)
def multiply_no_nan(x: Any, y: Any, name: str | None = None) -> Tensor:
    """`x * y`, and 0 where `y` is 0, be `x` NaN or infinite.

    Example:
      >>> print(tf.math.multiply_no_nan([2.0, np.nan], [3.0, 0.0]).numpy())
      [6. 0.]
    """


def reciprocal_no_nan(x: Any, name: str | None = None) -> Tensor:
    """`1 / x`, and 0 where `x` is 0.

    Raises:
      tf.errors.InvalidArgumentError: the elements are integers.
    Example:
      >>> print(tf.math.reciprocal_no_nan([2.0, 0.0]).numpy())
      [0.5 0. ]
    """
    x = convert(x)
    return _div_no_nan(beside(x, 1), x)


@unary(
    "Square",
    np.square,
    types=NUMERIC,
    vjp=lambda dy, x: multiply(dy, multiply(conj(x), 2)),
    lower="square",
    large=True,
)
def square(x: Any, name: str | None = None) -> Tensor:
    """The square of each element.

    Example:
      >>> print(tf.square([-2, 3]).numpy())
      [4 9]
    """


# Size


@unary("Abs", np.absolute, types=SIGNED_REAL, vjp=lambda dy, x: multiply(dy, sign(x)), lower="abs")
def _absolute(x: Tensor) -> Tensor: ...


@unary(
    "ComplexAbs",
    np.absolute,
    types=COMPLEX,
    vjp=lambda dy, x, out: divide_no_nan(multiply(cast_ops.cast(dy, x.dtype), x), cast_ops.cast(out, x.dtype)),
)
def _modulus(x: Tensor) -> Tensor: ...


def abs(x: Any, name: str | None = None) -> Tensor:
    """The absolute value of each element; for a complex number a real one.

    Example:
      >>> print(tf.abs([-2.0, 3.0]).numpy(), tf.abs(3 + 4j).numpy())
      [2. 3.] 5.0
    """
    if type(x) is not Tensor:
        x = convert(x)
    return _modulus(x) if x._array.dtype.kind == "c" else _absolute(x)


@unary("Sign", np.sign, types=SIGNED_REAL | COMPLEX, vjp=lambda dy: creation.zeros_like(dy), lower="sign", large=True)
def _sign(x: Tensor) -> Tensor: ...


def sign(x: Any, name: str | None = None) -> Tensor:
    """-1, 0 or 1 for each element; `x / abs(x)` for a complex number.

    Example:
      >>> print(tf.sign([-2.0, 0.0, 3.0]).numpy())
      [-1.  0.  1.]
    """
    if type(x) is not Tensor:
        x = convert(x)
    return _div_no_nan(x, cast_ops.cast(_modulus(x), x.dtype)) if x._array.dtype.kind == "c" else _sign(x)


def _select(condition: Tensor, x: Tensor) -> Tensor:
    """`x` where a condition holds, 0 elsewhere."""
    return gather_ops.SELECT(condition, x, beside(x, 0))


@binary(
    "Maximum",
    np.maximum,
    types=REAL,
    vjp=(
        lambda dy, x, y, x_shape: unbroadcast(_select(logic.greater_equal(x, y), dy), x_shape),
        lambda dy, x, y, y_shape: unbroadcast(_select(logic.logical_not(logic.greater_equal(x, y)), dy), y_shape),
    ),
    lower="maximum",
    large=True,
)
def maximum(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The larger of two elements; NaN if one of them is.

    Example:
      >>> print(tf.maximum([-1.0, 2.0], 0.0).numpy())
      [0. 2.]
    """


@binary(
    "Minimum",
    np.minimum,
    types=REAL,
    vjp=(
        lambda dy, x, y, x_shape: unbroadcast(_select(logic.less_equal(x, y), dy), x_shape),
        lambda dy, x, y, y_shape: unbroadcast(_select(logic.logical_not(logic.less_equal(x, y)), dy), y_shape),
    ),
    lower="minimum",
    large=True,
)
def minimum(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The smaller of two elements; NaN if one of them is.

    Example:
      >>> print(tf.minimum([-1.0, 2.0], 0.0).numpy())
      [-1.  0.]
    """


def _clip_kernel(t, clip_value_min, clip_value_max):
    return np.maximum(np.minimum(t, clip_value_max), clip_value_min)


CLIP_BY_VALUE = register(
    Op(
        "ClipByValue",
        _clip_kernel,
        types=REAL,
        vjp=(
            lambda dy, t, clip_value_min, clip_value_max: _select(
                logic.logical_and(logic.greater_equal(t, clip_value_min), logic.less_equal(t, clip_value_max)), dy
            ),
            lambda dy, t, clip_value_min, clip_value_max, clip_value_min_shape: unbroadcast(
                _select(logic.less(minimum(t, clip_value_max), clip_value_min), dy), clip_value_min_shape
            ),
            lambda dy, t, clip_value_min, clip_value_max, clip_value_max_shape: unbroadcast(
                _select(
                    logic.logical_and(
                        logic.greater(t, clip_value_max), logic.greater_equal(clip_value_max, clip_value_min)
                    ),
                    dy,
                ),
                clip_value_max_shape,
            ),
        ),
        infer=spec_of_elements(_clip_kernel),
        lower=lambda b, t, low, high: b.maximum(b.minimum(t, high), low),
    )
)


def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None) -> Any:
    """Limits each element to a range.

    Args:
      t: Tensor or `tf.IndexedSlices` of real numbers.
      clip_value_min: smallest value, of a shape that broadcasts to that of `t`.
      clip_value_max: largest value, likewise.
    Raises:
      ValueError: a limit has more axes or elements than `t`.
      TypeError: a limit does not fit the dtype of `t`.
    Example:
      >>> print(tf.clip_by_value([-3.0, 0.5, 3.0], -1.0, 1.0).numpy())
      [-1.   0.5  1. ]
    """
    if isinstance(t, IndexedSlices):
        return IndexedSlices(clip_by_value(t.values, clip_value_min, clip_value_max), t.indices, t.dense_shape)
    x = convert(t)
    high, low = beside(x, clip_value_max), beside(x, clip_value_min)
    CLIP_BY_VALUE.require(x._array, high._array, low._array)
    out = CLIP_BY_VALUE(x, low, high)
    if type(out) is Tensor and not may_equal(out._array.shape, x._array.shape):
        raise ValueError(f"Shapes {x.shape} and {out.shape} are incompatible")
    return out
