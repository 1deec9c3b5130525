"""How a layer finds the variables, layers and metrics that its attributes hold, also inside lists and dicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping
from typing import Any


class TrackedList(list):
    """A list that shows what is put into it to the layer it belongs to."""

    def __init__(self, values: Iterable = (), track: Callable[[Any], Any] | None = None) -> None:
        self._track = track or (lambda value: value)
        super().__init__([self._track(value) for value in values])

    def append(self, value: Any) -> None:
        super().append(self._track(value))

    def insert(self, index: Any, value: Any) -> None:
        super().insert(index, self._track(value))

    def extend(self, values: Iterable) -> None:
        super().extend([self._track(value) for value in values])

    def __iadd__(self, values: Iterable) -> TrackedList:  # type: ignore[override, misc]
        self.extend(values)
        return self

    def __setitem__(self, index: Any, value: Any) -> None:
        super().__setitem__(index, [self._track(v) for v in value] if isinstance(index, slice) else self._track(value))

    def __reduce__(self) -> Any:
        return list, (list(self),)

    def __deepcopy__(self, memo: dict) -> list:
        import copy

        return [copy.deepcopy(value, memo) for value in self]


class TrackedDict(dict):
    """A dict that shows what is put into it to the layer it belongs to."""

    def __init__(self, values: Any = (), track: Callable[[Any], Any] | None = None) -> None:
        self._track = track or (lambda value: value)
        super().__init__({key: self._track(value) for key, value in dict(values).items()})

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, self._track(value))

    def setdefault(self, key: Any, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    update = MutableMapping.update  # type: ignore[assignment]

    def __reduce__(self) -> Any:
        return dict, (dict(self),)

    def __deepcopy__(self, memo: dict) -> dict:
        import copy

        return {key: copy.deepcopy(value, memo) for key, value in self.items()}


def unique(items: Iterable) -> Iterator:
    """The items in order, each object once."""
    seen: set[int] = set()
    for item in items:
        if id(item) not in seen:
            seen.add(id(item))
            yield item
