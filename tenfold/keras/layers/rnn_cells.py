"""Recurrent cells: one time step of SimpleRNN, LSTM and GRU."""

from __future__ import annotations

from typing import Any

from tenfold.keras import activations, initializers, random
from tenfold.keras.layers.layer import Layer
from tenfold.keras.layers.weights import weight_options
from tenfold.ops import array as array_ops
from tenfold.ops import creation
from tenfold.ops import matmul as matmul_ops


class GatedCell(Layer):
    """Base of the cells: a kernel for the input, one for the state, a bias, and dropout of both.

    A step is in two parts, so that the layer that runs the cell can do the first one for all times at once: `project`,
    which needs the input only, and `step`. A dropout mask is drawn once per sequence, and dropped by the layer after it.
    """

    gates = 1
    _config_names: tuple[str, ...] = (
        "activation", "use_bias", *weight_options("kernel", "recurrent", "bias"), "dropout", "recurrent_dropout", "seed",
    )  # fmt: skip

    kernel: Any
    recurrent_kernel: Any
    bias: Any
    _dropout_masks: list | None = None
    _recurrent_dropout_masks: list | None = None

    def _set_options(
        self,
        activation: Any,
        use_bias: bool,
        kernel: tuple[Any, Any, Any],
        recurrent: tuple[Any, Any, Any],
        bias: tuple[Any, Any, Any],
        dropout: float,
        recurrent_dropout: float,
        seed: int | None,
    ) -> None:
        """Sets what all cells have; `kernel`, `recurrent` and `bias` are initializer, regularizer and constraint."""
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self._describe_weight("kernel", *kernel)
        self._describe_weight("recurrent", *recurrent)
        self._describe_weight("bias", *bias)
        self.dropout = min(1.0, max(0.0, dropout or 0.0))
        self.recurrent_dropout = min(1.0, max(0.0, recurrent_dropout or 0.0))
        self.seed = seed
        if "seed_generator" not in self.__dict__:
            self.seed_generator = random.SeedGenerator(seed)  # also without dropout: files keep its state

    # Dropout.

    @property
    def _masks_per_drop(self) -> int:
        """How many masks a drop of the input or the state takes: one, or one for each gate."""
        return 1

    def _draw(self, x: Any, rate: float) -> list:
        ones = creation.ones_like(x)
        return [random.dropout(ones, rate, seed=self.seed_generator) for _ in range(self._masks_per_drop)]

    def get_dropout_mask(self, step_input: Any) -> Any:
        """The masks of this sequence's inputs, drawn when first asked for; None without dropout."""
        if self._dropout_masks is None and self.dropout > 0:
            object.__setattr__(self, "_dropout_masks", self._draw(step_input, self.dropout))
        return self._dropout_masks

    def get_recurrent_dropout_mask(self, step_input: Any) -> Any:
        """The masks of this sequence's states, drawn when first asked for; None without dropout."""
        if self._recurrent_dropout_masks is None and self.recurrent_dropout > 0:
            object.__setattr__(self, "_recurrent_dropout_masks", self._draw(step_input, self.recurrent_dropout))
        return self._recurrent_dropout_masks

    def reset_dropout_mask(self) -> None:
        """Makes the next sequence draw new masks for its inputs."""
        object.__setattr__(self, "_dropout_masks", None)

    def reset_recurrent_dropout_mask(self) -> None:
        """Makes the next sequence draw new masks for its states."""
        object.__setattr__(self, "_recurrent_dropout_masks", None)

    # Computation.

    def _transform(self, x: Any, kernel: Any) -> Any:
        """The linear map of the inputs of a step, or of all steps, time first."""
        if x.ndim == 2:
            return matmul_ops.matmul(x, kernel)
        time, batch, features = x._array.shape
        product = matmul_ops.matmul(array_ops.reshape(x, (time * batch, features)), kernel)
        return array_ops.reshape(product, (time, batch, product._array.shape[-1]))

    def _recur(self, h: Any, kernel: Any) -> Any:
        """The linear map of the state."""
        return matmul_ops.matmul(h, kernel)

    _gate_axis = -1

    def _by_gate(self, function: Any, x: Any, kernel: Any, masks: list | None) -> Any:
        """`function(x, kernel)`, for each gate with its own mask of `x` if there are several."""
        if masks is None:
            return function(x, kernel)
        if len(masks) == 1:
            return function(x * masks[0], kernel)
        kernels = array_ops.split(kernel._read(), self.gates, axis=-1)
        return array_ops.concat([function(x * m, k) for m, k in zip(masks, kernels, strict=True)], self._gate_axis)

    def project(self, inputs: Any, training: Any = False) -> Any:
        """The part of a step that needs no state, for one step or, time first, for all."""
        masks = self.get_dropout_mask(inputs) if training and self.dropout else None
        x = self._by_gate(self._transform, inputs, self.kernel, masks)
        return x if self.bias is None else x + self._input_bias()

    def _input_bias(self) -> Any:
        return self.bias

    def _recurrent_masks(self, h: Any, training: Any) -> list | None:
        return self.get_recurrent_dropout_mask(h) if training and self.recurrent_dropout else None

    def call(self, inputs: Any, states: Any, training: Any = False) -> Any:
        return self.step(self.project(inputs, training), states, training)

    def step(self, projected: Any, states: Any, training: Any = False) -> Any:
        """Output and new states, from the projected input and the old states."""
        raise NotImplementedError


class _DenseCell(GatedCell):
    """Base of the cells whose states are vectors."""

    _config_names: tuple[str, ...] = ("units",)

    def _set_units(self, units: int) -> None:
        if units <= 0:
            raise ValueError(
                f"Received an invalid value for argument `units`, expected a positive integer, got {units}."
            )
        self.units = int(units)
        self.output_size = self.units
        self.state_size: Any = self.units

    def build(self, input_shape: Any) -> None:
        width = self.units * self.gates
        self.kernel = self._make_weight("kernel", (input_shape[-1], width))
        self.recurrent_kernel = self._make_weight("recurrent", (self.units, width), "recurrent_kernel")
        self.bias = self._make_bias() if self.use_bias else None
        self.built = True

    def _make_bias(self) -> Any:
        return self._make_weight("bias", (self.units * self.gates,))

    def get_initial_state(self, batch_size: int | None = None) -> list:
        """Zeros, one tensor per state."""
        sizes = self.state_size if isinstance(self.state_size, (list, tuple)) else [self.state_size]
        return [creation.zeros((batch_size, size), self.compute_dtype) for size in sizes]

    def compute_output_shape(self, input_shape: Any, states_shape: Any = None) -> Any:
        return (input_shape[0], self.units)


class SimpleRNNCell(_DenseCell):
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

    _config_names = ()

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
        super().__init__(**kwargs)
        self._set_units(units)
        self.seed_generator = random.SeedGenerator(seed)  # before the initializers, whose seeds are drawn too
        self._set_options(
            activation,
            use_bias,
            (kernel_initializer, kernel_regularizer, kernel_constraint),
            (recurrent_initializer, recurrent_regularizer, recurrent_constraint),
            (bias_initializer, bias_regularizer, bias_constraint),
            dropout,
            recurrent_dropout,
            seed,
        )

    def step(self, projected: Any, states: Any, training: Any = False) -> Any:
        is_list = isinstance(states, (list, tuple))
        h = states[0] if is_list else states
        inner = self._by_gate(self._recur, h, self.recurrent_kernel, self._recurrent_masks(h, training))
        output = self.activation(projected + inner)
        return output, [output] if is_list else output


class _SeveralGates:
    """Cells of several gates: with `implementation=1`, or dropout of the states, each gate drops by itself."""

    implementation: int
    dropout: float
    recurrent_dropout: float
    gates: int

    def _set_implementation(self, implementation: int) -> None:
        self.implementation = 1 if self.recurrent_dropout else implementation

    @property
    def _masks_per_drop(self) -> int:
        return self.gates if self.implementation == 1 else 1


class LSTMCell(_SeveralGates, _DenseCell):
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
        implementation = kwargs.pop("implementation", 2)
        super().__init__(**kwargs)
        self._set_units(units)
        self.state_size = [self.units, self.units]
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias
        self._set_options(
            activation,
            use_bias,
            (kernel_initializer, kernel_regularizer, kernel_constraint),
            (recurrent_initializer, recurrent_regularizer, recurrent_constraint),
            (bias_initializer, bias_regularizer, bias_constraint),
            dropout,
            recurrent_dropout,
            seed,
        )
        self._set_implementation(implementation)

    def _make_bias(self) -> Any:
        return make_lstm_bias(self, self.units)

    def step(self, projected: Any, states: Any, training: Any = False) -> Any:
        h, c = states
        masks = self._recurrent_masks(h, training)
        return lstm_step(self, projected + self._by_gate(self._recur, h, self.recurrent_kernel, masks), c)


def lstm_step(cell: Any, z: Any, c: Any) -> tuple[Any, list]:
    """Output and new states of a long short-term memory, from the sums at its gates and the old carry."""
    i, f, candidate, o = array_ops.split(z, 4, axis=cell._gate_axis)
    gate, activation = cell.recurrent_activation, cell.activation
    c = gate(f) * c + gate(i) * activation(candidate)
    h = gate(o) * activation(c)
    return h, [h, c]


def make_lstm_bias(cell: Any, size: int) -> Any:
    """The bias of a long short-term memory, which is one for the forget gate if the cell says so."""
    initializer = cell.bias_initializer
    if not cell.unit_forget_bias:
        return cell._make_weight("bias", (size * 4,))

    def initialize(shape: Any, dtype: Any = None) -> Any:
        parts = (initializer((size,), dtype=dtype), initializers.Ones()((size,), dtype=dtype))
        return array_ops.concat([*parts, initializer((size * 2,), dtype=dtype)], 0)

    return cell._make_weight("bias", (size * 4,), initializer=initialize)


class GRUCell(_SeveralGates, _DenseCell):
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
        implementation = kwargs.pop("implementation", 2)
        super().__init__(**kwargs)
        self._set_units(units)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.reset_after = reset_after
        self._set_options(
            activation,
            use_bias,
            (kernel_initializer, kernel_regularizer, kernel_constraint),
            (recurrent_initializer, recurrent_regularizer, recurrent_constraint),
            (bias_initializer, bias_regularizer, bias_constraint),
            dropout,
            recurrent_dropout,
            seed,
        )
        self._set_implementation(implementation)

    def _make_bias(self) -> Any:
        return self._make_weight("bias", (2, self.units * 3) if self.reset_after else (self.units * 3,))

    def _input_bias(self) -> Any:
        return self.bias[0] if self.reset_after else self.bias

    def step(self, projected: Any, states: Any, training: Any = False) -> Any:
        is_list = isinstance(states, (list, tuple))
        old = states[0] if is_list else states
        masks = self._recurrent_masks(old, training)
        x_z, x_r, x_h = array_ops.split(projected, 3, axis=-1)
        gate = self.recurrent_activation
        if self.reset_after:
            inner = self._by_gate(self._recur, old, self.recurrent_kernel, masks)
            if self.bias is not None:
                inner = inner + self.bias[1]
            h_z, h_r, h_h = array_ops.split(inner, 3, axis=-1)
            z, r = gate(x_z + h_z), gate(x_r + h_r)
            candidate = self.activation(x_h + r * h_h)
        else:
            k_z, k_r, k_h = array_ops.split(self.recurrent_kernel._read(), 3, axis=-1)
            dropped = [old] * 3 if masks is None else [old * mask for mask in masks]
            z = gate(x_z + matmul_ops.matmul(dropped[0], k_z))
            r = gate(x_r + matmul_ops.matmul(dropped[1], k_r))
            candidate = self.activation(x_h + matmul_ops.matmul(r * dropped[2], k_h))
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
