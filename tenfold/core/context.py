"""What the running thread is doing: which recorders listen to its ops, and under which name."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Protocol, TypeVar


class Recorder(Protocol):
    """Listens to every op that runs while it is active: a gradient tape or a forward accumulator.

    The graph of a function that is traced is the first of its thread's recorders; it is how ops without operands, and those
    with effects, learn that they are traced.
    """

    is_graph: bool

    def record(self, op: Any, inputs: tuple, attrs: dict, outputs: tuple) -> None: ...

    def variable_read(self, variable: Any) -> None: ...


# The recorders of the running thread. Every op reads them, and a ContextVar is read much faster than a threading.local.
_RECORDERS: ContextVar[tuple[Recorder, ...]] = ContextVar("recorders", default=())
recorders = _RECORDERS.get
set_recorders = _RECORDERS.set


def traced_graph() -> Any:
    """The graph of the function that is being traced in this thread; None where ops run when they are called."""
    active = recorders()
    return active[0] if active and active[0].is_graph else None


F = TypeVar("F", bound=Callable)


def deferrable(function: F) -> F:
    """Lets a function that acts on the values of tensors and returns nothing be called while another is traced: it then runs
    whenever the graph does. Where its tensors are known already it runs at once.
    """

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> None:
        graph = traced_graph()
        if graph is None or not graph.defer(run, args, kwargs, expand=function):
            function(*args, **kwargs)

    return run  # type: ignore[return-value]


class Context(threading.local):
    """State of one thread."""

    name_scope: str = ""


context = Context()


class paused_recording:
    """While entered, tapes and accumulators do not see what runs."""

    __slots__ = ("_recorders",)

    def __enter__(self) -> None:
        self._recorders = recorders()
        set_recorders(tuple([r for r in self._recorders if r.is_graph]))

    def __exit__(self, *exc: object) -> None:
        set_recorders(self._recorders)
