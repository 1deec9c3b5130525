"""Which numbers the integers of a quantized dtype stand for: the lowest for one limit, the highest for the other.

All of it in float32, operation by operation as TensorFlow does it, so that the bits are the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.dtypes import DType, as_dtype, integers

_BEFORE_HALF = np.nextafter(np.float32(0.5), np.float32(0))
_MOST = np.float32(2147483520)  # the largest float32 that is an int32


def ends(dtype: DType) -> tuple[int, int]:
    """The lowest and the highest integer of a quantized dtype."""
    limits = np.iinfo(dtype._np[0])
    return int(limits.min), int(limits.max)


def quantized(numbers: Any, dtype: DType) -> np.ndarray:
    """Integers as elements of a quantized dtype."""
    return np.asarray(numbers, dtype._np[0]).view(dtype._np)


def rounded(x: Any) -> Any:
    """The nearest integers, of two the one away from zero."""
    return np.trunc(x + np.copysign(_BEFORE_HALF, x))


def numbers_of(x: np.ndarray, low: Any, high: Any) -> np.ndarray:
    """The numbers that integers stand for, as float32."""
    (first, last), values = ends(as_dtype(x.dtype)), integers(x)
    step = np.float32(np.float64(high - low) / (last - first))
    low = low if low == high else rounded(low / step) * step
    return (low - np.float32(first) * step) + values.astype(np.float32) * step


def nearest(x: np.ndarray, low: Any, high: Any, dtype: DType) -> np.ndarray:
    """The integers that stand for the numbers nearest to those of `x`."""
    first, last = ends(dtype)
    scale = np.float32(0 if low == high else (last - first) / np.float64(high - low))
    found = rounded(x * scale) - (rounded(low * scale) - np.float32(first))
    found = np.minimum(np.maximum(found, np.float32(first)), min(np.float32(last), _MOST))
    return quantized(found.astype(np.int32), dtype)


def _rounded_double(x: Any) -> Any:
    return np.copysign(np.floor(np.abs(x) + 0.5), x)


def nearest_integers(numbers: Any, low: Any, high: Any, dtype: DType) -> Any:
    """The integers that stand for numbers, computed in float64, as int64: also those that the dtype does not have."""
    first, last = ends(dtype)
    x = np.asarray(numbers, np.float64)
    if low == high:
        return np.full(x.shape, first, np.int64)
    scale = float(last - first) / float(np.float32(high) - np.float32(low))
    return (_rounded_double(x * scale) - _rounded_double(float(low) * scale)).astype(np.int64) + first


def numbers_in_float64(values: Any, low: Any, high: Any, dtype: DType) -> Any:
    """The numbers that integers stand for, computed in float64, as float32."""
    if low == high:
        return np.float32(low) + np.zeros(np.shape(values), np.float32)
    first, last = ends(dtype)
    step = float(np.float32(high) - np.float32(low)) / float(last - first)
    start = np.float32(_rounded_double(np.float64(np.float32(low) / np.float32(step)))) * np.float32(step)
    return np.float32(float(start) + (np.asarray(values, np.float64) - first) * step)


def limits_of_product(a: tuple[DType, Any, Any], b: tuple[DType, Any, Any], out: DType) -> tuple[Any, Any]:
    """The limits of products of integers with dtypes and limits."""
    step = np.float32(1)
    for dtype, low, high in (a, b):
        first, last = ends(dtype)
        step *= np.float32((np.float32(high) - np.float32(low)) / np.float32(last - first))
    first, last = ends(out)
    return step * np.float32(first), step * np.float32(last)
