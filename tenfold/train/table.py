"""Tables: sorted keys with values in one file, in the layout of LevelDB that TensorFlow uses for the index of a bundle.

A file is data blocks, an empty block, the index of the blocks, and a footer that says where the last two are. A block is
entries, each of which leaves out what its key shares with the one before, the places of entries that share nothing, and
a trailer: how it is compressed, and a checksum.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from tenfold.core.errors import DataLossError, UnimplementedError
from tenfold.train.checksum import crc32c, masked
from tenfold.train.varint import decode, encode

MAGIC = 0xDB4775248B80FB57
_FOOTER = 48
_TRAILER = 5
_BLOCK_BYTES = 1 << 18
_RESTART_INTERVAL = 16
_MAX_EXPANSION = 100  # of keys to bytes in the file; names of variables are about three times as long as what is stored


def write_table(entries: Sequence[tuple[bytes, bytes]]) -> bytes:
    """The table of pairs of key and value, which must be sorted by distinct keys."""
    out, index = bytearray(), []
    block, last = _Block(), b""
    for key, value in entries:
        block.add(key, value)
        last = key
        if block.size >= _BLOCK_BYTES:
            index.append((last, _append(out, block)))
            block = _Block()
    if block.size:
        index.append((last, _append(out, block)))
    meta = _append(out, _Block())
    index_block = _Block(restart_interval=1)
    for key, handle in index:
        index_block.add(key, handle)
    handles = meta + _append(out, index_block)
    return bytes(out) + handles.ljust(_FOOTER - 8, b"\0") + struct.pack("<Q", MAGIC)


class _Block:
    """A block being written."""

    def __init__(self, restart_interval: int = _RESTART_INTERVAL) -> None:
        self._interval, self._count = restart_interval, 0
        self._data, self._restarts, self._last = bytearray(), [0], b""

    @property
    def size(self) -> int:
        return len(self._data)

    def add(self, key: bytes, value: bytes) -> None:
        shared = 0
        if self._count == self._interval:
            self._restarts.append(len(self._data))
            self._count = 0
        elif self._count:
            shared = _shared(self._last, key)
        self._data += encode(shared) + encode(len(key) - shared) + encode(len(value)) + key[shared:] + value
        self._last = key
        self._count += 1

    def finished(self) -> bytes:
        return bytes(self._data) + struct.pack(f"<{len(self._restarts) + 1}I", *self._restarts, len(self._restarts))


def _shared(a: bytes, b: bytes) -> int:
    """How many bytes two keys have in common at their beginnings."""
    length = min(len(a), len(b))
    return next((i for i in range(length) if a[i] != b[i]), length)


def _append(out: bytearray, block: _Block) -> bytes:
    """Puts a block at the end; returns where it is, as the index says it."""
    contents = block.finished() + b"\0"  # not compressed
    handle = encode(len(out)) + encode(len(contents) - 1)
    out += contents + struct.pack("<I", masked(crc32c(contents)))
    return handle


def read_table(data: bytes) -> dict[bytes, bytes]:
    """The entries of a table.

    Raises:
      DataLossError: it is no table, it is cut off, or a checksum is wrong.
      UnimplementedError: it is compressed.
    """
    if len(data) < _FOOTER or struct.unpack_from("<Q", data, len(data) - 8)[0] != MAGIC:
        raise DataLossError("it does not end as a table does (bad magic number)")
    footer = data[-_FOOTER:]
    position = _handle(footer, 0)[2]  # of the empty block
    start, size, _ = _handle(footer, position)
    entries: dict[bytes, bytes] = {}
    budget = _MAX_EXPANSION * len(data)
    previous = None
    for _, handle in _entries(_block(data, start, size), budget):
        start, size, _ = _handle(handle, 0)
        for key, value in _entries(_block(data, start, size), budget):
            if previous is not None and key <= previous:
                raise DataLossError("its keys are not in order")
            budget -= len(key)
            if budget < 0:
                raise DataLossError("its keys take more space than a table of this size can have")
            entries[key] = value
            previous = key
    return entries


def _handle(data: bytes, position: int) -> tuple[int, int, int]:
    """Start and size of a block, and the position behind them."""
    start, position = decode(data, position)
    size, position = decode(data, position)
    return start, size, position


def _block(data: bytes, start: int, size: int) -> bytes:
    """The contents of a block whose checksum is right."""
    end = start + size
    if end + _TRAILER > len(data):
        raise DataLossError(f"a block of {size} bytes at {start} would go beyond its end, {len(data)}")
    (stored,) = struct.unpack_from("<I", data, end + 1)
    if masked(crc32c(data[start : end + 1])) != stored:
        raise DataLossError(f"the checksum of the block at {start} is wrong")
    if data[end]:
        raise UnimplementedError(f"a block is compressed, by method {data[end]}; TensorFlow's checkpoints are not")
    return data[start:end]


def _entries(block: bytes, budget: int) -> Iterator[tuple[bytes, bytes]]:
    """The entries of a block; no key is longer than `budget`."""
    if len(block) < 4:
        raise DataLossError("a block is too short")
    (restarts,) = struct.unpack_from("<I", block, len(block) - 4)
    end = len(block) - 4 * (restarts + 1)
    if end < 0:
        raise DataLossError("a block says that it has more restarts than fit into it")
    position, key = 0, b""
    while position < end:
        shared, position = decode(block, position)
        unshared, position = decode(block, position)
        length, position = decode(block, position)
        stop = position + unshared
        if shared > len(key) or stop + length > end:
            raise DataLossError("an entry of a block is damaged")
        if shared + unshared > budget:
            raise DataLossError("its keys take more space than a table of this size can have")
        key = key[:shared] + block[position:stop]
        yield key, block[stop : stop + length]
        position = stop + length
