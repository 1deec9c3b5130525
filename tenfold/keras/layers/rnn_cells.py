"""Recurrent cells: one time step of SimpleRNN, LSTM and GRU."""

from __future__ import annotations

from typing import Any

from tenfold.keras import activations, initializers, random
from tenfold.keras.layers.layer import Layer, weight_options
from tenfold.ops import array as array_ops
from tenfold.ops import creation
from tenfold.ops import matmul as matmul_ops


class _Cell(Layer):
    """Base of the cells: a kernel for the input, one for the state, a bias, and dropout of both.

    A dropout mask is drawn once per sequence: the layer that runs the cell calls `reset_dropout_masks` before it.
    """

    gates = 1
    _config_names = (
        "units", "activation", "use_bias", *weight_options("kernel", "recurrent", "bias"), "dropout", "recurrent_dropout",
        "seed",
    )  # fmt: skip

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs.pop("implementation", None)  # Keras 2 chose between two orders of the same arithmetic
        super().__init__(**kwargs)
        if units <= 0:
            raise ValueError(
                f"Received an invalid value for argument `units`, expected a positive integer, got {units}."
            )
        self.units, self.use_bias, self.seed = int(units), use_bias, seed
        self.activation = activations.get(activation)
        self._describe_weight("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        self._describe_weight("recurrent", recurrent_initializer, recurrent_regularizer, recurrent_constraint)
        self._describe_weight("bias", bias_initializer, bias_regularizer, bias_constraint)
        self.dropout = min(1.0, max(0.0, dropout or 0.0))
        self.recurrent_dropout = min(1.0, max(0.0, recurrent_dropout or 0.0))
        self.seed_generator = random.SeedGenerator(
            seed
        )  # also without dropout, as in Keras: it draws a seed, files keep it
        self._masks: dict[str, Any] = {}

    @property
    def state_size(self) -> Any:
        return self.units

    @property
    def output_size(self) -> int:
        return self.units

    def build(self, input_shape: Any) -> None:
        width = self.units * self.gates
        self.kernel = self._make_weight("kernel", (input_shape[-1], width))
        self.recurrent_kernel = self._make_weight("recurrent", (self.units, width), "recurrent_kernel")
        self.bias = self._make_weight("bias", self._bias_shape()) if self.use_bias else None
        self.built = True

    def _bias_shape(self) -> tuple[int, ...]:
        return (self.units * self.gates,)

    def get_initial_state(self, batch_size: int | None = None) -> list:
        """Zeros, one tensor per state."""
        sizes = self.state_size if isinstance(self.state_size, (list, tuple)) else [self.state_size]
        return [creation.zeros((batch_size, size), self.compute_dtype) for size in sizes]

    def reset_dropout_masks(self) -> None:
        """Makes the next step draw new masks."""
        object.__setattr__(self, "_masks", {})

    def _dropped(self, x: Any, rate: float, which: str, training: Any) -> Any:
        """`x` with this sequence's dropout mask."""
        if not training or not rate:
            return x
        if which not in self._masks:
            self._masks[which] = random.dropout(creation.ones_like(x), rate, seed=self.seed_generator)
        return x * self._masks[which]

    def project(self, inputs: Any) -> Any:
        """The part of a step that needs no state, for all steps at once."""
        x = matmul_ops.matmul(inputs, self.kernel)
        return x if self.bias is None else x + self._input_bias(self.bias)

    def _input_bias(self, bias: Any) -> Any:
        return bias

    def call(self, inputs: Any, states: Any, training: Any = False) -> Any:
        return self.step(self.project(self._dropped(inputs, self.dropout, "input", training)), states, training)

    def step(self, projected: Any, states: Any, training: Any = False) -> Any:
        """Output and new states, from the projected input and the old states."""
        raise NotImplementedError

    def compute_output_shape(self, input_shape: Any, states_shape: Any = None) -> Any:
        return (input_shape[0], self.units)


class SimpleRNNCell(_Cell):
    """`h = activation(x @ kernel + h @ recurrent_kernel + bias)`.

    Args:
      units: size of the state and the output.
      activation: function of the new state.
      dropout, recurrent_dropout: shares of the input and of the state that are dropped in training.
      Others: as for `Dense`.

    Example:
      >>> output, states = tf.keras.layers.SimpleRNNCell(3)(tf.ones([2, 4]), [tf.zeros([2, 3])])
      >>> output.shape
      TensorShape([2, 3])
    """

    def step(self, projected: Any, states: Any, training: Any = False) -> Any:
        is_list = isinstance(states, (list, tuple))
        h = self._dropped(states[0] if is_list else states, self.recurrent_dropout, "state", training)
        output = projected + matmul_ops.matmul(h, self.recurrent_kernel)
        if self.activation is not None:
            output = self.activation(output)
        return output, [output] if is_list else output


class LSTMCell(_Cell):
    """A step of long short-term memory (Hochreiter and Schmidhuber, 1997): gates i, f, c, o in this order.

    Args:
      units: size of the states and the output.
      activation, recurrent_activation: functions of the candidate and of the gates.
      unit_forget_bias: whether the bias of the forget gate starts at one.
      Others: as for `SimpleRNNCell`.

    Example:
      >>> cell = tf.keras.layers.LSTMCell(3)
      >>> output, (h, c) = cell(tf.ones([2, 4]), [tf.zeros([2, 3]), tf.zeros([2, 3])])
      >>> c.shape
      TensorShape([2, 3])
    """

    gates = 4
    _config_names = ("recurrent_activation", "unit_forget_bias")

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            units, activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer, **kwargs
        )
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias

    @property
    def state_size(self) -> Any:
        return [self.units, self.units]

    def build(self, input_shape: Any) -> None:
        plain = self.bias_initializer
        if self.use_bias and self.unit_forget_bias:
            self.bias_initializer = _with_ones_for_forgetting(plain, self.units)
        super().build(input_shape)
        self.bias_initializer = plain

    def step(self, projected: Any, states: Any, training: Any = False) -> Any:
        h, c = states
        h = self._dropped(h, self.recurrent_dropout, "state", training)
        z = projected + matmul_ops.matmul(h, self.recurrent_kernel)
        i, f, candidate, o = array_ops.split(z, 4, axis=1)
        gate, activation = self.recurrent_activation, self.activation or (lambda x: x)
        c = gate(f) * c + gate(i) * activation(candidate)
        h = gate(o) * activation(c)
        return h, [h, c]


def _with_ones_for_forgetting(initializer: Any, units: int) -> Any:
    """An initializer of an LSTM's bias that is one for the forget gate."""

    def initialize(shape: Any, dtype: Any = None) -> Any:
        return array_ops.concat(
            [
                initializer((units,), dtype=dtype),
                initializers.Ones()((units,), dtype=dtype),
                initializer((units * 2,), dtype=dtype),
            ],
            0,
        )

    return initialize


class GRUCell(_Cell):
    """A step of a gated recurrent unit (Cho et al., 2014, arXiv:1406.1078): gates z, r, h in this order.

    Args:
      units: size of the state and the output.
      activation, recurrent_activation: functions of the candidate and of the gates.
      reset_after: whether the reset gate is applied after the product with the recurrent kernel, as in cuDNN.
      Others: as for `SimpleRNNCell`.

    Example:
      >>> output, states = tf.keras.layers.GRUCell(3)(tf.ones([2, 4]), [tf.zeros([2, 3])])
      >>> output.shape
      TensorShape([2, 3])
    """

    gates = 3
    _config_names = ("recurrent_activation", "reset_after")

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        reset_after: bool = True,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            units, activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer, kernel_regularizer,
            recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint, bias_constraint, dropout,
            recurrent_dropout, seed, **kwargs,
        )  # fmt: skip
        self.recurrent_activation = activations.get(recurrent_activation)
        self.reset_after = reset_after

    def _bias_shape(self) -> tuple[int, ...]:
        return (2, self.units * 3) if self.reset_after else (self.units * 3,)

    def _input_bias(self, bias: Any) -> Any:
        return bias[0] if self.reset_after else bias

    def step(self, projected: Any, states: Any, training: Any = False) -> Any:
        is_list = isinstance(states, (list, tuple))
        old = states[0] if is_list else states
        h = self._dropped(old, self.recurrent_dropout, "state", training)
        x_z, x_r, x_h = array_ops.split(projected, 3, axis=-1)
        gate = self.recurrent_activation
        if self.reset_after:
            inner = matmul_ops.matmul(h, self.recurrent_kernel)
            if self.bias is not None:
                inner = inner + self.bias[1]
            h_z, h_r, h_h = array_ops.split(inner, 3, axis=-1)
            z, r = gate(x_z + h_z), gate(x_r + h_r)
            candidate = x_h + r * h_h
        else:
            kernel = self.recurrent_kernel._read()
            h_z, h_r = array_ops.split(matmul_ops.matmul(h, kernel[:, : self.units * 2]), 2, axis=-1)
            z, r = gate(x_z + h_z), gate(x_r + h_r)
            candidate = x_h + matmul_ops.matmul(r * h, kernel[:, self.units * 2 :])
        if self.activation is not None:
            candidate = self.activation(candidate)
        new = z * old + (1.0 - z) * candidate
        return new, [new] if is_list else new


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
        last = self.cells[-1]
        if getattr(last, "output_size", None) is not None:
            return last.output_size
        return last.state_size[0] if isinstance(last.state_size, (list, tuple)) else last.state_size

    def get_initial_state(self, batch_size: int | None = None) -> list:
        return [_initial_state(cell, batch_size, self.compute_dtype) for cell in self.cells]

    def reset_dropout_masks(self) -> None:
        for cell in self.cells:
            if hasattr(cell, "reset_dropout_masks"):
                cell.reset_dropout_masks()

    def build(self, input_shape: Any) -> None:
        for cell in self.cells:
            if isinstance(cell, Layer):
                cell._ensure_built(input_shape)
            input_shape = (input_shape[0], _output_size(cell))
        self.built = True

    def call(self, inputs: Any, states: Any, training: Any = False, **kwargs: Any) -> Any:
        new_states = []
        for cell, state in zip(self.cells, states, strict=True):
            inputs, state = call_cell(cell, inputs, state, training)
            new_states.append(state)
        return inputs, new_states

    def get_config(self) -> dict[str, Any]:
        from tenfold.keras.saving import serialization

        return {**super().get_config(), "cells": [serialization.serialize_keras_object(cell) for cell in self.cells]}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        from tenfold.keras.saving import serialization

        config = dict(config)
        cells = [serialization.deserialize_keras_object(cell, custom_objects) for cell in config.pop("cells")]
        return cls(cells, **config)


def _output_size(cell: Any) -> int:
    size = getattr(cell, "output_size", None)
    size = cell.state_size if size is None else size
    return size[0] if isinstance(size, (list, tuple)) else size


def _initial_state(cell: Any, batch_size: int | None, dtype: str) -> Any:
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


def call_cell(cell: Any, inputs: Any, states: Any, training: Any) -> Any:
    """One step of any cell, which may or may not take `training`."""
    if isinstance(cell, Layer):
        return cell(inputs, states, training=training)
    return cell.call(inputs, states)
