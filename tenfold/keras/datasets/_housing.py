"""Tables of houses and their prices, shuffled and split."""

from __future__ import annotations

import numpy as np

from tenfold.keras.datasets._storage import KERAS_STORAGE, read_npz
from tenfold.keras.utils.data_utils import get_file


def load_table(
    name: str, path: str, file_hash: str, rows: int | None, test_split: float, seed: int | None
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Loads the first `rows` of a table, shuffles them as `seed` says and splits off the last part for testing."""
    if not 0 <= test_split < 1:
        raise ValueError(
            f"keras.datasets.{name}.load_data: test_split is {test_split}; it must be at least 0 and less than 1."
        )
    x, y = read_npz(get_file(path, origin=f"{KERAS_STORAGE}{name}.npz", file_hash=file_hash), "x", "y")
    x, y = x[:rows], y[:rows]
    order = np.arange(len(x))
    np.random.RandomState(seed).shuffle(order)
    split = int(len(x) * (1 - test_split))
    train, test = order[:split], order[split:]
    return (x[train], y[train]), (x[test], y[test])
