"""What checkpoints see of Keras objects: their parts, under the names by which Keras 3 has them in TensorFlow's checkpoints."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from tenfold.core.children import attributes
from tenfold.core.variable import Variable

# Attributes that lead to parts which are found elsewhere, or that are no state of the layer.
_SKIPPED = frozenset(
    "_graph _inbound_nodes _outbound_nodes _layers _metrics _trainable_variables _non_trainable_variables _seed_generators "
    "_init_arguments _compile_config _compile_loss _compile_metrics _loss_tracker _losses _input_layer loss history "
    "optimizer".split()
)


def of_layer(layer: Any) -> Iterator[tuple[str, Any]]:
    """The parts of a layer: its attributes."""
    yield from attributes(layer, _SKIPPED, layer._checkpoint_names)


def of_former_layer(layer: Any, names: Collection[str]) -> Iterator[tuple[str, Any]] | None:
    """The parts of a layer where a checkpoint has the names of Keras 2, those of the attributes."""
    former = layer._former_checkpoint_names
    if any(name in names for name in [*layer._checkpoint_names, *former.values()]):
        return attributes(layer, _SKIPPED, former)
    return None


def of_functional(model: Any) -> Iterator[tuple[str, Any]]:
    """The parts of a model: attributes, the layers of its graph, the optimizer."""
    if model._graph is not None:
        yield "_operations", list(model._graph.layers)
    yield from of_layer(model)
    yield "optimizer", model.optimizer


def of_former_model(model: Any, names: Collection[str]) -> Iterator[tuple[str, Any]] | None:
    """The parts of a model in a checkpoint of Keras 2, which numbers the layers, and those with weights once more."""
    if "layer-0" not in names and "layer_with_weights-0" not in names:
        return None
    return _former_parts(model)


def _former_parts(model: Any) -> Iterator[tuple[str, Any]]:
    layers = model.layers
    weighted = [layer for layer in layers if layer.weights]
    yield from ((f"layer-{i}", layer) for i, layer in enumerate(layers))
    yield from ((f"layer_with_weights-{i}", layer) for i, layer in enumerate(weighted))
    yield from of_layer(model)
    yield "optimizer", model.optimizer


def of_sequential(model: Any) -> Iterator[tuple[str, Any]]:
    """The parts of a stack of layers: Keras makes a functional model of it, and knows no others before it is built."""
    if model._graph is not None:
        yield "_functional", {"_operations": list(model._graph.layers)}
    else:
        yield "_layers", model._layers
    yield from of_layer(model)
    yield "optimizer", model.optimizer


def of_optimizer(optimizer: Any) -> Iterator[tuple[str, Any]]:
    """The parts of an optimizer: all its variables in a list, those of the model, and single ones by name."""
    yield "_variables", list(optimizer._variables)
    yield "_trainable_variables", list(optimizer._trainable_variables)
    yield from _named_variables(optimizer)


def of_former_optimizer(optimizer: Any, names: Collection[str]) -> Iterator[tuple[str, Any]] | None:
    """The parts of an optimizer in a checkpoint of Keras 2.

    Its list of all variables lacks the learning rate, so that the lists of one kind are taken instead.
    """
    if "iter" in names:
        product = getattr(optimizer, "_u_product", None)  # Nadam's
        rate = optimizer._learning_rate
        return iter([("iter", optimizer._iterations), ("learning_rate", rate), ("momentum_cache", product)])
    if "_variables" not in names or "_trainable_variables" in names:
        return None
    lists = [(name, value) for name, value in attributes(optimizer, ("_variables",)) if isinstance(value, list)]
    known = [(name if name in names else name.removeprefix("_"), value) for name, value in lists]
    return iter([*_named_variables(optimizer), *known])


_SLOTS = {
    "SGD": {"momentum": "momentums"},
    "Adam": {"m": "_momentums", "v": "_velocities", "vhat": "_velocity_hats"},
    "RMSprop": {"rms": "_velocities", "momentum": "_momentums", "mg": "_average_gradients"},
    "Adagrad": {"accumulator": "_accumulators"},
    "Adadelta": {"accum_grad": "_accumulated_grads", "accum_var": "_accumulated_delta_vars"},
    "Adamax": {"m": "_m", "v": "_u"},
    "Nadam": {"m": "_momentums", "v": "_velocities"},
    "Ftrl": {"accumulator": "_accumulators", "linear": "_linears"},
}


def former_slot(optimizer: Any, variable: Any, name: str) -> Any:
    """What an optimizer keeps for a variable under a name of the optimizers before Keras 2.11; None if it keeps nothing."""
    attribute = next((_SLOTS[c.__name__].get(name) for c in type(optimizer).__mro__ if c.__name__ in _SLOTS), None)
    kept = getattr(optimizer, attribute or "", None)
    index = optimizer._indices.get(id(variable))
    return kept[index] if kept and index is not None else None


def _named_variables(optimizer: Any) -> Iterator[tuple[str, Any]]:
    for name, value in attributes(optimizer):
        if isinstance(value, Variable) or hasattr(type(value), "apply_gradients"):
            yield name, value
