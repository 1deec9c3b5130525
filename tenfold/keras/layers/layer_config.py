"""The configuration of a layer: its named attributes, or the arguments that it was made with."""

from __future__ import annotations

import inspect
from typing import Any


def recorded_arguments(layer: Any, base: dict[str, Any]) -> dict[str, Any]:
    """The arguments that a layer was made with; what its `__init__` does not take is removed from `base`.

    Raises:
      NotImplementedError: there are positional arguments without a name.
    """
    from tenfold.keras.saving import serialization

    args, kwargs = layer._init_arguments
    signature = inspect.signature(type(layer).__init__)
    bound = signature.bind(layer, *args, **kwargs)
    bound.apply_defaults()
    config: dict[str, Any] = {}
    takes_base = False
    for name, parameter in list(signature.parameters.items())[1:]:
        if parameter.kind is parameter.VAR_KEYWORD:
            takes_base = True
            config.update(bound.arguments.get(name, {}))
        elif parameter.kind is parameter.VAR_POSITIONAL:
            if bound.arguments.get(name):
                raise NotImplementedError(
                    f"{type(layer).__name__}: __init__ takes *{name}, which cannot be recorded. Define get_config()."
                )
        elif name in bound.arguments:
            config[name] = bound.arguments[name]
    config = {k: serialization.serialize_keras_object(v) for k, v in config.items()}
    if not takes_base:
        for name in base.keys() - signature.parameters.keys():
            base.pop(name)
    return config


def serialized(value: Any) -> Any:
    """An argument of a layer as it stands in its configuration."""
    if callable(value) or hasattr(value, "get_config"):
        from tenfold.keras import activations
        from tenfold.keras.saving import serialization

        return (
            serialization.serialize_keras_object(value)
            if hasattr(value, "get_config")
            else activations.serialize(value)
        )
    return value


def deserialized(config: dict[str, Any]) -> dict[str, Any]:
    """The arguments that `recorded_arguments` recorded."""
    from tenfold.keras.saving import serialization

    return {
        k: serialization.deserialize_keras_object(v) if isinstance(v, dict) and "class_name" in v else v
        for k, v in config.items()
    }
