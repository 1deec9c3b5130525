"""Sequential: layers one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tenfold.core.tensor import Tensor
from tenfold.keras import checkpoint_names
from tenfold.keras.keras_tensor import KerasTensor
from tenfold.keras.layers.call_arguments import call_shapes
from tenfold.keras.layers.call_context import call_context
from tenfold.keras.layers.input_layer import Input, InputLayer
from tenfold.keras.layers.layer import Layer
from tenfold.keras.models.graph import FunctionalGraph, as_input
from tenfold.keras.models.model import Model


class Sequential(Model):
    """A stack of layers, each called on what the one before returned.

    Args:
      layers: the layers; the first may be `Input(...)` to build the model at once.
      trainable, name: as for `Layer`.

    Example:
      >>> model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2), tf.keras.layers.ReLU()])
      >>> model.output_shape, len(model.weights)
      ((None, 2), 2)
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return Layer.__new__(cls, *args, **kwargs)

    def __init__(self, layers: Any = None, trainable: bool = True, name: str | None = None) -> None:
        super().__init__(trainable=trainable, name=name)
        self._input_layer: InputLayer | None = None
        self._layers.clear()
        for layer in [] if layers is None else layers if isinstance(layers, (list, tuple)) else [layers]:
            self._append(layer)
        self._maybe_rebuild()

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Puts a layer at the end.

        Raises:
          ValueError: it is not a layer, or its name is taken.
        """
        self._append(layer)
        if rebuild:
            self._maybe_rebuild()

    def pop(self, rebuild: bool = True) -> Layer:
        """Takes the last layer away and returns it."""
        if not self._layers:
            raise IndexError(f"Sequential.pop: model '{self.name}' has no layers.")
        layer = self._layers.pop()
        self.built = False
        object.__setattr__(self, "_graph", None)
        if rebuild:
            self._maybe_rebuild()
        return layer

    def _append(self, layer: Any) -> None:
        if isinstance(layer, KerasTensor):
            layer = layer._keras_history.operation if layer._keras_history else layer
        if callable(layer) and not isinstance(layer, Layer):
            raise ValueError(
                f"Only instances of `keras.Layer` can be added to a Sequential model. Received: {layer} (of type {type(layer)})"
            )
        if not isinstance(layer, Layer):
            raise ValueError(
                f"Only instances of `keras.Layer` can be added to a Sequential model. Received: {layer} (of type {type(layer)})"
            )
        if isinstance(layer, InputLayer):
            if self._input_layer is not None or self._layers:
                raise ValueError(
                    f"Sequential model '{self.name}' has already been configured to use input shape "
                    f"{self._input_layer and self._input_layer.batch_shape}. You cannot add a different Input layer to it."
                )
            object.__setattr__(self, "_input_layer", layer)
            return
        if any(layer.name == known.name for known in self._layers):
            raise ValueError(
                f"All layers added to a Sequential model should have unique names. Name '{layer.name}' is already the name of "
                "a layer in this model. Update the `name` argument to pass a unique name."
            )
        if not self._layers and self._input_layer is None:
            shape = layer._input_shape_argument
            if (
                shape is None
                and isinstance(layer, Model)
                and layer._graph is not None
                and len(layer._graph.inputs) == 1
            ):
                shape = layer._graph.inputs[0].shape
            if shape is not None:
                object.__setattr__(self, "_input_layer", InputLayer(batch_shape=shape))
        self._layers.append(layer)
        self.built = False
        self._was_called = False
        object.__setattr__(self, "_graph", None)

    def _maybe_rebuild(self) -> None:
        if self._input_layer is not None and self._layers:
            self.build(self._input_layer.batch_shape)

    @property  # type: ignore[misc]  # Model's setter only refuses
    def layers(self) -> list[Layer]:
        return list(self._layers)

    def build(self, input_shape: Any = None) -> None:
        """Builds all layers for an input of this shape."""
        if not self._layers:
            raise ValueError(
                f"Sequential model {self.name} cannot be built because it has no layers. Call `model.add(layer)`."
            )
        if input_shape is None and self._input_layer is None:
            raise ValueError(f"Sequential model {self.name}: build() needs an input shape, as it has no Input layer.")
        if self._input_layer is None:
            shape = tuple(input_shape.as_list() if hasattr(input_shape, "as_list") else input_shape)
            if not all(size is None or isinstance(size, int) for size in shape):
                raise ValueError(
                    f"Sequential model {self.name}: the input must be one tensor; got the shapes {input_shape}."
                )
            x = inputs = Input(batch_shape=shape)
        else:
            x = inputs = self._input_layer.output
        for layer in self._layers:
            x = layer(x)
        object.__setattr__(self, "_graph", FunctionalGraph(inputs, x))
        self._build_shapes = {"input_shape": inputs.shape}
        self.built = True

    def _checkpoint_children(self) -> Iterator[tuple[str, Any]]:
        return checkpoint_names.of_sequential(self)

    def _build_for(self, args: tuple, kwargs: dict) -> None:
        shape = next(iter(call_shapes(type(self), args, kwargs).values()), None)
        try:
            self.build((None, *shape[1:]) if call_context.is_batch_open else shape)  # type: ignore[index]
        except (NotImplementedError, TypeError):
            # A layer that cannot say its shape in advance: the call to come builds what is left.
            self._build_shapes = {"input_shape": shape}
            self.built = True

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        if self._graph is not None:
            inputs = (
                as_input(inputs, self._graph.inputs[0])
                if type(inputs) is Tensor
                else self._graph.flat_inputs(inputs)[0]
            )
        if mask is not None and inputs._keras_mask is None:
            inputs._keras_mask = mask
        for layer in self._layers:
            inputs = layer(inputs)
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        for layer in self._layers:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    def get_config(self) -> dict[str, Any]:
        if self._records_arguments():
            return super().get_config()
        from tenfold.keras.saving import serialization

        layers = ([self._input_layer] if self._input_layer is not None else []) + list(self._layers)
        config: dict[str, Any] = {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": self._dtype_config(),
            "layers": [serialization.serialize_keras_object(layer) for layer in layers],
        }
        if self._build_shapes:
            config["build_input_shape"] = self._build_shapes["input_shape"]
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        from tenfold.keras.saving import serialization

        if cls.__init__ is not Sequential.__init__ and "layers" not in config:
            return super().from_config(config)
        layers = config if isinstance(config, list) else config["layers"]
        model = cls(name=None if isinstance(config, list) else config.get("name"))
        for layer in layers:
            model.add(serialization.deserialize_keras_object(layer, custom_objects=custom_objects), rebuild=False)
        model._maybe_rebuild()
        if not model.built and isinstance(config, dict) and config.get("build_input_shape"):
            model.build(tuple(config["build_input_shape"]))
        return model
