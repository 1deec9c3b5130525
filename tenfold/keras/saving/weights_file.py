"""The variables of a model in an HDF5 file, laid out as Keras 3 does.

A layer's own variables are the datasets `0`, `1`, ... of a group `vars`; the path of the group follows the attributes
from the model to the layer, and in a list or dict the snake-case class name of each item with a running number.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from tenfold.core.variable import Variable
from tenfold.keras import naming, random
from tenfold.keras.layers.layer import Layer
from tenfold.keras.saving import hdf5


def _is_saveable(value: Any) -> bool:
    return hasattr(value, "save_own_variables") and hasattr(value, "load_own_variables")


# Attributes that lead to state which is found elsewhere, or is none.
_SKIPPED = frozenset(
    "_graph _inbound_nodes _outbound_nodes _layers _metrics _trainable_variables _non_trainable_variables _seed_generators "
    "_init_arguments _compile_config _compile_loss _compile_metrics _loss_tracker _losses history loss _model _inner "
    "_input_layer".split()
)


def children(owner: Any) -> Iterator[tuple[str, Any]]:
    """The attributes of an object that may hold state, in the order in which files visit them."""
    from tenfold.keras.models import Functional, Model, Sequential

    if isinstance(owner, (Sequential, Functional)):
        yield "layers", owner.layers
    names = {name for name in vars(owner) if name not in _SKIPPED and not name.startswith("__")}
    names.update(getattr(type(owner), "_saved_attributes", ()))
    if isinstance(owner, Model):
        names.add("layers")
    for name in sorted(names, key=lambda name: f"~{name}" if name.startswith("_") else name):  # private ones last
        try:
            value = getattr(owner, name)
        except Exception:  # noqa: BLE001, S112 (a property without a value holds no state)
            continue
        if _is_saveable(value) or isinstance(value, (list, dict, tuple)):
            yield name, value


def walk(model: Any) -> Iterator[tuple[str, Any]]:
    """Every object of a model with state of its own, with its path."""
    return _walk(model, "", set())


def _walk(owner: Any, path: str, visited: set[int]) -> Iterator[tuple[str, Any]]:
    if id(owner) in visited:
        return
    visited.add(id(owner))
    yield path, owner
    for name, child in children(owner):
        below = f"{path}/{name}" if path else name
        if _is_saveable(child):
            yield from _walk(child, below, visited)
        else:
            yield from _walk_container(child, below, visited, set())


def _walk_container(container: Any, path: str, visited: set[int], containers: set[int]) -> Iterator[tuple[str, Any]]:
    if id(container) in containers:
        return
    containers.add(id(container))
    counts: dict[str, int] = {}
    for item in container.values() if isinstance(container, dict) else container:
        if _is_saveable(item):
            yield from _walk(item, f"{path}/{_numbered(naming.to_snake_case(type(item).__name__), counts)}", visited)
        elif isinstance(item, (list, dict, tuple)):
            yield from _walk_container(item, f"{path}/{_numbered('container', counts)}", visited, containers)


def _numbered(name: str, counts: dict[str, int]) -> str:
    count = counts.get(name, -1) + 1
    counts[name] = count
    return f"{name}_{count}" if count else name


class _Group:
    """The variables of one object: a dict-like view of a group `vars` of the file."""

    def __init__(self, file: Any, path: str, name: str | None = None) -> None:
        self._file, self._path = file, f"{path}/vars" if path else "vars"
        if name is not None:
            file.require_group(self._path).attrs["name"] = name

    def __setitem__(self, key: str, value: Any) -> None:
        array = np.asarray(value._value._array if isinstance(value, Variable) else value)
        dataset = self._file.require_group(self._path).create_dataset(key, data=array)
        if array.dtype.kind == "V":
            # HDF5 has no bfloat16: the bits are kept, and the type is an attribute, as in Keras' files
            dataset.attrs["dtype"] = array.dtype.name

    def __getitem__(self, key: str) -> np.ndarray:
        return hdf5.read(self._file, f"{self._path}/{key}")

    def keys(self) -> list[str]:
        group = hdf5.find(self._file, self._path)
        return [] if group is None else list(group.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def __contains__(self, key: object) -> bool:
        return key in self.keys()


def _unbuilt_count(optimizer: Any) -> int:
    """How many variables an optimizer has before it is built: the iterations, and the learning rate unless it is a schedule."""
    return 1 + isinstance(getattr(optimizer, "_learning_rate", None), Variable)


def write(model: Any, file: Any) -> None:
    """Writes all state of a model (variables, optimizer, seed generators) to an open h5py file."""
    for path, owner in walk(model):
        name = getattr(owner, "name", None)
        owner.save_own_variables(_Group(file, path, name if isinstance(name, str) else None))


def read(model: Any, file: Any, skip_mismatch: bool = False) -> None:
    """Reads what `write` or Keras wrote.

    Args:
      skip_mismatch: whether objects whose variables differ from the file's stay as they are, with a warning.
    Raises:
      ValueError: an object lacks its variables, or has others.
    """
    if "_shuffle_seed" in file:
        random.row_orders(model)  # makes the state that is read below
    optimizer = getattr(model, "optimizer", None)
    if optimizer is not None and not optimizer.built and model.built and "optimizer" in file:
        optimizer.build(model.trainable_variables)
    failed: list[tuple[Any, Exception]] = []
    for path, owner in walk(model):
        group = _Group(file, path)
        try:
            if not len(group) and not isinstance(owner, Layer):
                continue  # state that the writer did not keep
            if (
                optimizer is not None
                and owner is optimizer
                and len(group) == _unbuilt_count(owner) < len(owner.variables)
            ):
                for key, variable in zip(sorted(group.keys()), owner.variables, strict=False):
                    variable.assign(group[key])  # the model was saved before its first step
                continue
            owner.load_own_variables(group)
        except Exception as error:  # noqa: BLE001 (told below, all at once)
            failed.append((owner, error))
    if not failed:
        return
    owner, first = failed[0]
    message = (
        f"A total of {len(failed)} objects could not be loaded. Example error message for object {owner}:\n\n{first}\n\n"
        f"List of objects that could not be loaded: {[o for o, _ in failed]}"
    )
    if not skip_mismatch:
        raise ValueError(message) from first
    warnings.warn(message, stacklevel=4)
