"""Restoring: the objects of a checkpoint are found again by their names, from the root on, and get their values.

What is not there yet is waited for (`core/restoring.py`): an object that gets new attributes looks again.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.core import restoring
from tenfold.core.children import CONTAINERS, children_for
from tenfold.core.config import get_logger
from tenfold.core.context import recorders, set_recorders
from tenfold.core.errors import InvalidArgumentError, NotFoundError
from tenfold.core.tensor import Tensor, wrap
from tenfold.core.variable import Variable
from tenfold.train.bundle import Bundle
from tenfold.train.growing import growing
from tenfold.train.object_graph import PYTHON_STATE, TABLE, VARIABLE_VALUE, name_of, nodes_with_values, table_of
from tenfold.train.python_state import PythonState

Attached = Callable[[], list[tuple[str, Any]]]


class Restoration:
    """One checkpoint being restored.

    Args:
      bundle: its tensors.
      graph: its object graph.
      attached: what gives more children of the root.
    """

    def __init__(self, bundle: Bundle, graph: Any, attached: Attached) -> None:
        self.bundle, self.nodes = bundle, graph.nodes
        self._attached = attached
        self._has_values = nodes_with_values(graph)
        self.bound: dict[int, weakref.ref | None] = {}  # by node; None for a container
        self.unused: dict[int, list[str]] = {}  # attributes that the object of a node does not have
        self._warning = weakref.finalize(self, _warn_of_lost, bundle.prefix, self.nodes, self.bound)

    def restore(self, start: Any, number: int = 0, is_deep: bool = False) -> None:
        """Binds an object and what it holds to a node and its children, then sets the values of what is new.

        What was bound before is looked through only with `is_deep`: lists and dicts in it may have grown. Nothing is set before all values are read, so that a damaged file changes nothing.
        """
        found: list[tuple[Any, Any]] = []
        # An object, its node, and the next one above that can wait; that one's is the name which it misses. What holds it, and how.
        waiting: list[tuple[Any, int, Any, int, Any, str]] = [(start, number, start, number, None, "")]
        missing: dict[int, tuple[Any, set[str]]] = {}
        seen: set[int] = set()
        for value, node, holder, holder_node, parent, name in waiting:
            is_new = self._bind(value, node)
            if node in seen or not (is_new or is_deep or value is start or isinstance(value, CONTAINERS)):
                continue
            seen.add(node)
            if not isinstance(value, CONTAINERS):
                holder, holder_node = value, node
            if is_new:
                found.extend(self._values(value, node))
            known = self._children(value, node)
            if parent is not None and any(child.local_name not in known for child in self.nodes[node].children):
                value = growing(value, parent, name, holder)
            for child in self.nodes[node].children:
                if child.local_name in known:
                    waiting.append(
                        (known[child.local_name], child.node_id, holder, holder_node, value, child.local_name)
                    )
                elif self._has_values[child.node_id] and not isinstance(value, Variable):
                    missing.setdefault(holder_node, (holder, set()))[1].add(child.local_name)
            is_optimizer = bool(self.nodes[node].slot_variables) and not isinstance(value, CONTAINERS)
            if is_optimizer and not self._bind_slots(value, node, found):
                missing.setdefault(node, (value, set()))[1].add("slots")
        for target, array in found:
            _set(target, array)
        for node, (holder, names) in missing.items():
            restoring.wait(holder, functools.partial(self.restore, number=node), frozenset(names))

    def _bind_slots(self, optimizer: Any, node: int, found: list[tuple[Any, np.ndarray]]) -> bool:
        """Binds what an optimizer of Keras 2 or TensorFlow 1 keeps for each variable; returns whether all of it was there."""
        is_complete = True
        for reference in self.nodes[node].slot_variables:
            number = reference.slot_variable_node_id
            variable = self.object(reference.original_variable_node_id)
            slot = None if variable is None else _slot_of(optimizer, variable, reference.slot_name)
            if slot is None:
                is_complete = False
            elif self._bind(slot, number):
                found.extend(self._values(slot, number))
        return is_complete

    def _children(self, value: Any, node: int) -> dict[str, Any]:
        known = children_for(value, [child.local_name for child in self.nodes[node].children])
        return {**known, **dict(self._attached())} if node == 0 else known

    def _bind(self, value: Any, node: int) -> bool:
        """Notes which object a node stands for; returns whether that is new."""
        if node not in self.bound:
            self.bound[node] = None if isinstance(value, CONTAINERS) else weakref.ref(value)
            return True
        known = self.object(node)
        if known is not None and known is not value:
            get_logger().warning(
                "Inconsistent references when loading the checkpoint %s: two objects, %r and %r, are one in the checkpoint. "
                "The first of them gets the values.",
                self.bundle.prefix,
                known,
                value,
            )
        return False

    def object(self, node: int) -> Any:
        """The object that a node stands for; None for containers and what is gone."""
        reference = self.bound.get(node)
        return None if reference is None else reference()

    def _values(self, value: Any, node: int) -> list[tuple[Any, Any]]:
        """The values that an object is to get, read and checked."""
        found: list[tuple[Any, Any]] = []
        for attribute in [*self.nodes[node].attributes, *self.nodes[node].own_attributes]:
            table = table_of(value) if attribute.name == TABLE else None
            if table is not None:
                found.append((table, read_table(self.bundle, attribute.checkpoint_key, table)))
                continue
            fits = {VARIABLE_VALUE: Variable, PYTHON_STATE: PythonState}.get(attribute.name)
            if fits is None or not isinstance(value, fits):
                self.unused.setdefault(node, []).append(attribute.name)
            else:
                found.append((value, read_for(self.bundle, attribute.checkpoint_key, value)))
        return found

    def expect_partial(self) -> None:
        """Lets values go that nothing asks for, without a warning."""
        self._warning.detach()


def _warn_of_lost(prefix: str, nodes: Any, bound: dict[int, Any]) -> None:
    """Tells which values nothing asked for as long as the restoration was there, or until the process ends."""
    lost = [a.checkpoint_key for i, node in enumerate(nodes) if i not in bound for a in node.attributes]
    if lost:
        get_logger().warning(
            "Of checkpoint %s, %d values were never restored, such as %r: no object asked for them. If that is right, call "
            "`expect_partial()` on what `restore` returned; `assert_consumed()` raises an error instead.",
            prefix,
            len(lost),
            lost[0],
        )


def _slot_of(optimizer: Any, variable: Any, name: str) -> Any:
    find = getattr(optimizer, "_former_slot", None)
    return None if find is None else find(variable, name)


def read_for(bundle: Bundle, key: str, value: Any) -> np.ndarray:
    """The tensor of a key, for a variable or a PythonState.

    Raises:
      ValueError: the variable has another shape.
      InvalidArgumentError: it has another dtype.
      NotFoundError: there is none.
    """
    if key not in bundle:
        raise NotFoundError(f"Key {key} not found in checkpoint {bundle.prefix}, though its object graph names it.")
    if isinstance(value, Variable):
        dtype, shape = bundle.dtype(key), tuple(bundle.shape(key))
        what = f"Checkpoint {bundle.prefix}, {key}: variable {name_of(value)!r}"
        if not value.shape.is_compatible_with(shape):
            raise ValueError(f"{what} has shape {tuple(value.shape)}, the value in the checkpoint has shape {shape}.")
        if dtype is not value.dtype:
            raise InvalidArgumentError(
                f"{what} has dtype {value.dtype.name}, the value in the checkpoint has {dtype.name}."
            )
    return bundle.read(key)


def read_table(bundle: Bundle, key: str, table: Any) -> tuple[Tensor, Tensor]:
    """The keys and values that a checkpoint has for a table.

    Raises:
      NotFoundError: they are not there.
      InvalidArgumentError: they have other dtypes than the table's.
    """
    names = f"{key}-keys", f"{key}-values"
    for name, dtype in zip(names, (table.key_dtype, table.value_dtype), strict=True):
        if name not in bundle:
            raise NotFoundError(
                f"Key {name} not found in checkpoint {bundle.prefix}, though its object graph names it."
            )
        if bundle.dtype(name) is not dtype:
            raise InvalidArgumentError(
                f"Checkpoint {bundle.prefix}, {name}: the table has {dtype.name}, the checkpoint {bundle.dtype(name).name}."
            )
    return wrap(bundle.read(names[0])), wrap(bundle.read(names[1]))


def _set(value: Any, found: Any) -> None:
    if isinstance(value, PythonState):
        value.deserialize(found.item())
        return
    active = recorders()
    set_recorders(())  # also where a function is being traced, whose first call made the variable
    try:
        if isinstance(value, Variable):
            value._put(wrap(found))
        else:
            value.replace(*found)
    finally:
        set_recorders(active)


def restore_by_names(bundle: Bundle, objects: list[Any]) -> list[Any]:
    """Gives variables the values that stand under their names, as TensorFlow 1 saved them; returns those that have none."""
    variables = [value for value in objects if isinstance(value, Variable)]
    found = [(v, read_for(bundle, name_of(v), v)) for v in variables if name_of(v) in bundle]
    for variable, array in found:
        _set(variable, array)
    return [v for v in variables if name_of(v) not in bundle]
