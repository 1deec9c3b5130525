"""Pooling layers."""

from __future__ import annotations

from typing import Any

from tenfold.keras import config
from tenfold.keras.layers.convolution import Spatial, layout, output_length, sizes
from tenfold.keras.layers.input_spec import InputSpec
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import extremes
from tenfold.ops import pool as pool_ops
from tenfold.ops import reduce as reduce_ops


class _Pooling(Spatial):
    _config_names = ("pool_size", "padding", "strides", "data_format")
    _kind: str

    def __init__(
        self,
        pool_size: Any,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.pool_size = sizes(pool_size, self.rank, "pool_size")
        self.strides = self.pool_size if strides is None else sizes(strides, self.rank, "strides")
        self.padding = str(padding).lower()
        if self.padding not in ("valid", "same"):
            raise ValueError(f"The `padding` argument must be one of ('valid', 'same'). Received: padding={padding}")
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)
        self.built = True

    def call(self, inputs: Any) -> Any:
        return pool_ops.pool(
            inputs,
            self.pool_size,
            self._kind,
            strides=self.strides,
            padding=self.padding.upper(),
            data_format=layout(self.rank, self.data_format),
        )

    def compute_output_shape(self, input_shape: Any) -> tuple:
        batch, space, channels = self._split_shape(input_shape)
        space = tuple(
            output_length(n, k, s, self.padding) for n, k, s in zip(space, self.pool_size, self.strides, strict=True)
        )
        return self._join_shape(batch, space, channels)


class _MaxPooling(_Pooling):
    _kind = "MAX"

    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, data_format, name, **kwargs)


class MaxPooling1D(_MaxPooling):
    """The largest value of each window of steps.

    Input shape: `(batch, steps, channels)`, or channels first.

    Example:
      >>> print(tf.keras.layers.MaxPooling1D()(tf.constant([[[1.0], [3.0], [2.0], [0.0]]])).numpy().ravel())
      [3. 2.]
    """

    rank = 1


class MaxPooling2D(_MaxPooling):
    """The largest value of each window of an image.

    Input shape: `(batch, height, width, channels)`, or channels first.

    Example:
      >>> tf.keras.layers.MaxPooling2D()(tf.ones([1, 4, 6, 3])).shape
      TensorShape([1, 2, 3, 3])
    """

    rank = 2


class MaxPooling3D(_MaxPooling):
    """The largest value of each window of a volume.

    Example:
      >>> tf.keras.layers.MaxPooling3D()(tf.ones([1, 4, 4, 4, 1])).shape
      TensorShape([1, 2, 2, 2, 1])
    """

    rank = 3


class AveragePooling1D(_Pooling):
    """The mean of each window of steps; padding does not count.

    Example:
      >>> print(tf.keras.layers.AveragePooling1D(2)(tf.constant([[[1.0], [3.0]]])).numpy().ravel())
      [2.]
    """

    rank, _kind = 1, "AVG"


class AveragePooling2D(_Pooling):
    """The mean of each window of an image; padding does not count.

    Example:
      >>> tf.keras.layers.AveragePooling2D(2)(tf.ones([1, 4, 6, 3])).shape
      TensorShape([1, 2, 3, 3])
    """

    rank, _kind = 2, "AVG"


class AveragePooling3D(_Pooling):
    """The mean of each window of a volume; padding does not count.

    Example:
      >>> tf.keras.layers.AveragePooling3D(2)(tf.ones([1, 4, 4, 4, 1])).shape
      TensorShape([1, 2, 2, 2, 1])
    """

    rank, _kind = 3, "AVG"


class _GlobalPooling(Spatial):
    _config_names = ("data_format", "keepdims")

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = config.standardize_data_format(data_format)
        self.keepdims = keepdims
        self.input_spec = InputSpec(ndim=self.rank + 2)
        self.built = True

    @property
    def _axes(self) -> tuple[int, ...]:
        first = 2 if self.data_format == "channels_first" else 1
        return tuple(range(first, first + self.rank))

    def compute_output_shape(self, input_shape: Any) -> tuple:
        batch, _, channels = self._split_shape(input_shape)
        return self._join_shape(batch, (1,) * self.rank if self.keepdims else (), channels)


class _GlobalMaxPooling(_GlobalPooling):
    def call(self, inputs: Any) -> Any:
        return extremes.reduce_max(inputs, axis=self._axes, keepdims=self.keepdims)


class _GlobalAveragePooling(_GlobalPooling):
    def call(self, inputs: Any) -> Any:
        return reduce_ops.reduce_mean(inputs, axis=self._axes, keepdims=self.keepdims)


class GlobalMaxPooling1D(_GlobalMaxPooling):
    """The largest value of each channel over all steps.

    Example:
      >>> print(tf.keras.layers.GlobalMaxPooling1D()(tf.constant([[[1.0], [3.0]]])).numpy())
      [[3.]]
    """

    rank = 1


class GlobalMaxPooling2D(_GlobalMaxPooling):
    """The largest value of each channel over an image.

    Example:
      >>> tf.keras.layers.GlobalMaxPooling2D()(tf.ones([2, 4, 4, 3])).shape
      TensorShape([2, 3])
    """

    rank = 2


class GlobalMaxPooling3D(_GlobalMaxPooling):
    """The largest value of each channel over a volume.

    Example:
      >>> tf.keras.layers.GlobalMaxPooling3D()(tf.ones([2, 4, 4, 4, 3])).shape
      TensorShape([2, 3])
    """

    rank = 3


class GlobalAveragePooling1D(_GlobalAveragePooling):
    """The mean of each channel over all steps that are not masked.

    Example:
      >>> print(tf.keras.layers.GlobalAveragePooling1D()(tf.constant([[[1.0], [3.0]]])).numpy())
      [[2.]]
    """

    rank = 1

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(data_format, keepdims, **kwargs)
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None:
            return super().call(inputs)
        axis = self._axes[0]
        weights = array_ops.expand_dims(cast_ops.cast(mask, inputs.dtype), 1 if axis == 2 else 2)
        total = reduce_ops.reduce_sum(inputs * weights, axis=axis, keepdims=self.keepdims)
        return total / reduce_ops.reduce_sum(weights, axis=axis, keepdims=self.keepdims)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return None


class GlobalAveragePooling2D(_GlobalAveragePooling):
    """The mean of each channel over an image.

    Example:
      >>> tf.keras.layers.GlobalAveragePooling2D()(tf.ones([2, 4, 4, 3])).shape
      TensorShape([2, 3])
    """

    rank = 2


class GlobalAveragePooling3D(_GlobalAveragePooling):
    """The mean of each channel over a volume.

    Example:
      >>> tf.keras.layers.GlobalAveragePooling3D()(tf.ones([2, 4, 4, 4, 3])).shape
      TensorShape([2, 3])
    """

    rank = 3
