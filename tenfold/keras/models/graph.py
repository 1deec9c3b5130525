"""How a functional model computes: the calls of its layers in order."""

from __future__ import annotations

from typing import Any

from tenfold.core import nest
from tenfold.core.dtypes import as_dtype
from tenfold.core.symbol import Size
from tenfold.core.tensor import Tensor
from tenfold.keras.functional_graph import Node, from_new_inputs, node_of, nodes_by_depth
from tenfold.keras.keras_tensor import KerasTensor
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops


class FunctionalGraph:
    """The calls between some KerasTensors and others, ready to run.

    Attributes:
      inputs, outputs: flat lists of KerasTensors; `inputs_struct` and `outputs_struct` as they were given.
      layers: the layers that take part, in Keras' order.
      nodes: the calls that take part, in running order.
    """

    def __init__(self, inputs: Any, outputs: Any) -> None:
        for what, structure in (("inputs", inputs), ("outputs", outputs)):
            for tensor in nest.flatten(structure):
                if not isinstance(tensor, KerasTensor):
                    raise ValueError(
                        f"All `{what}` values must be KerasTensors. Received: {what}={tensor} of type {type(tensor)}"
                    )
        if len({id(tensor) for tensor in nest.flatten(inputs)}) != len(nest.flatten(inputs)):
            raise ValueError(f"All `inputs` must be different. Received: inputs={inputs}, where one occurs twice.")
        inputs, outputs = from_new_inputs(inputs, outputs)
        self.inputs_struct, self.outputs_struct = inputs, outputs
        self.inputs: list[KerasTensor] = nest.flatten(inputs)
        self.outputs: list[KerasTensor] = nest.flatten(outputs)
        self.depths, self.layers = nodes_by_depth(self.outputs, self.inputs)
        self.nodes: list[Node] = [node for depth in sorted(self.depths, reverse=True) for node in self.depths[depth]]
        names = [layer.name for layer in self.layers]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(
                    f'The name "{name}" is used {names.count(name)} times in the model. All operation names should be unique.'
                )
        self._plan = self._make_plan()

    @property
    def input_names(self) -> list[str]:
        return [node_of(tensor).operation.name for tensor in self.inputs]

    @property
    def output_names(self) -> list[str]:
        return [node_of(tensor).operation.name for tensor in self.outputs]

    def _make_plan(self) -> list[tuple]:
        slots: dict[int, int] = {}
        for tensor in self.inputs:
            slots[id(tensor)] = len(slots)
        plan = []
        for node in self.nodes:
            produced = nest.flatten(node.outputs)
            if all(id(t) in slots for t in produced):
                continue
            only = node.args[0] if len(node.args) == 1 and not node.kwargs else None
            sources = [slots[id(t)] for t in node.inputs]
            targets = []
            for tensor in produced:
                slots[id(tensor)] = len(slots)
                targets.append(slots[id(tensor)])
            is_simple = isinstance(only, KerasTensor) and isinstance(node.outputs, KerasTensor)
            plan.append((node.operation, None if is_simple else node, sources, targets))
        self._result_slots = [slots[id(t)] for t in self.outputs]
        self._size = len(slots)
        return plan

    def run(self, inputs: Any) -> Any:
        """What the outputs are for these inputs, tensors in the structure of `inputs_struct` or a flat list of them."""
        values: list[Any] = self.flat_inputs(inputs)
        for value, tensor in zip(values, self.inputs, strict=True):
            _check_sizes(value, tensor)
        values.extend([None] * (self._size - len(values)))
        for operation, node, sources, targets in self._plan:
            if node is None:
                values[targets[0]] = operation(values[sources[0]])
                continue
            found = iter([values[s] for s in sources])
            args, kwargs = nest.map_structure(
                lambda x: next(found) if isinstance(x, KerasTensor) else x,  # noqa: B023 (used up at once)
                (node.args, node.kwargs),
            )
            for target, value in zip(targets, nest.flatten(operation(*args, **kwargs)), strict=True):
                values[target] = value
        if isinstance(self.outputs_struct, KerasTensor):
            return values[self._result_slots[0]]
        return nest.pack_sequence_as(self.outputs_struct, [values[s] for s in self._result_slots])

    def flat_inputs(self, inputs: Any) -> list:
        """The tensors of a call in the order of `inputs`, in their dtypes and ranks."""
        expected = self.inputs
        if type(inputs) is Tensor:
            flat = [inputs]
        elif isinstance(inputs, dict) and not isinstance(self.inputs_struct, dict):
            missing = [name for name in self.input_names if name not in inputs]
            if missing:
                raise ValueError(
                    f"Missing data for input {missing}. The model has the inputs {self.input_names}, got {sorted(inputs)}."
                )
            flat = [inputs[name] for name in self.input_names]
        elif isinstance(inputs, dict) and isinstance(self.inputs_struct, dict):
            flat = [inputs[key] for key in sorted(self.inputs_struct)]
        else:
            flat = nest.flatten(inputs)
        if len(flat) != len(expected):
            raise ValueError(f"Expected {len(expected)} inputs {self.input_names}, got {len(flat)}.")
        return [as_input(value, tensor) for value, tensor in zip(flat, expected, strict=True)]


def _check_sizes(value: Any, expected: KerasTensor) -> None:
    shape, wanted = () if value is None else value._array.shape, expected.shape
    if shape[1:] == wanted[1:]:
        return
    for have, want in zip(shape[1:], wanted[1:], strict=False):
        if want is not None and type(have) is not Size and have != want:
            raise ValueError(
                f"Input of shape {shape} does not fit the model's input {expected.name!r}, which is {wanted}."
            )


def as_input(value: Any, expected: KerasTensor) -> Any:
    """Casts to the dtype of an input, and adds or takes away a last axis of size 1."""
    if value is None:
        if not getattr(expected._keras_history.operation, "optional", False):  # type: ignore[union-attr]
            raise ValueError(f"The input '{expected.name}' is not optional, but None was passed. Pass a tensor.")
        return None
    array = value._array
    dtype = as_dtype(expected.dtype)._np
    if array.shape[1:] == expected.shape[1:] and array.dtype is dtype and array.ndim:
        return value
    if array.dtype is not dtype:
        mask, value = value._keras_mask, cast_ops.cast(value, expected.dtype)
        if mask is not None:
            value._keras_mask = mask
    shape, wanted = array.shape, expected.shape
    if len(shape) != len(wanted):
        mask = value._keras_mask
        if len(shape) == len(wanted) + 1 and shape[-1] == 1:
            value = array_ops.squeeze(value, -1)
        elif len(shape) == len(wanted) - 1 and wanted[-1] == 1:
            value = array_ops.expand_dims(value, -1)
        else:
            raise ValueError(
                f"Invalid input shape for input of shape {shape}. Expected shape {wanted}, but input has incompatible shape {shape}"
            )
        if mask is not None:
            value._keras_mask = mask
    return value
