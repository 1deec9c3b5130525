"""What the ops that run on LAPACK, through NumPy, have in common."""

from __future__ import annotations

import numpy as np

from tenfold.core.dtypes import COMPLEX, FLOATING, bfloat16
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.symbol import may_equal

TYPES = (FLOATING - {bfloat16}) | COMPLEX


def for_lapack(x: np.ndarray) -> np.ndarray:
    """16-bit floats as float32: LAPACK knows no shorter ones."""
    return x.astype(np.float32) if x.dtype.itemsize == 2 else x


def require_matrix(x: np.ndarray, what: str) -> None:
    if x.ndim < 2:
        raise InvalidArgumentError(f"{what}: Input tensor 0 must have rank >= 2, got {x.ndim}.")


def require_square(x: np.ndarray, what: str) -> None:
    require_matrix(x, what)
    if x.shape[-1] != x.shape[-2] and not may_equal(x.shape[-1:], x.shape[-2:-1]):
        raise InvalidArgumentError(f"{what}: Input matrix must be square, got shape {x.shape}.")
