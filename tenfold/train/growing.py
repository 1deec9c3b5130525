"""Lists and dicts that miss elements which a checkpoint has: when they grow, their owner looks for these."""

from __future__ import annotations

import weakref
from typing import Any

from tenfold.core import restoring


class _Growing:
    _owner: weakref.ref

    def _grown(self) -> None:
        owner = self._owner()
        if owner is not None:
            restoring.resume(owner)


class _List(_Growing, list):
    def append(self, value: Any) -> None:
        super().append(value)
        self._grown()

    def extend(self, values: Any) -> None:
        super().extend(values)
        self._grown()

    def insert(self, index: Any, value: Any) -> None:
        super().insert(index, value)
        self._grown()

    def __setitem__(self, index: Any, value: Any) -> None:
        super().__setitem__(index, value)
        self._grown()

    def __iadd__(self, values: Any) -> Any:  # type: ignore[misc]
        self.extend(values)
        return self

    def __reduce_ex__(self, protocol: Any) -> Any:
        return list, (list(self),)


class _Dict(_Growing, dict):
    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, value)
        self._grown()

    def update(self, *args: Any, **kwargs: Any) -> None:
        super().update(*args, **kwargs)
        self._grown()

    def setdefault(self, key: Any, default: Any = None) -> Any:
        value = super().setdefault(key, default)
        self._grown()
        return value

    def __ior__(self, other: Any) -> Any:  # type: ignore[override,misc]
        self.update(other)
        return self

    def __reduce_ex__(self, protocol: Any) -> Any:
        return dict, (dict(self),)


_KINDS: dict[type, Any] = {list: _List, dict: _Dict}


def growing(value: Any, parent: Any, name: str, owner: Any) -> Any:
    """Puts, in the place of a plain list or dict, one of the same content that tells `owner` when it grows.

    Args:
      value: what may be one; all else stays.
      parent, name: what holds it, under which name.
      owner: what waits for elements.
    """
    kind = _KINDS.get(type(value))
    if kind is None:
        return value
    found = kind(value)
    found._owner = weakref.ref(owner)
    if isinstance(parent, list):
        list.__setitem__(parent, int(name), found)
    elif isinstance(parent, dict):
        dict.__setitem__(parent, name, found)
    elif vars(parent).get(name) is value:
        object.__setattr__(parent, name, found)
    else:
        return value
    return found
