"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tenfold.core.errors import FailedPreconditionError
from tenfold.core.leftovers import held, remove_leftovers

_HEX = "[0-9a-f]{16}"


@contextmanager
def naming(path: str | Path) -> Iterator[None]:
    """Has errors of the system, as that the disk is full, say what could not be written."""
    try:
        yield
    except OSError as error:
        if error.errno is not None and error.filename is None:
            error.filename = os.fspath(path)
        raise


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Gives a path to write to; when the block ends without an error, that file takes the place of `path`.

    The file is written beside `path` and flushed to the disk before it is renamed: whatever happens in between, `path` is
    the old file or the new one. A link stays, and the file that it leads to is replaced. What a killed process has left there is removed.
    """
    path = Path(os.path.realpath(path))
    folder = path.parent
    if not folder.is_dir():
        raise FileNotFoundError(f"The folder {str(folder)!r} does not exist; {path.name!r} cannot be saved there.")
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=folder)
    os.close(handle)
    part = Path(name)
    try:
        with held(part):
            with naming(path):
                yield part
                with open(part, "rb+") as file:
                    os.fsync(file.fileno())
            umask = os.umask(0)
            os.umask(umask)
            part.chmod(0o666 & ~umask)
            os.replace(part, path)
        flush_folder(folder)
        remove_leftovers(folder, rf"\.{re.escape(path.name)}\.[a-z0-9_]{{8}}\.part")
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def replacing_folder(folder: str, own: Sequence[str]) -> Iterator[str]:
    """Gives a folder to write to; when the block ends without an error, what is in it takes the place of what `folder` had.

    Where the system can exchange two names, at no moment is there none. What else somebody keeps in `folder` stays: then, or
    if it cannot be exchanged itself, files and folders take their places one after the other, in the order of `own`.

    Args:
      folder: its path.
      own: the relative paths that are replaced.
    Raises:
      FailedPreconditionError: a file has that path, or a folder in it would have.
    """
    folder = os.path.realpath(folder)
    there = folder
    while not os.path.lexists(there):
        there = os.path.dirname(there)
    if not os.path.isdir(there):
        raise FailedPreconditionError(f"{there!r} is not a directory; nothing can be saved as {folder!r}.")
    is_whole = there != folder or _is_exchangeable(folder, own)
    made = f"{folder}.{secrets.token_hex(8)}.new" if is_whole else os.path.join(folder, f".{secrets.token_hex(8)}.new")
    os.makedirs(made)
    try:
        with held(made):
            with naming(folder):
                yield made
            if not os.path.lexists(folder):
                os.rename(made, folder)
            elif not (is_whole and _exchanged(made, folder)):
                for name in own:
                    _replace(os.path.join(made, name), os.path.join(folder, name))
        flush_folder(Path(folder).parent)
        remove_leftovers(os.path.dirname(folder), rf"{re.escape(os.path.basename(folder))}\.{_HEX}\.new")
        remove_leftovers(folder, rf"\.{_HEX}\.new")
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _is_exchangeable(folder: str, own: Sequence[str]) -> bool:
    """Whether nobody misses a folder whose content is replaced: it has nothing else, and nobody is bound to it."""
    for place in {os.path.dirname(name) for name in own}:
        path = os.path.join(folder, place)
        known = {name for name in own if os.path.dirname(name) == place}
        known |= {os.path.dirname(name) for name in own if os.path.dirname(name) and not place}
        if os.path.isdir(path) and any(os.path.join(place, name) not in known for name in os.listdir(path)):
            return False
    parent = os.path.dirname(folder)
    return not os.path.ismount(folder) and os.path.realpath(os.curdir) != folder and os.access(parent, os.W_OK)


def _replace(source: str, target: str) -> None:
    """Puts a file or folder in the place of another, or removes that if there is none."""
    if os.path.lexists(source) and os.path.lexists(target) and _exchanged(source, target):
        return
    if os.path.lexists(target):
        os.makedirs(os.path.dirname(source), exist_ok=True)
        os.rename(target, f"{source}.old")
    if os.path.lexists(source):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.rename(source, target)


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
