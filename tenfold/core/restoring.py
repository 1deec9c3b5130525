"""Values that wait for objects to be made: what a restored checkpoint holds for attributes that are not there yet.

`tenfold.train` lets an object wait; who gives an object new attributes (`Module`, layers, optimizers) calls `resume`.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, NamedTuple


class _Waiting(NamedTuple):
    """What goes on when the object has new attributes, and the names that it waits for."""

    go_on: Callable[[Any], None]
    names: frozenset[str]


_waiting: dict[int, tuple[weakref.ref, list[_Waiting]]] = {}


def wait(owner: Any, go_on: Callable[[Any], None], names: frozenset[str]) -> None:
    """Lets an object wait; what it waited for before, under the same names, is forgotten."""
    key = id(owner)
    if key not in _waiting:
        _waiting[key] = weakref.ref(owner, lambda _: _waiting.pop(key, None)), []
    entries = _waiting[key][1]
    entries[:] = [entry for entry in entries if not entry.names <= names]
    entries.append(_Waiting(go_on, names))


def resume(owner: Any) -> None:
    """Gives what an object waits for to the attributes that it has now."""
    if _waiting and id(owner) in _waiting:
        for entry in _waiting.pop(id(owner))[1]:
            entry.go_on(owner)  # which waits again if anything is still missing
