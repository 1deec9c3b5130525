"""Poolings to an output of given size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenfold.keras import config
from tenfold.keras.layers.convolution import Spatial
from tenfold.ops import extremes, join
from tenfold.ops import reduce as reduce_ops


def adaptive_pool(reduce: Callable[..., Any], x: Any, output_size: tuple[int, ...], data_format: str) -> Any:
    """Reduces windows: along each axis, that of output `i` reaches from `floor(i n / m)` to `ceil((i + 1) n / m)`."""
    for axis, size in enumerate(output_size, 2 if data_format == "channels_first" else 1):
        length = x._array.shape[axis]
        before = (slice(None),) * axis
        windows = [x[(*before, slice(i * length // size, -(-(i + 1) * length // size)))] for i in range(size)]
        x = join.stack([reduce(window, axis) for window in windows], axis)
    return x


class _AdaptivePooling(Spatial):
    _config_names = ("output_size", "data_format")
    _reduce: Callable[..., Any]

    def __init__(self, output_size: Any, data_format: str | None = None, **kwargs: Any) -> None:
        if isinstance(output_size, int):
            output_size = (output_size,) * self.rank
        if not isinstance(output_size, (list, tuple)) or (len(output_size) != self.rank and self.rank > 1):
            raise TypeError(
                f"`output_size` must be an integer or a tuple of {self.rank}. Received: {output_size} of type {type(output_size)}"
            )
        if len(output_size) != self.rank:
            raise ValueError(f"For 1D input, `output_size` tuple must have length 1. Received: {output_size}")
        super().__init__(**kwargs)
        self.output_size = tuple(output_size)
        self.data_format = config.standardize_data_format(data_format)

    def call(self, inputs: Any) -> Any:
        return adaptive_pool(type(self)._reduce, inputs, self.output_size, self.data_format)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        batch, _, channels = self._split_shape(input_shape)
        return self._join_shape(batch, self.output_size, channels)


class AdaptiveAveragePooling1D(_AdaptivePooling):
    """The means of `output_size` windows of steps, which may overlap by one.

    Args:
      output_size: int, or tuple of one int.
      data_format: `"channels_last"` for `(batch, steps, channels)`, or `"channels_first"`.

    Example:
      >>> x = tf.constant([[[1.0], [2.0], [3.0], [6.0]]])
      >>> print(tf.keras.layers.AdaptiveAveragePooling1D(2)(x).numpy().ravel())
      [1.5 4.5]
    """

    rank, _reduce = 1, staticmethod(reduce_ops.reduce_mean)


class AdaptiveAveragePooling2D(_AdaptivePooling):
    """The means of `output_size` windows of an image, which may overlap by one.

    Example:
      >>> tf.keras.layers.AdaptiveAveragePooling2D((2, 3))(tf.ones([1, 5, 7, 4])).shape
      TensorShape([1, 2, 3, 4])
    """

    rank, _reduce = 2, staticmethod(reduce_ops.reduce_mean)


class AdaptiveAveragePooling3D(_AdaptivePooling):
    """The means of `output_size` windows of a volume, which may overlap by one.

    Example:
      >>> tf.keras.layers.AdaptiveAveragePooling3D(2)(tf.ones([1, 4, 5, 6, 1])).shape
      TensorShape([1, 2, 2, 2, 1])
    """

    rank, _reduce = 3, staticmethod(reduce_ops.reduce_mean)


class AdaptiveMaxPooling1D(_AdaptivePooling):
    """The largest values of `output_size` windows of steps, which may overlap by one.

    Example:
      >>> x = tf.constant([[[1.0], [2.0], [3.0], [6.0]]])
      >>> print(tf.keras.layers.AdaptiveMaxPooling1D(2)(x).numpy().ravel())
      [2. 6.]
    """

    rank, _reduce = 1, staticmethod(extremes.reduce_max)


class AdaptiveMaxPooling2D(_AdaptivePooling):
    """The largest values of `output_size` windows of an image, which may overlap by one.

    Example:
      >>> tf.keras.layers.AdaptiveMaxPooling2D((2, 3))(tf.ones([1, 5, 7, 4])).shape
      TensorShape([1, 2, 3, 4])
    """

    rank, _reduce = 2, staticmethod(extremes.reduce_max)


class AdaptiveMaxPooling3D(_AdaptivePooling):
    """The largest values of `output_size` windows of a volume, which may overlap by one.

    Example:
      >>> tf.keras.layers.AdaptiveMaxPooling3D(2)(tf.ones([1, 4, 5, 6, 1])).shape
      TensorShape([1, 2, 2, 2, 1])
    """

    rank, _reduce = 3, staticmethod(extremes.reduce_max)
