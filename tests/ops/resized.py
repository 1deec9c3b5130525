"""The samples of every op with other sizes: nothing, one, or no axes in place of many."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tests.ops.samples import Sample


def resized(sample: Sample, dtype: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """A sample's arguments with other sizes, each with a title.

    A size becomes 0 and 1 wherever it occurs, so that shapes still fit each other; each axis of each array becomes 0,
    and each array a scalar, so that often they do not.
    """
    arguments = sample.of_type(dtype)
    arrays = dict(_arrays(arguments))
    seen = {_shapes(arguments)}
    for title, change in _changes(arrays):
        changed = {key: [*value] if isinstance(value, list) else value for key, value in arguments.items()}
        for place, array in arrays.items():
            key, i = place
            if i is None:
                changed[key] = change(place, array)
            else:
                changed[key][i] = change(place, array)
        if (shapes := _shapes(changed)) not in seen:
            seen.add(shapes)
            yield title, changed


Place = tuple[str, int | None]  # an argument's name, and which of a list


def _arrays(arguments: dict[str, Any]) -> Iterator[tuple[Place, np.ndarray]]:
    for key, value in arguments.items():
        for i, item in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(item, np.ndarray):
                yield (key, i), item


def _shapes(arguments: dict[str, Any]) -> tuple:
    return tuple([array.shape for _, array in _arrays(arguments)])


def _changes(arrays: dict[Place, np.ndarray]) -> Iterator[tuple[str, Callable[[Place, np.ndarray], np.ndarray]]]:
    for size in sorted({n for array in arrays.values() for n in array.shape}):
        for to in range(min(size, 2)):
            yield f"{size}->{to}", lambda _, x, size=size, to=to: _cut(x, [to if n == size else n for n in x.shape])
    for place, array in arrays.items():
        name = "".join(map(str, [part for part in place if part is not None]))
        for axis in [axis for axis, n in enumerate(array.shape) if n]:
            sizes = [0 if i == axis else n for i, n in enumerate(array.shape)]
            yield f"{name}.{axis}->0", lambda p, x, place=place, sizes=sizes: _cut(x, sizes) if p == place else x
        if array.ndim and array.size:
            yield f"{name} scalar", lambda p, x, place=place: np.array(x.flat[0], x.dtype) if p == place else x


def _cut(array: np.ndarray, sizes: list[int]) -> np.ndarray:
    return array[tuple(map(slice, sizes))]
