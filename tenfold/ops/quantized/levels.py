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
