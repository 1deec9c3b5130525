"""Iterator over images that a table names."""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np

from tenfold.keras.preprocessing.file_iterators import FileIterator

_WITH_CLASSES = ("binary", "categorical", "sparse")


class DataFrameIterator(FileIterator):
    """Iterator over images in files that a table names; see `ImageDataGenerator.flow_from_dataframe`.

    Args:
      dataframe: table that gives columns by name: a pandas DataFrame, a dict of lists.
      directory: folder that the names are relative to; None if they are whole paths.
      image_data_generator: the `ImageDataGenerator` that changes images.
      x_col: name of the column of file names.
      y_col: name of the column of targets, or list of names.
      weight_col: name of the column of weights, or None.
      target_size: height and width that images are resized to.
      color_mode: `"rgb"`, `"rgba"` or `"grayscale"`.
      classes: the classes to take, in order; all, sorted, if None.
      class_mode: what targets are: `"categorical"`, rows with a 1 for each class, of which there may be lists; `"binary"` or `"sparse"`,
        numbers; `"input"`, the images; `"raw"`, what stands in the columns; `"multi_output"`, a list of columns; None: there are none.
      batch_size, shuffle, seed: as for `Iterator`.
      data_format: `"channels_last"` or `"channels_first"`.
      save_to_dir, save_prefix, save_format: as for `NumpyArrayIterator`.
      subset: `"validation"`, the first rows, `"training"`, the others, or None for all.
      interpolation, keep_aspect_ratio: as for `load_img`.
      dtype: dtype of images and targets.
      validate_filenames: whether rows whose files are not there or are no images are left out, with a warning.
    Raises:
      ImportError: Pillow is not installed, when the first batch is made.
      TypeError: values of a column are of another type than `class_mode` takes.
      ValueError: `color_mode`, `class_mode` or `subset` is another one, or classes are not two where they must be.
    """

    allowed_class_modes = ("binary", "categorical", "input", "multi_output", "raw", "sparse", None)

    def __init__(
        self,
        dataframe: Any,
        directory: Any = None,
        image_data_generator: Any = None,
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
        data_format: str | None = "channels_last",
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
        dtype: Any = "float32",
        validate_filenames: bool = True,
    ) -> None:
        self._set_up(
            image_data_generator, target_size, color_mode, class_mode, data_format, save_to_dir, save_prefix, save_format,
            subset, interpolation, keep_aspect_ratio, dtype,
        )  # fmt: skip
        self.directory = directory or ""
        names = list(dataframe[x_col])
        _require(all(isinstance(name, str) for name in names), x_col, "must be strings")
        paths = [os.path.join(self.directory, name) for name in names]
        rows = list(range(len(names)))
        if validate_filenames:
            rows = [row for row in rows if self._is_image(paths[row])]
            if len(rows) < len(names):
                warnings.warn(
                    f"DataFrameIterator: {len(names) - len(rows)} of {len(names)} file names in {x_col!r} are those of no image; their "
                    "rows are left out.",
                    stacklevel=2,
                )
        said = f"{'' if validate_filenames else 'non-'}validated image filenames"
        if class_mode in _WITH_CLASSES:
            labels, rows, known = _classes_of(list(dataframe[y_col]), rows, classes, class_mode, y_col)
            self.class_indices = {name: i for i, name in enumerate(known)}
            said += f" belonging to {len(known)} classes"
        elif classes:
            warnings.warn(
                f"DataFrameIterator: class_mode={class_mode!r} takes no classes=; they are ignored.", stacklevel=2
            )
        rows = rows[self._kept(len(rows))]
        if class_mode in _WITH_CLASSES:
            self.classes = [self._number(labels[row]) for row in rows]
        self.filenames, self.filepaths = [names[row] for row in rows], [paths[row] for row in rows]
        self.samples = len(rows)
        if weight_col is not None:
            weights = np.asarray(dataframe[weight_col])
            _require(weights.dtype.kind in "fiu", weight_col, "must be numbers")
            self.sample_weight = weights[rows]
        if class_mode == "multi_output":
            if not isinstance(y_col, list):
                raise TypeError(
                    f"DataFrameIterator: y_col is {y_col!r}; class_mode='multi_output' takes a list of columns."
                )
            listed = [list(dataframe[col]) for col in y_col]
            self._targets: Any = [np.array([column[row] for row in rows]) for column in listed]
        elif class_mode == "raw":
            columns = [np.asarray(dataframe[col])[rows] for col in (y_col if isinstance(y_col, list) else [y_col])]
            self._targets = np.stack(columns, 1) if isinstance(y_col, list) else columns[0]
        print(f"Found {self.samples} {said}.")
        super().__init__(self.samples, batch_size, shuffle, seed)

    def _is_image(self, path: str) -> bool:
        return path.lower().endswith(self.white_list_formats) and os.path.isfile(path)

    def _number(self, label: Any) -> Any:
        return [self.class_indices[name] for name in label] if isinstance(label, list) else self.class_indices[label]

    @property
    def labels(self) -> Any:
        return self._targets if self.class_mode in ("multi_output", "raw") else self.classes

    def _targets_of(self, index_array: np.ndarray) -> Any:
        if self.class_mode == "multi_output":
            return [target[index_array] for target in self._targets]
        return self._targets[index_array] if self.class_mode == "raw" else super()._targets_of(index_array)


def _require(is_right: bool, column: Any, what: str) -> None:
    if not is_right:
        raise TypeError(f"DataFrameIterator: values in the column {column!r} {what}.")


def _classes_of(
    labels: list, rows: list[int], classes: Any, class_mode: str, column: str
) -> tuple[list, list[int], list[str]]:
    """The labels without classes that are not taken, the rows that have one left, and the classes."""
    kinds: tuple[type, ...] = (str, list, tuple) if class_mode == "categorical" else (str,)
    _require(
        all(isinstance(label, kinds) for label in labels),
        column,
        f"must be strings{', lists or tuples of them' if class_mode == 'categorical' else ''}: class_mode is {class_mode!r}",
    )
    found = set(classes or labels) if class_mode == "binary" else None
    if found is not None and len(found) != 2:
        raise ValueError(f"DataFrameIterator: class_mode='binary' takes two classes; there are {len(found)}.")
    labels = [list(label) if isinstance(label, tuple) else label for label in labels]
    if not classes:
        taken = [labels[row] for row in rows]
        return (
            labels,
            rows,
            sorted({name for label in taken for name in ([label] if isinstance(label, str) else label)}),
        )
    known = list(dict.fromkeys(classes))
    labels = [
        [n for n in label if n in known] if isinstance(label, list) else label if label in known else None
        for label in labels
    ]
    return labels, [row for row in rows if labels[row]], known
