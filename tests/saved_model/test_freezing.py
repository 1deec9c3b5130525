"""Frozen functions: their variables are constants."""

from __future__ import annotations

import numpy as np
import pytest

import tenfold as tf
from tenfold.protos.graph import GraphDef

freeze = tf.graph_util.convert_variables_to_constants_v2
SPECS = [tf.TensorSpec([None, 2], tf.float32, name="x"), tf.TensorSpec([], tf.int32, name="n")]


def function_of(v):
    @tf.function
    def f(x, n):
        x = x * v if n > 2 else x - v
        for _ in tf.range(n):
            x = x + v * 2.0
        return {"rows": x, "sum": tf.reduce_sum(x)}

    return f.get_concrete_function(*SPECS)


def test_values_stay_when_variables_change():
    v = tf.Variable([[1.0, 2.0]])
    function = function_of(v)
    frozen = freeze(function)
    v.assign([[0.0, 0.0]])
    rows, total = frozen(tf.ones([1, 2]), tf.constant(3))
    np.testing.assert_array_equal(rows, [[7.0, 14.0]])
    assert float(total) == 21.0
    assert frozen.variables == () and frozen.graph.variables == {}
    assert [x.shape.as_list() for x in frozen.structured_outputs] == [[None, 2], []]


def test_it_is_a_graph_and_nothing_else(tmp_path):
    frozen = freeze(function_of(tf.Variable([[1.0, 2.0]])))
    tf.io.write_graph(frozen.graph, tmp_path, "frozen.pb", as_text=False)
    data = (tmp_path / "frozen.pb").read_bytes()
    ops = {node.op for node in GraphDef.FromString(data).node}
    assert "ReadVariableOp" not in ops and {"Placeholder", "Const", "StatelessIf", "StatelessWhile"} <= ops
    given = {"x:0": tf.ones([2, 2]), "n:0": tf.constant(1)}
    (total,) = tf.graph_util.import_graph_def(data, given, ["Identity_1:0"])
    assert float(total) == 4 - 6 + 12


def test_gradients_with_respect_to_arguments():
    frozen = freeze(function_of(tf.Variable([[1.0, 2.0]])))
    x = tf.Variable([[1.0, 1.0]])
    with tf.GradientTape() as tape:
        total = frozen(x, tf.constant(3))[1]
    np.testing.assert_array_equal(tape.gradient(total, x), [[1.0, 2.0]])


def test_a_function_that_writes_to_a_variable_cannot_be_frozen():
    count = tf.Variable(0)
    function = tf.function(lambda: count.assign_add(1)).get_concrete_function()
    with pytest.raises(ValueError, match="writes to the variable 'Variable:0', which cannot be a constant"):
        freeze(function)


def test_a_keras_model():
    model = tf.keras.Sequential([tf.keras.layers.Conv2D(4, 3), tf.keras.layers.BatchNormalization(), tf.keras.layers.Flatten()])  # fmt: skip
    model.build((None, 6, 6, 2))
    spec = tf.TensorSpec([None, 6, 6, 2], tf.float32)
    frozen = freeze(tf.function(lambda x: model(x)).get_concrete_function(spec))
    x = tf.random.normal([2, 6, 6, 2])
    np.testing.assert_allclose(frozen(x)[0], model(x), rtol=1e-5, atol=1e-6)
