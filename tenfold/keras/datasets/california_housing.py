"""California housing: prices of houses in 1990."""

from __future__ import annotations

import numpy as np

from tenfold.keras.datasets._housing import load_table


def load_data(
    version: str = "large",
    path: str = "california_housing.npz",
    test_split: float = 0.2,
    seed: int | None = 113,
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Loads the California housing table, downloading it (0.7 MB) when it is not in the cache.

    A row is a block group of the U.S. census of 1990, some 1,400 people. See Pace and Barry, Statistics and
    Probability Letters 33, 1997.

    Args:
      version: `"large"` for all 20,640 rows, `"small"` for the first 600.
      path: name of the file in the cache.
      test_split: share of the rows that becomes the test set.
      seed: seed of the shuffle before the split.
    Returns:
      `(x_train, y_train), (x_test, y_test)`: `x` of shape `(n, 8)` (income, age of houses, rooms, bedrooms, people,
      people per household, latitude, longitude), `y` of shape `(n,)`, the median price of a house in dollars.
    Raises:
      OSError: the file is not in the cache and cannot be downloaded.
      ValueError: `version` is another; `test_split` is out of range; the file is truncated or corrupt.
    Example:
      >>> (x_train, y_train), (x_test, y_test) = tf.keras.datasets.california_housing.load_data()  # doctest: +SKIP
    """
    if version not in ("small", "large"):
        raise ValueError(
            f"keras.datasets.california_housing.load_data: version is {version!r}; it must be 'small' or 'large'."
        )
    file_hash = "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f"
    rows = 600 if version == "small" else None
    return load_table("california_housing", path, file_hash, rows, test_split, seed)
