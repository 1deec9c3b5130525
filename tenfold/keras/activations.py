"""`tf.keras.activations`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.op import NotDifferentiable, Op
from tenfold.core.tensor import Tensor
from tenfold.keras.identifiers import interpreted
from tenfold.ops import activation as activation_ops
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import creation, elementwise, join, reduction
from tenfold.ops import exponential as exponential_ops
from tenfold.ops import gather as gather_ops
from tenfold.ops import reduce as reduce_ops
from tenfold.ops import softmax as softmax_ops
from tenfold.ops.exponential import tanh as _tanh


def linear(x: Any) -> Any:
    """`x`.

    Example:
      >>> tf.keras.activations.linear(3)
      3
    """
    return x


def relu(x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Tensor:
    """`max(x, 0)`; with the arguments, `max_value` at most and `negative_slope * (x - threshold)` below `threshold`.

    Example:
      >>> print(tf.keras.activations.relu(tf.constant([-2.0, 3.0]), negative_slope=0.5).numpy())
      [-1.  3.]
    """
    if threshold == 0 and max_value is None:
        return activation_ops.leaky_relu(x, negative_slope) if negative_slope else activation_ops.relu(x)
    x = convert(x)
    if threshold:
        y = gather_ops.where(x > threshold, x, creation.zeros_like(x))
    else:
        y = activation_ops.relu6(x) if max_value == 6 else activation_ops.relu(x)
    if max_value is not None:
        y = elementwise.clip_by_value(y, 0.0, max_value)
    return y - negative_slope * activation_ops.relu(threshold - x) if negative_slope else y


def leaky_relu(x: Any, negative_slope: float = 0.2) -> Tensor:
    """`x` where positive, else `negative_slope * x`."""
    return activation_ops.leaky_relu(x, negative_slope)


def relu6(x: Any) -> Tensor:
    """`min(max(x, 0), 6)`."""
    return activation_ops.relu6(x)


def softmax(x: Any, axis: int | Sequence[int] | None = -1) -> Tensor:
    """`exp(x) / sum(exp(x))` along an axis; losses find its logits, which say more where probabilities vanish.

    Args:
      x: Tensor of a floating dtype with at least one axis.
      axis: int, or ints: the axes that share one sum; None is all axes.
    Raises:
      tf.errors.InvalidArgumentError: an axis is out of range, or `x` is not floating.
    Example:
      >>> print(tf.keras.activations.softmax(tf.constant([1.0, 1.0])).numpy())
      [0.5 0.5]
      >>> print(tf.keras.activations.softmax(tf.ones((2, 2)), axis=(0, 1)).numpy())
      [[0.25 0.25]
       [0.25 0.25]]
    """
    y = _along(softmax_ops.softmax, x, axis)
    y._keras_logits = x
    return y


def log_softmax(x: Any, axis: int | Sequence[int] | None = -1) -> Tensor:
    """The logarithm of `softmax`."""
    return _along(softmax_ops.log_softmax, x, axis)


def _along(op: Callable[..., Tensor], x: Any, axis: int | Sequence[int] | None) -> Tensor:
    """A function of one axis along several, as one."""
    if isinstance(axis, int):
        return op(x, axis)
    x = convert(x)
    axes = range(x.ndim) if axis is None else reduction.reduction_axes(axis, x.ndim, "softmax")
    order = [*(i for i in range(x.ndim) if i not in axes), *axes]
    moved = array_ops.transpose(x, order)
    joined = array_ops.reshape(moved, (*moved.shape[: x.ndim - len(axes)], -1))
    return array_ops.transpose(array_ops.reshape(op(joined, -1), moved.shape), np.argsort(order))


def elu(x: Any, alpha: float = 1.0) -> Tensor:
    """`x` where positive, else `alpha * (exp(x) - 1)`."""
    y = activation_ops.elu(x)
    return y if alpha == 1.0 else gather_ops.where(convert(x) > 0.0, y, alpha * y)


def selu(x: Any) -> Tensor:
    """Scaled ELU (Klambauer et al., 2017, arXiv:1706.02515)."""
    return activation_ops.selu(x)


def celu(x: Any, alpha: float = 1.0) -> Tensor:
    """`max(x, 0) + alpha * (exp(min(x, 0) / alpha) - 1)`."""
    x = convert(x)
    return elementwise.maximum(x, 0.0) + alpha * exponential_ops.expm1(elementwise.minimum(x, 0.0) / alpha)


def softplus(x: Any) -> Tensor:
    """`log(exp(x) + 1)`."""
    return activation_ops.softplus(x)


def softsign(x: Any) -> Tensor:
    """`x / (|x| + 1)`."""
    return activation_ops.softsign(x)


def silu(x: Any) -> Tensor:
    """`x * sigmoid(x)`, also called swish."""
    return activation_ops.silu(x)


swish = silu


def gelu(x: Any, approximate: bool = False) -> Tensor:
    """`x` times the share of normal numbers below `x` (Hendrycks and Gimpel, 2016, arXiv:1606.08415)."""
    return activation_ops.gelu(x, approximate)


def tanh(x: Any) -> Tensor:
    """The hyperbolic tangent."""
    return _tanh(x)


def sigmoid(x: Any) -> Tensor:
    """`1 / (1 + exp(-x))`; losses find its logits."""
    y = exponential_ops.sigmoid(x)
    y._keras_logits = x
    return y


def exponential(x: Any) -> Tensor:
    """`exp(x)`."""
    return exponential_ops.exp(x)


def hard_sigmoid(x: Any) -> Tensor:
    """`min(max(x + 3, 0), 6) / 6`."""
    return activation_ops.relu6(convert(x) + 3.0) / 6.0


def former_hard_sigmoid(x: Any) -> Tensor:
    """`min(max(0.2 * x + 0.5, 0), 1)`, which is `hard_sigmoid` in models of Keras 2."""
    return elementwise.clip_by_value(0.2 * convert(x) + 0.5, 0.0, 1.0)


def hard_silu(x: Any) -> Tensor:
    """`x * hard_sigmoid(x)`, also called hard swish."""
    x = convert(x)
    return x * hard_sigmoid(x)


hard_swish = hard_silu


def hard_tanh(x: Any) -> Tensor:
    """`x` clipped to [-1, 1]."""
    return elementwise.clip_by_value(convert(x), -1.0, 1.0)


def mish(x: Any) -> Tensor:
    """`x * tanh(softplus(x))` (Misra, 2019, arXiv:1908.08681)."""
    x = convert(x)
    return x * _tanh(activation_ops.softplus(x))


def log_sigmoid(x: Any) -> Tensor:
    """`log(sigmoid(x))`."""
    return -activation_ops.softplus(-convert(x))


def glu(x: Any, axis: int = -1) -> Tensor:
    """The first half of `x` along an axis times the sigmoid of the second (Dauphin et al., 2016, arXiv:1612.08083)."""
    x = convert(x)
    if x._array.shape[axis] % 2:
        raise ValueError(f"axis size must be divisible by 2. Received: x.shape={tuple(x.shape)} with axis={axis}")
    a, b = join.split(x, 2, axis)
    return a * exponential_ops.sigmoid(b)


def tanh_shrink(x: Any) -> Tensor:
    """`x - tanh(x)`."""
    x = convert(x)
    return x - _tanh(x)


def soft_shrink(x: Any, threshold: float = 0.5) -> Tensor:
    """`x` moved towards zero by `threshold`, zero within it."""
    x = convert(x)
    return elementwise.maximum(x - threshold, 0.0) + elementwise.minimum(x + threshold, 0.0)


def hard_shrink(x: Any, threshold: float = 0.5) -> Tensor:
    """`x`, zero where `|x| <= threshold`."""
    x = convert(x)
    return gather_ops.where(elementwise.abs(x) > threshold, x, elementwise.multiply(x, 0.0))


def threshold(x: Any, threshold: float, default_value: float) -> Tensor:
    """`x` where above `threshold`, else `default_value`."""
    x = convert(x)
    return gather_ops.where(x > threshold, x, elementwise.multiply(x, 0.0) + default_value)


def squareplus(x: Any, b: float = 4) -> Tensor:
    """`(x + sqrt(x^2 + b)) / 2`."""
    x = convert(x)
    return (x + exponential_ops.sqrt(elementwise.square(x) + b)) / 2.0


def sparse_plus(x: Any) -> Tensor:
    """0 below -1, `(x + 1)^2 / 4` up to 1, `x` above."""
    x = convert(x)
    middle = elementwise.square(x + 1.0) / 4.0
    return gather_ops.where(x <= -1.0, elementwise.multiply(x, 0.0), gather_ops.where(x < 1.0, middle, x))


def sparse_sigmoid(x: Any) -> Tensor:
    """0 below -1, `(x + 1) / 2` up to 1, 1 above."""
    return elementwise.clip_by_value((convert(x) + 1.0) / 2.0, 0.0, 1.0)


def _support_kernel(x, *, axis):
    """The least of the elements that are not cut off, and how many they are."""
    ordered = -np.sort(-x, axis)
    count = np.arange(1, x.shape[axis] + 1).reshape([-1 if i == axis else 1 for i in range(x.ndim)])
    support = (1 + count * ordered > np.cumsum(ordered, axis)).sum(axis, keepdims=True)
    return np.take_along_axis(ordered, support - 1, axis), support.astype(x.dtype)


_SUPPORT = Op("SparsemaxSupport", _support_kernel, vjp=NotDifferentiable("it varies by steps"))


def sparsemax(x: Any, axis: int = -1) -> Tensor:
    """The point of the probability simplex nearest to `x` (Martins and Astudillo, 2016, arXiv:1602.02068).

    Keras 3.15 adds up the threshold wrongly where more than one element is positive; this is the paper's.

    Example:
      >>> print(tf.keras.activations.sparsemax(tf.constant([[1.0, 1.0, -1.0]])).numpy())
      [[0.5 0.5 0. ]]
    """
    x = convert(x)
    lowest, size = _SUPPORT(x, axis=axis % x.ndim)
    kept = cast_ops.cast(x >= lowest, x.dtype)
    tau = (reduce_ops.reduce_sum(x * kept, axis, keepdims=True) - 1.0) / size
    return elementwise.maximum(x - tau, 0.0)


_FUNCTIONS = (
    relu, leaky_relu, relu6, softmax, celu, elu, selu, softplus, softsign, squareplus, soft_shrink, sparse_plus,
    sparse_sigmoid, silu, gelu, glu, tanh, tanh_shrink, threshold, sigmoid, hard_sigmoid, hard_silu, hard_tanh, hard_shrink,
    linear, mish, log_softmax, log_sigmoid, sparsemax, exponential,
)  # fmt: skip
_BY_NAME: dict[str, Any] = {f.__name__: f for f in _FUNCTIONS} | {
    "swish": silu,
    "hard_swish": hard_silu,
    "former_hard_sigmoid": former_hard_sigmoid,
}


def serialize(activation: Any) -> Any:
    """What stands for an activation in a file: its name, if Keras knows it."""
    from tenfold.keras.saving import serialization

    if activation is None:
        return "linear"
    name = getattr(activation, "__name__", None)
    if name in _BY_NAME and (
        _BY_NAME[name] is activation or getattr(activation, "__module__", "").startswith("tenfold.ops")
    ):
        return name
    return serialization.serialize_keras_object(activation)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The activation that `serialize` made `config` of."""
    from tenfold.keras.saving import serialization

    return serialization.deserialize_keras_object(config, custom_objects, module_objects=_BY_NAME)


def get(identifier: Any) -> Any:
    """The activation that a name, a config or a function means; None is `linear`.

    Raises:
      ValueError: it means none.
    Example:
      >>> tf.keras.activations.get("relu").__name__
      'relu'
    """
    return linear if identifier is None else interpreted(identifier, _BY_NAME, "activation function")
