"""Nested structures: lists, tuples, mappings and their like, whose leaves are flattened, mapped and packed again.

What counts as a structure is a table from type to `Kind`, filled as types are met, so that every question costs one
dict lookup. `tf.nest` has two tables, one that opens composite tensors and one that does not; `keras.tree` has its
own. The functions with a `kinds` argument serve them all.
"""

from collections import UserString, defaultdict
from collections.abc import Callable, Iterator, Mapping, MappingView, MutableMapping, Sequence
from typing import Any, NamedTuple


class Kind(NamedTuple):
    """How structures of one type come apart and together again.

    `open(structure)` gives keys and children in the order of flattening; keys are None where indices will do.
    `rebuild(structure, keys, children)` makes a structure like the given one of a fresh list of other children.
    """

    open: Callable[[Any], tuple[Sequence[Any] | None, Sequence[Any]]]
    rebuild: Callable[[Any, Any, list], Any]
    is_mapping: bool = False


class Kinds(dict):
    """Types mapped to their `Kind`, None for leaves; `resolve` is asked once for each type."""

    def __init__(self, resolve: Callable[[type], Kind | None]):
        super().__init__()
        self._resolve = resolve

    def __missing__(self, cls: type) -> Kind | None:
        kind = self[cls] = self._resolve(cls)
        return kind


def _open_sequence(structure):
    return None, structure


def _open_mapping(mapping):
    try:
        keys = sorted(mapping)
    except TypeError as error:
        raise TypeError(f"tf.nest: the keys of a {type(mapping).__name__} cannot be sorted: {error}") from None
    return keys, [mapping[key] for key in keys]


def _rebuild_dict(structure, keys, children):
    values = dict(zip(keys, children, strict=True))
    return {key: values[key] for key in structure}


def _rebuild_mutable_mapping(structure, keys, children):
    cls = type(structure)
    mapping = cls(structure.default_factory) if issubclass(cls, defaultdict) else cls()
    for key, value in _rebuild_dict(structure, keys, children).items():
        mapping[key] = value
    return mapping


def _rebuild_mapping(structure, keys, children):
    return type(structure)(_rebuild_dict(structure, keys, children))


def _open_attrs(structure):
    names = [attribute.name for attribute in structure.__attrs_attrs__]
    return names, [getattr(structure, name) for name in names]


def _rebuild_protocol(structure, keys, children):
    return type(structure).__tf_unflatten__(structure.__tf_flatten__()[0], tuple(children))


def _open_composite(value):
    spec = value._type_spec
    return [spec.value_type.__name__], [spec._to_components(value)]


def _open_type_spec(spec):
    return [spec.value_type.__name__], [spec._component_specs]


LIST = Kind(_open_sequence, lambda structure, keys, children: children)
TUPLE = Kind(_open_sequence, lambda structure, keys, children: tuple(children))
SEQUENCE = Kind(_open_sequence, lambda structure, keys, children: type(structure)(children))
VIEW = Kind(lambda view: (None, list(view)), lambda view, keys, children: children)  # a view cannot be made of values
NAMEDTUPLE = Kind(_open_sequence, lambda structure, keys, children: type(structure)(*children))
DICT = Kind(_open_mapping, _rebuild_dict, is_mapping=True)
MUTABLE_MAPPING = Kind(_open_mapping, _rebuild_mutable_mapping, is_mapping=True)
MAPPING = Kind(_open_mapping, _rebuild_mapping, is_mapping=True)
ATTRS = Kind(_open_attrs, lambda structure, names, children: type(structure)(*children))
PROTOCOL = Kind(lambda structure: (None, structure.__tf_flatten__()[1]), _rebuild_protocol)
COMPOSITE = Kind(_open_composite, lambda value, keys, children: value._type_spec._from_components(children[0]))
TYPE_SPEC = Kind(_open_type_spec, lambda spec, keys, children: spec._from_components(children[0]))


def is_namedtuple_type(cls: type) -> bool:
    """Whether `cls` was made by `namedtuple` or derives from such a class."""
    return issubclass(cls, tuple) and hasattr(cls, "_fields")


def resolve(cls: type) -> Kind | None:
    """The kind of a type as `tf.nest` sees it: strings, sets, arrays and tensors are leaves."""
    if cls is list:
        return LIST
    if cls is tuple:
        return TUPLE
    if cls is dict:
        return DICT
    if issubclass(cls, MutableMapping):
        return MUTABLE_MAPPING
    if issubclass(cls, Mapping):
        return MAPPING
    if hasattr(cls, "__attrs_attrs__"):
        return ATTRS
    if is_namedtuple_type(cls):
        return NAMEDTUPLE
    if issubclass(cls, (MappingView, range)):
        return VIEW
    if issubclass(cls, Sequence) and not issubclass(cls, (str, bytes, UserString)):
        return SEQUENCE
    if hasattr(cls, "__tf_flatten__") and hasattr(cls, "__tf_unflatten__"):
        return PROTOCOL
    return None


def _resolve_composite(cls: type) -> Kind | None:
    """Like `resolve`, but composite tensors and their specs are structures of their components."""
    if getattr(cls, "_type_spec", None) is not None:
        return COMPOSITE
    if getattr(cls, "_component_specs", None) is not None:
        return TYPE_SPEC
    return resolve(cls)


PLAIN = Kinds(resolve)
EXPANDED = Kinds(_resolve_composite)


def flatten_as(kinds: Kinds, structure: Any) -> list:
    """The leaves of a structure."""
    kind = kinds[type(structure)]
    if kind is None:
        return [structure]
    flat: list = []
    _append_leaves(flat, kinds, kind, structure)
    return flat


def metadata(structure: Any) -> Any:
    """What a structure says beside its children, if its class has `__tf_flatten__`."""
    return structure.__tf_flatten__()[0] if PLAIN[type(structure)] is PROTOCOL else None


def all_metadata(structure: Any) -> list:
    """`metadata` of a structure and of all those in it."""
    kind = PLAIN[type(structure)]
    children = () if kind is None else kind.open(structure)[1]
    return [metadata(structure), *[x for child in children for x in all_metadata(child)]]


def _append_leaves(flat, kinds, kind, structure):
    for child in kind.open(structure)[1]:
        child_kind = kinds[type(child)]
        if child_kind is None:
            flat.append(child)
        else:
            _append_leaves(flat, kinds, child_kind, child)


def flatten_with_path_as(kinds: Kinds, structure: Any, path: tuple = ()) -> Iterator[tuple[tuple, Any]]:
    """Yields (path, leaf) for each leaf; a path is a tuple of keys and indices."""
    kind = kinds[type(structure)]
    if kind is None:
        yield path, structure
        return
    keys, children = kind.open(structure)
    for key, child in zip(keys or range(len(children)), children, strict=True):
        yield from flatten_with_path_as(kinds, child, (*path, key))


def map_as(kinds: Kinds, func: Callable, structure: Any) -> Any:
    """The structure with `func` applied to each leaf."""
    kind = kinds[type(structure)]
    return func(structure) if kind is None else _map_node(kinds, func, kind, structure)


def _map_node(kinds, func, kind, structure):
    keys, children = kind.open(structure)
    mapped = [
        func(child) if (child_kind := kinds[type(child)]) is None else _map_node(kinds, func, child_kind, child)
        for child in children
    ]
    return kind.rebuild(structure, keys, mapped)


def pack_as(kinds: Kinds, structure: Any, leaves: Sequence[Any]) -> Any:
    """A structure like the given one with other leaves.

    Raises:
      ValueError: there are too few or too many leaves.
    """
    remaining = iter(leaves)
    try:
        packed = map_as(kinds, lambda _: next(remaining), structure)
        is_exhausted = next(remaining, remaining) is remaining
    except StopIteration:
        is_exhausted = False
    if not is_exhausted:
        raise ValueError(
            f"Could not pack sequence. Structure had {len(flatten_as(kinds, structure))} atoms, "
            f"but flat_sequence had {len(leaves)} items.  Structure: {outline(structure)}."
        )
    return packed


class _Dot:
    def __repr__(self):
        return "."


def outline(structure: Any) -> str:
    """The structure with a dot for each leaf, for messages."""
    return str(map_as(PLAIN, lambda _: _Dot(), structure))


def check_same_structure(kinds: Kinds, a: Any, b: Any, check_types: bool) -> None:
    """Raises as `tf.nest.assert_same_structure` does."""
    difference = _difference(kinds, a, b, check_types)
    if difference is not None:
        error_class, path, text = difference
        raise error_class(
            f"The two structures don't have the same nested structure: at {path or 'the top'}, {text}\n"
            f"Entire first structure:\n{outline(a)}\nEntire second structure:\n{outline(b)}"
        )


def _difference(kinds, a, b, check_types):
    """Class, path and text of the error for the first place where the structures differ, or None."""
    a_kind, b_kind = kinds[type(a)], kinds[type(b)]
    if a_kind is None and b_kind is None:
        return None
    if a_kind is None or b_kind is None:
        nested, leaf = (a, b) if b_kind is None else (b, a)
        return ValueError, "", f"type {type(nested).__name__} is a sequence, while type {type(leaf).__name__} is not."
    if check_types:
        difference = _type_difference(a_kind, a, b_kind, b)
        if difference is not None:
            return difference[0], "", difference[1]
    (keys, a_children), (_, b_children) = a_kind.open(a), b_kind.open(b)
    if len(a_children) != len(b_children):
        counts = f"{len(a_children)} and {len(b_children)}"
        return ValueError, "", f"they don't have the same number of elements: {counts}."
    for i, a_child in enumerate(a_children):
        difference = _difference(kinds, a_child, b_children[i], check_types)
        if difference is not None:
            error_class, path, text = difference
            return error_class, f"[{(keys[i] if keys else i)!r}]{path}", text
    return None


def _type_difference(a_kind, a, b_kind, b):
    """Class and text of the error if two structures count as being of different types, or None."""
    a_type, b_type = type(a), type(b)
    if a_kind.is_mapping and b_kind.is_mapping:
        if a.keys() != b.keys():
            return ValueError, f"the two dictionaries don't have the same set of keys: {list(a)} and {list(b)}."
    elif a_kind in (COMPOSITE, TYPE_SPEC) and b_kind in (COMPOSITE, TYPE_SPEC):
        a_spec, b_spec = (x._type_spec if kind is COMPOSITE else x for x, kind in ((a, a_kind), (b, b_kind)))
        if a_spec.most_specific_common_supertype([b_spec]) is None:
            return ValueError, f"the type specs of composite tensors are incompatible: {a_spec} and {b_spec}."
    elif a_type is not b_type and not _is_interchangeable(a_type, b_type):
        return TypeError, f"they don't have the same sequence type: {a_type.__name__} and {b_type.__name__}."
    return None


def _is_interchangeable(a: Any, b: Any) -> bool:
    """Whether two types of sequences are as good as the same: lists, or namedtuples of one name and fields."""
    if is_namedtuple_type(a) and is_namedtuple_type(b):
        return (a.__name__, a._fields) == (b.__name__, b._fields)
    return issubclass(a, list) and issubclass(b, list)


def is_nested(seq: Any) -> bool:
    """Whether `seq` is a structure rather than a leaf; strings, sets, arrays and tensors are leaves.

    Example:
      >>> tf.nest.is_nested([1, 2]), tf.nest.is_nested("ab")
      (True, False)
    """
    return PLAIN[type(seq)] is not None


def flatten(structure: Any, expand_composites: bool = False) -> list:
    """The leaves of a nested structure in a list.

    Args:
      structure: lists, tuples, namedtuples, mappings, mapping views, attrs classes and classes with `__tf_flatten__`,
        nested to any depth, or a single leaf. Mappings are read in the order of their sorted keys.
      expand_composites: whether composite tensors (`tf.IndexedSlices`, ...) give their components.
    Raises:
      TypeError: the keys of a mapping cannot be sorted.
    Example:
      >>> tf.nest.flatten({"b": 1, "a": [2, (3, None)]})
      [2, 3, None, 1]
    """
    return flatten_as(EXPANDED if expand_composites else PLAIN, structure)


def map_structure(func: Callable, *structure: Any, check_types: bool = True, expand_composites: bool = False) -> Any:
    """Applies `func` to corresponding leaves of one or more structures.

    Args:
      func: callable with as many arguments as there are structures.
      *structure: structures of the same layout; the result has the type of the first.
      check_types: whether the types of sequences must match too.
      expand_composites: whether composite tensors (`tf.IndexedSlices`, ...) are taken apart.
    Raises:
      TypeError: `func` is not callable, or `check_types` and two sequences differ in type.
      ValueError: there is no structure, or the layouts differ.
    Example:
      >>> tf.nest.map_structure(lambda x, y: x + y, {"a": 1, "b": [2]}, {"a": 10, "b": [20]})
      {'a': 11, 'b': [22]}
    """
    if not callable(func):
        raise TypeError(f"tf.nest.map_structure: func is {func!r}; it must be callable.")
    if not structure:
        raise ValueError("tf.nest.map_structure: Must provide at least one structure.")
    kinds = EXPANDED if expand_composites else PLAIN
    first, *others = structure
    if not others:
        return map_as(kinds, func, first)
    for other in others:
        check_same_structure(kinds, first, other, check_types)
    leaves = zip(*[flatten_as(kinds, one) for one in structure], strict=True)
    return pack_as(kinds, first, [func(*row) for row in leaves])


def pack_sequence_as(structure: Any, flat_sequence: Sequence[Any], expand_composites: bool = False) -> Any:
    """Packs leaves into a structure like the given one: the inverse of `tf.nest.flatten`.

    Args:
      structure: the structure to imitate; its leaves are not used.
      flat_sequence: list of the new leaves, in the order of `tf.nest.flatten`.
      expand_composites: whether composite tensors (`tf.IndexedSlices`, ...) are made of their components.
    Raises:
      TypeError: `flat_sequence` is no sequence.
      ValueError: the number of leaves is not that of `structure`.
    Example:
      >>> tf.nest.pack_sequence_as({"b": 0, "a": (0, 0)}, [1, 2, 3])
      {'b': 3, 'a': (1, 2)}
    """
    kinds = EXPANDED if expand_composites else PLAIN
    if kinds[type(flat_sequence)] is None or isinstance(flat_sequence, Mapping):
        raise TypeError(
            f"tf.nest.pack_sequence_as: flat_sequence has type {type(flat_sequence).__name__}; "
            "it must be a list or tuple of leaves."
        )
    return pack_as(kinds, structure, flat_sequence)


def assert_same_structure(nest1: Any, nest2: Any, check_types: bool = True, expand_composites: bool = False) -> None:
    """Raises unless two structures are nested in the same way; leaves may be anything.

    Args:
      nest1: a structure or leaf.
      nest2: likewise.
      check_types: whether types of sequences and keys of mappings must match too. All mappings count as one type, all
        subclasses of list as one, and namedtuples are told apart by name and fields.
      expand_composites: whether composite tensors (`tf.IndexedSlices`, ...) are compared by their specs.
    Raises:
      ValueError: the structures differ in depth, length or keys.
      TypeError: `check_types`, and two sequences differ in type.
    Example:
      >>> tf.nest.assert_same_structure([1, (2, 3)], ["a", ("b", None)])
    """
    check_same_structure(EXPANDED if expand_composites else PLAIN, nest1, nest2, check_types)
