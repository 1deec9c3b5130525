"""HDF5 files from strangers: only plain data that stands in the file itself is read."""

from __future__ import annotations

import mmap
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from tenfold.core.atomic import replacing
from tenfold.keras.saving.file_part import FilePart

_MAX_RATIO = 2000  # of the bytes of an array to those that the file keeps for it; deflate itself reaches 1032
_FREE_BYTES = 1 << 20  # below this, no ratio is looked at


def opened(source: Any, path: Path) -> Any:
    """Opens a file, or an open binary stream, for reading.

    Raises:
      ValueError: it is not an HDF5 file, or not whole.
    """
    import h5py

    try:
        return h5py.File(source, "r")
    except FileNotFoundError:
        raise
    except (OSError, RuntimeError, ValueError) as error:
        raise ValueError(f"{str(path)!r} is not a whole HDF5 file: {error}.") from error


@contextmanager
def writing(path: Path) -> Iterator[Any]:
    """An HDF5 file to write to, which takes the place of `path` when it is whole."""
    with replacing(path) as part, open(part, "rb+", buffering=0) as target, written_into(target, 0) as (file, _):
        yield file


@contextmanager
def written_into(target: Any, start: int) -> Iterator[tuple[Any, FilePart]]:
    """An HDF5 file to write to, which is in an open file from `start` on, and this part, whose size counts when all is written."""
    import h5py

    part = FilePart(target, start)
    with h5py.File(part, "w") as file:
        yield file, part
    part.check()


def find(file: Any, path: str) -> Any:
    """The group or dataset at a path of names, None if there is none.

    Raises:
      ValueError: the path leads through a soft or external link, or the file is damaged there.
    """
    import h5py

    found = file
    for name in path.split("/"):
        try:
            if not isinstance(found, h5py.Group):
                return None
            link = found.get(name, getlink=True)
            if link is None:
                return None
            if not isinstance(link, h5py.HardLink):
                raise ValueError(f"{path} is a link to another place or file ({name!r}); links are not followed.")
            found = found[name]
        except KeyError:
            return None
        except (OSError, RuntimeError) as error:
            raise ValueError(f"The file is damaged at {path}: {error}.") from error
    return found


def read(file: Any, path: str) -> np.ndarray:
    """The array of a dataset.

    Raises:
      ValueError: there is none, its data are not in the file, or are far larger than what the file keeps.
    """
    import h5py

    dataset = find(file, path)
    if not isinstance(dataset, h5py.Dataset):
        raise ValueError(f"The file has no dataset {path}.")
    try:
        if dataset.external or dataset.is_virtual:
            raise ValueError(f"{path} keeps its data in other files, which are not read.")
        stored = dataset.id.get_storage_size()
        if dataset.dtype.hasobject:
            raise ValueError(f"{path} holds {dataset.dtype}; expected numbers.")
        if dataset.nbytes > max(_FREE_BYTES, stored * _MAX_RATIO):
            raise ValueError(f"{path} would unpack from {stored} to {dataset.nbytes} bytes; it is not read.")
        array = np.asarray(dataset[()])
        kept = attribute(dataset, "dtype")
    except (OSError, RuntimeError, TypeError, KeyError, MemoryError) as error:
        raise ValueError(f"The file is damaged at {path}: {error}.") from error
    if kept != "bfloat16":
        return array
    from tenfold.core.dtypes import bfloat16

    return array.view(bfloat16._np).reshape(array.shape)


def attribute(owner: Any, name: str) -> Any:
    """An attribute of a file, group or dataset, None if there is none.

    Raises:
      ValueError: it holds something other than strings or numbers, or the file's heaps of strings are damaged.
    """
    import h5py

    if name not in owner.attrs:
        return None
    dtype = owner.attrs.get_id(name).dtype
    if dtype.hasobject:
        if (
            h5py.check_string_dtype(dtype) is None
        ):  # the library would end the process, where the kind is none that there is
            raise ValueError(f"The file is damaged: its attribute {name!r} is neither text nor numbers.")
        number = h5py.h5o.get_info(owner.id).fileno  # that of no other file of the process
        if number != _checked[0] and not _heaps_end(owner.file):
            raise ValueError("The file is damaged: a heap of strings is damaged.")
        _checked[0] = number
    return owner.attrs[name]


_checked = [-1]  # the number of the file whose heaps were gone through last


def _heaps_end(file: Any) -> bool:
    """Whether all global heaps, which hold strings, can be gone through: at an object without a size the library would stay forever.

    Each is "GCOL", its version and its size; then come objects: number, references and size, number 0 for what is free, whose size is
    that with its header (HDF5 File Format Specification, III.E).
    """
    if file.driver == "fileobj":
        return _content_ends(file.id.get_file_image())
    with mmap.mmap(file.id.get_vfd_handle(), 0, access=mmap.ACCESS_READ) as content:
        return _content_ends(content)


def _content_ends(content: Any) -> bool:
    for found in re.finditer(rb"GCOL\x01.{3}(.{8})", content, re.DOTALL):
        end = found.start() + int.from_bytes(found[1], "little")
        place = found.end()
        while place + 16 <= end <= len(content):
            number, size = struct.unpack_from("<H6xQ", content, place)
            place += size if number == 0 else 16 + (size + 7) // 8 * 8
            if (number == 0 and size < 16) or place > end:
                return False
    return True


def strings(group: Any, name: str) -> list[str]:
    """A list of strings in an attribute, which Keras splits into `name0`, `name1`, ... where it is long."""
    pieces = [name] if name in group.attrs else []
    while not pieces or pieces[-1] != name:
        piece = f"{name}{len(pieces)}"
        if piece not in group.attrs:
            break
        pieces.append(piece)
    values = [value for piece in pieces for value in np.ravel(attribute(group, piece))]
    return [value.decode("utf-8") if isinstance(value, bytes) else str(value) for value in values]


def put_strings(group: Any, name: str, values: list[str]) -> None:
    """Writes a list of strings as `strings` reads it; one attribute holds at most 64 KB."""
    encoded = [value.encode("utf-8") for value in values]
    width = max((len(value) for value in encoded), default=1)
    rows = max(1, 60_000 // max(width, 1))
    if len(encoded) <= rows:
        group.attrs[name] = np.array(encoded, dtype=f"S{max(width, 1)}")
        return
    for i, start in enumerate(range(0, len(encoded), rows)):
        group.attrs[f"{name}{i}"] = np.array(encoded[start : start + rows], dtype=f"S{width}")
