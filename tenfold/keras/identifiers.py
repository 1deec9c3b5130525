"""What a layer's argument like `kernel_initializer="he_normal"` means: names, configurations, classes, functions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tenfold.keras import naming


def by_both_names(classes: Iterable[type]) -> dict[str, Any]:
    """The classes by their own names and by those in snake case: `"HeNormal"` and `"he_normal"`."""
    classes = tuple(classes)
    return {cls.__name__: cls for cls in classes} | {naming.to_snake_case(cls.__name__): cls for cls in classes}


def serialized(value: Any) -> Any:
    """What stands for an object or a function in a file."""
    from tenfold.keras.saving import serialization

    return serialization.serialize_keras_object(value)


def deserialized(config: Any, custom_objects: Any, by_name: dict[str, Any]) -> Any:
    """What `serialized` made `config` of; `by_name` has the classes and functions of Keras."""
    from tenfold.keras.saving import serialization

    return serialization.deserialize_keras_object(config, custom_objects, module_objects=by_name)


def interpreted(identifier: Any, by_name: dict[str, Any], what: str) -> Any:
    """The object or function that an identifier means; a class is instantiated.

    Args:
      identifier: name, configuration, class, or the object itself.
      by_name: the classes and functions of Keras.
      what: what is looked for, for the error.
    Raises:
      ValueError: it means nothing.
    """
    found = identifier
    if isinstance(identifier, str):
        found = by_name.get(identifier)
        if found is None:
            from tenfold.keras.saving import registration

            found = registration.get_registered_object(identifier)
    elif isinstance(identifier, dict):
        from tenfold.keras.saving import registration, serialization

        name: Any = identifier.get("class_name")
        is_known = "module" in identifier or name in by_name or registration.get_registered_object(name)
        found = is_known and serialization.deserialize_keras_object(identifier, module_objects=by_name)
        found = by_name.get(found) if isinstance(found, str) else found  # a function that a file names
    if isinstance(found, type):
        found = found()
    if callable(found):
        return found
    raise ValueError(f"Could not interpret {what} identifier: {identifier}")
