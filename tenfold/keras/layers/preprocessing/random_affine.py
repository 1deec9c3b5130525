"""RandomTranslation, RandomRotation and RandomZoom: images moved, turned and zoomed at random."""

from __future__ import annotations

import math
from typing import Any

from tenfold.core import dtypes
from tenfold.core.tensor import Tensor
from tenfold.image.batches import height_and_width
from tenfold.keras.layers.preprocessing.images import RandomImageLayer, factors
from tenfold.ops import creation
from tenfold.ops.cast import cast
from tenfold.ops.image import projective
from tenfold.ops.join import concat
from tenfold.ops.trigonometry import cos, sin

_FILL_MODES, _INTERPOLATIONS = ("reflect", "wrap", "constant", "nearest"), ("nearest", "bilinear")


def _bounds(value: Any, can_be_least: bool = True) -> tuple[float, float]:
    """The bounds between which a factor is drawn, which must both lie in [-1, 1].

    Raises:
      ValueError: they do not, or -1 is among them where the factor cannot be this.
    """
    for number in value if isinstance(value, (tuple, list)) else (value,):
        if isinstance(number, (int, float)) and (abs(number) > 1 or (number == -1 and not can_be_least)):
            raise ValueError(
                "The `height_factor` and `width_factor` arguments should be a number (or a list of two numbers) in the range "
                f"{'[' if can_be_least else '('}-1.0, 1.0]. Received: {value}"
            )
    return factors(value)


class _RandomAffine(RandomImageLayer):
    """Base of layers that show images through random affine maps; in training only."""

    _config_names: tuple[str, ...]

    def __init__(self, fill_mode: str, interpolation: str, seed: int | None, fill_value: float, **kwargs: Any) -> None:
        super().__init__(seed, **kwargs)
        for name, value, known in (
            ("fill_mode", fill_mode, _FILL_MODES),
            ("interpolation", interpolation, _INTERPOLATIONS),
        ):
            if value not in known:
                raise NotImplementedError(f"Unknown `{name}` {value}. Expected of one {known}.")
        self.fill_mode, self.interpolation, self.fill_value = fill_mode, interpolation, fill_value

    def transformed(self, images: Tensor, training: Any) -> Tensor:
        images = cast(images, self.compute_dtype)
        if not training:
            return images
        batch, *sizes = images._array.shape[:3]
        height, width = [cast(n, dtypes.float32) for n in height_and_width(images)]
        x_x, x_y, x, y_x, y_y, y = self._maps(batch, height, width)
        maps = concat([x_x, x_y, x, y_x, y_y, y, creation.zeros([batch, 2])], 1)
        return projective.V3(
            images,
            cast(maps, dtypes.float32),
            cast(self.fill_value, dtypes.float32),
            output_shape=tuple(sizes),
            interpolation=self.interpolation.upper(),
            fill_mode=self.fill_mode.upper(),
        )

    def _maps(self, batch: Any, height: Tensor, width: Tensor) -> tuple[Tensor, ...]:
        """The six numbers of the map from each output to its image, each `(batch, 1)`: of x from x, y and 1, then of y."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        names = (*self._config_names, "fill_mode", "interpolation", "fill_value")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


class RandomTranslation(_RandomAffine):
    """Moves each image of a batch at random; in training only.

    Args:
      height_factor: how far down at most, as a part of the height, and up likewise; or the bounds of both, in [-1, 1].
      width_factor: how far to the right, likewise.
      fill_mode: what is shown from beyond the image: "reflect" for it mirrored, "wrap" for its other side, "constant" for
        `fill_value`, "nearest" for its last pixel.
      interpolation: "bilinear" or "nearest".
      seed: int, or None for one from Python's `random`.
      fill_value: number.
      data_format: "channels_last" or "channels_first".

    Example:
      >>> layer = tf.keras.layers.RandomTranslation(0.0, (0.5, 0.5), fill_mode="constant")
      >>> print(layer(tf.reshape(tf.range(4.0) + 1, [1, 4, 1])).numpy().ravel())
      [0. 0. 1. 2.]
    """

    _config_names = ("height_factor", "width_factor")

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format=data_format, **kwargs)
        self.height_factor, self.width_factor = height_factor, width_factor
        self._down, self._right = _bounds(height_factor), _bounds(width_factor)

    def _maps(self, batch: Any, height: Tensor, width: Tensor) -> tuple[Tensor, ...]:
        down, right = [
            cast(self.uniform((batch, 1), *bounds), dtypes.float32) * size
            for bounds, size in ((self._down, height), (self._right, width))
        ]
        one, zero = creation.ones([batch, 1]), creation.zeros([batch, 1])
        return one, zero, -right, zero, one, -down


class RandomRotation(_RandomAffine):
    """Turns each image of a batch around its middle at random; in training only.

    Args:
      factor: how far at most in both directions, as a part of a full turn; or both bounds, in [-1, 1].
      fill_mode, interpolation, seed, fill_value, data_format: as in `RandomTranslation`.

    Example:
      >>> layer = tf.keras.layers.RandomRotation((0.5, 0.5), interpolation="nearest")
      >>> print(layer(tf.reshape(tf.range(4.0), [2, 2, 1])).numpy().ravel())
      [3. 2. 1. 0.]
    """

    _config_names = ("factor",)

    def __init__(
        self,
        factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format=data_format, **kwargs)
        self.factor = factors(factor or 0.0)

    def _maps(self, batch: Any, height: Tensor, width: Tensor) -> tuple[Tensor, ...]:
        low, high = [part * 360.0 for part in self.factor]
        angle = cast(self.uniform((batch, 1), low, high), dtypes.float32) * (math.pi / 180.0)
        cosine, sine = cos(angle), sin(angle)
        x, y = 0.5 * (width - 1.0), 0.5 * (height - 1.0)
        return cosine, -sine, x - x * cosine - y * -sine, sine, cosine, y - x * sine - y * cosine


class RandomZoom(_RandomAffine):
    """Zooms each image of a batch at random; in training only.

    Args:
      height_factor: how much is shown more or less of the height at most, as a part of it; or the bounds of both, in (-1, 1].
      width_factor: of the width, likewise; None for the same number as for the height.
      fill_mode, interpolation, seed, fill_value, data_format: as in `RandomTranslation`.

    Example:
      >>> layer = tf.keras.layers.RandomZoom((-0.5, -0.5), interpolation="nearest")
      >>> print(layer(tf.reshape(tf.range(5.0), [1, 5, 1])).numpy().ravel())
      [1. 2. 2. 3. 3.]
    """

    _config_names = ("height_factor", "width_factor")

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format=data_format, **kwargs)
        self.height_factor, self.width_factor = height_factor, width_factor
        self._high = _bounds(height_factor, can_be_least=False)
        self._wide = None if width_factor is None else _bounds(width_factor, can_be_least=False)

    def _maps(self, batch: Any, height: Tensor, width: Tensor) -> tuple[Tensor, ...]:
        def drawn(bounds: tuple[float, float]) -> Tensor:
            return cast(self.uniform((batch, 1), 1.0 + bounds[0], 1.0 + bounds[1]), dtypes.float32)

        high = drawn(self._high)
        wide = high if self._wide is None else drawn(self._wide)
        x, y = [(size - 1.0) / 2.0 * (1.0 - zoom) for size, zoom in ((width, wide), (height, high))]
        zero = creation.zeros([batch, 1])
        return wide, zero, x, zero, high, y
