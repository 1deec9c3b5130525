"""`tf.keras.preprocessing`."""

import importlib

_NAMESPACES = ("image", "sequence", "text")


def __getattr__(name: str) -> object:
    """Imports a namespace when it is first used."""
    if name in _NAMESPACES:
        return importlib.import_module(f"tenfold.keras.preprocessing.{name}")
    raise AttributeError(f"module 'tenfold.keras.preprocessing' has no attribute {name!r}: Tenfold does not have it.")


def __dir__() -> list[str]:
    return sorted(_NAMESPACES)
