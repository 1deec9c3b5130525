"""Locks that are open in the child of a fork, whose other threads are gone."""

from __future__ import annotations

import os
import threading
from typing import Any
from weakref import WeakSet


class SharedLock:
    """Held by any number of threads at a time (`with lock:`), or by one, which waits until the others are out (`acquire`, `release`)."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside: list[int] = []

    def __enter__(self) -> None:
        with self._changed:
            self._inside.append(threading.get_ident())

    def __exit__(self, *error: object) -> None:
        with self._changed:
            self._inside.remove(threading.get_ident())
            self._changed.notify_all()

    def acquire(self) -> None:
        self._changed.acquire()
        here = threading.get_ident()
        self._changed.wait_for(lambda: all(thread == here for thread in self._inside))

    def release(self) -> None:
        self._changed.release()


# Who has the second does not ask for the first. A fork waits for both, so that what they guard, LLVM among it, is whole in the child.
trace_lock, compile_lock = threading.RLock(), SharedLock()
_made: WeakSet[Any] = WeakSet()


def new_lock() -> threading.Lock:
    """A lock for what is whole at any time, as the value of a variable: it is simply open in the child."""
    lock = threading.Lock()
    _made.add(lock)
    return lock


def _take_long_ones() -> None:
    trace_lock.acquire()
    compile_lock.acquire()


def _give_long_ones() -> None:
    compile_lock.release()
    trace_lock.release()


def _open_all() -> None:
    for lock in list(_made):
        if lock.locked():
            lock.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_take_long_ones, after_in_parent=_give_long_ones, after_in_child=_give_long_ones)
    os.register_at_fork(after_in_child=_open_all)
