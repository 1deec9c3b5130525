"""What a checkpoint sees of an object: its children by name, and the tensors that it keeps itself.

A class says by a method `_checkpoint_children`, an iterable of pairs of name and object, what it holds; a `tf.Module`,
list, tuple or dict needs none. Children whose class says `_is_own_state` are state that TensorFlow's checkpoints do not
have (random seeds, metrics, layers in lists of Keras layers); they are stored apart, where TensorFlow does not look.
A method `_former_checkpoint_children`, of the names that a checkpoint has, gives what older checkpoints call otherwise.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from tenfold.core.module import Module
from tenfold.core.variable import Variable

CONTAINERS = (list, tuple, dict)


class Child(NamedTuple):
    name: str
    value: Any
    is_own: bool


def is_trackable(value: Any) -> bool:
    """Whether a checkpoint can hold the object, or something in it."""
    if isinstance(value, dict):
        return any(is_trackable(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return any(is_trackable(item) for item in value)
    return isinstance(value, (Variable, Module)) or hasattr(type(value), "_checkpoint_children")


def children(value: Any) -> Iterator[Child]:
    """The children of an object that a checkpoint can hold.

    Raises:
      ValueError: one stands in a dict under a key that is no text.
    """
    for name, child in _named_parts(value):
        if is_trackable(child):
            if not isinstance(name, str):
                raise ValueError(
                    f"A checkpoint cannot hold {child!r}, which stands in a dict under the key {name!r}: keys of dicts "
                    "must be strings there. Use str(key) as the key."
                )
            yield child_of(name, child)


def children_for(value: Any, names: Collection[str]) -> dict[str, Any]:
    """The children of an object by name, for a checkpoint in which it has children of these names; lists and dicts may still be without any."""
    if hasattr(type(value), "_former_checkpoint_children"):
        former = value._former_checkpoint_children(names)
        if former is not None:
            return {name: child for name, child in former if is_trackable(child)}
    parts = {name: part for name, part in _named_parts(value) if name in names and type(part) in (list, dict)}
    return parts | {child.name: child.value for child in children(value)}


def child_of(name: str, value: Any) -> Child:
    return Child(name, value, getattr(type(value), "_is_own_state", False))


def _named_parts(value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, Variable):
        return ()
    if hasattr(type(value), "_checkpoint_children"):
        return value._checkpoint_children()
    if isinstance(value, dict):
        return value.items()
    if isinstance(value, (list, tuple)):
        return ((str(i), item) for i, item in enumerate(value))
    return attributes(value) if isinstance(value, Module) else ()


def attributes(
    owner: Any, skip: Container[str] = (), names: Mapping[str, str] | None = None
) -> Iterator[tuple[str, Any]]:
    """The attributes of an object, in the order in which they were set; `names` says what some of them are called in files."""
    for name, value in list(vars(owner).items()):
        if name not in skip and not isinstance(value, (str, int, float, type(None))):
            yield (names or {}).get(name, name), value
