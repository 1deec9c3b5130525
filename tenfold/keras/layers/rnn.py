"""Recurrent layers: a cell run over time."""

from __future__ import annotations

from typing import Any

from tenfold.core import nest
from tenfold.core.tensor import Tensor
from tenfold.keras.keras_tensor import KerasTensor
from tenfold.keras.layers.input_spec import InputSpec
from tenfold.keras.layers.layer import Layer, signature_of
from tenfold.keras.layers.rnn_cells import (
    GRUCell,
    LSTMCell,
    SimpleRNNCell,
    StackedRNNCells,
    _Cell,
    _initial_state,
    _output_size,
    call_cell,
)
from tenfold.keras.variables import Variable
from tenfold.ops import array as array_ops
from tenfold.ops import creation, rearrange
from tenfold.ops import gather as gather_ops


class RNN(Layer):
    """Runs a cell over time.

    Input shape: `(batch, time, features...)`. Output shape: `(batch, units)`, or `(batch, time, units)` with
    `return_sequences`; followed by the last states with `return_state`. At masked steps output and states stay what they
    were.

    Args:
      cell: layer with `call(inputs, states)` that returns output and new states, and `state_size`; a list is stacked.
      return_sequences: whether the outputs of all steps are returned.
      return_state: whether the last states are returned too.
      go_backwards: whether time runs backwards; the outputs come in this order.
      stateful: whether a batch goes on from the states in which the one before ended.
      unroll: has no effect, eager steps are run one by one.
      zero_output_for_mask: whether outputs of masked steps are zeros.

    Example:
      >>> tf.keras.layers.RNN(tf.keras.layers.LSTMCell(4), return_sequences=True)(tf.ones([2, 5, 3])).shape
      TensorShape([2, 5, 4])
    """

    _config_names: tuple[str, ...] = (
        "return_sequences",
        "return_state",
        "go_backwards",
        "stateful",
        "unroll",
        "zero_output_for_mask",
    )

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **kwargs: Any,
    ) -> None:
        if kwargs.pop("time_major", False):
            raise ValueError("RNN: time_major=True is not supported. Put the batch axis first.")
        super().__init__(**kwargs)
        cell = StackedRNNCells(cell) if isinstance(cell, (list, tuple)) else cell
        if not hasattr(cell, "call") or not hasattr(cell, "state_size"):
            raise ValueError(
                "The RNN cell should have a `call` method and a `state_size` attribute (one integer per state). "
                f"Received: cell={cell}"
            )
        self.cell = cell
        self.return_sequences, self.return_state = return_sequences, return_state
        self.go_backwards, self.stateful, self.unroll = go_backwards, stateful, unroll
        self.zero_output_for_mask = zero_output_for_mask
        self.supports_masking = True
        self.input_spec = None
        self.states: Any = None

    @property
    def state_size(self) -> Any:
        return self.cell.state_size

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        if isinstance(self.cell, Layer):
            self.cell._ensure_built((sequences_shape[0], *sequences_shape[2:]))
        if self.stateful and self.states is None:
            if sequences_shape[0] is None:
                raise ValueError(
                    f"When using `stateful=True` in a RNN, the batch size must be static. Found: sequence.shape={sequences_shape}"
                )
            self._make_states(sequences_shape[0])
        self.built = True

    def _make_states(self, batch_size: int) -> None:
        def variable(value: Any) -> Variable:
            return Variable(value, trainable=False, dtype=self.variable_dtype, name="rnn_state")

        self.states = nest.map_structure(variable, self.get_initial_state(batch_size))

    def get_initial_state(self, batch_size: int | None) -> Any:
        """The states that a sequence begins with, zeros unless the cell says otherwise."""
        state = _initial_state(self.cell, batch_size, self.compute_dtype)
        return list(state) if isinstance(state, (list, tuple)) else [state]

    def reset_state(self) -> None:
        """Sets the states of a stateful layer to their initial values."""
        if self.states is None:
            return
        batch_size = nest.flatten(self.states)[0].shape[0]
        for variable, value in zip(
            nest.flatten(self.states), nest.flatten(self.get_initial_state(batch_size)), strict=True
        ):
            variable.assign(value)

    reset_states = reset_state

    def __call__(self, sequences: Any, initial_state: Any = None, **kwargs: Any) -> Any:
        if isinstance(sequences, (list, tuple)) and initial_state is None and len(sequences) > 1:
            sequences, initial_state = sequences[0], list(sequences[1:])
        if initial_state is None:
            return super().__call__(sequences, **kwargs)
        if not isinstance(initial_state, (list, tuple)):
            initial_state = [initial_state]
        return super().__call__(sequences, initial_state=list(initial_state), **kwargs)

    def call(self, sequences: Any, initial_state: Any = None, mask: Any = None, training: Any = None) -> Any:
        if isinstance(mask, (list, tuple)):
            mask = mask[0]
        if initial_state is None:
            if self.stateful:
                initial_state = nest.map_structure(lambda v: v._read(), self.states)
            else:
                initial_state = self.get_initial_state(sequences._array.shape[0])
        last, outputs, states = self._run(sequences, list(initial_state), mask, training)
        if self.stateful:
            for variable, value in zip(nest.flatten(self.states), nest.flatten(states), strict=True):
                variable.assign(value)
        result = array_ops.stack(outputs, axis=1) if self.return_sequences else last
        return (result, *states) if self.return_state else result

    def _run(self, sequences: Any, states: list, mask: Any, training: Any) -> tuple[Any, list, list]:
        """The last output, all outputs and the last states."""
        cell = self.cell
        if hasattr(cell, "reset_dropout_masks"):
            cell.reset_dropout_masks()
        is_fused = isinstance(cell, _Cell) and type(cell).call is _Cell.call and sequences.ndim == 3
        is_single = not isinstance(self.state_size, (list, tuple)) and not is_fused
        if is_fused:
            # The products with the inputs need no state: one matrix product for all steps.
            if training and cell.dropout:
                first = sequences[:, 0]
                cell._dropped(first, cell.dropout, "input", training)
                sequences = sequences * array_ops.expand_dims(cell._masks["input"], 1)
            batch, time, features = sequences._array.shape
            flat = array_ops.reshape(array_ops.transpose(sequences, (1, 0, 2)), (time * batch, features))
            steps = array_ops.unstack(array_ops.reshape(cell.project(flat), (time, batch, -1)), axis=0)
        else:
            steps = array_ops.unstack(sequences, axis=1)
        masks = None if mask is None else array_ops.unstack(mask, axis=1)
        order = range(len(steps))
        outputs: list[Any] = []
        last = None
        for t in reversed(order) if self.go_backwards else order:
            if is_fused:
                output, new_states = cell.step(steps[t], states, training)
            else:
                given = states[0] if is_single and len(states) == 1 and not isinstance(cell, Layer) else states
                output, new_states = call_cell(cell, steps[t], given, training)
                new_states = list(new_states) if isinstance(new_states, (list, tuple)) else [new_states]
            if masks is not None:
                kept = masks[t]
                old = creation.zeros_like(output) if last is None or self.zero_output_for_mask else last
                new_states = nest.map_structure(lambda n, o: _where(kept, n, o), new_states, states)  # noqa: B023
                output = _where(kept, output, old)
            states, last = new_states, output
            outputs.append(output)
        if masks is not None and self.zero_output_for_mask and not self.return_sequences:
            last = outputs[-1]
        return last, outputs, states

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        mask = mask[0] if isinstance(mask, (list, tuple)) else mask
        output_mask = mask if self.return_sequences else None
        if self.return_state:
            return [output_mask, *[None for _ in nest.flatten(self.state_size)]]
        return output_mask

    def compute_output_shape(self, sequences_shape: Any, initial_state_shape: Any = None) -> Any:
        batch, time = sequences_shape[0], sequences_shape[1]
        size = _output_size(self.cell)
        output = (batch, time, size) if self.return_sequences else (batch, size)
        if not self.return_state:
            return output
        return [output, *[(batch, s) for s in nest.flatten(self.state_size)]]

    def compute_output_spec(self, sequences: Any, initial_state: Any = None, **kwargs: Any) -> Any:
        shape = self.compute_output_shape(sequences.shape)
        if isinstance(shape, list):
            return tuple(KerasTensor(s, self.compute_dtype) for s in shape)
        return KerasTensor(shape, self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if type(self) is RNN:
            from tenfold.keras.saving import serialization

            config["cell"] = serialization.serialize_keras_object(self.cell)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        config = dict(config)
        if "cell" in config:
            from tenfold.keras.saving import serialization

            config["cell"] = serialization.deserialize_keras_object(config["cell"], custom_objects)
        return super().from_config(config)


def _where(mask: Tensor, new: Tensor, old: Tensor) -> Tensor:
    """`new` in the rows where the mask is true."""
    return gather_ops.where(array_ops.reshape(mask, (-1, *(1,) * (new.ndim - 1))), new, old)


class _CellLayer(RNN):
    """Base of layers that make their own cell; the cell's arguments are the layer's attributes."""

    _cell_class: type
    _layer_names = ("return_sequences", "return_state", "go_backwards", "stateful", "unroll", "zero_output_for_mask")

    def __init__(self, units: int, *args: Any, **kwargs: Any) -> None:
        layer = {name: kwargs.pop(name) for name in self._layer_names if name in kwargs}
        for name in (
            "name",
            "trainable",
            "activity_regularizer",
            "input_shape",
            "batch_input_shape",
            "batch_size",
            "input_dim",
            "input_length",
        ):
            if name in kwargs:
                layer[name] = kwargs.pop(name)
        kwargs.pop("use_cudnn", None)  # there is one way of computing
        if kwargs.get("time_major") is not None:
            layer["time_major"] = kwargs.pop("time_major")
        cell = self._cell_class(units, *args, dtype=kwargs.get("dtype"), trainable=layer.get("trainable", True),
                                name=kwargs.pop("cell_name", None) or _cell_name(self._cell_class),
                                **{k: v for k, v in kwargs.items() if k != "dtype"})  # fmt: skip
        super().__init__(cell, dtype=kwargs.get("dtype"), **layer)
        self.input_spec = InputSpec(ndim=3)

    def __getattr__(self, name: str) -> Any:
        # The cell's settings (units, dropout, ...) and variables are the layer's too.
        cell = self.__dict__.get("cell")
        if cell is not None and not name.startswith("_") and name in cell.__dict__:
            return cell.__dict__[name]
        return super().__getattr__(name)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        cell = self.cell.get_config()
        for name in ("name", "trainable", "dtype"):
            cell.pop(name)
        return {**config, **cell}


def _cell_name(cls: type) -> str:
    from tenfold.keras import naming

    return naming.to_snake_case(cls.__name__)


class SimpleRNN(_CellLayer):
    """A fully connected recurrent layer: `h = activation(x @ kernel + h @ recurrent_kernel + bias)`.

    Args: those of `SimpleRNNCell` and `RNN`.

    Example:
      >>> tf.keras.layers.SimpleRNN(4)(tf.ones([2, 5, 3])).shape
      TensorShape([2, 4])
    """

    _cell_class = SimpleRNNCell


class LSTM(_CellLayer):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997).

    Args: those of `LSTMCell` and `RNN`.

    Example:
      >>> tf.keras.layers.LSTM(4, return_sequences=True)(tf.ones([2, 5, 3])).shape
      TensorShape([2, 5, 4])
    """

    _cell_class = LSTMCell


class GRU(_CellLayer):
    """Gated recurrent units (Cho et al., 2014, arXiv:1406.1078).

    Args: those of `GRUCell` and `RNN`.

    Example:
      >>> tf.keras.layers.GRU(4)(tf.ones([2, 5, 3])).shape
      TensorShape([2, 4])
    """

    _cell_class = GRUCell


class Bidirectional(Layer):
    """Runs a recurrent layer forwards and another one backwards over time, and merges the outputs.

    Args:
      layer: recurrent layer with `go_backwards`, `return_sequences` and `return_state`.
      merge_mode: `"concat"`, `"sum"`, `"mul"`, `"ave"`, or None for both outputs.
      weights: initial weights of both layers.
      backward_layer: the layer that runs backwards; a copy of `layer` by default.

    Example:
      >>> tf.keras.layers.Bidirectional(tf.keras.layers.LSTM(4))(tf.ones([2, 5, 3])).shape
      TensorShape([2, 8])
    """

    def __init__(
        self,
        layer: Any,
        merge_mode: str | None = "concat",
        weights: Any = None,
        backward_layer: Any = None,
        **kwargs: Any,
    ) -> None:
        if not isinstance(layer, Layer):
            raise ValueError(
                f"Please initialize `Bidirectional` layer with a `keras.layers.Layer` instance. Received: {layer}"
            )
        if merge_mode not in ("sum", "mul", "ave", "concat", None):
            raise ValueError(
                f"Invalid merge mode. Received: {merge_mode}. Merge mode should be one of {{'sum', 'mul', 'ave', 'concat', None}}"
            )
        super().__init__(**kwargs)
        config = layer.get_config()
        config["name"] = f"forward_{layer.name.removeprefix('forward_')}"
        self.forward_layer = type(layer).from_config(config)
        if backward_layer is None:
            backwards = {**config, "go_backwards": not layer.go_backwards}
            backwards["name"] = f"backward_{layer.name.removeprefix('forward_')}"
            backward_layer = type(layer).from_config(backwards)
        self.backward_layer = backward_layer
        for attribute in ("stateful", "return_sequences", "return_state"):
            if getattr(self.forward_layer, attribute) != getattr(backward_layer, attribute):
                raise ValueError(
                    f"Forward layer and backward layer are expected to have the same value for attribute '{attribute}'."
                )
        if self.forward_layer.go_backwards == backward_layer.go_backwards:
            raise ValueError("Forward layer and backward layer should have different `go_backwards` value.")
        self.merge_mode = merge_mode
        self.return_sequences, self.return_state = layer.return_sequences, layer.return_state
        self.stateful, self.supports_masking = layer.stateful, True
        self._initial_weights = weights
        self.input_spec = layer.input_spec

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        for layer in (self.forward_layer, self.backward_layer):
            layer._ensure_built(sequences_shape)
        if self._initial_weights is not None:
            half = len(self._initial_weights) // 2
            self.forward_layer.set_weights(self._initial_weights[:half])
            self.backward_layer.set_weights(self._initial_weights[half:])
        self.built = True

    def call(self, sequences: Any, initial_state: Any = None, mask: Any = None, training: Any = None) -> Any:
        states: tuple[Any, Any] = (None, None)
        if initial_state is not None:
            half = len(initial_state) // 2
            states = initial_state[:half], initial_state[half:]
        y = self.forward_layer(sequences, initial_state=states[0], mask=mask, training=training)
        y_back = self.backward_layer(sequences, initial_state=states[1], mask=mask, training=training)
        last_states: tuple = ()
        if self.return_state:
            last_states = (*y[1:], *y_back[1:])
            y, y_back = y[0], y_back[0]
        if self.return_sequences:
            y_back = rearrange.reverse(y_back, [1])
        if self.merge_mode == "concat":
            output: Any = array_ops.concat([y, y_back], -1)
        elif self.merge_mode == "sum":
            output = y + y_back
        elif self.merge_mode == "ave":
            output = (y + y_back) / 2
        elif self.merge_mode == "mul":
            output = y * y_back
        else:
            output = (y, y_back)
        if not self.return_state:
            return output
        return (*output, *last_states) if self.merge_mode is None else (output, *last_states)

    def reset_state(self) -> None:
        """Sets the states of both layers to their initial values."""
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    reset_states = reset_state

    @property
    def states(self) -> Any:
        forward, backward = self.forward_layer.states, self.backward_layer.states
        return None if forward is None else (*forward, *backward)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        mask = mask[0] if isinstance(mask, (list, tuple)) else mask
        kept = mask if self.return_sequences else None
        output: Any = [kept, kept] if self.merge_mode is None else kept
        if not self.return_state:
            return output
        count = 2 * len(nest.flatten(self.forward_layer.state_size))
        return [*(output if isinstance(output, list) else [output]), *[None] * count]

    def compute_output_shape(self, sequences_shape: Any, initial_state_shape: Any = None) -> Any:
        shape = self.forward_layer.compute_output_shape(sequences_shape)
        states = list(shape[1:]) if self.return_state else []
        output = tuple(shape[0]) if self.return_state else tuple(shape)
        if self.merge_mode == "concat":
            output = (*output[:-1], output[-1] * 2)
        outputs = [output, output] if self.merge_mode is None else [output]
        if not self.return_state and len(outputs) == 1:
            return output
        return [*outputs, *states, *states]

    def compute_output_spec(self, sequences: Any, initial_state: Any = None, **kwargs: Any) -> Any:
        shape = self.compute_output_shape(sequences.shape)
        if isinstance(shape, list):
            return tuple(KerasTensor(s, self.compute_dtype) for s in shape)
        return KerasTensor(shape, self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        from tenfold.keras.saving import serialization

        return {
            **super().get_config(),
            "merge_mode": self.merge_mode,
            "layer": serialization.serialize_keras_object(self.forward_layer),
            "backward_layer": serialization.serialize_keras_object(self.backward_layer),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        from tenfold.keras.saving import serialization

        config = dict(config)
        for name in ("layer", "backward_layer"):
            if config.get(name) is not None:
                config[name] = serialization.deserialize_keras_object(config[name], custom_objects)
        return super().from_config(config)


class TimeDistributed(Layer):
    """Applies a layer to every time step.

    Input shape: `(batch, time, ...)`. All steps are one larger batch to the layer, unless it trains with statistics of the
    batch.

    Example:
      >>> tf.keras.layers.TimeDistributed(tf.keras.layers.Dense(4))(tf.ones([2, 5, 3])).shape
      TensorShape([2, 5, 4])
    """

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        if not isinstance(layer, Layer):
            raise ValueError(
                f"Please initialize `TimeDistributed` layer with a `keras.layers.Layer` instance. Received: {layer}"
            )
        super().__init__(**kwargs)
        self.layer = layer
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        if len(input_shape) < 3:
            raise ValueError(
                f"`TimeDistributed` Layer should be passed an `input_shape` with at least 3 dimensions, received: {input_shape}"
            )
        self.layer._ensure_built((input_shape[0], *input_shape[2:]))
        self.built = True

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        if mask is not None and tuple(mask.shape)[:2] != tuple(inputs.shape)[:2]:
            raise ValueError(
                f"The `mask` passed to the `TimeDistributed` layer has a shape {mask.shape} that is incompatible with the input "
                f"shape {inputs.shape}. The first two dimensions must match."
            )
        signature = signature_of(type(self.layer), "call")
        outputs = []
        for t, step in enumerate(array_ops.unstack(inputs, axis=1)):
            kwargs = {"mask": mask[:, t]} if mask is not None and signature.has_mask else {}
            outputs.append(self.layer(step, **kwargs))
        return array_ops.stack(outputs, axis=1)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        inner = self.layer.compute_output_shape((input_shape[0], *input_shape[2:]))
        return (inner[0], input_shape[1], *inner[1:])

    def get_config(self) -> dict[str, Any]:
        from tenfold.keras.saving import serialization

        return {**super().get_config(), "layer": serialization.serialize_keras_object(self.layer)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        from tenfold.keras.saving import serialization

        config = dict(config)
        layer = serialization.deserialize_keras_object(config.pop("layer"), custom_objects)
        return cls(layer, **config)
