"""RNN: a cell run over time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from tenfold.core import nest
from tenfold.core.context import traced_graph
from tenfold.core.convert import convert
from tenfold.core.dtypes import as_dtype
from tenfold.core.symbol import sizes_in
from tenfold.core.tensor import Tensor
from tenfold.keras.keras_tensor import KerasTensor
from tenfold.keras.layers.gated_cell import GatedCell
from tenfold.keras.layers.layer import Layer
from tenfold.keras.layers.stacked_cells import (
    StackedRNNCells,
    call_cell,
    draw_dropout_masks,
    initial_state,
    output_size,
    reset_dropout_masks,
)
from tenfold.keras.variables import Variable, path_scope
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import creation, join, rearrange, scan, sizes
from tenfold.ops import gather as gather_ops


class _KeptStates:
    """What a batch left behind in a stateful layer, for Keras' files; one for batches of another size keeps its own."""

    def __init__(self, variables: list[Variable]) -> None:
        self._variables = variables

    def save_own_variables(self, store: Any) -> None:
        for i, variable in enumerate(self._variables):
            store[str(i)] = variable

    def load_own_variables(self, store: Any) -> None:
        values = [store[str(i)] for i in range(len(store))]
        if [value.shape for value in values] == [tuple(variable.shape) for variable in self._variables]:
            for variable, value in zip(self._variables, values, strict=True):
                variable.assign(value)


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
      unroll: whether each step's ops are run, also where one op does all steps: in a traced function a loop, eagerly one of the ops
        for SimpleRNN, LSTM and GRU in float32 or float64, with their usual activations and without dropout of the states.
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
        cell = StackedRNNCells(cell) if isinstance(cell, (list, tuple)) else cell
        for name in ("call", "state_size"):
            if not hasattr(cell, name):
                raise ValueError(
                    "The RNN cell should have a `call` method and a `state_size` attribute (one integer per state). "
                    f"Received: cell={cell}"
                )
        super().__init__(**kwargs)
        size = cell.state_size
        if not isinstance(size, (list, tuple, int)):
            raise ValueError(f"RNN: state_size of the cell is {size!r}; it must be an integer, or a list of integers.")
        self.cell = cell
        self.state_size = [size] if isinstance(size, int) else list(size)
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.unroll = unroll
        self.zero_output_for_mask = zero_output_for_mask
        self.supports_masking = True
        self.states: Any = None

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        if isinstance(self.cell, Layer):
            self.cell._ensure_built((sequences_shape[0], *sequences_shape[2:]))
        if self.stateful:
            if self.states is not None:
                self.reset_state()
            elif sequences_shape[0] is None:
                raise ValueError(
                    f"When using `stateful=True` in a RNN, the batch size must be static. Found: sequence.shape={sequences_shape}"
                )
            else:
                self._make_states(sequences_shape[0])
        self.built = True

    def _make_states(self, batch_size: int) -> None:
        def variable(value: Any) -> Variable:
            return Variable(value, trainable=False, dtype=self.variable_dtype, name="rnn_state")

        with path_scope(self.name, self):
            states = nest.map_structure(variable, self.get_initial_state(batch_size))
        object.__setattr__(self, "states", states)  # what a batch left behind, no weights
        object.__setattr__(self, "_kept_states", _KeptStates(nest.flatten(states)))

    def _former_checkpoint_children(self, names: Collection[str]) -> Iterator[tuple[str, Any]] | None:
        if self.stateful and "keras_api" in names:
            return iter([*self._checkpoint_children(), ("keras_api", {"states": self.states})])
        return super()._former_checkpoint_children(names)

    def get_initial_state(self, batch_size: int | None) -> list:
        """The states that a sequence begins with, zeros unless the cell says otherwise."""
        state = initial_state(self.cell, batch_size, self.compute_dtype)
        return list(state) if isinstance(state, (list, tuple)) else [state]

    def reset_state(self) -> None:
        """Sets the states of a stateful layer to zeros."""
        for variable in nest.flatten(self.states or []):
            variable.assign(creation.zeros_like(variable._value))

    def reset_states(self) -> None:
        """`reset_state` under its former name."""
        self.reset_state()

    def __call__(self, sequences: Any, initial_state: Any = None, **kwargs: Any) -> Any:
        if isinstance(sequences, (list, tuple)) and initial_state is None and len(sequences) > 1:
            sequences, initial_state = sequences[0], list(sequences[1:])
        if initial_state is None:
            return super().__call__(sequences, **kwargs)
        if not isinstance(initial_state, (list, tuple)):
            initial_state = [initial_state]
        return super().__call__(sequences, initial_state=list(initial_state), **kwargs)

    def call(self, sequences: Any, initial_state: Any = None, mask: Any = None, training: Any = False) -> Any:
        batch_size = sequences._array.shape[0]
        if self.stateful:
            expected = nest.flatten(self.states)[0].shape[0]
            if batch_size != expected:
                raise ValueError(
                    f"RNN '{self.name}' is stateful and its states are for batches of {expected}; the input's batch has "
                    f"{batch_size}. Keep the size, or build another layer."
                )
        if initial_state is None:
            initial_state = self.states if self.stateful else self.get_initial_state(batch_size)
        dtype = as_dtype(getattr(self.cell, "compute_dtype", self.compute_dtype))
        states = nest.map_structure(lambda s: cast_ops.cast(convert(s), dtype), list(initial_state))
        draw_dropout_masks(self.cell, sequences[:, 0], states)
        last, outputs, states = self.inner_loop(sequences, states, mask, training)
        reset_dropout_masks(self.cell)
        if self.stateful:
            for variable, value in zip(nest.flatten(self.states), nest.flatten(states), strict=True):
                variable.assign(value)
        result = outputs if self.return_sequences else last
        return (result, *states) if self.return_state else result

    def inner_loop(self, sequences: Any, initial_state: Any, mask: Any, training: Any = False) -> tuple[Any, Any, list]:
        """Runs the cell over all steps.

        Args:
          sequences: tensor of shape `(batch, time, ...)`.
          initial_state: list of states.
          mask: boolean tensor of shape `(batch, time)`, or None.
          training: whether the cell is to behave as in training.
        Returns:
          The last output, all outputs stacked along axis 1 (with `return_sequences`), and the last states.
        """
        cell: Any = self.cell
        step: Any
        time_first = time_swapped(sequences)
        if isinstance(mask, (list, tuple)):
            mask = mask[0]
        if mask is not None:
            mask = array_ops.transpose(cast_ops.cast(mask, "bool"))
        is_gated = isinstance(cell, GatedCell) and type(cell).call is GatedCell.call
        if is_gated:
            # The products with the inputs need no state: all steps at once.
            inputs, step = cell.project(time_first, training), cell.step
        else:
            inputs, step = time_first, self._call_cell

        def advance(x: Any, kept: Any, states: Any, last: Any) -> tuple[Any, Any]:
            output, new_states = step(x, states, training)
            if kept is None:
                return output, new_states
            old = creation.zeros_like(output) if last is None or self.zero_output_for_mask else last
            new_states = nest.map_structure(lambda n, o: _where(kept, n, o), new_states, states)
            return _where(kept, output, old), new_states

        is_loop = traced_graph() is not None and not self.unroll
        if is_loop:
            try:
                return self._scanned(inputs, mask, initial_state, advance)
            except (NotImplementedError, TypeError, ValueError):  # unknown sizes, random numbers, other shapes
                pass
        if is_gated and not self.unroll:
            found = self._run(inputs, initial_state, mask, training)
            if found is not None:
                return found
        if is_loop and sizes_in([x._array.shape for x in (inputs, *nest.flatten(initial_state))]):
            return self._looped(inputs, mask, initial_state, advance)
        steps = join.unstack(inputs, axis=0)
        masks = [None] * len(steps) if mask is None else join.unstack(mask, axis=0)
        states, last, outputs = initial_state, None, []
        for t in reversed(range(len(steps))) if self.go_backwards else range(len(steps)):
            last, states = advance(steps[t], masks[t], states, last)
            if self.return_sequences:
                outputs.append(last)
        return last, join.stack(outputs, axis=1) if outputs else None, states

    def _call_cell(self, inputs: Any, states: Any, training: Any) -> tuple[Any, list]:
        output, new_states = call_cell(self.cell, inputs, states, training)
        return output, nest.pack_sequence_as(states, nest.flatten(new_states))

    def _scanned(self, inputs: Any, mask: Any, initial_state: Any, advance: Any) -> tuple[Any, Any, list]:
        """The loop over all steps as one op of the graph that is traced."""
        from tenfold.graph.scan import scan  # which brings the compiler

        states = nest.flatten(initial_state)
        needs_last = not self.return_sequences or (mask is not None and not self.zero_output_for_mask)
        if needs_last:
            states.append(self._no_output(states[0]))

        def step(xs: list, given: list) -> tuple[list, list]:
            old = nest.pack_sequence_as(initial_state, given[: len(given) - needs_last])
            output, new = advance(xs[0], xs[1] if len(xs) > 1 else None, old, given[-1] if needs_last else None)
            return [*nest.flatten(new), *[output] * needs_last], [output] * self.return_sequences

        xs = [inputs] if mask is None else [inputs, mask]
        after, outputs = scan(step, xs, states, self.go_backwards)
        last = after.pop() if needs_last else None
        if not outputs:
            return last, None, nest.pack_sequence_as(initial_state, after)
        rows = rearrange.reverse(outputs[0], [0]) if self.go_backwards else outputs[0]
        return last, time_swapped(rows), nest.pack_sequence_as(initial_state, after)

    def _looped(self, inputs: Any, mask: Any, initial_state: Any, advance: Any) -> tuple[Any, Any, list]:
        """The loop over as many steps as there are when the traced function runs."""
        from tenfold.graph.loops import while_loop
        from tenfold.graph.tensor_array import TensorArray

        count = sizes.shape(inputs)[0]
        first = self._no_output(nest.flatten(initial_state)[0])

        def step(t: Any, last: Any, states: Any, *outputs: Any) -> tuple:
            place = count - 1 - t if self.go_backwards else t
            kept = None if mask is None else gather_ops.gather(mask, place)
            last, states = advance(gather_ops.gather(inputs, place), kept, states, last)
            return t + 1, last, states, *[rows.write(t, last) for rows in outputs]

        outputs = [TensorArray(first.dtype, count)] if self.return_sequences else []
        begin = creation.zeros_like(count), first, initial_state, *outputs
        _, last, states, *rows = while_loop(lambda t, *_: t < count, step, begin)
        stacked = [time_swapped(x.stack()) for x in rows]
        return last, stacked[0] if stacked else None, states

    def _no_output(self, state: Any) -> Any:
        """Zeros of the shape of an output, given a state."""
        shape = sizes.shape(state)
        return creation.zeros([shape[0], output_size(self.cell)] if state.shape.rank == 2 else shape, state.dtype)

    def _run(self, projected: Any, states: Any, mask: Any, training: Any) -> tuple[Any, Any, list] | None:
        """What `inner_loop` returns, by one op; None where the cell has none for this."""
        masks = [] if mask is None else [mask]
        if self.go_backwards:
            projected, *masks = (rearrange.reverse(x, [0]) for x in (projected, *masks))
        found = self.cell.run(projected, list(states), masks, training)
        if found is None:
            return None
        outputs = found[0]
        if masks:  # before the first step that is not masked the output is zero, whatever the state
            shown = masks[0] if self.zero_output_for_mask else scan.cumsum(cast_ops.cast(masks[0], "int32")) > 0
            outputs = gather_ops.where(array_ops.expand_dims(shown, -1), outputs, creation.zeros_like(outputs))
        all_outputs = array_ops.transpose(outputs, (1, 0, 2)) if self.return_sequences else None
        return outputs[-1], all_outputs, [steps[-1] for steps in found]

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        output_mask = nest.flatten(mask)[0] if self.return_sequences else None
        return [output_mask, *[None for _ in self.state_size]] if self.return_state else output_mask

    def compute_output_shape(self, sequences_shape: Any, initial_state_shape: Any = None) -> Any:
        batch, time = sequences_shape[0], sequences_shape[1]
        size = output_size(self.cell)
        if not isinstance(size, int):
            raise ValueError(f"RNN: output_size of the cell is {size!r}; it must be an integer.")
        output = (batch, time, size) if self.return_sequences else (batch, size)
        if not self.return_state:
            return output
        return (output, *[nest.map_structure(lambda s: (batch, s), size) for size in self.state_size])

    def compute_output_spec(self, sequences: Any, initial_state: Any = None, **kwargs: Any) -> Any:
        return specs_of(self.compute_output_shape(sequences.shape), self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        from tenfold.keras.saving import serialization

        return {**super().get_config(), "cell": serialization.serialize_keras_object(self.cell)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        from tenfold.keras.saving import serialization

        config = dict(config)
        config["cell"] = serialization.deserialize_keras_object(config["cell"], custom_objects)
        return super().from_config(config)


def _where(mask: Tensor, new: Tensor, old: Tensor) -> Tensor:
    """`new` in the rows where the mask is true."""
    return gather_ops.where(array_ops.reshape(mask, (-1, *(1,) * (new.ndim - 1))), new, old)


def specs_of(shape: Any, dtype: str) -> Any:
    """KerasTensors of a shape, or of a tuple of shapes, themselves perhaps in lists."""
    if all(size is None or isinstance(size, int) for size in shape):
        return KerasTensor(shape, dtype)
    return tuple(specs_of(item, dtype) for item in shape)


def time_swapped(x: Any) -> Any:
    """With the first two axes, batch and time, exchanged."""
    return array_ops.transpose(x, (1, 0, *range(2, x.ndim)))
