"""Layers that normalize each example by itself."""

from __future__ import annotations

import warnings
from typing import Any

from tenfold.core.convert import convert
from tenfold.keras.layers.input_spec import InputSpec
from tenfold.keras.layers.layer import Layer
from tenfold.keras.layers.weights import weight_options
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import elementwise, exponential, statistics
from tenfold.ops import normalization as norm_ops
from tenfold.ops import reduce as reduce_ops
from tenfold.ops.layer_norm import layer_norm


def upcast(x: Any) -> Any:
    """Half precision as float32, in which statistics are computed."""
    return cast_ops.cast(x, "float32") if x.dtype.size < 4 else x


def _as(x: Any, dtype: str) -> Any:
    """`x` in a dtype; None stays None."""
    return x if x is None or x.dtype.name == dtype else cast_ops.cast(x, dtype)


def _widest(x: Any, layer: Layer) -> str:
    """The dtype in which a layer that takes inputs of any dtype computes."""
    return "float64" if "float64" in (x.dtype.name, layer.compute_dtype) else "float32"


def check_axes(axes: Any, shape: Any) -> None:
    for axis in [axes] if isinstance(axes, int) else axes:
        if not -len(shape) <= axis < len(shape):
            raise ValueError(f"Axis {axis} is out of bounds for input shape {tuple(shape)}. Received: axis={axes}")


class LayerNormalization(Layer):
    """Normalizes each example over the last axes.

    Ba, Kiros and Hinton, 2016, arXiv:1607.06450. Output shape: that of the input.

    Args:
      axis: axis or axes that are normalized together.
      epsilon: added to the variance.
      center, scale: whether a trained offset `beta` is added, a trained `gamma` multiplied.

    Example:
      >>> print(tf.keras.layers.LayerNormalization()(tf.constant([[1.0, 3.0]])).numpy())
      [[-0.9995  0.9995]]
    """

    _config_names = ("axis", "epsilon", "center", "scale", "rms_scaling", *weight_options("beta", "gamma"))

    def __init__(
        self,
        axis: Any = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        rms_scaling = kwargs.pop("rms_scaling", False)
        if rms_scaling:
            warnings.warn(
                "LayerNormalization: rms_scaling=True divides by the standard deviation, not by the root mean square, and is "
                "kept for old models only. Use keras.layers.RMSNormalization.",
                stacklevel=2,
            )
        super().__init__(**kwargs)
        if not isinstance(axis, (int, list, tuple)):
            raise TypeError(f"Expected an int or a list/tuple of ints for the argument 'axis', but received: {axis!r}")
        self.axis = axis if isinstance(axis, int) else list(axis)
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.rms_scaling = rms_scaling
        self._describe_weight("beta", beta_initializer, beta_regularizer, beta_constraint)
        self._describe_weight("gamma", gamma_initializer, gamma_regularizer, gamma_constraint)
        self.supports_masking = True
        self.autocast = False

    def build(self, input_shape: Any) -> None:
        rank = len(input_shape)
        self.axis = [self.axis] if isinstance(self.axis, int) else sorted(self.axis)
        check_axes(self.axis, input_shape)
        axes = [a % rank for a in self.axis]
        shape = tuple(input_shape[a] for a in axes)
        self._axes = axes
        self._broadcast = (
            None
            if axes == list(range(rank - len(axes), rank))
            else [input_shape[i] if i in axes else 1 for i in range(rank)]
        )
        self.gamma = self._make_weight("gamma", shape, autocast=False) if self.scale or self.rms_scaling else None
        self.beta = self._make_weight("beta", shape, autocast=False) if self.center and not self.rms_scaling else None
        self.built = True

    def call(self, inputs: Any) -> Any:
        wide = _widest(inputs, self)
        x, gamma, beta = _as(inputs, wide), _as(self.gamma, wide), _as(self.beta, wide)
        if self._broadcast is not None:
            gamma = None if gamma is None else array_ops.reshape(gamma, self._broadcast)
            beta = None if beta is None else array_ops.reshape(beta, self._broadcast)
        if self.rms_scaling:
            variance = statistics.reduce_variance(x, self._axes, keepdims=True)
            outputs = x * exponential.rsqrt(variance + self.epsilon) * gamma
        elif self._broadcast is None and self.scale and self.center:
            outputs = layer_norm(x, convert(gamma), convert(beta), self.epsilon)
        else:
            mean, variance = norm_ops.moments(x, self._axes, keepdims=True)
            outputs = norm_ops.batch_normalization(x, mean, variance, beta, gamma, self.epsilon)
        return _as(outputs, self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        check_axes(self.axis, input_shape)
        return input_shape


class GroupNormalization(Layer):
    """Normalizes each example over groups of channels.

    Wu and He, 2018, arXiv:1803.08494. Output shape: that of the input.

    Args:
      groups: number of groups; -1 for one group per channel.
      axis: the axis of the channels.
      Others: as for `LayerNormalization`.

    Example:
      >>> tf.keras.layers.GroupNormalization(2)(tf.ones([1, 4, 4, 6])).shape
      TensorShape([1, 4, 4, 6])
    """

    _config_names = ("groups", "axis", "epsilon", "center", "scale", *weight_options("beta", "gamma"))

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        if not isinstance(groups, int) or (groups <= 0 and groups != -1):
            raise ValueError(
                "Received an invalid value for argument `groups`, expected a positive integer (or `-1` for instance "
                f"normalization). Received: groups={groups}"
            )
        super().__init__(**kwargs)
        self.groups = groups
        self.axis = axis
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.autocast = False
        self._describe_weight("beta", beta_initializer, beta_regularizer, beta_constraint)
        self._describe_weight("gamma", gamma_initializer, gamma_regularizer, gamma_constraint)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        size = input_shape[self.axis]
        if size is None:
            raise ValueError(
                f"Axis {self.axis} of input tensor should have a defined dimension but the layer received an input with shape {input_shape}."
            )
        if self.groups == -1:
            self.groups = size
        if size < self.groups:
            raise ValueError(f"Number of groups ({self.groups}) cannot be more than the number of channels ({size}).")
        if size % self.groups:
            raise ValueError(f"Number of groups ({self.groups}) must be a multiple of the number of channels ({size}).")
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: size})
        self.gamma = self._make_weight("gamma", (size,), autocast=False) if self.scale else None
        self.beta = self._make_weight("beta", (size,), autocast=False) if self.center else None
        self.built = True

    def call(self, inputs: Any) -> Any:
        wide = _widest(inputs, self)
        x = _as(inputs, wide)
        shape = x._array.shape
        axis = self.axis % len(shape)
        split = [self.groups, shape[axis] // self.groups]
        grouped = array_ops.reshape(x, [*shape[:axis], *split, *shape[axis + 1 :]])
        reduced = [i for i in range(1, grouped.ndim) if i != axis]
        mean, variance = norm_ops.moments(grouped, reduced, keepdims=True)
        broadcast = [1] * axis + split + [1] * (len(shape) - axis - 1)
        gamma = None if self.gamma is None else array_ops.reshape(_as(self.gamma, wide), broadcast)
        beta = None if self.beta is None else array_ops.reshape(_as(self.beta, wide), broadcast)
        outputs = array_ops.reshape(
            norm_ops.batch_normalization(grouped, mean, variance, beta, gamma, self.epsilon), shape
        )
        return _as(outputs, self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        check_axes(self.axis, input_shape)
        return input_shape


class RMSNormalization(Layer):
    """Divides each example by its root mean square over an axis, and multiplies a trained scale.

    Zhang and Sennrich, 2019, arXiv:1910.07467.

    Example:
      >>> print(tf.keras.layers.RMSNormalization()(tf.constant([[3.0, 3.0]])).numpy())
      [[1. 1.]]
    """

    _config_names = ("axis", "epsilon")

    def __init__(self, axis: Any = -1, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis
        self.epsilon = epsilon

    def build(self, input_shape: Any) -> None:
        self.axis = [self.axis] if isinstance(self.axis, int) else sorted(self.axis)
        check_axes(self.axis, input_shape)
        shape = tuple(input_shape[a] for a in self.axis)
        self.scale = self.add_weight(shape=shape, initializer="ones", name="scale")
        rank = len(input_shape)
        self._axes = [a % rank for a in self.axis]
        self._broadcast = [input_shape[i] if i in self._axes else 1 for i in range(rank)]
        self.built = True

    def call(self, x: Any) -> Any:
        wide = upcast(x)
        mean_square = reduce_ops.reduce_mean(elementwise.square(wide), self._axes, keepdims=True)
        outputs = wide * exponential.rsqrt(mean_square + self.epsilon)
        outputs = outputs if outputs.dtype is x.dtype else cast_ops.cast(outputs, x.dtype)
        return outputs * array_ops.reshape(self.scale, self._broadcast)

    def compute_output_shape(self, input_shape: Any) -> Any:
        check_axes(self.axis, input_shape)
        return input_shape


class UnitNormalization(Layer):
    """Scales each example so that its L2 norm over an axis is 1.

    Example:
      >>> print(tf.keras.layers.UnitNormalization()(tf.constant([[3.0, 4.0]])).numpy())
      [[0.6 0.8]]
    """

    _config_names = ("axis",)

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(axis, (int, list, tuple)):
            raise TypeError(
                f"Invalid value for `axis` argument: expected an int or a list/tuple of ints. Received: axis={axis}"
            )
        self.axis = axis if isinstance(axis, int) else list(axis)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        return norm_ops.l2_normalize(inputs, self.axis, epsilon=1e-12)

    def compute_output_shape(self, input_shape: Any) -> Any:
        check_axes(self.axis, input_shape)
        return input_shape
