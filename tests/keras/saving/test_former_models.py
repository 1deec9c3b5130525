"""Folders of Keras 2 with what once was read otherwise (`python -m tests.interchange.former_folders freeze`)."""

from __future__ import annotations

import numpy as np
import pytest

import tenfold as tf
from tests.golden.archive import unpack
from tests.interchange.former_folders import ARCHIVE, FROZEN, read_one

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return unpack(ARCHIVE, tmp_path_factory.mktemp("former"))


@pytest.mark.parametrize("name", FROZEN)
def test_a_model_computes_and_goes_on_as_in_keras_2(folder, name):
    tf.keras.utils.set_random_seed(9)
    assert read_one(tf, tf.keras, name, folder / name) == []


def test_hard_sigmoid_of_keras_2_is_saved_as_such(folder, tmp_path):
    model = tf.keras.models.load_model(folder / "activation hard_sigmoid")
    model.save(tmp_path / "m.keras")
    again = tf.keras.models.load_model(tmp_path / "m.keras")
    assert again.layers[-1].activation is model.layers[-1].activation is not tf.keras.activations.hard_sigmoid
    assert tf.keras.activations.serialize(again.layers[-1].activation) == "former_hard_sigmoid"


def test_weights_that_are_frozen_keep_what_the_optimizer_knows_of_them(folder, tmp_path):
    model = tf.keras.models.load_model(folder / "frozen_and_compiled")
    updated = model.optimizer._trainable_variables
    assert len(updated) > len(model.trainable_weights) and len(model.optimizer.variables) == 2 + 2 * len(updated)
    assert all(v.numpy().any() for v in model.optimizer._velocities)


def test_names_of_metrics_and_losses_may_be_those_of_custom_functions(tmp_path):
    def distance(y_true, y_pred):
        return tf.reduce_mean(tf.abs(y_true - y_pred), -1)

    model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])
    model.compile("sgd", distance, metrics=[distance])
    x, y = np.array([[1.0, 2.0]]), np.array([[1.0]])
    model.fit(x, y, verbose=0)
    model.save(tmp_path / "m.keras")
    again = tf.keras.models.load_model(tmp_path / "m.keras", custom_objects={"distance": distance})
    assert again.evaluate(x, y, verbose=0) == model.evaluate(x, y, verbose=0)
