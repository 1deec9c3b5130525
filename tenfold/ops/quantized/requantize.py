"""Quantized numbers in other limits: int32 that sums of products are, made into 8 bits."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.dtypes import DType, as_dtype, integers, quint8
from tenfold.core.op import Op, register
from tenfold.ops.quantized.levels import nearest_integers, numbers_in_float64, quantized
from tenfold.ops.quantized.products import NO_GRADIENT

_SHIFT = 16


def _to_bytes(values: np.ndarray, low: Any, high: Any, new_low: Any, new_high: Any) -> np.ndarray:
    """int32 as uint8 of other limits, in fixed-point numbers with 16 bits behind the point."""
    width, new_width = np.float32(high - low), np.float32(new_high - new_low)
    if new_width == 0:
        return np.zeros(values.shape, np.uint8)
    one = float(1 << _SHIFT)
    scale = int(255.0 * one * float(width) / float(new_width))
    middle = int(np.float32((low + high) / 2.0) * np.float32(255.0 / float(new_width)) * one)
    start = round(one * (float(new_low) * 255.0) / float(new_width))
    fixed = (values.astype(np.int64) * scale >> 32) + middle - start + (1 << _SHIFT - 1)
    return np.clip(fixed >> _SHIFT, 0, 255).astype(np.uint8)


def in_limits(x: np.ndarray, low: Any, high: Any, new_low: Any, new_high: Any, dtype: DType) -> np.ndarray:
    """Integers of a quantized dtype for the numbers that others stand for."""
    values = integers(x)
    if x.dtype.names == ("qint32",) and dtype is quint8:
        return quantized(_to_bytes(values, low, high, new_low, new_high), dtype)
    numbers = numbers_in_float64(values, low, high, as_dtype(x.dtype))
    limits = np.iinfo(dtype._np[0])
    found = nearest_integers(numbers, new_low, new_high, dtype)
    return quantized(np.clip(found, limits.min, limits.max).astype(dtype._np[0]), dtype)


def _used(x: np.ndarray, low: Any, high: Any) -> tuple[Any, Any]:
    """The limits of the numbers that are there, with 0 among them or below."""
    values, dtype = integers(x), as_dtype(x.dtype)
    least = numbers_in_float64(values.min(initial=np.iinfo(values.dtype).max), low, high, dtype)
    return np.minimum(np.float32(0), least), numbers_in_float64(
        values.max(initial=np.iinfo(values.dtype).min), low, high, dtype
    )


def _requantize_kernel(input, input_min, input_max, requested_output_min, requested_output_max, *, out_type):
    found = in_limits(input, input_min, input_max, requested_output_min, requested_output_max, out_type)
    return found, requested_output_min, requested_output_max


def _shrink_kernel(input, input_min, input_max, *, out_type):
    low, high = _used(input, input_min, input_max)
    return in_limits(input, input_min, input_max, low, high, out_type), low, high


def _range_kernel(input, input_min, input_max):
    return _used(input, input_min, input_max)


_OUTPUTS = ("output", "output_min", "output_max")
register(Op("Requantize", _requantize_kernel, vjp=NO_GRADIENT, outputs=_OUTPUTS))
register(Op("QuantizeDownAndShrinkRange", _shrink_kernel, vjp=NO_GRADIENT, outputs=_OUTPUTS))
register(Op("RequantizationRange", _range_kernel, vjp=NO_GRADIENT, outputs=_OUTPUTS[1:]))
