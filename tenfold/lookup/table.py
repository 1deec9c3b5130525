"""Tables: dictionaries from the elements of tensors to values, which graphs read and write in steps of their own."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.context import traced_graph
from tenfold.core.dtypes import DType
from tenfold.core.errors import FailedPreconditionError, InvalidArgumentError, NotFoundError
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor, wrap
from tenfold.graph.node import Step
from tenfold.ops.identity import stop_gradient

KEY_DTYPES = (dtypes.int32, dtypes.int64, dtypes.string)


class Table:
    """A dictionary with the operations of TensorFlow's lookup ops.

    Args:
      key_dtype: int32, int64 or string.
      value_dtype: dtype of the values.
      value_shape: shape of each value.
      key_shape: shape of each key.
    Raises:
      tf.errors.NotFoundError: keys of another dtype.
    """

    is_constant = False  # whether lookups give the same at all times, so that graphs need not keep their order

    def __init__(
        self, key_dtype: DType, value_dtype: DType, value_shape: Sequence[int] = (), key_shape: Sequence[int] = ()
    ) -> None:
        if key_dtype not in KEY_DTYPES:
            raise NotFoundError(f"tf.lookup: keys are {key_dtype.name}; they must be int32, int64 or string.")
        self.key_dtype, self.value_dtype = key_dtype, value_dtype
        self.value_shape, self.key_shape = tuple(value_shape), tuple(key_shape)
        self._found: dict[Hashable, Any] = {}

    def find(self, keys: Tensor, default: Tensor) -> Tensor:
        """The values of keys; `default` is that of all others, or has one for each key."""
        spec = Spec.of(self.value_dtype._np, self._shape_of_values(keys._array.shape))
        (found,) = self._run("LookupTableFindV2", self._find, [keys, stop_gradient(default)], [spec], False)
        return found

    def insert(self, keys: Tensor, values: Tensor) -> None:
        """Enters values under keys, in place of those that they had."""
        self._run("LookupTableInsertV2", self._insert, [keys, values], [], True)

    def replace(self, keys: Tensor, values: Tensor) -> None:
        """Makes pairs of keys and values all that the table holds."""
        self._run("LookupTableImportV2", self._replace, [keys, values], [], True)

    def remove(self, keys: Tensor) -> None:
        """Takes keys out; those that it does not have are passed over."""
        self._run("LookupTableRemoveV2", self._remove, [keys], [], True)

    def size(self) -> Tensor:
        """The number of keys, an int64 scalar."""
        (found,) = self._run("LookupTableSizeV2", self._size, [], [Spec(np.dtype(np.int64), ())], False)
        return found

    def export(self) -> tuple[Tensor, Tensor]:
        """All keys, and their values."""
        specs = [
            Spec.rows(self.key_dtype._np, self.key_shape),
            Spec.rows(self.value_dtype._np, self.value_shape),
        ]
        keys, values = self._run("LookupTableExportV2", self._export, [], specs, False)
        return keys, values

    def _checkpoint_children(self) -> Iterable[tuple[str, Any]]:
        return ()

    def _run(
        self, name: str, body: Callable[..., Any], tensors: list[Tensor], specs: list[Spec], writes: bool
    ) -> list[Tensor]:
        graph = traced_graph()
        if graph is None:
            return body(*tensors)

        def enter(*again: Tensor) -> list[Tensor]:
            return self._run(name, body, list(again), specs, writes)

        step = Step(name, enter, writes or not self.is_constant, (), resource=self)
        return graph.step(step, tensors, specs)

    def contents(self) -> tuple[Tensor, Tensor]:
        """All keys, and their values, as they are now, also while a function is traced."""
        keys, values = self._export()
        return keys, values

    def _shape_of_values(self, keys: Any) -> Any:
        if keys is None:
            return None
        return (*keys[: len(keys) - len(self.key_shape)], *self.value_shape)

    def _keys(self, keys: Tensor) -> list[Hashable]:
        array, shape = keys._array, self.key_shape
        if array.shape[array.ndim - len(shape) :] != shape:
            raise InvalidArgumentError(f"tf.lookup: keys have the shape {array.shape}; it must end in {shape}.")
        if not shape:
            return array.reshape(-1).tolist()
        return [tuple(row) for row in array.reshape(-1, *shape).tolist()]

    def _check_values(self, keys: Tensor, values: Tensor) -> None:
        expected = self._shape_of_values(keys._array.shape)
        if values._array.shape != expected:
            raise InvalidArgumentError(
                f"tf.lookup: expected shape {expected} for values of keys of the shape {keys._array.shape}, got {values._array.shape}."
            )

    def _values(self, values: Tensor) -> list[Any]:
        """One value for each key: a Python number or bytes, or an array."""
        array = values._array
        return list(array.reshape(-1, *self.value_shape)) if self.value_shape else array.reshape(-1).tolist()

    def _array(self, values: list[Any], shape: Sequence[int]) -> Tensor:
        return wrap(np.array(values, self.value_dtype._np).reshape(shape))

    def _find(self, keys: Tensor, default: Tensor) -> list[Tensor]:
        found, shape = self._found, self._shape_of_values(keys._array.shape)
        if default._array.shape == self.value_shape:
            other = default._array if self.value_shape else default._array.item()
            values = [found.get(key, other) for key in self._keys(keys)]
        elif default._array.shape == shape:
            values = [found.get(key, x) for key, x in zip(self._keys(keys), self._values(default), strict=True)]
        else:
            raise InvalidArgumentError(
                f"tf.lookup: expected shape {self.value_shape} or {shape} for the default value, got {default._array.shape}."
            )
        return [self._array(values, shape)]

    def _insert(self, keys: Tensor, values: Tensor) -> list[Tensor]:
        self._check_values(keys, values)
        self._found.update(zip(self._keys(keys), self._values(values), strict=True))
        return []

    def _replace(self, keys: Tensor, values: Tensor) -> list[Tensor]:
        self._check_values(keys, values)
        self._found = dict(zip(self._keys(keys), self._values(values), strict=True))
        return []

    def _remove(self, keys: Tensor) -> list[Tensor]:
        for key in self._keys(keys):
            self._found.pop(key, None)
        return []

    def _size(self) -> list[Tensor]:
        return [wrap(np.array(len(self._found), np.int64))]

    def _export(self) -> list[Tensor]:
        found = dict(self._found)
        keys = np.array(list(found), self.key_dtype._np).reshape(-1, *self.key_shape)
        return [wrap(keys), self._array(list(found.values()), (len(found), *self.value_shape))]


class ConstantTable(Table):
    """A table that is filled once."""

    is_constant = True

    def _replace(self, keys: Tensor, values: Tensor) -> list[Tensor]:
        """Fills it.

        Raises:
          tf.errors.FailedPreconditionError: a key has two values.
        """
        self._check_values(keys, values)
        found: dict[Hashable, Any] = {}
        for key, value in zip(self._keys(keys), self._values(values), strict=True):
            if found.setdefault(key, value) != value:
                raise FailedPreconditionError(
                    f"tf.lookup: the key {key!r} has two values, {found[key]!r} and {value!r}; it must have one."
                )
        self._found = found
        return []


class DenseTable(Table):
    """A table with two keys that nobody may use.

    Args:
      empty_key, deleted_key: Tensors, of the shape of a key.
    Raises:
      tf.errors.InvalidArgumentError: they are equal.
    """

    def __init__(self, value_dtype: DType, value_shape: Sequence[int], empty_key: Tensor, deleted_key: Tensor) -> None:
        super().__init__(empty_key.dtype, value_dtype, value_shape, empty_key._array.shape)
        self._reserved: dict[Hashable, str] = {}
        (empty,), (deleted,) = super()._keys(empty_key), super()._keys(deleted_key)
        if empty == deleted:
            raise InvalidArgumentError("tf.lookup: Empty and deleted keys cannot be equal.")
        self._reserved = {empty: "empty_key", deleted: "deleted_key"}

    @property
    def reserved(self) -> list[Hashable]:
        """The two keys."""
        return list(self._reserved)

    def _keys(self, keys: Tensor) -> list[Hashable]:
        found = super()._keys(keys)
        for key, name in self._reserved.items():
            if key in found:
                raise InvalidArgumentError(f"tf.lookup: Using the {name} as a table key is not allowed: {key!r}.")
        return found

    def _replace(self, keys: Tensor, values: Tensor) -> list[Tensor]:
        """Also takes what TensorFlow stores, which has the two keys where nothing is."""
        pairs = zip(super()._keys(keys), self._values(values), strict=True)
        self._found = {key: value for key, value in pairs if key not in self._reserved}
        return []
