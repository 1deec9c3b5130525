"""Dense and EinsumDense: products with a trained kernel."""

from __future__ import annotations

import re
from typing import Any

from tenfold.keras import activations
from tenfold.keras.initializers import VarianceScaling
from tenfold.keras.layers.input_spec import InputSpec
from tenfold.keras.layers.layer import Layer
from tenfold.keras.layers.weights import weight_options
from tenfold.ops import cast as cast_ops
from tenfold.ops import einsum as einsum_ops
from tenfold.ops import matmul as matmul_ops
from tenfold.ops.activation import relu
from tenfold.ops.dense import dense


class Dense(Layer):
    """`activation(inputs @ kernel + bias)`.

    Input shape: `(batch, ..., features)`. Output shape: `(batch, ..., units)`.

    Args:
      units: size of the output's last axis.
      activation: function or name of one; None for none.
      use_bias: whether a bias is added.
      kernel_initializer, bias_initializer: where the variables start.
      kernel_regularizer, bias_regularizer, activity_regularizer: what is added to the loss.
      kernel_constraint, bias_constraint: what is applied after an update.

    Example:
      >>> layer = tf.keras.layers.Dense(2, kernel_initializer="ones")
      >>> print(layer(tf.constant([[1.0, 2.0]])).numpy())
      [[3. 3.]]
    """

    _checkpoint_names = {"kernel": "_kernel"}
    _config_names = ("units", "activation", "use_bias", *weight_options("kernel", "bias"), "quantization_config")

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        lora_alpha: int | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        refuse_adapters(self, lora_rank=lora_rank, lora_alpha=lora_alpha, quantization_config=quantization_config)
        if isinstance(units, bool) or not hasattr(units, "__index__") or units <= 0:
            raise ValueError(
                f"Received an invalid value for `units`, expected a positive integer. Received: units={units}"
            )
        self.units = int(units)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self._describe_weight("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        self._describe_weight("bias", bias_initializer, bias_regularizer, bias_constraint)
        self.input_spec = InputSpec(min_ndim=2)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        features = input_shape[-1]
        if features is None:
            raise ValueError(f"Dense '{self.name}': the last axis of the input {input_shape} must be known.")
        self.kernel = self._make_weight("kernel", (features, self.units))
        self.bias = self._make_weight("bias", (self.units,)) if self.use_bias else None
        self.input_spec = InputSpec(min_ndim=2, axes={-1: features})
        self.built = True

    def call(self, inputs: Any, training: Any = None) -> Any:
        if inputs._array.dtype.kind in "iub":
            inputs = cast_ops.cast(inputs, self.compute_dtype)
        activation = self.activation
        if self.bias is not None and inputs._array.ndim == 2:
            is_rectified = activation is relu or activation is activations.relu
            x = dense(inputs, self.kernel._read(), self.bias._read(), is_rectified)
            return x if is_rectified or activation is None else activation(x)
        x = matmul_ops.matmul(inputs, self.kernel) if inputs.ndim == 2 else einsum_ops.tensordot(inputs, self.kernel, 1)
        if self.bias is not None:
            x = x + self.bias
        return x if activation is None else activation(x)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return (*input_shape[:-1], self.units)


class EinsumDense(Layer):
    """`activation(einsum(equation, inputs, kernel) + bias)`.

    Args:
      equation: einsum equation of the inputs and the kernel, such as `"abc,cd->abd"`; an ellipsis stands for any axes.
      output_shape: shape of the output without the batch axis; None where it is the input's.
      bias_axes: the axes of the output that the bias has, such as `"d"`; None for no bias.
      Others: as for `Dense`.

    Example:
      >>> tf.keras.layers.EinsumDense("abc,cd->abd", output_shape=(None, 4), bias_axes="d")(tf.ones([2, 3, 5])).shape
      TensorShape([2, 3, 4])
    """

    _checkpoint_names = {"kernel": "_kernel"}
    _config_names = (
        "equation", "activation", "bias_axes", *weight_options("kernel", "bias"), "activity_regularizer", "quantization_config",
    )  # fmt: skip

    def __init__(
        self,
        equation: str,
        output_shape: Any,
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        lora_alpha: int | None = None,
        gptq_unpacked_column_size: int | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        refuse_adapters(
            self,
            lora_rank=lora_rank,
            lora_alpha=lora_alpha,
            gptq_unpacked_column_size=gptq_unpacked_column_size,
            quantization_config=quantization_config,
        )
        self.equation = equation
        self.partial_output_shape = (output_shape,) if isinstance(output_shape, int) else tuple(output_shape)
        self.activation = activations.get(activation)
        self.bias_axes = bias_axes
        self._describe_weight("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        self._describe_weight("bias", bias_initializer, bias_regularizer, bias_constraint)

    def _axes(self, input_shape: Any) -> tuple[str, str, dict[str, Any], tuple]:
        """The axes of kernel and output by letter, the size of each letter, and the shape of the output."""
        match = re.fullmatch(
            r"(?P<x>(\.\.\.)?[a-zA-Z]+(\.\.\.)?),(?P<w>[a-zA-Z]+)->(?P<y>(\.\.\.)?[a-zA-Z]+(\.\.\.)?)",
            self.equation.replace(" ", ""),
        )
        if match is None:
            raise ValueError(
                f"EinsumDense '{self.name}': invalid einsum equation {self.equation!r}; it must have the form 'ab,bc->ac', "
                "'...ab,bc->...ac' or 'ab...,bc->ac...'."
            )
        x, w, y = match["x"], match["w"], match["y"]
        spare = [c for c in "ZYXWVUTSRQPONMLKJIHGFEDCBA" if c not in self.equation]
        rest = "".join(spare[: max(0, len(input_shape) - len(x.replace("...", "")))]) if "..." in x else ""
        if x.startswith("..."):
            output_shape = (*input_shape[: len(rest)], *self.partial_output_shape)
        else:
            output_shape = (input_shape[0], *self.partial_output_shape, *input_shape[len(input_shape) - len(rest) :])
        x, y = x.replace("...", rest), y.replace("...", rest)
        if len(x) != len(input_shape) or len(y) != len(output_shape):
            raise ValueError(
                f"EinsumDense '{self.name}': {self.equation!r} does not fit an input of shape {tuple(input_shape)} and "
                f"output_shape={self.partial_output_shape}."
            )
        sizes: dict[str, Any] = dict(zip(x, input_shape, strict=True))
        for letter, size in zip(y, output_shape, strict=True):
            if letter not in x + w:
                raise ValueError(
                    f"EinsumDense '{self.name}': axis '{letter}' of the output is neither in the input nor in the kernel."
                )
            if size is not None:
                if sizes.get(letter) not in (None, size):
                    raise ValueError(
                        f"EinsumDense '{self.name}': input shape and output shape do not match at the shared axis "
                        f"'{letter}': {sizes[letter]} and {size}."
                    )
                sizes[letter] = size
        return w, y, sizes, output_shape

    def build(self, input_shape: Any) -> None:
        w, y, sizes, _ = self._axes(input_shape)
        missing = [c for c in w if sizes.get(c) is None]
        if missing:
            raise ValueError(f"EinsumDense '{self.name}': the sizes of the axes {missing} of the kernel are not known.")
        self.input_spec = InputSpec(ndim=len(input_shape))
        initializer = self.kernel_initializer
        if isinstance(initializer, VarianceScaling) and None in (initializer.input_axes, initializer.output_axes):
            initializer = type(initializer).from_config(
                {
                    **initializer.get_config(),
                    "seed": initializer.seed,
                    "input_axes": [i for i, c in enumerate(w) if c not in y],
                    "output_axes": [i for i, c in enumerate(w) if c in y],
                }
            )
        self.kernel = self._make_weight("kernel", tuple(sizes[c] for c in w), initializer=initializer)
        self.bias = None
        if self.bias_axes is not None:
            strange = set(self.bias_axes) - set(y)
            if strange:
                raise ValueError(f"EinsumDense '{self.name}': bias_axes has {sorted(strange)}; the output's are {y!r}.")
            first = min(y.index(c) for c in self.bias_axes)
            self.bias = self._make_weight("bias", tuple(sizes[c] if c in self.bias_axes else 1 for c in y[first:]))
        self.built = True

    def call(self, inputs: Any, training: Any = None) -> Any:
        x = einsum_ops.einsum(self.equation, inputs, self.kernel)
        if self.bias is not None:
            x = x + self.bias
        return x if self.activation is None else self.activation(x)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return self._axes(input_shape)[3]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "output_shape": self.partial_output_shape}


def refuse_adapters(layer: Layer, **arguments: Any) -> None:
    """Raises for arguments about low-rank and quantised kernels, unless they are None."""
    for name, value in arguments.items():
        if value is not None:
            raise ValueError(f"{type(layer).__name__}: {name}={value!r} is not supported. Leave it out.")
