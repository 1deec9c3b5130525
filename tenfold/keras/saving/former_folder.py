"""What Keras 2 wrote and reads beside a SavedModel: how the model was made and compiled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tenfold.keras.saving.former_training import former_training_config
from tenfold.keras.saving.legacy_config import modernized
from tenfold.saved_model.saved_objects import Objects

METADATA = "keras_metadata.pb"
_MAX_BYTES = 256 << 20

# Attributes of the saved model, of which Keras 2 makes one again: its functions, one of these, and a layer of all variables.
KERAS_API, CALL_AND_LOSSES, ALL_VARIABLES = "keras_api", "call_and_return_conditional_losses", "all_variables"


def read_metadata(path: Path) -> tuple[dict[str, Any] | None, dict[str, Any] | None, Any] | None:
    """The configuration of the model in a folder of Keras 2's, how it was compiled, and the shape it was built for.

    Returns:
      None if the folder does not say; in place of the configuration where the class did not say it.
    Raises:
      ValueError: it is damaged.
    """
    file = path / METADATA
    if not file.is_file():
        return None
    if file.stat().st_size > _MAX_BYTES:
        raise ValueError(f"{str(file)!r} has {file.stat().st_size} bytes; it is not read.")
    from google.protobuf.message import DecodeError

    from tenfold.protos import saved_model as messages

    try:
        nodes = messages.SavedMetadata.FromString(file.read_bytes()).nodes
        root = next((node for node in nodes if node.node_path == "root"), None)
        if root is None:
            return None
        facts = _decoded(json.loads(root.metadata))
        config = facts.get("model_config") or {"class_name": facts["class_name"], "config": facts.get("config")}
        described = (
            None if config["config"] is None else modernized(config)
        )  # else only the functions say what the model is
        return described, facts.get("training_config"), facts.get("build_input_shape")
    except (DecodeError, RecursionError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"{str(file)!r} is damaged: {type(error).__name__}: {error}") from None


def written_metadata(model: Any, objects: Objects, is_compiled: bool) -> bytes:
    """What Keras 2 needs to make a model of the functions and variables in a folder, and to compile it.

    The model's layers are not described: Keras 2 has other ones, with other options.
    """
    from tenfold.protos import saved_model as messages

    facts = {"trainable": True, "dtype": model.dtype, "expects_training_arg": True}
    root = {**facts, "name": model.name, "class_name": type(model).__name__}
    if is_compiled and (training := former_training_config(model)) is not None:
        root["training_config"] = training
    variables = {**facts, "name": ALL_VARIABLES, "class_name": "Variables", "expects_training_arg": False}
    metadata = messages.SavedMetadata()
    for number, path, kind, content in (
        (0, "root", "_tf_keras_model", root),
        (dict(objects.edges[0])[ALL_VARIABLES], f"root.{ALL_VARIABLES}", "_tf_keras_layer", variables),
    ):
        node = metadata.nodes.add(node_id=number, node_path=path, identifier=kind, metadata=json.dumps(content))
        node.version.producer, node.version.min_consumer = 2, 1
    return metadata.SerializeToString(deterministic=True)


def _decoded(value: Any) -> Any:
    """A value in which tuples and shapes, which are dicts in Keras 2's JSON, are lists."""
    if isinstance(value, dict):
        if value.get("class_name") in ("__tuple__", "TensorShape") and "items" in value:
            return None if value["items"] is None else [_decoded(item) for item in value["items"]]
        return {key: _decoded(item) for key, item in value.items()}
    return [_decoded(item) for item in value] if isinstance(value, list) else value
