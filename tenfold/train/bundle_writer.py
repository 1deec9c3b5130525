"""Writing a bundle so that it is there whole or not at all.

Both files are written beside their place, flushed to the disk, and renamed: the data first, the table, which makes them
a checkpoint, last. Where a bundle is replaced, the new data get a name that the old table does not mention: until the
table is renamed, the old bundle is whole.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tenfold.core.atomic import flush_folder
from tenfold.core.leftovers import alone_in, held, remove_leftovers
from tenfold.train import tensor_bytes
from tenfold.train.bundle import data_path, index_path
from tenfold.train.checksum import masked
from tenfold.train.table import write_table


def write_bundle(prefix: str, tensors: Mapping[str, np.ndarray]) -> None:
    """Writes tensors by name; the folder is made if it is not there."""
    from tenfold.protos import checkpoint as messages

    folder = Path(prefix).parent
    folder.mkdir(parents=True, exist_ok=True)
    ending = f".tempstate{secrets.randbits(64)}"
    new_data, new_index = data_path(prefix, 0, 1) + ending, index_path(prefix) + ending
    try:
        Path(new_data).touch()
        with held(new_data):
            entries = _write_data(new_data, tensors)
            with alone_in(
                folder
            ):  # others that write the same bundle must not remove these data before the table is there
                shards = _unused_number_of_shards(prefix)
                data = data_path(prefix, 0, shards)
                header = messages.BundleHeaderProto(num_shards=shards)
                header.version.producer = 1
                _write_flushed(new_index, [write_table([(b"", header.SerializeToString()), *entries])])
                os.replace(new_data, data)
                flush_folder(folder)
                os.replace(new_index, index_path(prefix))
                flush_folder(folder)
                for path in _data_files(prefix):
                    if path != Path(data):
                        path.unlink(missing_ok=True)
    finally:
        for left in (new_data, new_index):
            Path(left).unlink(missing_ok=True)
    remove_leftovers(folder, rf"{re.escape(Path(prefix).name)}\.(data-\d{{5}}-of-\d{{5}}|index)\.tempstate\d+")


def _unused_number_of_shards(prefix: str) -> int:
    """A number for the names of the files of data (only the first of them is there) that no bundle of this prefix uses."""
    used = {int(path.name.rsplit("-", 1)[1]) for path in _data_files(prefix)}
    return next(number for number in range(1, len(used) + 2) if number not in used)


def _data_files(prefix: str) -> list[Path]:
    path = Path(prefix)
    start = f"{path.name}.data-"
    endings = [(p, p.name.removeprefix(start)) for p in path.parent.iterdir() if p.name.startswith(start)]
    return [p for p, rest in endings if len(rest) == 14 and rest[5:9] == "-of-" and (rest[:5] + rest[9:]).isdigit()]


def remove_bundle(prefix: str) -> None:
    """Deletes the files of a bundle, the table first."""
    Path(index_path(prefix)).unlink(missing_ok=True)
    if Path(prefix).parent.is_dir():
        for path in _data_files(prefix):
            path.unlink(missing_ok=True)


def _write_data(path: str, tensors: Mapping[str, np.ndarray]) -> list[tuple[bytes, bytes]]:
    """Writes the elements of all tensors; returns the entries of the table."""
    from tenfold.protos import checkpoint as messages

    entries, offset = [], 0
    with open(path, "wb") as file:
        for key, name in sorted((name.encode(), name) for name in tensors):
            array = tensors[name]
            pieces, crc = tensor_bytes.encoded(array)
            size = sum(map(len, pieces))
            for piece in pieces:
                file.write(piece)
            entry = messages.BundleEntryProto(
                dtype=tensor_bytes.dtype_of(array).as_datatype_enum, offset=offset, size=size, crc32c=masked(crc)
            )
            entry.shape.SetInParent()
            for length in array.shape:
                entry.shape.dim.add(size=length)
            entries.append((key, entry.SerializeToString()))
            offset += size
        _flush(file)
    return entries


def _write_flushed(path: str, pieces: list[Any]) -> None:
    with open(path, "wb") as file:
        for piece in pieces:
            file.write(piece)
        _flush(file)


def _flush(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())
