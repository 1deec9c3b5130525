"""Transposed convolution layers."""

from __future__ import annotations

from typing import Any

from tenfold.keras.layers.convolution import Convolution, check_positive, layout, sizes, transposed_length
from tenfold.keras.layers.weights import weight_options
from tenfold.ops import conv_transpose as conv_transpose_ops


class _ConvTranspose(Convolution):
    _config_names = ("filters", "output_padding", *weight_options("kernel"))

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = 1,
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
        if kwargs.get("groups") == 1:  # files of Keras 2 hold it
            del kwargs["groups"]
        super().__init__(
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, bias_initializer,
            bias_regularizer, activity_regularizer, bias_constraint, **kwargs,
        )  # fmt: skip
        check_positive("filters", filters)
        self.filters = int(filters)
        self.output_padding = None
        if output_padding is not None:
            self.output_padding = sizes(output_padding, self.rank, "output_padding", allow_zero=True)
            if any(p >= s for p, s in zip(self.output_padding, self.strides, strict=True)):
                raise ValueError(
                    f"The `output_padding` must be less than the strides. Received output_padding={output_padding}, strides={self.strides}."
                )
        self._describe_weight("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)

    def _build_kernels(self, channels: int) -> None:
        self.kernel = self._make_weight("kernel", (*self.kernel_size, self.filters, channels))

    def _output_channels(self, channels: int) -> int:
        return self.filters

    def compute_output_shape(self, input_shape: Any) -> tuple:
        batch, space, _ = self._split_shape(input_shape)
        return self._join_shape(batch, [self._length(n, i) for i, n in enumerate(space)], self.filters)

    def _length(self, length: int | None, axis: int) -> int | None:
        """The size of a spatial axis of the output."""
        extra = None if self.output_padding is None else self.output_padding[axis]
        kernel, stride, dilation = self.kernel_size[axis], self.strides[axis], self.dilation_rate[axis]
        return transposed_length(length, kernel, stride, self.padding, extra, dilation)

    def _convolve(self, inputs: Any) -> Any:
        return conv_transpose_ops.conv_transpose(
            inputs,
            self.kernel,
            self.compute_output_shape(inputs._array.shape),
            strides=self.strides,
            padding=self.padding.upper(),
            data_format=layout(self.rank, self.data_format),
            dilations=self.dilation_rate,
        )


class Conv1DTranspose(_ConvTranspose):
    """The gradient of `Conv1D` as a layer: more steps come out than go in.

    Example:
      >>> tf.keras.layers.Conv1DTranspose(4, 3, strides=2, padding="same")(tf.ones([1, 5, 2])).shape
      TensorShape([1, 10, 4])
    """

    rank = 1


class Conv2DTranspose(_ConvTranspose):
    """The gradient of `Conv2D` as a layer: a larger image comes out than goes in.

    Example:
      >>> tf.keras.layers.Conv2DTranspose(4, 3, strides=2, padding="same")(tf.ones([1, 5, 5, 2])).shape
      TensorShape([1, 10, 10, 4])
    """

    rank = 2


class Conv3DTranspose(_ConvTranspose):
    """The gradient of `Conv3D` as a layer.

    Example:
      >>> tf.keras.layers.Conv3DTranspose(1, 2, strides=2)(tf.ones([1, 2, 2, 2, 1])).shape
      TensorShape([1, 4, 4, 4, 1])
    """

    rank = 3

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = (1, 1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        output_padding: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(filters, kernel_size, strides, padding, output_padding, data_format, **kwargs)
