"""Batch normalization."""

from __future__ import annotations

from typing import Any

from tenfold.core.context import paused_recording, traced_graph
from tenfold.core.tensor import wrap
from tenfold.keras import config, initializers
from tenfold.keras.layers.input_spec import InputSpec
from tenfold.keras.layers.layer import Layer
from tenfold.keras.layers.normalization import check_axes, upcast
from tenfold.keras.layers.weights import weight_options
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import elementwise, exponential, sizes
from tenfold.ops import gather as gather_ops
from tenfold.ops import normalization as norm_ops
from tenfold.ops import reduce as reduce_ops


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
        x = upcast(inputs)
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
        is_kept = array_ops.expand_dims(cast_ops.cast(mask, "bool"), -1)
        is_kept = array_ops.broadcast_to(is_kept, sizes.shape(x))
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
        check_axes(self.axis, input_shape)
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
