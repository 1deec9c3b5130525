"""Graphs that are made without a function: `tf.Graph`, `as_default`, `tf.compat.v1.placeholder`."""

import numpy as np
import pytest

import tenfold as tf


def test_ops_are_entered_and_run_as_a_graph_def(tmp_path):
    graph, v = tf.Graph(), tf.Variable(3.0)
    with graph.as_default() as same:
        assert same is graph and not tf.executing_eagerly()
        x = tf.compat.v1.placeholder(tf.float32, [None, 2], name="x")
        y = tf.nn.relu(x @ tf.constant([[1.0], [2.0]]))
        assert y.graph is graph and y.shape.as_list() == [None, 1]
        assert [o.type for o in graph.get_operations()] == ["Placeholder", "MatMul", "Relu"]
        y *= v
    tf.io.write_graph(graph, tmp_path, "graph.pb", as_text=False)
    message = tf.compat.v1.GraphDef.FromString((tmp_path / "graph.pb").read_bytes())
    (handle,) = [node.name for node in message.node if node.op == "Placeholder" and node.name != "x"]
    rows = np.array([[1.0, 2.0], [-1.0, 0.0]], np.float32)
    (found,) = tf.graph_util.import_graph_def(message, {"x:0": rows, f"{handle}:0": v}, [y.name])
    np.testing.assert_array_equal(found, [[15.0], [0.0]])


def test_its_tensors_are_no_values_outside():
    with tf.Graph().as_default():
        x = tf.compat.v1.placeholder(tf.float32)
        assert x.shape.rank is None
    with pytest.raises(TypeError, match="out of scope"):
        x + 1.0


def test_a_placeholder_needs_a_graph():
    with pytest.raises(RuntimeError, match="tf.Graph"):
        tf.compat.v1.placeholder(tf.float32, [2])


def test_the_graph_of_a_function_is_one():
    assert isinstance(tf.function(lambda x: x).get_concrete_function(1.0).graph, tf.Graph)
