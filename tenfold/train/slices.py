"""Parts of a tensor that is stored in several: which part, and under which key of the table it stands.

The keys are TensorFlow's "ordered codes": numbers and texts in bytes that sort as they do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenfold.core.errors import DataLossError

FULL = -1  # the length of an axis that is not cut
Extent = tuple[int, int]  # start and length


def extents_of(message: Any) -> list[Extent]:
    """Start and length for each axis, of a TensorSliceProto."""
    return [(e.start, e.length if e.WhichOneof("has_length") else FULL) for e in message.extent]


def slice_key(name: str, extents: Sequence[Extent]) -> bytes:
    """The key of a part of the tensor of this name."""
    text = name.encode().replace(b"\xff", b"\xff\0").replace(b"\0", b"\0\xff")
    numbers = b"".join(_signed(number) for extent in extents for number in extent)
    return _unsigned(0) + text + b"\0\1" + _unsigned(len(extents)) + numbers


def indices(extents: Sequence[Extent], shape: Sequence[int]) -> tuple[slice, ...]:
    """Where in a tensor of a shape a part is.

    Raises:
      DataLossError: the part does not lie within the tensor.
    """
    if len(extents) != len(shape):
        raise DataLossError(f"a part of {len(extents)} axes belongs to a tensor of shape {tuple(shape)}")
    found = []
    for (start, length), size in zip(extents, shape, strict=True):
        stop = size if length == FULL else start + length
        if not 0 <= start <= stop <= size:
            raise DataLossError(f"a part from {start} to {stop} is outside of an axis of size {size}")
        found.append(slice(start, stop))
    return tuple(found)


def _unsigned(number: int) -> bytes:
    length = (number.bit_length() + 7) // 8
    return bytes([length]) + number.to_bytes(length, "big")


def _signed(number: int) -> bytes:
    """A number behind as many ones as it has bytes, then its sign; all bits are inverted for negative ones."""
    magnitude = ~number if number < 0 else number
    length = magnitude.bit_length() // 7 + 1
    code = ((1 << length) - 1) << (7 * length) | magnitude
    if number < 0:
        code ^= (1 << (8 * length)) - 1
    return code.to_bytes(length, "big")
