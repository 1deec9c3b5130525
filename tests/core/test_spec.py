"""TypeSpec, TensorSpec and BoundedTensorSpec; expected values are those of TensorFlow 2.21."""

import copy
import pickle

import numpy as np
import pytest

import tenfold as tf
from tenfold import nest
from tenfold.core import dtypes
from tenfold.core.indexed_slices import IndexedSlices, IndexedSlicesSpec
from tenfold.core.spec import BoundedTensorSpec, TensorSpec, TypeSpec, type_spec_from_value
from tenfold.core.tensor import Tensor


class PairSpec(TypeSpec):
    """Describes a list of one tensor; `options` may be any structure."""

    def __init__(self, shape, dtype=dtypes.float32, options=None):
        self.spec = TensorSpec(shape, dtype)
        self.options = options

    value_type = list

    @property
    def _component_specs(self):
        return [self.spec]

    def _serialize(self):
        return self.spec.shape, self.spec.dtype, self.options

    def _to_components(self, value):
        return value

    def _from_components(self, components):
        return components


class OtherSpec(PairSpec):
    pass


@pytest.mark.parametrize(
    "spec, text",
    [
        (TensorSpec([1]), "TensorSpec(shape=(1,), dtype=tf.float32, name=None)"),
        (TensorSpec(None), "TensorSpec(shape=<unknown>, dtype=tf.float32, name=None)"),
        (TensorSpec([None, 2], np.int32, "x"), "TensorSpec(shape=(None, 2), dtype=tf.int32, name='x')"),
        (TensorSpec(3, "bool"), "TensorSpec(shape=(3,), dtype=tf.bool, name=None)"),
        (
            BoundedTensorSpec([2], dtypes.float32, [0, 1], 2, "nm"),
            "BoundedTensorSpec(shape=(2,), dtype=tf.float32, name='nm', minimum=array([0., 1.], dtype=float32), "
            "maximum=array(2., dtype=float32))",
        ),
        (PairSpec([2], options="q"), "PairSpec(TensorShape([2]), tf.float32, 'q')"),
    ],
)
def test_text(spec, text):
    assert repr(spec) == str(spec) == text


def test_tensor_spec_attributes():
    spec = TensorSpec([2], "int64", "n")
    assert (spec.shape, spec.dtype, spec.name, spec.value_type) == ([2], dtypes.int64, "n", Tensor)
    with pytest.raises(AttributeError):
        spec.shape = [3]


@pytest.mark.parametrize(
    "a, b, equal",
    [
        (TensorSpec([1]), TensorSpec((1,)), True),
        (TensorSpec([1]), TensorSpec([None]), False),
        (TensorSpec([1]), TensorSpec([1], "int32"), False),
        (TensorSpec([1], name="a"), TensorSpec([1], name="b"), False),
        (TensorSpec([1]), 5, False),
        (BoundedTensorSpec([2], "float32", 0, 1), BoundedTensorSpec([2], "float32", 0, 1), True),
        (BoundedTensorSpec([2], "float32", 0, 1), BoundedTensorSpec([2], "float32", 0, 2), False),
        (BoundedTensorSpec([2], "float32", 0, 1), TensorSpec([2]), False),
        (TensorSpec([2]), BoundedTensorSpec([2], "float32", 0, 1), False),
        (PairSpec([2]), PairSpec([2]), True),
        (PairSpec([2]), OtherSpec([2]), False),
        (PairSpec([2], options={"a": [1]}), PairSpec([2], options={"a": [1]}), True),
        (PairSpec([2], options={"a": [1]}), PairSpec([2], options={"a": [2]}), False),
    ],
    ids=str,
)
def test_equality_and_hash(a, b, equal):
    assert (a == b) is equal
    assert (a != b) is not equal
    if equal:
        assert hash(a) == hash(b)


@pytest.mark.parametrize(
    "spec",
    [TensorSpec([None], "int32", "x"), BoundedTensorSpec([2], "float32", 0, 1), PairSpec([2], options=(1, "a"))],
    ids=str,
)
def test_copies_are_equal(spec):
    for other in (copy.copy(spec), copy.deepcopy(spec), pickle.loads(pickle.dumps(spec))):
        assert other == spec


@pytest.mark.parametrize(
    "spec, value, expected",
    [
        (TensorSpec([2]), tf.constant([1.0, 2.0]), True),
        (TensorSpec([None]), tf.constant([1.0, 2.0]), True),
        (TensorSpec(None, name="x"), tf.constant([1.0, 2.0]), True),
        (TensorSpec([1]), tf.constant([1.0, 2.0]), False),
        (TensorSpec([2], "int32"), tf.constant([1.0, 2.0]), False),
        (TensorSpec([2]), TensorSpec([None], name="y"), True),
        (TensorSpec([None]), TensorSpec([2]), True),
        (TensorSpec([None]), tf.Variable([1.0, 2.0]), False),
        (TensorSpec([2]), np.zeros(2, np.float32), False),
        (TensorSpec([], "int32"), 5, False),
        (TensorSpec([2]), None, False),
        (BoundedTensorSpec([2], "float32", 0, 1), tf.constant([1.0, 2.0]), True),
        (PairSpec([2]), PairSpec([None]), True),
        (PairSpec([2]), PairSpec([3]), False),
        (PairSpec([2]), PairSpec([2], "int32"), False),
        (PairSpec([2], options="a"), PairSpec([2], options="b"), False),
        (PairSpec([2], options=[1]), PairSpec([2], options=[1, 2]), False),
        (PairSpec([2]), OtherSpec([2]), False),
        (PairSpec([2]), [tf.constant([1.0, 2.0])], False),
    ],
    ids=str,
)
def test_is_compatible_with(spec, value, expected):
    assert spec.is_compatible_with(value) is expected


@pytest.mark.parametrize(
    "a, b, expected",
    [
        (TensorSpec([2]), TensorSpec([None]), True),
        (TensorSpec([None]), TensorSpec([2]), False),
        (TensorSpec([2]), TensorSpec([2], "int32"), False),
        (TensorSpec([2], name="a"), TensorSpec([2], name="b"), False),
        (TensorSpec([2], name="a"), TensorSpec([2]), False),
        (TensorSpec([2]), TensorSpec([2], name="a"), True),
        (TensorSpec([2]), BoundedTensorSpec([2], "float32", 0, 1), True),
        (BoundedTensorSpec([2], "float32", 0, 1), TensorSpec([2]), True),
        (TensorSpec([2]), 5, False),
        (PairSpec([2]), PairSpec([None]), True),
        (PairSpec([None]), PairSpec([2]), False),
        (PairSpec([2]), OtherSpec([2]), False),
    ],
    ids=str,
)
def test_is_subtype_of(a, b, expected):
    assert a.is_subtype_of(b) is expected


@pytest.mark.parametrize(
    "a, b, expected",
    [
        (TensorSpec([2]), TensorSpec([3]), TensorSpec([None])),
        (TensorSpec([2]), TensorSpec([3, 1]), TensorSpec(None)),
        (TensorSpec([2], name="a"), TensorSpec([3], name="a"), TensorSpec([None], name="a")),
        (TensorSpec([2], name="a"), TensorSpec([3], name="b"), None),
        (TensorSpec([2]), TensorSpec([3], "int32"), None),
        (TensorSpec([2]), BoundedTensorSpec([3], "float32", 0, 1), None),
        (TensorSpec([2]), 5, None),
        (
            BoundedTensorSpec([2], "float32", 0, 1),
            BoundedTensorSpec([3], "float32", 0, 1),
            BoundedTensorSpec([None], "float32", 0, 1),
        ),
        (PairSpec([2], options="a"), PairSpec([3], options="a"), PairSpec([None], options="a")),
        (PairSpec([2], options="a"), PairSpec([3], options="b"), None),
        (PairSpec([2]), PairSpec([3], "int32"), None),
        (PairSpec([2]), OtherSpec([3]), None),
    ],
    ids=str,
)
def test_common_supertype(a, b, expected):
    assert a.most_specific_common_supertype([b]) == expected
    assert a.most_specific_common_supertype([]) == a
    if expected is None:
        with pytest.raises(ValueError, match="No TypeSpec is compatible with both"):
            a.most_specific_compatible_type(b)
    else:
        assert a.most_specific_compatible_type(b) == expected


def test_from_spec():
    spec = TensorSpec([2], "int32", "a")
    assert TensorSpec.from_spec(spec) == spec
    assert TensorSpec.from_spec(spec, name="b") == TensorSpec([2], "int32", "b")
    assert TensorSpec.from_spec(BoundedTensorSpec([2], "int32", 0, 1, "q")) == TensorSpec([2], "int32", "q")
    bounded = BoundedTensorSpec.from_spec(spec)
    assert (bounded.minimum, bounded.maximum) == (-(2**31), 2**31 - 1)
    assert BoundedTensorSpec.from_spec(bounded) == bounded


def test_from_tensor():
    assert TensorSpec.from_tensor(tf.constant([1.0, 2.0]), name="z") == TensorSpec([2], "float32", "z")
    for value in (tf.Variable([1.0]), np.array([1]), 5):
        with pytest.raises(ValueError, match="must be a tf.Tensor"):
            TensorSpec.from_tensor(value)


def test_bounds_are_read_only_arrays_of_the_dtype():
    spec = BoundedTensorSpec([2], "int32", [0, 1], 5)
    assert spec.minimum.dtype == spec.maximum.dtype == np.int32
    assert not spec.minimum.flags.writeable
    with pytest.raises(ValueError, match="maximum has shape"):
        BoundedTensorSpec([2], "float32", 0, [1, 2, 3])
    with pytest.raises(ValueError, match="minimum is None"):
        BoundedTensorSpec([2], "float32", None, 1)


def test_type_spec_is_abstract():
    with pytest.raises(TypeError):
        TypeSpec()


@pytest.mark.parametrize(
    "value, spec",
    [
        (tf.constant([1.0]), TensorSpec([1])),
        (np.array([1]), TensorSpec([1], "int64")),
        (5, TensorSpec([], "int32")),
        ("a", TensorSpec([], "string")),
        ([1, 2], TensorSpec([2], "int32")),
    ],
)
def test_type_spec_from_value(value, spec):
    assert type_spec_from_value(value) == spec


def test_type_spec_from_value_of_an_object_is_an_error():
    with pytest.raises(TypeError, match="Could not build a TypeSpec"):
        type_spec_from_value(object())


def rows(*dense_shape):
    dense_shape = tf.constant(dense_shape) if dense_shape else None
    return IndexedSlices(tf.constant([[1.0, 2.0]]), tf.constant([0]), dense_shape)


@pytest.mark.parametrize(
    "spec, text",
    [
        (IndexedSlicesSpec(), "IndexedSlicesSpec(TensorShape(None), tf.float32, tf.int64, None, TensorShape([None]))"),
        (
            type_spec_from_value(rows()),
            "IndexedSlicesSpec(TensorShape([None, 2]), tf.float32, tf.int32, None, TensorShape([1]))",
        ),
        (
            type_spec_from_value(rows(3, 2)),
            "IndexedSlicesSpec(TensorShape([3, 2]), tf.float32, tf.int32, tf.int32, TensorShape([1]))",
        ),
    ],
)
def test_indexed_slices_spec_text(spec, text):
    assert repr(spec) == text


def test_indexed_slices_spec_of_components():
    spec = IndexedSlicesSpec([3, 1], "int32", "int32", "int32", [5])
    assert spec._component_specs == (TensorSpec([5, 1], "int32"), TensorSpec([5], "int32"), TensorSpec([2], "int32"))
    assert IndexedSlicesSpec()._component_specs == (TensorSpec(None), TensorSpec([None], "int64"))
    assert type_spec_from_value(rows(3, 2)).is_compatible_with(rows(3, 2))
    assert not type_spec_from_value(rows()).is_compatible_with(rows(3, 2))


@pytest.mark.parametrize("value", [rows(), rows(3, 2)], ids=["without shape", "with shape"])
def test_nest_opens_indexed_slices(value):
    parts = [part for part in (value.values, value.indices, value.dense_shape) if part is not None]
    assert nest.flatten([value]) == [value]
    assert all(a is b for a, b in zip(nest.flatten(value, expand_composites=True), parts, strict=True))
    packed = nest.pack_sequence_as(value, parts, expand_composites=True)
    assert isinstance(packed, IndexedSlices)
    assert packed.values is value.values


def test_indexed_slices_text():
    assert str(rows(3, 2)) == (
        "IndexedSlices(indices=tf.Tensor([0], shape=(1,), dtype=int32), values=tf.Tensor([[1. 2.]], shape=(1, 2), "
        "dtype=float32), dense_shape=tf.Tensor([3 2], shape=(2,), dtype=int32))"
    )
