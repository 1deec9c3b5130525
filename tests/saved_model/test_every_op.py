"""Every op, as TensorFlow's graph and back: the table of ops and the samples of `tests/ops/samples` say what to run."""

from __future__ import annotations

import numpy as np
import pytest

import tenfold as tf
from tenfold.core.op import REGISTRY
from tenfold.ops import raw
from tests.ops.samples import every_sample
from tests.ops.test_by_rule import Function, outcome
from tests.ops.test_lowerings import values_and_gradients

raw.names()  # loads all ops
SAMPLES = every_sample()
DTYPES = (tf.float32, tf.complex64, tf.int32, tf.int64, tf.bool, tf.string)


def case_of(name, sample):
    """The sample in the first dtype that it runs in, and what it gives."""
    for dtype in DTYPES:
        function = Function(name, sample, dtype, all_arrays=True)
        expected = outcome(function, function.arrays)
        if not isinstance(expected, type) and all(x.dtype == dtype.as_numpy_dtype for x in function.arrays[:0]):
            return function, expected
    pytest.skip("an error in every dtype")


def graph_of(function, with_gradients):
    specs = [tf.TensorSpec(x.shape, x.dtype) for x in function.arrays]
    body = (
        (lambda *xs: [y for y in values_and_gradients(function, xs) if y is not None]) if with_gradients else function
    )
    return tf.function(body).get_concrete_function(*specs).graph


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_an_op_is_written_and_read(name):
    for sample in SAMPLES[name]:
        if not sample.repeats or REGISTRY[name].has_effects:
            continue
        function, expected = case_of(name, sample)
        count = len(function(*map(tf.constant, function.arrays)))
        graph = graph_of(function, False)
        message = graph.as_graph_def()
        outputs = [f"{node.name}:0" for node in message.node if node.op == "Identity"][-len(graph.outputs) :]
        inputs = [f"{node.name}:0" for node in message.node if node.op == "Placeholder"]
        tensors = dict(zip(inputs, map(tf.constant, function.arrays), strict=True))
        found = tf.graph_util.import_graph_def(message, tensors, outputs)
        for got, want in zip(found, expected[:count], strict=True):
            np.testing.assert_array_equal(got.numpy(), want, err_msg=f"{name}({sample})")
