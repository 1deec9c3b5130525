"""Bidirectional and TimeDistributed: layers that run another one over time."""

from __future__ import annotations

from typing import Any

from tenfold.keras.layers.call_arguments import signature_of
from tenfold.keras.layers.core import Wrapper
from tenfold.keras.layers.layer import Layer
from tenfold.keras.layers.rnn import specs_of, time_swapped
from tenfold.ops import cast as cast_ops
from tenfold.ops import join, rearrange


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
        for name, value in (("layer", layer), ("backward_layer", backward_layer)):
            if not isinstance(value, Layer) and (name == "layer" or value is not None):
                raise ValueError(f"Bidirectional: `{name}` must be a `keras.layers.Layer` instance. Received: {value}")
        if merge_mode not in ("sum", "mul", "ave", "concat", None):
            raise ValueError(
                f"Invalid merge mode. Received: {merge_mode}. Merge mode should be one of {{'sum', 'mul', 'ave', 'concat', None}}"
            )
        super().__init__(**kwargs)
        self.forward_layer = _copy(layer, name=f"forward_{layer.name.removeprefix('forward_')}")
        if backward_layer is None:
            name = f"backward_{layer.name.removeprefix('backward_')}"
            backward_layer = _copy(layer, name=name, go_backwards=True)
        self.backward_layer = backward_layer
        if self.forward_layer.go_backwards == backward_layer.go_backwards:
            raise ValueError(
                "Forward layer and backward layer should have different `go_backwards` value. Received: both "
                f"{backward_layer.go_backwards}"
            )
        for attribute in ("stateful", "return_sequences", "return_state"):
            forward, backward = getattr(self.forward_layer, attribute), getattr(backward_layer, attribute)
            if forward != backward:
                raise ValueError(
                    "Forward layer and backward layer are expected to have the same value for attribute "
                    f"{attribute!r}, got {forward!r} and {backward!r}."
                )
        for part in (self.forward_layer, backward_layer):
            if hasattr(part, "zero_output_for_mask"):  # else a masked step would count twice
                part.zero_output_for_mask = part.return_sequences
        self.merge_mode = merge_mode
        self.return_sequences = layer.return_sequences
        self.return_state = layer.return_state
        self.stateful = layer.stateful
        self.supports_masking = True
        self.input_spec = layer.input_spec
        self._initial_weights = weights

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
        y, y_back = cast_ops.cast(y, self.compute_dtype), cast_ops.cast(y_back, self.compute_dtype)
        if self.return_sequences:
            y_back = rearrange.reverse(y_back, [1])
        if self.merge_mode is None:
            return (y, y_back, *last_states)
        if self.merge_mode == "concat":
            output = join.concat([y, y_back], -1)
        elif self.merge_mode == "sum":
            output = y + y_back
        elif self.merge_mode == "ave":
            output = (y + y_back) / 2
        else:
            output = y * y_back
        return (output, *last_states) if self.return_state else output

    def reset_state(self) -> None:
        """Sets the states of both layers to zeros.

        Raises:
          AttributeError: the layer is not stateful.
        """
        if not self.stateful:
            raise AttributeError(f"Bidirectional '{self.name}': only a stateful layer has states to reset.")
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    def reset_states(self) -> None:
        """`reset_state` under its former name."""
        self.reset_state()

    @property
    def states(self) -> Any:
        forward, backward = self.forward_layer.states, self.backward_layer.states
        return (*forward, *backward) if forward and backward else None

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        mask = mask[0] if isinstance(mask, (list, tuple)) else mask
        kept = mask if self.return_sequences else None
        return (kept, kept) if self.merge_mode is None else kept

    def compute_output_shape(self, sequences_shape: Any, initial_state_shape: Any = None) -> Any:
        shape = self.forward_layer.compute_output_shape(sequences_shape)
        output, *states = shape if self.return_state else (shape,)
        if self.merge_mode == "concat":
            output = (*output[:-1], output[-1] * 2)
        outputs = (output, output) if self.merge_mode is None else (output,)
        if not self.return_state and len(outputs) == 1:
            return tuple(output)
        return (*outputs, *states, *states)

    def compute_output_spec(self, sequences: Any, initial_state: Any = None, **kwargs: Any) -> Any:
        return specs_of(self.compute_output_shape(sequences.shape), self.compute_dtype)

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


def _copy(layer: Layer, **changes: Any) -> Any:
    """A layer of the same configuration but for some entries, built if the given one is."""
    from tenfold.keras.saving import serialization

    config = serialization.serialize_keras_object(layer)
    config["config"] = {**config["config"], **changes}
    return serialization.deserialize_keras_object(config, custom_objects={type(layer).__name__: type(layer)})


class TimeDistributed(Wrapper):
    """Applies a layer to every time step.

    Input shape: `(batch, time, ...)`.

    Example:
      >>> tf.keras.layers.TimeDistributed(tf.keras.layers.Dense(4))(tf.ones([2, 5, 3])).shape
      TensorShape([2, 5, 4])
    """

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        self.supports_masking = True

    def _step_shape(self, input_shape: Any) -> tuple:
        if not isinstance(input_shape, (list, tuple)) or len(input_shape) < 3:
            raise ValueError(
                f"`TimeDistributed` Layer should be passed an `input_shape` with at least 3 dimensions, received: {input_shape}"
            )
        return (input_shape[0], *input_shape[2:])

    def build(self, input_shape: Any = None) -> None:
        super().build(self._step_shape(input_shape))

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        if mask is not None and tuple(mask.shape)[:2] != tuple(inputs.shape)[:2]:
            raise ValueError(
                f"The `mask` passed to the `TimeDistributed` layer has a shape {mask.shape} that is incompatible with the input "
                f"shape {inputs.shape}. The first two dimensions must match."
            )
        signature = signature_of(type(self.layer), "call")
        kwargs: dict[str, Any] = {"training": training} if signature.has_training else {}
        has_mask = mask is not None and signature.has_mask

        def call(step: Any, mask: Any = None) -> Any:
            return self.layer.call(step, **kwargs, **({"mask": mask} if has_mask else {}))

        if inputs.shape[1] is None:
            from tenfold.graph.map import map_fn  # needed by few

            steps = (time_swapped(inputs), time_swapped(mask)) if has_mask else (time_swapped(inputs),)
            return time_swapped(map_fn(lambda step: call(*step), steps, fn_output_signature=self.compute_dtype))
        masks = join.unstack(mask, axis=1) if has_mask else [None] * inputs.shape[1]
        pairs = zip(join.unstack(inputs, axis=1), masks, strict=True)
        return join.stack([call(*pair) for pair in pairs], axis=1)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        inner = self.layer.compute_output_shape(self._step_shape(input_shape))
        return (inner[0], input_shape[1], *inner[1:])
