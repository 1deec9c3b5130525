"""Tables that change: MutableHashTable and DenseHashTable."""

from __future__ import annotations

from typing import Any

from tenfold.core.convert import convert
from tenfold.core.dtypes import as_dtype
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.tensor import Tensor
from tenfold.lookup.base import LookupInterface
from tenfold.lookup.table import DenseTable, Table


class _Mutable(LookupInterface):
    """A table with operations that change it."""

    _default: Tensor

    def insert(self, keys: Any, values: Any, name: str | None = None) -> None:
        """Enters a value for each key, in place of those that they had.

        Raises:
          tf.errors.InvalidArgumentError: `values` has not the shape of `keys` and a value.
          TypeError, ValueError: `keys` or `values` has another dtype.
        """
        self._table.insert(convert(keys, self.key_dtype), convert(values, self.value_dtype))

    def remove(self, keys: Any, name: str | None = None) -> None:
        """Takes keys out with their values; those that are not in the table are passed over.

        Raises:
          TypeError: `keys` has another dtype.
        """
        self._table.remove(self._keys(keys))

    def size(self, name: str | None = None) -> Tensor:
        """The number of keys, an int64 scalar."""
        return self._table.size()

    def export(self, name: str | None = None) -> tuple[Tensor, Tensor]:
        """All keys, and their values."""
        return self._table.export()


class MutableHashTable(_Mutable):
    """A table that can change.

    Args:
      key_dtype: int32, int64 or string.
      value_dtype: dtype of the values.
      default_value: value of keys that are not in the table, a scalar or a vector; all values have its shape.
      name: name of the table.
      checkpoint: whether its content is part of checkpoints.
      experimental_is_anonymous: accepted; no table shares its content with another.
    Raises:
      tf.errors.InvalidArgumentError: `default_value` has more than one axis.
      tf.errors.NotFoundError: keys of another dtype.
    Example:
      >>> table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, default_value=-1)
      >>> table.insert(["a", "b"], [1, 2])
      >>> table.remove(tf.constant(["a"]))
      >>> print(table.lookup(["a", "b"]).numpy())
      [-1  2]
    """

    def __init__(
        self,
        key_dtype: Any,
        value_dtype: Any,
        default_value: Any,
        name: str = "MutableHashTable",
        checkpoint: bool = True,
        experimental_is_anonymous: bool = False,
    ) -> None:
        self.key_dtype, self.value_dtype = as_dtype(key_dtype), as_dtype(value_dtype)
        self._default = convert(default_value, self.value_dtype)
        shape = self._default._array.shape
        if len(shape) > 1:
            raise InvalidArgumentError(
                f"tf.lookup.experimental.MutableHashTable: Default value must be a vector, got shape {shape}."
            )
        self._table = Table(self.key_dtype, self.value_dtype, shape)
        self._is_in_checkpoints = checkpoint

    def lookup(  # type: ignore[override]  # the order of arguments is TensorFlow's
        self, keys: Any, dynamic_default_values: Any = None, name: str | None = None
    ) -> Tensor:
        """The value of each key, of the shape of `keys` and a value.

        Args:
          keys: Tensor of keys.
          dynamic_default_values: values of keys that are not in the table, in place of the default value: one, or one for each.
          name: name of the operation.
        Raises:
          tf.errors.InvalidArgumentError: `dynamic_default_values` has neither shape.
        """
        default = self._default
        if dynamic_default_values is not None:
            default = convert(dynamic_default_values, self.value_dtype)
        return self._table.find(convert(keys, self.key_dtype), default)

    def _checkpoint_table(self) -> Table | None:
        return self._table if self._is_in_checkpoints else None


class DenseHashTable(_Mutable):
    """A table that can change, with two keys that nobody may use.

    Args:
      key_dtype: int32, int64 or string.
      value_dtype: dtype of the values.
      default_value: value of keys that are not in the table; all values have its shape.
      empty_key, deleted_key: two keys that do not occur; all keys have their shape.
      initial_num_buckets: a power of 2, at least 4; nothing depends on it.
      name: name of the table.
      checkpoint: accepted; its content is not part of checkpoints, in which TensorFlow has its buckets.
      experimental_is_anonymous: accepted; no table shares its content with another.
    Raises:
      tf.errors.InvalidArgumentError: the two keys are equal, or `initial_num_buckets` is no such number.
      tf.errors.NotFoundError: keys of another dtype.
    Example:
      >>> table = tf.lookup.experimental.DenseHashTable(tf.int64, tf.float32, 0.0, empty_key=-1, deleted_key=-2)
      >>> table.insert([5], [0.5])
      >>> print(table[[5, 6]].numpy())
      [0.5 0. ]
    """

    def __init__(
        self,
        key_dtype: Any,
        value_dtype: Any,
        default_value: Any,
        empty_key: Any,
        deleted_key: Any,
        initial_num_buckets: int | None = None,
        name: str = "MutableDenseHashTable",
        checkpoint: bool = True,
        experimental_is_anonymous: bool = False,
    ) -> None:
        self.key_dtype, self.value_dtype = as_dtype(key_dtype), as_dtype(value_dtype)
        self._default = convert(default_value, self.value_dtype)
        buckets = 131072 if initial_num_buckets is None else initial_num_buckets
        if buckets < 4 or buckets & (buckets - 1):
            raise InvalidArgumentError(
                f"tf.lookup.experimental.DenseHashTable: Number of buckets must be at least 4 and a power of 2, got: {buckets}."
            )
        reserved = [convert(key, self.key_dtype) for key in (empty_key, deleted_key)]
        self._table = DenseTable(self.value_dtype, self._default._array.shape, *reserved)

    def lookup(self, keys: Any, name: str | None = None) -> Tensor:
        """The value of each key, of the shape of `keys` and a value; the default value for those that are not in the table."""
        return self._table.find(convert(keys, self.key_dtype), self._default)

    def insert_or_assign(self, keys: Any, values: Any, name: str | None = None) -> None:
        """Does what `insert` does."""
        self.insert(keys, values, name)

    def erase(self, keys: Any, name: str | None = None) -> None:
        """Does what `remove` does."""
        self.remove(keys, name)
