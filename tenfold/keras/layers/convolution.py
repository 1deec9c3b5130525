"""What the convolution layers share; the sizes and the order of axes also with poolings."""

from __future__ import annotations

from typing import Any

from tenfold.keras import activations, config
from tenfold.keras.layers.input_spec import InputSpec
from tenfold.keras.layers.layer import Layer
from tenfold.keras.layers.weights import weight_options
from tenfold.ops import array as array_ops

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


def transposed_length(
    length: int | None, kernel: int, stride: int, padding: str, output_padding: int | None, dilation: int = 1
) -> int | None:
    """The size of a spatial axis after a transposed convolution."""
    if length is None:
        return None
    kernel = (kernel - 1) * dilation + 1
    if output_padding is None:
        return length * stride if padding == "same" else length * stride + max(kernel - stride, 0)
    total = kernel // 2 * 2 if padding == "same" else 0
    return (length - 1) * stride + kernel - total + output_padding


def output_length(length: int | None, kernel: int, stride: int, padding: str, dilation: int = 1) -> int | None:
    """The size of a spatial axis after a convolution or pooling."""
    if length is None:
        return None
    if padding in ("same", "causal"):
        return -(-length // stride)
    return max(-(-(length - (kernel - 1) * dilation) // stride), 0)


def check_positive(name: str, value: Any) -> None:
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


class Convolution(Spatial):
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
