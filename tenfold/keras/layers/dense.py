"""Dense and EinsumDense: products with a trained kernel."""

from __future__ import annotations

import re
from typing import Any

from tenfold.keras import activations
from tenfold.keras.layers.input_spec import InputSpec
from tenfold.keras.layers.layer import Layer, weight_options
from tenfold.ops import einsum as einsum_ops
from tenfold.ops import matmul as matmul_ops


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

    _config_names = ("units", "activation", "use_bias", *weight_options("kernel", "bias"))

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
        refuse_adapters(self, lora_rank, lora_alpha, quantization_config)
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
        x = matmul_ops.matmul(inputs, self.kernel) if inputs.ndim == 2 else einsum_ops.tensordot(inputs, self.kernel, 1)
        if self.bias is not None:
            x = x + self.bias
        return x if self.activation is None else self.activation(x)

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

    _config_names = ("equation", "output_shape", "activation", "bias_axes", *weight_options("kernel", "bias"))

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
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        lora_alpha: int | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        refuse_adapters(self, lora_rank, lora_alpha, quantization_config)
        self.equation = equation
        self.output_shape = (output_shape,) if isinstance(output_shape, int) else tuple(output_shape)
        self.activation = activations.get(activation)
        self.bias_axes = bias_axes
        self._describe_weight("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        self._describe_weight("bias", bias_initializer, bias_regularizer, bias_constraint)
        self.supports_masking = True

    def _sizes(self, input_shape: Any) -> tuple[str, str, dict[str, Any], str]:
        """The axes of kernel and output by letter, the size of each letter, and the letters an ellipsis stands for."""
        match = re.fullmatch(r"(?P<x>[a-zA-Z.]+),(?P<w>[a-zA-Z.]+)->(?P<y>[a-zA-Z.]+)", self.equation.replace(" ", ""))
        if match is None:
            raise ValueError(
                f"EinsumDense '{self.name}': the equation {self.equation!r} must have the form 'ab,bc->ac', with an optional "
                "ellipsis at the start or the end of input and output."
            )
        x, w, y = match["x"], match["w"], match["y"]
        spare = [c for c in "ZYXWVUTSRQPONMLKJIHGFEDCBA" if c not in self.equation]
        rest = "".join(spare[: len(input_shape) - len(x.replace("...", ""))]) if "..." in x else ""
        x, y = x.replace("...", rest), y.replace("...", rest)
        if len(x) != len(input_shape):
            raise ValueError(
                f"EinsumDense '{self.name}': {self.equation!r} does not fit an input of shape {tuple(input_shape)}."
            )
        sizes: dict[str, Any] = dict(zip(x, input_shape, strict=True))
        free = y[-len(self.output_shape) :]
        for letter, size in zip(free, self.output_shape, strict=True):
            if size is not None:
                if sizes.get(letter) not in (None, size):
                    raise ValueError(
                        f"EinsumDense '{self.name}': axis '{letter}' has size {sizes[letter]} in the input and {size} in output_shape."
                    )
                sizes[letter] = size
        return w, y, sizes, rest

    def build(self, input_shape: Any) -> None:
        w, y, sizes, rest = self._sizes(input_shape)
        missing = [c for c in w if sizes.get(c) is None]
        if missing:
            raise ValueError(f"EinsumDense '{self.name}': the sizes of the axes {missing} of the kernel are not known.")
        self.kernel = self._make_weight("kernel", tuple(sizes[c] for c in w))
        self.bias = None
        if self.bias_axes is not None:
            first = min(y.index(c) for c in self.bias_axes)
            self.bias = self._make_weight("bias", tuple(sizes[c] if c in self.bias_axes else 1 for c in y[first:]))
        self.built = True

    def call(self, inputs: Any, training: Any = None) -> Any:
        x = einsum_ops.einsum(self.equation, inputs, self.kernel)
        if self.bias is not None:
            x = x + self.bias
        return x if self.activation is None else self.activation(x)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        _, y, sizes, _ = self._sizes(input_shape)
        return tuple(sizes[c] for c in y)


def refuse_adapters(layer: Layer, lora_rank: Any, lora_alpha: Any, quantization_config: Any) -> None:
    """Raises for the arguments about low-rank and quantised kernels, unless they are off."""
    for name, value in (
        ("lora_rank", lora_rank),
        ("lora_alpha", lora_alpha),
        ("quantization_config", quantization_config),
    ):
        if value is not None:
            raise ValueError(f"{type(layer).__name__}: {name}={value!r} is not supported. Leave it out.")
