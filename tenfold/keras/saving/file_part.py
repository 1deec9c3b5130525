"""A part of a file as a file of its own: a member of an archive that is not compressed, without a copy in memory."""

from __future__ import annotations

import io
import zlib
from typing import Any

_CHUNK = 1 << 20  # bytes: they stay in the cache


class FilePart(io.RawIOBase):
    """What is in a file from a place on.

    HDF5 cannot close a file that the disk has no room for. So the first error is kept, and nothing is written after it.

    Args:
      file: the file, open; it must be used by nobody else meanwhile.
      start: where the part begins.
      size: of the part, which grows by what is written.
    """

    def __init__(self, file: Any, start: int, size: int = 0) -> None:
        self._file, self._start, self.size = file, start, size
        self._position = 0
        self._error: OSError | None = None

    def checksum(self) -> int:
        """The CRC-32 of what is in the part."""
        found = 0
        self._file.seek(self._start)
        for place in range(0, self.size, _CHUNK):
            found = zlib.crc32(self._file.read(min(_CHUNK, self.size - place)), found)
        return found

    def check(self) -> None:
        """Raises the error that there was."""
        if self._error is not None:
            raise self._error

    def readable(self) -> bool:
        return True

    writable = seekable = readable

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._position = offset + (0, self._position, self.size)[whence]
        return self._position

    def write(self, data: Any) -> int:
        rest = memoryview(data).cast("B")
        count = len(rest)
        if self._error is None:
            try:
                self._file.seek(self._start + self._position)
                while len(rest):
                    rest = rest[self._file.write(rest) :]
            except OSError as error:
                self._error = error
        self._position += count
        self.size = max(self.size, self._position)
        return count

    def readinto(self, buffer: Any) -> int:
        count = max(min(len(buffer), self.size - self._position), 0)
        self._file.seek(self._start + self._position)
        found = self._file.readinto(memoryview(buffer)[:count])
        self._position += found
        return found

    def truncate(self, size: int | None = None) -> int:
        self.size = self._position if size is None else size
        if self._error is None:
            try:
                self._file.truncate(self._start + self.size)
            except OSError as error:
                self._error = error
        return self.size
