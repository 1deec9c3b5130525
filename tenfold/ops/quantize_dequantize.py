"""Rounding to what integers of some bits times a scale can say, with symmetric scales: what quantised weights become."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.dtypes import FLOATING
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.tensor import Tensor


def _over_slices(limit: np.ndarray, x: np.ndarray, axis: int) -> np.ndarray:
    """A limit for each slice along an axis, so that it broadcasts; one for all where the axis is -1."""
    if axis == -1:
        return limit
    return limit.reshape([-1 if i == axis else 1 for i in range(x.ndim)])


def _limits(x: np.ndarray, low: np.ndarray, high: np.ndarray, range_given: bool, axis: int) -> Any:
    """The smallest and the largest number: those given, or those that `x` has."""
    expected = () if axis == -1 else x.shape[axis : axis + 1]
    for name, limit in (("input_min", low), ("input_max", high)):
        if limit.shape != expected:
            raise InvalidArgumentError(f"{name} has the shape {limit.shape}; it must be {expected}")
    if not range_given:
        others = None if axis == -1 else tuple([i for i in range(x.ndim) if i != axis])
        return np.min(x, axis=others, keepdims=axis != -1), np.max(x, axis=others, keepdims=axis != -1)
    if np.any(low > high):
        raise InvalidArgumentError("Invalid range: input_min is greater than input_max")
    return _over_slices(low, x, axis), _over_slices(high, x, axis)


def _check_axis(x: np.ndarray, axis: int) -> None:
    if not -1 <= axis < x.ndim:
        raise InvalidArgumentError(f"axis is {axis}; the input has the shape {x.shape}")


def _rounded(x: np.ndarray, low: Any, high: Any, signed: bool, bits: int, given: bool, mode: str, narrow: bool, axis: int) -> Any:  # fmt: skip
    _check_axis(x, axis)
    if not signed <= bits <= 63 - (not signed) or not bits:
        raise InvalidArgumentError(f"num_bits is out of range: {bits}, with signed_input={signed}")
    if not x.size:
        return x
    dtype = x.dtype.type
    low, high = _limits(x, low, high, given, axis)
    last = dtype((1 << (bits - signed)) - 1)
    first = dtype(narrow - (1 << (bits - 1))) if signed else dtype(0)
    most = np.finfo(x.dtype).max if x.dtype.kind == "f" else dtype(3.3895314e38)
    of_first = np.where(first * low > 0, first / low, most)
    of_last = np.where(last * high > 0, last / high, most)
    is_first = of_first < of_last
    scale = np.where(is_first, of_first, of_last).astype(x.dtype)
    step = np.where(is_first, low / first, high / last).astype(x.dtype)
    if given:
        high, low = np.where(is_first, last * step, high), np.where(is_first, low, first * step)
        x = np.maximum(np.minimum(x, high.astype(x.dtype)), low.astype(x.dtype))
    scaled = x * scale
    return (np.floor(scaled + dtype(0.5)) if mode == "HALF_UP" else np.rint(scaled)) * step


def _kernel(
    input, input_min, input_max, *, signed_input=True, num_bits=8, range_given=False, round_mode="HALF_TO_EVEN", narrow_range=False, axis=-1
):  # fmt: skip
    return _rounded(input, input_min, input_max, signed_input, num_bits, range_given, round_mode, narrow_range, axis)


def _v3_kernel(input, input_min, input_max, *, num_bits, signed_input=True, range_given=True, narrow_range=False, axis=-1):  # fmt: skip
    return _rounded(
        input, input_min, input_max, signed_input, num_bits, range_given, "HALF_TO_EVEN", narrow_range, axis
    )


def _grad_kernel(gradients, input, input_min, input_max, *, axis=-1):
    _check_axis(input, axis)
    low, high = [_over_slices(limit, input, axis) for limit in (input_min, input_max)]
    is_inside = (input >= low) & (input <= high)
    return np.where(is_inside, gradients, gradients.dtype.type(0)), np.zeros_like(input_min), np.zeros_like(input_max)


V2 = register(Op("QuantizeAndDequantizeV2", _kernel, types=FLOATING, vjp=(lambda dy: dy, None, None)))
V3 = register(Op("QuantizeAndDequantizeV3", _v3_kernel, types=FLOATING, host=("num_bits",), vjp=(lambda dy: dy, None, None)))  # fmt: skip
V4 = register(
    Op(
        "QuantizeAndDequantizeV4",
        _kernel,
        types=FLOATING,
        vjp=lambda dy, input, input_min, input_max, axis: V4_GRAD(dy, input, input_min, input_max, axis=axis),
    )
)
V4_GRAD: Op = register(
    Op(
        "QuantizeAndDequantizeV4Grad",
        _grad_kernel,
        types=FLOATING,
        outputs=("input_backprop", "input_min_backprop", "input_max_backprop"),
        vjp=NotDifferentiable("TensorFlow has no second derivatives of this rounding"),
    )
)


def quantize_and_dequantize_v2(
    input: Any,
    input_min: Any,
    input_max: Any,
    signed_input: bool = True,
    num_bits: int = 8,
    range_given: bool = False,
    round_mode: str = "HALF_TO_EVEN",
    name: str | None = None,
    narrow_range: bool = False,
    axis: int | None = None,
) -> Tensor:
    """Rounds to what integers of some bits, times a scale that keeps 0, can say.

    The gradient is 1 between `input_min` and `input_max`, else 0.

    Args:
      input: Tensor of a floating dtype.
      input_min, input_max: limits of the numbers; scalars, or one for each slice along `axis`.
      signed_input: whether the integers have a sign.
      num_bits: how many bits they have, 1 to 63.
      range_given: whether the limits are as given, instead of those that `input` has.
      round_mode: `"HALF_TO_EVEN"` or `"HALF_UP"`.
      narrow_range: whether the smallest integer is left out.
      axis: the axis whose slices have scales of their own.
    Raises:
      ValueError: `round_mode` is another.
      tf.errors.InvalidArgumentError: `num_bits` or `axis` is out of range, a limit has another shape, or `input_min` is above `input_max`.
    Example:
      >>> x = [-1.0, 0.2, 0.9]
      >>> print(tf.quantization.quantize_and_dequantize_v2(x, -1.0, 1.0, num_bits=3, range_given=True).numpy())
      [-1.          0.33333334  1.        ]
    """
    if round_mode not in ("HALF_TO_EVEN", "HALF_UP"):
        raise ValueError(f"round_mode is {round_mode!r}; it must be 'HALF_TO_EVEN' or 'HALF_UP'.")
    x = convert(input)
    low, high = convert(input_min, hint=x.dtype), convert(input_max, hint=x.dtype)
    V4.require(x._array, low._array, high._array)
    place = -1 if axis is None else axis % x._array.ndim if axis < 0 else axis
    return V4(
        x, low, high, signed_input=bool(signed_input), num_bits=int(num_bits), range_given=bool(range_given), round_mode=round_mode,
        narrow_range=bool(narrow_range), axis=place,
    )  # fmt: skip


quantize_and_dequantize = quantize_and_dequantize_v2
