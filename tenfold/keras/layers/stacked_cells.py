"""Cells on top of each other, and what can be done with any cell, also one that is none of Keras'."""

from __future__ import annotations

from typing import Any

from tenfold.keras.layers.gated_cell import GatedCell
from tenfold.keras.layers.layer import Layer
from tenfold.ops import creation


class StackedRNNCells(Layer):
    """Cells one on top of the other, as one cell.

    Example:
      >>> cell = tf.keras.layers.StackedRNNCells([tf.keras.layers.LSTMCell(3), tf.keras.layers.LSTMCell(2)])
      >>> tf.keras.layers.RNN(cell)(tf.ones([1, 5, 4])).shape
      TensorShape([1, 2])
    """

    def __init__(self, cells: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for cell in cells:
            if not hasattr(cell, "call") or not hasattr(cell, "state_size"):
                raise ValueError(
                    f"All cells must have a `call` method and a `state_size` attribute. Received cell: {cell}"
                )
        self.cells = list(cells)

    @property
    def state_size(self) -> list:
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> Any:
        return output_size(self.cells[-1])

    def get_initial_state(self, batch_size: int | None = None) -> list:
        return [initial_state(cell, batch_size, self.compute_dtype) for cell in self.cells]

    def build(self, input_shape: Any) -> None:
        for cell in self.cells:
            if isinstance(cell, Layer):
                cell._ensure_built(input_shape)
            input_shape = (input_shape[0], output_size(cell))
        self.built = True

    def call(self, inputs: Any, states: Any, training: Any = False, **kwargs: Any) -> Any:
        new_states = []
        for cell, state in zip(self.cells, states, strict=True):
            is_list = isinstance(state, (list, tuple))
            inputs, state = call_cell(cell, inputs, list(state) if is_list else [state], training, **kwargs)
            new_states.append(state if is_list or len(state) > 1 else state[0])
        return inputs, new_states[0] if len(new_states) == 1 else new_states

    def get_config(self) -> dict[str, Any]:
        from tenfold.keras.saving import serialization

        return {**super().get_config(), "cells": [serialization.serialize_keras_object(cell) for cell in self.cells]}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        from tenfold.keras.saving import serialization

        config = dict(config)
        cells = [serialization.deserialize_keras_object(cell, custom_objects) for cell in config.pop("cells")]
        return cls(cells, **config)


def output_size(cell: Any) -> int:
    """The size of a cell's output: what it says, or that of its first state."""
    size = getattr(cell, "output_size", None)
    size = cell.state_size if size is None else size
    return size[0] if isinstance(size, (list, tuple)) else size


def initial_state(cell: Any, batch_size: int | None, dtype: str) -> Any:
    """The state that a cell begins with: its own, or zeros."""
    if hasattr(cell, "get_initial_state"):
        try:
            return cell.get_initial_state(batch_size=batch_size)
        except TypeError:  # the signature of Keras 2
            return cell.get_initial_state(None, batch_size, dtype)
    size = cell.state_size
    if isinstance(size, (list, tuple)):
        return [creation.zeros((batch_size, s), dtype) for s in size]
    return creation.zeros((batch_size, size), dtype)


def call_cell(cell: Any, inputs: Any, states: Any, training: Any, **kwargs: Any) -> tuple[Any, list]:
    """One step of any cell, which may or may not take `training`; the new states as a list."""
    if isinstance(cell, Layer):
        output, new_states = cell(inputs, states, training=training, **kwargs)
    else:
        output, new_states = (cell if callable(cell) else cell.call)(inputs, states, **kwargs)
    return output, list(new_states) if isinstance(new_states, (list, tuple)) else [new_states]


def draw_dropout_masks(cell: Any, step_input: Any, states: Any) -> None:
    """Draws the masks of a sequence, for every cell of a stack."""
    if isinstance(cell, GatedCell):
        cell.get_dropout_mask(step_input)
        cell.get_recurrent_dropout_mask(states[0] if isinstance(states, (list, tuple)) else states)
    elif isinstance(cell, StackedRNNCells):
        for inner, state in zip(cell.cells, states, strict=True):
            draw_dropout_masks(inner, step_input, state)
            step_input = creation.zeros((step_input._array.shape[0], output_size(inner)), step_input.dtype)


def reset_dropout_masks(cell: Any) -> None:
    """Makes the next sequence draw new masks, for every cell of a stack."""
    if isinstance(cell, GatedCell):
        cell.reset_dropout_mask()
        cell.reset_recurrent_dropout_mask()
    elif isinstance(cell, StackedRNNCells):
        for inner in cell.cells:
            reset_dropout_masks(inner)
