"""`tf.keras`: Keras 3's model API."""

from __future__ import annotations

import importlib

from tenfold.keras import symbolic_ops as _symbolic_ops
from tenfold.keras.dtype_policies import DTypePolicy as DTypePolicy
from tenfold.keras.initializers import Initializer as Initializer
from tenfold.keras.keras_tensor import KerasTensor as KerasTensor
from tenfold.keras.layers.input_layer import Input as Input
from tenfold.keras.layers.input_spec import InputSpec as InputSpec
from tenfold.keras.layers.layer import Layer as Layer
from tenfold.keras.models.model import Model as Model
from tenfold.keras.models.sequential import Sequential as Sequential
from tenfold.keras.regularizers import Regularizer as Regularizer
from tenfold.keras.variables import Variable as Variable

__version__ = "3.15.1"  # the Keras API it speaks

_NAMESPACES = (
    "activations", "backend", "callbacks", "config", "constraints", "datasets", "dtype_policies", "experimental",
    "initializers", "layers", "legacy", "losses", "metrics", "mixed_precision", "models", "ops", "optimizers",
    "preprocessing", "random", "regularizers", "saving", "tree", "utils", "wrappers",
)  # fmt: skip
_CLASSES = {"Loss": "losses", "Metric": "metrics", "Optimizer": "optimizers"}


def version() -> str:
    """The version of Keras whose interface this is.

    Example:
      >>> tf.keras.version()
      '3.15.1'
    """
    return __version__


def __getattr__(name: str) -> object:
    """Imports a namespace, or one of the classes of one, when it is first used."""
    if name in _NAMESPACES:
        try:
            return importlib.import_module(f"tenfold.keras.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"tenfold.keras.{name}":
                raise
    elif name in _CLASSES:
        return getattr(importlib.import_module(f"tenfold.keras.{_CLASSES[name]}"), name)
    raise AttributeError(f"module 'tenfold.keras' has no attribute {name!r}: Tenfold does not have it.")


def __dir__() -> list[str]:
    return sorted({name for name in globals() if not name.startswith("_")} | set(_NAMESPACES) | set(_CLASSES))
