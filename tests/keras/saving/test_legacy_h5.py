"""Keras' older format: `.h5` files of Keras 2 and 3, whole and of weights alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import tenfold as tf

layers = tf.keras.layers

GLOROT = {"class_name": "GlorotUniform", "config": {"seed": None}}
ZEROS = {"class_name": "Zeros", "config": {}}


def dense(name: str, units: int, **kwargs: Any) -> dict:
    """A Dense layer as Keras 2 wrote it."""
    config = {
        "name": name, "trainable": True, "dtype": "float32", "units": units, "activation": "linear", "use_bias": True,
        "kernel_initializer": GLOROT, "bias_initializer": ZEROS, "kernel_regularizer": {"class_name": "L2", "config": {"l2": 0.01}},
        "bias_regularizer": None, "activity_regularizer": None, "kernel_constraint": None, "bias_constraint": None, **kwargs,
    }  # fmt: skip
    return {"class_name": "Dense", "config": config}


def input_layer(name: str, shape: list) -> dict:
    config = {"batch_input_shape": shape, "dtype": "float32", "sparse": False, "ragged": False, "name": name}
    return {"class_name": "InputLayer", "config": config}


def write_keras_2(
    path: Path, config: dict, weights: dict[str, list[tuple[str, Any]]], training: Any = None, optimizer: Any = ()
) -> None:
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"], file.attrs["backend"] = "2.10.0", "tensorflow"
        file.attrs["model_config"] = json.dumps(config)
        if training is not None:
            file.attrs["training_config"] = json.dumps(training)
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [name.encode() for name in weights]
        group.attrs["keras_version"], group.attrs["backend"] = b"2.10.0", b"tensorflow"
        for name, values in weights.items():
            layer = group.create_group(name)
            layer.attrs["weight_names"] = [n.encode() for n, _ in values]
            for n, value in values:
                layer[n] = value
        if optimizer:
            group = file.create_group("optimizer_weights")
            group.attrs["weight_names"] = [n.encode() for n, _ in optimizer]
            for n, value in optimizer:
                group[n] = value


def random(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).standard_normal(shape).astype(np.float32)


def test_sequential_of_keras_2(tmp_path: Path) -> None:
    depthwise = {
        "class_name": "DepthwiseConv2D",
        "config": {
            "name": "depthwise", "trainable": True, "dtype": "float32", "kernel_size": [2, 2], "strides": [1, 1],
            "padding": "valid", "data_format": "channels_last", "dilation_rate": [1, 1], "groups": 1, "activation": "relu",
            "use_bias": True, "bias_initializer": ZEROS, "bias_regularizer": None, "activity_regularizer": None,
            "bias_constraint": None, "depth_multiplier": 1, "depthwise_initializer": GLOROT, "depthwise_regularizer": None,
            "depthwise_constraint": None,
        },
    }  # fmt: skip
    normalization = {
        "class_name": "BatchNormalization",
        "config": {
            "name": "bn",
            "trainable": True,
            "dtype": "float32",
            "axis": [3],
            "momentum": 0.99,
            "epsilon": 0.001,
            "fused": None,
        },
    }
    flatten = {
        "class_name": "Flatten",
        "config": {"name": "flatten", "trainable": True, "dtype": "float32", "data_format": "channels_last"},
    }
    config = {
        "class_name": "Sequential",
        "config": {
            "name": "old",
            "layers": [input_layer("x", [None, 3, 3, 2]), depthwise, normalization, flatten, dense("out", 2)],
        },
    }
    kernel, bias = random(2, 2, 2, 1), random(2)
    gamma, beta, mean, variance = random(2) + 2, random(2), random(2), random(2) ** 2
    out, out_bias = random(8, 2), random(2)
    training = {
        "loss": {"class_name": "MeanSquaredError", "config": {"reduction": "auto", "name": "mean_squared_error"}},
        "metrics": [
            [
                {
                    "class_name": "MeanMetricWrapper",
                    "config": {"name": "mae", "dtype": "float32", "fn": "mean_absolute_error"},
                }
            ]
        ],
        "weighted_metrics": None,
        "loss_weights": None,
        "optimizer_config": {
            "class_name": "SGD",
            "config": {"name": "SGD", "learning_rate": 0.25, "decay": 0.0, "momentum": 0.0, "nesterov": False},
        },
    }
    weights = {
        "depthwise": [("depthwise/depthwise_kernel:0", kernel), ("depthwise/bias:0", bias)],
        "bn": [
            ("bn/gamma:0", gamma),
            ("bn/beta:0", beta),
            ("bn/moving_mean:0", mean),
            ("bn/moving_variance:0", variance),
        ],
        "flatten": [],
        "out": [("out/kernel:0", out), ("out/bias:0", out_bias)],
    }
    path = tmp_path / "old.h5"
    write_keras_2(path, config, weights, training)
    model = tf.keras.models.load_model(path)
    x = random(4, 3, 3, 2)
    windows = np.stack([x[:, i : i + 2, j : j + 2] for i in range(2) for j in range(2)], 1).reshape(4, 2, 2, 2, 2, 2)
    hidden = np.maximum(np.einsum("bijklc,klc->bijc", windows, kernel[..., 0]) + bias, 0)
    hidden = (hidden - mean) / np.sqrt(variance + 0.001) * gamma + beta
    np.testing.assert_allclose(model.predict(x, verbose=0), hidden.reshape(4, 8) @ out + out_bias, rtol=1e-5, atol=1e-5)
    assert float(model.optimizer.learning_rate) == 0.25
    assert set(model.train_on_batch(x, random(4, 2), return_dict=True)) == {"loss", "mae"}


def test_functional_of_keras_2_with_shared_layer(tmp_path: Path) -> None:
    def call(*places: Any) -> list:
        return [[name, node, 0, {}] for name, node in places]

    a, b, shared = input_layer("a", [None, 3]), input_layer("b", [None, 3]), dense("shared", 2)
    add = {"class_name": "Add", "config": {"name": "add", "trainable": True, "dtype": "float32"}}
    entries = [
        (a, []),
        (b, []),
        (shared, [call(("a", 0)), call(("b", 0))]),
        (add, [call(("shared", 0), ("shared", 1))]),
    ]
    config = {
        "class_name": "Functional",
        "config": {
            "name": "old",
            "layers": [{**layer, "name": layer["config"]["name"], "inbound_nodes": nodes} for layer, nodes in entries],
            "input_layers": [["a", 0, 0], ["b", 0, 0]],
            "output_layers": [["add", 0, 0]],
        },
    }
    kernel, bias = random(3, 2), random(2)
    path = tmp_path / "old.h5"
    write_keras_2(
        path, config, {"a": [], "b": [], "shared": [("shared/kernel:0", kernel), ("shared/bias:0", bias)], "add": []}
    )
    model = tf.keras.models.load_model(path)
    x, y = random(4, 3), random(4, 3) + 1
    np.testing.assert_allclose(flat_prediction(model, [x, y]), (x + y) @ kernel + 2 * bias, rtol=1e-5, atol=1e-5)


def flat_prediction(model: Any, x: Any) -> np.ndarray:
    result = model.predict(x, verbose=0)
    return result[0] if isinstance(result, list) else result


def test_argument_that_keras_3_dropped_is_refused_unless_it_says_nothing(tmp_path: Path) -> None:
    lstm = {"class_name": "LSTM", "config": {"name": "lstm", "units": 2, "time_major": True, "implementation": 2}}
    config = {"class_name": "Sequential", "config": {"name": "old", "layers": [input_layer("x", [None, 4, 3]), lstm]}}
    path = tmp_path / "old.h5"
    write_keras_2(path, config, {})
    with pytest.raises((ValueError, TypeError), match="time_major"):
        tf.keras.models.load_model(path)


def stack(*names: str, width: int = 4) -> Any:
    return tf.keras.Sequential([tf.keras.Input((3,)), *(layers.Dense(width, name=name) for name in names)])


def test_weights_by_order_and_by_name(tmp_path: Path) -> None:
    path = tmp_path / "weights.h5"
    source = stack("a", "b")
    source.save(path)
    by_order = stack("c", "d")
    by_order.load_weights(path)
    for value, want in zip(by_order.get_weights(), source.get_weights(), strict=True):
        np.testing.assert_array_equal(value, want)
    by_name = stack("a", "x", "b")
    untouched = by_name.get_layer("x").get_weights()[0]
    with pytest.raises(ValueError, match="Layer count mismatch"):
        by_name.load_weights(path)
    by_name.load_weights(path, by_name=True)
    np.testing.assert_array_equal(by_name.get_layer("b").get_weights()[0], source.get_layer("b").get_weights()[0])
    np.testing.assert_array_equal(by_name.get_layer("x").get_weights()[0], untouched)


def test_mismatched_weights_are_refused_or_skipped(tmp_path: Path) -> None:
    path = tmp_path / "weights.h5"
    stack("a", "b").save(path)
    other = stack("a", "b", width=5)
    before = other.get_weights()
    for by_name in (False, True):
        with pytest.raises(ValueError, match="Shape mismatch"):
            other.load_weights(path, by_name=by_name)
        with pytest.warns(UserWarning, match="Shape mismatch"):
            other.load_weights(path, by_name=by_name, skip_mismatch=True)
    for value, want in zip(other.get_weights(), before, strict=True):
        np.testing.assert_array_equal(value, want)


def test_many_layers_with_long_names_fit_the_header(tmp_path: Path) -> None:
    """An HDF5 attribute holds 64 KB; longer lists of names are split."""
    names = [f"{'long_name_' * 20}{i}" for i in range(400)]
    path = tmp_path / "long.h5"
    model = tf.keras.Sequential([tf.keras.Input((1,)), *(layers.Dense(1, name=name) for name in names)])
    model.save(path)
    loaded = tf.keras.models.load_model(path)
    assert [layer.name for layer in loaded.layers] == names


def test_unbuilt_model_is_saved_without_weights(tmp_path: Path) -> None:
    model = tf.keras.Sequential([layers.Dense(2)])
    with pytest.raises(ValueError, match="not yet been built"):
        model.save_weights(tmp_path / "m.weights.h5")
    for name in ("m.keras", "m.h5"):
        with pytest.warns(UserWarning, match="not yet been built"):
            model.save(tmp_path / name)
        assert not tf.keras.models.load_model(tmp_path / name).built
