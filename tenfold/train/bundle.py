"""Bundles: tensors by name, in files of data and a table of where each stands, TensorFlow's "tensor bundle".

A bundle `p` is a table `p.index` and files `p.data-00000-of-00001`, ...; an entry of the table says in which of them a
tensor is, from which byte on, its type, shape and checksum. The empty key has the header.
"""

from __future__ import annotations

import io
import os
import threading
import weakref
from typing import Any

import numpy as np

from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.errors import DataLossError, NotFoundError, OpError, UnimplementedError
from tenfold.train import slices, tensor_bytes
from tenfold.train.checksum import masked
from tenfold.train.table import read_table

_MAX_ATTEMPTS = 100  # to read a bundle that is replaced meanwhile


def index_path(prefix: str) -> str:
    return f"{prefix}.index"


def data_path(prefix: str, shard: int, shards: int) -> str:
    return f"{prefix}.data-{shard:05d}-of-{shards:05d}"


class Bundle:
    """A bundle that is read. Its files stay open as long as the object lives, so that they can be read when they are deleted.

    Args:
      prefix: the path without `.index`.
    Raises:
      NotFoundError: there is no such file.
      DataLossError: it is damaged.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self._files: dict[int, io.FileIO] = {}
        self._lock = threading.Lock()
        weakref.finalize(self, _close_all, self._files)
        for _ in range(_MAX_ATTEMPTS):
            table = self._read_table()
            self._open_files()
            if _identity(index_path(prefix)) in (table, None):
                break
            _close_all(self._files)  # somebody has replaced the bundle: the files may be of two

    def _read_table(self) -> tuple[int, ...] | None:
        """Reads the table, and returns which file it was."""
        path = index_path(self.prefix)
        try:
            with open(path, "rb") as file:
                data, identity = file.read(), _identity(file.fileno())
        except (FileNotFoundError, NotADirectoryError):
            if os.path.isfile(self.prefix):
                raise UnimplementedError(
                    f"{self.prefix!r} is one file: no checkpoint, or one in the format that TensorFlow 1 had before 2017, which is not "
                    f"supported. Expected the path without `.index` of a file {path!r}."
                ) from None
            raise NotFoundError(f"Unsuccessful: there is no checkpoint {self.prefix!r}: no file {path!r}.") from None
        try:
            table = read_table(data)
            self._read_header(table.pop(b"", None))
            self._slices = {key: table.pop(key) for key in [key for key in table if key.startswith(b"\0")]}
            self._entries = {key.decode(): _parsed("BundleEntryProto", value) for key, value in table.items()}
        except (OpError, UnicodeDecodeError) as error:
            kind: Any = type(error) if isinstance(error, OpError) else DataLossError
            raise kind(f"Unable to open table file {path}: {error}.") from None
        return identity

    def _open_files(self) -> None:
        """Opens the files of data that are there."""
        for shard in {entry.shard_id for entry in self._entries.values()}:
            try:
                self._files[shard] = open(data_path(self.prefix, shard, self._shards), "rb", buffering=0)
            except OSError:  # is said when a tensor of it is read
                continue

    def _read_header(self, value: bytes | None) -> None:
        if value is None:
            raise DataLossError("it has no header")
        header = _parsed("BundleHeaderProto", value)
        if header.version.min_consumer > 1:
            raise DataLossError(f"only readers of version {header.version.min_consumer} or later understand it")
        self._shards, self._is_big_endian = header.num_shards, header.endianness == 1

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def names(self) -> list[str]:
        return list(self._entries)

    def dtype(self, name: str) -> DType:
        return self._dtype(self._entry(name))

    def shape(self, name: str) -> list[int]:
        return _shape(self._entry(name))

    def read(self, name: str) -> np.ndarray:
        """A tensor, as an array of its own.

        Raises:
          NotFoundError: there is none of this name, or the file of data is missing.
          DataLossError: it is damaged.
        """
        entry = self._entry(name)
        try:
            return self._read_parts(name, entry) if entry.slices else self._read_entry(entry)
        except OpError as error:
            kind: Any = type(error)
            raise kind(f"Checkpoint {self.prefix}, tensor {name!r}: {error}.") from None

    def _entry(self, name: str) -> Any:
        try:
            return self._entries[name]
        except KeyError:
            raise NotFoundError(f"Key {name} not found in checkpoint {self.prefix}.") from None

    def _read_entry(self, entry: Any) -> np.ndarray:
        dtype, shape = self._dtype(entry), _shape(entry)
        size = tensor_bytes.expected_size(dtype, shape)
        if size is not None and size != entry.size:
            raise DataLossError(f"{dtype.name} of shape {tuple(shape)} takes {size} bytes, the entry says {entry.size}")
        data = self._bytes(entry.shard_id, entry.offset, entry.size)
        array, crc = tensor_bytes.decoded(data, dtype, shape, self._is_big_endian)
        if masked(crc) != entry.crc32c:
            raise DataLossError(
                f"the checksum is {masked(crc):08x}, the entry says {entry.crc32c:08x}: the data are damaged"
            )
        return array

    def _read_parts(self, name: str, entry: Any) -> np.ndarray:
        """A tensor that is stored in parts."""
        parts = [slices.extents_of(message) for message in entry.slices]
        places = [slices.indices(extents, _shape(entry)) for extents in parts]
        sizes = [np.prod([s.stop - s.start for s in place], dtype=object) for place in places]
        if sum(sizes) != np.prod(_shape(entry), dtype=object):
            raise DataLossError(f"its parts have {sum(sizes)} elements in all, its shape is {tuple(_shape(entry))}")
        read = []
        for extents, place in zip(parts, places, strict=True):
            value = self._slices.get(slices.slice_key(name, extents))
            if value is None:
                raise DataLossError(f"its part {extents} is missing")
            part = self._read_entry(_parsed("BundleEntryProto", value))
            if part.shape != tuple(s.stop - s.start for s in place):
                raise DataLossError(f"its part {extents} has shape {part.shape}")
            read.append(part)
        whole = np.empty(_shape(entry), tensor_bytes.numpy_type(self._dtype(entry)))
        for place, part in zip(places, read, strict=True):
            whole[place] = part
        return whole

    def _bytes(self, shard: int, offset: int, size: int) -> bytearray:
        """Bytes of a file of data."""
        if not 0 <= shard < self._shards:
            raise DataLossError(f"it is said to be in file {shard} of {self._shards}")
        path = data_path(self.prefix, shard, self._shards)
        with self._lock:
            if shard not in self._files:
                try:
                    self._files[shard] = open(path, "rb", buffering=0)
                except FileNotFoundError:
                    raise NotFoundError(f"the file {path!r} is missing") from None
            file = self._files[shard]
            length = os.fstat(file.fileno()).st_size
            if offset < 0 or size < 0 or offset + size > length:
                raise DataLossError(
                    f"{size} bytes from byte {offset} on are wanted, but {path!r} has {length}: the file is truncated, or "
                    "belongs to another checkpoint"
                )
            data = bytearray(size)
            file.seek(offset)
            done = 0
            while done < size:  # one call reads 2 GiB at most
                count = file.readinto(memoryview(data)[done:])
                if not count:
                    raise DataLossError(f"{path!r} became shorter while it was read")
                done += count
        return data

    @staticmethod
    def _dtype(entry: Any) -> DType:
        try:
            return as_dtype(entry.dtype)
        except TypeError:
            raise DataLossError(f"its type has the number {entry.dtype}, which is none") from None


def _shape(entry: Any) -> list[int]:
    shape = [dim.size for dim in entry.shape.dim]
    if any(size < 0 for size in shape):
        raise DataLossError(f"its shape is {tuple(shape)}")
    return shape


def _identity(file: str | int) -> tuple[int, ...] | None:
    """What tells a file from another that takes its place; None if there is none."""
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size


def _close_all(files: dict[int, io.FileIO]) -> None:
    for file in files.values():
        file.close()
    files.clear()


def _parsed(kind: str, value: bytes) -> Any:
    from google.protobuf.message import DecodeError

    from tenfold.protos import checkpoint as messages

    message = getattr(messages, kind)()
    try:
        message.ParseFromString(value)
    except DecodeError as error:
        raise DataLossError(f"an entry is no {kind}: {error}") from None
    return message
