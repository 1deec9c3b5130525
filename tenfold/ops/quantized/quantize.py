"""From floats to quantized dtypes, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.dtypes import QUANTIZED, DType, as_dtype, bfloat16, float32, integers
from tenfold.core.errors import InvalidArgumentError, UnimplementedError
from tenfold.core.op import Op, register, undefined_gradient
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.ops.quantized.levels import ends, nearest, numbers_of, quantized, rounded

_MODES = ("MIN_COMBINED", "MIN_FIRST", "SCALED")


def _require(mode: str, dtype: DType, **limits: Any) -> None:
    if dtype not in QUANTIZED:
        raise InvalidArgumentError(
            f"T is {dtype.name}; it must be one of {', '.join(sorted(t.name for t in QUANTIZED))}"
        )
    if mode not in _MODES:
        raise InvalidArgumentError(f"mode is {mode!r}; it must be one of {', '.join(_MODES)}")
    for name, limit in limits.items():
        if limit.dtype != np.float32:
            raise InvalidArgumentError(f"{name} is {limit.dtype}; it must be float32")


def _over_slices(limit: np.ndarray, x: np.ndarray, axis: int) -> np.ndarray:
    """A limit as float32 that broadcasts: one for all, or one for each slice along an axis."""
    return limit.reshape(()) if axis == -1 else limit.reshape([-1 if i == axis else 1 for i in range(x.ndim)])


# To integers.


def _widened(low: np.ndarray, high: np.ndarray, least: float) -> tuple[np.ndarray, np.ndarray]:
    """Limits with 0 between them, and not too near to each other."""
    if (high < low).any():
        raise InvalidArgumentError("max_range is less than min_range")
    zero, one = np.float32(0), np.float32(1)
    width = np.maximum(one, np.maximum(np.abs(low), np.abs(high))) * np.float32(least)
    low = np.minimum(zero, low)
    return low, np.maximum(zero, np.maximum(high, low + width))


def _scaled(x: np.ndarray, low: np.ndarray, high: np.ndarray, dtype: DType, round_mode: str, narrow_range: bool) -> Any:
    """Integers that are numbers times a scale, and the limits that follow from it."""
    first, last = np.float32(ends(dtype)[0] + narrow_range), np.float32(ends(dtype)[1])
    most = np.finfo(np.float32).max
    scale = np.minimum(
        np.where(first * low > 0, first / low, most), np.where(last * high > 0, last / high, most)
    )  # fmt: skip
    low, high = first / scale, last / scale
    low = np.where(np.abs(low) < np.finfo(np.float32).tiny, np.float32(0), low)  # no subnormal numbers in TensorFlow
    x = np.maximum(np.minimum(x, high), low) * scale
    return (np.rint(x) if round_mode == "HALF_TO_EVEN" else rounded(x)), low, high


def _quantize_kernel(
    input, min_range, max_range, *, T, mode="MIN_COMBINED", round_mode="HALF_AWAY_FROM_ZERO", narrow_range=False, axis=-1,
    ensure_minimum_range=0.01,
):  # fmt: skip
    _require(mode, T, input=input, min_range=min_range, max_range=max_range)
    if round_mode == "HALF_TO_EVEN" and mode != "SCALED":
        raise InvalidArgumentError(f"round_mode HALF_TO_EVEN goes with mode SCALED only; mode is {mode}")
    if not -1 <= axis < input.ndim:
        raise InvalidArgumentError(f"axis is {axis}; the input has the shape {input.shape}")
    for name, limit in (("min_range", min_range), ("max_range", max_range)):
        if limit.size != 1 if axis == -1 else limit.shape != (input.shape[axis],):
            raise InvalidArgumentError(f"{name} has the shape {limit.shape}, the input {input.shape} with axis={axis}")
    if axis != -1 and mode == "MIN_FIRST":
        raise UnimplementedError("QuantizeV2: MIN_FIRST mode is not implemented for an axis; use SCALED.")
    low, high = _widened(
        _over_slices(min_range, input, axis), _over_slices(max_range, input, axis), ensure_minimum_range
    )
    first, last = ends(T)
    if mode == "MIN_FIRST":
        output = nearest(input, low, high, T)
    else:
        if mode == "SCALED":
            levels, low, high = _scaled(input, low, high, T, round_mode, narrow_range)
        else:
            scale = (np.float32(last) - np.float32(first)) / (high - low)
            levels = (np.maximum(np.minimum(input, high), low) - low) * scale
            half = np.float32((last - first + 1) // 2)
            levels = rounded(levels - half) if first else levels + np.float32(0.5)
        output = quantized(levels.astype(T._np[0]), T)
    shape = () if axis == -1 else (-1,)
    return output, low.reshape(shape), high.reshape(shape)


def _quantize_spec(input, min_range, max_range, *, T, axis=-1, **others):
    limits = Spec(np.dtype(np.float32), () if axis == -1 else (input.shape[axis],))
    return [Spec(T._np, input.shape), limits, limits]


QUANTIZE = register(
    Op(
        "QuantizeV2",
        _quantize_kernel,
        outputs=("output", "output_min", "output_max"),
        infer=_quantize_spec,
        vjp=undefined_gradient("QuantizeV2"),
    )
)


def quantize(
    input: Any,
    min_range: Any,
    max_range: Any,
    T: Any,
    mode: str = "MIN_COMBINED",
    round_mode: str = "HALF_AWAY_FROM_ZERO",
    name: str | None = None,
    narrow_range: bool = False,
    axis: int | None = None,
    ensure_minimum_range: float = 0.01,
) -> Any:
    """The integers that stand for numbers between two limits, which are widened so that 0 is between them.

    Args:
      input: Tensor of float32.
      min_range, max_range: the limits, float32: scalars, or vectors with one for each slice along `axis`.
      T: a quantized dtype, such as `tf.qint8`.
      mode: `"MIN_COMBINED"`: the lowest integer stands for `min_range`, the highest for `max_range`. `"MIN_FIRST"`: so, too, but
        the lower limit is a multiple of the step, so that 0 is exact. `"SCALED"`: integers times a scale.
      round_mode: `"HALF_AWAY_FROM_ZERO"`, or with `"SCALED"` also `"HALF_TO_EVEN"`.
      narrow_range: with `"SCALED"`, whether the lowest integer is left out.
      axis: the axis of which each slice has limits of its own; None for one pair of limits.
      ensure_minimum_range: how far apart the limits are at least, relative to the larger one.
    Returns:
      A namedtuple of `output`, and `output_min` and `output_max`, for which the lowest and the highest integer stand.
    Raises:
      tf.errors.InvalidArgumentError: the limits are in the wrong order, or do not fit the shape; the mode is none.
      tf.errors.UnimplementedError: `axis` with `"MIN_FIRST"`.
    Example:
      >>> q = tf.quantization.quantize([-1.0, 0.0, 1.0], -1.0, 1.0, tf.qint8, mode="SCALED", narrow_range=True)
      >>> print(q.output.numpy(), q.output_min.numpy(), q.output_max.numpy())
      [-127    0  127] -1.0 1.0
    """
    x = convert(input, float32)
    return QUANTIZE(
        x, convert(min_range, float32), convert(max_range, float32),
        T=as_dtype(T), mode=mode, round_mode=round_mode, narrow_range=bool(narrow_range), axis=_place(axis, x),
        ensure_minimum_range=float(ensure_minimum_range),
    )  # fmt: skip


def _place(axis: int | None, x: Tensor) -> int:
    return -1 if axis is None else axis % max(x._array.ndim, 1) if axis < 0 else axis


# To floats.


def _dequantize_kernel(
    input, min_range, max_range, *, mode="MIN_COMBINED", narrow_range=False, axis=-1, dtype=float32
):  # fmt: skip
    _require(mode, as_dtype(input.dtype), min_range=min_range, max_range=max_range)
    if dtype not in (float32, bfloat16):
        raise InvalidArgumentError(f"dtype is {dtype.name}; it must be float32 or bfloat16")
    if dtype is bfloat16 and mode != "MIN_COMBINED":
        raise InvalidArgumentError(f"bfloat16 goes with mode MIN_COMBINED only; mode is {mode}")
    if not -1 <= axis < input.ndim:
        raise InvalidArgumentError(f"axis is {axis}; the input has the shape {input.shape}")
    count = 1 if axis == -1 else input.shape[axis]
    for name, limit in (("min_range", min_range), ("max_range", max_range)):
        if limit.size != count:
            raise InvalidArgumentError(f"{name} has the shape {limit.shape}, the input {input.shape} with axis={axis}")
    if count != 1 and mode == "MIN_FIRST":
        raise UnimplementedError("Dequantize: MIN_FIRST mode is not implemented for an axis; use SCALED.")
    low, high = _over_slices(min_range, input, axis), _over_slices(max_range, input, axis)
    if mode == "MIN_FIRST":
        return numbers_of(input, low.reshape(()), high.reshape(()))
    (first, last), values = ends(as_dtype(input.dtype)), integers(input).astype(np.float32)
    if mode == "SCALED":
        scale = high / np.float32(last)
        if first:
            of_low = low / np.float32(first + narrow_range)
            scale = np.where(of_low < scale, scale, of_low)
        return values * scale
    scale = (high - low) / (np.float32(last) - np.float32(first))
    half = np.float32((last - first + 1) // 2 if first else 0)
    return ((values + half) * scale + low).astype(dtype._np)


DEQUANTIZE = register(
    Op(
        "Dequantize",
        _dequantize_kernel,
        types=QUANTIZED,
        infer=lambda input, min_range, max_range, *, dtype=float32, **others: Spec(dtype._np, input.shape),
        vjp=undefined_gradient("Dequantize"),
    )
)


def dequantize(
    input: Any,
    min_range: Any,
    max_range: Any,
    mode: str = "MIN_COMBINED",
    name: str | None = None,
    axis: int | None = None,
    narrow_range: bool = False,
    dtype: Any = float32,
) -> Tensor:
    """The numbers that integers stand for; what `quantize` with the same `mode` rounded.

    Args:
      input: Tensor of a quantized dtype.
      min_range, max_range: the `output_min` and `output_max` of `quantize`, float32.
      mode, axis, narrow_range: those of `quantize`.
      dtype: tf.float32, or with `"MIN_COMBINED"` also tf.bfloat16.
    Raises:
      tf.errors.InvalidArgumentError: a dtype, the mode or the shape of the limits does not fit.
      tf.errors.UnimplementedError: `axis` with `"MIN_FIRST"`.
    Example:
      >>> print(tf.quantization.dequantize(tf.constant([-127, 0, 127], tf.qint8), -2.0, 2.0, "SCALED", narrow_range=True).numpy())
      [-2.  0.  2.]
    """
    x = convert(input)
    DEQUANTIZE.require(x._array)
    return DEQUANTIZE(
        x, convert(min_range, float32), convert(max_range, float32),
        mode=mode, narrow_range=bool(narrow_range), axis=_place(axis, x), dtype=as_dtype(dtype),
    )  # fmt: skip
