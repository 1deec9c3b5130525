"""ImageDataGenerator: batches of images that are changed at random and normalised."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.keras import config
from tenfold.keras.preprocessing.affine import apply_affine_transform
from tenfold.keras.preprocessing.changes import apply_brightness_shift, apply_channel_shift
from tenfold.keras.preprocessing.dataframe import DataFrameIterator
from tenfold.keras.preprocessing.file_iterators import DirectoryIterator
from tenfold.keras.preprocessing.iterators import NumpyArrayIterator, warn_of_channels


class ImageDataGenerator:
    """Makes batches of images, each changed at random anew; draws come from NumPy's generator.

    Args:
      featurewise_center, featurewise_std_normalization: whether images lose the mean, and are divided by the deviation, of each channel
        of the data that `fit` saw.
      samplewise_center, samplewise_std_normalization: the same with mean and deviation of each image.
      zca_whitening, zca_epsilon: whether pixels are made uncorrelated, as `fit` saw them, and what is added to singular values for it.
      rotation_range: degrees that images are turned by at most.
      width_shift_range, height_shift_range: how far images are moved at most, up and down by the first, sideways by the second, as Keras
        3.15 does: a part of the width or height if below 1, else pixels; an int draws whole pixels, a list one of its numbers, with either sign.
      brightness_range: pair of factors, between which the brightness is drawn; needs Pillow.
      shear_range: degrees that images are sheared by at most.
      zoom_range: pair of factors between which those for columns and rows are drawn, or a number `z` for `(1 - z, 1 + z)`.
      channel_shift_range: what is added to all of an image at most.
      fill_mode, cval: what lies outside of images, as for `apply_affine_transform`.
      horizontal_flip, vertical_flip: whether half of the images are flipped.
      rescale: factor of all values, or None.
      preprocessing_function: function of an image, called before it is normalised.
      data_format: `"channels_last"` or `"channels_first"`.
      validation_split: part of the data that is the subset `"validation"`.
      interpolation_order: 1 interpolates between pixels, 0 takes the nearest one.
      dtype: dtype of the images.

    Attributes:
      mean, std, zca_whitening_matrix: what `fit` found, None before.
    Raises:
      ValueError: `zoom_range`, `brightness_range`, `validation_split` or `data_format` is out of what can be.
    Example:
      >>> data = tf.keras.preprocessing.image.ImageDataGenerator(rescale=0.5, horizontal_flip=True)
      >>> batches = data.flow(np.ones((5, 4, 4, 1)), np.arange(5), batch_size=2, shuffle=False)
      >>> len(batches)
      3
      >>> x, y = next(batches)
      >>> x.shape, float(x.max()), y.tolist()
      ((2, 4, 4, 1), 0.5, [0, 1])
    """

    def __init__(
        self,
        featurewise_center: bool = False,
        samplewise_center: bool = False,
        featurewise_std_normalization: bool = False,
        samplewise_std_normalization: bool = False,
        zca_whitening: bool = False,
        zca_epsilon: float = 1e-6,
        rotation_range: float = 0,
        width_shift_range: Any = 0.0,
        height_shift_range: Any = 0.0,
        brightness_range: Any = None,
        shear_range: float = 0.0,
        zoom_range: Any = 0.0,
        channel_shift_range: float = 0.0,
        fill_mode: str = "nearest",
        cval: float = 0.0,
        horizontal_flip: bool = False,
        vertical_flip: bool = False,
        rescale: float | None = None,
        preprocessing_function: Callable[[np.ndarray], np.ndarray] | None = None,
        data_format: str | None = None,
        validation_split: float = 0.0,
        interpolation_order: int = 1,
        dtype: Any = None,
    ) -> None:
        self.samplewise_center, self.samplewise_std_normalization = samplewise_center, samplewise_std_normalization
        self.featurewise_center, self.featurewise_std_normalization = featurewise_center, featurewise_std_normalization
        self.zca_whitening, self.zca_epsilon = zca_whitening, zca_epsilon
        self.rotation_range, self.shear_range = rotation_range, shear_range
        self.width_shift_range, self.height_shift_range = width_shift_range, height_shift_range
        self.brightness_range, self.channel_shift_range = brightness_range, channel_shift_range
        self.fill_mode, self.cval, self.interpolation_order = fill_mode, cval, interpolation_order
        self.horizontal_flip, self.vertical_flip = horizontal_flip, vertical_flip
        self.rescale, self.preprocessing_function = rescale, preprocessing_function
        self.data_format, self.dtype = config.standardize_data_format(data_format), dtype or config.floatx()
        is_last = self.data_format == "channels_last"
        self.row_axis, self.col_axis, self.channel_axis = (1, 2, 3) if is_last else (2, 3, 1)
        if validation_split and not 0 < validation_split < 1:
            raise ValueError(
                f"ImageDataGenerator: validation_split is {validation_split}; it must lie between 0 and 1."
            )
        self._validation_split = validation_split
        if isinstance(zoom_range, (int, float)):
            zoom_range = 1 - zoom_range, 1 + zoom_range
        for name, value in (("zoom_range", zoom_range), ("brightness_range", brightness_range)):
            if value is not None and (not isinstance(value, (tuple, list)) or len(value) != 2):
                raise ValueError(f"ImageDataGenerator: {name} is {value!r}; it must be two numbers.")
        self.zoom_range = list(zoom_range)
        if zca_whitening:
            self._set("featurewise_center", True, "zca_whitening")
            self._set("featurewise_std_normalization", False, "zca_whitening")
        if self.featurewise_std_normalization:
            self._set("featurewise_center", True, "featurewise_std_normalization")
        if samplewise_std_normalization:
            self._set("samplewise_center", True, "samplewise_std_normalization")
        self.mean: np.ndarray | None = None
        self.std: np.ndarray | None = None
        self.zca_whitening_matrix: np.ndarray | None = None

    def _set(self, name: str, value: bool, because: str) -> None:
        if getattr(self, name) != value:
            warnings.warn(f"ImageDataGenerator: {because} sets {name}={value}.", stacklevel=4)
            setattr(self, name, value)

    def flow(
        self,
        x: Any,
        y: Any = None,
        batch_size: int = 32,
        shuffle: bool = True,
        sample_weight: Any = None,
        seed: int | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        ignore_class_split: bool = False,
        subset: str | None = None,
    ) -> NumpyArrayIterator:
        """Batches of images in an array, without end by `next`, by number for `fit`; see `NumpyArrayIterator`."""
        return NumpyArrayIterator(
            x, y, self, batch_size, shuffle, sample_weight, seed, self.data_format, save_to_dir, save_prefix, save_format,
            subset, ignore_class_split, self.dtype,
        )  # fmt: skip

    def flow_from_directory(
        self,
        directory: Any,
        target_size: tuple[int, int] = (256, 256),
        color_mode: str = "rgb",
        classes: list[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
    ) -> DirectoryIterator:
        """Batches of images in the folders of a folder, one for each class; see `DirectoryIterator`."""
        return DirectoryIterator(
            directory, self, target_size, color_mode, classes, class_mode, batch_size, shuffle, seed, self.data_format,
            save_to_dir, save_prefix, save_format, follow_links, subset, interpolation, keep_aspect_ratio, self.dtype,
        )  # fmt: skip

    def flow_from_dataframe(
        self,
        dataframe: Any,
        directory: Any = None,
        x_col: str = "filename",
        y_col: Any = "class",
        weight_col: str | None = None,
        target_size: tuple[int, int] = (256, 256),
        color_mode: str = "rgb",
        classes: list[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        interpolation: str = "nearest",
        validate_filenames: bool = True,
    ) -> DataFrameIterator:
        """Batches of images that a table names; see `DataFrameIterator`."""
        return DataFrameIterator(
            dataframe, directory, self, x_col, y_col, weight_col, target_size, color_mode, classes, class_mode, batch_size,
            shuffle, seed, self.data_format, save_to_dir, save_prefix, save_format, subset, interpolation, False, self.dtype,
            validate_filenames,
        )  # fmt: skip

    def standardize(self, x: np.ndarray) -> np.ndarray:
        """An image, or a batch of them, normalised; `x` itself is changed."""
        if self.preprocessing_function:
            x = self.preprocessing_function(x)
        if self.rescale:
            x *= self.rescale
        if self.samplewise_center:
            x -= np.mean(x, keepdims=True)
        if self.samplewise_std_normalization:
            x /= np.std(x, keepdims=True) + 1e-6
        if self.featurewise_center and self._is_found("featurewise_center", self.mean):
            x -= self.mean
        if self.featurewise_std_normalization and self._is_found("featurewise_std_normalization", self.std):
            x /= self.std + 1e-6  # type: ignore[operator]
        if self.zca_whitening and self._is_found("zca_whitening", self.zca_whitening_matrix):
            flat = x.reshape(-1, int(np.prod(x.shape[-3:])))
            x = (flat @ self.zca_whitening_matrix).reshape(x.shape)  # type: ignore[operator]
        return x

    @staticmethod
    def _is_found(name: str, value: Any) -> bool:
        if value is None:
            warnings.warn(
                f"ImageDataGenerator: {name} needs data that it learns from. Call fit(images) first.", stacklevel=3
            )
        return value is not None

    def get_random_transform(self, img_shape: tuple[int, ...], seed: int | None = None) -> dict[str, Any]:
        """Draws how an image is to be changed, for `apply_transform`.

        Args:
          img_shape: shape of the image.
          seed: seed for NumPy's generator, or None.
        """
        if seed is not None:
            np.random.seed(seed)
        draw = np.random.uniform
        theta = draw(-self.rotation_range, self.rotation_range) if self.rotation_range else 0
        tx = _shift(self.height_shift_range, img_shape[self.row_axis - 1])
        ty = _shift(self.width_shift_range, img_shape[self.col_axis - 1])
        shear = draw(-self.shear_range, self.shear_range) if self.shear_range else 0
        zx, zy = (1, 1) if self.zoom_range == [1, 1] else draw(self.zoom_range[0], self.zoom_range[1], 2)
        flips = [bool(np.random.random() < 0.5) and flip for flip in (self.horizontal_flip, self.vertical_flip)]
        channel_shift = draw(-self.channel_shift_range, self.channel_shift_range) if self.channel_shift_range else None
        return {
            "theta": theta,
            "tx": tx,
            "ty": ty,
            "shear": shear,
            "zx": zx,
            "zy": zy,
            "flip_horizontal": flips[0],
            "flip_vertical": flips[1],
            "channel_shift_intensity": channel_shift,
            "brightness": None
            if self.brightness_range is None
            else draw(self.brightness_range[0], self.brightness_range[1]),
        }

    def apply_transform(self, x: np.ndarray, transform_parameters: dict[str, Any]) -> np.ndarray:
        """An image changed as said.

        Args:
          x: array with three axes.
          transform_parameters: dict with any of `theta`, `tx`, `ty`, `shear`, `zx`, `zy`, as `apply_affine_transform` takes them,
            `channel_shift_intensity`, `flip_horizontal`, `flip_vertical` and `brightness`.
        """
        said = transform_parameters
        row_axis, col_axis, channel_axis = self.row_axis - 1, self.col_axis - 1, self.channel_axis - 1
        affine = {name: said[name] for name in ("theta", "tx", "ty", "shear", "zx", "zy") if name in said}
        x = apply_affine_transform(
            x,
            **affine,
            row_axis=row_axis,
            col_axis=col_axis,
            channel_axis=channel_axis,
            fill_mode=self.fill_mode,
            cval=self.cval,
            order=self.interpolation_order,
        )
        if said.get("channel_shift_intensity") is not None:
            x = apply_channel_shift(x, said["channel_shift_intensity"], channel_axis)
        for name, axis in (("flip_horizontal", col_axis), ("flip_vertical", row_axis)):
            x = np.flip(x, axis) if said.get(name) else x
        if said.get("brightness") is not None:
            x = apply_brightness_shift(x, said["brightness"], scale=False)
        return x

    def random_transform(self, x: np.ndarray, seed: int | None = None) -> np.ndarray:
        """An image changed at random.

        Args:
          x: array with three axes.
          seed: seed for NumPy's generator, or None.
        """
        return self.apply_transform(x, self.get_random_transform(x.shape, seed))

    def fit(self, x: Any, augment: bool = False, rounds: int = 1, seed: int | None = None) -> None:
        """Finds mean, deviation and whitening of data, as far as the arguments ask for them.

        Args:
          x: array of images with four axes.
          augment: whether it learns from images changed at random.
          rounds: how often each image is changed then.
          seed: seed for NumPy's generator, or None.
        Raises:
          ValueError: `x` has not four axes.
        """
        x = np.array(x, dtype=self.dtype)
        if x.ndim != 4:
            raise ValueError(f"ImageDataGenerator.fit: images have the shape {x.shape}; they must have four axes.")
        warn_of_channels("ImageDataGenerator.fit", x.shape, self.channel_axis)
        if seed is not None:
            np.random.seed(seed)
        if self.rescale:
            x *= self.rescale
        if augment:
            x = np.array([self.random_transform(image) for _ in range(rounds) for image in x], self.dtype)
        axes = (0, self.row_axis, self.col_axis)
        if self.featurewise_center:
            self.mean = np.mean(x, axis=axes, keepdims=True)[0]
            x -= self.mean
        if self.featurewise_std_normalization:
            self.std = np.std(x, axis=axes, keepdims=True)[0]
            x /= self.std + 1e-6
        if self.zca_whitening:
            u, s, _ = np.linalg.svd(x.reshape(len(x), -1).T, full_matrices=False)
            self.zca_whitening_matrix = (u * (np.sqrt(len(x)) / (s + self.zca_epsilon))) @ u.T


def _shift(most: Any, size: int) -> float:
    """A shift in pixels: by one of the whole numbers, or up to a float, which is a part of the size if below 1."""
    if np.ndim(most) == 0 and not most:
        return 0
    if np.ndim(most) == 0 and not isinstance(most, (int, np.integer)):
        shift = np.random.uniform(-most, most)
    else:
        shift = np.random.choice(most) * np.random.choice([-1, 1])
    return shift * size if np.max(most) < 1 else shift
