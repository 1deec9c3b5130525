"""What layers that prepare images share: one image or a batch, channels last or first, seeds and factors."""

from __future__ import annotations

from typing import Any

from tenfold.core.context import traced_graph
from tenfold.core.tensor import Tensor
from tenfold.keras import config, random
from tenfold.keras.image_layout import on_batches
from tenfold.keras.keras_tensor import KerasTensor
from tenfold.keras.layers.preprocessing.base import PreprocessingLayer, tensor_of


class ImageLayer(PreprocessingLayer):
    """A layer of images `(height, width, channels)` or batches of them, or channels first."""

    def __init__(self, data_format: str | None = None, bounding_box_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if bounding_box_format is not None:
            raise ValueError(
                f"{type(self).__name__}: bounding_box_format={bounding_box_format!r}, but layers of Tenfold take images only, no boxes."
            )
        self.data_format = config.standardize_data_format(data_format)

    def _tensors_of(self, inputs: Any) -> Any:
        if isinstance(inputs, dict):
            raise ValueError(
                f"{type(self).__name__}: got a dict with {sorted(inputs)}; layers of Tenfold take images only. "
                "Pass those, a tensor of shape (height, width, channels) or (batch, height, width, channels)."
            )
        if isinstance(inputs, KerasTensor) or traced_graph() is None:
            return super()._tensors_of(inputs)
        return tensor_of(inputs, self.compute_dtype)  # as in Keras, whose layers keep integers only when run eagerly

    def call(self, inputs: Any, training: Any = True) -> Any:
        rank = inputs.shape.rank
        if rank not in (3, 4):
            raise ValueError(
                f"{type(self).__name__}: expected the input image to be rank 3 or 4. Received: inputs.shape={inputs.shape}"
            )
        return on_batches(lambda images: self.transformed(images, training), inputs, self.data_format)

    def transformed(self, images: Tensor, training: Any) -> Tensor:
        """What becomes of a batch of images whose channels are last."""
        raise NotImplementedError

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def compute_output_spec(self, inputs: Any, training: Any = True) -> KerasTensor:
        return KerasTensor(self.compute_output_shape(inputs.shape), self.compute_dtype)

    def _sized(self, input_shape: Any, height: int, width: int) -> tuple:
        """A shape of images with another height and width."""
        shape = list(input_shape)
        first = -2 if self.data_format == "channels_first" else -3
        shape[first], shape[first + 1] = height, width
        return tuple(shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_format": self.data_format}


class RandomImageLayer(ImageLayer):
    """A layer that changes images at random, in training only."""

    def __init__(self, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed = seed
        self.generator = random.SeedGenerator(seed)

    def uniform(self, shape: Any, low: float, high: float, dtype: Any = None) -> Tensor:
        """The next numbers of the layer's stream."""
        return random.uniform(shape, low, high, dtype, self.generator)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "seed": self.seed}


def factors(value: Any, least: float = -1.0, most: float = 1.0) -> tuple[float, float]:
    """The bounds between which a factor is drawn, of both, or of one for both directions.

    Raises:
      ValueError: they are no numbers, or out of range.
    """
    match value:
        case int() | float() if least <= value <= most:
            return max(-abs(value), least), abs(value)
        case (first, second) if first <= most and second >= least:
            low, high = sorted((first, second))
            return low, high
    raise ValueError(
        f"The `factor` argument should be a number (or a list of two numbers) in the range [{least}, {most}]. "
        f"Received: factor={value}"
    )
