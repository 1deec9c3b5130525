"""Choices between arrays, element by element, on their bits.

`np.where` branches on every element; where a mask is random, as that of a dropout or a ReLU, the processor guesses wrong half of the
time, and integer arithmetic is up to twenty times faster.
"""

from __future__ import annotations

from typing import Any

import numpy as np

_BITS: dict[int, Any] = {1: np.dtype(np.int8), 2: np.dtype(np.int16), 4: np.dtype(np.int32), 8: np.dtype(np.int64)}
_SMALL = 1024  # elements up to which NumPy's fixed costs are what counts


def choose(condition: np.ndarray, t: np.ndarray, e: np.ndarray) -> np.ndarray:
    """`np.where` for arrays of one dtype."""
    bits = _BITS.get(t.dtype.itemsize)
    if condition.size <= _SMALL or bits is None or t.dtype.kind == "O":
        return np.where(condition, t, e)
    other = e.view(bits)
    result = np.multiply(np.bitwise_xor(t.view(bits), other), condition)
    result ^= other
    return result.view(t.dtype)


def keep(x: np.ndarray, mask: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """`x` where the mask is set, else 0; unlike a product it makes no -0 and no `inf * 0`."""
    bits = _BITS[x.dtype.itemsize]
    return np.multiply(x.view(bits), mask, out=None if out is None else out.view(bits)).view(x.dtype)
