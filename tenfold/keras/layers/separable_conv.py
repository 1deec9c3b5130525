"""Convolution layers in which channels are convolved each by itself."""

from __future__ import annotations

from typing import Any

from tenfold.keras.layers.convolution import Convolution, check_positive, layout
from tenfold.keras.layers.weights import weight_options
from tenfold.ops import array as array_ops
from tenfold.ops import conv as conv_ops
from tenfold.ops import depthwise as depthwise_ops


class _DepthwiseConv(Convolution):
    _former_checkpoint_names = {"kernel": "depthwise_kernel"}
    _config_names = ("depth_multiplier", *weight_options("depthwise"))

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        if kwargs.get("groups") == 1:  # files of Keras 2 hold it
            del kwargs["groups"]
        super().__init__(
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, bias_initializer,
            bias_regularizer, activity_regularizer, bias_constraint, **kwargs,
        )  # fmt: skip
        check_positive("depth_multiplier", depth_multiplier)
        self.depth_multiplier = depth_multiplier
        self._describe_weight("depthwise", depthwise_initializer, depthwise_regularizer, depthwise_constraint)

    def _build_kernels(self, channels: int) -> None:
        self.kernel = self._make_weight("depthwise", (*self.kernel_size, channels, self.depth_multiplier), "kernel")

    def _output_channels(self, channels: int) -> int:
        return channels * self.depth_multiplier

    def _convolve(self, inputs: Any) -> Any:
        return depthwise(self, inputs, self.kernel)


def depthwise(layer: Any, inputs: Any, kernel: Any) -> Any:
    """A depthwise convolution over one or two spatial axes; one axis is computed as two."""
    strides, dilations = layer.strides, layer.dilation_rate
    first = layer.data_format == "channels_first"
    if layer.rank == 1:
        inputs, kernel = array_ops.expand_dims(inputs, 2 if first else 1), array_ops.expand_dims(kernel, 0)
        strides, dilations = (strides[0],) * 2, (1, dilations[0])
    steps = (1, 1, *strides) if first else (1, *strides, 1)
    x = depthwise_ops.depthwise_conv2d(
        inputs, kernel, steps, layer.padding.upper(), data_format=layout(2, layer.data_format), dilations=dilations
    )
    return array_ops.squeeze(x, 2 if first else 1) if layer.rank == 1 else x


class DepthwiseConv1D(_DepthwiseConv):
    """Convolves every channel by itself, over time.

    Example:
      >>> tf.keras.layers.DepthwiseConv1D(3)(tf.ones([1, 5, 2])).shape
      TensorShape([1, 3, 2])
    """

    rank = 1


class DepthwiseConv2D(_DepthwiseConv):
    """Convolves every channel by itself, over height and width.

    Example:
      >>> tf.keras.layers.DepthwiseConv2D(3, depth_multiplier=2)(tf.ones([1, 5, 5, 2])).shape
      TensorShape([1, 3, 3, 4])
    """

    rank = 2


class _SeparableConv(Convolution):
    _config_names = ("filters", "depth_multiplier", *weight_options("depthwise", "pointwise"))

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, bias_initializer,
            bias_regularizer, activity_regularizer, bias_constraint, **kwargs,
        )  # fmt: skip
        check_positive("filters", filters)
        check_positive("depth_multiplier", depth_multiplier)
        self.filters = filters
        self.depth_multiplier = depth_multiplier
        self._describe_weight("depthwise", depthwise_initializer, depthwise_regularizer, depthwise_constraint)
        self._describe_weight("pointwise", pointwise_initializer, pointwise_regularizer, pointwise_constraint)

    def _build_kernels(self, channels: int) -> None:
        self.depthwise_kernel = self._make_weight(
            "depthwise", (*self.kernel_size, channels, self.depth_multiplier), "depthwise_kernel"
        )
        shape = (*(1,) * self.rank, channels * self.depth_multiplier, self.filters)
        self.pointwise_kernel = self._make_weight("pointwise", shape, "pointwise_kernel")

    def _output_channels(self, channels: int) -> int:
        return self.filters

    def _convolve(self, inputs: Any) -> Any:
        x = depthwise(self, inputs, self.depthwise_kernel)
        return conv_ops.convolution(
            x,
            self.pointwise_kernel,
            strides=(1,) * self.rank,
            padding="VALID",
            data_format=layout(self.rank, self.data_format),
        )


class SeparableConv1D(_SeparableConv):
    """A depthwise convolution followed by one that mixes the channels, over time.

    Example:
      >>> tf.keras.layers.SeparableConv1D(4, 3)(tf.ones([1, 5, 2])).shape
      TensorShape([1, 3, 4])
    """

    rank = 1


class SeparableConv2D(_SeparableConv):
    """A depthwise convolution followed by one that mixes the channels, over height and width.

    Example:
      >>> tf.keras.layers.SeparableConv2D(4, 3)(tf.ones([1, 5, 5, 2])).shape
      TensorShape([1, 3, 3, 4])
    """

    rank = 2
