"""`tf.keras.utils.legacy`: configurations without the module of their class, as Keras 2 wrote them."""

from __future__ import annotations

from typing import Any

from tenfold.keras.saving import registration


def serialize_keras_object(instance: Any) -> Any:
    """An object as `{"class_name", "config"}`, a function as its name.

    Example:
      >>> tf.keras.utils.legacy.serialize_keras_object(tf.keras.initializers.Ones())
      {'class_name': 'Ones', 'config': {}}
    """
    if instance is None:
        return None
    if hasattr(instance, "get_config"):
        return {"class_name": registration.get_registered_name(type(instance)), "config": instance.get_config()}
    if hasattr(instance, "__name__"):
        return registration.get_registered_name(instance)
    raise ValueError(f"serialize_keras_object: {instance!r} has neither get_config() nor a name.")


def deserialize_keras_object(
    identifier: Any,
    module_objects: dict[str, Any] | None = None,
    custom_objects: dict[str, Any] | None = None,
    printable_module_name: str = "object",
) -> Any:
    """The object of `{"class_name", "config"}`, or the function of a name.

    Raises:
      ValueError: nothing has that name.
    """
    if identifier is None:
        return None
    is_config = isinstance(identifier, dict)
    name = identifier["class_name"] if is_config else identifier
    found = registration.get_registered_object(name, custom_objects, module_objects)
    if found is None:
        raise ValueError(f"Unknown {printable_module_name}: {name!r}. Pass it in custom_objects.")
    if not is_config:
        return found() if isinstance(found, type) else found
    config = identifier["config"]
    return found.from_config(config) if hasattr(found, "from_config") else found(**config)
