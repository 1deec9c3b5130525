"""The files of CIFAR-10 and CIFAR-100: pickled dicts of flat images and labels."""

from __future__ import annotations

import numpy as np

from tenfold.keras.config import image_data_format
from tenfold.keras.datasets._pickled import load_pickle


def read_batch(path: str, label_key: str) -> tuple[np.ndarray, np.ndarray]:
    """Reads a file's images, uint8 `(n, 32, 32, 3)` unless channels are first, and labels, int64 `(n, 1)`."""
    with open(path, "rb") as file:
        batch = load_pickle(file, path)
    try:
        images = batch[b"data"].reshape(-1, 3, 32, 32)
        labels = np.array(batch[label_key.encode()], np.int64).reshape(len(images), 1)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"keras.datasets: {path} is no batch of CIFAR: {error}; it must hold 'data' and '{label_key}'. "
            "Delete it to unpack it again."
        ) from error
    if image_data_format() == "channels_last":
        images = images.transpose(0, 2, 3, 1)
    return images.copy(), labels  # contiguous, and writable where the pickle's bytes are not
