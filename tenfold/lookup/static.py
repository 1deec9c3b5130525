"""Tables that are filled when they are made: StaticHashTable and StaticVocabularyTable."""

from __future__ import annotations

from typing import Any

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import as_dtype
from tenfold.core.tensor import Tensor
from tenfold.lookup.base import LookupInterface
from tenfold.lookup.initializers import Initializer
from tenfold.lookup.table import ConstantTable, Table
from tenfold.ops.cast import cast
from tenfold.ops.creation import constant
from tenfold.ops.flow import init_scope
from tenfold.ops.gather import where
from tenfold.ops.logic import not_equal
from tenfold.ops.strings.as_string import as_string
from tenfold.ops.strings.hash_bucket import STRING_TO_HASH_BUCKET_FAST


class StaticHashTable(LookupInterface):
    """A table that never changes.

    Args:
      initializer: `tf.lookup.KeyValueTensorInitializer` or `tf.lookup.TextFileInitializer`.
      default_value: value of keys that are not in the table, a scalar.
      name: name of the operation.
      experimental_is_anonymous: accepted; no table shares its content with another.
    Raises:
      tf.errors.FailedPreconditionError: a key has two values.
      tf.errors.InvalidArgumentError: there are not as many values as keys.
      TypeError, ValueError: `default_value` is no scalar of the values' dtype.
    Example:
      >>> table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer([1, 2], [0.5, 0.25]), 0.0)
      >>> print(table.lookup(tf.constant([[2, 3]])).numpy())
      [[0.25 0.  ]]
    """

    def __init__(
        self,
        initializer: Initializer,
        default_value: Any,
        name: str | None = None,
        experimental_is_anonymous: bool = False,
    ) -> None:
        self.key_dtype, self.value_dtype = initializer.key_dtype, initializer.value_dtype
        self.default_value = convert(default_value, self.value_dtype)
        if self.default_value.shape.rank != 0:
            raise ValueError(
                f"tf.lookup.StaticHashTable: default_value has the shape {self.default_value._array.shape}; it must be a scalar."
            )
        self._initializer = initializer
        self._table = ConstantTable(self.key_dtype, self.value_dtype)
        with init_scope():  # a function that makes it does so while it is traced
            self._table.replace(*initializer.pairs())

    def lookup(self, keys: Any, name: str | None = None) -> Tensor:
        """The value of each key, of the shape of `keys`; the default value for those that are not in the table.

        Raises:
          TypeError: `keys` has another dtype.
        """
        return self._table.find(self._keys(keys), self.default_value)

    def size(self, name: str | None = None) -> Tensor:
        """The number of keys, an int64 scalar."""
        return self._table.size()

    def export(self, name: str | None = None) -> tuple[Tensor, Tensor]:
        """All keys, and their values."""
        return self._table.export()


class StaticVocabularyTable(LookupInterface):
    """A table from words to numbers, in which other words get a number from a range behind, by their fingerprint.

    Args:
      initializer: like that of `tf.lookup.StaticHashTable`, with int64 values, which should be 0 to their number; None for a
        table that hashes all words.
      num_oov_buckets: how many numbers there are for other words.
      lookup_key_dtype: dtype of the keys of `lookup`, that of the initializer by default; an integer may stand for another.
      name: name of the operation.
      experimental_is_anonymous: accepted; no table shares its content with another.
    Raises:
      ValueError: `num_oov_buckets` is less than 1.
      TypeError: values are not int64, or `lookup_key_dtype` is not of the kind of the initializer's keys.
    Example:
      >>> words = tf.lookup.KeyValueTensorInitializer(["sun", "moon"], tf.constant([0, 1], tf.int64))
      >>> table = tf.lookup.StaticVocabularyTable(words, num_oov_buckets=3)
      >>> print(table.lookup(tf.constant(["moon", "star"])).numpy(), table.size().numpy())
      [1 4] 5
    """

    value_dtype = dtypes.int64

    def __init__(
        self,
        initializer: Initializer | None,
        num_oov_buckets: int,
        lookup_key_dtype: Any = None,
        name: str | None = None,
        experimental_is_anonymous: bool = False,
    ) -> None:
        if num_oov_buckets <= 0:
            raise ValueError("`num_oov_buckets` must be > 0; use StaticHashTable.")
        self._words = None
        if initializer is not None:
            _check_initializer(initializer, lookup_key_dtype)
            self._words = StaticHashTable(initializer, -1)
        of_table = dtypes.string if initializer is None else initializer.key_dtype
        self.key_dtype = of_table if lookup_key_dtype is None else as_dtype(lookup_key_dtype)
        self._num_oov_buckets = num_oov_buckets

    def lookup(self, keys: Any, name: str | None = None) -> Tensor:
        """The number of each key, an int64 Tensor of the shape of `keys`.

        Raises:
          TypeError: `keys` has another dtype.
        """
        given = self._keys(keys)
        words = given if given.dtype is dtypes.string else as_string(given)
        buckets = STRING_TO_HASH_BUCKET_FAST(words, num_buckets=self._num_oov_buckets)
        if self._words is None:
            return buckets
        found = self._words.lookup(
            given if given.dtype is self._words.key_dtype else cast(given, self._words.key_dtype)
        )
        return where(not_equal(found, self._words.default_value), found, buckets + self._words.size())

    def resource(self) -> Table | None:
        """What keeps its words; None if there are none."""
        return None if self._words is None else self._words.resource()

    def size(self, name: str | None = None) -> Tensor:
        """The number of words and of buckets, an int64 scalar."""
        buckets = constant(self._num_oov_buckets, dtypes.int64)
        return buckets if self._words is None else self._words.size() + buckets


def _check_initializer(initializer: Initializer, lookup_key_dtype: Any) -> None:
    if initializer.value_dtype is not dtypes.int64:
        raise TypeError(f"Invalid `value_dtype`, expected {dtypes.int64!r} but got {initializer.value_dtype!r}.")
    if lookup_key_dtype is None:
        return
    wanted = as_dtype(lookup_key_dtype)
    if wanted.is_integer != initializer.key_dtype.is_integer:
        kind = "integer" if wanted.is_integer else "string"
        raise TypeError(f"Invalid `key_dtype`, expected {kind} but got {initializer.key_dtype!r}.")
