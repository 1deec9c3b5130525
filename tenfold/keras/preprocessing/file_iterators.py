"""Iterators over images in files."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from tenfold.keras import config
from tenfold.keras.preprocessing.iterators import ImageIterator
from tenfold.keras.utils.image_utils import img_to_array, load_img

_CHANNELS = {"rgb": 3, "rgba": 4, "grayscale": 1}


class FileIterator(ImageIterator):
    """Base of iterators that read images from files.

    Attributes:
      filenames, filepaths: the names that the files were given by, and where they are.
      class_indices: numbers of the classes.
      classes: numbers of the classes of all rows.
      samples: number of rows.
    """

    allowed_class_modes: tuple[str | None, ...]
    class_indices: dict[str, int]
    classes: Any
    filenames: list[str]
    filepaths: list[str]
    sample_weight: np.ndarray | None = None

    def _set_up(
        self,
        image_data_generator: Any,
        target_size: tuple[int, int],
        color_mode: str,
        class_mode: str | None,
        data_format: str | None,
        save_to_dir: Any,
        save_prefix: str,
        save_format: str,
        subset: str | None,
        interpolation: str,
        keep_aspect_ratio: bool,
        dtype: Any,
    ) -> None:
        name = type(self).__name__
        if color_mode not in _CHANNELS:
            raise ValueError(f"{name}: color_mode is {color_mode!r}; it must be one of {(*_CHANNELS,)}.")
        if class_mode not in self.allowed_class_modes:
            raise ValueError(f"{name}: class_mode is {class_mode!r}; it must be one of {self.allowed_class_modes}.")
        if subset not in ("training", "validation", None):
            raise ValueError(f"{name}: subset is {subset!r}; it must be 'training', 'validation' or None.")
        self.image_data_generator, self.class_mode, self.color_mode = image_data_generator, class_mode, color_mode
        height, width = target_size
        self.target_size, self.data_format = (height, width), config.standardize_data_format(data_format)
        channels = (_CHANNELS[color_mode],)
        is_last = self.data_format == "channels_last"
        self.image_shape = (*self.target_size, *channels) if is_last else (*channels, *self.target_size)
        self.save_to_dir, self.save_prefix, self.save_format = save_to_dir, save_prefix, save_format
        self.interpolation, self.keep_aspect_ratio = interpolation, keep_aspect_ratio
        self.subset, self.dtype = subset, dtype or config.floatx()

    def _kept(self, count: int) -> slice:
        """The part of so many files that is the subset."""
        if self.subset is None:
            return slice(None)
        split = int(self.image_data_generator._validation_split * count)
        return slice(split) if self.subset == "validation" else slice(split, None)

    @property
    def labels(self) -> Any:
        """What is known of the classes of all rows."""
        return self.classes

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        x = np.zeros((len(index_array), *self.image_shape), self.dtype)
        for i, row in enumerate(index_array):
            with load_img(
                self.filepaths[row], self.color_mode, self.target_size, self.interpolation, self.keep_aspect_ratio
            ) as image:
                pixels = img_to_array(image, self.data_format)
            x[i] = self._changed(pixels) if self.image_data_generator else pixels
        self._save(x, index_array, 10_000_000)
        if self.class_mode is None:
            return x
        y = x.copy() if self.class_mode == "input" else self._targets_of(index_array)
        return (x, y) if self.sample_weight is None else (x, y, self.sample_weight[index_array])

    def _targets_of(self, index_array: np.ndarray) -> Any:
        if self.class_mode != "categorical":  # binary or sparse
            return np.array([self.classes[row] for row in index_array], self.dtype)
        y = np.zeros((len(index_array), len(self.class_indices)), self.dtype)
        for i, row in enumerate(index_array):
            y[i, self.classes[row]] = 1
        return y


class DirectoryIterator(FileIterator):
    """Iterator over images in the folders of a folder, one for each class; see `ImageDataGenerator.flow_from_directory`.

    Args:
      directory: the folder.
      image_data_generator: the `ImageDataGenerator` that changes images.
      target_size: height and width that images are resized to.
      color_mode: `"rgb"`, `"rgba"` or `"grayscale"`.
      classes: names of the folders to take, in the order of the classes; all, sorted, if None.
      class_mode: what targets are: `"categorical"`, rows with a 1; `"binary"` or `"sparse"`, numbers; `"input"`, the images; None: there are none.
      batch_size, shuffle, seed: as for `Iterator`.
      data_format: `"channels_last"` or `"channels_first"`.
      save_to_dir, save_prefix, save_format: as for `NumpyArrayIterator`.
      follow_links: whether links to folders are followed.
      subset: `"validation"`, the first files of each class, `"training"`, the others, or None for all.
      interpolation, keep_aspect_ratio: as for `load_img`.
      dtype: dtype of images and targets.
    Raises:
      ImportError: Pillow is not installed, when the first batch is made.
      ValueError: `color_mode`, `class_mode` or `subset` is another one.
    """

    allowed_class_modes = ("categorical", "binary", "sparse", "input", None)

    def __init__(
        self,
        directory: Any,
        image_data_generator: Any,
        target_size: tuple[int, int] = (256, 256),
        color_mode: str = "rgb",
        classes: list[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        data_format: str | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
        dtype: Any = None,
    ) -> None:
        self._set_up(
            image_data_generator, target_size, color_mode, class_mode, data_format, save_to_dir, save_prefix, save_format,
            subset, interpolation, keep_aspect_ratio, dtype,
        )  # fmt: skip
        self.directory = directory
        names = classes or sorted(n for n in os.listdir(directory) if os.path.isdir(os.path.join(directory, n)))
        self.num_classes = len(names)
        self.class_indices = {name: i for i, name in enumerate(names)}
        self.filenames, numbers = [], []
        for i, name in enumerate(names):
            files = list(_images_in(os.path.join(directory, name), self.white_list_formats, follow_links))
            files = files[self._kept(len(files))]
            self.filenames += [os.path.relpath(file, directory) for file in files]
            numbers += [i] * len(files)
        self.filepaths = [os.path.join(directory, name) for name in self.filenames]
        self.samples, self.classes = len(self.filenames), np.array(numbers, np.int32)
        print(f"Found {self.samples} images belonging to {self.num_classes} classes.")
        super().__init__(self.samples, batch_size, shuffle, seed)


def _images_in(folder: str, endings: tuple[str, ...], follow_links: bool) -> Iterator[str]:
    """Paths of the images in a folder and in those in it, sorted."""
    for root, _, names in sorted(os.walk(folder, followlinks=follow_links)):
        for name in sorted(names):
            if name.lower().endswith(".tiff"):
                warnings.warn(f"{name}: several bands in .tiff files become a distorted image.", stacklevel=4)
            if name.lower().endswith(endings):
                yield os.path.join(root, name)
