"""Recurrent cells: one time step of SimpleRNN, LSTM and GRU."""

from __future__ import annotations

from typing import Any

from tenfold.core.convert import convert
from tenfold.keras import activations, initializers, random
from tenfold.keras.layers.gated_cell import DenseCell
from tenfold.ops import creation, join
from tenfold.ops import matmul as matmul_ops
from tenfold.ops.gru import gru
from tenfold.ops.lstm import lstm
from tenfold.ops.recurrent import simple_rnn


class SimpleRNNCell(DenseCell):
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

    def run(self, projected: Any, states: list, mask: list, training: Any = False) -> list | None:
        name = {activations.tanh: "tanh", activations.relu: "relu"}.get(self.activation)
        if name is None or not self._has_op(SimpleRNNCell, projected, states, training):
            return None
        return [simple_rnn(projected, convert(self.recurrent_kernel), states[0], mask, name)]


class _SeveralGates:
    """Cells of several gates: with `implementation=1`, or dropout of the states, each gate drops by itself."""

    implementation: int
    dropout: float
    recurrent_dropout: float
    gates: int
    activation: Any
    recurrent_activation: Any

    @property
    def _has_usual_activations(self) -> bool:
        return self.activation is activations.tanh and self.recurrent_activation is activations.sigmoid

    def _set_implementation(self, implementation: int) -> None:
        self.implementation = 1 if self.recurrent_dropout else implementation

    @property
    def _masks_per_drop(self) -> int:
        return self.gates if self.implementation == 1 else 1


class LSTMCell(_SeveralGates, DenseCell):
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

    def run(self, projected: Any, states: list, mask: list, training: Any = False) -> list | None:
        if not self._has_usual_activations or not self._has_op(LSTMCell, projected, states, training):
            return None
        h, c = states
        return list(lstm(projected, convert(self.recurrent_kernel), h, c, mask))


def lstm_step(cell: Any, z: Any, c: Any) -> tuple[Any, list]:
    """Output and new states of a long short-term memory, from the sums at its gates and the old carry."""
    i, f, candidate, o = join.split(z, 4, axis=cell._gate_axis)
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
        return join.concat([*parts, initializer((size * 2,), dtype=dtype)], 0)

    return cell._make_weight("bias", (size * 4,), initializer=initialize)


class GRUCell(_SeveralGates, DenseCell):
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
        x_z, x_r, x_h = join.split(projected, 3, axis=-1)
        gate = self.recurrent_activation
        if self.reset_after:
            inner = self._by_gate(self._recur, old, self.recurrent_kernel, masks)
            if self.bias is not None:
                inner = inner + self.bias[1]
            h_z, h_r, h_h = join.split(inner, 3, axis=-1)
            z, r = gate(x_z + h_z), gate(x_r + h_r)
            candidate = self.activation(x_h + r * h_h)
        else:
            k_z, k_r, k_h = join.split(self.recurrent_kernel._read(), 3, axis=-1)
            dropped = [old] * 3 if masks is None else [old * mask for mask in masks]
            z = gate(x_z + matmul_ops.matmul(dropped[0], k_z))
            r = gate(x_r + matmul_ops.matmul(dropped[1], k_r))
            candidate = self.activation(x_h + matmul_ops.matmul(r * dropped[2], k_h))
        new = z * old + (1.0 - z) * candidate
        return new, [new] if is_list else new

    def run(self, projected: Any, states: list, mask: list, training: Any = False) -> list | None:
        is_usual = self.reset_after and self._has_usual_activations
        if not is_usual or not self._has_op(GRUCell, projected, states, training):
            return None
        bias = creation.zeros((3 * self.units,), projected.dtype) if self.bias is None else self.bias[1]
        return [gru(projected, convert(self.recurrent_kernel), bias, states[0], mask)]
