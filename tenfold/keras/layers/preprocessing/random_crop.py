"""RandomCrop: a part of images, at random."""

from __future__ import annotations

from typing import Any

from tenfold.core import dtypes
from tenfold.core.tensor import Tensor
from tenfold.image.batches import height_and_width
from tenfold.image.resizing import resize
from tenfold.keras import random
from tenfold.keras.layers.preprocessing.images import RandomImageLayer
from tenfold.ops.cast import cast
from tenfold.ops.index import slice as slice_of


class RandomCrop(RandomImageLayer):
    """A part of images, at the same random place in all of a batch; in training only.

    Where a side of the images is not larger, their middle is taken and resized.

    Args:
      height, width: the sizes of the outputs.
      seed: int, or None for one from Python's `random`.
      data_format: "channels_last" or "channels_first".

    Example:
      >>> tf.keras.layers.RandomCrop(2, 3, seed=1)(tf.ones([1, 8, 8, 3]), training=True).shape
      TensorShape([1, 2, 3, 3])
    """

    def __init__(
        self, height: int, width: int, seed: int | None = None, data_format: str | None = None, **kwargs: Any
    ) -> None:
        shown = random.make_default_seed() if seed is None else seed  # apart from the generator's own, as in Keras
        super().__init__(seed, data_format=data_format, **kwargs)
        self.height, self.width, self.seed = height, width, shown

    def transformed(self, images: Tensor, training: Any) -> Tensor:
        if not training:
            return images
        images = cast(images, self.compute_dtype)
        have = height_and_width(images)
        if any(isinstance(n, Tensor) for n in have):
            raise ValueError(
                f"RandomCrop requires the input to have a fully defined height and width. Received: images.shape={images.shape}"
            )
        height, width = have
        if height > self.height and width > self.width:
            top, left = [
                cast(self.uniform((), 0.0, float(n - size + 1)), dtypes.int32)
                for n, size in ((height, self.height), (width, self.width))
            ]
            return slice_of(images, (0, top, left, 0), (-1, self.height, self.width, -1))
        fitting = int(width * self.height / self.width), int(height * self.width / self.height)
        top, left = [(n - max(min(n, size), 1)) // 2 for n, size in zip(have, fitting, strict=True)]
        part = images[:, top : top + self.height, left : left + self.width]
        if tuple(part.shape[1:3]) == (self.height, self.width):
            return part
        return cast(resize(part, (self.height, self.width)), self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return self._sized(input_shape, self.height, self.width)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "height": self.height, "width": self.width}
