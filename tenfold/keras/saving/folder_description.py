"""What stands beside a SavedModel in a folder of a model: how the model is made, and how it was compiled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from tenfold.keras.models import Model
from tenfold.keras.saving.former_folder import read_metadata
from tenfold.keras.saving.limits import KERAS_VERSION

DESCRIPTION = "assets.extra/keras.json"
_MAX_BYTES = 256 << 20
_STEPS = ("train_step", "test_step", "predict_step", "compute_loss", "compute_metrics")


class Description(NamedTuple):
    """What a folder says of its model.

    Attributes:
      config: how it is made; None where only its functions say that.
      training: how it was compiled; None if it was not.
      is_former: whether `training` is in the words of Keras 2.
      shape: what a model of Keras 2 was built for.
      updated: positions of the weights that the optimizer has states of, among all of them; None if it has no such states.
      output_names: those of a graph.
      own_steps: the methods of training that the model's class has of its own.
    """

    config: dict[str, Any] | None = None
    training: dict[str, Any] | None = None
    is_former: bool = False
    shape: Any = None
    updated: list[int] | None = None
    output_names: list[str] | None = None
    own_steps: list[str] = []


def written_description(model: Any, config: dict[str, Any], updated: list[int] | None) -> bytes:
    """The file that `read_description` reads.

    Args:
      config: of the model, with how it was compiled; without a class if only the functions say what the model is.
      updated: see `Description`.
    """
    own_steps = [name for name in _STEPS if getattr(type(model), name) is not getattr(Model, name)]
    names = getattr(model, "output_names", None)
    facts = {"keras_version": KERAS_VERSION, "updated": updated, "output_names": names, "own_steps": own_steps}
    return json.dumps({**facts, "model": config}).encode()


def read_description(path: Path) -> Description:
    """What a folder says of its model, here or for Keras 2.

    Raises:
      ValueError: it is damaged.
    """
    file = path / DESCRIPTION
    if not file.is_file():
        former = read_metadata(path)
        if former is None:
            return Description()
        config, training, shape = former
        return Description(config, training, True, shape, output_names=_names_of_outputs(config))
    if file.stat().st_size > _MAX_BYTES:
        raise ValueError(f"{str(file)!r} has {file.stat().st_size} bytes; it is not read.")
    try:
        described = json.loads(file.read_bytes())
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        raise ValueError(f"{str(file)!r} is damaged: {type(error).__name__}: {error}.") from error
    if not isinstance(described, dict) or not isinstance(described.get("model"), dict):
        raise ValueError(f"{str(file)!r} is damaged: it holds no model.")
    model = described["model"]
    return Description(
        model if "class_name" in model else None,
        model.pop("compile_config", None),
        updated=described.get("updated"),
        output_names=described.get("output_names"),
        own_steps=described.get("own_steps", []),
    )


def _names_of_outputs(config: Any) -> list[str] | None:
    """The names of the outputs of a functional model of Keras 2, if it has several."""
    places = config["config"].get("output_layers") if config is not None else None
    if isinstance(places, list) and all(isinstance(place, list) for place in places):
        return [place[0] for place in places]
    return None
