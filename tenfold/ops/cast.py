"""Changes of dtype, of the bits' meaning, and between complex and real numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.context import recorders
from tenfold.core.convert import convert
from tenfold.core.dtypes import COMPLEX, NUMERIC, QUANTIZED, REAL, DType, as_dtype
from tenfold.core.errors import InvalidArgumentError, UnimplementedError
from tenfold.core.indexed_slices import IndexedSlices
from tenfold.core.op import NotDifferentiable, Op, record, register
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor, wrap
from tenfold.core.variable import Variable
from tenfold.ops import creation, elementwise, logic, row_rules
from tenfold.ops.ufunc import unary


def _cast_kernel(x, *, DstT, Truncate=False):
    if x.dtype.kind == "O" or DstT not in _CASTABLE:
        source = dtypes.from_numpy(x.dtype)
        raise UnimplementedError(f"Cast {source and source.name} to {DstT.name} is not supported [Op:Cast]")
    if x.dtype.kind == "c" and not DstT.is_complex:
        x = x.real
    return x.astype(DstT._np)


_CASTABLE = frozenset(t for t in dtypes._BY_ENUM.values() if t._kind not in ("string", "handle"))
_PLAIN = {t._np for t in _CASTABLE if t._kind in ("float", "int", "uint", "bool")}  # what astype alone can do


def _cast_spec(x, *, DstT, Truncate=False):  # noqa: N803
    return Spec(DstT._np, x.shape) if x.dtype in _PLAIN and DstT._np in _PLAIN else None


CAST = register(
    Op(
        "Cast",
        _cast_kernel,
        infer=_cast_spec,
        rows=row_rules.elementwise,
        vjp=lambda dy, x_dtype: cast(dy, x_dtype),
        lower=lambda b, x, *, DstT, Truncate=False: b.cast(x, DstT._np),
    )
)


def cast(x: Any, dtype: Any, name: str | None = None) -> Any:
    """Converts the elements to another dtype.

    Floating-point numbers are truncated to integers, complex ones lose their imaginary part, and everything but 0 is True.

    Args:
      x: Tensor, or one that is ragged, sparse or `tf.IndexedSlices`, whose values are cast.
      dtype: the new DType; a tensor that has it is returned as it is.
    Raises:
      TypeError: `dtype` is no dtype.
      tf.errors.UnimplementedError: one of the dtypes is tf.string.
    Example:
      >>> print(tf.cast([1.8, -2.2], tf.int32).numpy())
      [ 1 -2]
    """
    if type(dtype) is not DType:
        dtype = as_dtype(dtype)
    if type(x) is not Tensor:
        if isinstance(x, Variable) and x.dtype is dtype:
            return x
        if isinstance(x, IndexedSlices):
            return IndexedSlices(cast(x.values, dtype), x.indices, x.dense_shape)
        if hasattr(x, "with_values"):  # a ragged or sparse tensor
            return x.with_values(cast(x.values, dtype))
        x = convert(x)
    array, target = x._array, getattr(dtype, "_np", None)
    if array.dtype is target:
        return x
    try:
        is_plain = target in _PLAIN and array.dtype in _PLAIN
        result = array.astype(target) if is_plain else _cast_kernel(array, DstT=dtype)
    except Exception as error:
        result = CAST.recover(error, [array], {"DstT": dtype})
    out = wrap(result)
    if recorders():
        record(CAST, (x,), {"DstT": dtype}, (out,))
    return out


def saturate_cast(value: Any, dtype: Any, name: str | None = None) -> Tensor:
    """Converts the elements to another dtype, those out of its range to the nearest value in it.

    Raises:
      TypeError: one of the dtypes has no order.
    Example:
      >>> print(tf.saturate_cast([-5.0, 3.5, 500.0], tf.uint8).numpy())
      [  0   3 255]
    """
    value, dtype = convert(value), as_dtype(dtype)
    if value.dtype.is_complex:
        if dtype.is_complex:
            return complex(_saturated(real(value), dtype.real_dtype), _saturated(imag(value), dtype.real_dtype))
        value = real(value)
    return cast(_saturated(value, dtype.real_dtype), dtype)


def _saturated(x: Tensor, dtype: DType) -> Tensor:
    """`x` within the values that both its own dtype and another one have, cast to the latter."""
    (low, high), (other_low, other_high) = _range(x.dtype), _range(dtype)
    lowest = _inwards(max(low, other_low), x.dtype, dtype)
    highest = _inwards(min(high, other_high), x.dtype, dtype)
    return cast(elementwise.clip_by_value(x, lowest, highest), dtype)


def _range(dtype: DType) -> tuple[float, float]:
    """The limits of a dtype as Python numbers, which compare exactly."""
    if dtype not in REAL:
        raise TypeError(f"Cannot find minimum value of {dtype}: it has no order.")
    number = int if dtype.is_integer else float
    return number(dtype.min), number(dtype.max)


def _inwards(limit: float, source: DType, target: DType) -> Tensor:
    """A limit as a number of one dtype, which rounding must not put out of another one's range."""
    rounded = np.array(limit, source._np)
    low, high = _range(target)
    exact = int(rounded) if source.is_integer else float(rounded)
    return wrap(rounded if low <= exact <= high else np.nextafter(rounded, source._np.type(0), out=rounded))


# Bits


def _bitcast_kernel(input, *, type):
    target = type._np
    wide, narrow = input.dtype.itemsize, target.itemsize
    if wide < narrow:
        if not input.ndim or input.shape[-1] * wide != narrow:
            raise InvalidArgumentError(
                f"tf.bitcast: the last axis of {input.shape} must hold {narrow // wide} elements of {wide} bytes, to "
                f"become one of {narrow}."
            )
        return np.array(input, order="C", copy=None).view(target)[..., 0]
    if wide > narrow:
        input = input[..., np.newaxis]
    return np.array(input, order="C", copy=None).view(target)


def _lower_bitcast(b, input, *, type):
    wide, narrow = input.dtype.itemsize, type._np.itemsize
    if wide > narrow:  # parts of the bits, the lowest first
        bits = b.bitcast(input, f"u{wide}")
        parts = [b.cast(b.shift_right(bits, 8 * narrow * i), f"u{narrow}") for i in range(wide // narrow)]
        input = b.concat([b.expand_dims(part, [input.ndim]) for part in parts], input.ndim)
    return b.bitcast(input, type._np)


BITCAST = register(
    Op(
        "Bitcast",
        _bitcast_kernel,
        types=NUMERIC | QUANTIZED,
        vjp=NotDifferentiable("the bits of a number are no numbers"),
        lower=_lower_bitcast,
    )
)


def bitcast(input: Any, type: Any, name: str | None = None) -> Tensor:
    """Takes the bits of the elements for elements of another dtype.

    Args:
      input: Tensor of a numeric dtype.
      type: the new DType. If its elements are smaller, a last axis holds the parts of each old one; if they are larger,
        the last axis of `input` becomes one element.
    Raises:
      tf.errors.InvalidArgumentError: one of the dtypes is not numeric, or the last axis has the wrong size.
    Example:
      >>> print(tf.bitcast(1.0, tf.int32).numpy(), tf.bitcast(1.0, tf.uint8).numpy())
      1065353216 [  0   0 128  63]
    """
    dtype = as_dtype(type)
    if dtype not in NUMERIC | QUANTIZED:
        raise InvalidArgumentError(f"tf.bitcast: type is {dtype.name}; a numeric type is expected. Use tf.cast.")
    input = convert(input)
    BITCAST.require(input._array)
    return BITCAST(input, type=dtype)


# Complex numbers


def _complex_kernel(real, imag, *, Tout=dtypes.complex64):
    result = np.empty(np.broadcast_shapes(real.shape, imag.shape), Tout._np)
    result.real, result.imag = real, imag
    return result


COMPLEX_OP = register(
    Op(
        "Complex",
        _complex_kernel,
        types={dtypes.float32, dtypes.float64},
        vjp=(
            lambda dy, real_shape: elementwise.unbroadcast(real(dy), real_shape),
            lambda dy, imag_shape: elementwise.unbroadcast(imag(dy), imag_shape),
        ),
        rows=row_rules.elementwise,
    )
)


def complex(real: Any, imag: Any, name: str | None = None) -> Tensor:
    """Complex numbers with these real and imaginary parts, which broadcast.

    Raises:
      TypeError: the parts are not both float32 or both float64.
    Example:
      >>> print(tf.complex([1.0, 2.0], 3.0).numpy())
      [1.+3.j 2.+3.j]
    """
    re, im = convert(real), convert(imag)
    if re.dtype is not im.dtype or re.dtype not in (dtypes.float32, dtypes.float64):
        raise TypeError(
            f"The `real` and `imag` components have incorrect types: {re.dtype.name} {im.dtype.name}. They must be "
            "consistent, and one of [tf.float32, tf.float64]"
        )
    return COMPLEX_OP(re, im, Tout=dtypes.complex64 if re.dtype is dtypes.float32 else dtypes.complex128)


def _zero(like: Tensor) -> Tensor:
    return wrap(np.zeros((), like._array.dtype))


@unary("Real", np.real, types=COMPLEX, vjp=lambda dy: complex(dy, _zero(dy)))
def _real(input: Tensor) -> Tensor: ...


@unary("Imag", np.imag, types=COMPLEX, vjp=lambda dy: complex(_zero(dy), dy))
def _imag(input: Tensor) -> Tensor: ...


def _angle_vjp(dy, input):
    return elementwise.negative(elementwise.divide(complex(dy, _zero(dy)), complex(imag(input), real(input))))


@unary("Angle", np.angle, types=COMPLEX, vjp=_angle_vjp)
def _angle(input: Tensor) -> Tensor: ...


def real(input: Any, name: str | None = None) -> Tensor:
    """The real part of each element; a real tensor is returned as it is.

    Raises:
      TypeError: the elements are not numbers.
    Example:
      >>> print(tf.math.real([1 + 2j]).numpy())
      [1.]
    """
    x = convert(input)
    kind = x._array.dtype.kind
    if kind == "c":
        return _real(x)
    if kind in "bO":
        raise TypeError(f"input must be a numeric tensor, but got tensor with dtype {x.dtype}")
    return x


def imag(input: Any, name: str | None = None) -> Tensor:
    """The imaginary part of each element: zeros for a real tensor.

    Example:
      >>> print(tf.math.imag([1 + 2j]).numpy())
      [2.]
    """
    x = convert(input)
    return _imag(x) if x._array.dtype.kind == "c" else creation.zeros_like(x)


def angle(input: Any, name: str | None = None) -> Tensor:
    """The angle of each element in the complex plane: for a real one 0, or pi if it is negative.

    Raises:
      TypeError: the elements are integers, or no numbers.
    Example:
      >>> print(tf.math.angle([1j, -1 + 0j]).numpy())
      [1.57079633 3.14159265]
    """
    x = convert(input)
    if x._array.dtype.kind == "c":
        return _angle(x)
    if not x.dtype.is_floating:
        raise TypeError(f"tf.math.angle: input is {x.dtype.name}; a complex or floating dtype is expected.")
    return elementwise.multiply(cast(logic.less(x, 0), x.dtype), math.pi)
