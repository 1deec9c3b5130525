"""CIFAR-100: small colour photographs of a hundred kinds of things."""

from __future__ import annotations

import os

import numpy as np

from tenfold.keras.datasets._cifar import read_batch
from tenfold.keras.utils.data_utils import get_file


def load_data(
    label_mode: str = "fine",
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Loads CIFAR-100, 60,000 photographs, downloading it (169 MB) when it is not in the cache.

    See Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009.

    Args:
      label_mode: `"fine"` for 100 classes, `"coarse"` for the 20 groups they form.
    Returns:
      `(x_train, y_train), (x_test, y_test)`: uint8 images `(50000, 32, 32, 3)` and `(10000, 32, 32, 3)`, or
      `(n, 3, 32, 32)` under `"channels_first"`, with pixels from 0 to 255; int64 labels `(50000, 1)` and `(10000, 1)`.
    Raises:
      OSError: the file is not in the cache and cannot be downloaded.
      ValueError, pickle.UnpicklingError: `label_mode` is another; the file is truncated or corrupt.
    Example:
      >>> (x_train, y_train), (x_test, y_test) = tf.keras.datasets.cifar100.load_data()  # doctest: +SKIP
    """
    if label_mode not in ("fine", "coarse"):
        raise ValueError(
            f"keras.datasets.cifar100.load_data: label_mode is {label_mode!r}; it must be 'fine' or 'coarse'."
        )
    folder = get_file(
        "cifar-100-python-target",
        origin="https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
        extract=True,
        file_hash="85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
    )
    folder = os.path.join(folder, "cifar-100-python")
    train = read_batch(os.path.join(folder, "train"), f"{label_mode}_labels")
    test = read_batch(os.path.join(folder, "test"), f"{label_mode}_labels")
    return train, test
