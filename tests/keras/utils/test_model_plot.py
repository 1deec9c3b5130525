from __future__ import annotations

import sys

import numpy as np
import pytest

import tenfold as tf


def branching():
    layers = tf.keras.layers
    x = tf.keras.Input((4,), name="x")
    inner = tf.keras.Sequential(
        [tf.keras.Input((4,)), layers.Dense(3, name="in_a"), layers.ReLU(name="in_b")], name="inner"
    )
    return tf.keras.Model(x, layers.Add(name="sum")([inner(x), layers.Dense(3, "relu", name="side")(x)]))


def test_without_pydot_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pydot", None)
    with pytest.raises(ImportError, match=r"tenfold\[dot\]"):
        tf.keras.utils.plot_model(branching())


def test_a_model_that_is_not_built_is_refused():
    with pytest.raises(ValueError, match="not built"):
        tf.keras.utils.model_to_dot(tf.keras.Sequential([tf.keras.layers.Dense(1)]))


def names(dot, model):
    known = {str(id(layer)): layer.name for layer in model._flatten_layers()}
    return sorted((known[e.get_source().strip('"')], known[e.get_destination().strip('"')]) for e in dot.get_edges())


def test_edges_are_the_calls_of_layers():
    pytest.importorskip("pydot", reason="graphs need the extra tenfold[dot]")
    model = branching()
    dot = tf.keras.utils.model_to_dot(
        model, show_shapes=True, show_dtype=True, show_layer_activations=True, show_trainable=True
    )
    assert names(dot, model) == [("inner", "sum"), ("side", "sum"), ("x", "inner"), ("x", "side")]
    text = dot.to_string()
    assert "(None, 3)" in text and "Activation: <b>relu</b>" in text and "Trainable" in text and "float32" in text


def test_nested_models_are_drawn_around_their_layers():
    pytest.importorskip("pydot", reason="graphs need the extra tenfold[dot]")
    model = branching()
    dot = tf.keras.utils.model_to_dot(model, expand_nested=True)
    assert names(dot, model) == [("in_b", "sum"), ("side", "sum"), ("x", "in_a"), ("x", "side")]
    (cluster,) = dot.get_subgraphs()
    assert names(cluster, model) == [("in_a", "in_b")]


def test_the_graph_itself_can_be_written(tmp_path):
    pytest.importorskip("pydot", reason="graphs need the extra tenfold[dot]")
    tf.keras.utils.plot_model(branching(), tmp_path / "m.dot")
    assert "digraph" in (tmp_path / "m.dot").read_text()


def test_legacy_configurations_have_no_module():
    legacy = tf.keras.utils.legacy
    config = legacy.serialize_keras_object(tf.keras.layers.Dense(3, name="d"))
    assert set(config) == {"class_name", "config"} and config["class_name"] == "Dense"
    made = legacy.deserialize_keras_object(config, module_objects=vars(tf.keras.layers))
    assert made.units == 3
    assert legacy.deserialize_keras_object("sum", module_objects={"sum": np.sum}) is np.sum
    with pytest.raises(ValueError, match="Unknown layer"):
        legacy.deserialize_keras_object("nothing", printable_module_name="layer")
