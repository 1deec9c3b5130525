"""Handwritten digits of 8x8 pixels, the dataset that comes with the package.

The data are the test set of "Optical Recognition of Handwritten Digits" by E. Alpaydin and C. Kaynak, UCI Machine
Learning Repository, 1998, doi:10.24432/C50P49, under the licence CC BY 4.0
(https://creativecommons.org/licenses/by/4.0/), taken from the copy in scikit-learn, `digits.csv.gz`. What was changed:
they are stored as uint8 arrays in an npz file, in the original order, and `load_data` splits them.
"""

from __future__ import annotations

import os

import numpy as np

from tenfold.keras.datasets._storage import read_npz

_TEST_IMAGES_PER_CLASS = 36  # 20 % of all images


def load_data() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Loads 1,797 images of handwritten digits, from the package: nothing is downloaded.

    A pixel counts the inked ones of the 4x4 that it stands for, in a scan of 32x32. The split is fixed: the test set
    has 36 images of each digit, spread evenly over all of that digit, so that both sets are by the same writers;
    both keep the original order. By E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, doi:10.24432/C50P49,
    licence CC BY 4.0.

    Returns:
      `(x_train, y_train), (x_test, y_test)`: uint8 images `(1437, 8, 8)` and `(360, 8, 8)` with pixels from 0 to 16,
      uint8 labels `(1437,)` and `(360,)`.
    Example:
      >>> (x_train, y_train), (x_test, y_test) = tf.keras.datasets.digits.load_data()
      >>> x_train.shape, x_test.shape, x_train.dtype, int(x_train.max())
      ((1437, 8, 8), (360, 8, 8), dtype('uint8'), 16)
    """
    x, y = read_npz(os.path.join(os.path.dirname(__file__), "digits.npz"), "x", "y")
    is_test = np.zeros(len(y), bool)
    for digit in range(10):
        images = np.flatnonzero(y == digit)
        is_test[images[np.arange(_TEST_IMAGES_PER_CLASS) * len(images) // _TEST_IMAGES_PER_CLASS]] = True
    return (x[~is_test], y[~is_test]), (x[is_test], y[is_test])
