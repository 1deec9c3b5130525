"""tf.compat: text and bytes as TensorFlow 2.21 treats them."""

import pathlib

import pytest

import tenfold as tf


@pytest.mark.parametrize("value", ["é", b"\xc3\xa9", bytearray(b"\xc3\xa9")])
def test_as_bytes(value):
    result = tf.compat.as_bytes(value)
    assert type(result) is bytes and result == b"\xc3\xa9"
    assert tf.compat.as_bytes("é", "latin-1") == b"\xe9"


@pytest.mark.parametrize("value", ["é", b"\xc3\xa9"])
def test_as_text(value):
    assert tf.compat.as_text(value) == tf.compat.as_str(value) == tf.compat.as_str_any(value) == "é"


@pytest.mark.parametrize(
    "function, value",
    [(tf.compat.as_bytes, 3), (tf.compat.as_bytes, None), (tf.compat.as_text, 3), (tf.compat.as_text, bytearray(b"a"))],
)
def test_neither_text_nor_bytes(function, value):
    with pytest.raises(TypeError, match="Expected binary or unicode string, got"):
        function(value)


def test_as_str_any_and_path_to_str_leave_the_rest():
    assert tf.compat.as_str_any(None) == "None" and tf.compat.as_str_any(bytearray(b"a")) == "bytearray(b'a')"
    assert tf.compat.path_to_str(pathlib.PurePosixPath("a/b")) == "a/b"
    assert tf.compat.path_to_str(b"a") == b"a" and tf.compat.path_to_str(3) == 3


def test_dimension_at_index():
    assert tf.compat.dimension_at_index(tf.TensorShape(None), 3).value is None
    assert tf.compat.dimension_at_index(tf.TensorShape([2, 5]), -1).value == 5
    with pytest.raises(IndexError):
        tf.compat.dimension_at_index(tf.TensorShape([2]), 5)


def test_v2_is_the_package():
    assert tf.compat.v2 is tf
