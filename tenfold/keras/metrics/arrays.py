"""NumPy arrays of what metrics are given."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.tensor import Tensor


def array_of(value: Any, dtype: np.dtype | None = None) -> np.ndarray:
    """The values of a tensor, an array or a list; of a dtype if given."""
    array = value._array if type(value) is Tensor else convert(value)._array
    return array if dtype is None or array.dtype is dtype else array.astype(dtype)


def same_rank(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`losses.inputs.same_rank` of arrays."""
    if a.ndim == b.ndim + 1 and a.shape[-1] == 1:
        return (a, b[:, None]) if b.ndim == 1 else (a[..., 0], b)
    if b.ndim == a.ndim + 1 and b.shape[-1] == 1:
        return (a[:, None], b) if a.ndim == 1 else (a, b[..., 0])
    return a, b


def no_nan(a: Any, b: Any) -> Any:
    """`a / b`, zero where `b` is zero."""
    a, b = np.asarray(a), np.asarray(b)
    return np.where(b == 0, 0, a / np.where(b == 0, 1, b)).astype(np.result_type(a, b))


def spread(weights: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Weights, one for each value."""
    try:
        return np.broadcast_to(weights, shape)
    except ValueError:
        raise InvalidArgumentError(
            f"sample_weight is {weights.shape}, the values are {shape}; it must have the shape of the values, or of their "
            "first axes."
        ) from None
