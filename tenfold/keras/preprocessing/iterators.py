"""Iterators over batches of images that are changed at random."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterator as Iterating
from typing import Any

import numpy as np

from tenfold.keras import config
from tenfold.keras.utils.image_utils import array_to_img
from tenfold.keras.utils.sequence import PyDataset


class Iterator(PyDataset):
    """Base of iterators over images: batches without end by `next`, batches by number for `fit`.

    Subclasses define `_get_batches_of_transformed_samples(index_array)`, which makes a batch of the rows of these numbers.

    Args:
      n: number of rows.
      batch_size: rows of a batch.
      shuffle: whether rows are shuffled anew for each pass, by NumPy's generator.
      seed: seed that NumPy's generator gets before each batch, plus the number of batches so far; None leaves it alone.
      **kwargs: those of `PyDataset`.
    """

    white_list_formats = ("png", "jpg", "jpeg", "bmp", "ppm", "tif", "tiff")

    def __init__(self, n: int, batch_size: int, shuffle: bool, seed: int | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n, self.batch_size, self.shuffle, self.seed = n, batch_size, shuffle, seed
        self.batch_index = self.total_batches_seen = 0
        self.lock = threading.Lock()
        self.index_array: np.ndarray | None = None

    def __len__(self) -> int:
        return -(-self.n // self.batch_size)

    def __getitem__(self, idx: int) -> Any:
        if idx >= len(self):
            raise ValueError(f"{type(self).__name__}: there is no batch {idx}; there are {len(self)}.")
        with self.lock:
            self._begin_batch()
            if self.index_array is None:
                self.on_epoch_end()
            rows = self.index_array[self.batch_size * idx : self.batch_size * (idx + 1)]  # type: ignore[index]
        return self._get_batches_of_transformed_samples(rows)

    def __iter__(self) -> Iterating[Any]:
        return self

    def __next__(self) -> Any:
        with self.lock:
            self._begin_batch()
            if self.batch_index == 0 or self.index_array is None:
                self.on_epoch_end()
            first = self.batch_size * self.batch_index
            rows = self.index_array[first : first + self.batch_size]  # type: ignore[index]
            self.batch_index = self.batch_index + 1 if self.n > first + self.batch_size else 0
        return self._get_batches_of_transformed_samples(rows)

    def _begin_batch(self) -> None:
        if self.seed is not None:
            np.random.seed(self.seed + self.total_batches_seen)
        self.total_batches_seen += 1

    def on_epoch_end(self) -> None:
        """Shuffles the rows."""
        self.index_array = np.random.permutation(self.n) if self.shuffle else np.arange(self.n)

    def reset(self) -> None:
        """Lets `next` begin a new pass."""
        self.batch_index = 0

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        raise NotImplementedError


class ImageIterator(Iterator):
    """Base of iterators whose images an `ImageDataGenerator` changes, and which may write what they gave to files."""

    image_data_generator: Any
    data_format: str
    dtype: Any
    save_to_dir: Any
    save_prefix: str
    save_format: str

    def _changed(self, image: np.ndarray) -> np.ndarray:
        generator = self.image_data_generator
        return generator.standardize(generator.apply_transform(image, generator.get_random_transform(image.shape)))

    def _save(self, images: np.ndarray, index_array: np.ndarray, most: int) -> None:
        """Writes images to files that are named by their rows and a random number below `most`."""
        if not self.save_to_dir:
            return
        for image, row in zip(images, index_array, strict=True):
            name = f"{self.save_prefix}_{row}_{np.random.randint(most)}.{self.save_format}"
            array_to_img(image, self.data_format, scale=True).save(os.path.join(self.save_to_dir, name))


class NumpyArrayIterator(ImageIterator):
    """Iterator over images in an array; see `ImageDataGenerator.flow`.

    Args:
      x: array of images with four axes, or a pair of it and a list of arrays with as many rows, which come unchanged.
      y, sample_weight: arrays with as many rows, or None.
      image_data_generator: the `ImageDataGenerator` that changes images.
      batch_size, shuffle, seed: as for `Iterator`.
      data_format: `"channels_last"` or `"channels_first"`.
      save_to_dir, save_prefix, save_format: folder, begin of names and ending of files that the images are written to; None for none.
      subset: `"validation"`, the first rows, `"training"`, the others, or None for all.
      ignore_class_split: whether the subsets may have different labels.
      dtype: dtype of the images.
    Raises:
      ValueError: numbers of rows differ, images have not four axes, or `subset` is another one or lacks classes.
    """

    def __init__(
        self,
        x: Any,
        y: Any,
        image_data_generator: Any,
        batch_size: int = 32,
        shuffle: bool = False,
        sample_weight: Any = None,
        seed: int | None = None,
        data_format: str | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        ignore_class_split: bool = False,
        dtype: Any = None,
    ) -> None:
        self.dtype, self.data_format = dtype or config.floatx(), config.standardize_data_format(data_format)
        others: list = []
        if isinstance(x, (tuple, list)):
            x, others = x[0], x[1] if isinstance(x[1], list) else [x[1]]
        others = [np.asarray(other) for other in others]
        y, sample_weight = (None if a is None else np.asarray(a) for a in (y, sample_weight))
        for what, rows in (("y", y), ("sample_weight", sample_weight), *(("x", other) for other in others)):
            if rows is not None and len(rows) != len(x):
                raise ValueError(f"NumpyArrayIterator: {len(x)} images, but an array of `{what}` has {len(rows)} rows.")
        if subset is not None:
            split = int(len(x) * image_data_generator._validation_split)
            kept = {"validation": slice(split), "training": slice(split, None)}.get(subset)
            if kept is None:
                raise ValueError(f"NumpyArrayIterator: subset is {subset!r}; it must be 'training' or 'validation'.")
            if (
                y is not None
                and not ignore_class_split
                and not np.array_equal(np.unique(y[:split]), np.unique(y[split:]))
            ):
                raise ValueError(
                    "NumpyArrayIterator: the labels of training and validation differ. Shuffle the rows, or pass ignore_class_split=True."
                )
            x, others = x[kept], [other[kept] for other in others]
            y, sample_weight = (None if a is None else a[kept] for a in (y, sample_weight))
        self.x, self.x_misc, self.y, self.sample_weight = np.asarray(x, dtype=self.dtype), others, y, sample_weight
        if self.x.ndim != 4:
            raise ValueError(f"NumpyArrayIterator: images have the shape {self.x.shape}; they must have four axes.")
        warn_of_channels("NumpyArrayIterator", self.x.shape, 3 if self.data_format == "channels_last" else 1)
        self.image_data_generator = image_data_generator
        self.save_to_dir, self.save_prefix, self.save_format = save_to_dir, save_prefix, save_format
        super().__init__(len(self.x), batch_size, shuffle, seed)

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        images = np.zeros((len(index_array), *self.x.shape[1:]), self.dtype)
        for i, row in enumerate(index_array):
            images[i] = self._changed(self.x[row].astype(self.dtype))
        self._save(images, index_array, 10_000)
        x = [images, *(other[index_array] for other in self.x_misc)] if self.x_misc else images
        if self.y is None:
            return x
        weights = () if self.sample_weight is None else (self.sample_weight[index_array],)
        return (x, self.y[index_array], *weights)


def warn_of_channels(name: str, shape: tuple[int, ...], axis: int) -> None:
    """Warns where an axis can hardly be that of channels."""
    if shape[axis] not in (1, 3, 4):
        warnings.warn(
            f"{name}: images have the shape {shape}, so {shape[axis]} channels on axis {axis}, where there are mostly 1, 3 or 4. "
            "Is data_format right?",
            stacklevel=3,
        )
