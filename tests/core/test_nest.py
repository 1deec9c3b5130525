"""tf.nest; expected values, error classes and key phrases are those of TensorFlow 2.21."""

import collections
import types
from collections import ChainMap, Counter, OrderedDict, UserDict, UserList, defaultdict, deque, namedtuple
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tenfold as tf
from tenfold.core.nest import PLAIN, flatten_with_path_as
from tenfold.core.shapes import TensorShape
from tenfold.core.spec import TensorSpec, TypeSpec
from tenfold.nest import assert_same_structure, flatten, is_nested, map_structure, pack_sequence_as

Point = namedtuple("Point", "y x")
Twin = namedtuple("Point", "y x")
Other = namedtuple("Other", "y x")


class Point3(Point):
    pass


class List(list):
    pass


class Tuple(tuple):
    pass


class Dict(dict):
    pass


class FrozenMapping(collections.abc.Mapping):
    def __init__(self, items):
        self.items_ = dict(items)

    def __getitem__(self, key):
        return self.items_[key]

    def __iter__(self):
        return iter(self.items_)

    def __len__(self):
        return len(self.items_)


class Sequence(collections.abc.Sequence):
    def __init__(self, items=()):
        self.items_ = list(items)

    def __getitem__(self, index):
        return self.items_[index]

    def __len__(self):
        return len(self.items_)

    def __eq__(self, other):
        return type(other) is Sequence and other.items_ == self.items_


@dataclass
class Plain:
    x: int
    y: int


@dataclass
class Flattening:
    """Opened by `tf.nest` through its own methods; `label` belongs to the structure."""

    label: str
    x: object
    y: object

    def __tf_flatten__(self):
        return (self.label,), (self.x, self.y)

    @classmethod
    def __tf_unflatten__(cls, metadata, components):
        return cls(*metadata, *components)


class Attrs:
    """What the `attrs` package makes, as far as `tf.nest` looks at it."""

    __attrs_attrs__ = (types.SimpleNamespace(name="b"), types.SimpleNamespace(name="a"))

    def __init__(self, b, a):
        self.b, self.a = b, a

    def __eq__(self, other):
        return (self.b, self.a) == (other.b, other.a)


class PairSpec(TypeSpec):
    def __init__(self, size):
        self.size = size

    value_type = property(lambda self: Pair)
    _component_specs = property(lambda self: (TensorSpec([self.size]), TensorSpec([])))

    def _serialize(self):
        return (self.size,)

    def _to_components(self, value):
        return (value.left, value.right)

    def _from_components(self, components):
        return Pair(*components)


class Pair:
    """A composite tensor."""

    def __init__(self, left, right):
        self.left, self.right = left, right

    @property
    def _type_spec(self):
        return PairSpec(len(self.left))


@pytest.mark.parametrize(
    "leaf",
    [
        1,
        None,
        "ab",
        b"ab",
        {1, 2},
        frozenset([1]),
        np.arange(3),
        Plain(1, 2),
        types.SimpleNamespace(a=1),
        collections.UserString("ab"),
        TensorShape([1, 2]),
        TensorSpec([1]),
        tf.constant([1, 2]),
        tf.Variable([1.0]),
        iter([1]),
        int,
    ],
    ids=lambda leaf: type(leaf).__name__,
)
def test_leaf(leaf):
    assert not is_nested(leaf)
    assert flatten(leaf) == [leaf] or flatten(leaf)[0] is leaf
    assert flatten(leaf, expand_composites=True)[0] is leaf
    assert map_structure(id, leaf) == id(leaf)
    assert pack_sequence_as(leaf, ["new"]) == "new"


@pytest.mark.parametrize(
    "structure, leaves, numbered",
    [
        ([], [], []),
        ((), [], ()),
        ({}, [], {}),
        ([[], {}, ()], [], [[], {}, ()]),
        ([5, (6,), [[7]]], [5, 6, 7], [0, (1,), [[2]]]),
        ({"b": 5, "a": [6]}, [6, 5], {"b": 1, "a": [0]}),
        (OrderedDict([("b", 5), ("a", 6)]), [6, 5], OrderedDict([("b", 1), ("a", 0)])),
        (defaultdict(list, {"b": 5, "a": 6}), [6, 5], defaultdict(list, {"b": 1, "a": 0})),
        (Counter("ab"), [1, 1], Counter(a=0, b=1)),
        (Dict(b=5, a=6), [6, 5], Dict(b=1, a=0)),
        (UserDict({"b": 5, "a": 6}), [6, 5], UserDict({"b": 1, "a": 0})),
        (ChainMap({"a": 5}), [5], ChainMap({"a": 0})),
        (FrozenMapping({"b": 5, "a": 6}), [6, 5], FrozenMapping({"b": 1, "a": 0})),
        (Point(5, 6), [5, 6], Point(0, 1)),
        (Point3(5, 6), [5, 6], Point3(0, 1)),
        (List([5]), [5], List([0])),
        (Tuple([5]), [5], Tuple([0])),
        (UserList([5]), [5], UserList([0])),
        (deque([5, 6]), [5, 6], deque([0, 1])),
        (Sequence([5, 6]), [5, 6], Sequence([0, 1])),
        (range(2), [0, 1], [0, 1]),
        ({"b": 5, "a": 6}.values(), [5, 6], [0, 1]),
        ({"b": 5, "a": 6}.keys(), ["b", "a"], [0, 1]),
        ({"b": 5}.items(), ["b", 5], [(0, 1)]),
        (Flattening("l", 5, [6]), [5, 6], Flattening("l", 0, [1])),
        (Attrs(5, 6), [5, 6], Attrs(0, 1)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_structure_comes_apart_and_together(structure, leaves, numbered):
    assert is_nested(structure)
    assert flatten(structure) == leaves
    packed = pack_sequence_as(structure, list(range(len(leaves))))
    assert type(packed) is type(numbered)
    assert packed == numbered
    counter = iter(range(len(leaves)))
    assert map_structure(lambda _: next(counter), structure) == numbered


def test_mapping_keeps_the_order_of_its_keys():
    structure = {"b": 1, "c": 2, "a": 3}
    assert list(map_structure(lambda x: x, structure)) == ["b", "c", "a"]
    assert list(pack_sequence_as(OrderedDict(structure), [1, 2, 3])) == ["b", "c", "a"]


def test_defaultdict_keeps_its_factory():
    assert map_structure(lambda x: x, defaultdict(list, a=1)).default_factory is list


def test_list_is_copied():
    structure = [1, [2]]
    mapped = map_structure(lambda x: x, structure)
    assert mapped == structure
    assert mapped is not structure
    assert mapped[1] is not structure[1]


def test_keys_that_cannot_be_sorted_are_a_type_error():
    with pytest.raises(TypeError, match="cannot be sorted"):
        flatten({1: 1, "a": 2})


def test_map_structure_takes_several_structures():
    assert map_structure(lambda x, y: x + y, {"a": 1, "b": (2,)}, OrderedDict(b=(20,), a=10)) == {"a": 11, "b": (22,)}
    assert map_structure(lambda *xs: xs, [1], [2], [3]) == [(1, 2, 3)]
    assert map_structure(lambda x, y: x + y, 1, 2) == 3


def test_map_structure_without_types_keeps_those_of_the_first():
    assert map_structure(lambda x, y: x + y, (1,), [2], check_types=False) == (3,)
    assert map_structure(lambda x, y: x + y, {"a": 1}, [2], check_types=False) == {"a": 3}


def test_map_structure_checks_its_arguments():
    with pytest.raises(TypeError, match="must be callable"):
        map_structure(1, [1])
    with pytest.raises(ValueError, match="Must provide at least one structure"):
        map_structure(len)
    with pytest.raises(ValueError, match="same nested structure"):
        map_structure(max, [1], [1, 2])
    with pytest.raises(TypeError, match="same nested structure"):
        map_structure(max, [1], (1,))


@pytest.mark.parametrize(
    "flat", [5, "ab", np.arange(2), {"a": 1, "b": 2}, iter([1, 2])], ids=lambda f: type(f).__name__
)
def test_pack_sequence_as_needs_a_sequence(flat):
    with pytest.raises(TypeError, match="it must be a list or tuple"):
        pack_sequence_as([0, 0], flat)


@pytest.mark.parametrize("structure, flat", [([1, [2]], [3]), ([1, [2]], [3, 4, 5]), ([], [1]), (1, []), (1, [2, 3])])
def test_pack_sequence_as_needs_the_right_number_of_leaves(structure, flat):
    with pytest.raises(
        ValueError, match=f"had {len(flatten(structure))} atoms, but flat_sequence had {len(flat)} items"
    ):
        pack_sequence_as(structure, flat)


def test_map_structure_lets_stop_iteration_of_the_function_pass():
    def stop(_):
        raise StopIteration("mine")

    with pytest.raises(StopIteration, match="mine"):
        map_structure(stop, [1])
    with pytest.raises(StopIteration, match="mine"):
        map_structure(lambda x, y: stop(x), [1], [2])


@pytest.mark.parametrize(
    "a, b",
    [
        ([1, 2], ["a", None]),
        ("abc", 5),
        ([], []),
        ({"a": 1}, OrderedDict(a=2)),
        (FrozenMapping({"a": 1}), Dict(a=2)),
        ([1], List([1])),
        (Point(1, 2), Twin(1, 2)),
        (Flattening("l", 1, 2), Flattening("m", 3, 4)),
        ({"a": 1}.values(), {"b": 1}.values()),
        ([np.zeros(2)], [np.zeros(3)]),
        ([Pair(np.array([1.0]), 2.0)], [1]),
    ],
)
def test_same_structure(a, b):
    assert_same_structure(a, b)
    assert_same_structure(b, a)


@pytest.mark.parametrize(
    "a, b, error, phrase",
    [
        ([1, [2]], [1, 2], ValueError, r"at \[1\], type list is a sequence, while type int is not"),
        ({"a": 1}, {"a": [1]}, ValueError, r"at \['a'\], type list is a sequence, while type int is not"),
        (None, [], ValueError, "at the top, type list is a sequence, while type NoneType is not"),
        ([1], [1, 2], ValueError, "same number of elements: 1 and 2"),
        ([[[1]]], [[[1, 2]]], ValueError, r"at \[0\]\[0\], they don't have the same number of elements"),
        ({"a": 1}, {"b": 1}, ValueError, "same set of keys"),
        ({"a": 1}, {"a": 1, "b": 2}, ValueError, "same set of keys"),
        ([1], (1,), TypeError, "same sequence type: list and tuple"),
        ({"a": 1}, [1], TypeError, "same sequence type: dict and list"),
        (Tuple((1,)), (1,), TypeError, "same sequence type: Tuple and tuple"),
        (Point(1, 2), (1, 2), TypeError, "same sequence type: Point and tuple"),
        (Point(1, 2), Other(1, 2), TypeError, "same sequence type: Point and Other"),
        (Point(1, 2), Point3(1, 2), TypeError, "same sequence type: Point and Point3"),
        (Point(1, 2), namedtuple("Point", "a b")(1, 2), TypeError, "same sequence type"),
        (deque([1]), [1], TypeError, "same sequence type: deque and list"),
        (range(1), [1], TypeError, "same sequence type: range and list"),
        (Flattening("l", 1, 2), [1, 2], TypeError, "same sequence type: Flattening and list"),
        (Flattening("l", 1, 2), Flattening("l", 1, [2]), ValueError, "is a sequence"),
        (np.zeros(2), [1, 2], ValueError, "type list is a sequence, while type ndarray is not"),
    ],
)
def test_different_structure(a, b, error, phrase):
    with pytest.raises(error, match=phrase) as caught:
        assert_same_structure(a, b)
    assert str(caught.value).startswith("The two structures don't have the same nested structure")


def test_different_structure_is_shown_without_leaves():
    with pytest.raises(ValueError) as caught:
        assert_same_structure(["secret", ["x"]], ["secret", "y"])
    assert str(caught.value).endswith("Entire first structure:\n[., [.]]\nEntire second structure:\n[., .]")


@pytest.mark.parametrize(
    "a, b", [([1], (1,)), ({"a": 1}, [1]), ({"a": 1}, {"b": 1}), (Point(1, 2), [1, 2]), (range(2), (3, 4))]
)
def test_same_structure_without_types(a, b):
    assert_same_structure(a, b, check_types=False)


def test_composite_is_a_leaf_unless_expanded():
    pair = Pair(np.array([1.0, 2.0]), 3.0)
    assert flatten([pair, 4]) == [pair, 4]
    assert flatten([pair, 4], expand_composites=True) == [pair.left, 3.0, 4]
    mapped = map_structure(lambda x: -x, [pair], expand_composites=True)[0]
    assert (type(mapped), mapped.left.tolist(), mapped.right) == (Pair, [-1.0, -2.0], -3.0)
    packed = pack_sequence_as([pair], [7, 8], expand_composites=True)[0]
    assert (packed.left, packed.right) == (7, 8)


def test_spec_of_a_composite_stands_for_it():
    pair = Pair(np.array([1.0, 2.0]), 3.0)
    assert flatten(PairSpec(2)) == [PairSpec(2)]
    assert flatten(PairSpec(2), expand_composites=True) == [TensorSpec([2]), TensorSpec([])]
    packed = pack_sequence_as(PairSpec(2), ["l", "r"], expand_composites=True)
    assert (packed.left, packed.right) == ("l", "r")
    assert_same_structure([pair], [Pair(np.array([5.0, 6.0]), 7.0)], expand_composites=True)
    assert_same_structure([pair], [PairSpec(2)], expand_composites=True)
    with pytest.raises(ValueError, match="type specs of composite tensors are incompatible"):
        assert_same_structure([pair], [PairSpec(3)], expand_composites=True)
    with pytest.raises(ValueError, match="type Pair is a sequence, while type int is not"):
        assert_same_structure([pair], [1], expand_composites=True)


def test_flatten_with_path():
    structure = {"b": [5, (6,)], "a": Point(7, 8)}
    assert list(flatten_with_path_as(PLAIN, structure)) == [
        (("a", 0), 7),
        (("a", 1), 8),
        (("b", 0), 5),
        (("b", 1, 0), 6),
    ]
    assert list(flatten_with_path_as(PLAIN, 5)) == [((), 5)]


STRUCTURES = st.recursive(
    st.integers() | st.none() | st.text(max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=2), inner, max_size=3)
        | st.tuples(inner, inner).map(lambda pair: Point(*pair))
    ),
    max_leaves=10,
)


@given(STRUCTURES)
def test_pack_undoes_flatten(structure):
    leaves = flatten(structure)
    assert not any(is_nested(leaf) for leaf in leaves)
    assert pack_sequence_as(structure, leaves) == structure
    assert map_structure(lambda x: x, structure) == structure
    assert map_structure(lambda x, y: x, structure, structure) == structure
    assert [leaf for _, leaf in flatten_with_path_as(PLAIN, structure)] == leaves
    assert_same_structure(structure, map_structure(lambda _: None, structure))
