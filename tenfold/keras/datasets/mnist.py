"""MNIST: handwritten digits."""

from __future__ import annotations

import numpy as np

from tenfold.keras.datasets._storage import KERAS_STORAGE, read_npz
from tenfold.keras.utils.data_utils import get_file


def load_data(
    path: str = "mnist.npz",
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Loads MNIST, 70,000 grey images of the digits 0 to 9, downloading it (11 MB) when it is not in the cache.

    The images are by Yann LeCun and Corinna Cortes, derived from NIST's, under CC BY-SA 3.0.

    Args:
      path: name of the file in the cache.
    Returns:
      `(x_train, y_train), (x_test, y_test)`: uint8 images `(60000, 28, 28)` and `(10000, 28, 28)` with pixels from 0
      to 255, uint8 labels `(60000,)` and `(10000,)`.
    Raises:
      OSError: the file is not in the cache and cannot be downloaded.
      ValueError: the file is truncated or corrupt.
    Example:
      >>> (x_train, y_train), (x_test, y_test) = tf.keras.datasets.mnist.load_data()  # doctest: +SKIP
    """
    path = get_file(
        path,
        origin=f"{KERAS_STORAGE}mnist.npz",
        file_hash="731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
    )
    x_train, y_train, x_test, y_test = read_npz(path, "x_train", "y_train", "x_test", "y_test")
    return (x_train, y_train), (x_test, y_test)
