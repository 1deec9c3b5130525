"""Lengths and parts of texts, in bytes or in characters of UTF-8."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.dtypes import DType
from tenfold.core.tensor import Tensor
from tenfold.ops.strings.elements import array_of_texts, elementwise, text_input, text_op

_CONTINUATION = bytes(range(0x80, 0xC0))


def _checked_unit(unit: str) -> bool:
    """Whether units are characters."""
    if unit not in ("BYTE", "UTF8_CHAR"):
        raise ValueError(f"unit is {unit!r}; it must be 'BYTE' or 'UTF8_CHAR'")
    return unit == "UTF8_CHAR"


def _length_kernel(input, *, unit="BYTE"):
    texts = input.reshape(-1).tolist()
    lengths = [len(x.translate(None, _CONTINUATION)) for x in texts] if _checked_unit(unit) else list(map(len, texts))
    return np.array(lengths, np.int32).reshape(input.shape)


LENGTH = text_op("StringLength", _length_kernel, infer=elementwise(np.int32))


def _characters(text: bytes) -> list[int]:
    """Where the characters of a text begin, and where it ends."""
    return [i for i, byte in enumerate(text) if byte & 0xC0 != 0x80] + [len(text)]


def _substr_kernel(input, pos, len, *, unit="BYTE"):
    if pos.shape != len.shape:
        raise ValueError(f"pos and len should have the same shape, got: {pos.shape} vs. {len.shape}")
    of_characters = _checked_unit(unit)
    texts, starts, counts = np.broadcast_arrays(input, pos, len)
    found = []
    for i, (text, start, count) in enumerate(
        zip(texts.reshape(-1).tolist(), starts.reshape(-1).tolist(), counts.reshape(-1).tolist(), strict=True)
    ):
        places = _characters(text) if of_characters else range(text.__len__() + 1)
        size = places.__len__() - 1
        first = start + size if start < 0 else start
        if not 0 <= first <= size:
            raise ValueError(f"pos {start} out of range for a string of length {size} at index {i}")
        if count < 0:  # all bytes that follow, but no characters
            count = 0 if of_characters else size
        last = min(first + count, size)
        found.append(text[places[first] : places[last]])
    return array_of_texts(found, texts.shape)


SUBSTR = text_op("Substr", _substr_kernel, infer=elementwise())


def length(input: Any, unit: str = "BYTE", name: str | None = None) -> Tensor:
    """The length of each text.

    Args:
      input: string Tensor.
      unit: what is counted: "BYTE", or "UTF8_CHAR" for characters.
    Returns:
      int32 Tensor of the same shape.
    Raises:
      tf.errors.InvalidArgumentError: there is no such unit.
    Example:
      >>> print(tf.strings.length(["sun", "é"]).numpy(), tf.strings.length("é", "UTF8_CHAR").numpy())
      [3 2] 1
    """
    return LENGTH(text_input(input, LENGTH), unit=unit)


def substr(input: Any, pos: Any, len: Any, unit: str = "BYTE", name: str | None = None) -> Tensor:
    """A part of each text.

    Args:
      input: string Tensor.
      pos: int32 or int64 Tensor that broadcasts with `input`: where parts begin; negative counts from the end.
      len: Tensor of the shape and dtype of `pos`: how long they are at most; of bytes, negative means all that follow.
      unit: what is counted: "BYTE" or "UTF8_CHAR".
    Raises:
      tf.errors.InvalidArgumentError: a part begins outside of its text.
    Example:
      >>> print(tf.strings.substr(["Hello", "World"], 1, 3).numpy())
      [b'ell' b'orl']
    """
    where: Tensor = convert(pos)
    dtype: DType = where.dtype
    return SUBSTR(text_input(input, SUBSTR), where, convert(len, None, dtype), unit=unit)
