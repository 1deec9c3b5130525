"""What the operations of traced functions are called: by `name=` and `tf.name_scope`, as TensorFlow 2.21 says."""

import numpy as np
import pytest

import tenfold as tf


def operations(function, *specs, **options):
    graph = tf.function(function, **options).get_concrete_function(*specs).graph
    return [op.name for op in graph.get_operations()]


VECTOR = tf.TensorSpec([2], tf.float32)


def named(x, y):
    a = tf.add(x, y, name="s")
    b = tf.add(a, y, name="s")
    with tf.name_scope("sc"):
        return tf.nn.relu(tf.multiply(a, b, name="m"))


@pytest.mark.parametrize("autograph", [True, False])
def test_names_and_scopes(autograph):
    assert operations(named, VECTOR, VECTOR, autograph=autograph) == ["x", "y", "s", "s_1", "sc/m", "sc/Relu"]


def test_of_a_call_that_makes_several_operations_the_last_one_has_the_name():
    def function(x):
        with tf.name_scope("outer"), tf.name_scope("inner"):
            return tf.math.l2_normalize(x, name="n")

    names = operations(function, VECTOR)
    assert names[0] == "x" and names[-1] == "outer/inner/n"
    assert {"outer/inner/n/Square", "outer/inner/n/Sum", "outer/inner/n/Rsqrt"} <= set(names)


def test_calls_in_a_loop_of_python_are_told_apart():
    def function(x):
        for _ in range(3):
            x = tf.add(x, 1.0, name="plus")
        return x

    assert operations(function, VECTOR) == ["x", "plus", "plus_1", "plus_2"]


def test_a_name_may_be_taken_by_an_argument_or_in_another_case():
    assert operations(lambda x: tf.exp(tf.exp(x, name="X"), name="x"), VECTOR) == ["x", "X_1", "x_2"]


def test_updates_of_variables():
    v = tf.Variable([1.0, 2.0])
    names = operations(lambda x: v.assign(tf.multiply(x, v, name="by"), name="up"), VECTOR)
    assert names[:4] == ["x", "by/ReadVariableOp", "by", "up"]


def test_a_traced_tensor_knows_its_name():
    seen = []

    @tf.function
    def function(x):
        y = tf.identity(x, name="same")
        seen.extend([y.name, y.op.name, y.op.type, x.name])
        return y

    function(tf.constant(1.0))
    assert seen == ["same:0", "same", "Identity", "x:0"]


def test_files_have_the_names(tmp_path):
    module = tf.Module()
    module.f = tf.function(lambda x: tf.identity(x + 1.0, name="out/of here"), input_signature=[VECTOR])
    graph = module.f.get_concrete_function().graph
    assert graph.get_tensor_by_name("out/of_here:0").shape == [2]
    message = graph.as_graph_def()
    assert [n.op for n in message.node if n.name == "out/of_here"] == ["Identity"]
    (found,) = tf.graph_util.import_graph_def(message, {"x:0": np.float32([1, 2])}, ["out/of_here:0"])
    np.testing.assert_array_equal(found, [2, 3])
    tf.saved_model.save(module, str(tmp_path))
    np.testing.assert_array_equal(tf.saved_model.load(str(tmp_path)).f(tf.constant([1.0, 2.0])), [2, 3])
