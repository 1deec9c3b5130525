"""Convolution layers."""

from __future__ import annotations

from typing import Any

from tenfold.keras import activations, config
from tenfold.keras.layers.input_spec import InputSpec
from tenfold.keras.layers.layer import Layer
from tenfold.keras.layers.weights import weight_options
from tenfold.ops import array as array_ops
from tenfold.ops import conv as conv_ops
from tenfold.ops import conv_transpose as conv_transpose_ops
from tenfold.ops import depthwise as depthwise_ops
from tenfold.ops import rearrange

_LAYOUTS = {1: ("NWC", "NCW"), 2: ("NHWC", "NCHW"), 3: ("NDHWC", "NCDHW")}


def sizes(value: Any, rank: int, name: str, allow_zero: bool = False) -> tuple[int, ...]:
    """One integer per spatial axis, from an integer or a sequence of them.

    Raises:
      ValueError: it is something else.
    """
    given = (value,) * rank if isinstance(value, int) else tuple(value)
    if len(given) != rank or any(not hasattr(v, "__index__") or v < (0 if allow_zero else 1) for v in given):
        raise ValueError(
            f"The `{name}` argument must be an integer or a tuple of {rank} {'non-negative' if allow_zero else 'positive'} "
            f"integers. Received {name}={value}"
        )
    return tuple(int(v) for v in given)


def layout(rank: int, data_format: str) -> str:
    """TensorFlow's word for a data format, such as `"NHWC"`."""
    return _LAYOUTS[rank][data_format == "channels_first"]


def output_length(length: int | None, kernel: int, stride: int, padding: str, dilation: int = 1) -> int | None:
    """The size of a spatial axis after a convolution or pooling."""
    if length is None:
        return None
    if padding in ("same", "causal"):
        return -(-length // stride)
    return max(-(-(length - (kernel - 1) * dilation) // stride), 0)


def _check_positive(name: str, value: Any) -> None:
    if value is None or value <= 0:
        raise ValueError(
            f"Invalid value for argument `{name}`. Expected a strictly positive value. Received {name}={value}."
        )


class Spatial(Layer):
    """What convolutions and poolings share: the order of axes."""

    rank: int
    data_format: str

    @property
    def _channel_axis(self) -> int:
        return 1 if self.data_format == "channels_first" else -1

    def _split_shape(self, shape: Any) -> tuple[Any, tuple, Any]:
        """Batch size, spatial sizes and channels of a shape."""
        shape = tuple(shape)
        return (
            (shape[0], shape[2:], shape[1])
            if self.data_format == "channels_first"
            else (shape[0], shape[1:-1], shape[-1])
        )

    def _join_shape(self, batch: Any, space: Any, channels: Any) -> tuple:
        return (batch, channels, *space) if self.data_format == "channels_first" else (batch, *space, channels)


class _Convolution(Spatial):
    """Base of the convolution layers.

    Subclasses set `rank` and say in `_kernel_shape` and `_convolve` what is particular to them.
    """

    _config_names: tuple[str, ...] = (
        "kernel_size",
        "strides",
        "padding",
        "data_format",
        "dilation_rate",
        "activation",
        "use_bias",
        *weight_options("bias"),
        "activity_regularizer",
    )
    _paddings: tuple[str, ...] = ("valid", "same")

    def __init__(
        self,
        kernel_size: Any,
        strides: Any,
        padding: str,
        data_format: str | None,
        dilation_rate: Any,
        activation: Any,
        use_bias: bool,
        bias_initializer: Any,
        bias_regularizer: Any,
        activity_regularizer: Any,
        bias_constraint: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.kernel_size = sizes(kernel_size, self.rank, "kernel_size")
        self.strides = sizes(strides, self.rank, "strides")
        self.dilation_rate = sizes(dilation_rate, self.rank, "dilation_rate")
        self.padding = str(padding).lower()
        if self.padding not in self._paddings:
            raise ValueError(f"The `padding` argument must be one of {self._paddings}. Received: padding={padding}")
        self.data_format = config.standardize_data_format(data_format)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                "`strides > 1` not supported in conjunction with `dilation_rate > 1`. Received: "
                f"strides={self.strides} and dilation_rate={self.dilation_rate}"
            )
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self._describe_weight("bias", bias_initializer, bias_regularizer, bias_constraint)
        self.input_spec = InputSpec(min_ndim=self.rank + 2)

    def build(self, input_shape: Any) -> None:
        _, _, channels = self._split_shape(input_shape)
        if channels is None:
            raise ValueError(
                f"The channel dimension of the inputs should be defined. Found input shape {tuple(input_shape)}."
            )
        self.input_spec = InputSpec(min_ndim=self.rank + 2, axes={self._channel_axis: channels})
        self.compute_output_shape(input_shape)  # raises where nothing is left
        self._build_kernels(channels)
        self.bias = self._make_weight("bias", (self._output_channels(channels),)) if self.use_bias else None
        self.built = True

    def _build_kernels(self, channels: int) -> None:
        raise NotImplementedError

    def _output_channels(self, channels: int) -> int:
        raise NotImplementedError

    def _convolve(self, inputs: Any) -> Any:
        raise NotImplementedError

    def call(self, inputs: Any) -> Any:
        x = self._convolve(inputs)
        if self.bias is not None:
            bias: Any = self.bias
            if self.data_format == "channels_first":
                bias = array_ops.reshape(bias, (-1,) + (1,) * self.rank)
            x = x + bias
        return x if self.activation is None else self.activation(x)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        batch, space, channels = self._split_shape(input_shape)
        space = tuple(
            output_length(length, k, s, self.padding, d)
            for length, k, s, d in zip(
                space[-self.rank :], self.kernel_size, self.strides, self.dilation_rate, strict=True
            )
        )
        if any(length is not None and length <= 0 for length in space):
            raise ValueError(
                f"Computed output size would be zero or negative. Received `inputs shape={tuple(input_shape)}`, "
                f"`kernel_size={self.kernel_size}`, `dilation_rate={self.dilation_rate}`."
            )
        return self._join_shape(batch, space, self._output_channels(channels))


class _Conv(_Convolution):
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
        _check_positive("filters", filters)
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


class _ConvTranspose(_Convolution):
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
        _check_positive("filters", filters)
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
        if length is None:
            return None
        kernel = (self.kernel_size[axis] - 1) * self.dilation_rate[axis] + 1
        stride = self.strides[axis]
        if self.output_padding is None:
            return length * stride if self.padding == "same" else length * stride + max(kernel - stride, 0)
        extra = self.output_padding[axis]
        total = kernel // 2 * 2 if self.padding == "same" else 0
        return (length - 1) * stride + kernel - total + extra

    def _convolve(self, inputs: Any) -> Any:
        return conv_transpose_ops.conv_transpose(
            inputs,
            self.kernel,
            self.compute_output_shape(inputs.shape.as_list()),
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


class _DepthwiseConv(_Convolution):
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
        _check_positive("depth_multiplier", depth_multiplier)
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


class _SeparableConv(_Convolution):
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
        _check_positive("filters", filters)
        _check_positive("depth_multiplier", depth_multiplier)
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
