"""The files that Keras keeps in its public storage, most of them npz."""

from __future__ import annotations

import zipfile
import zlib

import numpy as np
from numpy.lib import format as npy_format

from tenfold.keras.datasets._pickled import load_pickle

KERAS_STORAGE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


def read_npz(path: str, *names: str) -> list[np.ndarray]:
    """Reads arrays by name, those of Python lists too, running no code from the file.

    Raises:
      ValueError: the file is truncated or corrupt, or lacks one of the arrays.
      pickle.UnpicklingError: an array of Python objects holds anything but numbers, strings, lists and arrays.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return [_read_npy(archive, f"{name}.npy", path) for name in names]
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, RuntimeError) as error:
        raise ValueError(
            f"keras.datasets: {path} is truncated or corrupt: {str(error) or type(error).__name__}; it must hold the "
            f"arrays {', '.join(names)}. Delete it to download it again."
        ) from error


def _read_npy(archive: zipfile.ZipFile, member: str, path: str) -> np.ndarray:
    with archive.open(member) as file:
        major, _ = npy_format.read_magic(file)
        read_header = npy_format.read_array_header_1_0 if major == 1 else npy_format.read_array_header_2_0
        shape, _, dtype = read_header(file)
        if dtype.kind == "O":
            array = load_pickle(file, path)
            if not isinstance(array, np.ndarray) or array.shape != shape:
                raise ValueError(f"'{member}' is not the array its header describes")
        else:
            file.seek(0)
            array = npy_format.read_array(file, allow_pickle=False)
        file.read()  # to the end, where zipfile compares the checksum
        return array
