"""What static tables are filled with: pairs of keys and values from tensors or from a text file."""

from __future__ import annotations

import os
from typing import Any, Protocol

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.errors import InvalidArgumentError, NotFoundError
from tenfold.core.tensor import Tensor, wrap


class TextFileIndex:
    """What a key or a value is, where it is no column: the number of the line, or the whole line."""

    WHOLE_LINE = -2
    LINE_NUMBER = -1


class Initializer(Protocol):
    """Says which keys and values a table has."""

    key_dtype: DType
    value_dtype: DType

    def pairs(self) -> tuple[Tensor, Tensor]:
        """The keys, and as many values."""


class KeyValueTensorInitializer:
    """Keys and values from two tensors.

    Args:
      keys, values: Tensors of one shape.
      key_dtype, value_dtype: their dtypes, where they are no tensors.
      name: name of the operation.
    Raises:
      ValueError, TypeError: a tensor has another dtype.
    Example:
      >>> pairs = tf.lookup.KeyValueTensorInitializer(["cat", "dog"], [10, 20])
      >>> print(tf.lookup.StaticHashTable(pairs, -1).lookup(tf.constant(["dog", "cow"])).numpy())
      [20 -1]
    """

    def __init__(
        self, keys: Any, values: Any, key_dtype: Any = None, value_dtype: Any = None, name: str | None = None
    ) -> None:
        self._keys = convert(keys, None if key_dtype is None else as_dtype(key_dtype))
        self._values = convert(values, None if value_dtype is None else as_dtype(value_dtype))
        self.key_dtype, self.value_dtype = self._keys.dtype, self._values.dtype

    def pairs(self) -> tuple[Tensor, Tensor]:
        return self._keys, self._values


class TextFileInitializer:
    """Keys and values from the lines of a text file.

    Args:
      filename: path of the file; a string Tensor too.
      key_dtype, value_dtype: what the texts are read as; int64 for line numbers.
      key_index, value_index: number of the column, or one of `tf.lookup.TextFileIndex`.
      vocab_size: how many lines are read; all by default.
      delimiter: the character between columns.
      name: name of the operation.
      value_index_offset: number of the first line, where values are line numbers.
    Raises:
      ValueError: an index is less than -2, or does not fit its dtype.
      tf.errors.NotFoundError: there is no such file; when a table is made.
      tf.errors.InvalidArgumentError: a line is empty, lacks a column or is no number; when a table is made.
    Example:
      >>> import pathlib, tempfile
      >>> path = pathlib.Path(tempfile.mkdtemp()) / "words.txt"
      >>> _ = path.write_text("sun\\nmoon\\n")
      >>> words = tf.lookup.TextFileInitializer(
      ...     str(path), tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER)
      >>> print(tf.lookup.StaticHashTable(words, -1).lookup(tf.constant(["moon", "star"])).numpy())
      [ 1 -1]
    """

    def __init__(
        self,
        filename: Any,
        key_dtype: Any,
        key_index: int,
        value_dtype: Any,
        value_index: int,
        vocab_size: int | None = None,
        delimiter: str = "\t",
        name: str | None = None,
        value_index_offset: int = 0,
    ) -> None:
        if not isinstance(filename, (Tensor, os.PathLike)) and not filename:
            raise ValueError("`filename` argument required for tf.lookup.TextFileInitializer")
        self.key_dtype, self.value_dtype = as_dtype(key_dtype), as_dtype(value_dtype)
        for side, dtype, index in (("key", self.key_dtype, key_index), ("value", self.value_dtype, value_index)):
            _check_index(side, dtype, index)
        if vocab_size is not None and vocab_size <= 0:
            raise ValueError(f"`vocab_size` should be > 0, received: {vocab_size}")
        self.filename = convert(os.fspath(filename) if isinstance(filename, os.PathLike) else filename, dtypes.string)
        self.key_index, self.value_index, self.vocab_size = key_index, value_index, vocab_size
        self.delimiter, self.value_index_offset = delimiter, value_index_offset

    def pairs(self) -> tuple[Tensor, Tensor]:
        path = os.fsdecode(self.filename._array.item())
        if len(self.delimiter) != 1:
            raise InvalidArgumentError(f"tf.lookup: delimiter should be only 1 char, got {self.delimiter!r}.")
        lines = _lines(path, self.vocab_size)
        keys = self._column(lines, path, self.key_index, self.key_dtype, 0)
        return keys, self._column(lines, path, self.value_index, self.value_dtype, self.value_index_offset)

    def _column(self, lines: list[bytes], path: str, index: int, dtype: DType, offset: int) -> Tensor:
        if index == TextFileIndex.LINE_NUMBER:
            return wrap(np.arange(offset, offset + len(lines), dtype=np.int64))
        texts = lines
        if index != TextFileIndex.WHOLE_LINE:
            rows = [line.split(self.delimiter.encode()) for line in lines]
            for number, row in enumerate(rows):
                if index >= len(row):
                    raise InvalidArgumentError(
                        f"tf.lookup: Invalid number of columns in {path} line {number}: expected at least {index + 1} got {len(row)}."
                    )
            texts = [row[index] for row in rows]
        return wrap(_numbers(texts, dtype) if dtype is not dtypes.string else np.array(texts, object))


def _check_index(side: str, dtype: DType, index: int) -> None:
    if index < TextFileIndex.WHOLE_LINE:
        raise ValueError(f"`{side}_index` should be >= {TextFileIndex.WHOLE_LINE}, received: {index}.")
    if index == TextFileIndex.LINE_NUMBER and dtype is not dtypes.int64:
        raise ValueError(
            f"`{side}_dtype` must be int64 for `{side}_index` {index}, received: {dtype.name}. Use tf.int64."
        )


def _lines(path: str, count: int | None) -> list[bytes]:
    """The first lines of a file, or all."""
    try:
        with open(path, "rb") as file:
            lines = file.read().replace(b"\r", b"").split(b"\n")
    except FileNotFoundError:
        raise NotFoundError(f"tf.lookup: {path}; No such file or directory.") from None
    if not lines[-1]:
        del lines[-1]
    lines = lines[:count]
    if b"" in lines:
        raise InvalidArgumentError(f"tf.lookup: Invalid content in {path}: line {lines.index(b'')} is empty.")
    if count is not None and len(lines) < count:
        raise InvalidArgumentError(f"tf.lookup: Invalid vocab_size in {path}: expected {count} but got {len(lines)}.")
    return lines


def _numbers(texts: list[bytes], dtype: DType) -> np.ndarray:
    kind = int if dtype.is_integer else float
    found = np.empty(len(texts), dtype._np)
    for i, text in enumerate(texts):
        try:
            found[i] = kind(text)
        except (ValueError, OverflowError):
            raise InvalidArgumentError(f"tf.lookup: Field {text!r} in line {i} is not a valid {dtype.name}.") from None
    return found
