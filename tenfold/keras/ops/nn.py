"""Activations, convolutions, pooling, normalisations, losses and attention."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import tenfold as tf
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras import activations, config
from tenfold.keras.losses import crossentropy
from tenfold.keras.ops import operation as _operation
from tenfold.keras.ops.convolutions import adaptive_average_pool as adaptive_average_pool
from tenfold.keras.ops.convolutions import adaptive_max_pool as adaptive_max_pool
from tenfold.keras.ops.convolutions import average_pool as average_pool
from tenfold.keras.ops.convolutions import conv as conv
from tenfold.keras.ops.convolutions import conv_transpose as conv_transpose
from tenfold.keras.ops.convolutions import depth_to_space as depth_to_space
from tenfold.keras.ops.convolutions import depthwise_conv as depthwise_conv
from tenfold.keras.ops.convolutions import max_pool as max_pool
from tenfold.keras.ops.convolutions import separable_conv as separable_conv
from tenfold.keras.ops.convolutions import space_to_depth as space_to_depth
from tenfold.keras.ops.operation import operation, operation_of_class
from tenfold.keras.ops.sequences import ctc_decode as ctc_decode
from tenfold.keras.ops.sequences import ctc_loss as ctc_loss
from tenfold.keras.ops.windows import fold as fold
from tenfold.keras.ops.windows import unfold as unfold
from tenfold.keras.promotion import TensorLike, floating, promoted

_unary = functools.partial(_operation.unary, module=__name__)

relu = _unary("relu", activations.relu, says="x where it is positive, else 0")
relu6 = _unary("relu6", activations.relu6, says="x between 0 and 6")
selu = _unary("selu", activations.selu, says="The scaled exponential linear unit")
sigmoid = _unary("sigmoid", activations.sigmoid, says="1 / (1 + exp(-x))")
log_sigmoid = _unary("log_sigmoid", activations.log_sigmoid, says="The logarithm of the sigmoid")
hard_sigmoid = _unary("hard_sigmoid", activations.hard_sigmoid, says="x / 6 + 1/2 between 0 and 1")
hard_silu = _unary("hard_silu", activations.hard_silu, says="x times its hard sigmoid")
hard_tanh = _unary("hard_tanh", activations.hard_tanh, says="x between -1 and 1")
silu = _unary("silu", activations.silu, says="x times its sigmoid")
softplus = _unary("softplus", activations.softplus, says="log(exp(x) + 1)")
softsign = _unary("softsign", activations.softsign, says="x / (|x| + 1)")
sparse_plus = _unary("sparse_plus", activations.sparse_plus, says="0 up to -1, x from 1 on, a parabola between")
sparse_sigmoid = _unary("sparse_sigmoid", activations.sparse_sigmoid, says="(x + 1) / 2 between 0 and 1")
tanh_shrink = _unary("tanh_shrink", activations.tanh_shrink, says="x - tanh(x)")
swish, hard_swish = silu, hard_silu


@operation
def leaky_relu(x: TensorLike, negative_slope: float = 0.2) -> Tensor:
    """x where it is positive, else x times the slope."""
    return activations.leaky_relu(floating(x), negative_slope)


@operation
def elu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """x where it is positive, else alpha * (exp(x) - 1)."""
    return activations.elu(x, alpha)


@operation
def celu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """x where it is positive, else alpha * (exp(x / alpha) - 1)."""
    return activations.celu(x, alpha)


@operation
def gelu(x: TensorLike, approximate: bool = True) -> Tensor:
    """x times the normal distribution function of x, or its approximation by tanh."""
    return activations.gelu(x, approximate)


@operation
def glu(x: TensorLike, axis: int = -1) -> Tensor:
    """The first half along an axis times the sigmoid of the second."""
    return activations.glu(x, axis)


@operation
def hard_shrink(x: TensorLike, threshold: float = 0.5) -> Tensor:
    """x where it is farther from 0 than the threshold, else 0."""
    return activations.hard_shrink(x, threshold)


@operation
def soft_shrink(x: TensorLike, threshold: float = 0.5) -> Tensor:
    """x moved towards 0 by the threshold, 0 where it is nearer."""
    return activations.soft_shrink(x, threshold)


@operation
def threshold(x: TensorLike, threshold: float, default_value: float) -> Tensor:
    """x where it is above the threshold, else the default value."""
    return activations.threshold(convert(x), threshold, default_value)


@operation
def squareplus(x: TensorLike, b: float = 4) -> Tensor:
    """(x + sqrt(x * x + b)) / 2."""
    return activations.squareplus(x, b)


@operation
def sparsemax(x: TensorLike, axis: int = -1) -> Tensor:
    """The projection onto the simplex along an axis."""
    return activations.sparsemax(x, axis)


@operation
def softmax(x: TensorLike, axis: int | Sequence[int] | None = -1) -> Tensor:
    """exp(x) divided by its sum over axes, over all if axis is None.

    Raises:
      tf.errors.InvalidArgumentError: x is not floating.
    Example:
      >>> print(tf.keras.ops.softmax([0.0, 0.0]).numpy())
      [0.5 0.5]
    """
    return activations.softmax(convert(x), axis)


@operation
def log_softmax(x: TensorLike, axis: int | Sequence[int] | None = -1) -> Tensor:
    """The logarithm of `softmax`."""
    return activations.log_softmax(convert(x), axis)


@operation
def one_hot(x: TensorLike, num_classes: int, axis: int = -1, dtype: Any = None, sparse: bool = False) -> Tensor:
    """A one at the place of each class, zeros elsewhere; all zeros for numbers that are no class.

    Args:
      x: integers of any shape.
      num_classes: size of the new axis.
      axis: where the new axis stands.
      dtype: dtype of the result, `floatx` by default.
      sparse: must be False.
    Raises:
      ValueError: sparse=True.
    Example:
      >>> print(tf.keras.ops.one_hot([1, 0], 2).numpy())
      [[0. 1.]
       [1. 0.]]
    """
    _not_sparse("one_hot", sparse)
    x = convert(x)
    places = x if x.dtype.name in ("uint8", "int8", "int32", "int64") else tf.cast(x, "int64")
    return tf.one_hot(places, num_classes, axis=axis, dtype=dtype or config.floatx())


@operation
def multi_hot(
    inputs: TensorLike, num_classes: int | None = None, axis: int = -1, dtype: Any = None, sparse: bool = False
) -> Tensor:
    """Ones at the places of all classes that an axis lists, of shape `(batch, num_classes)`.

    Raises:
      ValueError: num_classes is missing, or sparse=True.
    """
    _not_sparse("multi_hot", sparse)
    if num_classes is None:
        raise ValueError("multi_hot: num_classes is missing; give the number of classes.")
    listed = 1 if len(convert(inputs).shape) > 1 else 0
    return tf.reduce_max(one_hot(tf.cast(convert(inputs), "int32"), num_classes, axis, dtype), listed)


def _not_sparse(name: str, sparse: bool) -> None:
    if sparse:
        raise ValueError(f"{name}: sparse=True is not supported; Tenfold has no sparse tensors. Leave it out.")


@operation
def binary_crossentropy(target: TensorLike, output: TensorLike, from_logits: bool = False) -> Tensor:
    """The cross-entropy of each element: targets 0 or 1, outputs probabilities or logits of the same shape."""
    target, output = tf.expand_dims(convert(target), -1), tf.expand_dims(convert(output), -1)
    return crossentropy.binary_crossentropy(target, output, from_logits)


@operation
def categorical_crossentropy(
    target: TensorLike, output: TensorLike, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """The cross-entropy over an axis of classes: targets one-hot, outputs probabilities or logits."""
    return crossentropy.categorical_crossentropy(target, output, from_logits, axis=axis)


@operation
def sparse_categorical_crossentropy(
    target: TensorLike, output: TensorLike, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """The cross-entropy over an axis of classes: targets numbers of classes, outputs probabilities or logits."""
    return crossentropy.sparse_categorical_crossentropy(target, output, from_logits, axis=axis)


@operation
def moments(
    x: TensorLike, axes: Sequence[int], keepdims: bool = False, synchronized: bool = False
) -> tuple[Tensor, Tensor]:
    """The mean and the variance over axes.

    Raises:
      NotImplementedError: synchronized=True.
    """
    if synchronized:
        raise NotImplementedError("moments: synchronized=True needs several replicas; Tenfold has one. Leave it out.")
    return tf.nn.moments(convert(x), axes, keepdims=keepdims)


@operation
def normalize(x: TensorLike, axis: int = -1, order: float = 2, epsilon: float | None = None) -> Tensor:
    """x divided by its norm along an axis.

    Args:
      x: floating tensor of any shape.
      axis: int.
      order: which norm: 2 the Euclidean one.
      epsilon: least norm to divide by, 1e-7 by default.
    Example:
      >>> print(tf.keras.ops.normalize([[3.0, 4.0]]).numpy())
      [[0.6 0.8]]
    """
    x = convert(x)
    least = config.epsilon() if epsilon is None else epsilon
    if order == 2:
        return x * tf.math.rsqrt(
            tf.maximum(tf.reduce_sum(tf.square(x), axis, keepdims=True), tf.cast(least**2, x.dtype))
        )
    return x / tf.maximum(tf.norm(x, order, axis, keepdims=True), tf.cast(least, x.dtype))


@operation_of_class("BatchNorm")
def batch_normalization(
    x: TensorLike, mean: TensorLike, variance: TensorLike, axis: int, offset: TensorLike | None = None,
    scale: TensorLike | None = None, epsilon: float = 1e-3,
) -> Tensor:  # fmt: skip
    """(x - mean) / sqrt(variance + epsilon), times `scale` plus `offset`: vectors that stand along an axis of x."""
    x = convert(x)
    shape = [1] * len(x.shape)
    shape[axis] = -1
    vectors = (None if v is None else tf.reshape(convert(v), shape) for v in (mean, variance, offset, scale))
    shift, spread, offset, scale = vectors
    return tf.nn.batch_normalization(x, shift, spread, offset, scale, epsilon)


def _statistics_dtype(x: Tensor) -> Any:
    return "float32" if x.dtype.name in ("float16", "bfloat16") else x.dtype


def _scaled(x: Tensor, axes: list[int], *vectors: Any) -> list[Any]:
    """Weights that stand along axes of x, with axes of size 1 for the others."""
    shape = [x.shape[a] if a in axes else 1 for a in range(len(x.shape))]
    return [None if v is None else tf.cast(tf.reshape(convert(v), shape), x.dtype) for v in vectors]


def _axes(x: Tensor, axis: int | Sequence[int]) -> list[int]:
    return sorted(a % len(x.shape) for a in ([axis] if isinstance(axis, int) else axis))


@operation_of_class("LayerNorm")
def layer_normalization(
    x: TensorLike, gamma: TensorLike | None = None, beta: TensorLike | None = None,
    axis: int | Sequence[int] = -1, epsilon: float | None = None, *, rms_scaling: bool = False,
) -> Tensor:  # fmt: skip
    """x with mean 0 and variance 1 over axes, times gamma plus beta.

    Args:
      x: floating tensor of any shape.
      gamma, beta: tensors of the shape of these axes, or None.
      axis: int or ints.
      epsilon: added to the variance, 1e-7 by default.
      rms_scaling: whether x keeps its mean, and beta is left out, as in files of former versions of Keras.
    """
    x = convert(x)
    axes = _axes(x, axis)
    values = tf.cast(x, _statistics_dtype(x))
    mean, variance = tf.nn.moments(values, axes, keepdims=True)
    scale, offset = _scaled(values, axes, gamma, beta)
    if rms_scaling:
        mean, offset = tf.zeros_like(mean), None
    least = config.epsilon() if epsilon is None else epsilon
    return tf.cast(tf.nn.batch_normalization(values, mean, variance, offset, scale, least), x.dtype)


@operation_of_class("RMSNorm")
def rms_normalization(
    x: TensorLike, scale: TensorLike | None = None, axis: int | Sequence[int] = -1, epsilon: float | None = None
) -> Tensor:
    """x divided by the root of its mean square over axes, times `scale`."""
    x = convert(x)
    axes = _axes(x, axis)
    values = tf.cast(x, _statistics_dtype(x))
    least = config.epsilon() if epsilon is None else epsilon
    found = values * tf.math.rsqrt(tf.reduce_mean(tf.square(values), axes, keepdims=True) + least)
    (weights,) = _scaled(values, axes, scale)
    return tf.cast(found if weights is None else found * weights, x.dtype)


@operation_of_class("PSNR")
def psnr(x1: TensorLike, x2: TensorLike, max_val: float) -> Tensor:
    """The peak signal-to-noise ratio in decibels, of all elements.

    Raises:
      ValueError: the shapes differ.
    """
    a, b = promoted(x1, x2, weak=float)
    if a.shape != b.shape:
        raise ValueError(f"psnr: x1 is {tuple(a.shape)}, x2 is {tuple(b.shape)}; the shapes must be equal.")
    return 20 * tf.math.log(tf.cast(max_val, a.dtype)) / math.log(10) - 10 * tf.math.log(
        tf.reduce_mean(tf.square(a - b))
    ) / math.log(10)


@operation
def polar(abs_: TensorLike, angle: TensorLike) -> Tensor:
    """Complex numbers of these absolute values and angles."""
    radius, turned = promoted(abs_, angle, weak=float)
    return tf.complex(radius * tf.cos(turned), radius * tf.sin(turned))


@operation
def dot_product_attention(
    query: TensorLike, key: TensorLike, value: TensorLike, bias: TensorLike | None = None,
    mask: TensorLike | None = None, scale: TensorLike | None = None, is_causal: bool = False,
    flash_attention: bool | None = None, attn_logits_soft_cap: float | None = None,
) -> Tensor:  # fmt: skip
    """softmax(query key^T * scale + bias) value, for several heads.

    Args:
      query: tensor of shape `(batch, tq, heads, size)`.
      key, value: tensors of shape `(batch, tv, key_heads, size)`; heads is a multiple of key_heads.
      bias: tensor that broadcasts to `(batch, heads, tq, tv)`, or None.
      mask: bools of such a shape: where attention may go; or None.
      scale: number, 1 / sqrt(size) by default.
      is_causal: whether attention goes to no later time.
      flash_attention: must not be True.
      attn_logits_soft_cap: must be None.
    Returns:
      Tensor of query's shape.
    Raises:
      ValueError: flash_attention=True or a soft cap is given, or an operand has no four axes.
    References: Vaswani et al., 2017, arXiv:1706.03762.
    """
    if flash_attention:
        raise ValueError("dot_product_attention: flash_attention=True is not supported on CPUs. Leave it out.")
    if attn_logits_soft_cap is not None:
        raise ValueError("dot_product_attention: attn_logits_soft_cap is not supported. Leave it out.")
    query, key, value = promoted(query, key, value, weak=float)
    for name, x in (("query", query), ("key", key), ("value", value)):
        if len(x.shape) != 4:
            raise ValueError(
                f"dot_product_attention: {name} is {tuple(x.shape)}; it must be (batch, time, heads, size)."
            )
    groups = query.shape[2] // key.shape[2]
    if groups > 1:
        key, value = tf.repeat(key, groups, 2), tf.repeat(value, groups, 2)
    dtype = _statistics_dtype(query)
    logits = tf.cast(tf.einsum("btnh,bsnh->bnts", query, key), dtype)
    logits *= tf.cast(1 / math.sqrt(query.shape[-1]) if scale is None else scale, dtype)
    if bias is not None:
        logits += tf.cast(convert(bias), dtype)
    if is_causal:
        times = tf.range(tf.shape(logits)[-2])[:, None] >= tf.range(tf.shape(logits)[-1])[None]
        mask = times if mask is None else tf.logical_and(tf.cast(convert(mask), "bool"), times)
    if mask is not None:
        logits = tf.where(tf.cast(convert(mask), "bool"), logits, tf.cast(0.7 * logits.dtype.min, dtype))
    return tf.einsum("bnts,bsnh->btnh", tf.cast(tf.nn.softmax(logits), key.dtype), value)
