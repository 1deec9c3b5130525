"""Tenfold under TensorFlow's name: `import tensorflow` and `import keras` lead here."""

from __future__ import annotations

import importlib
import importlib.machinery
import sys
import types
from collections.abc import Sequence

_PACKAGES = {"tensorflow": "tenfold", "keras": "tenfold.keras", "tf_keras": "tenfold.keras"}


class _Alias:  # without the base classes of importlib.abc, which imports tempfile, lzma and more
    """Finds `tensorflow.x.y` as what `tenfold.x.y` is."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] not in _PACKAGES:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)  # type: ignore[arg-type]  # a loader by its methods

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        found = _resolve(module.__name__)
        if not hasattr(found, "__path__"):
            found.__path__ = []  # a namespace that is one file here may have namespaces in it all the same
        sys.modules[module.__name__] = found


def _resolve(name: str) -> types.ModuleType:
    """The module that answers to a name of TensorFlow's or Keras'."""
    package, *parts = name.split(".")
    if parts[:2] == ["python", "keras"]:
        package, parts = "keras", parts[2:]
    if parts[:1] == ["python"]:
        from tenfold.private_names import find_private

        found: object = find_private(".".join(parts[1:]))
    else:
        found = importlib.import_module(_PACKAGES[package])
        for part in parts:
            found = getattr(found, part, None) or _submodule(found, part)
    if isinstance(found, types.ModuleType):
        return found
    raise ModuleNotFoundError(
        f"No module named {name!r}: Tenfold stands in for {package} here and does not have it.", name=name
    )


def _submodule(parent: object, name: str) -> types.ModuleType | None:
    path = f"{getattr(parent, '__name__', None)}.{name}"
    try:
        return importlib.import_module(path)
    except ModuleNotFoundError as error:
        if error.name != path:
            raise
        return None


def install_as_tensorflow() -> None:
    """Lets `import tensorflow`, `import keras` and imports from their namespaces resolve to Tenfold.

    To be called before they are imported; `python -m tenfold script.py` does it for a script. Of TensorFlow's private
    modules, `tensorflow.python.*`, those are there whose names have public twins.

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
