"""What killed processes leave beside files that they were to replace: the next writer of the same file removes it."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # on Windows nothing is locked, and nothing removed
    fcntl = None  # type: ignore[assignment]

_SECONDS = 60  # between making a file and locking it, at most


@contextmanager
def held(path: str | Path) -> Iterator[None]:
    """Keeps others from removing a file or folder in the making, until the block or the process ends."""
    handle = os.open(path, os.O_RDONLY) if fcntl is not None else None
    try:
        if handle is not None:
            _locks(handle, shared=True)
        yield
    finally:
        if handle is not None:
            os.close(handle)


@contextmanager
def alone_in(folder: str | Path) -> Iterator[None]:
    """Lets other processes that ask for the same folder wait until the block ends."""
    handle = os.open(folder, os.O_RDONLY) if fcntl is not None else None
    try:
        if handle is not None:
            _locks(handle, shared=False, waits=True)
        yield
    finally:
        if handle is not None:
            os.close(handle)


def remove_leftovers(folder: str | Path, pattern: str) -> None:
    """Removes the files and folders of a folder whose names match a regular expression and whose writers are gone."""
    if fcntl is None:
        return
    with os.scandir(str(folder)) as entries:
        found = [entry.path for entry in entries if re.fullmatch(pattern, entry.name)]
    for path in found:
        try:
            _remove_if_left(path)
        except OSError:  # somebody else was faster, or may not
            continue


def _remove_if_left(path: str) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        if time.time() - os.fstat(handle).st_mtime > _SECONDS and _locks(handle, shared=False):
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
    finally:
        os.close(handle)


def _locks(handle: int, shared: bool, waits: bool = False) -> bool:
    """Locks an open file; returns whether that is so, which it is not where others have it or the file system has no locks."""
    kinds: Any = fcntl
    try:
        fcntl.flock(handle, (kinds.LOCK_SH if shared else kinds.LOCK_EX) | (0 if waits else kinds.LOCK_NB))
    except OSError:
        return False
    return True
