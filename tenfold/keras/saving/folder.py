"""Keras models in folders: SavedModels of TensorFlow's, with what makes the same models of them again.

The variables, those of the optimizer too, are in the SavedModel's checkpoint. How the model is made and compiled stands in a file
beside it, in the folder where TensorFlow Serving lets people put files of their own.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tenfold.core.config import get_logger
from tenfold.keras.saving import assets, legacy_h5, serialization
from tenfold.keras.saving.folder_description import DESCRIPTION, Description, read_description, written_description
from tenfold.keras.saving.former_folder import ALL_VARIABLES, METADATA, written_metadata
from tenfold.keras.saving.former_optimizer import updated_weights
from tenfold.keras.saving.limits import reading_model
from tenfold.keras.saving.restored_model import RestoredModel
from tenfold.keras.saving.saved_model import saved_parts
from tenfold.saved_model.saved_objects import Objects
from tenfold.saved_model.saving import save

_ASSETS = "assets.extra/keras/"


def save_folder(model: Any, path: Path, include_optimizer: bool) -> None:
    """Writes a model to a folder, which takes the place of what was there when all is written."""
    save(model if include_optimizer else _WithoutOptimizer(model), path)


def _updated(model: Any) -> list[int] | None:
    """Which of the model's weights the optimizer has a state for, which are not those trained now if layers were frozen since.

    Returns:
      Positions among the weights; None if there is no state that could be told by them.
    """
    if not model.optimizer.built:
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
    optimizer = model.optimizer
    if optimizer.built and list(map(id, weights)) != list(map(id, optimizer._trainable_variables)):
        optimizer = type(optimizer).from_config(optimizer.get_config())
        model.optimizer = model._compile_config["optimizer"] = optimizer
    if not optimizer.built:
        optimizer.build(weights)


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
    """How a model is made and compiled, for Keras here and for Keras 2, as files of its folder; none if its call is not there."""
    if ALL_VARIABLES not in dict(objects.edges[0]):
        return {}
    is_compiled = is_compiled and model.compiled
    try:
        config = serialization.serialize_keras_object(model)
    except (NotImplementedError, TypeError) as error:
        if not isinstance(model, RestoredModel):
            get_logger().warning(
                "%r is saved without its configuration: load_model will give a model that calls the saved functions. %s",
                model.name,
                error,
            )
        config = {"compile_config": _compile_config(model) if is_compiled else None}
    if not is_compiled:
        config.pop("compile_config", None)
    return {
        METADATA: written_metadata(model, objects, is_compiled),
        DESCRIPTION: written_description(model, config, _updated(model) if is_compiled else None),
        **{_ASSETS + name: content for name, content in assets.assets_of(model).items()},
    }


def _compile_config(model: Any) -> dict[str, Any] | None:
    try:
        return model.get_compile_config()
    except (NotImplementedError, TypeError) as error:
        get_logger().warning("%r is saved without how it was compiled: %s", model.name, error)
        return None


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
    described = read_description(path)
    size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())

    @contextmanager
    def reading() -> Iterator[None]:
        with reading_model(path, size), serialization.SafeModeScope(safe_mode):
            with serialization.CustomObjectScope(custom_objects or {}):
                yield

    if described.config is not None:
        try:
            with reading():
                model = serialization.deserialize_keras_object(described.config)
                _restore_assets(model, path)
                if described.shape is not None and not model.built:
                    model.build(described.shape)
                has_state = compile and _compile(model, described, path, safe_mode)
        except serialization.UnknownClassError as error:
            get_logger().warning("%s The model calls the functions of %r instead.", error, str(path))
        else:
            _restore(model if has_state else _WithoutOptimizer(model), path)
            return model
    loaded = load(path)
    model = RestoredModel(loaded, path.name, described.output_names)
    if not compile or described.training is None:
        return model
    try:
        if described.own_steps:
            raise TypeError(f"its class had its own {', '.join(described.own_steps)}, which the folder does not hold.")
        with reading():
            _restore(model if _compile(model, described, path, safe_mode) else _WithoutOptimizer(model), path)
    except (TypeError, ValueError, NotImplementedError, ImportError) as error:
        get_logger().warning("%r comes back uncompiled: %s", model.name, error)
        return RestoredModel(loaded, path.name, described.output_names)
    return model


def _restore_assets(model: Any, path: Path) -> None:
    root = path / _ASSETS
    files = {file.relative_to(root).as_posix(): file for file in root.rglob("*") if file.is_file()}
    assets.restore_assets(model, files, Path.read_bytes)
    if assets.are_missing(model):
        raise serialization.UnknownClassError(f"{str(path)!r} does not say which words its layers learned.")


def _compile(model: Any, described: Description, path: Path, safe_mode: bool) -> bool:
    """Compiles a model as the folder says; returns whether the folder has a state of its optimizer."""
    if described.training is None:
        return False
    if described.is_former:
        legacy_h5.compile_model(model, described.training, None, safe_mode)
        updated = updated_weights(_WithoutOptimizer(model), _variables_of(path))
        weights = model.trainable_variables if updated is None else updated
    else:
        model.compile_from_config(described.training)
        if described.updated is None:
            return False
        is_restored = isinstance(model, RestoredModel)
        weights = model.updated if is_restored else [model.weights[i] for i in described.updated]
    if model.built and weights:  # else its first step builds it
        _build_for(weights, model)
    return True


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
