"""Rescaling: `inputs * scale + offset`."""

from __future__ import annotations

from typing import Any

from tenfold.keras import config
from tenfold.keras.layers.preprocessing.base import PreprocessingLayer
from tenfold.keras.saving import serialization
from tenfold.ops import array as array_ops
from tenfold.ops import cast


class Rescaling(PreprocessingLayer):
    """Multiplies inputs and adds to them; integers become floats.

    Args:
      scale: number, or one for each channel.
      offset: number, or one for each channel.

    Example:
      >>> print(tf.keras.layers.Rescaling(1 / 127.5, offset=-1.0)([0, 255]).numpy())
      [-1.  1.]
    """

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale, self.offset = scale, offset
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        dtype = self.compute_dtype
        scale, offset = cast.cast(self.scale, dtype), cast.cast(self.offset, dtype)
        rank = len(scale.shape)
        if rank and config.image_data_format() == "channels_first":
            scale = array_ops.reshape(scale, (*scale.shape, *[1] * (3 - rank)))
        return cast.cast(inputs, dtype) * scale + offset

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        factors = {"scale": self.scale, "offset": self.offset}
        return {
            **super().get_config(),
            **{name: serialization.serialize_keras_object(value) for name, value in factors.items()},
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        factors = {name: config.get(name, 0.0) for name in ("scale", "offset")}
        read = {name: serialization.deserialize_keras_object(value) for name, value in factors.items()}
        return super().from_config({**config, **read})
