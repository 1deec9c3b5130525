"""Activation functions: rectifiers and their smooth kin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import FLOATING, REAL
from tenfold.core.op import Op, register
from tenfold.core.tensor import Tensor
from tenfold.ops import cast as cast_ops
from tenfold.ops import creation, exponential, join
from tenfold.ops import gather as gather_ops
from tenfold.ops.choose import choose
from tenfold.ops.elementwise import add, divide, multiply, negative
from tenfold.ops.ufunc import ZERO, binary, spec_of_elements, unary


def _zeros(shape: tuple[int, ...], like: Tensor) -> Tensor:
    """The gradient where a slope does not change."""
    return creation.zeros(shape, like.dtype)


# Rectifiers.


@unary(
    "Relu",
    lambda features: np.maximum(features, ZERO[features.dtype]),
    types=REAL,
    vjp=lambda dy, out: _relu_grad(dy, out),
    lower=lambda b, x: b.maximum(x, 0),
    large=True,
)
def relu(features: Any, name: str | None = None) -> Tensor:
    """The larger of each element and 0.

    Example:
      >>> print(tf.nn.relu([-1.0, 2.0]).numpy())
      [0. 2.]
    """


@binary(
    "ReluGrad",
    lambda gradients, features: np.multiply(gradients, np.greater(features, ZERO[features.dtype])),
    types=REAL,
    vjp=(
        lambda dy, features: _relu_grad(dy, features),
        lambda dy, features_shape: _zeros(features_shape, dy),
    ),
    lower=lambda b, dy, x: dy * b.cast(b.gt(x, 0), x.dtype),
    large=True,
)
def _relu_grad(gradients: Tensor, features: Tensor) -> Tensor: ...


@unary(
    "Relu6",
    lambda features: np.minimum(np.maximum(features, features.dtype.type(0)), features.dtype.type(6)),
    types=REAL,
    vjp=lambda dy, out: _relu6_grad(dy, out),
    lower=lambda b, x: b.minimum(b.maximum(x, 0), 6),
    large=True,
)
def relu6(features: Any, name: str | None = None) -> Tensor:
    """Each element clipped to `[0, 6]`.

    Example:
      >>> print(tf.nn.relu6([-1.0, 2.0, 7.0]).numpy())
      [0. 2. 6.]
    """


@binary(
    "Relu6Grad",
    lambda gradients, features: np.multiply(gradients, np.greater(features, 0) & np.less(features, 6)),
    types=REAL,
    vjp=(
        lambda dy, features: _relu6_grad(dy, features),
        lambda dy, features_shape: _zeros(features_shape, dy),
    ),
    lower=lambda b, dy, x: dy * b.cast(b.logical_and(b.gt(x, 0), b.lt(x, 6)), x.dtype),
    large=True,
)
def _relu6_grad(gradients: Tensor, features: Tensor) -> Tensor: ...


# TensorFlow keeps attributes in float32, and so must a float64 tensor's slope be rounded.
def _leaky_relu_kernel(features, *, alpha=0.2):
    return choose(features > 0, features, features * features.dtype.type(np.float32(alpha)))


def _leaky_relu_grad_kernel(gradients, features, *, alpha=0.2):
    return choose(features > 0, gradients, gradients * gradients.dtype.type(np.float32(alpha)))


LEAKY_RELU = register(
    Op(
        "LeakyRelu",
        _leaky_relu_kernel,
        types=FLOATING,
        vjp=lambda dy, features, alpha: LEAKY_RELU_GRAD(dy, features, alpha=alpha),
        infer=spec_of_elements(_leaky_relu_kernel),
        lower=lambda b, x, *, alpha=0.2: b.select(b.gt(x, 0), x, x * np.float32(alpha)),
    )
)
LEAKY_RELU_GRAD = register(
    Op(
        "LeakyReluGrad",
        _leaky_relu_grad_kernel,
        types=FLOATING,
        vjp=(
            lambda dy, features, alpha: LEAKY_RELU_GRAD(dy, features, alpha=alpha),
            lambda dy, features_shape: _zeros(features_shape, dy),
        ),
        infer=spec_of_elements(_leaky_relu_grad_kernel),
        lower=lambda b, dy, x, *, alpha=0.2: b.select(b.gt(x, 0), dy, dy * np.float32(alpha)),
    )
)


def leaky_relu(features: Any, alpha: float = 0.2, name: str | None = None) -> Tensor:
    """Each element, times `alpha` where it is negative; integers become float32.

    Args:
      features: Tensor of a real dtype.
      alpha: number.
    Raises:
      TypeError: `alpha` is not a number.
    Example:
      >>> print(tf.nn.leaky_relu([-1.0, 2.0]).numpy())
      [-0.2  2. ]
    """
    x = convert(features)
    if x._array.dtype.kind in "iu":
        x = cast_ops.cast(x, dtypes.float32)
    if not isinstance(alpha, (int, float, np.number)):
        raise TypeError(f"tf.nn.leaky_relu: alpha is {alpha!r}; it must be a number.")
    LEAKY_RELU.require(x._array)
    return LEAKY_RELU(x, alpha=float(alpha))


def crelu(features: Any, axis: Any = -1, name: str | None = None) -> Tensor:
    """The positive and the negative part of a tensor side by side: `relu([x, -x])`.

    Args:
      features: Tensor of a real dtype.
      axis: along which the parts are joined.
    Example:
      >>> print(tf.nn.crelu([-1.0, 2.0]).numpy())
      [0. 2. 1. 0.]
    """
    x = convert(features)
    return relu(join.concat([x, negative(x)], axis))


# Exponential units. Their gradients are functions of the output.

_SELU_SCALE = 1.0507009873554805
_SELU_SCALED_ALPHA = 1.7580993408473768


def _exponential_unit(
    scale: float, scaled_alpha: float
) -> tuple[tuple[Callable, Callable], tuple[Callable, Callable], Callable]:
    """Kernel and machine code of the unit and of its gradient, and the gradient's gradient with respect to the output."""

    def kernel(features):
        scalar = features.dtype.type
        bent = np.expm1(np.minimum(features, scalar(0))) * scalar(scaled_alpha)
        return np.add(bent, np.maximum(features, scalar(0)) * scalar(scale))  # one of the two is 0

    def grad_kernel(gradients, outputs):
        scalar = gradients.dtype.type
        return gradients * choose(outputs < 0, outputs + scalar(scaled_alpha), scalar(scale))

    def outputs_rule(dy, gradients, outputs):
        return gather_ops.where(outputs < 0, multiply(dy, gradients), _zeros(outputs._array.shape, dy))

    def lower(b, x):
        return b.expm1(b.minimum(x, 0)) * scaled_alpha + b.maximum(x, 0) * scale

    def lower_grad(b, dy, y):
        return dy * b.select(b.lt(y, 0), y + scaled_alpha, scale)

    return (kernel, lower), (grad_kernel, lower_grad), outputs_rule


_elu_unit, _elu_slope, _elu_outputs_rule = _exponential_unit(1.0, 1.0)
_selu_unit, _selu_slope, _selu_outputs_rule = _exponential_unit(_SELU_SCALE, _SELU_SCALED_ALPHA)


@unary("Elu", _elu_unit[0], types=FLOATING, vjp=lambda dy, out: _elu_grad(dy, out), lower=_elu_unit[1], large=True)
def elu(features: Any, name: str | None = None) -> Tensor:
    """Each element, and `exp(x) - 1` where it is negative.

    Example:
      >>> print(tf.nn.elu([-1000.0, 2.0]).numpy())
      [-1.  2.]

    References: Clevert, Unterthiner and Hochreiter, ICLR 2016, arXiv:1511.07289.
    """


@binary(
    "EluGrad",
    _elu_slope[0],
    types=FLOATING,
    vjp=(lambda dy, outputs: _elu_grad(dy, outputs), _elu_outputs_rule),
    lower=_elu_slope[1],
    large=True,
)
def _elu_grad(gradients: Tensor, outputs: Tensor) -> Tensor: ...


@unary("Selu", _selu_unit[0], types=FLOATING, vjp=lambda dy, out: _selu_grad(dy, out), lower=_selu_unit[1], large=True)
def selu(features: Any, name: str | None = None) -> Tensor:
    """`scale * x`, and `scale * alpha * (exp(x) - 1)` where it is negative; the constants keep activations normalized.

    Example:
      >>> print(tf.nn.selu([-1000.0, 1.0]).numpy())
      [-1.7580993  1.050701 ]

    References: Klambauer, Unterthiner, Mayr and Hochreiter, NeurIPS 2017, arXiv:1706.02515.
    """


@binary(
    "SeluGrad",
    _selu_slope[0],
    types=FLOATING,
    vjp=(lambda dy, outputs: _selu_grad(dy, outputs), _selu_outputs_rule),
    lower=_selu_slope[1],
    large=True,
)
def _selu_grad(gradients: Tensor, outputs: Tensor) -> Tensor: ...


# Smooth functions.


def _softplus_kernel(features):
    y = np.log1p(np.exp(np.negative(np.absolute(features))))
    return np.add(y, np.maximum(features, features.dtype.type(0)))


def _softplus_grad_kernel(gradients, features):
    return np.divide(gradients, np.add(np.exp(np.negative(features)), features.dtype.type(1)))


def _softplus_slope_rule(dy, gradients, features):
    """The slope is the logistic function s; its own is `s(x) * s(-x) = 1 / (exp(-x) + 2 + exp(x))`."""
    sharpness = add(add(exponential.exp(negative(features)), 2.0), exponential.exp(features))
    return divide(multiply(dy, gradients), sharpness)


@unary(
    "Softplus",
    _softplus_kernel,
    types=FLOATING,
    vjp=lambda dy, features: _softplus_grad(dy, features),
    lower=lambda b, x: b.log1p(b.exp(-b.abs(x))) + b.maximum(x, 0),
    large=True,
)
def softplus(features: Any, name: str | None = None) -> Tensor:
    """`log(1 + exp(x))`, without overflow.

    Example:
      >>> print(tf.math.softplus([-1000.0, 0.0]).numpy())
      [0.        0.6931472]
    """


@binary(
    "SoftplusGrad",
    _softplus_grad_kernel,
    types=FLOATING,
    vjp=(lambda dy, features: _softplus_grad(dy, features), _softplus_slope_rule),
    lower=lambda b, dy, x: dy / (b.exp(-x) + 1),
    large=True,
)
def _softplus_grad(gradients: Tensor, features: Tensor) -> Tensor: ...


def log_sigmoid(x: Any, name: str | None = None) -> Tensor:
    """The logarithm of the logistic function, without overflow.

    Example:
      >>> print(tf.math.log_sigmoid([-1000.0, 0.0]).numpy())
      [-1000.           -0.6931472]
    """
    return negative(softplus(negative(convert(x))))


def _softsign_kernel(features):
    return np.divide(features, np.add(np.absolute(features), features.dtype.type(1)))


def _softsign_grad_kernel(gradients, features):
    return np.divide(gradients, np.square(np.add(np.absolute(features), features.dtype.type(1))))


def _softsign_slope_rule(dy, gradients, features):
    from tenfold.ops.elementwise import abs as absolute
    from tenfold.ops.elementwise import sign

    width = add(absolute(features), 1.0)
    return divide(
        multiply(multiply(multiply(dy, gradients), -2.0), sign(features)), multiply(multiply(width, width), width)
    )


@unary(
    "Softsign",
    _softsign_kernel,
    types=FLOATING,
    vjp=lambda dy, features: _softsign_grad(dy, features),
    lower=lambda b, x: x / (b.abs(x) + 1),
    large=True,
)
def softsign(features: Any, name: str | None = None) -> Tensor:
    """`x / (1 + abs(x))`.

    Example:
      >>> print(tf.nn.softsign([-1.0, 3.0]).numpy())
      [-0.5   0.75]
    """


@binary(
    "SoftsignGrad",
    _softsign_grad_kernel,
    types=FLOATING,
    vjp=(lambda dy, features: _softsign_grad(dy, features), _softsign_slope_rule),
    lower=lambda b, dy, x: dy / b.square(b.abs(x) + 1),
    large=True,
)
def _softsign_grad(gradients: Tensor, features: Tensor) -> Tensor: ...


def silu(features: Any, beta: Any = 1.0) -> Tensor:
    """`x * sigmoid(beta * x)`, also called swish.

    Args:
      features: Tensor of a floating dtype.
      beta: number or tensor.
    Example:
      >>> print(tf.nn.silu([-1.0, 0.0, 1.0]).numpy())
      [-0.2689414  0.         0.7310586]

    References: Hendrycks and Gimpel, arXiv:1606.08415; Ramachandran, Zoph and Le, arXiv:1710.05941.
    """
    x = convert(features)
    inner = x if type(beta) is float and beta == 1.0 else multiply(cast_ops.cast(beta, x.dtype), x)
    return multiply(x, exponential.sigmoid(inner))


swish = silu


# TensorFlow rounds these two to float32 first.
_GELU_CUBIC, _SQRT_HALF = float(np.float32(0.044715)), float(np.float32(0.5**0.5))


def gelu(features: Any, approximate: bool = False, name: str | None = None) -> Tensor:
    """`x * P(X <= x)` for a normal variable X of mean 0 and deviation 1.

    Args:
      features: Tensor of a floating dtype.
      approximate: whether the probability is approximated with a hyperbolic tangent.
    Raises:
      ValueError: `features` is not floating.
    Example:
      >>> print(tf.nn.gelu([-1.0, 0.0, 1.0]).numpy())
      [-0.15865526  0.          0.8413447 ]

    References: Hendrycks and Gimpel, arXiv:1606.08415.
    """
    x = convert(features)
    if not x.dtype.is_floating:
        raise ValueError(f"tf.nn.gelu: features is {x.dtype.name}; it must be floating. Cast it with tf.cast.")
    if approximate:
        cubic = multiply(multiply(multiply(x, x), x), _GELU_CUBIC)
        twice = add(exponential.tanh(multiply(add(x, cubic), 0.7978845608028654)), 1.0)
    else:
        from tenfold.ops.special import erfc

        twice = erfc(multiply(x, -_SQRT_HALF))
    return multiply(multiply(x, 0.5), twice)
