"""Where the values of rows stand: row splits, row numbers, and places in dense and sparse tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Rows(NamedTuple):
    """The rows of one ragged axis.

    Attributes:
      parents: the row of each value.
      places: where in its row each value stands.
      rows: how many rows there are, if that is known.
    """

    parents: np.ndarray
    places: np.ndarray
    rows: int | None = None

    @property
    def longest(self) -> int:
        return int(self.places.max()) + 1 if self.places.size else 0


def number_of(values: np.ndarray) -> int:
    """How many rows there are."""
    if not values.ndim:
        raise ValueError("values and row partitions must have rows, one is a scalar")
    return len(values)


def checked_splits(splits: np.ndarray, count: int | None = None) -> np.ndarray:
    """Row splits, if they are a vector from 0 to the number of values that never falls."""
    if splits.ndim != 1 or not splits.size:
        raise ValueError(f"row splits have the shape {splits.shape}; they must be a vector of at least one element")
    if splits[0] != 0:
        raise ValueError(f"row splits begin with {splits[0]}; they must begin with 0")
    if (splits[1:] < splits[:-1]).any():
        raise ValueError("row splits must be sorted in ascending order")
    if count is not None and splits[-1] != count:
        raise ValueError(f"row splits end with {splits[-1]}, but there are {count} values")
    return splits


def from_splits(splits: np.ndarray) -> Rows:
    lengths = np.diff(checked_splits(splits))
    parents = np.repeat(np.arange(len(lengths)), lengths)
    return Rows(parents, np.arange(len(parents)) - np.repeat(splits[:-1], lengths), len(lengths))


def from_row_numbers(numbers: np.ndarray) -> Rows:
    if numbers.ndim != 1 or (numbers[1:] < numbers[:-1]).any() or (numbers[:1] < 0).any():
        raise ValueError("the numbers of values' rows must be a vector that never falls, none negative")
    return Rows(numbers, np.arange(len(numbers)) - np.searchsorted(numbers, numbers))


def flat_places(levels: Sequence[Rows], sizes: Sequence[int]) -> np.ndarray:
    """Which element of a dense tensor of these sizes each innermost value is; -1 if it has no place there."""
    rows = np.arange(sizes[0] if levels[0].rows is None else levels[0].rows)
    found = np.where(rows < sizes[0], rows, -1)
    for level, size in zip(levels, sizes[1:], strict=True):
        if level.parents.size and level.parents[-1] >= len(found):
            raise ValueError(f"a value is of row {level.parents[-1]}, and there are {len(found)} rows")
        above = found[level.parents]
        found = np.where((above >= 0) & (level.places < size), above * size + level.places, -1)
    return found


def values_of_rows(splits: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The row splits of these rows, and which values they have."""
    lengths = splits[rows + 1] - splits[rows]
    ends = np.concatenate([[0], np.cumsum(lengths)])
    return ends, np.repeat(splits[rows] - ends[:-1], lengths) + np.arange(ends[-1])
