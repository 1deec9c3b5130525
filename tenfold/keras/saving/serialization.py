"""Keras objects as plain dicts, in the form of Keras 3's files, and back.

Reading builds objects only of classes that Keras knows, that are registered, or that stand under their name in an
importable module and derive from a Keras base class. Nothing in a file is executed, unless a lambda is allowed by
`safe_mode=False`.
"""

from __future__ import annotations

import importlib
import inspect
import sys
import types
from typing import Any

import numpy as np

from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.shapes import TensorShape
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable
from tenfold.keras import config
from tenfold.keras.keras_tensor import KerasTensor
from tenfold.keras.saving import registration
from tenfold.keras.saving.registration import CustomObjectScope, scopes

_PLAIN = (str, int, float, bool, type(None))

# Where Keras' files place classes that are not in a public namespace named like our module.
_MODULES = {
    "models": "keras",
    "dtype_policies": "keras",
    "optimizers.schedules": "keras.optimizers.schedules",
    "symbolic_ops": "keras.src.ops.numpy",
    **{
        f"ops.{family}": f"keras.src.ops.{family}"
        for family in ("core", "linalg", "math", "nn", "numpy", "image", "einops")
    },
}


class SafeModeScope:
    """Sets whether lambdas of a file are refused while entered."""

    def __init__(self, safe_mode: bool | None = True) -> None:
        self._value = safe_mode

    def __enter__(self) -> None:
        self._outer = scopes.safe_mode
        scopes.safe_mode = self._value

    def __exit__(self, *exc: object) -> None:
        scopes.safe_mode = self._outer


def serialize_keras_object(obj: Any) -> Any:
    """The plain value (numbers, strings, lists, dicts) that stands for an object in a file.

    Raises:
      TypeError: the object has no `get_config()`.

    Example:
      >>> tf.keras.saving.serialize_keras_object(tf.keras.initializers.Zeros())["class_name"]
      'Zeros'
    """
    if isinstance(obj, _PLAIN):
        return obj
    if isinstance(obj, (list, tuple)) and not hasattr(obj, "get_config"):
        items = [serialize_keras_object(item) for item in obj]
        return tuple(items) if isinstance(obj, tuple) else items
    if isinstance(obj, dict):
        return {key: serialize_keras_object(value) for key, value in obj.items()}
    if isinstance(obj, TensorShape):
        return obj.as_list() if obj.rank is not None else None
    if isinstance(obj, DType):
        return obj.name
    if isinstance(obj, KerasTensor):
        history = obj._keras_history
        place = None if history is None else [history.operation.name, history.node_index, history.tensor_index]
        return _special("keras_tensor", shape=list(obj.shape), dtype=obj.dtype, keras_history=place)
    if isinstance(obj, np.generic) or (isinstance(obj, np.ndarray) and not obj.ndim):
        return obj.item()
    if isinstance(obj, np.ndarray):
        return _special("numpy", value=obj.tolist(), dtype=as_dtype(obj.dtype).name)
    if isinstance(obj, (Tensor, Variable)):
        return _special("tensor", value=obj.numpy().tolist(), dtype=obj.dtype.name)
    if isinstance(obj, bytes):
        return _special("bytes", value=obj.decode("utf-8"))
    if isinstance(obj, slice):
        return _special("slice", **{k: serialize_keras_object(getattr(obj, k)) for k in ("start", "stop", "step")})
    if obj is Ellipsis:
        return _special("ellipsis")
    if isinstance(obj, (types.FunctionType, types.BuiltinFunctionType)) or isinstance(obj, type):
        return serialize_function(obj)
    if not hasattr(obj, "get_config"):
        if callable(obj) and hasattr(obj, "__name__"):
            return serialize_function(obj)
        raise TypeError(
            f"Cannot serialize object {obj} of type {type(obj)}. To be serializable, a class must implement the "
            "`get_config()` method."
        )
    cls = type(obj)
    module, registered = _place_of(cls)
    config = {
        "module": module,
        "class_name": cls.__name__,
        "config": {key: serialize_keras_object(value) for key, value in obj.get_config().items()},
        "registered_name": registered,
    }
    for part in ("build", "compile"):
        method = getattr(obj, f"get_{part}_config", None)
        found = method() if method is not None else None
        if found is not None:
            config[f"{part}_config"] = serialize_keras_object(found)
    return config


def _special(kind: str, **config: Any) -> dict[str, Any]:
    return {"class_name": f"__{kind}__", "config": config}


def _place_of(cls: type) -> tuple[str, str | None]:
    """The module and the registered name under which a file holds a class."""
    if registration.is_registered(cls):
        return cls.__module__, registration.get_registered_name(cls)
    if not cls.__module__.startswith("tenfold.keras."):
        return cls.__module__, cls.__name__
    if cls.__name__ == "Functional":
        return "keras.src.models.functional", "Functional"
    path = cls.__module__.removeprefix("tenfold.keras.")
    for prefix, module in _MODULES.items():
        if path == prefix or path.startswith(prefix + "."):
            return module, None
    return f"keras.{path.split('.')[0]}", None


def serialize_function(function: Any) -> Any:
    """What stands for a function in a file: its place and name, or the code of a lambda."""
    name = getattr(function, "__name__", type(function).__name__)
    if name == "<lambda>":
        import logging

        logging.getLogger("tenfold").warning(
            "A lambda is saved as code. Reading it back needs safe_mode=False; use a named function instead."
        )
        return {"class_name": "__lambda__", "config": {"value": _dumped(function)}}
    module = getattr(function, "__module__", None)
    if module is not None and module.startswith("tenfold.keras."):
        return {"module": "builtins", "class_name": "function", "config": name, "registered_name": "function"}
    registered = registration.get_registered_name(function)
    return {"module": module, "class_name": "function", "config": registered, "registered_name": registered}


class UnknownClassError(TypeError):
    """A class that a configuration names cannot be found."""


def deserialize_keras_object(
    config: Any, custom_objects: dict[str, Any] | None = None, safe_mode: bool = True, **kwargs: Any
) -> Any:
    """The object that `serialize_keras_object` made `config` of.

    Args:
      config: the plain value.
      custom_objects: dict of name to class or function.
      safe_mode: whether lambdas are refused.
    Raises:
      TypeError, ValueError: a class is unknown, or the value has another form.

    Example:
      >>> config = tf.keras.saving.serialize_keras_object(tf.keras.layers.Dense(3))
      >>> tf.keras.saving.deserialize_keras_object(config).units
      3
    """
    module_objects = kwargs.pop("module_objects", None)
    if kwargs:
        raise TypeError(f"deserialize_keras_object: unexpected arguments {sorted(kwargs)}.")
    if scopes.safe_mode is not None:
        safe_mode = scopes.safe_mode
    if config is None or isinstance(config, (int, float)):
        return config
    if isinstance(config, str):
        found = registration.get_registered_object(config, custom_objects)
        if found is not None:
            return found
        return (module_objects or {}).get(config, config)
    if isinstance(config, (list, tuple)):
        return [deserialize_keras_object(item, custom_objects, safe_mode) for item in config]
    if not isinstance(config, dict):
        raise TypeError(f"Could not parse config: {config}")
    if "class_name" not in config or "config" not in config:
        return {key: deserialize_keras_object(value, custom_objects, safe_mode) for key, value in config.items()}
    name, inner = config["class_name"], config["config"]
    if not isinstance(name, str):
        raise TypeError(f"Could not parse config: class_name must be a string, got {name!r}.")
    if name.startswith("__") and name.endswith("__"):
        return _deserialize_special(name, inner or {}, custom_objects, safe_mode)
    if name == "function":
        return deserialize_function(config, custom_objects, safe_mode)
    inner = {} if inner is None else inner
    if not isinstance(inner, (dict, list)):
        raise TypeError(f"Expected 'config' to be a dict for {name}, instead got {type(inner)}.")
    cls = _class_of(config, custom_objects, module_objects)
    with CustomObjectScope(custom_objects or {}), SafeModeScope(safe_mode):
        try:
            obj = cls.from_config(inner)
        except TypeError as error:
            if isinstance(error, UnknownClassError) or getattr(error, "_names_object", False):
                raise  # of an object inside this one, which the message names
            wrapped = TypeError(
                f"{cls.__name__} {_name_in(inner)}could not be made from its config, which has the entries {sorted(inner)}: "
                f"{error}. Its __init__() must accept them; objects among them are made by from_config()."
            )
            wrapped._names_object = True  # type: ignore[attr-defined]
            raise wrapped from error
        if config.get("build_config") and not getattr(obj, "built", True):
            obj.build_from_config(config["build_config"])
            obj.built = True
        if config.get("compile_config"):
            obj.compile_from_config(config["compile_config"])
    return obj


def _name_in(config: Any) -> str:
    name = config.get("name") if isinstance(config, dict) else None
    return f"{name!r} " if isinstance(name, str) else ""


def _deserialize_special(name: str, inner: dict[str, Any], custom_objects: Any, safe_mode: bool) -> Any:
    if name == "__keras_tensor__":
        return KerasTensor(inner["shape"], inner["dtype"])
    if name == "__tensor__":
        from tenfold.core.convert import convert

        return convert(inner["value"], as_dtype(inner["dtype"]))
    if name == "__numpy__":
        return np.array(inner["value"], as_dtype(inner["dtype"]).as_numpy_dtype)
    if name == "__bytes__":
        return inner["value"].encode("utf-8")
    if name == "__ellipsis__":
        return Ellipsis
    if name == "__slice__":
        return slice(
            *(deserialize_keras_object(inner[k], custom_objects, safe_mode) for k in ("start", "stop", "step"))
        )
    if name == "__lambda__":
        if safe_mode and not config.is_deserialization_unsafe():
            raise ValueError(
                "The file holds the code of a Python lambda, which could do anything; it is not run. If you trust the "
                "file, pass `safe_mode=False`, or call `keras.config.enable_unsafe_deserialization()`."
            )
        return _undumped(inner["value"])
    raise TypeError(f"Could not parse config: the special class {name!r} is not known.")


def deserialize_function(
    config: Any, custom_objects: dict[str, Any] | None = None, safe_mode: bool | None = None
) -> Any:
    """The function that `serialize_function` made `config` of."""
    safe = scopes.safe_mode if scopes.safe_mode is not None else True if safe_mode is None else safe_mode
    if config.get("class_name") == "__lambda__":
        return _deserialize_special("__lambda__", config["config"], custom_objects, safe)
    if config.get("class_name") == "lambda":  # the form of Keras 2
        return _deserialize_special("__lambda__", {"value": config["config"]}, custom_objects, safe)
    name, module = config["config"], config.get("module")
    if not isinstance(name, str):
        raise TypeError(f"Expected 'config' to be the name of a function, got {name!r}.")
    found = registration.get_registered_object(name, custom_objects)
    if found is None and config.get("registered_name"):
        found = registration.get_registered_object(config["registered_name"], custom_objects)
    if found is not None:
        return found
    if module == "keras" or str(module).startswith("keras."):
        return _public(module, name, "function")
    if module == "builtins":
        return builtin_function(name)
    found = _imported(module, name.split(">")[-1])
    if isinstance(found, types.FunctionType) and found.__module__ == module:
        return found
    raise TypeError(
        f"Could not locate function '{name}' of module {module!r}. Import the module that defines it, pass it in "
        "`custom_objects`, or register it with `@keras.saving.register_keras_serializable()`."
    )


def builtin_function(name: str) -> Any:
    """The loss, metric or activation of a name; the name itself if Keras has none."""
    from tenfold.keras import activations, losses, metrics

    for known in (activations._BY_NAME, losses._BY_NAME, metrics._FUNCTIONS):
        found = known.get(name)
        if found is not None:
            return found
    return name


def _class_of(config: dict[str, Any], custom_objects: Any, module_objects: Any) -> Any:
    name, module = config["class_name"], config.get("module")
    registered = config.get("registered_name")
    for key in (registered, name):
        found = registration.get_registered_object(key, custom_objects) if isinstance(key, str) else None
        if found is not None:
            return found
    if module_objects and name in module_objects:
        return module_objects[name]
    if isinstance(module, str) and (
        module == "keras" or module.startswith(("keras.", "tensorflow.keras", "tensorflow.python.keras"))
    ):
        return _public(module, name, "class")
    if module is None or module == "builtins":
        return _public("keras", name, "class")
    found = _imported(module, name)
    if isinstance(found, type) and issubclass(found, _bases()):
        return found
    raise UnknownClassError(
        f"Could not locate class '{name}' of module {module!r}, or it is not a Keras class. Import the module that defines "
        "it, pass it in `custom_objects`, or register it with `@keras.saving.register_keras_serializable()`."
    )


_NAMESPACES = (
    "layers", "models", "initializers", "regularizers", "constraints", "losses", "metrics", "optimizers",
    "optimizers.schedules", "activations", "dtype_policies",
)  # fmt: skip


_FUNCTION_NAMESPACES = ("activations", "losses", "metrics", "initializers", "regularizers", "constraints")
_NO_USER_PACKAGES = frozenset(sys.stdlib_module_names - {"__main__"} | {"tenfold", "numpy", "h5py", "ml_dtypes"})


def _public(module: str, name: str, what: str) -> Any:
    """A class or function of Keras' public namespaces, by the module and name in a file.

    Only what a configuration may hold: nothing that reads or writes files or fetches data.
    """
    if what == "class" and name in ("TFOpLambda", "SlicingOpLambda"):
        return getattr(importlib.import_module("tenfold.keras.former_ops"), name)
    path = module.removeprefix("tensorflow.").removeprefix("python.").removeprefix("keras").lstrip(".")
    path = path.removeprefix("src.")
    if path.startswith("utils") or path.startswith("saving") or path.startswith("datasets"):
        raise ValueError(f"Cannot deserialize `{module}.{name}`: a model's configuration cannot need it.")
    if path.startswith("ops"):
        from tenfold.keras.ops.operation import operation_class

        if what == "class" and (found := operation_class(name)) is not None:
            return found
    first = [n for n in _NAMESPACES if path == n or path.startswith(n + ".")]
    namespaces = _NAMESPACES if what == "class" else _FUNCTION_NAMESPACES
    for namespace in [*sorted(set(first) & set(namespaces), key=len, reverse=True), *namespaces]:
        found = getattr(importlib.import_module(f"tenfold.keras.{namespace}"), name, None)
        if what == "class" and isinstance(found, type) and issubclass(found, _bases()):
            return found
        if what == "function" and isinstance(found, types.FunctionType):
            return found
    kind = UnknownClassError if what == "class" else TypeError
    raise kind(f"Could not locate {what} '{name}' of `{module}`: Tenfold's Keras does not have it.")


def _bases() -> tuple[type, ...]:
    """The classes that objects in a configuration derive from."""
    from tenfold.keras import (
        constraints,
        dtype_policies,
        initializers,
        losses,
        metrics,
        optimizers,
        random,
        regularizers,
    )
    from tenfold.keras.layers.layer import Layer

    return (
        Layer, losses.Loss, metrics.Metric, optimizers.Optimizer, optimizers.OptimizerMap,
        optimizers.schedules.LearningRateSchedule,
        initializers.Initializer, regularizers.Regularizer, constraints.Constraint, dtype_policies.DTypePolicy,
        random.SeedGenerator,
    )  # fmt: skip


def _imported(module: Any, name: str) -> Any:
    """An attribute of a module of the user's."""
    if not isinstance(module, str) or module.split(".")[0] in _NO_USER_PACKAGES:
        return None
    try:
        found: Any = sys.modules.get(module) or importlib.import_module(module)
    except ImportError:
        found = sys.modules.get("__main__")
    for part in name.split("."):
        found = getattr(found, part, None)
    if found is None:
        found = getattr(sys.modules.get("__main__"), name, None)
    return found


def _dumped(function: types.FunctionType) -> dict[str, Any]:
    """The code of a function, in the form in which Keras stores it."""
    import base64
    import marshal

    closure = [serialize_keras_object(cell.cell_contents) for cell in function.__closure__ or ()]
    return {
        "code": base64.b64encode(marshal.dumps(function.__code__)).decode("ascii"),
        "defaults": serialize_keras_object(list(function.__defaults__ or ())) or None,
        "closure": closure or None,
    }


def _undumped(value: Any) -> Any:
    import base64
    import marshal

    if isinstance(value, (list, tuple)):
        code, defaults, closure = value
    else:
        code, defaults, closure = value["code"], value.get("defaults"), value.get("closure")
    import tenfold

    names = {**vars(sys.modules["__main__"]), "tf": tenfold, "keras": tenfold.keras, "np": np}
    cells = None if not closure else tuple(types.CellType(deserialize_keras_object(item)) for item in closure)
    loaded = marshal.loads(base64.b64decode(code))
    if not inspect.iscode(loaded):
        raise ValueError("The file's lambda is damaged: it holds no code.")
    return types.FunctionType(loaded, names, argdefs=tuple(defaults) if defaults else None, closure=cells)
