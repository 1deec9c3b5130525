"""The variables that a branch or a loop may set, read and set from outside: by their cells, or in what holds them."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tenfold.core import nest
from tenfold.core.tensor import Tensor
from tenfold.tracing.autograph.names import ITEMS, Place


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


class _Items:
    """All items of a list or dict of tensors and numbers, and those of lists and dicts in it; of any other object nothing."""

    def __init__(self, owner: Any) -> None:
        self._owner = owner

    def get(self) -> Any:
        is_state = type(self._owner) in (list, dict) and self._owner and all(map(_is_state, nest.flatten(self._owner)))
        return _copied(self._owner) if is_state else self

    def set(self, value: Any) -> None:
        if value is not self:
            _refill(self._owner, value)


def _is_state(value: Any) -> bool:
    return isinstance(value, (Tensor, np.ndarray, np.generic, numbers.Number)) or hasattr(value, "_type_spec")


def _copied(value: Any) -> Any:
    if type(value) is list:
        return [_copied(x) for x in value]
    return {key: _copied(x) for key, x in value.items()} if type(value) is dict else value


def _refill(owner: Any, value: Any) -> None:
    """Gives a list or dict the items of another."""
    if type(owner) is list:
        del owner[len(value) :]
        owner += value[len(owner) :]
    else:
        for key in owner.keys() - value.keys():
            del owner[key]
    for key, item in value.items() if type(value) is dict else enumerate(value):
        held = owner[key] if type(owner) is list or key in owner else UNDEFINED
        if type(held) in (list, dict) and type(held) is type(item):
            _refill(held, item)
        else:
            owner[key] = item


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
        if key is ITEMS:
            return _Items(owner)
        return _Item(owner, self._place(key[0]).get() if isinstance(key, tuple) else key)

    def get(self) -> list[Any]:
        """The values, `UNDEFINED` where there is none."""
        return [place.get() for place in self._places]

    def set(self, values: Sequence[Any]) -> None:
        """Sets the variables; those whose value is `UNDEFINED` are deleted."""
        for place, value in zip(self._places, values, strict=True):
            place.set(value)
