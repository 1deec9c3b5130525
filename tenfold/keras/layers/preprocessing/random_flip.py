"""RandomFlip: images mirrored at random."""

from __future__ import annotations

from typing import Any

from tenfold.core.tensor import Tensor
from tenfold.keras.layers.preprocessing.images import RandomImageLayer
from tenfold.ops.cast import cast
from tenfold.ops.gather import where
from tenfold.ops.rearrange import reverse

_AXES = {"horizontal": (2,), "vertical": (1,), "horizontal_and_vertical": (1, 2)}


class RandomFlip(RandomImageLayer):
    """Mirrors each image of a batch, or not, at random; in training only.

    Args:
      mode: "horizontal" for left and right, "vertical" for up and down, or "horizontal_and_vertical" for both at a time.
      seed: int, or None for one from Python's `random`.
      data_format: "channels_last" or "channels_first".

    Example:
      >>> image = tf.reshape(tf.range(3.0), [1, 3, 1])
      >>> print(tf.keras.layers.RandomFlip("horizontal", seed=1)(image, training=False).numpy().ravel())
      [0. 1. 2.]
    """

    def __init__(
        self,
        mode: str = "horizontal_and_vertical",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, data_format=data_format, **kwargs)
        if mode not in _AXES:
            raise ValueError(f"RandomFlip: mode={mode!r}; it must be one of {tuple(_AXES)}.")
        self.mode = mode

    def transformed(self, images: Tensor, training: Any) -> Tensor:
        images = cast(images, self.compute_dtype)
        if not training:
            return images
        is_mirrored = self.uniform((images._array.shape[0], 1, 1, 1), 0.0, 1.0) <= 0.5
        return where(is_mirrored, reverse(images, _AXES[self.mode]), images)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mode": self.mode}
