"""Interpolation between samples, as matrices: row `i` holds the weights of the samples in output `i`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np


def _triangle(x: np.ndarray) -> np.ndarray:
    return np.maximum(0.0, 1.0 - np.abs(x))


def _cubic(x: np.ndarray) -> np.ndarray:
    """Keys' cubic convolution, 1981, with a = -1/2."""
    x = np.abs(x)
    near = (1.5 * x - 2.5) * x * x + 1.0
    far = ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    return np.where(x <= 1, near, np.where(x < 2, far, 0.0))


def _lanczos(radius: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda x: np.where(np.abs(x) < radius, np.sinc(x) * np.sinc(x / radius), 0.0)


KERNELS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "bilinear": _triangle,
    "bicubic": _cubic,
    "lanczos3": _lanczos(3),
    "lanczos5": _lanczos(5),
}


@cache
def enlarging(length: int, times: int, kernel: str) -> np.ndarray:
    """The matrix of shape `(length * times, length)` that enlarges an axis; pixels are sampled at their centres.

    Where the kernel reaches over the edge, the weights that are left are scaled to the sum 1.
    """
    where = (np.arange(length * times) + 0.5) / times - 0.5
    if kernel == "bicubic":  # TensorFlow looks the weights up in a table of 1024 fractions
        where = np.floor(where) + np.rint((where - np.floor(where)) * 1024) / 1024
    weights = KERNELS[kernel](where[:, None] - np.arange(length))
    matrix = (weights / weights.sum(1, keepdims=True)).astype(np.float32)
    matrix.setflags(write=False)
    return matrix
