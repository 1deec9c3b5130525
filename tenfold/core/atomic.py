"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Gives a path to write to; when the block ends without an error, that file takes the place of `path`.

    The file is written beside `path` and flushed to the disk before it is renamed: whatever happens in between, `path` is
    the old file or the new one.
    """
    folder = path.parent
    if not folder.is_dir():
        raise FileNotFoundError(f"The folder {str(folder)!r} does not exist; {path.name!r} cannot be saved there.")
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=folder)
    os.close(handle)
    part = Path(name)
    try:
        yield part
        with open(part, "rb+") as file:
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        part.chmod(0o666 & ~umask)
        os.replace(part, path)
        flush_folder(folder)
    finally:
        part.unlink(missing_ok=True)


def replace_folder(made: str, folder: str) -> None:
    """Puts a folder in the place of another, which goes; where the system can exchange two names, at no moment is there none."""
    if not os.path.exists(folder):
        os.rename(made, folder)
        flush_folder(Path(folder).parent)
    elif _exchanged(made, folder):
        flush_folder(Path(folder).parent)
        shutil.rmtree(made, ignore_errors=True)
    else:
        old = f"{made}.old"
        os.rename(folder, old)
        try:
            os.rename(made, folder)
        except BaseException:
            os.rename(old, folder)
            raise
        shutil.rmtree(old, ignore_errors=True)


_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # of Linux


def _exchanged(a: str, b: str) -> bool:
    """Whether two paths have been exchanged."""
    if sys.platform != "linux":
        return False
    import ctypes

    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:  # a C library without it
        return False
    return rename(_AT_FDCWD, os.fsencode(a), _AT_FDCWD, os.fsencode(b), _RENAME_EXCHANGE) == 0


def flush_folder(folder: Path) -> None:
    """Makes a rename last, where the system can."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)
