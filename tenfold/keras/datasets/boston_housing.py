"""Boston housing: prices of houses around 1970."""

from __future__ import annotations

import numpy as np

from tenfold.keras.datasets._housing import load_table


def load_data(
    path: str = "boston_housing.npz", test_split: float = 0.2, seed: int | None = 113
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Loads the Boston housing table, 506 districts, downloading it (57 kB) when it is not in the cache.

    One of its columns, "B", was built on the assumption that people's race explains the price of houses. Use
    `california_housing` unless that is what you want to study. See Harrison and Rubinfeld, J. Environ. Econ. Manage.
    5, 1978.

    Args:
      path: name of the file in the cache.
      test_split: share of the rows that becomes the test set.
      seed: seed of the shuffle before the split.
    Returns:
      `(x_train, y_train), (x_test, y_test)`: float64 `x` of shape `(n, 13)`, float64 `y` of shape `(n,)`, the median
      price of a district's houses in thousands of dollars.
    Raises:
      OSError: the file is not in the cache and cannot be downloaded.
      ValueError: `test_split` is out of range; the file is truncated or corrupt.
    Example:
      >>> (x_train, y_train), (x_test, y_test) = tf.keras.datasets.boston_housing.load_data()  # doctest: +SKIP
    """
    file_hash = "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5"
    return load_table("boston_housing", path, file_hash, None, test_split, seed)
