"""Batches for fit, evaluate and predict, from arrays, datasets and iterables."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from tenfold.core import dtypes, nest
from tenfold.core.convert import convert
from tenfold.core.dtypes import as_dtype
from tenfold.core.tensor import Tensor, wrap
from tenfold.keras import config
from tenfold.keras.models.ahead import batches_ahead


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """The tuple that a batch is: `x` alone, `(x, y)` or `(x, y, sample_weight)`."""
    if y is None:
        return x if not isinstance(x, (tuple, list)) else (x,)
    return (x, y) if sample_weight is None else (x, y, sample_weight)


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """`(x, y, sample_weight)` of a batch, None for what it lacks.

    Raises:
      ValueError: the batch is a tuple of another length.
    """
    if isinstance(data, list):
        data = tuple(data)
    if not isinstance(data, tuple):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise ValueError(
            "Data is expected to be in format `x`, `(x,)`, `(x, y)`, or `(x, y, sample_weight)`; found a tuple of length "
            f"{len(data)}."
        )
    return data + (None,) * (3 - len(data))  # type: ignore[return-value]


def as_tensors(structure: Any) -> Any:
    """Arrays, lists of numbers, data frames as tensors; floating ones in the default float type."""
    return nest.map_structure(as_tensor, structure)


def as_tensor(value: Any) -> Any:
    """One array as a tensor; None stays."""
    if value is None:
        return None
    if type(value) is not Tensor:
        value = convert(np.asarray(value) if hasattr(value, "__array__") else value)
    array = value._array
    if array.dtype.kind == "f":
        dtype = as_dtype(config.floatx())._np
        if array.dtype is not dtype:
            return wrap(array.astype(dtype, copy=False))
    return value


def _shown(value: Any) -> Any:
    """`as_tensor` without a copy of the array, of which batches then must be copies."""
    if (
        type(value) is np.ndarray
        and value.dtype.kind in "fiub"
        and dtypes.from_numpy(value.dtype)
        and value.dtype.isnative
    ):
        value = wrap(value.view(np.dtype(value.dtype.type)))
    return as_tensor(value)


class ArrayBatches:
    """Batches of rows of arrays.

    Args:
      data: tuple `(x, y, sample_weight)` of structures of arrays, None for what is not there.
      batch_size: rows of a batch, 32 by default.
      shuffle: whether the rows are permuted anew for each epoch; `"batch"` permutes whole batches.
      rng: `RowOrders` of the model.
      steps: number of batches, where `batch_size` is not given.

    Attributes:
      sizes: how often batches of which number of rows come.
    Raises:
      ValueError: the arrays have different numbers of rows, or none.
    """

    can_restart = True

    def __init__(
        self,
        data: tuple,
        batch_size: int | None = None,
        shuffle: bool | str = False,
        rng: Any = None,
        steps: int | None = None,
    ) -> None:
        self._data = nest.map_structure(_shown, tuple(data))
        leaves = [leaf for leaf in nest.flatten(self._data) if leaf is not None]
        for leaf in leaves:
            if not leaf._array.ndim:
                raise ValueError(
                    "Data cardinality is ambiguous: an array has no axes. Make sure that all arrays have rows."
                )
        sizes = [leaf._array.shape[0] for leaf in leaves]
        if len(set(sizes)) != 1:
            detail = "".join(f"'{what}' sizes: {', '.join(map(str, s))}\n" for what, s in self._sizes() if s)
            raise ValueError(
                f"Data cardinality is ambiguous. Make sure all arrays contain the same number of samples.{detail}"
            )
        self.num_rows = sizes[0]
        self.batch_size = batch_size or (math.ceil(self.num_rows / steps) if steps else 32)
        self.num_batches: int | None = math.ceil(self.num_rows / self.batch_size)
        self._shuffle, self._rng = shuffle, rng
        whole, rest = divmod(self.num_rows, self.batch_size)
        self.sizes: dict[int, int] | None = {size: n for size, n in ((self.batch_size, whole), (rest, 1)) if size and n}

    def on_epoch_begin(self) -> None: ...

    def on_epoch_end(self) -> None: ...

    def _sizes(self) -> Iterator[tuple[str, list[int]]]:
        for name, part in zip(("x", "y", "sample_weight"), self._data, strict=False):
            yield name, [leaf._array.shape[0] for leaf in nest.flatten(part) if leaf is not None]

    def __iter__(self) -> Iterator[Any]:
        rows, size = self.num_rows, self.batch_size
        order = None
        if self._shuffle == "batch":
            starts = self._rng.permutation(range(0, rows, size))
            order = np.concatenate([np.arange(s, min(s + size, rows)) for s in starts])
        elif self._shuffle:
            order = self._rng.of_rows(rows)
        x, y, sample_weight = self._data
        is_plain = type(x) is Tensor and (y is None or type(y) is Tensor) and sample_weight is None

        def taken(t: Any) -> Any:
            if t is None:
                return None
            if order is None:
                return wrap(t._array[start : start + size].copy())
            return wrap(t._array.take(order[start : start + size], 0))

        for start in range(0, rows, size):  # noqa: B007
            if is_plain:
                yield taken(x) if y is None else (taken(x), taken(y))
            else:
                yield pack_x_y_sample_weight(*nest.map_structure(taken, self._data))


class IterableBatches:
    """Batches that an iterable, a generator, a `PyDataset` or a dataset gives."""

    sizes = None  # how often batches of which number of rows come is not known

    def __init__(
        self, source: Any, class_weight: dict | None = None, shuffle: bool | str = False, rng: Any = None
    ) -> None:
        self._source, self._class_weight = source, class_weight
        self._shuffle, self._rng = shuffle, rng
        self._iterator: Iterator | None = None
        self._is_sequence = hasattr(source, "__getitem__") and hasattr(source, "__len__")
        count = None
        if self._is_sequence:
            count = source.num_batches if hasattr(source, "num_batches") else len(source)
        elif hasattr(source, "cardinality"):
            count = int(source.cardinality())
            count = None if count < 0 else count
        self.num_batches: int | None = count
        self.can_restart = self._is_sequence or not hasattr(source, "__next__")  # a generator is read once

    def on_epoch_begin(self) -> None:
        """Tells a `PyDataset` that an epoch begins."""
        if hasattr(self._source, "on_epoch_begin"):
            self._source.on_epoch_begin()

    def on_epoch_end(self) -> None:
        """Tells a `PyDataset` that an epoch is over, so that it may shuffle its rows."""
        if hasattr(self._source, "on_epoch_end"):
            self._source.on_epoch_end()

    def __iter__(self) -> Iterator[Any]:
        if self._is_sequence:
            yield from map(self._batch, self._by_number())
            return
        if self._iterator is None or self._source is not iter(self._source):
            self._iterator = iter(self._source)
        for item in self._iterator:
            yield self._batch(item)

    def _by_number(self) -> Iterator[Any]:
        """The batches of a pass over what gives them by number, made ahead if it has several workers."""
        count, workers = self.num_batches, getattr(self._source, "workers", 1)
        indices: Iterator[int]
        if count is None:
            indices = itertools.count()
        else:
            indices = iter(self._rng.permutation(count).tolist() if self._shuffle else range(count))
        if workers > 1:
            return batches_ahead(self._source, indices, workers, getattr(self._source, "max_queue_size", 10))
        return map(self._source.__getitem__, indices)

    def _batch(self, item: Any) -> Any:
        x, y, sample_weight = unpack_x_y_sample_weight(item)
        x, y, sample_weight = as_tensors(x), as_tensors(y), as_tensors(sample_weight)
        if self._class_weight is not None:
            sample_weight = class_weights(y, self._class_weight, sample_weight)
        return pack_x_y_sample_weight(x, y, sample_weight)


def batches_of(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    batch_size: int | None = None,
    shuffle: bool | str = False,
    class_weight: dict | None = None,
    rng: Any = None,
    steps: int | None = None,
) -> Any:
    """The batches that the arguments of fit, evaluate and predict mean.

    Without a batch size, a number of steps says how many batches the rows of arrays make.

    Raises:
      ValueError: arguments that do not go together.
    """
    is_batched = (hasattr(x, "__next__") or hasattr(x, "__iter__") or hasattr(x, "__getitem__")) and not (
        isinstance(x, (np.ndarray, Tensor, list, tuple, dict, str)) or hasattr(x, "__array__")
    )
    if is_batched:
        for name, value in (("y", y), ("sample_weight", sample_weight)):
            if value is not None:
                raise ValueError(
                    f"When providing `x` as a generator or dataset, `{name}` should not be passed. Instead, the targets and "
                    "weights should be included in each batch."
                )
        return IterableBatches(x, class_weight, shuffle if hasattr(x, "__getitem__") else False, rng)
    if isinstance(x, (str, bytes)):
        raise ValueError(f"Unrecognized data type: x={x!r} (of type {type(x)}). Pass arrays, or batches of them.")
    if class_weight is not None:
        if sample_weight is not None:
            raise ValueError(
                "You cannot use `class_weight` and `sample_weight` at the same time. Multiply them yourself."
            )
        sample_weight = class_weights(as_tensors(y), class_weight)
    return ArrayBatches((x, y, sample_weight), batch_size, shuffle, rng, steps)


def class_weights(y: Any, class_weight: dict, sample_weight: Any = None) -> Tensor:
    """The weight of each row by its class, times `sample_weight`.

    Raises:
      ValueError: `y` is a structure, or has no single class per row.
    """
    if not isinstance(y, Tensor):
        raise ValueError("`class_weight` is only supported for models with a single output.")
    labels = y._array
    if labels.ndim > 1:
        labels = labels.argmax(-1) if labels.shape[-1] > 1 else labels[..., 0]
    table = np.ones(max([*map(int, class_weight), int(labels.max(initial=0))]) + 1, np.float32)
    for label, weight in class_weight.items():
        table[int(label)] = weight
    weights = table[np.rint(labels).astype(np.int64)]
    return wrap(weights if sample_weight is None else weights * sample_weight._array)


def train_validation_split(arrays: tuple, validation_split: float) -> tuple[tuple, tuple]:
    """The first rows for training and the last for validation.

    Raises:
      ValueError: nothing is there to split, or one part would be empty.
    """
    leaves = [leaf for leaf in nest.flatten(arrays) if leaf is not None]
    if not leaves or any(not hasattr(leaf, "__len__") and not hasattr(leaf, "shape") for leaf in leaves):
        raise ValueError("Argument `validation_split` is only supported for tensors or NumPy arrays.")
    arrays = tuple(as_tensors(part) for part in arrays)
    rows = next(leaf for leaf in nest.flatten(arrays) if leaf is not None)._array.shape[0]
    split = int(math.floor(rows * (1.0 - validation_split)))
    if split == 0 or split == rows:
        raise ValueError(
            f"Training data contains {rows} samples, which is not sufficient to split it into a validation and training set as "
            f"specified by `validation_split={validation_split}`. Either provide more data, or a different value."
        )

    def part(rows: slice) -> tuple:
        return nest.map_structure(lambda t: None if t is None else wrap(t._array[rows]), arrays)

    return part(slice(split)), part(slice(split, None))
