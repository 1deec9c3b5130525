"""The elements of a tensor as the bytes of a bundle's data file, and their checksum.

Numbers stand one after the other. Strings are their lengths, a checksum of the lengths, and then all bytes; the checksum
of the whole takes the lengths as words of four bytes (eight for a string of 4 GiB or more), not as they are stored.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tenfold.core.dtypes import DType, as_dtype, bool, string
from tenfold.core.errors import DataLossError, UnimplementedError
from tenfold.train.checksum import crc32c, masked
from tenfold.train.varint import decode, encode


def encoded(array: np.ndarray) -> tuple[list[Any], int]:
    """An array as pieces to write one after the other, and the checksum of what they say."""
    if array.dtype == object:
        return _encoded_strings([_as_bytes(item) for item in array.ravel().tolist()])
    data = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    return [data], crc32c(data)


def _as_bytes(item: Any) -> bytes:
    return item.encode() if isinstance(item, str) else item


def _encoded_strings(items: list[bytes]) -> tuple[list[Any], int]:
    lengths = [len(item) for item in items]
    checksum, crc = _checksum_of_lengths(lengths)
    for item in items:
        crc = crc32c(item, crc)
    return [b"".join(map(encode, lengths)), checksum, *items], crc


def _checksum_of_lengths(lengths: Sequence[int]) -> tuple[bytes, int]:
    """The bytes that follow the lengths, and the checksum up to there."""
    crc = crc32c(b"".join(struct.pack("<I" if n < 1 << 32 else "<Q", n) for n in lengths))
    stored = struct.pack("<I", masked(crc))
    return stored, crc32c(stored, crc)


def numpy_type(dtype: DType) -> np.dtype:
    """The NumPy dtype of a tensor's elements.

    Raises:
      UnimplementedError: NumPy has none.
    """
    try:
        return np.dtype(object) if dtype is string else dtype._np
    except AttributeError:
        raise UnimplementedError(f"tensors of type {dtype.name} cannot be read") from None


def expected_size(dtype: DType, shape: Sequence[int]) -> int | None:
    """How many bytes a tensor takes; None for strings."""
    return None if dtype is string else math.prod(shape) * numpy_type(dtype).itemsize


def decoded(data: bytearray, dtype: DType, shape: Sequence[int], is_big_endian: Any = False) -> tuple[np.ndarray, int]:
    """The tensor in these bytes, an array of its own, and the checksum of what they say."""
    if dtype is string:
        array, crc = _decoded_strings(data, math.prod(shape))
        return array.reshape(shape), crc
    element = numpy_type(dtype)
    if dtype is bool:
        array = np.frombuffer(data, np.uint8) != 0
    elif is_big_endian:
        array = np.frombuffer(data, element.newbyteorder(">")).astype(element)
    else:
        array = np.frombuffer(data, element)
    return array.reshape(shape), crc32c(data)


def _decoded_strings(data: bytearray, count: int) -> tuple[np.ndarray, int]:
    if count > len(data):  # a length takes a byte at least
        raise DataLossError(f"{count} strings cannot be in {len(data)} bytes")
    position, lengths = 0, []
    for _ in range(count):
        length, position = decode(data, position)
        lengths.append(length)
    checksum, crc = _checksum_of_lengths(lengths)
    start = position + len(checksum)
    if data[position:start] != checksum:
        raise DataLossError("the checksum of the lengths of strings is wrong")
    if start + sum(lengths) != len(data):
        raise DataLossError(f"{sum(lengths)} bytes of strings are said to be in {len(data) - start} bytes")
    array = np.empty(count, object)
    for i, item in enumerate(_cut(data, start, lengths)):
        array[i] = item
        crc = crc32c(item, crc)
    return array, crc


def _cut(data: bytearray, start: int, lengths: Sequence[int]) -> Iterator[bytes]:
    for length in lengths:
        yield bytes(data[start : start + length])
        start += length


def dtype_of(array: np.ndarray) -> DType:
    return string if array.dtype == object else as_dtype(array.dtype)
