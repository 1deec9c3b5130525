"""Where the values of sparse tensors stand."""

from __future__ import annotations

import numpy as np


def check_parts(indices: np.ndarray, values: np.ndarray, shape: np.ndarray) -> None:
    """Checks that a matrix of indices, a vector of values and a vector of sizes fit each other.

    Raises:
      ValueError: they do not.
    """
    if indices.ndim != 2 or values.ndim != 1 or len(values) != len(indices):
        raise ValueError(
            f"indices must be a matrix with a row for each value, values a vector; the shapes are {indices.shape} and "
            f"{values.shape}"
        )
    if shape.ndim != 1 or len(shape) != indices.shape[1]:
        raise ValueError(f"indices have {indices.shape[1]} columns; the dense shape, {shape.shape}, must have as many")


def check_bounds(indices: np.ndarray, shape: np.ndarray) -> None:
    """Checks that all indices are inside of a dense shape.

    Raises:
      ValueError: one is not.
    """
    if len(wrong := np.flatnonzero(((indices < 0) | (indices >= shape)).any(1))):
        i, sizes = int(wrong[0]), tuple(np.asarray(shape).tolist())
        raise ValueError(f"indices[{i}] = {tuple(indices[i].tolist())} is out of bounds: need 0 <= index < {sizes}")


def row_numbers(*matrices: np.ndarray) -> list[np.ndarray]:
    """A number for each row of matrices with the same columns: the same for equal rows, and in the order of the rows."""
    rows = np.concatenate(matrices)
    numbers = np.zeros(len(rows), np.intp)
    if rows.shape[1] and len(rows):
        order = np.lexsort(rows.T[::-1])
        is_new = (rows[order[1:]] != rows[order[:-1]]).any(1)
        numbers[order[1:]] = np.cumsum(is_new)
    ends = np.cumsum([len(matrix) for matrix in matrices])[:-1]
    return np.split(numbers, ends)


def looked_up(values: np.ndarray, rows: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The value of each wanted row, where the first array holds those of `rows`; zero where it is none of them."""
    have, want = row_numbers(rows, wanted)
    table = np.zeros(max(have.max(initial=-1), want.max(initial=-1)) + 1, values.dtype)
    table[have] = values
    return table[want]
