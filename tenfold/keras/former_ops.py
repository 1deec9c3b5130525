"""Functions of tensors in the functional models of Keras 2, which files name by TensorFlow's names for them."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

from tenfold.keras.saving.serialization import UnknownClassError
from tenfold.keras.symbolic_ops import SymbolicOp

_OPERATORS = {"add": "math.add", "eq": "math.equal", "ne": "math.not_equal"}


def function_of(name: str) -> Callable[..., Any]:
    """A function of the public namespaces that does nothing but compute with tensors.

    Raises:
      UnknownClassError: there is none of this name.
    """
    import tenfold

    path = name.removeprefix("compat.v1.")
    if path.startswith("__operators__."):
        path = _OPERATORS.get(path.removeprefix("__operators__."), "")
    found: Any = tenfold
    for part in path.split("."):
        found = None if part.startswith("_") else getattr(found, part, None)
    if not isinstance(found, types.FunctionType) or not found.__module__.startswith("tenfold.ops."):
        raise UnknownClassError(f"The model calls the function {name!r} of TensorFlow, which Tenfold does not have.")
    return found


class TFOpLambda(SymbolicOp):
    """A call of a function of TensorFlow's in a model of Keras 2."""

    def __init__(self, function: str, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.function = function
        self._run = function_of(function)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        kwargs.pop("name", None)
        return self._run(*args, **kwargs)

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "function": self.function}


class SlicingOpLambda(SymbolicOp):
    """Square brackets behind a tensor in a model of Keras 2."""

    def __init__(self, function: str, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.function = function

    def call(self, inputs: Any, slice_spec: Any) -> Any:
        spec = slice_spec if isinstance(slice_spec, (list, tuple)) else [slice_spec]
        return inputs[tuple(map(_index_of, spec))]

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "function": self.function}


def _index_of(item: Any) -> Any:
    if isinstance(item, dict):
        if item.get("class_name") == "__ellipsis__" or "start" not in item:
            return ...
        return slice(item["start"], item["stop"], item["step"])
    return item
