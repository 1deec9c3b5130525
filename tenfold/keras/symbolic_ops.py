"""Operations as small layers in the graphs of functional models, and Python's operators on KerasTensors, which are such of `tf.keras.ops`."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from tenfold.keras.keras_tensor import KerasTensor
from tenfold.keras.layers.layer import Layer
from tenfold.keras.layers.symbolic_call import noted_call
from tenfold.keras.shape_inference import output_spec_by_probing


class SymbolicOp(Layer):
    """Calls a function of tensors in a functional model."""

    supports_masking = True  # as an op does: the mask ends here, without a warning

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name=name, autocast=False, **kwargs)
        self.built = True

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        return output_spec_by_probing(self, args, kwargs)

    def compute_mask(self, inputs: Any, previous_mask: Any) -> None:
        return None

    def _symbolic_call(self, args: tuple, kwargs: dict) -> Any:
        return noted_call(self, args, kwargs)

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name}


class GetItem(SymbolicOp):
    """A part of a tensor, by what stands in brackets."""

    def call(self, x: Any, key: Any) -> Any:
        return x[_as_index(key)]


def _as_index(key: Any) -> Any:
    return tuple(_as_index(k) for k in key) if isinstance(key, list) else key


_BINARY = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "floordiv": "floor_divide", "mod": "mod", "pow": "power",
    "matmul": "matmul", "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "ne": "not_equal",
    "and": "logical_and", "or": "logical_or", "xor": "logical_xor",
}  # fmt: skip
_UNARY = {"neg": "negative", "abs": "absolute", "invert": "logical_not"}
_COMPARISONS = ("lt", "le", "gt", "ge", "ne")


def _function(name: str) -> Callable[..., Any]:
    """One of `tf.keras.ops`, which is loaded when it is first used."""
    return getattr(importlib.import_module("tenfold.keras.ops"), name)


def _binary(name: str) -> Callable[[Any, Any], Any]:
    def operator(self: KerasTensor, other: Any) -> Any:
        return NotImplemented if other is None else _function(name)(self, other)

    return operator


for _operator, _name in _BINARY.items():
    setattr(KerasTensor, f"__{_operator}__", _binary(_name))
    if _operator not in _COMPARISONS:
        setattr(KerasTensor, f"__r{_operator}__", lambda self, other, _name=_name: _function(_name)(other, self))
for _operator, _name in _UNARY.items():
    setattr(KerasTensor, f"__{_operator}__", lambda self, _name=_name: _function(_name)(self))
KerasTensor.__getitem__ = lambda self, key: GetItem()(self, key)


class ComputeMask(SymbolicOp):
    """Computes the mask of a layer's output in a functional model."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(name=f"{layer.name}_mask")
        object.__setattr__(self, "_layer", layer)  # its variables belong to the layer alone

    def call(self, inputs: Any, mask: Any = None) -> Any:
        return self._layer.compute_mask(inputs, mask)


def symbolic_mask(layer: Layer, inputs: Any, mask: Any) -> Any:
    """The KerasTensor, or several, that stands for `layer.compute_mask(inputs, mask)`; None where there is none."""
    return ComputeMask(layer)(inputs, mask=mask)
