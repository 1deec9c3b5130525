"""Functional models as plain dicts, in the form of Keras 3's files, and back."""

from __future__ import annotations

from typing import Any

from tenfold.core import nest
from tenfold.keras.functional_graph import Node, node_of
from tenfold.keras.keras_tensor import KerasTensor
from tenfold.keras.saving import serialization


def is_functional(config: Any) -> bool:
    """Whether a configuration is that of a functional model."""
    return isinstance(config, dict) and {"layers", "input_layers", "output_layers"} <= config.keys()


def serialize(model: Any) -> dict[str, Any]:
    """The configuration of a functional model: its layers with the calls of each, its inputs and outputs."""
    graph = model._graph
    kept = {id(node) for node in graph.nodes}
    numbers: dict[int, int] = {}  # of each call among the kept calls of its layer
    calls: dict[int, list[Node]] = {}
    for layer in graph.layers:
        calls[id(layer)] = [node for node in layer._inbound_nodes if id(node) in kept]
        numbers.update({id(node): i for i, node in enumerate(calls[id(layer)])})

    def place(tensor: KerasTensor) -> list:
        history = tensor._keras_history
        return [history.operation.name, numbers.get(id(node_of(tensor)), 0), history.tensor_index]  # type: ignore[union-attr]

    def argument(value: Any) -> Any:
        if not isinstance(value, KerasTensor):
            return serialization.serialize_keras_object(value)
        config = {"shape": list(value.shape), "dtype": value.dtype, "keras_history": place(value)}
        return {"class_name": "__keras_tensor__", "config": config}

    layers = []
    for layer in graph.layers:
        entry = serialization.serialize_keras_object(layer)
        entry["name"] = layer.name
        entry["inbound_nodes"] = [
            {
                "args": [_mapped(argument, arg) for arg in node.args],
                "kwargs": {key: _mapped(argument, value) for key, value in node.kwargs.items()},
            }
            for node in calls[id(layer)]
            if not node.is_input
        ]
        layers.append(entry)
    config = {"name": model.name, "trainable": model.trainable, "layers": layers}
    if model.dtype_policy.name != "float32":
        config["dtype"] = model._dtype_config()
    config["input_layers"] = _mapped(place, graph.inputs_struct)
    config["output_layers"] = _mapped(place, graph.outputs_struct)
    return config


def _mapped(function: Any, value: Any) -> Any:
    """Like `map_structure`, with tuples as lists: what JSON keeps."""
    if isinstance(value, dict):
        return {key: _mapped(function, item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_mapped(function, item) for item in value]
    return function(value)


def deserialize(cls: Any, config: dict[str, Any], custom_objects: Any = None) -> Any:
    """The functional model of a configuration.

    Raises:
      ValueError: a call refers to a layer that is not there.
    """
    layers: dict[str, Any] = {}
    waiting: list[tuple[Any, Any]] = []  # layer and one of its calls
    made: dict[tuple[str, int], Any] = {}  # what the calls returned, by layer name and number
    counts: dict[str, int] = {}
    for entry in config["layers"]:
        inner = {k: v for k, v in entry.items() if k not in ("inbound_nodes", "name")}
        layer = serialization.deserialize_keras_object(inner, custom_objects)
        layer.name = entry["name"]
        layers[entry["name"]] = layer
        if not entry["inbound_nodes"]:
            made[entry["name"], 0] = layer._inbound_nodes[0].outputs
        waiting.extend((layer, _call_of(call)) for call in entry["inbound_nodes"])

    def find(place: Any) -> Any:
        name, node, tensor = place[0], place[1], place[2]
        return nest.flatten(made[name, node])[tensor]

    while waiting:
        left = []
        for layer, (args, kwargs) in waiting:
            try:
                given_args, given_kwargs = (
                    _resolved(args, find, custom_objects),
                    _resolved(kwargs, find, custom_objects),
                )
            except KeyError:
                left.append((layer, (args, kwargs)))
                continue
            number = counts.get(layer.name, 0)
            counts[layer.name] = number + 1
            made[layer.name, number] = layer(*given_args, **given_kwargs)
        if len(left) == len(waiting):
            raise ValueError(
                f"The calls of the layers {sorted({layer.name for layer, _ in left})} refer to layers that are not there."
            )
        waiting = left
    name, trainable = config.get("name"), config.get("trainable", True)
    inputs, outputs = _endpoints(config["input_layers"], find), _endpoints(config["output_layers"], find)
    model = cls(inputs=inputs, outputs=outputs, name=name)
    if not trainable:
        model.trainable = False
    return model


def _call_of(call: Any) -> tuple[Any, Any]:
    """Arguments and keywords of a call; those of Keras 2 are a list of `[name, node, tensor, kwargs]`."""
    if isinstance(call, dict):
        return call["args"], call["kwargs"]

    def tensor(place: Any) -> Any:
        if place[0] == "_CONSTANT_VALUE":
            return place[2]
        return {"class_name": "__keras_tensor__", "config": {"shape": None, "keras_history": place[:3]}}

    def keyword(value: Any) -> Any:
        """What a keyword is given, where tensors are places."""
        if isinstance(value, dict):
            return {key: keyword(item) for key, item in value.items()}
        if not isinstance(value, (list, tuple)):
            return value
        is_place = len(value) == 3 and isinstance(value[0], str) and all(type(n) is int for n in value[1:])
        return tensor(value) if is_place else [keyword(item) for item in value]

    if call and isinstance(call[0], str):
        return [tensor(call)], keyword(call[3] if len(call) > 3 else {})
    tensors = [tensor(place) for place in call]
    kwargs = keyword(call[0][3] if call and len(call[0]) > 3 else {})
    return [tensors if len(tensors) > 1 else tensors[0]], kwargs


def _resolved(value: Any, find: Any, custom_objects: Any) -> Any:
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            return find(value["config"]["keras_history"])
        if "class_name" in value and "config" in value:
            return serialization.deserialize_keras_object(value, custom_objects)
        return {key: _resolved(item, find, custom_objects) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_resolved(item, find, custom_objects) for item in value]
    return value


def _endpoints(value: Any, find: Any) -> Any:
    if isinstance(value, dict):
        return {key: _endpoints(item, find) for key, item in value.items()}
    if len(value) == 3 and isinstance(value[0], str) and isinstance(value[1], int):
        return find(value)
    return [_endpoints(item, find) for item in value]
