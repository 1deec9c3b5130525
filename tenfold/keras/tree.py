"""`keras.tree`: nested structures as Keras sees them.

Other than for `tf.nest`, an OrderedDict is read in its own order, subclasses of list, tuple and dict are leaves unless
they are namedtuples or Keras' own, and structures that differ are always a ValueError.
"""

from __future__ import annotations

import warnings
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable
from typing import Any

from tenfold.core.nest import (
    DICT,
    LIST,
    MUTABLE_MAPPING,
    NAMEDTUPLE,
    SEQUENCE,
    TUPLE,
    Kind,
    Kinds,
    flatten_as,
    flatten_with_path_as,
    is_namedtuple_type,
    map_as,
    pack_as,
)
from tenfold.keras.tracking import TrackedDict, TrackedList


def _open_mapping(mapping):
    try:
        keys = sorted(mapping)
    except TypeError:  # keys of several types
        keys = sorted(mapping, key=lambda key: (type(key).__qualname__, key))
    return keys, [mapping[key] for key in keys]


def _open_in_order(mapping):
    return list(mapping), list(mapping.values())


KINDS = Kinds(lambda cls: NAMEDTUPLE if is_namedtuple_type(cls) else None)
KINDS.update(
    {
        list: LIST,
        tuple: TUPLE,
        TrackedList: SEQUENCE,
        deque: SEQUENCE._replace(rebuild=lambda structure, keys, children: deque(children, structure.maxlen)),
        dict: DICT._replace(open=_open_mapping),
        defaultdict: MUTABLE_MAPPING._replace(open=_open_mapping),
        TrackedDict: MUTABLE_MAPPING._replace(open=_open_mapping),
        OrderedDict: MUTABLE_MAPPING._replace(open=_open_in_order),
    }
)


class MAP_TO_NONE:
    """What a function given to `traverse` returns to put None in place of a part."""


def is_nested(structure: Any) -> bool:
    """Whether the value is a structure rather than a leaf.

    Example:
      >>> tf.keras.tree.is_nested({"a": 1}), tf.keras.tree.is_nested(1)
      (True, False)
    """
    return KINDS[type(structure)] is not None


def flatten(structure: Any) -> list:
    """The leaves of a structure; a dict is read in the order of its sorted keys, an OrderedDict in its own.

    Example:
      >>> tf.keras.tree.flatten({"b": 1, "a": [2, (3, None)]})
      [2, 3, None, 1]
    """
    return flatten_as(KINDS, structure)


def flatten_with_path(structure: Any) -> list[tuple[tuple, Any]]:
    """Pairs of path and leaf; a path is a tuple of keys and indices.

    Example:
      >>> tf.keras.tree.flatten_with_path([{"a": 42}])
      [((0, 'a'), 42)]
    """
    return list(flatten_with_path_as(KINDS, structure))


def map_structure(func: Callable, *structures: Any, none_is_leaf: bool = True) -> Any:
    """Applies `func` to corresponding leaves of one or more structures.

    Args:
      func: callable with as many arguments as there are structures.
      *structures: structures of the same layout; the result has the type of the first.
      none_is_leaf: whether `func` is called on None; if not, None stays None.
    Raises:
      TypeError: `func` is not callable.
      ValueError: there is no structure, or the structures differ.
    Example:
      >>> tf.keras.tree.map_structure(lambda x, y: x + y, [1, {"a": 2}], [10, {"a": 20}])
      [11, {'a': 22}]
    """
    _check_call("map_structure", func, structures)
    if not none_is_leaf:
        func = _skip_none(func)
    if len(structures) == 1:
        return map_as(KINDS, func, structures[0])
    return _map_like(func, structures[0], structures, is_exact=True)


def map_structure_up_to(shallow_structure: Any, func: Callable, *structures: Any) -> Any:
    """Applies `func` to the parts of structures that stand where `shallow_structure` has leaves.

    Args:
      shallow_structure: the layout that all structures begin with; the result has its types.
      func: callable with as many arguments as there are structures.
      *structures: structures that may be nested deeper.
    Raises:
      TypeError: `func` is not callable.
      ValueError: there is no structure, or one does not begin with the layout.
    Example:
      >>> tf.keras.tree.map_structure_up_to([0, 0], len, [[1, 1], [2, 2, 2]])
      [2, 3]
    """
    _check_call("map_structure_up_to", func, structures)
    return _map_like(func, shallow_structure, structures, is_exact=False)


def _check_call(name: str, func: Any, structures: tuple) -> None:
    if not callable(func):
        raise TypeError(f"keras.tree.{name}: func is {func!r}; it must be callable.")
    if not structures:
        raise ValueError(f"keras.tree.{name}: Must provide at least one structure.")


def _skip_none(func):
    def call(*leaves):
        nones = sum(leaf is None for leaf in leaves)
        if nones not in (0, len(leaves)):
            raise ValueError("Structures don't have the same nested structure: one has None where another has a leaf.")
        return None if nones else func(*leaves)

    return call


def _map_like(func, layout, structures, is_exact):
    """`func` of the parts of structures at the leaves of `layout`; exact if these must be leaves too."""
    kind = KINDS[type(layout)]
    if kind is None:
        if is_exact and any(is_nested(structure) for structure in structures):
            raise ValueError("Structures don't have the same nested structure: one has a leaf where another goes on.")
        return func(*structures)
    keys, children = kind.open(layout)
    columns = [_children_like(kind, layout, keys, len(children), structure) for structure in structures]
    mapped = [_map_like(func, child, row, is_exact) for child, *row in zip(children, *columns, strict=True)]
    return kind.rebuild(layout, keys, mapped)


def _children_like(kind: Kind, layout: Any, keys: Any, count: int, structure: Any) -> Any:
    """The children of a structure in the order of the layout's."""
    other = KINDS[type(structure)]
    if kind.is_mapping and other is not None and other.is_mapping:
        if set(keys) != set(structure):
            raise ValueError(f"Structures don't have the same nested structure: keys are {keys} and {list(structure)}.")
        return [structure[key] for key in keys]
    if type(structure) is not type(layout):
        raise ValueError(
            "Structures don't have the same nested structure: expected an instance of "
            f"{type(layout).__name__}, got {type(structure).__name__}."
        )
    if len(structure) != count:
        raise ValueError(
            "Structures don't have the same nested structure: the numbers of elements are "
            f"{count} and {len(structure)}."
        )
    return structure


def assert_same_structure(a: Any, b: Any, check_types: bool | None = None) -> None:
    """Raises ValueError unless two structures are nested in the same way; leaves may be anything.

    Args:
      a: a structure or leaf.
      b: likewise. Mappings with the same keys count as the same; other types must be equal.
      check_types: has no effect any more, and warns.
    Example:
      >>> tf.keras.tree.assert_same_structure([(0, 1)], [("a", None)])
    """
    if check_types is not None:
        warnings.warn(
            "keras.tree.assert_same_structure: check_types has no effect any more. "
            "Use keras.tree.assert_same_paths to compare without types.",
            DeprecationWarning,
            stacklevel=2,
        )
    _map_like(lambda *leaves: None, a, (a, b), is_exact=True)


def assert_same_paths(a: Any, b: Any) -> None:
    """Raises ValueError unless two structures have leaves at the same paths, whatever their types.

    Example:
      >>> tf.keras.tree.assert_same_paths([0, 1], (2, 3))
    """
    a_paths, b_paths = ({path for path, _ in flatten_with_path(structure)} for structure in (a, b))
    if a_paths != b_paths:
        raise ValueError(
            f"`a` and `b` don't have the same paths: only in `a` are {a_paths - b_paths or 'none'}, "
            f"only in `b` {b_paths - a_paths or 'none'}."
        )


def pack_sequence_as(structure: Any, flat_sequence: Iterable) -> Any:
    """Packs leaves into a structure like the given one: the inverse of `flatten`.

    Raises:
      TypeError: `flat_sequence` is not iterable.
      ValueError: the number of leaves is not that of `structure`.
    Example:
      >>> tf.keras.tree.pack_sequence_as({"b": 0, "a": (0, 0)}, [1, 2, 3])
      {'b': 3, 'a': (1, 2)}
    """
    return pack_as(KINDS, structure, list(flat_sequence))


def traverse(func: Callable, structure: Any, top_down: bool = True) -> Any:
    """Applies `func` to the structure, its parts and its leaves, and puts what it returns in their places.

    Args:
      func: callable of one argument. Where it returns None the part stays as it is, and is gone into when going down;
        `MAP_TO_NONE` puts None in its place.
      structure: a structure or leaf.
      top_down: whether a part comes before the parts it holds.
    Raises:
      TypeError: `func` is not callable.
    Example:
      >>> tf.keras.tree.traverse(lambda x: sum(x) if isinstance(x, tuple) else None, [(1, 2), [3]])
      [3, [3]]
    """
    if not callable(func):
        raise TypeError(f"keras.tree.traverse: func is {func!r}; it must be callable.")
    return _traverse(func, structure, top_down)


def _traverse(func, structure, top_down):
    result = func(structure) if top_down else None
    if result is None:
        kind = KINDS[type(structure)]
        if kind is not None:
            keys, children = kind.open(structure)
            structure = kind.rebuild(structure, keys, [_traverse(func, child, top_down) for child in children])
        result = None if top_down else func(structure)
    if result is None:
        return structure
    return None if result is MAP_TO_NONE else result


def lists_to_tuples(structure: Any) -> Any:
    """The structure with tuples in place of its lists.

    Example:
      >>> tf.keras.tree.lists_to_tuples([1, {"a": [2]}])
      (1, {'a': (2,)})
    """
    return traverse(lambda part: tuple(part) if isinstance(part, list) else None, structure, top_down=False)


def map_shape_structure(func: Callable, structure: Any) -> Any:
    """Applies `func` to the shapes in a structure: tuples and lists of ints and Nones.

    Example:
      >>> tf.keras.tree.map_shape_structure(len, {"a": (None, 3), "b": [(2,), (4, 5, 6)]})
      {'a': 2, 'b': [1, 3]}
    """
    if isinstance(structure, (tuple, list)) and all(size is None or isinstance(size, int) for size in structure):
        return func(structure)
    kind = KINDS[type(structure)]
    if kind is None:
        return func(structure)
    keys, children = kind.open(structure)
    return kind.rebuild(structure, keys, [map_shape_structure(func, child) for child in children])
