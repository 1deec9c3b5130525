"""Configurations of Keras 2, and of Keras 3's `.h5` files, in the form of today's.

Keras 2 knew arguments that have gone since; where a file holds one with the value that was its default, the model is the
same without it. An argument with another value stays, and the class refuses it.
"""

from __future__ import annotations

from typing import Any

_OLD_DEFAULTS: dict[str, tuple] = {
    "adjustment": (None,),
    "batch_input_shape": (None,),
    "experimental_autocast": (True,),
    "fused": (None, True, False),  # how the same numbers are computed
    "groups": (1,),
    "implementation": (0, 1, 2),  # likewise
    "input_length": (None,),
    "ragged": (False, None),
    "renorm": (False,),
    "rng_type": ("stateful", None),
    "softmax_robust_masking": (False,),
    "sparse": (False, None),
    "time_major": (False,),
    "virtual_batch_size": (None,),
}
_OLD_OPTIMIZER_DEFAULTS: dict[str, tuple] = {
    "decay": (0.0, None),
    "initial_decay": (0.0, None),
    "is_legacy_optimizer": (True, False),
    "jit_compile": (True, False),
}
_ACTIVATIONS = ("activation", "recurrent_activation")
_FORMER_HARD_SIGMOID = {
    "module": "builtins",
    "class_name": "function",
    "config": "former_hard_sigmoid",
    "registered_name": "function",
}
_OF_LAMBDA = ("module", "function_type", "output_shape_type", "output_shape_module")
_OF_KERNEL = ("kernel_initializer", "kernel_regularizer", "kernel_constraint")  # a separable convolution has two others
_OF_SPATIAL_DROPOUT = ("trainable", "noise_shape")
_OF_FEATURES = ("trainable", "batch_input_shape", "salt")  # and the dtype of numbers, which inputs are not cast to
_OF_ATTENTION = ("query_shape", "key_shape", "value_shape")  # found again when the layer is called


def is_legacy(config: Any) -> bool:
    """Whether a configuration of a model lacks the modules of its classes."""
    return isinstance(config, dict) and "class_name" in config and "module" not in config


def modernized(config: Any) -> Any:
    """The configuration of a model or layer, with those inside it, as Keras 3's `.keras` files hold it.

    Example:
      >>> old = {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 3], "ragged": False, "name": "a"}}
      >>> modernized(old)["config"]
      {'name': 'a', 'batch_shape': [None, 3]}
    """
    if isinstance(config, list):
        return [modernized(item) for item in config]
    if not isinstance(config, dict):
        return config
    name, inner = config.get("class_name"), config.get("config")
    if not isinstance(name, str) or not isinstance(inner, dict):
        return {key: modernized(value) for key, value in config.items()}
    if name.startswith("__"):
        return config
    inner = {key: modernized(value) for key, value in inner.items() if not _is_default(key, value, _OLD_DEFAULTS)}
    if name == "InputLayer" and "batch_input_shape" in inner:
        inner["batch_shape"] = inner.pop("batch_input_shape")
    elif name == "Lambda":
        inner = _lambda(inner)
    elif name.startswith("SpatialDropout"):
        inner = {key: value for key, value in inner.items() if key not in _OF_SPATIAL_DROPOUT}
    elif name in ("Discretization", "HashedCrossing", "IntegerLookup", "StringLookup"):
        dropped = (*_OF_FEATURES, "dtype") if inner.get("output_mode") == "int" else _OF_FEATURES
        inner = {key: value for key, value in inner.items() if key not in dropped}
    elif name == "MultiHeadAttention":
        inner = {key: value for key, value in inner.items() if key not in _OF_ATTENTION}
    elif "output_layers" in inner:  # Keras 2 always has lists; a model of one tensor takes and returns it alone
        inner = _renumbered(inner)
        inner |= {key: _alone(inner[key]) for key in ("input_layers", "output_layers") if key in inner}
    elif name in ("SeparableConv1D", "SeparableConv2D"):
        inner = {key: value for key, value in inner.items() if key not in _OF_KERNEL}
    elif name == "BatchNormalization" and isinstance(inner.get("axis"), list) and len(inner["axis"]) == 1:
        inner["axis"] = inner["axis"][0]
    if "module" not in config:
        inner = inner | {key: _FORMER_HARD_SIGMOID for key in _ACTIVATIONS if inner.get(key) == "hard_sigmoid"}
    config = {**config, "config": inner}
    if "module" not in config and inner.keys() <= {"name"} and config.get("inbound_nodes"):
        from tenfold.keras.ops.operation import operation_class

        if operation_class(name) is not None:  # a layer of the same name, such as Add, has a dtype too
            config["module"] = "keras.src.ops.numpy"
    return config


def _renumbered(config: dict[str, Any]) -> dict[str, Any]:
    """The configuration of a functional model in which calls of models inside of it are counted from 0.

    Keras 2 counts that of a model on its own inputs, too.
    """
    layers: list[Any] = config.get("layers") or []
    models = {layer["name"] for layer in layers if _begins_with_inputs(layer)}
    if not models:
        return config

    def renumbered(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: renumbered(item) for key, item in value.items()}
        if not isinstance(value, list):
            return value
        is_place = len(value) > 2 and isinstance(value[0], str) and value[0] in models and type(value[1]) is int
        return (
            [value[0], value[1] - 1, *map(renumbered, value[2:])] if is_place else [renumbered(item) for item in value]
        )

    calls = [{**layer, "inbound_nodes": renumbered(layer["inbound_nodes"])} for layer in layers]
    ends: dict[str, Any] = {key: renumbered(config[key]) for key in ("input_layers", "output_layers") if key in config}
    return {**config, "layers": calls, **ends}


def _begins_with_inputs(layer: Any) -> bool:
    """Whether a layer of a model is a model, as Keras 2 describes it, that has inputs of its own."""
    if not isinstance(layer, dict) or "module" in layer or not isinstance(layer.get("inbound_nodes"), list):
        return False
    if any(isinstance(call, dict) for call in layer["inbound_nodes"]):  # Keras 3 has dicts, and counts from 0
        return False
    inner = layer.get("config")
    parts: Any = inner.get("layers") if isinstance(inner, dict) else None
    return bool(parts) and isinstance(parts[0], dict) and parts[0].get("class_name") == "InputLayer"


def _alone(places: Any) -> Any:
    is_one = isinstance(places, list) and len(places) == 1 and isinstance(places[0], list)
    return places[0] if is_one and len(places[0]) == 3 and isinstance(places[0][0], str) else places


def modernized_optimizer(config: Any) -> Any:
    """The configuration of an optimizer without the old defaults."""
    if not isinstance(config, dict) or not isinstance(config.get("config"), dict):
        return config
    name = config.get("class_name")
    if isinstance(name, str):  # Keras 2.11 and later registered its own optimizers, too
        config = {**config, "class_name": name.removeprefix("Custom>")}
    inner = {k: v for k, v in config["config"].items() if not _is_default(k, v, _OLD_OPTIMIZER_DEFAULTS)}
    if "lr" in inner:
        inner["learning_rate"] = inner.pop("lr")
    if inner.get("weight_decay") == 0:
        inner["weight_decay"] = None
    return {**config, "config": inner}


def modernized_objective(config: dict[str, Any], module: str) -> dict[str, Any]:
    """The configuration of a loss or metric, from the module `"losses"` or `"metrics"`, which have classes of the same names.

    Keras 2 named the function that one wraps by a plain string, also where the class says it.
    """
    inner = config.get("config")
    if not isinstance(inner, dict):
        return config
    if "module" not in config and isinstance(config.get("class_name"), str) and config["class_name"] != "function":
        config = {**config, "module": f"keras.{module}"}
    if not isinstance(inner.get("fn"), str):
        return config
    if config.get("class_name") not in ("LossFunctionWrapper", "MeanMetricWrapper"):
        return {**config, "config": {key: value for key, value in inner.items() if key != "fn"}}
    function = {
        "module": "keras.metrics",
        "class_name": "function",
        "config": inner["fn"],
        "registered_name": inner["fn"],
    }
    return {**config, "config": {**inner, "fn": function}}


def _is_default(key: str, value: Any, defaults: dict[str, tuple]) -> bool:
    return key in defaults and not isinstance(value, (list, dict)) and value in defaults[key]


def _lambda(inner: dict[str, Any]) -> dict[str, Any]:
    inner = {key: value for key, value in inner.items() if key not in _OF_LAMBDA}
    for key in ("function", "output_shape", "mask"):
        value = inner.get(key)
        if isinstance(value, list) and len(value) == 3 and isinstance(value[0], str):
            inner[key] = {"class_name": "__lambda__", "config": {"value": value}}
    return inner
