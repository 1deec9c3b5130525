"""`tf.compat.v1.wrap_function`: what graphs are cut from, and frozen GraphDefs, as text too, run through it."""

from __future__ import annotations

import numpy as np
import pytest
from google.protobuf import text_format

import tenfold as tf

v1 = tf.compat.v1
X = tf.TensorSpec([2], tf.float32, "x")

# as TensorFlow's `tf.io.write_graph` writes it
TEXT = """
node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } attr { key: "shape" value { shape { dim { size: -1 } } } } }
node { name: "two" op: "Const" attr { key: "dtype" value { type: DT_FLOAT } }
  attr { key: "value" value { tensor { dtype: DT_FLOAT tensor_shape { } float_val: 2.0 } } } }
node { name: "doubled" op: "Mul" input: "x" input: "two" attr { key: "T" value { type: DT_FLOAT } } }
node { name: "y" op: "Tanh" input: "doubled" attr { key: "T" value { type: DT_FLOAT } } }
versions { producer: 1882 }
"""


def wrapped_text(**options):
    graph_def = text_format.Parse(TEXT, v1.GraphDef())
    return v1.wrap_function(lambda: v1.import_graph_def(graph_def, **options), [])


def test_a_frozen_graph_as_text():
    wrapped = wrapped_text(name="")
    elements = tf.nest.map_structure(wrapped.graph.as_graph_element, (["x:0"], ["y:0", "doubled:0"]))
    y, doubled = wrapped.prune(*elements)(tf.constant([1.0, 2.0, 3.0]))
    np.testing.assert_array_equal(doubled, [2.0, 4.0, 6.0])
    np.testing.assert_allclose(y, np.tanh([2.0, 4.0, 6.0]), rtol=1e-6)


def test_names_begin_with_import_unless_another_one_is_given():
    assert [op.name for op in wrapped_text().graph.get_operations()][:2] == ["import/x", "import/two"]
    wrapped = wrapped_text(name="net")
    assert wrapped.graph.get_operation_by_name("net/y").inputs[0].name == "net/doubled:0"
    assert float(wrapped.prune("net/x:0", "net/doubled:0")(tf.constant([4.0]))[0]) == 8.0


def test_a_name_twice():
    graph_def = text_format.Parse(TEXT, v1.GraphDef())

    def twice():
        v1.import_graph_def(graph_def, name="")
        v1.import_graph_def(graph_def, name="")

    with pytest.raises(ValueError, match="a node 'x' already; pass another name"):
        v1.wrap_function(twice, [])


def test_a_function_of_variables_and_its_parts():
    v = tf.Variable([1.0, 2.0])
    wrapped = v1.wrap_function(lambda x: tf.reduce_sum(tf.tanh(x * v)), [X])
    assert float(wrapped([0.0, 1.0])) == pytest.approx(np.tanh(2.0))
    (variable,) = wrapped.variables
    assert variable is v
    product = wrapped.prune("x:0", "Mul:0")
    v.assign([5.0, 5.0])
    with tf.GradientTape() as tape:
        y = product(tf.constant([3.0, 4.0]))
    np.testing.assert_array_equal(y, [15.0, 20.0])
    np.testing.assert_array_equal(tape.gradient(y, v), [3.0, 4.0])


def test_import_inside_of_a_function_with_arguments():
    graph_def = text_format.Parse(TEXT, v1.GraphDef())
    wrapped = v1.wrap_function(lambda x: v1.import_graph_def(graph_def, {"x:0": x}, ["doubled:0"]), [X])
    np.testing.assert_array_equal(wrapped([1.0, 2.0])[0], [2.0, 4.0])


def test_nothing_else_of_tensorflow_1_is_there():
    with pytest.raises(AttributeError, match="Tenfold has no API of TensorFlow 1"):
        tf.compat.v1.Session  # noqa: B018


def test_nodes_that_call_functions_by_name_run():
    """As graphs did before there were ops for calls."""
    message = tf.function(tf.exp).get_concrete_function(tf.TensorSpec([2], tf.float32, "x")).graph.as_graph_def()
    library = message.library
    function = library.function.add()
    function.signature.name = "f"
    function.signature.input_arg.add(name="a", type=1)
    for name in ("first", "second"):
        function.signature.output_arg.add(name=name, type=1)
    function.node_def.add(name="n", op="Neg", input=["a"]).attr["T"].type = 1
    function.node_def.add(name="e", op="Exp", input=["a"]).attr["T"].type = 1
    function.ret["first"], function.ret["second"] = "n:y:0", "e:y:0"
    caller = library.function.add()
    caller.signature.name = "g"
    caller.signature.input_arg.add(name="a", type=1)
    caller.signature.output_arg.add(name="result", type=1)
    caller.node_def.add(name="call", op="f", input=["a"])
    caller.node_def.add(name="sum", op="AddV2", input=["call:second:0", "call:first:0"]).attr["T"].type = 1
    caller.ret["result"] = "sum:z:0"
    message.node.add(name="called", op="g", input=["x"])
    x = tf.constant([0.0, 1.0])
    (y,) = tf.graph_util.import_graph_def(message, {"x:0": x}, ["called:0"])
    np.testing.assert_allclose(y, np.exp([0.0, 1.0]) - [0.0, 1.0], 1e-6)
