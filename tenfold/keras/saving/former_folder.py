"""What Keras 2 wrote beside a SavedModel: how the model was made and compiled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tenfold.keras.saving.legacy_config import modernized

METADATA = "keras_metadata.pb"
_MAX_BYTES = 256 << 20


def read_metadata(path: Path) -> tuple[dict[str, Any], dict[str, Any] | None, Any] | None:
    """The configuration of the model in a folder of Keras 2's, how it was compiled, and the shape it was built for.

    Returns:
      None if the folder has none.
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
        config = facts.get("model_config") or {"class_name": facts["class_name"], "config": facts["config"]}
        return modernized(config), facts.get("training_config"), facts.get("build_input_shape")
    except (DecodeError, RecursionError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"{str(file)!r} is damaged: {type(error).__name__}: {error}") from None


def _decoded(value: Any) -> Any:
    """A value in which tuples and shapes, which are dicts in Keras 2's JSON, are lists."""
    if isinstance(value, dict):
        if value.get("class_name") in ("__tuple__", "TensorShape") and "items" in value:
            return None if value["items"] is None else [_decoded(item) for item in value["items"]]
        return {key: _decoded(item) for key, item in value.items()}
    return [_decoded(item) for item in value] if isinstance(value, list) else value
