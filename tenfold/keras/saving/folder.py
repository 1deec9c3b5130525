"""Keras models in folders: SavedModels of TensorFlow's, with what makes the same models of them again.

The variables, those of the optimizer too, are in the SavedModel's checkpoint. How the model is made and compiled stands in a file
beside it, in the folder where TensorFlow Serving lets people put files of their own.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from tenfold.core.config import get_logger
from tenfold.keras.saving import legacy_h5, serialization
from tenfold.keras.saving.former_folder import METADATA, read_metadata, written_metadata
from tenfold.keras.saving.former_optimizer import updated_weights
from tenfold.keras.saving.limits import KERAS_VERSION, reading_model
from tenfold.keras.saving.restored_model import RestoredModel
from tenfold.keras.saving.saved_model import saved_parts
from tenfold.saved_model.saved_objects import Objects
from tenfold.saved_model.saving import save

_CONFIG = "assets.extra/keras.json"
_MAX_JSON_BYTES = 256 << 20


def save_folder(model: Any, path: Path, include_optimizer: bool) -> None:
    """Writes a model to a folder, which takes the place of what was there when all is written."""
    save(model if include_optimizer else _WithoutOptimizer(model), path)


def _updated(model: Any) -> list[int] | None:
    """Which of the model's weights the optimizer has a state for, which are not those trained now if layers were frozen since.

    Returns:
      Positions among the weights; None if there is no state that could be told by them.
    """
    if not (model.compiled and model.optimizer.built):
        return None
    positions = {id(weight): i for i, weight in enumerate(model.weights)}
    updated = [positions.get(id(variable)) for variable in model.optimizer._trainable_variables]
    if None in updated:
        get_logger().warning(
            "The optimizer of %r also updates variables that are not the model's: load_model will start its state anew.",
            model.name,
        )
        return None
    return updated  # type: ignore[return-value]


def _build_for(weights: list, model: Any) -> None:
    """Makes the optimizer of a model one that is built for these weights."""
    old = model.optimizer
    if old.built and list(map(id, weights)) != list(map(id, old._trainable_variables)):
        model.optimizer = model._compile_config["optimizer"] = type(old).from_config(old.get_config())
        model.optimizer.build(weights)


class _WithoutOptimizer:
    """What is saved of a model without its optimizer."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def _checkpoint_children(self) -> Iterator[tuple[str, Any]]:
        return _without_optimizer(self._model._checkpoint_children())

    def _former_checkpoint_children(self, names: Collection[str]) -> Iterator[tuple[str, Any]] | None:
        found = self._model._former_checkpoint_children(names)
        return None if found is None else _without_optimizer(found)

    def _saved_parts(self) -> dict[str, Any]:
        return saved_parts(self._model)

    def _saved_files(self, objects: Objects) -> dict[str, bytes]:
        return saved_files(self._model, objects, is_compiled=False)


def _without_optimizer(children: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    return ((name, child) for name, child in children if name != "optimizer")


def saved_files(model: Any, objects: Objects, is_compiled: bool = True) -> dict[str, bytes]:
    """How a model is made and compiled, for Keras here and for Keras 2, as files of its folder."""
    files = {METADATA: written_metadata(model, objects, is_compiled and model.compiled)}
    try:
        config = serialization.serialize_keras_object(model)
    except (NotImplementedError, TypeError) as error:
        get_logger().warning(
            "%r is saved without its configuration: load_model will give a model that calls the saved functions. %s",
            model.name,
            error,
        )
    else:
        if not is_compiled:
            config.pop("compile_config", None)
        updated = _updated(model) if is_compiled else None
        files[_CONFIG] = json.dumps({"keras_version": KERAS_VERSION, "updated": updated, "model": config}).encode()
    return files


def load_folder(path: Path, custom_objects: Any, compile: bool, safe_mode: bool) -> Any:
    """Reads a model from a folder: as what it was, or, where its class is not there, as a model of the saved functions.

    Raises:
      ValueError: the folder is damaged, hostile, or no model.
    """
    from tenfold.saved_model.loading import contains_saved_model, load

    if not contains_saved_model(path):
        raise ValueError(
            f"load_model: {str(path)!r} is a folder without a SavedModel. Expected one that `model.save` wrote, or a `.keras` or `.h5` file."
        )
    size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    try:
        with reading_model(path, size), serialization.SafeModeScope(safe_mode):
            model, has_state = _made(path, custom_objects, compile, safe_mode)
    except serialization.UnknownClassError as error:
        get_logger().warning("%s The model calls the functions of %r instead.", error, str(path))
        model = None
    if model is None:
        return RestoredModel(load(path), path.name)
    _restore(model if has_state else _WithoutOptimizer(model), path)
    return model


def _made(path: Path, custom_objects: Any, compile: bool, safe_mode: bool) -> tuple[Any, bool]:
    """The model that a folder describes, with fresh variables, and whether the optimizer has a state there; None if it does not say."""
    described = _description(path)
    if described is not None:
        config = described["model"]
        if not compile:
            config.pop("compile_config", None)
        model = serialization.deserialize_keras_object(config, custom_objects, safe_mode)
        updated = described.get("updated")
        if updated is not None and model.built and model.compiled:
            _build_for([model.weights[i] for i in updated], model)
        return model, updated is not None
    former = read_metadata(path)
    if former is None:
        return None, False
    config, training, shape = former
    model = serialization.deserialize_keras_object(config, custom_objects, safe_mode)
    if shape is not None and not model.built:
        model.build(shape)
    if not compile or training is None:
        return model, False
    legacy_h5.compile_model(model, training, custom_objects, safe_mode)
    updated = updated_weights(_WithoutOptimizer(model), _variables_of(path))
    if updated is None:  # it has no states that could be told by variables
        updated = model.trainable_variables
    if updated:
        model.optimizer.build(updated)
    return model, True


def _description(path: Path) -> dict[str, Any] | None:
    """What stands in a folder of the model: its configuration, with how it was compiled; None if there is none."""
    file = path / _CONFIG
    if not file.is_file():
        return None
    if file.stat().st_size > _MAX_JSON_BYTES:
        raise ValueError(f"{str(file)!r} has {file.stat().st_size} bytes; it is not read.")
    try:
        description = json.loads(file.read_bytes())
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        raise ValueError(f"{str(file)!r} is damaged: {type(error).__name__}: {error}.") from error
    if not isinstance(description, dict) or not isinstance(description.get("model"), dict):
        raise ValueError(f"{str(file)!r} is damaged: it holds no model.")
    return description


def _variables_of(path: Path) -> str:
    return os.path.join(path, "variables", "variables")


def _restore(root: Any, path: Path) -> None:
    from tenfold.train.checkpoint import Checkpoint

    status = Checkpoint(root).read(_variables_of(path)).expect_partial()
    try:
        status.assert_existing_objects_matched()
    except AssertionError as error:
        raise ValueError(
            f"{str(path)!r} does not have all variables of its model; its class may be another one now: {error}"
        ) from None
