"""Texts of tensors and variables against real TensorFlow's, frozen by tests/golden/make_printing.py."""

import json
import pathlib

import numpy as np
import pytest

import tenfold as tf
from tenfold.core.dtypes import as_dtype
from tenfold.core.shapes import TensorShape

GOLDEN = json.loads((pathlib.Path(__file__).parents[1] / "golden" / "printing.json").read_text())


def make_array(case):
    array = eval(case["array"], {"np": np})
    if case["dtype"] == "string":
        return array
    with np.errstate(over="ignore"):  # 12345678.0 is inf as float16, and meant
        return array.astype(as_dtype(case["dtype"]).as_numpy_dtype)


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) < "2.2.0", reason="older NumPy prints large arrays otherwise")
@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: f"{case['dtype']}-{case['array']}")
def test_text_is_tensorflows(case):
    tensor = tf.constant(make_array(case))
    assert repr(tensor) == case["repr"]
    assert str(tensor) == case["str"]
    variable = tf.Variable(tensor, name="weights")
    assert repr(variable) == case["variable"]
    assert str(variable) == case["variable"]


def test_variable_prints_its_declared_shape():
    variable = tf.Variable([1.0], shape=TensorShape(None))  # the text is TensorFlow 2.21's
    assert repr(variable) == (
        "<tf.Variable 'Variable:0' shape=<unknown> dtype=float32, numpy=array([1.], dtype=float32)>"
    )


def test_format_is_that_of_the_value():
    assert f"{tf.constant(0.5):.3f}" == "0.500"
    assert f"{tf.constant([1.0, 2.0])}" == "[1. 2.]"
