"""ConvLSTM: long short-term memory whose linear maps are convolutions (Shi et al., 2015, arXiv:1506.04214)."""

from __future__ import annotations

import math
from typing import Any

from tenfold.keras import activations, config, random
from tenfold.keras.layers.convolution import layout, output_length, sizes
from tenfold.keras.layers.gated_cell import GatedCell
from tenfold.keras.layers.input_spec import InputSpec
from tenfold.keras.layers.recurrent import CellLayer, OfCell
from tenfold.keras.layers.rnn_cells import lstm_step, make_lstm_bias
from tenfold.ops import array as array_ops
from tenfold.ops import conv as conv_ops
from tenfold.ops import creation

_CONVOLUTION = ("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate")


class ConvLSTMCell(GatedCell):
    """A step of a convolutional LSTM; the states are images of `filters` channels."""

    gates = 4
    _masks_per_drop = 4  # type: ignore[assignment]
    _config_names = (*_CONVOLUTION, "recurrent_activation", "unit_forget_bias")
    state_size = -1  # the sizes are known when it is built

    def __init__(
        self,
        rank: int,
        filters: int,
        kernel_size: Any,
        strides: Any,
        padding: str,
        data_format: str | None,
        dilation_rate: Any,
        activation: Any,
        recurrent_activation: Any,
        use_bias: bool,
        kernel: tuple[Any, Any, Any],
        recurrent: tuple[Any, Any, Any],
        bias: tuple[Any, Any, Any],
        unit_forget_bias: bool,
        dropout: float,
        recurrent_dropout: float,
        seed: int | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name="conv_lstm_cell", **kwargs)
        self.seed_generator = random.SeedGenerator(seed)  # before the initializers, whose seeds are drawn too
        self.rank = rank
        self.filters = filters
        self.kernel_size = sizes(kernel_size, rank, "kernel_size")
        self.strides = sizes(strides, rank, "strides")
        self.padding = str(padding).lower()
        if self.padding not in ("valid", "same"):
            raise ValueError(f"The `padding` argument must be one of ('valid', 'same'). Received: padding={padding}")
        self.data_format = config.standardize_data_format(data_format)
        self.dilation_rate = sizes(dilation_rate, rank, "dilation_rate")
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                "`strides > 1` not supported in conjunction with `dilation_rate > 1`. Received: "
                f"strides={self.strides} and dilation_rate={self.dilation_rate}"
            )
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias
        self._set_options(activation, use_bias, kernel, recurrent, bias, dropout, recurrent_dropout, seed)
        self.input_spec = InputSpec(ndim=rank + 2)
        self._gate_axis = 1 if self.data_format == "channels_first" else -1

    def build(self, input_shape: Any) -> None:
        is_first = self.data_format == "channels_first"
        channels, space = input_shape[1 if is_first else -1], tuple(input_shape[2:] if is_first else input_shape[1:-1])
        if None in space or channels is None:
            raise ValueError(
                f"ConvLSTM layers only support static input shapes for the spatial axes and the channels. Received: {input_shape}"
            )
        shape = (*self.kernel_size, channels, self.filters * 4)
        self.kernel = self._make_weight("kernel", shape)
        shape = (*self.kernel_size, self.filters, self.filters * 4)
        self.recurrent_kernel = self._make_weight("recurrent", shape, "recurrent_kernel")
        self.bias = make_lstm_bias(self, self.filters) if self.use_bias else None
        self._state_shape = self._convolved_shape((None, *input_shape[1:]))[1:]
        self.input_spec = InputSpec(ndim=self.rank + 2, shape=(None, *input_shape[1:]))
        self.built = True

    def _convolved_shape(self, shape: Any) -> tuple:
        is_first = self.data_format == "channels_first"
        space = [
            output_length(n, k, s, self.padding, d)
            for n, k, s, d in zip(
                shape[2:] if is_first else shape[1:-1], self.kernel_size, self.strides, self.dilation_rate, strict=True
            )
        ]
        return (shape[0], self.filters, *space) if is_first else (shape[0], *space, self.filters)

    def _transform(self, x: Any, kernel: Any) -> Any:
        if x.ndim == self.rank + 2:
            return self._convolve(x, kernel, self.strides, self.padding, self.dilation_rate)
        shape = x._array.shape
        steps = array_ops.reshape(x, (math.prod(shape[:2]), *shape[2:]))
        y = self._convolve(steps, kernel, self.strides, self.padding, self.dilation_rate)
        return array_ops.reshape(y, (*shape[:2], *y._array.shape[1:]))

    def _recur(self, h: Any, kernel: Any) -> Any:
        ones = (1,) * self.rank
        return self._convolve(h, kernel, ones, "same", ones)

    def _convolve(self, x: Any, kernel: Any, strides: tuple, padding: str, dilations: tuple) -> Any:
        return conv_ops.convolution(
            x,
            kernel,
            strides=strides,
            padding=padding.upper(),
            data_format=layout(self.rank, self.data_format),
            dilations=dilations,
        )

    def _input_bias(self) -> Any:
        if self.data_format == "channels_last":
            return self.bias
        return array_ops.reshape(self.bias, (-1, *(1,) * self.rank))

    def step(self, projected: Any, states: Any, training: Any = False) -> Any:
        h, c = states
        masks = self._recurrent_masks(h, training)
        return lstm_step(self, projected + self._by_gate(self._recur, h, self.recurrent_kernel, masks), c)

    def get_initial_state(self, batch_size: int | None = None) -> list:
        """Two images of zeros."""
        return [creation.zeros((batch_size, *self._state_shape), self.compute_dtype) for _ in range(2)]

    def compute_output_shape(self, input_shape: Any, states_shape: Any = None) -> Any:
        shape = self._convolved_shape(input_shape)
        return shape, [shape, shape]


class _ConvLSTM(CellLayer):
    rank: int
    _cell_names = (*_CONVOLUTION, "recurrent_activation", "unit_forget_bias", "seed")

    filters: Any = OfCell()
    kernel_size: Any = OfCell()
    strides: Any = OfCell()
    padding: Any = OfCell()
    data_format: Any = OfCell()
    dilation_rate: Any = OfCell()
    recurrent_activation: Any = OfCell()
    unit_forget_bias: Any = OfCell()

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        **kwargs: Any,
    ) -> None:
        cell = ConvLSTMCell(
            self.rank,
            filters,
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            activation,
            recurrent_activation,
            use_bias,
            (kernel_initializer, kernel_regularizer, kernel_constraint),
            (recurrent_initializer, recurrent_regularizer, recurrent_constraint),
            (bias_initializer, bias_regularizer, bias_constraint),
            unit_forget_bias,
            dropout,
            recurrent_dropout,
            seed,
            dtype=kwargs.get("dtype"),
        )
        super().__init__(
            cell,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )
        self.input_spec = InputSpec(ndim=self.rank + 3)

    def compute_output_shape(self, sequences_shape: Any, initial_state_shape: Any = None) -> Any:
        batch, time = sequences_shape[0], sequences_shape[1]
        state = self.cell.compute_output_shape((batch, *sequences_shape[2:]))[0]
        output = (batch, time, *state[1:]) if self.return_sequences else state
        return (output, state, state) if self.return_state else output

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        mask = super().compute_mask(inputs, mask)
        return [mask[0], None, None] if self.return_state else mask


class ConvLSTM1D(_ConvLSTM):
    """Convolutional LSTM over sequences of `(batch, time, steps, channels)`, or channels before steps.

    Args: those of `Conv1D`, `LSTM` and `RNN`.

    Example:
      >>> tf.keras.layers.ConvLSTM1D(2, 3, padding="same")(tf.ones([1, 4, 5, 3])).shape
      TensorShape([1, 5, 2])
    """

    rank = 1


class ConvLSTM2D(_ConvLSTM):
    """Convolutional LSTM over sequences of images, `(batch, time, height, width, channels)`, or channels first.

    Args: those of `Conv2D`, `LSTM` and `RNN`.

    Example:
      >>> tf.keras.layers.ConvLSTM2D(2, 3, return_sequences=True)(tf.ones([1, 4, 5, 5, 3])).shape
      TensorShape([1, 4, 3, 3, 2])
    """

    rank = 2


class ConvLSTM3D(_ConvLSTM):
    """Convolutional LSTM over sequences of volumes, `(batch, time, depth, height, width, channels)`, or channels first.

    Args: those of `Conv3D`, `LSTM` and `RNN`.

    Example:
      >>> tf.keras.layers.ConvLSTM3D(1, 2)(tf.ones([1, 2, 3, 3, 3, 1])).shape
      TensorShape([1, 2, 2, 2, 1])
    """

    rank = 3
