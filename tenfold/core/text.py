"""Text and bytes, and the Python types that count as numbers: what `tf.compat` offers."""

from __future__ import annotations

import numbers
import os
from typing import Any

import numpy as np

bytes_or_text_types = (bytes, str)
integral_types = (numbers.Integral, np.integer)
real_types = (numbers.Real, np.integer, np.floating)
complex_types = (numbers.Complex, np.number)


def as_bytes(bytes_or_text: str | bytes | bytearray, encoding: str = "utf-8") -> bytes:
    """Bytes of a text; bytes as they are.

    Args:
      bytes_or_text: str, bytes or bytearray.
      encoding: how a text is encoded.
    Raises:
      TypeError: the value is neither text nor bytes.
    Example:
      >>> tf.compat.as_bytes("ten")
      b'ten'
    """
    if isinstance(bytes_or_text, str):
        return bytes_or_text.encode(encoding)
    if isinstance(bytes_or_text, (bytes, bytearray)):
        return bytes(bytes_or_text)
    raise TypeError(f"Expected binary or unicode string, got {bytes_or_text!r}")


def as_text(bytes_or_text: str | bytes, encoding: str = "utf-8") -> str:
    """Text of bytes; a text as it is.

    Args:
      bytes_or_text: str or bytes.
      encoding: how the bytes are decoded.
    Raises:
      TypeError: the value is neither text nor bytes.
    Example:
      >>> tf.compat.as_text(b"ten")
      'ten'
    """
    if isinstance(bytes_or_text, str):
        return bytes_or_text
    if isinstance(bytes_or_text, bytes):
        return bytes_or_text.decode(encoding)
    raise TypeError(f"Expected binary or unicode string, got {bytes_or_text!r}")


as_str = as_text


def as_str_any(value: Any, encoding: str = "utf-8") -> str:
    """Text of anything: of bytes as `tf.compat.as_text`, of others as `str`.

    Example:
      >>> tf.compat.as_str_any(b"ten"), tf.compat.as_str_any(10)
      ('ten', '10')
    """
    return as_text(value, encoding) if isinstance(value, bytes) else str(value)


def path_to_str(path: Any) -> Any:
    """The text of a path object; anything else as it is.

    Example:
      >>> import pathlib
      >>> tf.compat.path_to_str(pathlib.PurePosixPath("a") / "b")
      'a/b'
    """
    return as_str_any(path.__fspath__()) if isinstance(path, os.PathLike) else path


def unique_name(name: str, taken: set[str]) -> str:
    """The name, with a number behind it if it is taken, whatever its case; it is taken then."""
    found, number = name, 0
    while found.lower() in taken:
        number += 1
        found = f"{name}_{number}"
    taken.add(found.lower())
    return found
