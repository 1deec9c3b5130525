"""Arguments of traced functions that are objects, or structures of a user's own."""

import dataclasses

import numpy as np
import pytest

import tenfold as tf


@dataclasses.dataclass
class Tagged:
    """A structure of one tensor, with a text beside it."""

    value: object
    tag: str = "plain"

    def __tf_flatten__(self):
        return (self.tag,), (self.value,)

    @classmethod
    def __tf_unflatten__(cls, metadata, components):
        return cls(*components, *metadata)


def test_metadata_of_a_structure_is_part_of_the_signature():
    function = tf.function(lambda x: Tagged(x.value * len(x.tag), x.tag))
    results = [function(Tagged(tf.constant(2), tag)) for tag in ("a", "abc", "a")]
    assert [(int(r.value), r.tag) for r in results] == [(2, "a"), (6, "abc"), (2, "a")]
    assert function.experimental_get_tracing_count() == 2


@dataclasses.dataclass
class Mutable:
    value: int


def test_an_argument_that_cannot_be_hashed_is_refused():
    """A trace for it went on with the value that it had first."""
    with pytest.raises(TypeError, match=r"of type Mutable cannot be hashed.*frozen=True"):
        tf.function(lambda x: tf.constant(x.value))(Mutable(1))


SCALAR = tf.TensorSpec([], tf.int32)


@pytest.mark.parametrize(
    ("traced", "given"),
    [
        ({"a": SCALAR}, lambda x: {"b": x}),
        ({"a": SCALAR}, lambda x: {"a": x, "b": x}),
        ([SCALAR, [SCALAR]], lambda x: [[x], x]),
        (Tagged(SCALAR), lambda x: Tagged(x, "other")),
    ],
)
def test_a_concrete_function_refuses_other_structures(traced, given):
    concrete = tf.function(lambda x: tf.add_n(tf.nest.flatten(x))).get_concrete_function(traced)
    with pytest.raises(TypeError, match="has another structure than"):
        concrete(given(tf.constant(1)))


def test_numpy_arrays_of_every_kind_of_memory(tmp_path):
    array = np.arange(24, dtype=np.float32).reshape(4, 6)
    mapped = np.memmap(tmp_path / "array", np.float32, "w+", shape=(4, 6))
    mapped[:] = array
    unaligned = np.frombuffer(b"\0" + array.tobytes(), np.uint8)[1:].view(np.float32).reshape(4, 6)
    kinds = [
        array.T, array[::-1, ::-1], array[::2, ::3], np.broadcast_to(array[:1], (4, 6)), array.astype(">f4"), mapped, unaligned,
        np.asfortranarray(array),
    ]  # fmt: skip
    function = tf.function(lambda x: x * 2.0 + 1.0)
    for x in kinds:
        np.testing.assert_array_equal(function(x), np.asarray(x, np.float32) * 2 + 1)
    assert function.experimental_get_tracing_count() == 3


class Column:
    """As columns of other libraries' tables are: no array, but it can be made one."""

    __hash__ = None

    def __array__(self, dtype=None, copy=None):
        return np.ones(2, np.float32)


def test_what_can_be_made_an_array_is_a_tensor():
    function = tf.function(lambda x: x * 2.0)
    np.testing.assert_array_equal([function(Column()), function(Column())], np.full((2, 2), 2))
    assert function.experimental_get_tracing_count() == 1
