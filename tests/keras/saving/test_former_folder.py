"""What Keras 2 finds in the folder of a model: `python -m tests.golden.saved_model_matrix PYTHON` lets it read such folders."""

from __future__ import annotations

import json

import numpy as np
import pytest

import tenfold as tf
from tenfold.protos import saved_model as messages

L = tf.keras.layers


def saved(tmp_path, compile_arguments):
    model = tf.keras.Sequential([tf.keras.Input((4,)), L.Dense(3, kernel_regularizer="l2"), L.BatchNormalization()])
    model.compile(**compile_arguments)
    model.save(tmp_path / "m")
    nodes = messages.SavedMetadata.FromString((tmp_path / "m" / "keras_metadata.pb").read_bytes()).nodes
    return model, {node.node_path: (node, json.loads(node.metadata)) for node in nodes}


def test_nodes_are_those_of_the_objects_in_the_saved_model(tmp_path):
    model, nodes = saved(tmp_path, {"optimizer": "adam", "loss": "mse"})
    model_pb = messages.SavedModel.FromString((tmp_path / "m" / "saved_model.pb").read_bytes())
    objects = model_pb.meta_graphs[0].object_graph_def.nodes
    (root, facts), (held, _) = nodes["root"], nodes["root.all_variables"]
    assert (root.node_id, root.identifier, facts["class_name"]) == (0, "_tf_keras_model", "Sequential")
    children = {child.local_name: child.node_id for child in objects[0].children}
    assert children["all_variables"] == held.node_id
    names = [objects[child.node_id].variable.name for child in objects[held.node_id].children]
    assert names == [v.name for v in model.variables]
    (call,) = objects[children["keras_api"]].children
    assert call.local_name == "call_and_return_conditional_losses"


def test_the_call_for_keras_2_returns_outputs_and_losses(tmp_path):
    model, _ = saved(tmp_path, {"optimizer": "adam", "loss": "mse"})
    x = np.ones((2, 4), np.float32)
    y, losses = tf.saved_model.load(tmp_path / "m").keras_api.call_and_return_conditional_losses(x, training=False)
    np.testing.assert_allclose(y, model(x), rtol=1e-6)
    np.testing.assert_allclose(losses, model.losses, rtol=1e-6)


def test_training_config_is_in_the_words_of_keras_2(tmp_path):
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    metrics = ["accuracy", tf.keras.metrics.mean_absolute_error]
    _, nodes = saved(
        tmp_path, {"optimizer": tf.keras.optimizers.SGD(0.5, momentum=0.9), "loss": loss, "metrics": metrics}
    )
    training = nodes["root"][1]["training_config"]
    # as tf-keras 2.21 writes it
    expected = {
        "name": "SGD", "weight_decay": None, "clipnorm": None, "global_clipnorm": None, "clipvalue": None, "use_ema": False,
        "ema_momentum": 0.99, "ema_overwrite_frequency": None, "is_legacy_optimizer": False, "learning_rate": 0.5, "momentum": 0.9,
        "nesterov": False,
    }  # fmt: skip
    optimizer = training["optimizer_config"]
    assert (optimizer["class_name"], optimizer["config"] | {"name": "SGD"}) == ("Custom>SGD", expected)
    assert training["metrics"] == ["accuracy", "mean_absolute_error"]
    options = {"from_logits": True, "ignore_class": None, "reduction": "sum_over_batch_size"}
    assert training["loss"]["class_name"] == "SparseCategoricalCrossentropy"
    assert training["loss"]["config"] == {"name": "sparse_categorical_crossentropy", **options}


def of_the_user(y_true, y_pred):
    return tf.reduce_sum((y_true - y_pred) ** 2)


@pytest.mark.parametrize(
    "arguments",
    [
        {"optimizer": "lamb", "loss": "mse"},
        {"optimizer": tf.keras.optimizers.Adam(gradient_accumulation_steps=2), "loss": "mse"},
        {"optimizer": "adam", "loss": "dice"},
        {"optimizer": "adam", "loss": tf.keras.losses.SparseCategoricalCrossentropy(axis=1)},
        {"optimizer": "adam", "loss": "mse", "metrics": [tf.keras.metrics.PearsonCorrelation()]},
        {"optimizer": "adam", "loss": of_the_user},
    ],
)
def test_what_keras_2_lacks_is_not_compiled_there(arguments, tmp_path):
    _, nodes = saved(tmp_path, arguments)
    assert "training_config" not in nodes["root"][1]


def test_losses_of_several_outputs_are_told_by_position(tmp_path):
    # Keras 2 has the names output_1, output_2 for them, and refused others
    x = tf.keras.Input((3,))
    model = tf.keras.Model(x, [L.Dense(2, name="a")(x), L.Dense(1, name="b")(x)])
    model.compile("sgd", {"a": "mse", "b": "mae"}, loss_weights={"a": 0.5, "b": 2.0}, metrics={"b": ["mse"]})
    model.save(tmp_path / "m")
    nodes = messages.SavedMetadata.FromString((tmp_path / "m" / "keras_metadata.pb").read_bytes()).nodes
    training = json.loads(nodes[0].metadata)["training_config"]
    assert training["loss"] == ["mse", "mae"] and training["loss_weights"] == [0.5, 2.0]
    assert training["metrics"] == [None, ["mse"]]
