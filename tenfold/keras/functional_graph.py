"""Nodes of the functional API: the calls of layers on KerasTensors."""

from __future__ import annotations

from typing import Any

from tenfold.core import nest
from tenfold.keras.keras_tensor import KerasHistory, KerasTensor


class Node:
    """One call of a layer on KerasTensors.

    Attributes:
      operation: the layer.
      args, kwargs: the arguments, KerasTensors among them.
      outputs: what the call returned.
      inputs: the KerasTensors among the arguments, in order.
    """

    __slots__ = ("operation", "args", "kwargs", "outputs", "inputs", "index")

    def __init__(self, operation: Any, args: tuple, kwargs: dict[str, Any], outputs: Any) -> None:
        self.operation, self.args, self.kwargs, self.outputs = operation, args, kwargs, outputs
        self.inputs = [x for x in nest.flatten((args, kwargs)) if isinstance(x, KerasTensor)]
        self.index = len(operation._inbound_nodes)
        operation._inbound_nodes.append(self)
        for i, output in enumerate(nest.flatten(outputs)):
            if output is not None:
                output._keras_history = KerasHistory(operation, self.index, i)
        for tensor in self.inputs:
            if tensor._keras_history is not None:
                tensor._keras_history.operation._outbound_nodes.append(self)

    @property
    def is_input(self) -> bool:
        return not self.inputs

    def input_tensors_structure(self) -> Any:
        """The first argument, or all of them if there are several."""
        if self.is_input:
            return self.outputs
        return (
            self.args[0]
            if self.args and not self.kwargs and len(self.args) == 1
            else (self.inputs[0] if len(self.inputs) == 1 else self.inputs)
        )

    def parents(self) -> list[Node]:
        """The calls that made the inputs, in order, each once."""
        found: dict[int, Node] = {}
        for tensor in self.inputs:
            node = node_of(tensor)
            found[id(node)] = node
        return list(found.values())


def node_of(tensor: KerasTensor) -> Node:
    """The call that a KerasTensor came from."""
    history = tensor._keras_history
    if history is None:
        raise ValueError(
            f"{tensor} comes neither from keras.Input nor from a call of a layer. Begin with keras.Input(...)."
        )
    return history.operation._inbound_nodes[history.node_index]


def from_new_inputs(inputs: Any, outputs: Any) -> tuple[Any, Any]:
    """The inputs and outputs of a model that begins at `inputs`: where one of them is the result of a call, a new Input stands
    in its place and the calls after it are recorded again."""
    from tenfold.keras.layers.input_layer import InputLayer

    flat = nest.flatten(inputs)
    if all(node_of(tensor).is_input for tensor in flat):
        return inputs, outputs
    by_depth, _ = nodes_by_depth(nest.flatten(outputs), flat)
    twins: dict[int, KerasTensor] = {}
    for tensor in flat:
        is_input = node_of(tensor).is_input
        name = f"{tensor.name}CLONE"  # Keras' name for it
        twins[id(tensor)] = (
            tensor if is_input else InputLayer(batch_shape=tensor.shape, dtype=tensor.dtype, name=name).output
        )

    def twin(value: Any) -> Any:
        return twins.get(id(value), value) if isinstance(value, KerasTensor) else value

    for depth in sorted(by_depth, reverse=True):
        for node in by_depth[depth]:
            produced = nest.flatten(node.outputs)
            if all(id(tensor) in twins for tensor in produced):
                continue
            copies = nest.map_structure(lambda t: KerasTensor(t.shape, t.dtype, name=f"{t.name}CLONE"), node.outputs)
            args, kwargs = nest.map_structure(twin, (node.args, node.kwargs))
            Node(node.operation, args, kwargs, copies)
            for tensor, copy in zip(produced, nest.flatten(copies), strict=True):
                twins.setdefault(id(tensor), copy)
    return nest.map_structure(twin, inputs), nest.map_structure(twin, outputs)


def nodes_by_depth(outputs: list[KerasTensor], inputs: list[KerasTensor]) -> tuple[dict[int, list[Node]], list[Any]]:
    """The calls between inputs and outputs, by their distance from the outputs, and the layers that take part.

    Layers stand in Keras' order, on which that of a model's weights depends: the farthest from the outputs first, those
    of one distance as a walk from the outputs meets them.

    Raises:
      ValueError: an output depends on an Input that is not among the inputs.
    """
    known = {id(tensor) for tensor in inputs}
    order: list[Node] = []  # parents before children
    visited: set[int] = set()
    met: dict[int, Any] = {}  # the layers in the order of the walk
    stack: list[tuple[Node, bool]] = [(node_of(t), False) for t in reversed(outputs)]
    while stack:
        node, is_done = stack.pop()
        if is_done:
            order.append(node)
            continue
        if id(node) in visited:
            continue
        visited.add(id(node))
        met.setdefault(id(node.operation), node.operation)
        stack.append((node, True))
        produced = nest.flatten(node.outputs)
        if all(id(tensor) in known for tensor in produced):
            continue
        if node.is_input:
            names = [tensor.name for tensor in produced]
            raise ValueError(
                f"`inputs` not connected to `outputs`: an output depends on the Input {names}, which is not among `inputs`."
            )
        for tensor in reversed(node.inputs):
            if id(tensor) not in known or node_of(tensor).is_input:
                stack.append((node_of(tensor), False))
    depths: dict[int, int] = {}
    layer_depths: dict[int, int] = {}
    for node in reversed(order):
        depth = max(depths.get(id(node), 0), layer_depths.get(id(node.operation), 0))
        depths[id(node)] = layer_depths[id(node.operation)] = depth
        if not all(id(tensor) in known for tensor in nest.flatten(node.outputs)):
            for parent in node.parents():
                if id(parent) in visited:
                    depths[id(parent)] = max(depths.get(id(parent), 0), depth + 1)
    for node in order:  # an Input stands at the top
        layer_depths[id(node.operation)] = max(layer_depths[id(node.operation)], depths[id(node)])
    grouped: dict[int, list[Node]] = {}
    for node in order:
        grouped.setdefault(depths[id(node)], []).append(node)
    unused = [node_of(t).operation for t in inputs if node_of(t).is_input and id(node_of(t).operation) not in met]
    layers = sorted([*unused, *met.values()], key=lambda layer: -layer_depths.get(id(layer), 0))
    return grouped, layers
