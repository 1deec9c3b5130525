"""What all tables of `tf.lookup` have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tenfold.core.convert import convert
from tenfold.core.dtypes import DType
from tenfold.core.tensor import Tensor
from tenfold.lookup.table import Table


class LookupInterface:
    """A table that gives values for the elements of tensors.

    Attributes:
      key_dtype, value_dtype: of its keys and values.
      name: of the table, None if it was made eagerly.
    """

    key_dtype: DType
    value_dtype: DType
    name: str | None = None
    _table: Table

    def lookup(self, keys: Any, name: str | None = None) -> Tensor:
        """The value of each key."""
        raise NotImplementedError

    def size(self, name: str | None = None) -> Tensor:
        """The number of values, an int64 scalar."""
        raise NotImplementedError

    def __getitem__(self, keys: Any) -> Tensor:
        return self.lookup(keys)

    def _checkpoint_children(self) -> Iterable[tuple[str, Any]]:
        return ()

    def resource(self) -> Table | None:
        """What keeps its content."""
        return self._table

    def _keys(self, keys: Any) -> Tensor:
        """Keys as a tensor of the dtype of this table's."""
        dtype = getattr(keys, "dtype", self.key_dtype)
        if dtype != self.key_dtype:
            raise TypeError(f"Dtype of argument `keys` must be {self.key_dtype!r}, received: {dtype!r}. Use tf.cast.")
        return convert(keys, self.key_dtype)
