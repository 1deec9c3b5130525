"""CRC-32C, the checksum of tables and bundles, masked as TensorFlow stores it."""

from __future__ import annotations

from functools import cache
from typing import Any

_CHUNK = 1 << 20
_DELTA = 0xA282EAD8


def crc32c(data: Any, crc: int = 0) -> int:
    """The checksum of bytes, or of an array's, after bytes whose checksum is `crc`."""
    extend = _library().extend
    if isinstance(data, bytes):
        return extend(crc, data)
    view = memoryview(data)
    for start in range(
        0, len(view), _CHUNK
    ):  # the library takes bytes only: a copy that stays in the processor's cache
        crc = extend(crc, bytes(view[start : start + _CHUNK]))
    return crc


def masked(crc: int) -> int:
    """The form in which a checksum is stored, so that checksums of what holds checksums stay good."""
    return (((crc >> 15) | (crc << 17)) + _DELTA) & 0xFFFFFFFF


@cache
def _library() -> Any:
    try:
        import google_crc32c
    except ImportError:
        raise ImportError(
            "Checkpoints have checksums that the package google-crc32c computes, which is not installed. "
            "Run `pip install google-crc32c`."
        ) from None
    return google_crc32c
