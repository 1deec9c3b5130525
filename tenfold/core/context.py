"""What the running thread is doing: which recorders listen to its ops, and under which name."""

from __future__ import annotations

import threading
from contextvars import ContextVar
from typing import Any, Protocol


class Recorder(Protocol):
    """Listens to every op that runs while it is active: a gradient tape or a forward accumulator."""

    def record(self, op: Any, inputs: tuple, attrs: dict, outputs: tuple) -> None: ...

    def variable_read(self, variable: Any) -> None: ...


# The recorders of the running thread. Every op reads them, and a ContextVar is read much faster than a threading.local.
_RECORDERS: ContextVar[tuple[Recorder, ...]] = ContextVar("recorders", default=())
recorders = _RECORDERS.get
set_recorders = _RECORDERS.set


class Context(threading.local):
    """State of one thread."""

    name_scope: str = ""


context = Context()


class paused_recording:
    """While entered, the thread's recorders do not see what runs."""

    __slots__ = ("_recorders",)

    def __enter__(self) -> None:
        self._recorders = recorders()
        set_recorders(())

    def __exit__(self, *exc: object) -> None:
        set_recorders(self._recorders)
