"""Integers of seven bits a byte, the lowest first, as protocol buffers and tables store them."""

from __future__ import annotations

from tenfold.core.errors import DataLossError


def encode(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def decode(data: bytes | bytearray, position: int) -> tuple[int, int]:
    """The integer at a position, and the position behind it.

    Raises:
      DataLossError: the data end before it, or it has more than 64 bits.
    """
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(data):
            raise DataLossError("a number is cut off")
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            if value >= 1 << 64:
                break
            return value, position
    raise DataLossError("a number has more than 64 bits")
