"""SimpleRNN, LSTM and GRU: layers that make their own cell."""

from __future__ import annotations

from typing import Any

from tenfold.keras.layers.input_spec import InputSpec
from tenfold.keras.layers.rnn import RNN
from tenfold.keras.layers.rnn_cells import GRUCell, LSTMCell, SimpleRNNCell
from tenfold.keras.layers.weights import weight_options


class OfCell:
    """An attribute of a layer that is its cell's."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, layer: Any, owner: type | None = None) -> Any:
        return self if layer is None else getattr(layer.cell, self._name)


class CellLayer(RNN):
    """Base of layers that make their own cell, whose settings are the layer's too."""

    _config_names = ("activity_regularizer",)
    _cell_names: tuple[str, ...] = (
        "activation", "use_bias", *weight_options("kernel", "recurrent", "bias"), "dropout", "recurrent_dropout",
    )  # fmt: skip

    use_cudnn: Any = "auto"
    activation: Any = OfCell()
    use_bias: Any = OfCell()
    kernel_initializer: Any = OfCell()
    recurrent_initializer: Any = OfCell()
    bias_initializer: Any = OfCell()
    kernel_regularizer: Any = OfCell()
    recurrent_regularizer: Any = OfCell()
    bias_regularizer: Any = OfCell()
    kernel_constraint: Any = OfCell()
    recurrent_constraint: Any = OfCell()
    bias_constraint: Any = OfCell()
    dropout: Any = OfCell()
    recurrent_dropout: Any = OfCell()

    def get_config(self) -> dict[str, Any]:
        config, cell = super().get_config(), self.cell.get_config()
        del config["cell"]
        names = [name for cls in type(self).__mro__ for name in cls.__dict__.get("_cell_names", ())]
        return {**config, **{name: cell[name] for name in names}}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        return super(RNN, cls).from_config(config)  # it holds the arguments of the cell, not the cell

    def _set_cudnn(self, use_cudnn: Any) -> None:
        if use_cudnn not in ("auto", True, False):
            raise ValueError(
                f"Invalid value received for argument `use_cudnn`. Expected one of {{'auto', True, False}}. Received: {use_cudnn}"
            )
        self.use_cudnn = use_cudnn

    def inner_loop(self, sequences: Any, initial_state: Any, mask: Any, training: Any = False) -> tuple[Any, Any, list]:
        if self.use_cudnn is True:
            raise ValueError(
                f"{type(self).__name__} '{self.name}': use_cudnn=True was specified, but there is no cuDNN here. Pass 'auto'."
            )
        return super().inner_loop(sequences, initial_state, mask, training)


class SimpleRNN(CellLayer):
    """A fully connected recurrent layer: `h = activation(x @ kernel + h @ recurrent_kernel + bias)`.

    Args: those of `SimpleRNNCell` and `RNN`.

    Example:
      >>> tf.keras.layers.SimpleRNN(4)(tf.ones([2, 5, 3])).shape
      TensorShape([2, 4])
    """

    _cell_names = ("units",)
    units: Any = OfCell()

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        cell = SimpleRNNCell(
            units,
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
            dtype=kwargs.get("dtype"),
            trainable=kwargs.get("trainable", True),
            name="simple_rnn_cell",
        )
        super().__init__(
            cell,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )
        self.input_spec = InputSpec(ndim=3)


class LSTM(CellLayer):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997).

    Args: those of `LSTMCell` and `RNN`.

    Example:
      >>> tf.keras.layers.LSTM(4, return_sequences=True)(tf.ones([2, 5, 3])).shape
      TensorShape([2, 5, 4])
    """

    _cell_names = ("units", "recurrent_activation", "unit_forget_bias", "seed")
    units: Any = OfCell()
    recurrent_activation: Any = OfCell()
    unit_forget_bias: Any = OfCell()

    def __init__(
        self,
        units: int,
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
        unroll: bool = False,
        use_cudnn: Any = "auto",
        **kwargs: Any,
    ) -> None:
        cell = LSTMCell(
            units,
            activation=activation,
            recurrent_activation=recurrent_activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            unit_forget_bias=unit_forget_bias,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
            dtype=kwargs.get("dtype"),
            trainable=kwargs.get("trainable", True),
            name="lstm_cell",
            implementation=kwargs.pop("implementation", 2),
        )
        super().__init__(
            cell,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )
        self.input_spec = InputSpec(ndim=3)
        self._set_cudnn(use_cudnn)


class GRU(CellLayer):
    """Gated recurrent units (Cho et al., 2014, arXiv:1406.1078).

    Args: those of `GRUCell` and `RNN`.

    Example:
      >>> tf.keras.layers.GRU(4)(tf.ones([2, 5, 3])).shape
      TensorShape([2, 4])
    """

    _cell_names = ("units", "recurrent_activation", "reset_after", "seed")
    units: Any = OfCell()
    recurrent_activation: Any = OfCell()
    reset_after: Any = OfCell()

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
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
        unroll: bool = False,
        reset_after: bool = True,
        use_cudnn: Any = "auto",
        **kwargs: Any,
    ) -> None:
        cell = GRUCell(
            units,
            activation=activation,
            recurrent_activation=recurrent_activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            reset_after=reset_after,
            seed=seed,
            dtype=kwargs.get("dtype"),
            trainable=kwargs.get("trainable", True),
            name="gru_cell",
            implementation=kwargs.pop("implementation", 2),
        )
        super().__init__(
            cell,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )
        self.input_spec = InputSpec(ndim=3)
        self._set_cudnn(use_cudnn)
