"""What a layer's argument like `kernel_initializer="he_normal"` means: names, configurations, classes, functions."""

from __future__ import annotations

from typing import Any


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
