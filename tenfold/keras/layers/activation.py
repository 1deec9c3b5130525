"""Activations as layers."""

from __future__ import annotations

from typing import Any

from tenfold.keras import activations
from tenfold.keras.layers.input_spec import InputSpec
from tenfold.keras.layers.layer import Layer
from tenfold.keras.layers.weights import weight_options
from tenfold.ops import cast as cast_ops
from tenfold.ops import exponential, logic, logsumexp
from tenfold.ops import gather as gather_ops


class _SameShape(Layer):
    """Base of layers whose output has the shape of the input and no variables."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.built = True

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


class Activation(_SameShape):
    """Applies an activation.

    Example:
      >>> print(tf.keras.layers.Activation("relu")(tf.constant([-1.0, 2.0])).numpy())
      [0. 2.]
    """

    _config_names = ("activation",)

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)

    def call(self, inputs: Any) -> Any:
        return inputs if self.activation is None else self.activation(inputs)


class ReLU(_SameShape):
    """`max(x, 0)`, at most `max_value`; `negative_slope * (x - threshold)` below `threshold`.

    Example:
      >>> print(tf.keras.layers.ReLU(max_value=3.0)(tf.constant([-1.0, 2.0, 5.0])).numpy())
      [0. 2. 3.]
    """

    _config_names = ("max_value", "negative_slope", "threshold")

    def __init__(
        self, max_value: float | None = None, negative_slope: float = 0.0, threshold: float = 0.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        for name, value in (
            ("max_value", max_value or 0),
            ("negative_slope", negative_slope),
            ("threshold", threshold),
        ):
            if value is None or value < 0.0:
                raise ValueError(f"{name} of a ReLU layer cannot be a negative value. Received: {name}={value}")
        self.max_value, self.negative_slope, self.threshold = max_value, negative_slope, threshold

    def call(self, inputs: Any) -> Any:
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)


class LeakyReLU(_SameShape):
    """`x` where positive, else `negative_slope * x`.

    Example:
      >>> print(tf.keras.layers.LeakyReLU(0.5)(tf.constant([-1.0, 2.0])).numpy())
      [-0.5  2. ]
    """

    _config_names = ("negative_slope",)

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        if "alpha" in kwargs:
            negative_slope = kwargs.pop("alpha")
        super().__init__(**kwargs)
        if negative_slope is None or negative_slope < 0:
            raise ValueError(
                "The negative_slope value of a Leaky ReLU layer cannot be None or negative value. Expected a float. "
                f"Received: negative_slope={negative_slope}"
            )
        self.negative_slope = negative_slope

    def call(self, inputs: Any) -> Any:
        return activations.leaky_relu(inputs, self.negative_slope)


class PReLU(Layer):
    """`x` where positive, else `alpha * x` with a trained alpha of the input's shape without the batch axis.

    Args:
      shared_axes: axes along which alpha is the same.

    Example:
      >>> print(tf.keras.layers.PReLU("ones")(tf.constant([[-1.0, 2.0]])).numpy())
      [[-1.  2.]]
    """

    _config_names = (*weight_options("alpha"), "shared_axes")

    def __init__(
        self,
        alpha_initializer: Any = "Zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self._describe_weight("alpha", alpha_initializer, alpha_regularizer, alpha_constraint)
        self.shared_axes = (
            None if shared_axes is None else [shared_axes] if isinstance(shared_axes, int) else list(shared_axes)
        )

    def build(self, input_shape: Any) -> None:
        shape = [1 if i + 1 in (self.shared_axes or ()) else size for i, size in enumerate(input_shape[1:])]
        self.alpha = self._make_weight("alpha", shape)
        self.input_spec = InputSpec(
            ndim=len(input_shape),
            axes={i: n for i, n in enumerate(input_shape) if i and self.shared_axes and i not in self.shared_axes},
        )
        self.built = True

    def call(self, inputs: Any) -> Any:
        return activations.relu(inputs) - self.alpha * activations.relu(-inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


class ELU(_SameShape):
    """`x` where positive, else `alpha * (exp(x) - 1)`.

    Example:
      >>> print(tf.keras.layers.ELU()(tf.constant([2.0])).numpy())
      [2.]
    """

    _config_names = ("alpha",)

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = alpha

    def call(self, inputs: Any) -> Any:
        return activations.elu(inputs, self.alpha)


class Softmax(_SameShape):
    """Softmax along an axis or several; masked entries get no weight.

    Example:
      >>> print(tf.keras.layers.Softmax()(tf.constant([[1.0, 1.0]])).numpy())
      [[0.5 0.5]]
    """

    _config_names = ("axis",)

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None:
            return self._softmax(inputs)
        shape, wanted = tuple(mask.shape), tuple(inputs.shape)
        pairs = zip(reversed(shape), reversed(wanted), strict=False)
        if len(shape) > len(wanted) or any(m not in (1, n) for m, n in pairs):
            raise ValueError(
                f"Softmax: the mask, of shape {shape}, must be broadcastable to the inputs, of shape {wanted}."
            )
        if mask.dtype.name != "bool":
            mask = logic.greater(mask, cast_ops.cast(0.5, mask.dtype))
        lowest = -3e4 if inputs.dtype.name == "float16" else -1e9
        outputs = self._softmax(gather_ops.where(mask, inputs, cast_ops.cast(lowest, inputs.dtype)))
        return gather_ops.where(mask, outputs, cast_ops.cast(0.0, outputs.dtype))  # also where all is masked

    def _softmax(self, inputs: Any) -> Any:
        if not isinstance(self.axis, (tuple, list)):
            return activations.softmax(inputs, axis=self.axis)
        if len(self.axis) == 1:
            return activations.softmax(inputs, axis=self.axis[0])
        return exponential.exp(inputs - logsumexp.reduce_logsumexp(inputs, axis=self.axis, keepdims=True))


class ThresholdedReLU(_SameShape):
    """`x` where it is greater than `theta`, else 0.

    Example:
      >>> print(tf.keras.layers.ThresholdedReLU(1.0)(tf.constant([0.5, 2.0])).numpy())
      [0. 2.]
    """

    _config_names = ("theta",)

    def __init__(self, theta: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if theta is None or theta < 0:
            raise ValueError(f"The theta value of a Thresholded ReLU layer should be >=0. Received: {theta}")
        self.theta = float(theta)

    def call(self, inputs: Any) -> Any:
        return inputs * cast_ops.cast(logic.greater(inputs, self.theta), inputs.dtype)
