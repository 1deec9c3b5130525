"""`tf.raw_ops`: every op of Tenfold under TensorFlow's raw name, as a function of keywords.

tf.raw_ops.Sum(input=x, axis=[0], keep_dims=True)
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold import ops
from tenfold.core.convert import convert
from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import REGISTRY, Op
from tenfold.core.symbol import Symbol

_TYPE_ATTRIBUTES = frozenset(("DstT", "SrcT", "T", "Tout", "Toutput", "dtype", "out_type", "type"))


def _load_all() -> None:
    for module in pkgutil.walk_packages(ops.__path__, f"{ops.__name__}."):
        importlib.import_module(module.name)


def _host_value(value: Any) -> Any:
    """The Python number or nested tuples of what is a tensor in TensorFlow."""
    if isinstance(value, (int, float, str)):
        return value
    array = convert(value)._array
    if type(array) is Symbol:
        elements = np.array(array.elements("an argument of tf.raw_ops"), object)
        return _nested(elements.reshape(array.shape).tolist())
    if array.size or array.dtype.kind in "iu":
        return _nested(array.tolist())
    return ()


def _nested(value: Any) -> Any:
    return tuple([_nested(item) for item in value]) if isinstance(value, list) else value


def _attribute(value: Any, name: str, default: Any) -> Any:
    if isinstance(default, DType) or name in _TYPE_ATTRIBUTES or isinstance(value, (type, np.dtype)):
        return as_dtype(value)
    return tuple(value) if isinstance(value, list) else value


def _raw(op: Op) -> Callable[..., Any]:
    """The function of keywords that runs an op."""
    defaults: dict[str, Any] = getattr(op.kernel, "__kwdefaults__", None) or {}
    what = f"tf.raw_ops.{op.name}"

    def run(**arguments: Any) -> Any:
        arguments.pop("name", None)
        types = {key: as_dtype(arguments.pop(key)) for key in list(arguments) if _is_inferred(key, op)}
        missing = [key for key in (*op.inputs, *op.attrs) if key not in arguments and key not in defaults]
        unknown = arguments.keys() - {*op.inputs, *op.attrs}
        if missing or unknown:
            raise TypeError(
                f"{what}: missing are {missing}, not known are {sorted(unknown)}; the arguments are "
                f"{', '.join([*op.inputs, *op.attrs, 'name'])}."
            )
        tensors: list[Any] = []
        for i, key in enumerate(op.inputs):
            value = arguments.pop(key)
            if op.is_variadic and i == len(op.inputs) - 1:
                tensors += [convert(item) for item in value]
            else:
                # Of two operands called x and y the second takes the dtype of the first.
                tensors.append(convert(value, None, tensors[0].dtype if i and key == "y" else None))
        if tensors and types.get("T", tensors[0].dtype) is not tensors[0].dtype:
            raise InvalidArgumentError(
                f"{what}: T is {types['T'].name}, but {op.inputs[0]} is {tensors[0].dtype.name}."
            )
        if op.types is not None and tensors:
            op.require(*[x._array for x in (tensors if op.inputs[1:] == ("y",) else tensors[:1])])
        attrs = {
            key: _host_value(value) if key in op.host else _attribute(value, key, defaults.get(key))
            for key, value in arguments.items()
        }
        return op(*tensors, **attrs)

    attributes = [f"{key}={defaults[key]!r}" if key in defaults else key for key in op.attrs]
    run.__name__ = run.__qualname__ = op.name
    run.__doc__ = f"{what}({', '.join([*op.inputs, *attributes, 'name=None'])}), as keywords."
    return run


def _is_inferred(key: str, op: Op) -> bool:
    """Whether a keyword is an attribute such as T or Tidx, which follows from the inputs' dtypes."""
    return key[:1] == "T" and key not in op.attrs and key not in op.inputs


_functions: dict[str, Callable[..., Any]] = {}


def function_of(name: str) -> Callable[..., Any]:
    """The function of keywords that runs the op of a name.

    Raises:
      AttributeError: there is no such op.
    """
    function = _functions.get(name)
    if function is None:
        if name not in REGISTRY and not name.startswith("_"):
            _load_all()
        op = REGISTRY.get(name)
        if op is None:
            raise AttributeError(
                f"tf.raw_ops.{name}: Tenfold has no op of this name. dir(tf.raw_ops) lists those it has."
            )
        function = _functions[name] = op.raw or _raw(op)
    return function


def names() -> list[str]:
    """The names of all ops."""
    _load_all()
    return sorted(REGISTRY)
