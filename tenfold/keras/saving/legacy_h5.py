"""Keras' older format: one HDF5 file with the configuration in attributes and the weights of each layer in a group."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from tenfold.keras.notes import note_once
from tenfold.keras.saving import hdf5, registration, serialization
from tenfold.keras.saving.legacy_config import modernized, modernized_objective, modernized_optimizer
from tenfold.keras.saving.limits import KERAS_VERSION, reading_model

_TOP_LEVEL = "top_level_model_weights"


def save_model(model: Any, path: Path, include_optimizer: bool) -> None:
    """Writes a model to a legacy `.h5` file, atomically."""
    config = serialization.serialize_keras_object(model)
    compile_config = config.pop("compile_config", None)
    with hdf5.writing(path) as file:
        file.attrs["keras_version"] = KERAS_VERSION
        file.attrs["backend"] = "tensorflow"
        _put_text(file, "model_config", config)
        _write_layers(file.create_group("model_weights"), model)
        if compile_config is not None and include_optimizer:
            compile_config["optimizer_config"] = compile_config.pop("optimizer")
            _put_text(file, "training_config", compile_config)
            if model.optimizer.variables:
                _write_variables(file.create_group("optimizer_weights"), model.optimizer.variables)


def load_model(path: Path, custom_objects: Any, compile: bool, safe_mode: bool) -> Any:
    """Reads a model from a legacy `.h5` file.

    Raises:
      ValueError: the file is damaged, hostile, or lacks something.
    """
    with hdf5.opened(path, path) as file, reading_model(path, path.stat().st_size):
        config = _text(file, "model_config", path)
        if config is None:
            raise ValueError(
                f"No model config found in the file at {path}. Files of weights alone need `model.load_weights`."
            )
        with serialization.SafeModeScope(safe_mode):
            model = serialization.deserialize_keras_object(modernized(config), custom_objects, safe_mode)
        weights = hdf5.find(file, "model_weights")
        if weights is None:
            raise ValueError(f"{str(path)!r} has no weights; a whole file has a group 'model_weights'.")
        _read_layers(weights, model, skip_mismatch=False)
        training = _text(file, "training_config", path) if compile else None
        if training is not None:
            compile_model(model, training, custom_objects, safe_mode)
            _read_optimizer(file, model)
        elif compile:
            note_once(
                "No training configuration found in the save file, so the model was *not* compiled. Compile it manually."
            )
    return model


def load_weights(model: Any, path: Path, by_name: bool, skip_mismatch: bool) -> None:
    """Reads the weights of a legacy file, of a whole model or of weights alone, by order or by layer name."""
    with hdf5.opened(path, path) as file, reading_model(path, path.stat().st_size):
        group = file
        if "layer_names" not in file.attrs and "layer_names0" not in file.attrs:
            group = hdf5.find(file, "model_weights")
        if group is None:
            raise ValueError(
                f"{str(path)!r} holds no weights in Keras' legacy format: it has no attribute 'layer_names'."
            )
        if by_name:
            _read_layers_by_name(group, model, skip_mismatch)
        else:
            _read_layers(group, model, skip_mismatch)


# Weights.


def _weights_of(layer: Any) -> list:
    """The weights in the order of these files: all trainable ones first."""
    return list(layer.trainable_weights) + list(layer.non_trainable_weights)


def _top_level_weights(model: Any) -> list:
    known = {id(weight) for weight in model.weights}
    return [v for v in model._trainable_variables + model._non_trainable_variables if id(v) in known]


def _write_layers(group: Any, model: Any) -> None:
    hdf5.put_strings(group, "layer_names", [layer.name for layer in model.layers])
    group.attrs["backend"] = "tensorflow"
    group.attrs["keras_version"] = KERAS_VERSION
    for layer in sorted(model.layers, key=lambda layer: layer.name):
        _write_variables(group.require_group(layer.name), _weights_of(layer))
    _write_variables(group.require_group(_TOP_LEVEL), _top_level_weights(model))


def _write_variables(group: Any, variables: list) -> None:
    names: list[str] = []
    for variable in variables:
        name, count = variable.path, 0
        while any(name == n or name.startswith(f"{n}/") or n.startswith(f"{name}/") for n in names):
            count += 1
            name = f"{variable.path}_{count}"
        names.append(name)
        group.create_dataset(name, data=variable.numpy())
    hdf5.put_strings(group, "weight_names", names)


def _saved_values(group: Any, name: str) -> list[np.ndarray]:
    found = hdf5.find(group, name)
    if found is None:
        raise ValueError(f"The file names a layer {name!r} but holds nothing of it.")
    return [hdf5.read(found, weight) for weight in hdf5.strings(found, "weight_names")]


def _read_layers(group: Any, model: Any, skip_mismatch: bool) -> None:
    layers = [layer for layer in model.layers if _weights_of(layer)]
    saved = [(name, values) for name in hdf5.strings(group, "layer_names") if (values := _saved_values(group, name))]
    if len(saved) != len(layers):
        raise ValueError(
            "Layer count mismatch when loading weights from file. "
            f"Model expected {len(layers)} layers, found {len(saved)} saved layers."
        )
    for k, (layer, (name, values)) in enumerate(zip(layers, saved, strict=True)):
        _assign(_weights_of(layer), values, skip_mismatch, f"layer #{k} (named {layer.name}, {name} in the file)")
    _read_top_level(group, model, skip_mismatch)


def _read_layers_by_name(group: Any, model: Any, skip_mismatch: bool) -> None:
    by_name: dict[str, list] = {}
    for layer in model.layers:
        by_name.setdefault(layer.name, []).append(layer)
    for k, name in enumerate(hdf5.strings(group, "layer_names")):
        for layer in by_name.get(name, ()):
            _assign(_weights_of(layer), _saved_values(group, name), skip_mismatch, f"layer #{k} (named {name})")
    _read_top_level(group, model, skip_mismatch)


def _read_top_level(group: Any, model: Any, skip_mismatch: bool) -> None:
    if _TOP_LEVEL in group:
        _assign(_top_level_weights(model), _saved_values(group, _TOP_LEVEL), skip_mismatch, "top-level model")


def _assign(variables: list, values: list[np.ndarray], skip_mismatch: bool, where: str) -> None:
    problem = None
    if len(variables) != len(values):
        problem = f"Weight count mismatch for {where}. It expects {len(variables)} weight(s). Received {len(values)} saved weight(s)"
    else:
        for variable, value in zip(variables, values, strict=True):
            if tuple(variable.shape) != value.shape:
                problem = (
                    f"Shape mismatch in {where} for weight {variable.path}. Weight expects shape {tuple(variable.shape)}. "
                    f"Received saved weight with shape {value.shape}"
                )
                break
    if problem is not None and not skip_mismatch:
        raise ValueError(problem)
    if problem is not None:
        warnings.warn(f"Skipping: {problem}", stacklevel=5)
        return
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


# Training.


def compile_model(model: Any, training: dict[str, Any], custom_objects: Any, safe_mode: bool) -> None:
    """Compiles a model as Keras 2 says that it was."""

    def restored(value: Any, module: str) -> Any:
        if isinstance(value, dict) and "class_name" in value:
            config = modernized_objective(value, module)
            return serialization.deserialize_keras_object(config, custom_objects, safe_mode)
        if isinstance(value, dict):
            return {key: restored(item, module) for key, item in value.items()}
        if isinstance(value, list):
            return [restored(item, module) for item in value]
        found = registration.get_registered_object(value, custom_objects) if isinstance(value, str) else None
        return value if found is None else found  # others are names, which compile() resolves

    with serialization.CustomObjectScope(custom_objects or {}), serialization.SafeModeScope(safe_mode):
        optimizer = modernized_optimizer(training["optimizer_config"])
        model.compile(
            optimizer=serialization.deserialize_keras_object(optimizer, custom_objects, safe_mode),
            loss=restored(training.get("loss"), "losses"),
            loss_weights=training.get("loss_weights"),
            **{name: restored(training.get(name), "metrics") for name in ("metrics", "weighted_metrics")},
        )


def _read_optimizer(file: Any, model: Any) -> None:
    group = hdf5.find(file, "optimizer_weights")
    if group is None:
        return
    values = [hdf5.read(group, name) for name in hdf5.strings(group, "weight_names")]
    model.optimizer.build(model.trainable_variables)
    optimizer = model.optimizer
    variables = list(optimizer.variables)
    if len(values) == len(variables) - 1:  # Keras 2 keeps the learning rate in the configuration
        variables = [v for v in variables if v is not optimizer._learning_rate]
    if [tuple(v.shape) for v in variables] != [value.shape for value in values]:
        note_once("The optimizer state in the file is of another kind; the model starts with a fresh optimizer.")
        return
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


# Attributes.


def _put_text(file: Any, name: str, config: Any) -> None:
    file.attrs[name] = json.dumps(config).encode("utf-8")


def _text(file: Any, name: str, path: Path) -> dict[str, Any] | None:
    """The JSON of an attribute."""
    text = hdf5.attribute(file, name)
    if text is None:
        return None
    try:
        config = json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"{str(path)!r}: its {name} is damaged: {error}.") from error
    if not isinstance(config, dict):
        raise ValueError(f"{str(path)!r}: its {name} is no configuration.")
    return config
