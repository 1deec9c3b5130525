"""Convolution layers."""

from __future__ import annotations

from typing import Any

from tenfold.keras.layers.convolution import Convolution, check_positive, layout
from tenfold.keras.layers.weights import weight_options
from tenfold.ops import conv as conv_ops
from tenfold.ops import rearrange


class _Conv(Convolution):
    _checkpoint_names = {"kernel": "_kernel"}
    _config_names = ("filters", "groups", *weight_options("kernel"))

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        groups: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, bias_initializer,
            bias_regularizer, activity_regularizer, bias_constraint, **kwargs,
        )  # fmt: skip
        check_positive("filters", filters)
        if groups <= 0 or filters % groups:
            raise ValueError(
                f"The number of filters must be evenly divisible by the number of groups. Received: groups={groups}, filters={filters}."
            )
        self.filters = int(filters)
        self.groups = groups
        self._describe_weight("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)

    def _build_kernels(self, channels: int) -> None:
        if channels % self.groups:
            raise ValueError(
                f"The number of input channels must be evenly divisible by the number of groups. Received groups={self.groups}, "
                f"but the input has {channels} channels."
            )
        self.kernel = self._make_weight("kernel", (*self.kernel_size, channels // self.groups, self.filters))

    def _output_channels(self, channels: int) -> int:
        return self.filters

    def _padded(self, inputs: Any) -> tuple[Any, str]:
        """The input with the padding that the op itself does not know, and the op's word for the rest."""
        if self.padding != "causal":
            return inputs, self.padding.upper()
        left = self.dilation_rate[0] * (self.kernel_size[0] - 1)
        before = [[0, 0], [0, 0], [left, 0]] if self.data_format == "channels_first" else [[0, 0], [left, 0], [0, 0]]
        return rearrange.pad(inputs, before), "VALID"

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        """The convolution of inputs with a kernel; a subclass may change the kernel first."""
        inputs, padding = self._padded(inputs)
        return conv_ops.convolution(
            inputs,
            kernel,
            strides=self.strides,
            padding=padding,
            data_format=layout(self.rank, self.data_format),
            dilations=self.dilation_rate,
        )

    def _convolve(self, inputs: Any) -> Any:
        return self.convolution_op(inputs, self.kernel)


class Conv1D(_Conv):
    """Convolution over time.

    Input shape: `(batch, steps, channels)`. Output shape: `(batch, new_steps, filters)`; channels first if `data_format`
    says so.

    Args:
      filters: number of output channels.
      kernel_size, strides, dilation_rate: int or tuple of one int.
      padding: `"valid"`, `"same"` or `"causal"`.
      groups: number of groups of channels that are convolved separately.
      Others: as for `Dense`.

    Example:
      >>> tf.keras.layers.Conv1D(4, 3, padding="causal")(tf.ones([2, 5, 3])).shape
      TensorShape([2, 5, 4])
    """

    rank = 1
    _paddings = ("valid", "same", "causal")


class Conv2D(_Conv):
    """Convolution over height and width.

    Input shape: `(batch, height, width, channels)`. Output shape: `(batch, new_height, new_width, filters)`; channels
    first if `data_format` says so.

    Args: as for `Conv1D`, with ints or tuples of two ints; `padding` is `"valid"` or `"same"`.

    Example:
      >>> tf.keras.layers.Conv2D(8, 3, strides=2, padding="same")(tf.ones([1, 28, 28, 1])).shape
      TensorShape([1, 14, 14, 8])
    """

    rank = 2


class Conv3D(_Conv):
    """Convolution over depth, height and width; see `Conv2D`.

    Example:
      >>> tf.keras.layers.Conv3D(2, 3)(tf.ones([1, 5, 5, 5, 1])).shape
      TensorShape([1, 3, 3, 3, 2])
    """

    rank = 3
