"""How a layer finds the variables, layers and metrics that its attributes hold, also inside lists and dicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping
from typing import Any

from tenfold.core import restoring
from tenfold.core.variable import Variable

FORGOT_INIT = "In layer '{0}', you forgot to call `super().__init__()` as the first statement in the `__init__()` method. Go add it!"


class TrackedList(list):
    """A list that shows what is put into it to the layer it belongs to."""

    _is_own_state = True  # TensorFlow's checkpoints of Keras layers have no lists

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

    _is_own_state = True  # TensorFlow's checkpoints of Keras layers have no dicts

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


class Tracker:
    """An object that enters what its attributes hold into a list for each kind: variables, layers, metrics, seed generators.

    The class of what is no variable says in `_tracked_as` which list it belongs to.
    """

    _tracked_as = "_layers"
    _trainable_variables: list
    _non_trainable_variables: list
    _layers: list
    _metrics: list
    _seed_generators: list

    def __init__(self) -> None:
        for name in ("_trainable_variables", "_non_trainable_variables", "_layers", "_metrics", "_seed_generators"):
            object.__setattr__(self, name, [])

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, (Variable, list, dict, tuple)) or hasattr(type(value), "_tracked_as"):
            value = self._track(value)
            if name in self.__dict__:
                self._untrack(self.__dict__[name])
        elif name in self.__dict__ and isinstance(self.__dict__[name], (Variable, Tracker)):
            self._untrack(self.__dict__[name])
        object.__setattr__(self, name, value)
        restoring.resume(self)

    def __delattr__(self, name: str) -> None:
        self._untrack(self.__dict__.get(name))
        object.__delattr__(self, name)

    def _track(self, value: Any) -> Any:
        """Enters a value into the list of its kind; lists and dicts come back as tracked ones."""
        kind = type(value)
        if kind in (list, TrackedList):
            return TrackedList(value, self._track)
        if kind in (dict, TrackedDict):
            return TrackedDict(value, self._track)
        if isinstance(value, tuple):
            for item in value:
                self._track(item)
            return value
        where = self._place(value)
        if where is not None and not any(item is value for item in where):
            where.append(value)
        return value

    def _untrack(self, value: Any) -> None:
        where = self._place(value)
        if where is not None:
            where[:] = [item for item in where if item is not value]

    def _place(self, value: Any) -> list | None:
        try:
            if isinstance(value, Variable):
                places = self._trainable_variables, self._non_trainable_variables
                for known in places:  # it stays where it is when it is frozen
                    if any(item is value for item in known):
                        return known
                return places[0 if value.trainable else 1]
            place = getattr(type(value), "_tracked_as", None)
            return None if place is None else getattr(self, place)
        except AttributeError:
            raise RuntimeError(FORGOT_INIT.format(type(self).__name__)) from None
