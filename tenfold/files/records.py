"""TFRecord files: each record is its length and its bytes, each followed by a checksum."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import Any

from tenfold.core.errors import DataLossError, InvalidArgumentError, NotFoundError
from tenfold.train.checksum import crc32c, masked

_COMPRESSIONS = ("", "GZIP", "ZLIB")
_CHUNK = 1 << 20


class TFRecordOptions:
    """How a TFRecord file is compressed.

    Args:
      compression_type: "GZIP", "ZLIB" or "" for not at all.
      compression_level: 0 to 9, from fast to small.
    Raises:
      ValueError: there is no such compression.
    """

    def __init__(self, compression_type: str | None = None, compression_level: int | None = None) -> None:
        self.compression_type = _checked(compression_type)
        self.compression_level = -1 if compression_level is None else compression_level


def _checked(compression: Any) -> str:
    if isinstance(compression, TFRecordOptions):
        return compression.compression_type
    if (compression or "") not in _COMPRESSIONS:
        raise ValueError(f"compression_type is {compression!r}; it must be one of {_COMPRESSIONS}.")
    return compression or ""


class TFRecordWriter:
    """Writes records to a file.

    Args:
      path: of the file.
      options: a `TFRecordOptions`, or the name of a compression.
    Raises:
      tf.errors.NotFoundError: there is no folder for it.
    Example:
      >>> import pathlib, tempfile
      >>> path = str(pathlib.Path(tempfile.mkdtemp()) / "a.tfrecord")
      >>> with tf.io.TFRecordWriter(path) as writer:
      ...     writer.write(b"one")
      ...     writer.write(b"two")
      >>> list(tf.compat.v1.io.tf_record_iterator(path))
      [b'one', b'two']
    """

    def __init__(self, path: Any, options: TFRecordOptions | str | None = None) -> None:
        import zlib

        compression = _checked(options)
        level = options.compression_level if isinstance(options, TFRecordOptions) else -1
        self._packer = (
            zlib.compressobj(level, zlib.DEFLATED, 31 if compression == "GZIP" else 15) if compression else None
        )
        self._flush = zlib.Z_SYNC_FLUSH
        try:
            self._file: Any = open(path, "wb")  # noqa: SIM115 (`close` closes it)
        except OSError as error:
            raise NotFoundError(f"{os.fsdecode(path)}; {error.strerror}") from None

    def write(self, record: bytes | str) -> None:
        """Writes one record."""
        if self._file is None:
            raise InvalidArgumentError("tf.io.TFRecordWriter: it is closed; make a new one.")
        data = record.encode() if isinstance(record, str) else bytes(record)
        size = struct.pack("<Q", len(data))
        self._put(b"".join([size, _checksum(size), data, _checksum(data)]))

    def _put(self, data: bytes) -> None:
        self._file.write(data if self._packer is None else self._packer.compress(data))

    def flush(self) -> None:
        """Hands what was written to the system."""
        if self._packer is not None:
            self._file.write(self._packer.flush(self._flush))
        self._file.flush()

    def close(self) -> None:
        """Ends the file."""
        if self._file is None:
            return
        if self._packer is not None:
            self._file.write(self._packer.flush())
        self._file.close()
        self._file = None

    def __enter__(self) -> TFRecordWriter:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_file", None) is not None:
            self.close()


def _checksum(data: bytes) -> bytes:
    return struct.pack("<I", masked(crc32c(data)))


def tf_record_iterator(path: Any, options: TFRecordOptions | str | None = None) -> Iterator[bytes]:
    """The records of a file, one after the other.

    Args:
      path: of the file.
      options: a `TFRecordOptions`, or the name of a compression.
    Raises:
      tf.errors.NotFoundError: there is no such file.
      tf.errors.DataLossError: a record is damaged, or the file is cut off.
    """
    compression = _checked(options)
    try:
        file = open(path, "rb")  # noqa: SIM115 (closed below)
    except OSError as error:
        raise NotFoundError(f"{os.fsdecode(path)}; {error.strerror}") from None
    with file:
        source = _Unpacked(file, compression) if compression else file
        offset = 0
        while head := source.read(12):
            size = _verified(head, 8, offset)
            length = struct.unpack("<Q", size)[0]
            body = _read(source, length + 4)
            yield _verified(body, length, offset)
            offset += length + 16


def _read(source: Any, count: int) -> bytes:
    """So many bytes, or all there are: taken piece by piece, so that a length that lies needs no memory."""
    parts = []
    while count > 0 and (part := source.read(min(count, _CHUNK))):
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _verified(data: bytes, count: int, offset: int) -> bytes:
    """The first bytes, whose checksum follows."""
    if len(data) < count + 4:
        raise DataLossError(f"truncated record at {offset}")
    if data[count:] != _checksum(data[:count]):
        raise DataLossError(f"corrupted record at {offset}")
    return data[:count]


class _Unpacked:
    """What is in a compressed file."""

    def __init__(self, file: Any, compression: str) -> None:
        import zlib

        self._file, self._error = file, zlib.error
        self._unpacker, self._left = zlib.decompressobj(31 if compression == "GZIP" else 15), b""

    def read(self, count: int) -> bytes:
        while len(self._left) < count and not self._unpacker.eof:
            packed = self._unpacker.unconsumed_tail or self._file.read(_CHUNK)
            if not packed:
                break
            try:
                self._left += self._unpacker.decompress(packed, _CHUNK)
            except self._error as error:
                raise DataLossError(f"the compressed data are damaged: {error}") from None
        found, self._left = self._left[:count], self._left[count:]
        return found
