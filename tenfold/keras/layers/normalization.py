"""Normalization layers."""

from __future__ import annotations

import warnings
from typing import Any

from tenfold.core.context import paused_recording, traced_graph
from tenfold.core.tensor import wrap
from tenfold.keras import config, initializers
from tenfold.keras.layers.core import Wrapper
from tenfold.keras.layers.input_spec import InputSpec
from tenfold.keras.layers.layer import Layer
from tenfold.keras.layers.weights import weight_options
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import elementwise, exponential, statistics
from tenfold.ops import gather as gather_ops
from tenfold.ops import matmul as matmul_ops
from tenfold.ops import normalization as norm_ops
from tenfold.ops import reduce as reduce_ops


def _upcast(x: Any) -> Any:
    """Half precision as float32, in which statistics are computed."""
    return cast_ops.cast(x, "float32") if x.dtype.size < 4 else x


def _as(x: Any, dtype: str) -> Any:
    """`x` in a dtype; None stays None."""
    return x if x is None or x.dtype.name == dtype else cast_ops.cast(x, dtype)


def _widest(x: Any, layer: Layer) -> str:
    """The dtype in which a layer that takes inputs of any dtype computes."""
    return "float64" if "float64" in (x.dtype.name, layer.compute_dtype) else "float32"


def _check_axes(axes: Any, shape: Any) -> None:
    for axis in [axes] if isinstance(axes, int) else axes:
        if not -len(shape) <= axis < len(shape):
            raise ValueError(f"Axis {axis} is out of bounds for input shape {tuple(shape)}. Received: axis={axes}")


class BatchNormalization(Layer):
    """Normalizes each channel with the mean and the variance of the batch; in inference, with their moving averages.

    Ioffe and Szegedy, 2015, arXiv:1502.03167. Input and output shape: any, the channels at `axis`.

    Args:
      axis: the axis of the channels.
      momentum: share of the moving averages that an update keeps.
      epsilon: added to the variance.
      center, scale: whether a trained offset `beta` is added, a trained `gamma` multiplied.
      beta_initializer, gamma_initializer, moving_mean_initializer, moving_variance_initializer, ...: of the variables.
      renorm: whether training uses the corrections of batch renormalization, arXiv:1702.03275.
      renorm_clipping: dict with `rmin`, `rmax`, `dmax`.
      renorm_momentum: momentum of renorm's averages.
      synchronized: has no effect on one device.

    Example:
      >>> layer = tf.keras.layers.BatchNormalization()
      >>> layer(tf.random.normal([8, 3]), training=True).shape, len(layer.weights)
      (TensorShape([8, 3]), 4)
    """

    _config_names = (
        "axis", "momentum", "epsilon", "center", "scale", *weight_options("beta", "gamma"), "moving_mean_initializer",
        "moving_variance_initializer", "synchronized", "renorm", "renorm_clipping", "renorm_momentum",
    )  # fmt: skip

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: dict | None = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Any,
    ) -> None:
        for name in ("fused", "virtual_batch_size", "adjustment"):  # keywords of Keras 2 about how it is computed
            if kwargs.get(name) is None or name == "fused":
                kwargs.pop(name, None)
        super().__init__(**kwargs)
        if isinstance(axis, (list, tuple)) and len(axis) == 1:  # files of Keras 2 hold a list
            axis = axis[0]
        self.axis = int(axis)
        self.momentum = float(momentum)
        self.epsilon = float(epsilon)
        self.center = center
        self.scale = scale
        self.synchronized = synchronized
        self._describe_weight("beta", beta_initializer, beta_regularizer, beta_constraint)
        self._describe_weight("gamma", gamma_initializer, gamma_regularizer, gamma_constraint)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.renorm = renorm
        self.renorm_momentum = renorm_momentum
        self.renorm_clipping = renorm_clipping
        if renorm:
            self.renorm_clipping = _checked_clipping(dict(renorm_clipping or {}))
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        size = input_shape[self.axis]
        if size is None:
            raise ValueError(
                f"BatchNormalization '{self.name}': axis {self.axis} of the input {tuple(input_shape)} must be known."
            )
        self.gamma = self._make_weight("gamma", (size,), autocast=False) if self.scale else None
        self.beta = self._make_weight("beta", (size,), autocast=False) if self.center else None
        self.moving_mean = self._make_average("moving_mean", self.moving_mean_initializer, size)
        self.moving_variance = self._make_average("moving_variance", self.moving_variance_initializer, size)
        if self.renorm:
            self.moving_stddev = self._make_average("moving_stddev", self._initial_stddev, size)
            self.renorm_mean = self._make_average("renorm_mean", self.moving_mean_initializer, size)
            self.renorm_stddev = self._make_average("renorm_stddev", self._initial_stddev, size)
        rank = len(input_shape)
        self.input_spec = InputSpec(ndim=rank, axes={self.axis: size})
        self._reduced = [i for i in range(rank) if i != self.axis % rank]
        self._broadcast = (
            None if self.axis % rank == rank - 1 else [size if i == self.axis % rank else 1 for i in range(rank)]
        )
        self.built = True

    def _initial_stddev(self, shape: Any, dtype: Any = None) -> Any:
        return exponential.sqrt(self.moving_variance_initializer(shape, dtype=dtype))

    def _make_average(self, name: str, initializer: Any, size: int) -> Any:
        return self.add_weight(shape=(size,), initializer=initializer, trainable=False, autocast=False, name=name)

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        if mask is not None and mask.ndim != inputs.ndim - 1:
            raise ValueError(
                f"The mask provided should be one dimension less than the inputs. Received: mask.shape={mask.shape}, "
                f"inputs.shape={inputs.shape}"
            )
        x = _upcast(inputs)
        gamma, beta = self.gamma, self.beta
        if training and self.trainable:
            mean, variance = norm_ops.moments(x, self._reduced) if mask is None else self._masked_moments(x, mask)
            self._update(self.moving_mean, mean, self.momentum)
            if self.renorm:
                gamma, beta = self._renormalized(mean, variance, gamma, beta)
            else:
                self._update(self.moving_variance, variance, self.momentum)
        else:
            mean, variance = self.moving_mean._read(), self.moving_variance._read()
        parts: list[Any] = [mean, variance, beta, gamma]
        if self._broadcast is not None:
            parts = [None if p is None else array_ops.reshape(p, self._broadcast) for p in parts]
        mean, variance, beta, gamma = parts
        outputs = norm_ops.batch_normalization(x, mean, variance, beta, gamma, self.epsilon)
        return outputs if outputs.dtype is inputs.dtype else cast_ops.cast(outputs, inputs.dtype)

    @staticmethod
    def _update(average: Any, value: Any, momentum: float) -> None:
        if traced_graph() is not None:
            with paused_recording():
                average.assign(average._read() * momentum + value * (1.0 - momentum))
            return
        old = average._value._array
        average.assign(wrap(old * old.dtype.type(momentum) + value._array * old.dtype.type(1.0 - momentum)))

    def _masked_moments(self, x: Any, mask: Any) -> tuple[Any, Any]:
        is_kept = array_ops.broadcast_to(array_ops.expand_dims(cast_ops.cast(mask, "bool"), -1), x.shape)
        count = reduce_ops.reduce_sum(cast_ops.cast(is_kept, x.dtype), self._reduced, keepdims=True) + config.epsilon()
        mean = reduce_ops.reduce_sum(gather_ops.where(is_kept, x, 0.0), self._reduced, keepdims=True) / count
        difference = gather_ops.where(is_kept, x - mean, 0.0)
        variance = reduce_ops.reduce_sum(elementwise.square(difference), self._reduced, keepdims=True) / count
        return array_ops.squeeze(mean, self._reduced), array_ops.squeeze(variance, self._reduced)

    def _renormalized(self, mean: Any, variance: Any, gamma: Any, beta: Any) -> tuple[Any, Any]:
        """Scale and offset with the corrections that make training use the moving averages."""
        stddev = exponential.sqrt(variance + self.epsilon)
        old_stddev = elementwise.maximum(self.renorm_stddev._read(), self.epsilon**0.5)
        limits: dict = self.renorm_clipping or {}
        r = stddev / old_stddev
        d = (mean - self.renorm_mean._read()) / old_stddev
        if "rmin" in limits:
            r = elementwise.maximum(r, limits["rmin"])
        if "rmax" in limits:
            r = elementwise.minimum(r, limits["rmax"])
        if "dmax" in limits:
            d = elementwise.clip_by_value(d, -limits["dmax"], limits["dmax"])
        r, d = wrap(r._array), wrap(d._array)  # constants to the gradient
        self._update(self.renorm_mean, mean, self.renorm_momentum)
        self._update(self.renorm_stddev, stddev, self.renorm_momentum)
        self._update(self.moving_stddev, stddev, self.momentum)
        new = self.moving_stddev._read()
        self.moving_variance.assign(elementwise.maximum(new * new - self.epsilon, 0.0))
        scale = r if gamma is None else gamma * r
        offset = d if gamma is None else gamma * d
        return scale, offset if beta is None else offset + beta

    def compute_output_shape(self, input_shape: Any) -> Any:
        _check_axes(self.axis, input_shape)
        return input_shape


def _checked_clipping(limits: dict) -> dict:
    unknown = set(limits) - {"rmin", "rmax", "dmax"}
    if unknown:
        raise ValueError(
            f"Received invalid keys for `renorm_clipping` argument: {unknown}. Supported values: rmin, rmax, dmax."
        )
    if limits.get("rmax") is not None and limits.get("rmin") is not None and limits["rmax"] < limits["rmin"]:
        raise ValueError(f"renorm_clipping: rmax must not be smaller than rmin. Received: {limits}")
    if limits.get("dmax") is not None and limits["dmax"] < 0:
        raise ValueError(f"renorm_clipping: dmax must not be negative. Received: {limits}")
    return {name: value for name, value in limits.items() if value is not None}


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
        _check_axes(self.axis, input_shape)
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
        else:
            mean, variance = norm_ops.moments(x, self._axes, keepdims=True)
            outputs = norm_ops.batch_normalization(x, mean, variance, beta, gamma, self.epsilon)
        return _as(outputs, self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        _check_axes(self.axis, input_shape)
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
        shape = x.shape.as_list()
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
        _check_axes(self.axis, input_shape)
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
        _check_axes(self.axis, input_shape)
        shape = tuple(input_shape[a] for a in self.axis)
        self.scale = self.add_weight(shape=shape, initializer="ones", name="scale")
        rank = len(input_shape)
        self._axes = [a % rank for a in self.axis]
        self._broadcast = [input_shape[i] if i in self._axes else 1 for i in range(rank)]
        self.built = True

    def call(self, x: Any) -> Any:
        wide = _upcast(x)
        mean_square = reduce_ops.reduce_mean(elementwise.square(wide), self._axes, keepdims=True)
        outputs = wide * exponential.rsqrt(mean_square + self.epsilon)
        outputs = outputs if outputs.dtype is x.dtype else cast_ops.cast(outputs, x.dtype)
        return outputs * array_ops.reshape(self.scale, self._broadcast)

    def compute_output_shape(self, input_shape: Any) -> Any:
        _check_axes(self.axis, input_shape)
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
        _check_axes(self.axis, input_shape)
        return input_shape


class SpectralNormalization(Wrapper):
    """Divides the kernel of a layer by its largest singular value, in training, by power iteration.

    Miyato et al., 2018, arXiv:1802.05957.

    Example:
      >>> tf.keras.layers.SpectralNormalization(tf.keras.layers.Dense(2))(tf.ones([1, 3])).shape
      TensorShape([1, 2])
    """

    _config_names = ("power_iterations",)

    def __init__(self, layer: Layer, power_iterations: int = 1, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        if power_iterations <= 0:
            raise ValueError(
                f"`power_iterations` should be greater than zero. Received: `power_iterations={power_iterations}`"
            )
        self.power_iterations = power_iterations

    def build(self, input_shape: Any = None) -> None:
        super().build(input_shape)
        self.input_spec = InputSpec(min_ndim=1, axes={-1: input_shape[-1]})
        kernel = getattr(self.layer, "kernel", None)
        kernel = getattr(self.layer, "embeddings", None) if kernel is None else kernel
        if kernel is None:
            raise ValueError(f"{type(self.layer).__name__} object has no attribute 'kernel' nor 'embeddings'")
        self.kernel = kernel
        self.vector_u = self.add_weight(
            shape=(1, kernel.shape[-1]),
            initializer=initializers.TruncatedNormal(stddev=0.02),
            trainable=False,
            name="vector_u",
            dtype=kernel.dtype,
        )

    def call(self, inputs: Any, training: Any = False) -> Any:
        if training and (traced_graph() is not None or self.kernel._value._array.any()):
            vector_u, kernel = self.normalized_weights()
            self.vector_u.assign(vector_u)
            self.kernel.assign(kernel)
        return cast_ops.cast(self.layer(inputs), inputs.dtype)

    def normalized_weights(self) -> tuple[Any, Any]:
        """The left singular vector after some more iterations, and the kernel divided by its largest singular value."""
        kernel = self.kernel._value
        weights = array_ops.reshape(kernel, [-1, kernel.shape[-1]])
        u = self.vector_u._value
        for _ in range(self.power_iterations):
            v = norm_ops.l2_normalize(matmul_ops.matmul(u, weights, transpose_b=True))
            u = norm_ops.l2_normalize(matmul_ops.matmul(v, weights))
        sigma = matmul_ops.matmul(matmul_ops.matmul(v, weights), u, transpose_b=True)
        return u, array_ops.reshape(weights / sigma, kernel.shape)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return self.layer.compute_output_shape(input_shape)
