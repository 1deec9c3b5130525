"""Masking, Lambda, Identity and the base of layers that wrap one."""

from __future__ import annotations

from typing import Any

from tenfold.keras.keras_tensor import KerasTensor
from tenfold.keras.layers.layer import Layer
from tenfold.ops import cast as cast_ops
from tenfold.ops import logic
from tenfold.ops import reduce as reduce_ops


def symbolic_mask(layer: Layer, inputs: KerasTensor, mask: Any) -> Any:
    """The mask of a layer's output in a functional model."""
    from tenfold.keras import symbolic_ops

    return symbolic_ops.symbolic_mask(layer, inputs, mask)


class Masking(Layer):
    """Masks the time steps at which all features equal a value.

    Input shape: `(batch, time, features)`. Output shape: the same; masked steps are zeros.

    Example:
      >>> print(tf.keras.layers.Masking().compute_mask(tf.constant([[[0.0], [1.0]]]), None).numpy())
      [[False  True]]
    """

    _config_names = ("mask_value",)

    def __init__(self, mask_value: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mask_value = mask_value
        self.supports_masking = True
        self.built = True

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        if isinstance(inputs, KerasTensor):
            return symbolic_mask(self, inputs, mask)
        return reduce_ops.reduce_any(logic.not_equal(inputs, self.mask_value), axis=-1)

    def call(self, inputs: Any) -> Any:
        is_kept = reduce_ops.reduce_any(logic.not_equal(inputs, self.mask_value), axis=-1, keepdims=True)
        return inputs * cast_ops.cast(is_kept, inputs.dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


class Identity(Layer):
    """Returns its input.

    Example:
      >>> print(tf.keras.layers.Identity()(tf.constant([1.0])).numpy())
      [1.]
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


class Lambda(Layer):
    """Makes a layer of a function.

    Args:
      function: what is computed; its first argument is the input.
      output_shape: shape of the output without the batch axis, or a function of the input's shape; found by calling the
        function on zeros if None.
      mask: mask of the output, or a function of input and mask.
      arguments: dict of keywords for the function.

    Example:
      >>> print(tf.keras.layers.Lambda(lambda x: x * 2.0)(tf.constant([1.0])).numpy())
      [2.]
    """

    def __init__(
        self, function: Any, output_shape: Any = None, mask: Any = None, arguments: dict | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.function = function
        self.arguments = arguments or {}
        self._output_shape, self.mask = output_shape, mask
        if mask is not None:
            self.supports_masking = True
        code = getattr(function, "__code__", None)
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] if code is not None else ()
        self._accepted = {name for name in ("mask", "training") if name in names}

    def call(self, inputs: Any, mask: Any = None, training: Any = None) -> Any:
        extra = {k: v for k, v in (("mask", mask), ("training", training)) if k in self._accepted}
        return self.function(inputs, **{**self.arguments, **extra})

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        if self._output_shape is None:
            from tenfold.keras.shape_inference import output_spec_by_probing

            return output_spec_by_probing(self, args, kwargs)
        return super().compute_output_spec(*args, **kwargs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        if self._output_shape is None:
            return Layer.compute_output_shape(self, input_shape)
        if callable(self._output_shape):
            return self._output_shape(input_shape)
        batch = input_shape[0][0] if isinstance(input_shape[0], (list, tuple)) else input_shape[0]
        return (batch, *self._output_shape)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def get_config(self) -> dict[str, Any]:
        from tenfold.keras.saving import serialization

        config = {**super().get_config(), "function": serialization.serialize_function(self.function)}
        if self._output_shape is not None:
            shape = self._output_shape
            config["output_shape"] = serialization.serialize_function(shape) if callable(shape) else shape
        if self.mask is not None:
            config["mask"] = serialization.serialize_function(self.mask) if callable(self.mask) else self.mask
        config["arguments"] = serialization.serialize_keras_object(self.arguments)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None, safe_mode: bool | None = None) -> Any:
        from tenfold.keras.saving import serialization

        config = dict(config)
        for name in ("function", "output_shape", "mask"):
            if isinstance(config.get(name), dict):
                config[name] = serialization.deserialize_function(config[name], custom_objects, safe_mode)
        if "arguments" in config:
            config["arguments"] = serialization.deserialize_keras_object(config["arguments"], custom_objects)
        return super().from_config(config)


class Wrapper(Layer):
    """Base of layers that hold another layer and change what it does.

    Attributes:
      layer: the layer inside.
    """

    def __init__(self, layer: Layer, **kwargs: Any) -> None:
        if not isinstance(layer, Layer):
            raise ValueError(
                f"Layer {layer} supplied to Wrapper isn't a supported layer type. Please ensure wrapped layer is a valid Keras layer."
            )
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape: Any = None) -> None:
        self.layer._ensure_built(input_shape)
        self.built = True

    def get_config(self) -> dict[str, Any]:
        from tenfold.keras.saving import serialization

        return {**super().get_config(), "layer": serialization.serialize_keras_object(self.layer)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        from tenfold.keras.saving import serialization

        config = dict(config)
        layer = serialization.deserialize_keras_object(config.pop("layer"), custom_objects=custom_objects)
        return cls(layer, **config)
