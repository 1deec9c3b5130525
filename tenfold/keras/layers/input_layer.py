"""Input: where a functional model begins."""

from __future__ import annotations

from typing import Any

from tenfold.core.dtypes import as_dtype
from tenfold.keras import config
from tenfold.keras.functional_graph import Node
from tenfold.keras.keras_tensor import KerasTensor
from tenfold.keras.layers.layer import Layer


class InputLayer(Layer):
    """Holds the place of an input in a model.

    Args:
      shape: shape without the batch axis, None where a size is open.
      batch_size: size of the batch axis, or None.
      dtype: dtype of the input.
      batch_shape: shape with the batch axis, instead of `shape` and `batch_size`.
      input_tensor: a KerasTensor to use.
      name: name of the layer.

    Example:
      >>> tf.keras.Sequential([tf.keras.layers.InputLayer(shape=(4,)), tf.keras.layers.Dense(2)]).output_shape
      (None, 2)
    """

    def __init__(
        self,
        shape: Any = None,
        batch_size: int | None = None,
        dtype: Any = None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape: Any = None,
        input_tensor: Any = None,
        optional: bool = False,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if sparse or ragged:
            raise ValueError(
                "InputLayer: sparse and ragged inputs are not supported yet. Leave `sparse` and `ragged` out."
            )
        if "input_shape" in kwargs:
            shape = kwargs.pop("input_shape")
        if "batch_input_shape" in kwargs:
            batch_shape = kwargs.pop("batch_input_shape")
        super().__init__(name=name, **kwargs)
        if input_tensor is not None:
            if not isinstance(input_tensor, KerasTensor):
                raise ValueError(
                    f"Argument `input_tensor` must be a KerasTensor. Received invalid type: {type(input_tensor)}"
                )
            batch_shape, dtype = input_tensor.shape, dtype or input_tensor.dtype
        if shape is not None and batch_shape is not None:
            raise ValueError("You cannot pass both `shape` and `batch_shape` at the same time.")
        if batch_size is not None and batch_shape is not None:
            raise ValueError("You cannot pass both `batch_size` and `batch_shape` at the same time.")
        if shape is None and batch_shape is None:
            raise ValueError("You must pass a `shape` argument.")
        if batch_shape is None:
            batch_shape = (batch_size, *((shape,) if isinstance(shape, int) else shape))
        self._batch_shape = tuple(batch_shape)
        self._input_dtype = as_dtype(dtype or config.floatx()).name
        self.optional = optional
        if input_tensor is None:
            input_tensor = KerasTensor(self._batch_shape, self._input_dtype, name=name)
        Node(self, (), {}, input_tensor)
        self.built = True

    @property
    def batch_shape(self) -> tuple:
        return self._batch_shape

    @property
    def dtype(self) -> str:
        return self._input_dtype

    def call(self, inputs: Any = None) -> Any:
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            "batch_shape": self._batch_shape,
            "dtype": self._input_dtype,
            "sparse": False,
            "ragged": False,
            "optional": self.optional,
            "name": self.name,
        }


def Input(  # noqa: N802 (Keras' name)
    shape: Any = None,
    batch_size: int | None = None,
    dtype: Any = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Any = None,
    name: str | None = None,
    tensor: Any = None,
    optional: bool = False,
) -> KerasTensor:
    """The KerasTensor with which a functional model begins.

    Args:
      shape: shape without the batch axis, None where a size is open.
      batch_size, batch_shape: the batch axis, or all axes.
      dtype: dtype of the input, the default float type if None.
      name: its name.

    Example:
      >>> x = tf.keras.Input(shape=(8,), name="features")
      >>> tf.keras.Model(x, tf.keras.layers.Dense(1)(x)).output_shape
      (None, 1)
    """
    layer = InputLayer(
        shape=shape,
        batch_size=batch_size,
        dtype=dtype,
        sparse=sparse,
        ragged=ragged,
        batch_shape=batch_shape,
        input_tensor=tensor,
        optional=optional,
        name=name,
    )
    return layer.output
