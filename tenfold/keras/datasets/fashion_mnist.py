"""Fashion-MNIST: pictures of clothes, in MNIST's format."""

from __future__ import annotations

import gzip
import math
import os
import zlib

import numpy as np

from tenfold.keras.datasets._storage import KERAS_STORAGE
from tenfold.keras.utils.data_utils import cached_path, get_file

_CACHE_SUBDIR = os.path.join("datasets", "fashion-mnist")
_DEBIAN_FOLDER = "/usr/share/datasets/fashion-mnist"  # where the package dataset-fashion-mnist installs the files


def load_data() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Loads Fashion-MNIST, 70,000 grey images of ten kinds of clothes.

    The files are looked for in the cache, then where the Debian package `dataset-fashion-mnist` puts them, and are
    downloaded (31 MB) when they are in neither place.

    The labels mean: 0 T-shirt/top, 1 Trouser, 2 Pullover, 3 Dress, 4 Coat, 5 Sandal, 6 Shirt, 7 Sneaker, 8 Bag,
    9 Ankle boot. Copyright by Zalando SE, MIT licence.

    Returns:
      `(x_train, y_train), (x_test, y_test)`: uint8 images `(60000, 28, 28)` and `(10000, 28, 28)` with pixels from 0
      to 255, uint8 labels `(60000,)` and `(10000,)`.
    Raises:
      OSError: a file is found nowhere and cannot be downloaded.
      ValueError: a file is truncated or corrupt.
    Example:
      >>> (x_train, y_train), (x_test, y_test) = tf.keras.datasets.fashion_mnist.load_data()  # doctest: +SKIP
    """
    y_train = _read_idx(_find("train-labels-idx1-ubyte.gz"), ndim=1)
    x_train = _read_idx(_find("train-images-idx3-ubyte.gz"), ndim=3)
    y_test = _read_idx(_find("t10k-labels-idx1-ubyte.gz"), ndim=1)
    x_test = _read_idx(_find("t10k-images-idx3-ubyte.gz"), ndim=3)
    return (x_train, y_train), (x_test, y_test)


def _find(name: str) -> str:
    debian_path = os.path.join(_DEBIAN_FOLDER, name)
    if os.path.exists(debian_path) and not os.path.exists(cached_path(name, _CACHE_SUBDIR)):
        return debian_path
    return get_file(name, origin=f"{KERAS_STORAGE}{name}", cache_subdir=_CACHE_SUBDIR)


def _read_idx(path: str, ndim: int) -> np.ndarray:
    """Reads a gzipped IDX file: 0, 0, type (8: uint8), ndim, the sizes as big-endian uint32, the values."""
    try:
        with gzip.open(path) as file:
            header = file.read(4 + 4 * ndim)
            shape = tuple(np.frombuffer(header, ">u4", offset=4).tolist())
            if header[:4] != bytes([0, 0, 8, ndim]) or len(shape) != ndim:
                raise ValueError(f"it does not start like a file of {ndim} dimensions")
            values = bytearray(file.read())
        if len(values) != math.prod(shape):
            raise ValueError(f"it has {len(values)} values for shape {shape}")
    except (gzip.BadGzipFile, EOFError, zlib.error, ValueError) as error:
        raise ValueError(
            f"keras.datasets.fashion_mnist.load_data: {path} is truncated or corrupt: {error}; it must be a gzipped "
            "IDX file. Delete it to download it again."
        ) from error
    return np.frombuffer(values, np.uint8).reshape(shape)
