"""The variables that a branch or a loop may set, read and set from outside: by their cells, or in what holds them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tenfold.tracing.autograph.names import Place


class Undefined:
    """The value of a variable that has none."""

    def __repr__(self) -> str:
        return "<undefined>"


UNDEFINED = Undefined()


class _Cell:
    def __init__(self, cell: Any) -> None:
        self._cell = cell

    def get(self) -> Any:
        try:
            return self._cell.cell_contents
        except ValueError:
            return UNDEFINED

    def set(self, value: Any) -> None:
        if value is not UNDEFINED:
            self._cell.cell_contents = value
        elif self.get() is not UNDEFINED:
            del self._cell.cell_contents


class _Item:
    """An item of a dict or list, or a global variable."""

    def __init__(self, owner: Any, key: Any) -> None:
        self._owner, self._key = owner, key

    def get(self) -> Any:
        try:
            return self._owner[self._key]
        except (KeyError, IndexError, TypeError):
            return UNDEFINED

    def set(self, value: Any) -> None:
        before = self.get()
        if value is before:
            return
        if value is UNDEFINED:
            del self._owner[self._key]
        else:
            self._owner[self._key] = value


class _Attribute:
    def __init__(self, owner: Any, name: str) -> None:
        self._owner, self._name = owner, name

    def get(self) -> Any:
        return getattr(self._owner, self._name, UNDEFINED)

    def set(self, value: Any) -> None:
        before = self.get()
        if value is before:
            return
        if value is UNDEFINED:
            delattr(self._owner, self._name)
        else:
            setattr(self._owner, self._name, value)


class Variables:
    """Variables by name.

    Args:
      names: of variables, or places of attributes and items (see `names.py`).
      functions: those that use them.

    Attributes:
      names: as the user writes them.
    """

    def __init__(self, names: Sequence[str | Place], *functions: Callable[..., Any] | None) -> None:
        self.names = [name if isinstance(name, str) else name[0] for name in names]
        self._cells: dict[str, _Cell] = {}
        for function in functions:
            if function is not None:
                self._scope = function.__globals__  # type: ignore[attr-defined]
                found = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)  # type: ignore[attr-defined]
                self._cells.update((name, _Cell(cell)) for name, cell in found)
        self._places = [self._place(name) for name in names]

    def _place(self, name: str | Place) -> Any:
        if isinstance(name, str):
            return self._cells.get(name) or _Item(self._scope, name)
        _, base, key, is_item = name
        owner = self._place(base).get()
        if not is_item:
            return _Attribute(owner, key)
        return _Item(owner, self._place(key[0]).get() if isinstance(key, tuple) else key)

    def get(self) -> list[Any]:
        """The values, `UNDEFINED` where there is none."""
        return [place.get() for place in self._places]

    def set(self, values: Sequence[Any]) -> None:
        """Sets the variables; those whose value is `UNDEFINED` are deleted."""
        for place, value in zip(self._places, values, strict=True):
            place.set(value)
