"""TensorShape; expected values and error classes are those of TensorFlow 2.21."""

import copy
import operator
import pickle
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.core.shapes import (
    Dimension,
    TensorShape,
    broadcast_shapes,
    broadcast_static_shape,
    dimension_value,
)

UNKNOWN = TensorShape(None)


class Index:
    def __index__(self):
        return 7


@pytest.mark.parametrize(
    "dims, expected",
    [
        ([], []),
        ([2, None], [2, None]),
        ((2, 3), [2, 3]),
        (3, [3]),
        (range(3), [0, 1, 2]),
        ((n for n in (1, 2)), [1, 2]),
        (np.array([3, 4]), [3, 4]),
        (np.int64(5), [5]),
        ([np.int32(2), Index()], [2, 7]),
        (TensorShape([1, None]), [1, None]),
        (Dimension(4), [4]),
        ([Dimension(4), Dimension(None)], [4, None]),
        ([2**40], [2**40]),
    ],
    ids=lambda value: re.sub(r" at 0x\w+", "", str(value)),
)
def test_shape_accepts(dims, expected):
    shape = TensorShape(dims)
    assert shape.as_list() == expected
    assert all(size is None or type(size) is int for size in shape)


@pytest.mark.parametrize("dims", ["ab", ["a"], [2.0], 2.5, [[1, 2]], object()])
def test_shape_refuses_what_is_no_integer(dims):
    with pytest.raises(TypeError, match="must be integer or None"):
        TensorShape(dims)


@pytest.mark.parametrize("dims", [-1, (2, -1)])
def test_shape_refuses_negative_sizes(dims):
    with pytest.raises(ValueError, match="Dimension -1 must be >= 0"):
        TensorShape(dims)


@pytest.mark.parametrize(
    "shape, as_repr, as_str",
    [
        (UNKNOWN, "TensorShape(None)", "<unknown>"),
        (TensorShape([]), "TensorShape([])", "()"),
        (TensorShape([1]), "TensorShape([1])", "(1,)"),
        (TensorShape([2, None]), "TensorShape([2, None])", "(2, None)"),
    ],
)
def test_text(shape, as_repr, as_str):
    assert (repr(shape), str(shape), f"{shape}") == (as_repr, as_str, as_str)


def test_sizes_of_known_rank():
    shape = TensorShape([1, None, 3])
    assert (shape.rank, shape.ndims, len(shape), bool(shape)) == (3, 3, 3, True)
    assert list(shape) == [1, None, 3]
    assert (shape[0], shape[1], shape[-1]) == (1, None, 3)
    assert 3 in shape
    assert list(reversed(shape)) == [3, None, 1]
    assert bool(TensorShape([])) is True


def test_sizes_of_unknown_rank():
    assert (UNKNOWN.rank, UNKNOWN.ndims, UNKNOWN.dims, bool(UNKNOWN)) == (None, None, None, False)
    with pytest.raises(ValueError, match="length of shape with unknown rank"):
        len(UNKNOWN)
    with pytest.raises(ValueError, match="iterate over a shape with unknown rank"):
        iter(UNKNOWN)
    with pytest.raises(ValueError, match="not defined on an unknown TensorShape"):
        UNKNOWN.as_list()
    assert UNKNOWN[3] is None


@pytest.mark.parametrize("key", [slice(1, None), slice(None, None, -1), slice(None, None, 2), slice(-2, None)])
def test_slice_is_that_of_the_list(key):
    sliced = TensorShape([1, 2, None])[key]
    assert isinstance(sliced, TensorShape)
    assert sliced.as_list() == [1, 2, None][key]


@pytest.mark.parametrize(
    "key, expected",
    [
        (slice(1, None), None),
        (slice(1, 3), [None, None]),
        (slice(None, 3), [None] * 3),
        (slice(None, -1), None),
        (slice(-2, None), None),
        (slice(2, 1), []),
    ],
)
def test_slice_of_unknown_rank(key, expected):
    assert UNKNOWN[key] == TensorShape(expected)


def test_slice_of_unknown_rank_with_step_is_an_error():
    with pytest.raises(ValueError, match="Steps"):
        UNKNOWN[::2]


@pytest.mark.parametrize("key, error", [(5, IndexError), ("a", TypeError), (1.0, TypeError)])
def test_bad_index(key, error):
    with pytest.raises(error):
        TensorShape([1, 2])[key]


@pytest.mark.parametrize(
    "dims, count", [([], 1), ([2, 3], 6), ([2, 0], 0), ([1, None], None), ([None, 0], None), (None, None)]
)
def test_num_elements(dims, count):
    assert TensorShape(dims).num_elements() == count
    assert TensorShape(dims).is_fully_defined() == (count is not None)


@pytest.mark.parametrize(
    "a, b, equal",
    [
        ([1, 2], [1, 2], True),
        ([1, 2], (1, 2), True),
        ([1, None], [1, None], True),
        ([1], TensorShape([1]), True),
        ([1], TensorShape([2]), False),
        ([1], 1, True),
        ([1], None, False),
        ([1], "a", False),
        ([1], object(), False),
        (None, None, True),
        (None, UNKNOWN, True),
        (None, TensorShape([1]), False),
        ([None], UNKNOWN, False),
    ],
    ids=lambda value: re.sub(r" at 0x\w+", "", str(value)),
)
def test_equality(a, b, equal):
    assert (TensorShape(a) == b) is equal
    assert (b == TensorShape(a)) is equal
    assert (TensorShape(a) != b) is not equal


def test_equality_with_an_array_of_sizes():
    assert TensorShape([1, 2]) == np.array([1, 2])


def test_hash_follows_equality():
    assert hash(TensorShape([1, None])) == hash(TensorShape((1, None)))
    assert len({TensorShape([1]), TensorShape((1,)), UNKNOWN, TensorShape(None)}) == 2


@pytest.mark.parametrize("shape", [UNKNOWN, TensorShape([1, None])], ids=str)
def test_copies_are_equal(shape):
    for other in (copy.copy(shape), copy.deepcopy(shape), pickle.loads(pickle.dumps(shape))):
        assert other == shape


@pytest.mark.parametrize("other, expected", [([3], [1, 2, 3]), (3, [1, 2, 3]), (TensorShape([]), [1, 2]), (None, None)])
def test_concatenate(other, expected):
    shape = TensorShape([1, 2])
    assert shape.concatenate(other) == TensorShape(expected)
    assert shape + other == TensorShape(expected)
    reflected = None if expected is None else [*expected[2:], 1, 2]
    assert other + shape == TensorShape(reflected)
    with pytest.raises(TypeError):
        shape + "a"


@pytest.mark.parametrize(
    "a, b, compatible, merged, common",
    [
        ([1, 2], [1, 2], True, [1, 2], [1, 2]),
        ([1, None], [None, 2], True, [1, 2], [None, None]),
        ([1, None], [1, None], True, [1, None], [1, None]),
        ([1, 2], [1, 3], False, None, [1, None]),
        ([1, 2], [1], False, None, None),
        ([1, 2], None, True, [1, 2], None),
        (None, [1], True, [1], None),
    ],
)
def test_shapes_meet(a, b, compatible, merged, common):
    a = TensorShape(a)
    assert a.is_compatible_with(b) is compatible
    assert a.most_specific_compatible_shape(b) == TensorShape(common)
    assert a.most_specific_common_supertype([TensorShape(b)]) == TensorShape(common)
    if compatible:
        assert a.merge_with(b) == TensorShape(merged)
        a.assert_is_compatible_with(b)
    else:
        with pytest.raises(ValueError, match="are not compatible"):
            a.merge_with(b)
        with pytest.raises(ValueError, match="are incompatible"):
            a.assert_is_compatible_with(b)


def test_common_supertype_of_none_is_the_shape_and_of_a_list_is_none():
    assert TensorShape([1]).most_specific_common_supertype([]) == [1]
    assert TensorShape([1]).most_specific_common_supertype([[1]]) is None


@pytest.mark.parametrize(
    "a, b, is_subtype",
    [
        ([1, 2], [1, 2], True),
        ([1, 2], [1, None], True),
        ([1, 2], None, True),
        ([1, None], [1, 2], False),
        ([1, 2], [1], False),
        (None, [1], False),
        (None, None, True),
    ],
)
def test_is_subtype_of(a, b, is_subtype):
    assert TensorShape(a).is_subtype_of(TensorShape(b)) is is_subtype


def test_is_subtype_of_a_list_is_false():
    assert not TensorShape([1]).is_subtype_of([1])


def test_rank_checks():
    shape = TensorShape([1, 2])
    assert shape.with_rank(2) is shape
    assert shape.with_rank_at_least(2) is shape
    assert shape.with_rank_at_most(2) is shape
    assert UNKNOWN.with_rank(2) == [None, None]
    assert UNKNOWN.with_rank_at_least(2) == UNKNOWN
    assert UNKNOWN.with_rank_at_most(2) == UNKNOWN
    shape.assert_has_rank(2)
    UNKNOWN.assert_has_rank(2)
    shape.assert_same_rank([5, 5])
    shape.assert_same_rank(None)
    shape.assert_is_fully_defined()


@pytest.mark.parametrize(
    "check, text",
    [
        (lambda: TensorShape([1, 2]).with_rank(3), r"Shape \(1, 2\) must have rank 3"),
        (lambda: TensorShape([1, 2]).assert_has_rank(1), r"Shape \(1, 2\) must have rank 1"),
        (lambda: TensorShape([1, 2]).with_rank_at_least(3), r"Shape \(1, 2\) must have rank at least 3"),
        (lambda: TensorShape([1, 2]).with_rank_at_most(1), r"Shape \(1, 2\) must have rank at most 1"),
        (lambda: TensorShape([1, 2]).assert_same_rank([1]), r"Shapes \(1, 2\) and \(1,\) must have the same rank"),
        (lambda: TensorShape([1, None]).assert_is_fully_defined(), r"Shape \(1, None\) is not fully defined"),
        (lambda: UNKNOWN.assert_is_fully_defined(), "Shape <unknown> is not fully defined"),
    ],
)
def test_failed_check_is_a_value_error(check, text):
    with pytest.raises(ValueError, match=text):
        check()


def test_numpy_takes_a_shape():
    assert np.zeros(TensorShape([2, 3])).shape == (2, 3)
    assert np.array(TensorShape([2, 3])).tolist() == [2, 3]


def test_dims_are_dimensions():
    dims = TensorShape([2, None]).dims
    assert [d.value for d in dims] == [2, None]
    assert repr(dims) == "[Dimension(2), Dimension(None)]"
    assert [str(d) for d in dims] == ["2", "?"]
    assert [dimension_value(d) for d in (*dims, 5, None)] == [2, None, 5, None]


@pytest.mark.parametrize("op", [operator.add, operator.sub, operator.mul, operator.floordiv, operator.mod])
def test_dimension_arithmetic(op):
    assert op(Dimension(7), 2) == op(7, 2)
    assert op(7, Dimension(2)) == op(7, 2)
    assert op(Dimension(7), Dimension(None)).value is None


def test_dimension_is_an_index():
    assert int(Dimension(3)) == 3
    assert [0, 1, 2, 3][Dimension(3)] == 3
    assert hash(Dimension(3)) == hash(3)
    assert Dimension(3) != "a"
    with pytest.raises(TypeError):
        int(Dimension(None))


@pytest.mark.parametrize(
    "a, b, expected",
    [
        ([1, 2], [3, 1], [3, 2]),
        ([2], [3, 1], [3, 2]),
        ([], [3], [3]),
        ([0], [1], [0]),
        ([1, None], [3, 3], [3, 3]),
        ([None], [None], [None]),
        ([None], [1], [None]),
        (None, [1], None),
    ],
)
def test_broadcast_static_shape(a, b, expected):
    assert broadcast_static_shape(TensorShape(a), TensorShape(b)) == TensorShape(expected)
    assert broadcast_static_shape(TensorShape(b), TensorShape(a)) == TensorShape(expected)


@pytest.mark.parametrize("a, b", [([1, 2], [3, 3]), ([0], [2])])
def test_broadcast_static_shape_of_unequal_sizes_is_an_error(a, b):
    with pytest.raises(ValueError, match="Incompatible shapes for broadcasting"):
        broadcast_static_shape(TensorShape(a), TensorShape(b))


SIZES = st.lists(st.integers(0, 3), max_size=4).map(tuple)


@given(SIZES, SIZES)
def test_broadcast_shapes_agrees_with_numpy(a, b):
    try:
        expected = np.broadcast_shapes(a, b)
    except ValueError:
        with pytest.raises(ValueError):
            broadcast_shapes(a, b)
    else:
        assert broadcast_shapes(a, b) == expected


PARTIAL = st.none() | st.lists(st.none() | st.integers(0, 2), max_size=3)


@given(PARTIAL, PARTIAL)
def test_common_supertype_describes_both(a, b):
    a, b = TensorShape(a), TensorShape(b)
    common = a.most_specific_compatible_shape(b)
    assert a.is_subtype_of(common)
    assert b.is_subtype_of(common)
    assert a.is_compatible_with(b) == b.is_compatible_with(a)
    if a.is_compatible_with(b):
        assert a.merge_with(b).is_subtype_of(a)
