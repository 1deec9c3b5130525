"""Locks of variables: updates that read what they write, made by several threads, must not lose one another."""

from __future__ import annotations

import os
import threading
from typing import Any
from weakref import WeakSet

_made: WeakSet[Any] = WeakSet()


def new_lock() -> threading.Lock:
    """A lock that is open in the child of a fork, whose other threads are gone."""
    lock = threading.Lock()
    _made.add(lock)
    return lock


def _open_all() -> None:
    for lock in list(_made):
        if lock.locked():
            lock.release()


os.register_at_fork(after_in_child=_open_all)
