"""Tenfold under TensorFlow's name: `import tensorflow` and `import keras` lead here."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Sequence

_PACKAGES = {"tensorflow": "tenfold", "keras": "tenfold.keras", "tf_keras": "tenfold.keras"}


class _Alias(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds `tensorflow.x.y` as what `tenfold.x.y` is."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.split(".")[0] not in _PACKAGES:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        sys.modules[module.__name__] = _resolve(module.__name__)


def _resolve(name: str) -> types.ModuleType:
    package, *parts = name.split(".")
    found: object = importlib.import_module(_PACKAGES[package])
    path = _PACKAGES[package]
    for part in parts:
        path = f"{path}.{part}"
        try:
            found = getattr(found, part)
        except AttributeError:
            try:
                found = importlib.import_module(path)
            except ModuleNotFoundError:
                raise ModuleNotFoundError(
                    f"No module named {name!r}: Tenfold stands in for {package} here and does not have it.", name=name
                ) from None
    if not isinstance(found, types.ModuleType):
        raise ModuleNotFoundError(f"No module named {name!r}: it is a {type(found).__name__}, not a module.", name=name)
    return found


def install_as_tensorflow() -> None:
    """Lets `import tensorflow`, `import keras` and imports from their namespaces resolve to Tenfold.

    To be called before they are imported; `python -m tenfold script.py` does it for a script.

    Raises:
      RuntimeError: the real TensorFlow or Keras has been imported already.
    """
    for package, target in _PACKAGES.items():
        known = sys.modules.get(package)
        if known is not None and known.__name__ != target:
            raise RuntimeError(
                f"tenfold.install_as_tensorflow: the real {package} is imported already. Call this first, in a new process."
            )
    if not any(isinstance(finder, _Alias) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Alias())
