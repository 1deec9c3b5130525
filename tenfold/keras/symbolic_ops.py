"""Python's operators on KerasTensors: each is a small layer in the graph of the functional model.

The classes bear the names that Keras gives them in its files.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenfold.keras.keras_tensor import KerasTensor
from tenfold.keras.layers.layer import Layer
from tenfold.keras.layers.symbolic_call import noted_call
from tenfold.keras.shape_inference import output_spec_by_probing
from tenfold.ops import division, elementwise, exponential, logic
from tenfold.ops import matmul as matmul_ops

OPERATIONS: dict[str, type] = {}


class SymbolicOp(Layer):
    """Calls a function of tensors in a functional model."""

    function: Callable[..., Any]
    supports_masking = True  # as an op does: the mask ends here, without a warning

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name=name, autocast=False, **kwargs)
        self.built = True

    def call(self, *args: Any, **kwargs: Any) -> Any:
        return type(self).function(*args, **kwargs)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        return output_spec_by_probing(self, args, kwargs)

    def compute_mask(self, inputs: Any, previous_mask: Any) -> None:
        return None

    def _symbolic_call(self, args: tuple, kwargs: dict) -> Any:
        return noted_call(self, args, kwargs)

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name}


def operation(name: str, function: Callable[..., Any]) -> type:
    """The layer class that calls `function`, under Keras' name for it."""
    cls = type(name, (SymbolicOp,), {"function": staticmethod(function), "__module__": __name__})
    OPERATIONS[name] = cls
    globals()[name] = cls
    return cls


def _get_item(x: Any, key: Any) -> Any:
    return x[_as_index(key)]


def _as_index(key: Any) -> Any:
    return tuple(_as_index(k) for k in key) if isinstance(key, list) else key


_BINARY: dict[str, tuple[str, Callable[..., Any]]] = {
    "add": ("Add", elementwise.add),
    "sub": ("Subtract", elementwise.subtract),
    "mul": ("Multiply", elementwise.multiply),
    "truediv": ("TrueDivide", elementwise.truediv),
    "floordiv": ("FloorDivide", division.floordiv),
    "mod": ("Mod", division.floormod),
    "pow": ("Power", exponential.pow),
    "matmul": ("Matmul", matmul_ops.matmul),
    "lt": ("Less", logic.less),
    "le": ("LessEqual", logic.less_equal),
    "gt": ("Greater", logic.greater),
    "ge": ("GreaterEqual", logic.greater_equal),
    "ne": ("NotEqual", logic.not_equal),
    "and": ("LogicalAnd", logic.logical_and),
    "or": ("LogicalOr", logic.logical_or),
    "xor": ("LogicalXor", logic.logical_xor),
}
_UNARY: dict[str, tuple[str, Callable[..., Any]]] = {
    "neg": ("Negative", elementwise.negative),
    "abs": ("Absolute", elementwise.abs),
    "invert": ("LogicalNot", logic.logical_not),
}


def _binary(cls: type) -> Callable[[Any, Any], Any]:
    def operator(self: KerasTensor, other: Any) -> Any:
        if other is None:
            return NotImplemented
        return cls()(self, other)

    return operator


def _reflected(cls: type) -> Callable[[Any, Any], Any]:
    def operator(self: KerasTensor, other: Any) -> Any:
        return cls()(other, self)

    return operator


for _operator, (_name, _function) in _BINARY.items():
    _cls = operation(_name, _function)
    setattr(KerasTensor, f"__{_operator}__", _binary(_cls))
    if _operator in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor"):
        setattr(KerasTensor, f"__r{_operator}__", _reflected(_cls))
for _operator, (_name, _function) in _UNARY.items():
    _cls = operation(_name, _function)
    setattr(KerasTensor, f"__{_operator}__", lambda self, _cls=_cls: _cls()(self))
_cls = operation("GetItem", _get_item)
KerasTensor.__getitem__ = lambda self, key, _cls=_cls: _cls()(self, key)


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
