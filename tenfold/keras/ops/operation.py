"""What makes a function of tensors an operation of Keras: on KerasTensors, it becomes a node of the functional model."""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from tenfold.core.convert import convert
from tenfold.core.dtypes import DType
from tenfold.core.tensor import Tensor
from tenfold.keras.keras_tensor import KerasTensor, is_symbolic
from tenfold.keras.promotion import TensorLike, floating, promoted
from tenfold.keras.symbolic_ops import GetItem, SymbolicOp

_Function = TypeVar("_Function", bound=Callable[..., Any])
# How Keras' files call our families; all others are "numpy".
_FAMILIES = {
    "core": "core", "linalg": "linalg", "math": "math", "fourier": "math", "nn": "nn", "convolutions": "nn", "sequences": "nn",
    "windows": "nn", "image": "image", "einops": "einops",
}  # fmt: skip
_FORMER_NAMES = {
    "TrueDivide": "Divide",
    "Abs": "Absolute",
    "Conj": "Conjugate",
    "BitwiseInvert": "BitwiseNot",
    "LeftShift": "BitwiseLeftShift",
    "RightShift": "BitwiseRightShift",
}  # aliases, whose names files may hold, too
_functions: dict[str, Callable[..., Any]] = {}
_specs: dict[str, Callable[..., Any]] = {}


def operation(function: _Function) -> _Function:
    """Lets a function take KerasTensors for the parameters that are annotated as TensorLike."""
    return operation_of_class("".join(part[:1].upper() + part[1:] for part in function.__name__.split("_")))(function)


def operation_of_class(name: str, spec: Callable[..., Any] | None = None) -> Callable[[_Function], _Function]:
    """`operation` where Keras' files have another name for it than the function's in CamelCase.

    Args:
      name: theirs.
      spec: gives the KerasTensors of the result, from the function's arguments, where a run on zeros does not tell them.
    """

    def decorate(function: _Function) -> _Function:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            for value in (*args, *kwargs.values()) if kwargs else args:
                if isinstance(value, KerasTensor) or (isinstance(value, (list, tuple, dict)) and is_symbolic(value)):
                    return _noted(name, function, args, kwargs)
            return function(*args, **kwargs)

        _functions[name] = function
        if spec is not None:
            _specs[name] = spec
        return call  # type: ignore[return-value]  # the same signature

    return decorate


def _noted(name: str, function: Callable[..., Any], args: tuple, kwargs: dict[str, Any]) -> Any:
    """Calls the operation on KerasTensors. Tensors are arguments of the node, all else is configuration.

    What has keywords of any name has no configuration.
    """
    make_layer: Any = operation_class(name)
    signature = inspect.signature(function)
    if _has_free_keywords(signature):
        return make_layer()(*args, **kwargs)
    bound = signature.bind(*args, **kwargs)
    bound.apply_defaults()
    positional: list[Any] = []
    configuration: dict[str, Any] = {}
    for key, value in bound.arguments.items():
        parameter = signature.parameters[key]
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            positional.extend(value)
        elif "TensorLike" in str(parameter.annotation):
            positional.append(value)
        elif is_symbolic(value):
            raise TypeError(
                f"keras.ops.{function.__name__}: {key} is a KerasTensor; it must be known when the model is built. "
                "Compute it inside of a layer's call()."
            )
        else:
            configuration[key] = value.name if isinstance(value, DType) else value
    return make_layer(**configuration)(*positional)


def _has_free_keywords(signature: inspect.Signature) -> bool:
    return any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values())


@functools.cache
def operation_class(name: str) -> type | None:
    """The layer that stands for an operation in a functional model, by Keras' name for it; None if there is none."""
    importlib.import_module("tenfold.keras.ops")  # all operations
    if name == "GetItem":
        return GetItem
    function = _functions.get(_FORMER_NAMES.get(name, name))
    if function is None:
        return None
    signature = inspect.signature(function)
    parameters = signature.parameters.values()
    # what the configuration gives by keyword is laid around the node's tensors
    tensors = [p.name for p in parameters if "TensorLike" in str(p.annotation) and p.kind is not p.VAR_POSITIONAL]
    has_many = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    leading = [p.name for p in parameters if "TensorLike" not in str(p.annotation)] if has_many else []

    def __init__(self: Any, name: str | None = None, **configuration: Any) -> None:
        SymbolicOp.__init__(self, name=name)
        self._configuration = configuration

    def called(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            configuration = dict(self._configuration)
            if has_many:
                first = [configuration.pop(key) for key in leading if key in configuration and key == "subscripts"]
                return function(*first, *args, **configuration, **kwargs)
            return function(**dict(zip(tensors, args, strict=False)), **configuration, **kwargs)

        return call

    def get_config(self: Any) -> dict[str, Any]:
        return {"name": self.name, **self._configuration}

    family = _FAMILIES.get(function.__module__.split(".")[3], "numpy")
    members = {"__init__": __init__, "call": called(function), "get_config": get_config, "__reduce__": _reduced}
    if name in _specs:
        members["compute_output_spec"] = called(_specs[name])
    if _has_free_keywords(signature):
        members["_symbolic_call"] = _with_keywords(list(signature.parameters)[:-1], len(tensors))
    members["__module__"] = f"tenfold.keras.ops.{family}"  # type: ignore[assignment]
    return type(name, (SymbolicOp,), members)


def _with_keywords(names: list[str], count: int) -> Callable[..., Any]:
    """The call of a layer on KerasTensors; what comes after so many tensors is given by keyword."""

    def call(self: Any, args: tuple, kwargs: dict) -> Any:
        named = dict(zip(names[count:], args[count:], strict=False))
        return SymbolicOp._symbolic_call(self, args[:count], {**named, **kwargs})

    return call


def _reduced(self: Any) -> tuple:
    """For pickle: the class has no place where it could be found by name."""
    return _blank, (type(self).__name__,), self.__getstate__()


def _blank(name: str) -> Any:
    cls: Any = operation_class(name)
    return cls.__new__(cls)


def unary(name: str, function: Callable[[Tensor], Tensor], module: str, says: str, makes_float: bool = False) -> Any:
    """The operation that applies a function of one tensor to each element."""

    def op(x: TensorLike) -> Tensor:
        return function(floating(x) if makes_float else convert(x))

    kept = "floating dtypes stay, others become `floatx`" if makes_float else "`x`'s shape"
    op.__doc__ = (
        f"{says}, element by element.\n\n    Args:\n      x: tensor or array of any shape.\n"
        f"    Returns:\n      Tensor of `x`'s shape; {kept}.\n    "
    )
    return _named(op, name, module)


def binary(
    name: str, function: Callable[[Tensor, Tensor], Tensor], module: str, says: str, weak: type | None = None
) -> Any:
    """The operation that applies a function of two tensors, brought to one dtype, to each pair of elements."""

    def op(x1: TensorLike, x2: TensorLike) -> Tensor:
        return function(*promoted(x1, x2, weak=weak))

    op.__doc__ = (
        f"{says}, element by element.\n\n    Args:\n      x1, x2: tensors, arrays or numbers whose shapes broadcast.\n"
        "    Returns:\n      Tensor of the broadcast shape. Both are brought to `keras.backend.result_type` of their dtypes"
        f"{', at least a float' if weak is float else ''}.\n    "
    )
    return _named(op, name, module)


def _named(op: Any, name: str, module: str) -> Any:
    op.__name__ = op.__qualname__ = name
    op.__module__ = module
    return operation(op)
