"""The names under which custom classes and functions are saved and found again."""

from __future__ import annotations

import threading
from typing import Any

GLOBAL_CUSTOM_OBJECTS: dict[str, Any] = {}
_NAMES: dict[Any, str] = {}


class _Scopes(threading.local):
    objects: dict[str, Any] = {}
    safe_mode: bool | None = None


scopes = _Scopes()


def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Any:
    """Decorator that gives a class or function the name `package>name` in saved files.

    Not needed where the class can be imported under its module's name.

    Example:
      >>> @tf.keras.saving.register_keras_serializable("doc")
      ... class Twice(tf.keras.layers.Layer):
      ...     def call(self, x):
      ...         return 2 * x
      >>> tf.keras.saving.get_registered_name(Twice)
      'doc>Twice'
    """

    def decorate(item: Any) -> Any:
        registered = f"{package}>{name or item.__name__}"
        if isinstance(item, type) and not hasattr(item, "get_config"):
            raise ValueError("Cannot register a class that does not have a get_config() method.")
        GLOBAL_CUSTOM_OBJECTS[registered] = item
        _NAMES[item] = registered
        return item

    return decorate


def get_registered_name(obj: Any) -> str:
    """The name an object is registered under, its own name if it is not."""
    return _NAMES.get(obj) or obj.__name__


def is_registered(obj: Any) -> bool:
    return obj in _NAMES


def get_registered_object(name: str, custom_objects: dict | None = None, module_objects: dict | None = None) -> Any:
    """The object of a registered name, or None."""
    for table in (scopes.objects, custom_objects or {}, GLOBAL_CUSTOM_OBJECTS, module_objects or {}):
        if name in table:
            return table[name]
    return None


def get_custom_objects() -> dict[str, Any]:
    """The table of all registered objects, which may be changed."""
    return GLOBAL_CUSTOM_OBJECTS


class CustomObjectScope:
    """Makes custom objects known by name while entered.

    Example:
      >>> with tf.keras.utils.custom_object_scope({"double": lambda x: 2 * x}):
      ...     layer = tf.keras.layers.Dense(1, activation="double")
    """

    def __init__(self, *custom_objects: dict[str, Any]) -> None:
        self._objects = {k: v for table in custom_objects if table for k, v in table.items()}

    def __enter__(self) -> CustomObjectScope:
        self._outer = scopes.objects
        scopes.objects = {**self._outer, **self._objects}
        return self

    def __exit__(self, *exc: object) -> None:
        scopes.objects = self._outer


custom_object_scope = CustomObjectScope
