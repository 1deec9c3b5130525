"""`tf.keras.models.clone_model`: a model like another one, with layers and weights of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenfold.core import nest
from tenfold.keras.keras_tensor import KerasTensor
from tenfold.keras.layers.input_layer import Input, InputLayer
from tenfold.keras.models.model import Functional, Model
from tenfold.keras.models.sequential import Sequential


def clone_model(
    model: Any,
    input_tensors: Any = None,
    clone_function: Callable[[Any], Any] | None = None,
    call_function: Callable[..., Any] | None = None,
    recursive: bool = False,
    **kwargs: Any,
) -> Any:
    """A model of the same structure with fresh layers and fresh weights, compiled like the first one.

    Args:
      model: a functional, Sequential or subclassed model; the latter is made from its configuration.
      input_tensors: KerasTensors to build the clone on, in the structure of `model.input`; new inputs if None.
      clone_function: function of a layer that returns the layer to put in its place, by default one of the same
        configuration. Inputs are always new.
      call_function: function of `(layer, *args, **kwargs)` that calls the clones of a functional model's layers.
      recursive: whether inner models are cloned layer by layer too.
    Raises:
      ValueError: an argument does not apply to this kind of model, or `input_tensors` do not fit.

    Example:
      >>> model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2, name="out")])
      >>> twin = tf.keras.models.clone_model(model)
      >>> twin.get_layer("out") is model.get_layer("out"), twin.output_shape
      (False, (None, 2))
    """
    cache = kwargs.pop("cache", {})
    if kwargs:
        raise ValueError(f"clone_model: unexpected arguments {sorted(kwargs)}.")
    is_functional = isinstance(model, Functional) or (type(model) is Model and model._graph is not None)
    if call_function is not None and not is_functional:
        raise ValueError(
            f"clone_model: call_function applies to functional models only; got a {type(model).__name__}, whose layers are not "
            "called when it is made."
        )
    cloned_layer = _layer_cloner(clone_function, call_function, recursive, cache)
    if isinstance(model, Sequential):
        clone = _clone_sequential(model, cloned_layer, input_tensors)
    elif is_functional and (not model._records_arguments() or clone_function or input_tensors):
        clone = _clone_functional(model, cloned_layer, call_function, input_tensors)
    elif clone_function or input_tensors:
        raise ValueError(
            "clone_model: clone_function and input_tensors apply to Sequential and functional models only; got a "
            f"{type(model).__name__}. Leave them out."
        )
    else:
        clone = type(model).from_config(model.get_config())
    if model.compiled:
        clone.compile_from_config(model.get_compile_config())
    return clone


def _layer_cloner(
    clone_function: Any, call_function: Any, recursive: bool, cache: dict[int, Any]
) -> Callable[[Any], Any]:
    """The function that clones a layer, the same layer always to the same clone."""

    def cloned(layer: Any) -> Any:
        if id(layer) not in cache:
            if recursive and isinstance(layer, Sequential):
                clone = clone_model(layer, clone_function=clone_function, recursive=True, cache=cache)
            elif recursive and isinstance(layer, Functional):
                clone = clone_model(
                    layer, clone_function=clone_function, call_function=call_function, recursive=True, cache=cache
                )
            elif clone_function is not None:
                clone = clone_function(layer)
            else:
                clone = type(layer).from_config(layer.get_config())
            cache[id(layer)] = clone
        return cache[id(layer)]

    return cloned


def _clone_sequential(model: Any, cloned_layer: Callable[[Any], Any], input_tensors: Any) -> Any:
    layers = [cloned_layer(layer) for layer in model.layers]
    tensors = nest.flatten(input_tensors) if input_tensors is not None else []
    if input_tensors is not None:
        if len(tensors) != 1 or not isinstance(tensors[0], KerasTensor):
            raise ValueError(
                f"clone_model: input_tensors of a Sequential model must be one KerasTensor, got {input_tensors}."
            )
        layers.insert(0, InputLayer(input_tensor=tensors[0]))
    elif model._input_layer is not None:
        layers.insert(0, InputLayer.from_config(model._input_layer.get_config()))
    return Sequential(layers, trainable=model.trainable, name=model.name)


def _clone_functional(model: Any, cloned_layer: Callable[[Any], Any], call_function: Any, input_tensors: Any) -> Any:
    graph = model._graph
    if input_tensors is None:
        inputs = nest.map_structure(
            lambda t: Input(batch_shape=t.shape, dtype=t.dtype, name=t.name), graph.inputs_struct
        )
    else:
        inputs = input_tensors
        flat = nest.flatten(inputs)
        if len(flat) != len(graph.inputs) or not all(isinstance(t, KerasTensor) for t in flat):
            raise ValueError(
                f"clone_model: input_tensors must be KerasTensors in the structure of model.input, {graph.inputs_struct}; got "
                f"{input_tensors}."
            )
    made = {id(old): new for old, new in zip(graph.inputs, nest.flatten(inputs), strict=True)}
    call = call_function or (lambda layer, *args, **kwargs: layer(*args, **kwargs))
    for node in graph.nodes:
        produced = nest.flatten(node.outputs)
        if all(id(tensor) in made for tensor in produced):
            continue
        args, kwargs = nest.map_structure(
            lambda x: made[id(x)] if isinstance(x, KerasTensor) else x, (node.args, node.kwargs)
        )
        outputs = call(cloned_layer(node.operation), *args, **kwargs)
        made.update((id(old), new) for old, new in zip(produced, nest.flatten(outputs), strict=True))
    outputs = nest.map_structure(lambda tensor: made[id(tensor)], graph.outputs_struct)
    cls = type(model) if type(model).__init__ in (Model.__init__, Functional.__init__) else Functional
    clone = cls(inputs=inputs, outputs=outputs, name=model.name)
    clone.trainable = model.trainable
    return clone
