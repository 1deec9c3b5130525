"""CIFAR-10: small colour photographs of ten kinds of things."""

from __future__ import annotations

import os

import numpy as np

from tenfold.keras.datasets._cifar import read_batch
from tenfold.keras.utils.data_utils import get_file


def load_data() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Loads CIFAR-10, 60,000 photographs, downloading it (170 MB) when it is not in the cache.

    The labels mean: 0 airplane, 1 automobile, 2 bird, 3 cat, 4 deer, 5 dog, 6 frog, 7 horse, 8 ship, 9 truck. A few
    labels are wrong in the original. See Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009.

    Returns:
      `(x_train, y_train), (x_test, y_test)`: uint8 images `(50000, 32, 32, 3)` and `(10000, 32, 32, 3)`, or
      `(n, 3, 32, 32)` under `"channels_first"`, with pixels from 0 to 255; uint8 labels `(50000, 1)` and `(10000, 1)`.
    Raises:
      OSError: the file is not in the cache and cannot be downloaded.
      ValueError, pickle.UnpicklingError: the file is truncated or corrupt.
    Example:
      >>> (x_train, y_train), (x_test, y_test) = tf.keras.datasets.cifar10.load_data()  # doctest: +SKIP
    """
    folder = get_file(
        "cifar-10-batches-py-target",
        origin="https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
        extract=True,
        file_hash="6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    )
    folder = os.path.join(folder, "cifar-10-batches-py")
    batches = [read_batch(os.path.join(folder, f"data_batch_{i}"), "labels") for i in range(1, 6)]
    x_train, y_train = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    x_test, y_test = read_batch(os.path.join(folder, "test_batch"), "labels")
    return (x_train, y_train.astype(np.uint8)), (x_test, y_test.astype(np.uint8))
