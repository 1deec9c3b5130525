"""Large arrays that begin at a cache line, so that no vector register's worth of them lies across two.

What malloc gives for large arrays begins 16 bytes behind one, where each access of 64 bytes touches two lines: element-wise kernels
take up to a fourth longer then, products up to a tenth.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

LINE = 64  # bytes
LARGE = 1 << 17  # bytes of arrays that are worth two microseconds
LARGEST = 1 << 24  # from here on arrays fit into room that others of their size left, and zeros stay untouched memory


class Memory(np.ndarray):
    """The bytes that one array lies in; views of that array have the array as their base, as NumPy does not look past another type."""


# Kinds of bases that arrays with memory of their own have; views of them, which then others hold, share it.
OWN = frozenset((type(None), Memory))


def empty(shape: Sequence[int], dtype: np.dtype) -> np.ndarray:
    """`np.empty`, from a cache line on if the array is large, but not huge."""
    size = prod(shape) * dtype.itemsize
    if not LARGE <= size < LARGEST or dtype.hasobject:
        return np.empty(shape, dtype)
    memory = Memory(size + LINE, np.uint8)
    return np.ndarray(shape, dtype, memory, -memory.__array_interface__["data"][0] % LINE)


def copy(array: np.ndarray) -> np.ndarray:
    """`array.copy()`, from a cache line on if the array is large, but not huge."""
    if not LARGE <= array.nbytes < LARGEST:
        return array.copy()
    new = empty(array.shape, array.dtype)
    new[...] = array
    return new


def placed(array: np.ndarray) -> np.ndarray:
    """The array itself if it is small or huge or begins at a cache line, else a copy that does."""
    if not LARGE <= array.nbytes < LARGEST or array.dtype.hasobject or not array.__array_interface__["data"][0] % LINE:
        return array
    return copy(array)
