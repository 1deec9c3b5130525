"""keras.tree; expected values and error classes are those of Keras 3.15."""

from collections import Counter, OrderedDict, UserDict, defaultdict, deque, namedtuple

import pytest

from tenfold.keras import tree
from tenfold.keras.tracking import TrackedDict, TrackedList

Point = namedtuple("Point", "y x")
Twin = namedtuple("Point", "y x")


class List(list):
    pass


@pytest.mark.parametrize("leaf", [1, None, "ab", {1}, range(2), List([1]), UserDict(a=1), Counter("ab")], ids=type)
def test_leaf(leaf):
    assert not tree.is_nested(leaf)
    assert tree.flatten(leaf) == [leaf]
    assert tree.map_structure(id, leaf) == id(leaf)
    assert tree.pack_sequence_as(leaf, ["new"]) == "new"


@pytest.mark.parametrize(
    "structure, leaves, numbered",
    [
        ([5, (6, [None])], [5, 6, None], [0, (1, [2])]),
        ({"b": 5, "a": 6}, [6, 5], {"b": 1, "a": 0}),
        ({"b": 5, 1: 6}, [6, 5], {"b": 1, 1: 0}),
        (OrderedDict(b=5, a=6), [5, 6], OrderedDict(b=0, a=1)),
        (defaultdict(list, b=5, a=6), [6, 5], defaultdict(list, b=1, a=0)),
        (deque([5], maxlen=2), [5], deque([0], maxlen=2)),
        (Point(5, 6), [5, 6], Point(0, 1)),
        (TrackedList([5, [6]]), [5, 6], TrackedList([0, [1]])),
        (TrackedDict({"b": 5, "a": 6}), [6, 5], TrackedDict({"b": 1, "a": 0})),
    ],
    ids=lambda value: type(value).__name__,
)
def test_structure_comes_apart_and_together(structure, leaves, numbered):
    assert tree.is_nested(structure)
    assert tree.flatten(structure) == leaves
    packed = tree.pack_sequence_as(structure, range(len(leaves)))
    assert (type(packed), packed) == (type(numbered), numbered)
    counter = iter(range(len(leaves)))
    assert tree.map_structure(lambda _: next(counter), structure) == numbered
    assert tree.map_structure(lambda x, y: y, structure, numbered) == numbered
    if isinstance(structure, deque):
        assert packed.maxlen == 2


def test_flatten_with_path():
    structure = [{"a": 1}, (2, [3]), Point(4, 5), OrderedDict(z=6, a=7)]
    paths = [(0, "a"), (1, 0), (1, 1, 0), (2, 0), (2, 1), (3, "z"), (3, "a")]
    assert tree.flatten_with_path(structure) == list(zip(paths, range(1, 8), strict=True))
    assert tree.flatten_with_path(5) == [((), 5)]


def test_map_structure_pairs_mappings_by_key():
    pair = lambda x, y: (x, y)  # noqa: E731
    assert tree.map_structure(pair, {"a": 1, "b": 2}, OrderedDict(b=3, a=4)) == {"a": (1, 4), "b": (2, 3)}
    mapped = tree.map_structure(pair, OrderedDict(b=3, a=4), {"a": 1, "b": 2})
    assert mapped == OrderedDict([("b", (3, 2)), ("a", (4, 1))])


def test_map_structure_none_is_leaf():
    assert tree.map_structure(lambda x: 3, [None, 1]) == [3, 3]
    assert tree.map_structure(lambda x: 3, [None, 1], none_is_leaf=False) == [None, 3]
    assert tree.map_structure(lambda x: 3, None, none_is_leaf=False) is None
    assert tree.map_structure(lambda x, y: 3, [None, 1], [None, 2], none_is_leaf=False) == [None, 3]
    with pytest.raises(ValueError, match="None"):
        tree.map_structure(lambda x, y: 3, [None, 1], [2, 1], none_is_leaf=False)


@pytest.mark.parametrize(
    "a, b",
    [
        ([1], (1,)),
        ([1], [2, 3]),
        ([1], [[2]]),
        ([1], 1),
        (1, [1]),
        ({"a": 1}, {"b": 1}),
        (Point(1, 2), Twin(1, 2)),
        (Point(1, 2), (1, 2)),
        (deque([1]), [1]),
        (TrackedList([1]), [1]),
        ([(0, 1)], [[2, 3]]),
    ],
    ids=str,
)
def test_different_structures_are_a_value_error(a, b):
    with pytest.raises(ValueError, match="same nested structure"):
        tree.assert_same_structure(a, b)
    with pytest.raises(ValueError, match="same nested structure"):
        tree.map_structure(lambda x, y: x, a, b)


@pytest.mark.parametrize(
    "a, b",
    [([(0, 1)], [(2, 3)]), ({"a": 1}, OrderedDict(a=1)), ({"a": 1}, defaultdict(int, a=1)), ([None], [1]), (1, "a")],
    ids=str,
)
def test_same_structure(a, b):
    tree.assert_same_structure(a, b)


def test_check_types_warns():
    with pytest.warns(DeprecationWarning, match="check_types has no effect"):
        tree.assert_same_structure([1], [2], check_types=True)


def test_assert_same_paths():
    tree.assert_same_paths(Point(1, 2), [1, 2])
    with pytest.raises(ValueError, match=r"only in `b` \{\(2,\)\}"):
        tree.assert_same_paths([0, 1], (2, 3, 4))


def test_map_structure_up_to():
    assert tree.map_structure_up_to([0, 0], len, [[1, 1], [2, 2, 2]]) == [2, 3]
    assert tree.map_structure_up_to([0, [0, 0]], str, [[1, 1], [2, 2]]) == ["[1, 1]", ["2", "2"]]
    assert tree.map_structure_up_to([0, 0], lambda a, b: (a, b), [[1], 2], [3, 4]) == [([1], 3), (2, 4)]
    assert tree.map_structure_up_to(1, str, [1]) == "[1]"


@pytest.mark.parametrize("shallow, structure", [([0, [0]], [1, 2]), ([0, 0], [1]), ([0], (1,))])
def test_map_structure_up_to_needs_the_layout(shallow, structure):
    with pytest.raises(ValueError, match="same nested structure"):
        tree.map_structure_up_to(shallow, str, structure)


@pytest.mark.parametrize("function", [tree.map_structure, lambda *args: tree.map_structure_up_to([0], *args)])
def test_mapping_checks_its_arguments(function):
    with pytest.raises(ValueError, match="at least one structure"):
        function(str)
    with pytest.raises(TypeError, match="must be callable"):
        function(5, [1])


@pytest.mark.parametrize("structure, flat", [([1, 2], [1]), ([1, 2], [1, 2, 3]), (1, [1, 2])])
def test_pack_sequence_as_needs_the_right_number_of_leaves(structure, flat):
    with pytest.raises(ValueError, match="Could not pack sequence"):
        tree.pack_sequence_as(structure, flat)


def test_pack_sequence_as_needs_an_iterable():
    with pytest.raises(TypeError):
        tree.pack_sequence_as([1], 5)
    assert tree.pack_sequence_as([1, 2], iter("ab")) == ["a", "b"]


def test_traverse_visits_parents_first_or_last():
    structure = [(1, 2), [3], {"a": 4}]
    seen = []
    assert tree.traverse(seen.append, structure) == structure
    assert seen == [structure, (1, 2), 1, 2, [3], 3, {"a": 4}, 4]
    seen = []
    tree.traverse(seen.append, structure, top_down=False)
    assert seen == [1, 2, (1, 2), 3, [3], 4, {"a": 4}, structure]


@pytest.mark.parametrize("top_down", [True, False])
def test_traverse_replaces_parts(top_down):
    structure = [(1, 2), [3]]
    replace = lambda by: lambda part: by if isinstance(part, tuple) else None  # noqa: E731
    assert tree.traverse(replace("T"), structure, top_down=top_down) == ["T", [3]]
    assert tree.traverse(replace(tree.MAP_TO_NONE), structure, top_down=top_down) == [None, [3]]
    assert tree.traverse(lambda part: None, [None], top_down=top_down) == [None]
    assert tree.traverse(lambda x: x + 1 if isinstance(x, int) else None, {"a": [1]}, top_down=top_down) == {"a": [2]}


def test_traverse_needs_a_callable():
    with pytest.raises(TypeError, match="must be callable"):
        tree.traverse(5, [1])


@pytest.mark.parametrize("structure", [[1], List([1]), TrackedList([1])], ids=type)
def test_lists_to_tuples(structure):
    assert tree.lists_to_tuples(structure) == (1,)
    assert tree.lists_to_tuples({"a": structure, "b": (structure,)}) == {"a": (1,), "b": ((1,),)}


@pytest.mark.parametrize(
    "structure, expected",
    [
        ((1, None), "(1, None)"),
        ((), "()"),
        ([(1, None), {"a": (2, 3)}, [4, 5]], ["(1, None)", {"a": "(2, 3)"}, "[4, 5]"]),
        ([None, (1,)], ["None", "(1,)"]),
    ],
)
def test_map_shape_structure(structure, expected):
    assert tree.map_shape_structure(str, structure) == expected
