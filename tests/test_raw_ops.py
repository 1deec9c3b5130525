"""Every op is called with the keywords of TensorFlow's raw op of its name."""

import pathlib

import pytest

import tenfold as tf
from tenfold.core.op import REGISTRY

TENSORFLOW = {}
for line in (pathlib.Path(__file__).parent / "golden/data/raw_ops.txt").read_text().splitlines():
    name, *parameters = line.split()
    TENSORFLOW[name] = parameters


@pytest.mark.parametrize("name", dir(tf.raw_ops))
def test_parameters_are_tensorflows(name):
    op = REGISTRY[name]
    assert name in TENSORFLOW
    if op.raw:
        return
    known = {p.strip("[]") for p in TENSORFLOW[name]}
    defaults = getattr(op.kernel, "__kwdefaults__", None) or {}
    assert {*op.inputs, *op.attrs} - set(defaults) <= known
    required = {p for p in TENSORFLOW[name] if p[0] != "["}
    assert required <= {*op.inputs, *op.attrs}


def test_type_attribute_must_be_that_of_the_input():
    assert tf.raw_ops.Sum(input=[1.0, 2.0], axis=0, T=tf.float32, Tidx=tf.int32).numpy() == 3
    with pytest.raises(tf.errors.InvalidArgumentError, match="T is int32, but input is float32"):
        tf.raw_ops.Sum(input=[1.0, 2.0], axis=0, T=tf.int32)


def test_unknown_op_says_so():
    with pytest.raises(AttributeError, match="tf.raw_ops.NoSuchOp: Tenfold has no op of this name"):
        tf.raw_ops.NoSuchOp  # noqa: B018


def test_wrong_keywords_are_named():
    with pytest.raises(TypeError, match="missing are .'input'., not known are .'x'."):
        tf.raw_ops.Sum(x=[1.0], axis=0)
