"""Copies of models: clone_model, JSON, copy and pickle."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import tenfold as tf
from tests.golden.keras_models import MODELS, flat, train

layers, clone_model = tf.keras.layers, tf.keras.models.clone_model
CONFIGURED = [name for name in MODELS if name != "subclassed"]


def outputs(model: Any, x: Any) -> np.ndarray:
    return flat(model.predict(x, verbose=0))[0]


@pytest.mark.parametrize("name", CONFIGURED)
def test_clone_has_weights_and_optimizer_of_its_own(name: str) -> None:
    model, x, y = MODELS[name](tf.keras)
    clone = clone_model(model)
    assert clone.name == model.name and clone.compiled and clone.optimizer is not model.optimizer
    assert not {id(w) for w in clone.weights} & {id(w) for w in model.weights}
    clone.set_weights(model.get_weights())
    before = outputs(model, x)
    np.testing.assert_array_equal(outputs(clone, x), before)
    train(clone, x, y)
    np.testing.assert_array_equal(outputs(model, x), before)


@pytest.mark.parametrize("name", CONFIGURED)
def test_json_makes_the_same_architecture(name: str) -> None:
    model, x, _ = MODELS[name](tf.keras)
    made = tf.keras.models.model_from_json(model.to_json())
    assert not made.compiled
    made.set_weights(model.get_weights())
    np.testing.assert_array_equal(outputs(made, x), outputs(model, x))


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))], ids=["copy", "pickle"]
)
def test_copy_trains_on_like_the_original(name: str, duplicate: Any) -> None:
    if name == "subclassed" and duplicate is not copy.deepcopy:
        pytest.skip("its class is local to a function, which pickle cannot name")
    model, x, y = MODELS[name](tf.keras)
    train(model, x, y)
    twin = duplicate(model)
    assert train(twin, x, y) == train(model, x, y)
    np.testing.assert_array_equal(outputs(twin, x), outputs(model, x))


def test_clone_on_given_tensors() -> None:
    model = tf.keras.Sequential([tf.keras.Input((3,)), layers.Dense(2)])
    x = tf.keras.Input((3,), batch_size=5)
    assert clone_model(model, input_tensors=x).output_shape == (5, 2)
    functional, _, _ = MODELS["functional"](tf.keras)
    inputs = [tf.keras.Input((4,), batch_size=7), tf.keras.Input((4,), batch_size=7)]
    assert clone_model(functional, input_tensors=inputs).output_shape == [(7, 2), (7, 1)]
    with pytest.raises(ValueError, match="KerasTensors"):
        clone_model(functional, input_tensors=[np.ones((7, 4)), np.ones((7, 4))])


def test_clone_function_replaces_layers_once_each() -> None:
    model, _, _ = MODELS["functional"](tf.keras)
    seen: list[str] = []

    def wider(layer: Any) -> Any:
        seen.append(layer.name)
        config = layer.get_config()
        if layer.name == "shared":
            config["units"] = 6
        return type(layer).from_config(config)

    clone = clone_model(model, clone_function=wider)
    assert clone.get_layer(index=3).output.shape == (None, 12)
    assert seen.count("shared") == 1 and "a" not in seen


def test_call_function_adds_layers() -> None:
    x = tf.keras.Input((3,))
    model = tf.keras.Model(x, layers.Dense(2)(layers.Dense(4)(x)))

    def with_dropout(layer: Any, *args: Any, **kwargs: Any) -> Any:
        return layers.Dropout(0.5)(layer(*args, **kwargs))

    clone = clone_model(model, clone_function=lambda layer: layer, call_function=with_dropout)
    kinds = [type(layer).__name__ for layer in clone.layers]
    assert kinds == ["InputLayer", "Dense", "Dropout", "Dense", "Dropout"]
    with pytest.raises(ValueError, match="functional"):
        clone_model(tf.keras.Sequential([x, layers.Dense(1)]), call_function=with_dropout)


def test_recursive_clone_reaches_inner_models() -> None:
    model, _, _ = MODELS["nested"](tf.keras)
    seen: list[str] = []

    def noted(layer: Any) -> Any:
        seen.append(type(layer).__name__)
        return type(layer).from_config(layer.get_config())

    clone_model(model, clone_function=noted, recursive=True)
    assert "UnitNormalization" in seen and "Functional" not in seen


class Line(tf.keras.Model):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.dense = layers.Dense(width)

    def call(self, x: Any) -> Any:
        return self.dense(x)


def test_subclassed_model_is_cloned_by_its_arguments() -> None:
    clone = clone_model(Line(3))
    assert type(clone) is Line and clone(np.ones((2, 4), np.float32)).shape == (2, 3)
    with pytest.raises(ValueError, match="Sequential and functional"):
        clone_model(Line(3), clone_function=lambda layer: layer)
